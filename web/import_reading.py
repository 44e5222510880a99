"""The steps in which a file is understood: what its columns mean, and which datum its coordinates are in."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request, url_for

from geodata import importing, mappings, private
from geodata.evidence import CANDIDATES
from geodata.headers import Recogniser
from geodata.uploads import Upload
from locator.datum import NAMES
from locator.errors import BadDatum, BadFile, Conflict, Refusal
from locator.permissions import Permission
from locator.questions import DATUMS
from web import auth, current, i18n, import_choices, import_flow, pictures
from web.import_flow import (
    LOOK,
    READ,
    begin,
    go,
    is_mine,
    mine,
    preview_of,
    reached,
    read_again,
    takes_files,
    then,
    uploads,
)
from web.imports import bp
from web.replies import PRIVATE
from web.signin import page, said


@bp.get("/<upload_id>/mapping")
@auth.required(Permission.IMPORT)
def mapping(upload_id: str) -> Response:
    """Show every header with what stands under it and what it is taken for."""
    one = mine(upload_id, to_look=True)
    looked = private.read(uploads().place(one.id) / importing.LOOKED)
    if not one.is_open or looked is None:
        return go(import_flow.next_page(one) if not one.is_open else url_for("imports.progress", upload_id=one.id))
    return _mapping(one, looked)


@bp.post("/<upload_id>/mapping")
@takes_files
@auth.required(Permission.IMPORT)
def understand(upload_id: str) -> Response:
    """Take what was said of the columns: look at other sheets, lay a file's mapping over them, or read the rows."""
    one = mine(upload_id)
    looked = private.read(uploads().place(one.id) / importing.LOOKED) or {"headers": []}
    try:
        revision = revision_said()
        kind, source, match = said("kind"), said("source").strip() or None, said("match")
        told: dict[str, Any] = {"source": source, "kind": current.atlas().vocabulary.code("kind", kind) if kind else None,
                                "match": match if match in ("report", "merge", "new") else one.match}
        if said("do") == "sheets":
            sheets = tuple(title for title in looked["sheets"] if title in request.form.getlist("sheet"))
            one = uploads().change(one.id, revision=revision, sheets=sheets, columns={}, decisions={}, corrections={}, **told)
            return then(one, begin(one, LOOK))
        columns = _columns(looked)
        if said("do") == "file":
            columns |= {h: f for h, f in _given().items() if any(h == known["header"] for known in looked["headers"])}
            Recogniser(current.atlas().vocabulary, columns)
            return _mapping(uploads().change(one.id, revision=revision, columns=columns, **told), looked)
        _check(columns, looked, one)
        one = uploads().change(one.id, revision=revision, columns=columns, **told)
    except Conflict as refusal:
        return _mapping(uploads().named(one.id), looked, refusal)
    except Refusal as refusal:
        return _mapping(one, looked, refusal)
    if source:
        mappings.remember(current_app.extensions["settings"].home, source, _whole(looked, columns))
    return then(one, read_again(one))


@bp.get("/<upload_id>/mapping.toml")
@auth.required(Permission.IMPORT)
def mapping_file(upload_id: str) -> Response:
    """Send what the columns are taken for, as `nuanxin import --columns` reads it."""
    one = mine(upload_id, to_look=True)
    looked = private.read(uploads().place(one.id) / importing.LOOKED) or {"headers": []}
    answer = Response(mappings.as_toml(_whole(looked, one.columns), source=one.source), 200, PRIVATE, content_type="application/toml")
    answer.headers.set("Content-Disposition", "attachment", filename="columns.toml")
    return answer


@bp.get("/<upload_id>/evidence")
@auth.required(Permission.IMPORT)
def evidence(upload_id: str) -> Response:
    """Show what the file says of its datum: in figures, and on a map under each candidate."""
    return _evidence(mine(upload_id, to_look=True))


