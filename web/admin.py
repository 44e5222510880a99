"""The administrators' list: every site of their area, whatever its status; the same as a file; what its maps need."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for

from geodata import export
from locator import listing
from locator.permissions import Permission
from web import auth, basemap, cards, catalogue, current, frame, i18n, overview, replies
from web.auth import Person
from web.replies import PRIVATE

bp = Blueprint("admin", __name__, url_prefix="/admin")

PAGE = 50
FOUND = 8
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@bp.get("")
@auth.required(Permission.READ_INTERNAL)
def sites() -> tuple[str, int, dict[str, str]]:
    """List the sites of one's area, a page at a time."""
    held, grant = current.held(), _person().grant
    atlas = held.atlas
    asked, refusals = overview.read(request.args, atlas)
    rows = overview.rows_of(asked, held, grant)
    reach = overview.within_reach(held, grant)
    last = max(1, -(-len(rows) // PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), last)
    shown = rows[(number - 1) * PAGE:number * PAGE].tolist()
    vocabulary = atlas.vocabulary
    page = render_template(
        "admin/sites.html", lines=overview.lines(shown, atlas), total=len(rows), everything=int(reach.sum()), first=(number - 1) * PAGE + 1,
        page=number, last_page=last, asked=request.args, refusals=refusals, address=_address, sorts=listing.SORTS, sort=asked.listing.sort,
        chosen=asked.chosen, most_found=overview.MOST_FOUND, filtered=any(request.args.get(name) for name in overview.NAMES if name != "sort"),
        statuses=listing.counts(atlas.sites, "status", reach), word=lambda section, code: cards.word(vocabulary, section, code),
        terms=vocabulary.terms, areas=_areas(), may_edit=auth.allowed(Permission.EDIT_SITES), may_history=auth.allowed(Permission.READ_HISTORY),
        undone=request.args.get("undone", ""))
    return page, 400 if refusals else 200, PRIVATE


def _address(*without: str, **also: Any) -> str:
    """Return the list's address again, without some names and with others; the first page of it."""
    kept = [(name, value) for name, value in request.args.items(multi=True)
            if value and name in overview.NAMES and name not in without and name not in also]
    return frame.with_query(url_for("admin.sites"), [*kept, *((name, str(value)) for name, value in also.items() if value is not None)])


def _areas() -> list[tuple[str, str, int]]:
    """Return the areas that one may filter by, as (code, name, depth): those within reach."""
    tree, grant = current.atlas().areas, _person().grant
    found = []

    def walk(parent: str | None, depth: int) -> None:
        for area in tree.children(parent):
            reached = grant.reaches(area.code, tree)
            if reached:
                found.append((area.code, area.words.in_language(i18n.language()), depth))
            walk(area.code, depth + reached)

    walk(None, 0)
    return found


@bp.get("/download.<any(csv, xlsx):suffix>")
@auth.required(Permission.READ_INTERNAL)
def download(suffix: str) -> Response:
    """Give the same list as a file, internal fields too; the audit log remembers who took it."""
    held, person = current.held(), _person()
    atlas = held.atlas
    asked, refusals = overview.read(request.args, atlas)
    if refusals:
        raise refusals[0]
    rows = overview.rows_of(asked, held, person.grant)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sites.{suffix}"
        count = export.write(path, map(atlas.sites.site, rows.tolist()), vocabulary=atlas.vocabulary, internal=True)
        body = path.read_bytes()
    auth.record("export", f"{count} sites .{suffix}", area=person.grant.area)
    named = f'attachment; filename="sites-{current.now():%Y%m%d}.{suffix}"'
    return Response(body, 200, {**PRIVATE, "Content-Disposition": named}, content_type=_TYPES[suffix])


@bp.get("/search")
@auth.required(Permission.READ_INTERNAL)
def search() -> Response:
    """Find places and sites to start from, while somebody types; each also as the map draws it."""
    lying = basemap.under(current_app)
    found = overview.found(request.args.get("q", ""), _person().grant, FOUND)
    return replies.personal({"results": [{**one, "on_map": lying.place(one["lon"], one["lat"])} for one in found]})


@bp.get("/outlines")
@auth.required(Permission.READ_INTERNAL)
def outlines() -> Response:
    """Give the districts' outlines, for the maps of these pages: the public side may not be served here."""
    found = catalogue.outlines(current.held(), current_app.extensions["settings"].home)
    return replies.tagged(found, replies.GEOJSON, max_age_s=3600, shared=False)


@bp.get("/places")
@auth.required(Permission.READ_INTERNAL)
def places() -> Response:
    """Give the landmarks, likewise."""
    return replies.tagged(current.held().derived("places", catalogue.places), "application/json", max_age_s=3600, shared=False)


def _person() -> Person:
    person = auth.user()
    assert person is not None  # `required` saw to it
    return person

