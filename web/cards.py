"""A site as pages tell it: every code in words, what is unknown said to be unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from locator.answers import NearestAnswer, NearSite
from locator.atlas import Atlas
from locator.hours import Opening, minute_of
from locator.sites import Sites
from locator.vocabulary import Term, Vocabulary
from web import phrases
from web.i18n import gettext, language

MOST_FACILITIES = 7
PLAIN_COLOUR = "#6b6b6b"
"""Of a kind that was given none."""


class Fact(NamedTuple):
    """A facility and what is known of it."""

    code: str
    name: str
    level: str
    """yes, limited, no or unknown"""


@dataclass(frozen=True, slots=True)
class Card:
    """One site of a list."""

    row: int
    id: str
    name: str
    kind: str
    colour: str
    lon: float
    lat: float
    distance: str
    distance_m: float
    walk: str | None
    ride: str | None
    state: str
    state_words: str
    state_reason: str | None
    on_arrival: str
    arrival_words: str | None
    mode: str | None
    eligibility: str | None
    facilities: tuple[Fact, ...]
    more_facilities: int
    address: str | None
    phone: str | None
    verified_on: Any
    demo: bool


class Group(NamedTuple):
    """The sites of one state on arrival, nearest first."""

    state: str
    heading: str
    cards: tuple[Card, ...]


def groups(answer: NearestAnswer, atlas: Atlas) -> tuple[Group, ...]:
    """Return an answer's sites as open on arrival, unknown, closed; a group without sites is left out."""
    needed = answer.question.filters.facilities
    cards = [card(near, atlas, answer.as_of, needed) for near in answer.sites]
    headings = {"open": gettext("Open when you get there"), "unknown": gettext("Ask first: opening not certain"),
                "closed": gettext("Closed when you get there")}
    made = (Group(state, heading, tuple(c for c in cards if c.on_arrival == state)) for state, heading in headings.items())
    return tuple(group for group in made if group.cards)


def card(near: NearSite, atlas: Atlas, now: datetime, needed: Sequence[str] = ()) -> Card:
    """Return one near site in words; the facilities somebody needs come first."""
    value, vocabulary = near.value, atlas.vocabulary
    kind = vocabulary.term("kind", value("kind"))
    has = facts(near.sites.known_facilities(near.row), vocabulary, first=needed)
    has = [fact for fact in has if fact.level in ("yes", "limited")]
    reason = near.state_reason
    lon, lat = near.lonlat
    return Card(
        row=near.row, id=near.id, name=value("name"), kind=said(kind), colour=kind.colour or PLAIN_COLOUR,
        lon=lon, lat=lat, distance=phrases.distance(near.distance_m), distance_m=near.distance_m,
        walk=phrases.way(near.distance_m, "walk"), ride=phrases.way(near.distance_m, "ride"),
        state=near.state, state_words=phrases.state(opening(near.row, atlas, now), now),
        state_reason=reason.in_language(language()) if reason else None, on_arrival=near.state_on_arrival,
        arrival_words=phrases.arrival(near.state, near.state_on_arrival),
        mode=word(vocabulary, "mode", near.mode), eligibility=word(vocabulary, "eligibility", value("eligibility")),
        facilities=tuple(has[:MOST_FACILITIES]), more_facilities=max(0, len(has) - MOST_FACILITIES),
        address=value("address"), phone=value("phone"), verified_on=value("verified_on"), demo=value("demo"))


def facts(stated: dict[str, str], vocabulary: Vocabulary, *, first: Iterable[str] = (), unknown: bool = False) -> list[Fact]:
    """Return facilities in words, `first` ones first, otherwise in the vocabulary's order.

    Args:
        stated: Facility code → yes, no, limited.
        vocabulary: The words.
        first: Codes that go before the others.
        unknown: True: facilities nothing is stated of are told too, as unknown.
    """
    front = list(first)
    terms = vocabulary.terms("facility")
    order = [*(c for c in terms if c in front), *(c for c in terms if c not in front)]
    return [Fact(code, said(terms[code]), stated.get(code, "unknown")) for code in order if unknown or code in stated]


def opening(row: int, atlas: Atlas, now: datetime) -> Opening:
    """Return what is known of a site's door at an instant."""
    return atlas.hours.opening(int(atlas.sites.timetables.codes[row]), minute_of(now))


def word(vocabulary: Vocabulary, section: str, code: str | None) -> str | None:
    """Return a code in words; None stays None, and a code no longer in the vocabulary is said as it is."""
    if code is None:
        return None
    term = vocabulary.terms(section).get(code)
    return code if term is None else said(term)


def said(term: Term) -> str:
    """Return a term in the reader's language."""
    return term.words.in_language(language())


class Day(NamedTuple):
    """One day of a week's hours."""

    name: str
    today: bool
    spans: tuple[tuple[str, str, str, str | None], ...]
    """from, to, state, mode"""


def week(row: int, sites: Sites, atlas: Atlas, now: datetime) -> tuple[Day, ...]:
    """Return the coming seven days' hours of a site, today first; what is closed is left out."""
    days = atlas.hours.week(int(sites.timetables.codes[row]), now.date())
    names = ("closed", "open", "unknown")
    told = []
    for ahead, spans in enumerate(days):
        shown = tuple((phrases.minute_of_day(start), phrases.minute_of_day(end), state.name.lower(),
                       word(atlas.vocabulary, "mode", mode))
                      for start, end, state, mode in spans if state.name.lower() in names[1:])
        told.append(Day(phrases.weekday((now.weekday() + ahead) % 7), ahead == 0, shown))
    return tuple(told)
