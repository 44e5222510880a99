"""The sites that a question of coverage counts, and when they let people in.

Every figure that depends on hours is given twice: as it is, where hours that nobody knows count as closed, and as
it is if they are open.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

import numpy as np

from locator import doors, week
from locator.arrays import Bits, Rows, Words64
from locator.atlas import Atlas
from locator.calendar import Calendar
from locator.hours import CLOCK, State, minute_of
from locator.questions import CoverageQuestion
from locator.words import Words

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
    notes: tuple[Words, ...] = ()
    """What is to be said of every figure that hours decide."""


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
        monday = week.monday_of(at.astimezone(CLOCK).date())
        sure, maybe = (words[codes] for words in week.open_bits(atlas.hours, monday))
        sure[unsure] = 0
        return Pool(rows, (sure != 0).any(axis=1), (maybe != 0).any(axis=1), sure, maybe, True, _notes(atlas.calendar, monday, 7))
    if question.at is None and filters.state in (None, "all-day"):
        return Pool(rows, np.ones(len(rows), bool), np.ones(len(rows), bool), None, None, False)
    states = doors.states(atlas.hours, minute, doors.with_staff_time(atlas.hours))[codes]
    return Pool(rows, (states == State.OPEN) & ~unsure, states != State.CLOSED, None, None, True,
                _notes(atlas.calendar, at.astimezone(CLOCK).date(), 1))


def _notes(calendar: Calendar, first: date, days: int) -> tuple[Words, ...]:
    """Return that the table of holidays does not speak for some day whose hours count, if so."""
    day = calendar.unknown_in(first, days)
    if day is None:
        return ()
    zh, en = "没有节假日表", "there is no table of holidays"
    if calendar.first is not None:
        zh, en = f"节假日表只有 {calendar.first} 至 {calendar.last}", f"the table of holidays only runs from {calendar.first} to {calendar.last}"
    more = (" 起", " and later") if days > 1 else ("", "")
    return (Words(f"{zh}：{day}{more[0]} 是不是节假日或调休上班日无从得知，随之而定的开放时间按未知算，覆盖率因此偏低",
                  f"{en}: whether {day}{more[1]} is a holiday or a make-up working day is not known; hours that depend on it count as unknown, "
                  "so that coverage is low"),)
