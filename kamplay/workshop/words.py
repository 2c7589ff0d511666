"""Sentences and tables of the panel in the page's language; HTML is escaped."""

from __future__ import annotations

from html import escape

import pandas as pd

from kamplay.method.tiers.consensus import Consensus
from kamplay.presets.scorecard import Scorecard
from kamplay.show.locale import N_, Locale
from kamplay.show.table import Column, html_table, with_names
from kamplay.workshop.ballot_file import RefusedError
from kamplay.workshop.preview import Preview
from kamplay.workshop.session import Ballot

SHOWN = 15  # rows of a list

REFUSALS = {
    "rater_blank": N_("Enter the name of the person who votes."),
    "department_blank": N_("Enter the department."),
    "name_unusable": N_("“{name}” would be read as a blank cell. Enter a name."),
    "name_long": N_("Enter a name of at most {most:n} characters."),
    "criterion_unknown": N_("The scorecard has no criterion {names:words}."),
    "criterion_missing": N_("A weight is missing for {names:words}."),
    "weight_not_number": N_("The weight of {names:words} is not a number."),
    "weight_negative": N_("The weight of {names:words} is below 0."),
    "weights_all_zero": N_("All weights are 0: give at least one criterion more."),
    "round_unusable": N_("The round is a whole number from 1."),
    "round_ahead": N_("The ballots have reached round {latest:n}; the next is round {next:n}."),
    "account_unknown": N_("Not among the accounts: {names:words}. Choose a name from the list."),
    "too_many_named": N_("{count:n} accounts are named; a ballot has room for {most:n}."),
    "no_folder": N_("There is no folder to save to: open the run with kp.open."),
    "file_columns": N_(
        "{file} in this run's folder has columns that a table of ballots does not: "
        "{names:words}. Take them out or move the file away."
    ),
    "file_changed": N_(
        "Not saved: another program has changed {file} since it was read. Move or rename "
        "that file, then save again."
    ),
    "file_not_written": N_(
        "Not saved: {file} could not be written. Close it in other programs and save again."
    ),
}


def refused(error: RefusedError, locale: Locale) -> str:
    return locale.say(REFUSALS[error.code], **error.figures)


def captured(ballot: Ballot, locale: Locale) -> str:
    message = (
        N_("{rater}, {department}: ballot of round {round:n} captured, in place of the earlier one.")
        if ballot.replaced
        else N_("{rater}, {department}: ballot of round {round:n} captured.")
    )
    out = locale.say(message, rater=ballot.rater, department=ballot.department, round=ballot.round)
    if ballot.namesake:
        more = N_(
            "The name also stands under {others:words} and counts as another person there; if it "
            "is the same one, undo."
        )
        out += _gap(locale) + locale.say(more, others=list(ballot.namesake))
    return out


def undone(ballot: Ballot | None, locale: Locale) -> str:
    if ballot is None:
        return locale.text(N_("There is no captured ballot to take back."))
    message = N_("Taken back: the ballot of {rater}, {department}, round {round:n}.")
    return locale.say(message, rater=ballot.rater, department=ballot.department, round=ballot.round)


def saved(path: str, temporary: bool, locale: Locale) -> str:
    message = locale.say(
        N_(
            "Saved in {path}. For the next run, move the file into the engagement's data folder, "
            "in place of an older table of ballots."
        ),
        path=path,
    )
    return message + (_gap(locale) + fleeting(locale) if temporary else "")


def saved_for_class(path: str, temporary: bool, locale: Locale) -> str:
    """Where the ballots are collected with the team's folder."""
    message = locale.say(N_("Saved in {path}. It stays there and is handed in with the folder."), path=path)
    return message + (_gap(locale) + fleeting(locale) if temporary else "")


def fleeting(locale: Locale) -> str:
    return locale.text(
        N_(
            "This is a temporary copy that disappears when the notebook is closed. To keep "
            "ballots, open the workshop with kamplay lab."
        )
    )


def normalised(preview: Preview, card: Scorecard, locale: Locale) -> str:
    """The weights as shares: each top criterion's percentage."""
    parts = [
        f"{c.get(locale.language)} {locale.percent(preview.weights[key])}" for key, c in card.criteria.items()
    ]
    return locale.say(N_("Share of the whole: {shares}"), shares=" · ".join(parts))


def tiers_html(preview: Preview, card: Scorecard, locale: Locale) -> str:
    """Accounts and revenue per tier now and under the new weights, who becomes key and who drops out."""
    label = {t.key: t.get(locale.language) for t in card.tiers}
    counts = preview.counts.reset_index()
    counts["tier"] = counts["tier"].map(label)
    columns = [
        Column("tier", N_("Tier")),
        Column("now", N_("Accounts now"), "n"),
        Column("then", N_("With these weights"), "n"),
        Column("revenue_now", N_("Revenue now"), "money"),
        Column("revenue_then", N_("With these weights"), "money"),
    ]
    out = html_table(counts, columns, N_("Accounts that bought in the 12 months, by tier.")).html
    if card.matrix:
        out += paragraph(
            locale.text(
                N_(
                    "This card places accounts by two criteria, each on its own: their weights against "
                    "each other move nobody."
                )
            )
        )
    elif preview.moved == 0:
        out += paragraph(locale.text(N_("No account changes its tier with these weights.")))
    else:
        out += paragraph(
            locale.say(
                N_("{count:n} {count:plural|customer changes|customers change} tier; groups count as one."),
                count=preview.moved,
            )
        )
    for frame, message in (
        (preview.rises, N_("Become key: {count:n}.")),
        (preview.drops, N_("Drop out of key: {count:n}.")),
    ):
        out += _movers(frame, message, label, locale)
    return out


