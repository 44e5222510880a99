"""The administrators' pages in a real browser: map, typing, keyboard, two editors, without scripts, for everyone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.barriers import NIGHT, SIDEWAYS, barriers
from tests.browser.conftest import DESK, PHONE, office_of
from tests.conftest import a_site
from tests.web.conftest import HOSTILE, sign_in
from web.cookies import COOKIE

NEW = "/admin/sites/new"
PATHS = {"list": "/admin", "nothing found": "/admin?q=zzzz", "filters": "/admin?kind=warm_station&status=active", "new": NEW,
         "edit": "/admin/sites/s1", "hostile": "/admin/sites/s4",
         "history": "/admin/sites/s1/history", "a day": "/admin/sites/s1/history?on=2100-01-01"}


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office with a registry of its own; gives its address and its application."""
    sites = [
        a_site(1, name="王府井暖心驿站", district_code="110101", address="王府井大街 5 号", facilities={"water": "yes"}, manager="张三",
               opening_hours="Mo-Fr 09:00-12:00,13:00-20:00"),
        a_site(2, name="望京暖心驿站", district_code="110105"),
        a_site(3, status="draft", lon=None, lat=None, address="某街", district_code="110101"),
        a_site(4, name=HOSTILE, visibility="internal", district_code="110101")]
    with office_of(tmp_path_factory.mktemp("office"), sites, who="李四", why="<b>a few sites</b>") as served:
        yield served


@pytest.fixture
def go(office, open_page):
    """``go("/admin", role="street")``: a page of the office, signed in."""
    address, app = office

    def start(path, *, role="city", area="110000", **options):
        value = sign_in(app, role, area).get_cookie(COOKIE).value
        cookie = {"name": COOKIE, "value": value, "url": address}
        return open_page(address + path, cookies=[cookie], **options)

    return start


def settled(page):
    """Return a page when its map, if it shows one, is drawn."""
    if page.locator("#picker").count():
        page.wait_for_selector("#picker[data-drawn]", state="attached")
    return page


def registry_of(office):
    return office[1].extensions["atlas"].registry


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_axe_finds_nothing_to_object_to_by_day_and_by_night(go, path):
    assert barriers(settled(go(path, viewport=DESK)), NIGHT) == {}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_no_page_scrolls_sideways_on_a_phone_and_every_target_is_big(go, path):
    page = settled(go(path, viewport=PHONE))

    assert page.evaluate(SIDEWAYS) == 0
    small = page.evaluate("""() => [...document.querySelectorAll(
            "a, button, input:not([type=hidden]):not([type=radio]), select, textarea, summary, label.segment")]
        .filter((e) => e.offsetParent && !e.matches(".skip, .sr")
            && !e.closest(".leaflet-control-attribution, .skip, .sr, .summary, .alike, .look, .tick"))
        .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
        .filter(([, box]) => box.height < 47.5 || box.width < 44).map(([html, box]) => `${html} ${box.width}x${box.height}`)""")
    assert small == []


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_site_is_registered_by_a_click_on_the_map(go, office, viewport):
    page = settled(go(NEW, viewport=viewport))
    name = f"点图登记{viewport['width']}"
    page.get_by_label("名称").fill(name)
    page.get_by_label("类别", exact=False).first.select_option("warm_station")

    page.locator("#picker-map").scroll_into_view_if_needed()
    page.locator("#picker-map").click()

    expect(page.locator("#look-place")).to_contain_text("位于")
    assert page.locator("#f-coordinates").input_value()
    expect(page.locator(".pin.chosen")).to_be_visible()
    page.get_by_label("开放时间", exact=True).fill("周一至周五 9:00-17:00")
    expect(page.locator("#look-hours")).to_contain_text("周一至周五 09:00–17:00")
    page.get_by_role("button", name="登记", exact=True).click()

    expect(page.get_by_role("status")).to_contain_text("已保存")
    site = next(site for site in registry_of(office).sites() if site.name == name)
    assert site.lon is not None
    assert (site.opening_hours, site.status) == ("Mo-Fr 09:00-17:00", "draft")


def test_dragging_the_pin_moves_the_position(go):
    page = settled(go("/admin/sites/s1", viewport=DESK))
    before = page.locator("#f-coordinates").input_value()
    pin = page.locator(".pin.chosen")
    pin.scroll_into_view_if_needed()
    box = pin.bounding_box()

    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 60, steps=6)
    with page.expect_response("**/admin/sites/look"):
        page.mouse.up()

    assert page.locator("#f-coordinates").input_value() != before
    page.once("dialog", lambda dialog: dialog.accept())


def test_a_place_is_looked_up_and_chosen_while_typing(go):
    page = settled(go(NEW, viewport=DESK))
    page.get_by_label("从一个地点或站点找起").fill("天安门")

    page.locator("#found button").first.click()

    expect(page.locator("#look-place")).to_contain_text("位于东城区")
    expect(page.locator(".pin.chosen")).to_be_visible()


