"""Measure coverage and gaps: how fast beside geopandas and shapely, and the same answers but for the rim?

    python -m scripts.bench_coverage            # everything; some minutes
    python -m scripts.bench_coverage --quick    # fewer rounds, and no more than 10,000 discs

Seeded, so that two runs ask the same questions. Seconds are the processor's, each the median of several rounds in
which this project and its peers take turns; what is built once and kept (a tree over the cells, here the strips) is
built before. The city's people are the default demand: the census on cells of 100 m.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

os.environ["OMP_NUM_THREADS"] = "1"  # before the tree is loaded: what a web worker sets, see `locator.index`

import click
import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata import people
from geodata.areas import Areas, census
from locator import earth, week
from locator.arrays import Bits, LonLat, Rows
from locator.atlas import Atlas
from locator.demand import Demand
from locator.emptiest import emptiest
from locator.gaps import gaps
from locator.ground import Ground
from locator.index import SiteIndex
from locator.pool import pool
from locator.questions import CoverageQuestion
from locator.shares import Parts
from scripts import bench_city
from scripts.bench_nearest import NOW, atlas_of

Floats = NDArray[np.float64]
SITES = 10_000
RADIUS_M = 500.0
NARROW_M = 200.0
"""So that most discs are seen, and what they leave is full of holes."""
CORNERS = 20_000
EPSG = earth.metre_grid(116.4)
SEGMENTS = 16
"""A quarter circle of geopandas' buffers, unless told otherwise."""
FEW_SEGMENTS = 8
_MILLIMETRE = 1e-3
_MEAN_RADIUS_M = 60_000.0
_STEP_M = 250.0


class Left(NamedTuple):
    """What a peer leaves of an area."""

    area_m2: float
    seconds: float


def median_seconds(*tasks: Callable[[], object], rounds: int) -> list[float]:
    """Return the median processor seconds of each task, all run in turn so that a busy machine slows them alike."""
    seconds = np.empty((rounds, len(tasks)))
    for turn in range(rounds):
        for number, task in enumerate(tasks):
            start = time.process_time()
            task()
            seconds[turn, number] = time.process_time() - start
    return [float(s) for s in np.median(seconds, axis=0)]


def told(name: str, seconds: float, target_s: float) -> str:
    """Return a figure beside its target."""
    return f"{name}: {seconds:.2f} s (target {target_s:g}{'' if seconds <= target_s else ', MISSED'})"


# --- people --------------------------------------------------------------------------------------------


def print_instant(ground: Ground, atlas: Atlas, question: CoverageQuestion, *, rounds: int) -> int:
    """Print what people within a radius of a site cost, by district; return how many points are wrong beside geopandas."""
    sites = atlas.sites.lonlat[sure_rows(atlas, question)]
    cells = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*earth.on_grid(ground.demand.lonlat, epsg=EPSG).T), crs=EPSG)
    points = geopandas.GeoSeries(geopandas.points_from_xy(*earth.on_grid(sites, epsg=EPSG).T), crs=EPSG)
    _ = ground.strips, cells.sindex
    ours, theirs = covered(ground, atlas, question), joined(cells, points)
    ours_s, theirs_s = median_seconds(
        lambda: by_district(ground.demand, covered(ground, atlas, question)),
        lambda: by_district(ground.demand, joined(cells, points)), rounds=rounds)
    print(f"people by district, {len(ground.demand):,} cells, {len(sites):,} of {len(atlas.sites):,} sites "
          f"{'are open' if question.at else 'at any hour'}, {RADIUS_M:g} m")
    print(f"  {told('one instant', ours_s, 0.4)}; geopandas sjoin on buffers {theirs_s:.2f} s: "
          f"{theirs_s / ours_s:.1f} times as long (target 3{'' if theirs_s >= 3 * ours_s else ', MISSED'})")
    return print_rim(ground.demand.lonlat, sites, ours, theirs)


def sure_rows(atlas: Atlas, question: CoverageQuestion) -> Rows:
    """Return the sites that surely let people in."""
    found = pool(question, atlas, NOW)
    return found.rows[found.sure]


def covered(ground: Ground, atlas: Atlas, question: CoverageQuestion) -> Bits:
    """Return which cells such a site reaches."""
    return ground.strips.covered(atlas.sites.lonlat[sure_rows(atlas, question)], question.straight_m)


def joined(cells: geopandas.GeoDataFrame, sites: geopandas.GeoSeries) -> Bits:
    """Return the same by geopandas: cells within buffers."""
    buffers = geopandas.GeoDataFrame(geometry=sites.buffer(RADIUS_M, quad_segs=SEGMENTS))
    found = np.zeros(len(cells), bool)
    found[geopandas.sjoin(cells, buffers, predicate="within").index.to_numpy()] = True
    return found


