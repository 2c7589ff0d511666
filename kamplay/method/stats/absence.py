"""How often chance alone leaves something out: a kind that is bought in none of n purchases."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

MOST_ALIKE = 1e6  # purchases of mixes that do not differ


def alikeness(hits: np.ndarray, number: np.ndarray, share: np.ndarray) -> np.ndarray:
    """How alike the mixes of many buyers are, kind by kind: the precision M of the beta-binomial by moments
    (Kleinman 1973, JASA 68, 46–54); large where all buy the same mix, small where each has its own.

    Parameters
    ----------
    hits : (buyers, kinds) purchases of a kind. number : (buyers, 1) purchases of all kinds.
    share : (buyers, kinds) the share that the kind has with comparable buyers; missing where none are known.

    Returns
    -------
    (kinds,)
    """
    spread = number * share * (1 - share)
    beyond = np.nansum((hits - number * share) ** 2 - spread, axis=0)
    most = np.nansum((number - 1) * spread, axis=0)
    alike = np.divide(beyond, most, out=np.zeros(len(most)), where=most > 0)
    return 1 / np.clip(alike, 1 / MOST_ALIKE, 0.99) - 1


def absent_by_chance(number: np.ndarray, share: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """The chance that a kind of this share is in none of ``number`` purchases, mixes differing as ``alike``
    says: the beta-binomial's first term. Arrays of one shape.
    """
    other = (1 - share) * alike
    log = gammaln(other + number) - gammaln(other) + gammaln(alike) - gammaln(alike + number)
    return np.exp(np.where(share >= 1, -np.inf, np.minimum(log, 0.0)))
