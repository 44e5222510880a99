"""One study of each sort, made once."""

from __future__ import annotations

import pytest

from geodata.study_files.contents import Contents
from tests import studies


@pytest.fixture(scope="session")
def night(make_atlas) -> Contents:
    return studies.study(make_atlas)


@pytest.fixture(scope="session")
def week(make_atlas) -> Contents:
    return studies.study(make_atlas, week=True)


@pytest.fixture(scope="session")
def compared(make_atlas) -> Contents:
    return studies.comparison(make_atlas)


@pytest.fixture(scope="session")
def hours(make_atlas) -> Contents:
    return studies.hours(make_atlas)
