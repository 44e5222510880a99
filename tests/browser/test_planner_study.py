"""The planner's page in a real Chromium, over real studies: what is selected, changed, played and proposed, on the page and on its map."""

from __future__ import annotations

import shutil

import pytest

from tests.browser.barriers import NIGHT, SIDEWAYS, barriers
from tests.browser.conftest import DESK, office_of
from tests.web.planning import HERE, SITES, give_people

ASKED = f"/planner?area={HERE}&by=none&radius=500"
SMALL = {"width": 320, "height": 640}
DRAWN = "#study[data-drawn]"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    home = tmp_path_factory.mktemp("planning") / "home"
    with office_of(home, SITES) as (address, _):
        give_people(home)
        yield address
    shutil.rmtree(home / "jobs", ignore_errors=True)  # processes that wait for more work end


def map_of(page):
    page.locator(DRAWN).wait_for(timeout=60_000)
    return next(frame for frame in page.frames if "/map" in frame.url)


def on_map(page, name):
    return map_of(page).evaluate(f"studyMap.shown().{name}")


def test_a_click_on_the_map_opens_a_story_and_an_opened_story_is_marked_on_the_map(desk, open_page):
    page = open_page(desk + "/planner?area=110000&by=district&radius=500", viewport=DESK)  # a district has one at least
    frame = map_of(page)

    frame.locator(".rank").first.click()
    page.locator("#gap-1[open]").wait_for()
    assert on_map(page, "chosen") == 1

    page.locator("#gap-2 summary").press("Enter")
    page.wait_for_selector("#gap-2[open]")
    assert page.locator("#gap-1[open]").count() == 0
    assert on_map(page, "chosen") == 2
    assert "身边没有站点" in page.locator("#gap-2 .story").inner_text()


def test_a_study_that_was_waited_for_is_drawn_where_its_area_lies(desk, open_page, monkeypatch):
    monkeypatch.setattr("web.planner_studies.WAIT_S", 0.0)
    page = open_page(desk + f"/planner?area={HERE}&by=none&radius=531", viewport=DESK)
    frame = map_of(page)

    west, south, east, north = frame.evaluate("studyMap.shown().drawn.bounds")
    seen = frame.evaluate("Object.values(window).find((one) => one instanceof L.Map).getBounds().toBBoxString()")
    left, bottom, right, top = map(float, seen.split(","))
    assert left < west < east < right
    assert bottom < south < north < top
    assert top - bottom < 3 * (north - south)  # and not the whole city around it


def test_on_a_phone_the_answer_comes_first_and_the_question_where_nothing_was_asked_yet(desk, open_page):
    assert not open_page(desk + ASKED, viewport=SMALL).locator("#ask").is_visible()
    assert open_page(desk + "/planner/compare", viewport=SMALL).locator("#without").is_visible()


def test_a_changed_radius_is_redrawn_in_the_same_frame_and_is_an_address_that_one_can_go_back_from(desk, open_page):
    page = open_page(desk + ASKED, viewport=DESK)
    map_of(page).evaluate("window.same = true")
    first = page.locator("#share").inner_text()

    page.locator("input[name=radius]").fill("900")
    page.locator("input[name=radius]").press("Tab")
    page.wait_for_function("(before) => document.getElementById('share') && document.getElementById('share').textContent !== before", arg=first)
    page.wait_for_url("**radius=900**")
    page.wait_for_selector(f"#study[data-drawn='{page.locator('#study').get_attribute('data-map')}']")

    assert map_of(page).evaluate("window.same") is True
    page.go_back()
    page.wait_for_url("**radius=500**")
    page.wait_for_function("(first) => document.getElementById('share').textContent === first", arg=first)
    assert page.locator("input[name=radius]").input_value() == "500"
    assert "radius=500" in page.locator(".languages a").get_attribute("href")


def test_another_area_is_chosen_in_place_and_the_wish_for_its_parts_comes_back_with_the_city(desk, open_page):
    page = open_page(desk + "/planner?area=110000&by=district&radius=500", viewport=DESK)
    map_of(page)

    page.locator("#area").select_option(HERE)
    page.wait_for_url(f"**area={HERE}&by=none**")
    page.wait_for_function("document.getElementById('by').value === 'none'")
    page.locator("#area").select_option("110000")
    page.wait_for_url("**area=110000&by=district**")


