"""Importing a file, step by step: the list, the upload, how far it is. The other steps have rooms of their own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for

from geodata import mappings
from geodata.jobs import REFUSED
from geodata.tables import MOST_FILE_BYTES
from geodata.uploads import KEPT, Upload
from geodata.vocabulary import of_home
from locator.areas import AreaTree
from locator.errors import BadValue, Refusal
from locator.permissions import Permission
from web import auth, current, import_flow
from web.import_flow import (
    COMMIT,
    LOOK,
    UNDO,
    begin,
    go,
    is_mine,
    job_of,
    jobs,
    mine,
    next_page,
    person,
    takes_files,
    then,
    uploads,
)
from web.replies import PRIVATE, called
from web.signin import page, said

bp = Blueprint("imports", __name__, url_prefix="/admin/import")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_LISTED = 50


@bp.get("")
@auth.required(Permission.IMPORT)
def upload() -> Response:
    """Show the form to hand a file in, and what was handed in before."""
    return _form()


@bp.post("")
@takes_files
@auth.required(Permission.IMPORT)
def hand_in() -> Response:
    """Keep a file, and look at it; one that cannot be read at all is told so here and not kept."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise BadValue("file", None, zh="请选择一个文件", en="choose a file")
        kind = said("kind")
        if kind:
            kind = current.atlas().vocabulary.code("kind", kind)
        one = uploads().add(file.stream, file.filename, owner=person().name, area=person().account.area, at=current.now(),
                            source=said("source").strip() or None, kind=kind or None)
    except Refusal as refusal:
        return _form(refusal)
    job = jobs().wait(begin(one, LOOK).id, import_flow.WAIT_S)
    if job.state == REFUSED:
        uploads().delete(one.id)
        return _form(*job.refusals)
    return go(next_page(uploads().named(one.id)))


@bp.get("/template.xlsx")
@auth.required(Permission.IMPORT)
def template() -> Response:
    """Send the spreadsheet to fill in, with the districts of whoever asks."""
    from geodata import template as made  # openpyxl takes a while

    home, tree = current_app.extensions["settings"].home, current.atlas().areas
    codes = person().grant.codes(tree)
    above = {up for code in codes or () for up in tree.path(code)}
    scoped = tree if codes is None else AreaTree(area for area in tree if area.code in above)
    with tempfile.TemporaryDirectory() as folder:
        made.write(Path(folder) / "template.xlsx", of_home(home), scoped)
        body = (Path(folder) / "template.xlsx").read_bytes()
    return sheet(body, "暖心驿站填报表.xlsx", "nuanxin-template.xlsx")


def sheet(body: bytes, name: str, plain: str) -> Response:
    """Send a workbook under a Chinese name."""
    return called(Response(body, 200, PRIVATE, content_type=XLSX), name, plain, attached=True)


@bp.get("/<upload_id>")
@auth.required(Permission.IMPORT)
def one(upload_id: str) -> Response:
    """Lead to the step at which an import is."""
    return go(next_page(mine(upload_id, to_look=True)))


@bp.get("/<upload_id>/progress")
@auth.required(Permission.IMPORT)
def progress(upload_id: str) -> Response:
    """Show how far the work is, or how it ended; lead on when it is done."""
    one = mine(upload_id, to_look=True)
    job, ahead = job_of(one), next_page(one)
    if job is None or ahead != url_for("imports.progress", upload_id=one.id):
        return go(ahead)
    return page("imports/progress.html", upload=one, job=job, mine=is_mine(one), step="preview" if one.purpose == "read" else one.purpose)


@bp.post("/<upload_id>/cancel")
@auth.required(Permission.IMPORT)
def cancel(upload_id: str) -> Response:
    """Ask the work to stop."""
    one = mine(upload_id)
    if one.job:
        jobs().cancel(one.job)
        jobs().wait(one.job, import_flow.WAIT_S)
    return go(next_page(one))


@bp.post("/<upload_id>/again")
@auth.required(Permission.IMPORT)
def again(upload_id: str) -> Response:
    """Do the last piece of work once more: it was interrupted, stopped, or failed."""
    one = mine(upload_id)
    job = job_of(one)
    if job is not None and job.alive:
        return go(next_page(one))
    if one.purpose in (COMMIT, UNDO):
        more: dict[str, Any] = {"grant": import_flow.grant(), "who": one.owner, "why": one.reason}
        if one.purpose == COMMIT:
            more["revision"] = one.revision
        return then(one, begin(one, one.purpose, **more))
    return then(one, begin(one, LOOK) if one.purpose == LOOK else import_flow.read_again(one))


@bp.post("/<upload_id>/delete")
@auth.required(Permission.IMPORT)
def delete(upload_id: str) -> Response:
    """Delete an upload with everything that was read of it; what was imported of it stays."""
    one = mine(upload_id, to_look=True)
    if one.job:
        jobs().cancel(one.job)
        jobs().wait(one.job, import_flow.WAIT_S)
    uploads().delete(one.id)
    return go(url_for("imports.upload"))


def _form(*refusals: Refusal) -> Response:
    home, vocabulary = current_app.extensions["settings"].home, current.atlas().vocabulary
    visible: list[Upload] = [
        one for one in uploads().all() if one.purpose != import_flow.AT_ONCE and (is_mine(one) or import_flow.is_above(one.area))][:MOST_LISTED]
    return page("imports/upload.html", *refusals, uploads=visible, mine=is_mine, sources=mappings.sources(home),
                kinds=vocabulary.terms("kind").values(), job_of=job_of, kept_until=lambda one: one.created_at + KEPT, step="upload",
                most_mb=MOST_FILE_BYTES >> 20, said=request.form)
