"""Measure how often the evidence of a datum decides, how often it is wrong, and how long it takes.

    python -m scripts.bench_evidence
    python -m scripts.bench_evidence --outlines districts_wgs84.geojson

A simulated file states districts by borders that are not the shipped ones: these bent by a smooth random
field as far as newer outlines are from them (median 70 m, a tenth beyond 400 m), or the outlines of a file.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import shapely

from geodata import evidence, places
from geodata.areas import Areas
from geodata.evidence import CANDIDATES, Evidence
from geodata.headers import Pair
from geodata.stated import Stated
from locator import datum as datums
from locator.arrays import LonLat
from locator.names import Place

PAIR = Pair(0, 1, None)
METRES_A_DEGREE = np.array([85_300.0, 111_000.0])
"""East and north, in the middle of Beijing."""
Districts = Callable[[LonLat], Sequence[str | None]]
"""(n, 2) WGS-84 → the code of the district each point truly lies in."""


class Case(NamedTuple):
    """One sort of file."""

    datum: str
    rows: int
    noise_m: float
    """Standard deviation of each coordinate, each way."""
    wrong: float
    """Share of rows that state some other district."""
    where: str
    """``city``; ``district``; ``border``: within 3 km of one point of a border, near it; ``mixed``: a city, a fifth of its rows in another datum."""


NOISES, WRONG, WHERE, ROWS = (0.0, 50.0, 250.0), (0.0, 0.1, 0.3), ("city", "district", "border", "mixed"), (3, 20, 100, 400, 1000)
CASES = tuple(Case(*c) for c in itertools.product(CANDIDATES, ROWS, NOISES, WRONG, WHERE))


def bent(areas: Areas, rng: np.random.Generator) -> Districts:
    """Return a world whose borders are the shipped ones, bent by waves of 2 to 12 km."""
    waves = rng.normal(0, 1, (8, 2)) / rng.uniform(2_000, 12_000, (8, 1)) * 2 * np.pi
    phases, sizes = rng.uniform(0, 2 * np.pi, 8), rng.normal(0, 1, (8, 2))

    def districts(lonlat: LonLat) -> Sequence[str | None]:
        field = np.cos((lonlat * METRES_A_DEGREE) @ waves.T + phases) @ sizes  # about 2 either way
        return areas.district_of(lonlat + field * np.abs(field) * 35 / METRES_A_DEGREE)

    return districts


def outlined(path: Path) -> Districts:
    """Return the world of a file of district outlines, WGS-84, with `adcode`."""
    import geopandas

    frame = geopandas.read_file(path)
    outlines = dict(zip(frame["adcode"].astype(str), frame.geometry, strict=True))
    shapely.prepare(list(outlines.values()))

    def districts(lonlat: LonLat) -> Sequence[str | None]:
        found = np.full(len(lonlat), None, object)
        for code, outline in outlines.items():
            found[shapely.intersects_xy(outline, *lonlat.T)] = code
        codes: list[str | None] = found.tolist()
        return codes

    return districts


def a_file(case: Case, world: Districts, landmarks: Sequence[Place], rng: np.random.Generator) -> Stated:
    """Make a file: true points, what they state, and their pairs as the case has them written."""
    true = _points(case, world, rng)
    codes = np.array(world(true), object)
    names = ["暖心驿站"] * len(true)
    for row in np.flatnonzero(rng.random(len(true)) < 0.05).tolist():  # a few are named after a landmark, and near where that truly is
        landmark = landmarks[int(rng.integers(len(landmarks)))]
        names[row] = f"{landmark.words.zh}暖心驿站"
        true[row] = (landmark.lon, landmark.lat) + rng.normal(0, landmark.accuracy_m / 2.5 + 40, 2) / METRES_A_DEGREE
        codes[row] = None
    other = rng.random(len(true)) < case.wrong
    codes[other] = rng.permutation(codes)[other]
    given = datums.from_wgs84(true + rng.normal(0, max(case.noise_m, 1e-9), true.shape) / METRES_A_DEGREE, case.datum)
    if case.where == "mixed":
        fifth = rng.random(len(true)) < 0.2
        given[fifth] = datums.from_wgs84(true[fifth], CANDIDATES[(CANDIDATES.index(case.datum) + 1) % 3])
    return Stated(range(len(true)), {PAIR: given}, codes.tolist(), [None] * len(true), names, [""] * len(true), [None] * len(true))


def _points(case: Case, world: Districts, rng: np.random.Generator) -> LonLat:
    """Draw true points: half around the middle of the city, half anywhere, or all near one stretch of a border."""
    if case.where == "border":
        return _along_a_border(case.rows, world, rng)
    centre = rng.normal((116.40, 39.92), (0.12, 0.09), (15 * case.rows + 400, 2))
    centre[::4] = rng.uniform((115.5, 39.5), (117.4, 40.9), (len(centre[::4]), 2))
    codes = np.array(world(centre), object)
    wanted = codes != None  # noqa: E711 - elementwise
    if case.where == "district":
        wanted = codes == rng.choice(sorted(set(codes[wanted].tolist())))
    found = centre[wanted]
    drawn: LonLat = found[rng.integers(0, len(found), case.rows)] + rng.normal(0, 30, (case.rows, 2)) / METRES_A_DEGREE
    return drawn


def _along_a_border(rows: int, world: Districts, rng: np.random.Generator) -> LonLat:
    while True:
        ends = rng.uniform((115.5, 39.5), (117.4, 40.9), (2, 1, 2))
        line = ends[0] + np.linspace(0, 1, 400)[:, None] * (ends[1] - ends[0])
        codes = world(line)
        crossings = [i for i in range(399) if None not in (codes[i], codes[i + 1]) and codes[i] != codes[i + 1]]
        if crossings:
            here = line[crossings[int(rng.integers(len(crossings)))]]
            around: LonLat = here + rng.uniform(-3_000, 3_000, (rows, 2)) / METRES_A_DEGREE
            side = int(rng.integers(2))  # an office knows one side of it
            same = np.array(world(around), object) == np.array(world(here[None] + (0.003 * (2 * side - 1), 0)), object)
            return around if not same.any() else around[same][rng.integers(0, same.sum(), rows)]


def simulate(cases: Sequence[Case], *, areas: Areas, worlds: Sequence[Districts], seed: int) -> Iterator[tuple[Case, Evidence]]:
    """Yield each case with the evidence of one file of it."""
    rng = np.random.default_rng(seed)
    landmarks = places.load()
    for number, case in enumerate(cases):
        stated = a_file(case, worlds[number % len(worlds)], landmarks, rng)
        yield case, evidence.weigh(stated, PAIR, areas=areas, places=landmarks)


def worlds_of(areas: Areas, *, outlines: Path | None, count: int = 12) -> list[Districts]:
    """Return the worlds to draw files in."""
    return [outlined(outlines)] if outlines else [bent(areas, np.random.default_rng(seed)) for seed in range(count)]


@click.command()
@click.option("--files", default=4 * len(CASES), show_default=True)
@click.option("--seed", default=20_261_122, show_default=True)
@click.option("--outlines", type=click.Path(path_type=Path, exists=True), default=None, help="True district outlines, WGS-84, with adcode.")
def main(files: int, seed: int, outlines: Path | None) -> None:
    """Simulate files of every case in turn; print decisions, wrong ones, and the time of 100,000 rows."""
    areas = Areas.load()
    cases = list(itertools.islice(itertools.cycle(CASES), files))
    total, decided, wrong = Counter[tuple[str, object]](), Counter[tuple[str, object]](), 0
    for case, found in simulate(cases, areas=areas, worlds=worlds_of(areas, outlines=outlines), seed=seed):
        wrong += found.decision not in (None, case.datum)
        for key in (("rows", case.rows), ("datum", case.datum), ("noise_m", case.noise_m), ("wrong", case.wrong), ("where", case.where)):
            total[key] += 1
            decided[key] += found.decision == case.datum
        if case.noise_m <= 50 and case.wrong <= 0.1 and case.where in ("city", "district"):
            total["clear", case.rows] += 1
            decided["clear", case.rows] += found.decision == case.datum
    print(f"{files} files, {wrong} decided wrongly, {sum(decided[k] for k in decided if k[0] == 'rows')} rightly; the others ask")
    for name, values in (("clear", ROWS), ("rows", ROWS), ("datum", CANDIDATES), ("noise_m", NOISES), ("wrong", WRONG), ("where", WHERE)):
        shown = "rows, of clear files (a city or a district, noise <= 50 m, wrong <= 0.1)" if name == "clear" else name
        print(f"  decided by {shown}: " + ", ".join(f"{value} {decided[name, value] / max(1, total[name, value]):.0%}" for value in values))
    rng = np.random.default_rng(seed)
    landmarks = places.load()
    big = a_file(Case("gcj02", 100_000, 20.0, 0.05, "city"), bent(areas, rng), landmarks, rng)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        evidence.weigh(big, PAIR, areas=areas, places=landmarks)
        times.append(time.perf_counter() - start)
    print(f"100,000 rows weighed in {statistics.median(times):.2f} s (median of 3)")


if __name__ == "__main__":
    main()
