"""The sites that a question of coverage counts, and when they let people in.

Every figure that depends on hours is given twice: as it is, where hours that nobody knows count as closed, and as
it is if they are open.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import numpy as np

from locator import doors, week
from locator.arrays import Bits, Rows, Words64
from locator.atlas import Atlas
from locator.hours import CLOCK, State, minute_of
from locator.questions import CoverageQuestion

SURE, MAYBE = "", "_if_unknown_open"
"""What a figure's name ends in: unknown hours as closed, and as open."""


class Pool(NamedTuple):
    """The sites that a question counts: those that suit, and when they let people in."""

    rows: Rows
    """(s,) of the whole table, ascending."""
    sure: Bits
    """(s,) open at the instant, or in some hour of the week; all where hours do not count."""
    maybe: Bits
    """(s,) the same where unknown hours are open."""
    sure_week: Words64 | None
    """(s, 3) hours of the week; None where it is not asked for."""
    maybe_week: Words64 | None
    hourly: bool
    """Whether hours count at all."""


def pool(question: CoverageQuestion, atlas: Atlas, now: datetime, *, no_way_in: Bits | None = None) -> Pool:
    """Return the sites that a question counts.

    Args:
        question: What is asked. A state among its filters asks for an instant: now, where none is given.
        atlas: What is known.
        now: With an offset.
        no_way_in: (n,) sites that others found locked, moved or gone: whether they are open is unknown.
    """
    filters, at = question.filters, question.at or now
    minute = minute_of(at)
    lasting = filters if filters.state == "all-day" else filters.lasting()
    rows = np.flatnonzero(atlas.finder.suitable(lasting, minute).passes)
    codes = atlas.sites.timetables.codes[rows]
    unsure = no_way_in[rows] if no_way_in is not None else np.zeros(len(rows), bool)
    if question.week:
        sure, maybe = (words[codes] for words in week.open_bits(atlas.hours, week.monday_of(at.astimezone(CLOCK).date())))
        sure[unsure] = 0
        return Pool(rows, (sure != 0).any(axis=1), (maybe != 0).any(axis=1), sure, maybe, True)
    if question.at is None and filters.state in (None, "all-day"):
        return Pool(rows, np.ones(len(rows), bool), np.ones(len(rows), bool), None, None, False)
    states = doors.states(atlas.hours, minute, doors.with_staff_time(atlas.hours))[codes]
    return Pool(rows, (states == State.OPEN) & ~unsure, states != State.CLOSED, None, None, True)
