"""The finder: where to sit down, warm up, drink, wash, now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flask import Blueprint, render_template, request, url_for

from locator import answers, datum
from locator.areas import Area
from locator.atlas import Atlas
from locator.errors import Refusal
from locator.filters import Filters
from locator.questions import NearestQuestion, SearchQuestion
from web import cards, current, frame, i18n
from web.errors import Refused
from web.pairs import Pairs, pairs_of
from web.replies import PRIVATE
from web.values import LONGEST_TEXT

bp = Blueprint("finder", __name__)

FIRST_LIST = "20"
FIRST_NEEDS = 7
"""Needs shown at once; the others wait behind one tap."""
_CARRIED = ("lon", "lat", "accuracy_m", "place", "area", "need", "kind", "facility", "eligibility", "state", "strict",
            "verified_only", "at", "by", "within", "k", "datum")
"""What links and forms of the page pass on; the rest of an address is left behind."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page's address says, beside the question itself."""

    pairs: Pairs
    text: str
    place: str

    def value(self, name: str) -> str:
        """Return the first value of a name; empty when there is none."""
        return next((v for n, v in self.pairs if n == name), "")

    def values(self, name: str) -> list[str]:
        """Return every value of a name."""
        return [v for n, v in self.pairs if n == name]

    def address(self, *without: str, also: Pairs = (), less: Pairs = ()) -> str:
        """Return the page's address again, without some names or pairs and with others."""
        kept = [p for p in self.pairs if p[0] in _CARRIED and p[0] not in without and p not in less]
        return frame.with_query(url_for("finder.nearest"), [*kept, *also])


@bp.get("/")
def nearest() -> tuple[str, int, dict[str, str]]:
    """Show the suitable sites nearest to the visitor; without a place to start from, how to choose one."""
    pairs = [(name, value[:LONGEST_TEXT]) for name, value in pairs_of(request) if value.strip()]
    told = dict(reversed(pairs))
    asked = Asked([p for p in pairs if p[0] in _CARRIED], told.get("q", "").strip(), told.get("place", ""))
    held, now = current.held(), current.now()
    shown: dict[str, Any] = {"asked": asked, "now": now, "view": "welcome", "filters": Filters(), "by": "walk"}
    status = 200
    try:
        if asked.text:
            shown |= _choices(asked, held.atlas)
        elif asked.value("lon") or asked.value("lat"):
            question = _in_wgs84(held.reader.nearest(_with_first_list(asked.pairs), lenient=True))
            shown |= _answer(question, asked, held.atlas, now)
        elif asked.value("area"):
            shown |= _in_area(asked, held, now)
    except Refused as refused:
        shown |= {"view": "refused", "refusals": refused.refusals}
        status = 400
    except Refusal as refusal:
        shown |= {"view": "refused", "refusals": [refusal]}
        status = 400
    needs = list(held.atlas.vocabulary.needs.values())
    page = render_template("finder/nearest.html", needs=needs[:FIRST_NEEDS], more_needs=needs[FIRST_NEEDS:],
                           chosen=set(asked.values("need")),
                           districts=[a for a in held.atlas.areas if a.tier == "district"], **shown)
    return page, status, PRIVATE


def _with_first_list(pairs: Pairs) -> Pairs:
    return pairs if any(name == "k" for name, _ in pairs) else [*pairs, ("k", FIRST_LIST)]


def _in_wgs84(question: NearestQuestion) -> NearestQuestion:
    """Return the same question in what the page's map is drawn in; its links keep what was given."""
    lon, lat = datum.point_to_wgs84(question.lon, question.lat, question.datum)
    return replace(question, lon=lon, lat=lat, datum="wgs84")


def _choices(asked: Asked, atlas: Atlas) -> dict[str, Any]:
    """Offer what goes by the visitor's words, to choose where to start from."""
    text = asked.text[:LONGEST_TEXT]
    found = answers.search(SearchQuestion(text, 20), atlas).as_dict(i18n.language())["results"]
    wanted = text.casefold()
    areas = [a for a in atlas.areas if a.tier in ("city", "district") and len(wanted) > 1
             and (wanted in a.words.zh or wanted in a.words.en.casefold())]
    return {"view": "choices", "found": found, "areas": areas}


