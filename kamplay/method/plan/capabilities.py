"""How the firm's own capabilities are rated against their targets, how far its raters agree, and which to
build first.

Scores and targets run from 0 to 5. A rater's score of a capability is the mean over the items that this rater
scored; the capability's score is the mean over its raters, so that nobody counts more for having filled in
more lines. Targets are added up in the same way. A gap is a reason to act only where it is wider than the
raters are apart: else they do not speak of the same thing yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.results import Findings
from kamplay.method.stats.agreement import kendall_w
from kamplay.method.tiers.ballots import weight_ranks
from kamplay.method.tiers.consensus import STRONG
from kamplay.presets.capability import CapabilityFrames, as_word

MOVES = 3  # what matters most
OWN = "own"  # frame of what is in no frame of the preset
NEARLY = 0.5  # of the scale: a gap below half a level is none to work on
NEAR = 1e-9  # of a score: what is closer is the same
RATED = [
    "frame",
    "capability",
    "zh",
    "en",
    "items",
    "raters",
    "score",
    "low",
    "high",
    "target",
    "gap",
    "apart",
    "importance",
    "verdict",
]
PATHS = ["capability", "zh", "en", "rated", "of", "score", "needed", "gap", "furthest"]


@dataclass(frozen=True)
class Capabilities:
    """What table maturity says.

    Attributes
    ----------
    rated : one row a capability: RATED, in the order of the frames, the widest gap first within each.
        ``capability``: its key, or the client's own word; ``items``: how many were scored; ``score`` and
        ``target`` (0 to 5, target missing where none is stated); ``low`` and ``high``: the lowest and the
        highest rater's score; ``gap``: target less score; ``apart``: the distance of the raters, on the score
        or the target, whichever is more; ``importance``: 1 where none is stated; ``verdict``: ``move`` (the
        gap is wider than that), ``talk`` (it is not), ``one_rater``, ``nearly`` (less than half a level),
        ``reached`` or ``no_target``.
    frames : one row a frame with any: frame, zh, en, rated, of (capabilities of the preset; missing of the
        client's own), raters, w and p_value (Kendall's W of the raters' order of the capabilities, as for the
        weights in step 1; missing where it cannot be told).
    moves : at most MOVES rows of ``rated`` with verdict ``move``, the largest gap × importance first.
    paths : one row a career of which any need is rated: PATHS; ``rated`` of ``of`` needs, their mean score
        and mean need, ``furthest`` the need with the widest gap (missing where all are met).
    own_words : the client's words that are in no frame, taken as they are.
    figures : rows, raters (with a name), weighted (whether importance differs).
    preset : the frames.
    """

    rated: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=RATED))
    frames: pd.DataFrame = field(default_factory=pd.DataFrame)
    moves: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=RATED))
    paths: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PATHS))
    own_words: tuple[str, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)
    preset: dict[str, Any] = field(default_factory=dict)


def capabilities(book: Book, frames: CapabilityFrames) -> Capabilities:
    """Set each capability's score against its target and its raters against each other."""
    preset = frames.model_dump(mode="json")
    if not book.has("maturity"):
        return Capabilities(preset=preset)
    rows = _recognised(book.table("maturity"), frames)
    scores, targets = _by_rater(rows, "score"), _by_rater(rows, "target")
    rated = _rated(rows, scores, targets, frames)
    moves = rated[rated["verdict"] == "move"]
    moves = moves.assign(_weight=moves["gap"] * moves["importance"])
    moves = moves.sort_values(["_weight", "gap"], ascending=False, kind="stable").drop(columns="_weight")
    figures = {
        "rows": len(rows),
        "raters": int(rows["rater"].replace("", None).nunique()),
        "weighted": rated["importance"].nunique() > 1,
    }
    own = rated.loc[rated["frame"] == OWN, "capability"]
    return Capabilities(
        rated,
        _frames(rated, scores, frames),
        moves.head(MOVES).reset_index(drop=True),
        _paths(rated, frames),
        tuple(own),
        figures,
        preset,
    )


def _recognised(table: pd.DataFrame, frames: CapabilityFrames) -> pd.DataFrame:
    """The rows with frame and capability by key. Where the capability names a whole frame, the item names
    the capability.
    """
    by_name, whole = {}, {}
    for frame_key, frame in frames.frames.items():
        whole.update(dict.fromkeys(frame.words(frame_key), frame_key))
        for key, one in frame.items.items():
            by_name.update(dict.fromkeys(one.words(key), (frame_key, key)))
    rows = table.reindex(columns=["capability", "item", "score", "target", "rater"])
    for column in ("item", "rater"):
        rows[column] = [" ".join(str(v).split()) if pd.notna(v) else "" for v in rows[column]]
    found = []
    for word, item in zip(rows["capability"].astype(str), rows["item"], strict=True):
        name = as_word(word)
        if name in whole and as_word(item) in by_name:
            found.append(by_name[as_word(item)])
        elif name in whole and item:
            found.append((OWN, item))
        else:
            found.append(by_name.get(name, (OWN, " ".join(word.split()))))
    rows[["frame", "capability"]] = pd.DataFrame(found, index=rows.index, dtype=object)
    return rows


