"""Measure where people are: building the census grid, mapping it, a layer, polygons, a table of points.

    python -m scripts.bench_demand

Everything is made in a folder of its own, which goes at the end. The table of points is part of the census grid.
"""

from __future__ import annotations

import csv
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from geodata import people, vocabulary
from geodata.areas import Areas, census
from geodata.people import files, polygons
from geodata.people.headcounts import Layer
from locator.words import Words


def _median_s(call: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--rows", default=200_000, show_default=True, help="Of the table of points; 0 leaves it out.")
def main(rounds: int, rows: int) -> None:
    """Print medians, and the peak of memory."""
    areas = Areas.load()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        print(f"census grid built and kept: {_median_s(lambda: people.census(None, areas), rounds):.2f} s in memory, "
              f"{_median_s(lambda: people.census(home, Areas.load()), 1):.2f} s with the files")
        demand = people.load(home, areas)
        mapped_s = _median_s(lambda: people.load(home, Areas.load()), 5 * rounds)
        print(f"the same mapped and checked, the areas read anew: {mapped_s * 1000:.0f} ms; {len(demand):,} cells, {demand.total:,.0f} people")
        exact = all(demand.people[demand.within({code})].sum() == figure for code, figure in census().items())
        print(f"every district adds up to its census figure: {exact}")
        people.keep_layers(home, [Layer("couriers", "couriers", "", dict(census()), Words("试", "a try"), None)], areas)
        print(f"a layer of all districts: {_median_s(lambda: people.load(home, areas, 'couriers'), rounds) * 1000:.0f} ms")
        outlines = [areas.polygon(code) for code in census()]
        counts = np.array([float(figure) for figure in census().values()])
        print(f"16 polygons over the whole city: {_median_s(lambda: polygons.spread(outlines, counts), rounds):.2f} s")
        if rows:
            table = home / "points.csv"
            with table.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(("lon", "lat", "people"))
                writer.writerows((f"{lon:.6f}", f"{lat:.6f}", f"{n:.3f}") for (lon, lat), n in
                                 zip(demand.lonlat[:rows].tolist(), demand.people[:rows].tolist(), strict=True))
            begin = time.perf_counter()
            read = files.read(table, areas, vocabulary=vocabulary.load(), datum="wgs84")
            print(f"a table of {0 if read.lies_in is None else len(read.lies_in.rows):,} points: {time.perf_counter() - begin:.1f} s")
        print(f"memory at the peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
