"""Applications over registries of their own, and real servers before applications."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from geodata import job_process, jobs
from geodata.passwords import Passwords
from geodata.registry import Registry
from locator.sites import Site
from locator.typed import BEIJING
from web import create_app

WEDNESDAY_TEN = datetime(2026, 3, 4, 10, 0, tzinfo=BEIJING)
QUICK = Passwords(time_cost=1, memory_kib=8, lanes=1)
"""The same hashes at a cost that tests can bear."""


class Clock:
    """Beijing's clock, stopped until a test moves it."""

    def __init__(self) -> None:
        self.now = WEDNESDAY_TEN

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def office_over(home: Path, sites: Iterable[Site], *, who: str = "test", why: str = "test", at: datetime | None = None,
                more: Callable[[Registry], object] = lambda registry: None, **config: Any) -> Iterator[Flask]:
    """Yield an application over a registry at `home`, made if need be, with these sites and whatever `more` writes there."""
    with Registry.open(home, create=True) as registry:
        registry.commit(sites, who=who, why=why, at=at)
        more(registry)
        app = create_app({"home": home, "registry": registry, "clock": Clock(), "passwords": QUICK, "poll_s": 0.05, **config})
        try:
            assert app.extensions["atlas"].wait(30)
            yield app
        finally:
            app.extensions["atlas"].stop()


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(app: Flask, *, handler: type[WSGIRequestHandler] = Quiet) -> Iterator[str]:
    """Serve an application on a free port of this machine; yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def do_jobs_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work of jobs in this process, before `Jobs.start` returns; `tests.geodata.test_jobs` has the processes."""
    monkeypatch.setattr(jobs, "_begin", lambda home, job_id, lock, database, stays_s: job_process.do(home, job_id, database))
