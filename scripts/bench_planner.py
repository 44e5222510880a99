"""Measure the planner's map of 10,000 sites in a real Chromium: its bytes, and how long until it can be used.

    python -m scripts.bench_planner

Usable is when clusters are drawn and the page answers again: two frames later, with nothing left to run.
The page is served by this process on a free loopback port; needs Chromium and the test tools.
"""

from __future__ import annotations

import shutil
import statistics
import threading
import time
from datetime import UTC, datetime
from functools import partial

import click
from playwright.sync_api import Request, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from geodata import calendar, vocabulary
from geodata.areas import Areas
from locator.atlas import Atlas
from locator.columns import TextColumn
from locator.sites import Sites
from scripts import bench_http
from web import create_app

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


@click.command()
@click.option("--sites", default=10_000, show_default=True)
@click.option("--rounds", default=5, show_default=True)
def main(sites: int, rounds: int) -> None:
    """Open the map several times; print its size and the median time until it can be used."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise click.ClickException("没有 Chromium。 There is no Chromium: apt-get install chromium")
    words = vocabulary.load()
    atlas = Atlas(Sites.of(bench_http.city(sites), words), vocabulary=words, calendar=calendar.load(),
                  readings=TextColumn.of([""] * sites), areas=Areas.load().tree, places=(), version=1,
                  as_of=datetime.now(UTC))
    server = make_server("127.0.0.1", 0, create_app({"atlas": atlas}), threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/planner/sites/map"
    took, moved, whole = [], 0, 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        for _ in range(rounds):
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()  # nothing cached
            answers: list[tuple[int, int]] = []
            page.on("requestfinished", partial(_weigh, answers))
            begun = time.perf_counter()
            page.goto(address)
            page.wait_for_function(_USABLE)
            took.append(time.perf_counter() - begun)
            moved, whole = (sum(sizes) for sizes in zip(*answers, strict=True))
            page.context.close()
        browser.close()
    server.shutdown()
    print(f"{sites:,} sites on the planner's map: {moved / 1e6:.2f} MB transferred with scripts and styles "
          f"({whole / 1e6:.2f} MB unpacked), usable after {statistics.median(took):.2f} s (median of {rounds})")


if __name__ == "__main__":
    main()
