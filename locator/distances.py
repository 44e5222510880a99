"""How far people are from the nearest site: quantiles of metres, and people by steps of metres."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Metres
from locator.shares import Floats, Parts

STEP_M = 100.0
_MOST_STEPS = 4096
_ROUNDING = 1e-12


def by_steps(metres: Metres, people: Floats, parts: Parts, *, last_m: float) -> Floats:
    """Return (p, b) people of each part by metres, in steps of `STEP_M`; the last bin holds all beyond `last_m` and those without a site.

    A distance exactly on an edge is in the bin below it.

    Args:
        metres: (n,) to the nearest site; inf where there is none.
        people: (n,)
        parts: The areas.
        last_m: Where the last but one bin ends, a multiple of the step.
    """
    count = round(last_m / STEP_M) + 1
    return parts.by(people, np.maximum(_step_of(metres, count) - 1, 0), count)


def quantiles(metres: Metres, people: Floats, parts: Parts, shares: Sequence[float]) -> Floats:
    """Return (p, q) the least metres within which at least each share of a part's people lives.

    NaN where a part has nobody; inf where so many have no site at all.

    Only the steps in which a quantile lies are put in order: a few points of a million.
    """
    step = _step_of(metres, _MOST_STEPS)
    count = _MOST_STEPS + 1
    reached = np.cumsum(parts.by(people, step, count), axis=1)
    wanted = np.array(shares) * reached[:, -1:] * (1 - _ROUNDING)
    steps = np.minimum((reached[:, None, :] < wanted[:, :, None]).sum(axis=2), count - 1)
    looked_at = np.zeros((parts.own.shape[1], count), bool)
    for own, some in zip(parts.own, steps, strict=True):
        looked_at[np.ix_(own, some)] = True
    rows = np.flatnonzero(looked_at.ravel()[parts.place * count + step])
    rows = rows[np.lexsort((metres[rows], parts.place[rows] * count + step[rows]))]
    keys = parts.place[rows] * count + step[rows]
    found = np.full(steps.shape, np.nan)
    for part, number in np.ndindex(*steps.shape):
        if not reached[part, -1]:
            continue
        at = steps[part, number]
        bounds = np.searchsorted(keys, np.flatnonzero(parts.own[part]) * count + at + np.array([[0], [1]]))
        some = np.concatenate([rows[first:last] for first, last in bounds.T.tolist()])
        some = some[np.argsort(metres[some], kind="stable")]
        so_far = (reached[part, at - 1] if at else 0.0) + np.cumsum(people[some])
        found[part, number] = metres[some[min(int(np.searchsorted(so_far, wanted[part, number])), len(some) - 1)]]
    return found


def _step_of(metres: Metres, most: int) -> NDArray[np.intp]:
    """Return (n,) in which step each distance is, 0 where it is 0; `most` for all that are beyond and for inf."""
    return np.minimum(np.ceil(metres / STEP_M), most).astype(np.intp)
