"""The step in which somebody sees what an import would do, puts cells right, and says what is a duplicate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, request, url_for

from geodata import previews
from geodata.corrections import LEFT_OUT
from geodata.jobs import DONE
from geodata.matching import NEW_SITE
from geodata.previews import DUPLICATE, ERROR, TABS, Preview, PreviewRow
from geodata.uploads import Upload, not_there
from locator.errors import Refusal
from locator.permissions import Permission
from web import auth, current, i18n, import_choices, import_flow, pictures, replies
from web.import_flow import (
    COMMIT,
    go,
    is_current,
    is_mine,
    job_of,
    mine,
    preview_of,
    reached,
    read_again,
    then,
    uploads,
)
from web.import_reading import revision_said
from web.imports import bp, sheet
from web.signin import page, said

PAGE_ROWS = 40
_LONGEST_CELL = 2_000
_BEST = ("same", "likely")


@bp.get("/<upload_id>/preview")
@auth.required(Permission.IMPORT)
def preview(upload_id: str) -> Response:
    """Show what each row comes to, under tabs, on a map, a page at a time."""
    return _preview(mine(upload_id, to_look=True))


@bp.post("/<upload_id>/preview")
@auth.required(Permission.IMPORT)
def correct(upload_id: str) -> Response:
    """Keep corrections of cells, decisions about duplicates and rows left out; then read everything again."""
    one = mine(upload_id)
    found = preview_of(one)
    if not one.is_open or found is None:
        return go(import_flow.next_page(one))
    with found:
        try:
            changed = {"corrections": dict(one.corrections), "decisions": dict(one.decisions)}
            if said("do") == "restore":
                changed["decisions"] = {line: what for line, what in one.decisions.items() if what != LEFT_OUT}
            elif said("do") == "discard":
                changed["corrections"] = {}
            else:
                _take_cells(found, changed["corrections"])
                _take_decisions(found, changed["decisions"])
            one = uploads().change(one.id, revision=revision_said(), **changed)
        except Refusal as refusal:
            return _preview(uploads().named(one.id), refusal)
    job = read_again(one)
    import_flow.jobs().wait(job.id, import_flow.WAIT_S)
    ahead = import_flow.next_page(uploads().named(one.id))
    if ahead == url_for("imports.preview", upload_id=one.id):
        ahead += "?" + urlencode({"tab": _tab(), "q": said("q"), "page": said("page") or "1"})
    return go(ahead)


@bp.get("/<upload_id>/points.json")
@auth.required(Permission.IMPORT)
def points(upload_id: str) -> Response:
    """Send every row that has a place, for the map: as it is drawn on, with what will happen to it."""
    found = preview_of(mine(upload_id, to_look=True))
    if found is None:
        return replies.personal({"rows": []})
    under = current_app.extensions["base_map"]
    with found:
        return replies.personal({"rows": [[n, *(round(d, 6) for d in under.place(lon, lat)), DUPLICATE if asks else fate]
                                          for n, lon, lat, fate, asks in found.points()]})


@bp.get("/<upload_id>/rows/<int:number>")
@auth.required(Permission.IMPORT)
def row(upload_id: str, number: int) -> Response:
    """Send what a point of the map is called."""
    found = preview_of(mine(upload_id, to_look=True))
    with found or _nothing(upload_id) as held:
        one = held.row(number)
        return replies.personal({"name": one.name if one else "", "line": one.shown if one else "", "fate": one.fate if one else ""})


@bp.get("/<upload_id>/errors.xlsx")
@auth.required(Permission.IMPORT)
def errors_sheet(upload_id: str) -> Response:
    """Send the rows that cannot be imported as a workbook, what is wrong beside each; put right, it imports by itself."""
    from geodata import error_sheet  # openpyxl takes a while

    one = mine(upload_id, to_look=True)
    with preview_of(one) or _nothing(upload_id) as found:
        body = error_sheet.workbook(found.about("headers"), found.every(ERROR), language="zh" if i18n.language() == "zh-CN" else "en")
    return sheet(body, f"{one.name.rpartition('.')[0]}-错误.xlsx", "errors.xlsx")


def _nothing(upload_id: str) -> Preview:
    raise not_there(upload_id)


def _preview(one: Upload, *refusals: Refusal) -> Response:
    found = preview_of(one)
    if not one.is_open or found is None:
        return go(import_flow.next_page(one))
    with found:
        job = job_of(one)
        if is_mine(one) and (job is None or not job.alive) and not is_current(one, found) and not refusals:
            return then(one, read_again(one))  # what is shown is always what would be committed
        if found.about("undecided"):
            return go(url_for("imports.evidence", upload_id=one.id))
        counts, tab, text = found.counts(), _tab(), said("q").strip()
        if not counts[tab]:
            tab = previews.ALL  # the last of them has just been settled
        number = max(1, int(said("page"))) if said("page").isdecimal() and len(said("page")) < 7 else 1
        total, rows = found.page(tab, text=text, offset=(number - 1) * PAGE_ROWS, limit=PAGE_ROWS)
        land = pictures.outlines(current.held(), current_app.extensions["settings"].home)
        picture = pictures.of_points([(lon, lat, DUPLICATE if asks else fate) for _, lon, lat, fate, asks in found.points()], land)
        conflicts = job.result.get("conflicts", []) if job is not None and one.purpose == COMMIT and job.state == DONE else []
        vocabulary = current.atlas().vocabulary
        return page("imports/preview.html", *refusals, upload=one, counts=counts, tab=tab, tabs=TABS, q=text, number=number, total=total,
                    last=-(-total // PAGE_ROWS), rows=rows, headers=found.about("headers"), faults=found.about("faults"),
                    picture=picture, conflicts=conflicts, steps=reached(one, found), step="preview", mine=is_mine(one), best=_BEST,
                    field_words=import_choices.words(current.held(), i18n.language()), told=_told, offered=_offered,
                    beside=lambda row: _beside(row, land), kinds=vocabulary.terms("kind"),
                    left_out=len(one.left_out), wrong_places=_wrong_places, ready=import_flow.ready(found),
                    new_site=NEW_SITE, leave_out=LEFT_OUT)


def _tab() -> str:
    return said("tab") if said("tab") in TABS else previews.ALL


def _wrong_places(row: PreviewRow) -> list[int]:
    """Return the columns of a row in which something is wrong, once each."""
    return list(dict.fromkeys(fault["cell"][1] for fault in row.faults if fault["level"] == ERROR and fault["cell"] and fault["cell"][1] is not None))


def _beside(row: PreviewRow, land: Mapping[str, Any]) -> pictures.Picture | None:
    """Return a row among the sites that it may be; None where either has no place."""
    others = [(m["lon"], m["lat"], m["name"]) for m in row.matches if m["lon"] is not None and m["lat"] is not None]
    return pictures.of_matches(row.lon, row.lat, others, land) if others and row.lon is not None and row.lat is not None else None


def _offered(fault: Mapping[str, Any]) -> list[str]:
    """Return the words that a cell may hold, where it holds one that the vocabulary does not have."""
    sections = current.atlas().vocabulary.sections
    field = fault["field"].rpartition("(")[2].rstrip(")")
    if fault["sort"] != "UnknownCode" or field not in sections:
        return []
    return [term.words.in_language(i18n.language()) for term in sections[field].values()]


def _told(value: Any) -> str:
    """Return a field's value as people read it."""
    if value is None or value == "" or value == [] or value == {}:
        return "—"
    if isinstance(value, Mapping):
        return "、".join(f"{name} {level}" for name, level in value.items())
    if isinstance(value, list):
        return "、".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)


