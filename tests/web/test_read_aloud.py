"""What is read to a caller, to the minute: direction, distance, door, who gets in; and the text message."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geodata.registry.history import MARK
from locator import answers, earth
from locator.questions import NearestQuestion
from locator.sites import Slot
from locator.typed import BEIJING
from tests.conftest import a_site
from web import spoken
from web.caller import Seen
from web.read_aloud import SMS_CHARACTERS, Aloud

HERE = (116.40, 39.90)
GEOD = Geod(ellps="WGS84")
WEDNESDAY = datetime(2026, 3, 4, tzinfo=BEIJING)


def at(hour, minute=0, day=WEDNESDAY):
    return day.replace(hour=hour, minute=minute)


@pytest.fixture
def say(make_atlas):
    """``say(now, east_m=300, ...)``: what is read of one site so far to the east; more fields are the site's."""

    def speak(now=None, *, east_m=300.0, north_m=0.0, language="zh", message=False, question=None, others=(), nearest=False, **fields):
        lon, lat, _ = GEOD.fwd(*HERE, np.degrees(np.arctan2(east_m, north_m)), np.hypot(east_m, north_m))
        given = {"name": "金街驿站", "lon": lon, "lat": lat, "eligibility": "members", **fields}
        atlas = make_atlas([a_site(1, **given), *others])
        question = {"by": "walk", **(question or {})}
        now = now or at(10)
        answer = answers.nearest(NearestQuestion(*HERE, by=question["by"]), atlas, now)
        aloud = Aloud(atlas, now, **question)
        azimuths = earth.azimuth_deg(np.array(HERE), np.array([near.lonlat for near in answer.sites]))
        first, *rest = [Seen(near, float(azimuth)) for near, azimuth in zip(answer.sites, azimuths, strict=True)]
        if message:
            return aloud.message(first, language)
        return aloud.site(first, second=rest[0] if rest else None, nearest=nearest).in_language(language)

    return speak


# --- the whole sentence -----------------------------------------------------------------------------------


def test_everything_that_is_known_is_said_in_the_order_it_is_needed(say):
    fields = {"opening_hours": "Mo-Su 08:00-22:00", "address": "王府井大街 5 号", "entry_note": "凭工会会员卡进入", "phone": "010-1234 5678",
              "floor": "1", "directions": "进大厅右转。", "facilities": {"hot_water": "yes", "toilet": "no", "charging": "limited"}}
    question = {"needed": ("hot_water", "toilet", "charging", "heating")}

    assert say(**fields, question=question, nearest=True) == (
        "最近的开放站点是金街驿站。从您的位置向东约 300 米，步行约 5 分钟，现在开放，22 点关门，面向工会会员，凭工会会员卡进入。"
        "有热水，没有厕所，手机充电有限，有没有取暖没有注明。地址：王府井大街 5 号，楼层 1，进大厅右转。电话 010-1234 5678。")
    assert say(**fields, question=question, nearest=True, language="en") == (
        "The nearest open site is 金街驿站. From where you are, east, about 300 m, on foot about 5 min, open now, closes at 22:00, "
        "for union members, 凭工会会员卡进入. Has: hot water, does not have: toilet, limited: phone charging, not stated whether it has: heating. "
        "Address: 王府井大街 5 号, floor 1, 进大厅右转. Telephone 010-1234 5678.")


def test_the_second_nearest_is_offered_in_case_the_first_does_not_suit(say):
    text = say(others=[a_site(2, name="银街驿站", lon=HERE[0], lat=HERE[1] - 597 / 111_032, opening_hours=None)])

    assert "。如果不方便，第二近的是银街驿站，从您的位置向南约 600 米，步行约 9 分钟，现在是否开放不能确定：开放时间未注明。" in text


def test_a_demonstration_record_is_said_to_be_one(say):
    assert say(demo=True).startswith("演示数据：金街驿站。")
    assert say(demo=True, message=True)[0].startswith("演示数据：金街驿站")


