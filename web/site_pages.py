"""Registering and editing one site on a page. Works without JavaScript; with it the same panels follow the typing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from geodata import editing, site_actions
from locator.errors import BadValue, Conflict, Forbidden, Refusal, Unavailable
from locator.permissions import Permission
from locator.sites import Site
from web import auth, cards, current, i18n, overview, record_words, saving, site_form, site_looks
from web.errors import Refused
from web.i18n import gettext
from web.replies import PRIVATE
from web.site_form import Values
from web.site_looks import Looks

bp = Blueprint("sitework", __name__, url_prefix="/admin/sites")

FOUND = 8
"""Places and sites that a look-up offers to start from."""
_ANCHORS = {"lon": "coordinates", "lat": "coordinates", "source_datum": "datum", "entrance_lon": "entrance", "entrance_lat": "entrance"}


@bp.route("/new", methods=["GET", "POST"])
@auth.required(Permission.EDIT_SITES)
def new() -> Response | Redirect:
    """Register a site."""
    if request.method == "GET":
        given = {name: value for name, value in request.args.items() if name in ("coordinates", "datum", "kind", "name")}
        return _page({**site_form.shown(None), **given}, None)
    return _answer(None)


@bp.route("/<site_id>", methods=["GET", "POST"])
@auth.required(Permission.EDIT_SITES)
def site(site_id: str) -> Response | Redirect:
    """Edit a site; `saved` in the address is the version that was just written."""
    existing = saving.known(site_id)
    if request.method == "GET":
        return _page(site_form.shown(existing), existing, saved=request.args.get("saved") == str(existing.version),
                     unchanged="unchanged" in request.args)
    return _answer(existing)


@bp.post("/look")
@auth.required(Permission.EDIT_SITES)
def look() -> Response:
    """Return the panels of a form that is being filled in, as a piece of a page."""
    site_id = request.form.get("site", "")
    existing = saving.known(site_id) if site_id else None
    found = site_looks.looks(site_form.posted(request.form), existing)
    return Response(render_template("admin/_looks.html", looks=found, site=existing, asked=True), headers=PRIVATE)


@bp.post("/<site_id>/undo")
@auth.required(Permission.EDIT_SITES)
def undo(site_id: str) -> Redirect:
    """Take back what one has just saved oneself, as long as nobody changed the site since."""
    existing = saving.known(site_id)
    version = request.form.get("version", type=int)
    if version != existing.version:
        raise saving.stale(existing)
    registry, why = current.registry(), gettext("taken back right after saving")
    history = registry.history(site_id)
    person = auth.check_site_write(existing, existing)
    if history[-1].who != person.name:  # else one click would remove what an import or somebody else registered
        raise Forbidden("version", version, zh="只有保存的人能这样撤回；请在历史里改回",
                        en="only who saved it can take it back; go back in its history instead")
    if len(history) == 1:
        registry.remove([site_id], who=person.name, why=why, expected_versions={site_id: version})
        current.keeper().catch_up(registry.version())
        return redirect(url_for("admin.sites", undone=existing.name), 303)
    with registry.view() as view:
        auth.check_site_write(existing, view.site_at(site_id, version - 1))
    done = registry.revert(site_id, version - 1, who=person.name, why=why, expected_version=version)
    current.keeper().catch_up(done.version)
    return redirect(url_for("sitework.site", site_id=site_id), 303)


@bp.post("/<site_id>/do/<any(suspend, close, reinstate, verify):action>")
@auth.required(Permission.EDIT_SITES)
def act(site_id: str, action: str) -> Response | Redirect:
    """Suspend, close, reinstate or verify a site."""
    existing = saving.known(site_id)
    more = {"how": current.atlas().vocabulary.code("verified_how", request.form.get("how") or "visit")} if action == "verify" else {}
    try:
        saved = saving.act(site_id, action, why=request.form.get("reason", ""), version=request.form.get("version", type=int), **more)
    except (Refusal, Refused) as refused:
        found = refused.refusals if isinstance(refused, Refused) else (refused,)
        return _page(site_form.shown(existing), existing, [BadValue(f"do.{action}", None, zh=r.words.zh, en=r.words.en) for r in found])
    return redirect(url_for("sitework.site", site_id=site_id, saved=saved.site.version), 303)


# --- a form that was sent -----------------------------------------------------------------------------

def _answer(existing: Site | None) -> Response | Redirect:
    values, form = site_form.posted(request.form), request.form
    used = form.get("use", "")
    if used:
        values |= {"coordinates": used, "datum": "wgs84"}
    if used or form.get("act") in ("look", "find"):
        return _page(values, existing, found=_found() if form.get("act") == "find" else None, asked=True)
    if existing is not None:
        for group in [name.removeprefix("take.") for name, chosen in form.items() if name.startswith("take.") and chosen == "theirs"]:
            values = site_form.replaced(values, site_form.shown(existing), group)
        if form.get("version", type=int) != existing.version:
            return _conflict(values, existing)
    return _save(values, existing)


def _save(values: Values, existing: Site | None) -> Response | Redirect:
    said = site_form.said(values, current.atlas().vocabulary.terms("facility"))
    if existing is None:
        said["id"] = _new_id()
        if current.registry().site(said["id"]) is not None:  # sent twice: the first time did it
            return redirect(url_for("sitework.site", site_id=said["id"]), 303)
    edit = saving.edit(said, existing)
    why = request.form.get("reason", "").strip() or (gettext("registered") if existing is None else "")
    looks = site_looks.looks(values, existing)
    errors = [*edit.errors, *saving.reason_refused(why), *_unanswered(looks, edit.site, existing)]
    if errors:
        return _page(values, existing, errors, looks=looks, asked=True)
    try:
        saved = saving.save(edit, existing, why=why)
    except Conflict as conflict:
        if existing is None and conflict.field == "id":  # likewise, in the same moment
            return redirect(url_for("sitework.site", site_id=conflict.at), 303)
        if existing is not None and conflict.field == "version":
            return _conflict(values, saving.known(existing.id))
        return _page(values, existing, [conflict], looks=looks, asked=True)
    except Forbidden as forbidden:  # a page of errors would lose what was typed
        return _page(values, existing, [Forbidden("coordinates", None, zh=forbidden.words.zh, en=forbidden.words.en)], looks=looks, status=403)
    except Unavailable:
        return _page(values, existing, [Unavailable("reason", None, zh="现在存不进去，请稍后再保存", en="cannot be saved just now; try again soon")],
                     looks=looks, status=503)
    unchanged = existing is not None and saved.site.version == existing.version
    news: dict[str, Any] = {"unchanged": 1} if unchanged else {"saved": saved.site.version}
    return redirect(url_for("sitework.site", site_id=saved.site.id, **news), 303)


def _unanswered(looks: Looks, site: Site | None, existing: Site | None) -> list[Refusal]:
    """Return the refusal of a probable duplicate that nobody has answered for; an edit that moves or renames nothing is none."""
    same = existing is not None and site is not None and all(
        getattr(existing, name) == getattr(site, name) for name in ("name", "kind", "lon", "lat", "address"))
    if same or not any(alike.sure for alike in looks.alike) or request.form.get("anyway") == answer_key(looks):
        return []
    return [BadValue("anyway", None, zh="可能已经登记过：请看下面列出的站点，确认不是同一个再保存",
                     en="may be registered already: look at the sites listed, and confirm that it is none of them")]


def answer_key(looks: Looks) -> str:
    """Return what confirms the possible duplicates that were shown, and no others."""
    return ",".join(sorted(alike.id or "-" for alike in looks.alike if alike.sure))


def _conflict(values: Values, now: Site) -> Response:
    """Show two people's changes field by field; what only one of them changed is merged already."""
    version = request.form.get("version", 0, type=int)
    with current.registry().view() as view:
        base = view.site_at(now.id, version)
    theirs = site_form.shown(now)
    merged = site_form.merged(site_form.shown(base) if base else {}, theirs, values)
    return _page(merged.values, now, merged=merged, theirs=theirs, status=409, asked=True)


