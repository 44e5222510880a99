"""The finder: where to sit down, warm up, drink, wash, now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request

from locator import answers, datum
from locator.atlas import Atlas
from locator.errors import Refusal
from locator.questions import NearestQuestion, SearchQuestion
from web import agents, assets, current, finder_answer, i18n, moments, toggles, vagueness
from web.asked import FILTERS, START, Asked
from web.errors import Refused
from web.finder_answer import View
from web.held import Held
from web.i18n import gettext
from web.pairs import Pairs
from web.replies import PRIVATE
from web.values import LONGEST_TEXT

bp = Blueprint("finder", __name__)

FIRST_LIST, FIRST_OF_AREA = "20", "50"
FIRST_NEEDS = 7
"""Needs shown at once; the others wait behind one tap."""


@bp.get("/")
def nearest() -> tuple[str, int, dict[str, str]]:
    """Show the suitable sites nearest to the visitor; without a place to start from, how to choose one."""
    held, now = current.held(), current.now()
    given = _in_codes(Asked.of(request), held.atlas)
    asked = given if "choose" in request.args else _started(given, held.atlas)
    instead = None if asked is given else given.elsewhere([("q", given.text), ("choose", "1")])
    try:
        view = _view(asked, held, now)
        above = toggles.toggles(asked, held.atlas, view.question, now, held.trust(now))
    except (Refused, Refusal) as refused:
        refusals = refused.refusals if isinstance(refused, Refused) else (refused,)
        view, asked = View("refused", {"refusals": refusals}, status=400), replace(asked, pairs=[])
        above = toggles.toggles(asked, held.atlas, None, now, held.trust(now))
    shown = {"now": now, "instead": instead, "groups": (), "summary": None, **view.shown}
    page = render_template(
        "finder/nearest.html", asked=asked, view=view.name, question=view.question, toggles=above, first_needs=FIRST_NEEDS,
        browser=agents.browser(request.user_agent.string),
        by="ride" if asked.value("by") == "ride" else "walk", start=START, filter_names=FILTERS, times=moments.offered(asked, now),
        districts=[a for a in held.atlas.areas if a.tier == "district"], **shown)
    # asked for before the page has come: on a slow network the list is seen a round trip earlier
    return page, view.status, {**PRIVATE, "Link": f"<{assets.address('page.css')}>; rel=preload; as=style"}


def _in_codes(asked: Asked, atlas: Atlas) -> Asked:
    """Return what is asked with each need by its code, however it was named; one that is not known stays to be refused."""
    named = {name.casefold(): need.code for need in atlas.vocabulary.needs.values() for name in (need.words.zh, need.words.en)}
    pairs = [(name, named.get(value.strip().casefold(), value) if name == "need" else value) for name, value in asked.pairs]
    return replace(asked, pairs=list(dict.fromkeys(pairs)))


def _started(asked: Asked, atlas: Atlas) -> Asked:
    """Return what is asked from the landmark that its words are the name of, where there is but one; otherwise as it is."""
    text = asked.text[:LONGEST_TEXT]
    found = answers.search(SearchQuestion(text, 20), atlas).as_dict(i18n.language())["results"] if text else []
    named = [one for one in found if one["name"].casefold() == text.casefold()]
    if len(named) != 1 or named[0]["type"] != "place":
        return asked
    kept = [pair for pair in asked.pairs if pair[0] not in (*START, "k")]
    return replace(asked, pairs=[*kept, *_there(named[0]), ("place", named[0]["name"])], text="", place=named[0]["name"])


def _view(asked: Asked, held: Held, now: datetime) -> View:
    if asked.text:
        return _choices(asked.text, held.atlas)
    if asked.value("lon") or asked.value("lat"):
        question = _in_wgs84(held.reader.nearest(_at_least(asked.pairs, FIRST_LIST), lenient=True))
        return finder_answer.view(question, asked, held, now)
    if asked.value("area"):
        return _in_area(asked, held, now)
    if asked.place:
        return _by_name(asked, held, now)
    return View("where" if any(asked.value(name) for name in FILTERS) else "welcome", {})


def _at_least(pairs: Pairs, count: str) -> Pairs:
    return pairs if any(name == "k" for name, _ in pairs) else [*pairs, ("k", count)]


def _in_wgs84(question: NearestQuestion) -> NearestQuestion:
    """Return the same question in what the page's map is drawn in; its links keep what was given."""
    lon, lat = datum.point_to_wgs84(question.lon, question.lat, question.datum)
    return replace(question, lon=lon, lat=lat, datum="wgs84")


def _choices(text: str, atlas: Atlas) -> View:
    """Offer what goes by the visitor's words, to choose where to start from."""
    text = text[:LONGEST_TEXT]
    found = answers.search(SearchQuestion(text, 20), atlas).as_dict(i18n.language())["results"]
    wanted = text.casefold()
    areas = [a for a in atlas.areas if a.tier in ("city", "district") and len(wanted) > 1
             and (wanted in a.words.zh or wanted in a.words.en.casefold())]
    for one in found:
        one["around"] = [*_there(one), ("place", one["name"])]
    count = len(found) + len(areas)
    summary = (gettext("{n} places to start from") if count else gettext("Nothing goes by “{text}”")).format(n=count, text=text)
    return View("choices", {"text": text, "found": found, "areas": areas, "summary": summary})


def _by_name(asked: Asked, held: Held, now: datetime) -> View:
    """Answer from a place that is only named, as an address without coordinates says it; offer choices where it is not one."""
    found = answers.search(SearchQuestion(asked.place[:LONGEST_TEXT], 1), held.atlas).as_dict(i18n.language())["results"]
    if not found or found[0]["lon"] is None or found[0]["name"].casefold() != asked.place.casefold():
        return _choices(asked.place, held.atlas)
    pairs = [*(p for p in asked.pairs if p[0] not in ("datum", "accuracy_m")), *_there(found[0])]
    question = held.reader.nearest(_at_least(pairs, FIRST_LIST), lenient=True)
    return finder_answer.view(question, asked, held, now)


def _there(found: dict[str, Any]) -> Pairs:
    """Return how an address says where a search's find is; of a landmark too how far off its point may be, where that is told."""
    pairs = [("lon", repr(found["lon"])), ("lat", repr(found["lat"]))]
    off_m = found.get("accuracy_m", 0.0)
    return [*pairs, ("accuracy_m", f"{off_m:g}")] if off_m >= vagueness.RANGED_FROM_M else pairs


def _in_area(asked: Asked, held: Held, now: datetime) -> View:
    """Show an area's sites from its middle outwards."""
    atlas = held.atlas
    area = atlas.areas[atlas.areas.code(asked.value("area"))]
    middle = atlas.middle(area.code)
    if middle is None:
        return View("answer", {"area": area, "sure": None, "offers": (), "told": toggles.told(asked, atlas), "vague": False,
                                "outside_m": None, "more": None, "summary": gettext("No place suits all of that")})
    pairs = [*asked.pairs, ("lon", repr(middle[0])), ("lat", repr(middle[1]))]
    question = held.reader.nearest(_at_least([p for p in pairs if p[0] not in ("datum", "accuracy_m")], FIRST_OF_AREA), lenient=True)
    if question.filters.state == "open-on-arrival":  # nobody sets out from there: what counts is now
        question = replace(question, filters=replace(question.filters, state="open"))
    view = finder_answer.view(question, asked, held, now, middle=True)
    return replace(view, shown={**view.shown, "area": area})
