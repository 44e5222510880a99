"""`nuanxin backup` and `restore`: one file, proved, while others read and write; all of it or nothing."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from geodata import backup, restore
from geodata.registry import Registry, copying
from geodata.registry import database as registry_database
from geodata.registry.database import Database
from locator.errors import Unavailable
from locator.typed import BEIJING
from tests.conftest import a_site
from tests.scripts.conftest import Shell
from web import create_app

ROOT = Path(__file__).resolve().parents[2]
KILLS = 5


@pytest.fixture
def archive(own, tmp_path) -> Path:
    """A backup of four sites, and of words and landmarks of this installation's own."""
    (own.home / "vocabulary.toml").write_text("", "utf-8")
    (own.home / "areas").mkdir()
    (own.home / "areas" / "note.txt").write_text("ours", "utf-8")
    file = tmp_path / "backup.zip"
    done = own("backup", str(file))
    assert done.exit_code == 0, done.output
    return file


def contents(home: Path) -> tuple[list, dict[str, bytes]]:
    """Return every site and every file beside the registry."""
    with Registry.open(home) as registry:
        return list(registry.sites()), {str(p.relative_to(home)): p.read_bytes() for p in backup.beside(home)}


def repacked(archive: Path, to: Path, change) -> Path:
    """Write an archive again with other contents."""
    with zipfile.ZipFile(archive) as held:
        members = {name: held.read(name) for name in held.namelist()}
    change(members)
    with zipfile.ZipFile(to, "w") as new:
        for name, content in members.items():
            new.writestr(name, content)
    return to


def test_nobody_is_signed_in_again_by_a_restored_backup(own, tmp_path):
    at = datetime(2026, 3, 4, 10, 0, tzinfo=BEIJING)
    with own.registry as registry:
        registry.accounts.add("first", display="", role="city", area="110000", by="test", at=at)
        session_id = registry.sessions.open(registry.accounts.find("first"), at)
        assert registry.sessions.find(session_id, at) is not None
    file = tmp_path / "signed-in.zip"
    assert own("backup", str(file)).exit_code == 0

    done = own("restore", str(file), "--force")

    assert done.exit_code == 0, done.output
    assert "Everybody signs in again" in done.stderr
    with own.registry as registry:
        assert registry.accounts.find("first") is not None
        assert registry.sessions.find(session_id, at) is None


def test_a_restored_backup_is_what_was_backed_up(own, archive, tmp_path):
    there = Shell(tmp_path / "there")

    done = there("restore", str(archive))

    assert done.exit_code == 0, done.output
    assert contents(there.home) == contents(own.home)
    assert there("check").exit_code == 0


def test_a_backup_says_what_it_holds_and_is_for_its_owner_alone(own, archive):
    with zipfile.ZipFile(archive) as held:
        told = json.loads(held.read("manifest.json"))
        names = set(held.namelist())

    assert told["version"] == own.version()
    assert told["schema"] == Database(own.home).schema()
    assert told["program"] == "0.1.0"
    assert told["sites"] == 4
    assert set(told["files"]) == {"registry.sqlite", "vocabulary.toml", "areas/note.txt"} == names - {"manifest.json"}
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


def test_keys_caches_and_other_backups_stay_out(own, tmp_path):
    for folder in ("jobs/0", "studies/0"):
        (own.home / folder).mkdir(parents=True)
    for name in ("session.key", "cert.pem", "snapshot.cache", "snapped.cache", "old.zip", "secret", ".hidden", "jobs/0/job.json",
                 "studies/0/about.json"):
        (own.home / name).write_text("x", "utf-8")
    own("backup", str(own.home / "backups" / "a.zip"))

    assert own("backup", str(tmp_path / "b.zip")).exit_code == 0

    with zipfile.ZipFile(tmp_path / "b.zip") as held:
        assert sorted(held.namelist()) == ["manifest.json", "registry.sqlite"]


def test_a_backup_while_others_write_is_of_one_version(own, tmp_path):
    stop = threading.Event()

    def write():
        number = 100
        with own.registry as registry:
            while not stop.is_set():
                number += 2
                registry.commit([a_site(number), a_site(number + 1)], who="t", why="two at a time")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = [tmp_path / f"{n}.zip" for n in range(5)]
        assert all(own("backup", str(file)).exit_code == 0 for file in files)
    finally:
        stop.set()
        writer.join()

    for n, file in enumerate(files):
        there = Shell(tmp_path / f"there{n}")
        assert there("restore", str(file)).exit_code == 0
        assert there("check").exit_code == 0
        with there.registry as registry:
            assert len(list(registry.sites())) == 4 + 2 * (registry.version() - 1)