def _found() -> list[Any]:
    person = auth.user()
    return list(overview.found(request.form.get("find", ""), person.grant, FOUND)) if person else []


def _page(values: Values, existing: Site | None, errors: Sequence[Refusal] = (), *, looks: Looks | None = None, status: int = 200,
          **more: Any) -> Response:
    atlas = current.atlas()
    at_field: dict[str, list[str]] = {}
    for refusal in errors:
        at_field.setdefault(_ANCHORS.get(refusal.field, refusal.field), []).append(refusal.words.in_language(i18n.language()))
    shown = looks or site_looks.looks(values, existing)
    statuses = [*editing.FREE, *(["active"] if auth.allowed(Permission.ACCEPT_SITES) else [])]
    page = render_template(
        "admin/site.html", values=values, site=existing, errors=at_field, looks=shown, anyway=answer_key(shown), new_id=_new_id(),
        label=lambda name: record_words.label(name, atlas), said=lambda name, value: record_words.value(name, value, atlas),
        of_group=_group_words, terms=atlas.vocabulary.terms, options=lambda section: _options(section, atlas.vocabulary.terms(section)),
        districts=_districts(), streets=atlas.areas.children,
        district_options=[(area.code, area.words.in_language(i18n.language())) for area in _districts()],
        groups=_facility_groups(), slot_rows=site_form.slot_rows(values) + site_form.SPARE_SLOTS,
        status_options=_options("status", statuses if existing is None or existing.status in editing.FREE else [existing.status]),
        actions=site_actions.offered(existing) if existing else (), may_accept=auth.allowed(Permission.ACCEPT_SITES), **more)
    return Response(page, 400 if errors and status == 200 else status, PRIVATE)


def _new_id() -> str:
    """Return the id that a form registers under: sending it twice registers one site."""
    try:
        return str(uuid.UUID(request.form.get("id", "")))
    except ValueError:
        return str(uuid.uuid4())


def _group_words(values: Values, group: str) -> str:
    """Return what one side says of fields that go together, the first of them first."""
    names = sorted((name for name in values if site_form.group_of(name) == group), key=lambda name: (name != group, name))
    return " · ".join(record_words.value(name, values[name], current.atlas()) for name in names) or "—"


def _options(section: str, codes: Iterable[str]) -> list[tuple[str, str]]:
    vocabulary = current.atlas().vocabulary
    return [(code, cards.word(vocabulary, section, code) or code) for code in codes]


def _districts() -> list[Any]:
    return [area for area in current.atlas().areas if area.tier == "district"]


def _facility_groups() -> list[tuple[str, list[str]]]:
    codes = list(current.atlas().vocabulary.terms("facility"))
    titles = (gettext("Eating and drinking"), gettext("Resting"), gettext("Hygiene and care"), gettext("Charging and vehicles"),
              gettext("Help and more"))
    placed = {code for group in site_form.FACILITY_GROUPS for code in group}
    groups = [[code for code in group if code in codes] for group in site_form.FACILITY_GROUPS]
    groups[-1] += [code for code in codes if code not in placed]
    return list(zip(titles, groups, strict=True))
