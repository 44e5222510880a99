"""The map of many sites for people at a desk.

Points and names travel as one JSON block that `static/planner/sites-map.js` turns into markers and text nodes.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import folium
import numpy as np
from branca.element import MacroElement
from folium.plugins import FeatureGroupSubGroup, MarkerCluster
from folium.template import Template
from numpy.typing import NDArray

from locator import datum
from locator.arrays import LonLat, Rows
from locator.sites import Sites
from locator.vocabulary import Term
from web import map_frames
from web.basemap import BaseMap
from web.map_frames import LocalMap, json_in_html, latlon

_DEGREE_STEP = 1e-5
"""How finely points are drawn: about a metre."""


class _SitesMap(LocalMap):
    """The map of sites."""


class _LocalCluster(MarkerCluster):
    """folium's cluster, its scripts and styles from this site."""


class _LocalGroup(FeatureGroupSubGroup):
    """folium's part of a cluster, its script from this site."""


def _use_assets(static_url: str) -> None:
    """Point folium's classes at this edition's local copies; the same every time in one process."""
    vendor = map_frames.vendor(static_url)
    map_frames.use_assets(_SitesMap, static_url, scripts=[("sites_map", f"{static_url}/planner/sites-map.js")],
                          styles=[("sites_map_css", f"{static_url}/planner/sites-map.css")])
    _LocalCluster.default_js = [("markercluster", f"{vendor}/leaflet.markercluster/leaflet.markercluster.js")]
    _LocalCluster.default_css = [("markercluster_css", f"{vendor}/leaflet.markercluster/MarkerCluster.css"),
                                 ("markercluster_look", f"{vendor}/leaflet.markercluster/MarkerCluster.Default.css")]
    _LocalGroup.default_js = [
        ("subgroup", f"{vendor}/leaflet.featuregroup.subgroup/leaflet.featuregroup.subgroup.js")]


class _Points(MacroElement):
    """Puts the points of one kind into their part of the cluster."""

    _template = Template("""
        {% macro html(this, kwargs) %}
            <script type="application/json" id="{{ this.get_name() }}">{{ this.points }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            sitesMap.addPoints({{ this._parent.get_name() }}, {{ this.get_name()|tojson }}, {{ this.colour|tojson }});
        {% endmacro %}
        """)

    def __init__(self, points: Mapping[str, Any], colour: str) -> None:
        super().__init__()
        self._name = "points"
        self.points = json_in_html(points)
        self.colour = colour


class _Behaviour(MacroElement):
    """Names under the pointer, a card on a click, and the source of what is drawn."""

    _template = Template("""
        {% macro script(this, kwargs) %}
            sitesMap.start({{ this._parent.get_name() }}, {{ this.cluster.get_name() }}, {{ this.settings|tojson }});
        {% endmacro %}
        """)

    def __init__(self, cluster: MarkerCluster, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self._name = "behaviour"
        self.cluster = cluster
        self.settings = settings


def sites_page(sites: Sites, rows: Rows, *, kinds: Sequence[Term], outlines: Mapping[str, Any] | None, language: str,
               static_url: str, settings: Mapping[str, Any], tiles: BaseMap | None = None) -> str:
    """Return a whole page with the sites of `rows` on a map, a layer a kind.

    Args:
        sites: The table.
        rows: (m,) which sites; those that have not been located are left out.
        kinds: The kinds to draw, in the order of the layer list.
        outlines: GeoJSON of the areas below, WGS-84; None draws none.
        language: zh-CN, en, ...
        static_url: Where this edition's files are served from, without the last slash.
        settings: What the page's script needs: `card` (the address of a site's card, ending before
            the row), `attribution`, `words`.
        tiles: A base map to draw on, in its own datum.

    Returns:
        HTML; no request leaves this site, the tiles' apart, and no name is part of its markup.
    """
    _use_assets(static_url)
    rows = rows[sites.located[rows]]
    page = map_frames.blank(_SitesMap, tiles)
    if outlines is not None:
        folium.GeoJson(outlines, name="outlines", control=False, embed=True, smooth_factor=0.5,
                       style_function=lambda _: {"color": "#7a8594", "weight": 1.5, "fillColor": "#eef1ee",
                                                 "fillOpacity": 0.6, "interactive": False}).add_to(page)
    lonlat = datum.from_wgs84(sites.lonlat, tiles.drawn_in) if tiles else sites.lonlat
    cluster = _LocalCluster(control=False, chunkedLoading=True, maxClusterRadius=60, disableClusteringAtZoom=16,
                            showCoverageOnHover=False, spiderfyOnMaxZoom=True)
    cluster.add_to(page)
    kind_codes = sites.coded("kind")
    for kind in kinds:
        code = kind_codes.code_of(kind.code)
        of_kind = rows[kind_codes.codes[rows] == code] if code is not None else rows[:0]
        if not len(of_kind):
            continue
        label = html.escape(f"{kind.words.in_language(language)} {len(of_kind):,}")  # Leaflet shows it as HTML
        group = _LocalGroup(cluster, label).add_to(page)
        _Points(_packed(sites, lonlat, of_kind), kind.colour or "#555555").add_to(group)
    folium.LayerControl(collapsed=True).add_to(page)  # open, it would cover a phone's map
    if len(rows):
        (west, south), (east, north) = lonlat[rows].min(axis=0), lonlat[rows].max(axis=0)
        page.fit_bounds([latlon(west, south), latlon(east, north)])
    _Behaviour(cluster, settings).add_to(page)
    return str(page.get_root().render())


def _packed(sites: Sites, lonlat: LonLat, rows: Rows) -> dict[str, Any]:
    """Return points as differences of whole steps, sorted so that they are small, with their names and rows."""
    steps = np.round(lonlat[rows] / _DEGREE_STEP).astype(np.int64)
    order = np.lexsort((steps[:, 1], steps[:, 0] // 500))
    rows, steps = rows[order], steps[order]
    names = sites.text("name")
    return {"step": _DEGREE_STEP, "lon": _differences(steps[:, 0]), "lat": _differences(steps[:, 1]),
            "row": _differences(rows.astype(np.int64)), "name": [names[row] for row in rows.tolist()]}


def _differences(values: NDArray[np.int64]) -> list[int]:
    differences: list[int] = np.diff(values, prepend=0).tolist()
    return differences
