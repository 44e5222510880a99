"""The layers hold: imports point down, and the core does no input or output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from geodata.registry import Registry
from tests.conftest import a_site

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"geopandas", "pandas", "folium", "pypinyin", "flask", "openpyxl", "alembic", "pyproj", "scipy", "shapely", "sqlalchemy",
         "pydantic", "granian", "matplotlib"}


def test_every_contract_of_the_layers_is_kept():
    done = subprocess.run([Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True,
                          text=True, check=False)

    assert done.returncode == 0, done.stdout


def modules_read_by(home: Path, *words: str) -> set[str]:
    """Return the packages that one command imports, in a process of its own."""
    ask = ("import sys, atexit\n"
           "from scripts.cli import group\n"
           "atexit.register(lambda: print('READ', *{m.split('.')[0] for m in sys.modules}))\n"
           f"group.main({['--home', str(home), *words]!r})")
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry of enough sites for the index to want a tree."""
    home = tmp_path_factory.mktemp("home")
    with Registry.open(home, create=True) as registry:
        registry.commit([a_site(i, lon=116.4, lat=39.9 + i / 1e5, facilities={"water": "yes" if i % 9 else "no"}) for i in range(1000)],
                        who="test", why="test")
    return home


@pytest.mark.parametrize("words", [
    (), ("--format", "json"), ("--format", "csv"), ("--format", "geojson"), ("--kind", "warm_station", "--facility", "water"),
    ("--state", "open-on-arrival", "--strict", "--at", "2026-10-01T22:30"), ("--datum", "gcj02", "--within", "5000")])
def test_a_cold_nearest_reads_nothing_heavy(home, words):
    assert modules_read_by(home, "nearest", "116.4", "39.9", *words) & HEAVY == set()


def test_a_process_that_answers_pages_holds_nothing_that_draws_or_writes_layers_or_workbooks():
    ask = "import sys, web.rooms; print(*{m.split('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert {"matplotlib", "geopandas", "pandas", "pyogrio", "folium", "openpyxl", "osmium", "pyproj"} & set(done.stdout.split()) == set()
