"""Reporting a place, for people: the form of its page, thanks, and taking it back. Works without JavaScript."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from geodata.registry.reports import TAKE_BACK_WITHIN
from locator import answers
from locator.quality import Judgement
from web import cards, current, origins, report_photos, reports
from web.errors import NotReady
from web.replies import PRIVATE

bp = Blueprint("reports", __name__)

MINUTES = int(TAKE_BACK_WITHIN.total_seconds() // 60)
ASKED_FIRST = "hot_water"
"""The facility that has a button of its own: what people come for in winter."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of one site holds."""

    site_id: str
    key: str
    """Makes sending it twice one report, and takes it back."""
    seal: str
    """Proves that the form is ours."""
    first: str
    facilities: tuple[tuple[str, str], ...]
    """Every facility's code and name, in the vocabulary's order."""


def form(site_id: str) -> Form | None:
    """Return the form of a site's page; None where no report can be kept, or the site is not the public's."""
    sites = current.atlas().sites
    row, blank = sites.row_of(site_id), unsealed(site_id)
    if blank is None or row is None or not answers.public(sites)[row]:
        return None
    key = secrets.token_urlsafe(24)
    return replace(blank, key=key, seal=origins.sealed_for(f"{site_id} {key}"))


def unsealed(site_id: str) -> Form | None:
    """Return a form without key and seal, whose script makes up its own key; None where no report can be kept."""
    try:
        current.registry()
    except NotReady:
        return None
    terms = current.atlas().vocabulary.terms("facility")
    return Form(site_id, "", "", ASKED_FIRST, tuple((code, cards.said(term)) for code, term in terms.items() if code != ASKED_FIRST))


@bp.post("/sites/<site_id>/report")
@report_photos.takes_photo
def send(site_id: str) -> Redirect:
    """Take a report from the form, and lead to the thanks for it: an address that can be loaded again, in another language too."""
    said = {name: request.form.get(name, "") for name in ("type", "facility", "rating", "note", "token", "key")}
    origins.check(request.form.get("seal", ""), f"{site_id} {said['key']}")
    tap = request.form.get("tap", "")  # one button says the type, and of a facility which
    if tap:
        said["type"], _, facility = tap.partition(".")
        said["facility"] = facility or (said["facility"] if said["type"] == "missing_facility" else "")
    if said["type"] != "rating":
        said["rating"] = ""
    # whoever goes back to the page and says something else does not say the same again
    said["key"] = said["key"] and blake2b(f"{said['key']} {said['type']} {said['facility']}".encode(), digest_size=24).hexdigest()
    reports.file(site_id, said, photo=report_photos.sent())
    seal = origins.sealed_for(f"{site_id} {said['key']}")
    return redirect(url_for("reports.thanks", site_id=site_id, key=said["key"], seal=seal), 303)


@bp.get("/sites/<site_id>/report/undo", endpoint="reloaded")
@bp.get("/sites/<site_id>/report")
def thanks(site_id: str) -> Response | Redirect:
    """Say thanks for a report that was sent; whoever sent none, or loads the page of one taken back again, is led to the form."""
    key, seal = request.args.get("key", ""), request.args.get("seal", "")
    if not origins.holds(seal, f"{site_id} {key}"):
        return redirect(url_for("site.page", site_id=site_id, _anchor="report"), 303)
    current.keeper().hear()  # another process may have taken the report
    return _page(site_id, judgement=reports.judgement(site_id), key=key, seal=seal)


@bp.post("/sites/<site_id>/report/undo")
def undo(site_id: str) -> Response:
    """Take a report back, by the key it came with."""
    key = request.form.get("key", "")
    origins.check(request.form.get("seal", ""), f"{site_id} {key}")
    reports.take_back(site_id, key)
    return _page(site_id, judgement=None, key="", seal="")


def _page(site_id: str, **shown: Any) -> Response:
    site = answers.site(site_id, current.atlas(), current.now())
    return Response(render_template("reports/thanks.html", id=site_id, name=site.sites.value("name", site.row), minutes=MINUTES, **shown),
                    200, PRIVATE)


def trust_of(site_id: str) -> Judgement | None:
    """Return the confidence in a site, for the line on its card; None where there is no such site."""
    held = current.held()
    row = held.atlas.sites.row_of(site_id)
    return None if row is None else held.trust(current.now()).of(row)


def init_app(app: Flask) -> None:
    """Let every page show the confidence in a site, and the form to report it with."""
    app.jinja_env.globals.update(trust_of=trust_of, report_form=form)
