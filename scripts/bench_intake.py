"""Time imports with duplicate search, and the duplicate warning while typing; seeded, so that runs compare.

python -m scripts.bench_intake [rows ...]

Every import is `nuanxin import` in a process of its own, over a registry that holds the demonstration;
no row of the file has a key, a tenth are demonstration sites written by somebody else
(`bench_duplicates`), and the whole file is laid over the registry and over itself. Then the same
file is imported again, and undone.
"""

from __future__ import annotations

import csv
import dataclasses
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np

from geodata import calendar, demo, duplicates, readings, vocabulary
from geodata.areas import Areas
from geodata.profiles import Profiles
from locator.atlas import Atlas
from locator.columns import TextColumn
from locator.sites import Site, Sites
from scripts import bench_city, bench_duplicates
from scripts.bench_search import invented

SEED = 20_261_125
SIZES = (10_000, 100_000)
SITES = 200_000
COPIED_SHARE = 0.1
HEADERS = ("名称", "类别", "经度", "纬度", "地址", "电话", "开放时间", "设施")
_HOURS = ("周一至周五 08:30-17:30", "24小时", "09:00-20:00", "", "周一至周日 07:00-22:00")


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """Yield the rows of one office's file: new sites all over the city, and demonstration sites as others write them."""
    chance = Random(SEED)
    kinds = [term.words.zh for term in vocabulary.load().terms("kind").values()]
    held = list(demo.sites(vocabulary.load(), Areas.load()))
    copied = int(count * COPIED_SHARE)
    new = zip(invented(count - copied), bench_city.points(count - copied, seed=SEED).tolist(), strict=True)
    sites = [(site, lon, lat) for site, (lon, lat) in new]
    for _ in range(copied):
        copy = bench_duplicates.corrupted(chance.choice(held), chance)
        sites.append((copy, float(copy.lon or 0), float(copy.lat or 0)))
    chance.shuffle(sites)
    words = vocabulary.load().terms("kind")
    for site, lon, lat in sites:
        kind = words[site.kind].words.zh if site.kind in words else kinds[0]
        yield (site.name, kind, lon, lat, site.address, f"010-{chance.randrange(60_000_000, 90_000_000)}" if chance.random() < 0.5 else "",
               chance.choice(_HOURS), "饮水机、微波炉" if chance.random() < 0.5 else "")


class Cost(NamedTuple):
    """What a command took in a process of its own."""

    seconds: float
    cpu_s: float
    """What it would take on a machine with nothing else to do, if it is not the disk's."""
    peak_mb: float
    said: str
    """Its first line."""


def run(home: Path, *words: str) -> Cost:
    """Run a command in a process of its own."""
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile() as unsaid:
        began = perf_counter()
        child = subprocess.Popen([sys.executable, "-m", "scripts.cli", "--home", str(home), *words], stdout=said, stderr=unsaid)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = perf_counter() - began
        said.seek(0)
        lines = said.read().splitlines()
        if child.returncode:
            unsaid.seek(0)
            raise SystemExit(unsaid.read().decode()[-2000:])
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, lines[0] if lines else "")


def measure_imports(count: int) -> None:
    """Print what importing, importing again and undoing cost at `count` rows."""
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder) / "home", Path(folder) / "office.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([HEADERS, *rows(count)])
        run(home, "init", "--demo")
        base = ("import", str(file), "--datum", "wgs84", "--source", "bench")
        merge = (*base, "--match", "merge")
        steps = (("import, matched", base), ("again, unchanged", base), ("undo", ("undo", "2")),
                 ("import, --match merge", merge), ("again, --match merge", merge))
        for what, words in steps:
            cost = run(home, *words)
            print(f"{count:>8,} rows  {what:22} {cost.seconds:7.1f} s (processor {cost.cpu_s:6.1f} s)  peak {cost.peak_mb:6.0f} MB  "
                  f"{cost.said.partition('。 ')[2] or cost.said}", flush=True)


def measure_typing(count: int) -> None:
    """Print how long the duplicate warning takes at `count` sites, for records typed near a site and without a place."""
    words, areas = vocabulary.load(), Areas.load().tree
    places = bench_city.points(count, seed=1).tolist()
    records = [dataclasses.replace(site, lon=lon, lat=lat, phone=f"010-{60_000_000 + i}")
               for i, (site, (lon, lat)) in enumerate(zip(invented(count), places, strict=True))]
    sites = Sites.of(records, words)
    atlas = Atlas(sites, vocabulary=words, calendar=calendar.load(), areas=areas, places=(), version=1, as_of=datetime.now(UTC),
                  readings=TextColumn.of(readings.readings([site.name for site in records])))
    profiles = Profiles(words, areas)
    _ = atlas.site_names  # built once a version, not at a keystroke
    chance = Random(SEED)
    for what, with_place in (("beside a site", True), ("without a place", False)):
        took, busy, found = [], [], 0
        for site in chance.sample(records, 300):
            began, worked = perf_counter(), process_time()
            said = {"name": _typed(site, chance), "kind": site.kind, "address": site.address, "phone": site.phone}
            place = (float(site.lon or 0) + 3e-4, float(site.lat or 0)) if with_place else None
            matches = duplicates.of_record(profiles.of_values(said, place), atlas, profiles)
            took.append((perf_counter() - began) * 1000)
            busy.append((process_time() - worked) * 1000)
            found += any(sites.value("id", match.other) == site.id for match in matches)
        print(f"{count:>8,} sites typed {what:16} p50 {np.median(took):6.1f} ms (processor {np.median(busy):5.1f} ms)  "
              f"p95 {np.percentile(took, 95):6.1f} ms  found {found} of {len(took)}")


def _typed(site: Site, chance: Random) -> str:
    at = chance.randrange(len(site.name))
    return site.name[:at] + "新" + site.name[at + 1:]


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or SIZES):
        measure_imports(size)
    measure_typing(SITES)
