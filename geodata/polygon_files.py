"""Polygons of a GeoJSON, GeoPackage or Shapefile, as valid outlines in WGS-84 degrees."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry

from locator.datum import to_wgs84
from locator.errors import BadFile
from locator.words import Words

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

SUFFIXES = (".geojson", ".json", ".gpkg", ".shp")
MOST_AREAS = 100_000
MOST_BYTES = 200_000_000
HALF_ROUND_DEG = 180
_GRID_DEG = 1e-7


def frame(path: Path, field: str) -> GeoDataFrame:
    """Return the first layer of a file in degrees; longitude and latitude are taken for that if it names no reference system.

    Args:
        path: The file, one of `SUFFIXES`.
        field: What a refusal calls it.

    Raises:
        BadFile: If it cannot be read, is beyond the limits, has no geometries or no features.
    """
    def bad(zh: str, en: str) -> BadFile:
        return BadFile(field, path.name, zh=zh, en=en)

    if path.suffix.lower() not in SUFFIXES:
        raise bad(f"应为 {'、'.join(SUFFIXES)} 之一", f"must be one of {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise bad("没有这个文件", "there is no such file")
    if path.stat().st_size > MOST_BYTES:
        raise bad(f"文件超过 {MOST_BYTES // 10**6} MB", f"the file is larger than {MOST_BYTES // 10**6} MB")
    import geopandas
    import pyogrio

    try:
        with warnings.catch_warnings():  # what GDAL doubts of a geometry, its row is refused for
            warnings.simplefilter("ignore")
            count = pyogrio.read_info(path)["features"]
            if count > MOST_AREAS:
                raise bad(f"超过 {MOST_AREAS} 个区域", f"more than {MOST_AREAS} areas")
            read = geopandas.read_file(path, on_invalid="ignore")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError,
            pyogrio.errors.GeometryError, UnicodeDecodeError, ValueError) as error:
        raise bad(f"无法读取：{error}", f"cannot be read: {error}") from None
    if not isinstance(read, geopandas.GeoDataFrame):
        columns = list(map(str, read.columns))
        raise bad(f"缺少 geometry，现有：{'、'.join(columns)}", f"has no geometry; it has: {', '.join(columns)}")
    if not len(read):
        raise bad("文件里没有区域", "there is no area in the file")
    return read if read.crs is None else read.to_crs(4326)


def outline(geometry: Geometry | None, datum: str) -> tuple[Geometry, bool] | Words:
    """Return a geometry in degrees of a datum as a valid (multi)polygon in WGS-84, and whether it had to be made valid.

    Words say what is wrong where it is none.
    """
    if geometry is None or geometry.is_empty or not geometry.geom_type.endswith("Polygon"):
        return Words("没有面，或边界没有闭合", "has no polygon, or one whose outline is not closed")
    flat = shapely.force_2d(geometry)
    pairs = shapely.get_coordinates(flat)
    wrong = np.flatnonzero(~(np.abs(pairs) <= (180, 90)).all(axis=1))  # NaN is within nothing
    if len(wrong):
        return _no_degrees(pairs[wrong[0]], int(wrong[0]) + 1)
    if any(east - west > HALF_ROUND_DEG for west, _, east, _ in shapely.bounds(shapely.get_parts(flat)).tolist()):
        return Words("一个面横跨半个地球以上，多半是跨越了 180° 经线；请在该处切成两部分（RFC 7946 3.1.9）",
                     "a polygon spans more than half the Earth, most likely across the 180th meridian; cut it there (RFC 7946 3.1.9)")
    moved = shapely.transform(flat, lambda lonlat: to_wgs84(lonlat, datum))
    sound = moved.is_valid
    valid = _rounded(moved if sound else _polygons(shapely.make_valid(moved)))
    if valid.is_empty:
        return Words("边界围不成面，无法修复", "its outline encloses nothing and cannot be repaired")
    return valid, not sound


def _no_degrees(corner: NDArray[np.float64], number: int) -> Words:
    """Return what is wrong with a corner, the so manieth of its polygon."""
    lon, lat = corner.tolist()
    aside = Words("；若是米制坐标，请在文件中注明坐标系", "; if these are metres, name the reference system in the file")
    if abs(lat) <= 180 and abs(lon) <= 90:
        aside = Words("；经纬度可能写反了", "; they may have changed places")
    return Words(f"第 {number} 个顶点 {lon:g},{lat:g} 不是经纬度{aside.zh}",
                 f"its corner {number}, {lon:g},{lat:g}, is no longitude and latitude{aside.en}")


def _rounded(geometry: Geometry) -> Geometry:
    """Return a valid geometry to the centimetre; where every corner may go to its own place at once, as nearly always."""
    near = shapely.remove_repeated_points(shapely.set_precision(geometry, _GRID_DEG, mode="pointwise"))
    return near if near.is_valid else shapely.set_precision(geometry, _GRID_DEG)


def _polygons(geometry: Geometry) -> Geometry:
    """Return the areal part of what make_valid gives: lines and points fall away."""
    parts = [p for p in shapely.get_parts(shapely.get_parts([geometry])) if p.geom_type == "Polygon"]
    return shapely.union_all(parts)
