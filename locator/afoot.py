"""Where nobody is reached on foot along streets, or by too few: told on a lattice where a street is near, and from arcs where none is.

Ground is reached by the rule that counts people (`coverage.reached`). Where a street is near it is walked along, and
the ground is told by `reach`'s lattice: rightly wherever it is farther than the tolerance from the true edge. Where
none is near, and about sites that none is near, a walk is the straight line that its estimate leads; beyond the streets
its edges are arcs, exact (`gaps`). Metres are metres on foot: along streets, or the straight line times the detour.

What is smaller than a quarter of a square of the lattice is told only where somebody is who is not reached. Whoever is not
reached and stands in nothing that the lattice sees, as in the yard between four lattice points, stands in a gap
all the same: in a square about that point, all of which is within the tolerance of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from locator import earth, emptiest, gaps, ranks, reach, regions, travel
from locator.arrays import Bits, LonLat, Metres, Rows
from locator.gaps import Gap
from locator.network import Network, Snapped
from locator.ranks import Ranked
from locator.reach import Spots

TOLERANCE_M = 25.0
"""No edge along streets is told more finely: time goes with the inverse square."""
_FINER = 10.0
"""So many times finer are the chords of arcs beyond them."""
Floats = NDArray[np.float64]


class GapOnFoot(NamedTuple):
    """A connected part of an area from which no site, or fewer than k, can be walked to within the limit."""

    gap: Gap
    """Metres on foot; of what streets are near, the area is that of its squares. Of sites equally far along streets the first is told,
    in the order of `ranks`; by the estimate any of them may be."""
    along_streets: bool
    """Whether its farthest point's way is one along streets; else it is the straight line's estimate."""


class Left(NamedTuple):
    """What is not reached of an area."""

    gaps: list[GapOnFoot]
    """The largest first."""
    of_point: Rows
    """(n,) in which of them each point that is not reached stands."""
    estimated_m2: float
    """Ground of the area that no street is near."""


class _Piece(NamedTuple):
    """Part of a gap: all of it with streets near, or without."""

    polygon: shapely.Polygon
    area_m2: float
    farthest: tuple[float, float]
    metres: float
    row: int
    along_streets: bool


class Footing(NamedTuple):
    """An area as the streets see it, whatever is asked of it."""

    outline: shapely.Geometry
    """Metres on the network's grid."""
    tolerance_m: float
    """That it has, which may be larger than the one that was asked for."""
    spots: Spots
    beyond: shapely.MultiPolygon
    """Its ground that no street is near, by the spots."""


def footing(network: Network, outline: shapely.Geometry, *, tolerance_m: float = TOLERANCE_M) -> Footing:
    """Return an area ready to be asked for its gaps.

    Args:
        network: The walking network.
        outline: A valid polygon or multipolygon, metres on the grid `network.epsg`.
        tolerance_m: How far the edges of gaps may be from the true ones; time and memory go with its inverse square, and where they
            would go beyond bounds the tolerance is larger: see `reach.spots`.

    Raises:
        BadRadius: As `reach.spots`.
        BadValue: If the outline is not valid.
    """
    emptiest.check_outline(outline)
    spots, tolerance_m = reach.spots(network, outline, tolerance_m=tolerance_m)
    near = shapely.MultiPolygon(reach.squares(spots.at, spots.step_m))
    return Footing(outline, tolerance_m, spots, _only_polygons(shapely.difference(outline, near, grid_size=reach.CORNER_M)))


