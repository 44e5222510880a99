"""A question is the same tomorrow as today, and comes back from plain values as it went."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.areas import Areas
from geodata.studies import COMPARE, COVERAGE, DAY, GAPS, STUDY, Asked, Pins, key
from locator.errors import BadCount, BadValue
from locator.filters import Filters
from locator.questions import CoverageQuestion
from locator.typed import BEIJING

HERE = "110101"
NOW = datetime(2026, 3, 4, 12, 2, 30, tzinfo=BEIJING)
PINS = Pins(7, "2026-03-01", "abc", None, "")
TREE = Areas.load().tree


def asking(what, question, now=NOW, **more):
    return Asked.at(now, what, question, areas=TREE, **more)


filters = st.builds(Filters, st.sampled_from([(), ("warm_station",)]), st.sampled_from([(), ("toilet", "water")]),
                    state=st.sampled_from([None, "open", "all-day"]), strict=st.booleans(), verified_only=st.booleans())
instants = st.integers(0, 50_000_000).map(lambda minute: datetime(2000, 1, 1, tzinfo=BEIJING) + timedelta(minutes=minute))
questions = st.builds(CoverageQuestion, filters, radius_m=st.floats(1.0, 100_000.0), at=st.none() | instants, week=st.booleans(),
                      area=st.sampled_from([None, HERE]), by=st.sampled_from([None, "district"]))


@given(what=st.sampled_from([STUDY, COVERAGE, GAPS, DAY]), question=questions, top=st.none() | st.integers(1, 99),
       demand=st.none() | st.text(max_size=5))
def test_a_question_comes_back_from_plain_values_as_it_went(what, question, top, demand):
    asked = asking(what, question, top=top, demand=demand)

    again = Asked.of_dict(json.loads(json.dumps(asked.as_dict())))

    assert again == asked
    assert key(again, PINS) == key(asked, PINS)


@pytest.mark.parametrize(("what", "question", "then"), [
    (COVERAGE, CoverageQuestion(radius_m=500.0, week=True), datetime(2026, 3, 2, tzinfo=BEIJING)),
    (COVERAGE, CoverageQuestion(Filters(state="open"), radius_m=500.0), datetime(2026, 3, 4, 12, 0, tzinfo=BEIJING)),
    (DAY, CoverageQuestion(radius_m=500.0), datetime(2026, 3, 4, tzinfo=BEIJING)),
    (COVERAGE, CoverageQuestion(radius_m=500.0), None),
    (COVERAGE, CoverageQuestion(radius_m=500.0, at=NOW), NOW.replace(second=0))])
def test_what_a_question_leaves_to_the_present_is_filled_in(what, question, then):
    asked = asking(what, question)

    assert asked.question.at == then
    assert asked.hourly == (then is not None)


@pytest.mark.parametrize(("what", "one", "other"), [
    (STUDY, {}, {"area": "110000"}),
    (STUDY, {"at": NOW}, {"at": NOW.astimezone(UTC)}),
    (STUDY, {"at": NOW}, {"at": NOW.replace(second=0)}),
    (STUDY, {"week": True}, {"week": True, "at": datetime(2026, 3, 8, 23, 59, tzinfo=BEIJING)}),
    (STUDY, {"filters": Filters(state="open")}, {"filters": Filters(state="open"), "at": datetime(2026, 3, 4, 12, tzinfo=BEIJING)}),
    (DAY, {}, {"at": datetime(2026, 3, 4, 23, 59, tzinfo=BEIJING)})])
def test_two_ways_of_asking_the_same_are_one_study(what, one, other):
    asked = [asking(what, CoverageQuestion(radius_m=500.0, **said)) for said in (one, other)]

    assert key(asked[0], PINS) == key(asked[1], PINS)


def test_a_comparison_of_two_hours_is_one_study_whenever_it_is_asked():
    sides = {"before": "at:2026-03-04T12:00", "after": "at:2026-03-04T23:00"}
    for filters in (Filters(), Filters(state="open")):
        one, later = (asking(COMPARE, CoverageQuestion(filters, radius_m=500.0), now, **sides) for now in (NOW, NOW + timedelta(hours=3)))

        assert key(one, PINS) == key(later, PINS)


@pytest.mark.parametrize(("one", "other"), [
    ("now", " 现在"), ("with:116.40,39.9", "with:116.4,39.90;"), ("with 116.4,39.9, 新站；+116.5,39.9", "with:116.4,39.9,新站;116.5,39.9"),
    ("without:a,b", "without a、b、a"), ("2026-03-03", " 2026-03-03 "), ("2026-03-03T08:30", "2026-03-03 08:30:00+08:00"),
    ("at:2026-03-04T12:00", "at: 2026-03-04T04:00:30Z")])
def test_two_words_for_one_side_are_one_study(one, other):
    asked = [asking(COMPARE, CoverageQuestion(radius_m=500.0), before="without:c", after=after) for after in (one, other)]

    assert key(asked[0], PINS) == key(asked[1], PINS)


def test_the_instant_of_a_question_is_nothing_where_both_sides_name_their_own():
    sides = {"before": "at:2026-03-04T12:00", "after": "at:2026-03-04T23:00"}
    for filters in (Filters(), Filters(state="open"), Filters(state="all-day")):
        one, other = (asking(COMPARE, CoverageQuestion(filters, radius_m=500.0, at=at), **sides) for at in (None, NOW))

        assert key(one, PINS) == key(other, PINS)
    one, other = (asking(COMPARE, CoverageQuestion(radius_m=500.0, at=at), **sides | {"after": "now"}) for at in (NOW, NOW + timedelta(hours=1)))
    assert key(one, PINS) != key(other, PINS)


def test_sites_open_all_day_are_those_of_today_without_asking_about_an_hour():
    asked = asking(COVERAGE, CoverageQuestion(Filters(state="all-day"), radius_m=500.0))

    assert (asked.question.at, asked.on) == (None, NOW.date())
    assert asked.now(NOW + timedelta(days=9)).date() == NOW.date()


def test_another_question_or_another_pin_is_another_study():
    asked = asking(COVERAGE, CoverageQuestion(radius_m=500.0))
    others = [replace(asked, what=STUDY), replace(asked, top=3), replace(asked, question=CoverageQuestion(radius_m=501.0))]

    names = [key(asked, PINS), *(key(other, PINS) for other in others), key(asked, PINS._replace(version=8)),
             key(asked, PINS._replace(demand="abd"))]

    assert len(set(names)) == len(names)
    assert all(len(name) == 32 for name in names)


def test_a_question_that_cannot_be_studied_is_refused_at_once():
    one = CoverageQuestion(radius_m=500.0)
    with pytest.raises(BadValue, match="week"):
        Asked(GAPS, CoverageQuestion(radius_m=500.0, fold=2, week=True))
    with pytest.raises(BadCount, match="top"):
        Asked(STUDY, one, top=0)
    for tolerance_m in (0.0, -1.0, float("nan"), float("inf"), 1001.0):
        with pytest.raises(BadValue, match="tolerance"):
            Asked(GAPS, one, tolerance_m=tolerance_m)
    with pytest.raises(BadValue, match="before"):
        Asked(COMPARE, one, after="now")
    with pytest.raises(BadValue, match="after"):
        Asked(COMPARE, one, before="now", after=" ")
    with pytest.raises(BadValue, match="what"):
        Asked("all", one)
