"""What a walking network is made of: nodes, straight edges between them, and points on the edges, all by column.

Edges are walked both ways. Several edges may join the same two nodes, an edge may return to its own node, and
an edge may be 0 m long.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from locator import earth
from locator.arrays import Bits, Codes, LonLat, Metres, Rows
from locator.errors import BadRadius, BadValue
from locator.snapping import Plane


class Snapped(NamedTuple):
    """Points on the network, by column."""

    edge: Rows
    """(n,) -1: on none."""
    share: NDArray[np.float64]
    """(n,) where on the edge: 0 at its first node, 1 at its second."""
    offset_m: Metres
    """(n,) straight from the point to there; infinite on none."""

    @property
    def found(self) -> Bits:
        """(n,) which points are on the network."""
        return self.edge >= 0

    def take(self, rows: Rows | Bits) -> Snapped:
        """Return some of them."""
        return Snapped(self.edge[rows], self.share[rows], self.offset_m[rows])


class Links(NamedTuple):
    """Every edge in both directions, sorted by the node it leaves."""

    begins: NDArray[np.int32]
    """(m + 1,) the links of node i are those from begins[i] to before begins[i + 1]."""
    to: NDArray[np.int32]
    metres: Metres
    edge: NDArray[np.int32]


class Graph:
    """Nodes and straight edges between them. Immutable."""

    def __init__(self, nodes: LonLat, edges: NDArray[np.int32], length_m: Metres) -> None:
        """Take the columns, which may be memory-mapped; nothing is copied.

        Args:
            nodes: (m, 2) degrees.
            edges: (e, 2) rows of `nodes`, int32.
            length_m: (e,) metres on foot, not negative, finite.

        Raises:
            BadValue: If the columns do not fit each other.
        """
        if len(edges) != len(length_m) or (len(edges) and not 0 <= edges.min() <= edges.max() < len(nodes)):
            raise BadValue("edges", len(edges), zh="每条边须连接两个已有的结点，并有长度",
                           en="every edge must join two known nodes and have a length")
        if len(length_m) and not 0 <= length_m.min() <= length_m.max() < np.inf:
            raise BadValue("length_m", float(length_m.min()), zh="长度须为不小于 0 的有限米数", en="lengths must be finite metres, not below 0")
        self.nodes, self.edges, self.length_m = nodes, edges, length_m
        self.epsg = earth.metre_grid(float(np.median(nodes[:, 0])) if len(nodes) else 0.0)

    @cached_property
    def on_grid(self) -> Plane:
        """(m, 2) the nodes in metres east and north on the grid `epsg`."""
        return earth.on_grid(self.nodes, epsg=self.epsg)

    @cached_property
    def links(self) -> Links:
        """Every edge in both directions, by node."""
        leaves = self.edges.T.ravel()
        order = np.argsort(leaves, kind="stable")
        begins = np.concatenate([[0], np.cumsum(np.bincount(leaves, minlength=len(self.nodes)))])
        edge = (order % max(1, len(self.edges))).astype(np.int32)
        return Links(begins.astype(np.int32), self.edges[:, ::-1].T.ravel()[order], np.asarray(self.length_m[edge], np.float64), edge)

    def spots(self, snapped: Snapped) -> Plane:
        """Return (n, 2) metres on the grid: where on its edge each point is; NaN where it is on none."""
        begin, end = (self.on_grid[self.edges[snapped.edge, side]] for side in (0, 1))
        return np.where(snapped.found[:, None], begin + (end - begin) * snapped.share[:, None], np.nan)

    def to_ends(self, points: Snapped) -> Metres:
        """Return (n, 2) metres from each point, its offset counted, to the first and the second node of its edge."""
        length_m = self.length_m[points.edge]
        return points.offset_m[:, None] + np.column_stack([points.share * length_m, (1 - points.share) * length_m])


def check_limit(limit_m: float) -> None:
    """Refuse a longest way that is not above 0."""
    if not limit_m > 0:
        raise BadRadius("limit_m", limit_m, zh="应为大于 0 的米数", en="must be metres, above 0")


def spread(begin: Codes, end: Codes) -> tuple[Rows, Rows]:
    """Return (which, number) for every number from begin[i] to before end[i], i after i."""
    count = end - begin
    which = np.repeat(np.arange(len(count)), count)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count) + begin[which]


def first_of_equals(row: Rows, metres: Metres, leaves: Rows, to: NDArray[np.int32], link_m: Metres) -> None:
    """Give each node the lowest row of all that reach it over the same, least metres; `row` is changed in place.

    A link is on a shortest way where it spans the distance between its ends to the last bit, as the search added it.
    """
    tight = np.flatnonzero(np.isfinite(metres[leaves]) & (metres[leaves] + link_m == metres[to]))
    leaves, to = leaves[tight], to[tight]
    while True:
        lower = row[leaves] < row[to]
        if not lower.any():
            return
        np.minimum.at(row, to[lower], row[leaves[lower]])
