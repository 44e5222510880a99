"""One study of each sort, made once, for the files and the pictures of studies."""

from __future__ import annotations

import pytest

from geodata.study_files.contents import Contents
from tests import studies


@pytest.fixture(scope="session")
def night(make_atlas) -> Contents:
    """At 23:00, by district."""
    return studies.study(make_atlas)


@pytest.fixture(scope="session")
def week(make_atlas) -> Contents:
    """Every hour of a week."""
    return studies.study(make_atlas, week=True)


@pytest.fixture(scope="session")
def compared(make_atlas) -> Contents:
    return studies.comparison(make_atlas)
