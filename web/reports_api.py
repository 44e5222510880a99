"""Reports for programs: anybody files one; administrators of the area list them and decide."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from werkzeug.exceptions import UnsupportedMediaType

from geodata.registry.report_rows import DECISIONS, STATES, Report
from geodata.registry.reports import TAKE_BACK_WITHIN
from locator.answers import trusted
from locator.errors import BadValue, NotThere
from locator.permissions import Permission
from locator.quality import TYPES
from web import auth, contract, origins, report_photos, report_triage, reports, reports_contract, values
from web.errors import Refused
from web.fields import Fields
from web.i18n import language
from web.pairs import object_in, pairs_of
from web.replies import PRIVATE, personal
from web.reports import Heard

_TAG = Tag(name="reports")
_REFUSED = contract.response(contract.Problem, "application/problem+json")
filing = APIBlueprint("filing", __name__, url_prefix="/api/v1", abp_tags=[_TAG],
                      abp_responses=dict.fromkeys((400, 401, 403, 404, 413, 415, 429, 503), _REFUSED))
triage = APIBlueprint("triage", __name__, url_prefix="/api/v1", abp_tags=[_TAG], abp_security=[{"bearer": []}],
                      abp_responses=dict.fromkeys((400, 401, 403, 404, 413, 503), _REFUSED))


@filing.post("/sites/<site_id>/reports", responses={
    200: contract.response(reports_contract.ReportAnswer), 201: contract.response(reports_contract.ReportAnswer)}, openapi_extensions={
        "parameters": contract.parameters((), path=("site_id",)), "requestBody": reports_contract.BODY})
@report_photos.takes_photo
def report(site_id: str) -> Response:
    """Say that a place is locked, moved, gone, wrong or lacks something, or rate it: no account is needed.

    200: it was there already. The confidence in the site that is answered counts it. An account with the
    permission files it for a caller; by a session it needs the header X-CSRFToken, else it is a stranger's.
    A photo is drawn anew without its metadata, shown to the area's administrators alone, and in no answer.
    """
    said = _said()
    origins.check()
    return answer(reports.file(site_id, said, photo=report_photos.sent(), person=_filer()))


def answer(heard: Heard) -> Response:
    """Return what somebody who filed a report is told."""
    told, repeated = heard.filed.report, heard.filed.repeated
    body = {"id": told.id, "site_id": told.site_id, "type": told.type, "facility": told.facility, "rating": told.rating,
            "at": told.at.isoformat(), "state": told.state, "repeated": repeated, "undo_until": (told.came + TAKE_BACK_WITHIN).isoformat(),
            **trusted(heard.judgement, language())}
    return Response(orjson.dumps(body), 200 if repeated else 201, PRIVATE, content_type="application/json")


@triage.get("/reports", responses={200: contract.response(reports_contract.ReportsAnswer)}, openapi_extensions={
    "parameters": contract.parameters(reports_contract.LISTED)})
@auth.required(Permission.EDIT_SITES)
def listed() -> Response:
    """The reports of one's area, the newest first, a page at a time."""
    fields = Fields(pairs_of(request), reports_contract.LISTED, lenient=False)
    states, types = list(fields.many("state", values.one_of(STATES))), list(fields.many("type", values.one_of(TYPES)))
    site_id, limit = fields.one("site_id", values.text), fields.one("limit", reports_contract.limit)
    cursor = fields.one("cursor", values.whole)
    fields.refuse()
    page = report_triage.newest(cursor, limit=limit or reports_contract.A_PAGE, states=states, types=types, site_id=site_id or "")
    return personal({"reports": [plain(told) for told in page.reports], "next": str(page.next.before) if page.next else None})


def plain(told: Report) -> dict[str, Any]:
    """Return a report as the administrators of its area see it: everything but who can be told from whom."""
    return {"id": told.id, "site_id": told.site_id, "type": told.type, "facility": told.facility, "rating": told.rating, "note": told.note,
            "at": told.at.isoformat(), "came": told.came.isoformat(), "filed_by": told.filed_by, "state": told.state,
            "decided_at": told.decided_at.isoformat() if told.decided_at else None, "decided_by": told.decided_by, "reason": told.why}


def _decision(name: str, decision: str) -> None:
    """Make the route of a decision."""

    @auth.required(Permission.EDIT_SITES)
    def view(report_id: str) -> Response:
        report = report_triage.known(_number(report_id))
        said = _json()
        why = said.pop("reason", None) or ""
        unknown = [BadValue(field, None, zh="没有这个字段；只有 reason", en="no such field; there is reason alone") for field in said]
        if unknown or not isinstance(why, str):
            raise Refused(unknown or [BadValue("reason", why, zh="应为文字", en="must be a text")])
        return personal(plain(report_triage.decide([report], decision, why=why)[0]))

    words = {"confirm": "Say that a report is right; the record itself is not changed by it.",
             "reject": "Say that a report is not right: it counts no more."}
    view.__doc__, view.__name__ = words[name], name
    described = {"parameters": contract.parameters((), path=("report_id",)), "requestBody": reports_contract.reason_body(required=name == "reject")}
    triage.post(f"/reports/<report_id>/{name}", responses={200: contract.response(reports_contract.FullReport)},
                openapi_extensions=described)(view)


for _name, _decided in zip(("confirm", "reject"), DECISIONS, strict=True):
    _decision(_name, _decided)


def _filer() -> auth.Person | None:
    """Return who files for a caller: an account by its token, or by a session that proves the page is ours."""
    person = auth.user()
    if person is None or person.token is not None:
        return person
    if "X-CSRFToken" not in request.headers:  # the public page of somebody who happens to be signed in
        return None
    auth.check_form()
    return person


def _said() -> dict[str, Any]:
    """Return the fields of a report: JSON, or a form, which may bring a photo."""
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return dict(request.form.items())
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return _json()


def _json() -> dict[str, Any]:
    return object_in(request.get_data(cache=False) or b"{}")


def _number(said: str) -> int:
    if not (said.isascii() and said.isdigit() and len(said) < 16):
        raise NotThere("id", said, zh="没有这条反馈", en="there is no such report")
    return int(said)
