"""A site as pages tell it: every code in words, what is unknown said to be unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from geodata.registry.history import MARK
from locator.answers import NearestAnswer, NearSite
from locator.atlas import Atlas
from locator.doors import STAFF_ONLY
from locator.hours import CLOCK, Opening, State, minute_of, moment_of
from locator.quality import Confidence, Judgement
from locator.sites import Sites
from locator.vocabulary import Term, Vocabulary
from web import phrases, timeline_bars, visitors
from web.i18n import gettext, language
from web.timeline_bars import Bar
from web.vagueness import Reach

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
    ranged: bool
    """Whether `distance` is more than a figure: a range, or from the middle of an area"""
    distance_m: float
    walk: str | None
    ride: str | None
    state: str
    state_words: str
    state_reason: str | None
    reached: bool
    """Whether somebody goes there from where the distance is measured; arrivals and minutes are told only then"""
    on_arrival: str
    """For a visitor, by the rule of `vagueness`; the state now where it is not reached"""
    arrival_words: str | None
    doubtful: bool
    """Whether the record is doubtful: open by its hours, but never named as surely open"""
    hours: Bar
    """Today's"""
    mode: str | None
    """Who may enter now"""
    modes: tuple[str, ...]
    """Who may enter when today, where that changes"""
    entry_note: str | None
    eligibility: str | None
    facilities: tuple[Fact, ...]
    more_facilities: int
    address: str | None
    phone: str | None
    verified_on: Any
    demo: bool


class Group(NamedTuple):
    """The sites of one state on arrival, or now where nobody arrives; nearest first."""

    state: str
    reached: bool
    heading: str
    cards: tuple[Card, ...]


def groups(answer: NearestAnswer, atlas: Atlas, *, leads: Sequence[str] = (), middle: bool = False) -> tuple[Group, ...]:
    """Return an answer's sites as open on arrival, unknown, closed; a group without sites is left out.

    One that others found locked, moved or gone is among the unknown. What nobody goes to comes after, by its
    state now. Where closed ones are hidden, those that are open for staff only are hidden too.

    Args:
        answer: The sites.
        atlas: What is known.
        leads: Facilities that come first on a card, before those the question filters by.
        middle: The distances are from the middle of an area, where the visitor is not.
    """
    question = answer.question
    first = [*leads, *(code for code in atlas.vocabulary.terms("facility") if code in question.filters.facilities)]
    cards = [card(near, atlas, answer.as_of, first, by=question.by, accuracy_m=question.accuracy_m, middle=middle) for near in answer.sites]
    if question.filters.strict:
        cards = [c for c, near in zip(cards, answer.sites, strict=True) if not near.trust.of(near.row).no_way_in]
    if question.filters.state == ("open" if middle else "open-on-arrival"):
        cards = [c for c in cards if c.on_arrival != "closed"]
    unsure = gettext("Ask first: opening not certain")
    headings = {
        True: {"open": gettext("Open when you get there"), "unknown": unsure, "closed": gettext("Closed when you get there")},
        False: {"open": gettext("Open now"), "unknown": unsure, "closed": gettext("Closed now")}}
    made = (Group(state, reached, heading, tuple(c for c in cards if (c.reached, c.on_arrival) == (reached, state)))
            for reached, words in headings.items() for state, heading in words.items())
    return tuple(group for group in made if group.cards)


def card(near: NearSite, atlas: Atlas, now: datetime, needed: Sequence[str] = (), *, by: str = "walk",
         accuracy_m: float | None = None, middle: bool = False) -> Card:
    """Return one near site in words.

    Args:
        near: The site, seen from where it was asked.
        atlas: What is known.
        now: When it was asked.
        needed: Facilities somebody needs: they come first, in this order.
        by: How one goes there, walk or ride.
        accuracy_m: How vague the position it was asked from is.
        middle: It was asked from the middle of an area, where nobody is: no minutes and no arrival.
    """
    value, vocabulary, now = near.value, atlas.vocabulary, now.astimezone(CLOCK)
    kind = vocabulary.term("kind", value("kind"))
    has = facts(near.sites.known_facilities(near.row), vocabulary, first=needed)
    has = [fact for fact in has if fact.level in ("yes", "limited")]
    arrives = visitors.arrival(near, atlas, now, by=by, accuracy_m=accuracy_m)
    reach = arrives.reach
    reached = not middle and _way(reach, by) is not None
    judgement = near.trust.of(near.row)
    present = door(near.row, atlas, now, judgement)
    on_arrival = arrives.state if reached else present.state
    doubted = judgement.no_way_in and on_arrival == "open"
    far = phrases.between(*reach) if reach.ranged else phrases.distance(near.distance_m)
    lon, lat = near.lonlat
    return Card(
        row=near.row, id=near.id, name=value("name"), kind=said(kind), colour=kind.colour or PLAIN_COLOUR, lon=lon, lat=lat,
        distance=gettext("{far} from the middle").format(far=far) if middle else far, ranged=reach.ranged or middle,
        distance_m=near.distance_m, walk=None if middle else _way(reach, "walk"), ride=None if middle else _way(reach, "ride"),
        state=present.state, state_words=present.words, state_reason=present.reason, reached=reached,
        on_arrival="unknown" if doubted else on_arrival, arrival_words=arrives.words if reached and not doubted else None,
        doubtful=judgement.level == Confidence.DOUBTFUL,
        hours=timeline_bars.today(near.row, atlas, now, arrives.at if reached else None),
        mode=word(vocabulary, "mode", near.mode), modes=modes(near.row, atlas, now), entry_note=told(value("entry_note")),
        eligibility=word(vocabulary, "eligibility", value("eligibility")),
        facilities=tuple(has[:MOST_FACILITIES]), more_facilities=max(0, len(has) - MOST_FACILITIES),
        address=told(value("address")), phone=told(value("phone")), verified_on=value("verified_on"), demo=value("demo"))


