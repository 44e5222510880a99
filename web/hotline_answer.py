"""What a call comes to: the sentence in parts, where the caller may be, the sites for them with what to read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from locator import answers, earth, whereabouts
from locator.answers import NearSite
from locator.atlas import Atlas
from locator.doors import STAFF_ONLY
from locator.filters import Filters
from locator.heard import Ear, Heard, Part
from locator.hours import State
from locator.phrasebook import Want
from locator.quality import NO_WAY_IN
from locator.questions import NearestQuestion
from locator.whereabouts import Start
from locator.words import Words
from web import cards, i18n, visitors
from web.caller import Seen
from web.held import Held
from web.i18n import gettext
from web.read_aloud import Aloud

MOST_SITES = 9
"""One for each number key."""
MOST_PLACES = 8
_OPEN_FIRST = 6
"""So many of them because they are open; the others are the nearest, whatever their door."""
_LOOKED_AT = 18


@dataclass(frozen=True, slots=True)
class Call:
    """What an operator has typed and chosen."""

    words: str = ""
    place: str = ""
    """The key of the place chosen; empty: the first."""
    by: str = "walk"
    without: tuple[str, ...] = ()
    """Keys of the parts taken out."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of the sentence as the page shows it."""

    key: str
    sort: str
    """want, place or lost."""
    text: str
    means: str
    """In the reader's language; empty where it says no more than the text."""


@dataclass(frozen=True, slots=True)
class Told:
    """One site of an answer."""

    id: str
    name: str
    state: str
    state_words: str
    on_arrival: str
    arrival_words: str | None
    way: Words
    aloud: Words
    sms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the page shows of a call."""

    call: Call
    by: str = "walk"
    chips: tuple[Chip, ...] = ()
    places: tuple[Start, ...] = ()
    chosen: Start | None = None
    sites: tuple[Told, ...] = ()
    dropped: tuple[str, ...] = ()
    """What had to be left out for any site to be found, in the reader's language."""


def answer(call: Call, held: Held, now: datetime) -> Answer:
    """Return what a call comes to."""
    atlas = held.atlas
    heard = _ear(held).hear(call.words).less(call.without)
    found = whereabouts.starts(heard, atlas, k=MOST_PLACES)
    chosen = next((start for start in found.found if start.key == call.place), found.found[0] if found.found else None)
    by = next(iter(heard.codes("by")), call.by)
    shown = Answer(call, by, tuple(_chips(heard, found.not_understood, atlas)), found.found, chosen)
    if chosen is None:
        return shown
    filters = _filters(heard)
    near = _near(chosen, filters, by, held, now)
    dropped: tuple[str, ...] = ()
    if not near and filters.lasting() != Filters(admits=filters.admits):
        near, dropped = _near(chosen, Filters(admits=filters.admits), by, held, now), _said_of(heard, atlas)
    return replace(shown, sites=_told(near, chosen, heard, by, atlas, now), dropped=dropped)


def get_ready(held: Held) -> None:
    """Make what the first call would otherwise wait for."""
    answer(Call("北京"), held, held.since)
    earth.azimuth_deg(np.zeros(2), np.zeros((1, 2)))


def _ear(held: Held) -> Ear:
    return held.derived("ear", lambda atlas: Ear(atlas.vocabulary, atlas.places, atlas.areas, term_readings=atlas.term_readings))


def _filters(heard: Heard) -> Filters:
    return Filters(kinds=heard.codes("kind"), facilities=heard.codes("facility"), admits=heard.codes("eligibility"),
                   state=next(iter(heard.codes("state")), None))


def _near(start: Start, filters: Filters, by: str, held: Held, now: datetime) -> list[NearSite]:
    """Return the sites for a caller, each group nearest first.

    Those open on arrival, then the uncertain and those that others found locked, moved or gone, then the
    closed, then those where only staff may enter.
    """
    atlas, trust = held.atlas, held.trust(now)
    question = NearestQuestion(start.lon, start.lat, _LOOKED_AT, filters, by=by)
    found = list(answers.nearest(question, atlas, now, trust).sites)
    if filters.state is None and sum(near.arrival == State.OPEN for near in found) < _OPEN_FIRST:
        sure = replace(question, filters=replace(filters, state="open-on-arrival", strict=True))
        found = [*answers.nearest(sure, atlas, now, trust).sites, *found]
    first = {near.row: near for near in reversed(found)}
    order = {State.OPEN: 0, State.UNKNOWN: 1, State.CLOSED: 2}

    def place(near: NearSite) -> int:
        doubted = trust.of(near.row).no_way_in
        return 3 if _is_for_staff(near, atlas, now) else max(order[State(near.arrival)], 1 if doubted else 0)

    group = {near.row: place(near) for near in first.values()}
    nearest = sorted(first.values(), key=lambda near: (near.distance_m, near.row))
    welcome = [near for near in nearest if group[near.row] == 0][:_OPEN_FIRST]
    kept = {near.row: near for near in [*welcome, *nearest]}
    return sorted(list(kept.values())[:MOST_SITES], key=lambda near: (group[near.row], near.distance_m, near.row))