# --- which way, how far -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("east_m", "north_m", "wind"), [
    (0, 300, "北"), (300, 300, "东北"), (300, 0, "东"), (300, -300, "东南"), (0, -300, "南"), (-300, -300, "西南"), (-300, 0, "西"),
    (-300, 300, "西北"), (100, 300, "北"), (130, 300, "东北"), (300, 120, "东"), (-100, 300, "北")])
def test_the_direction_is_one_of_eight_winds(say, east_m, north_m, wind):
    assert f"从您的位置向{wind}约" in say(east_m=east_m, north_m=north_m)


@pytest.mark.parametrize(("metres", "words"), [
    (0, "就在您所在的位置，步行约 1 分钟"), (9, "就在您所在的位置"), (12, "向东约 10 米"), (297, "向东约 300 米"), (994, "向东约 990 米"),
    (999, "向东约 1 公里"), (1340, "向东约 1.3 公里，步行约 21 分钟"), (4990, "步行约 1 小时 15 分钟")])
def test_distances_are_round_and_minutes_rounded_up(say, metres, words):
    assert words in say(east_m=metres)


@pytest.mark.parametrize(("number", "en"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (22, "22nd"),
                                            (50, "50th"), (111, "111th")])
def test_a_place_in_an_order_has_its_ending(number, en):
    assert spoken.ordinal(number) == (f"第 {number} ", en)


def test_nobody_is_told_how_long_it_takes_to_walk_for_more_than_five_hours(say):
    assert "向东约 25 公里，现在开放" in say(east_m=25_000)


def test_a_rider_is_told_minutes_by_e_bike(say):
    assert "向东约 1.3 公里，骑电动车约 7 分钟" in say(east_m=1340, question={"by": "ride"})


@pytest.mark.parametrize(("accuracy_m", "metres", "words"), [
    (49, 1000, "向东约 1 公里"),
    (190, 999, "从您的位置向东 800 米 到 1.2 公里，步行 12 到 18 分钟"),
    (395, 998, "从您的位置大致向东 600 米 到 1.4 公里，步行 9 到 21 分钟"),
    (395, 499, "离您的位置 100 到 900 米，步行 1 到 14 分钟"),
    (395, 299, "在您附近，700 米以内，步行最多约 11 分钟"),
    (400, 399, "在您附近，800 米以内")])
def test_a_vague_position_gives_ranges_and_no_more_direction_than_it_can_bear(say, accuracy_m, metres, words):
    assert words in say(east_m=metres, question={"accuracy_m": accuracy_m})


def test_a_site_whose_own_position_is_vague_is_told_as_a_range_too(say):
    assert "向东 800 米 到 1.2 公里" in say(east_m=999, accuracy_m=190)


def test_from_somewhere_too_large_to_measure_from_no_distance_is_told(say):
    text = say(question={"rough": True}, opening_hours="Mo-Su 08:00-22:00")

    assert text.startswith("金街驿站。现在开放，22 点关门")
    assert "米" not in text.replace("金街", "")


@given(st.floats(0, 3000), st.floats(51, 3000))
def test_a_range_always_holds_the_true_distance_whatever_the_error(metres, error):
    least, most = max(0.0, metres - error), metres + error
    low, high = spoken.distance(least, floor), spoken.distance(most, ceil)

    def figure(words):
        number, unit = words.en.split()
        return float(number) * (1000 if unit == "km" else 1)

    assert figure(low) <= least + 1e-6
    assert figure(high) >= most - 1e-6


# --- the door ---------------------------------------------------------------------------------------------

