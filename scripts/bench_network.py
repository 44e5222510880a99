"""Time the walking network: snapping, the nearest source of every cell, all pairs, reach; seeded, so that runs compare.

python -m scripts.bench_network [FILE.osm.pbf]

Prints medians on a made-up city of 500,000 nodes, 10,000 sources and 1.6 million cells; and, with an extract, on its
real streets with the demonstration registry: loading, and covering within 15 minutes. Peers in the same run: shapely's
STRtree for snapping, scipy's bare Dijkstra between nodes, and, where it is installed beside the project, pandana on the real streets:
it contracts first, and snaps to nodes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata import demo, streets, vocabulary
from geodata.areas import Areas
from locator import earth, reach
from locator.arrays import LonLat
from locator.network import Network

SEED = 20_261_125
SIDE, STEP_M = 707, 80.0
SOURCES, CELLS = 10_000, 1_600_000
QUARTER_HOUR_M = 1_250.0
"""15 minutes at 5 km/h."""
ROUNDS = 5
_MIDDLE = np.array([[116.4, 39.9]])


def city() -> Network:
    """Return a crooked grid of streets about Beijing's middle, one in ten of them missing, its largest part not sought."""
    rng = np.random.default_rng(SEED)
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    spots = np.column_stack([x.ravel(), y.ravel()]) * STEP_M + rng.uniform(-25, 25, (SIDE * SIDE, 2))
    node = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    edges = np.concatenate([np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()]), np.column_stack([node[:-1].ravel(), node[1:].ravel()])])
    edges = edges[rng.random(len(edges)) < 0.9].astype(np.int32)
    epsg = earth.metre_grid(_MIDDLE[0, 0])
    nodes = earth.off_grid(spots - spots.mean(axis=0) + earth.on_grid(_MIDDLE, epsg=epsg), epsg=epsg)
    return Network(nodes, edges, earth.geodesic_m(nodes[edges[:, 0]], nodes[edges[:, 1]]))


def scattered(network: Network, count: int, *, seed: int) -> LonLat:
    """Return (count, 2) degrees anywhere in a network's bounds."""
    return np.random.default_rng((SEED, seed)).uniform(network.nodes.min(axis=0), network.nodes.max(axis=0), (count, 2))


def cells(network: Network, count: int) -> LonLat:
    """Return about so many points on an even grid over a network's bounds, row by row, as a census grid is."""
    (west, south), (east, north) = network.nodes.min(axis=0), network.nodes.max(axis=0)
    side = int(np.sqrt(count))
    lon, lat = np.meshgrid(np.linspace(west, east, side), np.linspace(south, north, side))
    return np.column_stack([lon.ravel(), lat.ravel()])


