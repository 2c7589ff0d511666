"""Signs that an account may leave, each read from what was known on a given day, with a strength from 0 to 1.

Seven signs of defection (orders late, payment slipping, complaints that rise and go silent, a contact lost,
a competitor, delivery failing, satisfaction diverging from purchases) and ``silence``: an account that has
plainly stopped, which no longer needs a warning but a decision. Every sign compares an account with **its
own** past, asks how often an account that goes on as before would show as much (``p_value``, below
SIGNIFICANCE), and asks whether it is still so: a sign that passed is not raised. Some signs are **facts** of
contract or word that need no test: a bill long overdue, a key contact who left. The thresholds are those of
practice: payment in steps of 30 days as in any ageing list, satisfaction 0.6 points of 5, complaints from
three on, twice the usual gap.

A test at 1 in 100 on hundreds of accounts is met by some of them by chance. A sign is therefore told of an
account (``raised_signs``) only where it is a fact, or where it stays after all the looks are counted: first
which signs any account shows beyond chance, then of which accounts (``tell``). From ACT on, it can call for
action.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import features_at, purchases
from kamplay.method.measures.buying_rhythm import habit_test, rhythm_at
from kamplay.method.measures.purchase_model import purchase_model
from kamplay.method.measures.receivables import bills_on
from kamplay.method.measures.sign_onset import (
    FALL,
    SLOW,
    UNVISITED,
    VISIT_GAPS_GONE,
    last_rival,
    lost_deals,
    onset,
    visit_gaps,
)
from kamplay.method.noise_gate import beyond_chance, family_look
from kamplay.method.stats.own_past import (
    count_chances,
    count_tail,
    joint_tail,
    kinds_chances,
    moderated_variance,
    share_tail,
    t_tail,
)

# every sign with the action that it calls for; equally strong signs rank in this order
ACTIONS = {
    "order_rhythm": "ask_rhythm",
    "payment": "payment_plan",
    "complaints": "close_complaints",
    "contact_lost": "find_successor",
    "competitor": "defend_offer",
    "delivery": "mend_delivery",
    "satisfaction_gap": "senior_visit",
    "silence": "win_back_talk",
}
SIGNS = tuple(ACTIONS)
ACT = 0.6  # from this strength a sign calls for action, below it for attention
SIGNIFICANCE = 0.01  # level of the test of one account against its own past
FALSE_DISCOVERIES = 0.10  # of what is told after all looks are counted
STOPPED_DAYS, STOPPED_GAPS = 180, 3.0  # half a year and three usual gaps without an order
STILL_BUYS = 0.1  # probability of still buying, by the model of purchases, below which it has stopped
MATERIAL = 0.01  # of the year's purchases: an old bill below that is a matter for bookkeeping
MIN_SPREAD_OF_PAYMENT = 2.0  # days: the least spread of how late bills are paid
MIN_SPREAD_OF_SCORES = 0.05  # of the scale: scores are told in steps
MORE_LOSSES = 10  # deals beyond the most that any account lost: more of them are counted as so many
FRESH_SURVEY, FRESH_LOSS = 365, 180  # days after which a survey, a lost deal no longer tells how things stand

Signs = dict[str, pd.DataFrame | None]


def signs_at(
    book: Book, cutoff: pd.Timestamp, told: bool = False, signs: Signs | None = None
) -> pd.DataFrame:
    """Measure the strength of every sign of every account.

    Parameters
    ----------
    told : only where the sign is told of the account, see ``raised_signs``; else wherever it shows, as
        evidence that a model weighs.
    signs : what ``read_signs`` gave for the day, where it is at hand.

    Returns
    -------
    DataFrame
        Index as ``book.accounts``, columns SIGNS, 0 to 1: 0 not raised, missing where the sign cannot be
        read.
    """
    kept = book.computed.setdefault("signs_told" if told else "signs_at", {})
    if cutoff not in kept:
        read = read_signs(book, cutoff) if signs is None else signs
        kept[cutoff] = _strengths(book, cutoff, told, read)
    strengths: pd.DataFrame = kept[cutoff]
    return strengths


def _strengths(book: Book, cutoff: pd.Timestamp, told: bool, signs: Signs) -> pd.DataFrame:
    index = book.accounts.index
    said = tell(signs, active_accounts(book, cutoff)) if told else {}
    out = {}
    for sign, read in signs.items():
        if read is None:
            out[sign] = pd.Series(np.nan, index=index)
            continue
        strength = read["strength"]
        if told:
            strength = strength.where(read.index.isin(said[sign]), 0.0)
        out[sign] = strength.reindex(index).fillna(0.0)
    return pd.DataFrame(out, index=index)


def tell(signs: Signs, accounts: pd.Index) -> dict[str, pd.Index]:
    """Decide of which accounts each sign is told, counting all the looks: at every sign and every account.

    Signs are judged first, each by Simes' test that no account shows it beyond chance, those that stay at
    FALSE_DISCOVERIES among all signs (Benjamini & Hochberg 1995); then the accounts within each of them, at
    FALSE_DISCOVERIES times the share of signs that stayed, as these were picked (Benjamini & Bogomolov 2014,
    Journal of the Royal Statistical Society B 76, 297–318). Of a client to whom nothing happens any sign is
    so told once in ten times, not once in ten for each sign. A fact needs no test.

    Parameters
    ----------
    signs : as ``read_signs`` gives them.
    accounts : those looked at.

    Returns
    -------
    dict
        The accounts of which each sign is told, by sign; signs that could not be read are left out.
    """
    looked = {sign: read.reindex(accounts) for sign, read in signs.items() if read is not None}
    told = {}
    tested = {sign: read["p_value"].dropna().astype(float) for sign, read in looked.items()}
    names = [sign for sign, p_value in tested.items() if len(p_value)]
    stays = beyond_chance([family_look(tested[sign]).p_value for sign in names], FALSE_DISCOVERIES)
    level = FALSE_DISCOVERIES * stays.mean() if len(names) else 0.0
    picked = {sign for sign, stay in zip(names, stays, strict=True) if stay}
    for sign, read in looked.items():
        sure = (read["fact"] == True).to_numpy(dtype=bool, copy=True)  # noqa: E712 - missing is none
        if sign in picked:
            beyond = tested[sign].index[beyond_chance(tested[sign].to_numpy(), level)]
            sure |= accounts.isin(beyond)
        told[sign] = accounts[sure & (read["strength"] > 0).to_numpy(dtype=bool)]
    return told


def combined_strength(signs: pd.DataFrame) -> pd.Series:
    """Combine all signs of an account into one strength, 1 − ∏(1 − s): two signs weigh more than one.

    ``signs`` is as ``signs_at`` gives it. ``silence`` is left out: what has happened is no longer a warning.
    """
    return 1 - (1 - signs[[s for s in SIGNS if s != "silence"]].fillna(0.0)).prod(axis=1)


def strongest_sign(raised: pd.DataFrame, rank: int = 1) -> pd.DataFrame:
    """Select each account's strongest sign.

    Parameters
    ----------
    raised : DataFrame
        One row per account and sign: account_id, sign, strength (0 to 1), any other columns.
    rank : int
        1 for the strongest sign, 2 for the next strongest, and so on.

    Returns
    -------
    DataFrame
        That row of each account that has so many signs (index account_id). A sign that calls for action
        stands before any that does not, then the one that raises the chance of stopping most (``raises``,
        where it is known), then the stronger; of equally strong ones the one that stands first in SIGNS.
    """
    order = raised.assign(
        _place=raised["sign"].map({sign: place for place, sign in enumerate(SIGNS)}),
        _calls=raised["severity"] == "act" if "severity" in raised else True,
        _raises=raised.get("raises", 0.0),
    )
    by = ["_calls", "_raises", "strength", "_place"]
    order = order.sort_values(by, ascending=[False, False, False, True], kind="stable")
    chosen = order.groupby("account_id").cumcount() == rank - 1
    return order[chosen].drop(columns=["_place", "_calls", "_raises"]).set_index("account_id")


def raised_signs(book: Book, cutoff: pd.Timestamp, signs: Signs | None = None) -> pd.DataFrame:
    """List the signs told at the cut-off of the accounts of ``active_accounts``, see ``tell``.

    Parameters
    ----------
    book : Book
        The client's data.
    cutoff : Timestamp
        The day.
    signs : dict, optional
        What ``read_signs`` gave for the day, where it is at hand.

    Returns
    -------
    DataFrame
        One row per account and sign, the strongest first: account_id, sign, strength (0 to 1), severity
        (act where it is strong enough, else watch: whether such signs were right is another question), since
        (the first day on which a careful reader could have seen it), fact, looked (number of accounts
        tested), and the evidence: the columns of the sign's own reader (see each), missing for the other
        signs.
    """
    active = active_accounts(book, cutoff)
    read_all = read_signs(book, cutoff) if signs is None else signs
    found = []
    for sign, accounts in tell(read_all, active).items():
        read = read_all[sign]
        if read is None or not len(accounts):
            continue
        rows = read.reindex(accounts).drop(columns="p_value")
        rows["looked"] = int(read["p_value"].reindex(active).notna().sum())
        since = onset(sign, book, cutoff, rows)
        if sign == "competitor":
            rows = rows.assign(rival=last_rival(book, cutoff, rows.index))
        found.append(rows.assign(sign=sign, since=since).rename_axis("account_id").reset_index())
    first = ["account_id", "sign", "strength", "severity", "since", "fact", "looked"]
    if not found:
        return pd.DataFrame({name: [] for name in first}).astype(
            {"since": "datetime64[us]", "fact": bool, "looked": int}
        )
    out = pd.concat(found, ignore_index=True)
    out["severity"] = np.where(out["strength"] >= ACT, "act", "watch")
    out = out[first + [c for c in out.columns if c not in first]]
    return out.sort_values(
        ["strength", "account_id"], ascending=[False, True], kind="stable", ignore_index=True
    )


def active_accounts(book: Book, cutoff: pd.Timestamp) -> pd.Index:
    """List the accounts that bought on two days at least by the cut-off, the last time in the 365 days to it.

    One that bought once is not yet an account that could leave.
    """
    when, codes = book.days["date"].to_numpy(dtype="datetime64[us]"), book.account_codes("days")
    bought = book.days["bought"].to_numpy(dtype=bool) & (when <= np.datetime64(cutoff)) & (codes >= 0)
    lately = bought & (when > np.datetime64(cutoff - pd.Timedelta(days=purchases.ACTIVE_DAYS)))
    size = len(book.accounts.index)
    both = (np.bincount(codes[bought], minlength=size) > 1) & (np.bincount(codes[lately], minlength=size) > 0)
    return book.accounts.index[both]


def read_signs(book: Book, cutoff: pd.Timestamp) -> Signs:
    """Read every sign, of all accounts.

    Returns
    -------
    dict
        By sign, in the order of SIGNS: strength, p_value (how often an account that goes on as before would
        show as much; missing where its past is too short), fact (what is raised is a fact of contract or
        word, without a test) and the sign's own figures, index account_id; None where its tables are
        missing.
    """
    if cutoff != book.seen_to:
        return _read(book, cutoff)
    kept = book.computed.setdefault("signs", {})  # of the present, for which several topics ask
    if cutoff not in kept:
        kept[cutoff] = _read(book, cutoff)
    signs: Signs = kept[cutoff]
    return signs


def _read(book: Book, cutoff: pd.Timestamp) -> Signs:
    habit = habit_test(book, cutoff)
    silence = _silence(book, cutoff, habit)
    found: Signs = {"order_rhythm": _order_rhythm(habit, silence), "silence": silence}
    found |= {sign: read(book, cutoff) for sign, read in _READERS.items()}
    return {sign: found[sign] for sign in SIGNS}


def could_show(book: Book, signs: Signs) -> dict[str, np.ndarray]:
    """Tell of which accounts a sign could have shown: one without a habit is never late.

    Returns
    -------
    dict
        A mask (accounts,), in the order of ``book.accounts``, for every sign that was read.
    """
    return {
        sign: features_at.members(book, read.index[read["p_value"].notna() | (read["strength"] > 0)])[:-1]
        for sign, read in signs.items()
        if read is not None
    }


def _order_rhythm(habit: pd.DataFrame | None, silence: pd.DataFrame | None) -> pd.DataFrame | None:
    """usual (mean of its gaps, days), recent (of the last four and of the open one, once that is longer),
    closed (of the last four alone), open_gap, last_order.

    Raised when recent gaps are half as long again as the usual ones, or the open one twice, and chance would
    rarely do it; the smaller p-value counts twice, for two looks. Not of an account that has plainly stopped.
    """
    if habit is None or silence is None:
        return None
    ratio, open_ratio = habit["ratio"], habit["open_ratio"]
    p_value = 2 * np.minimum(habit["p_value"], habit["open_p_value"]).clip(upper=0.5)
    slow = np.where(2 * habit["p_value"] < SIGNIFICANCE, np.interp(ratio, [SLOW, 2, 3], [0.4, 0.7, 1.0]), 0.0)
    late = np.where(
        2 * habit["open_p_value"] < SIGNIFICANCE, np.interp(open_ratio, [2, 3, 5], [0.4, 0.7, 1.0]), 0.0
    )
    strength = np.maximum(np.where(ratio >= SLOW, slow, 0.0), np.where(open_ratio >= 2, late, 0.0))
    stopped = habit.index.isin(silence.index[silence["strength"] > 0])
    out = habit.assign(strength=np.where(stopped, 0.0, strength), fact=False)
    out["p_value"] = np.where(stopped, np.nan, p_value)
    return out[["strength", "p_value", "fact", "usual", "recent", "closed", "open_gap", "last_order"]]


def _silence(book: Book, cutoff: pd.Timestamp, habit: pd.DataFrame | None) -> pd.DataFrame | None:
    """usual, open_gap, last_order as above; raised for an account that has plainly stopped.

    That is half a year and three usual gaps without an order, which a slow buyer meets by chance now and
    then: so the model of purchases must leave it less than STILL_BUYS that it still buys (told as a fact), or
    its own gaps must hardly leave room for so long a one. Accounts with too few gaps for a habit of their own
    are compared with the gap of ``buying_rhythm``.
    """
    names = ["usual", "open_gap", "last_order", "open_ratio", "p_value"]
    own = pd.DataFrame(columns=names)
    if habit is not None:
        own = habit.drop(columns="p_value").rename(columns={"open_p_value": "p_value"})[names]
    rhythm = rhythm_at(book, cutoff)
    few = rhythm[(rhythm["buys"] > 1) & ~rhythm.index.isin(own.index)]
    # gaps as of a buyer at random whose rate the few purchases tell
    drawn = few["silent"] / few["drawn_gap"].clip(lower=1.0)
    chance = (1 + drawn / few["buys"]) ** -few["buys"]
    few = few[["gap", "silent", "last", "lateness"]].assign(chance=chance).set_axis(names, axis=1)
    parts = [part for part in (own, few) if len(part)]
    if not parts:
        return None
    out = pd.concat(parts)
    still = purchase_model(book, cutoff).alive.reindex(out.index)
    silent = (out["open_gap"] >= STOPPED_DAYS) & (out["open_ratio"] >= STOPPED_GAPS)
    out["fact"] = silent & (still < STILL_BUYS)
    strength = np.interp(out["open_ratio"].astype(float), [3, 6], [0.6, 1.0])
    raised = out["fact"] | (silent & (out["p_value"].astype(float) < SIGNIFICANCE))
    out["strength"] = np.where(raised, strength, 0.0)
    return out[["strength", "p_value", "fact", "usual", "open_gap", "last_order"]]


def _payment(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """bills_overdue, overdue (amount), oldest (days), days_late and days_late_before as in
    ``features_at.payments``, rise (their difference, where it weighs more than the age of what is overdue).

    Raised when invoices are paid 15 days later than before, 15 days late at least, and its own months differ
    so much by chance only rarely; or, as a fact, when what is overdue (a tenth of the open sum or more, and
    MATERIAL of the year's purchases) is older than 30 days. All paid up since: it has passed.
    """
    seen = features_at.payments(book, cutoff)
    if seen is None:
        return None
    rise = (seen["days_late"] - seen["days_late_before"]).where(seen["days_late"] >= 15)
    seen["p_value"] = _paid_later(book, cutoff)
    slips = (rise >= 15) & (seen["p_value"] < SIGNIFICANCE)
    slip = np.where(slips, np.interp(rise.fillna(0.0), [15, 30, 60], [0.4, 0.8, 1.0]), 0.0)
    bought = purchases.revenue_to(book, cutoff).fillna(0.0)
    heavy = (seen["oldest"] > 30) & (seen["overdue_share"] >= 0.1) & (seen["overdue"] >= MATERIAL * bought)
    old = np.where(heavy, np.interp(seen["oldest"], [30, 60, 120], [0.3, 0.6, 1.0]), 0.0)
    still = seen["bills_overdue"] > 0  # all paid up since: it has passed
    seen["strength"] = np.where(still, np.maximum(slip, old), 0.0)
    seen["rise"] = rise.where(slip > old)
    seen["fact"] = still & (old > 0) & (old >= slip)
    evidence = ["bills_overdue", "overdue", "oldest", "days_late", "days_late_before", "rise"]
    return seen[["strength", "p_value", "fact", *evidence]]


def _paid_later(book: Book, cutoff: pd.Timestamp) -> np.ndarray:
    """How often each account's months of the last 180 days differ so much from those of the 365 before by
    chance, in how late the bills that fell due were paid (t-test, variance moderated). An account pays its
    bills in runs, so that a month of them is one observation.
    """
    size = len(book.accounts.index)
    rows = features_at.rows_until(book, "receivables", "invoice_date", cutoff, needed=("due_date", "amount"))
    if rows is None or not book.has("receivables", "paid_date"):
        return np.full(size, np.nan)
    due = rows.date("due_date")
    days = bills_on(book, cutoff)["days_late"].to_numpy(dtype=float)[rows.places]
    used = (rows.number("amount") > 0) & ~np.isnan(days) & features_at.within(due, cutoff, 545)
    months = pd.DataFrame(
        {
            "code": rows.codes[used],
            "now": features_at.within(due, cutoff, 180)[used],
            "month": due[used].astype("datetime64[M]"),
            "days": days[used],
        }
    )
    months = months.groupby(["code", "now", "month"], as_index=False)["days"].mean()
    by = months.groupby(["now", "code"])["days"].agg(["size", "mean", "var"])
    now, before = (
        (by.loc[which] if which in by.index else by.droplevel(0).iloc[:0]).reindex(range(size))
        for which in (True, False)
    )
    number, earlier = now["size"].fillna(0), before["size"].fillna(0)
    df = (number - 1).clip(lower=0) + (earlier - 1).clip(lower=0)
    squares = now["var"].fillna(0) * (number - 1).clip(lower=0) + before["var"].fillna(0) * (
        earlier - 1
    ).clip(lower=0)
    own = (squares / df.where(df > 0)).clip(lower=MIN_SPREAD_OF_PAYMENT**2)
    variance, df = moderated_variance(own, df)
    return t_tail(now["mean"] - before["mean"], variance, df, number, earlier)


def _complaints(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """complaints, complaints_before, open_complaints, past_due as in ``features_at.tickets``, quiet_days
    (since the last complaint), silenced (1: they stopped although some are past due).

    Raised from three complaints in 180 days on, when its own rate before and the rates of customers do not
    explain them. While it complains it still hopes; one that falls silent with complaints unsettled has given
    up (Hirschman 1970), so silence weighs most. That one is past due is a fact, and told as one.
    """
    seen = features_at.tickets(book, cutoff)
    if seen is None or seen["complaints"].isna().all():
        return None
    rows = features_at.rows_until(book, "tickets", "opened", cutoff)
    assert rows is not None  # the table was read
    end = cutoff - pd.Timedelta(days=180)
    earlier = rows.count(rows.equals("kind", "complaint") & (rows.date("opened") <= np.datetime64(end)))
    span = _days_before(book, end, rows.first) / 180
    expected, p_value = count_tail(seen["complaints"], earlier, span)
    seen["p_value"] = np.where(span > 0, p_value, np.nan)
    many = (seen["complaints"] >= 3) & (seen["p_value"] < SIGNIFICANCE)
    base = np.interp(seen["complaints"] - expected, [2, 4, 8, 16], [0.2, 0.35, 0.5, 0.6])
    seen["quiet_days"] = (cutoff - seen["last_complaint"]).dt.days.astype("float64")
    gap = 180 / seen["complaints"].clip(lower=1)
    due = seen["past_due"].fillna(seen["open_complaints"]) > 0
    silenced = many & due & (seen["quiet_days"] >= np.maximum(30, 2 * gap))
    seen["silenced"] = silenced.astype(float)
    seen["strength"] = np.where(many, base + 0.1 * due + 0.3 * silenced, 0.0).clip(0, 1)
    seen["fact"] = many & (seen["past_due"] > 0)
    evidence = ["complaints", "complaints_before", "open_complaints", "past_due", "quiet_days", "silenced"]
    return seen[["strength", "p_value", "fact", *evidence]]


def _days_before(book: Book, end: pd.Timestamp, first: pd.Timestamp, most: int | None = None) -> np.ndarray:
    """Days up to ``end`` (``most`` at most) in which each account was a customer and a log that begins on
    ``first`` was kept; 0 for those that came later.
    """
    codes, day = book.account_codes("days"), book.days["date"].to_numpy(dtype="datetime64[D]").astype("int64")
    last = int(np.datetime64(end, "D").astype("int64"))
    start = np.full(len(book.accounts.index) + 1, last)
    np.minimum.at(start, codes, day)
    start = np.maximum(start[:-1], int(np.datetime64(first, "D").astype("int64")))
    return np.clip(last - start, 0, most).astype(float)


def _contact_lost(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """days_unvisited, visit_gap (its usual days between visits in the year to the last one) and visit_gaps
    (their number), last_visit, gone (contacts that have left, known for the present only), top_gone (1: of
    the image or decision layer, with nobody left there).

    Raised when nobody was met for 60 days and for more usual gaps than chance leaves empty; how many these
    are, its own visits tell (4.6 of very many, 11 of three). That a contact has left is a fact: two usual
    gaps without a visit are then enough, and somebody of the upper layers who left is a sign by itself.
    """
    people, met = features_at.contacts(book, cutoff), features_at.visits(book, cutoff)
    if people is None and met is None:
        return None
    names = {"days_since": "days_unvisited", "usual_gap": "visit_gap", "last": "last_visit"}
    out = pd.DataFrame(index=book.accounts.index) if met is None else met.rename(columns=names)
    out = out.reindex(columns=list(names.values()))
    out["gone"] = np.nan if people is None else people["gone"]
    out["top_gone"] = 0.0 if people is None else people["top_layer_gone"].astype(float)
    times = out["days_unvisited"] / out["visit_gap"].clip(lower=1.0)
    out["visit_gaps"] = gaps = (
        pd.Series(np.nan, index=out.index) if met is None else met["gaps"].astype(float)
    )
    out["p_value"] = (1 + times / gaps) ** -gaps  # visits at random, their rate told by so many gaps
    needed = np.where(out["gone"] > 0, VISIT_GAPS_GONE, visit_gaps(gaps))
    unmet = (out["days_unvisited"] >= UNVISITED) & (times >= needed)
    strength = np.where(unmet, np.interp(times / needed, [1, 2], [0.4, 0.7]), 0.0)
    out["strength"] = np.clip(strength + np.where(out["top_gone"] > 0, 0.3, 0.0), 0.0, 1.0)
    out["fact"] = (out["top_gone"] > 0) | (unmet & (out["gone"] > 0))
    evidence = ["days_unvisited", "visit_gap", "visit_gaps", "last_visit", "gone", "top_gone"]
    return out[["strength", "p_value", "fact", *evidence]]


def _competitor(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """lost_deals (365 days), last_loss, rival (the name in the last one, in ``raised_signs`` only),
    rival_share and our wallet_share (for the present only), categories and categories_before as in
    ``purchases.breadth_by_quarter``. Fewer orders alone bring fewer categories, so those bought are compared
    with the number that as many orders would have brought before.

    Raised when more deals are lost to a named competitor than in the year before, and chance would rarely
    bring as much of three things together, see ``_outdone``. Fewer categories, and a rival that holds half
    and more than we, add to the strength.
    """
    seen = features_at.competition(book, cutoff)
    if seen is None or seen["lost_deals"].isna().all():
        return None
    seen = seen.join(purchases.breadth_by_quarter(book, cutoff)).rename(columns={"last": "last_loss"})
    worse = seen["lost_deals"] - seen["lost_before"].fillna(0.0).clip(upper=seen["lost_deals"] / 2)
    shrunk = (1 - seen["categories"] / seen["expected"]).where(seen["categories_before"] >= 2).fillna(0.0)
    rival = (seen["rival_share"] >= 0.5) & (seen["rival_share"] > seen["wallet_share"].fillna(0.0))
    strength = (
        np.interp(worse, [0, 1, 2, 4], [0.0, 0.25, 0.5, 0.7])
        + np.interp(shrunk, [0.2, 0.5], [0.0, 0.3])
        + 0.2 * rival
    )
    seen["p_value"] = _outdone(book, cutoff, seen["rival_share"])
    shows = (worse >= 1) & (strength >= 0.4) & (seen["p_value"] < SIGNIFICANCE)
    seen["strength"], seen["fact"] = np.where(shows, strength.clip(0, 1), 0.0), False
    evidence = ["lost_deals", "last_loss", "rival_share", "wallet_share", "categories", "categories_before"]
    return seen[["strength", "p_value", "fact", *evidence]]


def _outdone(book: Book, cutoff: pd.Timestamp, rival_share: pd.Series) -> np.ndarray:
    """How often chance brings as much of three things together: deals lost to a competitor in the last
    FRESH_LOSS days (an older loss tells nothing new), against the account's own rate before and the rates of
    all; fewer categories in as many orders as now; and the strongest rival's share, by its place among the
    accounts where one is known. 1 without such a loss, missing for an account that was not there before.

    An account where a rival is strong may also have lost more deals always; by as much as the two go together
    at this client, they count for less (``joint_tail``).
    """
    rows = features_at.rows_until(book, "opportunities", "closed", cutoff, needed=("competitor",))
    assert rows is not None  # deals were read
    lost, closed = lost_deals(book, cutoff)[rows.places], rows.date("closed")
    recent = cutoff - pd.Timedelta(days=FRESH_LOSS)
    fresh = np.asarray(rows.count(lost & (closed > np.datetime64(recent)))).astype(int)
    earlier = np.asarray(rows.count(lost & (closed <= np.datetime64(recent))), dtype=float)
    span = _days_before(book, recent, rows.first) / FRESH_LOSS
    here = features_at.members(book, active_accounts(book, cutoff))[:-1]
    known = rival_share.where(here)
    rank = (known.rank(ascending=False, method="max") / known.notna().sum()).to_numpy()
    deals = pd.Series(count_tail(fresh, earlier, span)[1], index=known.index)
    both = known.notna() & (span > 0)
    alike = (-deals[both]).corr(known[both], method="spearman") if both.sum() > 2 else 0.0
    p_value = np.where(span > 0, 1.0, np.nan)
    codes = np.flatnonzero((fresh > 0) & (span > 0))
    if len(codes):
        chances = count_chances(earlier, span, int(fresh.max()) + MORE_LOSSES)[codes]
        now, before = purchases.category_counts(book, cutoff, codes)
        kinds = now.shape[1]
        fewer = kinds_chances(now, before)[:, ::-1], kinds - (now > 0).sum(axis=1)
        p_value[codes] = joint_tail([(chances, fresh[codes]), fewer], rank[codes], np.nan_to_num(alike))
    return p_value


def _delivery(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """on_time, on_time_before, orders, badly_late as in ``features_at.deliveries``.

    Raised when the on-time share of four orders or more fell by 15 points, its own earlier share would rarely
    leave as many late, or as many more than three days late (the smaller p-value counts twice), and one
    turned so late in the last 90 days.
    """
    seen = features_at.deliveries(book, cutoff)
    if seen is None:
        return None
    fell = seen["on_time_before"] - seen["on_time"]
    tails = [
        share_tail((late * seen["orders"]).round(), seen["orders"], before.round(), seen["orders_before"])
        for late, before in (
            (1 - seen["on_time"], (1 - seen["on_time_before"]) * seen["orders_before"]),
            (seen["badly_late"], seen["badly_late_before"] * seen["orders_before"]),
        )
    ]
    seen["p_value"] = 2 * np.minimum(*tails).clip(max=0.5)
    shows = (
        (fell >= 0.15) & (seen["orders"] >= 4) & (seen["p_value"] < SIGNIFICANCE) & seen["badly_late_lately"]
    )
    strength = np.interp(fell.fillna(0.0), [0.15, 0.3, 0.5], [0.4, 0.7, 1.0])
    seen["strength"], seen["fact"] = np.where(shows, strength, 0.0), False
    return seen[["strength", "p_value", "fact", "on_time", "on_time_before", "orders", "badly_late"]]


def _satisfaction_gap(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """score and score_before (0 to 1), last_survey, bought (purchases of the last 182 days), bought_before
    (of the same days a year before).

    Raised when the latest score lies FALL below its own mean before, further than its own scores differ by
    chance (t-test, variance moderated), while purchases hold (four fifths or more of those a year before or
    of the half-year before, or at least fell by less than the score): sales do not show yet what the survey
    says.
    """
    seen = features_at.surveys(book, cutoff)
    if seen is None:
        return None
    seen = seen.rename(columns={"last": "last_survey"})
    seen["bought"] = purchases.revenue_to(book, cutoff, 182).fillna(0.0)
    seen["bought_before"] = purchases.revenue_to(book, cutoff, 182, ended=364)
    least = np.fmin(seen["bought_before"], purchases.revenue_to(book, cutoff, 182, ended=182))
    fall = seen["score_before"] - seen["score"]
    kept = np.minimum(0.8, seen["score"] / seen["score_before"]) * least
    holds = ~(seen["bought"] < kept) & (seen["bought"] > 0)
    fresh = (cutoff - seen["last_survey"]).dt.days <= FRESH_SURVEY
    strength = np.interp(fall.fillna(0.0), [FALL, 2 * FALL, 3 * FALL], [0.5, 0.8, 1.0])
    earlier = seen["scored"] - 1
    own = seen["variance_before"].clip(lower=MIN_SPREAD_OF_SCORES**2)
    variance, df = moderated_variance(own, (earlier - 1).clip(lower=0))
    seen["p_value"] = t_tail(fall, variance, df, np.ones(len(seen)), earlier)
    shows = (fall >= FALL - 1e-9) & holds & fresh & (seen["p_value"] < SIGNIFICANCE)
    seen["strength"], seen["fact"] = np.where(shows, strength, 0.0), False
    evidence = ["score", "score_before", "last_survey", "bought", "bought_before"]
    return seen[["strength", "p_value", "fact", *evidence]]


_READERS: dict[str, Callable[[Book, pd.Timestamp], pd.DataFrame | None]] = {
    "payment": _payment,
    "complaints": _complaints,
    "contact_lost": _contact_lost,
    "competitor": _competitor,
    "delivery": _delivery,
    "satisfaction_gap": _satisfaction_gap,
}
