"""Measure the planner's pages in a real Chromium: the map of 10,000 sites, and a changed radius over the whole city.

    python -m scripts.bench_planner

The map: its bytes, and how long until it can be used: when clusters are drawn and the page answers again, two frames
later, with nothing left to run. The radius: from the change in the form until the new figures and the new polygons are on
screen, over the demonstration registry and the census on cells of 100 m, with the process that makes studies warm;
each radius is asked for the first time. The pages are served by this process on a free loopback port; needs Chromium
and the test tools.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from flask import Flask
from playwright.sync_api import Browser, Request, ViewportSize, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from geodata import calendar, demo, people, vocabulary
from geodata.areas import Areas
from geodata.registry import Registry
from geodata.studies import Studies
from locator.atlas import Atlas
from locator.columns import TextColumn
from locator.sites import Sites
from scripts import bench_http
from web import create_app

_DESK = ViewportSize(width=1280, height=900)
_USABLE = """() => document.querySelector(".marker-cluster") && new Promise(
    done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true), 0))))"""


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing."""


def _weigh(answers: list[tuple[int, int]], request: Request) -> None:
    """Note how many bytes an answer took on the way, and unpacked."""
    response = request.response()
    if response is not None:
        answers.append((request.sizes()["responseBodySize"], len(response.body())))


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    """Serve an application on a free port; yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def _map_of_sites(browser: Browser, sites: int, rounds: int) -> None:
    """Open the map of all sites several times; print its size and the median time until it can be used."""
    words = vocabulary.load()
    atlas = Atlas(Sites.of(bench_http.city(sites), words), vocabulary=words, calendar=calendar.load(),
                  readings=TextColumn.of([""] * sites), areas=Areas.load().tree, places=(), version=1,
                  as_of=datetime.now(UTC))
    took, moved, whole = [], 0, 0
    with _served(create_app({"atlas": atlas})) as address:
        for _ in range(rounds):
            page = browser.new_context(viewport=_DESK).new_page()  # nothing cached
            answers: list[tuple[int, int]] = []
            page.on("requestfinished", partial(_weigh, answers))
            begun = time.perf_counter()
            page.goto(f"{address}/planner/sites/map")
            page.wait_for_function(_USABLE)
            took.append(time.perf_counter() - begun)
            moved, whole = (sum(sizes) for sizes in zip(*answers, strict=True))
            page.context.close()
    print(f"{sites:,} sites on the planner's map: {moved / 1e6:.2f} MB transferred with scripts and styles "
          f"({whole / 1e6:.2f} MB unpacked), usable after {statistics.median(took):.2f} s (median of {rounds})")


def _changed_radius(browser: Browser, rounds: int) -> None:
    """Change the radius of the whole city several times; print the median time until that is on screen, and the study's own."""
    folder = Path(tempfile.mkdtemp(prefix="bench-planner-"))
    with Registry.open(folder, create=True) as registry:
        registry.commit(demo.sites(vocabulary.load(), Areas.load()), who="bench", why="bench")
        app = create_app({"home": folder, "registry": registry})
        try:
            app.extensions["atlas"].wait(60)
            people.load(folder, Areas.load())
            with _served(app) as address:
                _change(browser, address, Studies(folder), rounds)
        finally:
            app.extensions["atlas"].stop()
            shutil.rmtree(folder, ignore_errors=True)  # the process that waits for more studies ends with its folder


def _change(browser: Browser, address: str, studies: Studies, rounds: int) -> None:
    page = browser.new_context(viewport=_DESK).new_page()
    page.set_default_timeout(120_000)
    begun = time.perf_counter()
    page.goto(f"{address}/planner")
    page.wait_for_selector("#study[data-drawn]")
    first = time.perf_counter() - begun
    took, figured = [], []
    for number in range(rounds):
        before, radius = page.get_attribute("#study", "data-drawn"), page.locator("input[name=radius]")
        radius.fill(str(700 + 90 * number))
        begun = time.perf_counter()
        radius.dispatch_event("change")
        page.wait_for_selector(f"#study[data-drawn]:not([data-drawn='{before}'])")
        took.append(time.perf_counter() - begun)
        study = studies.find(page.get_attribute("#study", "data-key") or "")
        figured.append(study.about["seconds"] if study else float("nan"))
    page.context.close()
    print(f"a changed radius over the whole city: new figures and polygons on screen after {statistics.median(took):.2f} s (median of {rounds}, "
          f"{min(took):.2f} to {max(took):.2f}), of which the study takes {statistics.median(figured):.2f} s; the first, cold, after {first:.1f} s")


@click.command()
@click.option("--sites", default=10_000, show_default=True)
@click.option("--rounds", default=5, show_default=True)
def main(sites: int, rounds: int) -> None:
    """Open the pages, change the radius; print sizes and medians."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise click.ClickException("没有 Chromium。 There is no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        _map_of_sites(browser, sites, rounds)
        _changed_radius(browser, rounds)
        browser.close()


if __name__ == "__main__":
    main()