def timed(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median seconds of an act."""
    taken = []
    for _ in range(rounds):
        began = perf_counter()
        act()
        taken.append(perf_counter() - began)
    return median(taken)


def say(what: str, seconds: float, note: str = "") -> None:
    """Print one line."""
    print(f"  {what:<62}{seconds:9.3f} s  {note}")


def synthetic() -> None:
    """Print what the made-up city costs."""
    network = city()
    print(f"made-up city: {len(network.nodes):,} nodes, {len(network.edges):,} edges, {SOURCES:,} sources, {CELLS:,} cells")
    say("the graph by node, once", timed(lambda: network.links, 1))
    say("the edges ready to snap to, once", timed(lambda: network.segments, 1))
    places, ground = scattered(network, SOURCES, seed=1), cells(network, CELLS)
    sources = network.snap(places)
    began = perf_counter()
    targets = network.snap(ground)
    say("snap the cells, once", perf_counter() - began)
    _strtree(network, ground)
    ours = timed(lambda: network.nearest_m(sources, targets))
    say("nearest source of every cell, no limit", ours, f"{np.isfinite(network.nearest_m(sources, targets)[0]).mean():.1%} reached")
    say("nearest source of every cell, within 15 minutes", timed(lambda: network.nearest_m(sources, targets, limit_m=QUARTER_HOUR_M)))
    bare = timed(lambda: _bare(network, sources.edge))
    say("peer: scipy's Dijkstra, from nodes, to nodes, no points on edges", bare, f"ours takes {ours / bare:.2f} times as long")
    began = perf_counter()
    found = network.pairs(sources, targets, limit_m=QUARTER_HOUR_M)
    say("all pairs of a source and a cell within 15 minutes", perf_counter() - began, f"{len(found[0]):,} pairs")


def _strtree(network: Network, ground: LonLat, count: int = 100_000) -> None:
    some = earth.on_grid(ground[np.random.default_rng(SEED).permutation(len(ground))[:count]], epsg=network.epsg)
    lines = shapely.linestrings(network.on_grid[network.edges])
    tree = shapely.STRtree(lines)
    points = shapely.points(some)
    ours = timed(lambda: network.snap_on_grid(some), 3)
    began = perf_counter()
    _, offset_m = tree.query_nearest(points, return_distance=True, all_matches=False)
    theirs = perf_counter() - began
    apart = np.abs(network.snap_on_grid(some, within_m=np.inf).offset_m - offset_m)
    say(f"snap {count:,} of them in any order", ours)
    say("peer: shapely's STRtree.query_nearest, the same", theirs, f"{theirs / ours:.1f} times as long; offsets differ by {apart.max():.0e} m")


def _bare(network: Network, edge: Any) -> object:
    links = network.links
    graph = csr_array((links.metres, links.to, links.begins), shape=(len(network.nodes),) * 2)
    return dijkstra(graph, directed=True, indices=np.unique(network.edges[edge, 0]), min_only=True)


def real(path: Path) -> None:
    """Print what the streets of an extract cost, under the demonstration registry."""
    began = perf_counter()
    built = streets.read(path)
    print(f"{path.name}: {built.about.nodes:,} nodes, {built.about.edges:,} edges, {built.about.km:,.0f} km")
    say("read the extract", perf_counter() - began)
    with TemporaryDirectory() as folder:
        streets.store(built, Path(folder))
        began = perf_counter()
        network = streets.load(Path(folder))
        assert network is not None
        say("load", perf_counter() - began)
        _ = network.links, network.segments
        say("load, and make ready for the first question", perf_counter() - began)
        sites = demo.sites(vocabulary.load(), Areas.load())
        places = np.array([(site.lon, site.lat) for site in sites if site.lon is not None and site.lat is not None])
        began = perf_counter()
        sources = network.snap(places)
        say("snap the demonstration registry", perf_counter() - began, f"{sources.found.sum():,} of {len(places):,} are on the network")
        ground = cells(network, 1_350_000)  # 100 m, here
        began = perf_counter()
        targets = network.snap(ground)
        say(f"snap {len(ground):,} cells of 100 m, once", perf_counter() - began, f"{targets.found.mean():.1%} are on the network")
        say("which of them are covered within 15 minutes", timed(lambda: network.nearest_m(sources, targets, limit_m=QUARTER_HOUR_M)),
            f"{np.isfinite(network.nearest_m(sources, targets, limit_m=QUARTER_HOUR_M)[0])[targets.found].mean():.1%} of those")
        for tolerance_m in (50.0, 25.0):
            began = perf_counter()
            found = reach.polygons(network, sources, QUARTER_HOUR_M, tolerance_m=tolerance_m)
            say(f"the ground within 15 minutes as polygons, {tolerance_m:g} m tolerance", perf_counter() - began,
                f"{sum(p.area for p in found) / 1e6:.1f} km² in {len(found)}")
        one = sources.take(np.flatnonzero(sources.found)[:1])
        say("the same about a single site, 10 m tolerance", timed(lambda: reach.polygons(network, one, QUARTER_HOUR_M, tolerance_m=10), 3))
        _pandana(network, places[sources.found])


def _pandana(network: Network, places: LonLat) -> None:
    try:
        import pandana
    except ModuleNotFoundError:
        print("  peer: pandana is not installed here")
        return
    import pandas as pd

    spots, sources = network.on_grid, earth.on_grid(places, epsg=network.epsg)
    ours = timed(lambda: network.from_sources(network.snap(places), limit_m=QUARTER_HOUR_M))
    began = perf_counter()
    peer = pandana.Network(pd.Series(spots[:, 0]), pd.Series(spots[:, 1]), pd.Series(network.edges[:, 0]), pd.Series(network.edges[:, 1]),
                           pd.DataFrame({"m": np.asarray(network.length_m)}))
    peer.precompute(QUARTER_HOUR_M)
    made = perf_counter() - began
    began = perf_counter()
    peer.set_pois("site", QUARTER_HOUR_M, 1, pd.Series(sources[:, 0]), pd.Series(sources[:, 1]))
    posed = perf_counter() - began
    theirs = timed(lambda: peer.nearest_pois(QUARTER_HOUR_M, "site", num_pois=1))
    say("snap the sites, and the nearest of them to every node", ours)
    say("peer: pandana makes its network", made)
    say("peer: pandana takes the sites (to nodes)", posed)
    say("peer: pandana, the nearest of them to every node", theirs,
        f"with taking the sites {(posed + theirs) / ours:.2f}, with making its network {(made + posed + theirs) / ours:.1f} times as long")


def main(words: list[str]) -> None:
    """Print all of it."""
    synthetic()
    for word in words:
        real(Path(word))


if __name__ == "__main__":
    main(sys.argv[1:])
