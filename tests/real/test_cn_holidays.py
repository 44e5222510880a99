"""The shipped holidays against a table merged from two other packages, every day of 2004 to 2026."""

from __future__ import annotations

import csv
from datetime import date, timedelta

from geodata import calendar
from tests.real.conftest import shared

ONLY_ONE_COUNTS = {date(2023, 12, 30), date(2023, 12, 31)}
"""Weekend days before New Year 2024 (1 January, 与周末连休): chinesecalendar calls them holidays, chinese-days
does not. Off either way; our table counts them."""
KINDS = {"holiday": "holiday", "makeup_workday": "makeup"}


def test_every_day_is_what_the_merged_table_says():
    with shared("cn_holidays/cn_holidays_2004_2026.csv").open(encoding="utf-8") as file:
        judged = {date.fromisoformat(row["date"]): row for row in csv.DictReader(file)}
    ours = calendar.load()

    day, differing = date(2004, 1, 1), []
    while day <= date(2026, 12, 31):
        row = judged.get(day)
        if ours.day(day).kind != (KINDS[row["type"]] if row else "plain"):
            differing.append(day)
        day += timedelta(days=1)

    assert differing == []
    assert {d for d, r in judged.items() if r["in_chinesecalendar"] != r["in_chinese_days"]} == ONLY_ONE_COUNTS


def test_every_festival_has_the_name_the_merged_table_gives_it():
    with shared("cn_holidays/cn_holidays_2004_2026.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["name_zh"]]
    ours = calendar.load()

    # 中秋节 inside the week of 国庆节 is named for itself here, for the week there
    both = {"中秋", "国庆"}
    differing = [(row["date"], name) for row in rows
                 if (name := ours.day(date.fromisoformat(row["date"])).name.zh)[:2] != row["name_zh"][:2]
                 and not {name[:2], row["name_zh"][:2]} <= both and name != "抗战胜利纪念日"]
    assert differing == []


def test_the_year_not_announced_is_unknown_not_a_workday():
    assert calendar.load().day(date(2027, 1, 1)).kind == "unknown"
    assert calendar.load().day(date(2027, 3, 2)).kind == "unknown"
