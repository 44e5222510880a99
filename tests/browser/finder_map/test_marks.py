"""The list's sites stand on the map under their numbers, all others counted by the server; no mark lies on another."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.finder_map.conftest import ASKED, HERE, counts, drawn, many_sites, numbers


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
            # at one instant: of a mark that an answer replaces meanwhile there is no box
            boxes = page.evaluate("""sort => [...document.querySelectorAll(sort)].map(e => {
                const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })""", sort)
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
