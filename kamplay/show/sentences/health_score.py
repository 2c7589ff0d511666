"""Step 3 in words: what the score rests on, what costs points, what caps it, and why it moved."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "score_coverage": N_("On average {coverage:pct} of the card's weight rests on data."),
    "score_thin": N_("{thin:n} of {judged:n} scores are thin: less than {limit:pct} of the card's weight rests on data there; the largest: {names}."),
    "score_unknown": N_("Nothing is known of {what}: {weight:pct} of the card's weight goes to the other sides of the relation."),
    "score_dearest": N_("Of the {total:n1} points that accounts lack on average, {what} costs most: {lost:n1}."),
    "score_capped": N_("A red flag holds down {count:n} {count:plural|score|scores} by {points:n1} points on average ({what}): {names}."),
    "score_by_hand": N_("{count:n} health {count:plural|score was|scores were} set by hand, each with a reason and a name: {names}."),
    "score_hand_expired": N_("{count:n} health {count:plural|score|scores} set by hand {count:plural|has|have} expired and no longer {count:plural|applies|apply}: {names}."),
    "score_hand_unusable": N_("{count:n} health {count:plural|score|scores} set by hand {count:plural|was|were} not applied, as the account is not judged: {names}."),
    "score_hand_impossible": N_("{count:n} health {count:plural|score|scores} set by hand {count:plural|was|were} not applied, as {count:plural|it does|they do} not lie between 0 and 100: {names}."),
    "score_moved": N_("Since {since:date} the average score went from {before:n1} to {now:n1}: {customer:n1} from the customers themselves, {age:n1} from data that grew old, {override:n1} from decisions by hand, {definition:n1} from the definition, {mix:n1} from accounts that came or went ({left:n} no longer scored, {entered:n} for the first time)."),
    "score_fell": N_("{count:n} {count:plural|account|accounts} lost {least:n} points or more through what changed there, not through older data or another definition; {first} {points:n1} (score {before:n1} then, {now:n1} now)."),
    "score_definition": N_("The health card is another one than in the earlier run; {definition:n1} points of the average change come from that and not from the customers."),
    "score_version": N_("Since {since:date} the average score went from {before:n1} to {now:n1}, but the measures themselves are counted differently than in the earlier run: {definition:n1} of it cannot be told apart into customers and definition, {override:n1} come from decisions by hand, {mix:n1} from accounts that came or went ({left:n} no longer scored, {entered:n} for the first time)."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "fill_sides": N_("Have the account owners supply what is missing, for the largest accounts first."),
    "clear_flags": N_("Name for each of these accounts who clears the red flag, and by when."),
    "ask_why_fell": N_("Have each owner say in the next meeting what happened there and what is done about it."),
    "correct_scores": N_("Have whoever set these scores give them anew, from 0 to 100."),
    "renew_scores": N_("Renew these scores with a new reason and date, or let the rule stand."),
    "explain_version": N_("Tell everyone who compares the two reports that their scores do not compare; the next report will compare with this one."),
    "explain_definition": N_("Tell everyone who compares the two reports, and compare by the customers' part alone."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "score": (
        "score_coverage",
        "score_thin",
        "score_unknown",
        "score_dearest",
        "score_capped",
        "score_by_hand",
        "score_hand_expired",
        "score_hand_unusable",
        "score_hand_impossible",
    ),
    "score_movement": ("score_moved", "score_fell", "score_definition", "score_version"),
}
