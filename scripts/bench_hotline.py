"""Time the hotline: keystroke → answer on the screen in a real Chromium, and the server's part alone; seeded.

python -m scripts.bench_hotline [sites, default 200000]

Calls are typed letter by letter, one every 180 ms. A keystroke counts until its answer is painted; where the next
one comes before that, from the first of them. The server runs in this process, over HTTP on the loopback, the browser beside it.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import threading
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # before the tree is loaded: what a web worker sets, see `locator.index`

import numpy as np
from flask import Flask
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from geodata import areas, calendar, places, readings, vocabulary
from geodata.passwords import Passwords
from geodata.registry import Registry
from locator.atlas import Atlas
from locator.columns import TextColumn
from locator.sites import Site, Sites
from locator.typed import BEIJING
from scripts.bench_city import SEED, points
from web import create_app

CALLS = ("我在王府井大街，百货大楼门口，能上厕所吗，冷得很", "东直门外 美团骑手 充电", "wfj cesuo", "天坛东路68号 热水",
         "西单北大街与灵境胡同交叉口", "dongzhimen hot water")
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=BEIJING)
EACH_MS = 180
WEAK = 4
"""How much slower a weak office machine's processor is taken to be."""
_PARTS = ("暖心驿站", "职工之家", "工会服务站", "母婴关爱室", "户外劳动者驿站")
_KINDS = ("warm_station", "workers_home", "union_service_station", "mother_baby_room", "warm_station")
_HOURS = ("24/7", "Mo-Su 08:00-22:00", "Mo-Fr 09:00-12:00,13:00-17:00", "Tu-Su 09:00-20:00", None)
_PASSWORD = "cold hands, warm tea 12351"


def city(n: int) -> Atlas:
    """Return an atlas of n invented sites: names, addresses, hours and facilities that differ."""
    chance, words = random.Random(SEED), vocabulary.load()
    named = [p.words.zh for p in places.load()]
    records = []
    for i, (lon, lat) in enumerate(points(n, seed=1).tolist()):
        kind, place, near = chance.randrange(len(_PARTS)), chance.choice(named), chance.choice(named)
        records.append(Site(
            id=f"b{i:07d}", name=f"{place}{near}第{i % 997}{_PARTS[kind]}", kind=_KINDS[kind], lon=lon, lat=lat, station_code=f"DC-{i:07d}",
            address=f"北京市东城区{near}大街{i % 500}号", opening_hours=chance.choice(_HOURS),
            eligibility=chance.choice(("everyone", "members", None)),
            facilities={code: "yes" for code in ("hot_water", "toilet", "charging", "heating") if chance.random() < 0.4}))
    return Atlas(Sites.of(records, words), vocabulary=words, calendar=calendar.load(), areas=areas.Areas.load().tree, places=places.load(),
                 readings=TextColumn.of(readings.readings([r.name for r in records])), version=1, as_of=NOON,
                 term_readings=readings.of_vocabulary(words))


def server_part(app: Flask, session: str) -> None:
    """Print what answering every beginning of every call takes, without a network."""
    client = app.test_client()
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], session)
    token = client.get("/hotline").text.split('name="csrf_token" value="')[1].split('"')[0]
    took: dict[str, list[float]] = {call: [] for call in CALLS}
    for call in CALLS:
        for length in range(1, len(call) + 1):
            began = perf_counter()
            answer = client.post("/hotline/look", data={"words": call[:length], "csrf_token": token})
            took[call].append((perf_counter() - began) * 1000)
            assert answer.status_code == 200
    for call, figures in took.items():
        print(f"    server   p50 {np.median(figures):6.1f} ms  worst {max(figures):6.1f}  whole {figures[-1]:6.1f}  {call}")
    told("server", [ms for figures in took.values() for ms in figures])


def on_screen(page: Page, slower: int) -> None:
    """Print how long every keystroke of every call takes to its answer on the screen."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.evaluate("""() => { window.took = []; const call = document.getElementById("call");
        const note = () => window.took.push(Number(call.dataset.tookMs));
        new MutationObserver(note).observe(call, { attributes: true, attributeFilter: ["data-took-ms"] }); }""")
    for call in CALLS:
        page.locator("#words").focus()
        page.keyboard.type(call, delay=EACH_MS)
        page.wait_for_timeout(1500)
        page.keyboard.press("F8")
        page.wait_for_timeout(500)
    told(f"screen, processor {slower}x slower" if slower > 1 else "screen", page.evaluate("window.took"))


def told(what: str, figures: list[float]) -> None:
    """Print a line of figures."""
    p50, p95 = np.percentile(figures, [50, 95])
    print(f"  {what:<34} p50 {p50:6.1f} ms  p95 {p95:6.1f}  worst {max(figures):6.1f}  of {len(figures)}")


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing."""


def measure(n: int, home: Path) -> None:
    """Print everything at n sites."""
    passwords = Passwords(time_cost=1, memory_kib=8, lanes=1)
    with Registry.open(home, create=True) as registry:
        registry.accounts.add("operator", display="operator", role="hotline", area="110000", by="bench", at=NOON)
        registry.accounts.choose_password(registry.accounts.named("operator"), passwords.hash(_PASSWORD), NOON)
        atlas = city(n)
        atlas.hours.prepare(0)
        _ = atlas.site_names, atlas.place_names
        app = create_app({"atlas": atlas, "home": home, "registry": registry, "passwords": passwords, "clock": lambda: NOON})
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"{n:,} sites, {len(CALLS)} calls")
        chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"http://127.0.0.1:{server.server_port}/hotline")
            page.locator("input[name=name]").fill("operator")
            page.locator("input[name=password]").fill(_PASSWORD)
            page.keyboard.press("Enter")
            page.locator("#tools").wait_for()
            session = next(c["value"] for c in page.context.cookies() if c["name"] == app.config["SESSION_COOKIE_NAME"])
            server_part(app, session)
            for slower in (1, WEAK):
                on_screen(page, slower)
            browser.close()
        server.shutdown()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000, Path(folder))
