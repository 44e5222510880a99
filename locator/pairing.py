"""Every way within a limit: all pairs of a source and a target that are near each other on foot.

A way of so many metres never leads farther away than the network lets one get with them: the straight line over
the way is at most the greatest such ratio of any edge. So sources that stand close together are searched
together, on the part of the graph around them alone; what is left out, no way within the limit reaches.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from locator.arrays import Metres, Rows
from locator.graph import Graph, Snapped, spread
from locator.snapping import Plane

_SOURCES_AT_ONCE = 64
_CELLS_AT_ONCE = 1 << 21
_LEAST_TILE_M = 250.0
_ROUNDING_M = 0.01
_LONGEST_M = float(np.finfo(np.float64).max)

_Found: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], Metres]
"""(p,) targets, (p,) sources, (p,) metres."""


def pairs(graph: Graph, sources: Snapped, targets: Snapped, limit_m: float) -> tuple[Rows, Rows, Metres]:
    """Return what `network.Network.pairs` says."""
    start = np.flatnonzero(sources.found & (sources.offset_m <= limit_m))
    found = list(_Search(graph, sources, targets, limit_m).run(start)) if len(start) else []
    if not found:
        return np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0)
    target, source, metres = (np.concatenate(column) for column in zip(*found, strict=True))
    del found  # of a city's pairs, half a gigabyte
    # a pair is found once, so that nothing is added up here: a matrix by row is the quickest way to sort
    table = coo_array((metres, (target, source)), shape=(len(targets.edge), len(sources.edge))).tocsr()
    return np.repeat(np.arange(len(targets.edge)), np.diff(table.indptr)), table.indices.astype(np.intp), table.data


class _Search:
    """One question: bounded ways from a few sources at a time."""

    def __init__(self, graph: Graph, sources: Snapped, targets: Snapped, limit_m: float) -> None:
        self._graph, self._sources, self._targets, self._limit_m = graph, sources, targets, limit_m
        self._tree = cKDTree(graph.on_grid)
        self._place = np.full(len(graph.nodes), -1, np.intp)
        """Of the nodes around the sources in hand, their number among them; -1 of all others."""
        self._by_edge = np.argsort(targets.edge, kind="stable")
        self._target_edge = targets.edge[self._by_edge]

    def run(self, start: Rows) -> Iterator[_Found]:
        """Yield (targets, sources, metres) of all pairs, in no order."""
        spots, straight_m = self._graph.spots(self._sources.take(start)), self._limit_m * _straightest(self._graph) + _ROUNDING_M
        for near in _close_together(spots, max(_LEAST_TILE_M, straight_m)):
            west_south, east_north = spots[near].min(axis=0), spots[near].max(axis=0)
            half_m = float((east_north - west_south).max()) / 2 + straight_m
            around = self._tree.query_ball_point((west_south + east_north) / 2, half_m, p=np.inf, return_sorted=True) \
                if np.isfinite(half_m) else range(len(self._graph.nodes))
            yield from self._from(start[near], np.array(around, np.intp))

    def _from(self, source: Rows, around: Rows) -> Iterator[_Found]:
        node_m = self._node_m(source, around)
        self._place[around] = np.arange(len(around))
        try:
            reached = around[np.isfinite(node_m[:, :-1]).any(axis=0)]
            begins = self._graph.links.begins
            edges = np.unique(np.concatenate([self._sources.edge[source], self._graph.links.edge[spread(begins[reached], begins[reached + 1])[1]]]))
            of_edge = (np.searchsorted(self._target_edge, edges, side=side) for side in ("left", "right"))
            target = self._by_edge[spread(*of_edge)[1]]
            step = max(1, _CELLS_AT_ONCE // len(source))
            for at in range(0, len(target), step):
                yield self._within(source, target[at:at + step], node_m)
        finally:
            self._place[around] = -1

    def _node_m(self, source: Rows, around: Rows) -> Metres:
        """Return (s, m + 1) metres from each source to each node around, infinite beyond the limit; the last stands for any other node."""
        links, place = self._graph.links, self._place
        place[around] = np.arange(len(around))
        _, link = spread(links.begins[around], links.begins[around + 1])
        ends, ends_m = place[self._graph.edges[self._sources.edge[source]]], self._graph.to_ends(self._sources.take(source))
        to, metres = np.concatenate([place[links.to[link]], ends.ravel()]), np.concatenate([links.metres[link], ends_m.ravel()])
        kept = to >= 0
        counts = np.concatenate([links.begins[around + 1] - links.begins[around], np.full(len(source), 2)])
        begins = np.concatenate([[0], np.cumsum(kept)])[np.concatenate([[0], np.cumsum(counts)])]
        place[around] = -1
        graph = csr_array((metres[kept], to[kept].astype(np.int32), begins.astype(np.int32)), shape=(len(counts),) * 2)
        found = dijkstra(graph, directed=True, indices=np.arange(len(around), len(counts)), limit=self._limit_m)
        found[:, len(around)] = np.inf
        return np.asarray(found[:, :len(around) + 1])

    def _within(self, source: Rows, target: Rows, node_m: Metres) -> _Found:
        edge, share, offset_m = self._targets.take(target)
        length_m, ends = self._graph.length_m[edge], self._place[self._graph.edges[edge]]
        metres, other_m = node_m.take(ends[:, 0], axis=1, mode="wrap"), node_m.take(ends[:, 1], axis=1, mode="wrap")  # -1: the last
        metres += share * length_m
        other_m += (1 - share) * length_m
        np.minimum(metres, other_m, out=metres)
        own_edge, own_share, own_offset_m = self._sources.take(source)
        for column in np.flatnonzero(np.isin(edge, own_edge)):
            beside = own_edge == edge[column]
            along_m = own_offset_m[beside] + np.abs(own_share[beside] - share[column]) * length_m[column]
            metres[beside, column] = np.minimum(metres[beside, column], along_m)
        metres += offset_m
        who, what = np.nonzero(metres <= min(self._limit_m, _LONGEST_M))
        return target[what].astype(np.int32), source[who].astype(np.int32), metres[who, what]


def _straightest(graph: Graph) -> float:
    """Return how many straight metres on the grid a metre of way can lead away at the most: 1 but for the grid's scale."""
    ends = graph.on_grid[graph.edges]
    straight_m = np.hypot(*(ends[:, 0] - ends[:, 1]).T)
    apart = straight_m > 0
    with np.errstate(divide="ignore"):
        return float((straight_m[apart] / graph.length_m[apart]).max(initial=1.0))


def _close_together(spots: Plane, side_m: float) -> Iterator[Rows]:
    """Yield the rows of spots by square tile, a few at a time."""
    if not np.isfinite(side_m):
        tile = np.zeros(len(spots), np.intp)
    else:
        cell = np.floor((spots - spots.min(axis=0)) / side_m).astype(np.intp)
        tile = cell[:, 0] * (cell[:, 1].max() + 1) + cell[:, 1]
    order = np.argsort(tile, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1):
        yield from (rows[at:at + _SOURCES_AT_ONCE] for at in range(0, len(rows), _SOURCES_AT_ONCE))
