"""The administrators' pages without a script: list, form, conflict, history. Everything typed comes back, nothing is lost."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

import pytest

from geodata import places
from geodata.said import SAID
from locator.datum import point_from_wgs84
from tests.conftest import a_site
from tests.web.conftest import HOSTILE, sign_in
from tests.web.offices import WEDNESDAY_TEN, office_over
from web import create_app
from web.i18n import translations

DONGCHENG, CHAOYANG = "110101", "110105"
NEW = "/admin/sites/new"


def sites():
    return [
        a_site(1, name="王府井暖心驿站", district_code=DONGCHENG, street_code="110101001", manager="张三", station_code="DC-1",
               address="王府井大街 5 号", facilities={"water": "yes"}, opening_hours="Mo-Su 09:00-20:00", host="bank"),
        a_site(2, name="望京暖心驿站", district_code=CHAOYANG),
        a_site(3, status="draft", district_code=DONGCHENG, lon=None, lat=None, address="某街"),
        a_site(4, name=HOSTILE, visibility="internal", district_code=DONGCHENG, opening_hours=None), a_site(5, demo=True, district_code=CHAOYANG)]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with office_over(tmp_path_factory.mktemp("admin"), sites()) as app:
        yield app


@pytest.fixture
def registry(world):
    """The registry of this test alone: what it wrote is taken back afterwards."""
    found = world.extensions["atlas"].registry
    yield found
    present = {site.id for site in sites()}
    found.commit(sites(), who="test", why="as before")
    found.remove([site.id for site in found.sites() if site.id not in present], who="test", why="as before")
    world.extensions["atlas"].catch_up(found.version())


@pytest.fixture
def city(world):
    return sign_in(world, "city", "110000")


@pytest.fixture
def clerk(world):
    return sign_in(world, "street", "110101001")


def names(page):
    return [unescape(name) for name in re.findall(r'<h2><a href="/admin/sites/[^"]+">(.*?)</a></h2>', page.text)]


def fields_of(page):
    """Return what a browser would send of the form of a page, as lists by name; buttons apart."""
    form = re.search(r'<form method="post" id="site-form".*?</form>', page.text, re.DOTALL)[0]
    sent = {}
    for tag in re.findall(r"<input [^>]*>", form):
        kind, name, value = (re.search(rf'{part}="([^"]*)"', tag) for part in ("type", "name", "value"))
        if name and (not kind or kind[1] not in ("radio", "checkbox") or " checked" in tag):
            sent[name[1]] = unescape(value[1]) if value else ""
    for name, inside in re.findall(r'<select id="[^"]*" name="([^"]*)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        sent[name] = chosen[1] if chosen else ""
    for name, inside in re.findall(r'<textarea id="[^"]*" name="([^"]*)".*?>(.*?)</textarea>', form, re.DOTALL):
        sent[name] = unescape(inside)
    return sent


def send(client, path, page=None, **changed):
    form = fields_of(page or client.get(path)) | {"act": "save"} | {name.replace("__", "."): value for name, value in changed.items()}
    return client.post(path, data=form)


# --- the list -------------------------------------------------------------------------------------------

def test_everybody_sees_the_sites_of_their_area_whatever_their_status(world, city):
    assert len(names(city.get("/admin"))) == 5
    assert set(names(sign_in(world, "district", CHAOYANG).get("/admin"))) == {"望京暖心驿站", "第5暖心驿站"}
    assert names(sign_in(world, "street", "110101001").get("/admin")) == ["王府井暖心驿站"]
    assert "还没有登记站点" in sign_in(world, "street", "110106001").get("/admin").text


@pytest.mark.parametrize(("query", "found"), [
    ("q=王府井", {"王府井暖心驿站"}), ("q=wangfujing", {"王府井暖心驿站"}), ("q=wfj", {"王府井暖心驿站"}), ("q=DC-1", {"王府井暖心驿站"}),
    ("q=s2", {"望京暖心驿站"}), ("status=draft", {"第3暖心驿站"}), ("unlocated=1", {"第3暖心驿站"}), ("without_hours=1", {HOSTILE}),
    ("visibility=internal", {HOSTILE}), ("demo=yes", {"第5暖心驿站"}), ("area=朝阳区", {"望京暖心驿站", "第5暖心驿站"}),
    ("area=110101001", {"王府井暖心驿站"}),
    ("host=bank", {"王府井暖心驿站"}), ("facility=water", {"王府井暖心驿站"}), ("kind=mother_baby_room", set()),
    ("area=110105&demo=no", {"望京暖心驿站"}), ("verified_before=2020-01-01&area=110105", {"望京暖心驿站", "第5暖心驿站"})])
def test_the_list_is_searched_and_filtered(city, query, found):
    seen = {name.replace("\x07", "").replace("\u202e", "") for name in names(city.get(f"/admin?{query}"))}

    assert seen == {name.replace("\x07", "").replace("\u202e", "") for name in found}


def test_an_order_is_kept_by_every_link_and_a_page_out_of_range_is_the_last(city):
    page = city.get("/admin?sort=code&demo=no&page=99")

    assert names(page)[0] == "王府井暖心驿站"
    assert "/admin?demo=no&amp;sort=name" in page.text


@pytest.mark.parametrize("query", ["kind=zzz", "verified_before=gestern", "sort=colour", "area=nowhere"])
def test_a_filter_that_cannot_be_read_is_told(city, query):
    page = city.get(f"/admin?{query}")

    assert page.status_code == 400
    assert 'role="alert"' in page.text


def test_nothing_found_offers_a_way_on(city):
    page = city.get("/admin?q=zzzzzz")

    assert "没有同时符合这些筛选条件的站点" in page.text
    assert 'href="/admin"' in page.text


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_list_is_downloaded_with_its_filters_and_the_log_remembers(world, city, suffix):
    answer = city.get(f"/admin/download.{suffix}?q=王府井")

    assert answer.status_code == 200
    assert f"sites-20260304.{suffix}" in answer.headers["Content-Disposition"]
    if suffix == "csv":
        assert answer.text.count("\n") == 2
        assert "张三" in answer.text
    newest = world.extensions["atlas"].registry.audit.entries(action="export")[0]
    assert (newest.who, newest.object) == ("city-110000", f"1 sites .{suffix}")


def test_a_search_while_typing_finds_places_and_sites_of_ones_area(city, clerk):
    assert city.get("/admin/search?q=望京暖心").json["results"][0]["name"] == "望京暖心驿站"
    assert [one["name"] for one in clerk.get("/admin/search?q=望京暖心").json["results"] if "暖心" in one["name"]] == []
    assert city.get("/admin/search?q=").json["results"] == []
    assert places.load()


# --- the form -------------------------------------------------------------------------------------------

def test_a_site_is_registered_without_a_script(registry, city):
    done = send(city, NEW, name="新驿站", kind="warm_station", coordinates="39.95 116.30", datum="gcj02", opening_hours="每天8点到20点",
                facilities__water="yes", facilities__toilet="no", eligibility="everyone", slots__0__hours="08:00-20:00", slots__0__mode="staffed")

    assert done.status_code == 303, done.text
    site = next(site for site in registry.sites() if site.name == "新驿站")
    assert (site.source_lon, site.source_lat, site.source_datum, site.status) == (116.30, 39.95, "gcj02", "draft")
    assert (site.opening_hours, site.facilities) == ("Mo-Su 08:00-20:00", {"water": "yes", "toilet": "no"})
    assert (site.updated_by, site.district_code) == ("city-110000", "110108")
    page = city.get(done.headers["Location"])
    assert "已保存" in page.text
    assert "新驿站" in names(city.get("/admin?sort=updated"))[0]


def test_a_form_sent_twice_registers_one_site(registry, city):
    page = city.get(NEW)

    first, again = (send(city, NEW, page, name="只此一家", kind="warm_station", coordinates="116.30,39.95") for _ in range(2))

    assert (first.status_code, again.status_code) == (303, 303)
    assert sum(site.name == "只此一家" for site in registry.sites()) == 1
    assert first.headers["Location"].startswith(again.headers["Location"])


def test_every_error_is_at_its_field_and_in_a_summary_and_nothing_typed_is_lost(registry, city):
    before = registry.version()
    page = send(city, NEW, name="", kind="", coordinates="这里", opening_hours="Mo-Fx", capacity="很多", facilities__water="yes",
                directions="进门左转", slots__0__hours="胡话", slots__0__mode="code", aliases="甲\n乙")

    assert page.status_code == 400
    for name in ("name", "kind", "coordinates", "opening_hours", "capacity", "slots.0.hours"):
        assert f'href="#f-{name}"' in page.text, name
        assert f'id="f-{name}"' in page.text, name
    assert page.text.count('aria-invalid="true"') >= 6
    assert "第 4 个字符" in page.text
    kept = fields_of(page)
    assert (kept["coordinates"], kept["opening_hours"], kept["capacity"], kept["directions"]) == ("这里", "Mo-Fx", "很多", "进门左转")
    assert (kept["facilities.water"], kept["slots.0.hours"], kept["slots.0.mode"], kept["aliases"]) == ("yes", "胡话", "code", "甲\n乙")
    assert registry.version() == before


def test_an_edit_needs_a_reason_and_changes_what_was_changed_only(registry, city):
    assert "请写明改动的原因" in send(city, "/admin/sites/s1", phone="123").text
    done = send(city, "/admin/sites/s1", phone="123", reason="补电话")

    assert done.status_code == 303
    site = registry.site("s1")
    was = next(s for s in sites() if s.id == "s1")
    assert {name for name in SAID if hasattr(was, name) and getattr(site, name) != getattr(was, name)} == {"phone"}
    assert site.reason == "补电话"


def test_saving_without_a_change_says_so_and_offers_nothing_to_take_back(registry, city):
    before = registry.version()
    done = send(city, "/admin/sites/s1", reason="没改什么")

    page = city.get(done.headers["Location"])
    assert "没有改动" in page.text
    assert "/undo" not in page.text
    assert registry.version() == before


def test_what_was_saved_is_taken_back_with_one_click(registry, city):
    saved = send(city, "/admin/sites/s1", name="改名", reason="更名")
    page = city.get(saved.headers["Location"])
    version = fields_of(page)["version"]

    assert city.post("/admin/sites/s1/undo", data={"version": version}).status_code == 303
    assert registry.site("s1").name == "王府井暖心驿站"
    assert city.post("/admin/sites/s1/undo", data={"version": version}).status_code == 409

    made = send(city, NEW, name="新驿站", kind="warm_station", coordinates="116.30,39.95")
    site_id = made.headers["Location"].split("/")[-1].split("?")[0]
    gone = city.post(f"/admin/sites/{site_id}/undo", data={"version": registry.site(site_id).version})
    assert gone.headers["Location"].startswith("/admin?undone=")
    assert registry.site(site_id) is None


def test_nobody_takes_back_with_one_click_what_an_import_or_somebody_else_saved(registry, city, world):
    version, street = registry.site("s1").version, sign_in(world, "street", "110101001")
    assert street.post("/admin/sites/s1/undo", data={"version": version}).status_code == 403
    made = send(city, NEW, name="新驿站", kind="warm_station", coordinates="116.30,39.95", street_code="110101001", district_code=DONGCHENG)
    site_id = made.headers["Location"].split("/")[-1].split("?")[0]

    answer = street.post(f"/admin/sites/{site_id}/undo", data={"version": registry.site(site_id).version})

    assert answer.status_code == 403
    assert "只有保存的人" in answer.text
    assert registry.site(site_id) is not None
    assert registry.site("s1").version == version


def test_two_editors_see_each_others_changes_and_overwrite_nothing(registry, city, world):
    mine, other = city.get("/admin/sites/s1"), sign_in(world, "district", DONGCHENG)
    assert send(other, "/admin/sites/s1", phone="999", opening_hours="Mo-Su 07:00-22:00", reason="对方改的").status_code == 303

    conflict = send(city, "/admin/sites/s1", mine, name="我改的名", opening_hours="24/7", reason="我改的")

    assert conflict.status_code == 409
    assert "district-110101 改动了这个站点" in conflict.text
    assert "对方改的" in conflict.text
    kept = fields_of(conflict)
    assert (kept["name"], kept["phone"], kept["opening_hours"], kept["reason"]) == ("我改的名", "999", "24/7", "我改的")
    assert 'name="take.opening_hours"' in conflict.text
    assert registry.site("s1").name == "王府井暖心驿站"

    done = send(city, "/admin/sites/s1", conflict, **{"take.opening_hours": "theirs"})

    assert done.status_code == 303
    site = registry.site("s1")
    assert (site.name, site.phone, site.opening_hours) == ("我改的名", "999", "Mo-Su 07:00-22:00")


def test_a_probable_duplicate_must_be_answered_for(registry, city):
    page = send(city, NEW, name="王府井驿站", kind="warm_station", coordinates="116.4101,39.9001", address="王府井大街5号")

    assert page.status_code == 400
    assert "是不是已经登记过" in page.text
    assert 'href="/admin/sites/s1"' in page.text
    assert "米" in page.text
    answer = re.search(r'name="anyway" value="([^"]+)"', page.text)[1]
    assert answer == "s1"
    assert send(city, NEW, page, anyway=answer).status_code == 303


def test_checking_shows_what_a_form_comes_to_and_saves_nothing(registry, city):
    before = registry.version()
    page = send(city, NEW, act="look", coordinates="https://uri.amap.com/marker?position=116.403,39.915", opening_hours="工作日 09:00-17:00",
                season_from="11-15", season_to="03-15", district_code=CHAOYANG)

    assert page.status_code == 200
    for word in ("位于东城区", "116.403000, 39.915000", "周一至周五 09:00–17:00", "只在每年 11-15 至 03-15 开放", "调休", "与所写的区不符"):
        assert word in page.text, word
    assert registry.version() == before


def test_the_panels_follow_the_typing(city):
    typed = {"opening_hours": "Mo-Fx", "coordinates": "116.4,39.9", "name": "王府井驿站", "kind": "warm_station"}
    panels = city.post("/admin/sites/look", data=typed)

    assert panels.status_code == 200
    assert "<html" not in panels.text
    for word in ("位于东城区", "第 4 个字符", 'id="look-alike"'):
        assert word in panels.text


def test_a_place_is_looked_up_without_a_script(city):
    found = send(city, NEW, act="find", find="望京暖心驿站")
    use = re.search(r'name="use" value="([^"]+)"', found.text)[1]

    page = send(city, NEW, found, use=use)

    assert fields_of(page)["coordinates"] == use
    assert "位于" in page.text


def test_a_place_outside_ones_area_is_told_and_not_saved(registry, clerk):
    looked = send(clerk, NEW, act="look", name="x", kind="warm_station", coordinates="116.30,39.95")
    assert "不在您的管辖范围内" in looked.text
    refused = send(clerk, NEW, name="不许登记", kind="warm_station", coordinates="116.30,39.95")
    assert refused.status_code == 403
    assert fields_of(refused)["name"] == "不许登记"
    assert not any(site.name == "不许登记" for site in registry.sites())


def test_a_clerk_cannot_make_a_site_active(clerk):
    page = clerk.get(NEW)

    assert '<option value="active"' not in page.text
    refused = send(clerk, NEW, page, name="新站", kind="warm_station", coordinates="116.41,39.915", street_code="110101001", status="active")
    assert "须经验收" in refused.text


def test_a_form_without_its_csrf_field_is_refused(city):
    page = city.get(NEW)
    del city.environ_base["HTTP_X_CSRFTOKEN"]
    form = fields_of(page) | {"act": "save", "name": "x"}
    assert city.post(NEW, data={name: value for name, value in form.items() if name != "csrf_token"}).status_code == 403


def test_actions_on_the_page_need_a_reason_and_are_remembered(registry, city):
    version = registry.site("s1").version
    assert "请写明改动的原因" in city.post("/admin/sites/s1/do/suspend", data={"version": version, "reason": " "}).text
    assert city.post("/admin/sites/s1/do/suspend", data={"version": version, "reason": "装修"}).status_code == 303
    assert registry.site("s1").status == "suspended"
    assert "恢复启用" in city.get("/admin/sites/s1").text
    assert city.post("/admin/sites/s1/do/verify", data={"reason": "巡查", "how": "phone"}).status_code == 303
    assert registry.site("s1").verified_how == "phone"


# --- the history ----------------------------------------------------------------------------------------

def test_the_history_tells_who_when_why_and_what_in_words(registry, city):
    send(city, "/admin/sites/s1", facilities__water="no", eligibility="members", reason="核对设施")

    page = city.get("/admin/sites/s1/history")

    for word in ("核对设施", "city-110000", "饮水", "<del>有</del>", "<ins>没有</ins>", "工会会员"):
        assert word in page.text, word
    assert "演示" in city.get("/admin/sites/s5/history").text


def test_a_record_is_shown_as_it_was_on_a_day(registry, city):
    today = registry.site("s1").updated_at.date()

    assert "王府井大街 5 号" in city.get(f"/admin/sites/s1/history?on={today}").text
    assert "那一天还没有这个站点" in city.get("/admin/sites/s1/history?on=2001-01-01").text
    assert city.get("/admin/sites/s1/history?on=gestern").status_code == 400


def test_a_site_goes_back_to_a_version_with_a_reason(registry, city):
    first = registry.history("s1")[-1].version
    send(city, "/admin/sites/s1", name="改名", reason="更名")
    form = {"to": first, "version": registry.site("s1").version}

    assert city.post("/admin/sites/s1/revert", data={**form, "reason": ""}).status_code == 400
    assert city.post("/admin/sites/s1/revert", data={**form, "reason": "改错了"}).status_code == 303
    assert (registry.site("s1").name, registry.site("s1").reason) == ("王府井暖心驿站", "改错了")
    assert city.post("/admin/sites/s1/revert", data={**form, "reason": "再来"}).status_code == 409  # changed since


def test_an_auditor_reads_the_history_without_internal_fields(world):
    page = sign_in(world, "auditor", "110000").get("/admin/sites/s1/history")

    assert "王府井大街 5 号" in page.text
    assert "张三" not in page.text
    assert "/revert" not in page.text


def test_going_back_does_not_take_a_code_that_another_site_has_by_now(registry, city):
    first = registry.history("s1")[-1].version
    send(city, "/admin/sites/s1", station_code="DC-9", reason="换编号")
    send(city, "/admin/sites/s2", station_code="DC-1", reason="用旧编号")

    page = city.post("/admin/sites/s1/revert", data={"to": first, "version": registry.site("s1").version, "reason": "改错了"})

    assert page.status_code == 409
    assert "站点 s2 已用这个编号" in page.text


def test_on_a_base_map_in_gcj02_pins_stand_where_that_map_has_them(world):
    tiles = {"base_map": "https://tiles.example.org/{z}/{x}/{y}.png", "base_map_datum": "gcj02", "base_map_attribution": "x",
             "base_map_approval": "GS(2024)1号"}
    keeper = world.extensions["atlas"]
    other = create_app({"atlas": keeper.held.atlas, "registry": keeper.registry, "home": keeper.registry.home,
                        "clock": lambda: WEDNESDAY_TEN, **tiles})

    page = sign_in(other, "city", "110000").get("/admin/sites/s1")

    assert 'data-datum="gcj02"' in page.text
    lon, lat = (float(re.search(rf'id="look-place" [^>]*data-{axis}="([^"]+)"', page.text)[1]) for axis in ("lon", "lat"))
    site = keeper.registry.site("s1")
    assert (lon, lat) == pytest.approx(point_from_wgs84(site.lon, site.lat, "gcj02"), abs=1e-9)
    assert fields_of(page)["datum"] == "wgs84"


# --- every page -----------------------------------------------------------------------------------------

PAGES = ["/admin", "/admin?q=zzzz", NEW, "/admin/sites/s1", "/admin/sites/s4", "/admin/sites/s3/history", "/admin/sites/s4/history"]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_typed_becomes_markup_and_no_page_has_inline_script_or_style(city, path):
    text = city.get(path).text

    assert "<script>" not in text
    assert not re.search(r"<[^>]* (style|on\w+)=", text)
    assert "<b>\x07" not in text


@pytest.mark.parametrize("path", PAGES)
def test_headings_descend_without_a_leap_and_ids_are_used_once(city, path):
    text = city.get(path).text
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    ids = re.findall(r' id="([^"]+)"', text)

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert len(ids) == len(set(ids)), {name for name in ids if ids.count(name) > 1}


def test_the_pages_speak_english_too(city):
    assert "Sites of your area" in city.get("/admin?lang=en").text
    assert "Register a site" in city.get(NEW + "?lang=en").text
    assert translations("zh-CN").gettext("Register a site") == "登记站点"
