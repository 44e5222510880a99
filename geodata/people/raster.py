"""People of a raster of counts (WorldPop, GHSL): a GeoTIFF whose every cell holds how many live in it.

Needs rasterio, which the extra ``raster`` brings. Only the part around the areas with outlines is read, and only
cells whose centre lies in one are kept: a raster of the whole country will do.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyproj
from numpy.typing import NDArray

from geodata.areas import Areas
from geodata.people.given import Read
from geodata.tables import refuse
from locator import earth
from locator.arrays import LonLat
from locator.datum import to_wgs84
from locator.errors import BadFile, BadValue, NotBuilt, Refusal
from locator.words import Words

SUFFIXES = (".tif", ".tiff")
AS_IN_RASTER = Words("按栅格给出的各单元", "cells as the raster gives them")
MOST_CELLS = 100_000_000
"""Of the part that is read."""
INSTALL = "pip install --require-hashes -r requirements-raster.lock"
_BLOCK_CELLS = 1 << 20
_EDGE_POINTS = 21


class _Block(NamedTuple):
    """Some rows of the raster: the cells that hold a figure and lie in an area."""

    lonlat: LonLat
    people: NDArray[np.float64]
    cell_m2: NDArray[np.float64]
    left: float
    """People of cells that lie in no area."""


def read(path: Path, areas: Areas, *, datum: str | None, source: Words, date: str | None) -> Read:
    """Read a raster with one band of counts.

    Args:
        path: The GeoTIFF; it names its reference system. What it declares as no data, and NaN, is no data.
        areas: The outlines.
        datum: What its degrees are in; None is WGS-84, after the file's own reference system.
        source: Where the figures come from.
        date: When they were true.

    Raises:
        NotBuilt: If rasterio is not installed.
        BadFile: If it cannot be read, has no reference system, not one band, or lies elsewhere.
        BadValue: If a count is negative or infinite; the words name its row and column, from 1.
    """
    try:
        import rasterio
    except ImportError:
        raise NotBuilt("raster", path.name, zh=f"读取 GeoTIFF 需要 rasterio，尚未安装：{INSTALL}；或先转成 CSV（lon、lat、people）",
                       en=f"reading a GeoTIFF needs rasterio, which is not installed: {INSTALL}; or turn it into a CSV of lon, lat, people") from None
    if not path.is_file():
        raise refuse(path.name, "没有这个文件", "there is no such file")
    try:
        with warnings.catch_warnings():  # whatever GDAL doubts of a file, what is done about it is said here
            warnings.simplefilter("ignore")
            with rasterio.open(path, driver="GTiff") as raster:  # no other driver: some formats name further files
                window = _window(path.name, raster, areas)
                blocks = list(_blocks(path.name, raster, window, areas, datum or "wgs84"))
    except Refusal:
        raise
    except Exception as error:  # noqa: BLE001 - there is nothing that a broken file cannot make GDAL and its bindings raise
        raise refuse(path.name, f"不是可读的 GeoTIFF：{error}", f"is not a readable GeoTIFF: {error}") from None
    found = Read()
    left = sum(block.left for block in blocks)
    if left > 0:
        found.warnings.append(BadValue("people", f"{left:,.0f}", at=path.name, zh="栅格在区域周围的部分里，这些人位于所有区域之外，未计入",
                                       en="so many people of the part around the areas lie outside all of them and were left out"))
    lonlat, people, cell_m2 = (np.concatenate([block[part] for block in blocks]) for part in range(3))
    return found.settle(lonlat, people, areas, cell_m2=cell_m2, source=source, date=date, note=AS_IN_RASTER,
                        at=lambda _row: path.name, name=path.name)


def _window(name: str, raster: Any, areas: Areas) -> tuple[int, int, int, int]:
    """Return first row, end row, first column, end column of the part around the areas with outlines."""
    from rasterio.warp import transform_bounds

    if raster.crs is None:
        raise refuse(name, "没有注明坐标参考系", "names no reference system")
    if raster.count != 1:
        raise refuse(name, f"有 {raster.count} 个波段，应只有一个人数波段", f"has {raster.count} bands; there must be one, of counts of people")
    if np.dtype(raster.dtypes[0]).kind not in "iuf":
        raise refuse(name, f"单元值的类型是 {raster.dtypes[0]}，应为数", f"its values are {raster.dtypes[0]}; they must be numbers")
    bounds = np.array([areas.polygon(code).bounds for code in areas.finest_codes])
    west, south, east, north = transform_bounds("EPSG:4326", raster.crs, *bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0),
                                                densify_pts=_EDGE_POINTS)
    corners = _moved(~raster.transform, np.array([west, west, east, east]), np.array([south, north, south, north]))
    first, last = np.floor(corners.min(axis=0)) - 1, np.ceil(corners.max(axis=0)) + 1
    left, top = np.clip(first, 0, (raster.width, raster.height)).astype(int).tolist()
    right, bottom = np.clip(last, 0, (raster.width, raster.height)).astype(int).tolist()
    if right <= left or bottom <= top:
        raise _elsewhere(name)
    if (right - left) * (bottom - top) > MOST_CELLS:
        raise refuse(name, f"区域周围的单元超过 {MOST_CELLS:,} 个；请改用较粗的栅格",
                     f"more than {MOST_CELLS:,} cells around the areas; take a coarser raster")
    return top, bottom, left, right


def _blocks(name: str, raster: Any, window: tuple[int, int, int, int], areas: Areas, datum: str) -> Iterator[_Block]:
    """Yield the cells of a window from north to south."""
    top, bottom, left, right = window
    degrees = pyproj.Transformer.from_crs(pyproj.CRS.from_user_input(raster.crs.to_wkt()), 4326, always_xy=True)
    epsg = None

    def lonlat_of(columns: NDArray[Any], rows: NDArray[Any]) -> LonLat:
        lon, lat = degrees.transform(*_moved(raster.transform, columns, rows).T)
        return to_wgs84(np.column_stack([lon, lat]), datum)

    rows_a_block = max(1, _BLOCK_CELLS // (right - left))
    for begin in range(top, bottom, rows_a_block):
        end = min(begin + rows_a_block, bottom)
        values = raster.read(1, window=((begin, end), (left, right)), masked=True)
        known = ~np.ma.getmaskarray(values)
        counts = np.asarray(values.data, np.float64)
        known &= ~np.isnan(counts)
        wrong = np.argwhere(known & ~(np.isfinite(counts) & (counts >= 0)))
        if len(wrong):
            row, column = wrong[0].tolist()
            raise BadValue("people", f"{counts[row, column]:g}", at=f"{name}:{begin + row + 1}:{left + column + 1}",
                           zh=f"第 {begin + row + 1} 行第 {left + column + 1} 列的人数应为不小于 0 的有限数；若表示无数据，请在文件中声明 nodata",
                           en=f"the count in row {begin + row + 1}, column {left + column + 1} must be a finite number of at least 0; "
                              "if it stands for no data, declare it as nodata")
        rows, columns = np.nonzero(known)
        rows, columns = rows + begin, columns + left
        lonlat = lonlat_of(columns + 0.5, rows + 0.5)
        placed = np.isfinite(lonlat).all(axis=1)  # a projection's corners may lie beyond the Earth
        inside = np.zeros(len(rows), np.bool_)
        inside[placed] = areas.in_any(lonlat[placed])
        people = counts[rows - begin, columns - left]
        rows, columns, kept = rows[inside], columns[inside], lonlat[inside]
        if epsg is None and len(kept):
            epsg = earth.metre_grid(float(kept[:, 0].mean()))
        yield _Block(kept, people[inside], _ground_m2(lonlat_of, rows, columns, epsg or 0), float(people[~inside].sum()))


def _moved(scale: Any, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    """Return (n, 2) pairs under an affine transform."""
    return np.column_stack([scale.a * x + scale.b * y + scale.c, scale.d * x + scale.e * y + scale.f])


def _ground_m2(lonlat_of: Any, rows: NDArray[Any], columns: NDArray[Any], epsg: int) -> NDArray[np.float64]:
    """Return (n,) square metres of cells on the local metre grid, by the shoelace formula over their corners."""
    if not len(rows):
        return np.zeros(0)
    corners = [earth.on_grid(lonlat_of(columns + right, rows + down), epsg=epsg) for right, down in ((0, 0), (1, 0), (1, 1), (0, 1))]
    across, along = corners[2] - corners[0], corners[3] - corners[1]  # half the cross product of the diagonals
    return np.abs(across[:, 0] * along[:, 1] - across[:, 1] * along[:, 0]) / 2


def _elsewhere(name: str) -> BadFile:
    return refuse(name, "这个栅格不在任何有边界的区域附近", "the raster lies nowhere near an area that has an outline")
