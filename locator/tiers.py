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

    An area of the tier that has no outline lies in that rest, and where none has one the rest is all of it. Where areas of the
    tier overlap and anybody lives there, that ground is of the first of them.

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
    of_set = [[code for code in drawn if code in held] for held in map(frozenset, demand.area_sets)]
    covering: dict[str, set[str]] = {}
    for first, *others in filter(None, of_set):
        for place, code in enumerate(others):
            covering.setdefault(code, set()).update((first, *others[:place]))
    own = _rows([held[0] if held else whole if whole in codes_of else None for held, codes_of in zip(of_set, demand.area_sets, strict=True)],
                bare, demand)
    found = []
    for code, outline in drawn.items():
        ground = _beside(outline, [drawn[other] for other in covering[code]]) if code in covering else outline
        found.append(Tract(code, ground, own.get(code, _NOBODY)))
    if around is not None:
        rest = _beside(around, list(drawn.values())) if drawn else around
        rows = own.get(whole, _NOBODY)
        if len(rows) or rest.geometry.area >= _LEAST_M2:
            found.append(Tract(whole, rest, rows))
    return found


def ground_of(codes: Sequence[str], whole: str, outline_of: OutlineOf) -> list[str]:
    """Return the codes of areas that together are the ground that `tracts` returns."""
    drawn = [code for code in codes if outline_of(code) is not None]
    return drawn if outline_of(whole) is None else [*drawn, whole]


def notes(codes: Sequence[str], whole: str, told: Sequence[Tract], areas: AreaTree) -> tuple[Words, ...]:
    """Return that some areas of the tier are not drawn, if gaps are told otherwise for it; `told` are their `tracts`."""
    drawn = {tract.code for tract in told}
    missing, zh, en = sum(code not in drawn for code in codes), *areas[whole].words
    if not missing or whole in codes or whole not in drawn:  # or whatever is not drawn lies in what is
        return ()
    return (Words(f"{len(codes)} 个区域中有 {missing} 个没有边界，那里的盲区按{zh}的其余部分整体计算",
                  f"{missing} of {len(codes)} areas have no outline: gaps there are told of the rest of {en} as a whole"),)


def _beside(around: Outline, drawn: Sequence[Outline]) -> Outline:
    left = shapely.difference(around.geometry, shapely.union_all([outline.geometry for outline in drawn]))
    parts = [part for part in shapely.get_parts(shapely.get_parts(left)) if isinstance(part, shapely.Polygon) and part.area > 0]
    return Outline(shapely.MultiPolygon(parts), around.epsg)


def _rows(tract_of_set: Sequence[str | None], bare: Bits, demand: Demand) -> dict[str, Rows]:
    """Return the points that are not covered by the tract that each lies in."""
    codes = [code for code in dict.fromkeys(tract_of_set) if code is not None]
    number = np.array([*(-1 if code is None else codes.index(code) for code in tract_of_set), -1])
    rows = np.flatnonzero(bare)
    tract = number[demand.areas[rows]]  # NOWHERE is the last
    order = np.argsort(tract, kind="stable")
    bounds = np.searchsorted(tract[order], np.arange(len(codes) + 1)).tolist()
    return {code: rows[order[begin:end]] for code, (begin, end) in zip(codes, pairwise(bounds), strict=True)}
