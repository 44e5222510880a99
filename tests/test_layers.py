"""The layers hold: imports point down, and the core does no input or output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("geopandas", "pandas", "folium", "pypinyin", "flask", "openpyxl", "alembic", "pyproj")


def test_every_contract_of_the_layers_is_kept():
    done = subprocess.run([Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True,
                          text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_a_cold_nearest_reads_nothing_heavy(tmp_path):
    home = str(tmp_path)
    ask = ("import sys; from scripts.cli import group;"
           f"group.main(['--home', {home!r}, 'init'], standalone_mode=False);"
           "sys.modules.pop('alembic', None);"
           "[sys.modules.pop(m) for m in list(sys.modules) if m.split('.')[0] in ('alembic', 'mako')];"
           f"group.main(['--home', {home!r}, 'nearest', '116.4', '39.9'], standalone_mode=False);"
           f"print('READ', sorted(set({HEAVY!r}) & {{m.split('.')[0] for m in sys.modules}}))")

    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "READ []"
