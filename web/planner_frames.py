"""The planner's map in its frame: a page of its own, with a policy of its own, that draws what a study's `map.json` holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import orjson
from flask import Response, current_app, request, url_for

from locator.filters import suitable
from web import assets, basemap, catalogue, current, i18n, planner_studies, replies, security, study_drawn, studying
from web.i18n import gettext
from web.planner import bp
from web.planner_asked import Asked


def words() -> dict[str, str]:
    """Return what the map says."""
    return {
        "title": gettext("Who is served"),
        "legend": gettext("Legend"), "bare": gettext("not served at this hour"), "gaps": gettext("Areas not served, by people"),
        "bare-of": gettext("where fewer than {k} sites are near at this hour"), "gaps-of": gettext("Where fewer than {k} sites are near, by people"),
        "fewer": gettext("fewer than {n}"), "from": gettext("{n} and more"), "yes": gettext("site that counts"),
        "unknown": gettext("site whose hours are unknown"),
        "no": gettext("site that does not count now"), "circle": gettext("emptiest circle: no site inside"),
        "gap": gettext("No. {rank}: {n} people"), "gained": gettext("gain a site"), "lost": gettext("lose their site"),
        "proposed": gettext("proposed site"), "yes-change": gettext("site by which they gain"), "no-change": gettext("site by which they lose"),
    }


@bp.get("/studies/<key>/map")
@studying.readable
def study_map(key: str) -> Response:
    """Show the map of a study, a page of its own with a policy of its own."""
    study = planner_studies.kept(key)
    return frame_page(url_for("planner.study_map_json", key=study.key))


@bp.get("/compare/map")
@studying.readable
def bare_map() -> Response:
    """Show a map without a study, to point at places on."""
    asked = Asked.of(request, current.atlas(), current.now())
    return frame_page(asked.address("planner.bare_map_json", pins=False))


@bp.get("/compare/map.json")
@studying.readable
def bare_map_json() -> Response:
    """Return the sites that suit a question, as a map of a study has them: neither ground nor circle, and whatever the hour."""
    atlas = current.atlas()
    asked = Asked.of(request, atlas, current.now())
    rows = np.flatnonzero(suitable(replace(asked.question.filters, state=None), atlas.sites) & atlas.sites.located)
    lonlat, value = atlas.sites.lonlat[rows].round(6).tolist(), atlas.sites.value
    sites = [{"id": value("id", row), "name": value("name", row), "kind": value("kind", row), "lon": lon, "lat": lat, "counts": "yes"}
             for row, (lon, lat) in zip(rows.tolist(), lonlat, strict=True)]
    area = asked.question.area
    shape = studying.areas(current.held()).polygon(area) if area is not None and atlas.areas[area].has_outline else None
    found = {"bounds": _bounds() if shape is None else list(shape.bounds), "sites": sites, "gaps": [], "circle": None, "outline": None}
    drawn_in = basemap.under(current_app).drawn_in
    return replies.personal(found if drawn_in == "wgs84" else study_drawn.moved(found, drawn_in))


def frame_page(data: str) -> Response:
    """Return the page of a map that draws what is at an address."""
    from web import map_frames, study_maps  # folium brings pandas: 40 MB and a second that other pages need not pay for

    under = basemap.under(current_app)
    outlines = orjson.loads(catalogue.outlines(current.held(), studying.home())) if under.outlines else None
    page = study_maps.page(outlines=outlines, static_url=assets.address("").rstrip("/"), tiles=under.tiles,
                           settings={"data": data, "words": words(), "attribution": under.words(), "language": i18n.language(),
                                     "tiles": under.tiles is not None})
    policy = security.pictures_from(map_frames.policy_of(page), under.tiles)
    return Response(page, 200, {"Content-Security-Policy": policy, **replies.PRIVATE}, content_type="text/html; charset=utf-8")


def _bounds() -> list[float] | None:
    """Return west, south, east, north of everything that has an outline."""
    areas = studying.areas(current.held())
    found = [shape.bounds for root in current.atlas().areas.children(None) if (shape := areas.polygon(root.code)) is not None]
    return list(found[0]) if found else None
