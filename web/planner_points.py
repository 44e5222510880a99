"""Proposed sites from a file, for the planner's comparison: the points go into the address, and nothing of the file stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Response, request
from werkzeug.datastructures import FileStorage

from geodata import proposals, side_words
from geodata.proposals import Read
from geodata.spreadsheets import LIGHT
from geodata.uploads import plain_name
from locator.errors import BadDatum, BadFile, BadValue, Refusal
from locator.permissions import Permission
from locator.questions import DATUMS
from web import auth, current, errors, planner_compare, planner_sides, planner_studies, sent_files, studying, values
from web.errors import Refused
from web.planner import bp
from web.planner_asked import Asked
from web.planner_sides import Point, Sides
from web.planner_study import standing
from web.replies import PRIVATE, called
from web.signin import said

MOST_BYTES = 512 << 10
"""Of a file: two hundred rows are some kilobytes, and what a workbook has beside them."""
_TEMPLATE = "编号,名称,经度,纬度\r\n,示例：某某驿站（以“示例：”开头的行不计入）,116.40,39.90\r\n"
_OWN_NUMBER = "new-"


def _too_large() -> Refusal:
    return BadFile("file", None, zh=f"文件最大 {MOST_BYTES >> 10} kB；请只留拟建点的行",
                   en=f"the file may have {MOST_BYTES >> 10} kB at most: keep the rows of proposed points alone")


@bp.post("/compare/points")
@sent_files.at_most(MOST_BYTES + (16 << 10), _too_large)
@auth.required(Permission.PLAN, before_accounts=True)
def points() -> Response:
    """Lead to the comparison of the registry with the same and the points of a file, as the question beside it asks; or say what is wrong."""
    atlas = current.atlas()
    asked = standing(atlas)
    try:
        asked = Asked.of(request, atlas, current.now())
        sides = _proposing()
    except Refused as refused:
        return planner_compare.page(asked, Sides(planner_sides.WITH), atlas, status=400, refusals=refused.refusals)
    except Refusal as refusal:
        return planner_compare.page(asked, Sides(planner_sides.WITH), atlas, status=errors.status_of(refusal), refusals=[refusal])
    return planner_studies.led_to(asked.address("planner.compare", pins=False, also=sides.pairs))


@bp.get("/compare/points.csv")
@studying.readable
def points_template() -> Response:
    """Send the table to fill in; with the mark by which Excel knows what it is written in."""
    table = Response("\ufeff" + _TEMPLATE, 200, PRIVATE, content_type="text/csv; charset=utf-8")
    return called(table, "拟建点.csv", "nuanxin-points.csv", attached=True)


def _proposing() -> Sides:
    """Return the registry against the same with the points of the file that was sent, and what was passed over of it.

    Raises:
        Refused: With every row that cannot be used; or where the file's rows speak against the datum that was said.
        BadFile: If it cannot be read at all, or is of none of the sorts that are light enough to be read while a page is answered.
        BadValue: If none was chosen.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadValue("file", None, zh="请选择一个文件", en="choose a file")
    name = plain_name(file.filename)
    if Path(name).suffix.lower() not in LIGHT:
        raise BadFile("file", name, at=name,
                      zh=f"这里可读 {' '.join(LIGHT)}；其他格式请另存为 .xlsx 或 .csv，或在命令行用 nuanxin compare now with:文件",
                      en=f"{' '.join(LIGHT)} are read here: save others as .xlsx or .csv, or use nuanxin compare now with:FILE")
    datum = values.one_of(DATUMS)("datum", said("datum")) if said("datum") else None
    read = _as_proposals(file, name, datum)
    against = [warning for warning in read.warnings if isinstance(warning, BadDatum)]  # nobody could be asked: half a kilometre is no detail
    if wrong := read.errors + against:
        raise Refused(wrong)
    points = [Point(one.lon, one.lat, "" if one.name == one.id and one.id.startswith(_OWN_NUMBER) else one.name) for one in read.proposals]
    sides = planner_sides.proposing(points)
    notes = ((planner_sides.EXAMPLES,) if read.examples else ()) + ((planner_sides.PASSED,) if len(read.warnings) > read.examples else ())
    return replace(sides, notes=notes + sides.notes)


def _as_proposals(file: FileStorage, name: str, datum: str | None) -> Read:
    atlas = current.atlas()
    with TemporaryDirectory(prefix="nuanxin-points-") as folder:
        path = Path(folder) / name
        file.save(path)
        return proposals.read(path, studying.areas(current.held()), vocabulary=atlas.vocabulary, datum=datum,
                              taken={one for one in atlas.sites.text("id") if one}, most=side_words.MOST_POINTS)
