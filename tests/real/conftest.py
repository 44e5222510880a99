"""Real data, read in place where it is there; never copied into the project."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def shared(name: str) -> Path:
    """Return the path of a real data file, or skip the test and say why."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the real data file {name} is not beside this checkout")
    return path
