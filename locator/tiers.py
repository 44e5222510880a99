"""The ground that gaps are told of: a tier's areas, and what these leave of the area that was asked for; together nobody is missing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from locator.areas import AreaTree
from locator.arrays import Bits, Rows
from locator.demand import Demand
from locator.errors import NotThere
from locator.outlines import Outline, OutlineOf
from locator.words import Words

_LEAST_M2 = 1.0
"""Of ground that nobody is on: less is what rounding leaves between outlines that are one border."""
_NOBODY = np.empty(0, np.intp)


class Tract(NamedTuple):
    """Some ground, and who of those that are not covered stands on it."""

    code: str
    """Of the area that it is, or is the rest of."""
    outline: Outline
    rows: Rows
    """Of the demand, those not covered; ascending within an area."""


def tracts(codes: Sequence[str], whole: str, bare: Bits, demand: Demand, areas: AreaTree, outline_of: OutlineOf) -> list[Tract]:
    """Return the ground of an area in parts that do not overlap: the areas of a tier, and at last whatever lies in none of them.

    An area of the tier that has no outline lies in that rest, and where none has one the rest is all of it. What lies outside
    the area is no part of its parts, and ground of several is of the first of them.

    Args:
        codes: Of the tier's areas; the area itself where no tier is asked for.
        whole: The area. Where it has no outline, there is no rest, and nothing is outside.
        bare: (n,) who is not covered.
        demand: The n points.
        areas: The tree of both.
        outline_of: As in `coverage`.

    Raises:
        NotThere: If neither the area nor any of the tier has an outline.
    """
    grounds = _grounds(tuple(codes), whole, outline_of)
    if not grounds:
        zh, en = areas[whole].words
        raise NotThere("area", whole, zh=f"{zh}没有边界，不能计算盲区；可先用 nuanxin areas load 载入",
                       en=f"{en} has no outline, so its gaps cannot be figured; load one with nuanxin areas load")
    must = {whole} if outline_of(whole) is not None else set()
    own = _rows([next((code for code in grounds if code in held), None) if must <= held else None for held in map(frozenset, demand.area_sets)],
                bare, demand)
    found = [Tract(code, ground, own.get(code, _NOBODY)) for code, ground in grounds.items()]
    return [one for one in found if len(one.rows) or one.outline.geometry.area >= _LEAST_M2]


def ground_of(codes: Sequence[str], whole: str, outline_of: OutlineOf) -> list[str]:
    """Return the codes of areas that together are the ground that `tracts` returns."""
    return [whole] if outline_of(whole) is not None else [code for code in codes if outline_of(code) is not None]


@lru_cache(maxsize=4)
def _grounds(codes: tuple[str, ...], whole: str, outline_of: OutlineOf) -> dict[str, Outline]:
    """Return the ground of each part by its area's code; the same whatever is asked, and dear where there are many."""
    drawn = {code: outline for code in codes if (outline := outline_of(code)) is not None}
    around = None if whole in drawn else outline_of(whole)
    shapes = np.array([outline.geometry for outline in drawn.values()], object)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    before: dict[int, list[int]] = {}
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        if other < one:
            before.setdefault(one, []).append(other)
    found = {}
    for place, (code, outline) in enumerate(drawn.items()):
        ground = outline.geometry if around is None else _kept(outline.geometry, shapely.intersection(outline.geometry, around.geometry))
        for other in before.get(place, ()):
            ground = _kept(ground, shapely.difference(ground, shapes[other]))
        found[code] = Outline(ground, outline.epsg)
    if around is not None:
        found[whole] = around if not drawn else Outline(_polygons(shapely.difference(around.geometry, shapely.union_all(shapes))), around.epsg)
    return found


def _kept(ground: shapely.Geometry, left: shapely.Geometry) -> shapely.Geometry:
    """Return what is left of some ground; all of it as it was, where only rounding has taken any."""
    return ground if ground.area - left.area < _LEAST_M2 else _polygons(left)


def _polygons(found: shapely.Geometry) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([part for part in shapely.get_parts(shapely.get_parts(found)) if isinstance(part, shapely.Polygon) and part.area > 0])


def notes(codes: Sequence[str], whole: str, told: Sequence[Tract], areas: AreaTree) -> tuple[Words, ...]:
    """Return that some areas of the tier are not drawn, if gaps are told otherwise for it; `told` are their `tracts`."""
    drawn = {tract.code for tract in told}
    missing, zh, en = sum(code not in drawn for code in codes), *areas[whole].words
    if not missing or whole in codes or whole not in drawn:  # or whatever is not drawn lies in what is
        return ()
    return (Words(f"{len(codes)} 个区域中有 {missing} 个没有边界，那里的盲区按{zh}的其余部分整体计算",
                  f"{missing} of {len(codes)} areas have no outline: gaps there are told of the rest of {en} as a whole"),)


def _rows(tract_of_set: Sequence[str | None], bare: Bits, demand: Demand) -> dict[str, Rows]:
    """Return the points that are not covered by the tract that each lies in."""
    codes = [code for code in dict.fromkeys(tract_of_set) if code is not None]
    number = np.array([*(-1 if code is None else codes.index(code) for code in tract_of_set), -1])
    rows = np.flatnonzero(bare)
    tract = number[demand.areas[rows]]  # NOWHERE is the last
    order = np.argsort(tract, kind="stable")
    bounds = np.searchsorted(tract[order], np.arange(len(codes) + 1)).tolist()
    return {code: rows[order[begin:end]] for code, (begin, end) in zip(codes, pairwise(bounds), strict=True)}
