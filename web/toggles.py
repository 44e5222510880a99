"""The needs and switches above the list: each a plain link, with how many sites it would leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from locator import tallies
from locator.atlas import Atlas
from locator.filters import Filters
from locator.questions import NearestQuestion
from locator.trust import Trust
from locator.vocabulary import Need
from web import cards, phrases
from web.asked import Asked
from web.i18n import gettext, language

REACH_M = {"walk": 2000.0, "ride": 6000.0}
"""How far counts look: half an hour's way."""


@dataclass(frozen=True, slots=True)
class Toggle:
    """A filter one tap puts on or off."""

    code: str
    words: str
    address: str
    chosen: bool
    count: int | None
    """Sites that pass with it on, beside all else that is on; None without a place to count around."""


@dataclass(frozen=True, slots=True)
class Toggles:
    """Every toggle of the page, and what their counts count."""

    needs: tuple[Toggle, ...]
    hide_closed: Toggle
    verified: Toggle
    counted: str | None


def toggles(asked: Asked, atlas: Atlas, question: NearestQuestion | None, now: datetime, trust: Trust) -> Toggles:
    """Return the page's toggles; with a question, their counts are exact around its place."""
    needs = list(atlas.vocabulary.needs.values())
    filters = question.filters if question else Filters()
    alternatives = [*(_with(filters, need) for need in needs),
                    filters if filters.state else replace(filters, state=_open(asked)), replace(filters, verified_only=True)]
    counts: Sequence[int | None] = [None] * len(alternatives)
    counted = None
    if question is not None:
        within_m = question.within_m or (None if filters.areas else REACH_M[question.by])
        counts = tallies.tally(question, alternatives, atlas, now, radius_m=within_m, trust=trust)
        counted = (gettext("Numbers: places in the district that suit") if within_m is None else
                   gettext("Numbers: places within {far} that suit").format(far=phrases.distance(within_m)))
    chosen = set(asked.values("need"))
    return Toggles(
        tuple(_toggle(asked, need.code, need.words.in_language(language()), ("need", need.code), need.code in chosen, count)
              for need, count in zip(needs, counts, strict=False)),
        _toggle(asked, "hide_closed", gettext("Hide closed"), ("state", asked.value("state") or "open-on-arrival"),
                bool(asked.value("state")), counts[-2]),
        _toggle(asked, "verified_only", gettext("Verified only"), ("verified_only", asked.value("verified_only") or "1"),
                bool(asked.value("verified_only")), counts[-1]), counted)


def _toggle(asked: Asked, code: str, words: str, pair: tuple[str, str], chosen: bool, count: int | None) -> Toggle:
    dropped = ("k", "strict") if code == "hide_closed" else ("k",)
    address = asked.address(*dropped, less=[pair]) if chosen else asked.address(*dropped, also=[pair])
    return Toggle(code, words, address, chosen, count)


def _open(asked: Asked) -> str:
    """Return which state "hide closed" leaves: nobody arrives from the middle of an area."""
    return "open" if asked.value("area") and not asked.value("lon") else "open-on-arrival"


def _with(filters: Filters, need: Need) -> Filters:
    """Return filters with a need on, as a request that names it is read."""
    said = need.filters
    return replace(
        filters, kinds=tuple(sorted({*filters.kinds, *said.get("kind", ())})),
        facilities=tuple(sorted({*filters.facilities, *said.get("facility", ())})),
        eligibility=tuple(sorted({*filters.eligibility, *said.get("eligibility", ())})),
        state=said["state"][0] if "state" in said else filters.state)


def told(asked: Asked, atlas: Atlas) -> list[tuple[str, str]]:
    """Return the filters that have no toggle: their words, and the address without each."""
    vocabulary = atlas.vocabulary
    told = [(cards.said(vocabulary.term(section, vocabulary.code(section, said))), asked.address("k", less=[(section, said)]))
            for section in ("kind", "facility", "eligibility") for said in dict.fromkeys(asked.values(section))]
    told += [(words, asked.address(name, "k")) for name, words in (
        ("strict", gettext("unknown left out")), ("within", gettext("the distance limit"))) if asked.value(name)]
    return told
