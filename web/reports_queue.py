"""The administrators' queue: what workers reported in their area, by site, the gravest first; decided without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from geodata.registry.report_rows import CONFIRMED, EXPIRED, OPEN, REJECTED, STATES
from locator.errors import BadCount, Refusal
from locator.permissions import Permission
from web import auth, errors, frame, report_groups, report_photos, report_triage, values
from web.i18n import gettext
from web.replies import PRIVATE

bp = Blueprint("queue", __name__, url_prefix="/admin/reports")

Asked = TypeVar("Asked")

A_PAGE = 100
MOST_AT_ONCE = 200


@bp.get("")
@auth.required(Permission.EDIT_SITES)
def queue() -> Response:
    """Show a page of reports; those that nobody has decided, unless asked for others."""
    return _page()


@bp.post("")
@auth.required(Permission.EDIT_SITES)
def decide() -> Response | Redirect:
    """Confirm or reject the reports that were ticked, with one reason."""
    decision, why = request.form.get("decision", ""), request.form.get("reason", "")
    try:
        numbers = [values.whole("report", said) for said in request.form.getlist("report")]
        if not 0 < len(numbers) <= MOST_AT_ONCE:
            raise BadCount("report", len(numbers), zh=f"请选 1 到 {MOST_AT_ONCE} 条反馈", en=f"choose 1 to {MOST_AT_ONCE} reports")
        decided = report_triage.decide([report_triage.known(number) for number in numbers], decision, why=why)
    except Refusal as refusal:
        if errors.status_of(refusal) in (401, 403):
            raise
        return _page(undecided=refusal)
    return redirect(url_for("queue.queue", done=decision, site=decided[0].site_id), 303)


def _page(*, undecided: Refusal | None = None) -> Response:
    """Show the page that the address asks for; `undecided` is why the form that was sent was not taken."""
    found: list[Refusal] = []
    state, before = _asked("state", values.one_of(STATES), found) or OPEN, _asked("before", values.whole, found)
    place = report_triage.Place(before, others=request.args.get("others") == "1")
    shown = (report_triage.by_gravity(place, limit=A_PAGE) if state == OPEN
             else report_triage.newest(before, limit=A_PAGE, states=(state,)))
    done = request.args.get("done", "")
    names = {OPEN: gettext("Undecided"), CONFIRMED: gettext("Confirmed"), REJECTED: gettext("Rejected"), EXPIRED: gettext("Expired")}
    page = render_template(
        "reports/queue.html", groups=report_groups.groups(shown.reports), filers=report_groups.filers(shown.reports), state=state, states=names,
        here=_address(state, place), older=_address(state, shown.next) if shown.next else None, refusals=found, undecided=undecided,
        sent=request.form, done=done if done in (CONFIRMED, REJECTED, report_photos.DELETED) else "",
        after=report_groups.alone(request.args.get("site", "")) if done else None,
        confirmed=CONFIRMED, rejected=REJECTED, decidable=state != EXPIRED, first=place == report_triage.FIRST)
    wrong = [*found, *([undecided] if undecided else [])]
    return Response(page, max(map(errors.status_of, wrong), default=200), PRIVATE)


def _address(state: str, place: report_triage.Place) -> str:
    """Return the address of a page of the queue."""
    pairs = [("state", state if state != OPEN else ""), ("before", str(place.before or "")), ("others", "1" if place.others else "")]
    return frame.with_query(url_for("queue.queue"), [(name, said) for name, said in pairs if said])


def _asked(name: str, reader: Callable[[str, str], Asked], refusals: list[Refusal]) -> Asked | None:
    """Return what the address says; None where it says nothing, or what will not do, which is told."""
    said = request.args.get(name, "")
    try:
        return reader(name, said) if said else None
    except Refusal as refusal:
        refusals.append(refusal)
        return None