def _is_for_staff(near: NearSite, atlas: Atlas, now: datetime) -> bool:
    """Whether nobody but the host's own staff gets in when the caller gets there."""
    return near.value("eligibility") == STAFF_ONLY or visitors.mode_on_arrival(near, atlas, now) == STAFF_ONLY


def _arrival_words(near: NearSite, start: Start, by: str, atlas: Atlas, now: datetime) -> str | None:
    """Return what changes on the way, as lists say it; nothing where the caller's place is rough."""
    return None if start.rough else visitors.arrival(near, atlas, now, by=by, accuracy_m=start.accuracy_m).words


def _told(near: Sequence[NearSite], start: Start, heard: Heard, by: str, atlas: Atlas, now: datetime) -> tuple[Told, ...]:
    if not near:
        return ()
    needed = heard.codes("facility")
    aloud = Aloud(atlas, now, by, start.accuracy_m or 0.0, start.rough, needed)
    azimuths = earth.azimuth_deg(np.array([start.lon, start.lat]), np.array([site.lonlat for site in near])).tolist()
    seen = [Seen(site, azimuth) for site, azimuth in zip(near, azimuths, strict=True)]
    return tuple(Told(
        one.near.id, one.near.value("name"), *_door(one.near, atlas, now), _on_arrival(one.near, atlas, now),
        _arrival_words(one.near, start, by, atlas, now), aloud.way(one),
        aloud.site(one, second=_other(seen, number), nearest=number == 0 and not start.rough), aloud.message(one, i18n.language()))
        for number, one in enumerate(seen))


def _on_arrival(near: NearSite, atlas: Atlas, now: datetime) -> str:
    if _is_for_staff(near, atlas, now):
        return "closed"
    return "unknown" if near.state_on_arrival == "open" and near.trust.of(near.row).no_way_in else near.state_on_arrival


def _door(near: NearSite, atlas: Atlas, now: datetime) -> tuple[str, str]:
    """Return the state of a site's door and its words, with what others found there."""
    judgement = near.trust.of(near.row)
    door = cards.door(near.row, atlas, now, judgement)
    found = [shown.words.in_language(i18n.language()) for shown in judgement.reported if shown.type in NO_WAY_IN]
    return door.state, " · ".join([*found, door.words])


def _other(seen: Sequence[Seen], number: int) -> Seen | None:
    """Return what to offer after a site: the one after it in the list."""
    return seen[number + 1] if number + 1 < len(seen) else None


def _chips(heard: Heard, lost: Sequence[Part], atlas: Atlas) -> list[Chip]:
    chips = []
    for part in heard.parts:
        if part.sort == "want":
            chips.append(Chip(part.key, "want", part.text, ", ".join(_meaning(want, atlas) for want in part.wants)))
        elif part.sort != "nothing":
            chips.append(Chip(part.key, "lost" if part in lost else "place", part.text, ""))
    return [replace(chip, means="") if chip.means == chip.text else chip for chip in chips]


def _said_of(heard: Heard, atlas: Atlas) -> tuple[str, ...]:
    return tuple(_meaning(want, atlas) for want in heard.wants if want[0] in ("kind", "facility", "state"))


def _meaning(want: Want, atlas: Atlas) -> str:
    section, code = want
    own = {("state", "open"): gettext("open now"), ("state", "open-on-arrival"): gettext("open on arrival"),
           ("state", "all-day"): gettext("open 24 hours"), ("by", "walk"): gettext("On foot"), ("by", "ride"): gettext("E-bike")}
    return own.get(want) or cards.word(atlas.vocabulary, section, code) or code
