"""Step 4: a month of visits, thinking styles."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.teaching.answers import Part
from kamplay.teaching.keys.made import Made, key_of, makes
from kamplay.teaching.keys.source import Source, pick

# visits a month: branch, head office
NORMS = {"core": (2, 2), "senior": (2, 1), "middle": (1, 1), "general": (1, 0.5)}
QUOTES = ("facts", "order", "people", "vision", "facts", "people", "order", "vision")


@makes("4a")
def a_month_of_visits(source: Source) -> Made:
    """Visits by norm within what the team can do: only without those that get none is there room."""
    rng, figures = source.rng("4a"), source.figures
    if source.planted is None:
        return _own_visits(source)
    skinner, once = source.planted["skinner"]["account_id"], source.planted["one_off"]["account_id"]
    taken = {
        c["account_id"]
        for k, c in source.planted.items()
        if k in ("skinner", "one_off", "small_but_strong", "profit_destroyer")
    }
    fit = [
        str(a)
        for a in figures.index
        if a not in taken and figures.loc[a, "margin_share"] >= 8 and figures.loc[a, "orders_3_years"] >= 4
    ]
    third = max(4, len(fit) // 4)
    levels: dict[str, str] = {}
    for n, level in enumerate(NORMS):
        pool = fit[n * third : (n + 1) * third] if n < 3 else fit[3 * third :]
        one, *others = pick(rng, pool, len(pool))
        other = next(a for a in others if figures.loc[a, "revenue"] != figures.loc[one, "revenue"])
        levels |= {one: level, other: level}  # of different size, as the larger goes first
    keepers = list(levels)
    stopped = sorted(set(source.lines["account_id"]) - set(source.year["account_id"]))
    gone = stopped[int(rng.integers(len(stopped)))]
    levels |= {skinner: "core", once: "senior", gone: "middle"}
    chosen = [list(levels)[int(i)] for i in rng.permutation(len(levels))]
    last = source.lines[source.lines["amount"] > 0].groupby("account_id")["date"].max()
    orders = source.lines[source.lines["amount"] > 0].groupby("account_id")["order_id"].nunique()
    frame = pd.DataFrame(
        {
            "level": [levels[a] for a in chosen],
            "revenue": [float(figures["revenue"].get(a, 0.0)) for a in chosen],
            "margin_share": [figures["margin_share"].get(a, np.nan) for a in chosen],
            "orders_3_years": [int(orders[a]) for a in chosen],
            "last_order": [last[a] for a in chosen],
        },
        index=chosen,
    )
    queue = sorted(keepers, key=lambda a: (list(NORMS).index(levels[a]), -frame.loc[a, "revenue"]))
    queued = queue[: len(queue) - int(rng.integers(1, 4))]  # for one to three there is no room
    right = {a: NORMS[levels[a]] if a in queued else (0, 0) for a in chosen}
    branch, head = sum(right[a][0] for a in chosen), sum(right[a][1] for a in chosen)
    norms = [NORMS[levels[a]] for a in chosen]
    parts = [Part(a, "visits") for a in chosen]
    accepted = {a: (f"{right[a][0]:g}/{right[a][1]:g}",) for a in chosen}
    mistakes = {
        a: {"{:g}/{:g}".format(*NORMS[levels[a]]): "no_room" if a in keepers else "no_visit"}
        for a in chosen
        if a not in queued
    }
    facts = {"branch": f"{branch:g}", "head": f"{head:g}", "as_of": source.as_of}
    solution = {
        "dropped": [skinner, once, gone],
        "short": [a for a in queue if a not in queued],
        "skinner": skinner,
        "once": once,
        "gone": gone,
        "branch": f"{branch:g}",
        "head": f"{head:g}",
        "norm_branch": f"{sum(b for b, _ in norms):g}",
        "norm_head": f"{sum(h for _, h in norms):g}",
    }
    best = {a: list(right[a]) for a in chosen}
    return Made({"accounts": source.named(frame)}, key_of(parts, accepted, mistakes), facts, solution, best)


def _own_visits(source: Source) -> Made:
    """The largest accounts of a class's own with room for three quarters of their norms: to argue about."""
    order = ("core",) * 2 + ("senior",) * 3 + ("middle",) * 3 + ("general",) * 4
    chosen = [str(a) for a in source.revenue.index[: len(order)]]
    columns = [c for c in ("revenue", "margin_share", "orders_3_years") if c in source.figures]
    frame = source.figures.loc[chosen, columns]
    frame.insert(0, "level", order[: len(chosen)])
    frame["last_order"] = source.lines[source.lines["amount"] > 0].groupby("account_id")["date"].max()
    branch, head = (sum(NORMS[level][i] for level in frame["level"]) for i in (0, 1))
    facts = {"branch": f"{int(0.75 * branch)}", "head": f"{int(0.75 * head)}", "as_of": source.as_of}
    return Made({"accounts": source.named(frame)}, None, facts)


@makes("4b")
def thinking_styles(source: Source) -> Made:
    """Eight remarks of customers, the style that speaks in each."""
    order = [int(i) for i in source.rng("4b").permutation(len(QUOTES))]
    frame = pd.DataFrame(
        {"number": [str(n) for n in range(1, len(order) + 1)], "remark": [f"quote_{i}" for i in order]}
    )
    parts = [Part(str(n), "word", words="styles") for n in range(1, len(order) + 1)]
    right = {str(n): QUOTES[i] for n, i in enumerate(order, start=1)}
    return Made(
        {"remarks": frame}, key_of(parts, {n: (s,) for n, s in right.items()}), {}, {"right": right}, right
    )
