"""A day's hours as a bar: where its parts lie to the minute, and the same in words."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from locator.sites import Slot
from locator.typed import BEIJING
from tests.conftest import a_site
from tests.web.conftest import WEDNESDAY_TEN
from web import create_app, timeline_bars
from web.timeline_bars import Stretch


@pytest.fixture
def bar(make_atlas):
    """Return a maker of bars: of one site's fields, at an instant, in a language."""

    def make(now=WEDNESDAY_TEN, arrival=None, language="zh-CN", week=False, **fields):
        atlas = make_atlas([a_site(1, **fields)])
        app = create_app({"atlas": atlas})
        with app.test_request_context("/", headers={"Accept-Language": language}):
            return timeline_bars.week(0, atlas, now) if week else timeline_bars.today(0, atlas, now, arrival)

    return make


def test_a_lunch_break_is_a_gap_in_the_bar_and_in_the_words(bar):
    day = bar(opening_hours="Mo-Fr 06:00-12:00,18:00-24:00")

    assert day.stretches == (Stretch("25%", "25%", "open"), Stretch("75%", "25%", "open"))
    assert day.words == "开放 06:00–12:00、18:00–24:00；现在 10:00"
    assert day.now == f"{10 / 24 * 100:.4g}%"


def test_the_arrival_is_marked_and_one_after_midnight_stands_at_the_right_edge(bar):
    ten = bar(opening_hours="24/7", arrival=WEDNESDAY_TEN + timedelta(minutes=13), language="en")
    before_midnight = WEDNESDAY_TEN.replace(hour=23, minute=55)
    late = bar(opening_hours="24/7", now=before_midnight, arrival=before_midnight + timedelta(minutes=10))

    assert ten.words == "open 00:00–24:00; now 10:00; you arrive about 10:13"
    assert ten.arrival == f"{613 / 1440 * 100:.4g}%"
    assert late.arrival == "100%"
    assert late.words.endswith("约明天 00:05到达")


def test_hours_that_were_only_inferred_are_drawn_as_probable_and_never_as_open(bar):
    day = bar(opening_hours="Mo-Fr 09:00-18:00", basis={"hours": "inferred"})

    assert day.stretches == (Stretch("37.5%", "37.5%", "probable"),)
    assert "可能 09:00–18:00" in day.words


def test_time_for_staff_only_is_drawn_apart(bar):
    day = bar(opening_hours="Mo-Fr 06:00-18:00", slots=(Slot("06:00-12:00", "staff_only"), Slot("12:00-18:00", "staffed")))

    assert [stretch.sort for stretch in day.stretches] == ["staff_only", "open"]
    assert "开放 12:00–18:00；仅内部人员 06:00–12:00" in day.words


@pytest.mark.parametrize(("hours", "words"), [(None, "不确定 00:00–24:00"), ("Sa 09:00-10:00", "不开放；现在"), ("not hours", "不确定 00:00–24:00")])
def test_what_is_not_known_is_not_drawn_as_closed(bar, hours, words):
    assert words in bar(opening_hours=hours).words


def test_a_week_begins_today_and_marks_the_present_on_its_first_day_only(bar):
    days = bar(opening_hours="Mo-Fr 09:00-17:00; Sa 10:00-12:00", week=True, language="en")

    assert [day.now is not None for day in days] == [True] + [False] * 6
    assert [day.words for day in days[2:5]] == ["open 09:00–17:00", "open 10:00–12:00", "closed all day"]


def test_a_question_of_another_offset_is_drawn_on_beijings_clock(bar):
    there = WEDNESDAY_TEN.astimezone(tz=None).astimezone(datetime.strptime("-0500", "%z").tzinfo)

    assert bar(opening_hours="24/7", now=there) == bar(opening_hours="24/7")
    assert WEDNESDAY_TEN.tzinfo == BEIJING
