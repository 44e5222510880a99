"""The planner: the whole registry on a map, by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from flask import Blueprint, Response, current_app, render_template, request, url_for

from locator.answers import public
from locator.arrays import Bits, Rows
from locator.atlas import Atlas
from locator.errors import NotThere
from locator.filters import Filters, suitable
from locator.permissions import Permission
from locator.vocabulary import Term
from web import assets, auth, basemap, cards, catalogue, current, i18n, phrases, replies, security
from web.i18n import gettext
from web.replies import PRIVATE

bp = Blueprint("planner", __name__, url_prefix="/planner")


@dataclass(frozen=True, slots=True)
class KindCount:
    """A kind, and how many of its sites the map can show."""

    term: Term
    sites: int
    chosen: bool


def _visible(atlas: Atlas) -> tuple[Bits, bool]:
    """Return (n,) which sites whoever asks may see here, and whether internal ones may be among them.

    Somebody signed in sees the internal sites of their area. While no account was made, a server on this
    machine alone shows them to everybody where it serves no public pages. Where a request comes from
    proves nothing: behind a proxy everybody comes from this machine.
    """
    public_ones = suitable(Filters(), atlas.sites)
    person = auth.user()
    if person is None:
        if current_app.extensions["settings"].only != "internal":
            return public_ones, False
        return suitable(Filters(audience="internal"), atlas.sites), True
    if not person.grant.allows(Permission.READ_INTERNAL):
        return public_ones, False
    codes = person.grant.codes(atlas.areas)
    within = Filters(audience="internal", areas=() if codes is None else tuple(codes))
    return public_ones | suitable(within, atlas.sites), True


def _chosen(atlas: Atlas) -> tuple[Rows, list[KindCount], bool]:
    """Return the rows to draw, the count of every kind that has any, and whether internal ones may be among them."""
    kinds = atlas.vocabulary.terms("kind")
    wanted = tuple(atlas.vocabulary.code("kind", said) for said in request.args.getlist("kind") if said.strip())
    shown, internal = _visible(atlas)
    codes = atlas.sites.coded("kind")
    counts = np.bincount(codes.codes[shown], minlength=len(codes.values))
    per_kind = [KindCount(term, int(counts[code]), not wanted or term.code in wanted)
                for term in kinds.values() if (code := codes.code_of(term.code)) is not None and counts[code]]
    if wanted:
        shown = shown & atlas.sites.has("kind", wanted)
    return np.flatnonzero(shown), per_kind, internal


@bp.get("/sites")
@auth.required(Permission.PLAN, before_accounts=True)
def sites() -> tuple[str, int, dict[str, str]]:
    """Show every site of the registry on a map, filterable by kind."""
    atlas = current.atlas()
    rows, per_kind, internal = _chosen(atlas)
    page = render_template("planner/sites.html", kinds=per_kind, total=len(rows), internal=internal,
                           query=request.args.getlist("kind"))
    return page, 200, PRIVATE


@bp.get("/sites/map")
@auth.required(Permission.PLAN, before_accounts=True)
def sites_map() -> Response:
    """Draw the map of `sites`, a page of its own with a policy of its own."""
    from web import map_frames, maps  # folium brings pandas: 40 MB and a second that other pages need not pay for

    atlas = current.atlas()
    rows, per_kind, _ = _chosen(atlas)
    words = {"wait": gettext("One moment ..."), "more": gettext("Everything known of it"),
             "older": gettext("The registry has changed since this map was drawn. Reload the page."),
             "offline": gettext("No connection.")}
    under = basemap.under(current_app)
    outlines = (orjson.loads(catalogue.outlines(current.held(), current_app.extensions["settings"].home)) if under.outlines else None)
    page = maps.sites_page(
        atlas.sites, rows, kinds=[count.term for count in per_kind if count.chosen], outlines=outlines,
        language=i18n.language(), static_url=assets.address("").rstrip("/"),
        settings={"card": url_for("planner.site_card", version=atlas.version, row=0)[:-1], "words": words,
                  "attribution": under.words()}, tiles=under.tiles)
    policy = security.pictures_from(map_frames.policy_of(page), under.tiles)
    return Response(page, 200, {"Content-Security-Policy": policy, **PRIVATE},
                    content_type="text/html; charset=utf-8")


@bp.get("/sites/card/<int:version>/<int:row>")
@auth.required(Permission.PLAN, before_accounts=True)
def site_card(version: int, row: int) -> Response:
    """Tell one point of a map in a few lines; a map of an older version is told so.

    Raises:
        NotThere: If the map was drawn from another version, or has no such row.
    """
    held = current.held()
    atlas, now = held.atlas, current.now()
    if atlas.version != version or row >= len(atlas.sites) or not _visible(atlas)[0][row]:
        raise NotThere("row", row, zh="地图是按较早的登记库画的，请刷新", en="the map is of an older registry: reload it")
    return replies.personal(_card(atlas, row, now))


def _card(atlas: Atlas, row: int, now: Any) -> dict[str, Any]:
    value, vocabulary = atlas.sites.value, atlas.vocabulary
    site_id = value("id", row)
    area = value("district_code", row)
    lines = [
        cards.word(vocabulary, "kind", value("kind", row)),
        value("address", row),
        atlas.areas[area].words.in_language(i18n.language()) if area in atlas.areas else None,
        phrases.state(cards.opening(row, atlas, now), now),
        gettext("demonstration") if value("demo", row) else None,
    ]
    # a site's own page is one of the public rooms: not on a server without them, and not of an internal site to a stranger
    has_page = "site.page" in current_app.view_functions and (bool(public(atlas.sites)[row]) or auth.user() is not None)
    return {"id": site_id, "lines": [line for line in lines if line],
            "url": url_for("site.page", site_id=site_id) if has_page else None}
