"""What the planner's page asks for beside itself: a study's map, its day hour by hour, how far its work is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from flask import Response, current_app, request, url_for

from geodata import studies
from geodata.jobs import Job
from geodata.studies import Study
from locator.permissions import Permission
from locator.typed import BEIJING
from web import (
    auth,
    basemap,
    current,
    i18n,
    planner_shown,
    planner_studies,
    replies,
    study_change,
    study_drawn,
    studying,
    values,
)
from web.i18n import gettext
from web.planner import bp
from web.planner_asked import Asked
from web.signin import local_path, see

_LOOK_S = 0.5


@bp.get("/studies/<key>/map.json")
@studying.readable
def study_map_json(key: str) -> Response:
    """Return what the map of a study draws, in the datum of the map that lies under it."""
    study = planner_studies.kept(key)
    drawn_in = basemap.under(current_app).drawn_in
    if study.asked.what == studies.COMPARE:
        drawn = study_change.drawn(study, current.atlas(), drawn_in, planner_shown.tongue())
    else:
        drawn = study_drawn.of_map(study, drawn_in)
    return replies.tagged(drawn, "application/json", shared=False)


@bp.get("/studies/<key>/gaps.json")
@studying.readable
def gaps_json(key: str) -> Response:
    """Return the ground that a study finds not served, as the API does."""
    study = planner_studies.kept(key)
    return replies.tagged(study.written("gaps", planner_shown.tongue()), "application/json", shared=False)


@bp.get("/studies/<key>/day.json")
@studying.readable
def day(key: str) -> Response:
    """Return a study's question at each hour of a day; while that is worked on, 202 and where its work is told of."""
    study = planner_studies.kept(key)
    asked = _on(study, values.day("date", request.args["date"])) if "date" in request.args else _on(study, None)
    question = planner_studies.of(asked, studies.DAY)
    found = planner_studies.find(asked, question, again="again" in request.args)
    if found is None or (found.study is None and found.job is None):
        return _progress(None, 410)
    if found.study is None:
        return _progress(found.job, 202 if found.job is not None and found.job.alive else 409)
    return replies.tagged(study_drawn.of_day(found.study, basemap.under(current_app).drawn_in), "application/json", shared=False)


def _on(study: Study, said: date | None) -> Asked:
    """Return a study's question on a day, pinned as the study is."""
    at = study.asked.question.at
    day = said or (at or current.now()).astimezone(BEIJING).date()
    question = replace(study.asked.question, at=datetime.combine(day, time(), BEIJING), week=False)
    return Asked(question, study.asked.demand, study.pins.version, study.pins.demand)


@bp.get("/studies/<key>/work")
@studying.readable
def working(key: str) -> Response:
    """Tell how far the work on a study is; with `wait`, when it has ended or half a second later."""
    return _progress(studying.jobs().wait(key, _LOOK_S if "wait" in request.args else 0.0), 200)


@bp.post("/studies/<key>/stop")
@auth.required(Permission.PLAN, before_accounts=True)
def stop(key: str) -> Response:
    """Ask the work on a study to stop, and lead back to where that was asked; a script, whose page asks something else by now, waits for nothing."""
    jobs, by_script = studying.jobs(), request.accept_mimetypes.best == "application/json"
    job = jobs.named(key)
    if planner_studies.may_stop(job):
        job = jobs.cancel(job.id)
        job = job if by_script else jobs.wait(job.id, planner_studies.WAIT_S)
    if by_script:
        return _progress(job, 200)
    return see(local_path(request.form.get("back", url_for("planner.study"))))


def _progress(job: Job | None, status: int) -> Response:
    if job is None:
        told: dict[str, Any] = {"state": "gone"}
    else:
        told = {"state": job.state, "alive": job.alive, "step": gettext("Stopping ...") if job.cancelling else job.step.in_language(i18n.language()),
                "done": job.done, "total": job.total, "work": url_for("planner.working", key=job.id),
                "refused": [refusal.words.in_language(i18n.language()) for refusal in job.refusals]}
    answer = replies.personal(told)
    answer.status_code = status
    return answer
