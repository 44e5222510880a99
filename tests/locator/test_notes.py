"""What an answer says of itself: of days that the table of holidays does not reach, of areas that nobody drew, of two that have one name."""

from __future__ import annotations

import math
from datetime import datetime

import pytest

from locator.areas import Area, AreaTree
from locator.change import change
from locator.coverage import coverage
from locator.filters import Filters
from locator.ground import Ground
from locator.hours import CLOCK
from locator.lines import Line, areas_asked
from locator.questions import CoverageQuestion
from locator.sides import Side
from locator.uncovered import GapsQuestion, uncovered
from locator.words import Words
from tests.locator.test_coverage import NOON, TREE, outline_of, people_at, sites_at

OFF = "Mo-Fr 09:00-17:00; PH off"


def answers(make_atlas, now=NOON, outline=outline_of, **asked):
    """Return what coverage, gaps and a comparison say in English of one question."""
    atlas, ground = make_atlas(sites_at([(116.35, 39.9)], [OFF]), areas=TREE), Ground(people_at([(116.35, 39.9)], [5]))
    question = CoverageQuestion(radius_m=500.0, **asked)
    side = Side.of(Words("此", "this"), question, atlas, now)
    made = (coverage(question, atlas, ground, now, outline_of=outline),
            uncovered(GapsQuestion(question), atlas, ground, now, outline_of=outline, area_of=lambda points: [None] * len(points)),
            change(question, side, side.without(Words("无", "none"), {"s1"}), TREE, ground, areas_asked(question, TREE), now, outline_of=outline))
    return [answer.as_dict("en")["notes"] for answer in made]


def test_hours_of_a_day_beyond_the_table_of_holidays_are_said_to_be_unknown_in_every_answer(make_atlas, calendar):
    day = datetime(calendar.last.year + 1, 3, 1, 12, tzinfo=CLOCK)

    for notes in answers(make_atlas, at=day):
        [note] = notes
        assert f"to {calendar.last}" in note
        assert f"whether {day.date()} is a holiday" in note
    assert len(set(map(tuple, answers(make_atlas, day, filters=Filters(state="open-now"))))) == 1
    assert all("holiday" in note for [note] in answers(make_atlas, day, filters=Filters(state="open-now")))


def test_a_week_that_runs_beyond_the_table_says_from_which_day_on(make_atlas, calendar):
    last = datetime(calendar.last.year, 12, 31, 12, tzinfo=CLOCK)
    assert last.weekday() != 6

    for [note] in answers(make_atlas, at=last, week=True):
        assert f"whether {last.year + 1}-01-01 and later is a holiday" in note
    assert answers(make_atlas, at=last) == [[], [], []]


def test_where_no_hours_count_or_the_table_reaches_the_day_nothing_is_said(make_atlas, calendar):
    beyond = datetime(calendar.last.year + 1, 3, 1, 12, tzinfo=CLOCK)

    assert answers(make_atlas, beyond) == [[], [], []]
    assert answers(make_atlas, beyond, filters=Filters(state="all-day")) == [[], [], []]
    assert answers(make_atlas, at=NOON, week=True) == [[], [], []]


def test_gaps_say_where_they_are_not_told_by_the_tier_because_nobody_drew_it(make_atlas):
    def all_but_east(code):
        return outline_of(code) if code != "1e" else None

    [_, [note], _] = answers(make_atlas, outline=all_but_east, by="district")
    assert note == "2 of 3 areas have no outline: gaps there are told of the rest of City as a whole"
    assert answers(make_atlas, by="district") == [[], [], []]  # the zone has none, and lies in what is drawn


def test_of_areas_of_one_name_each_is_named_with_the_area_it_lies_in_and_one_without_outline_says_where_sites_are_counted():
    zone = Words("开发区", "Zone")
    tree = AreaTree([Area("1", Words("市", "City"), None, "city", None, True), Area("1w", Words("西", "West"), "1", "district", None, True),
                     Area("1z", zone, "1", "district"), Area("1w3", zone, "1w", "street")])

    line = Line.of("1z", tree, 0.0, {}, has_outline=False).as_dict("zh")

    assert (line["name"], Line.of("1w3", tree, 0.0, {}, has_outline=False).as_dict("en")["name"]) == ("开发区（市）", "Zone (West)")
    assert "开发区（西） 1w3" in line["note"]
    assert (tree.told_apart("1w"), tree.told_apart("1"), tree.namesakes("1z")) == (("西", "West"), ("市", "City"), ("1w3",))


def emptiest_circle(make_atlas, *sites):
    atlas = make_atlas(sites_at(sites, ["24/7"] * len(sites)), areas=TREE)
    return uncovered(GapsQuestion(CoverageQuestion(radius_m=500.0)), atlas, Ground(people_at(sites[:1], [5])), NOON, outline_of=outline_of,
                     area_of=lambda points: [None] * len(points)).circle


def test_of_the_emptiest_circle_it_is_said_how_much_of_it_lies_outside_the_area(make_atlas):
    corner = emptiest_circle(make_atlas, (116.2999, 39.8499))  # about the other corner, so that all of the area lies in it

    assert corner["outside_share"] == pytest.approx(1 - outline_of("1").geometry.area / (math.pi * corner["radius_m"] ** 2), abs=1e-3)
    around = emptiest_circle(make_atlas, *((lon / 100, lat / 100) for lon in range(11629, 11652) for lat in range(3984, 3997)
                                           if (lon - 11640) ** 2 + (lat - 3990) ** 2 > 8))
    assert around["outside_share"] == 0
