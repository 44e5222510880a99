"""Opening hours against 213 strings of OpenStreetMap as opening_hours.js reads them.

That oracle is no judge of three things, each excepted by rule: its own faults about holidays (a string
that speaks of PH is trusted only where the day is no holiday of the dated table, or is 1 January or
1 May), what the OSM specification reads otherwise (named below, with the reason), and strings it
refuses (we must refuse them too).
"""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest

from geodata import calendar
from locator.errors import BadHours
from locator.hours import CLOCK, Hours, State, check_expression, minute_of
from locator.sites import Timetable
from tests.real.conftest import shared

TRUSTED_HOLIDAYS = ("2026-01-01", "2026-05-01")
STATES = {"open": State.OPEN, "closed": State.CLOSED, "unknown": State.UNKNOWN}
OTHERWISE = {
    # a rule after a semicolon replaces the earlier one on every day it names, and this names all days;
    # opening_hours.js adds it instead, because it names none. opening-hours-py reads it as we do
    ("Mo-Fr 10:00-18:00; 11:00-15:00", "2026-01-01 10:00"): State.CLOSED,
    # the sun rises in Beijing at 07:33 that day; the oracle was not given the place and takes 06:00
    ("sunrise-sunset", "2026-12-25 07:15"): State.CLOSED,
}


@pytest.fixture(scope="module")
def vectors() -> list[dict]:
    path = shared("opening_hours_vectors/opening_hours_vectors.json")
    return json.loads(path.read_text("utf-8"))["vectors"]


def test_every_string_says_at_every_instant_what_the_oracle_says(vectors):
    read = [v for v in vectors if "error" not in v]
    table = calendar.load()
    hours = Hours([Timetable(v["opening_hours"], workday_rule="calendar") for v in read], table)

    differing = {}
    for code, vector in enumerate(read):
        for evaluation in vector["evaluations"]:
            text, instant = vector["opening_hours"], evaluation["t"]
            day = date.fromisoformat(instant[:10])
            if "PH" in text and table.day(day).kind == "holiday" and str(day) not in TRUSTED_HOLIDAYS:
                continue
            minute = minute_of(datetime.fromisoformat(instant).replace(tzinfo=CLOCK))
            said = State(int(hours.states(minute)[code]))
            if said != STATES[evaluation["state"]]:
                differing[text, instant] = said

    assert len(read) == 209
    assert differing == OTHERWISE


def test_on_the_holidays_the_oracle_does_not_know_a_string_with_ph_off_is_closed(vectors):
    closed = [v["opening_hours"] for v in vectors if v["opening_hours"].endswith("PH off")]
    hours = Hours([Timetable(text) for text in closed], calendar.load())

    for instant in ("2026-02-17 12:00", "2026-04-05 15:00", "2026-06-19 12:00"):
        minute = minute_of(datetime.fromisoformat(instant).replace(tzinfo=CLOCK))
        assert (hours.states(minute) == State.CLOSED).all()
    assert closed


def test_what_the_oracle_refuses_is_refused(vectors):
    refused = [v["opening_hours"] for v in vectors if "error" in v]

    for text in refused:
        with pytest.raises(BadHours):
            check_expression(text)
    assert len(refused) == 4


def test_every_string_keeps_its_meaning_in_its_normal_form(vectors):
    read = [v["opening_hours"] for v in vectors if "error" not in v]
    table = calendar.load()
    written = Hours([Timetable(text) for text in read], table)
    normal = Hours([Timetable(check_expression(text)) for text in read], table)

    start = minute_of(datetime(2026, 9, 28, tzinfo=CLOCK))
    for minute in range(start, start + 14 * 1440, 61):
        assert (written.states(minute) == normal.states(minute)).all()
