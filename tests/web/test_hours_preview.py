"""Before hours are saved, a person is told what they mean: the usual week, the season, the next holiday and make-up day."""

from __future__ import annotations

from datetime import date

import pytest

from locator.sites import Slot, Timetable
from tests.conftest import a_site
from web.hours_preview import preview

MARCH = date(2026, 3, 4)


@pytest.fixture(scope="module")
def atlas(make_atlas):
    return make_atlas([a_site()])


@pytest.mark.parametrize(("hours", "sentence"), [
    ("24/7", "周一至周日 00:00–24:00"), ("Mo-Fr 09:00-17:00", "周一至周五 09:00–17:00；周六至周日 不开放"),
    ("Tu-Su 09:00-12:00,13:00-20:00", "周一 不开放；周二至周日 09:00–12:00、13:00–20:00")])
def test_a_week_is_said_in_one_sentence(atlas, hours, sentence):
    assert preview(Timetable(hours), atlas, MARCH).sentence == sentence


def test_without_hours_there_is_nothing_to_show(atlas):
    assert preview(Timetable(), atlas, MARCH) is None


def test_each_day_is_drawn_to_the_minute_and_says_who_may_enter(atlas):
    shown = preview(Timetable("Mo 09:00-17:30", slots=(Slot("Mo 09:00-12:00", "staffed"),)), atlas, MARCH)

    assert [(bar.start, bar.length, bar.state) for bar in shown.days[0].bars] == [(540, 180, "open"), (720, 330, "open")]
    assert shown.days[0].words == "09:00–12:00 (有人值守)、12:00–17:30"
    assert shown.days[1].bars == ()


def test_the_usual_week_is_one_without_holidays_within_the_season(atlas):
    spring_festival = date(2026, 2, 13)

    shown = preview(Timetable("Mo-Su 09:00-17:00", "11-15", "03-15", "unstated"), atlas, spring_festival)

    assert shown.sentence == "周一至周日 09:00–17:00"
    assert any("11-15 至 03-15" in note for note in shown.notes)
    summer = preview(Timetable("Mo-Su 09:00-17:00", "06-15", "09-15"), atlas, MARCH)
    assert summer.sentence == "周一至周日 09:00–17:00"


@pytest.mark.parametrize(("rule", "holiday", "makeup"), [("official", "不开放", "09:00–17:00"), ("calendar", "09:00–17:00", "不开放"),
                                                         ("unstated", "不确定", "不确定")])
def test_the_next_holiday_and_make_up_day_are_told_by_the_rule(atlas, rule, holiday, makeup):
    notes = preview(Timetable("Mo-Fr 09:00-17:00", workday_rule=rule), atlas, date(2026, 9, 30)).notes

    told = {kind: next(note for note in notes if kind in note) for kind in ("法定节假日", "调休上班日")}
    assert "2026-10-01" in told["法定节假日"]
    assert holiday in told["法定节假日"]
    assert makeup in told["调休上班日"]


def test_a_guess_and_the_end_of_the_calendar_are_told(atlas):
    notes = preview(Timetable("Mo-Fr 09:00-17:00", inferred=True), atlas, date(2026, 12, 1)).notes

    assert any("2026-12-31" in note for note in notes)
    assert any("推测" in note for note in notes)
