"""What a tap, a key or a movement of the map does."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import DESK
from tests.browser.finder_map.conftest import ASKED, HERE, asks, counts, drawn


def test_a_tap_on_a_bubble_goes_nearer_until_its_sites_stand_apart(address, open_page):
    page = drawn(open_page(address + HERE, viewport=DESK))
    sent = asks(page)
    biggest = page.locator(".other.many").first
    assert int(biggest.text_content()) > 3

    biggest.dispatch_event("click")

    page.wait_for_function("() => document.querySelectorAll('.other.dot').length > 3")
    assert int(sent[-1]["zoom"][0]) > 16
    assert page.get_by_role("button", name="从这里查找").is_visible()


def test_a_tap_on_a_single_site_tells_its_name_and_state_as_text_and_leads_to_it(address, open_page):
    page = drawn(open_page(address + HERE + "&by=walk", viewport=DESK))
    dot = page.locator(".other.dot", has=page.locator("xpath=self::*[contains(@aria-label, '独站')]"))
    assert dot.get_attribute("aria-label") == "独站<b>&, 开放与否不明"

    dot.dispatch_event("click")

    link = page.locator(".leaflet-popup-content a")
    expect(link).to_have_text("独站<b>&")
    expect(link).to_be_focused()
    expect(page.locator(".leaflet-popup-content")).to_contain_text("开放与否不明")
    link.click()
    page.wait_for_url("**/sites/s201")


def test_sites_at_one_spot_are_told_apart_by_the_list(address, open_page):
    page = drawn(open_page(address + "/?lon=116.3961&lat=39.8999&k=1&within=1", viewport=DESK, reduced_motion="reduce"))
    pair = page.locator(".other.many", has_text=re.compile("^2$"))
    while page.locator(".leaflet-control-zoom-in.leaflet-disabled").count() == 0:
        pair.dispatch_event("click")
        page.wait_for_timeout(500)  # the map rests, then asks
    pair.dispatch_event("click")

    page.get_by_role("button", name="列出这里的 2 个站点").click()

    expect(page.locator(".card").first).to_be_visible()
    assert "lon=116.39" in page.url


def test_keyboard_alone_reaches_bubbles_and_stays_in_the_map(address, open_page):
    page = drawn(open_page(address + HERE, viewport=DESK))
    first = page.locator(".other.many").first
    assert first.get_attribute("role") == "button"
    assert "个站点，其中" in first.get_attribute("aria-label")
    sent = asks(page)

    first.focus()
    page.keyboard.press("Enter")

    page.wait_for_function("() => document.activeElement.id === 'map'")
    assert sent


def drag(page, x, y):
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 500)
    page.mouse.down()
    page.mouse.move(box["x"] + 300 + x, box["y"] + 500 + y, steps=4)
    page.mouse.up()


def test_a_moved_map_asks_for_its_new_box_once_it_rests_and_offers_to_search_there(address, open_page):
    page = drawn(open_page(address + HERE, viewport=DESK, reduced_motion="reduce"))
    sent = asks(page)
    expect(page.locator(".here")).to_be_hidden()

    page.evaluate("() => { for (const way of ['in', 'in', 'out']) document.querySelector(`.leaflet-control-zoom-${way}`).click(); }")
    page.wait_for_timeout(600)
    assert len(sent) == 1
    drag(page, -60, -30)
    page.wait_for_timeout(600)

    assert len(sent) == 2
    west, south, east, north = map(float, sent[0]["bbox"][0].split(","))
    assert west < east
    assert south < north
    expect(page.locator(".here")).to_be_visible()


def test_no_part_of_the_city_is_bare_while_the_map_is_dragged(address, open_page):
    page = drawn(open_page(address + HERE, viewport=DESK))
    page.wait_for_selector("path.district")
    box = page.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] - 60, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(x - step * (box["width"] - 120) / 7, y)

    bare = page.evaluate("""() => { const m = document.getElementById('map').getBoundingClientRect();
        return [0.1, 0.5, 0.9].filter((right) => !document.elementsFromPoint(m.x + m.width * right, m.y + m.height / 3)
            .some((element) => element.classList.contains('district'))); }""")

    page.mouse.up()
    assert bare == []


def test_an_answer_that_a_later_movement_made_old_is_given_up(address, open_page):
    page = drawn(open_page(address + HERE, viewport=DESK, reduced_motion="reduce"))
    held, failed = [], []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.route(ASKED, lambda route: held.append(route) if not held else route.continue_())
    drag(page, -80, 0)
    page.wait_for_timeout(400)

    drag(page, -80, 0)
    page.wait_for_timeout(500)

    assert len(held) == 1
    assert [url for url in failed if ASKED.search(url)] == [held[0].request.url]


def test_what_is_drawn_stays_when_the_server_does_not_answer(address, open_page):
    page = drawn(open_page(address + HERE, viewport=DESK, reduced_motion="reduce"))
    before = counts(page)
    page.route(ASKED, lambda route: route.abort())
    drag(page, -40, 0)
    page.wait_for_timeout(500)
    assert counts(page) == before

    page.unroute(ASKED)
    page.route(ASKED, lambda route: route.fulfill(status=503, body="{}"))
    drag(page, -40, 0)
    page.wait_for_timeout(500)

    assert counts(page) == before
    assert page.locator(".card").count() == 20


def test_a_popup_outlives_the_movement_that_makes_room_for_it(address, open_page):
    page = drawn(open_page(address + HERE, viewport=DESK))
    page.locator(".other.dot").first.dispatch_event("click")
    page.wait_for_timeout(900)

    expect(page.locator(".leaflet-popup-content a")).to_be_visible()


def test_a_popup_that_moves_the_map_is_no_wish_to_search_there_and_the_button_never_lies_over_one(address, open_page):
    page = drawn(open_page(address + HERE, reduced_motion="reduce"))
    page.evaluate("document.getElementById('map').scrollIntoView({ block: 'center' })")
    pane = "() => document.querySelector('.leaflet-map-pane').style.transform"
    stood = page.evaluate(pane)

    page.locator(".pin-target:has(.more)").first.click()

    page.wait_for_timeout(700)  # the map rests
    content = page.locator(".leaflet-popup-content")
    assert page.evaluate(pane) != stood  # it made room for itself
    expect(page.locator(".here")).to_be_hidden()
    popup, around = page.locator(".leaflet-popup").bounding_box(), page.locator("#map").bounding_box()
    assert around["y"] <= popup["y"]
    assert popup["y"] + popup["height"] <= around["y"] + around["height"]
    assert content.evaluate("e => e.scrollHeight > e.clientHeight && getComputedStyle(e).webkitMaskImage.includes('gradient')")  # more fades
    assert content.evaluate("e => e.clientHeight") > 220

    page.locator(".leaflet-popup-close-button").click()
    expect(page.locator(".here")).to_be_hidden()
    page.locator("#map").focus()
    page.keyboard.press("ArrowDown")  # as a drag
    page.wait_for_timeout(500)
    expect(page.locator(".here")).to_be_visible()
    page.locator(".pin-target:has(.more)").first.dispatch_event("click")
    page.wait_for_timeout(700)  # the map rests
    expect(page.locator(".leaflet-popup")).to_be_visible()
    expect(page.locator(".here")).to_be_hidden()  # it would lie over the popup
    page.locator(".leaflet-popup-close-button").click()
    expect(page.locator(".here")).to_be_visible()


def test_whoever_wants_no_motion_gets_none(address, open_page):
    page = drawn(open_page(address + HERE, viewport=DESK, reduced_motion="reduce"))

    page.locator(".leaflet-control-zoom-in").click()

    assert page.locator(".leaflet-zoom-anim").count() == 0
    assert page.evaluate("document.getAnimations().length") == 0