def by_district(demand: Demand, reached: Bits) -> Floats:
    """Return (d,) people reached in each district."""
    return Parts([[code] for code in census()], demand).sums(np.where(reached, demand.people, 0.0))


def print_rim(cells: LonLat, sites: LonLat, ours: Bits, theirs: Bits) -> int:
    """Print where two answers differ; return how many of those cells are not where a buffer is not a circle.

    A chord of a buffer runs inside its circle, and a metre of the flat grid is not quite one on the ground: between
    the two a cell may be told either way. Ours is judged by pyproj: a cell of ours is within the radius, others are not.
    """
    differ = np.flatnonzero(ours != theirs)
    row, _ = SiteIndex(sites).nearest_many(cells[differ], k=1)
    nearest_m = earth.geodesic_m(cells[differ], sites[row[:, 0]])
    grid_m = np.hypot(*(earth.on_grid(cells[differ], epsg=EPSG) - earth.on_grid(sites[row[:, 0]], epsg=EPSG)).T)
    chord_m = RADIUS_M * (1 - np.cos(np.pi / (4 * SEGMENTS)))
    stretch_m = np.abs(grid_m - nearest_m)
    wrong = (nearest_m <= RADIUS_M) != ours[differ]
    off = np.abs(nearest_m - RADIUS_M) > np.where(ours[differ], chord_m, 0.0) + stretch_m + _MILLIMETRE
    print(f"  {len(differ):,} cells differ, {np.abs(nearest_m - RADIUS_M).max(initial=0.0):.3f} m from the rim at most, where a chord of a buffer "
          f"is {chord_m:.3f} m inside and the grid's metres make {stretch_m.max(initial=0.0):.3f} m; {off.sum()} are elsewhere, "
          f"{wrong.sum()} of ours are wrong by pyproj")
    return int((wrong | off).sum())


def print_week(ground: Ground, atlas: Atlas, *, rounds: int) -> None:
    """Print what people reached in each hour of a week cost, by district."""
    def hours() -> Floats:
        found = pool(CoverageQuestion(radius_m=RADIUS_M, week=True), atlas, NOW)
        if found.sure_week is None:
            raise AssertionError("a week was asked for")
        demand = ground.demand
        words = week.covered(ground.strips.within(atlas.sites.lonlat[found.rows], RADIUS_M), found.sure_week)
        return week.people_by_hour(words, demand.people, Parts([[code] for code in census()], demand))

    at = NOW.weekday() * 24 + NOW.hour
    once = by_district(ground.demand, covered(ground, atlas, CoverageQuestion(radius_m=RADIUS_M, at=NOW)))
    same = np.allclose(hours()[:, at], once, rtol=1e-12)
    seconds, = median_seconds(hours, rounds=rounds)
    print(f"  {told('all 168 hours', seconds, 1.5)}; the hour of the instant {'is' if same else 'IS NOT'} the same")


# --- ground --------------------------------------------------------------------------------------------


def area_of(corners: int, middle: Floats) -> shapely.Polygon:
    """Return a wavering outline about a point, metres: self-similar from the whole to a few hundred metres, as borders are."""
    rng = np.random.default_rng(bench_city.SEED)
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    waves = sum(rng.normal() * np.cos(turn * k + rng.uniform(0, 2 * np.pi)) / k**1.3 for k in range(1, 3000))
    away = _MEAN_RADIUS_M * (1 + 0.25 * waves / np.abs(waves).max())
    return shapely.Polygon(middle + away[:, None] * np.column_stack([np.cos(turn), np.sin(turn)]))


