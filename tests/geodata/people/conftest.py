"""One grid of the census for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata import people
from geodata.areas import Areas
from locator.demand import Demand

BEIJING = Areas.load()


@pytest.fixture(scope="session")
def home_of_census(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("census")
    people.census(home, BEIJING)
    return home


@pytest.fixture(scope="session")
def census(home_of_census: Path) -> Demand:
    return people.census(home_of_census, BEIJING)
