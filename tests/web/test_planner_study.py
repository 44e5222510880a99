"""The planner's page: its address is a result, its words are the study's figures, and every state of its work is told."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from geodata import areas as shipped
from geodata import job_process, jobs, people
from geodata.jobs import Jobs
from geodata.studies import Studies
from locator.areas import Area, AreaTree
from locator.datum import point_from_wgs84
from locator.words import Words
from tests.web.conftest import WEDNESDAY_TEN, current_of, sign_in
from tests.web.offices import do_jobs_at_once, office_over
from tests.web.planning import HERE, SITES, give_people, planned
from web import planner_form

ASKED = f"/planner?area={HERE}&by=none&radius=500"


@pytest.fixture
def here(monkeypatch):
    """Do the work of jobs in this process, at once."""
    do_jobs_at_once(monkeypatch)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with planned(tmp_path_factory.mktemp("planning") / "home") as app:
        yield app


@pytest.fixture
def planner(app, here):
    return sign_in(app, "planner", "110000")


def page(client, address, expect=200):
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == expect, answer.text
    return unescape(answer.text).replace("\xa0", " ")


def said(answer):
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def study_of(app, text):
    return Studies(app.extensions["settings"].home).find(re.search(r'data-key="([0-9a-f]{32})"', text)[1])


# --- the address --------------------------------------------------------------------------------------


def test_the_bare_address_asks_for_the_whole_city_by_district_within_a_kilometre_whatever_the_hours(planner):
    asked = said(planner.get("/planner"))

    assert {name: asked.get(name) for name in ("area", "by", "radius", "at", "week", "fold", "kind")} == {
        "area": ["110000"], "by": ["district"], "radius": ["1000"], "at": None, "week": None, "fold": None, "kind": None}


def test_an_address_is_pinned_to_the_registry_and_the_people_and_then_stays_as_it_is(planner):
    first = planner.get(ASKED)
    asked = said(first)

    assert first.status_code == 303
    assert asked["version"] == ["1"]
    assert len(asked["people"][0]) >= 8
    assert planner.get(first.headers["Location"]).status_code == 200


@pytest.mark.parametrize(("form", "address"), [
    ("reach=radius&radius=750&minutes=15", {"radius": ["750"], "minutes": None}),
    ("reach=minutes&radius=750&minutes=10", {"radius": None, "minutes": ["10"]}),
    ("preset=double15", {"radius": ["1000"], "minutes": None}),
    ("hours=ignored&date=2026-03-06&hour=8", {"at": None, "week": None}),
    ("hours=at&date=2026-03-06&hour=8", {"at": ["2026-03-06T08:00"], "week": None}),
    ("hours=week&date=2026-03-06&hour=8", {"at": ["2026-03-02T00:00"], "week": ["1"]}),
    ("kind=暖心驿站&kind=&verified_only=1&fold=2", {"kind": ["warm_station"], "verified_only": ["1"], "fold": ["2"]}),
    ("by=none", {"by": ["none"]}),
    ("area=东城区", {"area": [HERE]}),
])
def test_what_the_form_says_becomes_an_address_that_says_only_that(planner, form, address):
    asked = said(planner.get(f"/planner?{form}"))

    assert {name: asked.get(name) for name in address} == address


@pytest.mark.parametrize(("asked", "field"), [
    ("radius=0", "radius"), ("radius=-5", "radius"), ("radius=10000000", "radius"), ("minutes=abc&reach=minutes", "minutes"), ("fold=0", "fold"),
    ("kind=nonsense", "kind"), ("area=nowhere", "area"), ("by=community", "by"), ("hours=at&hour=24", "hour"), ("demand=nobody", "demand"),
])
def test_what_cannot_be_asked_is_told_on_the_page_in_the_readers_words(planner, asked, field):
    answer = planner.get(f"/planner?{asked}", follow_redirects=True)

    assert answer.status_code in (400, 404)
    assert 'role="alert"' in answer.text
    assert 'id="ask"' in answer.text


def test_what_was_typed_stays_in_the_form_where_it_cannot_be_used(planner):
    text = planner.get("/planner?reach=minutes&minutes=9999&radius=700").text

    assert 'value="9999"' in text
    assert 'value="700"' in text


@pytest.mark.parametrize(("asked", "quoted"), [
    ("radius=1e7", "服务半径“1e7 米”"), ("radius=0", "服务半径“0 米”"), ("reach=minutes&minutes=0", "步行“0 分钟”"),
    ("minutes=nine", "步行“nine 分钟”"),
    ("hours=at&hour=24", "小时“24”"), ("fold=0", "交叉覆盖：至少几个站点“0”"),
])
def test_what_cannot_be_used_is_quoted_as_it_was_typed_with_its_field_and_unit(planner, asked, quoted):
    assert quoted in re.search(r'role="alert".*?</div>', page(planner, f"/planner?{asked}", expect=400), re.DOTALL)[0]


@pytest.mark.parametrize("named", ["version=99", "people=aaaa", "study=zzzz", f"study={'0' * 32}", "version=99&people=aaaa&study=zzzz"])
def test_an_address_that_names_what_cannot_be_had_is_never_answered_with_something_else(planner, named):
    for address in (f"{ASKED}&{named}", f"/planner/compare?area={HERE}&by=none&radius=500&way=without&without=s1&{named}"):
        assert "这个结果已不再保留" in page(planner, address, expect=410)


def test_whoever_looks_after_one_district_begins_there_and_may_ask_for_any_other(app, here):
    planner = sign_in(app, "planner", HERE)

    assert said(planner.get("/planner"))["area"] == [HERE]
    assert said(planner.get("/planner?by=district"))["area"] == ["110000"]
    assert said(planner.get("/planner?area=110105"))["area"] == ["110105"]


def test_a_district_that_is_chosen_where_a_city_was_listed_by_districts_is_shown_by_its_own_parts(planner):
    """The form sends both: nobody who chooses another area means to be refused."""
    assert said(planner.get(f"/planner?area={HERE}&by=district&radius=500"))["by"] == ["none"]
    assert said(planner.get(f"/planner?area={HERE}&by=street&radius=500"))["by"] == ["street"]
    assert planner.get("/planner?by=parish").status_code == 400


def test_the_form_shows_what_the_address_asks(planner):
    text = page(planner, f"/planner?area={HERE}&by=none&minutes=12&at=2026-03-06T08:00&fold=2&kind=warm_station")

    for field in ('name="reach" value="minutes" checked', 'name="minutes" aria-label="步行分钟数" value="12"', 'name="hours" value="at" checked',
                  'value="2026-03-06"', '<option value="8" selected>', 'name="fold" value="2"', 'value="warm_station" checked'):
        assert field in text, field


# --- what it shows ------------------------------------------------------------------------------------


def test_the_page_tells_the_studys_own_figures(app, planner):
    text = page(planner, ASKED)
    total = study_of(app, text).part("coverage")["total"]
    gaps = study_of(app, text).part("gaps")

    assert 0 < total["coverage_share"] < 1
    assert f"{total['coverage_share']:.1%}".replace("%", " %") in text
    assert f"{total['people']:,.0f} 人中的 {total['covered']:,.0f} 人" in text
    assert f"{gaps['gaps'][0]['people']:,.0f} 人" in text
    assert gaps["gaps"][0]["nearest_site"]["name"] in text
    assert "服务盲区" in text
    assert "<rect class=\"maybe\"" not in text  # hours do not count


def test_where_hours_count_both_readings_are_told(app, planner):
    text = page(planner, ASKED + "&at=2026-03-07T12:00")  # a Saturday: a third is open, of a third nobody knows
    total = study_of(app, text).part("coverage")["total"]

    assert total["coverage_share"] < total["coverage_share_if_unknown_open"]
    assert f"时间不明的按开放计为 {total['coverage_share_if_unknown_open']:.1%}".replace("%", " %") in text
    assert "2026-03-07 12:00 开放" in text


def test_a_week_is_a_table_of_168_cells_that_hold_their_figures(app, planner):
    text = page(planner, ASKED + "&week=1")
    hours = study_of(app, text).part("coverage")["total"]["by_hour"]
    cells = re.findall(r'<td class="h\d+" title="([^"]+)"><span>(\d+)</span>', re.search(r'<table class="heat">.*?</table>', text, re.DOTALL)[0])

    assert len(cells) == 168
    assert [int(share) for _, share in cells] == [round(share * 100) for share in hours]


def test_every_hour_of_the_day_is_a_link_without_scripts(planner):
    text = page(planner, ASKED + "&at=2026-03-07T12:00")
    links = re.findall(r'<a href="([^"]+)"( aria-current="true")? data-hour="(\d+)"', text)

    assert [int(hour) for _, _, hour in links] == list(range(24))
    assert [hour for _, current, hour in links if current] == ["12"]
    assert "at=2026-03-07T23%3A00" in links[23][0]


def test_the_table_can_be_put_in_another_order_without_losing_the_question(planner):
    text = page(planner, ASKED)
    sort = next(link for link in re.findall(r'href="([^"]+)#areas"', text) if "sort=people" in link)

    again = page(planner, sort)

    assert 'aria-sort="descending"' in again
    assert "radius=500" in sort
    assert "order=rising" in next(link for link in re.findall(r'href="([^"]+)#areas"', again) if "sort=people" in link)


def test_several_sites_at_once_say_how_many_people_have_fewer_and_where(app, planner):
    text = page(planner, ASKED + "&fold=2")
    assert "各区域交叉覆盖率（至少 2 个站点）" in text
    assert "各区域覆盖率" not in text
    study = study_of(app, text)
    total, gaps = study.part("coverage")["total"], study.part("gaps")["gaps"]
    beside = re.search(r'aria-labelledby="gaps-title".*?</section>', text, re.DOTALL)[0]

    assert "交叉覆盖率（至少 2 个站点）" in text
    assert "不足 2 个站点服务的人口" in text
    assert study.part("gaps")["people"] == pytest.approx(total["people"] - total["covered"])
    assert "交叉覆盖不足的地方（不到 2 个站点）" in beside
    assert beside.count("人够得着的站点不足 2 个") == len(gaps)
    assert beside.count("离第 2 近的站点") == len(gaps)
    assert gaps[0]["nearest_site"]["name"] in beside
    assert "看一个站点也够不着的地方" in beside
    assert "最近的一个站点" in text  # of the emptiest circle
    drawn = planner.get(f"/planner/studies/{study.key}/map.json").json
    assert (len(drawn["sites"]), len(drawn["gaps"]), drawn["fold"]) == (len(SITES), len(gaps), 2)


def test_in_english_the_site_that_is_so_many_th_nearest_is_told_as_such(planner):
    text = page(planner, ASKED + "&fold=2&lang=en")
    beside = re.search(r'aria-labelledby="gaps-title".*?</section>', text, re.DOTALL)[0]

    assert re.search(r"the 2nd nearest site is [\d.]+ k?m away: <a ", beside)


def test_several_sites_at_once_in_a_week_have_no_ground_and_the_page_says_why(planner):
    beside = re.search(r'aria-labelledby="gaps-title".*?</section>', page(planner, ASKED + "&fold=2&week=1"), re.DOTALL)[0]

    english = re.search(r'aria-labelledby="gaps-title".*?</section>', page(planner, ASKED + "&fold=2&week=1&lang=en"), re.DOTALL)[0]
    assert "同时够得着几个站点的地方每小时都不同" in beside
    assert re.search(r">Where several sites are within reach at once changes by the hour, [^<]*one site\.<", english)
    assert "看一个站点也够不着的地方" in beside


def test_where_fewer_sites_suit_than_are_asked_for_at_once_the_page_says_that_there_are_not_so_many(planner):
    beside = re.search(r'aria-labelledby="gaps-title".*?</section>', page(planner, ASKED + "&fold=50"), re.DOTALL)[0]

    assert "合适的站点一共不到 50 个" in beside


@pytest.mark.parametrize(("metres", "words"), [
    ("1357", "1,357 米"), ("357", "357 米"), ("999.5", "999.5 米"), ("1400", "1.4 公里"), ("1000", "1 公里"),
])
def test_the_heading_asks_for_exactly_the_metres_that_were_asked(planner, metres, words):
    assert f"{words}内" in re.search(r"<h1[^>]*>.*?</h1>", page(planner, f"/planner?area={HERE}&by=none&radius={metres}"), re.DOTALL)[0]


def test_the_headline_of_a_week_says_that_one_hour_of_it_is_enough(planner):
    assert "168 个小时中只要有一个小时够得着开放的站点" in page(planner, ASKED + "&week=1")
    assert "168 个小时中" not in page(planner, ASKED)


def test_every_chart_is_there_as_a_picture_for_a_slide_and_for_paper(app, planner):
    text = page(planner, ASKED + "&week=1")
    key = study_of(app, text).key

    for name in ("distances", "areas", "hours"):
        for size in ("screen", "print"):
            assert f"/planner/studies/{key}/chart/{name}.png?size={size}" in text
    assert (text.count("投影用"), text.count("打印用"), "演示用" in text) == (4, 4, False)  # three charts and the map


def test_the_page_of_planning_speaks_of_nobodys_position(planner):
    assert "您的位置" not in page(planner, ASKED)


def test_no_suitable_site_is_nought_and_the_whole_area_is_not_served(planner):
    text = page(planner, ASKED + "&kind=mother_baby_room")

    assert "0.0 %" in text
    assert "没有符合条件的站点" in text
    assert "一个站点也没有" in text


def test_areas_not_served_in_one_district_are_told_apart_by_a_landmark_or_the_side_they_are_on(app, planner):
    text = page(planner, ASKED)
    told = re.findall(r'<span class="where">.*?</span>\s*(东城区) <small>(.*?)</small>', text)
    gaps = study_of(app, text).part("gaps")["gaps"]

    assert len(told) == len(gaps[:30])
    for (_, where), gap in zip(told, gaps, strict=False):
        assert where == f"含{gap['hosts'][0]['name']}" if gap["hosts"] else re.fullmatch("[东西]?[南北]?部|中部", where)


def test_hours_beyond_the_table_of_holidays_and_a_circle_across_the_border_are_told(app, planner):
    text = page(planner, ASKED + "&at=2031-03-07T12:00")
    study = study_of(app, text)

    assert "节假日表" in study.part("coverage")["notes"][0]
    assert study.part("coverage")["notes"][0] in text
    assert study.part("gaps")["emptiest_circle"]["outside_share"] > 0.01
    assert f"这个圆有 {study.part('gaps')['emptiest_circle']['outside_share']:.1%}".replace("%", " %") + " 在区域之外" in text
    assert "节假日表" not in page(planner, ASKED + "&at=2026-03-06T12:00")
    compared = page(planner, f"/planner/compare?area={HERE}&by=none&radius=500&way=hours&day=2031-03-07&hour_before=12&hour_after=23")
    assert "节假日表" in compared


def test_two_areas_of_one_name_are_told_apart_where_one_is_chosen(planner):
    options = re.findall(r"<option[^>]*>\s*([^<]*经济技术开发区[^<]*)</option>", page(planner, ASKED))

    assert len(options) == len(set(options)) == 2
    assert any("（大兴区）" in option for option in options)


def test_an_operators_own_area_is_offered_and_studied_whether_it_lies_in_another_or_in_none(tmp_path, here):
    home = tmp_path / "home"
    home.mkdir()
    square = [[116.39, 39.88], [116.42, 39.88], [116.42, 39.92], [116.39, 39.92], [116.39, 39.88]]
    features = [{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [square]}, "properties": said}
                for said in ({"code": "ZONE", "name": "某园区", "parent": None}, {"code": "SHOPS", "name": "某商圈", "parent": HERE})]
    (home / "own.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    shipped.load_file(home / "own.geojson", home)
    with planned(home) as app:
        for client in (sign_in(app, "planner", "110000"), sign_in(app, "planner", "110105")):  # what is shown of an area is no secret
            text = page(client, ASKED)
            apart = re.search(r'<optgroup label="自行载入的区域">(.*?)</optgroup>', text)[1]

            assert re.findall(r'value="([^"]+)"[^>]*>(\s*)([^<]+)<', apart) == [("ZONE", "", "某园区")]
            assert re.search(r'value="110101" selected>　东城区<.*value="SHOPS">　　某商圈<.*value="110102">', text, re.DOTALL)
            for code, name in (("ZONE", "某园区"), ("SHOPS", "某商圈")):
                text = page(client, f"/planner?area={code}&radius=500")
                total = study_of(app, text).part("coverage")["total"]

                assert total["code"] == code
                assert total["people"] > total["covered"] > 0
                assert f'value="{code}" selected' in text
                assert re.search(f'class="asked-in-words">{name}<', text)


@pytest.mark.parametrize(("parts", "tier"), [
    ([], None), (["street"], "street"), ([None], None),
    (["street", None, None], None),  # forty streets without outlines and a centre with one: a table of forty dashes tells nobody anything
    (["street", None], None), (["street", "street", None], "street"), ([None, "zone", "street"], "zone"), (["street", "zone", "zone"], "street"),
])
def test_an_area_is_listed_by_its_parts_where_more_than_half_of_them_are_drawn_by_the_tier_of_the_first(parts, tier):
    tree = AreaTree([Area("1", Words("市", "city"), None, "city"),
                     *(Area(f"2{n}", Words("街", "street"), "1", drawn or "street", has_outline=drawn is not None) for n, drawn in enumerate(parts))])

    assert planner_form.parts(tree, "1") == tier


def test_before_the_day_is_played_the_page_says_what_playing_will_show(planner):
    assert "播放时，地图、上方数字" in page(planner, ASKED)


def test_minutes_without_a_network_are_said_to_be_estimated_and_hours_that_nobody_knows_are_told_in_both_readings(tmp_path, monkeypatch):
    do_jobs_at_once(monkeypatch)
    nobody_knows = [replace(site, opening_hours=None) for site in SITES]
    with office_over(tmp_path / "home", nobody_knows, at=WEDNESDAY_TEN.replace(day=1)) as app:
        give_people(tmp_path / "home")
        planner = sign_in(app, "planner", "110000")
        text = page(planner, f"/planner?area={HERE}&by=none&minutes=8&at=2026-03-04T12:00")
        total = study_of(app, text).part("coverage")["total"]
        told = planner.get(f"/api/v1/coverage?area={HERE}&walk=8&at=2026-03-04T12:00").get_json()

    assert "步行是估算：直线距离加四分之一" in text
    assert (total["covered"], total["coverage_share"]) == (0, 0)
    assert total["covered_if_unknown_open"] > 0
    assert f"时间不明的按开放计为 {total['coverage_share_if_unknown_open']:.1%}".replace("%", " %") in text
    assert told["total"] == total
    assert told["basis"] == "straight"


def test_a_reach_that_leaves_nobody_out_says_so(planner):
    assert "没有盲区：处处都有站点。" in page(planner, f"/planner?area={HERE}&by=none&radius=20000")


def test_parts_without_outlines_are_never_told_to_be_served_everywhere(app, planner):
    text = page(planner, f"/planner?area={HERE}&by=street&radius=500")
    total = study_of(app, text).part("coverage")["total"]

    assert "没有盲区" not in text
    assert study_of(app, text).part("gaps")["people"] == pytest.approx(total["people"] - total["covered"])
    assert said(planner.get(f"/planner?area={HERE}&radius=500"))["by"] == ["none"]


def test_an_area_where_nobody_lives_says_so(planner):
    assert "按所用人口数据，这里没有人" in page(planner, "/planner?area=110118&by=none&radius=500")


def test_an_area_without_an_outline_says_so_and_counts_its_sites(planner):
    text = page(planner, "/planner?area=北京经济技术开发区&by=none&radius=500")

    assert "没有边界" in text
    assert "这里登记了 0 个合适的站点" in text
    assert "/chart/" not in text  # there are no figures to draw


def test_the_page_speaks_english_to_who_reads_that(planner):
    text = planner.get(ASKED, follow_redirects=True, headers={"Accept-Language": "en"}).text

    assert "Share of people served" in text
    assert "Areas not served" in text
    assert "Dongcheng" in text


# --- pins ---------------------------------------------------------------------------------------------


def test_an_old_address_shows_what_it_showed_and_offers_today(tmp_path, here):
    with office_over(tmp_path / "home", SITES, at=WEDNESDAY_TEN.replace(day=1)) as app:
        give_people(tmp_path / "home")
        planner, keeper = sign_in(app, "planner", "110000"), current_of(app)
        old = planner.get(ASKED).headers["Location"]
        before = page(planner, old)
        keeper.catch_up(keeper.registry.commit([replace(keeper.registry.site("s8"), name="改了名")], who="test", why="test").version, seconds=10)

        again = page(planner, old)
        anew = unescape(re.search(r'href="([^"]+)">按最新数据计算', again)[1])

        assert "这是登记库第 1 版的结果" in again
        assert study_of(app, again).key == study_of(app, before).key
        assert said(planner.get(anew))["version"] == ["2"]
        assert "这是登记库第" not in page(planner, anew)


def test_an_address_whose_people_are_gone_says_so_and_leads_to_today(planner):
    text = page(planner, ASKED + "&version=1&people=000000000000", expect=410)

    assert "这个结果已不再保留" in text
    assert "按最新数据计算" in text


# --- its work -----------------------------------------------------------------------------------------


@pytest.fixture
def waiting(app, monkeypatch):
    """Nobody does the work of jobs: each waits, its lock held, until it is let go of."""
    held = []
    monkeypatch.setattr(jobs, "_begin", lambda home, job_id, lock, database, stays_s: held.append(os.dup(lock)))
    monkeypatch.setattr("web.planner_studies.WAIT_S", 0.0)
    yield lambda: [os.close(held.pop()) for _ in held[:]]
    for lock in held:
        os.close(lock)


def test_work_that_takes_longer_shows_how_far_it_is_can_be_stopped_and_is_looked_at_again_without_scripts(app, waiting):
    planner = sign_in(app, "planner", "110000")
    text = page(planner, f"/planner?area={HERE}&by=none&radius=501")
    key = re.search(r"/planner/studies/([0-9a-f]{32})/stop", text)[1]

    assert '<noscript><meta http-equiv="refresh"' in text
    assert f'src="/planner/compare/map?area={HERE}&by=none' in text  # the map has its place already when the work is done
    assert "<progress" in text
    assert planner.get(f"/planner/studies/{key}/work").json["alive"] is True
    assert planner.post(f"/planner/studies/{key}/stop", data={"back": "/planner"}).status_code == 303
    assert Jobs(app.extensions["settings"].home).named(key).cancelling
    waiting()


def test_no_page_builds_the_grid_of_people_but_the_work_on_the_first_study_does(tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setattr(shipped, "census", lambda: {HERE: 1000})  # a small grid
    with office_over(home, SITES, at=WEDNESDAY_TEN.replace(day=1)) as app, monkeypatch.context() as nobody_works:
        held = []
        nobody_works.setattr(jobs, "_begin", lambda home, job_id, lock, database, stays_s: held.append(os.dup(lock)))
        nobody_works.setattr("web.planner_studies.WAIT_S", 0.0)
        nobody_works.setattr("web.planning_api.WAIT_S", 0.0)
        planner = sign_in(app, "planner", "110000")

        assert "<progress" in page(planner, ASKED)
        for address in ("/planner", "/planner/compare", f"/planner/compare?area={HERE}&by=none&radius=500&without=s1", "/planner/compare/map",
                        "/planner/compare/map.json", "/planner/sites"):
            page(planner, address)
        assert planner.get(f"/api/v1/coverage?radius=500&area={HERE}").status_code == 202
        assert not (home / people.CACHE).exists()
        for lock in held:
            os.close(lock)
        nobody_works.undo()
        do_jobs_at_once(monkeypatch)
        assert planner.get(f"/api/v1/coverage?radius=500&area={HERE}").status_code == 200
        assert len(list((home / people.CACHE).iterdir())) == 1


def test_a_script_is_told_where_it_is_led_before_any_work_begins(app, waiting):
    planner = sign_in(app, "planner", "110000")
    told = planner.get(f"/planner?area={HERE}&by=none&radius=504", headers={"Accept": "application/json, text/html;q=0.9"}).json
    key = parse_qs(urlsplit(told["address"]).query)["study"][0]

    assert Jobs(app.extensions["settings"].home).find(key) is None
    page(planner, told["address"])
    assert Jobs(app.extensions["settings"].home).named(key).alive
    waiting()


def test_a_page_that_asks_something_else_has_its_older_work_stopped_and_asking_that_again_begins_it_anew(app, monkeypatch):
    begun = []
    monkeypatch.setattr(jobs, "_begin", lambda home, job_id, lock, database, stays_s: begun.append((job_id, home, database, os.dup(lock))))
    monkeypatch.setattr("web.planner_studies.WAIT_S", 0.0)
    planner, home = sign_in(app, "planner", "110000"), app.extensions["settings"].home
    asked = f"/planner?area={HERE}&by=none&radius=505"
    text = page(planner, asked)
    token, stop = re.search(r'data-token="([^"]+)" data-stop-at="([^"]+)"', text).groups()
    (key, _, database, lock), = begun

    answer = planner.post(stop.replace("KEY", key), headers={"Accept": "application/json", "X-CSRFToken": token})
    job_process.do(home, key, database)  # it looks whether it is to go on before it does anything
    os.close(lock)

    assert answer.json["alive"] is True
    assert Jobs(home).named(key).state == jobs.CANCELLED
    page(planner, asked)
    assert [one for one, *_ in begun] == [key, key]
    os.close(begun[1][-1])


def test_work_that_was_killed_says_so_and_can_be_begun_again(app, waiting):
    planner = sign_in(app, "planner", "110000")
    address = planner.get(f"/planner?area={HERE}&by=none&radius=502").headers["Location"]
    page(planner, address)
    waiting()  # its process is gone

    text = page(planner, address)

    assert "计算中途程序被停止" in text
    again = unescape(re.search(r'href="([^"]+again=1)"', text)[1])
    assert said(planner.get(again))["radius"] == ["502"]
    assert "<progress" in page(planner, address)
    waiting()


def test_another_planner_cannot_stop_the_work_of_one(app, waiting):
    text = page(sign_in(app, "planner", "110000"), f"/planner?area={HERE}&by=none&radius=503")
    key = re.search(r"/planner/studies/([0-9a-f]{32})/stop", text)[1]
    other = sign_in(app, "planner", HERE)

    other.post(f"/planner/studies/{key}/stop", data={"back": "/planner"})

    assert not Jobs(app.extensions["settings"].home).named(key).cancelling
    assert f"{key}/stop" not in page(other, f"/planner?area={HERE}&by=none&radius=503")
    waiting()


# --- who ---------------------------------------------------------------------------------------------


def test_by_setting_everybody_may_read_what_was_made_and_is_told_of_what_was_not(tmp_path, here):
    with office_over(tmp_path / "home", SITES, at=WEDNESDAY_TEN.replace(day=1), planner_public=True) as app:
        give_people(tmp_path / "home")
        sign_in(app, "planner", "110000").get(ASKED, follow_redirects=True)
        stranger = app.test_client()

        assert "服务盲区" in page(stranger, ASKED)
        assert "还没有计算过" in page(stranger, f"/planner?area={HERE}&by=none&radius=700")
        assert "/login?next=" in page(stranger, f"/planner/compare?area={HERE}&by=none&radius=700&way=without&without=s1")
        assert stranger.get(ASKED).headers["Location"].count("study=") == 1


# --- what the map is drawn from -----------------------------------------------------------------------


def test_the_map_is_a_page_of_its_own_with_local_files_and_a_policy(app, planner):
    key = study_of(app, page(planner, ASKED)).key

    answer = planner.get(f"/planner/studies/{key}/map")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', answer.text)

    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert addresses
    for address in addresses:
        assert address.startswith("/static/"), address
        assert planner.get(address).status_code == 200, address


def test_what_the_map_draws_is_the_studys_map(app, planner):
    study = study_of(app, page(planner, ASKED))

    drawn = planner.get(f"/planner/studies/{study.key}/map.json")

    assert drawn.json == study.part("map")
    assert "private" in drawn.headers["Cache-Control"]
    assert planner.get(f"/planner/studies/{study.key}/map.json", headers={"If-None-Match": drawn.headers["ETag"]}).status_code == 304


def test_over_tiles_in_gcj02_everything_is_drawn_where_the_tiles_have_it(tmp_path, here):
    tiles = {"base_map": "https://tiles.example/{z}/{x}/{y}.png", "base_map_datum": "gcj02", "base_map_attribution": "某地图",
             "base_map_approval": "GS(2024)0650号"}
    with office_over(tmp_path / "home", SITES, at=WEDNESDAY_TEN.replace(day=1), **tiles) as app:
        give_people(tmp_path / "home")
        planner = sign_in(app, "planner", "110000")
        study = study_of(app, page(planner, ASKED))
        frame = planner.get(f"/planner/studies/{study.key}/map")
        drawn = planner.get(f"/planner/studies/{study.key}/map.json").json

    plain = study.part("map")
    shifted = [point_from_wgs84(site["lon"], site["lat"], "gcj02") for site in plain["sites"]]
    assert "https://tiles.example" in frame.headers["Content-Security-Policy"]
    assert "GS(2024)0650" in frame.text
    assert [degrees for site in drawn["sites"] for degrees in (site["lon"], site["lat"])] == pytest.approx(
        [degrees for pair in shifted for degrees in pair], abs=1e-6)
    first, moved = (one["gaps"][0]["geometry"]["coordinates"][0][0] for one in (plain, drawn))
    assert moved == pytest.approx(point_from_wgs84(*first, "gcj02"), abs=1e-6)
    assert drawn["bounds"][0] != plain["bounds"][0]


def test_a_study_that_nobody_made_has_no_map(planner):
    for part in ("map", "map.json", "gaps.json", "day.json"):
        assert planner.get(f"/planner/studies/{'0' * 32}/{part}").status_code == 404
