"""The confidence in a record: the table of `locator.quality`, and what may never happen under it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import vocabulary as shipped
from locator.quality import (
    AGREE_WITHIN,
    COUNTS_DAYS,
    FRESH_DAYS,
    KNOWN_DAYS,
    NO_WAY_IN,
    PROBLEMS,
    Confidence,
    Recorded,
    Told,
    agreed,
    counts,
    judged,
    standing,
)
from locator.typed import BEIJING

WORDS = shipped.load()
TODAY = date(2026, 3, 4)
NOON = datetime(2026, 3, 4, 12, tzinfo=BEIJING)
DAY = timedelta(days=1)
DOUBTFUL, LOW, FAIR, HIGH = Confidence


def told(kind="locked", person="a", *, at=NOON, came=None, **more) -> Told:
    return Told(kind, at, came or at.date(), person, **({"facility": "hot_water"} if kind == "missing_facility" else {}), **more)


def visited(days_ago: int, **more) -> Recorded:
    return Recorded(TODAY - days_ago * DAY, "visit", **more)


def level(record: Recorded, *reports: Told) -> Confidence:
    return judged(record, reports, TODAY, WORDS).level


# --- the record itself --------------------------------------------------------------------------------


@pytest.mark.parametrize(("record", "wanted"), [
    (visited(0), HIGH), (visited(FRESH_DAYS), HIGH), (visited(FRESH_DAYS + 1), FAIR), (visited(KNOWN_DAYS), FAIR), (visited(KNOWN_DAYS + 1), LOW),
    (Recorded(TODAY, "phone"), FAIR), (Recorded(TODAY, None), FAIR), (Recorded(TODAY - KNOWN_DAYS * DAY, "document"), FAIR),
    (Recorded(), LOW), (Recorded(None, "visit"), LOW),
    (visited(1, next_check_on=TODAY), HIGH), (visited(1, next_check_on=TODAY - DAY), FAIR),
    (visited(1, basis={"hours": "inferred"}), FAIR), (visited(1, basis={"facilities": "inferred"}), FAIR),
    (visited(1, basis={"hours": "stated", "facilities": "inspected"}), HIGH), (Recorded(basis={"hours": "inspected"}), LOW)])
def test_the_record_itself_stands_as_the_table_says(record, wanted):
    found, reasons = standing(record, TODAY, WORDS)

    assert found == wanted
    assert reasons
    assert all(words.zh and words.en for words in reasons)


# --- reports ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PROBLEMS)
def test_one_person_alone_lowers_the_confidence_and_is_not_shown_as_others(kind):
    found = judged(visited(1), [told(kind), told(kind)], TODAY, WORDS)

    assert found.level == FAIR
    assert found.reported == ()
    assert "一人" in found.reasons[-1].zh


@pytest.mark.parametrize("kind", PROBLEMS)
def test_two_people_on_one_day_are_shown_and_leave_little_confidence(kind):
    found = judged(visited(1), [told(kind), told(kind, "b")], TODAY, WORDS)

    assert found.level == (DOUBTFUL if kind in NO_WAY_IN else LOW)
    assert [shown.type for shown in found.reported] == [kind]
    assert "by others" in found.reported[0].words.en


def test_a_missing_facility_is_named_and_two_different_ones_do_not_agree():
    toilet = replace(told("missing_facility", "b"), facility="toilet")
    found = judged(visited(1), [told("missing_facility"), toilet], TODAY, WORDS)
    same = judged(visited(1), [told("missing_facility"), told("missing_facility", "b")], TODAY, WORDS)

    assert found.reported == ()
    assert same.reported[0].words == ("多人反映：没有热水（2026-03-04）", "reported without hot water by others (2026-03-04)")


def test_two_reports_whose_people_cannot_be_compared_do_not_agree():
    midnight = NOON.replace(hour=23, minute=55)

    assert not agreed([told(at=midnight), told(person="b", at=midnight + timedelta(minutes=10))])
    assert not agreed([told(person=""), told(person="")])
    assert agreed([told(at=NOON - AGREE_WITHIN, came=TODAY), told(person="b")])
    assert not agreed([told(at=NOON - AGREE_WITHIN - timedelta(seconds=1), came=TODAY), told(person="b")])


def test_what_an_administrator_confirmed_counts_until_the_place_is_verified_again():
    confirmed = told(at=NOON - 200 * DAY, confirmed_at=NOON - 199 * DAY)

    assert level(visited(250), confirmed) == DOUBTFUL
    assert level(visited(198), confirmed) == FAIR
    assert "confirmed by an administrator" in judged(visited(250), [confirmed], TODAY, WORDS).reported[0].words.en


def test_of_one_day_the_records_last_change_says_whether_the_report_or_the_verification_was_first():
    assert level(Recorded(TODAY, "visit", updated_at=NOON - timedelta(hours=1)), told()) == FAIR
    assert level(Recorded(TODAY, "visit", updated_at=NOON + timedelta(hours=1)), told()) == HIGH


@pytest.mark.parametrize("kind", PROBLEMS)
def test_an_undecided_report_counts_for_its_days_and_no_longer(kind):
    last = NOON - COUNTS_DAYS[kind] * DAY

    assert counts(told(kind, at=last), Recorded(), TODAY)
    assert not counts(told(kind, at=last - DAY), Recorded(), TODAY)


def test_poor_ratings_lower_only_when_several_give_them_and_more_than_good_ones():
    poor = [told("rating", p, rating=1) for p in "ab"]
    good = [told("rating", p, rating=5) for p in "cd"]

    assert level(visited(1), poor[0]) == HIGH
    assert level(visited(1), *poor) == FAIR
    assert level(visited(1), *poor, good[0]) == FAIR
    assert level(visited(1), *poor, *good) == HIGH


def test_a_good_rating_lifts_a_record_nobody_verified_once_an_administrator_confirmed_it():
    good = told("rating", rating=5)

    assert level(Recorded(), good) == LOW
    assert level(Recorded(), replace(good, confirmed_at=NOON)) == FAIR
    assert level(visited(1), replace(good, confirmed_at=NOON)) == HIGH


# --- what may never happen ----------------------------------------------------------------------------

moments = st.integers(-40 * 24, 0).map(lambda hours: NOON + timedelta(hours=hours))
reports = st.builds(
    lambda kind, person, at, late, rating, after: Told(
        kind, at, min(at.date() + late * DAY, TODAY), person, "hot_water" if kind == "missing_facility" else None,
        rating if kind == "rating" else None, None if after is None else min(at + timedelta(hours=after), NOON)),
    st.sampled_from([*PROBLEMS, "rating"]), st.sampled_from(["", "a", "b", "c"]), moments, st.integers(0, 7), st.integers(1, 5),
    st.none() | st.integers(0, 300))
bases = st.dictionaries(st.sampled_from(["hours", "facilities"]), st.sampled_from(["stated", "inspected", "inferred"]))
days = st.none() | st.integers(-500, 0).map(lambda ago: TODAY + ago * DAY)
due = st.none() | st.integers(-30, 30).map(lambda ahead: TODAY + ahead * DAY)
records = st.builds(Recorded, days, st.sampled_from([None, "visit", "phone", "report"]), due, bases, st.none() | moments)


def slowly(record: Recorded, of: list[Told]) -> int:
    """Judge by the words of the docstring's two tables, one line after another."""
    age = None if record.verified_on is None else (TODAY - record.verified_on).days
    stands = 1
    if age is not None and age <= 366:
        stands = 2
    if age is not None and age <= 183 and record.verified_how == "visit":
        stands = 3
    if record.next_check_on is not None and record.next_check_on < TODAY:
        stands = min(stands, 2)
    if "inferred" in record.basis.values():
        stands = min(stands, 2)
    counted = [t for t in of if counts(t, record, TODAY)]
    if stands == 1 and any(t.type == "rating" and t.rating >= 4 and t.confirmed_at for t in counted):
        stands = 2
    found = [stands]
    for t in counted:
        if t.type == "rating":
            continue
        same = [u for u in counted if (u.type, u.facility) == (t.type, t.facility)]
        sure = any(u.confirmed_at for u in same) or any(
            u.came == v.came and u.person != v.person and abs(u.at - v.at) <= timedelta(days=1) for u, v in combinations(same, 2))
        found.append(0 if sure and t.type in ("locked", "moved", "gone") else stands - 2 if sure else stands - 1)
    poor = {(t.came, t.person) for t in counted if t.type == "rating" and t.rating <= 2}
    good = {(t.came, t.person) for t in counted if t.type == "rating" and t.rating >= 4}
    if len(poor) >= 2 and len(poor) > len(good):
        found.append(stands - 1)
    return max(0, min(found))


