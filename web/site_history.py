"""What happened to one site: every revision in words, the record of a day, and going back to one."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from geodata import site_actions
from geodata.registry import View
from geodata.registry import history as registry_history
from locator.errors import BadTime, NotThere, Refusal
from locator.permissions import Permission
from locator.sites import Site
from web import auth, current, errors, record_words, saving
from web.errors import Refused
from web.replies import PRIVATE

bp = Blueprint("history", __name__, url_prefix="/admin/sites")


@bp.get("/<site_id>/history")
@auth.required(Permission.READ_HISTORY)
def page(site_id: str) -> Response:
    """Show every revision, newest first; with `on`, the record as it was at the end of that day."""
    return _page(site_id)


@bp.post("/<site_id>/revert")
@auth.required(Permission.EDIT_SITES)
def revert(site_id: str) -> Response | Redirect:
    """Give a site again the record it had at a version; a removed one comes back by it."""
    registry = current.registry()
    version = request.form.get("to", 0, type=int)
    with registry.view() as view:
        now, then, last = view.site(site_id), view.site_at(site_id, version), _last(view, site_id)
    before = now or last
    person = auth.check_site_write(before, then or before)
    if then is None:
        raise NotThere("version", version, zh="这一版没有这个站点", en="there was no such site at this version")
    if site_actions.needs_acceptance(now, then):
        auth.check_site_write(before, then, permission=Permission.ACCEPT_SITES)
    why = request.form.get("reason", "").strip()
    try:
        wrong = saving.reason_refused(why)
        if wrong:
            raise Refused(wrong)
        saving.check_keys(then)
        done = registry.revert(site_id, version, who=person.name, why=why, expected_version=request.form.get("version", type=int))
    except Refused as refused:
        return _page(site_id, refused.refusals)
    except Refusal as refusal:
        return _page(site_id, (refusal,))
    current.keeper().catch_up(done.version)
    return redirect(url_for("history.page", site_id=site_id), 303)


def _page(site_id: str, refusals: tuple[Refusal, ...] = ()) -> Response:
    atlas = current.atlas()
    with current.registry().view() as view:
        found, site, known = view.history(site_id), view.site(site_id), _last(view, site_id)
    auth.check(Permission.READ_HISTORY, auth.areas_of_site(known))
    internal = saving.may(Permission.READ_INTERNAL, known)
    day, wrong = _day()
    then = None
    if day is not None:
        with current.registry().view() as view:
            version = view.version(day)
        then = record_words.rows(registry_history.added_up(r for r in found if r.version <= version) or {}, atlas, internal=internal)
    told = record_words.revisions(found, atlas, internal=internal)
    shown = render_template(
        "admin/history.html", site_id=site_id, name=known.name, removed=site is None, told=told, version=found[-1].version, on=day,
        asked=request.args.get("on", ""), then=then, refusals=[*refusals, *wrong],
        may_edit=saving.may(Permission.EDIT_SITES, known), chosen=request.form.get("to", 0, type=int), reason=request.form.get("reason", ""))
    status = max(map(errors.status_of, [*refusals, *wrong]), default=200)
    return Response(shown, status, PRIVATE)


def _last(view: View, site_id: str) -> Site:
    """Return a site as it is, or as it last was before it was removed."""
    for revision in reversed(view.history(site_id)):
        found = view.site_at(site_id, revision.version)
        if found is not None:
            return found
    raise NotThere("id", site_id, zh="没有这个站点", en="there is no such site")


def _day() -> tuple[date | None, tuple[Refusal, ...]]:
    said = request.args.get("on", "").strip()
    if not said:
        return None, ()
    try:
        return date.fromisoformat(said), ()
    except ValueError:
        return None, (BadTime("on", said, zh="没有这一天；写法如 2026-03-04", en="no such day; write it like 2026-03-04"),)
