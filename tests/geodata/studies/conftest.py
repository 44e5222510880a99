"""A small city: nine sites in Dongcheng, some with hours nobody knows, and people at points about them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from geodata import people, planning, vocabulary
from geodata.areas import Areas
from geodata.jobs import Jobs
from geodata.people import files
from geodata.planning import Planning
from geodata.registry import Registry
from geodata.studies import Asked, Pins, Studies, Study, pinned, running
from locator.typed import BEIJING
from tests.conftest import a_site

HERE = "110101"
NOON = datetime(2026, 3, 4, 12, 2, 30, tzinfo=BEIJING)
"""A Wednesday."""
WAIT_S = 60
AREAS = Areas.load()
HOURS = ("24/7", "Mo-Fr 09:00-17:00", None)


@pytest.fixture(scope="session")
def _made_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("city") / "home"
    with Registry.open(home, create=True) as registry:
        registry.commit([a_site(number, lon=116.395 + number % 3 * 0.01, lat=39.89 + number // 3 * 0.02, opening_hours=HOURS[number % 3],
                                district_code=HERE) for number in range(9)], who="t", why="t", at=NOON.replace(day=1))
    give_people(home, "lon,lat,people\n" + "".join(f"{116.39 + x * 0.004:.3f},{39.88 + y * 0.006:.3f},{10 + x + y}\n"
                                                   for x in range(10) for y in range(12)))
    return home


def give_people(home: Path, text: str) -> None:
    """Make these an installation's people."""
    table = home / "people.csv"
    table.write_text(text)
    read = files.read(table, AREAS, vocabulary=vocabulary.load(), datum="wgs84", source="t")
    assert not read.errors
    people.keep(home, read, AREAS)


class Desk:
    """Asks studies of a home, as a server does."""

    def __init__(self, home: Path, registry: Registry) -> None:
        self.home, self.registry = home, registry
        self.jobs = Jobs(home)
        self.now = NOON

    def basis(self, asked: Asked) -> planning.Basis:
        return Planning(self.home, self.registry).basis(asked.demand, on_foot=asked.on_foot)

    def pins(self, asked: Asked) -> Pins:
        atlas = self.basis(asked).atlas
        return pinned(asked, self.home, atlas, AREAS, planning.no_way_in(self.registry, atlas, self.now))

    def start(self, asked: Asked, pins: Pins | None = None):
        return running.start(self.jobs, asked, pins or self.pins(asked), now=self.now, owner="p", area=HERE)

    def study(self, asked: Asked, pins: Pins | None = None) -> Study:
        """Ask, and wait for the answer."""
        ended = self.jobs.wait(self.start(asked, pins).id, WAIT_S)
        assert ended.state == "done", (ended.state, ended.refusals)
        found = Studies(self.home).find(ended.result["study"])
        assert found is not None
        return found


@pytest.fixture(scope="session")
def desk(_made_city: Path) -> Iterator[Desk]:
    """A desk of the city, as it stays."""
    yield from _opened(_made_city)


@pytest.fixture
def own_desk(_made_city: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk of a city that this test may change."""
    shutil.copytree(_made_city, tmp_path / "home", ignore=shutil.ignore_patterns("jobs", "studies"))
    yield from _opened(tmp_path / "home")


def _opened(home: Path) -> Iterator[Desk]:
    with Registry.open(home) as registry:
        yield Desk(home, registry)
    shutil.rmtree(home / "jobs", ignore_errors=True)  # the processes that wait end