@dataclass(frozen=True)
class Afoot:
    """Streets and sites, ready to be asked from which ground of an area too few sites can be walked to."""

    network: Network
    sites: LonLat
    """(s, 2) degrees."""
    limit_m: float
    """Longest way on foot, inclusive."""
    fold: int = 1
    """So many sites are enough."""

    def gaps(self, area: Footing, points: Floats) -> Left:
        """Return the connected parts of an area from which fewer than `fold` sites are within the limit.

        Args:
            area: From `footing`, of this network.
            points: (n, 2) metres on its grid: people of the area who are not reached.

        Raises:
            BadValue: If the outline is not valid.
        """
        spots = area.spots
        metres, rows, along = self._metres(spots.points, spots.snapped)
        bare = metres > self.limit_m
        inside = _within(area.outline, reach.squares(spots.at[bare], spots.step_m))
        far = self._beyond(area.beyond, area.tolerance_m / _FINER)
        near = self._inside(shapely.get_parts(inside), spots.points[bare], metres[bare], rows[bare], along[bare], points)
        rim_m = max(area.tolerance_m, regions.grid_rim_m(self._straight_m))
        which = regions.of_points(points, [piece.polygon for piece in (*far, *near)], rim_m=rim_m)
        alone = np.flatnonzero(which < 0)
        patches = self._patches(area, points[alone])
        which[alone] = len(far) + len(near) + regions.of_points(points[alone], [patch.polygon for patch in patches], rim_m=area.tolerance_m)
        found, of_piece = _joined(far, near, patches)
        return _told(found, of_piece[which], area)

    @property
    def _straight_m(self) -> float:
        return self.limit_m / travel.DETOUR_FACTOR

    @cached_property
    def _on_grid(self) -> Floats:
        return earth.on_grid(self.sites, epsg=self.network.epsg) if len(self.sites) else np.empty((0, 2))

    @cached_property
    def _snapped(self) -> Snapped:
        return self.network.snap(self.sites)

    @cached_property
    def _nodes(self) -> Ranked:
        return ranks.of_nodes(self.network, self._snapped, self.fold)

    def _metres(self, points: Floats, snapped: Snapped) -> tuple[Metres, Rows, Bits]:
        """Return (n,) metres on foot from the `fold`-th nearest site, its row or -1, and whether that way is along streets."""
        metres, rows = ranks.of_points(self.network, self._snapped, self._nodes, snapped)
        along = rows >= 0
        for which, sites in ((snapped.found, np.flatnonzero(~self._snapped.found)), (~snapped.found, np.arange(len(self.sites)))):
            some = np.flatnonzero(which)
            if len(some) and len(sites):
                straight_m, near = cKDTree(self._on_grid[sites]).query(points[some], k=range(1, self.fold + 1))
                both = np.hstack([metres[some], straight_m * travel.DETOUR_FACTOR])
                order = np.argsort(both, axis=1, kind="stable")[:, :self.fold]
                theirs = np.append(sites, -1)[near]  # where there are not so many the tree tells the row behind the last
                metres[some] = np.take_along_axis(both, order, axis=1)
                rows[some] = np.take_along_axis(np.hstack([rows[some], theirs]), order, axis=1)
                along[some] = (order < self.fold) & (rows[some] >= 0)
        return metres[:, -1], rows[:, -1], along[:, -1]

    def _beyond(self, ground: shapely.MultiPolygon, tolerance_m: float) -> list[_Piece]:
        """Return what too few straight lines reach of ground that no street is near."""
        return [_Piece(gap.polygon, gap.area_m2, gap.farthest, gap.farthest_m * travel.DETOUR_FACTOR, gap.row, along_streets=False)
                for gap in gaps.gaps(ground, self._on_grid, self._straight_m, fold=self.fold, tolerance_m=tolerance_m)]

    def _inside(self, parts: Sequence[shapely.Polygon], spots: Floats, metres: Metres, rows: Rows, along: Bits, people: Floats) -> list[_Piece]:
        """Return the pieces of ground with streets near, each with the farthest of the lattice points in it."""
        which = regions.of_points(spots, parts)
        order = np.lexsort((spots[:, 1], spots[:, 0], -metres, which))
        first = np.searchsorted(which[order], np.arange(len(parts)))
        found = []
        for number, part in enumerate(parts):
            at = order[first[number]] if first[number] < len(order) else -1
            if at >= 0 and which[at] == number:
                found.append(_Piece(part, part.area, _pair(spots[at]), float(metres[at]), int(rows[at]), bool(along[at])))
                continue
            own = people[regions.of_points(people, [part]) == 0]
            cut_off = self._at(part, np.concatenate([own, shapely.get_coordinates(part), shapely.get_coordinates(part.point_on_surface())]))
            if len(own) or cut_off.metres > self.limit_m:  # the outline leaves a corner of a square, and that may well be reached
                found.append(cut_off)
        return found

    def _patches(self, area: Footing, points: Floats) -> list[_Piece]:
        """Return squares about points that are not reached; those that touch are one."""
        inside = shapely.get_parts(_within(area.outline, shapely.get_parts(_boxes(points, area.tolerance_m))))
        outside = regions.of_points(points, inside, rim_m=area.tolerance_m) < 0  # people whom the outline's straight edges miss
        parts = [*inside, *shapely.get_parts(_boxes(points[outside], area.tolerance_m))]
        which = regions.of_points(points, parts, rim_m=area.tolerance_m)
        return [self._at(part, points[which == number]) for number, part in enumerate(parts) if (which == number).any()]

    def _at(self, part: shapely.Polygon, points: Floats) -> _Piece:
        """Return a piece with the farthest of some points in it."""
        metres, rows, along = self._metres(points, self.network.snap_on_grid(points))
        far = int(np.argmax(metres))
        return _Piece(part, part.area, _pair(points[far]), float(metres[far]), int(rows[far]), bool(along[far]))