def test_a_radius_that_cannot_be_is_told_beside_the_result_that_stays(desk, open_page):
    page = open_page(desk + ASKED, viewport=DESK)
    map_of(page)
    page.evaluate("document.getElementById('ask').noValidate = true; document.getElementsByName('radius')[0].max = ''")

    page.locator("input[name=radius]").fill("10000000")
    page.locator("input[name=radius]").press("Tab")

    page.locator("#refused").wait_for()
    assert page.locator("#gap-1").count() == 1
    assert page.locator("input[name=radius]").input_value() == "10000000"


def test_the_day_is_stepped_through_hour_by_hour_and_plays_until_it_is_paused(desk, open_page):
    page = open_page(desk + ASKED + "&at=2026-03-04T12:00", viewport=DESK)
    map_of(page)

    page.locator("#on").click()
    page.locator("#hour-said", has_text="13:00").wait_for(timeout=60_000)
    noon = on_map(page, "counting")
    page.locator(".hours-row a[data-hour='23']").click()
    page.locator("#hour-said", has_text="23:00").wait_for()

    assert on_map(page, "hour") == 23
    assert on_map(page, "counting") < noon

    page.locator("#play").click()
    page.locator("#hour-said", has_text="00:00").wait_for()
    page.locator("#play").click()
    assert page.locator("#play").get_attribute("aria-pressed") == "false"


def test_of_several_sites_the_map_its_stories_and_the_day_say_where_fewer_are_near(desk, open_page):
    page = open_page(desk + ASKED + "&fold=2&at=2026-03-04T12:00", viewport=DESK)
    frame = map_of(page)
    frame.locator("#legend", has_text="交叉覆盖不足的地方（不到 2 个站点），按人数").wait_for()

    frame.locator(".rank").first.click()
    page.locator("#gap-1[open] .story", has_text="够得着的站点不足 2 个").wait_for()
    page.locator("#on").click()
    page.locator("#hour-said", has_text="13:00").wait_for(timeout=60_000)

    frame.locator("#legend", has_text="这一时刻交叉覆盖不足的地方（不到 2 个站点）").wait_for()


def test_a_site_on_the_map_offers_to_close_it_and_the_answer_names_who_loses(desk, open_page):
    page = open_page(desk + ASKED, viewport=DESK)
    frame = map_of(page)
    site = SITES[4]
    spot = frame.evaluate("""([lat, lon]) => {
        const map = Object.values(window).find((one) => one && one.latLngToContainerPoint);
        map.setView([lat, lon], 15, { animate: false });
        return map.latLngToContainerPoint([lat, lon]); }""", [site.lat, site.lon])

    frame.locator(".leaflet-container").click(position=spot)
    page.locator("#site-said a").click()

    page.wait_for_url("**/planner/compare**")
    page.locator(".lost", has_text="−").first.wait_for(timeout=60_000)
    assert site.name in page.locator("#beside").inner_text()


def test_a_place_pointed_at_on_the_map_is_proposed_and_compared(desk, open_page):
    page = open_page(f"{desk}/planner/compare?area={HERE}&by=none&radius=500&way=with", viewport=DESK)
    page.locator("#place").click()
    frame = next(frame for frame in page.frames if "/map" in frame.url)
    frame.locator(".leaflet-container").click(position={"x": 200, "y": 150})

    page.wait_for_function("() => /^116\\.\\d+,39\\.\\d+$/.test(document.getElementById('points').value)")
    page.wait_for_function("() => document.getElementById('study-map').contentWindow.document.querySelector('.placing')")
    page.locator("#ask button[type=submit]:not([form])").click()

    page.locator("#areas").wait_for(timeout=60_000)
    assert "with%3A116." in page.url


def test_without_scripts_the_form_asks_and_the_page_answers(desk, open_page):
    page = open_page(desk + ASKED, viewport=DESK, java_script_enabled=False)
    page.locator("input[name=radius]").fill("600")
    page.locator("#ask button[type=submit]:not([form])").click()
    page.wait_for_url("**radius=600**")
    page.locator("#share").wait_for(timeout=30_000)

    page.locator("#gap-1 summary").click()
    assert page.locator("#gap-1 .story").is_visible()


@pytest.mark.parametrize("address", [
    ASKED, ASKED + "&fold=2", ASKED + "&week=1&at=2026-03-02", f"/planner/compare?area={HERE}&by=none&radius=500&way=without&without=s4"])
