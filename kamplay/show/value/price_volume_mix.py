"""Price, volume and mix shown: the bridge from last year's revenue to this year's by its causes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamplay.method.results import Finding
from kamplay.method.value.step import Value
from kamplay.show.charts.bridge import draw_bridge
from kamplay.show.charts.chart import join_parts
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings
from kamplay.show.view import current

PARTS = {
    "before": N_("year before"),
    "new": N_("new products"),
    "lost": N_("dropped products"),
    "volume": N_("volume"),
    "mix": N_("mix"),
    "price": N_("price"),
    "charges": N_("charges and adjustments"),
    "unmatched": N_("not comparable"),
    "now": N_("this year"),
}


@chart
def price_volume_mix_chart(value: Value) -> Display:
    """The bridge from last year's revenue to this year's by products, volume, mix and price."""
    locale, result = current().locale, value.price_volume_mix
    parts = result.parts
    parts = parts[parts["amount"].abs() >= 0.005]  # a part of nothing needs no bar
    if not {"before", "now"} <= set(parts["part"]):
        return NOTHING
    labels, amounts = [locale.text(PARTS[part]) for part in parts["part"]], parts["amount"].to_numpy()
    caption = locale.say(
        N_(
            "From the revenue of the 12 months before to that of the last 12. Volume, mix and price: "
            "products sold in both years. The price effect counts this year's quantities; on last year's "
            "it would be {other:money}."
        ),
        other=result.figures["price_at_old"],
    )
    words = [f"{label} {locale.money(amount)}" for label, amount in zip(labels, amounts, strict=True)]
    alt = locale.say(N_("Price, volume and mix: {parts}."), parts=join_parts(words, locale))
    return draw_bridge(labels, amounts, caption, alt)


# what this topic can find, in words
PVM_ASK_FOR_QUANTITY = {"pvm_ask_for_quantity": N_("Data owner: provide quantity and product of each line.")}


SHARES = N_(
    "The percentages are shares of the {matched_before:money} that what was sold in both years brought in "
    "the year before; together {together}."
)


def _beside(finding: Finding, locale: Locale) -> dict[str, str]:
    """``beside``: what the change holds besides price, volume and mix, so that the parts add up to it;
    ``shares``: of what the percentages are, and what they add up to.
    """
    figures, beside = finding.figures, ""
    rest = figures["change"] - figures["price"] - figures["volume"] - figures["mix"] - figures["charges"]
    if figures["charge_names"]:
        names = locale.words([f"“{name}”" for name in figures["charge_names"]])
        said = N_(", charges and adjustments ({names}) {charges:money}")
        beside = locale.say(said, names=names, charges=figures["charges"])
    if abs(rest) >= 0.5:
        beside += locale.say(N_(", new, dropped or not comparable {rest:money}"), rest=rest)
    price, volume, mix, whole = shares(figures, locale)
    together = locale.say(SHARES, matched_before=figures["matched_before"], together=whole)
    return {"beside": beside, "price_part": price, "volume_part": volume, "mix_part": mix, "shares": together}


def shares(figures: Mapping[str, Any], locale: Locale) -> list[str]:
    """Price, volume and mix as shares, and their sum; in tenths of a point that add up as they are shown."""
    parts = [1000 * figures[name] for name in ("price_share", "volume_rate", "mix_rate")]
    told = [round(part) for part in parts]
    whole = round(1000 * figures["matched_rate"])
    while told and sum(told) != whole and abs(sum(told) - whole) < len(told):
        step = 1 if sum(told) < whole else -1
        furthest = max(range(len(parts)), key=lambda place: step * (parts[place] - told[place]))
        told[furthest] += step
    return [("+" if part > 0 else "") + locale.number(part / 10, 1) + "%" for part in (*told, whole)]


register_findings(
    FindingSpec(
        "pvm",
        "price_volume_mix",
        N_(
            "Revenue changed by {change:money}: prices {price:money} ({price_part}), volume "
            "{volume:money} ({volume_part}), mix {mix:money} ({mix_part}){beside}. {shares}"
        ),
        words=_beside,
        actions={
            "pvm_check_prices": N_(
                "Sales and finance: go through the discounts of the products whose prices fell "
                "most, account by account."
            )
        },
        rank=26,
        brief=N_(
            "On products sold in both years prices changed revenue by {price:money} ({price_part}), "
            "volume by {volume:money}, mix by {mix:money}."
        ),
        chance=N_(
            "Prices that differ from line to line as these do move by {chance_low:change} to "
            "{chance_high:change} from year to year."
        ),
    ),
    FindingSpec(
        "pvm_price_falls",
        "price_volume_mix",
        N_(
            "Prices fell on {count:n} {count:plural|product|products} and cost {amount:money}, most "
            "on {what}; with the prices that rose, {net:money} in all."
        ),
    ),
    FindingSpec(
        "pvm_little_matched",
        "price_volume_mix",
        N_(
            "Only {matched_share:pct} of revenue comes from products sold in both years, so price "
            "and volume say little: {new_products:n} products are new, {lost_products:n} dropped."
        ),
        actions={
            "pvm_stable_codes": N_(
                "Data owner: check whether products were given new codes; if so, deliver a list of "
                "old and new."
            )
        },
    ),
    FindingSpec(
        "pvm_by_category",
        "price_volume_mix",
        N_(
            "By category, revenue changed by {change:money}: average prices {price:money} "
            "({price_part}; a shift between the products of a category counts as price, as the lines name no "
            "product), volume {volume:money} ({volume_part}), mix {mix:money} ({mix_part}){beside}. {shares}"
        ),
        actions={"pvm_ask_for_products": N_("Data owner: provide the product of each line.")},
        words=_beside,
    ),
    FindingSpec(
        "pvm_range",
        "price_volume_mix",
        N_(
            "{new_products:n} {new_products:plural|product is|products are} new and "
            "{new_products:plural|brings|bring} {new:money}; {lost_products:n} dropped "
            "{lost_products:plural|one|ones} changed revenue by {lost:money}."
        ),
    ),
    FindingSpec(
        "pvm_unmatched",
        "price_volume_mix",
        N_(
            "{unmatched_rows:n} lines worth {unmatched_gross:money} (returns counted as positive) "
            "have no quantity, no product or no net sales to compare."
        ),
        actions={
            "pvm_complete_quantity": N_(
                "Data owner: complete quantity and product of these lines, or say which are rebates and fees."
            )
        },
    ),
    FindingSpec(
        "pvm_turned",
        "price_volume_mix",
        N_(
            "{turned_rows:n} {turned_rows:plural|line has|lines have} a quantity with the opposite "
            "sign of the amount; it was counted with the sign of the amount."
        ),
    ),
    FindingSpec(
        "pvm_no_lines",
        "price_volume_mix",
        N_("Price and volume cannot be told apart: from a database only sums are read, without quantities."),
        actions={
            "pvm_ask_for_lines": N_("Data owner: deliver the lines as a file, with quantity and product.")
        },
    ),
    FindingSpec(
        "pvm_no_quantity",
        "price_volume_mix",
        N_("Price and volume cannot be told apart, because the sales lines carry no quantity."),
        actions=PVM_ASK_FOR_QUANTITY,
    ),
    FindingSpec(
        "pvm_no_product",
        "price_volume_mix",
        N_(
            "Price and volume cannot be told apart, because the sales lines name neither product nor "
            "category."
        ),
        actions=PVM_ASK_FOR_QUANTITY,
    ),
)
