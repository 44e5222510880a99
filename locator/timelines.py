"""Evaluate timetables over whole blocks of days: when does the state change, and why is it so?

A day is painted rule by rule, each with what it makes run on over midnight from the day before: a
later rule after ``;`` that opens on a day replaces all that earlier rules say of it, what runs on from
the day before included (so in ``Th 20:00-03:00; Fr 20:00-04:00`` Thursday ends at midnight, and a comma
says otherwise: the OSM specification, opening_hours.js and opening-hours-py agree); a closing rule
closes what it names; a fallback (``||``) fills what is closed, minute by minute.

Where more than one reading of a day may be the case, every one is evaluated and only what they agree
on is said; elsewhere the state is unknown, with the reason. Readings differ by

- the workday rule: weekdays of the calendar, or the official ones (a public holiday is read as a
  Sunday unless the expression speaks of PH; a make-up working day as a Monday), or both when unstated;
- a day the holiday table does not know: plain, holiday or, on a weekend, make-up working day;
- `SH` where there is no table of school holidays.

Weekdays with a number (``Su[1]``) name a date, so they are the calendar's under every reading.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import opening_hours
from numpy.typing import NDArray

from locator.calendar import HOLIDAY_CODE, MAKEUP_CODE, PLAIN_CODE, UNKNOWN_CODE, Calendar
from locator.errors import BadHours
from locator.expressions import DAY, DayItem, Expression, Point, Rule, State, read_expression
from locator.sites import Timetable
from locator.words import Words

BLOCK_DAYS = 128
"""Days evaluated together; blocks begin at multiples of it since 1970-01-01."""
FIRST_DAY, END_DAY = date(1900, 1, 1).toordinal() - 719163, date(9000, 1, 1).toordinal() - 719163
"""Days since 1970-01-01 between which expressions are evaluated; outside every state is unknown."""
BEIJING = (116.4, 39.9)

_EPOCH = 719163
"""Ordinal of 1970-01-01."""
_SUNDAY, _MONDAY = 6, 0
_PAD = 33
"""Days round a block that its own days may depend on: PH with an offset, and what runs over midnight."""


class Segment(NamedTuple):
    """From minute `start` of a day, one state; it lasts until the next segment or the day's end."""

    start: int
    state: State
    reason: Words | None


Segments = tuple[Segment, ...]


class Piece(NamedTuple):
    """One timetable over one block: (s,) minutes at which a segment begins, its states and reasons."""

    starts: array[int]
    states: bytes
    reasons: tuple[Words | None, ...]
    end: int


_DISAGREE = Words("是否开放未注明", "not stated whether open")
_HOLIDAY_CLOSURE = Words("放假", "closed for the holiday")
"""Marks, told apart by identity, that `_explained` replaces by words for the day."""
NOT_STATED = Words("开放时间未注明", "hours not stated")
_NOT_READABLE = Words("开放时间无法识别", "hours cannot be read")
_OPEN_END = Words("关门时间未注明", "closing time not stated")
_POINTS_ONLY = Words("仅在个别时刻开放", "open only at certain times")
_NO_SUN = Words("日出日落时间不明", "sunrise and sunset not known")
_BEYOND = Words("超出可查日期", "beyond the dates that can be asked about")


class Layer(NamedTuple):
    """What one rule says of one day: minutes from its midnight, up to 2880."""

    rule: int
    start: int
    end: int
    state: State
    reason: Words | None


