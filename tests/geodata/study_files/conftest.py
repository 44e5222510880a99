"""A writer of a study's files."""

from __future__ import annotations

import pytest

from geodata import study_files
from geodata.study_files.contents import Contents


@pytest.fixture
def written(tmp_path):
    """Return a writer of a study's file."""
    def write(contents: Contents, suffix: str):
        path = tmp_path / f"study{suffix}"
        study_files.write(path, contents)
        return path

    return write