LUNCH = "Mo-Fr 09:00-12:00,13:00-17:00"
LATE = "Mo-Su 18:00-02:00"
OFFICE = "Mo-Fr 09:00-17:00"
HOLIDAY, MAKE_UP, NEW_YEAR = (datetime(*day, tzinfo=BEIJING) for day in ((2026, 10, 1), (2026, 10, 10), (2027, 10, 4)))
DOORS = [
    # (hours, now, metres, what is said); 300 m are 5 minutes, 1,340 m are 21
    (LUNCH, at(8, 59), 300, "现在没有开放，9 点开门，您到时已经开门"),
    (LUNCH, at(8, 30), 300, "现在没有开放，9 点开门，面向"),
    (LUNCH, at(9, 0), 300, "现在开放，12 点关门，面向"),
    (LUNCH, at(11, 25), 300, "现在开放，12 点关门，您到时离关门只剩约 30 分钟"),
    (LUNCH, at(11, 24), 300, "现在开放，12 点关门，面向"),
    (LUNCH, at(11, 55), 300, "现在开放，12 点关门，您到时离关门只剩约 0 分钟"),
    (LUNCH, at(11, 56), 300, "现在开放，但还有 4 分钟关门，您到时可能已关门，13 点再开门"),
    (LUNCH, at(11, 59), 300, "现在开放，但还有 1 分钟关门，您到时可能已关门"),
    (LUNCH, at(11, 50), 6000, "现在开放，但还有 10 分钟关门，13 点再开门，您到时已经再开门"),
    (LUNCH, at(12, 0), 300, "现在没有开放，13 点开门，面向"),
    (LUNCH, at(12, 56), 300, "现在没有开放，13 点开门，您到时已经开门"),
    (LUNCH, at(16, 40), 1340, "现在开放，但还有 20 分钟关门，您到时可能已关门，明天 9 点再开门"),
    (LUNCH, at(17, 0), 300, "现在没有开放，明天 9 点开门"),
    (LUNCH, at(15, 30), 7000, "现在开放，但 17 点关门，您到时可能已关门"),
    # midnight
    (LATE, at(23, 30), 300, "现在开放，明天凌晨 2 点关门"),
    (LATE, at(0, 10), 300, "现在开放，凌晨 2 点关门"),
    (LATE, at(1, 58), 300, "现在开放，但还有 2 分钟关门，您到时可能已关门，18 点再开门"),
    (LATE, at(2, 0), 300, "现在没有开放，18 点开门"),
    ("Mo-Su 08:00-24:00", at(22, 0), 300, "现在开放，今晚 24 点关门"),
    ("Mo-Su 08:00-24:00", at(23, 58), 300, "现在开放，但还有 2 分钟关门，您到时可能已关门，明天 8 点再开门"),
    ("Mo-Su 00:00-06:00", at(23, 58), 300, "现在没有开放，今晚 24 点开门，您到时已经开门"),
    # times as they are spoken
    ("Mo-Su 08:00-22:30", at(10), 300, "22 点半关门"), ("Mo-Su 08:00-22:05", at(10), 300, "22 点 5 分关门"),
    ("Fr 10:00-12:00", at(10), 300, "后天 10 点开门"), ("Sa 10:00-12:00", at(10), 300, "周六 10 点开门"),
    ("Mar 20 10:00-12:00", at(10), 300, "3 月 20 日 10 点开门"),
    ("24/7", at(3), 300, "现在开放，全天不关门"),
    # holidays, make-up days, years not announced
    (OFFICE, at(10, 0, HOLIDAY), 300, "现在是否开放不能确定：国庆节假期，是否开放未注明"),
    (OFFICE, at(10, 0, MAKE_UP), 300, "现在是否开放不能确定：国庆节调休上班日，是否开放未注明"),
    (OFFICE, at(10, 0, NEW_YEAR), 300, "现在是否开放不能确定：2027 年放假安排尚未公布"),
    ("24/7", at(10, 0, HOLIDAY), 300, "现在开放，全天不关门"), ("24/7", at(10, 0, NEW_YEAR), 300, "现在开放，全天不关门"),
    (OFFICE, at(18, 0, datetime(2026, 9, 30, tzinfo=BEIJING)), 300, "现在没有开放，明天 9 点以后是否开放未注明"),
    # nothing known
    (None, at(10), 300, "现在是否开放不能确定：开放时间未注明"),
    ("Mo-Fr 10:00+", at(10), 300, "不能确定"),
    ("off", at(10), 300, "现在没有开放，什么时候开放没有登记"),
]


