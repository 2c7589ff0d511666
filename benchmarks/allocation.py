"""How long the allocation of a quarter's visits takes, and how near to the best it comes: made accounts with
owners in 8 regions, 4 of the people at head office, a fifth of the norms' visits beyond what can be made.

Once with everybody's visits stated, once with hours and days out. ``allocate`` as a run takes it, with what
one more person would bring and each assumption halved and doubled; the first allocation alone beside it.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from kamplay.method.plan import allocation
from kamplay.method.plan.capacity import Person, Team, needs_of
from kamplay.presets import load_strategy

LEVELS = {"S": (0.1, 2.0, 2.0), "A": (0.25, 2.0, 1.0), "B": (0.65, 1.0, 1.0)}  # share, norms a month
REGIONS, HEAD_OFFICE, SHORT, SEED = 8, 4, 0.8, 1


def make(accounts: int, people: int, hours: bool) -> tuple[pd.DataFrame, Team]:
    """Accounts of three levels, and a team that can make ``SHORT`` of what their norms ask for."""
    rng = np.random.default_rng(SEED)
    owners = [f"branch {n:02d}" for n in range(people - HEAD_OFFICE)]
    owner = rng.choice(len(owners), accounts)
    level = rng.choice(list(LEVELS), accounts, p=[share for share, *_ in LEVELS.values()])
    revenue = rng.lognormal(12, 1.2, accounts)
    units = pd.DataFrame(
        {
            "level": level,
            "owner": np.array(owners)[owner],
            "region": np.char.add("region ", (owner % REGIONS).astype(str)),
            "visits_branch": [LEVELS[one][1] for one in level],
            "visits_head_office": [LEVELS[one][2] for one in level],
            "revenue": revenue,
            "margin": revenue * rng.uniform(0.1, 0.5, accounts),
            "revenue_at_risk": revenue * rng.beta(1, 6, accounts),
            "room": np.where(rng.random(accounts) < 0.5, revenue * rng.lognormal(0, 0.7, accounts), np.nan),
        },
        index=[f"U{n:05d}" for n in range(accounts)],
    )
    names = {"branch": owners, "head_office": [f"head office {n}" for n in range(HEAD_OFFICE)]}
    team = {}
    for role, of_role in names.items():
        each = SHORT * float(units[f"visits_{role}"].sum()) / len(of_role)
        for name in of_role:
            by_hours = Person(role, None, each * (3 + 4 / 3), 3.0, 4.0, 3)
            team[name] = by_hours if hours else Person(role, each)
    return units, Team(None, team)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=2000)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--gap", type=float, default=0.01)
    args = parser.parse_args()
    response = load_strategy("by_tier", Path()).response
    for hours in (False, True):
        units, team = make(args.accounts, args.people, hours)
        began, used = time.perf_counter(), time.process_time()
        needs = allocation._whole_visits(needs_of(units, team), team, response, 3)
        brings = allocation._brings(needs, allocation.worth(units), response)
        parts = allocation._parts(needs, team, 3)
        gains = allocation._gains(needs, brings, response, 0.0)
        visits, gap = allocation._best(parts, gains, args.gap)
        alone, alone_used = time.perf_counter() - began, time.process_time() - used
        began, used = time.perf_counter(), time.process_time()
        found = allocation.allocate(units, team, response, gap=args.gap)
        whole, whole_used = time.perf_counter() - began, time.process_time() - used
        assert int(found.visits["visits"].sum()) == visits.sum()
        print(
            f"{args.accounts} accounts, {args.people} people, {'hours and days out' if hours else 'visits'}: "
            f"{alone:.1f} s ({alone_used:.1f} s of CPU) for {visits.sum():,} visits, "
            f"{len(found.unmet)} norms not met, gap {gap:.2%}; with one more person and the four other "
            f"assumptions {whole:.1f} s ({whole_used:.1f} s of CPU)",
            flush=True,
        )


if __name__ == "__main__":
    main()
