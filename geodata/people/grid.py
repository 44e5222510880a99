"""A grid of 100 m over areas, and people of areas spread evenly over its cells.

Cells are squares of the local metre grid (`earth.metre_grid`), their sides at its whole hundreds of metres, so
that one zone has one grid whatever is spread on it. A cell belongs where its centre lies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.areas import PARTS, Areas
from geodata.overlay import Overlay, joined
from locator import earth
from locator.arrays import LonLat
from locator.demand import evenly, quantum
from locator.errors import BadValue, NotThere

CELL_M = 100
CELL_M2 = float(CELL_M**2)
MOST_BOX_CELLS = 400_000_000
"""Of the rectangle around all that is spread: 2,000 km by 2,000 km."""
_BLOCK = 1 << 19
_SIDE = 17  # points on each side of a box of degrees, whose sides are curved on the grid


class Spread(NamedTuple):
    """People on the cells of some areas: n rows, from south to north, then from west to east."""

    lonlat: LonLat
    people: NDArray[np.float64]
    """(n,) multiples of one `demand.quantum`: the cells of an area add up to its figure exactly."""
    lies_in: Overlay
    """The areas of each."""


def spread(people: Mapping[str, float], areas: Areas) -> Spread:
    """Spread the people of each area evenly over its cells.

    A cell is of every area whose outline holds its centre, so that the cells of a district add up to the district's
    figure whatever streets an operator adds.

    Args:
        people: People by the code of an area; no area lies under another one of them. A cell that several of them
            hold is of the first by code.
        areas: Gives the outlines.

    Raises:
        NotThere: If an area has no outline, or no cell: it is too small, or others cover it.
        BadValue: If the areas lie too far apart for one grid.
    """
    grounds = _grounds(people, areas)
    blocks = [(cells, areas.overlay(cells)) for cells in _cells(areas, grounds)]
    wanted = [_groups(lies_in, grounds) >= 0 for _, lies_in in blocks]
    lies_in = joined([own.where(some) for (_, own), some in zip(blocks, wanted, strict=True)])
    return Spread(np.concatenate([cells[some] for (cells, _), some in zip(blocks, wanted, strict=True)]), over(lies_in, people, areas), lies_in)


def over(cells: Overlay, people: Mapping[str, float], areas: Areas) -> NDArray[np.float64]:
    """Return (n,) people of cells over which the people of each area are spread evenly; `spread` says how.

    Args:
        cells: The areas of n cells.
        people: People by the code of an area.
        areas: The outlines that these are by.

    Raises:
        NotThere: As `spread`.
    """
    codes = sorted(people)
    groups = _groups(cells, _grounds(people, areas))
    figures = np.array([people[code] for code in codes], np.float64)
    held = np.bincount(groups[groups >= 0], minlength=len(codes))
    for group in np.flatnonzero((held == 0) & (figures > 0)).tolist():
        words = areas.tree[codes[group]].words
        raise NotThere("area", codes[group], zh=f"{words.zh}太小或被别的区域盖住，其中没有一个 {CELL_M} 米网格的中心",
                       en=f"{words.en} is too small, or covered by others: it holds the centre of no cell of {CELL_M} m")
    return evenly(groups, figures, unit=quantum(float(figures.sum())))


def check_outlines(people: Mapping[str, float], areas: Areas) -> None:
    """Refuse an area whose people cannot be put on the ground, for it has no outline, nor any area in it.

    Raises:
        NotThere: The first such area.
    """
    _grounds(people, areas)


def _grounds(people: Collection[str], areas: Areas) -> dict[str, int]:
    """Return what is the ground of some areas, each with the position of the one by code that it is of: itself, or what lies under it."""
    found: dict[str, int] = {}
    for group, code in enumerate(sorted(people)):
        drawn = [code] if areas.tree[code].has_outline else [under for under in areas.tree.subtree(code) if areas.tree[under].has_outline]
        if not drawn:
            raise NotThere("area", code, zh=f"{areas.tree[code].words.zh}没有边界数据，无法把人数分布到地面上",
                           en=f"{areas.tree[code].words.en} has no outline: its people cannot be put on the ground")
        for one in drawn:
            found.setdefault(one, group)
    return found


def _groups(cells: Overlay, grounds: Mapping[str, int]) -> NDArray[np.intp]:
    """Return (n,) of which group each cell is, the first of several, or -1."""
    of_set = [min((grounds[code] for code in held if code in grounds), default=-1) for held in cells.sets]
    return np.array([*of_set, -1], np.intp)[cells.rows]  # NOWHERE is the last


def outlines_version(areas: Areas) -> str:
    """Return a digest of the areas that have outlines and of the outlines themselves."""
    digest = hashlib.sha256()
    files = set()
    for record in areas.records:
        digest.update(f"{record.code}|{record.parent}|{record.tier}|{record.outline}\n".encode())
        if record.outline not in (None, PARTS):
            files.add(record.folder / str(record.outline))
    for file in sorted(files):
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]


def boxes_on_grid(bounds: NDArray[np.float64], *, epsg: int) -> NDArray[np.int64]:
    """Return (n, 4) first column, first row, end column, end row of the cells around (n, 4) boxes west, south, east, north in degrees.

    Sides are taken at so many points that a curved one strays from them by less than the cell that is added around.
    """
    steps = np.linspace(0, 1, _SIDE)
    west, south, east, north = (bounds[:, [side]] for side in range(4))
    along_lon, along_lat = west + (east - west) * steps, south + (north - south) * steps
    flat = np.ones_like(along_lon)
    ring = np.stack([np.hstack([along_lon, along_lon, west * flat, east * flat]),
                     np.hstack([south * flat, north * flat, along_lat, along_lat])], axis=-1)
    metres = earth.on_grid(ring.reshape(-1, 2), epsg=epsg).reshape(len(bounds), -1, 2)
    first, last = np.floor(metres.min(axis=1) / CELL_M) - 1, np.ceil(metres.max(axis=1) / CELL_M) + 1
    return np.hstack([first, last]).astype(np.int64)


def centres(columns: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n, 2) metres on the grid of the centres of cells."""
    return np.column_stack([columns, rows]).astype(np.float64) * CELL_M + CELL_M / 2


def _cells(areas: Areas, codes: Collection[str]) -> Iterator[LonLat]:
    """Yield the centres of the cells around some areas in blocks, from south to north; each cell once."""
    bounds = np.array([areas.polygon(code).bounds for code in codes])
    epsg = earth.metre_grid(float(bounds[:, 0].min() + bounds[:, 2].max()) / 2)
    boxes = boxes_on_grid(bounds, epsg=epsg)
    first, last = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    wide, high = (last - first).tolist()
    if wide * high > MOST_BOX_CELLS:
        raise BadValue("areas", f"{wide * CELL_M // 1000} km × {high * CELL_M // 1000} km", zh="这些区域相距太远，一张网格放不下；请分开计算",
                       en="the areas lie too far apart for one grid; take them one by one")
    wanted = np.zeros((high, wide), np.bool_)
    for left, bottom, right, top in (boxes - np.tile(first, 2)).tolist():
        wanted[bottom:top, left:right] = True
    rows_a_block = max(1, _BLOCK // wide)
    for bottom in range(0, high, rows_a_block):
        rows, columns = np.nonzero(wanted[bottom:bottom + rows_a_block])
        if len(rows):
            yield earth.off_grid(centres(columns + first[0], rows + bottom + first[1]), epsg=epsg)
