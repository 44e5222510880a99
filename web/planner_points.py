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
from locator.datum import NAMES
from locator.errors import BadDatum, BadFile, BadValue, Refusal
from locator.permissions import Permission
from locator.questions import DATUMS
from locator.words import Words
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
_TEMPLATE = "编号,名称,经度,纬度,坐标系\r\n,示例：某某驿站（以“示例：”开头的行不计入）,116.40,39.90,WGS-84\r\n"
_OWN_NUMBER = "new-"
_LIKE_GPS = {"wgs84", "cgcs2000"}
"""One place in both."""


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
    errors = _undecided(read, name, datum) if read.undecided else read.errors
    others = sorted(one for one in read.datums if datum not in (None, one) and not {one, datum} <= _LIKE_GPS)
    if wrong := errors + against + [_not_chosen(name, str(datum), NAMES[one]) for one in others]:
        raise Refused(wrong)
    points = [Point(one.lon, one.lat, "" if one.name == one.id and one.id.startswith(_OWN_NUMBER) else one.name) for one in read.proposals]
    sides = planner_sides.proposing(points)
    notes = ((planner_sides.EXAMPLES,) if read.examples else ()) + ((planner_sides.PASSED,) if len(read.warnings) > read.examples else ())
    return replace(sides, notes=notes + sides.notes)


def _undecided(read: Read, name: str, datum: str | None) -> list[Refusal]:
    """Return the errors of a file of which it is not known what its coordinates are in; that one in the words of this page, which has a list."""
    others, told = ([one for one in read.errors if isinstance(one, BadDatum) == datums] for datums in (False, True))
    says = "、".join(NAMES[one] for refusal in told for one in str(refusal.value or "").split("、") if one in NAMES)
    if says and datum is not None:
        return [*others, _not_chosen(name, datum, says)]
    every = [NAMES[one] for one in DATUMS]
    why = Words("文件没有写明坐标系，从坐标本身也看不出", "the file does not say what its coordinates are in, and they do not show it")
    if says:
        why = Words(f"文件里写明是 {says}，从坐标本身看不出是哪一种",
                    f"the file says {says.replace('、', ', ')}, and its coordinates do not show which")
    return [*others, BadDatum("datum", None, at=name, zh=f"{why.zh}；请在“文件里的坐标系”中选一项：{'、'.join(every)}",
                              en=f"{why.en}: choose in the list “Its coordinates are in”: {', '.join(every)}")]


def _not_chosen(name: str, chosen: str, said: str) -> Refusal:
    return BadDatum("datum", None, at=name, zh=f"文件里写明是 {said}，所选的却是 {NAMES[chosen]}；请选“按文件所写”，或改正文件",
                    en=f"the file says {said.replace('、', ', ')}, and {NAMES[chosen]} was chosen: choose “as the file says”, or mend the file")


def _as_proposals(file: FileStorage, name: str, datum: str | None) -> Read:
    atlas = current.atlas()
    with TemporaryDirectory(prefix="nuanxin-points-") as folder:
        path = Path(folder) / name
        file.save(path)
        return proposals.read(path, studying.areas(current.held()), vocabulary=atlas.vocabulary, datum=datum,
                              taken={one for one in atlas.sites.text("id") if one}, most=side_words.MOST_POINTS)
