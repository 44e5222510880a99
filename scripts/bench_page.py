"""Measure the worker's page on a slow phone: bytes, the first list, when it can be used; and the counts its map asks for.

    python -m scripts.bench_page                         # 10,000 and 200,000 sites, about six minutes
    python -m scripts.bench_page --sites 10000 --rounds 3

Real Chromium, told over its debugging protocol to be a phone: 360 by 740, touch, a processor four times as slow, 1.6 Mbit/s, 150 ms. The
server is `nuanxin serve` with two workers over a temporary registry. Seeded. A list is visible when its first card is in the window and
painted; the page can be used when its script has run and the main thread is free; bytes are those on the way, headers included.
Beside it, on the same phone: Folium's MarkerCluster page of the same sites, a marker each, with its libraries from this machine.
"""

from __future__ import annotations

import gzip
import http.client
import json
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import folium
import numpy as np
from folium.plugins import MarkerCluster
from playwright.sync_api import Browser, Page, sync_playwright

from geodata.registry import Registry
from locator.mercator import Box
from locator.sites import Site
from scripts import bench_city
from scripts.bench_http import Served, city
from web.assets import STATIC

SLOWDOWN, BITS_A_SECOND, LATENCY_MS = 4, 1_600_000, 150
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2,
                         "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
CLUSTER_QUESTIONS = 400

_WATCH = """(() => {
  const seen = (name, ready) => {
    const done = () => setTimeout(() => { window[name] = performance.now(); }, 0);
    const look = () => requestAnimationFrame(ready() ? done : look);
    look();
  };
  seen("listAt", () => { const card = document.querySelector(".card"); return card && card.getBoundingClientRect().top < innerHeight; });
  seen("usableAt", () => document.documentElement && document.documentElement.classList.contains("js") && document.readyState !== "loading");
  seen("clusteredAt", () => document.querySelector(".marker-cluster"));
})()"""

Row = tuple[str, str, str]


class Phone:
    """One page on a new phone, nothing cached, until the block ends."""

    def __init__(self, browser: Browser, *, keeps: bool = False) -> None:
        """Take the browser it is a page of; `keeps`: with a service worker, whose own traffic is not weighed."""
        self._context = browser.new_context(**PHONE, service_workers="allow" if keeps else "block")
        self.page: Page = self._context.new_page()
        self.bytes = 0
        told = self._context.new_cdp_session(self.page)
        told.send("Network.enable")
        told.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, "downloadThroughput": BITS_A_SECOND / 8,
                                                       "uploadThroughput": BITS_A_SECOND / 8})
        told.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        told.on("Network.loadingFinished", self._weigh)
        self.page.add_init_script(_WATCH)

    def _weigh(self, event: dict[str, Any]) -> None:
        self.bytes += event["encodedDataLength"]

    def __enter__(self) -> Phone:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def when(self, name: str) -> float:
        """Return the seconds from the start until something was so."""
        return float(self.page.wait_for_function(f"() => window.{name}", timeout=120_000).json_value()) / 1000


def first_views(browser: Browser, address: str, rounds: int) -> dict[str, float]:
    """Return the medians of a first visit that goes straight to a list, and then looks at the map."""
    taken: dict[str, list[float]] = {"welcome": [], "bytes": [], "list": [], "usable": [], "with map": []}
    for lon, lat in bench_city.points(rounds, seed=3).tolist():
        with Phone(browser) as phone:
            phone.page.goto(address, wait_until="networkidle")
            taken["welcome"].append(phone.bytes)
        with Phone(browser) as phone:
            phone.page.goto(f"{address}/?lon={lon}&lat={lat}")
            taken["list"].append(phone.when("listAt"))
            taken["usable"].append(phone.when("usableAt"))
            phone.page.wait_for_load_state("networkidle")
            taken["bytes"].append(phone.bytes)
            phone.page.locator("#map-side").scroll_into_view_if_needed()
            phone.page.wait_for_selector("#map-side[data-drawn=yes]", timeout=60_000)
            phone.page.wait_for_selector(".other", state="attached", timeout=60_000)
            phone.page.wait_for_load_state("networkidle")
            taken["with map"].append(phone.bytes)
    return {name: statistics.median(values) for name, values in taken.items()}


