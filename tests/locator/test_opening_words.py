from __future__ import annotations

from datetime import date, datetime

import pytest

from geodata import calendar
from locator.hours import CLOCK, Hours, minute_of
from locator.opening_words import day_words, told, until
from locator.sites import Timetable


def hours(text: str) -> Hours:
    return Hours([Timetable(text)], calendar.load())


@pytest.mark.parametrize(("text", "now", "zh", "en"), [
    ("Mo-Su 09:00-22:00", "2026-07-13 12:00", "22:00 关门", "closes 22:00"),
    ("Mo-Su 09:00-22:00", "2026-07-13 21:40", "20 分钟后关门", "closes in 20 min"),
    ("Mo-Su 09:00-22:00", "2026-07-13 22:00", "明天 09:00 开门", "opens tomorrow 09:00"),
    ("Mo-Fr 09:00-17:00", "2026-07-17 18:00", "周一 09:00 开门", "opens Mon 09:00"),
    ("Mo-Fr 09:00-17:00", "2026-09-30 18:00", "明天 09:00 可能开门", "may open tomorrow 09:00"),
    ("Sa 09:00-24:00", "2026-07-18 12:00", "24:00 关门", "closes 24:00"),
    ("Mo-Fr 09:00-17:00; PH off", "2026-09-30 18:00", "10 月 8 日 09:00 开门", "opens 8 Oct 09:00"),
    ("Jan 1 10:00-12:00", "2026-06-01 12:00", "2027 年 1 月 1 日 10:00 开门", "opens 2027-01-01 10:00")])
def test_the_next_change_is_told_as_a_person_would(text, now, zh, en):
    minute = minute_of(datetime.fromisoformat(now).replace(tzinfo=CLOCK))

    assert until(hours(text).opening(0, minute), minute) == (zh, en)


def test_what_never_changes_says_nothing_of_it():
    minute = minute_of(datetime(2026, 7, 13, 12, tzinfo=CLOCK))

    said = told(hours("24/7").opening(0, minute), minute)

    assert said == (("开放", "open"), None, None)


def test_a_day_of_the_week_table_is_told_whole():
    week = hours("Mo 09:00-12:00,13:00-17:30; Tu off; We 00:00-24:00; Th 20:00-02:00; Fr 10:00-12:00 unknown, "
                 "Th 20:00-02:00").week(0, date(2026, 7, 13))

    told_days = [day_words(day).zh for day in week[:3]]

    assert told_days == ["09:00-12:00、13:00-17:30", "不开放", "24 小时"]
    assert day_words(week[3], week[4]).zh == "20:00-次日 02:00"
    assert day_words(week[4]).en == "00:00-02:00, 10:00-12:00?"
