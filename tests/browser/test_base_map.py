"""The operator's base map in a real Chromium: its tiles come, under our markers, with its names; nothing else does."""

from __future__ import annotations

import base64
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from locator import datum
from tests.browser.conftest import DESK

GREY = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGM4AAAAwgDBUl5XUQAAAABJRU5ErkJggg==")


@pytest.fixture
def tile_server():
    """Serve one grey pixel, and remember what was asked and what came along."""
    asked = []

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("Referer")))
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(GREY)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.asked = asked
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tiled(tile_server, serve, few):
    host = f"127.0.0.1:{tile_server.server_port}"
    return host, serve(few, base_map=f"http://{host}/{{z}}/{{x}}/{{y}}.png", base_map_datum="gcj02", base_map_attribution="某地图 <b>&",
                       base_map_approval="GS(2024)0650号")


@pytest.mark.parametrize("viewport", [DESK, {"width": 360, "height": 740}], ids=["desk", "phone"])
def test_the_finder_draws_on_it_and_shows_whose_it_is(tiled, tile_server, open_page, viewport):
    host, address = tiled
    page = open_page(f"{address}/?lon=116.4&lat=39.9", viewport=viewport, also=host)
    page.locator("#map-side").scroll_into_view_if_needed()
    page.locator("#map-side[data-drawn=yes]").wait_for()

    assert "某地图 <b>& · 审图号：GS(2024)0650号" in page.locator(".leaflet-control-attribution").inner_text()
    page.wait_for_function("() => document.querySelectorAll('.leaflet-tile-loaded').length > 3")
    assert page.locator("path.district").count() == 0
    assert {referrer for _, referrer in tile_server.asked} == {address + "/"}  # never the page's query: it holds a position


def test_the_middle_of_the_map_is_asked_about_in_the_maps_own_datum(tiled, open_page):
    host, address = tiled
    page = open_page(f"{address}/?lon=116.4&lat=39.9", viewport=DESK, also=host)
    page.locator("#map-side[data-drawn=yes]").wait_for()
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 230, box["y"] + 330, steps=5)
    page.mouse.up()

    page.locator(".here").click()

    page.wait_for_url("**datum=gcj02**")
    page.locator("#answer[data-lon]").wait_for()


def test_the_planner_draws_on_it_with_its_markers_where_they_belong(tiled, open_page, few):
    host, address = tiled
    page = open_page(address + "/planner/sites/map", viewport=DESK, also=host)
    page.locator(".leaflet-tile-loaded").first.wait_for()

    assert "审图号：GS(2024)0650号" in page.locator(".leaflet-control-attribution").inner_text()
    drawn = page.evaluate("""() => { for (const layer of Object.values(window)) if (layer && layer.getLayers && layer.getVisibleParent)
        for (const m of layer.getLayers()) if (m.site.name.startsWith("第1")) return [m.getLatLng().lng, m.getLatLng().lat]; }""")
    assert drawn == pytest.approx(datum.point_from_wgs84(*few.sites.lonlat[0].tolist(), "gcj02"), abs=1.1e-5)
