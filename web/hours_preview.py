"""What hours mean, before they are saved: a usual week day by day, the next holiday, the next make-up day, the season."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from locator.atlas import Atlas
from locator.calendar import Calendar
from locator.hours import Hours, Span, minute_of
from locator.sites import Timetable
from locator.typed import BEIJING
from web import cards, i18n, phrases
from web.i18n import gettext

_USUAL_WITHIN = 400
_NOON = time(12, tzinfo=BEIJING)


class Bar(NamedTuple):
    """A part of a day as it is drawn: minutes from midnight."""

    start: int
    length: int
    state: str


class Day(NamedTuple):
    """One weekday of the usual week."""

    name: str
    words: str
    bars: tuple[Bar, ...]


class Preview(NamedTuple):
    """What a timetable comes to."""

    expression: str
    sentence: str
    """The week in one sentence."""
    days: tuple[Day, ...]
    """Monday first."""
    notes: tuple[str, ...]
    """Season, holidays, make-up days."""


def preview(timetable: Timetable, atlas: Atlas, today: date) -> Preview | None:
    """Return what a timetable means in words; None where it states no hours. A few milliseconds."""
    if timetable.opening_hours is None:
        return None
    hours = Hours((timetable,), atlas.calendar, previous=atlas.hours)
    monday = _first(today, lambda day: _is_usual(day, atlas.calendar, timetable)) or today + timedelta(days=-today.weekday() % 7)
    days = tuple(Day(phrases.weekday(i), _words(spans, atlas), _bars(spans)) for i, spans in enumerate(hours.week(0, monday)))
    return Preview(timetable.opening_hours, _sentence(days), days, tuple(_notes(timetable, hours, atlas, today)))


def _first(start: date, suits: Callable[[date], bool]) -> date | None:
    days = (start + timedelta(days=ahead) for ahead in range(_USUAL_WITHIN))
    return next(filter(suits, days), None)


def _is_usual(day: date, calendar: Calendar, timetable: Timetable) -> bool:
    """Whether a day is a Monday whose week has no holiday and no make-up day, within the season."""
    week = [day + timedelta(days=ahead) for ahead in range(7)]
    return day.weekday() == 0 and all(calendar.day(one).kind == "plain" and _in_season(one, timetable) for one in week)


def _in_season(day: date, timetable: Timetable) -> bool:
    first, last, here = timetable.season_from, timetable.season_to, day.strftime("%m-%d")
    if first is None or last is None:
        return True
    return first <= here <= last if first <= last else here >= first or here <= last


def _bars(spans: Sequence[Span]) -> tuple[Bar, ...]:
    return tuple(Bar(span.start, span.end - span.start, span.state.code) for span in spans)


def _words(spans: Sequence[Span], atlas: Atlas) -> str:
    if not spans:
        return gettext("closed all day")
    told = []
    for span in spans:
        text = f"{phrases.minute_of_day(span.start)}–{phrases.minute_of_day(span.end)}"
        notes = [gettext("not certain")] if span.state.name == "UNKNOWN" else []
        notes += [word for word in [cards.word(atlas.vocabulary, "mode", span.mode)] if word]
        told.append(f"{text} ({', '.join(notes)})" if notes else text)
    return gettext(", ").join(told)


def _sentence(days: Sequence[Day]) -> str:
    parts = []
    for words, group in groupby(days, lambda day: day.words):
        names = [day.name for day in group]
        named = names[0] if len(names) == 1 else gettext("{first} to {last}").format(first=names[0], last=names[-1])
        parts.append(f"{named} {words}")
    return gettext("; ").join(parts)


def _notes(timetable: Timetable, hours: Hours, atlas: Atlas, today: date) -> list[str]:
    notes = []
    if timetable.season_from and timetable.season_to:
        notes.append(gettext("Only from {first} to {last} of each year; closed otherwise.").format(
            first=timetable.season_from, last=timetable.season_to))
    for kind, said in (("holiday", gettext("Next public holiday, {name} {day}: {words}")),
                       ("makeup", gettext("Next make-up working day, {name} {day}: {words}"))):
        day = _first(today, lambda one, kind=kind: atlas.calendar.day(one).kind == kind and _in_season(one, timetable))  # type: ignore[misc]
        if day is not None:
            name = atlas.calendar.day(day).name
            notes.append(said.format(name=name.in_language(i18n.language()) if name else "", day=f"{day:%Y-%m-%d}",
                                     words=_on(day, hours, atlas)))
    if today + timedelta(days=_USUAL_WITHIN) > atlas.calendar.last:
        notes.append(gettext("Holidays are known until {day}; after that, what depends on them is unknown.").format(day=atlas.calendar.last))
    if timetable.inferred:
        notes.append(gettext("These hours are a guess of the source: they are shown as not certain."))
    return notes


def _on(day: date, hours: Hours, atlas: Atlas) -> str:
    words = _words(hours.week(0, day, 1)[0], atlas)
    reason = hours.opening(0, minute_of(datetime.combine(day, _NOON))).reason
    return f"{words} ({reason.in_language(i18n.language())})" if reason else words