def test_a_link_of_a_map_is_pasted_and_its_datum_known(go):
    page = settled(go(NEW, viewport=DESK))
    page.get_by_label("坐标", exact=True).fill("https://uri.amap.com/marker?position=116.403,39.915&name=x")

    expect(page.locator("#look-place")).to_contain_text("GCJ-02")
    expect(page.locator("#look-place")).to_contain_text("116.403000, 39.915000")


def test_a_duplicate_is_warned_of_while_typing_and_must_be_answered(go, office):
    page = settled(go(NEW, viewport=DESK))
    page.get_by_label("名称").fill("王府井驿站")
    page.locator("#f-kind").select_option("warm_station")
    page.get_by_label("坐标", exact=True).fill("116.4101,39.9001")

    expect(page.locator("#look-alike a").first).to_have_text("王府井暖心驿站")
    expect(page.locator("#look-alike")).to_contain_text("米")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("#summary")).to_be_focused()
    page.get_by_label("我已核对").check()
    page.get_by_role("button", name="登记", exact=True).click()

    expect(page.get_by_role("status")).to_contain_text("已保存")
    page.get_by_role("button", name="撤回这次改动").click()
    expect(page.get_by_role("status").first).to_contain_text("已撤回")
    assert not any(site.name == "王府井驿站" for site in registry_of(office).sites())


def test_two_editors_merge_and_nobody_overwrites(go, office):
    mine, other = (settled(go("/admin/sites/s2", viewport=DESK, area=area, role=role))
                   for role, area in (("city", "110000"), ("district", "110105")))
    for page, hours in ((other, "Mo-Su 07:00-22:00"), (mine, "Mo-Su 08:00-20:00")):
        page.get_by_label("开放时间", exact=True).fill(hours)
        page.locator("#f-reason").fill("改时间")
        page.get_by_role("button", name="保存", exact=True).click()
        expect(page.locator(".notice, #conflict")).to_be_visible()

    expect(other.get_by_role("status").first).to_contain_text("已保存")
    expect(mine.locator("#conflict")).to_contain_text("district-110105")
    expect(mine.locator("#conflict")).to_be_focused()
    assert barriers(mine, NIGHT) == {}
    mine.locator("#conflict").get_by_label("我的").check()
    mine.get_by_role("button", name="保存", exact=True).click()

    expect(mine.get_by_role("status").first).to_contain_text("已保存")
    assert registry_of(office).site("s2").opening_hours == "Mo-Su 08:00-20:00"


def test_a_site_is_registered_with_the_keyboard_alone(go, office):
    page = settled(go(NEW, viewport=DESK))
    page.locator("#f-name").focus()
    page.keyboard.type("键盘登记")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "f-coordinates":
            break
    page.keyboard.type("116.3, 39.95")
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "picker-map":
            break
    with page.expect_response("**/admin/sites/look"):
        page.keyboard.press("Enter")  # the pin goes to the middle of the map
    assert page.locator("#f-coordinates").input_value() != "116.3, 39.95"
    page.locator("#f-reason").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").first).to_contain_text("已保存")
    assert any(site.name == "键盘登记" for site in registry_of(office).sites())


def test_enter_in_a_field_checks_and_does_not_save(go, office):
    page = settled(go(NEW, viewport=DESK))
    page.locator("#f-name").fill("按了回车")

    page.locator("#f-name").press("Enter")
    page.wait_for_load_state()

    assert page.locator("#f-name").input_value() == "按了回车"
    assert not any(site.name == "按了回车" for site in registry_of(office).sites())


def test_everything_works_without_scripts(go, office):
    page = go(NEW, viewport=PHONE, java_script_enabled=False)
    page.get_by_label("名称").fill("无脚本登记")
    page.locator("#f-kind").select_option("warm_station")
    page.get_by_label("从一个地点或站点找起").fill("天安门")
    page.get_by_role("button", name="搜索").click()
    page.locator("#found button").first.click()
    expect(page.locator("#look-place")).to_contain_text("位于东城区")
    page.get_by_label("开放时间", exact=True).fill("每天8点到20点")
    page.get_by_role("button", name="检查并预览").last.click()
    expect(page.locator("#look-hours")).to_contain_text("周一至周日 08:00–20:00")
    page.get_by_role("group", name="饮水").get_by_label("有", exact=True).check()
    page.get_by_role("button", name="登记", exact=True).click()

    expect(page.get_by_role("status").first).to_contain_text("已保存")
    site = next(site for site in registry_of(office).sites() if site.name == "无脚本登记")
    assert (site.opening_hours, site.facilities) == ("Mo-Su 08:00-20:00", {"water": "yes"})


def test_the_map_beside_the_list_shows_its_sites(go):
    page = go("/admin", viewport=DESK)

    page.wait_for_selector("#list-map[data-drawn=yes]")

    assert page.locator(".pin.listed").count() >= 3