def keep(phone: Phone, address: str) -> None:
    """Visit once, until the phone keeps a copy for times without a network."""
    phone.page.goto(address)
    phone.page.wait_for_function("() => /已离线保存/.test((document.getElementById('offline-line') || {}).textContent)", timeout=180_000)


def cut_off(phone: Phone, address: str) -> float:
    """Return the seconds until the first list of a visit without a network, the server gone too."""
    phone.page.context.set_offline(True)
    [[lon, lat]] = bench_city.points(1, seed=3).tolist()
    phone.page.goto(f"{address}/?lon={lon}&lat={lat}")
    return phone.when("listAt")


class _Plain(SimpleHTTPRequestHandler):
    """Files of a folder, compressed where the asker takes it."""

    def do_GET(self) -> None:
        """Send one file."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        for name, value in (("Content-Type", self.guess_type(path)), ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def folium_page(sites: list[Site], folder: Path) -> Iterator[str]:
    """Serve Folium's page of some sites, one marker with a name each, its libraries beside it; yield its address."""
    shutil.copytree(STATIC / "vendor", folder / "vendor")
    leaflet = [("leaflet", "vendor/leaflet/leaflet.js")], [("leaflet_css", "vendor/leaflet/leaflet.css")]
    cluster = ([("markercluster", "vendor/leaflet.markercluster/leaflet.markercluster.js")],
               [("markercluster_css", "vendor/leaflet.markercluster/MarkerCluster.Default.css")])
    folium.Map.default_js, folium.Map.default_css = leaflet
    MarkerCluster.default_js, MarkerCluster.default_css = cluster
    page = folium.Map(location=(39.93, 116.4), zoom_start=10, tiles=None)
    page.options["maxZoom"] = 18  # folium drops max_zoom when there are no tiles
    marks = MarkerCluster().add_to(page)  # type: ignore[no-untyped-call]
    for site in sites:
        assert site.lon is not None
        assert site.lat is not None
        folium.Marker((site.lat, site.lon), tooltip=site.name, icon=folium.DivIcon()).add_to(marks)
    page.save(folder / "index.html")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Plain, directory=str(folder)))
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a page that is closed hangs up
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()


def folium_view(browser: Browser, address: str, rounds: int) -> tuple[float, float]:
    """Return the median bytes of Folium's page, and the seconds until its clusters are drawn."""
    moved, took = [], []
    for _ in range(rounds):
        with Phone(browser) as phone:
            phone.page.goto(address, timeout=180_000, wait_until="commit")
            took.append(phone.when("clusteredAt"))
            moved.append(phone.bytes)
    return statistics.median(moved), statistics.median(took)


def cluster_questions() -> list[tuple[Box, int]]:
    """Return seeded boxes as phones and desks see them, from the whole city to a street, a question in ten of all of it."""
    rng = np.random.default_rng(bench_city.SEED)
    asked = []
    for number, (lon, lat) in enumerate(bench_city.points(CLUSTER_QUESTIONS, seed=4).tolist()):
        zoom = 9 if number % 10 == 0 else int(rng.integers(11, 18))
        across, down = ((360, 460), (800, 760))[number % 2]
        east, north = across * 360 / 256 / 2 ** zoom / 2, down * 276 / 256 / 2 ** zoom / 2
        lon, lat = (116.5, 40.2) if zoom == 9 else (lon, lat)
        asked.append((Box(*(round(edge, 5) for edge in (lon - east, lat - north, lon + east, lat + north))), zoom))
    return asked


def ask_clusters(port: int, asked: list[tuple[Box, int]]) -> list[float]:
    """Return the milliseconds of each whole answer over one kept connection; every third question has filters."""
    connection, took = http.client.HTTPConnection("127.0.0.1", port), []
    for number, (box, zoom) in enumerate([*asked[:40], *asked]):  # the first ones warm
        filters = "" if number % 3 else "&state=open&facility=water"
        began = time.perf_counter()
        connection.request("GET", f"/api/v1/clusters?bbox={','.join(map(str, box))}&zoom={zoom}{filters}")
        answer = connection.getresponse()
        answer.read()
        took.append(1000 * (time.perf_counter() - began))
        if answer.status != 200:
            raise click.ClickException(f"{answer.status} to {box} at {zoom}")
    connection.close()
    return took[40:]


