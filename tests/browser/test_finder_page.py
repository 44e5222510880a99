"""The finder in a real browser: on a phone, at a desk, without scripts, by night, for everyone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.barriers import SIDEWAYS
from tests.browser.conftest import DESK, PHONE
from tests.web.conftest import HOSTILE

HERE = "/?lon=116.4&lat=39.9"


def need(page, code):
    """Return the link of one need."""
    return page.locator(f"[data-need={code}]")


def settled(page):
    """Return a page when its map, if it has one, is drawn."""
    if page.locator("#map-side").count():
        page.wait_for_selector("#map-side[data-drawn]", state="attached")
    return page


def test_one_tap_on_near_me_lists_what_is_near(site_address, open_page):
    page = open_page(site_address, geolocation={"longitude": 116.4, "latitude": 39.9, "accuracy": 20}, permissions=["geolocation"])

    page.get_by_role("button", name="找我附近的").click()

    expect(page.locator(".card").first).to_contain_text("第1暖心驿站")
    expect(page.locator(".group h2").first).to_contain_text("到达时开放")
    assert "lon=116.4" in page.url


def test_a_vague_position_is_said_to_be_vague(site_address, open_page):
    page = open_page(site_address, geolocation={"longitude": 116.4, "latitude": 39.9, "accuracy": 900}, permissions=["geolocation"])

    page.get_by_role("button", name="找我附近的").click()

    expect(page.get_by_role("heading", name="定位不太准：误差约 900 米")).to_be_visible()
    expect(page.locator(".far").first).to_have_text("1.8 公里以内")


def test_a_refused_position_is_told_in_plain_words_and_districts_remain(site_address, open_page):
    page = open_page(site_address)
    page.context.clear_permissions()

    page.get_by_role("button", name="找我附近的").click()

    expect(page.get_by_role("heading", name="手机没有提供位置")).to_be_visible()
    expect(page.get_by_role("link", name="东城区")).to_be_visible()


@pytest.mark.parametrize(("code", "words"), [(2, "无法定位"), (3, "定位超时")])
def test_a_position_that_does_not_come_is_told(site_address, open_page, code, words):
    page = open_page(site_address)
    page.evaluate(f"() => {{ navigator.geolocation.getCurrentPosition = (_, failed) => failed({{ code: {code} }}); }}")

    page.get_by_role("button", name="找我附近的").click()

    expect(page.locator(".trouble h2")).to_contain_text(words)


def test_the_phone_is_asked_for_its_position_only_on_demand(site_address, open_page):
    counting = ("window.asked = 0; Geolocation.prototype.getCurrentPosition = () => { window.asked += 1; };"
                "Geolocation.prototype.watchPosition = () => { window.asked += 1; };")

    page = settled(open_page(site_address, before=lambda page: page.add_init_script(counting)))

    assert page.evaluate("window.asked") == 0
    page.get_by_role("button", name="找我附近的").click()
    assert page.evaluate("window.asked") == 1


def test_a_need_narrows_the_list_at_once_and_back_widens_it_again(site_address, open_page):
    page = settled(open_page(site_address + HERE))
    page.evaluate("window.same = true")

    need(page, "hot_water").click()

    expect(page.locator(".card")).to_have_count(2)
    assert "need=hot_water" in page.url
    assert page.evaluate("document.activeElement.dataset.need") == "hot_water"  # one can go on from where one was
    page.go_back()
    expect(page.locator(".card")).to_have_count(5)
    assert page.evaluate("window.same") is True  # the page was never loaded again


def test_an_answer_that_comes_late_does_not_replace_a_newer_one(site_address, open_page):
    page = settled(open_page(site_address + HERE))
    held_back = []
    page.route(re.compile("need=hot_water"), lambda route: held_back.append(route))

    need(page, "hot_water").click()
    page.get_by_role("link", name="电动车").click()
    expect(page).to_have_url(re.compile("by=ride"))
    with page.expect_event("requestfinished"):
        held_back[0].continue_()
    page.wait_for_timeout(300)  # nothing is to happen

    expect(page.locator(".card")).to_have_count(5)
    assert "need=" not in page.url


def test_needs_chosen_before_a_district_go_along(site_address, open_page):
    page = settled(open_page(site_address + "/?need=hot_water"))

    page.get_by_role("link", name="朝阳区").click()

    expect(page.locator(".card")).to_have_count(1)
    assert "need=hot_water" in page.url
    assert "area=110105" in page.url


def test_minutes_and_arrival_follow_the_way_one_goes(site_address, open_page):
    page = settled(open_page(site_address + HERE))
    expect(page.locator(".chosen").first).to_contain_text("步行约 13 分钟")

    page.get_by_role("link", name="电动车").click()

    expect(page.locator(".chosen").first).to_contain_text("骑行约 5 分钟")


def test_a_cut_network_is_told_and_what_was_there_stays(site_address, open_page):
    page = settled(open_page(site_address + HERE))
    page.context.set_offline(True)

    need(page, "hot_water").click()

    expect(page.locator("#message")).to_contain_text("网络不通")
    expect(page.locator(".card")).to_have_count(5)
    page.context.set_offline(False)


def test_the_map_shows_the_list_under_its_numbers_and_names_its_source(site_address, open_page):
    page = settled(open_page(site_address + HERE, viewport=DESK))

    expect(page.locator("#map .pin")).to_have_count(5)
    assert sorted(page.locator("#map .pin").all_text_contents()) == ["1", "2", "3", "4", "5"]
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("china-geojson")
    expect(page.locator("path.district").first).to_be_attached()


def test_a_name_that_is_markup_is_text_on_the_map_in_the_list_and_on_its_page(site_address, open_page):
    page = settled(open_page(site_address + HERE, viewport=DESK))
    number = page.locator(".card", has_text="alert").get_attribute("data-number")

    page.locator("#map .pin", has_text=re.compile(f"^{number}$")).dispatch_event("click")

    expect(page.locator(".leaflet-popup-content a")).to_contain_text("<script>alert('x')</script>")
    assert page.locator(".leaflet-popup-content script, .leaflet-popup-content b").count() == 0
    page.goto(site_address + "/sites/s5")
    assert HOSTILE[:20] in page.locator("h1").text_content()
    assert page.locator("h1 b, h1 script").count() == 0


def test_a_district_is_chosen_on_the_map(site_address, open_page):
    page = settled(open_page(site_address, viewport=DESK))
    expect(page.locator("path.district")).to_have_count(16)

    page.evaluate("""() => { const box = document.querySelector("#map").getBoundingClientRect();
        window.middle = [box.left + box.width / 2, box.top + box.height / 2]; }""")
    page.mouse.click(*page.evaluate("window.middle"))

    expect(page.locator(".from")).to_contain_text("由区中心向外")


def test_dragging_the_map_offers_to_search_from_there(site_address, open_page):
    page = settled(open_page(site_address + HERE, viewport=DESK))
    box = page.locator("#map").bounding_box()

    page.mouse.move(box["x"] + 300, box["y"] + 500)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 400, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="从这里查找").click()

    page.wait_for_url(re.compile(r"lon=116\.(?!4&)"))


def test_the_list_is_there_when_the_map_library_is_not(site_address, open_page):
    page = settled(open_page(site_address + HERE, before=lambda page: page.route("**/leaflet.js", lambda route: route.abort())))
    page.get_by_role("button", name="显示地图").click()
    page.wait_for_selector("#map-side[data-drawn=not]", state="attached")

    expect(page.locator(".card")).to_have_count(5)
    expect(page.locator("#map-side")).to_be_hidden()


def test_without_scripts_one_searches_chooses_and_gets_the_list(site_address, open_page):
    page = open_page(site_address, java_script_enabled=False)
    expect(page.get_by_role("button", name="找我附近的")).to_be_hidden()

    page.get_by_label("地点、地址、拼音或首字母").fill("什刹")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name="什刹海 看这附近的站点").click()

    expect(page.locator(".from")).to_contain_text("什刹海")
    expect(page.locator(".card")).to_have_count(5)
    need(page, "hot_water").click()
    expect(page.locator(".card")).to_have_count(2)
    need(page, "hot_water").click()
    expect(page.locator(".card")).to_have_count(5)
    page.locator(".name a", has_text="第1暖心驿站").click()
    expect(page.locator("h1")).to_have_text("第1暖心驿站")
    expect(page.get_by_role("link", name="高德地图")).to_be_visible()


def test_without_scripts_a_district_and_more_needs_work(site_address, open_page):
    page = open_page(site_address, java_script_enabled=False)

    page.locator("label", has_text="更多").click()
    need(page, "water").click()
    page.get_by_role("link", name="东城区").click()

    expect(page.locator(".empty")).to_contain_text("不要“饮水”")
    page.get_by_role("link", name="不要“饮水”").click()
    expect(page.locator(".card")).to_have_count(1)


def test_the_keyboard_alone_is_enough(site_address, open_page):
    page = open_page(site_address, java_script_enabled=False)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()

    page.get_by_label("地点、地址、拼音或首字母").focus()
    page.keyboard.type("sch")
    page.keyboard.press("Enter")

    expect(page.locator(".choices a").first).to_be_visible()


def test_states_are_told_by_words_and_not_by_colour_alone(site_address, open_page):
    page = settled(open_page(site_address + HERE))

    for card in page.locator(".card").all():
        assert re.search("开放|关门|不明", card.locator(".state").text_content())


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_twice_the_text_size_still_fits(site_address, open_page, viewport):
    page = settled(open_page(site_address + HERE, viewport={"width": viewport["width"] // 2 if viewport is DESK else 360, "height": 450}))

    assert page.evaluate(SIDEWAYS) == 0


def test_the_phones_own_clock_makes_no_difference(site_address, open_page):
    here, there = (settled(open_page(site_address + HERE, timezone_id=zone)) for zone in ("Asia/Shanghai", "America/New_York"))

    assert here.locator(".state").all_text_contents() == there.locator(".state").all_text_contents()
