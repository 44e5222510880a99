from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

FILES = Path(__file__).resolve().parents[2] / "geodata" / "files"
BY_HAND = "—"


def rows() -> dict[str, list[str]]:
    table = [[cell.strip() for cell in line.strip().strip("|").split("|")]
             for line in (FILES / "README.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in table}


def shipped() -> list[str]:
    return sorted(str(p.relative_to(FILES)) for p in FILES.rglob("*")
                  if p.is_file() and p.name != "README.md" and not p.name.startswith("."))


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_file_says_where_it_comes_from(name):
    row = rows().get(name)

    assert row is not None, f"geodata/files/README.md has no row for {name}"
    assert len(row) == 6
    assert all(row)


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_file_is_the_one_its_row_describes(name):
    digest = rows()[name][-1].strip("`")

    if digest == BY_HAND:
        assert "own work" in rows()[name][1], "only what is written by hand here goes without a checksum"
    else:
        assert digest == hashlib.sha256((FILES / name).read_bytes()).hexdigest()


def test_no_row_describes_a_file_that_is_not_there():
    assert set(rows()) <= set(shipped())
