"""A day's hours as a bar from midnight to midnight: what is drawn, and the words for whoever does not see it.

`templates/timeline.html` draws it. Shapes differ, not only colours: what is open is a whole bar, what
is not certain a thin one, what is for staff only a hollow one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from locator.atlas import Atlas
from locator.doors import STAFF_ONLY
from locator.hours import CLOCK, DAY, Span, State
from web import phrases
from web.i18n import gettext, language


class Stretch(NamedTuple):
    """A part of the bar: where it begins and how wide it is, in percent, and of which sort."""

    x: str
    width: str
    sort: str
    """open, staff_only, unknown, or probable: open by hours that were only inferred"""


class Bar(NamedTuple):
    """One day: its stretches in order, the present and the arrival where they fall on it, and all of it in words."""

    stretches: tuple[Stretch, ...]
    now: str | None
    arrival: str | None
    words: str


def today(row: int, atlas: Atlas, now: datetime, arrival: datetime | None = None) -> Bar:
    """Return the day of `now` of one site.

    Args:
        row: The site.
        atlas: What is known.
        now: The instant asked about; it is marked.
        arrival: When one gets there; marked, at the right edge when that is after midnight.
    """
    now = now.astimezone(CLOCK)
    spans, sort = _days(row, atlas, now, 1)
    minutes = _minute(now)
    later = None if arrival is None else minutes + (arrival - now) / timedelta(minutes=1)
    said = [_said(spans[0], sort), gettext("now {time}").format(time=f"{now:%H:%M}")]
    if arrival is not None:
        said.append(gettext("you arrive about {time}").format(time=phrases.clock(arrival, now)))
    return Bar(_drawn(spans[0], sort), _percent(minutes), None if later is None else _percent(min(later, DAY)), _joined(said))


def week(row: int, atlas: Atlas, now: datetime) -> tuple[Bar, ...]:
    """Return the seven days from that of `now` on; the present is marked on the first."""
    now = now.astimezone(CLOCK)
    days, sort = _days(row, atlas, now, 7)
    return tuple(Bar(_drawn(spans, sort), _percent(_minute(now)) if ahead == 0 else None, None, _said(spans, sort))
                 for ahead, spans in enumerate(days))


def _days(row: int, atlas: Atlas, now: datetime, days: int) -> tuple[list[list[Span]], str]:
    """Return the spans of some days, and what their open parts are: open, or probable."""
    code = int(atlas.sites.timetables.codes[row])
    inferred = atlas.hours.timetables[code].inferred
    return atlas.hours.week(code, now.date(), days, probable=inferred), "probable" if inferred else "open"


def _drawn(spans: Iterable[Span], sort: str) -> tuple[Stretch, ...]:
    return tuple(Stretch(_percent(span.start), _percent(span.end - span.start), _sort(span, sort)) for span in spans)


def _sort(span: Span, sort: str) -> str:
    if span.state is State.UNKNOWN:
        return "unknown"
    return STAFF_ONLY if span.mode == STAFF_ONLY else sort


def _said(spans: Sequence[Span], sort: str) -> str:
    """Return a day in words: open 09:00–12:00, 13:00–17:30; staff only 17:30–18:00."""
    names = {"open": gettext("open {times}"), "probable": gettext("probably {times}"),
             "unknown": gettext("not certain {times}"), STAFF_ONLY: gettext("staff only {times}")}
    told = []
    for name, words in names.items():
        times = joined([(span.start, span.end) for span in spans if _sort(span, sort) == name])
        if times:
            told.append(words.format(times=times))
    return _joined(told) if told else gettext("closed all day") if sort == "open" else gettext("probably closed all day")


def joined(times: Iterable[tuple[int, int]]) -> str:
    """Return pairs of minutes as 09:00–12:00, 13:00–17:30; what touches is one."""
    whole: list[tuple[int, int]] = []
    for start, end in times:
        if whole and whole[-1][1] == start:
            start = whole.pop()[0]
        whole.append((start, end))
    between = "、" if language().startswith("zh") else ", "
    return between.join(f"{phrases.minute_of_day(start)}–{phrases.minute_of_day(end)}" for start, end in whole)


def _joined(said: Iterable[str]) -> str:
    return ("；" if language().startswith("zh") else "; ").join(said)


def _minute(moment: datetime) -> float:
    return moment.hour * 60 + moment.minute


def _percent(minutes: float) -> str:
    return f"{minutes / DAY * 100:.4g}%"
