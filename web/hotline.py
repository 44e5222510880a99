"""The hotline: a caller's words become a place, the sites for them, and what to read aloud. Nothing of a call is kept.

A call travels in the body of a form only, so that no address, log or history holds a caller's words.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from locator import answers
from locator.errors import Refusal
from locator.heard import LONGEST_SAID
from locator.permissions import Permission
from locator.travel import WAYS
from web import auth, cards, current, errors, reports
from web.errors import Refused
from web.hotline_answer import Answer, Call, answer, get_ready
from web.i18n import gettext, language
from web.replies import PRIVATE, personal

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
    if request.form.get("heard"):
        current.keeper().hear()  # another process may have taken the report that was filed just now
    shown = answer(_call(), current.held(), current.now())
    return render_template("hotline/_answer.html", answer=shown, live=True), 200, PRIVATE


@bp.post("/hotline/report")
@auth.required(Permission.FILE_REPORTS)
def report() -> Response | tuple[str, int, dict[str, str]]:
    """File a caller's report in the operator's name; the script is told in JSON, a browser without it on the whole page."""
    said = {name: request.form.get(name, "") for name in ("type", "facility", "note", "key")}
    site_id = request.form.get("site", "")
    by_script = "application/json" in request.headers.get("Accept", "")
    try:
        reports.file(site_id, said, person=auth.user())
    except (Refused, Refusal) as refused:
        if not by_script:
            raise
        found = refused.refusals if isinstance(refused, Refused) else (refused,)
        return errors.problem(errors.status_of(found[0]), found[0].words.in_language(language()), found)
    found_site = answers.site(site_id, current.atlas(), current.now())
    name = found_site.sites.value("name", found_site.row)
    if by_script:
        return personal({"site": site_id, "name": name})
    return _page(answer(_call(), current.held(), current.now()), notice=f"{gettext('Reported:')} {name}")


def _call() -> Call:
    form = request.form
    taken_out = tuple(dict.fromkeys(key[:LONGEST_SAID] for key in form.getlist("without") if key))[:_MOST_TAKEN_OUT]
    by = form.get("by", "")
    return Call(form.get("words", "")[:LONGEST_SAID].strip(), form.get("place", "")[:LONGEST_SAID], by if by in WAYS else "walk", taken_out)


def _page(shown: Answer, notice: str = "") -> tuple[str, int, dict[str, str]]:
    facilities = [(code, cards.said(term)) for code, term in current.atlas().vocabulary.terms("facility").items()]
    return render_template("hotline/page.html", answer=shown, live=False, notice=notice, reports=REPORTS, facilities=facilities), 200, PRIVATE
