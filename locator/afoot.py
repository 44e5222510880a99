"""Where nobody is reached on foot along streets: told on a lattice where a street is near, and from arcs where none is.

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
from scipy.spatial import cKDTree

from locator import earth, gaps, reach, regions, travel
from locator.arrays import Bits, LonLat, Metres, Rows
from locator.gaps import Gap
from locator.network import Network, Snapped

TOLERANCE_M = 25.0
"""No edge along streets is told more finely: time goes with the inverse square."""
Floats = NDArray[np.float64]


class GapOnFoot(NamedTuple):
    """A connected part of an area from which no site can be walked to within the limit."""

    gap: Gap
    """Metres on foot; of what streets are near, the area is that of its squares."""
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


@dataclass(frozen=True)
class Afoot:
    """Streets and sites, ready to be asked which ground of an area nobody reaches."""

    network: Network
    sites: LonLat
    """(s, 2) degrees."""
    limit_m: float
    """Longest way on foot, inclusive."""
    tolerance_m: float = TOLERANCE_M

    def gaps(self, outline: shapely.Geometry, points: Floats) -> Left:
        """Return the connected parts of an area from which no site is within the limit.

        Args:
            outline: A valid polygon or multipolygon, metres on the grid `network.epsg`.
            points: (n, 2) metres there: people of the area who are not reached.

        Raises:
            BadValue: If the outline is not valid.
        """
        spots = reach.spots(self.network, shapely.bounds(outline), tolerance_m=self.tolerance_m)
        metres, rows, along = self._metres(spots.points, spots.snapped)
        bare = metres > self.limit_m
        beyond = _only_polygons(shapely.difference(outline, _whole(reach.squares(spots.at, spots.step_m)), grid_size=reach.CORNER_M))
        inside = _only_polygons(shapely.intersection(outline, _whole(reach.squares(spots.at[bare], spots.step_m)), grid_size=reach.CORNER_M))
        pieces = [*self._beyond(beyond), *self._inside(shapely.get_parts(inside), spots.points[bare], metres[bare], rows[bare], along[bare], points)]
        which = regions.of_points(points, [piece.polygon for piece in pieces], rim_m=self._rim_m)
        alone = np.flatnonzero(which < 0)
        patches = self._patches(outline, points[alone])
        which[alone] = len(pieces) + regions.of_points(points[alone], [patch.polygon for patch in patches], rim_m=self.tolerance_m)
        found, of_piece = _joined([*pieces, *patches])
        return self._told(found, of_piece[which], float(beyond.area))

    @property
    def _straight_m(self) -> float:
        return self.limit_m / travel.DETOUR_FACTOR

    @property
    def _rim_m(self) -> float:
        """How far beside a gap somebody may stand who belongs to it: by the tolerance, or because the grid's metres are not the geodesic's."""
        return max(self.tolerance_m, regions.grid_rim_m(self._straight_m))

    @cached_property
    def _on_grid(self) -> Floats:
        return earth.on_grid(self.sites, epsg=self.network.epsg) if len(self.sites) else np.empty((0, 2))

    @cached_property
    def _snapped(self) -> Snapped:
        return self.network.snap(self.sites)

    @cached_property
    def _nodes(self) -> tuple[Metres, Rows]:
        return self.network.from_sources(self._snapped)

    def _metres(self, points: Floats, snapped: Snapped) -> tuple[Metres, Rows, Bits]:
        """Return (n,) metres on foot from the nearest site, its row or -1, and whether that way is along streets."""
        metres, rows = self.network.nearest_m(self._snapped, snapped, nodes=self._nodes)
        along = rows >= 0
        for which, sites in ((snapped.found, np.flatnonzero(~self._snapped.found)), (~snapped.found, np.arange(len(self.sites)))):
            some = np.flatnonzero(which)
            if len(some) and len(sites):
                straight_m, near = cKDTree(self._on_grid[sites]).query(points[some])
                nearer = straight_m * travel.DETOUR_FACTOR < metres[some]
                metres[some[nearer]] = straight_m[nearer] * travel.DETOUR_FACTOR
                rows[some[nearer]], along[some[nearer]] = sites[near[nearer]], False
        return metres, rows, along

    def _beyond(self, ground: shapely.MultiPolygon) -> list[_Piece]:
        """Return what no straight line reaches of ground that no street is near."""
        return [_Piece(gap.polygon, gap.area_m2, gap.farthest, gap.farthest_m * travel.DETOUR_FACTOR, gap.row, along_streets=False)
                for gap in gaps.gaps(ground, self._on_grid, self._straight_m, tolerance_m=gaps.TOLERANCE_M)]

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

    def _patches(self, outline: shapely.Geometry, points: Floats) -> list[_Piece]:
        """Return squares about points that are not reached; those that touch are one."""
        half_m = self.tolerance_m / np.sqrt(2)
        whole = shapely.union_all(shapely.box(*(points - half_m).T, *(points + half_m).T)) if len(points) else shapely.MultiPolygon()
        inside = shapely.get_parts(_only_polygons(shapely.intersection(outline, whole)))
        outside = np.flatnonzero(regions.of_points(points, inside, rim_m=self.tolerance_m) < 0)  # people whom the outline's straight edges miss
        boxes = shapely.union_all(shapely.box(*(points[outside] - half_m).T, *(points[outside] + half_m).T)) if len(outside) else whole
        parts = [*inside, *(shapely.get_parts(boxes) if len(outside) else [])]
        which = regions.of_points(points, parts, rim_m=self.tolerance_m)
        return [self._at(part, points[which == number]) for number, part in enumerate(parts) if (which == number).any()]

    def _at(self, part: shapely.Polygon, points: Floats) -> _Piece:
        """Return a piece with the farthest of some points in it."""
        metres, rows, along = self._metres(points, self.network.snap_on_grid(points))
        far = int(np.argmax(metres))
        return _Piece(part, part.area, _pair(points[far]), float(metres[far]), int(rows[far]), bool(along[far]))

    def _told(self, found: list[GapOnFoot], of_point: Rows, estimated_m2: float) -> Left:
        """Leave out what is small and has nobody in it; what holds a whole disc of the tolerance never is."""
        peopled = np.bincount(of_point, minlength=len(found)) > 0
        kept = [number for number, one in enumerate(found) if peopled[number] or one.gap.area_m2 >= self.tolerance_m**2 / 2]
        kept.sort(key=lambda number: (-found[number].gap.area_m2, *found[number].gap.polygon.bounds))
        place = np.full(len(found), -1, np.intp)
        place[kept] = np.arange(len(kept))
        return Left([found[number] for number in kept], place[of_point], estimated_m2)


def _joined(pieces: Sequence[_Piece]) -> tuple[list[GapOnFoot], Rows]:
    """Return the gaps that pieces make up where they share an edge, and (p,) which of them each piece is of."""
    if not pieces:
        return [], np.empty(0, np.intp)
    # squares have their corners on this lattice of lengths, so that an arc's end on one of their edges stays on that edge
    whole = shapely.get_parts(shapely.union_all([piece.polygon for piece in pieces], grid_size=reach.CORNER_M))
    inner = shapely.point_on_surface([piece.polygon for piece in pieces])
    of_piece = np.full(len(pieces), -1, np.intp)
    piece, part = shapely.STRtree(whole).query_nearest(inner, all_matches=False)
    of_piece[piece] = part
    found = []
    for number, polygon in enumerate(whole.tolist()):
        own = [pieces[place] for place in np.flatnonzero(of_piece == number).tolist()]
        if own:
            far = max(own, key=lambda one: one.metres)
            found.append(GapOnFoot(Gap(polygon, sum(one.area_m2 for one in own), far.farthest, far.metres, far.row), far.along_streets))
    used = np.unique(of_piece)
    return found, np.searchsorted(used, of_piece)


def _whole(polygons: Sequence[shapely.Polygon]) -> shapely.MultiPolygon:
    return shapely.MultiPolygon(polygons)


def _only_polygons(ground: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the polygons of an overlay, without the lines and points in which borders only touch."""
    parts = shapely.get_parts(shapely.get_parts(ground))
    return shapely.MultiPolygon([part for part in parts if isinstance(part, shapely.Polygon) and part.area > 0])


def _pair(point: Floats) -> tuple[float, float]:
    return float(point[0]), float(point[1])
