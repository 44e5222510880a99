"""Areas and a union of discs, ready to be figured with: about one middle, oriented, and nudged apart where they only touch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from locator import discs, emptiest, folds, hiding
from locator.arrays import Bits
from locator.discs import Arcs, Degenerate, Union

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""West, south, east, north."""
T = TypeVar("T")


class United:
    """Some areas and the discs about all sites: one union serves them all."""

    def __init__(self, outlines: Sequence[shapely.Geometry], sites: Floats, radius_m: float, *, fold: int = 1) -> None:
        """Take areas and sites.

        Args:
            outlines: Valid polygons or multipolygons, metres on a plane; they may overlap, or be empty.
            sites: (n, 2) metres on the same plane, anywhere; n may be 0.
            radius_m: Of every disc.
            fold: Ground is covered by at least so many of them.

        Raises:
            BadRadius: If the radius is not positive metres.
            BadValue: If an outline is not valid.
        """
        discs.check_radius(radius_m)
        for outline in outlines:
            emptiest.check_outline(outline)
        bounds = shapely.total_bounds(np.array([*outlines, shapely.Point()], object))
        self.middle: Floats = np.nan_to_num((bounds[:2] + bounds[2:]) / 2)
        """What is subtracted from every coordinate: near numbers keep more digits."""
        self.outlines: list[shapely.Geometry] = [shapely.transform(shapely.orient_polygons(outline), lambda points: points - self.middle)
                                                 for outline in outlines]
        """About the middle, each with its ground on the left of every edge."""
        self.sites: Floats = np.asarray(sites, np.float64).reshape(-1, 2) - self.middle
        west, south, east, north = (bounds - np.tile(self.middle, 2)).tolist()
        self.box: Box = (west, south, east, north)
        """Of all outlines; NaN where there is no ground."""
        self._near = near(self.box, self.sites, radius_m)
        centres, self._counts = hiding.distinct(self.sites[self._near])
        self._nudged = discs.nudged(centres, radius_m)
        self._fold = fold
        self._unions: list[Union | None] = []

    def each(self, figure: Callable[[shapely.Geometry, Union], T]) -> list[T | None]:
        """Return what is figured of each outline and the part of the union near it; None of an empty one."""
        return [None if outline.is_empty else self._figured(figure, outline) for outline in self.outlines]

    @cached_property
    def suspects(self) -> Floats | None:
        """(m, 2) sites among which are all that are nearest to any point of the areas beyond the radius; None: any may be.

        Whoever is nearest to such a point shows an arc towards it; of nudged centres nobody can say.
        """
        first = self._union(0)
        if first is None:
            return None
        outside = self.sites[~self._near]
        return np.concatenate([first.centres[np.unique(first.arcs.disc)], outside[~hiding.hidden(outside, first.radius_m)]])

    def _figured(self, figure: Callable[[shapely.Geometry, Union], T], outline: shapely.Geometry) -> T:
        for number in range(discs.TRIES + 1):
            union = self._union(number)
            if union is None:
                continue
            try:
                return figure(outline, _part(union, outline.bounds))
            except Degenerate:
                continue
        raise AssertionError("nudged centres still meet an edge where they meet each other")  # pragma: no cover

    def _union(self, number: int) -> Union | None:
        """Return the union as it is, or nudged for the first time, the second ...; None where that one is degenerate."""
        while len(self._unions) <= number:
            try:
                centres, radius_m = next(self._nudged)
                self._unions.append(discs.exactly(centres, radius_m) if self._fold == 1 else
                                    folds.exactly(centres, radius_m, self._fold, self._counts))
            except Degenerate:
                self._unions.append(None)
        return self._unions[number]


def near(box: Box, centres: Floats, radius_m: float) -> Bits:
    """Return (n,) whether the disc about a centre may reach a box."""
    west, south, east, north = box
    return np.asarray(((centres >= (west - radius_m, south - radius_m)) & (centres <= (east + radius_m, north + radius_m))).all(axis=1))


def _part(union: Union, box: Box) -> Union:
    """Return a union with the arcs of those discs alone that may reach a box.

    Where the arc that follows is left out, another one does whose own predecessor was: both ends are outside the box.
    """
    disc, start, sweep, before, after = union.arcs
    kept = np.flatnonzero(near(box, union.centres, union.radius_m)[disc])
    place = np.full(len(disc), -1, np.intp)
    place[kept] = np.arange(len(kept))
    following = place[union.following[kept]]
    followed = np.zeros(len(kept), bool)
    followed[following[following >= 0]] = True
    following[following < 0] = np.flatnonzero(~followed)
    return Union(union.centres, union.radius_m, Arcs(disc[kept], start[kept], sweep[kept], before[kept], after[kept]), following, union.tree,
                 union.fold, union.counts)
