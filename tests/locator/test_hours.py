"""Open, closed or unknown: to the minute, in Beijing, on holidays and make-up days, past the table."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import opening_hours
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geodata import calendar
from locator.calendar import Calendar
from locator.errors import BadTime
from locator.hours import CLOCK, Hours, State, check_expression, minute_of, moment_of
from locator.sites import Slot, Timetable
from locator.words import Words
from tests import oracles, strategies

CALENDAR = calendar.load()
OPEN, CLOSED, UNKNOWN = State.OPEN, State.CLOSED, State.UNKNOWN


def at(text: str) -> int:
    return minute_of(datetime.fromisoformat(text).replace(tzinfo=CLOCK))


def hours(expression: str | None, **more) -> Hours:
    return Hours([Timetable(expression, **more)], CALENDAR)


def state(expression: str | None, moment: str, **more) -> State:
    return hours(expression, **more).opening(0, at(moment)).state


# --- instants ---------------------------------------------------------------------------------------


def test_a_minute_counts_from_the_epoch_on_beijings_clock_whatever_the_offset():
    assert minute_of(datetime(1970, 1, 1, tzinfo=CLOCK)) == 0
    assert minute_of(datetime(1969, 12, 31, 16, 0, tzinfo=UTC)) == 0
    assert minute_of(datetime(2026, 1, 1, 9, 0, 59, tzinfo=timezone(timedelta(hours=9)))) == at("2026-01-01 08:00")
    assert moment_of(at("2026-01-01 08:00")).isoformat() == "2026-01-01T08:00:00+08:00"


def test_a_moment_without_an_offset_is_refused():
    with pytest.raises(BadTime):
        minute_of(datetime(2026, 1, 1, 9))  # noqa: DTZ001 - that is the point


def test_the_time_zone_of_the_machine_does_not_count(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert state("Mo-Su 09:00-17:00", "2026-07-13 09:00") is OPEN
        assert state("Mo-Su 09:00-17:00", "2026-07-13 08:59") is CLOSED
    finally:
        monkeypatch.undo()
        time.tzset()


# --- one day, to the minute -------------------------------------------------------------------------


@pytest.mark.parametrize(("moment", "said"), [
    ("08:29", CLOSED), ("08:30", OPEN), ("11:59", OPEN), ("12:00", CLOSED), ("12:59", CLOSED), ("13:00", OPEN),
    ("17:29", OPEN), ("17:30", CLOSED)])
def test_a_lunch_break_is_closed_from_its_first_minute_to_its_last(moment, said):
    assert state("Mo-Fr 08:30-12:00,13:00-17:30", f"2026-07-13 {moment}") is said


@pytest.mark.parametrize(("moment", "said"), [
    ("2026-07-12 02:00", CLOSED), ("2026-07-17 19:59", CLOSED), ("2026-07-17 20:00", OPEN),
    ("2026-07-17 23:59", OPEN), ("2026-07-18 00:00", OPEN), ("2026-07-18 01:59", OPEN), ("2026-07-18 02:00", CLOSED)])
def test_hours_that_run_over_midnight_belong_to_the_day_they_begin_on(moment, said):
    assert state("Mo-Sa 20:00-02:00", moment) is said


def test_a_rule_behind_a_semicolon_replaces_what_runs_on_and_one_behind_a_comma_does_not():
    assert state("Th 20:00-03:00; Fr 20:00-04:00", "2026-07-17 00:30") is CLOSED
    assert state("Th 20:00-03:00, Fr 20:00-04:00", "2026-07-17 00:30") is OPEN


@pytest.mark.parametrize(("moment", "said"), [("09:59", CLOSED), ("10:00", UNKNOWN), ("23:59", UNKNOWN)])
def test_after_an_open_end_the_rest_of_the_day_is_unknown(moment, said):
    found = hours("10:00+").opening(0, at(f"2026-07-13 {moment}"))

    assert found.state is said
    assert (found.reason is None) == (said is CLOSED)


def test_an_open_end_after_a_closing_time_is_open_until_then():
    assert state("10:00-16:00+", "2026-07-13 15:59") is OPEN
    assert state("10:00-16:00+", "2026-07-13 16:00") is UNKNOWN


@pytest.mark.parametrize("text", ['"for request only"', 'Mo-Su 10:00-12:00 "by appointment"', '"by appointment"'])
def test_a_comment_without_a_word_for_the_state_is_unknown_and_is_the_reason(text):
    found = hours(text).opening(0, at("2026-07-13 11:00"))

    assert found.state is UNKNOWN
    assert found.reason.zh == text.split('"')[1]


def test_a_fallback_fills_what_is_closed_minute_by_minute():
    text = 'Mo-Fr 08:00-12:00 || "by appointment"'

    assert state(text, "2026-07-13 11:59") is OPEN
    assert state(text, "2026-07-13 12:00") is UNKNOWN


def test_an_hour_that_depends_on_the_sun_is_that_of_the_place():
    assert state("sunrise-sunset", "2026-12-25 07:32") is CLOSED
    assert state("sunrise-sunset", "2026-12-25 07:33") is OPEN
    ili = Hours([Timetable("sunrise-sunset")], CALENDAR, sun_at=(81.3, 43.9))
    assert ili.opening(0, at("2026-12-25 09:30")).state is CLOSED


# --- holidays and make-up days ----------------------------------------------------------------------


def test_on_national_day_an_office_is_unknown_and_says_why():
    office = hours("Mo-Fr 09:00-17:00")

    found = office.opening(0, at("2026-10-01 09:00"))

    assert found.state is UNKNOWN
    assert found.reason.zh == "国庆节假期，是否开放未注明"
    assert office.opening(0, at("2026-10-01 08:59")).state is CLOSED
    assert office.opening(0, at("2026-10-01 17:00")).state is CLOSED


@pytest.mark.parametrize("text", ["24/7", "Mo-Su 00:00-24:00", "Mo-Su 08:00-20:00", "08:00-20:00"])
@pytest.mark.parametrize("moment", ["2026-10-01 12:00", "2026-10-10 12:00", "2027-02-06 12:00"])
def test_what_is_open_every_day_is_open_on_holidays_on_makeup_days_and_past_the_table(text, moment):
    assert state(text, moment) is OPEN


@pytest.mark.parametrize(("rule", "holiday", "makeup"), [
    ("unstated", UNKNOWN, UNKNOWN), ("calendar", OPEN, CLOSED), ("official", CLOSED, OPEN)])
def test_the_workday_rule_decides_on_a_holiday_thursday_and_a_makeup_saturday(rule, holiday, makeup):
    office = hours("Mo-Fr 09:00-17:00", workday_rule=rule)

    assert office.opening(0, at("2026-10-01 12:00")).state is holiday
    assert office.opening(0, at("2026-10-10 12:00")).state is makeup
    assert office.opening(0, at("2026-10-10 17:00")).state is CLOSED
    assert office.opening(0, at("2026-10-12 12:00")).state is OPEN


def test_an_expression_that_speaks_of_holidays_settles_them():
    found = hours("Mo-Fr 09:00-17:00; PH off").opening(0, at("2026-10-01 12:00"))

    assert found.state is CLOSED
    assert found.reason == Words("国庆节放假", "closed for National Day")
    assert found.next_state is OPEN
    assert found.changes_at == at("2026-10-08 09:00")


def test_a_holiday_closure_written_first_closes_all_the_same():
    assert check_expression("PH off; Mo-Fr 09:00-17:00") == "Mo-Fr 09:00-17:00; PH off"
    assert state("PH off; Mo-Fr 09:00-17:00", "2026-10-01 12:00") is CLOSED


def test_a_makeup_day_is_not_settled_by_speaking_of_holidays():
    text = "Mo-Fr 09:00-17:00; PH off"

    assert state(text, "2026-10-10 12:00") is UNKNOWN
    assert state(text, "2026-10-10 12:00", workday_rule="official") is OPEN
    assert state(text, "2026-10-10 12:00", workday_rule="calendar") is CLOSED


def test_both_readings_agreeing_is_an_answer_even_on_a_holiday():
    text = "Mo-Fr 09:00-18:00; Sa,Su 10:00-16:00"

    assert state(text, "2026-10-01 12:00") is OPEN
    assert state(text, "2026-10-01 17:00") is UNKNOWN
    assert state(text, "2026-10-01 20:00") is CLOSED


def test_an_office_is_unknown_in_a_year_not_announced_and_says_so():
    found = hours("Mo-Fr 09:00-17:00").opening(0, at("2027-03-02 12:00"))

    assert found.state is UNKNOWN
    assert found.reason.zh == "2027 年放假安排尚未公布"
    assert state("Mo-Fr 09:00-17:00", "2027-03-02 20:00") is CLOSED
    assert state("Mo-Fr 09:00-17:00", "2026-12-31 12:00") is OPEN
    assert state("Mo-Fr 09:00-17:00", "2027-03-02 12:00", workday_rule="calendar") is OPEN
    assert state("Mo-Fr 09:00-17:00; PH off", "2027-03-02 12:00", workday_rule="calendar") is UNKNOWN


def test_only_a_weekend_can_turn_out_a_makeup_day():
    # closed on Mondays: a Tuesday of 2027 may be a holiday (a Sunday: open), never a make-up day
    assert state("Tu-Su 09:00-17:00", "2027-03-02 12:00") is OPEN
    assert state("Tu-Su 09:00-17:00", "2027-03-06 12:00") is UNKNOWN


def test_school_holidays_are_unknown_without_a_table_and_known_with_one():
    assert state("SH 10:00-12:00", "2026-07-13 11:00") is UNKNOWN
    assert state("SH 10:00-12:00", "2026-07-13 13:00") is CLOSED
    schools = Calendar([(date(2026, 7, 13), "school_holiday", Words("暑假", "summer"))])
    known = Hours([Timetable("SH 10:00-12:00", workday_rule="calendar")], schools)
    assert known.opening(0, at("2026-07-13 11:00")).state is OPEN
    assert known.opening(0, at("2026-07-14 11:00")).state is CLOSED


# --- seasons, inferred hours, nothing stated --------------------------------------------------------


@pytest.mark.parametrize(("moment", "said"), [
    ("2026-11-14 12:00", CLOSED), ("2026-11-15 12:00", OPEN), ("2026-12-31 12:00", OPEN), ("2027-01-01 12:00", OPEN),
    ("2027-03-15 12:00", OPEN), ("2027-03-16 12:00", CLOSED)])
def test_a_season_may_run_over_the_years_end_and_includes_its_days(moment, said):
    found = hours("10:00-18:00", season_from="11-15", season_to="03-15").opening(0, at(moment))

    assert found.state is said
    assert found.reason is None or "11-15" in found.reason.zh


def test_out_of_season_is_closed_even_where_hours_are_not_stated():
    winter = hours(None, season_from="11-15", season_to="03-15")

    assert winter.opening(0, at("2026-07-01 12:00")).state is CLOSED
    assert winter.opening(0, at("2026-12-01 12:00")).state is UNKNOWN


def test_inferred_hours_are_unknown_and_only_probable():
    found = hours("Mo-Su 09:00-17:00", inferred=True).opening(0, at("2026-07-13 12:00"))

    assert found == (UNKNOWN, Words("可能 09:00–17:00", "probably 09:00–17:00"), None, None, None)


@pytest.mark.parametrize("text", [None, "", "  "])
def test_hours_not_stated_are_unknown(text):
    found = hours(text).opening(0, at("2026-07-13 12:00"))

    assert (found.state, found.reason.en, found.changes_at) == (UNKNOWN, "hours not stated", None)


def test_a_stored_expression_that_cannot_be_read_is_unknown_rather_than_a_failure():
    assert state("every other full moon", "2026-07-13 12:00") is UNKNOWN


# --- next change ------------------------------------------------------------------------------------


def test_what_never_closes_has_no_next_change():
    assert hours("24/7").opening(0, at("2026-07-13 12:00"))[2:4] == (None, None)


@pytest.mark.parametrize(("text", "moment", "change", "then"), [
    ("Mo-Fr 09:00-17:00", "2026-07-17 18:00", "2026-07-20 09:00", OPEN),
    ("Mo-Fr 09:00-17:00", "2026-09-30 18:00", "2026-10-01 09:00", UNKNOWN),
    ("Mo-Su 20:00-02:00", "2026-07-17 23:00", "2026-07-18 02:00", CLOSED),
    ("Jan 1 10:00-12:00", "2026-01-01 12:00", "2027-01-01 10:00", OPEN),
    ("24/7; Jan 28-Feb 4 off", "2026-07-01 12:00", "2027-01-28 00:00", CLOSED)])
def test_the_next_change_is_found_across_days_years_and_blocks(text, moment, change, then):
    found = hours(text).opening(0, at(moment))

    assert (moment_of(found.changes_at), found.next_state) == (moment_of(at(change)), then)


@pytest.mark.parametrize("text", ["2020 Jan 1 10:00-12:00", "off", "Feb 29 10:00-12:00", "2090 Jan 1 off"])
def test_the_search_for_a_change_is_bounded(text):
    closed = hours(text)
    began = time.perf_counter()

    found = closed.opening(0, at("2026-07-13 12:00"))

    assert found.changes_at is None
    assert time.perf_counter() - began < 20


# --- slots ------------------------------------------------------------------------------------------


def test_slots_say_who_may_enter_within_opening_hours():
    shop = Hours([Timetable("24/7", slots=(Slot("Mo-Su 08:00-20:00", "staffed"), Slot("24/7", "code"))),
                  Timetable("Mo-Su 08:00-20:00", slots=(Slot("24/7", "code"),))], CALENDAR)

    assert shop.opening(0, at("2026-07-13 07:59")).mode == "code"
    assert shop.opening(0, at("2026-07-13 08:00")).mode == "staffed"
    assert shop.opening(0, at("2026-07-13 20:00")).mode == "code"
    assert shop.opening(1, at("2026-07-13 21:00")).mode is None
    assert [(s.start, s.end, s.mode) for s in shop.week(0, date(2026, 7, 13))[0]] == [
        (0, 480, "code"), (480, 1200, "staffed"), (1200, 1440, "code")]


# --- many at once -----------------------------------------------------------------------------------

MANY = ("24/7", "Mo-Fr 09:00-17:00", "Mo-Sa 20:00-02:00", "10:00+", "off", None, "Mo-Fr 09:00-17:00; PH off", "Su[1] 10:00-12:00",
        "Apr-Oct 08:00-20:00; Nov-Mar 09:00-17:00", "sunrise-sunset", 'Mo 10:00-12:00 || "ask"')


def test_states_and_openings_never_disagree():
    table = Hours([Timetable(t) for t in MANY], CALENDAR)
    chance = random.Random(7)
    minutes = np.array([at("2026-09-20 00:00") + chance.randrange(200 * 1440) for _ in range(400)])
    codes = np.array([chance.randrange(len(MANY)) for _ in minutes])

    together = table.states_at(codes, minutes)

    for code, minute, said in zip(codes.tolist(), minutes.tolist(), together.tolist(), strict=True):
        assert said == table.opening(code, minute).state == table.states(minute)[code]


def test_many_arrivals_within_an_hour_are_each_what_they_are_alone():
    table = Hours([Timetable(t) for t in MANY], CALENDAR)
    chance = np.random.default_rng(7)
    codes, minutes = chance.integers(0, len(MANY), 5000), at("2026-09-30 23:40") + chance.integers(0, 60, 5000)

    together = table.states_at(codes, minutes)

    alone = [table.states_at(codes[i:i + 1], minutes[i:i + 1])[0] for i in range(len(codes))]
    np.testing.assert_array_equal(together, alone)


def test_all_day_means_every_minute_of_the_day():
    table = Hours([Timetable(t) for t in MANY], CALENDAR)
    for day in (date(2026, 7, 13), date(2026, 10, 1), date(2026, 12, 31), date(2027, 1, 2)):
        first = at(f"{day} 00:00")
        every = np.array([table.states(m) for m in range(first, first + 1440, 1)])
        said = table.all_day(day)
        np.testing.assert_array_equal(said == OPEN, (every == OPEN).all(axis=0))
        np.testing.assert_array_equal(said == CLOSED, (every == CLOSED).any(axis=0))


def test_no_timetables_is_an_empty_answer():
    none = Hours([], CALENDAR)

    assert none.states(0).shape == none.all_day(date(2026, 1, 1)).shape == (0,)
    assert none.states_at(np.empty(0, int), np.empty(0, int)).shape == (0,)


def test_states_cannot_be_written_to():
    table = Hours([Timetable("24/7")], CALENDAR)

    with pytest.raises(ValueError, match="read-only"):
        table.states(at("2026-07-13 12:00"))[0] = 1


def test_a_rebuilt_table_answers_the_same_with_what_was_evaluated_before():
    before = Hours([Timetable(t) for t in MANY], CALENDAR)
    before.prepare(at("2026-07-13 12:00"))
    changed = [Timetable("Tu 09:00-10:00"), *map(Timetable, MANY[1:])]

    after, fresh = Hours(changed, CALENDAR, previous=before), Hours(changed, CALENDAR)

    for minute in range(at("2026-07-13 00:00"), at("2026-07-15 00:00"), 37):
        np.testing.assert_array_equal(after.states(minute), fresh.states(minute))


def test_many_threads_may_ask_while_a_block_is_being_evaluated():
    table = Hours([Timetable(t) for t in MANY], CALENDAR)
    minute, alone, heard = at("2026-10-01 12:00"), Hours([Timetable(t) for t in MANY], CALENDAR), []

    def ask():
        heard.append((table.states(minute).tolist(), [table.opening(c, minute) for c in range(len(MANY))]))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    expected = alone.states(minute).tolist(), [alone.opening(c, minute) for c in range(len(MANY))]
    assert heard == [expected] * 8


@pytest.mark.parametrize("moment", ["0001-01-01 00:00", "1899-12-31 12:00", "9500-01-01 00:00", "9999-12-31 23:59"])
def test_dates_beyond_all_tables_are_unknown_not_a_failure(moment):
    table = Hours([Timetable("24/7")], CALENDAR)

    assert table.states(at(moment)).tolist() == [UNKNOWN]
    assert table.opening(0, at(moment)).state is UNKNOWN


# --- against slow and independent judges ------------------------------------------------------------


def kind_of(number: int) -> str:
    return CALENDAR.day(date(1970, 1, 1) + timedelta(days=number)).kind


@settings(max_examples=60)
@given(strategies.hours_rules(), st.sampled_from(["unstated", "calendar", "official"]),
       st.sampled_from(["2026-09-30", "2026-10-09", "2026-02-14", "2026-12-30", "2027-03-05", "2003-12-30"]))
def test_every_minute_agrees_with_walking_through_the_rules(drawn, rule, day):
    text, rules = drawn
    table = hours(text, workday_rule=rule)
    first = at(f"{day} 00:00")
    edges = {first + d * 1440 + edge % 1440 for d in range(3) for rule_ in rules for span in rule_[2] for edge in span}
    minutes = np.array(sorted({m + step for m in edges for step in (-1, 0)} | {*range(first, first + 3 * 1440, 240)}))

    fast = table.states_at(np.zeros(len(minutes), int), minutes)

    assume("PH off; " not in text)  # written first it is read last (a known slip), which the walk does not do
    slow = [oracles.hours_state_under(rules, int(m), rule, kind_of) for m in minutes]
    assert fast.tolist() == slow


@settings(max_examples=60)
@given(strategies.hours_rules(holidays=False, overnight=False))
def test_plain_expressions_agree_with_the_library(drawn):
    text, _ = drawn
    assume("||" not in text)  # the library falls back by days, the specification by minutes
    library = opening_hours.OpeningHours(text, auto_country=False, auto_timezone=False)
    table = hours(text, workday_rule="calendar")
    start = datetime(2026, 7, 13)  # noqa: DTZ001 - the library's clock is the place's
    names = {opening_hours.State.OPEN: OPEN, opening_hours.State.CLOSED: CLOSED, opening_hours.State.UNKNOWN: UNKNOWN}

    for a, b, said, _ in library.intervals(start, start + timedelta(days=8)):
        assert table.opening(0, minute_of(a.replace(tzinfo=CLOCK))).state is names[said]
        assert table.opening(0, minute_of(b.replace(tzinfo=CLOCK)) - 1).state is names[said]


@settings(max_examples=40)
@given(strategies.hours_rules(), st.integers(0, 400 * 1440))
def test_the_next_change_is_the_first_minute_with_another_state(drawn, later):
    table = hours(drawn[0])
    minute = at("2026-01-01 00:00") + later

    found = table.opening(0, minute)

    if found.changes_at is None:
        ahead = np.arange(minute, minute + 60 * 1440, 5)
        assert (table.states_at(np.zeros(len(ahead), int), ahead) == found.state).all()
    else:
        ahead = np.arange(minute, min(found.changes_at, minute + 20 * 1440), 3)
        assert (table.states_at(np.zeros(len(ahead), int), ahead) == found.state).all()
        assert table.opening(0, found.changes_at).state is found.next_state is not found.state


def test_unknown_without_a_remark_says_that_hours_are_not_stated(calendar):
    hours = Hours([Timetable("unknown; Mo off")], calendar)

    opening = hours.opening(0, minute_of(datetime(2026, 11, 21, 23, 59, tzinfo=CLOCK)))

    assert opening.state is State.UNKNOWN
    assert opening.reason is not None
    assert opening.reason.zh == "开放时间未注明"


def test_a_week_of_inferred_hours_is_unknown_unless_it_is_asked_for_as_probable():
    guessed = hours("Mo-Su 09:00-17:00", inferred=True)

    assert guessed.week(0, date(2026, 3, 4), 1) == [[(0, 1440, UNKNOWN, None)]]
    assert guessed.week(0, date(2026, 3, 4), 1, probable=True) == [[(540, 1020, OPEN, None)]]
