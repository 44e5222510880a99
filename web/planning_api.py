"""Coverage, gaps and comparisons for programs: answered at once where it is kept or soon done, else with a job to follow."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from geodata.jobs import DONE, REFUSED
from geodata.studies import COMPARE, COVERAGE, GAPS
from locator.errors import NotThere
from web import contract, current, errors, jobs_api, planning_contract, planning_params, replies, studying
from web.errors import Refused
from web.i18n import gettext, language
from web.import_contract import JobAnswer
from web.pairs import pairs_of
from web.params import Param
from web.planning_params import unfound

_REFUSED = contract.response(contract.Problem, "application/problem+json")
api = APIBlueprint("planning_api", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="planning")], abp_security=[{"bearer": []}],
                   abp_responses=dict.fromkeys((400, 401, 403, 409, 503), _REFUSED))
WAIT_S = 2.5
"""How long a request waits for its answer before it is given a job to follow."""
_PART = {COVERAGE: "coverage", GAPS: "gaps", COMPARE: "change"}


def _described(answer: type[BaseModel], takes: tuple[Param, ...]) -> dict[str, Any]:
    return {"responses": {200: contract.response(answer), 202: contract.response(JobAnswer)},
            "openapi_extensions": {"parameters": contract.parameters(takes)}}


@api.get("/coverage", **_described(planning_contract.CoverageAnswer, planning_params.PLACE))
@studying.readable
def coverage() -> Response:
    """Who has a suitable site within reach, by area, at an hour or over a week?

    202 is a job to follow; the same address asked again answers 200 when it is done.
    """
    return _answer(COVERAGE, planning_params.PLACE)


@api.get("/gaps", **_described(planning_contract.GapsAnswer, planning_params.OF_GAPS))
@studying.readable
def gaps() -> Response:
    """Where is nobody served: exact areas, most people first, and the emptiest circle?"""
    return _answer(GAPS, planning_params.OF_GAPS)


@api.get("/compare", **_described(planning_contract.ChangeAnswer, planning_params.OF_COMPARE))
@studying.readable
def compare() -> Response:
    """Who gains and who loses between two days, two hours, without some sites or with proposed ones?"""
    return _answer(COMPARE, planning_params.OF_COMPARE)


def _answer(what: str, takes: tuple[Param, ...]) -> Response:
    asked = planning_params.asked(what, pairs_of(request), takes, current.atlas(), current.now())
    try:
        pins = studying.pins_today(asked)
    except NotThere as unknown:
        raise unfound(unknown) from None
    study, job = studying.kept(asked, pins), None
    if study is None:
        job = studying.jobs().wait(studying.start(asked, pins).id, WAIT_S)
        study = studying.kept(asked, pins)
    if study is not None:
        return replies.written(study.written(_PART[what], "zh" if language() == "zh-CN" else "en"), "application/json")
    assert job is not None
    if job.state == REFUSED:
        raise Refused(map(unfound, job.refusals))
    if not job.alive and job.state != DONE:  # done, and cleared away at once, is begun anew by whoever asks again
        return errors.problem(503, gettext("Interrupted"))
    answer = jobs_api.told(job, status=202)
    answer.headers["Location"] = url_for("jobs_api.job", job_id=job.id)
    answer.headers["Retry-After"] = "1"
    return answer