def test_a_registry_that_is_there_is_replaced_only_when_told_and_kept_aside(own, archive, tmp_path):
    with own.registry as registry:
        registry.commit([a_site(50)], who="t", why="later")
    (own.home / "places.csv").write_text("later", "utf-8")
    later = contents(own.home)

    refused = own("restore", str(archive))
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert contents(own.home) == later

    assert own("restore", str(archive), "--force").exit_code == 0
    assert own.version() == 1
    assert not (own.home / "places.csv").exists()
    assert [p.name for p in own.home.glob("restore.unfinished")] == []

    (aside,) = (own.home / "backups").iterdir()
    back = Shell(tmp_path / "back")
    assert back("restore", str(aside)).exit_code == 0
    assert contents(back.home) == later


def cut(members):
    members["registry.sqlite"] = members["registry.sqlite"][:-4096]


def altered(members):
    members["areas/note.txt"] = b"theirs"


def more(members):
    members["extra.txt"] = b"x"


def less(members):
    del members["vocabulary.toml"]


def outside(members):
    members["manifest.json"] = members["manifest.json"].replace(b"vocabulary.toml", b"../outside.toml")
    members["../outside.toml"] = members.pop("vocabulary.toml")


def newer(members):
    members["manifest.json"] = members["manifest.json"].replace(b'"schema": "', b'"schema": "9')


def no_manifest(members):
    del members["manifest.json"]


@pytest.mark.parametrize("change", [cut, altered, more, less, outside, newer, no_manifest])
def test_an_archive_that_is_not_what_its_manifest_says_restores_nothing(own, archive, tmp_path, monkeypatch, change):
    before = contents(own.home)
    repacked(archive, tmp_path / "bad.zip", change)
    monkeypatch.chdir(tmp_path)  # of a long path the end is not told

    done = own("restore", "bad.zip", "--force")

    assert done.exit_code == 1
    assert "bad.zip" in done.stderr
    assert contents(own.home) == before
    assert not (own.home / "backups").exists()
    assert not (tmp_path / "outside.toml").exists()


