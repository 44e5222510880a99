"""What the finder's page says of a door, to the minute: arrivals, breaks, midnight, holidays, staff, and vague positions."""

from __future__ import annotations

from datetime import datetime

import pytest

from locator.sites import Slot
from locator.typed import BEIJING
from tests.conftest import a_site
from tests.web.test_pages import page
from web import create_app, vagueness

FROM = "/?lon=116.4&lat=39.9"  # 855 m from the site: 12.8 minutes on foot, 4.3 by e-bike
OFFICE = "Mo-Fr 09:00-17:00"


@pytest.fixture
def says(make_atlas):
    """Return what the page says of one site: `says("2026-03-04 10:00", opening_hours=...)`."""

    def make(moment, more="", language="zh-CN", **fields):
        clock = datetime.fromisoformat(moment).replace(tzinfo=BEIJING)
        client = create_app({"atlas": make_atlas([a_site(1, **fields)]), "clock": lambda: clock}).test_client()
        return page(client, FROM + more, **{"Accept-Language": language}).text

    return make


# --- on the way ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("closes", "more", "said", "heading"), [
    ("10:13", "", "还有 13 分钟关门", "到达时开放"), ("10:12", "", "到达前会关门", "到达时已关门"),
    ("10:05", "&by=ride", "还有 5 分钟关门", "到达时开放"), ("10:04", "&by=ride", "到达前会关门", "到达时已关门")])
def test_a_door_that_shuts_in_the_minute_one_arrives_is_shut(says, closes, more, said, heading):
    text = says("2026-03-04 10:00", more, opening_hours=f"Mo-Su 09:00-{closes}")

    assert said in text
    assert heading in text


@pytest.mark.parametrize(("opens", "said"), [("10:12", "到达时已开门"), ("10:13", "到达时已关门")])
def test_a_door_that_opens_in_the_minute_one_arrives_is_open(says, opens, said):
    assert said in says("2026-03-04 10:00", opening_hours=f"Mo-Su {opens}-17:00")


def test_the_same_in_english(says):
    text = says("2026-03-04 10:00", language="en", opening_hours="Mo-Su 09:00-10:12")

    assert "Open, closes in 12 min" in text
    assert "Closes before you get there" in text


# --- a break, midnight --------------------------------------------------------------------------------


@pytest.mark.parametrize(("moment", "said", "english"), [
    ("10:59", "开放中，12:00–13:00 中间休息", "Open, break 12:00–13:00"),
    ("11:00", "还有 60 分钟关门，13:00 再开", "Open, closes in 60 min, again from 13:00"),
    ("11:40", "还有 20 分钟关门，13:00 再开", "Open, closes in 20 min, again from 13:00"),
    ("12:00", "60 分钟后开门", "Closed, opens in 60 min"),
    ("12:59", "1 分钟后开门", "Closed, opens in 1 min"),
    ("13:00", "开放至 17:30", "Open until 17:30"),
    ("16:30", "还有 60 分钟关门", "Open, closes in 60 min"),
    ("17:30", "已关门，明天 08:30 开门", "Closed, opens tomorrow 08:30")])
def test_a_lunch_break_is_told_before_during_and_after_it(says, moment, said, english):
    hours = "Mo-Fr 08:30-12:00,13:00-17:30"

    assert said in says(f"2026-03-04 {moment}", opening_hours=hours)
    assert english in says(f"2026-03-04 {moment}", language="en", opening_hours=hours)


def test_an_afternoon_off_is_a_closure_and_no_break(says):
    assert "Open until 12:00" in says("2026-03-04 10:00", language="en", opening_hours="Mo-Fr 08:30-12:00,16:30-20:00")


@pytest.mark.parametrize(("moment", "said"), [
    ("2026-03-04 23:59", "开放至明天 02:00"), ("2026-03-05 00:00", "开放至 02:00"), ("2026-03-05 01:59", "到达前会关门"),
    ("2026-03-05 02:00", "已关门，20:00 开门")])
