"""The prose that goes with the medical-device sample; its figures come from the answer key."""

from __future__ import annotations

from typing import Any

KINDS = {
    "unpaid_key": "key account with large overdue invoices, still buying / 大额逾期的头部客户",
    "skinner": "volume without margin / 扒皮大户",
    "one_off": "one group purchase, nothing before or after / 一次性团购",
    "hidden_group": "one group behind four middling accounts / 隐形集团",
    "two_entities": "two of our entities compete for it / 两个主体同时报价",
    "lost_champion": "its only supporter above has left, sales still up / 关键支持者离职",
    "satisfaction_divergence": "buys more, likes us less / 满意度与采购背离",
    "demanding_but_profitable": "complains, pays, grows: keep it / 挑剔但盈利",
    "white_space": "lacks a category all its peers buy / 品类空白",
    "stalled_deal": "an open deal far older than its stage's usual age / 停滞商机",
    "profit_destroyer": "cost to serve eats the margin / 服务成本吞噬利润",
    "small_but_strong": "buys little here, large and strong itself / 小采购大客户",
}


def commentary(key: dict[str, Any], language: str) -> str:
    """A consultant's remark on step 1."""
    cases = {case["kind"]: case for case in key["cases"]}
    skinner, group, once = cases["skinner"], cases["hidden_group"], cases["one_off"]
    if language == "en":
        return (
            "(A sample of a consultant's remark.)\n\n"
            f"Revenue is concentrated: the top 20% of accounts bring about {key['summary']['top20_share']:.0%}. Tiering is worth doing. "
            f"But a rank by revenue is not a key account. {skinner['account_name']} ranks no. {skinner['evidence']['revenue_rank']} "
            f"at a margin of {skinner['evidence']['margin_share']:.1%}, and {once['account_name']} has placed a single order: no resources "
            f"for either. The accounts of {group['account_name']} rank no. {min(group['evidence']['member_ranks'])} at best "
            f"one by one, and no. {group['evidence']['joint_rank']} together: one customer, one account lead. Finance and Sales differ "
            "visibly on what makes an account key; settle that first in the review.\n"
        )
    return (
        "（示例点评，仅供演示）\n\n"
        f"收入高度集中：前 20% 的客户贡献了约 {key['summary']['top20_share']:.0%} 的收入，分级值得做。"
        f"但收入排名不等于大客户：{skinner['account_name']}收入排第 {skinner['evidence']['revenue_rank']}，"
        f"毛利率只有 {skinner['evidence']['margin_share']:.1%}；{once['account_name']}只下过一次大单，建议都不按大客户配置资源。"
        f"反过来，{group['account_name']}及其成员单看最高也只排第 {min(group['evidence']['member_ranks'])}，"
        f"合并后排第 {group['evidence']['joint_rank']}，应按一个集团管理。"
        "财务与销售对“谁是大客户”的看法差距明显，请在评审会上先统一口径。\n"
    )


def readme(key: dict[str, Any]) -> str:
    """The sample's README: what it is, how it is made, what is planted."""
    summary = key["summary"]
    lines = [
        "# 华衡医疗器械（示例） / a medical-device supplier that does not exist",
        "",
        "**本目录中的公司、医院、经销商、人名、金额全部为虚构，由程序生成；只有地名是真的。**",
        "",
        "Everything here is invented: the supplier, the hospitals, the dealers, the people and the money. Only place names are",
        "real, and any likeness to an existing institution is chance. It is an engagement folder as a client would send it, with",
        "a known answer, for the demo, for teaching and for testing.",
        "",
        "## How it is made",
        "",
        f"`python -m kamplay.samples.medtech` writes this folder again, byte for byte, from the seed {key['seed']}. Every account",
        "has hidden traits (size, buying rhythm, growth, basket, and for some the beginning and the reason of a decline); all",
        f"fifteen tables follow from them. There are {summary['accounts']} accounts and {summary['transaction_lines']} transaction lines",
        f"from July 2023 to June 2026. In the last 12 months {summary['accounts_buying_12_months']} accounts bought for",
        f"¥{summary['revenue_12_months'] / 1e6:.0f} m; the top 20 % of them brought {summary['top20_share'] * 100:.1f} %.",
        "",
        "Invoices are net of tax, one an order; returns are later lines of the same order and are not invoiced. Surveys of",
        "dealers are out of 10, those of others out of 5. Visits go back 18 months, won and lost opportunities 24.",
        "",
        "## What is planted",
        "",
        "Figures, dates and the reasons are in `answer_key.json`. Do not read on if you want to find them yourself.",
        "",
        "| kind | account | first visible |",
        "| --- | --- | --- |",
        *(f"| {KINDS[c['kind']]} | {c['account_id']} {c['account_name']} | {c['first_visible']} |" for c in key["cases"]),
        "",
        f"- **{len(key['churners'])} churners**: still buying at {key['as_of']}, on their way out, each with one main sign",
        "  (`order_rhythm`, `payment`, `complaints`, `contact_lost`, `competitor`, `delivery`, `satisfaction_gap`) and some",
        f"  with a lesser second one: {'、'.join(c['account_id'] for c in key['churners'])}.",
        f"- **{len(key['churned'])} accounts that left** during the period, with the same signs;",
        f"  {summary['churned_by_reason']['no_sign']} of them left without any, so no honest model finds them all. About two thirds are",
        "  marked as lost in the customer file.",
        f"- **{len(key['prospects'])} prospects** that do not buy yet and purchase more than 5 million yuan a year elsewhere.",
        f"- **{len(key['false_alarms'])} false alarms**: a sign appeared, passed, and the account stayed.",
        "- Finance and sales weigh the criteria differently on purpose; in the second round of ballots, after a workshop, all nine",
        "  have moved towards each other and finance still stands apart on risk. One of the four overrides has expired.",
        "",
    ]
    return "\n".join(lines)
