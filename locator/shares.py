"""Sums and quantiles of people by area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Codes, Metres
from locator.demand import Demand

Floats = NDArray[np.float64]


def weighted_quantiles(metres: Metres, people: Floats, part: Codes, parts: int, shares: Sequence[float]) -> Floats:
    """Return (parts, q) the least metres within which at least each share of a part's people lives.

    NaN where a part has nobody; inf where so many have no site at all. A part of -1 counts nowhere.
    """
    some = np.flatnonzero((part >= 0) & (people > 0))
    found = np.full((parts, len(shares)), np.nan)
    order = some[np.argsort(metres[some], kind="stable")]
    order = order[np.argsort(part[order], kind="stable")]
    first = np.searchsorted(part[order], np.arange(parts + 1))
    for number in range(parts):
        own = order[first[number]:first[number + 1]]
        if len(own):
            reached = np.cumsum(people[own])
            places = np.searchsorted(reached, np.array(shares) * reached[-1] * (1 - 1e-12))
            found[number] = metres[own[np.minimum(places, len(own) - 1)]]
    return found


def by_part(values: Floats, part: Codes, parts: int) -> Floats:
    """Return (parts,) sums of (n,) values; a part of -1 counts nowhere."""
    some = part >= 0
    return np.bincount(part[some], values[some], minlength=parts).astype(np.float64)


def parts_of(areas: Sequence[frozenset[str]], demand: Demand) -> Codes:
    """Return (n,) in which of some areas that do not overlap, each given as its subtree's codes, every point lies; -1: none."""
    of_code: Mapping[str, int] = {code: number for number, codes in enumerate(areas) for code in codes}
    known = np.array([of_code.get(code, -1) for code in demand.area_codes] + [-1], np.int32)
    return known[demand.areas]
