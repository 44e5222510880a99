"""What each filter costs around a place: how many sites it would leave, and which filters empty an answer.

Both are read off masks over the sites themselves, so they are exact whatever is combined. A site that
fails is filed under the set of what it fails; the smallest such set is the least one has to give up.
An open site that others found locked, moved or gone is one of which it is not known whether it is open, and a strict filter leaves it out.
Open, now or on arrival, is open for a visitor: time for staff only is not.

A geodesic to every site of a city takes ten times as long as all the rest, so none is measured that no answer hangs on:
when one arrives is mostly settled by bounds, and which site of a set is the nearest the index knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import numpy as np

from locator import datum, doors
from locator.arrays import Bits, Minutes, Rows, States
from locator.atlas import Atlas
from locator.filters import Filters, matching, suitable
from locator.finder import arrivals_from
from locator.hours import State, minute_of, moment_of
from locator.questions import NearestQuestion
from locator.trust import Trust

MOST_PARTS = 62
"""Bits of a whole number that stay positive."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is asked for and could be given up. What is not set asks for nothing."""

    filters: Filters = Filters()
    known: bool = False
    """Asks that `filters.state` be known, not that it be so: what `strict` adds to a state."""
    within_m: float | None = None


class Way(NamedTuple):
    """What would have to be given up together, and what that would find."""

    parts: tuple[int, ...]
    """Positions in the sequence that was passed, ascending."""
    sites: int
    nearest_m: float


def tally(question: NearestQuestion, alternatives: Sequence[Filters], atlas: Atlas, now: datetime, *,
          radius_m: float | None, trust: Trust | None = None) -> list[int]:
    """Return how many sites each of some filters would let pass around the question's place.

    Args:
        question: Where, when and how one goes; its own filters decide only who asks and in which areas.
        alternatives: The filters; their areas and audience are not looked at.
        atlas: What is known.
        now: The present; `question.at` overrides it.
        radius_m: How far to count, inclusive; None counts all the question's areas, or everything.
        trust: Says which sites others found no way in by; None: none.
    """
    lon, lat = datum.point_to_wgs84(question.lon, question.lat, question.datum)
    among = suitable(Filters(areas=question.filters.areas, audience=question.filters.audience), atlas.sites)
    rows = np.flatnonzero(among) if radius_m is None else atlas.index.within(lon, lat, radius_m=radius_m, among=among)[0]
    judge = _Judge(rows, (lon, lat), atlas, question.at or now, question.by, trust)
    return [int(np.count_nonzero(judge.passes(replace(filters, areas=(), audience="internal")))) for filters in alternatives]


def ways_out(question: NearestQuestion, parts: Sequence[Part], atlas: Atlas, now: datetime, *,
             trust: Trust | None = None) -> list[Way]:
    """Return the smallest sets of parts whose giving up would find something, the nearest first.

    All sets returned are of one size: if giving up one part is enough, no pair is told. Empty if there is
    no site at all, or nothing to give up.

    Args:
        question: Where, when and how one goes; of its filters only the audience counts.
        parts: Everything that was asked for, at most `MOST_PARTS`; more are not looked at.
        atlas: What is known.
        now: The present; `question.at` overrides it.
        trust: Says which sites others found no way in by; None: none.
    """
    lon, lat = datum.point_to_wgs84(question.lon, question.lat, question.datum)
    among = suitable(Filters(audience=question.filters.audience), atlas.sites)
    rows = np.flatnonzero(among)
    judge = _Judge(rows, (lon, lat), atlas, question.at or now, question.by, trust)
    fails = np.zeros(len(rows), np.int64)
    for bit, part in enumerate(parts[:MOST_PARTS]):
        passes = judge.knows(part.filters.state) if part.known else judge.passes(part.filters)
        if part.within_m is not None:
            near = np.zeros(len(among), bool)
            near[atlas.index.within(lon, lat, radius_m=part.within_m, among=among)[0]] = True
            passes = passes & near[rows]
        fails |= np.int64(1) << bit & -(~passes).astype(np.int64)
    sets, counts = (found.tolist() for found in np.unique(fails, return_counts=True))
    # no site fails a part of a smallest set only, or that part alone would be a smaller one
    least = min((held.bit_count() for held in sets if held), default=0)
    found = []
    for held, count in zip(sets, counts, strict=True):
        if held and held.bit_count() == least:
            alike = np.zeros(len(among), bool)
            alike[rows[fails == held]] = True
            found.append(Way(_bits(held), count, float(atlas.index.nearest(lon, lat, k=1, among=alike)[1][0])))
    return sorted(found, key=lambda way: (way.nearest_m, way.parts))


class _Judge:
    """Says which of some sites pass a filter for somebody who sets out from a WGS-84 point. The audience is settled before."""

    def __init__(self, rows: Rows, here: tuple[float, float], atlas: Atlas, as_of: datetime, by: str, trust: Trust | None) -> None:
        self._rows, self._here, self._atlas, self._by = rows, here, atlas, by
        self._codes = atlas.sites.timetables.codes[rows]
        self._minute, self._second = minute_of(as_of), as_of.second + as_of.microsecond / 1e6
        self._doubted = trust.no_way_in[rows] if trust is not None else np.zeros(len(rows), bool)

    @cached_property
    def _arrivals(self) -> Minutes:
        return arrivals_from(*self._here, self._atlas.sites.lonlat[self._rows], minute=self._minute, second=self._second, by=self._by)

    def passes(self, filters: Filters) -> Bits:
        passes: Bits = matching(filters, self._atlas.sites)[self._rows]
        if filters.strict:
            passes = passes & ~self._doubted
        if filters.state is None:
            return passes
        states = self._states(filters.state)
        suits: Bits = states == State.OPEN if filters.strict else states != State.CLOSED
        return passes & suits

    def knows(self, state: str | None) -> Bits:
        known: Bits = self._states(state) != State.UNKNOWN
        return known

    def _states(self, state: str | None) -> States:
        states = self._by_hours(state)
        return np.where(self._doubted & (states == State.OPEN), State.UNKNOWN, states)

    def _by_hours(self, state: str | None) -> States:
        hours = self._atlas.hours
        if state == "all-day":
            return hours.all_day(moment_of(self._minute).date())[self._codes]
        if state == "open-on-arrival":
            return doors.states_at(hours, self._codes, self._arrivals, self._atlas.staff_time)
        return doors.states(hours, self._minute, self._atlas.staff_time)[self._codes]


def _bits(held: int) -> tuple[int, ...]:
    return tuple(bit for bit in range(MOST_PARTS) if held >> bit & 1)
