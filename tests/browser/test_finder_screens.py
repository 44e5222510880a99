"""Every screen of the finder in a real browser: one tap, each trouble with a position, what is remembered, the first screen."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.browser.barriers import NIGHT, barriers
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_finder_page import HERE, need
from tests.conftest import a_site

POSITION = {"geolocation": {"longitude": 116.4, "latitude": 39.9, "accuracy": 20}, "permissions": ["geolocation"]}
SMALL = {"width": 360, "height": 640}


def failing(code, permission="denied"):
    """Return a script after which every question for a position fails so."""
    return f"""navigator.geolocation.getCurrentPosition = (_, failed) => failed({{ code: {code} }});
        navigator.permissions.query = async () => ({{ state: "{permission}" }});"""


# --- one tap ------------------------------------------------------------------------------------------


def test_one_tap_on_a_need_lists_where_it_is_to_be_had_near_me(site_address, open_page):
    page = open_page(site_address, **POSITION)

    need(page, "hot_water").click()

    expect(page.locator(".card").first).to_contain_text("第1暖心驿站")
    expect(page.locator(".card")).to_have_count(2)
    assert "need=hot_water" in page.url
    assert "lon=116.4" in page.url


def test_a_need_tapped_again_gives_it_up_and_asks_for_nothing(site_address, open_page):
    page = open_page(site_address + "/?need=hot_water", **POSITION)
    page.evaluate("() => { navigator.geolocation.getCurrentPosition = () => { window.asked = true; }; }")

    need(page, "hot_water").click()

    expect(page.get_by_role("heading", name="歇歇脚")).to_be_visible()
    assert page.evaluate("window.asked") is None


def test_without_scripts_a_need_is_kept_and_asks_where(site_address, open_page):
    page = open_page(site_address, java_script_enabled=False)

    need(page, "hot_water").click()
    page.get_by_role("link", name="朝阳区").click()

    expect(page.locator(".card")).to_have_count(1)
    expect(page.get_by_role("button", name="找我附近的")).to_have_count(0)


def test_back_leads_through_what_was_asked(site_address, open_page):
    page = open_page(site_address + HERE)
    need(page, "hot_water").click()
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_role("link", name="电动车").click()
    expect(page.locator(".chosen").first).to_contain_text("骑行")

    page.go_back()
    expect(page.locator(".chosen").first).to_contain_text("步行")
    page.go_back()
    expect(page.locator(".card")).to_have_count(5)


# --- troubles with a position -------------------------------------------------------------------------


@pytest.mark.parametrize(("script", "trouble"), [
    (failing(1), "denied"), (failing(1, "prompt"), "dismissed"), (failing(2), "unavailable"), (failing(3), "timeout"),
    ("navigator.permissions.query = undefined; navigator.geolocation.getCurrentPosition = (_, failed) => failed({ code: 1 });", "denied"),
    ("Object.defineProperty(Navigator.prototype, 'geolocation', { get: () => undefined });", "unsupported"),
    ("Object.defineProperty(window, 'isSecureContext', { get: () => false });", "insecure")])
def test_each_trouble_leads_to_its_own_screen_and_the_need_stays(site_address, open_page, script, trouble):
    page = open_page(site_address, before=lambda page: page.add_init_script(script))

    for by in ("button", "need"):
        page.goto(site_address)
        (page.locator("#locate") if by == "button" else need(page, "hot_water")).click()

        expect(page.locator(f"[data-trouble={trouble}]")).to_be_visible()
        assert page.locator(".trouble h2").bounding_box()["y"] < 200
        expect(page.locator("#districts a").first).to_be_attached()
        assert ("need=hot_water" in page.url) == (by == "need")
        assert page.locator(".trouble [data-locate]").count() == (trouble not in ("unsupported", "insecure"))


def silent(leave):
    """Return a script of a phone that calls back when it is made to, and whose leave to ask is the JavaScript given."""
    return f"""navigator.geolocation.getCurrentPosition = (found) => {{ window.found = found; }};
        window.leave = {leave}; navigator.permissions.query = async () => window.leave;"""


@pytest.mark.parametrize(("leave", "waits", "trouble"), [
    ('{ state: "prompt" }', (30_000, 30_100), "dismissed"), ('{ state: "granted" }', (2_000, 4_600), "timeout"),
    ("null", (6_600, 30_000, 30_100), "timeout")])
def test_a_phone_that_never_calls_back_is_not_waited_for_for_ever_and_its_position_is_taken_late(
        site_address, open_page, leave, waits, trouble):
    page = open_page(site_address, before=lambda page: (page.clock.install(), page.add_init_script(silent(leave))))
    page.locator("#locate").click()
    expect(page.locator("#message")).to_contain_text("选“允许”" if "prompt" in leave else "正在获取位置……")

    for wait in waits:
        expect(page.locator("[data-trouble]")).to_have_count(0)
        page.clock.fast_forward(wait)

    expect(page.locator(f"[data-trouble={trouble}]")).to_be_visible()
    page.evaluate("window.found({ coords: { longitude: 116.4, latitude: 39.9, accuracy: 20 } })")
    expect(page.locator(".card")).to_have_count(5)
    assert "trouble" not in page.url


def test_the_phones_question_may_stand_as_long_as_somebody_thinks_and_one_can_go_on_without(site_address, open_page):
    page = open_page(site_address, before=lambda page: (page.clock.install(), page.add_init_script(silent('{ state: "prompt" }'))))
    found = "window.found({ coords: { longitude: 116.4, latitude: 39.9, accuracy: 20 } })"
    message = page.locator("#message")
    page.locator("#locate").click()
    page.clock.fast_forward(9_000)
    expect(message).to_contain_text("等您在提示里选“允许”")
    assert message.get_by_role("button").bounding_box()["height"] >= 48
    need(page, "hot_water").click()
    expect(message).to_contain_text("等您在提示里选“允许”")

    page.evaluate("() => { window.leave.state = 'granted'; window.leave.onchange(); }")
    expect(message).to_have_text("正在获取位置……")
    page.clock.fast_forward(3_000)
    page.evaluate(found)
    expect(page.locator(".card")).to_have_count(2)

    page.goto(site_address)
    page.locator("#locate").click()
    message.get_by_role("button", name="不用位置").click()
    expect(page.locator("#districts a").first).to_be_focused()
    expect(message).to_have_text("")
    page.evaluate(found)
    assert page.locator("#answer").get_attribute("aria-busy") is None
    page.clock.fast_forward(70_000)
    expect(page.get_by_role("heading", name="歇歇脚")).to_be_visible()


def test_the_phone_is_given_five_seconds(site_address, open_page):
    page = open_page(site_address, before=lambda page: page.add_init_script(
        "navigator.geolocation.getCurrentPosition = (a, b, how) => { window.how = how; };"))

    page.locator("#locate").click()

    assert page.evaluate("window.how.timeout") == 5000


def test_after_a_trouble_one_tries_again_and_gets_the_list(site_address, open_page):
    page = open_page(site_address + "/?trouble=timeout&need=hot_water", **POSITION)

    page.get_by_role("button", name="再试一次").click()

    expect(page.locator(".card")).to_have_count(2)
    assert "trouble" not in page.url


def test_from_each_trouble_search_districts_and_map_are_at_hand(site_address, open_page):
    page = open_page(site_address + "/?trouble=denied&need=hot_water")

    page.get_by_role("link", name="搜索地点").click()
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("sch")
    page.keyboard.press("Enter")
    page.locator(".choices a").first.click()

    expect(page.locator(".card")).to_have_count(2)
    page.go_back()
    page.go_back()
    page.get_by_role("link", name="在地图上选").click()
    expect(page.locator("#map-side")).to_be_in_viewport()


def test_outside_the_area_served_a_district_is_one_tap(site_address, open_page):
    page = open_page(site_address, geolocation={"longitude": 121.47, "latitude": 31.23, "accuracy": 20}, permissions=["geolocation"])
    page.locator("#locate").click()
    expect(page.get_by_role("heading", name="您不在服务范围内")).to_be_visible()

    page.get_by_role("link", name="东城区").click()

    expect(page.locator(".from")).to_contain_text("东城区")


# --- the first screen ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def busy(serve, make_atlas):
    """Return a server over thirty full sites, where the nearest few are closed or not certain."""
    hours = ["Mo-Su 20:00-21:00", None, "24/7"]
    facilities = dict.fromkeys(["hot_water", "toilet", "wifi", "microwave", "charging", "heating", "rest", "table"], "yes")
    return serve(make_atlas([a_site(
        n, lon=116.4 + n * 0.001, name=f"建国门内大街街道第{n}号户外劳动者暖心驿站", opening_hours=hours[min(n % 5, 2)], facilities=facilities,
        address=f"北京市东城区建国门内大街 {n} 号院内东侧平房", eligibility="everyone", phone="010-12345678",
        next_check_on=date(2026, 1, 1) if n == 30 else None) for n in range(1, 31)]))


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_nearest_surely_open_site_is_on_the_first_screen_of_a_small_phone(busy, open_page, locale):
    page = open_page(busy, viewport=SMALL, locale=locale)
    for more in ("", "&need=hot_water", "&by=ride", "&accuracy_m=900", "&kind=warm_station", "&at=2026-03-05T08:00"):
        page.goto(busy + HERE + more)
        card = page.locator(".card").first

        assert card.get_attribute("data-state") == "open" or "accuracy_m" in more
        for part in (".name", ".far", ".state"):
            box = card.locator(part).bounding_box()
            assert box["y"] + box["height"] <= SMALL["height"], (more, part)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_how_far_it_is_stands_beside_the_name_on_a_small_phone(busy, open_page, locale):
    page = open_page(busy + HERE + "&k=30", viewport=SMALL, locale=locale)

    tops = page.locator(".card").evaluate_all("""(cards) => cards.map((card) => ['.name', '.far'].map((part) => (
        card.querySelector(part).getBoundingClientRect().top)))""")

    page.goto(busy + "/sites/s30")
    told = page.locator(".site-head .trust-line > span, .site-head .trust-reported, .site-head .trust-why")
    lines = told.evaluate_all("""(all) => all.map((one) => {
        const words = document.createRange();
        words.selectNodeContents(one);
        return [Math.round(words.getBoundingClientRect().left), getComputedStyle(one).fontSize];
    })""")
    assert len(lines) > 1
    assert len({tuple(line) for line in lines}) == 1
    assert len(tops) >= 30
    assert [name - far for name, far in tops] == [0] * len(tops)


def test_in_english_on_a_small_phone_no_districts_name_breaks_inside_a_word_and_the_hint_is_whole(site_address, open_page):
    page = open_page(site_address, viewport=SMALL, locale="en")

    assert page.locator("#districts a").count() > 10
    assert page.evaluate("""() => [...document.querySelectorAll('#districts a')].filter((one) => {
        const words = document.createRange();
        return one.firstChild.data.split(/[ -]/).some((word) => {
            const at = one.firstChild.data.indexOf(word);
            words.setStart(one.firstChild, at);
            words.setEnd(one.firstChild, at + word.length);
            return words.getClientRects().length > 1;
        });
    }).map((one) => one.textContent)""") == []
    assert page.evaluate("""() => {
        const field = document.getElementById('q');
        const { font, paddingLeft, paddingRight } = getComputedStyle(field);
        const drawn = Object.assign(document.createElement('canvas').getContext('2d'), { font });
        return drawn.measureText(field.placeholder).width + parseFloat(paddingLeft) + parseFloat(paddingRight) - field.clientWidth;
    }""") <= 0


def test_where_none_of_the_list_is_open_the_one_that_is_is_on_the_first_screen_once(serve, make_atlas, open_page):
    closed = [a_site(n, lon=116.4 + n * 0.001, opening_hours="Mo-Su 20:00-21:00") for n in range(1, 30)]
    page = open_page(serve(make_atlas([*closed, a_site(99, lon=116.5, name="远处的站")])) + HERE, viewport=SMALL)
    first = page.locator(".card").first

    expect(first.locator(".name")).to_have_text("远处的站")
    box = first.locator(".state").bounding_box()
    assert box["y"] + box["height"] <= SMALL["height"]
    expect(page.locator(".card .name", has_text="远处的站")).to_have_count(1)


def test_a_first_view_of_twenty_cards_is_light_without_the_map_library(busy, open_page):
    sizes = {}

    def count(page):
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        addresses = {}
        network.on("Network.responseReceived", lambda told: addresses.update({told["requestId"]: told["response"]["url"]}))
        network.on("Network.loadingFinished", lambda told: sizes.update({addresses.get(told["requestId"]): told["encodedDataLength"]}))

    page = open_page(busy + HERE, before=count)
    expect(page.locator(".card")).to_have_count(20)
    page.wait_for_load_state("networkidle")

    assert len(sizes) >= 4
    assert not any("leaflet" in address for address in sizes)
    assert sum(sizes.values()) <= 60_000, sizes


# --- what is remembered -------------------------------------------------------------------------------


def test_the_last_choice_is_offered_again_by_name_and_never_with_a_position(site_address, open_page):
    page = open_page(site_address + "/?q=什刹&need=hot_water")
    page.locator(".choices a").first.click()
    expect(page.locator(".card")).to_have_count(2)
    kept = page.evaluate("JSON.stringify({ ...localStorage })")
    assert not re.search(r"lon|lat|116|39\.", kept)

    page.goto(site_address)
    page.get_by_role("link", name="上次：什刹海 · 热水").click()

    expect(page.locator(".from")).to_contain_text("什刹海")
    expect(page.locator(".card")).to_have_count(2)
    page.goto(site_address)
    page.get_by_role("button", name="忘掉").click()
    expect(page.locator("#last")).to_be_hidden()
    assert page.evaluate("localStorage.length") == 0
    page.reload()
    expect(page.locator("#last")).to_be_hidden()


def test_of_an_answer_about_here_only_the_need_is_kept(site_address, open_page):
    page = open_page(site_address, **POSITION)
    need(page, "hot_water").click()
    expect(page.locator(".card")).to_have_count(2)
    assert page.evaluate("localStorage.getItem('nuanxin.last')") == "need=hot_water"

    page.goto(site_address)
    page.get_by_role("link", name="上次：热水").click()

    expect(page.locator(".card")).to_have_count(2)
    assert "lon=116.4" in page.url


@pytest.mark.parametrize("refuses", [
    "Object.defineProperty(window, 'localStorage', { get: () => { throw new Error('refused'); } });",
    "localStorage.setItem('nuanxin.last', 'need=%&area=<b>&place=');", "Storage.prototype.setItem = () => { throw new Error('full'); };"])
def test_where_nothing_can_be_kept_or_something_else_was_nothing_breaks(site_address, open_page, refuses):
    page = open_page(site_address, before=lambda page: page.add_init_script(refuses), **POSITION)
    expect(page.locator("#last")).to_be_hidden()

    page.locator("#locate").click()

    expect(page.locator(".card")).to_have_count(5)


# --- for everyone -------------------------------------------------------------------------------------


def test_what_the_maps_note_says_is_said_where_there_is_a_list_and_of_circles_once_they_are_drawn(site_address, open_page):
    page = open_page(site_address)
    note, circles = page.locator(".map-note"), page.locator(".map-legend .circles")
    expect(page.locator("#show-map")).to_be_visible()
    expect(note).to_be_hidden()

    page.goto(site_address + HERE)
    expect(note).to_be_visible()
    expect(circles).to_be_hidden()
    page.locator("#map-side").scroll_into_view_if_needed()

    expect(circles).to_be_visible()
    expect(page.locator(".ring-name").first).to_have_text(re.compile("^(500 米|1 公里)$"))  # one that lies on a pin is left out


def test_no_districts_name_is_broken_on_a_phone_of_360_pixels(site_address, open_page):
    page = open_page(site_address)

    broken = page.locator("#districts a").evaluate_all("""all => all.filter((link) => {
        const range = document.createRange(); range.selectNodeContents(link);
        return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1; }).map((link) => link.textContent)""")

    assert broken == []


def test_only_a_position_a_phone_told_is_called_ones_own(site_address, open_page):
    page = open_page(site_address, **POSITION)
    page.locator("#locate").click()
    expect(page.locator(".from")).to_contain_text("从您的位置出发")

    page.goto(site_address + HERE)  # as from a point of the map

    expect(page.locator(".from")).to_contain_text("从所选的位置出发")


def test_places_and_sites_are_offered_while_one_types_and_chosen_by_keys_or_a_tap(site_address, open_page):
    page = open_page(site_address + "/?need=hot_water")
    page.locator("#q").click()
    field, options = page.get_by_role("combobox"), page.get_by_role("option")
    page.keyboard.type("sch")
    expect(options.first).to_contain_text("什刹海")
    expect(field).to_have_attribute("aria-expanded", "true")
    assert barriers(page, NIGHT) == {}
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)

    page.keyboard.type("h")
    expect(options.first).to_contain_text("什刹海")
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    page.keyboard.press("Enter")

    expect(page.locator(".from")).to_contain_text("什刹海")
    expect(page.locator(".card")).to_have_count(2)
    page.locator("#q").fill("第1暖心")
    options.filter(has_text="第1暖心驿站").click()
    expect(page.locator("h1")).to_have_text("第1暖心驿站")


def test_a_site_that_is_not_on_the_map_yet_is_offered_too_and_has_its_page(site_address, open_page):
    page = open_page(site_address)
    page.locator("#q").click()
    page.keyboard.type("第9暖心")

    page.get_by_role("option").filter(has_text="第9暖心驿站").click()

    expect(page.locator("h1")).to_have_text("第9暖心驿站")


def test_a_landmarks_whole_name_is_answered_at_once_with_a_way_to_the_others(site_address, open_page):
    page = open_page(site_address)
    page.locator("#q").fill("什刹海")
    page.keyboard.press("Enter")
    expect(page.locator(".from")).to_contain_text("什刹海")
    assert "place=" in page.url

    page.get_by_role("link", name="不是这里？").click()

    expect(page.locator(".choices a").first).to_contain_text("什刹海")


def test_the_answer_is_announced_once_in_one_sentence(site_address, open_page):
    page = open_page(site_address + HERE)

    need(page, "hot_water").click()

    expect(page.get_by_role("status")).to_have_text("2 个站点，第一个 860 米，全天开放")
    expect(page.locator("[aria-live]")).to_have_count(0)


def test_all_times_are_beijings_whatever_the_phones_zone(site_address, open_page):
    paths = (HERE, HERE + "&at=2026-03-05T08:00", "/?area=110105")

    def told(zone):
        page = open_page(site_address, timezone_id=zone)
        words = []
        for path in paths:
            page.goto(site_address + path)
            words.append(page.locator("#answer").inner_text())
            words += page.locator(".timeline").evaluate_all("(bars) => bars.map((bar) => bar.getAttribute('aria-label'))")
            words += page.locator(".times a, .times input").evaluate_all("(all) => all.map((e) => e.href || e.value)")
        return words

    assert told("America/New_York") == told("Asia/Shanghai")


def test_another_time_is_chosen_with_and_without_scripts(site_address, open_page):
    for scripts in (True, False):
        page = open_page(site_address + HERE, java_script_enabled=scripts)
        page.locator(".times summary").click()
        page.locator("#at").fill("2026-03-04T20:30")
        page.locator(".other-time button").click()

        expect(page.locator(".times summary")).to_contain_text("2026-03-04 20:30")
        expect(page.locator(".card", has_text="第4暖心驿站").locator(".state")).to_contain_text("还有 30 分钟关门")


def test_in_forced_colours_what_is_chosen_and_the_bars_can_still_be_told(site_address, open_page):
    page = open_page(site_address + HERE + "&need=hot_water", forced_colors="active")

    chosen, other = need(page, "hot_water"), need(page, "toilet")
    outline = "(e) => getComputedStyle(e).outlineStyle"
    assert chosen.evaluate(outline) != other.evaluate(outline)
    assert page.locator(".timeline .open").first.evaluate("(e) => getComputedStyle(e).fill") != page.locator(
        ".timeline .track").first.evaluate("(e) => getComputedStyle(e).fill")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_motion_stops_where_it_is_not_wanted(site_address, open_page, viewport):
    page = open_page(site_address + HERE, viewport=viewport, reduced_motion="reduce")

    assert page.evaluate("""() => [...document.querySelectorAll("main *")].some((e) => {
        const how = getComputedStyle(e); return how.animationName !== "none" || parseFloat(how.transitionDuration) > 0; })""") is False
