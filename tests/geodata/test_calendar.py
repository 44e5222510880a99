from __future__ import annotations

from datetime import date

import pytest

from geodata import build_holidays, calendar
from locator.errors import BadFile, Refusal


def test_the_shipped_table_is_what_its_recipe_makes():
    pytest.importorskip("holidays")

    assert calendar.FILE.read_text("utf-8") == build_holidays.text()


def test_the_shipped_table_ends_with_the_last_year_announced():
    table = calendar.load()

    assert (table.first, table.last) == (date(2004, 1, 1), date(2026, 12, 31))
    assert table.day(date(2026, 10, 4)).name.zh == "国庆节"
    assert table.day(date(2026, 10, 10)).kind == "makeup"


@pytest.mark.parametrize(("today", "days", "due"), [
    (date(2026, 7, 1), 183, False), (date(2026, 11, 1), 60, True), (date(2027, 1, 1), -1, True)])
def test_the_check_says_how_long_the_table_still_lasts(today, days, due):
    outlook = calendar.check(calendar.load(), today)

    assert (outlook.days_left, outlook.is_due) == (days, due)
    assert "2026-12-31" in outlook.words.zh
    assert "2026-12-31" in outlook.words.en


@pytest.mark.parametrize("text", [
    "day,kind\n2026-10-01,holiday\n", "date,type,name_zh,name_en\n2026-02-30,holiday,春节,Spring Festival\n",
    "date,type,name_zh,name_en\n2026-10-01,feast,国庆节,National Day\n"])
def test_a_table_that_cannot_be_read_is_refused_with_its_name(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text, "utf-8")

    with pytest.raises(Refusal, match="mine"):
        calendar.load(path)


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(BadFile):
        calendar.load(tmp_path / "none.csv")
