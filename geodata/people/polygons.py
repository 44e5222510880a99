"""People of polygons, spread evenly over each one's cells of the 100 m grid; where polygons overlap, cells add up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry

from geodata import cells, polygon_files
from geodata.areas import Areas
from geodata.people.given import Read, people_column
from geodata.people.grid import CELL_M, CELL_M2, boxes_on_grid, centres
from locator import earth
from locator.arrays import LonLat
from locator.demand import evenly, quantum
from locator.errors import BadValue, Refusal
from locator.words import Words

EVEN_IN_POLYGONS = Words("各面内均匀分布", "even within each polygon")
MOST_CELLS = 50_000_000
"""Of the boxes around all polygons together: 500,000 km²."""
_FAR = 1 << 32  # more rows than any grid has


def read(path: Path, areas: Areas, *, datum: str | None, people: str | None, source: Words, date: str | None) -> Read:
    """Read polygons with people; one that holds the centre of no cell counts at the cell it lies in, and is told.

    Args:
        path: One of `polygon_files.SUFFIXES`.
        areas: The outlines.
        datum: What the degrees are in; None is WGS-84, after the file's own reference system.
        people: The header of the column of people; None: one of `given.PEOPLE_HEADERS`.
        source: Where the figures come from.
        date: When they were true.

    Raises:
        BadFile: If the file as a whole cannot be read.
        BadValue: If there is no column of people, or the polygons are more than a grid can take.
    """
    frame = polygon_files.frame(path, "file")
    columns = [str(c) for c in frame.columns if c != frame.geometry.name]
    column = columns[people_column(columns, people, path.name)]
    found = Read()
    outlines: list[Geometry] = []
    counts: list[float] = []
    for number, (geometry, cell) in enumerate(zip(frame.geometry, frame[column].astype(object), strict=True), 1):
        at = f"{path.name}:{number}"
        outline = polygon_files.outline(geometry, datum or "wgs84")
        if isinstance(outline, Words):
            found.errors.append(BadValue("geometry", None if geometry is None else geometry.geom_type, zh=outline.zh, en=outline.en, at=at))
        elif outline[1]:
            found.warnings.append(BadValue("geometry", geometry.geom_type, zh="边界自相交，已修复", en="its outline crosses itself; repaired", at=at))
        try:
            counts.append(cells.number(column, cell))
        except Refusal as refusal:
            found.errors.append(refusal.placed(at))
        if not isinstance(outline, Words):
            outlines.append(outline[0])
    if found.errors:
        return found
    lonlat, on_cells, owners, small = spread(outlines, np.array(counts))
    for polygon in small[:1]:
        found.warnings.append(BadValue("geometry", f"{counts[polygon]:g}", at=f"{path.name}:{polygon + 1}",
            zh=f"面太小，不含任何 {CELL_M} 米网格的中心；计入它所在的网格。这样的共 {len(small):,} 个面",
            en=f"holds the centre of no cell of {CELL_M} m; its people count at the cell it lies in. There are {len(small):,} such polygons"))
    return found.settle(lonlat, on_cells, areas, cell_m2=CELL_M2, source=source, date=date, note=EVEN_IN_POLYGONS,
                        at=lambda row: f"{path.name}:{owners[row] + 1}", name=path.name)


def spread(outlines: Sequence[Geometry], people: NDArray[np.float64]) -> tuple[LonLat, NDArray[np.float64], NDArray[np.intp], list[int]]:
    """Spread the people of each polygon evenly over the cells whose centres it holds, edges included.

    Sides are straight on the grid. Cells are those of `grid.spread`.

    Args:
        outlines: k valid polygons or multipolygons, WGS-84 degrees.
        people: (k,) at least 0.

    Returns:
        (n, 2) degrees of the cells' centres, each cell once, from south to north, then from west to east; (n,) people;
        (n,) a polygon that each cell comes from; the polygons without the centre of any cell, which count at the cell
        that holds a point inside them.

    Raises:
        BadValue: If the boxes around them hold more than `MOST_CELLS`.
    """
    bounds = np.array([outline.bounds for outline in outlines])
    epsg = earth.metre_grid(float(bounds[:, 0].min() + bounds[:, 2].max()) / 2)
    flat = shapely.transform(list(outlines), lambda lonlat: earth.on_grid(lonlat, epsg=epsg))
    boxes = boxes_on_grid(bounds, epsg=epsg)
    boxed = int(((boxes[:, 2] - boxes[:, 0]).astype(float) * (boxes[:, 3] - boxes[:, 1])).sum())
    if boxed > MOST_CELLS:
        most = f"{MOST_CELLS * CELL_M2 / 1e6:,.0f} km²"
        raise BadValue("geometry", f"{boxed * CELL_M2 / 1e6:,.0f} km²", zh=f"这些面一共太大，最多 {most}；请分成几个文件",
                       en=f"the polygons are too large together; at most {most}: split the file")
    small: list[int] = []
    keys, owners = [], []
    for polygon, (outline, (left, bottom, right, top)) in enumerate(zip(flat, boxes.tolist(), strict=True)):
        columns = np.tile(np.arange(left, right), top - bottom)
        rows = np.repeat(np.arange(bottom, top), right - left)
        shapely.prepare(outline)
        middle = centres(columns, rows)
        inside = shapely.intersects_xy(outline, middle[:, 0], middle[:, 1])
        if not inside.any():
            small.append(polygon)
            point = shapely.point_on_surface(outline)
            columns, rows, inside = np.array([point.x // CELL_M], np.int64), np.array([point.y // CELL_M], np.int64), np.ones(1, np.bool_)
        keys.append(rows[inside] * _FAR + columns[inside])
        owners.append(np.full(int(inside.sum()), polygon))
    owner = np.concatenate(owners)
    each = evenly(owner, people, unit=quantum(float(people.sum())))
    distinct, first, cell = np.unique(np.concatenate(keys), return_index=True, return_inverse=True)
    summed = np.asarray(np.bincount(cell, weights=each), np.float64)
    return earth.off_grid(centres(distinct % _FAR, distinct // _FAR), epsg=epsg), summed, owner[first], small
