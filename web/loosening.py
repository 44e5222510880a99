"""When nothing suits: which filters emptied the list, and what is there without them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from locator import tallies
from locator.atlas import Atlas
from locator.filters import Filters
from locator.questions import NearestQuestion
from locator.tallies import Part
from locator.trust import Trust
from locator.vocabulary import Need
from web import cards
from web.asked import START, Asked
from web.i18n import gettext, language
from web.pairs import Pairs

MOST_OFFERS = 6


@dataclass(frozen=True, slots=True)
class Offer:
    """Filters that together emptied a list: their words, the address without them, and what that shows."""

    words: tuple[str, ...]
    address: str
    distance_m: float
    sites: int


class _Said(NamedTuple):
    """One part of a question, as the address says it."""

    words: str
    part: Part
    pairs: Pairs = ()
    names: tuple[str, ...] = ()


def offers(question: NearestQuestion, asked: Asked, atlas: Atlas, now: datetime, trust: Trust) -> list[Offer]:
    """Return the smallest sets of filters that emptied the list, the one that leads to the nearest site first."""
    said = _parts(question, asked, atlas)
    found = []
    for way in tallies.ways_out(question, [one.part for one in said], atlas, now, trust=trust)[:MOST_OFFERS]:
        given_up = [said[i] for i in way.parts]
        names = [name for one in given_up for name in one.names]
        # without its district a question keeps the place it was measured from
        also = [("lon", repr(question.lon)), ("lat", repr(question.lat)), ("place", _area(asked, atlas))] if "area" in names else []
        address = asked.address("k", *names, *(START if also else ()), less=[pair for one in given_up for pair in one.pairs], also=also)
        found.append(Offer(tuple(dict.fromkeys(one.words for one in given_up)), address, way.nearest_m, way.sites))
    return found


def _parts(question: NearestQuestion, asked: Asked, atlas: Atlas) -> list[_Said]:
    """Return everything a question asks for that could be given up."""
    filters = question.filters
    # nobody sets out from an area's middle: there the list goes by what is open now
    state = "open" if asked.value("state") and filters.state == "open" else asked.value("state")
    whole = (
        (filters.eligibility, gettext("who may use it"), Part(Filters(eligibility=filters.eligibility)), ("eligibility",)),
        (state, gettext("Hide closed"), Part(Filters(state=state)), ("state", "strict")),
        (filters.state and filters.strict, gettext("unknown left out"), Part(Filters(state=filters.state), known=True), ("strict",)),
        (filters.verified_only, gettext("Verified only"), Part(Filters(verified_only=True)), ("verified_only",)),
        (question.within_m, gettext("the distance limit"), Part(within_m=question.within_m), ("within",)),
        (filters.areas, _area(asked, atlas), Part(Filters(areas=filters.areas)), ("area",)))
    return [*_kinds(filters, asked, atlas), *_needs(asked, atlas), *(_Said(words, part, names=names) for given, words, part, names in whole if given)]


def _kinds(filters: Filters, asked: Asked, atlas: Atlas) -> list[_Said]:
    """Return the kinds as one part: several mean any of them, so only all of them together keep anything out."""
    if not filters.kinds:
        return []
    needs = [need for need in _needed(asked, atlas) if "kind" in need.filters]
    words = [need.words.in_language(language()) for need in needs]
    words += [cards.said(atlas.vocabulary.term("kind", atlas.vocabulary.code("kind", kind))) for kind in asked.values("kind")]
    return [_Said(gettext(" or ").join(dict.fromkeys(words)), Part(Filters(kinds=filters.kinds)), [("need", need.code) for need in needs], ("kind",))]


def _needs(asked: Asked, atlas: Atlas) -> list[_Said]:
    """Return each need but those of a kind, and each facility."""
    parts = [_Said(need.words.in_language(language()), Part(Filters(
        facilities=need.filters.get("facility", ()), eligibility=need.filters.get("eligibility", ()),
        state=need.filters.get("state", (None,))[0])), [("need", need.code)])
        for need in _needed(asked, atlas) if "kind" not in need.filters]
    for facility in dict.fromkeys(asked.values("facility")):
        code = atlas.vocabulary.code("facility", facility)
        parts.append(_Said(cards.said(atlas.vocabulary.term("facility", code)), Part(Filters(facilities=(code,))), [("facility", facility)]))
    return parts


def _needed(asked: Asked, atlas: Atlas) -> list[Need]:
    return [atlas.vocabulary.needs[code] for code in dict.fromkeys(asked.values("need"))]


def _area(asked: Asked, atlas: Atlas) -> str:
    said = asked.value("area")
    return atlas.areas[atlas.areas.code(said)].words.in_language(language()) if said else ""
