"""What is within a walk of some places, as polygons with a stated tolerance.

A spot of ground is within reach where a person standing on it is: it snaps to the nearest spot of the nearest
edge (`network.Network.snap`), and offset and way together are within the limit. So polygons and counts of people agree.

The plane is looked at on a square lattice whose step is the tolerance times the root of two, and each spot is
told by the lattice point nearest to it. That point is at most the tolerance away; so every spot is told
rightly that is farther than the tolerance from the true edge of what is within reach. Nearer to it, and about
what is itself narrower than twice the tolerance, it may be told wrongly.

Steps are of two millimetres, so that every corner of a lattice's squares is a whole number of millimetres.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import shapely
from pykdtree.kdtree import KDTree
from shapely import Polygon

from locator.errors import BadRadius
from locator.graph import Snapped, check_limit
from locator.network import SNAP_M, Network
from locator.snapping import PIECE_M, Plane, cut

LEAST_TOLERANCE_M = 1.0
CORNER_M = 1e-3
"""Corners of squares are whole numbers of these."""
MOST = 4_000_000
"""Points of a lattice looked at for one area: some seconds, and 40 bytes each."""
_BLOCK = 16
"""Lattice points to a side that are taken or passed over together."""
_COARSER = 1.05
"""By this at least a tolerance grows that asks for too many points."""


class Spots(NamedTuple):
    """Points of a lattice that are on the network, by column."""

    at: Plane
    """(n, 2) whole numbers of steps east and north."""
    step_m: float
    snapped: Snapped

    @property
    def points(self) -> Plane:
        """(n, 2) metres on the network's grid."""
        return self.at * self.step_m


def polygons(network: Network, sources: Snapped, limit_m: float, *, tolerance_m: float, within_m: float = SNAP_M) -> list[Polygon]:
    """Return the ground from which the nearest source is at most `limit_m` away on foot.

    Args:
        network: The walking network.
        sources: Where ways end, from `snap`.
        limit_m: Longest way, inclusive, its first and last metres counted.
        tolerance_m: How far the polygons' edges may be from the true ones; time goes with its inverse square.
        within_m: Farthest that ground may be from any edge, as for `snap`.

    Returns:
        Valid polygons with holes, apart from each other, in metres on the grid `network.epsg`; the largest first.

    Raises:
        BadRadius: If the limit is not above 0, or the tolerance not at least `LEAST_TOLERANCE_M` and finite.
    """
    check_limit(limit_m)
    step_m = _step_m(tolerance_m)
    found = _on_network(network, _blocks(_reached(network, sources, limit_m), step_m, min(within_m, limit_m)), step_m, within_m)
    return squares(found.at[np.isfinite(network.nearest_m(sources, found.snapped, limit_m=limit_m)[0])], step_m)


def spots(network: Network, ground: shapely.Geometry, *, tolerance_m: float, within_m: float = SNAP_M, most: int = MOST) -> tuple[Spots, float]:
    """Return every lattice point on the network that tells of some ground, and about that ground, and the tolerance that it has.

    Args:
        network: The walking network.
        ground: A valid polygon or multipolygon, metres on the grid `network.epsg`.
        tolerance_m: As for `polygons`; where more than `most` points would be looked at, it is as much larger as it takes.
        within_m: As for `snap`.
        most: Points.

    Raises:
        BadRadius: If the tolerance is not at least `LEAST_TOLERANCE_M` and finite.
    """
    _step_m(tolerance_m)
    if ground.is_empty:
        return _on_network(network, np.zeros((0, 2)), _step_m(tolerance_m), within_m), tolerance_m
    box = np.array(ground.bounds).reshape(2, 2)
    ends = network.on_grid[network.edges]
    near = (ends.max(axis=1) >= box[0] - within_m - PIECE_M).all(axis=1) & (ends.min(axis=1) <= box[1] + within_m + PIECE_M).all(axis=1)
    streets = cut(ends[near, 0], ends[near, 1])[1]
    shapely.prepare(ground)
    while True:
        step_m = _step_m(tolerance_m)
        blocks = _blocks(streets, step_m, within_m)
        west_south = (blocks - 0.5) * step_m
        blocks = blocks[shapely.intersects(ground, shapely.box(*west_south.T, *(west_south + _BLOCK * step_m).T))]
        count = len(blocks) * _BLOCK**2
        if count <= most:
            return _on_network(network, blocks, step_m, within_m), tolerance_m
        tolerance_m *= max(math.sqrt(count / most), _COARSER)


