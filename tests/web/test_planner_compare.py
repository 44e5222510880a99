"""The planner's comparison: what the form says, both sides' figures, who makes the difference, and what its map draws."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from geodata.studies import Studies
from locator.datum import point_from_wgs84
from tests.web.conftest import sign_in
from tests.web.offices import do_jobs_at_once
from tests.web.planning import HERE, SITES, planned
from web import study_change

PLACE = f"area={HERE}&by=none&radius=500"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with planned(tmp_path_factory.mktemp("comparing") / "home") as app:
        yield app


@pytest.fixture
def planner(app, monkeypatch):
    do_jobs_at_once(monkeypatch)
    return sign_in(app, "planner", "110000")


def page(client, said, expect=200):
    answer = client.get(f"/planner/compare?{PLACE}&{said}", follow_redirects=True)
    assert answer.status_code == expect, answer.text
    return unescape(answer.text).replace("\xa0", " ")


def study_of(app, text):
    return Studies(app.extensions["settings"].home).find(re.search(r'data-key="([0-9a-f]{32})"', text)[1])


@pytest.mark.parametrize(("form", "before", "after"), [
    ("way=without&without=s1,s2", "now", "without:s1,s2"),
    ("way=without&without=s1&without=s2%20s1", "now", "without:s1,s2"),
    ("way=with&points=116.40,39.90%0A116.41%2039.91", "now", "with:116.4,39.9;116.41,39.91"),
    ("way=with&points=116%C2%B024%E2%80%B200%E2%80%B3,39.9", "now", "with:116.4,39.9"),
    ("way=hours&day=2026-03-04&hour_before=12&hour_after=23", "at:2026-03-04T12:00", "at:2026-03-04T23:00"),
    ("way=days&from=2026-03-02", "2026-03-02", "now"),
    ("way=days&from=2026-03-02&to=2026-03-03", "2026-03-02", "2026-03-03"),
])
def test_what_the_form_says_becomes_the_two_sides_of_the_command_line(app, planner, form, before, after):
    asked = study_of(app, page(planner, form)).asked

    assert (asked.before, asked.after) == (before, after)


def test_a_point_clicked_on_a_map_in_gcj02_is_meant_where_it_is_shown(app, planner):
    lon, lat = point_from_wgs84(116.404, 39.905, "gcj02")

    asked = study_of(app, page(planner, f"way=with&datum=gcj02&points={lon:.6f},{lat:.6f}")).asked

    there = [float(degrees) for degrees in asked.after.removeprefix("with:").split(",")]
    assert there == pytest.approx([116.404, 39.905], abs=2e-6)


def test_without_two_sides_the_page_is_a_form_and_a_map_to_point_at(planner):
    text = page(planner, "")

    assert 'name="way"' in text
    assert "/planner/compare/map" in text or "/map" in text
    assert 'data-key=""' in text


@pytest.mark.parametrize("said", [
    "way=with&points=here", "way=with&points=200,39", "way=hours&hour_before=1&hour_after=24", "way=days&from=2026-02-30",
    "way=days&from=2999-01-01", "way=without&without=nobody", "way=nonsense", "before=now&after=with:people.csv",
])
def test_what_cannot_be_compared_is_told_on_the_page(planner, said):
    answer = planner.get(f"/planner/compare?{PLACE}&{said}", follow_redirects=True)

    assert 'role="alert"' in answer.text
    assert answer.status_code < 500


@pytest.mark.parametrize(("said", "quoted"), [("radius=0", "服务半径“0 米”"), ("radius=-5", "服务半径“-5 米”"), ("radius=1e7", "服务半径“1e7 米”"),
                                              ("reach=minutes&minutes=0", "步行“0 分钟”")])
def test_a_reach_that_means_nothing_is_quoted_and_refused_before_anything_is_compared(planner, said, quoted):
    answer = planner.get(f"/planner/compare?area={HERE}&by=none&way=without&without=s1&{said}")

    assert answer.status_code == 400
    assert quoted in unescape(answer.text)


def test_closing_a_site_tells_who_loses_and_by_which_site(app, planner):
    text = page(planner, "way=without&without=s4")
    total = study_of(app, text).part("change")["total"]

    assert total["lost"] > 0
    assert f"−{total['lost']:,.0f}" in text
    assert "第4暖心驿站" in text
    assert f"只靠它：{total['lost_by'][0]['people_by_it_alone']:,.0f}" in text


def test_noon_against_night_tells_both_readings(app, planner):
    text = page(planner, "way=hours&day=2026-03-04&hour_before=12&hour_after=23")
    total = study_of(app, text).part("change")["total"]

    assert total["lost"] > 0
    assert f"时间不明的按开放计为 {total['lost_if_unknown_open']:,.0f}" in text


def test_a_link_to_a_comparison_of_two_hours_shows_the_same_later(app, planner):
    link = planner.get(f"/planner/compare?{PLACE}&way=hours&day=2026-03-04&hour_before=12&hour_after=23").headers["Location"]
    today = planner.get(link)
    clock = app.extensions["settings"].clock
    clock.now += timedelta(minutes=10)
    later = planner.get(link)
    clock.now -= timedelta(minutes=10)

    assert (today.status_code, later.status_code) == (200, 200)
    assert study_of(app, later.text).key == study_of(app, today.text).key


def test_noon_against_night_tells_how_many_sites_are_open_on_each_side_in_both_readings_and_by_area(app, planner):
    text = page(planner, "way=hours&day=2026-03-04&hour_before=12&hour_after=23")
    change = study_of(app, text).part("change")
    total = change["total"]

    assert (change["before"]["open"], change["before"]["open_if_unknown_open"], change["before"]["sites"]) == (6, 9, 9)
    assert (change["after"]["open"], change["after"]["open_if_unknown_open"], change["after"]["sites"]) == (3, 6, 9)
    for told in ("6 → 3", "9 → 6", "9 → 9"):
        assert told in text
    for side in ("before", "after"):
        assert text.count(f"{total[f'coverage_share_{side}_if_unknown_open']:.2%}".replace("%", " %")) >= 2  # in the card and in the table


def test_the_heading_names_the_site_that_closes_and_not_its_number(planner):
    text = page(planner, "way=without&without=s4")

    assert "现在 → 关闭第4暖心驿站" in re.search(r"<h1[^>]*>.*?</h1>", text, re.DOTALL)[0]
    assert "关闭第4暖心驿站" in re.search(r"<title>.*?</title>", text, re.DOTALL)[0]
    assert "等 4 个站点" in page(planner, "way=without&without=s1,s2,s4,s5")


def test_before_anything_is_compared_the_map_shows_the_sites_alone(app, planner):
    frame = re.search(r'<iframe[^>]* src="([^"]+)"', page(planner, ""))[1]
    data = json.loads(re.search(r'"data":("[^"]+")', planner.get(frame).text)[1])
    drawn = planner.get(data).json

    assert (drawn["gaps"], drawn["circle"]) == ([], None)
    assert len(drawn["sites"]) == len(SITES)
    assert planner.get(f"/planner/compare/map.json?{PLACE}&kind=mother_baby_room").json["sites"] == []


def unmoved(client, said):
    found = re.search(r'<p class="note-line unmoved">(.*?)</p>', page(client, said))
    return found[1] if found else ""


AT_A_SITE, FAR_AWAY = "116.405,39.91", "115.5,39.5"


@pytest.mark.parametrize(("said", "told"), [
    ("way=days&from=2026-03-02&to=2026-03-02", "两边覆盖的是同样的人"),
    (f"way=with&points={AT_A_SITE}", "拟建点附近的人已有站点，或附近没有人"),
    (f"way=with&points={FAR_AWAY}", "拟建的点都在东城区之外"),
    (f"way=with&points={AT_A_SITE};{FAR_AWAY}", "拟建点中有 1 个在东城区之外"),
    (f"way=with&fold=2&points={FAR_AWAY}", "拟建的点都在东城区之外"),
    ("way=without&without=s4&kind=mother_baby_room", "不合所问的条件"),
    ("way=without&without=s4&fold=3", "其余的人本来就不足 3 个"),
])
def test_where_nothing_changes_it_is_told_why(planner, said, told):
    assert told in unmoved(planner, said)


def test_one_site_more_where_two_are_asked_for_and_none_is_near_is_told_to_be_too_few_and_the_gaps_own_question_proposes_two(app, planner):
    told = unescape(planner.get(f"/planner?{PLACE}&fold=2", follow_redirects=True).text)
    gap = study_of(app, told).part("gaps")["gaps"][0]
    asked = re.search(r'href="(/planner/compare\?[^"]*)">如果在[^<]+建 2 个站？', told)[1]

    assert "加上拟建点仍不足 2 个" in unmoved(planner, f"way=with&fold=2&points={gap['lon']:.5f},{gap['lat']:.5f}")
    both = study_of(app, planner.get(asked, follow_redirects=True).text).part("change")["total"]
    assert both["gained"] > 0


@pytest.mark.parametrize("said", ["way=without&without=s4", "way=with&points=116.42,39.95", "way=hours&day=2026-03-04&hour_before=12&hour_after=23"])
def test_where_somebody_gains_or_loses_no_reason_is_given_for_nobody(planner, said):
    assert unmoved(planner, said) == ""


@pytest.mark.parametrize(("area", "offered"), [(HERE, True), ("110107", False)])
def test_no_site_is_proposed_where_nobody_is(app, planner, area, offered):
    told = unescape(planner.get(f"/planner?area={area}&by=none&radius=500", follow_redirects=True).text)
    gap = study_of(app, told).part("gaps")["gaps"][0]
    story = re.search(r'<details id="gap-1".*?</details>', told, re.DOTALL)[0]

    assert (gap["people"] > 0, "如果在" in story) == (offered, offered)


def test_the_map_draws_everybody_who_gains_or_loses_and_the_sites_that_do_it(app, planner):
    study = study_of(app, page(planner, "way=with&points=116.42,39.95"))
    total = study.part("change")["total"]

    drawn = planner.get(f"/planner/studies/{study.key}/map.json").json

    assert sum(square["gained"] for square in drawn["points"]) == pytest.approx(total["gained"])
    assert [(one["lon"], one["lat"]) for one in drawn["proposed"]] == [(116.42, 39.95)]
    west, south, east, north = drawn["bounds"]
    assert all(west <= one["lon"] <= east and south <= one["lat"] <= north for one in drawn["points"])


def test_a_city_of_changes_is_drawn_on_larger_squares_that_lose_nobody(monkeypatch):
    monkeypatch.setattr(study_change, "MOST_SQUARES", 50)
    points = [{"lon": 116 + x / 500, "lat": 39 + y / 500, "people": 1.0, "change": ("gained", "lost", None)[(x + y) % 3]}
              for x in range(40) for y in range(40)]

    squares, step = study_change._squares(points)

    assert len(squares) <= 50
    assert sum(square["gained"] for square in squares) == sum(point["change"] == "gained" for point in points)
    assert sum(square["lost"] for square in squares) == sum(point["change"] == "lost" for point in points)
    assert step[0] > step[1] > 0.001
    json.dumps(squares)
