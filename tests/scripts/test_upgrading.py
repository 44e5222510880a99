"""An older registry is backed up, then migrated whole; what stops a migration leaves the old state."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from geodata.registry import database
from tests.scripts.conftest import Shell
from tests.scripts.test_serving import free_port

ROOT = Path(__file__).resolve().parents[2]
NEXT = "9000"
GOOD = """
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("sites", sa.Column("later", sa.Text()))
"""
FAILS = GOOD + """
    op.execute("UPDATE sites SET name = 'half way'")
    raise RuntimeError("in the middle")
"""
WAITS = GOOD + """
    op.execute("UPDATE sites SET name = 'half way'")
    import pathlib, time
    pathlib.Path({told!r}).write_text("half way")
    time.sleep(60)
"""


@pytest.fixture
def next_program(tmp_path, monkeypatch):
    """Return a function that makes this program one with a further migration."""

    def make(body: str) -> Path:
        folder = tmp_path / "migrations"
        shutil.copytree(database.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "later.py").write_text(textwrap.dedent("""
            import sqlalchemy as sa
            from alembic import op
            revision, down_revision, branch_labels, depends_on = {0!r}, {1!r}, None, None
            def upgrade():
            """).format(NEXT, database.SCHEMA) + body, "utf-8")
        monkeypatch.setattr(database, "MIGRATIONS", folder)
        monkeypatch.setattr(database, "SCHEMA", NEXT)
        for room in ("geodata.upgrade", "geodata.backup"):
            monkeypatch.setattr(f"{room}.SCHEMA", NEXT)
        return folder

    return make


def state(shell: Shell) -> tuple:
    """Return the schema, the tables and the names, read without this program."""
    import sqlite3

    with sqlite3.connect(shell.home / "registry.sqlite") as connection:
        found = (connection.execute("SELECT version_num FROM alembic_version").fetchall(),
                 connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall(),
                 connection.execute("SELECT name FROM sites ORDER BY id").fetchall())
    connection.close()
    return found


def backups(shell: Shell) -> list[Path]:
    return sorted((shell.home / "backups").glob("*.zip")) if (shell.home / "backups").exists() else []


def test_init_backs_an_older_registry_up_and_then_upgrades_it(own, next_program, tmp_path):
    old, schema = state(own), database.SCHEMA
    next_program(GOOD)

    done = own("init")

    assert done.exit_code == 0, done.output
    assert state(own)[0] == [(NEXT,)]
    (kept,) = backups(own)
    assert str(kept) in done.stderr
    assert schema in done.stderr
    database.SCHEMA = schema
    there = Shell(tmp_path / "there")
    assert there("restore", str(kept)).exit_code == 0
    assert state(there) == old


def test_serve_upgrades_an_older_registry_before_it_serves(own, next_program, monkeypatch):
    monkeypatch.setattr("granian.server.Server", type("Nobody", (), {"__init__": lambda *_, **__: None, "serve": lambda _: None}))
    monkeypatch.setattr(os, "environ", os.environ.copy())
    next_program(GOOD)

    assert own("serve", "--port", str(free_port())).exit_code == 0

    assert state(own)[0] == [(NEXT,)]
    assert len(backups(own)) == 1


def test_other_commands_do_not_upgrade_and_say_what_to_do(own, next_program):
    old = state(own)
    next_program(GOOD)

    done = own("check")

    assert done.exit_code == 1
    assert "nuanxin init" in done.stderr
    assert state(own) == old
    assert backups(own) == []


def test_a_migration_that_fails_in_the_middle_leaves_the_old_state_and_the_backup(own, next_program):
    old = state(own)
    next_program(FAILS)

    done = own("init")

    assert done.exit_code == 1
    assert state(own) == old
    assert len(backups(own)) == 1


def test_a_migration_that_is_killed_leaves_the_old_state(own, next_program, tmp_path):
    old, told = state(own), tmp_path / "told"
    folder = next_program(WAITS.format(told=str(told)))
    process = subprocess.Popen([sys.executable, "-c", f"""
from pathlib import Path
from geodata import upgrade, backup
from geodata.registry import database
database.MIGRATIONS = Path({str(folder)!r})
database.SCHEMA = upgrade.SCHEMA = backup.SCHEMA = {NEXT!r}
home = Path({str(own.home)!r})
upgrade.upgrade(home, database.Database(home))
"""], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    until = time.monotonic() + 60
    while not told.exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)

    process.kill()
    process.wait()

    assert state(own) == old
    assert len(backups(own)) == 1


def test_without_room_for_a_backup_nothing_is_migrated(own, next_program):
    old = state(own)
    (own.home / "backups").write_text("in the way", "utf-8")
    next_program(GOOD)

    assert own("init").exit_code == 1

    assert state(own) == old


def test_upgrading_what_is_up_to_date_makes_no_backup(own):
    assert own("init").exit_code == 0

    assert backups(own) == []
