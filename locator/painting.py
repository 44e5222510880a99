"""Paint the days of one expression: which minutes are open, closed or unknown, and why.

A day is painted rule by rule, each with what it makes run on over midnight from the day before: a
later rule after ``;`` that opens on a day replaces all that earlier rules say of it, what runs on from
the day before included (so in ``Th 20:00-03:00; Fr 20:00-04:00`` Thursday ends at midnight, and a comma
says otherwise: the OSM specification, opening_hours.js and opening-hours-py agree); a closing rule
closes what it names; a fallback (``||``) fills what is closed, minute by minute.

Where more than one reading of a day may be the case (`windows`), every one is painted and only what they
agree on is said; elsewhere the state is unknown, with the reason. Weekdays with a number (``Su[1]``) name
a date, so they are the calendar's under every reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from locator.expressions import DAY, DayItem, Expression, Point, Rule, State
from locator.segments import Segment, Segments, merged
from locator.windows import BLOCK_DAYS, DISAGREE, EPOCH, HOLIDAY_CLOSURE, PAD, Reading, Window
from locator.words import Words

NOT_STATED = Words("开放时间未注明", "hours not stated")
_OPEN_END = Words("关门时间未注明", "closing time not stated")
_POINTS_ONLY = Words("仅在个别时刻开放", "open only at certain times")
_NO_SUN = Words("日出日落时间不明", "sunrise and sunset not known")


class _Layer(NamedTuple):
    """What one rule says of one day: minutes from its midnight, up to 2880."""

    rule: int
    start: int
    end: int
    state: State
    reason: Words | None


class Painter:
    """One expression, with every kind of day it has met painted and kept."""

    def __init__(self, expression: Expression) -> None:
        """Prepare to paint the days of an expression."""
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

    def days(self, window: Window, workday_rule: str) -> tuple[NDArray[np.int64], list[Segments]]:
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
            rows = table[:, PAD - 1:PAD + BLOCK_DAYS]
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
                                window.sun if self.sun else None, day + PAD) for at in range(0, width, rules)))
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

    def _day(self, before: bytes, today: bytes, sun: Mapping[str, list[int | None]] | None, at: int) -> list[_Layer]:
        """Return what is said of a day, rule by rule: what runs on from the day before, then the day's own."""
        running_on: dict[int, list[_Layer]] = {}
        for layer in self._own(before, {}, sun, at - 1):
            if layer.end > DAY:
                running_on.setdefault(layer.rule, []).append(
                    layer._replace(start=max(layer.start - DAY, 0), end=layer.end - DAY))
        return self._own(today, running_on, sun, at)

    def _own(self, row: bytes, running_on: dict[int, list[_Layer]], sun: Mapping[str, list[int | None]] | None,
             at: int) -> list[_Layer]:
        """Return the layers of the rules that apply, without those a later rule replaces."""
        layers: list[_Layer] = []
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
            agreed: list[Segment] = []
            for start in cuts:
                said = {next(s for s in reversed(day) if s.start <= start) for day in versions}
                said = {s._replace(start=start) for s in said}
                states = {s.state for s in said}
                if len(said) == 1:
                    agreed.append(said.pop())
                elif len(states) == 1:
                    reasons = {s.reason for s in said}
                    reason = None if None in reasons else min(r for r in reasons if r is not None)
                    agreed.append(Segment(start, states.pop(), reason))
                else:
                    agreed.append(Segment(start, State.UNKNOWN, DISAGREE))
            found = self._agreed[versions] = tuple(merged(agreed))
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
    day = date.fromordinal(number + EPOCH)
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return frozenset(((day.day - 1) // 7 + 1, -(((following - day).days - 1) // 7 + 1)))


def _layers_of(number: int, rule: Rule, sun: dict[str, int | None]) -> list[_Layer]:
    comment = Words(rule.comment, rule.comment) if rule.comment else NOT_STATED if rule.state is State.UNKNOWN else None
    if not rule.times:
        return [_Layer(number, 0, DAY, rule.state, HOLIDAY_CLOSURE if rule.is_holiday_closure and not comment else comment)]
    layers = []
    for start_point, end_point, open_end, every in rule.times:
        start, end = _minute(start_point, sun), _minute(end_point, sun) if end_point else None
        if start is None or (end_point is not None and end is None):
            layers.append(_Layer(number, 0, DAY, State.UNKNOWN, _NO_SUN))
            continue
        if end is not None:
            if end <= start:
                end += DAY
            points = every is not None and rule.state is State.OPEN
            layers.append(_Layer(number, start, end, State.UNKNOWN if points else rule.state,
                                comment or (_POINTS_ONLY if points else None)))
        if open_end:
            # the rest of the day: nobody said until when
            after = start if end is None else end
            if after < DAY:
                closing = rule.state is State.CLOSED
                layers.append(_Layer(number, after, DAY, State.CLOSED if closing else State.UNKNOWN,
                                    comment or (None if closing else _OPEN_END)))
    return layers


def _minute(point: Point, sun: dict[str, int | None]) -> int | None:
    if point.event is None:
        return point.minutes
    at = sun.get(point.event)
    return None if at is None else min(max(at + point.minutes, 0), DAY)


def _painted(layers: Sequence[_Layer], rules: Sequence[Rule]) -> Segments:
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
    return tuple(merged(segments))
