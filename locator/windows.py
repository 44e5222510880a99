"""One block of days as the calendar, the sun and the seasons have it: what every timetable shares.

Where the holiday table leaves more than one reading of a day open, a window gives every one of them:

- the workday rule: weekdays of the calendar, or the official ones (a public holiday is read as a
  Sunday unless the expression speaks of PH; a make-up working day as a Monday), or both when unstated;
- a day the holiday table does not know: plain, holiday or, on a weekend, make-up working day;
- `SH` where there is no table of school holidays.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import product
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import opening_hours
from numpy.typing import NDArray

from locator.calendar import HOLIDAY_CODE, MAKEUP_CODE, PLAIN_CODE, UNKNOWN_CODE, Calendar
from locator.expressions import DAY
from locator.segments import Piece, Segments
from locator.words import Words

BLOCK_DAYS = 128
"""Days evaluated together; blocks begin at multiples of it since 1970-01-01."""
PAD = 33
"""Days round a block that its own days may depend on: PH with an offset, and what runs over midnight."""
EPOCH = 719163
"""Ordinal of 1970-01-01."""
_SUNDAY, _MONDAY = 6, 0

DISAGREE = Words("是否开放未注明", "not stated whether open")
HOLIDAY_CLOSURE = Words("放假", "closed for the holiday")
"""Marks, told apart by identity, that `Window.piece` replaces by words for the day."""


class Reading(NamedTuple):
    """What may be the case on (w,) days: the weekday each is read as, whether PH and whether SH holds."""

    weekdays: NDArray[np.int64]
    holidays: NDArray[np.bool_]
    schools: NDArray[np.bool_]


class Window:
    """What all expressions share over one block: its days, padded, what the calendar says, the sun."""

    def __init__(self, calendar: Calendar, sun_at: tuple[float, float], first: int) -> None:
        """Look at the block that begins `first` days after 1970-01-01."""
        self.first = first
        self.start, self.count = first - PAD, BLOCK_DAYS + 2 * PAD
        self.numbers = np.arange(self.start, self.start + self.count)
        self.kinds = calendar.kinds(self.start, self.count)
        self.schools = calendar.school(self.start, self.count)
        self._calendar = calendar
        self._sun_at = sun_at
        self._readings: dict[tuple[object, ...], list[Reading]] = {}
        self._dated: dict[str, NDArray[np.bool_]] = {}
        self._words: dict[tuple[int, bool], Words] = {}

    def readings(self, workday_rule: str, *, weekly: bool, speaks: bool, schools: bool, overnight: bool) -> list[Reading]:
        """Return every reading of these days that may be the case."""
        key = workday_rule, weekly, speaks, schools, overnight
        found = self._readings.get(key)
        if found is None:
            found = self._readings[key] = list(self._read(*key))
        return found

    def _read(self, workday_rule: str, weekly: bool, speaks: bool, schools: bool,
              overnight: bool) -> Iterator[Reading]:
        calendar_weekdays = (self.numbers + 3) % 7  # 1970-01-01 was a Thursday
        weekend = calendar_weekdays >= 5
        even = self.numbers % 2 == 0
        unknown = self.kinds == UNKNOWN_CODE
        unknown_school = (self.schools == UNKNOWN_CODE) & schools
        rules = {"calendar": ("calendar",), "official": ("official",)}.get(workday_rule, ("calendar", "official"))
        if not weekly:
            rules = ("calendar",)
        one_day = [(kind, school)
                   for kind in ((PLAIN_CODE, HOLIDAY_CODE, MAKEUP_CODE) if unknown.any() and (weekly or speaks)
                                else (PLAIN_CODE,))
                   for school in ((False, True) if unknown_school.any() else (False,))]
        # what runs over midnight joins two days, which may be of different kinds
        pairs = product(one_day, repeat=2) if overnight else ((one, one) for one in one_day)
        for on_even, on_odd in pairs:
            assumed = np.where(even, on_even[0], on_odd[0])
            kind = np.where(unknown, np.where((assumed == MAKEUP_CODE) & ~weekend, PLAIN_CODE, assumed), self.kinds)
            school = np.where(unknown_school, np.where(even, on_even[1], on_odd[1]), self.schools == HOLIDAY_CODE)
            holiday = kind == HOLIDAY_CODE
            for rule in rules:
                weekdays = calendar_weekdays
                if rule == "official":
                    weekdays = np.where(kind == MAKEUP_CODE, _MONDAY, weekdays)
                    if not speaks:
                        weekdays = np.where(holiday, _SUNDAY, weekdays)
                yield Reading(weekdays, holiday, school)

    def dated(self, dates: str) -> NDArray[np.bool_]:
        """Return (w,) whether date selectors match; the library evaluates them, over this window only."""
        found = self._dated.get(dates)
        if found is None:
            found = np.zeros(self.count, bool)
            begin = datetime.fromordinal(self.start + EPOCH)
            expression = opening_hours.OpeningHours(f"{dates} 00:00-24:00", auto_country=False, auto_timezone=False)
            for a, b, state, _ in expression.intervals(begin, begin + timedelta(days=self.count)):
                if state == opening_hours.State.OPEN:
                    found[(a - begin).days:(b - begin).days] = True
            self._dated[dates] = found
        return found

    @cached_property
    def sun(self) -> Mapping[str, list[int | None]]:
        """Minutes of (w,) days of dawn, sunrise, sunset and dusk; None where unknown."""
        result: dict[str, list[int | None]] = {e: [None] * self.count for e in ("dawn", "sunrise", "sunset", "dusk")}
        try:
            zone = ZoneInfo("Asia/Shanghai")
        except ZoneInfoNotFoundError:
            return result
        begin = datetime.fromordinal(self.start + EPOCH)
        for rise, fall in (("dawn", "dusk"), ("sunrise", "sunset")):
            lit = opening_hours.OpeningHours(f"{rise}-{fall}", timezone=zone, coords=self._sun_at[::-1], auto_country=False)
            for a, b, state, _ in lit.intervals(begin, begin + timedelta(days=self.count)):
                if state == opening_hours.State.OPEN:
                    for event, at in ((rise, a), (fall, b)):
                        since = at.replace(tzinfo=None) - begin
                        if 0 <= since.days < self.count:
                            result[event][since.days] = since.seconds // 60
        return result

    def season(self, start: str, end: str) -> NDArray[np.bool_]:
        """Return (days,) whether each lies within MM-DD to MM-DD, both included, over a year's end too."""
        days = (date.fromordinal(self.first + i + EPOCH) for i in range(BLOCK_DAYS))
        marks = [f"{day.month:02d}-{day.day:02d}" for day in days]
        if start <= end:
            return np.array([start <= mark <= end for mark in marks])
        return np.array([mark >= start or mark <= end for mark in marks])

    def piece(self, which: NDArray[np.int64], kinds: Sequence[Segments]) -> Piece:
        """Lay kinds of day end to end and join neighbours that say the same."""
        lengths = np.array([len(day) for day in kinds])
        ends = np.cumsum(lengths)
        starts = np.array([s.start for day in kinds for s in day], np.int64)
        states = np.array([s.state for day in kinds for s in day], np.uint8)
        ids: dict[Words | None, int] = {}
        reasons = np.array([-1 if s.reason is DISAGREE else -2 if s.reason is HOLIDAY_CLOSURE
                            else ids.setdefault(s.reason, len(ids)) for day in kinds for s in day], np.int16)
        taken = lengths[which]
        place = np.arange(taken.sum()) + np.repeat((ends - lengths)[which] - (np.cumsum(taken) - taken), taken)
        day = np.repeat(np.arange(BLOCK_DAYS), taken)
        starts, states, reasons = starts[place] + (self.first + day) * DAY, states[place], reasons[place]
        for at in np.flatnonzero(reasons < 0).tolist():
            words = self.why(int(day[at])) if reasons[at] == -1 else self.closed_for(int(day[at]))
            reasons[at] = ids.setdefault(words, len(ids))
        keep = np.ones(len(starts), bool)
        keep[1:] = (states[1:] != states[:-1]) | (reasons[1:] != reasons[:-1])
        return Piece(array("q", starts[keep].tobytes()), states[keep].tobytes(), array("h", reasons[keep].tobytes()),
                     tuple(ids), (self.first + BLOCK_DAYS) * DAY)

    def why(self, day: int) -> Words:
        """Return why the readings of a day, or of the night it began with, differ."""
        found = self._words.get((day, False))
        if found is None:
            found = self._words[day, False] = _why(self.first + day, self._calendar)
        return found

    def closed_for(self, day: int) -> Words | None:
        """Return which holiday a day is closed for."""
        kind, name = self._calendar.day(date.fromordinal(self.first + day + EPOCH))
        return Words(f"{name.zh}放假", f"closed for {name.en}") if name and kind == "holiday" else None


def _why(number: int, calendar: Calendar) -> Words:
    for n in (number, number - 1):
        day = date.fromordinal(n + EPOCH)
        kind, name = calendar.day(day)
        if kind == "holiday" and name:
            return Words(f"{name.zh}假期，是否开放未注明", f"{name.en} holiday; not stated whether open")
        if kind == "makeup" and name:
            return Words(f"{name.zh}调休上班日，是否开放未注明", f"make-up working day for {name.en}; not stated whether open")
        if kind == "unknown":
            if day > calendar.last:
                return Words(f"{day.year} 年放假安排尚未公布", f"the public holidays of {day.year} are not announced yet")
            return Words(f"没有 {day.year} 年放假安排的记录", f"the public holidays of {day.year} are not on record")
    return Words("学校假期日期不明", "the dates of school holidays are not known")