def _by_rater(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Raters × (frame, capability): the mean over the items that each scored."""
    known = rows[rows[column].notna()]
    keys = ["rater", "frame", "capability"]
    # an item that a rater scored twice counts once
    items = known.groupby([*keys, "item"], sort=False)[column].mean()
    return items.groupby(level=keys, sort=False).mean().unstack(["frame", "capability"])


def _rated(
    rows: pd.DataFrame, scores: pd.DataFrame, targets: pd.DataFrame, frames: CapabilityFrames
) -> pd.DataFrame:
    known = {
        (frame_key, key): one
        for frame_key, frame in frames.frames.items()
        for key, one in frame.items.items()
    }
    out = []
    for at in scores.columns:
        given, wanted = scores[at].dropna(), targets[at].dropna() if at in targets else pd.Series(dtype=float)
        one, own = known.get(at), rows[(rows["frame"] == at[0]) & (rows["capability"] == at[1])]
        score = float(given.mean())
        target = float(wanted.mean()) if len(wanted) else np.nan
        apart = max(_range(given), _range(wanted)) if len(given) > 1 else np.nan
        out.append(
            {
                "frame": at[0],
                "capability": at[1],
                "zh": one.zh if one else at[1],
                "en": one.en if one else at[1],
                "items": own["item"].nunique(),
                "raters": len(given),
                "score": score,
                "low": float(given.min()),
                "high": float(given.max()),
                "target": target,
                "gap": target - score,
                "apart": apart,
                "importance": one.importance if one else 1.0,
                "verdict": _verdict(target - score, apart),
            }
        )
    order = {key: place for place, key in enumerate([*frames.frames, OWN])}
    table = pd.DataFrame(out, columns=RATED)
    table = table.assign(_frame=table["frame"].map(order))
    return (
        table.sort_values(["_frame", "gap"], ascending=[True, False], kind="stable")
        .drop(columns="_frame")
        .reset_index(drop=True)
    )


def _range(values: pd.Series) -> float:
    return float(values.max() - values.min()) if len(values) else 0.0


def _verdict(gap: float, apart: float) -> str:
    if np.isnan(gap):
        return "no_target"
    if gap <= NEAR:
        return "reached"
    if gap < NEARLY - NEAR:
        return "nearly"
    if np.isnan(apart):
        return "one_rater"
    return "move" if gap > apart + NEAR else "talk"


def _frames(rated: pd.DataFrame, scores: pd.DataFrame, frames: CapabilityFrames) -> pd.DataFrame:
    out = []
    for key in dict.fromkeys(rated["frame"]):
        given = scores[key].dropna(how="all")
        found = kendall_w(weight_ranks(given))
        frame = frames.frames.get(key)
        out.append(
            {
                "frame": key,
                "zh": frame.zh if frame else "",
                "en": frame.en if frame else "",
                "rated": given.shape[1],
                "of": float(len(frame.items)) if frame else np.nan,
                "raters": len(given),
                "w": found.w if found else np.nan,
                "p_value": found.p_value if found else np.nan,
            }
        )
    return pd.DataFrame(out)


def _paths(rated: pd.DataFrame, frames: CapabilityFrames) -> pd.DataFrame:
    """Each career against what it needs."""
    scores = rated[rated["frame"] != OWN].set_index("capability")["score"]
    out = []
    for frame in frames.frames.values():
        for key, one in frame.items.items():
            need = pd.Series(one.needs, dtype="float64")
            have = scores.reindex(need.index)
            there = have.notna()
            if not there.any():
                continue
            gaps = (need - have)[there]
            row = {"capability": key, "zh": one.zh, "en": one.en, "rated": int(there.sum()), "of": len(need)}
            row |= {"score": float(have[there].mean()), "needed": float(need[there].mean())}
            row |= {"gap": float(gaps.mean()), "furthest": gaps.idxmax() if gaps.max() > NEAR else None}
            out.append(row)
    return pd.DataFrame(out, columns=PATHS)


def add_findings(found: Findings, result: Capabilities, due: dict[str, str]) -> None:
    """Add which capabilities to build first, on which the raters have to talk first, how far they agree, and
    which words are the client's own.

    Parameters
    ----------
    due : the working day by urgency (ISO).
    """
    rated = result.rated
    if rated.empty:
        found.add("capabilities_unknown", "note", "rate_capabilities")
        return
    if len(result.moves):
        first = result.moves.iloc[0]
        found.add(
            "capability_moves",
            "watch",
            "take_moves",
            **_names(result.moves),
            count=len(result.moves),
            of=int((rated["verdict"] == "move").sum()),
            score=first["score"],
            target=first["target"],
            due=due["routine"],
        )
    talk = rated[rated["verdict"] == "talk"].sort_values("apart", ascending=False, kind="stable")
    if len(talk):
        first = talk.iloc[0]
        apart = {"low": first["low"], "high": first["high"], "apart": first["apart"], "gap": first["gap"]}
        found.add(
            "capability_talk",
            "watch",
            "talk_first",
            **_names(talk),
            **apart,
            count=len(talk),
            due=due["soon"],
        )
    alone = rated[rated["verdict"] == "one_rater"]
    if len(alone):
        found.add(
            "capability_one_rater",
            "watch",
            "ask_more_raters",
            count=len(alone),
            of=len(rated),
            due=due["soon"],
        )
    without = rated[rated["verdict"] == "no_target"]
    if len(without):
        found.add("capability_no_target", "note", "set_targets", count=len(without), of=len(rated))
    if rated["verdict"].isin(["reached", "nearly"]).all():
        found.add("capabilities_reached", "note", None, count=len(rated))
    told = result.frames[result.frames["w"].notna()]
    if len(told):
        figures = {"w": [float(w) for w in told["w"]], "raters": int(told["raters"].max()), "strong": STRONG}
        found.add("capability_agreement", "note", None, **figures, **_names(told))
    if result.own_words:
        words = list(result.own_words)
        found.add("capability_words", "note", None, words=words, count=len(words), of=len(rated))


def _names(rows: pd.DataFrame) -> dict[str, list[str]]:
    return {language: [str(name) for name in rows[language]] for language in ("zh", "en")}
