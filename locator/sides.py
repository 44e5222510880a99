"""The sites on one side of a comparison: those that a question counts, without some, or joined by proposed ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

from locator import week
from locator.arrays import Bits, LonLat, Words64
from locator.atlas import Atlas
from locator.outlines import Outline, standing
from locator.pool import SURE, pool
from locator.questions import CoverageQuestion
from locator.words import Words

_ALL_WEEK = week.packed(np.ones((1, week.HOURS), bool))[0]


class Proposal(NamedTuple):
    """A site that might be: it suits whatever is asked for, and is open whenever it is asked for."""

    id: str
    name: str
    lon: float
    """WGS-84."""
    lat: float
    area_codes: tuple[str, ...] = ()
    """The areas it lies in."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The s sites that count on one side of a comparison, each once."""

    words: Words
    """What this side is: now, a day, without some, with others."""
    version: int
    """Of the registry that it was made from."""
    ids: tuple[str, ...]
    names: tuple[str, ...]
    area_codes: tuple[tuple[str, ...], ...]
    """The areas each is recorded in."""
    lonlat: LonLat
    sure: Bits
    """(s,) as `pool.Pool` has it, and so the others."""
    maybe: Bits
    sure_week: Words64 | None
    maybe_week: Words64 | None
    hourly: bool
    demo: Bits
    """(s,) which are demonstration records."""
    notes: tuple[Words, ...] = ()

    @classmethod
    def of(cls, words: Words, question: CoverageQuestion, atlas: Atlas, now: datetime, *, no_way_in: Bits | None = None) -> Side:
        """Take the sites of an atlas that a question counts; `no_way_in` as in `pool.pool`."""
        found = pool(question, atlas, now, no_way_in=no_way_in)
        rows, value = found.rows.tolist(), atlas.sites.value
        return cls(words, atlas.version, tuple(value("id", row) for row in rows), tuple(value("name", row) for row in rows),
                   tuple(tuple(code for name in ("district_code", "street_code") if (code := value(name, row))) for row in rows),
                   atlas.sites.lonlat[found.rows], found.sure, found.maybe, found.sure_week, found.maybe_week, found.hourly,
                   atlas.sites.has("demo", (True,))[found.rows], found.notes)

    def without(self, words: Words, ids: Collection[str]) -> Side:
        """Return the same without some sites; those that do not count here anyway are no loss."""
        stay = np.array([one not in ids for one in self.ids], bool)
        rows = np.flatnonzero(stay).tolist()
        return Side(words, self.version, tuple(self.ids[row] for row in rows), tuple(self.names[row] for row in rows),
                    tuple(self.area_codes[row] for row in rows), self.lonlat[stay], self.sure[stay], self.maybe[stay],
                    None if self.sure_week is None else self.sure_week[stay],
                    None if self.maybe_week is None else self.maybe_week[stay], self.hourly, self.demo[stay], self.notes)

    def joined_by(self, words: Words, proposals: Sequence[Proposal]) -> Side:
        """Return the same with some more.

        Raises:
            ValueError: If one has the id of a site, or of another.
        """
        ids = (*self.ids, *(one.id for one in proposals))
        if len(set(ids)) < len(ids):
            raise ValueError("a proposal must have an id of its own")
        more = np.array([(one.lon, one.lat) for one in proposals], np.float64).reshape(-1, 2)
        always = np.ones(len(more), bool)

        def followed(hours: Words64 | None) -> Words64 | None:
            return None if hours is None else np.concatenate([hours, np.tile(_ALL_WEEK, (len(more), 1))])

        return Side(words, self.version, ids, (*self.names, *(one.name for one in proposals)),
                    (*self.area_codes, *(one.area_codes for one in proposals)), np.concatenate([self.lonlat, more]),
                    np.concatenate([self.sure, always]), np.concatenate([self.maybe, always]), followed(self.sure_week),
                    followed(self.maybe_week), self.hourly, np.concatenate([self.demo, ~always]),
                    self.notes)

    def hours(self, suffix: str) -> Words64:
        """Return (s, w) when each site counts in a reading: bits of a week, or one bit where no week is asked for."""
        bits, words = (self.sure, self.sure_week) if suffix == SURE else (self.maybe, self.maybe_week)
        return words if words is not None else bits.astype(np.uint64)[:, None]

    def counted_in(self, areas: Sequence[frozenset[str]], outlines: Sequence[Outline | None]) -> list[int]:
        """Return how many stand in each of some areas, whatever their hours; in one without an outline, how many are recorded.

        Args:
            areas: Each as its subtree's codes; the last is what the others are parts of.
            outlines: Of each.
        """
        recorded = Counter(self.area_codes)
        return [sum(count for own, count in recorded.items() if not codes.isdisjoint(own)) if stand is None else stand
                for codes, stand in zip(areas, standing(outlines[:-1], outlines[-1], self.lonlat), strict=True)]
