"""A process that stays does the next job too; one that died, stopped, is old or is not for this one never gets it, and none is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geodata import handing, jobs
from geodata.jobs import Jobs

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
WAIT_S = 60
ROOT = Path(__file__).parents[2]


@pytest.fixture
def works(tmp_path, monkeypatch):
    """Pieces of work that a process started by us can import; afterwards no process of theirs is left."""
    (tmp_path / "works").mkdir()
    (tmp_path / "works" / "staying_works.py").write_text('''
import os, pathlib, time
from locator.errors import BadValue

def who(work, *, mark=None):
    if mark:
        with open(mark, "a") as file:
            file.write(f"{os.getpid()}\\n")
    return {"process": os.getpid()}

def refuse(work):
    raise BadValue("n", os.getpid(), zh="太大", en="is too large")

def fail(work):
    raise RuntimeError

def endless(work, *, mark):
    pathlib.Path(mark).write_text(str(os.getpid()))
    while True:
        work.progress(1, 3)
        time.sleep(0.01)
''')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "works"))
    made = Jobs(tmp_path / "home")
    yield made
    shutil.rmtree(tmp_path / "home" / "jobs", ignore_errors=True)  # those that wait end


def start(works: Jobs, name: str, *, stays_s: float = 30.0, **arguments: object) -> jobs.Job:
    return works.start(f"staying_works:{name}", arguments, owner="clerk", area="1", at=NOW, stays_s=stays_s)


def done_by(works: Jobs, **arguments) -> int:
    """Return the process that does the next job."""
    ended = works.wait(start(works, "who", **arguments).id, WAIT_S)
    assert ended.state == "done"
    waits(works)
    return ended.result["process"]


def waits(works: Jobs) -> None:
    """Come back when a process waits."""
    until(lambda: list((works._home / "jobs").glob("waiting-?")))


def until(happened) -> None:
    limit = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < limit
        time.sleep(0.01)


def begun(works: Jobs, tmp_path: Path) -> tuple[jobs.Job, int]:
    mark = tmp_path / f"mark-{time.monotonic_ns()}"
    job = start(works, "endless", mark=str(mark))
    until(lambda: mark.exists() and mark.read_text())
    return job, int(mark.read_text())


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_next_job_is_done_by_the_process_that_stayed(works):
    processes = {done_by(works) for _ in range(3)}

    assert len(processes) == 1
    assert done_by(works, stays_s=0.0) not in processes  # not asked to be


def test_a_process_stays_after_a_refusal_a_fault_and_a_cancelled_job_too(works, tmp_path, capfd):
    first = done_by(works)

    assert works.wait(start(works, "refuse").id, WAIT_S).refusals[0].value == str(first)
    waits(works)
    assert works.wait(start(works, "fail").id, WAIT_S).state == "failed"
    waits(works)
    job, process = begun(works, tmp_path)
    works.cancel(job.id)
    assert works.wait(job.id, WAIT_S).state == "cancelled"
    waits(works)

    assert {process, done_by(works)} == {first}


def test_a_process_that_stayed_and_is_killed_at_work_is_told_and_the_next_job_has_another(works, tmp_path):
    first = done_by(works)
    job, process = begun(works, tmp_path)
    assert process == first

    os.kill(process, signal.SIGKILL)

    assert works.wait(job.id, WAIT_S).state == "interrupted"
    assert done_by(works) != first


def test_a_process_killed_while_it_waits_is_simply_not_there(works):
    first = done_by(works)

    os.kill(first, signal.SIGKILL)
    until(lambda: not runs(first))

    assert done_by(works) != first


def test_a_job_that_is_handed_over_is_never_seen_as_interrupted(works):
    done_by(works)
    seen: set[str] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            seen.update(job.state for place in (works._home / "jobs").glob("*/job.json") if (job := works.find(place.parent.name)))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(20):
            done_by(works)
    finally:
        ended.set()
        looking.join()

    assert seen <= {"waiting", "running", "done"}


def test_jobs_at_once_are_all_done_and_no_more_than_the_places_wait(works, tmp_path):
    done_by(works)
    many = [start(works, "who") for _ in range(5)]
    assert [works.wait(job.id, WAIT_S).state for job in many] == ["done"] * 5

    # none of these ends by itself, so that each has a process of its own
    at_once = [start(works, "endless", stays_s=2 * WAIT_S, mark=str(tmp_path / f"mark-{n}")) for n in range(handing.PLACES + 1)]
    for job in at_once:
        works.cancel(job.id)

    assert [works.wait(job.id, WAIT_S).state for job in at_once] == ["cancelled"] * len(at_once)
    until(lambda: len(list((works._home / "jobs").glob("waiting-?"))) == handing.PLACES)


def test_a_process_that_is_stopped_does_not_get_the_job_nor_does_it_when_it_goes_on(works, tmp_path):
    stopped, mark = done_by(works), tmp_path / "mark"
    os.kill(stopped, signal.SIGSTOP)
    try:
        ended = works.wait(start(works, "who", mark=str(mark)).id, WAIT_S)
    finally:
        os.kill(stopped, signal.SIGCONT)

    assert ended.state == "done"
    assert ended.result["process"] != stopped
    until(lambda: list((works._home / "jobs").glob("waiting-?")) and done_by(works))
    assert mark.read_text() == f"{ended.result['process']}\n"


def test_a_process_ends_when_nothing_comes_and_when_the_home_goes(works, tmp_path):
    short = works.wait(start(works, "who", stays_s=0.2).id, WAIT_S).result["process"]
    until(lambda: not runs(short))

    process = done_by(works)
    shutil.rmtree(tmp_path / "home")

    until(lambda: not runs(process))


def test_a_process_ends_with_the_one_that_started_it_when_it_has_no_work(works, tmp_path):
    code = f"""
