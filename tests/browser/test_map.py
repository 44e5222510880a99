"""The finder's map in a real Chromium: drawn when it is wanted, the list's sites under their numbers, all others counted by the server."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from locator import datum
from tests.browser.conftest import DESK, PHONE
from tests.conftest import a_site

HERE = "/?lon=116.4&lat=39.9"
ASKED = re.compile("/api/v1/clusters")


def many_sites():
    """Return a near crowd for the list, a far one beside it, some that stand alone, and two at one spot."""
    return [
        *(a_site(i, lon=116.400 + i * 2e-4, lat=39.900) for i in range(25)),
        *(a_site(100 + i, lon=116.406 + i % 4 * 4e-4, lat=39.900 + i // 4 * 3e-4, opening_hours="24/7" if i else "off") for i in range(12)),
        a_site(201, name="独站<b>&", lon=116.4000, lat=39.9035, opening_hours=None), a_site(202, lon=116.4, lat=39.895, facilities={"toilet": "yes"}),
        a_site(203, lon=116.396, lat=39.9, facilities={"toilet": "yes"}), a_site(204, lon=116.396, lat=39.9),
    ]


@pytest.fixture(scope="module")
def address(serve, make_atlas, areas):
    return serve(make_atlas(many_sites(), areas=areas.tree))


def drawn(page):
    """Return a page when its map is drawn and the server's counts are on it."""
    page.locator("#map-side").scroll_into_view_if_needed()
    page.wait_for_selector("#map-side[data-drawn=yes]")
    page.wait_for_selector(".other", state="attached")
    return page


def counts(page):
    """Return how many sites the map's bubbles and dots stand for."""
    return page.evaluate("() => [...document.querySelectorAll('.other')].reduce((n, e) => n + Number(e.textContent || 1), 0)")


def numbers(page):
    """Return the list's numbers that stand on each pin, as whoever hears the map is told them."""
    labels = page.locator(".pin-target").evaluate_all("all => all.map(e => e.getAttribute('aria-label'))")
    return [[int(n) for n in re.findall(r"\d+", label.partition("：")[2] or label.partition(" ")[0])] for label in labels]


def asks(page):
    """Return the queries sent for clusters from now on, as they come."""
    sent = []
    page.on("request", lambda request: sent.append(parse_qs(urlsplit(request.url).query)) if ASKED.search(request.url) else None)
    return sent


# --- when it is drawn -----------------------------------------------------------------------------------


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


# --- what it shows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_every_site_in_view_is_drawn_once_under_its_number_or_in_a_count(address, open_page, viewport):
    page = drawn(open_page(address + HERE, viewport=viewport))
    listed = page.locator(".card").evaluate_all("cards => cards.map(card => card.dataset.id)")

    query = page.evaluate("() => performance.getEntriesByType('resource').map(e => e.name).find(n => n.includes('/clusters?'))")
    answer = page.request.get(query).json()

    assert len(listed) == 20
    assert sorted(number for pin in numbers(page) for number in pin) == list(range(1, 21))
    assert counts(page) == answer["total"] >= 5
    assert not set(listed) & {site["id"] for site in answer["sites"]}
    with_list = page.request.get(re.sub("&without=[^&]*", "", query)).json()["total"]
    west, south, east, north = answer["query"]["bbox"]
    listed_in_view = [s for s in many_sites() if s.id in listed and west <= s.lon <= east and south <= s.lat <= north]
    assert with_list == answer["total"] + len(listed_in_view)


def test_filters_of_the_list_hold_on_the_map_too(address, open_page):
    page = drawn(open_page(address + HERE + "&k=1&need=toilet", viewport=DESK))
    assert counts(page) == len(numbers(page)) == 1
    page.locator("[data-need=toilet]").click()

    expect(page.locator(".other").nth(1)).to_be_attached()
    assert counts(page) > 20


def test_no_two_targets_of_the_map_lie_on_each_other_and_each_is_48_pixels(address, open_page):
    page = drawn(open_page(address + HERE, viewport=DESK))

    for zoom in range(3):
        for sort in (".other", ".pin-target"):
            boxes = page.locator(sort).evaluate_all(
                "all => all.map(e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })")
            assert len(boxes) > 1 or (zoom and sort == ".other")
            assert not [box for box in boxes if box[2] - box[0] < 48 or box[3] - box[1] < 48]
            # a pixel for what is rounded
            assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]
                        if a[0] < b[2] - 1 and b[0] < a[2] - 1 and a[1] < b[3] - 1 and b[1] < a[3] - 1], (zoom, sort)
        assert sorted(number for pin in numbers(page) for number in pin) == list(range(1, 21))
        page.evaluate("document.querySelector('.leaflet-control-zoom-in').click()")
        page.wait_for_timeout(700)  # the map rests, then asks


