"""What lies under the maps: nothing, our own outlines, or somebody's tiles in their datum with their names on.

A tile server learns which tiles a visitor looks at; the operator chooses it, and it is the one host
beside ours that a page may load pictures from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from flask import Flask

from locator import datum
from locator.errors import BadValue
from web.i18n import gettext

if TYPE_CHECKING:
    from web.settings import Settings

NONE, OUTLINES, TIANDITU = "none", "outlines", "tianditu"
DATUMS = ("wgs84", "cgcs2000", "gcj02")
_TIANDITU = ("https://t{s}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default"
             "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=")
_VECTOR, _LABELS = "vec", "cva"
_WMTS = (("{TileMatrix}", "{z}"), ("{TileRow}", "{y}"), ("{TileCol}", "{x}"))


@dataclass(frozen=True, slots=True)
class BaseMap:
    """Tiles in the web's Mercator squares."""

    templates: tuple[str, ...]
    """The map's, then its labels'; Leaflet's ``{z} {x} {y}``."""
    datum: str
    attribution: str
    approval: str
    max_zoom: int
    subdomains: str = ""
    """What ``{s}`` of a template stands for in turn, a character each."""

    @classmethod
    def of(cls, settings: Settings) -> BaseMap | None:
        """Return the tiles that settings name; None where they name none.

        Raises:
            BadValue: If a template is not one, or what the law wants on a map is missing.
        """
        said = settings.base_map
        if settings.tianditu_key and said != TIANDITU:
            raise BadValue("tianditu_key", None, zh="只在 base_map = \"tianditu\" 时使用", en="is used with base_map = \"tianditu\" only")
        if said in (NONE, OUTLINES):
            return None
        if said == TIANDITU:
            return cls._tianditu(settings)
        templates = tuple(_template(name, text) for name, text in
                          (("base_map", said), ("base_map_labels", settings.base_map_labels)) if text)
        if settings.base_map_datum not in DATUMS:
            raise BadValue("base_map_datum", settings.base_map_datum, zh=f"底图是模板时必须给出，应为 {'、'.join(DATUMS)} 之一",
                           en=f"a template needs it: one of {', '.join(DATUMS)}")
        if not 1 <= settings.base_map_max_zoom <= 22:
            raise BadValue("base_map_max_zoom", settings.base_map_max_zoom, zh="应在 1 到 22 之间", en="must be within 1 to 22")
        return cls(templates, str(settings.base_map_datum), _shown(settings, "base_map_attribution"),
                   _shown(settings, "base_map_approval"), settings.base_map_max_zoom)

    @classmethod
    def _tianditu(cls, settings: Settings) -> BaseMap:
        """Return 天地图, vector and labels; its approval number changes from year to year, so it must be stated."""
        key = settings.tianditu_key or ""
        if not re.fullmatch(r"[0-9A-Za-z]{8,64}", key):
            raise BadValue("tianditu_key", None, zh="应为天地图的密钥（浏览器端）：字母和数字",
                           en="must be a key of Tianditu (for browsers): letters and digits")
        for name, wanted in (("base_map_labels", None), ("base_map_datum", "cgcs2000")):
            if getattr(settings, name) not in (None, wanted):
                raise BadValue(name, getattr(settings, name), zh="天地图自带注记，坐标系为 cgcs2000：请去掉",
                               en="Tianditu brings its labels, in cgcs2000: leave it out")
        if not 1 <= settings.base_map_max_zoom <= 18:
            raise BadValue("base_map_max_zoom", settings.base_map_max_zoom, zh="天地图为 1 到 18 级", en="must be within 1 to 18 for Tianditu")
        attribution = (settings.base_map_attribution or "").strip() or "天地图（国家地理信息公共服务平台）"
        templates = tuple(_TIANDITU.replace("{layer}", layer) + key for layer in (_VECTOR, _LABELS))
        return cls(templates, "cgcs2000", attribution, _shown(settings, "base_map_approval"), settings.base_map_max_zoom, "01234567")

    @property
    def drawn_in(self) -> str:
        """What markers on it have to be in: gcj02 or wgs84."""
        return "gcj02" if self.datum == "gcj02" else "wgs84"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The origins that pictures come from, for a Content-Security-Policy."""
        parts = [urlsplit(template.replace("{s}", part)) for template in self.templates for part in self.subdomains or ("",)]
        return tuple(dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts))

    def words(self) -> str:
        """Return what every map shows."""
        return f"{self.attribution} · 审图号：{self.approval}"

    def as_dict(self) -> dict[str, Any]:
        """Return what a map's script needs."""
        return {"templates": self.templates, "maxZoom": self.max_zoom, "datum": self.drawn_in, "subdomains": self.subdomains}


