from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from locator.calendar import Calendar
from locator.errors import BadValue
from locator.words import Words

NAME = Words("国庆节", "National Day")
ROWS = [(date(2026, 10, 1), "holiday", NAME), (date(2026, 10, 10), "makeup_workday", NAME)]


def test_a_day_is_what_its_row_says_plain_without_one_and_unknown_outside_the_years():
    table = Calendar(ROWS)

    assert table.day(date(2026, 10, 1)) == ("holiday", NAME)
    assert table.day(date(2026, 10, 10)) == ("makeup", NAME)
    assert table.day(date(2026, 10, 12)) == ("plain", None)
    assert table.day(date(2025, 12, 31)).kind == table.day(date(2027, 1, 1)).kind == "unknown"
    assert (table.first, table.last) == (date(2026, 1, 1), date(2026, 12, 31))


def test_an_empty_table_knows_no_day():
    empty = Calendar([])

    assert empty.day(date(2026, 10, 1)).kind == "unknown"
    assert (empty.first, empty.last) == (None, date.min)


def test_many_days_at_once_are_each_day_by_itself():
    table = Calendar(ROWS)
    first = date(2026, 9, 28).toordinal() - date(1970, 1, 1).toordinal()
    names = {"plain": 0, "holiday": 1, "makeup": 2, "unknown": 3}

    codes = table.kinds(first, 120)

    alone = [names[table.day(date.fromordinal(first + i + date(1970, 1, 1).toordinal())).kind] for i in range(120)]
    np.testing.assert_array_equal(codes, alone)


def test_school_holidays_are_unknown_without_rows_of_them():
    assert Calendar(ROWS).is_school_holiday(date(2026, 7, 13)) is None
    table = Calendar([*ROWS, (date(2026, 7, 13), "school_holiday", Words("暑假", "summer"))])
    assert table.is_school_holiday(date(2026, 7, 13)) is True
    assert table.is_school_holiday(date(2026, 7, 14)) is False
    assert table.is_school_holiday(date(2027, 7, 14)) is None
    assert table.day(date(2026, 7, 13)).kind == "plain"


@pytest.mark.parametrize("rows", [
    [(date(2026, 10, 1), "feast", NAME)],
    [(date(2026, 10, 1), "holiday", NAME), (date(2026, 10, 1), "makeup_workday", NAME)],
    [(date(2024, 10, 1), "holiday", NAME), (date(2026, 10, 1), "holiday", NAME)]])
def test_a_table_that_contradicts_itself_or_skips_a_year_is_refused(rows):
    with pytest.raises(BadValue):
        Calendar(rows)


def test_equal_tables_are_equal_in_any_order():
    assert Calendar(ROWS) == Calendar(ROWS[::-1])
    assert hash(Calendar(ROWS)) == hash(Calendar(ROWS[::-1]))
    assert Calendar(ROWS) != Calendar(ROWS[:1])
