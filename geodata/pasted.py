"""A position as people paste it: a pair in either order, degrees and minutes, a link of a map.

A link knows its own datum; of a bare pair nobody can say, so it has none and the form asks. Without
a letter or a word that tells the axes apart, the order that lies in China is meant; elsewhere it is
longitude first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from geodata import cells
from locator.errors import BadCoordinate
from locator.questions import check_lonlat

FIELD = "coordinates"
LONGEST = 2_000


class Pasted(NamedTuple):
    """A position, in degrees of `datum`."""

    lon: float
    lat: float
    datum: str | None
    """wgs84, gcj02 or bd09; None where the text does not say."""


class _Map(NamedTuple):
    """How the links of one map write a position."""

    hosts: tuple[str, ...]
    """Hosts and application schemes; a subdomain is its domain."""
    datum: str
    pairs: Mapping[str, str]
    """Query name → the order of the numbers in its value."""
    halves: tuple[tuple[str, str], ...] = ()
    """Query names of (longitude, latitude)."""
    said: tuple[str, Mapping[str, str]] = ("", {})
    """The query name that states another datum, and what its values mean."""


_GCJ02, _BD09, _WGS84 = "gcj02", "bd09", "wgs84"
_LON_LAT, _LAT_LON, _ID_LAT_LON = "lon,lat", "lat,lon", "id,lat,lon"
_MAPS = (
    _Map(("amap.com", "gaode.com", "amapuri", "iosamap", "androidamap"), _GCJ02,
         {"position": _LON_LAT, "to": _LON_LAT, "location": _LON_LAT, "center": _LON_LAT, "q": _LAT_LON, "p": _ID_LAT_LON},
         (("lng", "lat"), ("lon", "lat"), ("dlon", "dlat")), ("coordinate", {"wgs84": _WGS84})),
    _Map(("map.baidu.com", "baidumap", "bdapp"), _BD09,
         {"location": _LAT_LON, "destination": _LAT_LON, "latlng": _LAT_LON, "center": _LAT_LON}, (("lng", "lat"),),
         ("coord_type", {"gcj02": _GCJ02, "wgs84": _WGS84, "bd09ll": _BD09})),
    _Map(("map.qq.com", "qqmap"), _GCJ02,
         {"marker": _LAT_LON, "tocoord": _LAT_LON, "coord": _LAT_LON, "center": _LAT_LON},
         (("pointx", "pointy"), ("lng", "lat")), ("coord_type", {"1": _WGS84, "2": _GCJ02, "3": _BD09})),
    _Map(("maps.apple.com",), _GCJ02, {"ll": _LAT_LON, "daddr": _LAT_LON, "coordinate": _LAT_LON, "q": _LAT_LON, "sll": _LAT_LON}),
    _Map(("openstreetmap.org", "osm.org"), _WGS84, {}, (("mlon", "mlat"), ("lon", "lat"))),
)
"""The links that are read. Apple's maps of the mainland are AutoNavi's, so GCJ-02."""

_SHORT = ("surl.amap.com", "j.map.baidu.com", "dwz.cn", "url.cn", "maps.app.goo.gl")
_LINK = re.compile(r"(?:https?|amapuri|iosamap|androidamap|baidumap|bdapp|qqmap)://[^\s<>\"'，。】]+", re.IGNORECASE)
_GEO = re.compile(r"geo:(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)")
_OSM_VIEW = re.compile(r"map=\d+(?:\.\d+)?/(-?\d+(?:\.\d+)?)/(-?\d+(?:\.\d+)?)")
_TWO = re.compile(r"(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)")
_LABELS = ((re.compile(r"[\"']?(?:经度|longitude|long|lng|lon)[\"']?\s*[:：=]?\s*", re.IGNORECASE), "E"),
           (re.compile(r"[\"']?(?:纬度|latitude|lat)[\"']?\s*[:：=]?\s*", re.IGNORECASE), "N"))
_BETWEEN = re.compile(r"(?<=[NSEWnsew])[\s,]+(?=\d)|(?<=[^\s,NSEWnsew])\s*(?=[东西]经|[南北]纬|[NSEW]\d)")
_CHINA = ((73.0, 136.0), (3.0, 54.0))


def read(text: str) -> Pasted:
    """Return the position that a text gives.

    ``116.4,39.9``, ``39.9 116.4``, ``39°54'27"N 116°23'29"E``, ``东经116度23分29秒 北纬39度54分27秒``,
    ``经度：116.4 纬度：39.9``, and links of AMap, Baidu, Tencent, Apple and OpenStreetMap, alone or
    amid other words.

    Raises:
        BadCoordinate: If it gives none that can be read, or one out of range; the words say what would do.
    """
    text = cells.clean(text)[:LONGEST]
    if found := _GEO.search(text):
        return _checked(float(found[2]), float(found[1]), _WGS84, text)
    if link := _LINK.search(text):
        return _of_link(link[0], text)
    return _of_pair(text)


def _checked(lon: float, lat: float, datum: str | None, text: str) -> Pasted:
    try:
        check_lonlat(lon, lat, names=(FIELD, FIELD))
    except BadCoordinate as bad:
        raise BadCoordinate(FIELD, text, zh=bad.words.zh, en=bad.words.en) from None
    return Pasted(lon, lat, datum)


# --- links --------------------------------------------------------------------------------------------

def _of_link(link: str, text: str) -> Pasted:
    parts = urlsplit(link)
    host = (parts.hostname or "") if parts.scheme.lower().startswith("http") else parts.scheme.lower()
    if host in _SHORT:
        raise BadCoordinate(FIELD, text, zh="短链接里没有坐标；请先打开它，再粘贴打开后的地址或坐标",
                            en="a short link holds no coordinates; open it first and paste the address it leads to")
    known = next((one for one in _MAPS if any(host == name or host.endswith("." + name) for name in one.hosts)), None)
    if known is None:
        raise BadCoordinate(FIELD, text, zh="不认识这个地图的链接；请粘贴高德、百度、腾讯、苹果地图的链接，或坐标",
                            en="a link of a map that is not known here; paste one of AMap, Baidu, Tencent or Apple, or the coordinates")
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    name, meanings = known.said
    datum = meanings.get(query.get(name, "").lower(), known.datum)
    found = _in_query(query, known) or _in_view(parts.fragment)
    if found is None:
        raise BadCoordinate(FIELD, text, zh="这个链接里没有经纬度；请在地图里选“分享”或“坐标拾取”，再粘贴",
                            en="this link holds no longitude and latitude; use the map's own sharing, or pick the coordinates there")
    return _checked(*found, datum, text)


def _in_query(query: Mapping[str, str], known: _Map) -> tuple[float, float] | None:
    for name, order in known.pairs.items():
        value = query.get(name, "")
        found = _TWO.search(value.partition(",")[2] if order == _ID_LAT_LON else value)
        if found:
            first, second = float(found[1]), float(found[2])
            return (first, second) if order == _LON_LAT else (second, first)
    for lon, lat in known.halves:
        if lon in query and lat in query:
            return cells.degrees("lon", query[lon]), cells.degrees("lat", query[lat])
    return None


def _in_view(fragment: str) -> tuple[float, float] | None:
    found = _OSM_VIEW.search(fragment)
    return (float(found[2]), float(found[1])) if found else None


# --- pairs --------------------------------------------------------------------------------------------

def _of_pair(text: str) -> Pasted:
    said = unicodedata.normalize("NFC", text).strip("[]()（）{}【】 ").replace("，", ",").replace("；", ",").replace("、", ",")
    for label, half in _LABELS:
        said = label.sub(half, said)
    parts = [part for part in _BETWEEN.split(said) if part and part.strip(" ,")]
    first, second = parts if len(parts) == 2 else (str(part) for part in cells.pair(said.strip()))
    first, second = first.strip(" ,"), second.strip(" ,")
    ways = [way for way in (_read(first, second), _read(second, first)) if way is not None]
    if not ways:
        raise BadCoordinate(FIELD, text, zh="读不出经纬度；写法如 116.397,39.908，或 39°54′29″N 116°23′50″E，或地图的链接",
                            en="no longitude and latitude in it; write 116.397,39.908 or 39°54′29″N 116°23′50″E, or paste a map's link")
    lon, lat = next(filter(_in_china, ways), ways[0])
    return _checked(lon, lat, None, text)


def _read(lon: str, lat: str) -> tuple[float, float] | None:
    read: Callable[[str, str], float] = cells.degrees
    try:
        return read("lon", lon), read("lat", lat)
    except BadCoordinate:
        return None


def _in_china(lonlat: tuple[float, float]) -> bool:
    return all(least <= degrees <= most for degrees, (least, most) in zip(lonlat, _CHINA, strict=True))