@dataclass(frozen=True, slots=True)
class Under:
    """What lies under every map of an app."""

    tiles: BaseMap | None
    outlines: bool
    """Our own are drawn; never over somebody's map, whose approval is for it as it is."""
    approval: str | None = None
    """That the operator has for our outlines."""

    @property
    def drawn_in(self) -> str:
        """The datum of everything a page draws on its map."""
        return "wgs84" if self.tiles is None else self.tiles.drawn_in

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Return a WGS-84 pair as the map draws it."""
        return datum.point_from_wgs84(lon, lat, self.drawn_in)

    def words(self) -> str:
        """Return what every map says of what lies under it: its source, and the approval number of a public map."""
        if self.tiles is not None:
            return self.tiles.words()
        if self.outlines:
            source = gettext("District outlines: china-geojson (MIT), approximate")
            return f"{source} · 审图号：{self.approval}" if self.approval else source
        return gettext("Sites of this registry, without a base map")

    def words_of_outlines(self) -> str:
        """Return what a drawing says in which our outlines always are, whatever the maps beside it lie on."""
        own = replace(self, tiles=None, outlines=True, approval=None if self.tiles else self.approval).words()
        return f"{own} · {self.tiles.words()}" if self.tiles else own

    def words_of_drawing(self) -> str:
        """Return what a drawing of ours says: its own source, and the number of our outlines.

        Somebody's tiles are never in it, and their number is not for it.
        """
        own = gettext("Drawn from this register; landmarks approximate")
        return f"{own} · {self.words()}" if self.outlines else own


def under(app: Flask) -> Under:
    """Return what lies under the maps of an app."""
    return cast(Under, app.extensions["base_map"])


def init_app(app: Flask, settings: Settings) -> None:
    """Tell every page what lies under its map: `base_map` in templates, and `on_map` for a pair of degrees."""
    app.extensions["base_map"] = lying = Under(BaseMap.of(settings), settings.base_map == OUTLINES,
                                                     (settings.base_map_approval or "").strip() or None)
    app.jinja_env.globals.update(base_map=lying, on_map=lying.place)


def _shown(settings: Settings, name: str) -> str:
    """Return what the law wants on a public map.

    Raises:
        BadValue: If it is not stated.
    """
    said = (getattr(settings, name) or "").strip()
    if not said:
        zh, en = {"base_map_attribution": ("来源", "whose map it is"),
                  "base_map_approval": ("审图号", "its map approval number (审图号)")}[name]
        raise BadValue(name, getattr(settings, name), zh=f"公开的地图必须标明{zh}", en=f"a public map must show {en}")
    return said


def _template(name: str, text: str) -> str:
    for theirs, ours in _WMTS:
        text = text.replace(theirs, ours)
    parts = urlsplit(text)
    holes = set(re.findall(r"\{([^}]*)\}", text))
    plain = parts.scheme in ("http", "https") and re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?", parts.netloc)
    if not plain or holes != {"z", "x", "y"} or not text.isprintable():
        raise BadValue(name, text, zh="应为 none、outlines、tianditu，或含 {z} {x} {y} 的 http(s) 模板，主机名要写全",
                       en="must be none, outlines, tianditu, or an http(s) template with {z} {x} {y} and its host in full")
    return text
