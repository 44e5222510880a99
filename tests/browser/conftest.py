"""A real Chromium before a real server on a loopback port; the server's clock stands still."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from geodata.registry import Registry
from locator.atlas import Atlas
from locator.sites import Site
from tests.web.conftest import QUICK, WEDNESDAY_TEN, areas, few  # noqa: F401 - fixtures
from web import assets, create_app

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def office_of(home: Path, sites: Iterable[Site], *, who: str, why: str, **config: Any) -> Iterator[tuple[str, Flask]]:
    """Serve a registry of its own, with these sites; yield its address and its application."""
    if not (assets.STATIC / "vendor" / "leaflet" / "leaflet.js").exists():
        pytest.skip("the web assets are not installed: npm ci --prefix web && python -m web.assets")
    with Registry.open(home, create=True) as registry:
        registry.commit(sites, who=who, why=why)
        app = create_app({"home": home, "registry": registry, "clock": lambda: WEDNESDAY_TEN, "passwords": QUICK, "poll_s": 0.05,
                          **config})
        assert app.extensions["atlas"].wait(30)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", app
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["atlas"].stop()


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., str]]:
    """Return a starter of servers; each gives its address."""
    if not (assets.STATIC / "vendor" / "leaflet" / "leaflet.js").exists():
        pytest.skip("the web assets are not installed: npm ci --prefix web && python -m web.assets")
    running = []

    def start(atlas: Atlas, **config: Any) -> str:
        app = create_app({"atlas": atlas, "clock": lambda: WEDNESDAY_TEN, **config})
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def site_address(serve: Callable[..., str], few: Atlas) -> str:  # noqa: F811 - a fixture by its name
    """Return the address of a server over a few sites."""
    return serve(few)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    if subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True, check=False).returncode:
        pytest.skip("the Node inside playwright does not run on this machine; Debian: apt-get install libatomic1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a page did that no page of ours may do."""

    hosts: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return an opener of pages; at the end no page asked another host (but `also`), broke its policy or threw."""
    opened: list[tuple[Page, Watch, set[str]]] = []

    def start(address: str, *, viewport: dict[str, int] = PHONE, before: Callable[[Page], object] = lambda _: None,
              also: str = "", **options: Any) -> Page:
        context = chromium.new_context(viewport=viewport, **{"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options})
        page, watch = context.new_page(), Watch()
        page.set_default_timeout(15_000)
        page.on("request", lambda request: watch.hosts.add(urlsplit(request.url).netloc))
        page.on("pageerror", lambda error: watch.faults.append(str(error)))
        page.on("dialog", lambda dialog: (watch.faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda message: watch.faults.append(message.text) if "Content Security Policy" in message.text else None)
        before(page)
        page.goto(address)
        opened.append((page, watch, {urlsplit(address).netloc, also}))
        return page

    yield start
    for page, watch, ours in opened:
        page.context.close()
        assert watch.hosts <= ours, watch.hosts
        assert watch.faults == []