@given(records, st.lists(reports, max_size=6))
def test_the_rule_is_its_table(record, of):
    assert level(record, *of) == slowly(record, of)


@given(records, st.lists(reports, max_size=6), st.integers(0, 400))
def test_an_older_verification_never_raises_the_confidence(record, of, days_older):
    if record.verified_on is not None:
        older = record._replace(verified_on=record.verified_on - days_older * DAY)

        assert level(older, *of) <= level(record, *of)
        assert level(record._replace(verified_on=None), *of) <= level(record, *of)


@given(records, st.lists(reports, max_size=6), reports)
def test_one_more_report_of_a_problem_never_raises_the_confidence(record, of, more):
    if more.type != "rating":
        assert level(record, *of, more) <= level(record, *of)


@given(records, st.lists(reports, max_size=6), reports)
def test_one_more_good_rating_never_lowers_the_confidence_confirmed_or_not(record, of, more):
    if more.type == "rating" and more.rating >= 4:
        assert level(record, *of, more) >= level(record, *of)


@given(st.lists(reports.filter(lambda t: t.type == "locked"), max_size=8))
def test_two_agree_exactly_when_some_pair_does(of):
    pairs = any(a.came == b.came and a.person != b.person and abs(a.at - b.at) <= AGREE_WITHIN for a, b in combinations(of, 2))

    assert agreed(of) == pairs