MARKS = """() => {
    const box = (e) => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
    const boxes = (part) => [...document.querySelectorAll(part)].map(box);
    const within = (e, edge) => { const words = document.createRange(), b = e.getBoundingClientRect(); words.selectNodeContents(e);
        const w = words.getBoundingClientRect();
        return w.left >= b.left + edge && w.right <= b.right - edge && w.top >= b.top && w.bottom <= b.bottom; };
    const pills = [...document.querySelectorAll('.pin-target .pins')];
    return {
        start: boxes('#map .you')[0], bubbles: boxes('.other span'), pins: boxes('.pin-target > .pin, .pin-target > .pins'),
        names: [...document.querySelectorAll('.ring-name')].filter((e) => e.style.opacity !== '0').map(box),
        more: pills.map((pill) => pill.textContent), spilt: [
            ...pills.flatMap((pill) => [...pill.children]).filter((e) => !within(e, 0) || !within(e.parentElement, 3)).map((e) => e.textContent),
            ...[...document.querySelectorAll('.other.many span')].filter((e) => !within(e, 5)).map((e) => e.textContent)] };
}"""


def test_however_far_one_is_words_fit_their_pins_and_neither_the_start_nor_a_distances_name_lies_under_or_over_another_mark(address, open_page):
    page = drawn(open_page(address + HERE, reduced_motion="reduce"))
    page.route(ASKED, lambda route: route.fulfill(json=_grown(route.fetch().json())))
    named = []
    for _ in range(6):
        marks = page.evaluate(MARKS)
        left, top, right, bottom = marks["start"]
        dot = [left - 6, top - 6, right + 6, bottom + 6]  # with its edge
        assert marks["spilt"] == []
        assert not [box for box in marks["bubbles"] + marks["pins"] if _meet(box, dot)]
        others = [*marks["bubbles"], *marks["pins"], dot]
        assert not [name for i, name in enumerate(marks["names"]) for box in [*others, *marks["names"][:i]] if _meet(name, box)]
        named.append(len(marks["names"]))
        page.evaluate("""() => { for (const e of document.querySelectorAll('.other')) e.className += ' past';
            document.querySelector('.leaflet-control-zoom-out').click(); }""")
        page.wait_for_selector(".other:not(.past)", state="attached")
    assert any(words.endswith("+17") for words in marks["more"])  # all of the list
    assert max(map(len, page.locator(".other.many").all_text_contents())) == 4
    assert named[0] > named[-1] == 0


def _grown(answer):
    """Return an answer with counts as a city has them."""
    return {**answer, "cells": [{**cell, "count": cell["count"] + 8966} for cell in answer["cells"]]}


def _meet(one, other):
    return one[0] < other[2] - 1 and other[0] < one[2] - 1 and one[1] < other[3] - 1 and other[1] < one[3] - 1


def test_numbers_that_would_lie_on_each_other_share_a_pin_that_lists_them_and_part_again_nearer(address, open_page):
    page = drawn(open_page(address + HERE, reduced_motion="reduce"))
    together = numbers(page)
    shared = page.locator(".pin-target:has(.pins)").first
    [first, *rest] = next(pin for pin in together if len(pin) > 1)
    assert rest == sorted(rest)
    assert len({tuple(pin) for pin in together}) == len(together)
    assert shared.locator(".pin, .more").count() == min(4, 1 + len(rest))
    assert shared.locator(".pin").first.text_content() == str(first)

    shared.focus()
    page.keyboard.press("Enter")

    links = page.locator(".leaflet-popup-content li a")
    expect(links).to_have_count(1 + len(rest))
    assert [int(words.split()[0]) for words in links.all_text_contents()] == [first, *rest]
    assert all(box["height"] >= 48 for box in (link.bounding_box() for link in links.all()))
    assert page.locator(".card.pointed").count() == 1 + len(rest)
    popup, around = page.locator(".leaflet-popup-content-wrapper").bounding_box(), page.locator("#map").bounding_box()
    assert around["x"] <= popup["x"]
    assert popup["x"] + popup["width"] <= around["x"] + around["width"]

    page.evaluate("() => { for (const _ of '123') document.querySelector('.leaflet-control-zoom-in').click(); }")

    expect(page.locator(".leaflet-popup-content")).to_have_count(0)  # of a pin that is no longer there
    assert len(numbers(page)) > len(together)


