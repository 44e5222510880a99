"""Measure the nearest-site index: exact? how fast beside a bare kd-tree, a ball tree, PostGIS?

    python -m scripts.bench_nearest            # everything; some minutes
    python -m scripts.bench_nearest --quick    # the same sections, smaller

Seeded, so that two runs ask the same questions. Peers run in turn with this project, in the same
process, each the median of several rounds; compare ratios, not seconds.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # before the tree is loaded: what a web worker sets, see `locator.index`

import click
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata import calendar, vocabulary
from locator import answers, earth
from locator.areas import AreaTree
from locator.arrays import LonLat
from locator.atlas import Atlas
from locator.columns import TextColumn
from locator.filters import Filters
from locator.hours import CLOCK, State, minute_of
from locator.index import SiteIndex
from locator.questions import NearestQuestion
from locator.sites import LIMITED_LEVEL, Sites
from scripts import bench_city, bench_http, bench_postgis

K = 10
TURN = 100
SIZES = (10_000, 200_000)
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=CLOCK)
SAME_M = 1e-7
"""A rank is wrong when its geodesic differs from the true one by more: seven times what pyproj promises."""


def median_seconds(*tasks: Callable[[], object], rounds: int) -> list[float]:
    """Return the median seconds of each task, all run in turn so that a busy machine slows them alike."""
    seconds = np.empty((rounds, len(tasks)))
    for turn in range(rounds):
        for number, task in enumerate(tasks):
            start = time.perf_counter()
            task()
            seconds[turn, number] = time.perf_counter() - start
    return [float(s) for s in np.median(seconds, axis=0)]


def print_exactness(sites: LonLat, *, asked: int, asked_far: int) -> int:
    """Print how many ranks are wrong against pyproj's geodesic; return that number."""
    index = SiteIndex(sites)
    here = bench_city.points(asked, seed=2)
    wrong = wrong_ranks(index, sites, here)
    far = a_thousand_kilometres_away(asked_far)
    wrong_far = wrong_ranks_far(index, sites, far)
    single = sum(not np.array_equal(index.nearest(*point, k=K)[0], rows)
                 for point, rows in zip(here[:2000], index.nearest_many(here[:2000], k=K)[0], strict=True))
    print(f"exact, {len(sites):>7,} sites: {wrong} wrong ranks in {asked:,} questions near, "
          f"{wrong_far} in {asked_far:,} a thousand km away; {single} of {min(2000, asked):,} differ one by one")
    return wrong + wrong_far + single


def wrong_ranks(index: SiteIndex, sites: LonLat, here: LonLat) -> int:
    """Return how many of the k ranks of every question do not have the true k-th smallest geodesic.

    The judge is a plain kd-tree asked for 2 k chords, all re-measured by pyproj. Its widest chord
    must prove that no other site could be among the first k.
    """
    chords, candidates = cKDTree(earth.ecef(sites)).query(earth.ecef(here), k=2 * K)
    every_m = measured(here, sites, candidates)
    true_m = np.sort(every_m, axis=1)[:, :K]
    judged = earth.least_m(chords[:, -1]) > true_m[:, -1]
    if not judged.all():
        raise RuntimeError(f"{np.count_nonzero(~judged)} questions need a wider judge")
    rows, metres = index.nearest_many(here, k=K)
    bad = (np.abs(measured(here, sites, rows) - true_m) > SAME_M) | (np.abs(metres - true_m) > SAME_M)
    repeated = (np.diff(np.sort(rows, axis=1), axis=1) == 0).sum()
    return int(bad.sum() + repeated)


