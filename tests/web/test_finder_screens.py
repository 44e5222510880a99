"""What the finder's page says on each of its screens: troubles with a position, needs, filters, other times."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from locator.quality import Told
from locator.typed import BEIJING
from tests.conftest import a_site
from tests.web.conftest import WEDNESDAY_TEN
from tests.web.test_finder_truth import FROM
from tests.web.test_pages import linked, page
from web import create_app

# --- screens ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("trouble", "zh", "en"), [
    ("denied", "手机没有提供位置", "Your phone did not share its position"), ("dismissed", "定位提示被关掉了", "closed without an answer"),
    ("timeout", "定位超时", "not found its position in time"), ("unavailable", "无法定位", "cannot tell its position here"),
    ("unsupported", "这个浏览器不能定位", "This browser cannot tell a position"), ("insecure", "网址不安全", "Not on an unprotected page")])
def test_each_trouble_with_a_position_has_its_own_screen_with_a_way_on(client, trouble, zh, en):
    shown = page(client, f"/?trouble={trouble}&need=hot_water")

    assert zh in shown.text
    assert en in page(client, f"/?trouble={trouble}", **{"Accept-Language": "en"}).text
    assert linked(shown, area="110101", need="hot_water")
    assert {"#q", "#districts", "#map-side"} <= set(shown.links)
    assert re.findall(r'class="(ways-on|why-not|steps|retry)"', client.get(f"/?trouble={trouble}").text) == [
        "ways-on", "why-not", *["steps"] * (trouble == "denied"), *["retry"] * (trouble not in ("unsupported", "insecure"))]


@pytest.mark.parametrize(("agent", "shown"), [
    ("Linux; Android 10 Chrome/86 MicroMessenger/8.0.16", {"微信"}), ("iPhone; CPU iPhone OS 14_0 MicroMessenger/8.0.49", {"微信"}),
    ("Linux; Android 10 Chrome/86", {"Android"}), ("iPhone; CPU iPhone OS 14_0 Safari", {"iPhone"}), ("X11; Linux", {"Android", "iPhone"})])
def test_who_refused_a_position_is_told_how_to_allow_it_in_that_browser_alone(client, agent, shown):
    words = page(client, "/?trouble=denied", **{"User-Agent": f"Mozilla/5.0 ({agent})"}).words

    assert {name for name in ("微信", "Android", "iPhone") if name in words} == shown


def test_an_unknown_trouble_is_no_trouble(client):
    assert "定位" not in page(client, "/?trouble=nonsense").text.replace("定位置", "")


def test_outside_the_area_served_one_is_told_how_far_and_offered_the_districts(client):
    shown = page(client, "/?lon=121.47&lat=31.23")

    assert "您不在服务范围内" in shown.text
    assert "1,0" in shown.text.partition("离这里最近的站点也有")[2][:12]
    assert linked(shown, area="110101")
    assert not linked(shown, area="110101", lon="121.47")


def test_where_nobody_goes_there_is_no_arrival_and_no_way_but_the_state_now(client):
    text = page(client, "/?lon=121.47&lat=31.23").text

    assert "现在开放" in text
    assert "全天开放" in text
    for claimed in ("到达", "步行约", "骑行约"):
        assert claimed not in text


def test_a_site_too_far_to_walk_to_but_not_to_ride_to_is_reached_by_e_bike_only(client):
    on_foot, by_bike = (page(client, "/?lon=116.75&lat=39.9" + by).text for by in ("", "&by=ride"))  # 30 km

    assert "到达" not in on_foot
    assert "步行约" not in on_foot + by_bike
    assert "到达时开放" in by_bike
    assert "骑行约" in by_bike


def test_a_districts_list_is_measured_from_its_middle_and_says_so_and_tells_the_state_now(client):
    text = page(client, "/?area=110101").text

    assert re.search(r"距区中心 [\d.]+ (公里|米)", text)
    assert "第3暖心驿站" in text
    for claimed in ("到达", "步行约", "骑行约"):
        assert claimed not in text
    assert "from the middle" in page(client, "/?area=110101", **{"Accept-Language": "en"}).text


def test_closed_ones_are_hidden_in_a_district_by_what_holds_now(make_atlas, areas):
    site = a_site(1, lon=116.42, lat=39.93, district_code="110101", opening_hours="Mo-Su 10:01-20:00", name="马上开门的站")
    client = create_app({"atlas": make_atlas([site], areas=areas.tree), "clock": lambda: WEDNESDAY_TEN}).test_client()

    assert "马上开门的站" in page(client, "/?area=110101").text
    assert "马上开门的站" not in page(client, "/?area=110101&state=open-on-arrival").text


def test_from_a_landmark_whose_point_is_coarse_distances_are_ranges(client):
    start = linked(page(client, "/?q=什刹"), place="什刹海")[0]

    for path in (start, "/?place=什刹海"):
        text = page(client, path).text
        assert re.search(r"约 [\d.]+–[\d.]+ 公里|公里以内", text), path
        assert "定位不太准" not in text


def test_words_that_are_one_landmarks_name_are_answered_at_once_and_can_still_be_chosen_among(client):
    shown = page(client, "/?q=什刹海&need=hot_water")

    assert "从“什刹海”出发" in shown.text
    assert "第1暖心驿站" in shown.text
    assert linked(shown, place="什刹海", by="ride")
    again = page(client, linked(shown, q="什刹海", choose="1", need="hot_water")[0])
    assert "从哪里出发" in again.text
    assert "从“什刹海”出发" not in again.text
    assert "从哪里出发" in page(client, "/?q=什刹").text


def test_a_card_begins_with_what_its_need_looks_for(make_atlas):
    has = dict.fromkeys(["rest", "cooling", "socket", "heating", "water", "hot_water", "toilet", "hand_basin", "nursing", "changing_table"], "yes")
    client = create_app({"atlas": make_atlas([a_site(1, kind="mother_baby_room", facilities=has)]), "clock": lambda: WEDNESDAY_TEN}).test_client()

    def first(path):
        return re.findall(r'<li class="yes">([^<]+)', client.get(path).text)[:4]

    assert first(FROM + "&need=mother_baby") == ["哺乳位", "尿布台", "洗手池", "热水"]
    assert first(FROM + "&need=toilet")[:2] == ["厕所", "洗手池"]
    assert first(FROM + "&facility=cooling")[0] == "纳凉"


def test_a_need_without_a_place_is_kept_and_asks_where(client):
    shown = page(client, "/?need=hot_water")

    assert "从哪里出发？" in shown.text
    assert linked(shown, need="hot_water", area="110105")
    assert "/" in shown.links  # tapped again, it is given up


def test_each_need_is_a_link_that_works_alone(client):
    for code in ("heating", "hot_water", "toilet", "hot_meal", "charging", "mother_baby", "all_day"):
        assert linked(page(client, "/"), need=code), code
    shown = page(client, linked(page(client, FROM), need="hot_water", lon="116.4")[0])

    assert "第1暖心驿站" in shown.text
    assert "第2暖心驿站" not in shown.text


def test_a_need_may_be_said_in_words(client):
    assert page(client, FROM + "&need=热水").text == page(client, FROM + "&need=hot_water").text


def test_a_place_may_be_named_without_its_coordinates(client):
    named = page(client, "/?place=什刹海&need=hot_water")

    assert "从“什刹海”出发" in named.text
    assert "第1暖心驿站" in named.text
    assert "从哪里出发" in page(client, "/?place=什刹").text  # not its whole name: one chooses


# --- filters ------------------------------------------------------------------------------------------


def test_numbers_on_needs_count_what_would_pass_within_reach(make_atlas):
    near = [a_site(n, lon=116.4 + n * 0.002, facilities={"toilet": "yes"} if n < 3 else {}) for n in range(1, 6)]
    far = [a_site(9, lon=116.45, facilities={"toilet": "yes"})]  # 4.3 km: within half an hour by e-bike only
    client = create_app({"atlas": make_atlas([*near, *far])}).test_client()

    def count(path):
        return client.get(path).text.partition('data-need="toilet"')[2].partition("<small>")[2].partition("<")[0]

    assert count(FROM) == "2"
    assert count(FROM + "&by=ride") == "3"
    assert count(FROM + "&within=300") == "1"
    assert "2 公里内符合的站点数" in page(client, FROM).text


def test_numbers_and_list_are_one_where_others_found_a_door_locked(make_atlas):
    app = create_app({"atlas": make_atlas([a_site(n, lon=116.4 + n * 0.002, facilities={"toilet": "yes"}) for n in range(1, 6)]),
                      "clock": lambda: WEDNESDAY_TEN})
    told = [Told("locked", WEDNESDAY_TEN, WEDNESDAY_TEN.date(), person) for person in ("a", "b")]
    app.extensions["atlas"].held.report({"s2": told})

    for also, count in (("", 5), ("&state=open-on-arrival", 5), ("&state=open-on-arrival&strict=1", 4)):
        text = app.test_client().get(FROM + "&need=toilet" + also).text
        assert len(re.findall(r'<li class="card', text)) - text.count("group sure") == count
        assert re.search(r'data-need="toilet"[^>]*>.*?<small>(\d+)</small>', text, re.DOTALL)[1] == str(count)


def test_an_empty_list_names_the_one_filter_that_emptied_it(client):
    shown = page(client, FROM + "&need=hot_water&verified_only=1")

    assert "是“只看已核实”这个条件筛空了" in shown.text
    offered = [link for link in linked(shown, need="hot_water", lon="116.4") if "verified_only" not in link]
    assert "第1暖心驿站" in page(client, offered[0]).text


def test_two_filters_that_only_together_leave_nothing_are_named_together(make_atlas):
    client = create_app({"atlas": make_atlas([a_site(1, facilities={"wifi": "yes"})])}).test_client()

    shown = page(client, FROM + "&need=wifi&need=toilet&need=books&kind=warm_station")

    assert "不要“厕所”和“看书”" in shown.text
    assert "最近 860 米" in shown.text
    offered = linked(shown, need="wifi", kind="warm_station")
    assert any("第1暖心驿站" in page(client, link).text for link in offered)


@pytest.mark.parametrize(("query", "words"), [
    ("&kind=mediation_room", "劳动争议调解室"), ("&eligibility=members", "服务对象"), ("&within=1", "距离限制"),
    ("&verified_only=1", "只看已核实"), ("&facility=books", "图书")])
def test_whatever_emptied_a_list_can_be_left_out(client, query, words):
    shown = page(client, FROM + query)

    assert words in shown.text.partition("没有同时符合")[2]
    link = next(link for link in linked(shown, lon="116.4") if query.split("=")[0][1:] not in link and "by=" not in link)
    assert "第1暖心驿站" in page(client, link).text


def test_in_a_district_without_what_one_needs_the_district_can_be_left(client):
    shown = page(client, "/?area=110101&need=hot_water")

    assert "不要“东城区”" in shown.text
    link = next(link for link in shown.links if "lon=" in link and "area" not in link)
    assert "第1暖心驿站" in page(client, link).text


def test_a_street_whose_centre_nobody_knows_lists_its_sites(client_of):
    street = "110101006"  # 东四街道
    client = client_of(a_site(1, street_code=street, district_code="110101"), a_site(2, street_code=street, visibility="internal"))

    shown = page(client, f"/?area={street}")

    assert "第1暖心驿站" in shown.text
    assert "第2暖心驿站" not in shown.text


# --- another time -------------------------------------------------------------------------------------


def test_tonight_and_tomorrow_morning_are_one_tap_and_times_are_beijings(client):
    shown = page(client, FROM)

    assert linked(shown, at="2026-03-04T22:30")
    morning = page(client, linked(shown, at="2026-03-05T08:00")[0])
    assert "2026-03-05 08:00" in morning.text
    there = page(client, FROM + "&at=2026-03-04T21:30:00-05:00").text
    assert "2026-03-05 10:30" in there
    assert "明天 20:00" not in there


def test_late_at_night_tonight_is_not_offered_any_more(make_atlas):
    client = create_app({"atlas": make_atlas([a_site(1)]), "clock": lambda: datetime(2026, 3, 4, 22, 30, tzinfo=BEIJING)}).test_client()

    assert not linked(page(client, FROM), at="2026-03-04T22:30")


def test_an_answer_is_summed_up_in_one_sentence_for_whoever_hears_the_page(client):
    text = client.get(FROM, headers={"Accept-Language": "en"}).text

    assert 'data-summary="5 places; first 860 m, Open round the clock"' in text
    assert text.count('role="status"') == 1
    assert "aria-live" not in text


def test_more_of_a_list_begins_with_what_it_showed(make_atlas):
    client = create_app({"atlas": make_atlas([a_site(n, lon=116.4 + n * 0.001) for n in range(1, 45)])}).test_client()

    first = page(client, FROM)
    more = page(client, linked(first, k="40")[0])

    names = [word for word in first.words if word.endswith("暖心驿站") and word.startswith("第")]
    assert len(names) == 20
    assert [word for word in more.words if word in set(names)] == names
    assert linked(more, k="80")
