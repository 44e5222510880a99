"""What leaves the screen of a study: files, charts, maps, the report; made once by a job and kept beside the study."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from flask import Blueprint, Response, current_app, render_template, request

from geodata import study_making
from geodata.jobs import DONE
from geodata.studies import Study
from geodata.study_files import wording
from geodata.study_files.contents import PARTS, Contents
from geodata.study_making import FILE, Piece
from locator.errors import BadValue, Busy, NotThere
from web import auth, basemap, current, planner_report, planner_shown, planner_studies, replies, studying
from web.errors import Refused
from web.i18n import gettext
from web.replies import PRIVATE

bp = Blueprint("planner_files", __name__, url_prefix="/planner/studies/<key>")

WAIT_S = 60.0
"""How long an answer waits for its file: a picture of a cold process takes some seconds, a workbook of a great city twenty."""
TYPES: Final = {"gpkg": "application/geopackage+sqlite3", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "geojson": replies.GEOJSON, "svg": "image/svg+xml", "png": "image/png"}
SIZES: Final = ("screen", "print")
_SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""An SVG opened by itself may be styled as it is, and run nothing."""


@bp.get("/download.<suffix>")
@studying.readable
def download(key: str, suffix: str) -> Response:
    """Send everything of a study as one file: GeoPackage, workbook, GeoJSON."""
    if suffix not in ("gpkg", "xlsx", "geojson"):
        raise _none(suffix)
    return _sent(key, Piece(FILE, suffix, planner_shown.tongue()), attached=True)


@bp.get("/chart/<name>.<suffix>")
@studying.readable
def chart(key: str, name: str, suffix: str) -> Response:
    """Send a chart, or the map: as SVG for pages, as PNG for a screen or for paper (`size`)."""
    if suffix not in ("svg", "png"):
        raise _none(suffix)
    return _sent(key, _picture(name, suffix))


@bp.get("/map.png")
@studying.readable
def map_picture(key: str) -> Response:
    """Send the map as a picture of 1920 x 1080, or of A4 at 300 dots an inch (`size`)."""
    return _sent(key, _picture("map", "png"))


@bp.get("/report")
@studying.readable
def report(key: str) -> Response:
    """Show everything of a study on sheets of A4."""
    study = planner_studies.kept(key)
    page = render_template("planner/report.html", **planner_report.shown(study, _contents(study)))
    return Response(page, 200, PRIVATE, content_type="text/html; charset=utf-8")


def _contents(study: Study, *, only: Sequence[str] = PARTS) -> Contents:
    """Return what a study holds, in the reader's language."""
    held = current.held()
    return Contents.of_study(study, studying.areas(held), held.atlas.vocabulary, planner_shown.tongue(), only=only)


def _picture(name: str, suffix: str) -> Piece:
    size = request.args.get("size", "screen")
    if size not in SIZES:
        raise BadValue("size", size, zh=f"应为 {'、'.join(SIZES)} 之一", en=f"must be one of {', '.join(SIZES)}")
    if suffix == "svg":
        size = "paper" if size == "print" else "page"
    return Piece(name, suffix, planner_shown.tongue(), size, basemap.under(current_app).words_of_drawing(), _hours())


def _hours() -> tuple[int, int] | None:
    said = request.args.get("hours")
    if said is None:
        return None
    found = re.fullmatch(r"(\d{1,2}),(\d{1,2})", said)
    if found is None or not all(int(hour) < 24 for hour in found.groups()):
        raise BadValue("hours", said, zh="应为两个小时，如 12,23", en="must be two hours, such as 12,23")
    return int(found[1]), int(found[2])


def _sent(key: str, piece: Piece, *, attached: bool = False) -> Response:
    """Send a piece of a study; 304 where the asker has it, as it never changes.

    Raises:
        Refused: If it cannot be made: the study has no such chart, the machine no typeface.
        Busy: If it takes longer than anybody waits.
    """
    study = planner_studies.kept(key)
    answer = Response(content_type=TYPES[piece.suffix])
    answer.set_etag(f"{study.key}.{piece.file}")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Accept-Language"
    answer.make_conditional(request)
    if answer.status_code != 304:
        answer.set_data(_made(study, piece))
        name, plain = _called(study, piece)
        replies.called(answer, name, plain, attached=attached or "download" in request.args)
    if piece.suffix == "svg":
        answer.headers["Content-Security-Policy"] = _SVG_POLICY
    return answer


def _made(study: Study, piece: Piece) -> bytes:
    path = study_making.held(study, piece)
    if path is None:
        person = auth.user()
        owner, area = (person.name, person.account.area) if person is not None else ("", "")
        job = study_making.start(studying.jobs(), study, piece, now=current.now(), owner=owner, area=area)
        job = studying.jobs().wait(job.id, WAIT_S)
        if job.refusals:
            raise Refused(job.refusals)
        if job.state != DONE:
            raise Busy("study", None, zh="文件还没有做好，请稍后再取", en="the file is not ready yet; ask again in a moment", wait_s=5)
        path = study.beside(piece.file)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotThere("study", study.key, zh="这次分析已被清理，请重新计算", en="this study was cleared away; ask again") from None


def _called(study: Study, piece: Piece) -> tuple[str, str]:
    """Return what a file is called: in words, and for programs that know no Chinese."""
    contents = _contents(study, only=())
    words = wording.title(contents)
    what = {FILE: gettext("coverage"), "map": gettext("map"), "distances": gettext("distances"), "areas": gettext("by area"),
            "change": gettext("change"), "day": gettext("hours of a day")}.get(piece.name, gettext("hours of a week"))
    marked = gettext("Demonstration data") if contents.demonstration else ""
    plain = re.sub(r"[^\w\-.,]+", "-", f"{marked}-{words}-{what}").strip("-")
    return f"{plain[:80]}.{piece.suffix}", f"nuanxin-{piece.name}-{study.key[:8]}.{piece.suffix}"


def _none(suffix: str) -> NotThere:
    return NotThere("file", suffix, zh="没有这种文件", en="there is no such sort of file")
