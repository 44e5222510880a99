"""What a person typed, as a number or an instant."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator import typed
from locator.errors import BadCoordinate, BadTime, Refusal


@pytest.mark.parametrize(("said", "meant"), [
    ("116.3972", 116.3972), ("-73.9", -73.9), (" 39.9 ", 39.9), ("116°23′50″", 116.397222),
    ("116°23'50\"E", 116.397222), ("116°24'东", 116.4), ("70°30′W", -70.5), ("−70°30′", -70.5), ("+116.5°", 116.5),
    ("116度24分", 116.4), ("116°", 116.0), ("东经116°24′", 116.4), ("116-24-00", 116.4), ("１１６°２４′", 116.4)])
def test_degrees_are_read_as_decimals_or_degrees_minutes_seconds(said, meant):
    assert typed.degrees("lon", said) == pytest.approx(meant, abs=1e-6)


@pytest.mark.parametrize("field", ["lat", "entrance_lat"])
def test_degrees_of_the_other_half_are_refused_where_the_field_says_which_it_is(field):
    assert typed.degrees(field, "39°54'N") == typed.degrees("bbox", "39°54'N") == 39.9

    with pytest.raises(BadCoordinate, match="swapped"):
        typed.degrees(field, "116°24'E")


@pytest.mark.parametrize("said", ["", "abc", "nan", "inf", "-inf", "116°61′", "116°23′99″", "１２°x", "1e999", "1_16.4"])
def test_what_is_not_a_finite_number_of_degrees_is_refused_by_field_and_value(said):
    with pytest.raises(BadCoordinate) as refused:
        typed.degrees("lon", said)

    assert (refused.value.field, refused.value.value) == ("lon", said)


@pytest.mark.parametrize("read", [typed.metres, typed.minutes, typed.count])
def test_a_number_written_as_in_a_programs_source_is_refused(read):
    with pytest.raises(Refusal):
        read("field", "1_000")


@pytest.mark.parametrize(("said", "meant"), [
    ("2026-10-01T22:30", "2026-10-01T14:30"), ("2026-10-01 22:30", "2026-10-01T14:30"),
    ("2026-10-01T22:30+09:00", "2026-10-01T13:30"), ("2026-10-01T22:30 09:00", "2026-10-01T13:30"),
    ("2026-10-01T14:30Z", "2026-10-01T14:30"), ("2026-10-01", "2026-09-30T16:00")])
def test_a_time_without_an_offset_is_on_beijings_clock(said, meant):
    assert typed.moment("at", said) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize("said", ["2026-02-30T10:00", "2026-10-01T25:00", "yesterday", "", "0001-01-01", "9999-12-31"])
def test_a_time_that_does_not_exist_is_refused(said):
    with pytest.raises(BadTime):
        typed.moment("at", said)


@given(st.text(max_size=40))
def test_no_text_is_read_without_an_answer_or_a_refusal(text):
    for read in (typed.degrees, typed.metres, typed.minutes, typed.count, typed.moment):
        with suppress(Refusal):
            assert read("field", text) is not None
