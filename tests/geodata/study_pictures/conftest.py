"""A study of a day, made once."""

from __future__ import annotations

import pytest

from geodata.study_files.contents import Contents
from tests import studies


@pytest.fixture(scope="session")
def hours(make_atlas) -> Contents:
    return studies.hours(make_atlas)