@pytest.mark.parametrize("damage", ["no archive", "cut", "one byte"])
def test_a_damaged_file_is_one_clear_message(own, archive, tmp_path, monkeypatch, damage):
    content = bytearray(archive.read_bytes())
    if damage == "cut":
        del content[len(content) // 2:]
    elif damage == "one byte":
        content[200] ^= 0xFF
    (tmp_path / "bad.zip").write_bytes(b"PK no" if damage == "no archive" else content)
    monkeypatch.chdir(tmp_path)  # of a long path the end is not told

    done = own("restore", "bad.zip", "--force")

    assert done.exit_code == 1
    assert "bad.zip" in done.stderr
    assert own.version() == 1


def test_a_registry_too_damaged_to_open_can_be_replaced_and_its_file_is_kept(own, archive):
    (own.home / "registry.sqlite").write_bytes(b"not a database" * 1000)

    assert own("restore", str(archive), "--force").exit_code == 0

    assert own.version() == 1
    (kept,) = (own.home / "backups").iterdir()
    assert kept.read_bytes() == b"not a database" * 1000


def test_a_registry_that_is_only_busy_is_not_taken_for_damaged_and_loses_nothing(own, archive, monkeypatch):
    monkeypatch.setattr(copying, "WAIT_S", 0.2)
    monkeypatch.setattr(registry_database, "_BUSY_MS", 200)
    with own.registry as registry:
        registry.commit([a_site(50)], who="t", why="later")
    with closing(sqlite3.connect(own.home / "registry.sqlite", isolation_level=None)) as busy:
        busy.execute("PRAGMA locking_mode = EXCLUSIVE")
        busy.execute("BEGIN EXCLUSIVE")

        with pytest.raises(Unavailable):
            restore.restore(archive, own.home, Database(own.home), force=True)

    assert own.version() == 2
    assert not list((own.home / "backups").glob("*.damaged"))


def test_a_backup_never_overwrites_what_is_no_backup(own, tmp_path, archive):
    letter = tmp_path / "letter.zip"
    letter.write_text("dear", "utf-8")

    assert own("backup", str(letter)).exit_code == 1
    assert letter.read_text("utf-8") == "dear"
    assert own("backup", str(own.home / "registry.sqlite")).exit_code == 1
    assert own.version() == 1
    assert own("backup", str(archive)).exit_code == 0


def test_a_backup_that_cannot_be_written_leaves_nothing(own, tmp_path):
    folder = tmp_path / "file"
    folder.write_text("in the way", "utf-8")

    done = own("backup", str(folder / "b.zip"))

    assert done.exit_code == 1
    assert folder.read_text("utf-8") == "in the way"


@pytest.mark.parametrize(("words", "tool"), [(("backup", "b.zip"), "pg_dump"), (("restore", "b.zip"), "pg_restore")])
def test_a_server_database_is_referred_to_its_own_tools(own, monkeypatch, words, tool):
    monkeypatch.setenv("NUANXIN_DATABASE", "postgresql+psycopg://somebody:hidden@nowhere/registry")

    done = own(*words)

    assert done.exit_code == 1
    assert tool in done.stderr
    assert "hidden" not in done.stderr


def test_a_running_server_takes_a_restored_registry_in_even_under_the_same_version_number(own, archive):
    app = create_app({"home": own.home, "poll_s": 0.05})
    assert app.extensions["atlas"].wait(30)
    with own.registry as registry:
        registry.commit([a_site(50, name="只在这一支里")], who="t", why="t")
    assert own("restore", str(archive), "--force").exit_code == 0
    with own.registry as registry:
        registry.commit([a_site(51, name="另一支")], who="t", why="t")
        assert registry.version() == 2

    try:
        until = time.monotonic() + 20
        while True:
            names = {site.name for site in app.extensions["atlas"].held.atlas.sites}
            if "另一支" in names and "只在这一支里" not in names:
                break
            assert time.monotonic() < until, names
            time.sleep(0.02)
    finally:
        app.extensions["atlas"].stop()


def test_a_restore_killed_at_any_moment_is_the_old_installation_or_the_new_one(own, archive, tmp_path):
    with own.registry as registry:
        registry.commit([a_site(n) for n in range(60, 1500)], who="t", why="later")
    (own.home / "places.csv").unlink(missing_ok=True)
    (own.home / "note.md").write_text("later", "utf-8")
    old, new_home = contents(own.home), Shell(tmp_path / "new")
    new_home("restore", str(archive))
    new = contents(new_home.home)
    later = tmp_path / "later.zip"
    own("backup", str(later))
    ends = []
    words = [sys.executable, "-m", "scripts.cli", "--home", str(own.home), "restore", "--force"]

    def begun(file: Path) -> subprocess.Popen:
        """Start a restore; return once it has something to leave half done."""
        process = subprocess.Popen([*words, str(file)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (own.home / restore.UNFINISHED).exists() and process.poll() is None:
            time.sleep(0.001)
        return process

    whole = begun(later)
    from_there = time.perf_counter()
    assert whole.wait() == 0
    rest_s = time.perf_counter() - from_there

    for turn in range(KILLS):
        process = begun(archive)
        time.sleep(rest_s * turn / KILLS)
        process.kill()
        process.wait()
        assert own("check").exit_code == 0  # any command finishes what was begun
        found = contents(own.home)
        assert found in (old, new)
        ends.append(process.returncode)
        if found == new:
            assert own("restore", str(later), "--force").exit_code == 0

    assert -signal.SIGKILL in ends
    assert not (own.home / restore.UNFINISHED).exists()


@pytest.mark.parametrize("moment", ["before the registry", "after the registry"])
def test_a_restore_that_stopped_half_way_is_undone_or_finished_by_the_next_command(own, archive, tmp_path, moment):
    with own.registry as registry:
        registry.commit([a_site(70)], who="t", why="later")
    (own.home / "note.md").write_text("later", "utf-8")
    old = contents(own.home)
    killed = subprocess.run([sys.executable, "-c", f"""
import os
from pathlib import Path
from geodata import restore
from geodata.registry import copying
from geodata.registry.database import Database
if {moment!r} == "before the registry":
    copying.put_back = lambda *_: os._exit(9)
else:
    restore._move_in = lambda *_: os._exit(9)
restore.restore(Path({str(archive)!r}), Path({str(own.home)!r}), Database(Path({str(own.home)!r})), force=True)
"""], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert killed.returncode == 9
    assert (own.home / restore.UNFINISHED).is_dir()

    assert own("check").exit_code == 0

    assert not (own.home / restore.UNFINISHED).exists()
    if moment == "before the registry":
        assert contents(own.home) == old
    else:
        assert own.version() == 1
        assert not (own.home / "note.md").exists()
        assert (own.home / "areas" / "note.txt").read_text("utf-8") == "ours"


def test_a_backup_is_a_copy_that_sqlite_itself_finds_sound(archive, tmp_path):
    with zipfile.ZipFile(archive) as held:
        held.extract("registry.sqlite", tmp_path / "out")

    with sqlite3.connect(tmp_path / "out" / "registry.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM sites").fetchone() == (4,)
    connection.close()
