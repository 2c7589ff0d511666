"""Signs that an account may leave: planted ones are found, usual events and mere chance raise none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, steady_lines

from kamplay.method.health.early_warning import variant
from kamplay.method.health.priority_list import choose_accounts
from kamplay.method.measures import warning_signs
from kamplay.method.measures.sign_onset import episode
from kamplay.method.measures.warning_signs import strongest_sign
from kamplay.method.plan.next_action import signs_of


def test_the_planted_reason_is_the_strongest(medtech_book, medtech_answers):
    wide = warning_signs.signs_at(medtech_book, pd.Timestamp(medtech_book.as_of))
    hits = [
        wide.loc[c["account_id"]].idxmax() == c["reason"]
        for c in medtech_answers["churners"]
        if wide.loc[c["account_id"]].max() > 0
    ]
    assert sum(hits) >= 12  # of 14
    active = warning_signs.active_accounts(medtech_book, pd.Timestamp(medtech_book.as_of))
    rank = warning_signs.combined_strength(wide.loc[active]).rank(ascending=False, method="min")
    assert sum(rank[c["account_id"]] <= len(active) / 10 for c in medtech_answers["churners"]) >= 12


def test_nothing_after_the_day_is_read(medtech_book):
    """A past day reads the same when everything after it is struck from the tables."""
    day = pd.Timestamp("2025-09-30")
    dates = {"receivables": "invoice_date", "deliveries": "promised_date", "tickets": "opened"}
    dates |= {"surveys": "date", "visits": "date", "opportunities": "closed"}
    ends = {"receivables": "paid_date", "deliveries": "delivered_date", "tickets": "closed"}
    tables = dict(medtech_book.tables)
    for name, column in dates.items():
        rows = tables[name][tables[name][column] <= day]
        tables[name] = (
            rows.assign(**{ends[name]: rows[ends[name]].where(rows[ends[name]] <= day)})
            if name in ends
            else rows
        )
    tables.pop("contacts"), tables.pop("wallet")  # undated: open for the present only
    ended = medtech_book.monthly["month_end"] <= day
    buckets = medtech_book.monthly.loc[ended, "bucket"].min()
    cut = replace(
        medtech_book,
        tables=tables,
        days=medtech_book.days[medtech_book.days["date"] <= day],
        baskets=medtech_book.baskets[medtech_book.baskets["bucket"] >= buckets],
    )
    whole = warning_signs.signs_at(medtech_book, day)
    pd.testing.assert_frame_equal(whole, warning_signs.signs_at(cut, day)[whole.columns])
    assert (whole > 0).any().sum() >= 6


def test_a_steady_buyer_is_not_late_and_one_that_slows_is():
    usual = pd.concat(
        [steady_lines(20, "2025-12-28", account="a"), steady_lines(20, "2025-08-01", account="b")]
    )
    slow = lines_of(*[("b", d, 100.0) for d in ("2025-09-10", "2025-10-20", "2025-11-30")])
    wide = warning_signs.signs_at(book_of(pd.concat([usual, slow])), AS_OF)
    assert wide.loc["a", "order_rhythm"] == 0
    assert wide.loc["b", "order_rhythm"] > 0
    assert wide["payment"].isna().all()  # without the table


@pytest.mark.parametrize(
    ("gaps", "open_gap", "since", "form", "closed"),
    [
        # one gap of 25 days in between, after which it bought as before: only the present silence counts
        ([25, 10, 10, 10, 10], 60, "2025-11-21", "order_rhythm_silent", 10),
        ([30, 30, 30], 30, "2025-09-22", "order_rhythm_open", 25),  # 20 days after 2 September
        ([30, 30, 12, 30], 8, "2025-10-02", "order_rhythm", 25.5),  # 20 days after 12 September
    ],
)
def test_orders_are_late_since_they_came_no_longer_as_before(gaps, open_gap, since, form, closed):
    """An order every ten days, then these gaps, the last order so many days ago; b goes on as before."""
    ago = [open_gap + sum(gaps[k:]) for k in range(1, len(gaps) + 1)]
    days = [str((AS_OF - pd.Timedelta(days=back)).date()) for back in [open_gap + sum(gaps), *ago]]
    late = pd.concat([steady_lines(10, days[0]), lines_of(*[("a", day, 100.0) for day in days[1:]])])
    book = book_of(pd.concat([late, steady_lines(10, "2025-12-28", account="b")]))
    raised = warning_signs.raised_signs(book, AS_OF)
    assert raised[["account_id", "sign"]].to_numpy().tolist() == [["a", "order_rhythm"]]
    row = raised.iloc[0]
    assert (row["usual"], row["closed"], row["open_gap"]) == (10, closed, open_gap)
    assert (str(row["since"].date()), variant(row)) == (since, form)


def test_a_stopped_account_is_silent_and_not_late():
    wide = warning_signs.signs_at(book_of(steady_lines(20, "2025-05-01")), AS_OF)
    assert wide.loc["a", "silence"] == 1.0
    assert wide.loc["a", "order_rhythm"] == 0
    assert warning_signs.combined_strength(wide).loc["a"] == 0


def test_the_last_run_of_events_counts():
    days = pd.to_datetime(["2024-01-01", "2025-06-01", "2025-07-01", "2025-08-01"])
    events = pd.DataFrame({"account_id": ["a"] * 4, "date": days})
    assert episode(events).loc["a"] == days[1]
    assert episode(events, nth=3).loc["a"] == days[3]
    assert episode(events, nth=4).empty


def test_complaints_that_are_usual_for_the_account_are_no_sign():
    days = pd.date_range("2024-06-01", "2025-12-20", freq="14D").astype("datetime64[us]")
    tickets = pd.DataFrame(
        {
            "account_id": "a",
            "opened": days,
            "closed": days + pd.Timedelta(days=2),
            "kind": "complaint",
            "due": days,
        }
    )
    book = book_of(
        pd.concat([steady_lines(20, "2025-12-20"), steady_lines(20, "2025-12-20", account="b")]),
        tickets=tickets,
    )
    assert warning_signs.signs_at(book, AS_OF).loc["a", "complaints"] == 0
    late = book_of(
        steady_lines(20, "2025-12-20"),
        tickets=pd.concat([tickets.head(1), tickets[tickets["opened"] > "2025-09-20"]]),
    )
    assert warning_signs.signs_at(late, AS_OF).loc["a", "complaints"] > 0


def test_accounts_that_come_later_change_no_sign_of_before():
    """Neither the number of accounts that come later, nor the scale of later surveys, moves what was seen on
    a day.
    """
    cut = pd.Timestamp("2025-06-30")
    days = pd.DatetimeIndex(
        [
            *pd.date_range("2024-07-10", periods=3, freq="50D"),
            *pd.date_range("2025-01-10", periods=5, freq="30D"),
        ]
    )
    tickets = pd.DataFrame(
        {"account_id": list("bbbaaaaa"), "opened": days, "closed": days, "kind": "complaint"}
    )
    asked = ["2023-06-01", "2023-09-01", "2023-12-01", "2024-03-01", "2024-06-01", "2025-05-01"]
    surveys = pd.DataFrame(
        {"account_id": "a", "date": pd.to_datetime(asked), "score": [5.0, 4.9, 5.0, 5.0, 4.9, 4.0]}
    )
    early = pd.concat([steady_lines(20, "2025-12-20", account=a) for a in "abc"])
    later = pd.concat(
        [early, *(lines_of((f"n{i}", "2025-11-01", 5.0), (f"n{i}", "2025-12-01", 5.0)) for i in range(30))]
    )
    ten = pd.concat(
        [surveys, pd.DataFrame({"account_id": ["n1"], "date": [pd.Timestamp("2025-11-01")], "score": [10.0]})]
    )
    one, two = (
        warning_signs.signs_at(book_of(x, tickets=tickets, surveys=s), cut)
        for x, s in ((early, surveys), (later, ten))
    )
    assert one.loc["a", "complaints"] > 0 and one.loc["a", "satisfaction_gap"] > 0
    pd.testing.assert_frame_equal(one, two.loc[one.index])


def test_deals_without_a_column_of_accounts_are_nobodys():
    deals = pd.DataFrame(
        {"opportunity_id": ["1"], "closed": [AS_OF], "result": ["lost"], "competitor": ["X"]}
    )
    assert "competitor" not in set(
        warning_signs.raised_signs(book_of(steady_lines(20, "2025-12-20"), opportunities=deals), AS_OF)[
            "sign"
        ]
    )


def test_of_two_equally_strong_signs_everyone_names_the_same():
    """List and plan name payment, which stands before complaints, in whatever order the signs come."""
    tie = [("a", "complaints", 0.8), ("a", "payment", 0.8), ("a", "delivery", 0.7), ("b", "competitor", 0.9)]
    for rows in (tie, tie[::-1]):
        raised = pd.DataFrame(rows, columns=["account_id", "sign", "strength"])
        raised = raised.assign(severity="act", since=AS_OF, revenue=5.0, overall=0.9)
        assert strongest_sign(raised)["sign"].to_dict() == {"a": "payment", "b": "competitor"}
        assert strongest_sign(raised, 2)["sign"].to_dict() == {"a": "complaints"}
        assert signs_of(raised).loc["a", "sign"] == "payment"
        names = ["revenue", "probability", "at_risk", "low", "high", "health", "health_band", "driver"]
        listed = choose_accounts(pd.DataFrame([[5.0, 0.5, 2.5, *[None] * 5]], ["a"], names), raised)
        assert listed.loc["a", ["sign", "more"]].tolist() == ["payment", "complaints"]


def test_combined_strength_is_one_less_the_product():
    wide = pd.DataFrame({s: [0.0] for s in warning_signs.SIGNS}).assign(
        payment=0.5, delivery=0.4, silence=1.0, complaints=np.nan
    )
    assert warning_signs.combined_strength(wide).iloc[0] == pytest.approx(0.7)


def looked_at(p_values, strength=0.8, fact=False):
    """Accounts whose sign shows below 1 in 100."""
    p_values = np.asarray(p_values, dtype=float)
    shows = np.where(p_values < warning_signs.SIGNIFICANCE, strength, 0.0)
    return pd.DataFrame({"strength": shows, "p_value": p_values, "fact": fact})


def told(**signs):
    read = {sign: looked_at(p_values) for sign, p_values in signs.items()}
    said = warning_signs.tell(read, pd.RangeIndex(len(next(iter(read.values())))))
    return {sign: list(accounts) for sign, accounts in said.items()}


def test_a_sign_that_chance_gives_some_of_many_is_not_told():
    """Of 200 accounts two below 1 in 100 are what chance gives, and of eight a quarter may be chance; one at
    1 in 10,000 stays after 200 looks (0.1 × 1 / 200), and 25 below 1 in 100 all do (0.1 × 25 / 200).
    """
    even = np.linspace(0.02, 1, 200)
    two, one, eight, many = even.copy(), even.copy(), even.copy(), even.copy()
    two[:2], one[0], eight[:8], many[:25] = 0.008, 0.0001, 0.008, 0.008
    assert told(payment=two) == {"payment": []}
    assert told(payment=one) == {"payment": [0]}
    assert told(payment=eight) == {"payment": []}
    assert told(payment=many) == {"payment": list(range(25))}


def test_signs_are_looks_too():
    """What stays alone, at .1 × 1 / 200, does not among seven signs of which the others show nothing; beside
    six that show something, each is held to .1 × 6 / 7 of it.
    """
    even = np.linspace(0.02, 1, 200)
    one, sure = even.copy(), even.copy()
    one[0], sure[0] = 0.0004, 0.00001
    others = [sign for sign in warning_signs.SIGNS if sign not in ("payment", "silence")]
    assert told(payment=one) == {"payment": [0]}
    assert told(payment=one, **dict.fromkeys(others, even))["payment"] == []
    assert told(payment=one, **dict.fromkeys(others, sure))["payment"] == [0]
    one[0] = 0.00048
    assert told(payment=one) == {"payment": [0]}
    assert told(payment=one, **dict.fromkeys(others[:-1], sure), **{others[-1]: even})["payment"] == []


def test_of_noise_any_sign_is_told_once_in_ten_clients():
    rng = np.random.default_rng(5)
    any_told = [
        any(told(**{sign: rng.random(150) for sign in warning_signs.SIGNS}).values()) for _ in range(400)
    ]
    assert 0.05 < np.mean(any_told) < 0.14


def test_a_fact_needs_no_test():
    fact = pd.DataFrame({"strength": [0.7, 0.0], "p_value": [np.nan, 0.5], "fact": [True, None]})
    assert list(warning_signs.tell({"payment": fact, "delivery": None}, fact.index)["payment"]) == [0]


def test_a_competitor_is_told_by_deals_categories_and_share_together():
    """Of 60 accounts that buy three categories in turn, a loses two deals lately, buys one category alone and
    has the strongest rival; b loses as many and nothing else, c loses none. What makes a's p-value least is
    all three together.
    """
    lines, deals, wallet = [], [], []
    names = [*"abc", *(f"n{k:02d}" for k in range(57))]
    for k, name in enumerate(names):
        for n, day in enumerate(pd.date_range("2024-07-05", "2025-12-25", freq="25D")):
            kind = "XYZ"[0 if name == "a" and day > pd.Timestamp("2025-09-30") else n % 3]
            lines.append((name, day, 100.0, kind))
        wallet.append((name, 4000.0, 0.7 if name == "a" else 0.1 + 0.004 * k))
    for name in ("a", "b"):
        deals += [(name, day, "lost", "Rival") for day in ("2025-10-10", "2025-11-20")]
    deals += [(name, "2024-09-15", "lost", "Rival") for name in names[10:14]]
    frame = pd.DataFrame(lines, columns=["account_id", "date", "amount", "category"])
    frame["order_id"] = [str(n) for n in range(len(frame))]
    table = pd.DataFrame(deals, columns=["account_id", "closed", "result", "competitor"])
    table = table.assign(closed=pd.to_datetime(table["closed"]), opened=pd.to_datetime(table["closed"]))
    shares = pd.DataFrame(wallet, columns=["account_id", "spend", "top_competitor_share"])
    both = book_of(frame, opportunities=table, wallet=shares)
    bare = book_of(frame.drop(columns="category"), opportunities=table)
    said, alone = (warning_signs.read_signs(book, AS_OF)["competitor"] for book in (both, bare))
    assert said.loc["a", "p_value"] < said.loc["b", "p_value"] / 3
    assert said.loc["a", "p_value"] < alone.loc["a", "p_value"] / 3
    assert alone.loc["a", "p_value"] == pytest.approx(alone.loc["b", "p_value"])
    assert said.loc["c", "p_value"] == 1.0 and said.loc["c", "strength"] == 0.0


def test_buyers_to_whom_nothing_happens_show_a_sign_once_in_a_hundred():
    """Stationary buyers, gamma gaps of shape 1 to 4: the test of each against its own few gaps holds its
    level, where a spread taken for known raised four in a hundred.
    """
    rng = np.random.default_rng(8)
    rows = []
    for number in range(500):
        gap, shape = rng.lognormal(3.4, 0.7), rng.choice([1.0, 2.0, 4.0])
        days = np.cumsum(rng.gamma(shape, gap / shape, int(2500 / gap) + 40))
        for day in np.unique(days[days < 1095].astype(int)):
            rows.append((f"N{number}", str((AS_OF - pd.Timedelta(days=int(day))).date()), 10.0))
    read = warning_signs.read_signs(book_of(lines_of(*rows)), AS_OF)["order_rhythm"]
    assert len(read) > 300
    assert 0 < (read["p_value"] < 0.01).mean() < 0.02
    assert len(warning_signs.tell({"order_rhythm": read}, read.index)["order_rhythm"]) < 5


def test_strengths_are_the_same_whoever_asked_first(medtech_book):
    """A day that the early warning has read is not read again for the churn model."""
    day = pd.Timestamp(medtech_book.as_of) - pd.Timedelta(days=200)
    asked, read = replace(medtech_book), replace(medtech_book)
    given = warning_signs.signs_at(read, day, signs=warning_signs.read_signs(read, day))
    pd.testing.assert_frame_equal(given, warning_signs.signs_at(asked, day))
    assert warning_signs.signs_at(read, day) is given
    assert not warning_signs.signs_at(read, day, told=True).equals(given)