class Timelines:
    """Pieces of timetables, evaluated on demand and kept. Safe to share between threads and `Hours`."""

    def __init__(self, calendar: Calendar, sun_at: tuple[float, float] = BEIJING) -> None:
        """Take the table of holidays and the longitude and latitude for sunrise and sunset."""
        self.calendar = calendar
        self.sun_at = sun_at
        self._pieces: dict[int, dict[Timetable, Piece]] = {}
        self._evaluators: dict[str, _Evaluator] = {}
        self._lock = threading.Lock()

    def piece(self, timetable: Timetable, block: int) -> Piece:
        """Return one timetable over one block; evaluated once."""
        pieces = self._pieces.get(block)
        if pieces is None:
            pieces = self._room_for(block)
        found = pieces.get(timetable)
        if found is None:
            # two threads may both evaluate it: they get equal pieces, and one is kept
            found = pieces.setdefault(timetable, _joined(self._days(timetable, block), block * BLOCK_DAYS))
        return found

    def has(self, timetable: Timetable, block: int) -> bool:
        """Return whether a piece has been evaluated."""
        return timetable in self._pieces.get(block, ())

    def _room_for(self, block: int, most: int = 12) -> dict[Timetable, Piece]:
        with self._lock:
            pieces = self._pieces.setdefault(block, {})
            while len(self._pieces) > most:
                # the first made is the oldest; never the one just asked for
                del self._pieces[next(b for b in self._pieces if b != block)]
            return pieces

    def segments(self, timetable: Timetable, day: int) -> Segments:
        """Return the segments of one day; `day` counts from 1970-01-01."""
        piece = self.piece(timetable, day // BLOCK_DAYS)
        return tuple(cut(piece, day * DAY, (day + 1) * DAY))

    def _days(self, timetable: Timetable, block: int) -> list[Segments]:
        first = block * BLOCK_DAYS
        if first < FIRST_DAY or first + BLOCK_DAYS > END_DAY:
            return [(Segment(0, State.UNKNOWN, _BEYOND),)] * BLOCK_DAYS
        days = self._stated(timetable, first)
        if timetable.season_from or timetable.season_to:
            inside = _season(timetable.season_from or "01-01", timetable.season_to or "12-31", first, BLOCK_DAYS)
            start, end = timetable.season_from or "01-01", timetable.season_to or "12-31"
            outside = (Segment(0, State.CLOSED, Words(f"不在开放季节（{start} 至 {end}）",
                                                      f"out of season (open {start} to {end})")),)
            days = [day if within else outside for day, within in zip(days, inside, strict=True)]
        if timetable.inferred:
            days = [(Segment(0, State.UNKNOWN, probably(day)),) for day in days]
        return days

    def _stated(self, timetable: Timetable, first: int) -> list[Segments]:
        if timetable.opening_hours is None or not timetable.opening_hours.strip():
            return [(Segment(0, State.UNKNOWN, NOT_STATED),)] * BLOCK_DAYS
        evaluator = self._evaluators.get(timetable.opening_hours)
        if evaluator is None:
            try:
                evaluator = _Evaluator(read_expression(timetable.opening_hours), self.sun_at)
            except BadHours:
                return [(Segment(0, State.UNKNOWN, _NOT_READABLE),)] * BLOCK_DAYS
            evaluator = self._evaluators.setdefault(timetable.opening_hours, evaluator)
        return evaluator.days(first, BLOCK_DAYS, timetable.workday_rule, self.calendar)


def cut(piece: Piece, start: int, end: int) -> Iterator[Segment]:
    """Return the segments of [start, end), their starts counted from `start`; within the piece."""
    at = int(np.searchsorted(np.frombuffer(piece.starts, np.int64), start, "right")) - 1
    while at < len(piece.starts) and piece.starts[at] < end:
        yield Segment(max(piece.starts[at] - start, 0), State(piece.states[at]), piece.reasons[at])
        at += 1


def spans_text(segments: Segments) -> str:
    """Return the open minutes of a day as ``09:00-12:00,13:00-17:30``; empty when never open."""
    ends = [s.start for s in segments[1:]] + [DAY]
    return ",".join(f"{s.start // 60:02d}:{s.start % 60:02d}-{end // 60:02d}:{end % 60:02d}"
                    for s, end in zip(segments, ends, strict=True) if s.state is State.OPEN)


def probably(segments: Segments) -> Words | None:
    """Return what hours that were only inferred say of a day: probably 09:00-17:00."""
    if all(s.state is State.UNKNOWN for s in segments):
        return segments[0].reason
    said = spans_text(segments)
    if said == "00:00-24:00":
        return Words("可能 24 小时开放", "probably open 24 hours")
    if not said:
        return Words("可能不开放", "probably closed")
    return Words(f"可能 {said}", f"probably {said}")


def _season(start: str, end: str, first: int, days: int) -> list[bool]:
    """Return whether each day lies in a season of MM-DD to MM-DD, both included, over a year's end too."""
    marks = [(date.fromordinal(first + i + _EPOCH)).strftime("%m-%d") for i in range(days)]
    if start <= end:
        return [start <= mark <= end for mark in marks]
    return [mark >= start or mark <= end for mark in marks]


def _joined(days: list[Segments], first: int) -> Piece:
    starts, states, reasons = array("q"), bytearray(), []
    last: tuple[State, Words | None] | None = None
    for i, day in enumerate(days):
        midnight = (first + i) * DAY
        for start, state, reason in day:
            if (state, reason) != last:
                starts.append(midnight + start)
                states.append(state)
                reasons.append(reason)
                last = state, reason
    return Piece(starts, bytes(states), tuple(reasons), (first + len(days)) * DAY)


class _Evaluator:
    """One expression, with every day it has met painted and kept."""

    def __init__(self, expression: Expression, sun_at: tuple[float, float]) -> None:
        self.expression = expression
        self.rules = expression.rules
        items = list(expression.items())
        self.speaks = expression.speaks_of_holidays
        self.schools = any(item.name == "SH" for item in items)
        self.weekly = any(item.name == "weekday" and not item.nth and not item.offset for item in items)
        self.sun = any(p.event for r in self.rules for t in r.times for p in (t.start, t.end) if p)
        self.sun_at = sun_at
        self._painted: dict[tuple[bytes, bytes, int | None], Segments] = {}
        self._agreed: dict[tuple[Segments, ...], Segments] = {}
        self._fixed = [None if self.sun else _layers_of(i, rule, {}) for i, rule in enumerate(self.rules)]
        self.overnight = self.sun or any(layer.end > DAY for layers in self._fixed for layer in layers or ())

    def days(self, first: int, days: int, workday_rule: str, calendar: Calendar) -> list[Segments]:
        """Return the segments of `days` days from `first` on."""
        start, count = first - _PAD, days + 2 * _PAD
        numbers = np.arange(start, start + count)
        dates = [None if rule.dates is None else _dated(rule.dates, start, count) for rule in self.rules]
        sun = _sun_times(self.sun_at, start, count) if self.sun else None
        kinds, schools = calendar.kinds(start, count), calendar.school(start, count)
        # the rules that apply, a row a day, once for each reading that may be the case
        readings: dict[bytes, None] = {}
        for weekdays, holidays, school_days in self._readings(numbers, kinds, schools, workday_rule):
            rows = np.ones((count, len(self.rules)), np.uint8)
            for i, rule in enumerate(self.rules):
                for group in rule.days:
                    hit = np.zeros(count, bool)
                    for item in group:
                        hit |= _matches(item, numbers, weekdays, holidays, school_days)
                    rows[:, i] &= hit
                on_dates = dates[i]
                if on_dates is not None:
                    rows[:, i] &= on_dates
            readings[rows[_PAD - 1:_PAD + days].tobytes()] = None
        width = len(self.rules)
        result: list[Segments] = []
        for i in range(days):
            sun_key = first + i if self.sun else None
            versions = tuple(dict.fromkeys(
                self._paint(raw[i * width:(i + 1) * width], raw[(i + 1) * width:(i + 2) * width], sun_key, sun, i + _PAD)
                for raw in readings))
            result.append(versions[0] if len(versions) == 1 else self._agree(versions))
        if any(reason is _DISAGREE or reason is _HOLIDAY_CLOSURE for day in set(result) for _, _, reason in day):
            result = [self._explained(day, first + i, calendar) for i, day in enumerate(result)]
        return result

    def _readings(self, numbers: NDArray[np.int64], kinds: NDArray[np.uint8], schools: NDArray[np.uint8],
                  workday_rule: str) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]]:
        """Return (weekdays, whether a public holiday, whether a school holiday) of each possible reading."""
        calendar_weekdays = (numbers + 3) % 7  # 1970-01-01 was a Thursday
        weekend = calendar_weekdays >= 5
        even = numbers % 2 == 0
        unknown = kinds == UNKNOWN_CODE
        unknown_school = (schools == UNKNOWN_CODE) & self.schools
        rules = {"calendar": ("calendar",), "official": ("official",)}.get(workday_rule, ("calendar", "official"))
        if not (self.weekly or self.speaks or self.schools):
            rules = ("calendar",)
        one_day = [(kind, school)
                   for kind in ((PLAIN_CODE, HOLIDAY_CODE, MAKEUP_CODE) if unknown.any() and (self.weekly or self.speaks)
                                else (PLAIN_CODE,))
                   for school in ((False, True) if unknown_school.any() else (False,))]
        # what runs over midnight joins two days, which may be of different kinds
        pairs = product(one_day, repeat=2) if self.overnight else ((one, one) for one in one_day)
        for on_even, on_odd in pairs:
            assumed = np.where(even, on_even[0], on_odd[0])
            kind = np.where(unknown, np.where((assumed == MAKEUP_CODE) & ~weekend, PLAIN_CODE, assumed), kinds)
            school = np.where(unknown_school, np.where(even, on_even[1], on_odd[1]), schools == HOLIDAY_CODE)
            holiday = kind == HOLIDAY_CODE
            for rule in rules:
                weekdays = calendar_weekdays
                if rule == "official":
                    weekdays = np.where(kind == MAKEUP_CODE, _MONDAY, weekdays)
                    if not self.speaks:
                        weekdays = np.where(holiday, _SUNDAY, weekdays)
                yield weekdays, holiday, school

    def _paint(self, before: bytes, today: bytes, sun_key: int | None,
               sun: dict[str, list[int | None]] | None, at: int) -> Segments:
        key = before, today, sun_key
        found = self._painted.get(key)
        if found is None:
            found = _painted(self._day(before, today, sun, at), self.rules)
            if sun_key is None:
                self._painted[key] = found
        return found

    def _day(self, before: bytes, today: bytes, sun: dict[str, list[int | None]] | None, at: int) -> list[Layer]:
        """Return what is said of a day, rule by rule: what runs on from the day before, then the day's own."""
        running_on: dict[int, list[Layer]] = {}
        for layer in self._own(before, {}, sun, at - 1):
            if layer.end > DAY:
                running_on.setdefault(layer.rule, []).append(
                    layer._replace(start=max(layer.start - DAY, 0), end=layer.end - DAY))
        return self._own(today, running_on, sun, at)

    def _own(self, row: bytes, running_on: dict[int, list[Layer]], sun: dict[str, list[int | None]] | None,
             at: int) -> list[Layer]:
        """Return the layers of the rules that apply, without those a later rule replaces."""
        layers: list[Layer] = []
        for i, applies in enumerate(row):
            rule = self.rules[i]
            if applies and rule.operator == "normal" and rule.state is not State.CLOSED:
                layers.clear()
            layers.extend(running_on.get(i, ()))
            if applies:
                layers.extend(self._fixed[i] or _layers_of(i, rule, {k: v[at] for k, v in (sun or {}).items()}))
        return layers

    def _agree(self, versions: tuple[Segments, ...]) -> Segments:
        found = self._agreed.get(versions)
        if found is None:
            cuts = sorted({segment.start for day in versions for segment in day})
            merged: list[Segment] = []
            for start in cuts:
                said = {next(s for s in reversed(day) if s.start <= start) for day in versions}
                said = {s._replace(start=start) for s in said}
                states = {s.state for s in said}
                if len(said) == 1:
                    merged.append(said.pop())
                elif len(states) == 1:
                    reasons = {s.reason for s in said}
                    reason = None if None in reasons else min(r for r in reasons if r is not None)
                    merged.append(Segment(start, states.pop(), reason))
                else:
                    merged.append(Segment(start, State.UNKNOWN, _DISAGREE))
            found = self._agreed[versions] = tuple(_merged(merged))
        return found

    def _explained(self, day: Segments, number: int, calendar: Calendar) -> Segments:
        if not any(reason is _DISAGREE or reason is _HOLIDAY_CLOSURE for _, _, reason in day):
            return day
        return tuple(s._replace(reason=_why(number, calendar, schools=self.schools)) if s.reason is _DISAGREE
                     else s._replace(reason=_closed_for(number, calendar)) if s.reason is _HOLIDAY_CLOSURE else s
                     for s in day)


