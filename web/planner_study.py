"""The planner's page: who is not served, where, at which hour; a link to it is a result."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request, url_for

from geodata import studies
from geodata.studies import Study
from locator.atlas import Atlas
from locator.errors import Refusal, SignInNeeded
from locator.questions import CoverageQuestion
from web import (
    current,
    errors,
    frame,
    planner_choices,
    planner_form,
    planner_gaps,
    planner_hours,
    planner_shown,
    planner_studies,
    studying,
)
from web.i18n import gettext
from web.planner import bp
from web.planner_asked import Asked
from web.planner_form import MINUTES, RADIUS_M, parts
from web.replies import PRIVATE

_KEPT = ("sort", "order", "gap", "lang")
"""What an address may say beside its question."""


@bp.get("")
@studying.readable
def study() -> Response:
    """Show a study, or how far it is; an address that is not pinned leads to one that is."""
    atlas = current.atlas()
    try:
        asked = Asked.of(request, atlas, current.now())
        question = planner_studies.of(asked)
        if planner_studies.lost(asked, question, again="again" in request.args):
            return _page(asked, atlas, status=410, gone=True)
        if not asked.pinned or "again" in request.args:
            return _to_pinned(asked, question, again="again" in request.args)
        found = planner_studies.find(asked, question)
    except SignInNeeded:
        return _page(asked, atlas, unmade=True)
    except Refusal as refusal:
        return _page(standing(atlas), atlas, status=errors.status_of(refusal), refusals=[refusal])
    if found is None:
        return _page(asked, atlas, status=410, gone=True)
    if found.study is not None:
        return _page(asked, atlas, newer=found.newer, **_shown(asked, found.study, atlas))
    return _page(asked, atlas, job=found.job)


def standing(atlas: Atlas) -> Asked:
    """Return what is asked where nothing was: one's own area by its parts, a kilometre, whatever the hours."""
    area = planner_form.own_area(atlas.areas)
    return Asked(CoverageQuestion(radius_m=RADIUS_M, area=area, by=parts(atlas.areas, area)))


def _to_pinned(asked: Asked, question: studies.Asked, *, again: bool) -> Response:
    """Lead to the address that says which registry and which people are meant."""
    kept = [(name, value) for name in _KEPT for value in request.args.getlist(name)]
    return planner_studies.led_to(planner_studies.to_pinned(asked, question, again=again).address(also=kept))


def _page(asked: Asked, atlas: Atlas, *, status: int = 200, **shown: Any) -> Response:
    job = shown.get("job")
    # to be drawn on as soon as the work is done; until then it shows the area and the sites that suit
    ground = asked.address("planner.bare_map", pins=False) if job is not None and job.alive else None
    shown = {"refusals": [], "newer": False, "study": None, "gone": False, "unmade": False, "job": None, "frame_address": ground, **shown}
    form = planner_choices.form(asked, request.args if shown["refusals"] else None)
    page = render_template(
        "planner/study.html", **shown, asked=asked, choices=planner_choices.choices(atlas), form=form,
        form_endpoint="planner.study", kept_in_form=(),
        presets=presets(asked), rooms=rooms(), here=request.script_root + request.full_path,
        may_stop=job is not None and planner_studies.may_stop(job), may_work=studying.may_work(),
        job_address=url_for("planner.working", key=job.id) if job is not None else None,
        stop_address=url_for("planner.stop", key=job.id) if job is not None else None)
    return Response(page, status, PRIVATE, content_type="text/html; charset=utf-8")


def presets(asked: Asked) -> dict[str, str]:
    """Return the addresses of 双15: the kilometre, and the quarter of an hour."""
    return {"double": asked.asking(radius_m=RADIUS_M, walk_min=None).address(), "walk": asked.asking(radius_m=None, walk_min=MINUTES).address()}


def rooms() -> list[frame.Link]:
    """Return the pages of planning; whoever is signed in has the map of all sites in the head's menu, and a reader has not."""
    told = [("planner.study", gettext("Who is served")), ("planner.compare", gettext("Compare"))]
    told += [] if frame.who() or not studying.may_work() else [("planner.sites", gettext("Map of all sites"))]
    here = "planner.compare" if request.endpoint == "planner.points" else request.endpoint
    return [frame.Link(url_for(endpoint), words, here == endpoint) for endpoint, words in told]


def _shown(asked: Asked, found: Study, atlas: Atlas) -> dict[str, Any]:
    """Return what the page shows of a study."""
    tree, tongue = atlas.areas, planner_shown.tongue()
    coverage = found.part("coverage", tongue)
    gaps = found.part("gaps", tongue) if found.has("gaps") else None
    lines, total = planner_shown.rows(coverage, gaps, asked, tree)
    sort, falling = _order()
    left_out = found.about["left_out"].get("gaps")
    single = coverage["total"]["single_site"]["sites"][:planner_shown.MOST_SINGLE]
    chosen = request.args.get("gap", "")
    return {
        "study": found, "total": total, "rows": planner_shown.in_order(lines, sort, reverse=falling) if sort else lines, "sort": sort,
        "falling": falling, "sorted_address": lambda name: _sorted_address(asked, name, sort, falling=falling),
        "in_words": planner_shown.in_words(asked, atlas.vocabulary), "single": single,
        "gaps": None if gaps is None else planner_gaps.told(gaps, asked, tree),
        "gaps_count": 0 if gaps is None else gaps["count"] - gaps["smaller"]["count"],
        "smaller": None if gaps is None else gaps["smaller"],
        "gaps_note": planner_shown.said(left_out) if left_out else "", "circle": None if gaps is None else gaps["emptiest_circle"],
        "notes": list(dict.fromkeys([*coverage.get("notes", ()), *((gaps or {}).get("notes", ()))])),
        "chosen": int(chosen) if chosen.isascii() and chosen.isdigit() else None, "basis": found.about["basis"],
        "source": coverage["demand_source"], "pins": found.pins, "made_at": f"{found.made_at:%Y-%m-%d %H:%M}", "seconds": found.about["seconds"],
        "without_address": planner_gaps.compared(asked, ("way", "without"), ("without", "")),
        "map_address": url_for("planner.study_map_json", key=found.key), "frame_address": url_for("planner.study_map", key=found.key),
        **planner_hours.shown(asked, found, coverage), **planner_shown.files(found),
    }


def _order() -> tuple[str, bool]:
    """Return by what the table is put in order, empty for its own, and whether that falls."""
    sort = request.args.get("sort", "")
    if sort not in planner_shown.SORTS:
        return "", False
    order = request.args.get("order", "")
    return sort, order == "falling" or (order != "rising" and planner_shown.falls(sort))


def _sorted_address(asked: Asked, name: str, sort: str, *, falling: bool) -> str:
    falls = not falling if name == sort else planner_shown.falls(name)
    return asked.address(also=[("sort", name), ("order", "falling" if falls else "rising")])
