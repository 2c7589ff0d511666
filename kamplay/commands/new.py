"""A new engagement folder for ``kamplay new``."""

from __future__ import annotations

from pathlib import Path

from kamplay.errors import Fault, KamplayError
from kamplay.intake.blank_workbook import write_blank

TEMPLATES = {
    "zh": """\
# 项目设置。以 # 开头的行是可选项，去掉 # 即生效。修改后先运行：kamplay check 本文件夹
client: {client}            # 客户名称，会出现在报告封面
language: zh                # 报告语言：zh 或 en
currency: CNY               # 金额的币种（三位代码），与语言无关
# industry: 医疗器械
# as_of: "2026-06-30"       # 报告日；不写则取最后一笔交易的日期
# control_total: 12345678.90  # 财务账上截至报告日 12 个月的不含税净销售额，用于核对；也可按期间写：{{2025: 1e6, 2025Q3: 260000}}
# target: 13500000          # 报告日之后 12 个月的收入目标：第 2 步据此说明已有着落的部分和缺口
# dedupe: false             # true 时剔除完全重复的明细；默认保留并提示

# 数据放在 data/ 里（填好的空白工作簿 kamplay_blank.zh.xlsx 也移到 data/），文件名或工作表名为“交易”“客户”等即可自动识别；否则在这里写明：
# sources:
#   transactions:
#     path: data/销项发票.csv
#     columns: {{date: 开票日期, account_id: 购方单位代号, amount: 金额}}
#     where: {{发票状态: 有效发票}}
#   receivables: {{url: "postgres://USER:${{ERP_PASSWORD}}@HOST/erp", table: ar_open}}
#   deliveries: {{url: "duckdb:///data/erp.duckdb", query: "select * from deliveries"}}

# scorecard: four_dimensions  # 评分卡：kamplay presets 列出全部；也可写本文件夹里自己的 .yaml；只改几处则写：
#            {{base: four_dimensions, criteria: {{value: {{weight: 40}}}}}}，即 base 加上要改的部分
# strategy: by_tier           # 策略表，写法同上
# health: {{horizon_days: 180, card: standard}} # 健康度向前看多少天、用哪张健康度卡（kamplay presets 列出全部，改法同评分卡）
# capacity: {{visits_per_month: 200}}  # 团队每月能完成的拜访次数
# cost_to_serve: {{visits: 800, tickets: 300, orders: 50, returns: 200, financing: 0.05}}  # 每次的服务成本，和占用资金的年利率
# brand: {{accent: "#1F5A7A", logo: logo.png}}
# prepared_by: 某某咨询 张三   # 编制人，显示在封面上
# edition: client             # client 给客户；internal 另含顾问备注
""",
    "en": """\
# Settings of this engagement. Lines that start with # are optional: remove the # to use them. Then run: kamplay check THIS-FOLDER
client: {client}            # the client's name, as on the report's cover
language: en                # the report's language: zh or en
currency: USD               # the currency of all amounts (three letters), whatever the language
# industry: Medical devices
# as_of: "2026-06-30"       # the reporting date; without it the date of the last transaction
# control_total: 12345678.90  # the ledger's net sales of the 12 months to that date; or by period: {{2025: 1e6, 2025Q3: 260000}}
# target: 13500000          # the revenue goal of the 12 months after that date: step 2 says how much of it is covered
# dedupe: false             # true drops lines that repeat another to the letter; they are kept and counted otherwise

# Put the data into data/ (the blank workbook too, once it is filled in). A file or sheet named transactions,
# accounts … is recognised; otherwise say where each table is:
# sources:
#   transactions:
#     path: data/invoices.csv
#     columns: {{date: Invoice date, account_id: Customer no, amount: Net amount}}
#     where: {{Status: Posted}}
#   receivables: {{url: "postgres://USER:${{ERP_PASSWORD}}@HOST/erp", table: ar_open}}
#   deliveries: {{url: "duckdb:///data/erp.duckdb", query: "select * from deliveries"}}

# scorecard: four_dimensions  # kamplay presets lists them; a .yaml of your own in this folder serves too; to change parts only,
#            {{base: four_dimensions, criteria: {{value: {{weight: 40}}}}}}: base and what differs
# strategy: by_tier           # written in the same ways
# health: {{horizon_days: 180, card: standard}} # how many days ahead step 3 looks, and its health card, named and changed like a scorecard
# capacity: {{visits_per_month: 200}}  # visits a month the team can make
# cost_to_serve: {{visits: 120, tickets: 45, orders: 8, returns: 30, financing: 0.05}}  # of one each; a yearly rate
# brand: {{accent: "#1F5A7A", logo: logo.png}}
# prepared_by: Jane Doe, Doe & Partners  # who prepared the report, for the cover
# edition: client             # client, or internal with the consultant's own notes
""",
}


def scaffold(folder: Path, language: str) -> None:
    """Write the folder. Raises KamplayError when it is there and not empty, or the language is unknown."""
    if language not in TEMPLATES:
        raise KamplayError(
            Fault("setting_not_allowed", column="--language", value=language, args={"allowed": "zh, en"})
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise KamplayError(Fault("not_empty", file=str(folder)))
    for part in ("data", "notes"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    name = folder.resolve().name.replace('"', "")
    (folder / "engagement.yaml").write_text(TEMPLATES[language].format(client=f'"{name}"'), encoding="utf-8")
    write_blank(folder / f"kamplay_blank.{language}.xlsx", language)