def _why(number: int, calendar: Calendar, *, schools: bool) -> Words:
    """Return why the readings of a day, or of the night it began with, differ."""
    for n in (number, number - 1):
        day = date.fromordinal(n + _EPOCH)
        kind, name = calendar.day(day)
        if kind == "holiday" and name:
            return Words(f"{name.zh}假期，是否开放未注明", f"{name.en} holiday; not stated whether open")
        if kind == "makeup" and name:
            return Words(f"{name.zh}调休上班日，是否开放未注明", f"make-up working day for {name.en}; not stated whether open")
        if kind == "unknown":
            if day > calendar.last:
                return Words(f"{day.year} 年放假安排尚未公布", f"the public holidays of {day.year} are not announced yet")
            return Words(f"没有 {day.year} 年放假安排的记录", f"the public holidays of {day.year} are not on record")
        if schools and calendar.is_school_holiday(day) is None:
            return Words("学校假期日期不明", "the dates of school holidays are not known")
    return Words("是否开放未注明", "not stated whether open")


def _closed_for(number: int, calendar: Calendar) -> Words | None:
    kind, name = calendar.day(date.fromordinal(number + _EPOCH))
    return Words(f"{name.zh}放假", f"closed for {name.en}") if name and kind == "holiday" else None


def _matches(item: DayItem, numbers: NDArray[np.int64], weekdays: NDArray[np.int64], holidays: NDArray[np.bool_],
             schools: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if item.name != "weekday":
        known = holidays if item.name == "PH" else schools
        if item.offset == 0:
            return known
        return np.roll(known, item.offset)  # the padding is wider than any offset
    if not item.nth and not item.offset:
        return _week_mask(item.weekdays)[weekdays]
    named = numbers - item.offset
    hit = _week_mask(item.weekdays)[(named + 3) % 7]
    if item.nth:
        hit = hit & np.array([bool(item.nth & _places(int(n))) for n in named])
    return hit


@lru_cache(maxsize=256)
def _week_mask(weekdays: frozenset[int]) -> NDArray[np.bool_]:
    return np.array([d in weekdays for d in range(7)])


def _places(number: int) -> frozenset[int]:
    """Return which of its weekday a day is in its month: from the front 1 to 5, from the end -1 to -5."""
    day = date.fromordinal(number + _EPOCH)
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return frozenset(((day.day - 1) // 7 + 1, -(((following - day).days - 1) // 7 + 1)))


def _dated(dates: str, start: int, count: int) -> NDArray[np.uint8]:
    """Return (count,) whether date selectors match; the library evaluates them, over this window only."""
    hits = np.zeros(count, np.uint8)
    begin = datetime.fromordinal(start + _EPOCH)
    expression = opening_hours.OpeningHours(f"{dates} 00:00-24:00", auto_country=False, auto_timezone=False)
    for a, b, state, _ in expression.intervals(begin, begin + timedelta(days=count)):
        if state == opening_hours.State.OPEN:
            hits[(a - begin).days:(b - begin).days] = 1
    return hits


def _sun_times(sun_at: tuple[float, float], start: int, count: int) -> dict[str, list[int | None]]:
    """Return minutes of the day of dawn, sunrise, sunset and dusk, at a place; None where unknown."""
    result: dict[str, list[int | None]] = {event: [None] * count for event in ("dawn", "sunrise", "sunset", "dusk")}
    try:
        zone = ZoneInfo("Asia/Shanghai")
    except ZoneInfoNotFoundError:
        return result
    begin = datetime.fromordinal(start + _EPOCH)
    for rise, fall in (("dawn", "dusk"), ("sunrise", "sunset")):
        lit = opening_hours.OpeningHours(f"{rise}-{fall}", timezone=zone, coords=sun_at[::-1], auto_country=False,
                                         auto_timezone=False)
        for a, b, state, _ in lit.intervals(begin, begin + timedelta(days=count)):
            if state == opening_hours.State.OPEN:
                for event, at in ((rise, a), (fall, b)):
                    since = at.replace(tzinfo=None) - begin
                    if 0 <= since.days < count:
                        result[event][since.days] = since.seconds // 60
    return result


def _layers_of(number: int, rule: Rule, sun: dict[str, int | None]) -> list[Layer]:
    comment = Words(rule.comment, rule.comment) if rule.comment else None
    if not rule.times:
        return [Layer(number, 0, DAY, rule.state, _HOLIDAY_CLOSURE if rule.is_holiday_closure and not comment else comment)]
    layers = []
    for start_point, end_point, open_end, every in rule.times:
        start, end = _minute(start_point, sun), _minute(end_point, sun) if end_point else None
        if start is None or (end_point is not None and end is None):
            layers.append(Layer(number, 0, DAY, State.UNKNOWN, _NO_SUN))
            continue
        if end is not None:
            if end <= start:
                end += DAY
            points = every is not None and rule.state is State.OPEN
            layers.append(Layer(number, start, end, State.UNKNOWN if points else rule.state,
                                comment or (_POINTS_ONLY if points else None)))
        if open_end:
            # the rest of the day: nobody said until when
            after = start if end is None else end
            if after < DAY:
                closing = rule.state is State.CLOSED
                layers.append(Layer(number, after, DAY, State.CLOSED if closing else State.UNKNOWN,
                                    comment or (None if closing else _OPEN_END)))
    return layers


def _minute(point: Point, sun: dict[str, int | None]) -> int | None:
    if point.event is None:
        return point.minutes
    at = sun.get(point.event)
    return None if at is None else min(max(at + point.minutes, 0), DAY)


def _painted(layers: Sequence[Layer], rules: Sequence[Rule]) -> Segments:
    cuts = sorted({0, *(layer.start for layer in layers if layer.start < DAY),
                   *(layer.end for layer in layers if layer.end < DAY)})
    segments = []
    for start in cuts:
        state, reason = State.CLOSED, None
        for layer in layers:
            if layer.start <= start < layer.end and (rules[layer.rule].operator != "fallback" or state is State.CLOSED):
                state, reason = layer.state, layer.reason
        segments.append(Segment(start, state, reason))
    return tuple(_merged(segments))


def _merged(segments: Sequence[Segment]) -> Iterator[Segment]:
    last: Segment | None = None
    for segment in segments:
        if last is None or segment[1:] != last[1:]:
            yield segment
            last = segment
