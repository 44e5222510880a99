"""Time the walking network: snapping, the nearest source of every cell, all pairs, reach, gaps; seeded, so that runs compare.

    python -m scripts.bench_network                                      a made-up city
    python -m scripts.bench_network FILE.osm.pbf --only-real             an extract's streets under the demonstration registry
    python -m scripts.bench_network FILE.osm.pbf --pandana PYTHON        pandana beside it

The made-up city has 500,000 nodes, 10,000 sources and 1.6 million cells. Peers in the same run: shapely's STRtree for snapping, scipy's
bare Dijkstra between nodes, and pandana on the real streets: it contracts first, and snaps to nodes. pandana is AGPL: it is no
dependency of this project, not even of its tests. Make it an environment of its own and give that one's Python:

    python -m venv /somewhere/pandana && /somewhere/pandana/bin/pip install pandana==0.8

Medians of seconds on the clock, for a server waits too; the processor's where that is said.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import click
import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata import demo, ground, people, snapshot, streets, vocabulary
from geodata.areas import Areas
from geodata.registry import Registry
from locator import earth, reach
from locator.arrays import LonLat
from locator.ground import Ground, Walking
from locator.network import Network, Snapped
from locator.questions import CoverageQuestion
from locator.sites import Site
from locator.typed import BEIJING
from locator.uncovered import GapsQuestion, uncovered

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


def real(path: Path, pandana: Path | None) -> None:
    """Print what the streets of an extract cost, under the demonstration registry."""
    began = perf_counter()
    built = streets.read(path)
    print(f"{path.name}: {built.about.nodes:,} nodes, {built.about.edges:,} edges, {built.about.km:,.0f} km")
    say("read the extract", perf_counter() - began)
    with TemporaryDirectory() as folder:
        home = Path(folder)
        streets.store(built, home)
        began = perf_counter()
        network = streets.load(home)
        assert network is not None
        say("load", perf_counter() - began, "target 1")
        _ = network.links, network.segments
        say("load, and make ready for the first question", perf_counter() - began)
        areas = Areas.load()
        sites = list(demo.sites(vocabulary.load(), areas))
        places = np.array([(site.lon, site.lat) for site in sites if site.lon is not None and site.lat is not None])
        began = perf_counter()
        sources = network.snap(places)
        say("snap the demonstration registry", perf_counter() - began, f"{sources.found.sum():,} of {len(places):,} are on the network")
        cells_ = cells(network, 1_350_000)  # 100 m, here
        began = perf_counter()
        targets = network.snap(cells_)
        say(f"snap {len(cells_):,} cells of 100 m, once", perf_counter() - began, f"{targets.found.mean():.1%} are on the network")
        covered_s = timed(lambda: network.nearest_m(sources, targets, limit_m=QUARTER_HOUR_M))
        say("which of them are covered within 15 minutes", covered_s,
            f"target 1; {np.isfinite(network.nearest_m(sources, targets, limit_m=QUARTER_HOUR_M)[0])[targets.found].mean():.1%} of those")
        for tolerance_m in (50.0, 25.0):
            began = perf_counter()
            found = reach.polygons(network, sources, QUARTER_HOUR_M, tolerance_m=tolerance_m)
            say(f"the ground within 15 minutes as polygons, {tolerance_m:g} m tolerance", perf_counter() - began,
                f"{sum(p.area for p in found) / 1e6:.1f} km² in {len(found)}")
        one = sources.take(np.flatnonzero(sources.found)[:1])
        say("the same about a single site, 10 m tolerance", timed(lambda: reach.polygons(network, one, QUARTER_HOUR_M, tolerance_m=10), 3))
        _gaps(network, areas, home, sites)
        if pandana is None:
            print("  peer: pandana, with --pandana PYTHON; see the top of this file")
        else:
            _pandana(network, places[sources.found], pandana)


def _gaps(network: Network, areas: Areas, home: Path, sites: list[Site]) -> None:
    """Print what the gaps of 15 minutes cost, of the whole city and by district, under the census and the demonstration registry."""
    registry = Registry.open(home, create=True)
    registry.commit(sites, who="bench", why="bench_network", action="demo")
    who = people.census(None, areas)
    began = perf_counter()
    points = network.snap(who.lonlat)
    say(f"snap the {len(who):,} cells of the census, once, then kept in the home", perf_counter() - began,
        f"{points.found.mean():.1%} are on the network")
    here, atlas, outline_of = Ground(who, Walking(network, points)), snapshot.atlas(registry), ground.outlines(areas)
    now = datetime.now(UTC).astimezone(BEIJING)
    _ = here.strips, outline_of("110000")
    for by, what in ((None, "of the whole city"), ("district", "by district")):
        question = GapsQuestion(CoverageQuestion(walk_min=15.0, by=by))
        for time_of in ("first", "again"):
            began, cpu = perf_counter(), process_time()
            found = uncovered(question, atlas, here, now, outline_of=outline_of, area_of=areas.finest_of)
            say(f"the gaps of 15 minutes {what}, {time_of}", perf_counter() - began,
                f"{process_time() - cpu:.1f} s of the processor; {found.count:,} with {found.people:,.0f} people")


def _pandana(network: Network, places: LonLat, python: Path) -> None:
    sites = earth.on_grid(places, epsg=network.epsg)
    ours = timed(lambda: network.from_sources(network.snap(places), limit_m=QUARTER_HOUR_M))
    with TemporaryDirectory() as name:
        folder = Path(name)
        for column, values in (("nodes", network.on_grid), ("edges", network.edges), ("length_m", network.length_m), ("sites", sites)):
            np.save(folder / f"{column}.npy", np.asarray(values))
        child = Path(__file__).with_name("bench_pandana.py")
        done = subprocess.run([str(python), str(child), str(folder)], capture_output=True, text=True, check=True)
        theirs = json.loads(done.stdout.splitlines()[-1])
        at_node, nearest_m = np.load(folder / "site_nodes.npy"), np.load(folder / "nearest_m.npy")
    say("snap the sites, and the nearest of them to every node", ours)
    say(f"peer: pandana {theirs['version']} makes its network", theirs["made"])
    say("peer: pandana takes the sites (to nodes)", theirs["posed"])
    say("peer: pandana, the nearest of them to every node", theirs["asked"],
        f"with taking the sites {(theirs['posed'] + theirs['asked']) / ours:.1f}, "
        f"with making its network {sum(theirs[step] for step in ('made', 'posed', 'asked')) / ours:.1f} times as long")
    links = network.links
    edge = links.edge[links.begins[at_node]]
    same, _ = network.from_sources(Snapped(edge.astype(np.intp), (network.edges[edge, 1] == at_node).astype(np.float64), np.zeros(len(edge))),
                                   limit_m=QUARTER_HOUR_M)
    both = np.isfinite(same) & (nearest_m < QUARTER_HOUR_M)
    other = np.isfinite(same) != (nearest_m < QUARTER_HOUR_M)
    apart_m = np.abs(same - nearest_m)[both].max(initial=0.0)
    print(f"    ours from the nodes that pandana takes sites to: {both.sum():,} nodes are reached by both, {apart_m:.4f} m apart at most; "
          f"{other.sum():,} by one alone")


@click.command(help=__doc__.split("\n")[0])
@click.argument("extracts", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--only-real", is_flag=True, help="Leave the made-up city out.")
@click.option("--pandana", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The Python of an environment with pandana.")
def main(*, extracts: tuple[Path, ...], only_real: bool, pandana: Path | None) -> None:
    """Print all of it."""
    if not only_real:
        synthetic()
    for path in extracts:
        real(path, pandana)


if __name__ == "__main__":
    main()
