"""The planner's comparison: two days, two hours, without some sites or with proposed ones; who gains, who loses, by which sites."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, current_app, render_template, request, url_for

from geodata import side_words, studies
from geodata.spreadsheets import LIGHT
from geodata.studies import Study
from locator.atlas import Atlas
from locator.datum import NAMES, point_from_wgs84
from locator.errors import Refusal, SignInNeeded
from locator.typed import BEIJING
from web import (
    basemap,
    current,
    errors,
    planner_choices,
    planner_shown,
    planner_sides,
    planner_studies,
    study_change,
    studying,
)
from web.i18n import gettext
from web.planner import bp
from web.planner_asked import Asked, typed_again
from web.planner_form import MINUTES, NOON, RADIUS_M
from web.planner_sides import DAYS, HOURS, Sides
from web.planner_study import rooms, standing
from web.replies import PRIVATE

_NAMED = 3


@bp.get("/compare")
@studying.readable
def compare() -> Response:
    """Show a comparison, or how far it is; without two sides, the form for them."""
    atlas, now = current.atlas(), current.now()
    asked, sides = standing(atlas), Sides(planner_sides.way_of(request))
    try:
        asked = Asked.of(request, atlas, now)
        sides = planner_sides.of(request, now)
        if not sides.after:
            return page(asked, sides, atlas)
        question = planner_studies.of(asked, studies.COMPARE, before=sides.before, after=sides.after)
        if planner_studies.lost(asked, question, again="again" in request.args):
            return page(asked, sides, atlas, status=410, gone=True)
        if not asked.pinned or "again" in request.args:
            return _to_pinned(asked, question, sides, again="again" in request.args)
        found = planner_studies.find(asked, question)
    except SignInNeeded:
        return page(asked, sides, atlas, unmade=True)
    except Refusal as refusal:
        return page(asked, sides, atlas, status=errors.status_of(refusal), refusals=[refusal])
    if found is None:
        return page(asked, sides, atlas, status=410, gone=True)
    if found.study is not None:
        return page(asked, sides, atlas, newer=found.newer, **_shown(found.study, sides))
    return page(asked, sides, atlas, job=found.job)


def _to_pinned(asked: Asked, question: studies.Asked, sides: Sides, *, again: bool) -> Response:
    pinned = planner_studies.to_pinned(asked, question, again=again)
    sides = replace(sides, before=question.before, after=question.after)
    return planner_studies.led_to(pinned.address("planner.compare", also=sides.pairs))


def page(asked: Asked, sides: Sides, atlas: Atlas, *, status: int = 200, **shown: Any) -> Response:
    """Return the page: the form for a question, and what is `shown` beside it.

    Args:
        asked: The question; what is wrong with it is among `refusals`.
        sides: What is compared.
        atlas: For the choices.
        status: Of the answer.
        shown: What `planner/compare.html` takes of a study, of the work on it, or of what was refused.
    """
    job = shown.get("job")
    also = sides.pairs
    shown = {"refusals": [], "newer": False, "study": None, "gone": False, "unmade": False, "job": None, "frame_address": _ground(asked), **shown}
    typed = {"points": request.args["points"]} if shown["refusals"] and "points" in request.args else {}
    form = planner_choices.form(asked, request.args if shown["refusals"] else None)
    text = render_template(
        "planner/compare.html", **shown, asked=asked, sides=sides, form=form, choices=planner_choices.choices(atlas),
        ways=planner_sides.WAYS, side_form={**_form(sides, atlas), **typed}, form_endpoint="planner.compare", kept_in_form=(),
        rooms=rooms(), presets=_presets(asked, also),
        called=_called(sides, atlas), in_words=planner_shown.in_words(asked, atlas.vocabulary), here=request.script_root + request.full_path,
        address=lambda *more, pins=True: asked.address("planner.compare", pins=pins, also=[*also, *more]),
        may_stop=job is not None and planner_studies.may_stop(job), may_work=studying.may_work(), datum=_drawn_in(),
        points_notes=_notes(sides), points_address=_points_address(asked, again=bool(shown["refusals"])), taken=LIGHT,
        most_points=side_words.MOST_POINTS, datum_names=NAMES, from_file=request.method == "POST", from_datum=request.form.get("datum"),
        job_address=url_for("planner.working", key=job.id) if job is not None else None,
        stop_address=url_for("planner.stop", key=job.id) if job is not None else None)
    return Response(text, status, PRIVATE, content_type="text/html; charset=utf-8")


def _points_address(asked: Asked, *, again: bool) -> str:
    """Return where the form of a file goes: with what is asked; after a refusal with what was typed, so that nothing else is asked in its place."""
    return typed_again(request, "planner.points") if again else asked.address("planner.points", pins=False)


def _notes(sides: Sides) -> list[str]:
    """Return what has to be known of the points beside where they are."""
    words = {planner_sides.EXAMPLES: gettext("Rows whose name begins with 示例： are examples of the template and were not counted. "
                                             "If one is a real site, take that mark away and send the file again."),
             planner_sides.PASSED: gettext("Not everything in the file was taken as it stands (titles, totals, other sheets or columns, "
                                          "merged cells): check that the points are the ones that you mean."),
             planner_sides.NAMES: gettext("Some names of points are left out or changed: the address can hold only so much.")}
    return [words[note] for note in sides.notes]


def _presets(asked: Asked, also: list[tuple[str, str]]) -> dict[str, str]:
    kilometre, walk = asked.asking(radius_m=RADIUS_M, walk_min=None), asked.asking(radius_m=None, walk_min=MINUTES)
    return {"double": kilometre.address("planner.compare", also=also), "walk": walk.address("planner.compare", also=also)}


def _ground(asked: Asked) -> str:
    """Return the address of the map to point on, with the sites that suit what is asked and nothing else."""
    return asked.address("planner.bare_map", pins=False)


def _drawn_in() -> str:
    return basemap.under(current_app).drawn_in


def _form(sides: Sides, atlas: Atlas) -> dict[str, Any]:
    """Return what stands in the form's fields for the two sides."""
    before, after, today = sides.moment("before"), sides.moment("after"), current.now().astimezone(BEIJING)
    lines = [",".join([side_words.pair(point_from_wgs84(*point[:2], _drawn_in())), *([point.name] if point.name else [])]) for point in sides.points]
    return {"ids": sides.ids, "names": [(one, _name(one, atlas)) for one in sides.ids], "points": "\n".join(lines),
            "day": (before or today).date().isoformat(), "hour_before": before.hour if before and sides.way == HOURS else NOON,
            "hour_after": after.hour if after and sides.way == HOURS else 23,
            "from": before.date().isoformat() if before and sides.way == DAYS else "",
            "to": after.date().isoformat() if after and sides.way == DAYS else "", "today": today.date().isoformat()}


def _called(sides: Sides, atlas: Atlas) -> str:
    """Return the sites of one side by their names; of many the first few and how many there are."""
    names = [_name(one, atlas) or one for one in sides.ids]
    told = gettext(", ").join(names[:_NAMED])
    return told if len(names) <= _NAMED else gettext("{names} and others, {n} sites in all").format(names=told, n=len(names))


def _name(one: str, atlas: Atlas) -> str:
    row = atlas.sites.row_of(one)
    return "" if row is None else str(atlas.sites.value("name", row) or one)


def _shown(study: Study, sides: Sides) -> dict[str, Any]:
    """Return what the page shows of a comparison."""
    change = study_change.read(study, planner_shown.tongue()).change
    return {"study": study, "change": change, "notes": change.get("notes", ()), "total": change["total"], "basis": study.about["basis"],
            "unmoved": study_change.unmoved(change, sides, study.asked.question.fold), "source": change["demand_source"],
            "pins": study.pins, "made_at": f"{study.made_at:%Y-%m-%d %H:%M}", "seconds": study.about["seconds"],
            "map_address": url_for("planner.study_map_json", key=study.key), "frame_address": url_for("planner.study_map", key=study.key),
            **planner_shown.files(study)}