def test_hours_over_midnight_are_told_on_both_sides_of_it(says, moment, said):
    assert said in says(moment, opening_hours="Mo-Su 20:00-02:00")


# --- holidays -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "said"), [
    ("unstated", "春节调休上班日，是否开放未注明"), ("official", "开放至 17:00"), ("calendar", "已关门，周一 09:00 开门")])
def test_an_office_on_a_saturday_that_is_worked_is_open_closed_or_not_stated_by_its_rule(says, rule, said):
    text = says("2026-02-14 10:00", opening_hours=OFFICE, workday_rule=rule)

    assert said in text


def test_on_the_first_of_october_an_office_is_not_stated_and_a_shop_of_24_hours_is_open(says):
    assert "国庆节假期，是否开放未注明" in says("2026-10-01 10:00", opening_hours=OFFICE)
    assert "National Day holiday; not stated whether open" in says("2026-10-01 10:00", language="en", opening_hours=OFFICE)
    assert "全天开放" in says("2026-10-01 10:00", opening_hours="24/7")
    assert "开放至 20:00" in says("2026-10-01 10:00", opening_hours="Mo-Su 08:00-20:00")


def test_an_office_whose_day_begins_tomorrow_with_a_holiday_does_not_promise_to_open(says):
    assert "已关门" in says("2026-09-30 17:00", opening_hours=OFFICE)
    assert "明天 09:00 开门" not in says("2026-09-30 17:00", opening_hours=OFFICE)


def test_in_a_year_whose_holidays_are_not_announced_only_what_does_not_depend_on_them_is_told(says):
    assert "2027 年放假安排尚未公布" in says("2027-10-01 10:00", opening_hours=OFFICE)
    assert "全天开放" in says("2027-10-01 10:00", opening_hours="24/7")


def test_why_a_state_is_not_known_is_said_once(says):
    assert says("2026-10-01 10:00", opening_hours=OFFICE).count("国庆节假期") == 1


def test_inferred_hours_are_only_probable(says):
    text = says("2026-03-04 10:00", opening_hours=OFFICE, basis={"hours": "inferred"})

    assert "可能 09:00–17:00" in text
    assert "开放与否不确定" in text
    assert "开放至" not in text


# --- who may enter ------------------------------------------------------------------------------------

STAFFED = (Slot("09:00-12:00", "staff_only"), Slot("12:00-18:00", "staffed"), Slot("18:00-22:00", "code"))


@pytest.mark.parametrize(("moment", "said", "heading"), [
    ("10:00", "现在仅限内部人员，12:00 起对外开放", "到达时已关门"), ("11:50", "到达时已开门", "到达时开放"),
    ("12:00", "开放至 22:00", "到达时开放"), ("22:00", "已关门，明天 12:00 开门", "到达时已关门")])
def test_time_for_staff_only_is_not_open_for_a_visitor(says, moment, said, heading):
    text = says(f"2026-03-04 {moment}", opening_hours="Mo-Su 09:00-22:00", slots=STAFFED)

    assert said in text
    assert heading in text


def test_a_door_that_becomes_staffs_own_shuts_for_visitors_then(says):
    text = says("2026-03-04 10:00", opening_hours="24/7", slots=(Slot("08:00-10:12", "staffed"), Slot("10:12-20:00", "staff_only")))

    assert "还有 12 分钟关门" in text
    assert "到达前会关门" in text


def test_who_may_enter_when_and_how_is_on_the_card(says):
    text = says("2026-03-04 10:00", opening_hours="Mo-Su 09:00-22:00", slots=STAFFED, entry_note="扫码开门")

    for word in ("12:00–18:00", "18:00–22:00", "09:00–12:00", "扫码开门", "服务对象未注明"):
        assert word in text, word


def test_where_closed_places_are_hidden_so_are_those_for_staff_only(says):
    text = says("2026-03-04 10:00", "&state=open-on-arrival", opening_hours="Mo-Su 09:00-22:00", slots=STAFFED)

    assert "第1暖心驿站" not in text


