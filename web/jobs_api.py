"""Long work followed and stopped by programs."""

from __future__ import annotations

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from geodata.jobs import DONE, Job, refusal_said
from geodata.studies import running
from locator.errors import NotThere
from locator.permissions import Permission
from web import auth, contract, import_answers, import_contract, import_flow, replies, studying
from web.i18n import language

_REFUSED = contract.response(contract.Problem, "application/problem+json")
_JOB = contract.response(import_contract.JobAnswer)
_PATH = {"parameters": contract.parameters((), path=("job_id",))}
api = APIBlueprint("jobs_api", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="jobs")], abp_security=[{"bearer": []}],
                   abp_responses=dict.fromkeys((400, 401, 403, 404, 503), _REFUSED))


@api.get("/jobs/<job_id>", responses={200: _JOB}, openapi_extensions=_PATH)
@auth.required(Permission.READ_INTERNAL, before_accounts=True)
def job(job_id: str) -> Response:
    """How far long work is, and what came of it: for whoever began it, and those above; a study for everybody who may plan."""
    return told(_followed(job_id))


@api.delete("/jobs/<job_id>", responses={200: _JOB}, openapi_extensions=_PATH)
@auth.required(Permission.READ_INTERNAL, before_accounts=True)
def stop(job_id: str) -> Response:
    """Ask long work to stop; it does at its next step. Nothing of it is written then."""
    found = _followed(job_id)
    if found.owner != _name():
        raise _not_there(job_id)
    return told(import_flow.jobs().cancel(job_id))


def _name() -> str:
    """Return what the jobs of whoever asks are of: nobody's name before there are accounts."""
    person = auth.user()
    return "" if person is None else person.name


def _followed(job_id: str) -> Job:
    found = import_flow.jobs().find(job_id)
    if found is None or not (found.owner == _name() or _may_see(found)):
        raise _not_there(job_id)
    return found


def _may_see(found: Job) -> bool:
    if found.work == running.WORK:  # who asks the same question is given the work that somebody else began
        return studying.may_work()
    return auth.user() is not None and import_flow.is_above(found.area)


def _not_there(job_id: str) -> NotThere:
    """Return the refusal of a job that there is not, or that is somebody else's."""
    return NotThere("job", job_id, zh="没有这项任务，或它已被清理", en="there is no such job, or it was cleared away")


def told(found: Job, *, status: int = 200) -> Response:
    """Answer with a job, as far as it is."""
    imported = found.work == import_answers.WORK and found.state == DONE
    wrong = found.result["errors"] if imported else [refusal_said(refusal) for refusal in found.refusals]
    result = (import_answers.answer(found.result) if imported else dict(found.result)) if found.state == DONE else None
    body = {"id": found.id, "state": found.state, "step": found.step.in_language(language()), "done": found.done, "total": found.total,
            "result": result, "errors": [import_answers.fault(one) for one in wrong]}
    return Response(orjson.dumps(body), status, replies.PRIVATE, content_type="application/json")