import datetime, pathlib
from geodata.jobs import Jobs
works = Jobs(pathlib.Path({str(tmp_path / 'home')!r}))
job = works.start("staying_works:who", {{}}, owner="clerk", area="1", at=datetime.datetime.now(datetime.UTC), stays_s=30)
print(works.wait(job.id, {WAIT_S}).result["process"], flush=True)
input()
"""
    path = os.pathsep.join((str(ROOT), os.environ["PYTHONPATH"]))
    starter = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "PYTHONPATH": path})
    process = int(starter.stdout.readline())
    waits(works)
    assert runs(process)

    starter.kill()
    starter.communicate()

    until(lambda: not runs(process))


def test_a_process_of_an_older_program_does_no_more(works, tmp_path):
    program = tmp_path / "program"
    for room in ("geodata", "locator"):
        shutil.copytree(ROOT / room, program / room, ignore=shutil.ignore_patterns("files", "__pycache__", "migrations"))
    code = f"""
import datetime, pathlib
from geodata.jobs import Jobs
works = Jobs(pathlib.Path({str(tmp_path / 'home')!r}))
def who():
    job = works.start("staying_works:who", {{}}, owner="clerk", area="1", at=datetime.datetime.now(datetime.UTC), stays_s=30)
    return works.wait(job.id, {WAIT_S}).result["process"]
def after(process):
    while not list((pathlib.Path({str(tmp_path / 'home')!r}) / "jobs").glob("waiting-?")):
        pass
    return process
one, two = after(who()), after(who())
(pathlib.Path({str(program)!r}) / "locator" / "words.py").touch()
print(one == two, two == who(), flush=True)
"""
    path = os.pathsep.join((str(program), os.environ["PYTHONPATH"]))

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=program,
                          env={**os.environ, "PYTHONPATH": path})

    assert said.stdout.split() == ["True", "False"]


def test_a_server_that_names_no_other_registry_is_as_good_as_none(works, monkeypatch):
    monkeypatch.setenv("NUANXIN_DATABASE", "")  # as the server's workers have it

    assert done_by(works) == done_by(works)


def test_work_for_another_database_is_not_done_by_a_process_that_stayed(works, tmp_path):
    first = done_by(works)

    assert done_by(Jobs(tmp_path / "home", "sqlite:///elsewhere")) != first
    assert done_by(works) == first


def test_a_home_with_a_long_path_has_processes_that_stay_and_nobody_else_can_reach_them(works, tmp_path):
    deep = Jobs(tmp_path / ("家" * 40) / ("b" * 80) / "home")

    assert done_by(deep) == done_by(deep)

    folder = deep._home / "jobs"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("waiting-*")} == {0o600}
    shutil.rmtree(folder)


@pytest.mark.parametrize("message", [b"x", b"{}", b"[]", json.dumps(["0" * 32, "other"]).encode()])
def test_a_message_that_is_none_is_not_taken_and_the_process_waits_on(works, tmp_path, message):
    first = done_by(works)
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)

    assert not handing.hand(tmp_path / "home" / "jobs", message, lock)

    os.close(lock)
    assert done_by(works) == first