@bp.post("/<upload_id>/evidence")
@auth.required(Permission.IMPORT)
def choose_datum(upload_id: str) -> Response:
    """Take somebody's word on the datum, and read the rows again."""
    one = mine(upload_id)
    datum = said("datum")
    try:
        if datum not in DATUMS:
            raise BadDatum("datum", datum or None, zh="请选择一个坐标系", en="choose one datum")
        one = uploads().change(one.id, revision=revision_said(), datum=datum)
    except Refusal as refusal:
        return _evidence(uploads().named(one.id), refusal)
    return then(one, read_again(one))


def _evidence(one: Upload, *refusals: Refusal) -> Response:
    preview = preview_of(one)
    if not one.is_open or preview is None:
        return go(import_flow.next_page(one))
    with preview:
        found, drawn = preview.about("evidence"), preview.about("drawn")
        if found is None:
            return go(url_for("imports.preview", upload_id=one.id))
        atlas = current.atlas()
        outlines = pictures.outlines(current.held(), current_app.extensions["settings"].home)
        shown = pictures.of_candidates(drawn, outlines, atlas.places, i18n.language(), names=[NAMES[c] for c in CANDIDATES])
        best = found["zh" if i18n.language() == "zh-CN" else "en"]
        return page("imports/evidence.html", *refusals, upload=one, found=best, pictures=shown, candidates=CANDIDATES, shown=NAMES,
                    datum=preview.about("datum"), undecided=preview.about("undecided"), datums=DATUMS, steps=reached(one, preview), step="evidence",
                    mine=is_mine(one), drawn=len(drawn))


def _mapping(one: Upload, looked: dict[str, Any], *refusals: Refusal) -> Response:
    preview = preview_of(one)
    steps = reached(one, preview)
    if preview is not None:
        preview.close()
    home, vocabulary = current_app.extensions["settings"].home, current.atlas().vocabulary
    return page("imports/mapping.html", *refusals, upload=one, looked=looked, choices=import_choices.fields(current.held(), i18n.language()),
                taken=lambda known: one.columns.get(known["header"], known["recognised"]) or "", kinds=vocabulary.terms("kind").values(),
                sources=mappings.sources(home), steps=steps, step="mapping", mine=is_mine(one), read=one.purpose == READ)


def revision_said() -> int:
    """Return the revision that a form was made from; -1 where it names none."""
    text = said("revision")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _columns(looked: dict[str, Any]) -> dict[str, str]:
    """Return what the form says otherwise than was recognised; "" stands for nothing known."""
    columns = {}
    for place, known in enumerate(looked["headers"]):
        field = said(f"column-{place}")
        if f"column-{place}" in request.form and field != (known["recognised"] or ""):
            columns[known["header"]] = field or "-"
    return columns


def _whole(looked: dict[str, Any], columns: Any) -> dict[str, str]:
    """Return what every known or settled header means."""
    return {known["header"]: field for known in looked["headers"]
            if known["header"] and (field := columns.get(known["header"], known["recognised"]))}


def _check(columns: dict[str, str], looked: dict[str, Any], one: Upload) -> None:
    """Refuse a mapping under which no table can be read, before it is read: two columns of one field, half a pair."""
    Recogniser(current.atlas().vocabulary, columns).columns(one.name, [known["header"] for known in looked["headers"]])


def _given() -> dict[str, str]:
    file = request.files.get("columns")
    text = file.stream.read(mappings.MOST_BYTES + 1) if file else b""
    try:
        if not text or len(text) > mappings.MOST_BYTES:
            raise BadFile("columns", file.filename if file else None, zh="请选择一个列对照文件（TOML）", en="choose a file of columns (TOML)")
        return mappings.read(text.decode("utf-8-sig"), file.filename or "")  # type: ignore[union-attr]
    except UnicodeDecodeError:
        raise BadFile("columns", file.filename if file else None, zh="应为 UTF-8 的文本文件", en="must be a text file in UTF-8") from None
