"""Measure what a changed radius of a whole city costs, from the question to the kept study: a fresh process, and one that waits.

    python -m scripts.bench_study [--home DIR] [--rounds 5] [--walk 15]

Without a home the demonstration registry is made in a folder of its own, over the census on cells of 100 m. Every round asks another
radius by `geodata.jobs`, as pages and the API do: the seconds are those from asking to the study being there, beside those of its work
and of each part of it (a study's gaps are figured beside its coverage). Ends with the hours of a day and the size of what is kept.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from geodata import demo, planning, vocabulary
from geodata.areas import Areas
from geodata.jobs import DONE, FOLDER, Jobs
from geodata.planning import Planning
from geodata.registry import Registry
from geodata.studies import DAY, STUDY, Asked, Studies, Study, pinned, running
from locator.questions import CoverageQuestion

_WAIT_S = 300.0


class Desk:
    """Asks studies of a home."""

    def __init__(self, home: Path) -> None:
        self.home, self.jobs, self.registry = home, Jobs(home), Registry.open(home)
        self.now = datetime.now(UTC)
        self._basis = Planning(home, self.registry).basis(None)
        self._shut = planning.no_way_in(self.registry, self._basis.atlas, self.now)

    @property
    def sites(self) -> int:
        """Return how many sites the registry has."""
        return len(self._basis.atlas.sites)

    @property
    def cells(self) -> int:
        """Return how many cells of people there are."""
        return len(self._basis.ground.demand)

    def ask(self, what: str, question: CoverageQuestion) -> tuple[float, Study]:
        """Ask, and return the seconds until the study is there, and the study."""
        asked = Asked.at(self.now, what, question, areas=self._basis.atlas.areas)
        begun = time.perf_counter()
        pins = pinned(asked, self.home, self._basis.atlas, self._basis.areas, self._shut)
        job = self.jobs.wait(running.start(self.jobs, asked, pins, now=self.now, owner="", area="").id, _WAIT_S)
        took_s = time.perf_counter() - begun
        study = Studies(self.home).find(job.result["study"]) if job.state == DONE else None
        if study is None:
            raise click.ClickException(f"{job.state}: {job.refusals}")
        return took_s, study

    def dismiss(self) -> None:
        """Let the process that waits end."""
        shutil.rmtree(self.home / FOLDER, ignore_errors=True)


def _median(values: Iterable[float]) -> str:
    return f"{statistics.median(values):.2f} s"


@click.command()
@click.option("--home", type=click.Path(path_type=Path), default=None)
@click.option("--rounds", default=5, show_default=True)
@click.option("--walk", type=float, default=None, help="也测步行若干分钟。 Walks of about so many minutes too.")
def main(home: Path | None, rounds: int, walk: float | None) -> None:
    """Ask several radii of a city by district, by a fresh process each and by one that waits; print medians."""
    with tempfile.TemporaryDirectory() as folder:
        if home is None:
            home = Path(folder) / "home"
            with Registry.open(home, create=True) as registry:
                registry.commit(list(demo.sites(vocabulary.load(), Areas.load())), who="bench", why="bench")
        desk = Desk(home)
        shutil.rmtree(home / "studies", ignore_errors=True)
        print(f"{desk.sites:,} sites, {desk.cells:,} cells, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        cold = []
        for number in range(min(rounds, 3)):
            desk.dismiss()
            cold.append(desk.ask(STUDY, CoverageQuestion(radius_m=1000.0 + number, by="district"))[0])
        print(f"a fresh process: {_median(cold)} from question to study (median of {len(cold)})")
        _tell("a process that waits", [desk.ask(STUDY, CoverageQuestion(radius_m=950.0 - 50 * number, by="district")) for number in range(rounds)])
        if walk is not None:
            desk.ask(STUDY, CoverageQuestion(walk_min=walk + 1, by="district"))
            _tell("the same, on foot", [desk.ask(STUDY, CoverageQuestion(walk_min=walk - number / 2, by="district")) for number in range(rounds)])
        took_s, study = desk.ask(DAY, CoverageQuestion(radius_m=1000.0))
        print(f"the 24 hours of a day: {took_s:.2f} s, {len(study.part('day')['grounds'])} sets of open sites, {_size(desk, study)}")
        desk.dismiss()


def _tell(who: str, asked: list[tuple[float, Study]]) -> None:
    took, studies = zip(*asked, strict=True)
    parts = {name: statistics.median(study.about["took_s"][name] for study in studies) for name in studies[0].about["took_s"]}
    each = ", ".join(f"{name} {seconds:.2f}" for name, seconds in parts.items())
    print(f"{who}: {_median(took)} from question to study (median of {len(took)}, {studies[0].about['basis']}); work "
          f"{_median(study.about['seconds'] for study in studies)} ({each}), {_median(study.about['cpu_s'] for study in studies)} of processor")


def _size(desk: Desk, study: Study) -> str:
    folder = desk.home / "studies" / study.key
    return f"{sum(file.stat().st_size for file in folder.iterdir()) / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
