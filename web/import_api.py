"""Importing by a program: one request with a file, answered when it is done or with a job to follow."""

from __future__ import annotations

import contextlib
from typing import Any

from flask import Response, request, url_for
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from geodata import mappings, matching
from geodata.headers import Recogniser
from geodata.intake import AUTO
from geodata.jobs import DONE, REFUSED, refusal_said
from locator.errors import BadDatum, BadValue, NotThere, Refusal
from locator.permissions import Permission
from locator.questions import DATUMS
from web import auth, contract, current, errors, import_answers, import_contract, import_flow, jobs_api, replies
from web.errors import Refused
from web.i18n import gettext
from web.import_flow import grant, jobs, person, takes_files, uploads
from web.saving import reason_refused

_REFUSED = contract.response(contract.Problem, "application/problem+json")
api = APIBlueprint("import_api", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="registry")], abp_security=[{"bearer": []}],
                   abp_responses=dict.fromkeys((400, 401, 403, 413, 429, 503), _REFUSED))
_JOB = contract.response(import_contract.JobAnswer)
_FIELDS = ("datum", "kind", "source", "columns", "match", "dry_run", "reason", "csrf_token")


@api.post("/import", responses={200: contract.response(import_contract.ImportAnswer), 202: _JOB, 409: _REFUSED},
          openapi_extensions={"requestBody": import_contract.BODY})
@takes_files
@auth.required(Permission.IMPORT)
def import_file() -> Response:
    """Import a file: all of it or nothing. 400 names each row, column and value that will not do; 202 is a job to follow.

    Rows outside the area of whoever asks are errors. Who may not accept sites submits new ones.
    """
    options, why = _options()
    file = request.files.get("file")
    if file is None:
        raise BadValue("file", None, zh="请以 multipart/form-data 发送一个文件", en="send a file as multipart/form-data")
    if not file.filename:
        raise BadValue("file", None, zh="文件要有名字，后缀说明格式", en="the file needs a name; its suffix says what it is")
    dry_run = _flag("dry_run")
    one = uploads().add(file.stream, file.filename, owner=person().name, area=person().account.area, at=current.now(),
                        purpose=import_flow.AT_ONCE, **options)
    job = jobs().start(import_answers.WORK, {"upload": one.id, "grant": grant(), "who": person().name, "why": why, "dry_run": dry_run},
                       owner=person().name, area=person().account.area, at=current.now())
    with contextlib.suppress(NotThere):  # it is done, and has tidied up
        uploads().change(one.id, job=job.id)
    job = jobs().wait(job.id, import_flow.WAIT_S)
    if job.alive:
        answer = jobs_api.told(job, status=202)
        answer.headers["Location"] = url_for("jobs_api.job", job_id=job.id)
        answer.headers["Retry-After"] = "1"
        return answer
    if job.state == REFUSED:
        if errors.status_of(job.refusals[0]) != 400:
            raise job.refusals[0]
        return import_answers.problem(map(refusal_said, job.refusals))
    if job.state != DONE:
        return errors.problem(503, gettext("Interrupted"))
    faults = job.result["errors"]
    if faults:
        return import_answers.problem(faults)
    if job.result["version"] is not None:
        current.keeper().catch_up(int(job.result["version"]))
    return replies.personal(import_answers.answer(job.result))


def _options() -> tuple[dict[str, Any], str]:
    """Return what the form says of how to read the file, and the reason.

    Raises:
        Refused: If any of it will not do; all that is wrong is told.
    """
    form, wrong = request.form, [BadValue(name, None, zh="没有这个字段", en="no such field") for name in request.form if name not in _FIELDS]
    found: list[Refusal] = list(wrong)
    datum, match = form.get("datum") or AUTO, form.get("match") or matching.REPORT
    if datum not in (AUTO, *DATUMS):
        found.append(BadDatum("datum", datum, zh=f"应为 {'、'.join((AUTO, *DATUMS))} 之一", en=f"must be one of {', '.join((AUTO, *DATUMS))}"))
    if match not in matching.MODES:
        found.append(BadValue("match", match, zh=f"应为 {'、'.join(matching.MODES)} 之一", en=f"must be one of {', '.join(matching.MODES)}"))
    kind: str | None = form.get("kind") or None
    columns: dict[str, str] = {}
    source = (form.get("source") or "").strip()
    if len(source) > 200:
        found.append(BadValue("source", source, zh="最多 200 个字", en="at most 200 characters"))
    try:
        kind = None if kind is None else current.atlas().vocabulary.code("kind", kind)
        if form.get("columns"):
            columns = mappings.read(form["columns"], "columns")
            Recogniser(current.atlas().vocabulary, columns)
        _flag("dry_run")
    except Refusal as refusal:
        found.append(refusal)
    why = (form.get("reason") or "").strip() or gettext("imported through the API")
    found += reason_refused(why)
    if found:
        raise Refused(found)
    return {"datum": None if datum == AUTO else datum, "match": match, "kind": kind, "columns": columns, "source": source or None}, why


def _flag(name: str) -> bool:
    said = request.form.get(name) or "false"
    if said not in ("true", "false"):
        raise BadValue(name, said, zh="应为 true 或 false", en="must be true or false")
    return said == "true"
