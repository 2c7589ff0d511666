"""Step 2 in words: the account asset map, whom to guard, whom to grow, and what the picture rests on."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "asset_none": N_("No account bought in the last 12 months, so there is no account asset map."),
    "asset_guard": N_("Of the {large:n} accounts that contribute most, {count:n} {count:plural|is|are} at high risk, with {share:pct} of all contribution ({value:money}): {names}."),
    "asset_stopped": N_("{count:n} of the accounts that contribute most {count:plural|has|have} plainly stopped buying ({revenue:money} in the last 12 months) and {count:plural|is|are} no risk any more but a loss: {names}."),
    "asset_safe": N_("None of the {large:n} accounts that contribute most is at high risk."),
    "asset_grow": N_("{count:n} {count:plural|account|accounts} at low risk {count:plural|contributes|contribute} little today ({value:money} together) and could bring up to {potential:money} more in the next 12 months: {names}."),
    "asset_grow_one": N_("{first} contributes little today and could bring up to {first_potential:money} more in the next 12 months (by {basis}). The {rest:n} other {rest:plural|account|accounts} at low risk that {rest:plural|contributes|contribute} little could bring up to {rest_potential:money} together."),
    "asset_no_potential": N_("For none of the {accounts:n} accounts is it known what could still come: no purchases elsewhere, no categories to compare, no forecast."),
    "asset_basis": N_("Potential rests on purchases known from the wallet table for {known:n} of {accounts:n} accounts ({measured_accounts:n} measured, {estimated_accounts:n} estimated), on white space for {white_space_accounts:n}, on the forecast alone for {forecast_accounts:n}; for {unknown_accounts:n} it is unknown. As these differ in size, each account is ranked among those of its own basis."),
    "asset_risk": N_("By risk, {low_share:pct} of revenue is low ({low_accounts:n} accounts, below {medium:n2}), {medium_share:pct} medium ({medium_accounts:n}) and {high_share:pct} high ({high_accounts:n}, from {high:n2}, or all but certain to leave); {once_accounts:n} that bought once and {stopped_accounts:n} that plainly stopped stand apart. Risk weighs the chance of leaving by purchase dates 40%, overdue bills 25%, little margin 20% and weak finances 15% (over revenue, {coverage:pct} of these weights is known); where the warning signs of section 3 are stronger, they count instead."),
    "asset_risk_partial": N_("By risk, {low_share:pct} of revenue is low ({low_accounts:n} accounts, below {medium:n2}), {medium_share:pct} medium ({medium_accounts:n}) and {high_share:pct} high ({high_accounts:n}, from {high:n2}, or all but certain to leave); {once_accounts:n} that bought once and {stopped_accounts:n} that plainly stopped stand apart. Apart from the warning signs of section 3, which count where they are stronger, risk rests on {coverage:pct} of its weights only, as data are missing on: {what}."),
    "asset_extended": N_("For {count:n} {count:plural|account|accounts} without cost, value is revenue at the average rate of the others."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "asset_guard_plan": N_("Management names one person each for these accounts, {three} first, who says within two weeks what removes the risk."),
    "asset_decide": N_("Sales decides for each: win back, with a name and a date, or close, with the reason noted."),
    "asset_grow_offer": N_("Sales picks those worth an offer this quarter, {first} first, and asks whether the potential is real before offering."),
    "asset_ask_wallet": N_("Estimate the yearly purchases of the largest accounts: that turns a forecast of the past into what could be won."),
    "asset_ask_risk": N_("Provide what is missing, for the largest accounts first: receivables, cost of the lines, the accounts' annual figures."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "asset_map": ("asset_guard", "asset_safe", "asset_stopped", "asset_grow", "asset_grow_one", "asset_no_potential", "asset_none"),
    "asset_basis": ("asset_basis", "asset_risk", "asset_risk_partial", "asset_extended"),
}
