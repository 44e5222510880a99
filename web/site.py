"""One site's page: everything known of it, what is unknown marked so, and what else is near."""

from __future__ import annotations

import segno
from flask import Blueprint, current_app, render_template, request, url_for
from markupsafe import Markup

from geodata.registry.history import MARK
from locator import answers, permissions
from locator.atlas import Atlas
from locator.filters import Filters
from locator.permissions import Permission
from locator.questions import NearestQuestion
from web import auth, cards, current, i18n
from web.replies import PRIVATE

bp = Blueprint("site", __name__)

NEARBY = 3


@bp.get("/sites/<site_id>")
def page(site_id: str) -> tuple[str, int, dict[str, str]]:
    """Show everything known of one site, what is unknown marked so, and what else is near."""
    held, now = current.held(), current.now()
    atlas = held.atlas
    found = answers.site(site_id, atlas, now, audience=_audience(atlas, site_id))
    sites, row = found.sites, found.row
    record = {name: sites.value(name, row) for name in answers.PUBLIC_FIELDS}
    near: tuple[cards.Card, ...] = ()
    if record["lon"] is not None:
        around = NearestQuestion(record["lon"], record["lat"], NEARBY + 1, Filters(state="open-on-arrival"))
        near = tuple(cards.card(n, atlas, now) for n in answers.nearest(around, atlas, now).sites if n.row != row)[:NEARBY]
    address = _lasting_address(site_id)
    opening = cards.opening(row, atlas, now)
    internal = not answers.public(sites)[row]
    shown = render_template(
        "site/page.html", site=record, redacted=MARK,
        internal=internal, found=found, now=now, near=near, address=address, code=_qr(address),
        opening=opening, colour=atlas.vocabulary.term("kind", record["kind"]).colour or cards.PLAIN_COLOUR,
        week=cards.week(row, sites, atlas, now), facts=cards.facts(record["facilities"], atlas.vocabulary, unknown=True),
        word=lambda section, code: cards.word(atlas.vocabulary, section, code),
        area=lambda code: atlas.areas[code].words.in_language(i18n.language()) if code in atlas.areas else code)
    return shown, 200, PRIVATE if internal else {"Cache-Control": "private, no-cache"}


def _audience(atlas: Atlas, site_id: str) -> str:
    """Say for whom a site is shown: internal, to those signed in who may read the internal sites of its area."""
    person, row = auth.user(), atlas.sites.row_of(site_id)
    if person is None or row is None:
        return "public"
    district, street = (atlas.sites.value(name, row) for name in ("district_code", "street_code"))
    areas = permissions.areas_of(atlas.areas, district=district, street=street)
    return "internal" if person.grant.may_all(Permission.READ_INTERNAL, areas, atlas.areas) else "public"


def _lasting_address(site_id: str) -> str:
    """Return the address a printed code leads to: the operator's public one, else the one asked for."""
    root = current_app.extensions["settings"].public_url or request.host_url.rstrip("/")
    return root + url_for("site.page", site_id=site_id)


def _qr(address: str) -> Markup:
    """Return an address as a QR code, drawn in SVG."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(scale=4, border=4, svgclass="qr", lineclass=None, omitsize=True))  # noqa: S704 - segno's own drawing
