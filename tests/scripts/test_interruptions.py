"""Whatever stops a command, the registry is as it was before, and nobody is shown a traceback."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scripts.conftest import ROWS, write_csv

ROOT = Path(__file__).resolve().parents[2]
KILLS = 4
STATIONS = 1500
LONG = 20_000
"""Stations that take seconds to read, however late a signal comes."""


def begun(home, *words, **options):
    """Start a command in a process of its own."""
    return subprocess.Popen([sys.executable, "-m", "scripts.cli", "--home", str(home), *words], cwd=ROOT, text=True,
                            stdout=options.pop("stdout", subprocess.PIPE), stderr=options.pop("stderr", subprocess.PIPE), **options)


def stations(path, count):
    """Write a file of so many stations."""
    return write_csv(path, [(f"m{i}", f"第{i}站", "暖心驿站", f"{116.3 + i / 1e5:.5f}", "39.9", f"{i}号", "24/7", "户外劳动者", "热水")
                            for i in range(count)])


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A file of more stations than one chunk of a commit."""
    return stations(tmp_path_factory.mktemp("many") / "many.csv", STATIONS)


def test_an_import_killed_at_any_moment_leaves_the_registry_as_it_was(own, many):
    version, rng = own.version(), random.Random(12)
    words = ("import", str(many), "--datum", "wgs84")
    whole = begun(own.home, *words, "--dry-run")
    begin = time.perf_counter()
    assert whole.stderr.readline().startswith("读取")
    loaded_s = time.perf_counter() - begin
    whole.communicate()
    work_s = 2 * (time.perf_counter() - begin - loaded_s)  # reading the file, and about as long to write it

    killed = 0
    while killed < KILLS:
        process = begun(own.home, *words)
        process.stderr.readline()  # it has read the registry and begins with the file
        time.sleep(rng.uniform(0, work_s))
        process.kill()
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        if process.returncode == 0:  # how long the work takes differs from moment to moment
            work_s *= 0.7
        if own.version() != version:  # the commit was faster than the murderer: then it is whole
            assert own.version() == version + 1
            with own.registry as registry:
                imported = [s.id for s in registry.sites() if s.name.startswith("第")]
                assert len(imported) == STATIONS
                registry.remove(imported, who="test", why="again")
            version = own.version()
        else:
            assert process.returncode == -signal.SIGKILL  # what was told to be done is done
        assert len(own.answer("search", "驿站", "-k", "1000")["results"]) >= 3

    assert own("check").exit_code == 0
    assert own(*words).exit_code == 0
    assert own.version() == version + 1


def test_ctrl_c_during_an_import_says_that_nothing_changed(own, tmp_path):
    version = own.version()
    process = begun(own.home, "import", str(stations(tmp_path / "long.csv", LONG)), "--datum", "wgs84",
                    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # a shell's background jobs ignore it
    process.stderr.readline()

    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)

    assert process.returncode == 1
    assert "the registry is unchanged" in said
    assert "Traceback" not in said
    assert own.version() == version


def test_a_full_disk_is_said_in_words_and_nothing_is_written(own, many):
    version = own.version()
    most = (own.home / "registry.sqlite").stat().st_size + 50_000

    process = begun(own.home, "import", str(many), "--datum", "wgs84",
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
    _, said = process.communicate(timeout=120)

    assert process.returncode == 1, said
    assert "Traceback" not in said
    assert "nothing was written" in said
    assert own.version() == version
    assert own("check").exit_code == 0


def test_an_answer_that_does_not_fit_on_the_disk_ends_with_status_one(asked):
    with Path("/dev/full").open("w") as full:
        process = begun(asked.home, "nearest", "116.4", "39.9", stdout=full)
        _, said = process.communicate(timeout=120)

    assert process.returncode == 1
    assert "No space left" in said
    assert "Traceback" not in said
    assert "Exception ignored" not in said


def test_a_reader_that_has_had_enough_is_no_error(asked):
    reading, writing = os.pipe()
    os.close(reading)

    process = begun(asked.home, "nearest", "116.4", "39.9", stdout=writing)
    os.close(writing)
    _, said = process.communicate(timeout=120)

    assert process.returncode == 0
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


def test_a_terminal_that_knows_no_chinese_is_still_answered(asked):
    process = begun(asked.home, "nearest", "116.4", "39.9", env={**os.environ, "PYTHONIOENCODING": "latin-1"}, errors="replace")
    answered, said = process.communicate(timeout=120)

    assert process.returncode == 0, said
    assert "\\u524d" in answered


def test_killing_needs_more_than_one_chunk():
    from geodata.registry import writing

    assert STATIONS > 2 * writing._CHUNK
    assert len(ROWS) < writing._CHUNK


def test_an_import_that_nobody_listens_to_is_never_called_done_when_it_was_not(own, tmp_path):
    before = own.version()
    file = write_csv(tmp_path / "new.csv", [("n1", "新站", "暖心驿站", "116.40001", "39.9", "", "24/7", "", "")])
    reading, writing = os.pipe()
    os.close(reading)

    process = begun(own.home, "import", str(file), "--datum", "wgs84", stdout=writing, stderr=writing)
    os.close(writing)
    process.communicate(timeout=120)

    assert process.returncode == 1 or own.version() == before + 1
