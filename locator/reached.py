"""Who is reached by which sites, and so covered: at an instant, or in each hour of a week.

A point exactly on the radius is reached; the people of a point are reached together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from locator import week
from locator.arrays import Bits, LonLat, Rows, Words64
from locator.ground import Ground, basis_of
from locator.questions import CoverageQuestion
from locator.within import Reached, Within


class Counted(NamedTuple):
    """What one reading of the hours leaves."""

    covered: Bits
    """(n,) which points have at least `fold` sites within reach."""
    by_hour: Words64 | None
    within: Within
    """Which of the sites that count reach each point."""
    counts: NDArray[np.int64]
    """(n,) how many these are."""

    @property
    def lone(self) -> Rows:
        """(n,) the only one of them, as a position in the pool; -1 where there is none or another."""
        return self.within.lone(self.counts)


def reached(question: CoverageQuestion, ground: Ground, sites: LonLat) -> Within:
    """Return which points each of (s, 2) sites reaches.

    A walk goes along streets where both ends are on them, else along the straight line that its estimate leads.
    """
    if not len(sites):
        return Within.of_pairs(len(ground.demand), [])
    straight = ground.strips.within(sites, question.straight_m)
    if basis_of(question, ground) != "network" or ground.walking is None:
        return straight
    network, points = ground.walking
    snapped = network.snap(sites)
    targets, sources, _ = network.pairs(snapped, points, limit_m=question.longest_m)
    found = [Reached(targets, sources)]
    for some in straight.each():
        off = ~(points.found[some.points] & snapped.found[some.sites])
        found.append(Reached(some.points[off], some.sites[off]))
    return Within.of_pairs(len(ground.demand), found)


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


def covered_by(question: CoverageQuestion, ground: Ground, sites: LonLat, choices: Sequence[Bits]) -> list[Bits]:
    """Return which points `question.fold` of the sites reach at one instant, for each of some choices of them, given as (s,) bits."""
    if question.fold == 1 and (basis_of(question, ground) == "network" or not len(sites)):
        return [covered(question, ground, sites[chosen]) for chosen in choices]
    within = reached(question, ground, sites)
    return [counted(within, chosen, None, question.fold).covered for chosen in choices]


def counted(within: Within, chosen: Bits, words: Words64 | None, fold: int) -> Counted:
    """Return which points are covered by the sites of a reading; see `Counted`."""
    own = within.of(chosen)
    counts = own.counts()
    if words is None:
        return Counted(counts >= fold, None, own, counts)
    hours = week.covered(within, words, fold=fold)  # whoever is not chosen has no hours
    return Counted((hours != 0).any(axis=1), hours, own, counts)
