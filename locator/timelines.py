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
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
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
_BLOCKS_KEPT = 12

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
    reason_ids: array[int]
    reasons: tuple[Words | None, ...]
    end: int

    def reason(self, at: int) -> Words | None:
        """Return the reason of one segment."""
        return self.reasons[self.reason_ids[at]]


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
        self._windows: dict[int, _Window] = {}
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
            found = pieces.setdefault(timetable, self._evaluated(timetable, block))
        return found

    def has(self, timetable: Timetable, block: int) -> bool:
        """Return whether a piece has been evaluated."""
        return timetable in self._pieces.get(block, ())

    def segments(self, timetable: Timetable, day: int) -> Segments:
        """Return the segments of one day; `day` counts from 1970-01-01."""
        piece = self.piece(timetable, day // BLOCK_DAYS)
        return tuple(cut(piece, day * DAY, (day + 1) * DAY))

    def _room_for(self, block: int) -> dict[Timetable, Piece]:
        with self._lock:
            pieces = self._pieces.setdefault(block, {})
            while len(self._pieces) > _BLOCKS_KEPT:
                # the first made is the oldest; never the one just asked for
                oldest = next(b for b in self._pieces if b != block)
                del self._pieces[oldest]
                self._windows.pop(oldest, None)
            return pieces

    def _evaluated(self, timetable: Timetable, block: int) -> Piece:
        first = block * BLOCK_DAYS
        if first < FIRST_DAY or first + BLOCK_DAYS > END_DAY:
            return Piece(array("q", [first * DAY]), bytes([State.UNKNOWN]), array("h", [0]), (_BEYOND,),
                         (first + BLOCK_DAYS) * DAY)
        window = self._windows.get(block)
        if window is None:
            window = self._windows.setdefault(block, _Window(self.calendar, self.sun_at, first))
        which, kinds = self._stated(timetable, window)
        if timetable.season_from or timetable.season_to:
            start, end = timetable.season_from or "01-01", timetable.season_to or "12-31"
            which = np.where(window.season(start, end), which, len(kinds))
            kinds = [*kinds, (Segment(0, State.CLOSED, Words(f"不在开放季节（{start} 至 {end}）",
                                                             f"out of season (open {start} to {end})")),)]
        if timetable.inferred:
            kinds = [(Segment(0, State.UNKNOWN, probably(day)),) for day in kinds]
        return window.piece(which, kinds)

    def _stated(self, timetable: Timetable, window: _Window) -> tuple[NDArray[np.int64], list[Segments]]:
        """Return (days,) which of the listed kinds of day each day is."""
        text = timetable.opening_hours
        if text is None or not text.strip():
            return np.zeros(BLOCK_DAYS, np.int64), [(Segment(0, State.UNKNOWN, NOT_STATED),)]
        evaluator = self._evaluators.get(text)
        if evaluator is None:
            try:
                evaluator = _Evaluator(read_expression(text))
            except BadHours:
                return np.zeros(BLOCK_DAYS, np.int64), [(Segment(0, State.UNKNOWN, _NOT_READABLE),)]
            evaluator = self._evaluators.setdefault(text, evaluator)
        return evaluator.days(window, timetable.workday_rule)


def cut(piece: Piece, start: int, end: int) -> Iterator[Segment]:
    """Return the segments of [start, end), their starts counted from `start`; within the piece."""
    at = bisect_right(piece.starts, start) - 1
    while at < len(piece.starts) and piece.starts[at] < end:
        yield Segment(max(piece.starts[at] - start, 0), State(piece.states[at]), piece.reason(at))
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


class Reading(NamedTuple):
    """What may be the case on (w,) days: the weekday each is read as, whether PH and whether SH holds."""

    weekdays: NDArray[np.int64]
    holidays: NDArray[np.bool_]
    schools: NDArray[np.bool_]


class _Window:
    """What all expressions share over one block: its days, padded, what the calendar says, the sun."""

    def __init__(self, calendar: Calendar, sun_at: tuple[float, float], first: int) -> None:
        self.first = first
        self.start, self.count = first - _PAD, BLOCK_DAYS + 2 * _PAD
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
            begin = datetime.fromordinal(self.start + _EPOCH)
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
        begin = datetime.fromordinal(self.start + _EPOCH)
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
        days = (date.fromordinal(self.first + i + _EPOCH) for i in range(BLOCK_DAYS))
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
        reasons = np.array([-1 if s.reason is _DISAGREE else -2 if s.reason is _HOLIDAY_CLOSURE
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
        kind, name = self._calendar.day(date.fromordinal(self.first + day + _EPOCH))
        return Words(f"{name.zh}放假", f"closed for {name.en}") if name and kind == "holiday" else None


def _why(number: int, calendar: Calendar) -> Words:
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
    return Words("学校假期日期不明", "the dates of school holidays are not known")


class _Evaluator:
    """One expression, with every kind of day it has met painted and kept."""

    def __init__(self, expression: Expression) -> None:
        self.rules = expression.rules
        items = list(expression.items())
        self.speaks = expression.speaks_of_holidays
        self.schools = any(item.name == "SH" for item in items)
        self.weekly = any(item.name == "weekday" and not item.nth and not item.offset for item in items)
        self.sun = any(p.event for r in self.rules for t in r.times for p in (t.start, t.end) if p)
        self._painted: dict[tuple[bytes, bytes], Segments] = {}
        self._agreed: dict[tuple[Segments, ...], Segments] = {}
        self._fixed = [None if self.sun else _layers_of(i, rule, {}) for i, rule in enumerate(self.rules)]
        self.overnight = self.sun or any(layer.end > DAY for layers in self._fixed for layer in layers or ())

    def days(self, window: _Window, workday_rule: str) -> tuple[NDArray[np.int64], list[Segments]]:
        """Return (days,) which of the listed kinds of day each day of a window is."""
        # which rules apply, (rules, 1 + days) from the day before the first on, for each reading there is
        tables: dict[bytes, NDArray[np.uint8]] = {}
        for reading in window.readings(workday_rule, weekly=self.weekly, speaks=self.speaks, schools=self.schools,
                                       overnight=self.overnight):
            table = np.ones((len(self.rules), window.count), np.uint8)
            for i, rule in enumerate(self.rules):
                for group in rule.days:
                    hit = _matches(group[0], window.numbers, reading)
                    for item in group[1:]:
                        hit = hit | _matches(item, window.numbers, reading)
                    table[i] &= hit
                if rule.dates is not None:
                    table[i] &= window.dated(rule.dates)
            rows = table[:, _PAD - 1:_PAD + BLOCK_DAYS]
            tables.setdefault(rows.tobytes(), rows)
        # one long line of bytes, a day after another, so that a day and the day before it are one slice of it:
        # days are of one kind when the same rules apply on both under every reading
        rules = len(self.rules)
        width = rules * len(tables)
        line = np.concatenate(list(tables.values())).T.tobytes()
        kinds: list[Segments] = []
        met: dict[bytes, int] = {}
        which = np.empty(BLOCK_DAYS, np.int64)
        for day in range(BLOCK_DAYS):
            pair = line[day * width:(day + 2) * width]
            kind = None if self.sun else met.get(pair)
            if kind is None:
                kind = met[pair] = len(kinds)
                versions = tuple(dict.fromkeys(
                    self._paint(pair[at:at + rules], pair[width + at:width + at + rules],
                                window.sun if self.sun else None, day + _PAD) for at in range(0, width, rules)))
                kinds.append(versions[0] if len(versions) == 1 else self._agree(versions))
            which[day] = kind
        return which, kinds

    def _paint(self, before: bytes, today: bytes, sun: Mapping[str, list[int | None]] | None, at: int) -> Segments:
        if sun is not None:
            return _painted(self._day(before, today, sun, at), self.rules)
        found = self._painted.get((before, today))
        if found is None:
            found = self._painted[before, today] = _painted(self._day(before, today, None, at), self.rules)
        return found

    def _day(self, before: bytes, today: bytes, sun: Mapping[str, list[int | None]] | None, at: int) -> list[Layer]:
        """Return what is said of a day, rule by rule: what runs on from the day before, then the day's own."""
        running_on: dict[int, list[Layer]] = {}
        for layer in self._own(before, {}, sun, at - 1):
            if layer.end > DAY:
                running_on.setdefault(layer.rule, []).append(
                    layer._replace(start=max(layer.start - DAY, 0), end=layer.end - DAY))
        return self._own(today, running_on, sun, at)

    def _own(self, row: bytes, running_on: dict[int, list[Layer]], sun: Mapping[str, list[int | None]] | None,
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


def _matches(item: DayItem, numbers: NDArray[np.int64], reading: Reading) -> NDArray[np.bool_]:
    if item.name != "weekday":
        known = reading.holidays if item.name == "PH" else reading.schools
        # the padding is wider than any offset, so what is rolled in from the other end is not looked at
        return np.roll(known, item.offset) if item.offset else known
    if not item.nth and not item.offset:
        return _week_mask(item.weekdays)[reading.weekdays]
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


def _layers_of(number: int, rule: Rule, sun: dict[str, int | None]) -> list[Layer]:
    comment = Words(rule.comment, rule.comment) if rule.comment else NOT_STATED if rule.state is State.UNKNOWN else None
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
    if not layers:
        return (Segment(0, State.CLOSED, None),)
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
