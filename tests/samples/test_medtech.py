"""The medical-device sample: reproducible, complete, and every planted truth visible in the tables
themselves.
"""

from __future__ import annotations

import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import ROOT

from kamplay.codebook import codebook
from kamplay.samples import medtech

SHIPPED = ROOT / medtech.SHIPPED
AS_OF = pd.Timestamp("2026-06-30")
REASONS = {
    "order_rhythm",
    "payment",
    "complaints",
    "contact_lost",
    "competitor",
    "delivery",
    "satisfaction_gap",
}
CASES = {
    "skinner",
    "one_off",
    "hidden_group",
    "two_entities",
    "unpaid_key",
    "lost_champion",
    "small_but_strong",
    "white_space",
    "stalled_deal",
    "satisfaction_divergence",
    "profit_destroyer",
    "demanding_but_profitable",
}


@pytest.fixture(scope="module")
def sample() -> medtech.Sample:
    return medtech.generate()


@pytest.fixture(scope="module")
def written(sample, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("medtech")
    medtech.write(sample, folder)
    return folder


@pytest.fixture(scope="module")
def year(sample) -> pd.DataFrame:
    sales = sample.tables["transactions"]
    return sales[sales["date"].between("2025-07-01", "2026-06-30")]


@pytest.fixture(scope="module")
def revenue(year) -> pd.Series:
    return year.groupby("account_id")["amount"].sum().sort_values(ascending=False)


def case(sample, kind):
    return next(c for c in sample.answer_key["cases"] if c["kind"] == kind)


def rows(sample, table, account_id):
    frame = sample.tables[table]
    return frame[frame["account_id"] == account_id]


def rank(revenue, account_id):
    return int((revenue > revenue[account_id]).sum()) + 1


# --- reproducible and complete


def test_same_seed_same_frames(sample):
    again = medtech.generate()
    for name, table in sample.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])
    assert sample.answer_key == again.answer_key


def test_other_seed_other_sample(sample):
    other = medtech.generate(1)
    assert not sample.tables["transactions"].equals(other.tables["transactions"])
    assert {c["kind"] for c in other.answer_key["cases"]} == CASES


def test_every_table_and_column_is_there_and_filled(sample):
    assert list(sample.tables) == [name for name in codebook() if name != "actions"]
    for name, table in sample.tables.items():
        spec = codebook()[name]
        assert list(table.columns) == list(spec.columns)
        assert not table.isna().all().any(), name
        assert not table[list(spec.required)].isna().any().any(), name
        if spec.key:
            assert not table.duplicated(list(spec.key)).any(), name


def test_cells_are_of_their_kind(sample):
    for name in sample.tables:
        for column in codebook()[name].columns.values():
            values = sample.tables[name][column.name].dropna()
            if column.kind == "date":
                assert pd.api.types.is_datetime64_dtype(values), (name, column.name)
            if column.kind == "choice":
                assert set(values) <= set(column.choices), (name, column.name)
            if column.minimum is not None:
                assert values.min() >= column.minimum, (name, column.name)
            if column.maximum is not None:
                assert values.max() <= column.maximum, (name, column.name)


def test_nothing_is_known_after_as_of_and_every_account_exists(sample):
    known = set(sample.tables["accounts"]["account_id"])
    past = {
        "transactions": "date",
        "receivables": "paid_date",
        "deliveries": "delivered_date",
        "tickets": "opened",
        "visits": "date",
        "surveys": "date",
        "opportunities": "opened",
        "contacts": "confirmed",
        "accounts": "since",
    }
    for name, column in past.items():
        assert sample.tables[name][column].max() <= AS_OF, name
    for name, table in sample.tables.items():
        if "account_id" in table:
            assert set(table["account_id"].dropna()) <= known, name
    contacts = sample.tables["contacts"]
    assert set(sample.tables["visits"]["contact_id"]) <= set(contacts["contact_id"])
    assert set(contacts["reports_to"].dropna()) <= set(contacts["contact_id"])


