"""The finder's map is drawn when it is wanted, and not before; in another datum everything stands in that."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from locator import datum
from tests.browser.conftest import DESK
from tests.browser.finder_map.conftest import HERE, drawn
from tests.conftest import a_site


def test_on_a_phone_nothing_of_the_map_is_fetched_before_it_comes_into_view(address, open_page):
    asked = []
    page = open_page(address + HERE, before=lambda page: page.on("request", lambda request: asked.append(request.url)))
    page.wait_for_selector("#map-side[data-drawn=later]")
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if re.search("leaflet|clusters|drawing|basemap|outlines|places", url)] == []

    drawn(page)

    assert sum("leaflet.js" in url for url in asked) == 1
    assert any("clusters?" in url for url in asked)


def test_whoever_saves_data_is_asked_first_and_the_keyboard_is_enough(address, open_page):
    saving = "Object.defineProperty(Navigator.prototype, 'connection', { get: () => ({ saveData: true }) })"
    page = open_page(address + HERE, before=lambda page: page.add_init_script(saving))
    page.wait_for_selector("#map-side[data-drawn=later]")
    page.locator("#map-side").scroll_into_view_if_needed()
    page.wait_for_timeout(200)  # nothing is to happen
    expect(page.locator("#map-side")).to_have_attribute("data-drawn", "later")

    page.get_by_role("button", name="显示地图").focus()
    page.keyboard.press("Enter")

    page.wait_for_selector("#map-side[data-drawn=yes]")
    expect(page.get_by_role("button", name="显示地图")).to_have_count(0)


def test_at_a_desk_it_is_drawn_at_once(address, open_page):
    page = open_page(address + HERE, viewport=DESK)

    page.wait_for_selector("#map-side[data-drawn=yes]")


def test_without_scripts_there_is_no_empty_map(address, open_page):
    page = open_page(address + HERE, java_script_enabled=False)

    expect(page.locator("#map-side")).to_be_hidden()


def test_on_gcj02_tiles_everything_stands_in_gcj02(serve, make_atlas, open_page, areas):
    sites = [a_site(1, lon=116.4000, lat=39.9), a_site(2, lon=116.4040, lat=39.9)]
    here = serve(make_atlas(sites, areas=areas.tree), base_map="http://127.0.0.1:9/{z}/{x}/{y}.png", base_map_datum="gcj02",
                 base_map_attribution="某地图", base_map_approval="GS(2024)0650号")
    page = drawn(open_page(here + "/?lon=116.4&lat=39.9&k=1", viewport=DESK, also="127.0.0.1:9"))
    pin, dot, you = ([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2] for box in (
        page.locator(part).bounding_box() for part in ("#map .pin", ".other.dot", "#map .you")))

    assert "某地图 · 审图号：GS(2024)0650号" in page.locator(".leaflet-control-attribution").inner_text()
    assert page.locator("path.district").count() == 0
    assert dot[0] - you[0] > 100  # side by side as in the world: 340 m at zoom 16 and nearer
    assert dot[1] == pytest.approx(you[1], abs=3)
    asked = page.evaluate("() => performance.getEntriesByType('resource').map(e => e.name).find(n => n.includes('/clusters?'))")
    answer = page.request.get(asked).json()
    assert answer["query"]["datum"] == "gcj02"
    [site] = answer["sites"]
    assert (site["lon"], site["lat"]) == pytest.approx(datum.point_from_wgs84(116.404, 39.9, "gcj02"), abs=1e-9)
    assert pin[0] == pytest.approx(you[0] + 15, abs=3)