def plain_clusters(sites: list[Site], asked: list[tuple[Box, int]]) -> list[float]:
    """Return the milliseconds of the same counts by the columns alone: numpy's unique over every site of a box, and JSON; no server."""
    lonlat = np.array([(site.lon, site.lat) for site in sites], float)
    took = []
    for box, zoom in asked:
        began = time.perf_counter()
        lon, lat = lonlat[:, 0], lonlat[:, 1]
        inside = lonlat[(lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)]
        x, y = (inside[:, 0] + 180) / 360, 0.5 - np.arcsinh(np.tan(np.radians(inside[:, 1]))) / (2 * np.pi)
        cells = np.floor(np.column_stack([x, y]) * 4 * 2 ** zoom)
        _, cell, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
        means = [np.bincount(cell.ravel(), inside[:, axis], len(counts)) / counts for axis in (0, 1)]
        json.dumps([*zip(*(mean.tolist() for mean in means), counts.tolist(), strict=True)])
        took.append(1000 * (time.perf_counter() - began))
    return took


def table(rows: list[Row], say: Callable[[str], None]) -> None:
    """Print what was measured beside its target."""
    for what, figure, target in [("what", "figure", "target"), *rows]:
        say(f"{what:<66} {figure:>12}   {target}")


@click.command()
@click.option("--sites", multiple=True, type=int, default=(10_000, 200_000), show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--folium-sites", default=10_000, show_default=True, help="0: without Folium.")
def main(sites: tuple[int, ...], rounds: int, folium_sites: int) -> None:
    """Measure, and print one table."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise click.ClickException("没有 Chromium。 There is no Chromium: apt-get install chromium")
    rows: list[Row] = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as top:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        usable = 0.0
        for count in sites:
            home, built = Path(top, str(count)), city(count)
            with Registry.open(home, create=True) as registry:
                registry.commit(built, who="bench", why="synthetic city")
            with Phone(browser, keeps=True) as again:
                with Served(home) as server:
                    address = f"http://127.0.0.1:{server.port}"
                    seen = first_views(browser, address, rounds)
                    answered, plain = ask_clusters(server.port, cluster_questions()), plain_clusters(built, cluster_questions())
                    keep(again, address)
                without = cut_off(again, address)
            usable = usable or seen["usable"]
            named = f"{count:,} sites: "
            rows += [
                (named + "the first page, kB", f"{seen['welcome'] / 1000:.1f}", "60"),
                (named + "the first list, without the map, kB", f"{seen['bytes'] / 1000:.1f}", "60"),
                (named + "the same with the map and its library, kB", f"{seen['with map'] / 1000:.1f}", "110"),
                (named + "first list visible, s", f"{seen['list']:.2f}", "1.2"),
                (named + "can be used, s", f"{seen['usable']:.2f}", "2"),
                (named + "second visit, no network: first list visible, s (one visit)", f"{without:.2f}", "works"),
                (named + "counts of a box, whole answer, p50 / p95 ms", _middle(answered), "5"),
                (named + "the same by numpy's unique, no server, no filters, ms", _middle(plain), f"ratio {_ratio(answered, plain)}"),
            ]
        if folium_sites:
            with folium_page(city(folium_sites), Path(top, "folium")) as page:
                moved, took = folium_view(browser, page, rounds)
            rows += [(f"{folium_sites:,} sites: Folium's MarkerCluster page, kB", f"{moved / 1000:.1f}", ""),
                     (f"{folium_sites:,} sites: its clusters are drawn, s", f"{took:.2f}", f"{took / usable:.1f} times ours" if usable else "")]
        browser.close()
    click.echo(f"median of {rounds}; processor / {SLOWDOWN}, {BITS_A_SECOND / 1e6} Mbit/s, {LATENCY_MS} ms")
    table(rows, click.echo)


def _middle(took: list[float]) -> str:
    return f"{statistics.median(took):.2f} / {np.quantile(took, 0.95):.2f}"


def _ratio(ours: list[float], theirs: list[float]) -> str:
    return f"{statistics.median(ours) / statistics.median(theirs):.2f}"


if __name__ == "__main__":
    main()