def squares(at: Plane, step_m: float) -> list[Polygon]:
    """Return the ground that lattice points tell of, each of the square about it.

    Returns:
        Valid polygons with holes, apart from each other but for corners, metres; the largest first.
    """
    found = [part for part in shapely.get_parts(shapely.union_all(_rows(at, step_m))) if part.area > 0]
    return sorted(found, key=lambda polygon: (-polygon.area, *polygon.bounds))


def _step_m(tolerance_m: float) -> float:
    if not LEAST_TOLERANCE_M <= tolerance_m < math.inf:
        raise BadRadius("tolerance_m", tolerance_m, zh=f"应为不小于 {LEAST_TOLERANCE_M:g} 的米数",
                        en=f"must be metres, at least {LEAST_TOLERANCE_M:g}")
    return math.floor(tolerance_m * math.sqrt(2) / (2 * CORNER_M)) * 2 * CORNER_M


def _on_network(network: Network, blocks: Plane, step_m: float, within_m: float) -> Spots:
    """Return the lattice points of blocks that are on the network."""
    inner = np.stack(np.meshgrid(np.arange(_BLOCK), np.arange(_BLOCK), indexing="ij"), axis=-1).reshape(-1, 2)
    at = (blocks[:, None, :] + inner).reshape(-1, 2).astype(np.float64)
    snapped = network.snap_on_grid(at * step_m, within_m=within_m)
    return Spots(at[snapped.found], step_m, snapped.take(snapped.found))


def _blocks(streets: Plane, step_m: float, aside_m: float) -> Plane:
    """Return (n, 2) whole numbers of steps: the first points of all blocks that have points at most `aside_m` from a piece about a spot."""
    if not len(streets):
        return np.zeros((0, 2))
    block_m = _BLOCK * step_m
    reach_m = aside_m + PIECE_M + block_m  # half a piece, half a block's diagonal, and to spare
    low, high = (np.floor(bound / block_m).astype(np.int64) for bound in (streets.min(axis=0) - reach_m, streets.max(axis=0) + reach_m))
    corner = np.stack(np.meshgrid(*(np.arange(a, b + 1) for a, b in zip(low, high, strict=True)), indexing="ij"), axis=-1).reshape(-1, 2)
    apart_m, _ = KDTree(streets).query((corner + 0.5) * block_m, k=1, distance_upper_bound=reach_m)
    return np.asarray(corner[np.isfinite(apart_m)] * _BLOCK, np.float64)


def _reached(network: Network, sources: Snapped, limit_m: float) -> Plane:
    """Return spots at most `PIECE_M` apart along every edge of which any part can be reached, and the sources' own."""
    node_m, _ = network.from_sources(sources, limit_m=limit_m)
    found = np.isfinite(node_m[network.edges[:, 0]]) | np.isfinite(node_m[network.edges[:, 1]])
    found[sources.edge[sources.found & (sources.offset_m <= limit_m)]] = True
    ends = network.on_grid[network.edges[found]]
    return cut(ends[:, 0], ends[:, 1])[1]


def _rows(lattice: Plane, step_m: float) -> list[Polygon]:
    """Return boxes that cover the squares about lattice points: one box for each unbroken row of them."""
    if not len(lattice):
        return []
    at = lattice[np.lexsort((lattice[:, 0], lattice[:, 1]))]
    breaks = np.flatnonzero((np.diff(at[:, 0]) != 1) | (np.diff(at[:, 1]) != 0)) + 1
    # a corner that two boxes share is the same number in both
    low, high = ((at[rows] + half) * step_m for rows, half in ((np.concatenate([[0], breaks]), -0.5),
                                                                  (np.concatenate([breaks, [len(at)]]) - 1, 0.5)))
    return list(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
