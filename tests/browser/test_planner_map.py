"""The planner's map in a real Chromium: it draws, filters, tells a point, and runs nobody's markup."""

from __future__ import annotations

from tests.browser.barriers import NIGHT, barriers
from tests.browser.conftest import DESK
from tests.conftest import a_site
from tests.web.conftest import HOSTILE

SITES = "/planner/sites"
MAP = "/planner/sites/map"


def shown(page) -> int:
    """Return how many sites the map draws, those inside clusters included."""
    return page.evaluate("""() => { let n = 0;
        for (const layer of Object.values(window).filter(v => v && v.getLayers && v.getVisibleParent))
            n = Math.max(n, layer.getLayers().length);
        return n; }""")


def test_the_page_frames_the_map_and_breaks_no_policy(site_address, open_page):
    page = open_page(site_address + SITES, viewport=DESK)

    frame = page.frame_locator("iframe")

    frame.locator(".leaflet-container").wait_for()
    frame.locator(".leaflet-control-attribution", has_text="china-geojson").wait_for()


def test_every_site_is_drawn_and_a_kind_can_be_taken_away(site_address, open_page):
    page = open_page(site_address + MAP, viewport=DESK)
    page.locator(".leaflet-container").wait_for()
    assert shown(page) == 5

    page.locator(".leaflet-control-layers").hover()
    page.locator(".leaflet-control-layers-overlays label", has_text="母婴").click()

    page.wait_for_function("() => Object.values(window).some(v => v && v.getVisibleParent && v.getLayers().length === 4)")


def test_a_point_tells_its_name_as_text_and_its_card_leads_to_its_page(make_atlas, serve, open_page):
    address = serve(make_atlas([a_site(1, name=HOSTILE)]))
    page = open_page(address + MAP, viewport=DESK)
    page.locator(".leaflet-container").wait_for()

    box = page.locator(".leaflet-container").bounding_box()
    page.mouse.move(box["width"] / 2, box["height"] / 2)
    page.mouse.click(box["width"] / 2, box["height"] / 2)

    card = page.locator(".leaflet-popup-content")
    card.locator("a").wait_for()
    assert "<script>alert('x')</script>" in card.inner_text()
    assert card.locator("a").get_attribute("href") == "/sites/s1"
    assert card.locator("script, b").count() == 0


def test_ten_thousand_sites_can_be_used(make_atlas, serve, open_page, areas):
    many = [a_site(i, name=f"东华门街道第{i}暖心驿站", lon=116.2 + i % 173 / 400, lat=39.8 + i % 149 / 400) for i in range(10_000)]
    page = open_page(serve(make_atlas(many, areas=areas.tree)) + MAP, viewport=DESK)

    page.locator(".marker-cluster").first.wait_for()
    assert shown(page) == 10_000

    page.locator(".leaflet-control-zoom-in").click()
    page.locator(".marker-cluster").first.wait_for()


def test_axe_finds_nothing_to_object_to_on_the_page(site_address, open_page):
    page = open_page(site_address + SITES, viewport=DESK)
    page.frame_locator("iframe").locator(".leaflet-container").wait_for()

    assert barriers(page, NIGHT) == {}
