"""Reporting a place in a real browser: one tap, a rating, without a network, without scripts, for everyone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from geodata.registry.report_filing import BURST, BURST_WITHIN
from geodata.registry.reports import TAKE_BACK_WITHIN
from geodata.reporting import NewReport
from locator.typed import BEIJING
from tests.browser.barriers import NIGHT, SIDEWAYS, barriers
from tests.browser.conftest import DESK, PHONE, office_of
from tests.conftest import a_site
from tests.web.conftest import sign_in
from web.cookies import COOKIE

TARGETS = ".report button, .report summary, .report select, .report textarea, .star, .thanks a.button, .thanks button"
SMALL = f"""() => [...document.querySelectorAll('{TARGETS}')]
    .filter((e) => e.offsetParent && Math.min(e.getBoundingClientRect().width, e.getBoundingClientRect().height) < 47.9).map((e) => e.outerHTML)"""


@pytest.fixture
def office(tmp_path):
    """An office over the real clock: a phone says when it saw something, by its own."""
    visited = datetime.now(BEIJING).date() - timedelta(days=3)
    sites = [a_site(1, name="王府井暖心驿站", district_code="110101", verified_on=visited, verified_how="visit", facilities={"hot_water": "yes"}),
             a_site(2, name="望京暖心驿站", district_code="110105")]
    with office_of(tmp_path, sites, who="t", why="t", clock=lambda: datetime.now(BEIJING)) as served:
        yield served


def reports_of(office):
    return office[1].extensions["atlas"].registry.reports.entries()


def said(page):
    return page.locator(".report-said.told p")


@pytest.mark.parametrize(("language", "words", "thanks", "undo"), [
    ("zh-CN", "锁着门", "谢谢", "撤回"), ("en", "It is locked", "Thank you", "Undo")])
def test_one_tap_reports_a_locked_door_and_one_more_takes_it_back(office, open_page, language, words, thanks, undo):
    page = open_page(f"{office[0]}/sites/s1?lang={language}", has_touch=True)

    page.get_by_role("button", name=words).tap()

    expect(said(page)).to_contain_text(thanks)
    assert [(r.type, r.state, bool(r.person)) for r in reports_of(office)] == [("locked", "open", True)]
    assert page.url.endswith(f"/sites/s1?lang={language}")
    page.get_by_role("button", name=undo).tap()
    expect(said(page)).to_contain_text("已撤回" if language == "zh-CN" else "Taken back")
    assert reports_of(office) == []


TAPPED = ["锁着门", "没有热水", "反馈缺少", "反馈不对", "提交评分"]


@pytest.mark.parametrize("name", TAPPED)
def test_what_becomes_of_a_report_is_told_in_view_beside_the_button_that_was_tapped(office, open_page, name):
    page = open_page(f"{office[0]}/sites/s1")
    page.get_by_text("缺别的设施").click()
    page.get_by_label("缺少哪项设施").select_option("toilet")
    page.get_by_label("哪里不对").fill("门牌是 7 号")
    page.locator(".star").nth(3).click()
    button = page.get_by_role("button", name=name)
    button.click()
    expect(said(page)).to_contain_text("谢谢")

    expect(page.locator(".report-said.told")).to_be_in_viewport(ratio=0.99)  # whole, but for a part of a pixel
    told, tapped = page.locator(".report-said.told").bounding_box(), button.bounding_box()
    assert 0 <= told["y"] - (tapped["y"] + tapped["height"]) < 100  # a second row of buttons is between at the most
    expect(page.get_by_role("status").filter(has_text="谢谢")).to_have_count(1)
    expect(button).to_be_focused()
    expect(button).to_have_class("button plain tap sent" if name in TAPPED[:2] else "button plain sent")

    page.get_by_role("button", name="撤回").focus()
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("已撤回")
    expect(button).to_be_focused()
    expect(page.locator(".sent")).to_have_count(0)


@pytest.mark.parametrize(("name", "words", "focused"), [
    ("反馈缺少", "请先选", "#report-facility"), ("提交评分", "请先选几分", ".star:first-child input")])
def test_what_is_missing_from_a_report_is_told_in_view_and_can_be_chosen_at_once(office, open_page, name, words, focused):
    page = open_page(f"{office[0]}/sites/s1")
    page.get_by_text("缺别的设施").click()
    page.get_by_role("button", name=name).click()

    expect(said(page)).to_contain_text(words)
    expect(page.locator(".report-said.told")).to_be_in_viewport(ratio=0.95)
    expect(page.locator(focused)).to_be_focused()


def test_two_phones_show_the_next_visitor_that_others_found_it_locked(office, open_page):
    for _ in range(2):
        page = open_page(f"{office[0]}/sites/s1")
        page.get_by_role("button", name="锁着门").click()
        expect(said(page)).to_contain_text("谢谢")

    page = open_page(f"{office[0]}/?lon=116.4&lat=39.9")

    expect(page.locator(".card[data-id=s1] .trust-reported")).to_contain_text("多人反映：锁门")
    expect(page.locator(".card[data-id=s1] .trust-line")).to_contain_text("存疑")
    expect(page.locator(".card[data-id=s2] .trust-reported")).to_have_count(0)


def test_the_same_phone_reports_the_same_once(office, open_page):
    page = open_page(f"{office[0]}/sites/s1")
    for _ in range(3):
        page.get_by_role("button", name="没有热水").click()
        expect(said(page)).to_contain_text("谢谢")

    assert [(r.type, r.facility) for r in reports_of(office)] == [("missing_facility", "hot_water")]


def test_another_facility_is_chosen_first_and_a_note_says_what_is_wrong(office, open_page):
    page = open_page(f"{office[0]}/sites/s1")
    page.get_by_text("缺别的设施").click()
    page.get_by_role("button", name="反馈缺少").click()
    expect(said(page)).to_contain_text("请先选")
    assert reports_of(office) == []

    page.get_by_label("缺少哪项设施").select_option("toilet")
    page.get_by_role("button", name="反馈缺少").click()
    expect(said(page)).to_contain_text("谢谢")
    page.get_by_label("哪里不对").fill("门牌是 7 号")
    page.get_by_role("button", name="反馈不对").click()
    expect(page.get_by_label("哪里不对")).to_have_value("")

    assert [(r.type, r.facility, r.note) for r in reports_of(office)] == [("wrong", None, "门牌是 7 号"), ("missing_facility", "toilet", None)]


def test_a_rating_with_a_note_by_keyboard_alone(office, open_page):
    page = open_page(f"{office[0]}/sites/s1", viewport=DESK)
    page.get_by_role("button", name="提交评分").focus()
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("请先选几分")

    page.keyboard.press("ArrowRight")  # the focus went to the first star
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("很暖和")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(said(page)).to_contain_text("谢谢")
    assert [(r.type, r.rating, r.note) for r in reports_of(office)] == [("rating", 4, "很暖和")]


def test_a_report_made_offline_goes_out_later_and_says_when_it_was_seen(office, open_page):
    page = open_page(f"{office[0]}/sites/s1")
    page.context.set_offline(True)
    before = datetime.now(BEIJING)
    page.wait_for_timeout(1_100)  # what waits is told in whole seconds
    page.get_by_role("button", name="锁着门").click()
    expect(said(page)).to_contain_text("现在没有网络")
    page.get_by_role("button", name="没有热水").click()
    expect(said(page)).to_contain_text("现在没有网络")
    after = datetime.now(BEIJING)
    assert reports_of(office) == []

    page.wait_for_timeout(2_100)
    page.context.set_offline(False)

    expect(said(page)).to_contain_text("已经发出")
    told = reports_of(office)
    assert sorted(r.type for r in told) == ["locked", "missing_facility"]
    assert all(before <= r.at <= after + timedelta(seconds=1) < r.came for r in told)


@pytest.mark.parametrize("ahead_min", [20, -300, 60 * 24 * 400])
def test_a_phone_whose_clock_is_wrong_reports_by_the_servers(office, open_page, ahead_min):
    shifted = f"""const Real = Date, by = {ahead_min} * 60000;
        window.Date = class extends Real {{
            constructor(...given) {{ super(...(given.length ? given : [Real.now() + by])); }}
            static now() {{ return Real.now() + by; }} }};"""
    page = open_page(f"{office[0]}/sites/s1", before=lambda page: page.add_init_script(shifted))
    before = datetime.now(BEIJING)

    page.get_by_role("button", name="锁着门").click()

    expect(said(page)).to_contain_text("谢谢")
    assert [before - timedelta(seconds=2) <= r.at <= datetime.now(BEIJING) for r in reports_of(office)] == [True]


def test_a_report_made_offline_survives_the_page_and_can_be_taken_back_before_it_goes(office, open_page):
    page = open_page(f"{office[0]}/sites/s1")
    page.context.set_offline(True)
    page.get_by_role("button", name="锁着门").click()
    expect(said(page)).to_contain_text("现在没有网络")
    page.get_by_role("button", name="搬走了").click()
    expect(said(page)).to_contain_text("现在没有网络")
    page.get_by_role("button", name="撤回").click()
    expect(said(page)).to_contain_text("已撤回")
    page.goto("about:blank")  # an open page would send it as soon as there is a network
    page.context.set_offline(False)

    page.goto(f"{office[0]}/sites/s2")

    expect(said(page)).to_contain_text("已经发出")
    assert [(r.type, r.site_id) for r in reports_of(office)] == [("locked", "s1")]


def test_a_phone_whose_browser_keeps_nothing_still_reports(office, open_page):
    shut = "for (const name of ['localStorage', 'indexedDB']) Object.defineProperty(window, name, { get() { throw new Error('shut'); } });"
    page = open_page(f"{office[0]}/sites/s1", before=lambda page: page.add_init_script(shut))

    page.get_by_role("button", name="锁着门").click()

    expect(said(page)).to_contain_text("谢谢")
    assert [r.type for r in reports_of(office)] == ["locked"]


def test_what_the_server_takes_only_later_is_told_in_its_words_kept_and_goes_out_by_itself(office, open_page):
    address, app = office
    registry, now = app.extensions["atlas"].registry, datetime.now(BEIJING)
    page = open_page(f"{address}/sites/s1")
    phone = "p" * 24
    page.evaluate("(phone) => localStorage.setItem('nuanxin.phone', phone)", phone)
    for number, facility in enumerate(list(app.extensions["atlas"].held.atlas.vocabulary.terms("facility"))[:BURST]):
        registry.reports.file("s2", NewReport("missing_facility", now, facility=facility, token=phone, key=f"{number}" * 20), now=now)
    page.clock.install()

    page.get_by_role("button", name="锁着门").click()

    expect(said(page)).to_have_text("这部手机刚才反馈得太多，请过 10 分钟再试。这条反馈已存在手机里，稍后自动发出。")
    expect(page.get_by_role("button", name="撤回")).to_be_visible()
    assert len(reports_of(office)) == BURST
    registry.reports.take_back("s2", "0" * 20, now=now)  # the server takes one again
    page.clock.fast_forward(BURST_WITHIN.seconds * 1000)
    expect(said(page)).to_have_text("之前的反馈已经发出。")
    assert reports_of(office)[0].type == "locked"


def test_what_the_server_refuses_is_told_in_its_words(office, open_page):
    page = open_page(f"{office[0]}/sites/s1")
    page.get_by_text("缺别的设施").click()
    page.get_by_label("哪里不对").fill("a\u202eb")
    page.get_by_role("button", name="反馈不对").click()

    expect(said(page)).to_contain_text("控制字符")
    assert reports_of(office) == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_without_scripts_a_tap_leads_to_a_page_of_thanks_where_it_can_be_taken_back(office, open_page, language):
    zh = language == "zh-CN"
    page = open_page(f"{office[0]}/sites/s1?lang={language}", java_script_enabled=False)

    page.get_by_role("button", name="没有热水" if zh else "No hot water").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("谢谢" if zh else "Thank you")
    assert [(r.type, r.facility, r.person) for r in reports_of(office)] == [("missing_facility", "hot_water", "")]
    page.go_back()
    page.get_by_role("button", name="锁着门" if zh else "It is locked").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("谢谢" if zh else "Thank you")
    page.reload()
    page.get_by_role("link", name="English" if zh else "中文").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you" if zh else "谢谢")
    page.get_by_role("link", name="中文" if zh else "English").click()
    assert sorted(r.type for r in reports_of(office)) == ["locked", "missing_facility"]

    page.get_by_role("button", name="撤回我的反馈" if zh else "Take my report back").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已撤回" if zh else "Taken back")
    assert [r.type for r in reports_of(office)] == ["missing_facility"]
    page.get_by_role("link", name="王府井暖心驿站").click()
    page.locator(".star").nth(3).click()
    page.get_by_role("button", name="提交评分" if zh else "Send the rating").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("谢谢" if zh else "Thank you")
    assert reports_of(office)[0].rating == 4


def test_the_minutes_that_the_page_promises_are_the_servers(office, open_page):
    page = open_page(f"{office[0]}/sites/s1", java_script_enabled=False)
    page.get_by_role("button", name="锁着门").click()

    expect(page.locator(".thanks")).to_contain_text(f"{int(TAKE_BACK_WITHIN.total_seconds() // 60)} 分钟内")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_in_the_form_by_day_and_by_night_and_targets_are_large(office, open_page, viewport):
    page = open_page(f"{office[0]}/sites/s1", viewport=viewport)
    page.get_by_text("缺别的设施").click()
    page.get_by_role("button", name="锁着门").click()
    expect(said(page)).to_contain_text("谢谢")
    assert barriers(page, NIGHT) == {}
    assert page.evaluate(SIDEWAYS) == 0
    assert page.evaluate(SMALL) == []


def test_thanks_can_be_read_by_everybody(office, open_page):
    page = open_page(f"{office[0]}/sites/s1")
    page.evaluate("""() => { const form = document.querySelector('form.rate'); form.elements.rating[4].checked = true; form.submit(); }""")
    page.wait_for_selector(".thanks")
    assert barriers(page, NIGHT) == {}
    assert page.evaluate(SMALL) == []


def test_at_320_pixels_and_twice_the_size_of_letters_nothing_scrolls_sideways(office, open_page):
    page = open_page(f"{office[0]}/sites/s1?lang=en", viewport={"width": 320, "height": 640})
    page.get_by_text("Something else").click()
    assert page.evaluate(SIDEWAYS) == 0

    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(SIDEWAYS) == 0


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_administrator_confirms_from_the_queue_and_suspends_in_one_tap(office, open_page, scripts):
    address, app = office
    registry, now = app.extensions["atlas"].registry, datetime.now(BEIJING)
    for phone in "ab":
        registry.reports.file("s1", NewReport("locked", now, token=phone * 20, note="门上有条子"), now=now)
    cookie = {"name": COOKIE, "value": sign_in(app, "district", "110101").get_cookie(COOKIE).value, "url": address}
    page = open_page(f"{address}/admin/reports", viewport=DESK, java_script_enabled=scripts, cookies=[cookie])
    expect(page.locator(".reported")).to_contain_text("门上有条子")

    page.get_by_role("button", name="确认属实").click()
    expect(page.get_by_role("status")).to_contain_text("已确认")
    page.get_by_role("button", name="暂停服务").click()

    page.wait_for_url("**/admin/sites/s1?saved=*")
    assert registry.site("s1").status == "suspended"


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_in_the_queue_by_day_and_by_night(office, open_page, viewport):
    address, app = office
    registry, now = app.extensions["atlas"].registry, datetime.now(BEIJING)
    cookie = {"name": COOKIE, "value": sign_in(app, "city", "110000").get_cookie(COOKIE).value, "url": address}
    page = open_page(f"{address}/admin/reports?lang=en", viewport=viewport, cookies=[cookie])
    expect(page.locator("main")).to_contain_text("Nothing waits for you")
    for phone, kind in (("a", "locked"), ("b", "rating")):
        registry.reports.file("s1", NewReport(kind, now, token=phone * 20, rating=2 if kind == "rating" else None, note="长" * 300), now=now)
    for _ in range(2):
        assert barriers(page, NIGHT) == {}
        assert page.evaluate(SIDEWAYS) == 0
        page.reload()
