"""The ground that gaps are told of: a tier's areas, and what these leave of the area that was asked for; together nobody is missing."""

from __future__ import annotations

from collections.abc import Sequence
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


class Tract(NamedTuple):
    """Some ground, and who of those that are not covered stands on it."""

    code: str
    """Of the area that it is, or is the rest of."""
    outline: Outline
    rows: Rows
    """Of the demand, those not covered; ascending within an area."""


def tracts(codes: Sequence[str], whole: str, bare: Bits, demand: Demand, areas: AreaTree, outline_of: OutlineOf) -> list[Tract]:
    """Return the ground of an area in parts that do not overlap: the areas of a tier, and at last whatever lies in none of them.

    An area of the tier that has no outline lies in that rest, and where none has one the rest is all of it.

    Args:
        codes: Of the tier's areas; the area itself where no tier is asked for.
        whole: The area. Where it has no outline, there is no rest.
        bare: (n,) who is not covered.
        demand: The n points.
        areas: The tree of both.
        outline_of: As in `coverage`.

    Raises:
        NotThere: If neither the area nor any of the tier has an outline.
    """
    drawn = {code: outline for code in codes if (outline := outline_of(code)) is not None}
    around = None if whole in drawn else outline_of(whole)
    if not drawn and around is None:
        zh, en = areas[whole].words
        raise NotThere("area", whole, zh=f"{zh}没有边界，不能计算盲区；可先用 nuanxin areas load 载入",
                       en=f"{en} has no outline, so its gaps cannot be figured; load one with nuanxin areas load")
    own = _by_area(bare, demand)
    told = areas.subtree(whole) if around is not None else frozenset()
    found = []
    for code, outline in drawn.items():
        inside = areas.subtree(code)
        found.append(Tract(code, outline, _rows(own, inside)))
        told -= inside
    if around is not None:
        rest = around if not drawn else Outline(_beside(around, list(drawn.values())), around.epsg)
        rows = _rows(own, told)
        if len(rows) or rest.geometry.area >= _LEAST_M2:
            found.append(Tract(whole, rest, rows))
    return found


def subtree_of(codes: Sequence[str], whole: str, areas: AreaTree, outline_of: OutlineOf) -> frozenset[str]:
    """Return the codes of all areas whose people stand on the ground that `tracts` returns."""
    if outline_of(whole) is not None:
        return areas.subtree(whole)
    return frozenset().union(*(areas.subtree(code) for code in codes if outline_of(code) is not None))


def notes(codes: Sequence[str], whole: str, told: Sequence[Tract], areas: AreaTree) -> tuple[Words, ...]:
    """Return that some areas of the tier are not drawn, if gaps are told otherwise for it; `told` are their `tracts`."""
    drawn = {tract.code for tract in told}
    missing, zh, en = sum(code not in drawn for code in codes), *areas[whole].words
    if not missing or whole in codes or whole not in drawn:  # or whatever is not drawn lies in what is
        return ()
    return (Words(f"{len(codes)} 个区域中有 {missing} 个没有边界，那里的盲区按{zh}的其余部分整体计算",
                  f"{missing} of {len(codes)} areas have no outline: gaps there are told of the rest of {en} as a whole"),)


def _beside(around: Outline, drawn: Sequence[Outline]) -> shapely.MultiPolygon:
    left = shapely.difference(around.geometry, shapely.union_all([outline.geometry for outline in drawn]))
    return shapely.MultiPolygon([part for part in shapely.get_parts(shapely.get_parts(left)) if isinstance(part, shapely.Polygon) and part.area > 0])


def _by_area(bare: Bits, demand: Demand) -> dict[str, Rows]:
    """Return the points that are not covered by the deepest area that each lies in."""
    rows = np.flatnonzero(bare)
    rows = rows[np.argsort(demand.areas[rows], kind="stable")]
    bounds = np.searchsorted(demand.areas[rows], np.arange(len(demand.area_codes) + 1)).tolist()
    return {code: rows[begin:end] for code, (begin, end) in zip(demand.area_codes, pairwise(bounds), strict=True)}


def _rows(own: dict[str, Rows], inside: frozenset[str]) -> Rows:
    return np.concatenate([np.empty(0, np.intp), *(rows for deepest, rows in own.items() if deepest in inside)])
