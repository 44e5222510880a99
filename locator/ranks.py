"""The first, second ... k-th nearest source of every point of the walking network, each with its metres on foot.

Whoever is among the k nearest to a node is so to every node on its way there: a source that is nearer to one of them is nearer
to what lies beyond. So with the first k - 1 known of every node, ways to the k-th need only be followed between nodes that
have the same k - 1; from a node that has another, that other one comes in, at metres that are known. Each rank is one search
of the whole graph from many nodes at once, whatever the number of sources; time and room go with the number of ranks.

Sources equally far, to the last bit as the metres are added along their ways, stand in the order of their rows. All of the
above holds with that order too: of two that are equally far from a node, the first is so from whatever lies beyond.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from locator.arrays import Metres, Rows
from locator.graph import Snapped, first_of_equals, spread
from locator.network import Network

Floats = NDArray[np.float64]
_AT_ONCE = 1 << 20
"""Cells of a table."""


class Ranked(NamedTuple):
    """The nearest sources of each of n points, by rank; none is told twice."""

    metres: Floats
    """(n, k) ascending; infinite where there are not so many."""
    rows: Rows
    """(n, k) rows of the sources, of those equally far ascending; -1 where there are not so many."""


def of_nodes(network: Network, sources: Snapped, fold: int) -> Ranked:
    """Return the `fold` nearest sources of every node of a network; `fold` is at least 1 and may be more than there are sources."""
    metres, rows = network.from_sources(sources)
    found = Ranked(metres[:, None], rows[:, None])
    for _ in range(1, fold):
        found = _one_more(network, sources, found)
    return found


def of_points(network: Network, sources: Snapped, nodes: Ranked, points: Snapped) -> Ranked:
    """Return the same of points that are snapped to its edges; `nodes` is what `of_nodes` returned of these sources."""
    count, fold = len(points.edge), nodes.metres.shape[1]
    metres, rows = np.full((count, fold), np.inf), np.full((count, fold), -1, np.intp)
    order = np.argsort(sources.edge, kind="stable")
    some = np.flatnonzero(points.found)
    for begin in range(0, len(some), _AT_ONCE // fold):
        block = some[begin:begin + _AT_ONCE // fold]
        edge, share, offset_m = points.take(block)
        length_m, (first, second) = network.length_m[edge], network.edges[edge].T
        by_ends = (nodes.metres[first] + (share * length_m)[:, None], nodes.metres[second] + ((1 - share) * length_m)[:, None])
        own_m, own = _least(np.hstack(by_ends), np.hstack([nodes.rows[first], nodes.rows[second]]), fold)
        spots = (np.searchsorted(sources.edge[order], edge, side=side) for side in ("left", "right"))
        which, at = spread(*spots)  # sources on the very edge
        along_m = sources.offset_m[order[at]] + np.abs(sources.share[order[at]] - share[which]) * length_m[which]
        beside, place = np.unique(which, return_inverse=True)
        if len(beside):
            own_m[beside], own[beside] = _least(*_beside(own_m[beside], own[beside], place, along_m, order[at]), fold)
        metres[block], rows[block] = own_m + offset_m[:, None], own
    return Ranked(metres, rows)


def _beside(metres: Floats, rows: Rows, place: Rows, more_m: Metres, more: Rows) -> tuple[Floats, Rows]:
    """Return tables with more columns: of some points, `place`, which ascends, in order."""
    turn = np.arange(len(place)) - np.searchsorted(place, place)
    width = int(turn.max()) + 1
    wider_m, wider = np.full((len(metres), width), np.inf), np.full((len(metres), width), -1, np.intp)
    wider_m[place, turn], wider[place, turn] = more_m, more
    return np.hstack([metres, wider_m]), np.hstack([rows, wider])


def _least(metres: Floats, rows: Rows, fold: int) -> tuple[Floats, Rows]:
    """Return the `fold` least of each line of a table, each source once; those equally far by row."""
    order = np.lexsort((metres, rows))
    metres, rows = np.take_along_axis(metres, order, axis=1), np.take_along_axis(rows, order, axis=1)
    metres[:, 1:][rows[:, 1:] == rows[:, :-1]] = np.inf
    order = np.argsort(metres, axis=1, kind="stable")[:, :fold]
    metres, rows = np.take_along_axis(metres, order, axis=1), np.take_along_axis(rows, order, axis=1)
    rows[np.isinf(metres)] = -1
    return metres, rows


def _one_more(network: Network, sources: Snapped, found: Ranked) -> Ranked:
    """Return one rank more of every node."""
    links, count, fold = network.links, len(network.nodes), found.rows.shape[1]
    leaves = np.repeat(np.arange(count), np.diff(links.begins))
    known = np.sort(found.rows, axis=1)
    alike = (known[leaves] == known[links.to]).all(axis=1)
    # whoever is known where a link begins and not where it ends comes in there; and so do sources at the ends of their own edge
    across, start = np.flatnonzero(~alike), np.flatnonzero(sources.found)
    at = np.concatenate([np.repeat(links.to[across], fold), network.edges[sources.edge[start]].ravel()])
    who = np.concatenate([found.rows[leaves[across]].ravel(), np.repeat(start, 2)])
    metres = np.concatenate([(found.metres[leaves[across]] + links.metres[across, None]).ravel(), network.to_ends(sources.take(start)).ravel()])
    new = np.flatnonzero((who >= 0) & (found.rows[at] != who[:, None]).all(axis=1))
    new = new[np.lexsort((who[new], metres[new], at[new]))]
    new = new[np.flatnonzero(np.diff(at[new], prepend=-1))]  # at each node the nearest of them
    far, row = np.full(count, np.inf), np.full(count, -1, np.intp)
    if len(new):
        # each comes in by a node of its own, from which one link leads
        within, size = np.flatnonzero(alike), count + len(new)
        begins = np.cumsum(np.concatenate([[0], np.bincount(leaves[within], minlength=count), np.ones(len(new), np.intp)])).astype(np.int32)
        to, link_m = np.concatenate([links.to[within], at[new]]).astype(np.int32), np.concatenate([links.metres[within], metres[new]])
        far, _, origin = dijkstra(csr_array((link_m, to, begins), shape=(size, size)), directed=True, indices=np.arange(count, size),
                                  min_only=True, return_predecessors=True)
        row = np.full(size, -1, np.intp)
        row[np.isfinite(far)] = who[new[origin[np.isfinite(far)] - count]]
        first_of_equals(row, far, np.repeat(np.arange(size), np.diff(begins)), to, link_m)
        far, row = far[:count], row[:count]
    return Ranked(np.column_stack([found.metres, far]), np.column_stack([found.rows, row]))