def _answer(question: NearestQuestion, asked: Asked, atlas: Atlas, now: Any) -> dict[str, Any]:
    answer = answers.nearest(question, atlas, now)
    shown = {"view": "answer", "question": question, "filters": question.filters, "by": question.by, "answer": answer,
             "groups": cards.groups(answer, atlas), "now": answer.as_of, "sure": None, "loosened": (), "told": _told(asked, atlas)}
    if not answer.sites:
        shown["loosened"] = _loosened(question, asked, atlas, now)
    elif all(near.state_on_arrival != "open" for near in answer.sites):
        sure = replace(question, k=1, filters=replace(question.filters, state="open-on-arrival", strict=True))
        nearest_open = answers.nearest(sure, atlas, now)
        shown["sure"] = cards.groups(nearest_open, atlas)
    return shown


def _told(asked: Asked, atlas: Atlas) -> list[tuple[str, str]]:
    """Return the filters that no button of the form shows: their words, and the address without each."""
    told = [(cards.said(atlas.vocabulary.term(section, atlas.vocabulary.code(section, said))), asked.address(less=[(section, said)]))
            for section in ("kind", "facility", "eligibility") for said in dict.fromkeys(asked.values(section))]
    told += [(words, asked.address(name)) for name, words in (
        ("strict", i18n.gettext("unknown left out")), ("verified_only", i18n.gettext("verified only")),
        ("within", i18n.gettext("the distance limit"))) if asked.value(name)]
    return told


def _in_area(asked: Asked, held: current.Held, now: Any) -> dict[str, Any]:
    """Show an area's sites from its middle outwards."""
    atlas = held.atlas
    area = _area(asked.value("area"), atlas)
    centre = area.centre or _middle_of_sites(area, atlas)
    if centre is None:
        return {"view": "answer", "area": area, "groups": (), "sure": None, "loosened": (), "question": None}
    pairs = [*asked.pairs, ("lon", repr(centre[0])), ("lat", repr(centre[1])), ("k", "50")]
    question = held.reader.nearest([p for p in pairs if p[0] != "datum"], lenient=True)
    return {**_answer(question, asked, atlas, now), "area": area}


def _area(said: str, atlas: Atlas) -> Area:
    return atlas.areas[atlas.areas.code(said)]


def _middle_of_sites(area: Area, atlas: Atlas) -> tuple[float, float] | None:
    rows = np.flatnonzero(atlas.sites.has("district_code", (area.code,)) & atlas.sites.located)
    if not len(rows):
        return None
    lon, lat = np.median(atlas.sites.lonlat[rows], axis=0).tolist()
    return lon, lat


@dataclass(frozen=True, slots=True)
class Loosened:
    """One filter that emptied a list: its words, the address without it, and what that would show."""

    words: str
    address: str
    distance_m: float | None


def _loosened(question: NearestQuestion, asked: Asked, atlas: Atlas, now: Any) -> list[Loosened]:
    """Say for every filter what dropping it alone would find."""
    vocabulary, filters, offers = atlas.vocabulary, question.filters, []

    def offer(words: str, less: Pairs, names: tuple[str, ...], changed: NearestQuestion) -> None:
        found = answers.nearest(replace(changed, k=1), atlas, now).sites
        offers.append(Loosened(words, asked.address(*names, less=less), found[0].distance_m if found else None))

    for code in dict.fromkeys(asked.values("need")):
        need = vocabulary.needs.get(code)
        if need is not None:
            rest = replace(
                filters, kinds=tuple(k for k in filters.kinds if k not in need.filters.get("kind", ())),
                facilities=tuple(f for f in filters.facilities if f not in need.filters.get("facility", ())),
                state=None if "state" in need.filters else filters.state)
            offer(need.words.in_language(i18n.language()), [("need", code)], (), replace(question, filters=rest))
    for section, held_codes in (("kind", filters.kinds), ("facility", filters.facilities)):
        for said in dict.fromkeys(asked.values(section)):
            code = vocabulary.code(section, said)
            left = tuple(c for c in held_codes if c != code)
            rest = replace(filters, kinds=left) if section == "kind" else replace(filters, facilities=left)
            offer(cards.said(vocabulary.term(section, code)), [(section, said)], (), replace(question, filters=rest))
    for name, words, changed in (
            ("state", i18n.gettext("open"), replace(question, filters=replace(filters, state=None, strict=False))),
            ("within", i18n.gettext("the distance limit"), replace(question, within_m=None)),
            ("eligibility", i18n.gettext("who may use it"), replace(question, filters=replace(filters, eligibility=()))),
            ("verified_only", i18n.gettext("verified only"), replace(question, filters=replace(filters, verified_only=False)))):
        if asked.value(name):
            offer(words, (), (name,), changed)
    return sorted(offers, key=lambda o: (o.distance_m is None, o.distance_m))