@pytest.mark.parametrize(("hours", "now", "metres", "words"), DOORS)
def test_the_door_is_told_to_the_minute_as_it_is_now_and_on_arrival(say, hours, now, metres, words):
    assert words in say(now, east_m=metres, opening_hours=hours)


@pytest.mark.parametrize(("now", "hours", "words"), [
    (at(16, 40), OFFICE, "现在开放，17 点关门，您到时离关门最少还有 9 分钟"), (at(16, 55), OFFICE, "现在开放，但还有 5 分钟关门，您到时可能已关门"),
    (at(8, 55), OFFICE, "9 点开门，您到时可能已经开门"), (at(8, 40), OFFICE, "9 点开门，面向")])
def test_from_a_vague_position_the_door_is_judged_by_the_latest_one_may_get_there(say, now, hours, words):
    assert words in say(now, east_m=300, opening_hours=hours, question={"accuracy_m": 395})


def test_from_somewhere_too_large_to_measure_from_nothing_is_said_of_the_arrival(say):
    for now in (at(8, 58), at(16, 58)):
        assert "您到时" not in say(now, opening_hours=OFFICE, question={"rough": True})


def test_an_official_rule_settles_holidays_and_make_up_days(say):
    official = {"opening_hours": OFFICE, "workday_rule": "official"}

    assert "现在没有开放，10 月 8 日 9 点开门" in say(at(10, 0, HOLIDAY), **official)
    assert "现在开放，17 点关门" in say(at(10, 0, MAKE_UP), **official)


def test_out_of_season_is_said_to_be_why(say):
    assert "现在没有开放（不在开放季节" in say(at(10), opening_hours="Mo-Su 08:00-20:00", season_from="06-01", season_to="09-30")


def test_hours_that_were_only_inferred_are_told_as_probable(say):
    assert "不能确定：可能 09:00–17:00" in say(at(10), opening_hours=OFFICE, basis={"hours": "inferred"})


@given(st.integers(0, 14 * 1440), st.integers(0, 1440))
def test_a_clock_time_is_said_so_that_it_can_be_understood_only_one_way(ahead, start):
    now = WEDNESDAY + timedelta(minutes=start)
    moment = now + timedelta(minutes=ahead)
    words = spoken.clock(moment, now)

    twins = {spoken.clock(now + timedelta(minutes=m), now).zh for m in (ahead + 720, ahead + 1440)}
    assert words.zh not in twins
    assert "None" not in words.zh + words.en


# --- who gets in ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("eligibility", "words"), [
    ("everyone", "所有人都可以进"), ("outdoor_workers", "面向户外劳动者"), ("members", "面向工会会员"), ("staff_only", "仅限本单位职工"),
    (None, "谁可以进没有注明，请先问一下")])
def test_who_may_enter_is_told_and_unknown_is_not_everyone(say, eligibility, words):
    assert words in say(eligibility=eligibility)


@pytest.mark.parametrize(("mode", "words"), [
    ("staffed", "有人值守"), ("code", "要扫码、刷卡或用门禁码进门"), ("unattended", "无人值守，自己进去"), ("staff_only", "只让内部人员进")])
def test_how_one_enters_is_told_by_the_hour_one_gets_there(say, mode, words):
    slots = (Slot("Mo-Su 10:03-24:00", mode), Slot("Mo-Su 00:00-10:03", "staffed"))

    assert words in say(at(10), slots=slots)


STAFF_AT_NIGHT = {"opening_hours": "Mo-Su 08:00-24:00",
                  "slots": (Slot("Mo-Su 08:00-20:00", "staffed"), Slot("Mo-Su 20:00-24:00", "staff_only"))}


@pytest.mark.parametrize(("now", "words"), [
    (at(21), "金街驿站。从您的位置向东约 300 米，步行约 5 分钟，现在没有开放（仅限内部人员），明天 8 点开门，"),
    (at(10), "步行约 5 分钟，现在开放，20 点关门，面向工会会员，有人值守"),
    (at(19, 58), "现在开放，但还有 2 分钟关门，您到时可能已关门，明天 8 点再开门，面向工会会员，您到的时候只让内部人员进")])
