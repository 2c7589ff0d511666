"""The measures a scorecard may name. How each is taken from the Book is in ``kamplay.method.indicators``;
labels are for prose.
"""

from __future__ import annotations

# name → (zh, en): what the measure is, over the 12 months to the reporting date unless it says otherwise
MEASURES: dict[str, tuple[str, str]] = {
    # from sales lines
    "revenue": ("近12个月收入", "revenue of the last 12 months"),
    "monthly_revenue": ("月均收入", "average revenue a month"),
    "revenue_share": ("占全部收入的比例", "share of all revenue"),
    "growth": ("收入同比增长率", "growth of revenue on the year before"),
    "margin": ("毛利", "margin"),
    "margin_share": ("毛利率", "margin as a share of revenue"),
    "concession_share": (
        "让利比例（毛利率低于通常水平的部分）",
        "concessions: the part of the usual margin that was given away",
    ),
    "active_months": ("有采购的月数", "months with a purchase"),
    "buying_days": ("累计采购天数", "days with a purchase, over all the history"),
    "frequency": ("采购天数", "days with a purchase"),
    "frequency_change": ("采购频率的同比变化", "change of the days with a purchase on the year before"),
    "silent_days": ("距上次采购的天数", "days since the last purchase"),
    "tenure_years": ("合作年限", "years since the first purchase"),
    "breadth": ("采购品类数", "categories bought"),
    # from receivables
    "overdue_share": ("未收款中逾期的比例", "overdue part of what is outstanding"),
    "overdue_to_revenue": ("逾期金额与年收入之比", "overdue amount against a year's revenue"),
    "overdue_days": ("最长逾期天数", "days of the oldest overdue invoice"),
    # from other tables
    "wallet_spend": ("客户在我方品类上的年采购总额", "the account's yearly purchases of what we sell"),
    "wallet_share": ("我方在客户采购中的份额", "our share of the account's purchases"),
    "competitor_ratio": ("我方份额与最强对手份额之比", "our share against the strongest competitor's"),
    "mention_rate": ("首先提及我方的比例", "how often the account mentions us first"),
    "satisfaction": ("满意度（折算为0–1）", "satisfaction, on a scale of 0 to 1"),
    "complaints": ("投诉次数", "complaints"),
    "visits": ("拜访次数", "visits"),
    "layers_covered": ("已建立联系的决策层级数", "layers of the decision chain with a known contact"),
    "open_pipeline": ("进行中的商机金额", "open opportunities"),
    "current_ratio": ("流动比率", "current ratio"),
    "cash_ratio": ("现金比率", "cash ratio"),
    "net_margin": ("客户净利率", "the account's net margin"),
    "return_on_assets": ("客户总资产收益率", "the account's return on assets"),
    # what the accounts table says
    "registered_capital": ("注册资本", "registered capital"),
    "employees": ("员工人数", "employees"),
    "annual_revenue": ("客户年营收", "the account's own yearly revenue"),
    "state_owned_share": ("国有持股比例", "state-owned share"),
    "credit_limit": ("信用额度", "credit limit"),
    "listed": ("是否上市", "listed or not"),
    "premises": ("经营场所", "premises"),
    "credit_grade": ("信用等级", "credit grade"),
    "industry": ("行业", "industry"),
    "region": ("区域", "region"),
    "nature": ("客户性质", "nature of the account"),
    "ownership": ("所有制", "ownership"),
    "source": ("客户来源", "source of the account"),
    "stage": ("客户阶段", "stage of the account"),
    # what experts say, under the criterion's own key; another key is written rating.key
    "rating": ("专家评分", "the experts' rating"),
}
WORDED = (
    "listed",
    "premises",
    "credit_grade",
    "industry",
    "region",
    "nature",
    "ownership",
    "source",
    "stage",
)  # words, not numbers
