"""Step 2 in words: accounts won back, retention by segment, cohorts, price and volume."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "flows_unknown": N_("With {months:n} months of data, retention by segment, cohorts and the effect of prices cannot be told; they need 24."),
    "won_back": N_("{count:n} {count:plural|account|accounts} came back after a year or more without buying, worth {amount:money}: {names}. {new:n} others are new, worth {new_amount:money}, of which {once:n} with {once_amount:money} bought a single time so far."),
    "none_won_back": N_("No account came back after a year or more without buying; {new:n} new accounts bring {new_amount:money}, of which {once:n} with {once_amount:money} bought a single time so far."),
    "won_back_unknown": N_("Among the {count:n} new accounts, returning ones cannot be told apart: the data reach back {months:n} months only."),
    "kept_by_tier": N_("Tier {best_value} kept {best_grr:pct} of last year's revenue, with growth {best_nrr:pct}; tier {worst_value} kept {worst_grr:pct}, with growth {worst_nrr:pct}."),
    "kept_by_size": N_("By size a year ago, the largest {best_accounts:n} accounts kept {best_grr:pct} of their revenue, with growth {best_nrr:pct}; the smallest {worst_accounts:n} kept {worst_grr:pct}, with growth {worst_nrr:pct}."),
    "kept_by_nature": N_("By nature of the account, “{best_value}” kept {best_grr:pct} of last year's revenue and “{worst_value}” {worst_grr:pct} of {worst_before:money}, growth not counted."),
    "kept_by_industry": N_("By industry, “{best_value}” kept {best_grr:pct} of last year's revenue and “{worst_value}” {worst_grr:pct} of {worst_before:money}, growth not counted."),
    "kept_by_region": N_("By region, “{best_value}” kept {best_grr:pct} of last year's revenue and “{worst_value}” {worst_grr:pct} of {worst_before:money}, growth not counted."),
    "kept_by_owner": N_("By owner, {best_value}'s accounts kept {best_grr:pct} of last year's revenue and {worst_value}'s {worst_grr:pct} of {worst_before:money}, growth not counted."),
    "many_natures": N_("Retention is not split by nature of the account: it has {values:n} values, more than {most:n}."),
    "many_industries": N_("Retention is not split by industry: there are {values:n}, more than {most:n}."),
    "many_regions": N_("Retention is not split by region: there are {values:n}, more than {most:n}."),
    "many_owners": N_("Retention is not split by owner: there are {values:n}, more than {most:n}."),
    "segments_unknown": N_("The accounts carry no nature, industry, region or owner, so retention cannot be told by segment."),
    "cohort_share": N_("Accounts that first bought more than {years:n} {years:plural|year|years} ago bring {share:pct} of revenue ({amount:money}); the {young_accounts:n} first seen in the last 12 months bring {young_share:pct}."),
    "cohort_kept": N_("Of the {accounts:n} accounts that brought revenue {years:n} {years:plural|year|years} ago, {left:n} still do and bring {share:pct} of what they brought then."),
    "pvm": N_("Revenue changed by {change:money}: prices {price:money} ({price_rate:change}), volume {volume:money} ({volume_rate:change}), mix {mix:money} ({mix_rate:change})."),
    "pvm_range": N_("{new_products:n} {new_products:plural|product is|products are} new and {new_products:plural|brings|bring} {new:money}; {lost_products:n} dropped {lost_products:plural|one|ones} changed revenue by {lost:money}."),
    "pvm_price_falls": N_("Prices fell on {count:n} {count:plural|product|products} and cost {amount:money}, most on {what}."),
    "pvm_little_matched": N_("Only {matched_share:pct} of revenue comes from products sold in both years, so price and volume say little: {new_products:n} products are new, {lost_products:n} dropped."),
    "pvm_by_category": N_("By category, revenue changed by {change:money}: average prices {price:money} ({price_rate:change}), volume {volume:money} ({volume_rate:change}), mix {mix:money} ({mix_rate:change}). The lines name no product, so a shift between the products of a category looks like a change of price."),
    "pvm_unmatched": N_("{unmatched_rows:n} lines worth {unmatched_gross:money} (returns counted as positive) have no quantity, no product or no net sales to compare."),
    "pvm_turned": N_("{turned_rows:n} {turned_rows:plural|line has|lines have} a quantity with the opposite sign of the amount; it was counted with the sign of the amount."),
    "pvm_no_lines": N_("Price and volume cannot be told apart: from a database only sums are read, without quantities."),
    "pvm_no_quantity": N_("Price and volume cannot be told apart, because the sales lines carry no quantity."),
    "pvm_no_product": N_("Price and volume cannot be told apart, because the sales lines name neither product nor category."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "flows_ask_for_history": N_("Provide at least 36 months of sales lines."),
    "learn_from_won_back": N_("Sales asks each of them why it came back, and tries the same with the lost accounts."),
    "compare_tiers": N_("Check whether service by tier reaches the accounts that it should hold."),
    "ask_worst_segment": N_("The head of that segment explains its largest losses one by one."),
    "compare_owners": N_("Compare the portfolios of {best_value} and {worst_value} before judging people: visits, complaints and the largest lost accounts of each."),
    "group_values": N_("Group the values into at most 12 and deliver the accounts again."),
    "ask_for_segments": N_("Provide nature, industry, region and owner of each account."),
    "win_new_accounts": N_("Few new accounts follow: set a target for new business and name who answers for it."),
    "pvm_check_prices": N_("Sales and finance go through the discounts of the products whose prices fell most, account by account."),
    "pvm_ask_for_quantity": N_("Provide quantity and product of each line."),
    "pvm_ask_for_lines": N_("Deliver the lines as a file, with quantity and product."),
    "pvm_ask_for_products": N_("Provide the product of each line."),
    "pvm_stable_codes": N_("Check whether products were given new codes; if so, deliver a list of old and new."),
    "pvm_complete_quantity": N_("Complete quantity and product of these lines, or say which are rebates and fees."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "won_back": ("won_back", "none_won_back", "won_back_unknown"),
    "retention": (
        "flows_unknown", "kept_by_tier", "kept_by_size", "kept_by_nature", "kept_by_industry", "kept_by_region", "kept_by_owner",
        "many_natures", "many_industries", "many_regions", "many_owners", "segments_unknown",
    ),
    "cohorts": ("cohort_share", "cohort_kept"),
    "pvm": (
        "pvm", "pvm_price_falls", "pvm_little_matched", "pvm_by_category", "pvm_range", "pvm_unmatched", "pvm_turned",
        "pvm_no_lines", "pvm_no_quantity", "pvm_no_product",
    ),
}  # fmt: skip
