"""Measure the copy that phones keep: bytes a site, how long a worker takes to build it, a phone to read it and to answer from it.

    python -m scripts.bench_offline                       # the demonstration registry, and 200,000 synthetic sites
    python -m scripts.bench_offline --sites 50000

The phone is a real Chromium with a processor four times as slow, told over its debugging protocol; it reads the very modules of
``static/offline``. Synthetic sites are seeded (`bench_city`); with ``uuid`` they have the ids that an import makes, which nothing compresses.
Medians; questions are for the 20 nearest with hot water that are open on arrival, 100 seeded places.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import threading
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Any

import brotli
import click
from playwright.sync_api import sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from geodata import calendar, demo, places, vocabulary
from geodata.areas import Areas
from locator.answers import unreported
from locator.atlas import Atlas
from locator.columns import TextColumn
from locator.hours import minute_of
from locator.sites import Site, Sites
from locator.typed import BEIJING
from scripts import bench_city, bench_http
from web import assets, create_app
from web.compact_copy import Copy, Offline

SLOWDOWN, QUESTIONS = 4, 100
_READ = """async ({ base, file, asked, minute }) => {
    const { decodeFile } = await import(base + "decode.js");
    const { Copy } = await import(base + "nearest.js");
    const buffer = await (await fetch(file)).arrayBuffer();
    const timed = (act) => { const began = performance.now(); act(); return performance.now() - began; };
    let copy;
    const read = timed(() => { copy = new Copy(decodeFile(buffer)); });
    const question = ([lon, lat]) => copy.nearest({ lon, lat, k: 20, state: "open-on-arrival", filters: { facilities: ["hot_water"] } }, minute);
    const first = timed(() => question(asked[0]));
    return { read, first, each: asked.map((one) => timed(() => question(one))) };
}"""


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing."""


def _with_uuids(sites: Iterable[Site]) -> list[Site]:
    return [dataclasses.replace(site, id=str(uuid.uuid5(uuid.NAMESPACE_URL, site.id))) for site in sites]


def _atlas(sites: list[Site], areas: Areas) -> Atlas:
    words = vocabulary.load()
    return Atlas(Sites.of(sites, words), vocabulary=words, calendar=calendar.load(), readings=TextColumn.of([""] * len(sites)),
                 areas=areas.tree, places=places.load(), version=1, as_of=datetime.now(UTC))


def _on_a_phone(chromium: str, atlas: Atlas) -> dict[str, Any]:
    """Read the copy and ask it, in a slow browser."""
    app = create_app({"atlas": atlas, "demo": True})
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{base}/offline")
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        told: dict[str, Any] = page.evaluate(_READ, {
            "base": f"{base}/static/{assets.version()}/offline/", "file": f"{base}/api/v1/offline",
            "asked": bench_city.points(QUESTIONS, seed=2).tolist(), "minute": minute_of(datetime.now(BEIJING))})
        browser.close()
    server.shutdown()
    server.server_close()
    return told


@click.command()
@click.option("--sites", default=200_000, show_default=True)
def main(sites: int) -> None:
    """Build, weigh, read and ask."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise click.ClickException("没有 Chromium。 There is no Chromium: apt-get install chromium")
    areas = Areas.load()
    synthetic = bench_http.city(sites)
    invented = list(demo.sites(vocabulary.load(), areas))
    for name, records in (("demonstration", invented), ("synthetic", synthetic), ("synthetic, uuid", _with_uuids(synthetic))):
        atlas = _atlas(records, areas)
        began = perf_counter()
        offline = Offline(atlas)
        built = perf_counter() - began
        edited = _atlas([*records[:-1], dataclasses.replace(records[-1], name="改了名")], areas)
        began = perf_counter()
        again = Offline(edited, offline.made)
        after = perf_counter() - began
        anew = len(again.made.keys() - offline.made.keys())
        began = perf_counter()
        copy: Copy = offline.on(unreported(atlas, datetime.now(BEIJING)))
        hours = perf_counter() - began
        index = json.loads(copy.index)
        count = index["sites"]
        began = perf_counter()
        whole = len(copy.whole().packed)
        joined = perf_counter() - began
        parts = index["weight"] + len(brotli.compress(copy.index, quality=5))
        print(f"{name}: {count:,} sites, {len(index['blocks'])} blocks")
        print(f"  bytes a site, brotli: {whole / count:.1f} in one file, {parts / count:.1f} in parts; all parts {parts / 1e6:.2f} MB")
        print(f"  building: blocks {built:.2f} s at first, {after:.2f} s after one edit ({anew} anew),",
              f"hours and confidence {hours:.2f} s once a day, one file {joined:.2f} s when first asked for")
        told = _on_a_phone(chromium, atlas)
        print(f"  on a phone {SLOWDOWN} times as slow: read {told['read']:.0f} ms, first question {told['first']:.0f} ms, "
              f"later ones {median(told['each']):.0f} ms (worst {max(told['each']):.0f})", flush=True)


if __name__ == "__main__":
    main()
