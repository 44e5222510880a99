"""A geographic file's points and properties as a table of raw cells: GeoJSON, a GeoDataFrame.

A point may have a height, which is left; a MultiPoint of one point is that point. A line or an area is a
fault of its row: its middle need not be a door, nor even lie inside it, so whoever has only outlines
chooses the points.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geodata.delimited import encoding_of
from geodata.tables import (
    GEOMETRY,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    Point,
    Row,
    Table,
    Unreadable,
    refuse,
    too_long,
    too_many,
)
from locator.words import Words

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

_NOT_POINT = Words("应为点（Point）；面、线请先在 GIS 中换成入口或代表点",
                   "must be a Point; turn areas and lines into their entrance, or a point chosen in GIS")
_NOT_PAIR = Words("应为 [经度, 纬度]", "must be [longitude, latitude]")
_CRS_DATUM = {"4326": "wgs84", "crs84": "wgs84", "4979": "wgs84", "4490": "cgcs2000", "4480": "cgcs2000"}


def geojson(path: Path, *, most_rows: int = MOST_ROWS) -> Table:
    """Read a FeatureCollection (or one Feature); RFC 7946 makes its coordinates WGS-84.

    Raises:
        BadFile: If it is not that, is empty, or is beyond the limits.
    """
    name = path.name
    try:
        read = json.loads(path.read_bytes().decode(encoding_of(path)), parse_int=_whole)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
        raise refuse(name, f"不是正确的 JSON：{why}", f"is not JSON: {why}") from None
    if isinstance(read, dict) and read.get("type") == "Feature":
        read = {"type": "FeatureCollection", "features": [read]}
    features = read.get("features") if isinstance(read, dict) and read.get("type") == "FeatureCollection" else None
    if not isinstance(features, list):
        raise refuse(name, "不是 GeoJSON 的 FeatureCollection", "is not a GeoJSON FeatureCollection")
    if not features:
        raise refuse(name, "没有任何要素（feature）", "has no features")
    if len(features) > most_rows:
        raise too_many(name, f"超过 {most_rows:,} 个要素", f"more than {most_rows:,} features")
    return _of_features(name, ((_geometry(f), _properties(name, i, f)) for i, f in enumerate(features, 1)),
                        _crs_datum(name, read.get("crs")))


def _of_features(name: str, features: Iterable[tuple[Cell, Mapping[str, Any]]], datum: str | None) -> Table:
    places: dict[str, int] = {}
    rows: list[Row] = []
    for number, (geometry, properties) in enumerate(features, 1):
        cells: list[Cell] = [geometry, *([None] * len(places))]
        for header, value in properties.items():
            if header not in places:
                if len(places) >= MOST_COLUMNS:
                    raise refuse(name, f"超过 {MOST_COLUMNS} 种属性", f"more than {MOST_COLUMNS} properties", line=number)
                places[header] = len(places) + 1
                cells.append(None)
            cells[places[header]] = too_long(value) if isinstance(value, str) and len(value) > LONGEST_CELL else value
        rows.append(Row(number, cells))
    return Table(name, (GEOMETRY, *places), rows, datum=datum, spreadsheet=False)


def _properties(name: str, number: int, feature: object) -> Mapping[str, Any]:
    if not isinstance(feature, dict):
        raise refuse(name, "这个要素不是对象", "this feature is not an object", line=number)
    properties = feature.get("properties")
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        raise refuse(name, "这个要素的 properties 不是对象", "this feature's properties are not an object", line=number)
    return properties


def _geometry(feature: object) -> Cell:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if geometry is None:
        return None
    sort = geometry.get("type") if isinstance(geometry, dict) else None
    pair = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if sort == "MultiPoint" and isinstance(pair, list) and len(pair) == 1:
        sort, pair = "Point", pair[0]
    if sort != "Point":
        return Unreadable(str(sort)[:60], _NOT_POINT)
    if not isinstance(pair, list) or len(pair) < 2:
        return None if pair == [] else Unreadable(str(pair)[:60], _NOT_PAIR)
    return Point(pair[0], pair[1])


def _whole(digits: str) -> float:
    """Read a whole number; one beyond every float as an infinite one, which no field takes."""
    return int(digits) if len(digits) < 300 else float(digits)


def _crs_datum(name: str, crs: object) -> str | None:
    """Return the datum of an old-style ``crs`` member; none means RFC 7946, which is WGS-84."""
    if crs is None:
        return "wgs84"
    properties = crs.get("properties") if isinstance(crs, dict) else None
    called = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    datum = _CRS_DATUM.get(re.split(r"[:/]", called)[-1].lower())
    if datum is None:
        raise refuse(name, f"坐标参考系 {called[:60]!r} 不是经纬度；请转换为 EPSG:4326",
                     f"the reference system {called[:60]!r} is not longitude and latitude; convert it to EPSG:4326")
    return datum


def of_frame(name: str, frame: GeoDataFrame) -> Table:
    """Return a GeoDataFrame's points and columns as a table; a projected frame is turned into WGS-84.

    Rows are numbered from 1 in the frame's order, whatever its index.

    Raises:
        BadFile: If it has no rows or more than the limits allow.
    """
    if not len(frame):
        raise refuse(name, "没有任何要素（feature）", "has no features")
    if len(frame) > MOST_ROWS:
        raise too_many(name, f"超过 {MOST_ROWS:,} 个要素", f"more than {MOST_ROWS:,} features")
    datum = None
    if frame.crs is not None:
        datum = _datum_of(frame.crs)
        if datum is None:
            frame = frame.to_crs(4326)
            datum = "wgs84"
    columns = [str(c) for c in frame.columns if c != frame.geometry.name]
    held = [frame[c].astype(object).where(frame[c].notna(), None).tolist() for c in frame.columns if c != frame.geometry.name]
    points = [_point(geometry) for geometry in frame.geometry]
    return _of_features(name, ((p, dict(zip(columns, values, strict=True)))
                               for p, values in zip(points, zip(*held, strict=True) if held else iter(() for _ in points), strict=True)),
                        datum)


def _point(geometry: BaseGeometry | None) -> Cell:
    if geometry is None or geometry.is_empty:
        return None
    if geometry.geom_type == "MultiPoint" and len(geometry.geoms) == 1:
        geometry = geometry.geoms[0]
    return Point(geometry.x, geometry.y) if geometry.geom_type == "Point" else Unreadable(geometry.geom_type, _NOT_POINT)


def _datum_of(crs: CRS) -> str | None:
    """Return the datum of degrees that are one of ours; None for a projection or another country's datum.

    The name goes before the number: what some programs write of shifted coordinates is WGS-84 but for its name.
    """
    if not crs.is_geographic:
        return None
    called = re.sub(r"[^a-z0-9]", "", f"{crs.name}".lower())
    named = next((datum for word, datum in (("gcj", "gcj02"), ("bd09", "bd09"), ("baidu", "bd09")) if word in called), None)
    cgcs = "cgcs2000" if "2000" in called and ("cgcs" in called or "chinageodetic" in called) else None
    return named or cgcs or _CRS_DATUM.get(str(crs.to_epsg()))
