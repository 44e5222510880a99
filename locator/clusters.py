"""What a map draws of the sites in a box: cells with their counts, and single sites where a cell holds one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Rows, States
from locator.atlas import Atlas
from locator.errors import BadCount, BadValue
from locator.filters import Filters
from locator.hours import STATE_CODES, State, minute_of
from locator.mercator import Box, Cells, check_room
from locator.questions import check_box, check_datum
from locator.sites import Sites
from locator.trust import Trust

MOST_WITHOUT = 60
"""Sites that a map may say it draws already."""
_DRAWN = 1e6
"""Steps a degree of what is only drawn: some 0.1 m."""


@dataclass(frozen=True, slots=True)
class ClustersQuestion:
    """What stands in a box, drawn at a zoom?

    The box and the answer's coordinates are in `datum`; a site exactly on an edge is inside.
    """

    box: Box
    zoom: int
    filters: Filters = Filters()
    """open-on-arrival is judged at once: a box is nowhere to start from."""
    at: datetime | None = None
    """When; None is now. Must carry an offset."""
    datum: str = "wgs84"
    without: tuple[str, ...] = ()
    """Ids that are drawn already and are not counted; unknown ones are passed over."""

    def __post_init__(self) -> None:
        check_datum(self.datum)
        check_box("bbox", self.box)
        check_room(self.box, self.zoom)
        if self.at is not None and self.at.utcoffset() is None:
            raise BadValue("at", self.at, zh="时间缺少时区", en="the time must carry an offset")
        if len(self.without) > MOST_WITHOUT:
            raise BadCount("without", len(self.without), zh=f"最多 {MOST_WITHOUT} 个站点", en=f"at most {MOST_WITHOUT} sites")


@dataclass(frozen=True, slots=True)
class ClustersAnswer:
    """The suitable sites of a box, cell by cell, by column."""

    question: ClustersQuestion
    as_of: datetime
    table: Sites
    """Where the rows are."""
    cells: Cells
    states: NDArray[np.int64]
    """(c, 3) how many sites of each cell are in each `hours.State`, by its value; an open one that others found no way in by is unknown."""

    @property
    def total(self) -> int:
        """How many sites the box holds."""
        return len(self.cells.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return the public shape: `cells` of two sites and more, and single `sites`."""
        counts = self.cells.counts
        many, one = np.flatnonzero(counts > 1), np.flatnonzero(counts == 1)
        return {"query": self.query(), "as_of": self.as_of.isoformat(), "datum": self.question.datum, "total": self.total,
                "cells": self._crowds(many, counts), "sites": self._singles(self.cells.starts[one], self.states[one].argmax(axis=1))}

    def query(self) -> dict[str, Any]:
        """Return the question as it was understood."""
        question, filters = self.question, self.question.filters
        return {"bbox": list(question.box), "zoom": question.zoom,
                "kind": list(filters.kinds), "facility": list(filters.facilities), "eligibility": list(filters.eligibility),
                "area": list(filters.areas), "state": filters.state, "strict": filters.strict, "verified_only": filters.verified_only,
                "at": question.at.isoformat() if question.at else None, "datum": question.datum, "without": list(question.without)}

    def _crowds(self, many: Rows, counts: Rows) -> list[dict[str, Any]]:
        """Return cells with the mean of their sites, and the box around them, which the last digit widens."""
        if not len(many):
            return []
        starts, axes = self.cells.starts, (self.cells.lon, self.cells.lat)
        mean = [np.round(np.add.reduceat(axis, starts)[many] / counts[many], 6).tolist() for axis in axes]
        low = [np.minimum.reduceat(axis, starts)[many].tolist() for axis in axes]
        high = [np.maximum.reduceat(axis, starts)[many].tolist() for axis in axes]
        return [{"lon": x, "lat": y, "count": count, "states": dict(zip(STATE_CODES, states, strict=True)),
                 "bbox": [_down(west), _down(south), _up(east), _up(north)]}
                for x, y, west, south, east, north, count, states in zip(
                    *mean, *low, *high, counts[many].tolist(), self.states[many].tolist(), strict=True)]

    def _singles(self, places: Rows, states: Rows) -> list[dict[str, Any]]:
        cells, value = self.cells, self.table.value
        return [{"id": value("id", row), "name": value("name", row), "kind": value("kind", row), "lon": lon, "lat": lat,
                 "state": STATE_CODES[state]}
                for row, lon, lat, state in zip(cells.rows[places].tolist(), cells.lon[places].tolist(), cells.lat[places].tolist(),
                                                states.tolist(), strict=True)]


def clusters(question: ClustersQuestion, atlas: Atlas, now: datetime, *, trust: Trust | None = None,
             states: States | None = None) -> ClustersAnswer:
    """Return what stands in a box: exactly the suitable sites in it, each in one cell.

    Args:
        question: The box, the zoom and what suits.
        atlas: What is known.
        now: When it is asked, with an offset; `question.at` goes before it.
        trust: The confidence in the atlas's sites: one that others found locked, moved or gone is never open, and a
            strict question leaves it out. None is as if nobody had reported anything.
        states: (t,) the state of every timetable as whoever asks finds it; None: `Hours.states`. A question for
            what is open leaves out what is closed by these too.

    Raises:
        BadValue: If the box has room for more cells than an answer may have.
    """
    as_of = question.at or now
    minute, filters, sites = minute_of(as_of), question.filters, atlas.sites
    if filters.state == "open-on-arrival":
        filters = replace(filters, state="open")
    codes, states = sites.timetables.codes, atlas.hours.states(minute) if states is None else states
    among = atlas.finder.suitable(filters, minute).passes
    if filters.state == "open" and not np.array_equal(states, atlas.hours.states(minute)):
        among = among & (states != State.CLOSED)[codes]
    if filters.strict and trust is not None:
        among = among & ~trust.no_way_in
    drawn = [row for row in map(sites.row_of, question.without) if row is not None]
    if drawn:
        among = among.copy()
        among[drawn] = False
    cells = atlas.grid(question.datum).cells(question.box, zoom=question.zoom, among=among)
    found = states[codes[cells.rows]]
    if trust is not None:
        found[trust.no_way_in[cells.rows] & (found == State.OPEN)] = State.UNKNOWN
    kinds = len(STATE_CODES)
    cell = np.repeat(np.arange(len(cells.starts)), cells.counts)
    tally = np.bincount(cell * kinds + found, minlength=len(cells.starts) * kinds).reshape(-1, kinds)
    return ClustersAnswer(question, as_of, sites, cells, tally)


def _down(degrees: float) -> float:
    """Return degrees with six digits, never more than they are."""
    return math.floor(degrees * _DRAWN) / _DRAWN


def _up(degrees: float) -> float:
    """Return degrees with six digits, never less than they are."""
    return math.ceil(degrees * _DRAWN) / _DRAWN
