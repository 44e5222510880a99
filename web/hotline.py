"""The hotline: a caller's words become a place, the sites for them, and what to read aloud. Nothing of a call is kept.

A call travels in the body of a form only, so that no address, log or history holds a caller's words.
"""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request

from locator.heard import LONGEST_SAID
from locator.permissions import Permission
from locator.travel import WAYS
from web import auth, cards, current
from web.hotline_answer import Answer, Call, answer, get_ready
from web.replies import PRIVATE

bp = Blueprint("hotline", __name__)

REPORTS = ("locked", "moved", "gone", "missing_facility", "wrong")
"""What a caller may report, in the order of the number keys."""
_MOST_TAKEN_OUT = 30


@bp.get("/hotline")
@auth.required(Permission.FILE_REPORTS)
def page() -> tuple[str, int, dict[str, str]]:
    """Show the page, ready for a call."""
    get_ready(current.held())
    return _page(Answer(Call()))


@bp.post("/hotline")
@auth.required(Permission.FILE_REPORTS)
def asked() -> tuple[str, int, dict[str, str]]:
    """Answer a call on a whole page: for a browser without scripts."""
    return _page(answer(_call(), current.held(), current.now()))


@bp.post("/hotline/look")
@auth.required(Permission.FILE_REPORTS)
def look() -> tuple[str, int, dict[str, str]]:
    """Answer a call as it is typed: the part of the page that changes."""
    shown = answer(_call(), current.held(), current.now())
    return render_template("hotline/_answer.html", answer=shown, live=True), 200, PRIVATE


def _call() -> Call:
    form = request.form
    taken_out = tuple(dict.fromkeys(key[:LONGEST_SAID] for key in form.getlist("without") if key))[:_MOST_TAKEN_OUT]
    by = form.get("by", "")
    return Call(form.get("words", "")[:LONGEST_SAID].strip(), form.get("place", "")[:LONGEST_SAID], by if by in WAYS else "walk", taken_out)


def _page(shown: Answer) -> tuple[str, int, dict[str, str]]:
    vocabulary = current.atlas().vocabulary
    files = "filing.report" in current_app.view_functions
    facilities = [(code, cards.said(term)) for code, term in vocabulary.terms("facility").items()] if files else []
    return render_template("hotline/page.html", answer=shown, live=False, files=files, reports=REPORTS, facilities=facilities), 200, PRIVATE
