"""What every folium page shares: local assets, a policy of its own, latitude first. `maps` and `study_maps` are drawn with it.

Three rules live here and nowhere else: folium wants latitude first, every asset is local, and nothing
typed by a person reaches the page as HTML.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import folium

from web.basemap import BaseMap

_FIXED = re.compile(r",\s*maximum-scale=1(?:\.0)?,\s*user-scalable=no")
Files = Sequence[tuple[str, str]]


class LocalMap(folium.Map):
    """A folium map whose scripts and styles come from this site; each sort of page is a class of its own."""


def vendor(static_url: str) -> str:
    """Return where the libraries are served from."""
    return f"{static_url}/vendor"


def use_assets(kind: type[LocalMap], static_url: str, *, scripts: Files, styles: Files) -> None:
    """Point a map's class at this edition's local copies; the same every time in one process."""
    kind.default_js = [("leaflet", f"{vendor(static_url)}/leaflet/leaflet.js"), *scripts]
    kind.default_css = [("leaflet_css", f"{vendor(static_url)}/leaflet/leaflet.css"), *styles]


def blank(kind: type[LocalMap], tiles: BaseMap | None, *, scale: bool = True) -> LocalMap:
    """Return a map with nothing on it but a base map, where there is one; `scale`: and folium's own scale."""
    most = 19 if tiles is None else tiles.max_zoom
    page = kind(tiles=None, zoom_start=10, prefer_canvas=True, control_scale=scale, max_zoom=most)
    page.options["maxZoom"] = most  # folium drops max_zoom when there are no tiles
    page.options["attributionControl"] = True
    for template in tiles.templates if tiles else ():
        # said once, by the page's script: `attribution` would be HTML
        folium.TileLayer(template, attr=" ", control=False, max_zoom=most, subdomains=tiles.subdomains if tiles else "",
                         referrer_policy="origin").add_to(page)
    return page


def latlon(lon: float, lat: float) -> tuple[float, float]:
    """Swap a pair for folium and Leaflet, which want latitude first. The only place that does."""
    return lat, lon


def rendered(drawn: LocalMap, *, language: str, title: str) -> str:
    """Return a map's page, which says its language and its name, and may be enlarged: folium's own says neither and forbids that."""
    page = str(drawn.get_root().render())
    page = _FIXED.sub("", page).replace("<html>", f'<html lang="{html.escape(language)}">', 1)
    return page.replace("<head>", f"<head><title>{html.escape(title)}</title>", 1)


def policy_of(page: str) -> str:
    """Return the Content-Security-Policy of a folium page: local files, and just the inline blocks it has."""
    scripts = " ".join(sorted(_hashes(r"<script>(.*?)</script>", page)))
    styles = " ".join(sorted(_hashes(r"<style>(.*?)</style>", page)))
    return (f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' {styles}; img-src 'self' data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'")


def _hashes(pattern: str, page: str) -> set[str]:
    return {"'sha256-" + base64.b64encode(hashlib.sha256(block.encode()).digest()).decode() + "'"
            for block in re.findall(pattern, page, re.DOTALL)}


def json_in_html(value: Mapping[str, Any]) -> str:
    """Return JSON that no HTML parser can mistake for markup."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