def test_shape_is_that_of_a_real_supplier(sample, revenue):
    sales, kinds = (
        sample.tables["transactions"],
        sample.tables["accounts"]["industry"].value_counts(normalize=True),
    )
    assert len(sample.tables["accounts"]) == 300 and 0.3 < kinds["医疗器械流通"] < 0.4
    assert 11_000 <= len(sales) <= 18_000 and sales["date"].min() < pd.Timestamp("2023-07-15")
    top = revenue.head(-(-len(revenue) // 5)).sum() / revenue.sum()
    assert 0.68 <= top <= 0.82 and top == pytest.approx(sample.answer_key["summary"]["top20_share"], abs=1e-4)
    assert revenue.iloc[0] / revenue.sum() > 0.03
    returns = sales[sales["amount"] < 0]
    assert len(returns) and (returns["quantity"] < 0).all() and (returns["cost"] < 0).all()
    months = sales.groupby(sales["date"].dt.to_period("M"))["amount"].sum()
    assert months["2026-02"] < 0.85 * months["2025-12"]  # Spring Festival


# --- the churners


def test_churners_still_buy_and_each_reason_occurs_twice(sample, revenue):
    churners = sample.answer_key["churners"]
    assert 12 <= len(churners) <= 15 and {c["reason"] for c in churners} == REASONS
    for c in churners:
        assert revenue[c["account_id"]] == pytest.approx(c["revenue"], abs=0.01)
        assert (AS_OF - rows(sample, "transactions", c["account_id"])["date"].max()).days < 100
        assert c["first_visible"] is not None and c["first_visible"] <= "2026-06-30" < c["would_stop"], c


def test_churned_accounts_stopped_and_have_a_reason(sample):
    churned = sample.answer_key["churned"]
    assert len(churned) > 40 and {c["reason"] for c in churned} == REASONS | {"no_sign"}
    stages = sample.tables["accounts"].set_index("account_id")["stage"]
    for c in churned:
        sold = rows(sample, "transactions", c["account_id"]).query("amount > 0")
        assert sold["date"].max().date().isoformat() == c["stopped"]
        assert (AS_OF - sold["date"].max()).days > 180
    assert 0.4 < (stages[[c["account_id"] for c in churned]] == "lost").mean() < 0.9


def by_reason(sample, reason):
    return [
        (c["account_id"], pd.Timestamp(c["began"]))
        for c in sample.answer_key["churners"]
        if c["reason"] == reason
    ]


def test_rhythm_stretches(sample):
    for who, began in by_reason(sample, "order_rhythm"):
        dates = rows(sample, "transactions", who).query("amount > 0")["date"].drop_duplicates().sort_values()
        usual = dates[dates < began].diff().dt.days.median()
        spring = max(dates.tail(5).diff().dt.days.max(), (AS_OF - dates.max()).days)
        assert spring > 1.8 * usual


def test_payment_slips(sample):
    for who, began in by_reason(sample, "payment"):
        bills = rows(sample, "receivables", who).query("due_date <= @AS_OF")
        late = (bills["paid_date"].fillna(AS_OF) - bills["due_date"]).dt.days
        assert late[bills["due_date"] < began].mean() < 15
        assert late[bills["due_date"] > AS_OF - pd.Timedelta(days=120)].max() > 35


def test_complaints_rise_stay_open_and_fall_silent(sample):
    for who, began in by_reason(sample, "complaints"):
        tickets = rows(sample, "tickets", who)
        since = tickets[(tickets["opened"] >= began) & (tickets["kind"] == "complaint")]
        before = tickets[
            tickets["opened"].between(began - pd.Timedelta(days=180), began)
            & (tickets["kind"] == "complaint")
        ]
        assert len(since) >= 5 and len(since) > 2 * len(before)
        assert since["closed"].isna().mean() > 0.4
        assert (AS_OF - tickets["opened"].max()).days >= 30


def test_contact_left_and_visits_stopped(sample):
    for who, began in by_reason(sample, "contact_lost"):
        people, visits = rows(sample, "contacts", who), rows(sample, "visits", who)
        gone = people[people["title"].str.contains("已离职")]
        assert len(gone) == 1 and (gone["confirmed"] < began).all() and (gone["stance"] < 0).all()
        assert visits["date"].max() < AS_OF - pd.Timedelta(days=75) and (visits["date"] < began).sum() >= 5


def test_competitor_takes_share_and_breadth(sample):
    for who, began in by_reason(sample, "competitor"):
        deals, wallet, sales = (rows(sample, t, who) for t in ("opportunities", "wallet", "transactions"))
        assert (
            len(deals[(deals["result"] == "lost") & (deals["closed"] >= began) & deals["competitor"].notna()])
            >= 2
        )
        bought = sales[sales["date"] > AS_OF - pd.DateOffset(years=1)].groupby("category")["amount"].sum()
        assert bought.sum() / wallet["spend"].sum() < 0.3 and wallet["top_competitor_share"].max() > 0.5
        recent = sales.loc[sales["date"] > AS_OF - pd.Timedelta(days=60), "category"].nunique()
        assert recent < sales.loc[sales["date"] < began, "category"].nunique()


def test_delivery_collapses(sample):
    for who, began in by_reason(sample, "delivery"):
        runs = rows(sample, "deliveries", who).dropna(subset=["delivered_date"])
        on_time = runs["delivered_date"] <= runs["promised_date"]
        after = runs["promised_date"] >= began
        assert on_time[~after].mean() > 0.8 and on_time[after].mean() < 0.65


def test_satisfaction_falls_while_purchases_hold(sample):
    for who, began in [
        *by_reason(sample, "satisfaction_gap"),
        (case(sample, "satisfaction_divergence")["account_id"], pd.Timestamp("2025-10-13")),
    ]:
        surveys, sales = rows(sample, "surveys", who).sort_values("date"), rows(sample, "transactions", who)
        score = surveys["score"] / surveys["scale"]
        assert score.iloc[-1] < score[surveys["date"] < began].mean() - 0.15
        half = sales.loc[sales["date"] > AS_OF - pd.Timedelta(days=182), "amount"].sum()
        before = sales.loc[
            sales["date"].between(AS_OF - pd.Timedelta(days=546), AS_OF - pd.Timedelta(days=365)), "amount"
        ].sum()
        assert half > 0.7 * before


def test_false_alarms_stayed(sample):
    for alarm in sample.answer_key["false_alarms"]:
        assert (AS_OF - rows(sample, "transactions", alarm["account_id"])["date"].max()).days < 130


# --- the other cases


def test_every_case_is_planted_once_with_its_figures(sample):
    cases = sample.answer_key["cases"]
    assert {c["kind"] for c in cases} == CASES and len(cases) == len(CASES)
    assert all(c["evidence"] and "2015" < c["first_visible"] <= "2026-06-30" for c in cases)
    planted = [c["account_id"] for c in cases] + [
        c["account_id"] for k in ("churners", "churned", "false_alarms") for c in sample.answer_key[k]
    ]
    assert len(planted) == len(set(planted))
    json.dumps(sample.answer_key)


def test_skinner_has_revenue_without_margin(sample, year, revenue):
    c = case(sample, "skinner")
    mine = year[year["account_id"] == c["account_id"]]
    share = 1 - mine["cost"].sum() / mine["amount"].sum()
    assert (
        rank(revenue, c["account_id"]) <= 5
        and share < 0.03
        and share == pytest.approx(c["evidence"]["margin_share"], abs=1e-4)
    )
    assert 0.25 < 1 - year["cost"].sum() / year["amount"].sum() < 0.55


def test_one_off_bought_once(sample, revenue):
    c = case(sample, "one_off")
    assert rows(sample, "transactions", c["account_id"])["order_id"].nunique() == 1
    assert rank(revenue, c["account_id"]) <= 15


def test_hidden_group_is_in_the_top_ten_only_together(sample, revenue):
    found = case(sample, "hidden_group")["evidence"]
    accounts = sample.tables["accounts"].set_index("account_id")
    ids = found["members"]
    parents = accounts.loc[ids, "parent_id"]
    assert parents.isna().tolist() == [True, False, False, True] and parents.iloc[1:3].tolist() == ids[:2]
    stem = accounts.loc[ids[0], "account_name"]
    assert accounts.loc[ids, "account_name"].str.startswith(stem).all()
    assert all(rank(revenue, x) > 20 for x in ids)
    assert (revenue.drop(ids) > revenue[ids].sum()).sum() + 1 == found["joint_rank"] <= 10


def test_two_entities_compete(sample, year):
    who = case(sample, "two_entities")["account_id"]
    split = year[year["account_id"] == who].groupby("sales_entity")["amount"].sum()
    deals = rows(sample, "opportunities", who).query("result == 'open'")
    assert len(split) == 2 and split.min() / split.sum() > 0.2
    assert len(deals) == 2 and deals["sales_entity"].nunique() == 2
    others = year[year["account_id"] != who].groupby("account_id")["sales_entity"].nunique()
    assert (others == 1).all()


def test_unpaid_key_owes_much_and_still_buys(sample, revenue):
    c = case(sample, "unpaid_key")
    bills = rows(sample, "receivables", c["account_id"])
    owed = bills.loc[bills["paid_date"].isna() & (bills["due_date"] < AS_OF), "amount"].sum()
    assert rank(revenue, c["account_id"]) <= 5 and owed == pytest.approx(c["evidence"]["overdue"], abs=0.01)
    assert owed > 0.25 * revenue[c["account_id"]]
    assert rows(sample, "transactions", c["account_id"])["date"].max() > AS_OF - pd.Timedelta(days=30)


def test_lost_champion_still_grows(sample, revenue, year):
    c = case(sample, "lost_champion")
    people, visits, sales = (rows(sample, t, c["account_id"]) for t in ("contacts", "visits", "transactions"))
    gone = people[people["title"].str.contains("已离职")]
    assert rank(revenue, c["account_id"]) <= 20 and gone["layer"].tolist() == ["decision"]
    assert (people.loc[people["layer"].isin(["decision", "image"]), "stance"] <= 0).all()
    assert (AS_OF - gone["confirmed"].iloc[0]).days > 120 and (AS_OF - visits["date"].max()).days > 60
    before = sales.loc[sales["date"].between("2024-07-01", "2025-06-30"), "amount"].sum()
    assert revenue[c["account_id"]] > 1.05 * before


def test_small_but_strong(sample, revenue):
    c = case(sample, "small_but_strong")
    row, wallet = rows(sample, "accounts", c["account_id"]).iloc[0], rows(sample, "wallet", c["account_id"])
    accounts = sample.tables["accounts"]
    assert rank(revenue, c["account_id"]) > len(revenue) / 2
    assert row["annual_revenue"] > accounts["annual_revenue"].quantile(0.99) and row[
        "registered_capital"
    ] > accounts["registered_capital"].quantile(0.97)
    assert (
        row["employees"] > accounts["employees"].quantile(0.97)
        and revenue[c["account_id"]] / wallet["spend"].sum() < 0.02
    )


def test_white_space(sample, year, revenue):
    c = case(sample, "white_space")
    hospitals = set(sample.tables["accounts"].query("industry == '医疗机构'")["account_id"])
    buyers = set(year.loc[year["category"] == c["evidence"]["category"], "account_id"])
    peers = [x for x in revenue.head(40).index if x in hospitals and x != c["account_id"]]
    assert c["account_id"] in revenue.head(40).index and len(peers) >= 15
    assert set(peers) <= buyers and c["account_id"] not in buyers
    assert c["evidence"]["category"] in set(rows(sample, "wallet", c["account_id"])["category"])


def test_stalled_deal(sample):
    found = case(sample, "stalled_deal")["evidence"]
    deals = sample.tables["opportunities"].query("result == 'open'").set_index("opportunity_id")
    age = (AS_OF - deals["opened"]).dt.days
    assert (
        age[found["opportunity_id"]]
        == found["age_days"]
        == age.max()
        > 4 * age[deals["stage"] == found["stage"]].median()
    )


def test_open_opportunities_carry_their_stage_win_rate(sample):
    deals = sample.tables["opportunities"]
    rates = deals[deals["result"] == "open"].groupby("stage")["win_rate"].agg(["min", "max"])
    assert (rates["min"] == rates["max"]).all() and sorted(rates["min"]) == [
        0.05,
        0.10,
        0.20,
        0.30,
        0.50,
        0.80,
    ]
    assert (
        deals.loc[deals["result"] == "open", "closed"].isna().all()
        and deals.loc[deals["result"] != "open", "closed"].notna().all()
    )


def served(sample, year, who):
    recent = {t: rows(sample, t, who) for t in ("tickets", "visits")}
    mine = year[year["account_id"] == who]
    counts = {
        "ticket": (recent["tickets"]["opened"] >= "2025-07-01").sum(),
        "visit": (recent["visits"]["date"] >= "2025-07-01").sum(),
        "order": mine["order_id"].nunique(),
        "return_line": (mine["amount"] < 0).sum(),
    }
    return mine["amount"].sum() - mine["cost"].sum(), counts


def test_profit_destroyer_costs_more_than_it_brings(sample, year):
    c = case(sample, "profit_destroyer")
    margin, counts = served(sample, year, c["account_id"])
    cost = sum(c["evidence"]["assumed_cost_each"][k] * n for k, n in counts.items())
    assert 0 < margin < cost == c["evidence"]["cost_to_serve"]
    assert counts["return_line"] / counts["order"] > 0.15


def test_demanding_but_profitable_is_worth_it(sample, year, revenue):
    c = case(sample, "demanding_but_profitable")
    margin, counts = served(sample, year, c["account_id"])
    cost = sum(c["evidence"]["assumed_cost_each"][k] * n for k, n in counts.items())
    complaints = rows(sample, "tickets", c["account_id"]).query("kind == 'complaint'")
    assert margin > 5 * cost and margin / revenue[c["account_id"]] > 0.45 and c["evidence"]["growth"] > 0.15
    assert (complaints["opened"] >= "2025-07-01").sum() >= 12


# --- the people's tables


def test_ballots_add_up_and_finance_differs_from_sales(sample):
    ballots = sample.tables["ballots"]
    assert ballots["department"].nunique() == 5 and 8 <= ballots["rater"].nunique() <= 10
    weights = ballots.dropna(subset=["criterion"])
    assert set(weights["criterion"]) == {"value", "loyalty", "growth", "risk"}
    assert (weights.groupby(["round", "rater"])["weight"].sum() == 100).all()
    mean = weights.pivot_table(index="department", columns="criterion", values="weight")
    assert mean.loc["财务", "risk"] > mean.loc["销售", "risk"] + 30
    named = ballots[ballots["nominated"].fillna(False)]
    unpaid = case(sample, "unpaid_key")["account_id"]
    by = named.loc[named["account_id"] == unpaid, "department"]
    assert "销售" in set(by) and "财务" not in set(by)


def test_ratings_overrides_and_maturity(sample):
    ratings, overrides, maturity = (sample.tables[t] for t in ("ratings", "overrides", "maturity"))
    assert set(ratings["criterion"]) == {"渠道覆盖", "忠诚度", "发展前景"} and ratings["rater"].nunique() == 2
    assert ratings["score"].between(0, 10).all()
    assert (
        (overrides["expires"] < AS_OF).sum() == 1
        and 3 <= overrides["tier"].notna().sum() <= 4
        and overrides["health"].notna().sum() == 1
    )
    assert maturity["capability"].nunique() == 19 and maturity["rater"].nunique() == 5
    key = sample.answer_key["capabilities"]
    gap, disputed = key["widest_gap"], key["disputed"]
    assert gap["target"] - gap["score"] > 2 > gap["highest_rater"] - gap["lowest_rater"]
    assert disputed["highest_rater"] - disputed["lowest_rater"] > 2 > disputed["target"] - disputed["score"]
    assert set(sample.tables["surveys"]["scale"]) == {5, 10}


# --- the folder


def files(folder: Path) -> dict[str, Path]:
    return {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}


def test_writing_twice_gives_the_same_bytes(sample, written, tmp_path):
    medtech.write(sample, tmp_path)
    assert {k: p.read_bytes() for k, p in files(tmp_path).items()} == {
        k: p.read_bytes() for k, p in files(written).items()
    }


def test_shipped_files_are_a_regeneration(written):
    fresh, shipped = files(written), files(SHIPPED)
    assert list(fresh) == list(shipped)
    for name, path in fresh.items():
        if name.endswith(
            ".xlsx"
        ):  # compared unpacked: another build of zlib may pack the same content otherwise
            with zipfile.ZipFile(path) as a, zipfile.ZipFile(shipped[name]) as b:
                assert a.namelist() == b.namelist() and all(a.read(x) == b.read(x) for x in a.namelist())
        else:
            assert path.read_bytes() == shipped[name].read_bytes(), name


def test_shipped_size():
    assert sum(p.stat().st_size for p in files(SHIPPED).values()) < 2_000_000


def test_settings_hold_the_control_total(sample, written, year):
    settings = yaml.safe_load((written / "engagement.yaml").read_text(encoding="utf-8"))
    exact = sum(Decimal(f"{x:.2f}") for x in year["amount"])
    assert Decimal(str(settings["control_total"])) == exact
    assert (
        settings["as_of"] == "2026-06-30"
        and settings["language"] == "zh"
        and settings["capacity"]["visits_per_month"] > 0
    )


def test_folder_is_what_a_client_would_send(sample, written):
    sales = pd.read_csv(written / "data" / "销售明细.csv", dtype={"订单号": str})
    assert (written / "data" / "销售明细.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert sales["金额"].tolist() == sample.tables["transactions"]["amount"].tolist()
    book = pd.read_excel(written / "data" / "客户资料.xlsx", sheet_name=None, engine="openpyxl")
    specs = {k: codebook()[k] for k in sample.tables if k != "transactions"}
    assert list(book) == [s.labels["zh"] for s in specs.values()]
    for name, spec in specs.items():
        sheet = book[spec.labels["zh"]]
        assert list(sheet.columns) == [c.labels["zh"] for c in spec.columns.values()] and len(sheet) == len(
            sample.tables[name]
        )
        for column in spec.columns.values():
            cells = sheet[column.labels["zh"]].dropna()
            if column.kind == "date":
                assert pd.api.types.is_datetime64_any_dtype(cells), column
            if column.kind == "flag":
                assert set(cells) <= {"是", "否"}, column
    assert set(book["客户"]["客户阶段"]) == {"产出", "孵化", "潜在", "流失"}


def test_other_seeds_plant_visible_churners_too():
    key = medtech.generate(7).answer_key
    assert sum(c["first_visible"] is not None for c in key["churners"]) >= len(key["churners"]) - 1
