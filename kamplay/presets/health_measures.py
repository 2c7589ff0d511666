"""The measures a health card may name: labels for prose, the table each needs, and the code under which it
costs points.

How each is taken at a day is in ``kamplay.method.health_indicators``. A code is that of the early-warning
sign where both look at the same thing, else one of its own; several measures may share one.
"""

from __future__ import annotations

from typing import NamedTuple


class Measure(NamedTuple):
    """``zh`` and ``en`` say what is measured; ``table`` is what it is taken from; ``code`` stands in the
    column health_drivers.
    """

    zh: str
    en: str
    table: str
    code: str


HEALTH_MEASURES: dict[str, Measure] = {
    # purchases
    "lateness": Measure(
        "距上次采购的天数是通常间隔的几倍",
        "days since the last purchase over its usual gap",
        "transactions",
        "order_rhythm",
    ),
    "silent_days": Measure(
        "距上次采购的天数", "days since the last purchase", "transactions", "order_rhythm"
    ),
    "frequency": Measure(
        "近12个月的采购天数", "days with a purchase in the last 12 months", "transactions", "order_rhythm"
    ),
    "frequency_change": Measure(
        "采购天数的同比变化",
        "change of the days with a purchase on the year before",
        "transactions",
        "order_rhythm",
    ),
    "tenure_years": Measure("合作年限", "years since the first purchase", "transactions", "tenure"),
    "half_year_ratio": Measure(
        "近182天收入与之前182天之比",
        "revenue of the last 182 days over the 182 before",
        "transactions",
        "trend",
    ),
    "year_ratio": Measure(
        "近12个月收入与上年同期之比",
        "revenue of the last 12 months over the 12 before",
        "transactions",
        "trend",
    ),
    "breadth": Measure(
        "近12个月采购的品类数", "categories bought in the last 12 months", "transactions", "breadth"
    ),
    "breadth_ratio": Measure(
        "近6个月采购的品类数与之前6个月之比",
        "categories bought in the last 6 months over the 6 before",
        "transactions",
        "breadth",
    ),
    "margin_ratio": Measure(
        "毛利率与通常水平之比", "margin as a share of revenue, over the usual one", "transactions", "margin"
    ),
    "margin_change": Measure(
        "近6个月毛利率比之前12个月高出多少",
        "margin share of the last 6 months less that of the 12 before",
        "transactions",
        "margin",
    ),
    "warning": Measure(
        "最强流失征兆的强度（0–1，见预警一节）",
        "strength of the strongest early-warning sign (0 to 1)",
        "transactions",
        "warning",
    ),
    "churn_probability": Measure(
        "预测期内停购的概率（仅在通过检验时已知）",
        "chance of buying nothing in the horizon (known only where it was validated)",
        "transactions",
        "chance",
    ),
    # share and competition
    "wallet_share": Measure(
        "我方在客户采购中的份额", "our share of the account's purchases", "wallet", "share"
    ),
    "competitor_ratio": Measure(
        "我方份额与最强对手份额之比", "our share against the strongest competitor's", "wallet", "competitor"
    ),
    "lost_deals": Measure(
        "近一年输给对手的商机数",
        "deals lost to a named competitor in the last 365 days",
        "opportunities",
        "competitor",
    ),
    # service
    "complaints_half_year": Measure(
        "近180天的投诉数", "complaints in the last 180 days", "tickets", "complaints"
    ),
    "complaints_past_due": Measure(
        "超过时限仍未关闭的投诉数", "open complaints past their due date", "tickets", "complaints"
    ),
    "on_time": Measure(
        "近180天的准时交付率", "share of orders delivered on time, last 180 days", "deliveries", "delivery"
    ),
    "in_full": Measure(
        "近180天的足量交付率", "share of orders delivered in full, last 180 days", "deliveries", "delivery"
    ),
    # payment
    "overdue_share": Measure(
        "未收款中逾期的比例", "overdue part of what is outstanding", "receivables", "payment"
    ),
    "overdue_days": Measure("最长逾期天数", "days of the oldest overdue invoice", "receivables", "payment"),
    "overdue_to_revenue": Measure(
        "逾期金额与近12个月收入之比",
        "overdue amount over the revenue of the last 12 months",
        "receivables",
        "payment",
    ),
    "days_late": Measure(
        "近180天到期账款的平均拖延天数",
        "mean days late of the invoices due in the last 180 days",
        "receivables",
        "payment",
    ),
    # what the account says
    "satisfaction_latest": Measure(
        "最近一次满意度（折算为0–1）", "latest satisfaction, on a scale of 0 to 1", "surveys", "satisfaction"
    ),
    "satisfaction_change": Measure(
        "最近一次满意度与以往平均之差",
        "latest satisfaction less the mean of the earlier ones",
        "surveys",
        "satisfaction",
    ),
    "recommendation": Measure(
        "最近一次推荐意愿（0–10）", "latest willingness to recommend, 0 to 10", "surveys", "satisfaction"
    ),
    "mention_rate": Measure(
        "近12个月首先提及我方的比例",
        "how often the account mentions us first, last 12 months",
        "surveys",
        "mention",
    ),
    # people
    "layers_covered": Measure(
        "有在职联系人的决策层级数",
        "layers of the decision chain with a contact who is still there",
        "contacts",
        "relationship",
    ),
    "top_layer": Measure(
        "决策层或形象层有联系人", "a contact in the decision or image layer", "contacts", "relationship"
    ),
    "single_thread": Measure("只有一名联系人", "one contact only", "contacts", "relationship"),
    "stance": Measure(
        "对我方的态度（−2至2，按影响力加权）",
        "stance towards us (−2 to 2, weighted by influence)",
        "contacts",
        "relationship",
    ),
    "confirmed_share": Measure(
        "近一年确认过的联系人比例",
        "share of contacts confirmed in the last 365 days",
        "contacts",
        "relationship",
    ),
    "champion_gone": Measure(
        "支持者或最高层联系人离任，无人接替",
        "the champion or the last contact of a top layer has left",
        "contacts",
        "contact_lost",
    ),
    "visit_gap": Measure("距上次拜访的天数", "days since the last visit", "visits", "engagement"),
    "visit_ratio": Measure(
        "近90天拜访次数与之前水平之比",
        "visits of the last 90 days over the usual number",
        "visits",
        "engagement",
    ),
    "advance_share": Measure(
        "近一年取得进展的拜访比例",
        "share of visits of the last 365 days that moved something",
        "visits",
        "engagement",
    ),
}
