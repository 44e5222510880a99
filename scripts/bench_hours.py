"""Time the state of many sites that share few opening expressions; seeded, so that runs compare.

python -m scripts.bench_hours [sites [distinct expressions]]

Prints medians: evaluating a block of 128 days (start-up, or ahead of its turn), the first question of a
minute, a warm one, arrivals at different minutes, one opening, and the minute a block ends.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import datetime
from statistics import median
from time import perf_counter

import numpy as np

from geodata import calendar
from locator.expressions import read_expression
from locator.hours import CLOCK, Hours, minute_of
from locator.sites import Timetable
from locator.windows import BLOCK_DAYS

SEED = 20_260_101
START = minute_of(datetime(2026, 9, 30, 12, tzinfo=CLOCK))
DAYS = ("Mo-Fr", "Mo-Sa", "Mo-Su", "Tu-Su", "Mo,We,Fr", "Sa,Su", "Mo-Th")


def invented(n: int) -> list[Timetable]:
    """Return n distinct timetables: offices, lunch breaks, nights, seasons, holidays, open ends."""
    chance, found = random.Random(SEED), dict[Timetable, None]()
    while len(found) < n:
        opens, closes = chance.randrange(12, 23) * 30, chance.randrange(32, 48) * 30
        hours = f"{_clock(opens)}-{_clock(closes)}"
        kind = chance.random()
        if kind < 0.3:
            hours = f"{_clock(opens)}-12:00,13:{chance.randrange(0, 60, 5):02d}-{_clock(closes)}"
        elif kind < 0.4:
            hours = f"{_clock(closes)}-0{chance.randrange(1, 6)}:{chance.randrange(0, 60, 5):02d}"
        elif kind < 0.43:
            hours = f"{_clock(opens)}+"
        text = f"{chance.choice(DAYS)} {hours}"
        if chance.random() < 0.3:
            text += f"; {chance.choice(('Sa', 'Su', 'Sa,Su'))} 10:00-{_clock(closes - 60)}"
        if chance.random() < 0.1:
            text = f"Apr-Oct {text}"
        if chance.random() < 0.3:
            text += "; PH off"
        winter = chance.random() < 0.1
        timetable = Timetable(text, season_from="11-15" if winter else None, season_to="03-15" if winter else None,
                              workday_rule=chance.choice(("unstated", "unstated", "official", "calendar")))
        found[timetable] = None
    return list(found)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def timed(act: Callable[[int], object], times: int) -> float:
    """Return the median milliseconds of act(0), act(1), ..."""
    taken = []
    for i in range(times):
        began = perf_counter()
        act(i)
        taken.append((perf_counter() - began) * 1e3)
    return median(taken)


def main(n: int, distinct: int) -> None:
    """Print what n sites with so many distinct timetables cost."""
    timetables, table = invented(distinct), calendar.load()
    chance = np.random.default_rng(SEED)
    codes = chance.integers(0, distinct, n).astype(np.uint16)
    arrivals = START + chance.integers(0, 60, n)
    print(f"{n:,} sites, {distinct:,} distinct timetables, blocks of {BLOCK_DAYS} days")

    def block(_: int) -> None:
        Hours(timetables, table).states(START)

    read_expression.cache_clear()
    print(f"  read every expression once       {timed(lambda _: [read_expression(t.opening_hours or '') for t in timetables], 1):10.2f} ms")
    print(f"  evaluate a block                 {timed(block, 5):10.2f} ms")
    hours = Hours(timetables, table)
    hours.prepare(START)
    print(f"  first question of a minute       {timed(lambda i: hours.states(START + 1 + i)[codes], 61):10.3f} ms")
    print(f"  the same minute again            {timed(lambda _: hours.states(START + 1)[codes], 61):10.3f} ms  (gathering n sites)")
    print(f"  the distinct states alone        {timed(lambda _: hours.states(START + 1), 1001) * 1e3:10.2f} us")
    print(f"  n arrivals at their own minutes  {timed(lambda _: hours.states_at(codes, arrivals), 11):10.2f} ms")
    print(f"  1,000 arrivals                   {timed(lambda _: hours.states_at(codes[:1000], arrivals[:1000]), 101):10.3f} ms")
    print(f"  one opening, first               {timed(lambda i: hours.opening(i % distinct, START), min(distinct, 500)) * 1e3:10.2f} us")
    print(f"  one opening, again               {timed(lambda i: hours.opening(i % distinct, START), 2000) * 1e3:10.2f} us")

    # the minutes before a block ends: each evaluates a little of the next, so that none pays for all
    ends = (START // (BLOCK_DAYS * 1440) + 1) * BLOCK_DAYS * 1440
    unprepared = Hours(timetables, table)
    unprepared.states(START)
    taken = []
    for minute in range(ends - distinct, ends + 3):
        began = perf_counter()
        unprepared.states(minute)[codes]
        taken.append((perf_counter() - began) * 1e3)
    print(f"  nearing a block's end, unprepared {median(taken):9.3f} ms median, {max(taken[:-3]):.2f} ms at worst")
    print(f"  the first minute of the next block{taken[-3]:9.3f} ms")

    changed = [*timetables[1:], Timetable("Mo 09:00-09:30")]

    def rebuilt(_: int) -> None:
        Hours(changed, table, previous=hours).prepare(START)

    print(f"  rebuild with one timetable changed{timed(rebuilt, 5):9.2f} ms")


if __name__ == "__main__":
    main(*(int(a) for a in [*sys.argv[1:3], *("200000", "500")[len(sys.argv[1:3]):]]))
