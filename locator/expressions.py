"""Read one OSM opening-hours expression into rules.

The text is mended (`repairs`), accepted by opening-hours-py (its grammar is the judge of syntax) and
then taken apart into rules whose parts stay visible: the dates (left to that library), the weekdays
and holidays (ours, because a day may be read as another weekday), the times, and what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import opening_hours

from locator.errors import BadHours
from locator.repairs import MONTHS, WEEKDAYS, repair

LONGEST = 1000
"""Characters an expression may have."""
FARTHEST_DAY_OFFSET = 31
"""Days a ``PH +1 day`` may lie from its holiday."""
DAY = 1440
"""Minutes of a day."""


class State(IntEnum):
    """Whether a site serves the public at an instant; unknown is never shown as closed."""

    UNKNOWN = 0
    CLOSED = 1
    OPEN = 2

    @property
    def code(self) -> str:
        """Its name in answers: open, closed or unknown."""
        return STATE_CODES[self]


STATE_CODES = tuple(state.name.lower() for state in State)
"""The name in answers of each `State`, by its value."""


class DayItem(NamedTuple):
    """One member of a list of days: ``Mo-Fr``, ``Su[1] -1 day``, ``PH``."""

    name: str
    """PH, SH, or weekday"""
    weekdays: frozenset[int]
    """0 Monday to 6 Sunday"""
    nth: frozenset[int]
    """1 first ... 5 fifth, -1 last of the month; empty: every one"""
    offset: int
    """days after"""


class Point(NamedTuple):
    """A time of day: minutes after midnight, or after a sun event."""

    event: str | None
    minutes: int


class TimeSpan(NamedTuple):
    """From `start` until `end`, not included; an open end (``10:00+``) is unknown from there on."""

    start: Point
    end: Point | None
    open_end: bool
    every: str | None
    """``/01:30``: only at points in time, so unknown in between"""


class Rule(NamedTuple):
    """One rule of an expression. None: the rule does not restrict that."""

    operator: str
    """normal (;), additional (,) or fallback (||)"""
    dates: str | None
    days: tuple[tuple[DayItem, ...], ...]
    """groups of which every one must match; empty: any day"""
    times: tuple[TimeSpan, ...]
    """empty: the whole day"""
    state: State
    comment: str | None

    @property
    def is_holiday_closure(self) -> bool:
        """Whether this closes public holidays for the whole day."""
        return self.state is State.CLOSED and not self.times and any(i.name == "PH" for g in self.days for i in g)


class Expression(NamedTuple):
    """Rules in their order."""

    text: str
    """The normal form: equal expressions, equal text."""
    rules: tuple[Rule, ...]

    @property
    def speaks_of_holidays(self) -> bool:
        """Whether PH occurs, so that a public holiday is not read as a Sunday."""
        return any(item.name == "PH" for item in self.items())

    def items(self) -> Iterator[DayItem]:
        """Return every member of every list of days."""
        return (item for rule in self.rules for group in rule.days for item in group)


def check_expression(text: str, field: str = "opening_hours") -> str:
    """Return the normal form of an OSM opening-hours expression: NFKC, slips mended, one spelling.

    Raises:
        BadHours: If it is longer than `LONGEST`, cannot be read, or names a day that does not exist;
            the words give the position, counted in characters of `text` from 1.
    """
    try:
        return read_expression(text).text
    except BadHours as bad:
        raise BadHours(field, bad.value, zh=bad.words.zh, en=bad.words.en) from None


@lru_cache(maxsize=4096)
def read_expression(text: str) -> Expression:
    """Return the rules of an expression; refuses as `check_expression` does."""
    if len(text) > LONGEST:
        raise BadHours("opening_hours", text, zh=f"太长：有 {len(text)} 个字符，最多 {LONGEST} 个",
                       en=f"too long: {len(text)} characters, at most {LONGEST}")
    mended = text if _CLEAN.fullmatch(text) and "PH off;" not in text else repair(text)
    if not mended:
        raise _unreadable(text, mended, 0)
    if len(mended) > 3 * LONGEST:
        raise BadHours("opening_hours", text, zh="太长", en="too long")
    try:
        opening_hours.OpeningHours(mended, auto_country=False, auto_timezone=False)
    except opening_hours.ParserError as error:  # type: ignore[attr-defined]  # its stubs forget it
        where = re.search(r"--> \d+:(\d+)", str(error))
        raise _unreadable(text, mended, int(where[1]) - 1 if where else 0) from None
    masked = re.sub(r'"[^"]*"', lambda m: '"' + "_" * (len(m[0]) - 2) + '"', mended)
    _check_days_exist(text, mended, masked)
    rules = []
    for operator, start, end in _split(masked):
        try:
            rules.append(_rule(operator, mended[start:end], masked[start:end]))
        except _UnreadAt as unread:
            raise _unreadable(text, mended, start + unread.position) from None
    return Expression("".join(_spoken(rule, i) for i, rule in enumerate(rules)), tuple(rules))


_WEEKDAY_RUN = "(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?"
_CLOCK_RUN = r"[012]\d:[0-5]\d-[0-4]\d:[0-5]\d"
_CLEAN_RULE = rf"(?:(?:{_WEEKDAY_RUN}(?:,{_WEEKDAY_RUN})*(?:,PH)?|PH) )?(?:{_CLOCK_RUN}(?:,{_CLOCK_RUN})*|off)"
_CLEAN = re.compile(rf"{_CLEAN_RULE}(?:; {_CLEAN_RULE})*")
"""What most hours look like, and all that was stored does: there is nothing to mend."""


class _UnreadAt(Exception):
    def __init__(self, position: int) -> None:
        self.position = position


def _unreadable(text: str, mended: str, position: int) -> BadHours:
    at = _place_in(text, mended, position)
    rest = text[at:at + 12].strip()
    if not rest:
        return BadHours("opening_hours", text, zh=f"第 {at + 1} 个字符处不完整：写法如 Mo-Fr 09:00-17:00; PH off",
                        en=f"incomplete at character {at + 1}; write it like Mo-Fr 09:00-17:00; PH off")
    return BadHours("opening_hours", text, zh=f"第 {at + 1} 个字符起读不懂“{rest}”：写法如 Mo-Fr 09:00-17:00; PH off",
                    en=f"cannot be read from character {at + 1} on ({rest!r}); write it like Mo-Fr 09:00-17:00; PH off")


def _place_in(text: str, mended: str, position: int) -> int:
    """Return where in `text` the character at `position` of `mended` came from.

    It ends the shortest start of `text` whose mended form reaches it; found by halving.
    """
    if position >= len(mended):
        return len(text.rstrip())
    low, high = 0, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        if len(repair(text[:middle])) > position:
            high = middle
        else:
            low = middle
    return low


_MON = "(?:" + "|".join(MONTHS) + ")"
_LENGTH = dict(zip(MONTHS, (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))
_DATE = re.compile(rf"(?:\b(\d{{4}}) )?\b({_MON}) (\d{{1,2}})(?![\d:])(?:-(\d{{1,2}})(?![\d:]))?")
_ZERO_STEP = re.compile(r"(?<!\d)/0+(?![\d:])")


def _check_days_exist(text: str, mended: str, masked: str) -> None:
    for match in _DATE.finditer(masked):
        year, month = match[1], match[2]
        longest = 28 if month == "Feb" and year and not _is_leap(int(year)) else _LENGTH[month]
        for group in (3, 4):
            if match[group] and not 1 <= int(match[group]) <= longest:
                at = _place_in(text, mended, match.start(group)) + 1
                number = MONTHS.index(month) + 1
                raise BadHours("opening_hours", text, zh=f"第 {at} 个字符：{number} 月没有 {int(match[group])} 日",
                               en=f"character {at}: {month} has no day {int(match[group])}")
    zero = _ZERO_STEP.search(masked)
    if zero and not re.search(r"24/7|\d:\d\d/", masked[:zero.end() + 1]):
        raise _unreadable(text, mended, zero.start())


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


_EVENT = "(?:dawn|sunrise|sunset|dusk)"
_POINT = rf"(?:\d{{1,2}}:\d\d|{_EVENT}|\({_EVENT} ?[+-] ?\d{{1,2}}:\d\d\))"
_SEPARATOR = re.compile(r" *(;|\|\||,) *")
_RULE_END = re.compile(rf'(?:\d:\d\d\+?|\)\+?|{_EVENT}\+?|/\d+(?::\d\d)?|24/7)$')
_MEANING_END = re.compile(r'(?:\b(?:off|closed|open|unknown)|")$')


def _split(masked: str) -> Iterator[tuple[str, int, int]]:
    """Return (operator, start, end) of every rule. A comma starts a rule only after a finished one."""
    operator, start = "normal", 0
    for match in _SEPARATOR.finditer(masked):
        if match[1] == ",":
            before = masked[start:match.start()]
            goes_on = re.match(_POINT, masked[match.end():])
            if not (_MEANING_END.search(before) or (_RULE_END.search(before) and not goes_on)):
                continue
        yield operator, start, match.start()
        operator = {";": "normal", ",": "additional", "||": "fallback"}[match[1]]
        start = match.end()
    yield operator, start, len(masked)


_MEANING = re.compile(r'(?:^|(?<= )|(?<=\d)|(?<=[+)]))(open|off|closed|unknown)? *("_*")?$')
_TIMES = re.compile(rf"(?<![\d\[:]){_POINT}")
_NTH_DATES = re.compile(rf"{_MON} (?:Mo|Tu|We|Th|Fr|Sa|Su)\[-?\d\](?: [+-]\d+ days?)?-{_MON} ?(?:Mo|Tu|We|Th|Fr|Sa|Su)"
                        r"\[-?\d\](?: [+-]\d+ days?)?")
_DAYS = re.compile(r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)\b")
_STATES = {"open": State.OPEN, "off": State.CLOSED, "closed": State.CLOSED, "unknown": State.UNKNOWN}


def _rule(operator: str, text: str, masked: str) -> Rule:
    meaning = _MEANING.search(masked)
    end = meaning.start() if meaning else len(masked)
    word = meaning[1] if meaning else None
    comment = text[meaning.start(2) + 1:meaning.end(2) - 1].strip() if meaning and meaning[2] else None
    # a comment without a word for the state: only the comment knows
    state = _STATES[word] if word else State.UNKNOWN if comment is not None else State.OPEN
    selectors = masked[:end].rstrip()
    if selectors == "24/7":
        return Rule(operator, None, (), (), state, comment)
    first = _TIMES.search(selectors)
    times = _times(selectors, first.start()) if first else ()
    wide = selectors[:first.start()] if first else selectors
    hidden = _NTH_DATES.sub(lambda m: "_" * len(m[0]), wide)
    day = _DAYS.search(hidden)
    days = _days(wide, day.start()) if day else ()
    dates = (wide[:day.start()] if day else wide).strip().rstrip(":").rstrip() or None
    return Rule(operator, dates, days, times, state, comment)


_SPAN = re.compile(rf"({_POINT})(?: ?- ?({_POINT}))?(\+)?(/\d{{1,2}}(?::\d\d)?)?")
_POINT_PARTS = re.compile(rf"(\d{{1,2}}):(\d\d)|\(?({_EVENT})(?: ?([+-]) ?(\d{{1,2}}):(\d\d)\))?")


def _times(text: str, at: int) -> tuple[TimeSpan, ...]:
    spans = []
    while True:
        match = _SPAN.match(text, at)
        if not match or not (match[2] or match[3]):
            raise _UnreadAt(at)
        spans.append(TimeSpan(_point(match[1]), _point(match[2]) if match[2] else None, bool(match[3]), match[4]))
        at = match.end()
        if at == len(text):
            return tuple(spans)
        comma = re.compile(" ?, ?").match(text, at)
        if not comma:
            raise _UnreadAt(at)
        at = comma.end()


def _point(text: str) -> Point:
    match = _POINT_PARTS.match(text)
    if match is None:  # _POINT has matched the same text
        raise _UnreadAt(0)
    hours, minutes, event, sign, more_hours, more_minutes = match.groups()
    if event is None:
        return Point(None, int(hours) * 60 + int(minutes))
    offset = int(more_hours or 0) * 60 + int(more_minutes or 0)
    return Point(event, -offset if sign == "-" else offset)


_ITEM = re.compile(r"(?:(PH|SH)|(Mo|Tu|We|Th|Fr|Sa|Su)(?:-(Mo|Tu|We|Th|Fr|Sa|Su))?(?:\[([-\d, ]+)\])?)"
                   r"(?: ([+-])(\d+) days?)?")


def _days(text: str, at: int) -> tuple[tuple[DayItem, ...], ...]:
    groups: list[list[DayItem]] = [[]]
    text = text.rstrip(" :")
    while True:
        match = _ITEM.match(text, at)
        if not match:
            raise _UnreadAt(at)
        groups[-1].append(_day_item(match, at))
        at = match.end()
        if at == len(text):
            return tuple(map(tuple, groups))
        separator = re.compile(" ?, ?| ").match(text, at)
        if not separator:
            raise _UnreadAt(at)
        if separator[0] == " ":
            groups.append([])  # "SH Mo-Fr": both must hold
        at = separator.end()


def _day_item(match: re.Match[str], at: int) -> DayItem:
    holiday, first, last, nth, sign, offset = match.groups()
    days_after = int(offset or 0) * (-1 if sign == "-" else 1)
    if abs(days_after) > FARTHEST_DAY_OFFSET:
        raise _UnreadAt(at)
    if holiday:
        return DayItem(holiday, frozenset(), frozenset(), days_after)
    a = WEEKDAYS.index(first)
    b = WEEKDAYS.index(last) if last else a
    weekdays = frozenset((a + i) % 7 for i in range((b - a) % 7 + 1))
    numbers: set[int] = set()
    for part in (nth or "").replace(" ", "").split(","):
        low, _, high = part.partition("-") if not part.startswith("-") else (part, "", "")
        if part:
            numbers.update(range(int(low), int(high or low) + 1))
    return DayItem("weekday", weekdays, frozenset(numbers), days_after)


def _spoken(rule: Rule, place: int) -> str:
    """Return the rule in its one spelling, led by its separator."""
    parts = [rule.dates or "", " ".join(",".join(map(_spoken_day, group)) for group in rule.days),
             ",".join(map(_spoken_span, rule.times))]
    if rule.state is State.CLOSED:
        parts.append("off")
    elif rule.state is State.UNKNOWN and not rule.comment:
        parts.append("unknown")
    elif rule.state is State.OPEN and (rule.comment or not any(parts)):
        parts.append("open" if rule.comment else "24/7")
    if rule.comment:
        parts.append(f'"{rule.comment}"')
    separator = {"normal": "; ", "additional": ", ", "fallback": " || "}[rule.operator] if place else ""
    return separator + " ".join(filter(None, parts))


def _spoken_day(item: DayItem) -> str:
    text = item.name
    if item.name == "weekday":
        # the one run of weekdays this item stands for, from the day whose eve is not in it
        first = next((d for d in range(7) if d in item.weekdays and (d - 1) % 7 not in item.weekdays), 0)
        last = (first + len(item.weekdays) - 1) % 7
        text = WEEKDAYS[first] + (f"-{WEEKDAYS[last]}" if last != first else "")
        if item.nth:
            text += "[" + ",".join(map(str, sorted(item.nth, key=lambda n: (n < 0, n)))) + "]"
    return text + (f" {item.offset:+d} day{'s' if abs(item.offset) > 1 else ''}" if item.offset else "")


def _spoken_span(span: TimeSpan) -> str:
    return (_spoken_point(span.start) + (f"-{_spoken_point(span.end)}" if span.end else "")
            + ("+" if span.open_end else "") + (span.every or ""))


def _spoken_point(point: Point) -> str:
    clock = f"{abs(point.minutes) // 60:02d}:{abs(point.minutes) % 60:02d}"
    if point.event is None:
        return clock
    return f"({point.event}{'-' if point.minutes < 0 else '+'}{clock})" if point.minutes else point.event
