"""Which of many points are within reach of which of many sites: most as runs of neighbours, the rest pair by pair.

A run is told by its ends. How many sites reach a point, which one if it is one alone, and in which hours any of them is
open is worked out from the ends of runs, without ever writing down the pairs in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from locator.arrays import Bits, Rows, Words64
from locator.ranges import spread

_AT_ONCE = 1 << 22


class Reached(NamedTuple):
    """Pairs of a point and a site within its reach."""

    points: Rows
    """(p,) rows of the points."""
    sites: Rows
    """(p,) rows of the sites."""


class Runs(NamedTuple):
    """Points that follow each other in an order, all of them within reach of a site."""

    first: Rows
    """(r,) places in the order."""
    last: Rows
    """(r,) the place behind; none is empty."""
    sites: Rows
    """(r,) rows of the sites."""


@dataclass(frozen=True, eq=False)
class Within:
    """Which of n points some sites reach; no pair is in it twice."""

    order: Rows
    """(n,) the row of the point at each place that runs are told in."""
    runs: Runs
    pairs: Sequence[Reached]

    @classmethod
    def of_pairs(cls, count: int, pairs: Sequence[Reached]) -> Within:
        """Take pairs of `count` points."""
        nobody = np.empty(0, np.intp)
        return cls(np.arange(count), Runs(nobody, nobody, nobody), pairs)

    def __len__(self) -> int:
        return len(self.order)

    def of(self, chosen: Bits) -> Within:
        """Return the same of some sites alone, given as (s,) bits; their rows stay what they are."""
        if chosen.all():
            return self
        kept = chosen[self.runs.sites]
        return Within(self.order, Runs(*(column[kept] for column in self.runs)),
                      [Reached(*(column[chosen[some.sites]] for column in some)) for some in self.pairs])

    def each(self) -> Iterator[Reached]:
        """Yield every pair once, some at a time."""
        sizes = np.cumsum(self.runs.last - self.runs.first)
        for cut in np.split(np.arange(len(sizes)), np.searchsorted(sizes, np.arange(_AT_ONCE, sizes[-1], _AT_ONCE))) if len(sizes) else []:
            first, last = self.runs.first[cut], self.runs.last[cut]
            yield Reached(self.order[spread(first, last)], np.repeat(self.runs.sites[cut], last - first))
        yield from self.pairs

    def whole(self) -> Reached:
        """Return every pair once."""
        pairs = list(self.each())
        nobody = np.empty(0, np.intp)
        return Reached(np.concatenate([nobody, *(some.points for some in pairs)]), np.concatenate([nobody, *(some.sites for some in pairs)]))

    @cached_property
    def by_point(self) -> tuple[Rows, Rows]:
        """(n + 1,) where the sites of each point begin among (p,) rows of sites; kept, as to put pairs in order takes longest."""
        points, sites = self.whole()
        table = csr_array((np.ones(len(points), bool), (points, sites)), shape=(len(self), int(sites.max(initial=-1)) + 1))
        return table.indptr.astype(np.intp), table.indices.astype(np.intp)

    def counts(self) -> NDArray[np.int64]:
        """Return (n,) how many sites reach each point."""
        return self._summed(None).astype(np.int64)

    def lone(self, counts: NDArray[np.int64]) -> Rows:
        """Return (n,) the only site that reaches a point, -1 where there is none or another; `counts` are its own."""
        return np.where(counts == 1, self._summed(1.0), -1).astype(np.intp)

    def any_of(self, words: Words64) -> Words64:
        """Return (n, w) the bits that any of the sites that reach a point has, of (s, w) bits."""
        at_place = np.empty((len(self), words.shape[1]), np.uint64)
        level = np.frexp((self.runs.last - self.runs.first).astype(np.float64))[1] - 1  # a run is two of 2^level that may overlap
        order = np.argsort(level, kind="stable")
        cuts = np.searchsorted(level[order], np.arange(int(level.max(initial=-1)) + 2))
        for column in range(words.shape[1]):
            bits = np.zeros(len(self), np.uint64)
            for height in range(len(cuts) - 2, -1, -1):
                own = order[cuts[height]:cuts[height + 1]]
                told = words[self.runs.sites[own], column]
                np.bitwise_or.at(bits, self.runs.first[own], told)
                np.bitwise_or.at(bits, self.runs.last[own] - (1 << height), told)
                if height:  # each of 2^height places becomes two halves
                    half = 1 << height - 1
                    bits[half:] |= bits[:-half].copy()
            at_place[:, column] = bits
        found = np.empty_like(at_place)
        found[self.order] = at_place
        for some in self.pairs:
            for column in range(words.shape[1]):
                np.bitwise_or.at(found[:, column], some.points, words[some.sites, column])
        return found

    def _summed(self, power: float | None) -> NDArray[np.float64]:
        """Return (n,) sums over the sites that reach each point: of ones, or of their rows."""
        runs, places = self.runs, len(self) + 1
        weights = None if power is None else runs.sites.astype(np.float64)
        steps = np.bincount(runs.first, weights, minlength=places) - np.bincount(runs.last, weights, minlength=places)
        found = np.empty(len(self))
        found[self.order] = np.cumsum(steps)[:-1]
        for some in self.pairs:
            found += np.bincount(some.points, None if power is None else some.sites.astype(np.float64), minlength=len(found))
        return found