def print_gaps(count: int, radius_m: float, *, rounds: int, target_s: float, times: float | None, patience_s: int) -> None:
    """Print what the exact gaps of many discs cost beside shapely's union and difference, which are given `patience_s`."""
    sites = earth.on_grid(bench_city.points(count, seed=1), epsg=EPSG)
    outline = area_of(CORNERS, sites.mean(axis=0))
    found = gaps(outline, sites, radius_m)
    ours_s, = median_seconds(partial(gaps, outline, sites, radius_m), rounds=rounds)
    bare_m2 = sum(gap.area_m2 for gap in found)
    print(f"gaps, {count:,} discs of {radius_m:g} m, {CORNERS:,} corners: {len(found):,} of {bare_m2 / 1e6:,.3f} km²")
    print(f"  {told('end to end', ours_s, target_s)}")
    theirs = left_by_shapely(outline, sites, radius_m, patience_s)
    missed = f" (target {times:g}{{}})" if times else ""
    theirs_s = patience_s if theirs is None else theirs.seconds
    verdict = missed.format('' if times is None or theirs_s >= times * ours_s else ', NOT SHOWN' if theirs is None else ', MISSED')
    if theirs is None:
        print(f"  shapely union_all and difference, {FEW_SEGMENTS} segments a quarter: stopped at {patience_s} s, "
              f"more than {patience_s / ours_s:.1f} times as long{verdict}")
        return
    lost = (theirs.area_m2 - bare_m2) / (outline.area - bare_m2)
    print(f"  shapely union_all and difference, {FEW_SEGMENTS} segments a quarter: {theirs.seconds:.2f} s, "
          f"{theirs.seconds / ours_s:.1f} times as long{verdict}, "
          f"and {lost:.2%} of the covered ground is lost")


def left_by_shapely(outline: shapely.Polygon, sites: Floats, radius_m: float, patience_s: int) -> Left | None:
    """Return what shapely leaves of an area, in a process of its own; None where its processor seconds were up."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_subtracted, args=(sender, outline.wkb, sites, radius_m, patience_s))
    child.start()
    sender.close()
    try:
        return Left(*receiver.recv())
    except EOFError:
        return None
    finally:
        child.join()


def _subtracted(sender: Any, outline: bytes, sites: Floats, radius_m: float, patience_s: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (patience_s, patience_s))
    area = shapely.from_wkb(outline)
    start = time.process_time()
    left = area.difference(shapely.union_all(shapely.buffer(shapely.points(sites), radius_m, quad_segs=FEW_SEGMENTS)))
    sender.send((left.area, time.process_time() - start))


def print_emptiest(*, rounds: int) -> int:
    """Print what the emptiest circle costs; return how many points of a grid in the area are farther from every site."""
    sites = earth.on_grid(bench_city.points(SITES, seed=1), epsg=EPSG)
    outline = area_of(CORNERS, sites.mean(axis=0))
    circle = emptiest(outline, sites)
    if circle is None:
        raise AssertionError("an area with sites has an emptiest circle")
    seconds, = median_seconds(partial(emptiest, outline, sites), rounds=rounds)
    west, south, east, north = outline.bounds
    across, up = (axis.ravel() for axis in np.meshgrid(np.arange(west, east, _STEP_M), np.arange(south, north, _STEP_M)))
    inside = shapely.contains_xy(outline, across, up)
    metres = cKDTree(sites).query(np.column_stack([across, up])[inside])[0]
    print(f"emptiest circle, {SITES:,} sites, {CORNERS:,} corners: {circle.radius_m:,.3f} m; "
          f"the farthest of a grid of {_STEP_M:g} m in the area {metres.max():,.3f} m")
    print(f"  {told('end to end', seconds, 0.5)}")
    return int((metres > circle.radius_m).sum())


@click.command(help=__doc__.split("\n")[0])
@click.option("--quick", is_flag=True, help="Fewer rounds and discs: a minute instead of many.")
@click.option("--only", type=click.Choice(["people", "gaps", "emptiest"]), help="One section.")
@click.option("--patience", default=300, show_default=True, help="Processor seconds after which shapely is stopped.")
def main(*, quick: bool, only: str | None, patience: int) -> None:
    """Run every section and print its figures."""
    rounds, wrong = 3 if quick else 7, 0
    if only in (None, "people"):
        ground, atlas = Ground(people.census(None, Areas.load())), atlas_of(SITES)
        start = time.process_time()
        count = len(ground.strips)
        print(f"strips of {count:,} cells, once: {time.process_time() - start:.2f} s")
        for at in (None, NOW):
            wrong += print_instant(ground, atlas, CoverageQuestion(radius_m=RADIUS_M, at=at), rounds=rounds)
        print_week(ground, atlas, rounds=rounds)
    if only in (None, "gaps"):
        print_gaps(SITES, RADIUS_M, rounds=rounds, target_s=1, times=None, patience_s=patience)
        if not quick:
            print_gaps(200_000, RADIUS_M, rounds=3, target_s=6, times=10, patience_s=patience)
            print_gaps(200_000, NARROW_M, rounds=3, target_s=6, times=None, patience_s=patience)
    if only in (None, "emptiest"):
        wrong += print_emptiest(rounds=rounds)
    if wrong:
        raise SystemExit(f"{wrong} points are wrong")


if __name__ == "__main__":
    main()
