"""Long work: done by a process of its own, so that a server answers on, and whoever asks sees how far it is.

A job is a function of `geodata` named ``module:function`` and plain arguments. Its process outlives the
worker that started it; any worker of the same home can follow it or ask it to stop. The process holds a
lock as long as it lives, and the system lets go of that lock when it dies, however it dies: a job that
says it is running while nobody holds its lock was interrupted. There is no heartbeat and no clock in it.

A process may stay when its work is done and wait for the next, with what it has read still in memory: `handing`.
Its jobs are as any others; when it dies it is simply not there, and the next job begins in a process of its own.

Work calls `Work.progress` now and then; that is where it stops when it is asked to. What it did until
then it has to undo itself, as a transaction does.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from geodata import handing, private
from locator import errors
from locator.errors import NotThere, Refusal
from locator.words import Words

FOLDER = "jobs"
"""Of the home."""
AT_ONCE = 2
"""So many jobs of a home work at once; the others wait."""
KEPT = timedelta(days=7)
WAITING, RUNNING, DONE, REFUSED, FAILED, CANCELLED, INTERRUPTED = (
    "waiting", "running", "done", "refused", "failed", "cancelled", "interrupted")
ALIVE: Final = (WAITING, RUNNING)

_LOOK_S, _TELL_S = 0.02, 0.2
_STARTING = "starting.lock"
ROOT = Path(__file__).resolve().parents[1]
"""Where this program's rooms are."""


class Cancelled(Exception):
    """Raised inside work that was asked to stop."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work, as far as it is."""

    id: str
    work: str
    owner: str
    area: str
    created_at: datetime
    state: str = WAITING
    done: int = 0
    total: int = 0
    """0: not known yet."""
    step: Words = Words("等待", "waiting")
    cancelling: bool = False
    result: Mapping[str, Any] = field(default_factory=dict)
    """What the work returned; empty until it is done."""
    refusals: tuple[Refusal, ...] = ()
    """Why it was refused."""

    @property
    def alive(self) -> bool:
        """Whether something is still going to happen."""
        return self.state in ALIVE


