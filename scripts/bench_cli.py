"""Time the command line at 10,000 sites: a cold `nearest`, and an import from CSV.

    python scripts/bench_cli.py

Every command is a process of its own, from a shell's point of view: wall clock, median of several. A cold
`nearest` reads the table that the import left beside the registry; the same without that copy is shown too.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOURS = ("24/7", "Mo-Fr 09:00-17:00", "每天8点到20点", "Mo-Su 08:30-12:00,13:00-17:30", "周一至周五 08:30-17:30", "", "Tu-Su 09:00-20:00")
NEAREST_S, IMPORT_S = 1.0, 10.0
QUESTION = ("nearest", "116.4108", "39.9149", "--facility", "hot_water", "--state", "open-on-arrival")


def write_stations(path: Path, *, count: int, seed: int) -> None:
    """Write stations around Beijing as a street's office would keep them: Chinese headers, GCJ-02."""
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["编号", "名称", "类别", "经度", "纬度", "地址", "开放时间", "服务对象", "设施"])
        for number in range(count):
            facilities = rng.sample(["热水", "厕所", "微波炉", "充电", "空调", "座椅"], rng.randint(1, 4))
            writer.writerow([f"b{number:06}", f"第{number}号暖心驿站", "暖心驿站", f"{rng.gauss(116.40, 0.15):.6f}",
                             f"{rng.gauss(39.92, 0.10):.6f}", f"示例路{rng.randint(1, 999)}号", rng.choice(HOURS),
                             "户外劳动者", "、".join(facilities)])


def seconds(home: Path, *command: str) -> tuple[float, float]:
    """Run one command in a process of its own; return (wall, processor) seconds."""
    before, begun = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-m", "scripts.cli", "--home", str(home), *command], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL, stderr=None if command[0] == "import" else subprocess.DEVNULL)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - begun, used


def shown(what: str, runs: Sequence[tuple[float, float]], target: float | None) -> None:
    """Print one line of the table: the median run, the best and the processor's time."""
    wall, used = statistics.median(r[0] for r in runs), statistics.median(r[1] for r in runs)
    judged = "" if target is None else f"  <= {target:g} s: {'yes' if wall <= target else 'NO'}"
    print(f"{what:<52} {wall:6.2f} s  (best {min(r[0] for r in runs):.2f}, processor {used:.2f}){judged}")


def main() -> None:
    """Make a registry, fill it, ask it; print the figures against the targets."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sites", type=int, default=10_000)
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--seed", type=int, default=20181231)
    given = options.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder) / "home", Path(folder) / "stations.csv"
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")
        write_stations(file, count=given.sites, seed=given.seed)
        seconds(home, "init")
        first = [seconds(home, "import", str(file), "--datum", "gcj02")]
        again = [seconds(home, "import", str(file), "--datum", "gcj02")]
        seconds(home, *QUESTION)  # the bytecode is there now
        cold = [seconds(home, *QUESTION) for _ in range(given.runs)]
        bare = []
        for _ in range(min(3, given.runs)):
            (home / "snapshot.cache").unlink(missing_ok=True)
            bare.append(seconds(home, *QUESTION))
    shown(f"import of {given.sites:,} rows (CSV, GCJ-02)", first, IMPORT_S)
    shown("the same file again: nothing changes", again, None)
    shown(f"nearest, cold shell, filters, {given.sites:,} sites", cold, NEAREST_S)
    shown("the same without the copy beside the registry", bare, None)


if __name__ == "__main__":
    main()
