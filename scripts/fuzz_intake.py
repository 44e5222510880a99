"""Import thousands of broken files through the command line: is there a traceback, is anything half imported?

    python -m scripts.fuzz_intake                            # 2,000 inputs; some minutes
    python -m scripts.fuzz_intake --inputs 150 --seed 7 --keep FOLDER

Seeded (`fuzz_corpus`). Each file is given to `nuanxin import` over a real registry. A traceback is any
exception that leaves the command, and any "fault of this program" that it tells. A half import is a
refusal after which the registry is another, or an import after which it is not exactly the registry
before with the file's sites. Ends with status 1 if there was either.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click
from click.testing import CliRunner

from geodata import intake, vocabulary
from geodata.areas import Areas
from geodata.registry import Registry
from locator.sites import Site
from scripts.cli import group
from scripts.fuzz_corpus import broken

MOST_SITES = 300
"""The registry is begun anew when it has more, so that imports stay quick."""


@dataclass
class Found:
    """What became of the inputs."""

    outcomes: Counter[str] = field(default_factory=Counter)
    tracebacks: list[str] = field(default_factory=list)
    halves: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")


def run(inputs: int, seed: int, folder: Path, keep: Path | None = None) -> Found:
    """Import the files of seeds ``seed``, ``seed + 1``, ...; what went wrong is named by its seed."""
    found = Found()
    folder.mkdir(exist_ok=True)
    home, fresh = folder / "home", folder / "fresh"
    _import("init", home=fresh)
    shutil.copytree(fresh, home)
    areas = Areas.load(home)
    for number in range(seed, seed + inputs):
        before = _sites(home)
        if len(before) > MOST_SITES:
            shutil.rmtree(home)
            shutil.copytree(fresh, home)
            before = _sites(home)
        work = folder / "work"
        work.mkdir()
        path = broken(number, work)
        datum: list[str] = random.Random(number).choice(([], ["--datum", "wgs84"], ["--datum", "gcj02"], ["--datum", "wgs84"]))
        options = ["--kind", "water_point", *datum]
        called = f"{number} ({path.name})"
        began = time.perf_counter()
        status, told = _import("import", str(path), *options, home=home)
        found.slowest = max(found.slowest, (time.perf_counter() - began, called))
        after = _sites(home)
        if status == "fault":
            found.tracebacks.append(f"{called}: {told}")
        if fault := _half(status, before, after, path, options, areas):
            found.halves.append(f"{called}: {fault}")
        if keep is not None and (status == "fault" or fault):
            keep.mkdir(exist_ok=True)
            shutil.copyfile(path, keep / f"{number}{path.suffix}")
        found.outcomes[f"{path.suffix or 'no suffix'} {status}"] += 1
        shutil.rmtree(work)
    return found


def _import(*words: str, home: Path) -> tuple[str, str]:
    """Run a command inside this process: (imported, refused or fault; the words of a fault)."""
    try:
        done = CliRunner().invoke(group, ["--home", str(home), *words], catch_exceptions=False)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:  # noqa: BLE001 - a panic of a library is no Exception
        return "fault", f"{type(fault).__name__}: {fault}"[:300]
    if "a fault of this program" in done.output or done.exit_code not in (0, 1):
        return "fault", done.output[-300:]
    return ("imported" if done.exit_code == 0 else "refused"), ""


def _sites(home: Path) -> Mapping[str, Site]:
    with Registry.open(home) as registry:
        return {site.id: site for site in registry.sites()}


def _half(status: str, before: Mapping[str, Site], after: Mapping[str, Site], path: Path, options: list[str], areas: Areas) -> str | None:
    """Return how the registry is not what it must be after a file, or None."""
    if status != "imported":
        return None if before == after else f"{status}, yet {len(after)} sites where there were {len(before)}"
    datum = options[3] if len(options) > 2 else None
    meant = intake.read(path, vocabulary=vocabulary.load(), areas=areas, kind=options[1], datum=datum, existing=before).sites
    expected = dict(before) | {site.id: site for site in meant}
    if set(expected) != set(after):
        return f"{len(after)} sites where {len(expected)} were to be"
    wrong = [i for i, site in expected.items() if _content(site) != _content(after[i])]
    return f"{wrong[0]} is not what the file says" if wrong else None


def _content(site: Site) -> tuple[object, ...]:
    """Return what a record says, without what the registry writes into it."""
    return (site.name, site.kind, site.lon, site.lat, site.address, dict(site.facilities), dict(site.basis), site.opening_hours, site.hours_text,
            site.status, site.station_code, site.source_id, site.aliases, site.slots, site.source_lon, site.source_lat, site.source_datum)


@click.command(help=__doc__)
@click.option("--inputs", type=click.IntRange(1), default=2_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), default=None, help="A folder for the files that did harm.")
def main(inputs: int, seed: int, keep: Path | None) -> None:
    """Run and print."""
    with tempfile.TemporaryDirectory() as folder:
        found = run(inputs, seed, Path(folder), keep)
    for outcome, count in sorted(found.outcomes.items()):
        click.echo(f"{count:6,}  {outcome}")
    for sort, some in (("traceback", found.tracebacks), ("half import", found.halves)):
        for one in some[:20]:
            click.echo(f"{sort}: {one}")
    imported = sum(count for outcome, count in found.outcomes.items() if outcome.endswith("imported"))
    click.echo(f"{inputs:,} inputs, {imported:,} imported whole; {len(found.tracebacks)} tracebacks, {len(found.halves)} half imports; "
               f"slowest {found.slowest[0]:.1f} s: {found.slowest[1]}")
    raise SystemExit(bool(found.tracebacks or found.halves))


if __name__ == "__main__":
    main()