def _way(reach: Reach, by: str) -> str | None:
    return phrases.way(reach.near_m, by, reach.far_m if reach.ranged else None)


def told(text: str | None) -> str | None:
    """Return a text of a record; None for one that was taken out of it."""
    return None if text == MARK else text


class Door(NamedTuple):
    """A site's door as a visitor is told it: an open one that others found no way in by is not certain."""

    state: str
    words: str
    reason: str | None
    """Why it is so, where the words do not say it"""


def door(row: int, atlas: Atlas, now: datetime, judgement: Judgement) -> Door:
    """Return what a visitor is told of a site's door at an instant."""
    known, words = visitors.opening(row, atlas, now), state_words(row, atlas, now)
    reason = None if known.state == State.UNKNOWN or known.mode == STAFF_ONLY or known.reason is None else known.reason.in_language(language())
    if judgement.no_way_in and known.state == State.OPEN:
        return Door("unknown", gettext("By its hours: {state}").format(state=words), reason)
    return Door(known.state.code, words, reason)


def state_words(row: int, atlas: Atlas, now: datetime) -> str:
    """Return what a visitor is told of a site's door, now and next; why, where it is not known."""
    known = visitors.opening(row, atlas, now)
    if known.state == State.UNKNOWN and known.reason is not None:
        return phrases.uncertain(known.reason.in_language(language()), known, now)
    if known.mode == STAFF_ONLY and known.state == State.CLOSED:
        if known.next_state != State.OPEN or known.changes_at is None:
            return gettext("Staff only now")
        return gettext("Staff only now; for visitors from {time}").format(time=phrases.clock(moment_of(known.changes_at), now))
    back = None if known.changes_at is None or known.state != State.OPEN else visitors.opening(row, atlas, known.changes_at)
    return phrases.state(known, now, back=back)


def modes(row: int, atlas: Atlas, now: datetime) -> tuple[str, ...]:
    """Return who may enter when today, mode by mode; nothing where one mode holds all day, or none is stated."""
    code = int(atlas.sites.timetables.codes[row])
    if not atlas.hours.timetables[code].slots:
        return ()
    times: dict[str, list[tuple[int, int]]] = {}
    for span in atlas.hours.week(code, now.date(), 1)[0]:
        name = word(atlas.vocabulary, "mode", span.mode) or gettext("entry not stated")
        times.setdefault(name, []).append((span.start, span.end))
    return tuple(f"{name} {timeline_bars.joined(spans)}" for name, spans in times.items()) if len(times) > 1 else ()


def facts(stated: dict[str, str], vocabulary: Vocabulary, *, first: Iterable[str] = (), unknown: bool = False) -> list[Fact]:
    """Return facilities in words, `first` ones first in their order, then the others in the vocabulary's.

    Args:
        stated: Facility code → yes, no, limited.
        vocabulary: The words.
        first: Codes that go before the others.
        unknown: True: facilities nothing is stated of are told too, as unknown.
    """
    terms = vocabulary.terms("facility")
    order = list(dict.fromkeys([*(code for code in first if code in terms), *terms]))
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
    told = []
    for ahead, spans in enumerate(days):
        shown = tuple((phrases.minute_of_day(start), phrases.minute_of_day(end), state.code,
                       word(atlas.vocabulary, "mode", mode))
                      for start, end, state, mode in spans if state is not State.CLOSED)
        told.append(Day(phrases.weekday((now.weekday() + ahead) % 7), ahead == 0, shown))
    return tuple(told)
