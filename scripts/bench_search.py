"""Time searches by name over 10,000 and 200,000 invented sites; seeded, so that runs compare.

python scripts/bench_search.py [sites ...]
"""

from __future__ import annotations

import gc
import random
import sys
import tracemalloc
from time import perf_counter

import numpy as np

from geodata import places, readings, vocabulary
from locator.columns import TextColumn
from locator.names import Names
from locator.sites import Site, Sites

QUESTIONS = ("王府井", "什刹海", "工会", "驿站", "北京", "北京市东城区", "第199", "0001234", "wangfujing", "shi cha hai",
             "wfj", "nxyz", "s", "xi", "zhong", "wangfj", "什刹hai", "母婴室", "厕所", "toilet", "王府井 母婴室", "王府井母婴室",
             "wangfujing muying", "暖心驿站 充电 北京", "dongdan", "没有这样的地方", "x" * 200)
PARTS = ("暖心驿站", "职工之家", "工会服务站", "母婴关爱室", "户外劳动者驿站")
SEED = 20_260_101


def invented(n: int) -> list[Site]:
    """Return n sites with names that are nearly all different."""
    chance = random.Random(SEED)
    where = [p.words.zh for p in places.load()]
    kinds = ("warm_station", "workers_home", "union_service_station", "mother_baby_room", "warm_station")
    found = []
    for i in range(n):
        kind = chance.randrange(len(PARTS))
        place, near = chance.choice(where), chance.choice(where)
        facilities = {code: "yes" for code in ("water", "toilet", "charging") if chance.random() < 0.4}
        found.append(Site(id=f"b{i:07d}", name=f"{place}{near}第{i % 997}{PARTS[kind]}", kind=kinds[kind],
                          station_code=f"DC-{i:07d}", facilities=facilities,
                          address=f"北京市东城区{near}大街{i % 500}号院{i % 20}号楼"))
    return found


def measure(n: int) -> None:
    """Print what building and searching cost at n sites."""
    words = vocabulary.load()
    records = invented(n)
    sites = Sites.of(records, words)
    readings.reading("北京")  # the dictionary's import is not what is measured
    began = perf_counter()
    read = readings.readings([r.name for r in records])
    print(f"{n:>8,} sites  readings {perf_counter() - began:6.2f} s", end="")
    column = TextColumn.of(read)
    del records, read
    gc.collect()
    spoken = readings.of_vocabulary(words)
    began = perf_counter()
    names = Names.of_sites(sites, column, words, term_readings=spoken)
    print(f"  build {perf_counter() - began:5.2f} s", end="")
    tracemalloc.start()
    again = Names.of_sites(sites, column, words, term_readings=spoken)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del again
    print(f"  memory {kept / 1e6:.1f} MB (while building {peak / 1e6:.1f})")
    names.search("北京", 10)
    times = {}
    for question in QUESTIONS:
        took = []
        for _ in range(15):
            began = perf_counter()
            found = names.search(question, 10)
            took.append((perf_counter() - began) * 1000)
        times[question] = (float(np.median(took)), min(took), len(found))
    for question, (middle, best, count) in sorted(times.items(), key=lambda item: -item[1][0])[:8]:
        print(f"          {middle:7.2f} ms (best {best:6.2f})  {question[:24]!r}: {count}")
    middles, bests = [m for m, _, _ in times.values()], [b for _, b, _ in times.values()]
    print(f"          p50 {np.median(middles):.2f} ms (undisturbed {np.median(bests):.2f}), "
          f"worst {max(middles):.2f} ms ({max(bests):.2f}) over {len(times)} questions, k=10")


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or ("10000", "200000")):
        measure(size)
