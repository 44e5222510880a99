"""Who is reached by which sites, and so covered: at an instant, or in each hour of a week.

A point exactly on the radius is reached; the people of a point are reached together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from locator import week
from locator.arrays import Bits, LonLat, Rows
from locator.ground import Ground, basis_of
from locator.questions import CoverageQuestion
from locator.strips import Reached


class Counted(NamedTuple):
    """What one reading of the hours leaves."""

    covered: Bits
    """(n,) which points have at least `fold` sites within reach."""
    lone: Rows
    """(n,) the only site within reach of a point, as a position in the pool; -1 where there is none or another."""
    by_hour: week.Words64 | None


def reached(question: CoverageQuestion, ground: Ground, sites: LonLat) -> list[Reached]:
    """Return which points each of (s, 2) sites reaches, each pair once.

    A walk goes along streets where both ends are on them, else along the straight line that its estimate leads.
    """
    if not len(sites):
        return []
    straight = ground.strips.reached(sites, question.straight_m)
    if basis_of(question, ground) != "network" or ground.walking is None or question.walk_min is None:
        return list(straight)
    network, points = ground.walking
    snapped = network.snap(sites)
    targets, sources, _ = network.pairs(snapped, points, limit_m=question.longest_m)
    found = [Reached(targets, sources)]
    for some in straight:
        off = ~(points.found[some.points] & snapped.found[some.sites])
        found.append(Reached(some.points[off], some.sites[off]))
    return found


def covered(question: CoverageQuestion, ground: Ground, sites: LonLat) -> Bits:
    """Return (n,) which points any of (s, 2) sites reaches: those of `reached`, without the pairs."""
    if not len(sites):
        return np.zeros(len(ground.demand), bool)
    if basis_of(question, ground) != "network" or ground.walking is None or question.walk_min is None:
        return ground.strips.covered(sites, question.straight_m)
    network, points = ground.walking
    snapped = network.snap(sites)
    metres, _ = network.nearest_m(snapped, points, limit_m=question.longest_m)
    found = np.isfinite(metres) | (~points.found & ground.strips.covered(sites, question.straight_m))
    return found if snapped.found.all() else found | ground.strips.covered(sites[~snapped.found], question.straight_m)


def counted(pairs: Iterator[Reached], chosen: Bits, words: week.Words64 | None, count: int, fold: int) -> Counted:
    """Return which of n points are covered by the sites of a reading; see `Counted`."""
    if words is not None:
        kept = [_of(some, chosen) for some in pairs]
        hours = week.covered(iter(kept), words, count, fold=fold)
        _, lone = _counts(iter(kept), count)
        return Counted((hours != 0).any(axis=1), lone, hours)
    counts, lone = _counts((_of(some, chosen) for some in pairs), count)
    return Counted(counts >= fold, lone, None)


def _of(some: Reached, chosen: Bits) -> Reached:
    if chosen.all():
        return some
    kept = chosen[some.sites]
    return Reached(some.points[kept], some.sites[kept])


def _counts(pairs: Iterator[Reached], count: int) -> tuple[Rows, Rows]:
    """Return (n,) how many sites reach each point, and the only one, or -1."""
    counts, total = np.zeros(count, np.int64), np.zeros(count)
    for some in pairs:
        counts += np.bincount(some.points, minlength=count)
        total += np.bincount(some.points, some.sites, minlength=count)
    return counts, np.where(counts == 1, total, -1).astype(np.intp)
