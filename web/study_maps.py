"""The planner's map as a page of its own: an empty folium map that `static/planner/study-map.js` draws a study on.

Every study has the same page: what is drawn comes from the study's `map.json`, so that another radius is drawn
without loading anything else anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import folium
from branca.element import MacroElement
from folium.template import Template

from web import map_frames
from web.basemap import BaseMap
from web.map_frames import LocalMap, json_in_html


class _StudyMap(LocalMap):
    """The map of studies."""


class _Drawing(MacroElement):
    """Starts the script that draws."""

    _template = Template("""
        {% macro html(this, kwargs) %}
            <script type="application/json" id="{{ this.get_name() }}">{{ this.settings }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            studyMap.start({{ this._parent.get_name() }}, {{ this.get_name()|tojson }});
        {% endmacro %}
        """)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self._name = "drawing"
        self.settings = json_in_html(settings)


def page(*, outlines: Mapping[str, Any] | None, static_url: str, settings: Mapping[str, Any], tiles: BaseMap | None = None) -> str:
    """Return a whole page with a map for studies.

    Args:
        outlines: GeoJSON of the areas below, WGS-84; None draws none.
        static_url: Where this edition's files are served from, without the last slash.
        settings: What the page's script needs: `data` (the address of the first study's `map.json`), `attribution`, `language`,
            `words`, of which `title` is the page's own.
        tiles: A base map to draw on, in its own datum.

    Returns:
        HTML; no request leaves this site, the tiles' apart.
    """
    map_frames.use_assets(
        _StudyMap, static_url, styles=[("study_map_css", f"{static_url}/planner/study-map.css")],
        scripts=[("study_marks", f"{static_url}/planner/study-marks.js"), ("study_map", f"{static_url}/planner/study-map.js")])
    drawn = map_frames.blank(_StudyMap, tiles, scale=False)
    if outlines is not None:
        folium.GeoJson(outlines, name="outlines", control=False, embed=True, smooth_factor=0.5,
                       style_function=lambda _: {"color": "#8a8f94", "weight": 1, "fillColor": "#b9c4b4", "fillOpacity": 0.18,
                                                 "interactive": False}).add_to(drawn)
    _Drawing(settings).add_to(drawn)
    return map_frames.rendered(drawn, language=settings["language"], title=settings["words"]["title"])
