"""The planner's map in its frame: a page of its own, with a policy of its own, that draws what a study's `map.json` holds."""

from __future__ import annotations

import orjson
from flask import Response, current_app, request, url_for

from web import assets, basemap, catalogue, current, i18n, planner_studies, replies, security, studying
from web.i18n import gettext
from web.planner import bp

SITES = "sites"
"""All that is shown of a map before anything was compared."""


def words() -> dict[str, str]:
    """Return what the map says."""
    return {
        "title": gettext("Who is served"),
        "legend": gettext("Legend"), "bare": gettext("not served at this hour"), "gaps": gettext("Areas not served, by people"),
        "fewer": gettext("fewer than {n}"), "from": gettext("{n} and more"), "yes": gettext("site that counts"),
        "unknown": gettext("site whose hours are unknown"),
        "no": gettext("site that does not count now"), "circle": gettext("emptiest circle: no site inside"),
        "gap": gettext("No. {rank}: {n} people"), "gained": gettext("gain a site"), "lost": gettext("lose their site"),
        "proposed": gettext("proposed site"), "yes-change": gettext("site by which they gain"), "no-change": gettext("site by which they lose"),
    }


@bp.get("/studies/<key>/map")
@studying.readable
def study_map(key: str) -> Response:
    """Show the map of a study, or `only` its `SITES`: a page of its own with a policy of its own."""
    study = planner_studies.kept(key)
    return frame_page(url_for("planner.study_map_json", key=study.key, only=request.args.get("only")))


@bp.get("/compare/map")
@studying.readable
def bare_map() -> Response:
    """Show a map without a study, to point at places on."""
    return frame_page(None)


def frame_page(data: str | None) -> Response:
    """Return the page of a map that draws what is at an address; None: nothing yet."""
    from web import map_frames, study_maps  # folium brings pandas: 40 MB and a second that other pages need not pay for

    under = basemap.under(current_app)
    outlines = orjson.loads(catalogue.outlines(current.held(), studying.home())) if under.outlines else None
    page = study_maps.page(outlines=outlines, static_url=assets.address("").rstrip("/"), tiles=under.tiles,
                           settings={"data": data, "words": words(), "attribution": under.words(), "language": i18n.language(),
                                     "tiles": under.tiles is not None, "bounds": _bounds()})
    policy = security.pictures_from(map_frames.policy_of(page), under.tiles)
    return Response(page, 200, {"Content-Security-Policy": policy, **replies.PRIVATE}, content_type="text/html; charset=utf-8")


def _bounds() -> list[float] | None:
    """Return west, south, east, north of everything that has an outline."""
    areas = planner_studies.areas()
    found = [shape.bounds for root in current.atlas().areas.children(None) if (shape := areas.polygon(root.code)) is not None]
    return list(found[0]) if found else None
