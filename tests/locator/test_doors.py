"""Who gets in: time for staff only is not open, now or on arrival."""

from __future__ import annotations

import numpy as np
import pytest

from locator import doors
from locator.hours import Hours, State
from locator.sites import Slot, Timetable

FIRST = 56 * 365 * 1440  # a midnight; which day it is does not matter
NIGHT = (Slot("Mo-Su 08:00-20:00", "staffed"), Slot("Mo-Su 20:00-08:00", "staff_only"))
TIMETABLES = (Timetable("24/7"), Timetable("24/7", slots=NIGHT), Timetable("Mo-Su 09:00-17:00", slots=(Slot("12:00-13:00", "staff_only"),)),
              Timetable(None), Timetable("Mo-Su 09:00-17:00", slots=(Slot("09:00-17:00", "code"),)))


@pytest.fixture(scope="module")
def hours(calendar):
    return Hours(TIMETABLES, calendar)


def as_told(hours, code, minute):
    """Return the state of one timetable for a visitor, by what is said of its door."""
    known = hours.opening(code, minute)
    return State.CLOSED if known.mode == "staff_only" else known.state


def test_only_timetables_with_time_for_staff_only_are_looked_at_twice(hours):
    assert doors.with_staff_time(hours) == (1, 2)


@pytest.mark.parametrize("clock", [0, 479, 480, 719, 720, 779, 780, 1020, 1199, 1200])
def test_time_for_staff_only_is_closed_and_all_other_time_as_it_is(hours, clock):
    found = doors.states(hours, FIRST + clock, doors.with_staff_time(hours))

    assert found.tolist() == [as_told(hours, code, FIRST + clock) for code in range(len(TIMETABLES))]


def test_what_is_kept_of_a_minute_is_not_changed(hours):
    before = hours.states(FIRST).copy()

    doors.states(hours, FIRST, doors.with_staff_time(hours))

    assert (hours.states(FIRST) == before).all()


@pytest.mark.parametrize("spread", [40, 3 * 1440])
def test_on_arrival_each_site_is_judged_at_its_own_minute(hours, spread):
    rng = np.random.default_rng(20261125)
    codes, minutes = rng.integers(0, len(TIMETABLES), 4000), FIRST + 700 + rng.integers(0, spread, 4000)

    found = doors.states_at(hours, codes, minutes, doors.with_staff_time(hours))

    assert found.tolist() == [as_told(hours, code, minute) for code, minute in zip(codes.tolist(), minutes.tolist(), strict=True)]
    assert found.tolist() != hours.states_at(codes, minutes).tolist()


def test_of_nobody_and_without_staff_time_nothing_is_asked(hours):
    none = np.empty(0, np.int64)

    assert doors.states_at(hours, none, none, (1, 2)).tolist() == []
    assert doors.states_at(hours, np.array([1]), np.array([FIRST]), ()).tolist() == [State.OPEN]
