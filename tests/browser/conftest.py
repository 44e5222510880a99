"""A real Chromium before a real server on a loopback port; the server's clock stands still."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page, sync_playwright

from locator.atlas import Atlas
from locator.sites import Site
from tests.web.conftest import areas, few  # noqa: F401 - fixtures
from tests.web.offices import Clock, office_over, served
from web import assets, create_app

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
WITHOUT = (
    # the browser's own pages under its address bar and a process kept in reserve: two thirds of what a window costs, seen by no test
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "SpareRendererForSitePerProcess",
    # what playwright leaves out: of two such lists the last one counts
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch")
"""Features of Chromium that the tests do without."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


def _assets() -> None:
    if not (assets.STATIC / "vendor" / "leaflet" / "leaflet.js").exists():
        pytest.skip("the web assets are not installed: npm ci --prefix web && python -m web.assets")


@contextmanager
def office_of(home: Path, sites: Iterable[Site], **config: Any) -> Iterator[tuple[str, Flask]]:
    """Serve a registry of its own, with these sites; yield its address and its application."""
    _assets()
    with office_over(home, sites, **config) as app, served(app) as address:
        yield address, app


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., str]]:
    """Return a starter of servers; each gives its address."""
    _assets()
    with ExitStack() as running:
        yield lambda atlas, **config: running.enter_context(served(create_app({"atlas": atlas, "clock": Clock(), **config})))


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
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox", f"--disable-features={','.join(WITHOUT)}"])
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a page did that no page of ours may do."""

    hosts: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


class Pages:
    """Pages of one browser, each alone in a profile; one that is given back is made as new and given out again.

    A profile, a window and a process that has compiled nothing yet cost more than most tests. Whatever cannot be
    taken back (a script that runs before every page, a clock) is of a page that is not given back but closed.
    """

    KEPT = 6

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[tuple[str, Page, Watch]] = []

    def take(self, viewport: dict[str, int], *, new: bool = False, permissions: Sequence[str] = (), color_scheme: str = "light",
             reduced_motion: str = "no-preference", forced_colors: str = "none", **options: Any) -> tuple[str, Page, Watch]:
        """Return what the page's profile was made with, the page, and its watch."""
        kind = repr(sorted(options.items()))
        found = None if new else next((one for one in self._free if one[0] == kind), None)
        if found is None:
            found = kind, *self._made(options)
        else:
            self._free.remove(found)
        page: Any = found[1]
        page.context.grant_permissions([*permissions])
        page.set_viewport_size(viewport)
        page.set_default_timeout(15_000)
        page.emulate_media(media="null", color_scheme=color_scheme, reduced_motion=reduced_motion, forced_colors=forced_colors,
                           contrast="no-preference")
        return found

    def _made(self, options: dict[str, Any]) -> tuple[Page, Watch]:
        page, watch = self._browser.new_context(**options).new_page(), Watch()
        page.on("request", lambda request: watch.hosts.add(urlsplit(request.url).netloc))
        page.on("pageerror", lambda error: watch.faults.append(str(error)))
        page.on("dialog", lambda dialog: (watch.faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda message: watch.faults.append(message.text) if "Content Security Policy" in message.text else None)
        return page, watch

    def give_back(self, kind: str, page: Page, watch: Watch, origin: str) -> None:
        """Forget everything that a test has done with a page."""
        context = page.context
        page.unroute_all(behavior="ignoreErrors")
        context.unroute_all(behavior="ignoreErrors")
        try:
            page.goto("about:blank")
        except Error:  # it was on its way elsewhere
            context.close()
            return
        session = context.new_cdp_session(page)
        session.send("Page.resetNavigationHistory")
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()
        context.clear_cookies()
        context.clear_permissions()
        context.set_offline(False)
        watch.hosts.clear()
        watch.faults.clear()
        self._free.append((kind, page, watch))
        while len(self._free) > self.KEPT:
            self._free.pop(0)[1].context.close()


@pytest.fixture(scope="session")
def pages(chromium: Browser) -> Pages:
    return Pages(chromium)


@pytest.fixture
def open_page(pages: Pages) -> Iterator[Callable[..., Page]]:
    """Return an opener of pages; at the end no page asked another host (but `also`), broke its policy or threw.

    `before` may do anything to a page that is then of this test alone; `cookies` and all other options leave it to be used again.
    """
    opened: list[tuple[tuple[str, Page, Watch], set[str], bool]] = []

    def start(address: str, *, viewport: dict[str, int] = PHONE, before: Callable[[Page], object] | None = None, also: str = "",
              cookies: Sequence[Any] = (), **options: Any) -> Page:
        taken = pages.take(viewport, new=bool(before), **{"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options})
        opened.append((taken, {urlsplit(address).netloc, also}, before is None))
        page = taken[1]
        page.context.add_cookies([*cookies])
        if before:
            before(page)
        page.goto(address)
        return page

    yield start
    seen = [(set(watch.hosts) - ours, [*watch.faults]) for (_, _, watch), ours, _ in opened]
    for taken, ours, again in opened:
        if again:
            pages.give_back(*taken, origin=f"http://{min(ours - {''})}")
        else:
            taken[1].context.close()
    for hosts, faults in seen:
        assert hosts == set()
        assert faults == []