def _take_cells(found: Preview, corrections: dict[str, str]) -> None:
    """Keep the cells of the form that say something else than the file does."""
    asked = {name: text for name, text in request.form.items() if name.startswith("cell-")}
    if not asked:
        return
    rows = {row.line: row for tab in (ERROR, previews.WARNING) for row in found.every(tab)}
    for name, text in asked.items():
        line, _, place = name.removeprefix("cell-").partition("-")
        if not (line.isdecimal() and place.isdecimal()) or int(line) not in rows or int(place) >= len(found.about("headers")):
            continue
        cells = rows[int(line)].cells
        if text.replace("\r\n", "\n").strip() != (cells[int(place)] if int(place) < len(cells) else "").strip():
            corrections[f"{int(line)}:{int(place)}"] = text[:_LONGEST_CELL]


def _take_decisions(found: Preview, decisions: dict[str, str]) -> None:
    """Keep what the form says of each row, and of all that are undecided at once."""
    for name, what in request.form.items():
        line = name.removeprefix("is-")
        if name.startswith("is-") and line.isdecimal() and what:
            decisions[str(int(line))] = what[:200]
    for name in request.form:
        line = name.removeprefix("out-")
        if name.startswith("out-") and line.isdecimal():
            decisions[str(int(line))] = LEFT_OUT
    alike = said("alike")
    if alike not in ("best", NEW_SITE):
        return
    taken = set(decisions.values())
    for row in found.every(DUPLICATE):
        if str(row.line) in decisions:
            continue
        best = next((m["site_id"] for m in row.matches if m["site_id"] and m["mine"] and m["verdict"] in _BEST), None)
        if alike == NEW_SITE or best is None or best in taken:
            if alike == NEW_SITE:
                decisions[str(row.line)] = NEW_SITE
            continue
        decisions[str(row.line)] = best
        taken.add(best)
