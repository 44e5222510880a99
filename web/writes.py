"""The API's writing half: register a site, change it, suspend, close, reinstate, verify it.

By bearer token, or by a session with its CSRF header. A change names the version it was made from in
`If-Match`; the ETag of a site begins with its version.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
from flask import Response, request, url_for
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from geodata.editing import Edit
from geodata.identities import KnownSites
from locator.errors import BadTime, BadValue, Conflict
from locator.permissions import Permission
from locator.sites import Site
from web import auth, catalogue, contract, current, errors, saving, site_looks, writes_contract
from web.errors import Refused
from web.i18n import gettext, language
from web.pairs import object_in
from web.replies import PRIVATE
from web.saving import Saved
from web.site_looks import Alike

_REFUSED = contract.response(contract.Problem, "application/problem+json")
writes = APIBlueprint("writes", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="registry")],
                      abp_security=[{"bearer": []}], abp_responses=dict.fromkeys((400, 401, 403, 404, 409, 413, 503), _REFUSED))

_VERSION = re.compile(r'\s*(?:W/)?"(\d{1,15})(?:[.:][^"]*)?"\s*')
_RECORD = contract.response(contract.FullRecord)
_WHAT_AND_WHERE = ("name", "kind", "lon", "lat", "address")


@writes.get("/sites/<site_id>/record", responses={200: _RECORD}, openapi_extensions={"parameters": contract.parameters((), path=("site_id",))})
@auth.required(Permission.READ_INTERNAL)
def record(site_id: str) -> Response:
    """One site's whole record, whatever its status, with the fields that are internal."""
    return _answer(saving.known(site_id, Permission.READ_INTERNAL))


@writes.post("/sites", responses={201: _RECORD}, openapi_extensions={"requestBody": writes_contract.said_body(reason=False)})
@auth.required(Permission.EDIT_SITES)
def register() -> Response:
    """Register a site; 409 names the site that has its id, station code or source number already.

    Coordinates are in `datum`. The new site is a draft unless it says otherwise; only who may accept sites
    can make it active. Its id follows from its station code or its source's number, as in an import. Other
    sites that it may be are told in `possible_duplicates`.
    """
    said = _body()
    why = str(said.pop("reason", None) or gettext("registered through the API"))
    try:
        return _written(saving.edit(_with_id(said), None), None, why, status=201)
    except Conflict as conflict:
        response = errors.problem(409, conflict.words.in_language(language()), [conflict])
        response.headers["Location"] = url_for("writes.record", site_id=conflict.at)
        return response


@writes.patch("/sites/<site_id>", responses={200: _RECORD, 412: _REFUSED, 428: _REFUSED}, openapi_extensions={
    "parameters": [*contract.parameters((), path=("site_id",)), writes_contract.IF_MATCH], "requestBody": writes_contract.said_body(reason=True)})
@auth.required(Permission.EDIT_SITES)
def change(site_id: str) -> Response:
    """Change the fields named; null empties one. Of facilities and basis only the codes named change."""
    before = saving.known(site_id)
    version = _if_match()
    if version is None:
        return errors.problem(428, gettext("Say which version you change: If-Match with the ETag of the record"))
    if version != before.version:
        return _stale(saving.stale(before), before)
    said = _body()
    why = str(said.pop("reason", None) or "")
    try:
        return _written(saving.edit(said, before), before, why)
    except Conflict as conflict:
        if conflict.field != "version":
            raise
        return _stale(conflict, saving.known(site_id))