def test_time_for_staff_only_is_not_open_to_whoever_calls(say, now, words):
    assert words in say(now, **STAFF_AT_NIGHT)


def test_a_place_for_its_own_staff_is_never_said_to_be_open(say):
    text, message = say(eligibility="staff_only", nearest=True), say(eligibility="staff_only", message=True)

    assert text.startswith("最近的站点是金街驿站。从您的位置向东约 300 米，步行约 5 分钟，仅限本单位职工。")
    assert message[0].endswith("，仅限本单位职工")
    assert "开放" not in text + message[0]


def test_a_message_sent_in_staff_only_time_says_when_a_visitor_gets_in(say):
    assert say(at(21), **STAFF_AT_NIGHT, message=True)[0].endswith("，明天8点开门")


@pytest.mark.parametrize("note", ["密码 4821#", "门禁码：4821", "夜间按 4821# 进门", "password: ab12cd", "PIN 4821"])
def test_a_door_code_that_slipped_into_a_note_is_never_read_out(say, note):
    for text in (say(entry_note=note), say(entry_note=note, language="en"), " ".join(say(entry_note=note, message=True))):
        assert "4821" not in text
        assert "ab12cd" not in text


def test_a_text_that_was_taken_out_of_the_record_is_not_read_out(say):
    text = say(entry_note=MARK, address=MARK, phone=MARK, directions=MARK)

    assert MARK not in text
    assert "电话" not in text


def test_a_note_without_a_code_is_read_as_it_is(say):
    assert "扫门口二维码开门。" in say(entry_note="扫门口二维码开门。")


@pytest.mark.parametrize(("fields", "words"), [
    ({"phone": "010-1"}, "电话 010-1"), ({"phone": "010-1", "opening_hours": None}, "去之前请先打电话 010-1"),
    ({"phone": "010-1", "eligibility": None}, "去之前请先打电话 010-1"), ({"opening_hours": None}, "没有登记电话")])
def test_whatever_is_not_certain_is_to_be_asked_by_telephone_first(say, fields, words):
    assert words in say(**fields)


# --- the message ------------------------------------------------------------------------------------------


def test_a_message_tells_name_address_way_until_when_and_telephone_in_one_part_if_it_can(say):
    parts = say(message=True, opening_hours="Mo-Su 08:00-22:00", address="东城区王府井大街5号", phone="010-12345678")

    assert parts == ("金街驿站，东城区王府井大街5号，从您的位置向东约300米，22点关门，电话010-12345678",)
    assert len(parts[0]) <= SMS_CHARACTERS


@given(st.text(min_size=1, max_size=90), st.text(max_size=90), st.booleans())
def test_no_part_of_a_message_is_longer_than_it_has_to_be(make_atlas, name, address, open_):
    atlas = make_atlas([a_site(1, name=name, address=address or None, phone="010-12345678", opening_hours="24/7" if open_ else None)])
    [near] = answers.nearest(NearestQuestion(*HERE), atlas, at(10)).sites

    parts = Aloud(atlas, at(10)).message(Seen(near, 90.0), "zh")

    pieces = [text.replace(" ", "") for text in (name, address)]
    assert all(len(part) <= SMS_CHARACTERS or part in pieces for part in parts)
    assert "010-12345678" in parts[-1]


@pytest.mark.parametrize(("hours", "now", "metres", "words"), [
    ("24/7", at(10), 300, "全天开放"), (OFFICE, at(16, 58), 300, "17点关门，到时可能已关"), (OFFICE, at(8), 300, "9点开门"),
    (None, at(8), 300, "是否开放请先问")])
def test_a_message_says_until_when_in_few_words(say, hours, now, metres, words):
    assert words in say(now, east_m=metres, opening_hours=hours, message=True)[0]