def _movers(frame: pd.DataFrame, message: str, label: dict[str, str], locale: Locale) -> str:
    if frame.empty:
        return paragraph(locale.say(message, count=0))
    rows = with_names(frame.head(SHOWN)).assign(
        before=lambda f: f["before"].map(label), after=lambda f: f["after"].map(label)
    )
    columns = [Column("name", N_("Account")), Column("revenue", N_("Revenue"), "money")]
    columns += [Column("before", N_("Tier now")), Column("after", N_("With these weights"))]
    if (frame["accounts"] > 1).any():
        columns.append(Column("accounts", N_("Accounts"), "n"))
    caption = locale.say(message, count=len(frame))
    if len(frame) > SHOWN:
        caption += _gap(locale) + locale.say(N_("The {count:n} largest are shown."), count=SHOWN)
    return html_table(rows, columns, caption, most=SHOWN).html


def agreement_html(found: Consensus | None, card: Scorecard, locale: Locale) -> str:
    """How far the ballots agree, which departments differ most, and the disputed accounts."""
    if found is None:
        return paragraph(locale.text(N_("No ballots yet.")))
    latest = found.rounds.iloc[-1]
    out = paragraph(
        locale.say(
            N_(
                "Round {round:n}: ballots of {raters:n} {raters:plural|person|people} from "
                "{departments:n} {departments:plural|department|departments}."
            ),
            **latest[["round", "raters", "departments"]],
        )
    )
    if found.w is None:
        out += paragraph(
            locale.text(
                N_("How far people agree can be told once two of them have weighed three criteria or more.")
            )
        )
    else:
        out += paragraph(
            locale.say(N_("Agreement on the weights: {w:n2} on a scale from 0 to 1."), w=found.w.w)
        )
        earlier = found.rounds.iloc[:-1].dropna(subset="w")
        if len(earlier):
            before = [
                locale.say(N_("round {round:n}: {w:n2}"), round=n, w=w)
                for n, w in zip(earlier["round"], earlier["w"], strict=True)
            ]
            out += paragraph(locale.say(N_("Before: {rounds}."), rounds=" · ".join(before)))
    far = found.furthest
    if far is not None:
        values = {
            "a": far.department_a,
            "b": far.department_b,
            "criterion": card.criteria[far.criterion].get(locale.language),
        }
        out += paragraph(
            locale.say(
                N_(
                    "Furthest apart are {a} and {b}, most of all on {criterion}: {a} gives it {gap:n1} "
                    "points of 100 more."
                ),
                gap=far.gap * 100,
                **values,
            )
        )
    out += _departments(found, card, locale) + _disputed(found)
    if len(found.unusable):
        out += paragraph(
            locale.say(
                N_(
                    "{count:n} {count:plural|row|rows} of the ballots cannot be used: a criterion, an "
                    "account or a value is not known."
                ),
                count=len(found.unusable),
            )
        )
    return out


def _departments(found: Consensus, card: Scorecard, locale: Locale) -> str:
    """Departments in rows, top criteria in columns: the share, and how far it lies from the departments'
    mean.
    """
    if found.departments.empty:
        return ""

    def cell(weight: float, away: float) -> str:
        points = round(away * 100)
        return locale.percent(weight) + (f" ({'+' if points > 0 else '−'}{abs(points)})" if points else "")

    long = found.departments.assign(
        cell=[
            cell(w, d)
            for w, d in zip(found.departments["weight"], found.departments["deviation"], strict=True)
        ]
    )
    wide = long.pivot(index="department", columns="criterion", values="cell").reindex(
        long["department"].unique()
    )[list(card.criteria)]
    rows = (
        wide.set_axis([f"c{n}" for n in range(wide.shape[1])], axis=1).rename_axis("department").reset_index()
    )
    columns = [Column(f"c{n}", card.criteria[key].get(locale.language)) for n, key in enumerate(wide.columns)]
    caption = N_("The departments' weights; in brackets, points of 100 above or below their mean.")
    return html_table(rows, [Column("department", N_("Department")), *columns], caption, most=len(rows)).html


def _disputed(found: Consensus) -> str:
    if found.disputed.empty:
        return ""
    rows = with_names(found.disputed.head(SHOWN))
    columns = [
        Column("name", N_("Account")),
        Column("revenue", N_("Revenue"), "money"),
        Column("key_by", N_("Key by the weights of so many departments"), "n"),
        Column("named_by", N_("Named by so many departments"), "n"),
    ]
    return html_table(
        rows, columns, N_("Accounts on which the departments differ, the most disputed first."), most=SHOWN
    ).html


def paragraph(text: str) -> str:
    return f'<p style="margin:4px 0">{escape(text)}</p>'


def _gap(locale: Locale) -> str:
    return " " if locale.language == "en" else ""
