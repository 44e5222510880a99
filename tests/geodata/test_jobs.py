"""Long work: seen from anywhere, stopped when asked, and honest about a process that was killed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geodata import jobs
from geodata.jobs import Jobs
from locator.errors import BadValue, NotThere

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
WAIT_S = 60


@pytest.fixture
def works(tmp_path, monkeypatch):
    """Pieces of work that a process started by us can import."""
    (tmp_path / "works").mkdir()
    (tmp_path / "works" / "some_works.py").write_text('''
import os, pathlib, time
from locator.errors import BadValue

def add(work, *, a, b):
    work.step("加", "adding")
    work.progress(1, 1)
    return {"sum": a + b, "database": work.database}

def refuse(work):
    raise BadValue("n", 7, zh="太大", en="is too large", at="a.csv:3")

def fail(work):
    raise RuntimeError(str(int("1380000") * 10000))

def endless(work, *, mark):
    work.step("数", "counting")
    pathlib.Path(mark).write_text(str(os.getpid()))
    while True:
        work.progress(1, 3)
        time.sleep(0.01)
''')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "works"))
    return Jobs(tmp_path / "home", "sqlite:///elsewhere")


def start(works: Jobs, name: str, **arguments: object) -> jobs.Job:
    return works.start(f"some_works:{name}", arguments, owner="clerk", area="110101001", at=NOW)


def begun(works: Jobs, tmp_path: Path) -> tuple[jobs.Job, int]:
    """Start endless work; return it and its process once it is at it."""
    mark = tmp_path / f"mark-{time.monotonic_ns()}"
    job = start(works, "endless", mark=str(mark))
    until = time.monotonic() + WAIT_S
    while not (mark.exists() and mark.read_text()):
        assert time.monotonic() < until
        time.sleep(0.01)
    return job, int(mark.read_text())


def test_work_returns_its_result_and_keeps_whose_it_is(works):
    job = start(works, "add", a=2, b=3)

    ended = works.wait(job.id, WAIT_S)

    assert (ended.state, ended.result) == ("done", {"sum": 5, "database": "sqlite:///elsewhere"})
    assert (ended.owner, ended.area, ended.created_at) == ("clerk", "110101001", NOW)


def test_a_refusal_inside_work_comes_out_as_it_went_in(works):
    ended = works.wait(start(works, "refuse").id, WAIT_S)

    assert ended.state == "refused"
    (refusal,) = ended.refusals
    assert isinstance(refusal, BadValue)
    assert refusal.sentence("en") == "a.csv:3: n '7': is too large"


def test_a_fault_of_ours_is_told_as_one_and_its_message_is_not_logged(works, capfd):
    ended = works.wait(start(works, "fail").id, WAIT_S)

    assert (ended.state, ended.result) == ("failed", {})
    said = capfd.readouterr().err
    assert "RuntimeError in some_works:fail" in said
    assert "13800000000" not in said


def test_everybody_sees_how_far_work_is_and_anybody_can_stop_it(works, tmp_path):
    job, _ = begun(works, tmp_path)
    seen = Jobs(tmp_path / "home").named(job.id)
    assert (seen.state, seen.step.en) == ("running", "counting")

    stopping = Jobs(tmp_path / "home").cancel(job.id)

    assert stopping.cancelling or not stopping.alive
    assert works.wait(job.id, WAIT_S).state == "cancelled"


def test_work_whose_process_is_killed_says_so_at_once(works, tmp_path):
    job, process = begun(works, tmp_path)

    os.kill(process, signal.SIGKILL)

    assert works.wait(job.id, WAIT_S).state == "interrupted"


def test_work_outlives_the_process_that_started_it(works, tmp_path):
    mark = tmp_path / "mark"
    code = f"""
import datetime, pathlib
from geodata.jobs import Jobs
job = Jobs(pathlib.Path({str(tmp_path / 'home')!r})).start("some_works:endless", {{"mark": {str(mark)!r}}}, owner="clerk", area="1",
    at=datetime.datetime.now(datetime.UTC))
print(job.id, flush=True)
input()
"""
    path = os.pathsep.join((str(Path(__file__).parents[2]), os.environ["PYTHONPATH"]))
    starter = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "PYTHONPATH": path})
    job_id = starter.stdout.readline().strip()
    while not (mark.exists() and mark.read_text()):
        time.sleep(0.01)

    starter.kill()
    starter.communicate()

    assert works.named(job_id).alive
    works.cancel(job_id)
    assert works.wait(job_id, WAIT_S).state == "cancelled"


def test_only_so_many_work_at_once_and_one_that_waits_can_be_stopped(works, tmp_path):
    running = [begun(works, tmp_path)[0] for _ in range(jobs.AT_ONCE)]
    waiting = start(works, "add", a=1, b=1)
    another = start(works, "add", a=1, b=1)
    assert works.named(waiting.id).state == "waiting"

    works.cancel(waiting.id)
    assert works.wait(waiting.id, WAIT_S).state == "cancelled"
    works.cancel(running[0].id)

    assert works.wait(another.id, WAIT_S).state == "done"
    works.cancel(running[1].id)
    assert works.wait(running[1].id, WAIT_S).state == "cancelled"


def test_what_a_job_is_told_is_private_and_gone_when_it_runs(works, tmp_path):
    job = works.wait(start(works, "add", a=2, b=3).id, WAIT_S)
    place = tmp_path / "home" / "jobs" / job.id

    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    assert not (place / "arguments.json").exists()


def test_old_jobs_are_cleared_away_and_an_unknown_one_is_refused(works):
    job = works.wait(start(works, "add", a=2, b=3).id, WAIT_S)

    works.prune(NOW + jobs.KEPT)
    assert works.find(job.id) is not None
    works.prune(NOW + jobs.KEPT + timedelta(seconds=1))

    assert works.find(job.id) is None
    for unknown in (job.id, "../../etc", ""):
        with pytest.raises(NotThere):
            works.named(unknown)