class Jobs:
    """The jobs of one home."""

    def __init__(self, home: Path, database: str | None = None) -> None:
        """Keep them in a home; `database` is the registry's URL where it is not there."""
        self._home = home
        self._database = database

    def start(self, work: str, arguments: Mapping[str, Any], *, owner: str, area: str, at: datetime, name: str | None = None,
              stays_s: float = 0.0) -> Job:
        """Begin a piece of work.

        Args:
            work: ``geodata.room:function``; called as ``function(Work, **arguments)``, returns a plain mapping.
            arguments: Plain values.
            owner: Whose it is: an account's name.
            area: Where that account is; whoever is above may follow it.
            at: Now.
            name: Of work that is not done twice at once: letters and digits, the job's id. One of this name that is alive is
                returned, whoever's it is; one that has ended is begun anew.
            stays_s: So many seconds its process waits for more such work afterwards, and it may itself be done by one that waits.
                No process waits longer than the one that began it lives.
        """
        if name is None:
            return self._started(Job(uuid.uuid4().hex, work, owner, area, at), arguments, stays_s)
        with private.locked(private.folder(self._home / FOLDER) / _STARTING):
            found = self.find(name)
            return found if found is not None and found.alive else self._started(Job(name, work, owner, area, at), arguments, stays_s)

    def _started(self, job: Job, arguments: Mapping[str, Any], stays_s: float) -> Job:
        place = private.folder(private.folder(self._home / FOLDER) / job.id)
        lock = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # the process inherits the lock, or is handed it, as it is held: there is no moment at which nobody holds it
            fcntl.flock(lock, fcntl.LOCK_EX)
            (place / "cancel").unlink(missing_ok=True)
            private.write(place / "arguments.json", dict(arguments))
            private.write(place / "job.json", as_said(job))
            if not (stays_s and handing.hand(self._home / FOLDER, told(job.id, self._database), lock)):
                _begin(self._home, job.id, lock, self._database, stays_s)
        finally:
            os.close(lock)
        return job

    def find(self, job_id: str) -> Job | None:
        """Return a job as it is now; None if there is none of this id."""
        if not job_id.isalnum():
            return None
        place = self._home / FOLDER / job_id
        lives = private.held(place / "lock")  # before its state is read: what it says last it says while it lives
        said = private.read(place / "job.json")
        if said is None:
            return None
        if said["state"] in ALIVE and not lives:
            said["state"] = INTERRUPTED
        return _job(said, cancelling=(place / "cancel").exists())

    def named(self, job_id: str) -> Job:
        """Return a job as it is now.

        Raises:
            NotThere: If there is none of this id.
        """
        found = self.find(job_id)
        if found is None:
            raise NotThere("job", job_id, zh="没有这项任务，或它已被清理", en="there is no such job, or it was cleared away")
        return found

    def wait(self, job_id: str, seconds: float) -> Job:
        """Return a job when it has ended, or as it is after so many seconds."""
        until = time.monotonic() + seconds
        while (job := self.named(job_id)).alive and time.monotonic() < until:
            time.sleep(_LOOK_S)
        return job

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop; it does at its next step, or has ended by then. Nothing happens to one that has."""
        if self.named(job_id).alive:
            (self._home / FOLDER / job_id / "cancel").touch(mode=0o600)
        return self.named(job_id)

    def prune(self, now: datetime) -> None:
        """Clear away the jobs that ended and are older than `KEPT`."""
        if not (self._home / FOLDER).is_dir():
            return
        with private.locked(self._home / FOLDER / _STARTING):
            for place in (self._home / FOLDER).glob("*/job.json"):
                said = private.read(place)  # before its lock is looked at: nearly all are young
                if said is None or now - datetime.fromisoformat(said["created_at"]) <= KEPT:
                    continue
                job = self.find(place.parent.name)
                if job is not None and not job.alive:
                    shutil.rmtree(place.parent, ignore_errors=True)


class Work:
    """What a piece of work is given: where it is, and whom to tell how far it is."""

    def __init__(self, home: Path, database: str | None, job: Job) -> None:
        """Work on a job of a home; `job` is told of until it ends."""
        self.home = home
        self.database = database
        self._place = home / FOLDER / job.id
        self._said = as_said(job)
        self._told = 0.0

    def step(self, zh: str, en: str) -> None:
        """Say what is being done now."""
        self._said |= {"state": RUNNING, "step": [zh, en], "done": 0, "total": 0}
        self.tell()
        self.check()

    def progress(self, done: int, total: int) -> None:
        """Say how far this step is.

        Raises:
            Cancelled: If the work was asked to stop.
        """
        self.check()
        self._said |= {"done": done, "total": total}
        if time.monotonic() - self._told >= _TELL_S:
            self.tell()

    def check(self) -> None:
        """Stop here if that was asked for.

        Raises:
            Cancelled: If it was.
        """
        if (self._place / "cancel").exists():
            raise Cancelled

    def tell(self, **more: Any) -> None:
        """Write down how far it is."""
        self._said |= more
        private.write(self._place / "job.json", self._said)
        self._told = time.monotonic()


def told(job_id: str, database: str | None) -> bytes:
    """Return what a process that waits is told of a job."""
    return json.dumps([job_id, database]).encode()


def _begin(home: Path, job_id: str, lock: int, database: str | None, stays_s: float) -> None:
    found = {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}
    if database:
        found["NUANXIN_DATABASE"] = database  # it may hold a password: not for the list of processes
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "geodata.job_process", str(home.absolute()), job_id, str(lock), str(stays_s)], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, pass_fds=(lock,), start_new_session=True, env={**os.environ, **found})
    threading.Thread(target=process.wait, name=f"job {job_id}", daemon=True).start()  # so that no zombie is left


# --- as plain values ----------------------------------------------------------------------------------


def as_said(job: Job) -> dict[str, Any]:
    """Return a job as plain values, as it is kept."""
    return {"id": job.id, "work": job.work, "owner": job.owner, "area": job.area, "created_at": job.created_at.isoformat(),
            "state": job.state, "done": job.done, "total": job.total, "step": list(job.step), "result": dict(job.result),
            "refusals": [refusal_said(refusal) for refusal in job.refusals]}


def _job(said: Mapping[str, Any], *, cancelling: bool) -> Job:
    return Job(**{**said, "created_at": datetime.fromisoformat(said["created_at"]), "step": Words(*said["step"]),
                  "refusals": tuple(map(refusal_of, said["refusals"]))}, cancelling=cancelling)


def refusal_said(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal as plain values."""
    return {"sort": type(refusal).__name__, "field": refusal.field, "value": None if refusal.value is None else refusal.shown_value(),
            "zh": refusal.words.zh, "en": refusal.words.en, "at": refusal.at, "cell": refusal.cell}


def refusal_of(said: Mapping[str, Any]) -> Refusal:
    """Return the refusal that `refusal_said` made plain values of."""
    sort = getattr(errors, said["sort"], Refusal)
    made: Refusal = sort(said["field"], said["value"], zh=said["zh"], en=said["en"], at=said["at"])
    if said["cell"] is not None:
        made.cell = (said["cell"][0], said["cell"][1])
    return made
