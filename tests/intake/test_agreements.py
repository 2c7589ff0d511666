"""Tenders, contracts and value cases as registers call their columns, and what is faulty in them."""

import pandas as pd

from kamplay.engagement import load
from kamplay.intake.prepare import survey

FILES = {
    "sales.csv": "date,customer id,amount\n2025-05-01,C1,100\n2025-06-01,C2,50\n",
    "投标台账.csv": "招标编号,招标单位,开标时间,预算金额,是否中标,中标单位,投标报价,中标价,落标原因\n"
    "Z1,C1,2025-03-01,1000,是,我司,900,900,\n"
    "Z2,C1,2025-04-01,1000,否,甲公司,900,850,价格\n"
    "Z3,C2,2025-05-01,1000,弃标,甲公司,,,来不及\n"
    "Z4,C2,2025-05-02,1000,流标,,,,\n"
    "Z5,C9,2025-05-03,1000,落标,,,,\n"
    "Z6,C1,2999-05-01,1000,中标,我司,900,900,\n"
    "Z7,C1,2999-05-01,1000,待开标,,,,\n",
    "合同台账.csv": "合同号,甲方,生效日期,到期日期,合同总额,调价条款,通知期,状态\n"
    "H1,C1,2025-01-01,2025-12-31,1200,固定价,60,履行中\n"
    "H2,C2,2025-06-01,2024-05-31,1200,,,已续签\n",
    "value_register.csv": "account,solution,value claimed,value agreed,agreed date,value realized,"
    "realized date,annual savings,useful life,wacc\n"
    "C1,Stock,300,200,2025-03-01,50,2025-02-01,100,3,8%\n",
}


def test_registers_are_read_and_their_faults_named(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "engagement.yaml").write_text("client: C\nas_of: '2025-12-31'\n", encoding="utf-8")
    for name, text in FILES.items():
        (tmp_path / "data" / name).write_text(text, encoding="utf-8")
    intake = survey(load(tmp_path))
    tenders, contracts, cases = (intake.tables[name] for name in ("tenders", "contracts", "value_cases"))
    assert tenders["result"].tolist() == ["won", "lost", "not_bid", "cancelled", "lost", "won", "open"]
    assert tenders["winning_price"].dropna().tolist() == [900, 850, 900] and tenders["reason"][1] == "价格"
    assert contracts["status"].tolist() == ["active", "renewed"] and contracts["notice_days"][0] == 60
    assert cases[["claimed", "agreed", "realised", "discount_rate"]].iloc[0].tolist() == [300, 200, 50, 0.08]
    assert pd.Timestamp("2025-02-01") == cases["realised_on"][0] and cases["years"][0] == 3
    found = {(f.code, f.table, f.row) for f in intake.faults if f.table in intake.tables}
    assert {
        ("account_unknown", "tenders", 6),  # C9 neither bought nor is listed
        ("decided_in_future", "tenders", 7),  # the open one of that day is none
        ("ends_before_start", "contracts", 3),
        ("realised_before_agreed", "value_cases", 2),
    } <= found
    assert not any(code == "decided_in_future" and row != 7 for code, _, row in found)