def _told(found: list[GapOnFoot], of_point: Rows, area: Footing) -> Left:
    """Leave out what is small and has nobody in it; what holds a whole disc of the tolerance never is."""
    peopled = np.bincount(of_point, minlength=len(found)) > 0
    kept = [number for number, one in enumerate(found) if peopled[number] or one.gap.area_m2 >= area.tolerance_m**2 / 2]
    kept.sort(key=lambda number: (-found[number].gap.area_m2, *found[number].gap.polygon.bounds))
    place = np.full(len(found), -1, np.intp)
    place[kept] = np.arange(len(kept))
    return Left([found[number] for number in kept], place[of_point], float(area.beyond.area))


def _joined(far: Sequence[_Piece], near: Sequence[_Piece], patches: Sequence[_Piece]) -> tuple[list[GapOnFoot], Rows]:
    """Return the gaps that pieces make up where they share an edge, and (p,) which of them each piece is of.

    Only a piece beyond the streets and one with streets near can share one.
    """
    pieces = [*far, *near, *patches]
    beyond, beside = shapely.STRtree([piece.polygon for piece in near]).query(
        np.array([piece.polygon for piece in far], object), predicate="dwithin", distance=reach.CORNER_M)
    touching = coo_array((np.ones(len(beyond), np.int8), (beyond, len(far) + beside)), shape=(len(pieces),) * 2)
    count, group = connected_components(touching, directed=False) if pieces else (0, np.empty(0, np.int32))
    members = np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group, minlength=count))[:-1]) if count else []
    found: list[GapOnFoot] = []
    of_piece = np.full(len(pieces), -1, np.intp)
    for own in members:
        # squares have their corners on this lattice of lengths, so that an arc's end on one of their edges stays on that edge
        polygons = [pieces[place].polygon for place in own.tolist()]
        whole = shapely.get_parts(shapely.union_all(polygons, grid_size=reach.CORNER_M)) if len(own) > 1 else np.array(polygons, object)
        part = np.zeros(len(own), np.intp)
        if len(whole) > 1:
            place, nearest = shapely.STRtree(whole).query_nearest(shapely.point_on_surface(polygons), all_matches=False)
            part[place] = nearest
        for number in np.unique(part).tolist():
            some = own[part == number]
            of_piece[some] = len(found)
            found.append(_one_gap(whole[number], [pieces[place] for place in some.tolist()]))
    return found, of_piece


def _one_gap(polygon: shapely.Polygon, pieces: Sequence[_Piece]) -> GapOnFoot:
    far = max(pieces, key=lambda piece: piece.metres)
    return GapOnFoot(Gap(polygon, sum(piece.area_m2 for piece in pieces), far.farthest, far.metres, far.row), far.along_streets)


def _boxes(points: Floats, tolerance_m: float) -> shapely.Geometry:
    """Return the ground of all squares about points of which no spot is farther than the tolerance from its point."""
    half_m = tolerance_m / np.sqrt(2)
    return shapely.union_all(shapely.box(*(points - half_m).T, *(points + half_m).T))


def _within(outline: shapely.Geometry, polygons: Sequence[shapely.Polygon]) -> shapely.MultiPolygon:
    return _only_polygons(shapely.intersection(outline, shapely.MultiPolygon(polygons), grid_size=reach.CORNER_M))


def _only_polygons(ground: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the polygons of an overlay, without the lines and points in which borders only touch."""
    parts = shapely.get_parts(shapely.get_parts(ground))
    return shapely.MultiPolygon([part for part in parts if isinstance(part, shapely.Polygon) and part.area > 0])


def _pair(point: Floats) -> tuple[float, float]:
    return float(point[0]), float(point[1])