def _action(name: str) -> None:
    """Make the route of an action."""

    @auth.required(Permission.EDIT_SITES)
    def view(site_id: str) -> Response:
        saving.known(site_id)  # what is wrong with a request is told to those only who may make it
        said = _body()
        more = _verified(said) if name == "verify" else {}
        why = str(said.pop("reason", None) or "")
        if said:
            raise Refused(BadValue(field, None, zh="没有这个字段", en="no such field") for field in said)
        version = _if_match()
        if version is None and request.headers.get("If-Match", "*").strip() != "*":  # a condition that cannot be met, never one to pass over
            before = saving.known(site_id)
            return _stale(saving.stale(before), before)
        try:
            return _answer(saving.act(site_id, name, why=why, version=version, **more))
        except Conflict as conflict:
            return _stale(conflict, saving.known(site_id))

    words = {"suspend": "Take an active site out of service for a while.", "close": "Close a site; its record and history stay.",
             "reinstate": "Give a suspended or closed site back the state it had.", "verify": "Say that a record was checked today."}
    view.__doc__, view.__name__ = f"{words[name]} If-Match is optional.", name
    writes.post(f"/sites/<site_id>/{name}", responses={200: _RECORD, 412: _REFUSED}, openapi_extensions={
        "parameters": [*contract.parameters((), path=("site_id",)), {**writes_contract.IF_MATCH, "required": False}],
        "requestBody": writes_contract.action_body(verify=name == "verify")})(view)


for _name in ("suspend", "close", "reinstate", "verify"):
    _action(_name)


def _verified(said: dict[str, Any]) -> dict[str, Any]:
    how, again = said.pop("how", None) or "visit", said.pop("next_check_on", None)
    try:
        day = None if again is None else date.fromisoformat(str(again))
    except ValueError:
        raise BadTime("next_check_on", again, zh="应为日期，如 2027-03-01", en="must be a date, such as 2027-03-01") from None
    return {"how": current.atlas().vocabulary.code("verified_how", str(how)), "next_check_on": day}


def _body() -> dict[str, Any]:
    return object_in(request.get_data(cache=False) or b"null")


def _with_id(said: dict[str, Any]) -> dict[str, Any]:
    """Give a new site the id that its first key makes; without a key, one that nobody has."""
    if said.get("id"):
        return said
    keys = KnownSites(None)
    if said.get("station_code"):
        return {**said, "id": keys.by_key("station_code", str(said["station_code"]).strip())[1]}
    if said.get("source_id"):
        source = said.get("source")
        return {**said, "id": keys.by_key("source", str(source) if source else None, str(said["source_id"]).strip())[1]}
    return {**said, "id": str(uuid.uuid4())}


def _if_match() -> int | None:
    """Return the version that a request was made from; None where it names none."""
    found = _VERSION.fullmatch(request.headers.get("If-Match", ""))
    return int(found[1]) if found else None


def _written(found: Edit, before: Site | None, why: str, *, status: int = 200) -> Response:
    """Save what was said, and tell which other sites it may be: as the form does, but a program is asked nothing."""
    site = found.site
    told_apart = site is not None and (before is None or any(getattr(site, name) != getattr(before, name) for name in _WHAT_AND_WHERE))
    alike = site_looks.alike(site) if site is not None and told_apart else ()  # before it is among them
    return _answer(saving.save(found, before, why=why), alike, status=status)


def _answer(saved: Saved | Site, alike: Sequence[Alike] = (), *, status: int = 200) -> Response:
    site, warnings = saved if isinstance(saved, Saved) else (saved, [])
    body = {**catalogue.full_record(site), "warnings": [
        {"field": w.field, "value": None if w.value is None else w.shown_value(), "message": w.words.in_language(language())} for w in warnings],
        "possible_duplicates": [{"id": a.id or None, "name": a.name, "verdict": a.code, "distance_m": a.distance_m, "reasons": a.reasons}
                                for a in alike]}
    response = Response(orjson.dumps(body), status, PRIVATE, content_type="application/json")
    response.set_etag(str(site.version))
    if status == 201:
        response.headers["Location"] = url_for("writes.record", site_id=site.id)
    return response


def _stale(conflict: Conflict, now: Site) -> Response:
    response = errors.problem(412, conflict.words.in_language(language()), [conflict])
    response.set_etag(str(now.version))
    return response
