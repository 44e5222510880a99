"""The administrators' queue: what workers reported in their area, by site, the newest first; decided without scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from geodata import site_actions
from geodata.registry.report_rows import CONFIRMED, EXPIRED, OPEN, REJECTED, STATES, Report, by_type
from locator.errors import BadCount, Refusal
from locator.permissions import Permission
from locator.quality import TYPE_WORDS, Judgement
from locator.words import Words
from web import auth, cards, current, errors, frame, i18n, report_photos, report_triage, values
from web.i18n import gettext
from web.replies import PRIVATE

bp = Blueprint("queue", __name__, url_prefix="/admin/reports")

Asked = TypeVar("Asked")

A_PAGE = 100
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class About:
    """What is said of one site in one way: by how many, and every report of it."""

    words: str
    reports: tuple[Report, ...]

    @property
    def count(self) -> int:
        """By how many."""
        return len(self.reports)


@dataclass(frozen=True, slots=True)
class Group:
    """The reports of one site on a page, and what can be done about it."""

    site_id: str
    name: str
    area: str | None
    status: str | None
    code: str
    """The status as a code; empty for a site that is not there any more."""
    judgement: Judgement | None
    about: tuple[About, ...]
    actions: tuple[str, ...]
    lasting: str
    """The reason that an action in one tap gives."""


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
        return _page(refusal)
    return redirect(url_for("queue.queue", done=decision, site=decided[0].site_id), 303)


def _page(*refusals: Refusal) -> Response:
    found = list(refusals)
    state, before = _asked("state", values.one_of(STATES), found) or OPEN, _asked("before", values.whole, found)
    shown = report_triage.page(limit=A_PAGE, states=(state,), before=before)
    pairs = [("state", state)] if state != OPEN else []
    older = frame.with_query(url_for("queue.queue"), [*pairs, ("before", shown.next)]) if shown.next else None
    done = request.args.get("done", "")
    names = {OPEN: gettext("Undecided"), CONFIRMED: gettext("Confirmed"), REJECTED: gettext("Rejected"), EXPIRED: gettext("Expired")}
    page = render_template("reports/queue.html", groups=_groups(shown.reports), state=state, states=names, older=older, refusals=found,
                           done=done if done in (CONFIRMED, REJECTED, report_photos.DELETED) else "",
                           after=_after(request.args.get("site", "")) if done else None,
                           confirmed=CONFIRMED, rejected=REJECTED, decidable=state != EXPIRED, first=before is None)
    return Response(page, max(map(errors.status_of, found), default=200), PRIVATE)


def _asked(name: str, reader: Callable[[str, str], Asked], refusals: list[Refusal]) -> Asked | None:
    """Return what the address says; None where it says nothing, or what will not do, which is told."""
    said = request.args.get(name, "")
    try:
        return reader(name, said) if said else None
    except Refusal as refusal:
        refusals.append(refusal)
        return None


def _groups(reports: Sequence[Report]) -> list[Group]:
    by_site: dict[str, list[Report]] = {}
    for report in reports:
        by_site.setdefault(report.site_id, []).append(report)
    return [_group(site_id, told) for site_id, told in by_site.items()]


def _after(site_id: str) -> Group | None:
    """Return the site whose reports were just decided, if whoever asks may change it."""
    return _group(site_id, ()) if site_id and report_triage.reached(site_id) else None


def _group(site_id: str, reports: Sequence[Report]) -> Group:
    held = current.held()
    sites, vocabulary, row = held.atlas.sites, held.atlas.vocabulary, held.atlas.sites.row_of(site_id)
    about = tuple(About(_said(*key), tuple(told)) for key, told in by_type(reports).items())
    if row is None:
        return Group(site_id, site_id, None, None, "", None, about, (), "")
    site = sites.site(row)
    area = site.street_code or site.district_code
    lasting = gettext("workers' reports: %(what)s") % {
        "what": ", ".join(f"{a.words} ({a.count})" for a in about)} if about else gettext("workers' reports were confirmed")
    named = held.atlas.areas[area].words.in_language(i18n.language()) if area is not None and area in held.atlas.areas else area
    return Group(site_id, site.name, named, cards.word(vocabulary, "status", site.status), site.status,
                 held.trust(current.now()).of(row), about,
                 tuple(a for a in ("verify", "suspend", "close") if a in site_actions.offered(site)), lasting)


def _said(kind: str, facility: str | None) -> str:
    words: Words = TYPE_WORDS[kind]
    named = cards.word(current.atlas().vocabulary, "facility", facility)
    return words.in_language(i18n.language()) + (f": {named}" if named else "")
