"""A small city for the planner's pages: sites in Dongcheng, some with hours nobody knows, and people at points about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from geodata import people, vocabulary
from geodata.areas import Areas
from geodata.people import files
from tests.conftest import a_site
from tests.web.offices import WEDNESDAY_TEN, office_over

HERE = "110101"
HOURS = ("24/7", "Mo-Fr 09:00-17:00", None)
SITES = [a_site(number, lon=116.395 + number % 3 * 0.01, lat=39.89 + number // 3 * 0.02, opening_hours=HOURS[number % 3], district_code=HERE)
         for number in range(9)]


def give_people(home: Path) -> None:
    """Make 120 points about the sites an installation's people."""
    table = home / "people.csv"
    table.write_text("lon,lat,people\n" + "".join(f"{116.39 + x * 0.004:.3f},{39.88 + y * 0.006:.3f},{10 + x + y}\n"
                                                  for x in range(10) for y in range(12)))
    read = files.read(table, Areas.load(), vocabulary=vocabulary.load(), datum="wgs84", source="t")
    assert not read.errors
    people.keep(home, read, Areas.load())


@contextmanager
def planned(home: Path, **config: Any) -> Iterator[Flask]:
    """Yield an application over the small city and its people, three days old."""
    with office_over(home, SITES, at=WEDNESDAY_TEN.replace(day=1), **config) as app:
        give_people(home)
        yield app