def wrong_ranks_far(index: SiteIndex, sites: LonLat, here: LonLat) -> int:
    """Return the same for askers far away, judged by every site within 200 m of the k-th chord."""
    rows, metres = index.nearest_many(here, k=K)
    points, wrong = earth.ecef(sites), 0
    for point, answer, answer_m in zip(here, rows, metres, strict=True):
        chords = np.linalg.norm(points - earth.ecef(point[None]), axis=1)
        rivals = np.flatnonzero(chords <= np.partition(chords, K - 1)[K - 1] + 200)
        true_m = np.sort(earth.geodesic_m(point, sites[rivals]))[:K]
        wrong += int((np.abs(earth.geodesic_m(point, sites[answer]) - true_m) > SAME_M).sum())
        wrong += int((np.abs(answer_m - true_m) > SAME_M).sum())
    return wrong


def measured(here: LonLat, sites: LonLat, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return (q, m) geodesic metres from each asker to each of its (q, m) rows, by pyproj."""
    starts = np.repeat(here, rows.shape[1], axis=0)
    return earth.geodesic_m(starts, sites[rows.ravel()]).reshape(rows.shape)


def a_thousand_kilometres_away(count: int) -> LonLat:
    """Return (count, 2) points in every direction, 1,000 km from Beijing."""
    from pyproj import Geod

    bearings = np.random.default_rng(bench_city.SEED).uniform(0, 360, count)
    lons, lats, _ = Geod(ellps="WGS84").fwd(np.full(count, 116.39), np.full(count, 39.91), bearings, np.full(count, 1e6))
    return np.column_stack([lons, lats])


def print_batch(sites: LonLat, *, asked: int, rounds: int) -> None:
    """Print seconds for many questions at once: this index, a bare cKDTree, scikit-learn's BallTree."""
    from sklearn.neighbors import BallTree

    here = bench_city.points(asked, seed=3)
    index, bare = SiteIndex(sites), cKDTree(earth.ecef(sites))
    ball = BallTree(np.radians(sites[:, ::-1]), metric="haversine")
    ours, tree, haversine = median_seconds(
        partial(index.nearest_many, here, k=K), partial(ask_bare, bare, here),
        lambda: ball.query(np.radians(here[:, ::-1]), k=K), rounds=rounds)
    print(f"batch, {len(sites):>7,} sites, {asked:,} questions, k={K}, one thread: "
          f"{ours:.3f} s; bare cKDTree {tree:.3f} s: {ours / tree:.2f} of its time")
    print(f"{'':>7}BallTree haversine {haversine:.2f} s: {haversine / ours:.1f} times as long, and ranked on a sphere")


def ask_bare(tree: cKDTree, here: LonLat) -> object:
    """Ask a bare tree over Earth-centred points; what it answers are chords."""
    return tree.query(earth.ecef(here), k=K)


def atlas_of(size: int) -> Atlas:
    """Return an atlas of a synthetic city with 500 opening expressions."""
    codes = vocabulary.load()
    return Atlas(Sites.of(bench_http.city(size), codes), vocabulary=codes, calendar=calendar.load(),
                 readings=TextColumn.of([""] * size), areas=AreaTree(()), places=(), version=1, as_of=NOW)


def print_questions(size: int, *, asked: int, connection: Any | None) -> None:
    """Print what one question costs through `answers.nearest`, and beside it the same asked of PostGIS."""
    atlas = atlas_of(size)
    here = bench_city.points(asked, seed=4).tolist()
    suiting = Filters(kinds=("warm_station",), facilities=("water",), state="open")
    filtered = [NearestQuestion(lon, lat, k=K, filters=suiting) for lon, lat in here]
    plain = [NearestQuestion(lon, lat, k=K) for lon, lat in here]
    minute = minute_of(NOW)
    atlas.hours.prepare(minute)
    ready = atlas.finder.suitable(suiting, minute)
    firsts = [partial(answers.nearest, filtered[0], atlas, NOW + timedelta(minutes=later)) for later in range(1, 31)]
    first_s = [median_seconds(task, rounds=1)[0] for task in firsts]
    tasks: dict[str, Callable[[int], object]] = {
        "answer": lambda q: answers.nearest(filtered[q], atlas, NOW),
        "its index part": lambda q: ready.nearest(*here[q], k=K, within_m=np.inf),
        "unfiltered answer": lambda q: answers.nearest(plain[q], atlas, NOW),
        "unfiltered index": lambda q: atlas.index.nearest(*here[q], k=K)}
    if connection is not None:
        water = atlas.sites.levels("water") >= LIMITED_LEVEL
        is_open = atlas.hours.states(minute)[atlas.sites.timetables.codes] != State.CLOSED
        kinds = list(atlas.sites.coded("kind"))
        bench_postgis.fill(connection, atlas.sites.lonlat, kinds=kinds, water=water, is_open=is_open)
        tasks["PostGIS"] = lambda q: bench_postgis.nearest(connection, *here[q], kind="warm_station")
        tasks["PostGIS unfiltered"] = lambda q: bench_postgis.nearest(connection, *here[q], kind=None)
    half = half_of_each(tasks, asked)
    print(f"one question, {size:>7,} sites, {ready.count / size:.1%} pass kind, water, open now; the middle of {asked:,}:")
    for name, milliseconds in half.items():
        print(f"  {name:<20}{milliseconds:8.3f} ms")
    print(f"  {'first of a minute':<20}{np.median(first_s) * 1e3:8.3f} ms, at worst {max(first_s) * 1e3:.3f} ms")
    if connection is not None:
        disagree = sum(bench_postgis.differs(bench_postgis.nearest(connection, *here[q], kind="warm_station"),
                                             ready.nearest(*here[q], k=K, within_m=np.inf)) for q in range(min(500, asked)))
        print(f"  PostGIS takes {half['PostGIS'] / half['answer']:.1f} times as long as a whole answer, "
              f"{half['PostGIS'] / half['its index part']:.1f} times its index part; "
              f"unfiltered {half['PostGIS unfiltered'] / half['unfiltered index']:.1f} times the index; "
              f"{disagree} of {min(500, asked)} of its answers are not in geodesic order")


def half_of_each(tasks: dict[str, Callable[[int], object]], asked: int) -> dict[str, float]:
    """Return the median milliseconds of each task over questions 0, 1, ..., asked.

    The tasks take turns of `TURN` questions, so that all of them see the same busy or idle machine, and
    each finds its own data in the caches, as a server does that does nothing else.
    """
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for first in range(-min(asked, TURN), asked, TURN):  # the first turn, unmeasured, warms every cache
        for name, task in tasks.items():
            for q in range(max(first, 0), min(max(first, 0) + TURN, asked)):
                start = time.perf_counter()
                task(q)
                if first >= 0:
                    taken[name].append(time.perf_counter() - start)
    return {name: float(np.median(times)) * 1e3 for name, times in taken.items()}


@click.command(help=__doc__.split("\n")[0])
@click.option("--quick", is_flag=True, help="Fewer questions: seconds instead of minutes.")
@click.option("--only", type=click.Choice(["exact", "batch", "question"]), help="One section.")
def main(*, quick: bool, only: str | None) -> None:
    """Run every section and print its figures."""
    wrong = 0
    for size in SIZES:
        sites = bench_city.points(size, seed=1)
        if only in (None, "exact"):
            wrong += print_exactness(sites, asked=5_000 if quick else 100_000, asked_far=50 if quick else 1_000)
        if only in (None, "batch"):
            print_batch(sites, asked=20_000 if quick else 100_000, rounds=3 if quick else 7)
    if only in (None, "question"):
        with contextlib.ExitStack() as stack:
            try:
                connection = stack.enter_context(bench_postgis.cluster())
            except bench_postgis.Missing as missing:
                click.echo(f"without PostGIS: {missing}")
                connection = None
            for size in SIZES:
                print_questions(size, asked=300 if quick else 3_000, connection=connection)
    if wrong:
        raise SystemExit(f"{wrong} ranks are wrong")


if __name__ == "__main__":
    main()