def test_axe_finds_nothing_to_object_to_and_nothing_scrolls_sideways_on_a_small_phone(desk, open_page, address):
    page = open_page(desk + address, viewport=DESK)
    map_of(page)
    page.locator("#areas").wait_for()

    assert barriers(page, NIGHT) == {}
    page.set_viewport_size(SMALL)
    assert page.evaluate(SIDEWAYS) <= 0


def test_axe_finds_nothing_to_object_to_in_the_map_itself(desk, open_page):
    page = open_page(desk + ASKED, viewport=DESK)
    map_of(page)
    frame = open_page(f"{desk}/planner/studies/{page.locator('#study').get_attribute('data-key')}/map", viewport=DESK)
    frame.locator("#legend li").first.wait_for()

    assert barriers(frame, NIGHT) == {}


def test_a_file_of_proposed_sites_is_compared_with_what_the_form_asks_just_then(desk, open_page, tmp_path):
    (tmp_path / "新点.csv").write_text("名称,经度,纬度\n新站,116.42,39.95\n", "utf-8")
    page = open_page(f"{desk}/planner/compare?area={HERE}&by=none&radius=500&way=with", viewport=DESK)
    page.locator("#by-file summary").click()

    page.locator("#points-file").set_input_files(tmp_path / "新点.csv")
    page.locator("#points-datum").select_option("wgs84")
    page.evaluate("document.getElementById('ask').elements.radius.value = '700'")  # changed, and not computed yet
    page.locator("button[form=from-file]").click()

    page.wait_for_url("**radius=700**after=with**")
    page.locator(".gained", has_text="+").first.wait_for(timeout=60_000)
    assert "新站" in page.locator("#beside").inner_text()
    assert page.locator("#points").input_value() == "116.42,39.95,新站"


ROWS = """() => Object.fromEntries([...document.querySelectorAll(".areas tbody tr, .areas tfoot tr")].map((row) => [row.cells[0].textContent,
    [...row.cells].filter((cell) => !cell.classList.contains("stays")).map((cell) => [
        cell.textContent.trim(), ...[...cell.querySelectorAll("rect")].map((part) => Number(part.getAttribute("width")))])]))"""
HEAD = """() => [...document.querySelectorAll(".figure:not(.stays)")].map((figure) => [...figure.querySelectorAll("p:not(.label)")].map(
    (said) => said.textContent.trim().replace(/\\s+/g, " ")).filter(Boolean))"""
CITY = "/planner?area=110000&by=district&radius=500"


@pytest.mark.parametrize(("asked", "hour"), [(CITY, 12), (f"{CITY}&at=2026-03-04T12:00&fold=2", 3)])
def test_while_the_day_plays_figures_and_table_are_those_of_the_question_asked_at_that_hour(desk, open_page, asked, hour):
    page = open_page(desk + asked, viewport=DESK)
    map_of(page)
    before, headline = page.evaluate(ROWS), page.evaluate(HEAD)

    page.locator(f".hours-row a[data-hour='{hour}']").click()
    page.locator("#hour-said", has_text=f"{hour:02}:00").wait_for(timeout=60_000)
    played = page.evaluate(ROWS), page.evaluate(HEAD)
    assert page.locator(".figure.not .at-hour").inner_text() == page.locator("#areas .at-hour").inner_text() == f"{hour:02}:00"
    assert page.locator("h1 .of-hour-shown").inner_text() == f"正在显示：{hour:02}:00"
    marked = page.locator("#areas th .of-question")
    assert marked.count() == page.locator("#areas tbody tr").first.locator(".stays").count() >= 4
    assert {mark.inner_text() for mark in marked.all()} == {"（所问条件）"}
    assert page.locator(".figure.stays", has_text="合适的站点").count() == 1

    page.locator("#day-off").click()
    page.wait_for_function("() => document.getElementById('hour-said').textContent === ''")
    assert (page.evaluate(ROWS), page.evaluate(HEAD)) == (before, headline)
    assert page.locator("#areas .at-hour").inner_text() == ""
    assert not page.locator("h1 .of-hour-shown").is_visible()
    assert not any(mark.is_visible() for mark in marked.all())
    assert on_map(page, "hour") is None

    page.locator(f".hours-row a[data-hour='{hour}']").click()
    page.locator("#hour-figures").click()
    page.wait_for_url(f"**T{hour:02}%3A00**")
    page.locator("#study[data-drawn]:not([aria-busy])").wait_for(timeout=60_000)
    asked_at = page.evaluate(ROWS), page.evaluate(HEAD)

    assert played == asked_at
    assert played[0] != before
    assert len(played[0]) > 16
