"""A site's hours as they are put on its door: an ordinary week, and what public holidays make of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from locator.atlas import Atlas
from locator.hours import DAY, Span, State
from locator.sites import Timetable
from web import cards, phrases, timeline_bars
from web.i18n import gettext

_WEEKS_LOOKED_AT = 60
_YEAR = 365


class Line(NamedTuple):
    """Some days of the week in a row with the same hours."""

    days: str
    hours: str


def week(row: int, atlas: Atlas, today: date) -> tuple[Line, ...]:
    """Return an ordinary week, Monday first: the one nearest to today that has no special day and lies in season.

    What hangs on a door for months must not tell of the holiday that happens to be next. Empty where hours are not stated.
    """
    days = _days(row, atlas, today)
    if not any(days) or all(span.state is State.UNKNOWN and span.end - span.start == DAY for day in days for span in day):
        return ()
    one_mode = len({span.mode for day in days for span in day}) <= 1
    found: list[Line] = []
    first = 0
    for after in range(1, 8):
        if after == 7 or days[after] != days[first]:
            hours = _said(days[first], atlas, one_mode)
            if _timetable(row, atlas).inferred:
                hours = gettext("probably {times}").format(times=hours)
            found.append(Line(_named(first, after - 1), hours))
            first = after
    return tuple(found)


def holidays(row: int, atlas: Atlas, today: date) -> str:
    """Return what a year's public holidays about today make of that week, in one sentence; empty where hours are not stated."""
    if not week(row, atlas, today):
        return ""
    usual = _days(row, atlas, today)
    days = [day for number in range(-_YEAR, _YEAR) if atlas.calendar.day(day := today + timedelta(days=number)).kind == "holiday"
            and _in_season(row, atlas, day)]
    spans = [_spans(row, atlas, day, 1)[0] for day in days]
    if not days or _timetable(row, atlas).inferred or any(span.state is State.UNKNOWN for day in spans for span in day):
        return gettext("Public holidays: not stated, ask first")
    if all(said == usual[day.weekday()] for day, said in zip(days, spans, strict=True)):
        return gettext("Public holidays: as usual")
    if not any(spans):
        return gettext("Closed on public holidays")
    return gettext("Public holidays: other hours, scan the code")


def modes(row: int, atlas: Atlas, today: date) -> tuple[str, ...]:
    """Return the modes of entry of that week, each once."""
    return tuple(dict.fromkeys(span.mode for day in _days(row, atlas, today) for span in day if span.mode))


def _days(row: int, atlas: Atlas, today: date) -> list[list[Span]]:
    monday = today - timedelta(days=today.weekday())
    for ahead in sorted(range(-_WEEKS_LOOKED_AT, _WEEKS_LOOKED_AT), key=lambda weeks: (abs(weeks), -weeks)):
        days = [monday + timedelta(days=7 * ahead + number) for number in range(7)]
        if all(atlas.calendar.day(day).kind == "plain" and _in_season(row, atlas, day) for day in days):
            return _spans(row, atlas, days[0], 7)
    return _spans(row, atlas, monday, 7)


def _spans(row: int, atlas: Atlas, first: date, days: int) -> list[list[Span]]:
    return atlas.hours.week(int(atlas.sites.timetables.codes[row]), first, days, probable=True)


def _timetable(row: int, atlas: Atlas) -> Timetable:
    return atlas.sites.timetables.values[int(atlas.sites.timetables.codes[row])]


def _in_season(row: int, atlas: Atlas, day: date) -> bool:
    timetable = _timetable(row, atlas)
    start, end, now = timetable.season_from or "01-01", timetable.season_to or "12-31", f"{day:%m-%d}"
    return start <= now <= end if start <= end else now >= start or now <= end


def _named(first: int, last: int) -> str:
    if (first, last) == (0, 6):
        return gettext("Every day")
    if first == last:
        return phrases.weekday(first)
    if last == first + 1:
        return gettext("{first} and {last}").format(first=phrases.weekday(first), last=phrases.weekday(last))
    return gettext("{first} to {last}").format(first=phrases.weekday(first), last=phrases.weekday(last))


def _said(day: Sequence[Span], atlas: Atlas, one_mode: bool) -> str:
    """Return a day's hours; who may enter when, where that changes."""
    told = []
    parts = dict.fromkeys((span.state, None if one_mode else span.mode) for span in day)
    for state, mode in parts:
        spans = [span for span in day if span.state == state and (one_mode or span.mode == mode)]
        whole = sum(span.end - span.start for span in spans) == DAY
        words = [gettext("24 hours") if whole else timeline_bars.joined((span.start, span.end) for span in spans)]
        if state is State.UNKNOWN:
            words.append(gettext("not certain"))
        if mode:
            words.append(cards.word(atlas.vocabulary, "mode", mode) or mode)
        told.append(" ".join(words))
    return "; ".join(told) or gettext("closed")