def test_the_number_beside_hide_closed_is_how_many_it_leaves_and_it_is_what_empties_the_list(says):
    door = {"opening_hours": "Mo-Su 09:00-22:00", "slots": STAFFED}

    assert "不看关门的 0" in says("2026-03-04 10:00", **door)
    assert "不看关门的 1" in says("2026-03-04 11:50", **door)  # the visitors' when one arrives

    hidden = says("2026-03-04 10:00", "&state=open-on-arrival", **door)
    assert "不看关门的 0" in hidden
    assert "没有同时符合这些条件的站点" in hidden
    assert "不要“不看关门的”" in hidden


def test_the_nearest_surely_open_is_never_one_for_staff_only(make_atlas):
    sites = [a_site(n, opening_hours=OFFICE, slots=(Slot("09:00-17:00", "staff_only"),)) for n in range(1, 25)]
    client = create_app({"atlas": make_atlas([*sites, a_site(60, lon=116.62, name="远处的站")]),
                         "clock": lambda: datetime(2026, 3, 4, 10, 0, tzinfo=BEIJING)}).test_client()

    text = page(client, FROM).text

    assert text.index("最近的、确定开放的") < text.index("远处的站") < text.index("第1暖心驿站")
    assert text.count("远处的站") == 2  # its name, and its name on the link of its way


# --- vague positions ----------------------------------------------------------------------------------


def test_a_good_position_has_one_distance_and_a_vague_one_two_ends():
    assert vagueness.reach(300, 49.9) == (300, 300)
    assert vagueness.reach(300, 50) == (250, 350)
    assert vagueness.reach(300, 900) == (0, 1200)
    assert vagueness.reach(300, None) == (300, 300)
    assert (vagueness.vague(300), vagueness.vague(300.5), vagueness.vague(None)) == (False, True, False)


@pytest.mark.parametrize(("accuracy", "distance", "walk", "english"), [
    (49, "860 米", "步行约 13 分钟", "860 m"), (90, "约 750–950 米", "步行约 11–15 分钟", "about 750–950 m"),
    (100, "约 0.7–1 公里", "步行约 11–15 分钟", "about 0.7–1 km"),
    (400, "约 0.4–1.3 公里", "步行约 6–19 分钟", "about 0.4–1.3 km"), (900, "1.8 公里以内", "步行约 1–27 分钟", "within 1.8 km")])
def test_distances_and_minutes_of_a_vague_position_are_ranges_rounded_outwards(says, accuracy, distance, walk, english):
    text = says("2026-03-04 10:00", f"&accuracy_m={accuracy}")

    assert distance in text
    assert walk in text
    assert english in says("2026-03-04 10:00", f"&accuracy_m={accuracy}", language="en")


@pytest.mark.parametrize(("hours", "said", "heading"), [
    # 455 to 1255 m: one arrives from 10:06 to 10:18
    ("Mo-Su 09:00-10:19", "还有 19 分钟关门", "到达时开放"), ("Mo-Su 09:00-10:18", "到达前可能会关门", "开放与否不确定"),
    ("Mo-Su 09:00-10:07", "到达前可能会关门", "开放与否不确定"), ("Mo-Su 09:00-10:06", "到达前会关门", "到达时已关门"),
    ("Mo-Su 10:06-17:00", "到达时已开门", "到达时开放"), ("Mo-Su 10:18-17:00", "到达时可能还没开门", "开放与否不确定")])
def test_a_state_on_arrival_holds_only_if_it_holds_in_every_minute_one_may_arrive(says, hours, said, heading):
    text = says("2026-03-04 10:00", "&accuracy_m=400", opening_hours=hours)

    assert said in text
    assert heading in text


def test_a_position_vaguer_than_300_metres_is_answered_and_offers_to_narrow_it(says):
    exact = says("2026-03-04 10:00", "&accuracy_m=300")
    assert "定位不太准" not in exact
    assert "从您的位置出发（误差约 300 米）" in exact
    text = says("2026-03-04 10:00", "&accuracy_m=301")

    assert "定位不太准：误差约 301 米" in text
    assert "缩小范围" in text
    assert "第1暖心驿站" in text
