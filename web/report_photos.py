"""The photo that may come with a report: how large, which part of the form, and shown to whom."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from geodata import photos
from locator.errors import BadValue, NotThere
from locator.permissions import Permission
from web import auth, current, report_triage, sent_files
from web.replies import PRIVATE

bp = Blueprint("report_photos", __name__, url_prefix="/admin/reports")

FIELD, DELETED = "photo", "photo"


takes_photo = sent_files.at_most(photos.MOST_BYTES + sent_files.BESIDE, photos.too_large)
"""Let a view be sent a form with a photo."""


def sent() -> bytes | None:
    """Return the photo in this request's form; None where there is none, or its field was left empty.

    Raises:
        BadValue: If there are several, or another file.
    """
    files = [(name, file) for name, file in request.files.items(multi=True) if file.filename or name != FIELD]
    for name, _ in files:
        if name != FIELD:
            raise BadValue(name, None, zh=f"没有这个字段；文件只能是 {FIELD}", en=f"no such field; a file is {FIELD} alone")
    if len(files) > 1:
        raise BadValue(FIELD, None, zh="只能附一张照片", en="one photo at most")
    return files[0][1].stream.read(photos.MOST_BYTES + 1) if files else None


@bp.get("/<report_id>/photo")
@auth.required(Permission.EDIT_SITES)
def photo(report_id: str) -> Response:
    """Show the photo of a report of one's area; `size=small` as in the queue."""
    number = _known(report_id)
    jpeg = current.registry().reports.photo(number, small=request.args.get("size") == "small")
    return Response(jpeg, 200, {**PRIVATE, "Content-Disposition": f'inline; filename="report-{number}.jpg"'}, content_type="image/jpeg")


@bp.post("/<report_id>/photo/delete")
@auth.required(Permission.EDIT_SITES)
def delete(report_id: str) -> Redirect:
    """Delete the photo of a report of one's area at once: it shows what it should not."""
    number = _known(report_id)
    current.registry().reports.delete_photo(number)
    report_triage.recorded("report_photo_delete", number)
    return redirect(url_for("queue.queue", done=DELETED), 303)


def _known(said: str) -> int:
    if not (said.isascii() and said.isdigit() and len(said) < 16):
        raise NotThere("id", said, zh="没有这条反馈", en="there is no such report")
    return report_triage.known(int(said)).id