def test_the_marks_of_the_map_have_a_legend_that_tells_states_by_shape_and_word(address, open_page):
    page = open_page(address + HERE)
    expect(page.locator(".map-legend")).to_be_hidden()
    drawn(page)

    assert page.locator(".map-legend li").all_text_contents() == [
        "1列表中的站点", "现在开放", "不确定", "现在关门", "9几个站点，其中有开放的", "9几个站点，没有确定开放的", "出发点",
        "圆圈为 500 米和 1 公里。"]
    looks = page.evaluate("""() => ['open', 'unknown', 'closed'].map((state) => {
        const style = getComputedStyle(document.querySelector(`.map-legend .dot.${state}`));
        return style.borderTopLeftRadius + style.borderTopWidth; })""")
    assert len(set(looks)) == 3  # not by colour alone
    edges = page.evaluate("() => [...document.querySelectorAll('.map-legend .many')].map(e => getComputedStyle(e).borderTopStyle)")
    assert edges == ["solid", "dashed"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.locator(".times summary").click()
    page.locator(".times li a").last.click()
    page.wait_for_url("**at=*")

    expect(page.locator(".map-legend li").nth(1)).to_have_text("那时开放")
    expect(page.locator(".map-legend li").nth(3)).to_have_text("那时关门")
    expect(page.locator(".other.many").first).to_have_attribute("aria-label", re.compile(r"其中 \d+ 个那时开放"))
    assert "现在" not in " ".join(page.locator(".other").evaluate_all("all => all.map(e => e.getAttribute('aria-label') + e.title)"))
    page.locator(".times summary").click()
    page.locator(".times li a").first.click()
    expect(page.locator(".map-legend li").nth(1)).to_have_text("现在开放")

    page.goto(address)
    drawn(page)

    expect(page.locator(".map-legend .you, .map-legend .pin, .map-legend .circles")).to_have_count(3)
    assert not any(item.is_visible() for item in page.locator(".map-legend .of-list").all())  # nothing of a list is drawn


@pytest.mark.parametrize("query", [HERE, "/"])
def test_the_scale_speaks_the_pages_language_beside_all_else(address, open_page, query):
    page = drawn(open_page(address + query))
    page.locator(".scale").scroll_into_view_if_needed()
    scale, text, bar, source, zoom = (page.locator(part).bounding_box() for part in (
        ".scale", ".scale span", ".scale i", ".leaflet-control-attribution", ".leaflet-control-zoom"))

    assert re.fullmatch(r"[125]0* (米|公里)", page.locator(".scale span").text_content())
    assert 38 <= bar["width"] <= 100
    for inner in (text, bar):
        assert scale["x"] <= inner["x"]
        assert inner["x"] + inner["width"] <= scale["x"] + scale["width"]
    assert text["y"] + text["height"] <= bar["y"] + 1
    assert scale["y"] + scale["height"] <= source["y"]
    assert source["x"] + source["width"] <= zoom["x"]


def test_names_stand_where_they_belong_although_the_styles_come_late(address, open_page):
    def late(page):
        page.route(re.compile(r"leaflet\.css"), lambda route: (page.wait_for_timeout(600), route.continue_()))

    page = drawn(open_page(address + HERE, viewport=DESK, before=late))
    ring, name = (page.locator(part).first.bounding_box() for part in (".ring", ".ring-name"))

    assert name["x"] + name["width"] / 2 == pytest.approx(ring["x"] + ring["width"] / 2, abs=3)


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


@pytest.mark.parametrize(("locale", "viewport"), [("en-US", PHONE), ("zh-CN", DESK)])
def test_no_districts_name_lies_on_another_or_on_a_count(address, open_page, locale, viewport):
    page = drawn(open_page(address, locale=locale, viewport=viewport))
    page.wait_for_selector(".district-name", state="attached")

    names = page.evaluate("""() => [...document.querySelectorAll('.district-name')].filter((e) => e.style.opacity !== '0')
        .map((e) => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })""")

    assert names
    assert not [(a, b) for i, a in enumerate(names) for b in names[:i]
                if a[0] < b[2] - 1 and b[0] < a[2] - 1 and a[1] < b[3] - 1 and b[1] < a[3] - 1]
    assert page.evaluate("() => Number(getComputedStyle(document.querySelector('.district-name').parentElement).zIndex)") < 590


# --- moving about -------------------------------------------------------------------------------------


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


# --- in another datum ---------------------------------------------------------------------------------


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
