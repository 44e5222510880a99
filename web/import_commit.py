"""The last steps of an import: commit it, see what it did, take it back."""

from __future__ import annotations

from flask import Response, url_for

from geodata import previews
from geodata.jobs import DONE
from geodata.uploads import Upload
from locator.errors import BadValue, Conflict, Refusal
from locator.permissions import Permission
from web import auth, current, import_flow
from web.import_flow import (
    COMMIT,
    UNDO,
    begin,
    go,
    grant,
    is_current,
    is_mine,
    job_of,
    mine,
    person,
    preview_of,
    reached,
    ready,
    then,
    uploads,
)
from web.import_reading import revision_said
from web.imports import bp
from web.saving import reason_refused
from web.signin import page, said


@bp.get("/<upload_id>/commit")
@auth.required(Permission.IMPORT)
def commit(upload_id: str) -> Response:
    """Show what would be written, and ask for the reason."""
    return _commit(mine(upload_id))


@bp.post("/<upload_id>/commit")
@auth.required(Permission.IMPORT)
def write(upload_id: str) -> Response:
    """Write what the preview shows: all of it or nothing."""
    one = mine(upload_id)
    if not one.is_open:
        return go(url_for("imports.result", upload_id=one.id))  # a second click
    why = said("reason").strip()
    try:
        refused = reason_refused(why)
        if refused:
            return _commit(one, *refused)
        if revision_said() != one.revision:
            raise Conflict("revision", None, zh="这次导入在别的窗口里已被更改；请再看一遍预览",
                           en="this import was changed in another window; look at the preview again")
        with preview_of(one) or _unread() as found:
            if not ready(found) or not is_current(one, found):
                return go(url_for("imports.preview", upload_id=one.id))
            if found.counts()[previews.DUPLICATE] and said("as_new") != "yes":
                raise BadValue("as_new", None, zh="还有可能重复的行没有决定；请逐行决定，或勾选“都作为新站点”",
                               en="some rows may be duplicates; decide on each, or tick that all are new sites")
        uploads().change(one.id, reason=why)
        job = begin(one, COMMIT, revision=one.revision, grant=grant(), who=person().name, why=why)
    except Conflict as refusal:
        job = job_of(one)  # type: ignore[assignment]
        if job is not None and job.alive:
            return go(import_flow.next_page(one))  # it is being written already: another click
        return _commit(uploads().named(one.id), refusal)
    except Refusal as refusal:
        return _commit(one, refusal)
    answer = then(one, job)
    _let_it_be_seen(one)
    return answer


@bp.get("/<upload_id>/result")
@auth.required(Permission.IMPORT)
def result(upload_id: str) -> Response:
    """Show what an import did, with the way to take it back."""
    return _result(mine(upload_id, to_look=True))


@bp.post("/<upload_id>/undo")
@auth.required(Permission.IMPORT)
def undo(upload_id: str) -> Response:
    """Take a whole import back."""
    one = mine(upload_id, to_look=True)
    why = said("reason").strip()
    if one.version is None or one.undone is not None:
        return go(import_flow.next_page(one))
    refused = reason_refused(why)
    if refused:
        return _result(one, *refused)
    try:
        uploads().change(one.id, reason=why)
        job = begin(one, UNDO, grant=grant(), who=person().name, why=why)
    except Refusal as refusal:
        return _result(one, refusal)
    answer = then(one, job)
    _let_it_be_seen(one)
    return answer


def _let_it_be_seen(one: Upload) -> None:
    """Wait a little until this process answers from what was written: the page they see next should know."""
    job = job_of(uploads().named(one.id))
    if job is not None and job.state == DONE and job.result.get("version"):
        current.keeper().catch_up(int(job.result["version"]))


def _unread() -> previews.Preview:
    raise BadValue("file", None, zh="还没有读取", en="has not been read yet")


def _commit(one: Upload, *refusals: Refusal) -> Response:
    found = preview_of(one)
    if not one.is_open or found is None:
        return go(import_flow.next_page(one))
    with found:
        if not refusals and (not ready(found) or not is_current(one, found)):
            return go(url_for("imports.preview", upload_id=one.id))
        return page("imports/commit.html", *refusals, upload=one, counts=found.counts(), warnings=found.about("faults"), steps=reached(one, found),
                    step="commit", reason=said("reason") or one.reason or "")


def _result(one: Upload, *refusals: Refusal) -> Response:
    job = job_of(one)
    if one.is_open or (job is not None and job.alive):
        return go(import_flow.next_page(one))
    undoing = job.refusals if job is not None and one.purpose == UNDO else ()
    return page("imports/result.html", *refusals, told=undoing, upload=one, job=job, mine=is_mine(one), step="result",
                undone=job.result if job is not None and one.purpose == UNDO and job.state == DONE else None)
