"""The holidays and make-up working days just ahead, and what is stated of a site's door on each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from locator.atlas import Atlas
from locator.hours import State
from web import cards, phrases
from web.i18n import gettext, language

DAYS = 14


@dataclass(frozen=True, slots=True)
class Ahead:
    """Some days in a row on which a door may differ from its week."""

    first: date
    last: date
    name: str
    """The festival; of a make-up day, that it is one"""
    state: str
    """open, closed, or unknown where nothing says: the least sure of the day's hours"""
    spans: tuple[tuple[str, str, str, str | None], ...]
    """As of `cards.Day`."""

    @property
    def days(self) -> str:
        """When, as one says it: 1 Oct, 1 Oct to 8 Oct."""
        first, last = (phrases.day(day) for day in (self.first, self.last))
        return first if self.first == self.last else gettext("{first} to {last}").format(first=first, last=last)


def holidays(row: int, atlas: Atlas, now: datetime) -> tuple[Ahead, ...]:
    """Return the special days of the coming `DAYS`, today among them; like days in a row are one.

    Days of a year whose holidays were not announced when the table was made are told once, without a state.
    """
    weeks = [day for after in range(0, DAYS, 7) for day in cards.week(row, atlas.sites, atlas, now + timedelta(days=after))]
    found: list[Ahead] = []
    for number, (_, _, spans) in enumerate(weeks):
        day = now.date() + timedelta(days=number)
        kind, festival = atlas.calendar.day(day)
        if kind == "plain":
            continue
        name = "" if festival is None else festival.in_language(language())
        if kind == "makeup":
            name = gettext("make-up working day")
        elif kind == "unknown":
            name = gettext("holidays of {year} not announced yet").format(year=day.year)
        state = "closed" if not spans else "unknown" if any(said == State.UNKNOWN.code for _, _, said, _ in spans) else "open"
        one = Ahead(day, day, name, "" if kind == "unknown" else state, () if kind == "unknown" else spans)
        before = found[-1] if found else None
        if before and before.last + timedelta(days=1) == day and replace(one, first=before.first) == replace(before, last=day):
            found[-1] = replace(before, last=day)
        else:
            found.append(one)
    return tuple(found)
