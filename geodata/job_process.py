"""The process of a job: ``python -m geodata.job_process HOME JOB LOCK STAYS_S``. Started by `jobs` alone.

Where it is to stay, it does one job after another as they are handed to it, until none came for a while, or the home,
the program it was started from, or the process that started it is no longer there.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geodata import handing, jobs, private
from geodata.jobs import AT_ONCE, CANCELLED, DONE, FAILED, REFUSED, Cancelled, Work
from locator.errors import Refusal, Unavailable

_NICE = 5
"""Pages are answered first."""
_LOOK_S = 0.1


def main(home: Path, job_id: str, lock: int, stays_s: float) -> None:
    """Do a job, and those that come after it.

    Args:
        home: Of the jobs.
        job_id: The first.
        lock: The descriptor of its lock, which lives as long as the job.
        stays_s: How long to wait for another.
    """
    database, starter, program = os.environ.get("NUANXIN_DATABASE") or None, os.getppid(), _program()
    folder = home / jobs.FOLDER

    def goes_on() -> bool:
        return folder.is_dir() and os.getppid() == starter and _program() == program

    def fits(message: bytes) -> bool:
        return message == jobs.told(_job_in(message), database)

    while True:
        try:
            do(home, job_id, database)
        finally:
            os.close(lock)
        handed = handing.wait(folder, fits, seconds=stays_s, goes_on=goes_on) if stays_s and folder.is_dir() else None
        if handed is None:
            return
        job_id, lock = _job_in(handed.message), handed.lock


def _job_in(message: bytes) -> str:
    try:
        said = json.loads(message)
    except ValueError:
        return ""
    return str(said[0]) if isinstance(said, list) and said else ""


def _program() -> frozenset[tuple[str, int]]:
    """Return the files of this program and when each was written: an older program must not answer for a newer one."""
    return frozenset((str(file), file.stat().st_mtime_ns) for room in ("geodata", "locator") for file in (jobs.ROOT / room).rglob("*.py"))


def do(home: Path, job_id: str, database: str | None) -> None:
    """Do a job, and write down how it ended; nothing that goes wrong in it is a traceback for people."""
    place = home / jobs.FOLDER / job_id
    job = jobs.Jobs(home).named(job_id)
    arguments = private.read(place / "arguments.json")
    (place / "arguments.json").unlink()  # they may say what nobody needs to know later
    work = Work(home, database, job)
    try:
        with _a_turn(home / jobs.FOLDER, work):
            work.step("开始", "beginning")
            result = _function(job.work)(work, **arguments)
    except Cancelled:
        work.tell(state=CANCELLED)
    except Refusal as refusal:
        work.tell(state=REFUSED, refusals=[jobs.refusal_said(refusal)])
    except OSError as error:
        why = error.strerror or error
        said = Unavailable("disk", None, zh=f"系统拒绝了读写（{why}）", en=f"the system refused to read or write ({why})")
        work.tell(state=REFUSED, refusals=[jobs.refusal_said(said)])
    except MemoryError:
        said = Unavailable("memory", None, zh="内存不够；请分成几个文件", en="there is not enough memory; split the file")
        work.tell(state=REFUSED, refusals=[jobs.refusal_said(said)])
    except Exception as fault:  # noqa: BLE001 - whoever follows the job must learn that it failed
        # the kind and the frames alone: a message may hold what somebody typed
        sys.stderr.write(f"{type(fault).__name__} in {job.work}\n{''.join(traceback.format_tb(fault.__traceback__))}")
        work.tell(state=FAILED)
    else:
        work.tell(state=DONE, result=dict(result))


def _function(said: str) -> Any:
    room, _, name = said.partition(":")
    return getattr(importlib.import_module(room), name)


@contextmanager
def _a_turn(folder: Path, work: Work) -> Iterator[None]:
    """Wait for one of the home's few turns, and hold it; the system lets go of it when this process dies."""
    while True:
        for turn in range(AT_ONCE):
            with open(os.open(folder / f"turn-{turn}", os.O_RDWR | os.O_CREAT, 0o600)) as held:  # noqa: PTH123
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield
                return
        work.check()
        time.sleep(_LOOK_S)


if __name__ == "__main__":
    os.nice(_NICE)
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
