"""The walking graph: points snapped to its edges, and the shortest ways between them.

A way begins at a point, goes straight to the nearest spot of the nearest edge, along edges, and straight to
where it ends: metres = offset + along + offset, all of them counted, the first and the last edge in part.

Spots are found on the flat grid of `earth.metre_grid` about the network's middle, where offsets are measured
(true to 0.04 %); what an edge's length is, its maker says.

Source of the method: Dijkstra (1959), from many sources at once, as in scipy.sparse.csgraph. Each source is a node of
its own with two edges that lead away from it, so one run gives the distance and the source.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from locator import earth, pairing
from locator.arrays import LonLat, Metres, Rows
from locator.graph import Graph, Snapped, check_limit, first_of_equals, spread
from locator.snapping import Plane, Segments

__all__ = ["SNAP_M", "Network", "Snapped"]

SNAP_M = 500.0
"""Unless told otherwise, a point farther from any edge than this is not on the network."""
_PAIRS_AT_ONCE = 1 << 22
_NONE = np.iinfo(np.intp).max


class Network(Graph):
    """A graph that is asked for ways. Immutable; safe to ask from several threads."""

    @cached_property
    def segments(self) -> Segments:
        """The edges on the grid, ready to be asked which is nearest."""
        return Segments(self.on_grid[self.edges[:, 0]], self.on_grid[self.edges[:, 1]])

    def snap(self, lonlat: LonLat, *, within_m: float = SNAP_M) -> Snapped:
        """Return where points are on the network: the nearest spot of the nearest edge, of equally near edges the first.

        Args:
            lonlat: (n, 2) WGS-84 degrees; where either is NaN the point is on none.
            within_m: Farthest offset, inclusive.
        """
        return self.snap_on_grid(earth.on_grid(lonlat, epsg=self.epsg), within_m=within_m)

    def snap_on_grid(self, points: Plane, *, within_m: float = SNAP_M) -> Snapped:
        """Return the same of (n, 2) metres on the grid `epsg`."""
        return Snapped(*self.segments.nearest(points, within_m=within_m))

    def nearest_m(self, sources: Snapped, targets: Snapped, *, limit_m: float = np.inf,
                  nodes: tuple[Metres, Rows] | None = None) -> tuple[Metres, Rows]:
        """Return how far each target is from its nearest source on foot, and which that is.

        Args:
            sources: Where ways begin, from `snap`.
            targets: Where they end; (t,) long.
            limit_m: Longest way, inclusive.
            nodes: What `from_sources` returned of these sources, up to this limit or a longer one; None: it is asked here.

        Returns:
            (t,) metres, infinite where no source is within the limit or the target is on no edge, and (t,)
            rows of `sources`, -1 there. Of sources equally far the first.

        Raises:
            BadRadius: If the limit is not above 0.
        """
        check_limit(limit_m)
        start = np.flatnonzero(sources.found & (sources.offset_m <= limit_m))
        node_m, node_row = nodes or self.from_sources(sources, limit_m=limit_m)
        metres, rows = np.full(len(targets.edge), np.inf), np.full(len(targets.edge), -1, np.intp)
        there = np.flatnonzero(targets.found)
        edge, share, offset_m = targets.take(there)
        length_m = self.length_m[edge]
        first, second = self.edges[edge, 0], self.edges[edge, 1]
        by_first = node_m[first] + share * length_m
        by_second = node_m[second] + (1 - share) * length_m
        best_m, best_row = _nearer(by_first, node_row[first], by_second, node_row[second])
        beside = _sources_beside(sources, start, edge, len(self.edges))
        if len(beside):
            along_m, row = self._along(sources, start, edge[beside], share[beside])
            best_m[beside], best_row[beside] = _nearer(best_m[beside], best_row[beside], along_m, row)
        best_m += offset_m
        kept = best_m <= limit_m
        kept &= np.isfinite(best_m)
        metres[there[kept]], rows[there[kept]] = best_m[kept], best_row[kept]
        return metres, rows

    def from_sources(self, sources: Snapped, *, limit_m: float = np.inf) -> tuple[Metres, Rows]:
        """Return (m,) metres from each node's nearest source, infinite beyond the limit, and (m,) that source's row, else -1.

        Of sources equally far the first.
        """
        count = len(self.nodes)
        start = np.flatnonzero(sources.found & (sources.offset_m <= limit_m))
        if not len(start):
            return np.full(count, np.inf), np.full(count, -1, np.intp)
        links, ends, ends_m = self.links, self.edges[sources.edge[start]], self.to_ends(sources.take(start))
        begins = np.concatenate([links.begins, links.begins[-1] + 2 * np.arange(1, len(start) + 1)]).astype(np.int32)
        to, link_m = np.concatenate([links.to, ends.ravel()]), np.concatenate([links.metres, ends_m.ravel()])
        graph = csr_array((link_m, to, begins), shape=(count + len(start),) * 2)
        metres, _, nearest = dijkstra(graph, directed=True, indices=np.arange(count, count + len(start)), limit=limit_m,
                                      min_only=True, return_predecessors=True)
        row = np.where(np.isfinite(metres), nearest.astype(np.intp) - count, _NONE)
        first_of_equals(row, metres, np.repeat(np.arange(len(begins) - 1), np.diff(begins)), to, link_m)
        row, metres = row[:count], metres[:count]
        return metres, np.where(row < _NONE, start[np.minimum(row, len(start) - 1)], -1)

    def pairs(self, sources: Snapped, targets: Snapped, *, limit_m: float) -> tuple[Rows, Rows, Metres]:
        """Return every target with every source that it is within a limit of, on foot.

        Args:
            sources: Where ways begin, from `snap`.
            targets: Where they end.
            limit_m: Longest way, inclusive. Time and memory go with the number of pairs; infinite is every source.

        Returns:
            (p,) rows of `targets`, ascending, (p,) rows of `sources`, ascending for each target, and (p,) metres.

        Raises:
            BadRadius: If the limit is not above 0.
        """
        check_limit(limit_m)
        return pairing.pairs(self, sources, targets, limit_m)

    def _along(self, sources: Snapped, start: Rows, edge: Rows, share: NDArray[np.float64]) -> tuple[Metres, Rows]:
        """Return the nearest source on the very edge of each target, along that edge, and its row."""
        by_edge = start[np.argsort(sources.edge[start], kind="stable")]
        begin, end = (np.searchsorted(sources.edge[by_edge], edge, side=side) for side in ("left", "right"))
        metres, row = np.empty(len(edge)), np.empty(len(edge), np.intp)
        for block in _blocks(end - begin, _PAIRS_AT_ONCE):
            target, at = spread(begin[block], end[block])
            target, source = target + block.start, by_edge[at]
            pair_m = sources.offset_m[source] + np.abs(sources.share[source] - share[target]) * self.length_m[edge[target]]
            first = np.concatenate([[0], np.cumsum(end[block] - begin[block])[:-1]])
            metres[block] = np.minimum.reduceat(pair_m, first)
            row[block] = np.minimum.reduceat(np.where(pair_m == metres[target], source, _NONE), first)
        return metres, row


def _nearer(one_m: Metres, one: Rows, other_m: Metres, other: Rows) -> tuple[Metres, Rows]:
    """Return the lesser of two distances and its row; of equal ones the lower row."""
    takes_other = (other_m < one_m) | ((other_m == one_m) & (other < one))
    return np.where(takes_other, other_m, one_m), np.where(takes_other, other, one)


def _sources_beside(sources: Snapped, start: Rows, edge: Rows, edges: int) -> Rows:
    """Return which targets have a source on their own edge."""
    holds = np.zeros(edges, np.bool_)
    holds[sources.edge[start]] = True
    return np.flatnonzero(holds[edge])


def _blocks(counts: Rows, most: int) -> list[slice]:
    """Return slices of rows whose counts add up to about `most`; a row above it stands alone."""
    block = np.cumsum(counts) // most
    cuts = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(counts)]
    return [slice(a, b) for a, b in pairwise(cuts) if b > a]
