"""Read the shipped table of public holidays and make-up working days, and say how long it still lasts."""

from __future__ import annotations

import csv
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from locator.calendar import Calendar
from locator.errors import BadFile, BadValue, Refusal
from locator.words import Words

FILE = Path(__file__).with_name("files") / "holidays.csv"
ANNOUNCED_FROM_MONTH = 11
"""The State Council announces the next year's holidays in October to December, mostly in November."""


class Outlook(NamedTuple):
    """How long a calendar still lasts."""

    last: date
    days_left: int
    """Negative once the table has ended."""
    is_due: bool
    """Whether the next year's holidays may be announced already and the table wants renewing."""
    words: Words


def load(path: Path | None = None) -> Calendar:
    """Return the calendar of a table: columns date, type, name_zh, name_en; the shipped one by default.

    Raises:
        BadFile: If the file cannot be read, a column is missing, or a row is wrong (with its line).
    """
    return _load(FILE if path is None else Path(path))


@lru_cache(maxsize=4)
def _load(path: Path) -> Calendar:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile("file", path.name, zh="无法读取节假日表", en="the table of holidays cannot be read") from error
    reader = csv.DictReader(lines)
    missing = {"date", "type", "name_zh", "name_en"} - set(reader.fieldnames or ())
    if missing:
        raise BadFile("file", path.name, zh=f"缺少列：{'、'.join(sorted(missing))}", en=f"columns missing: {', '.join(sorted(missing))}")
    rows = []
    for row in reader:
        try:
            day = date.fromisoformat(row["date"])
        except (TypeError, ValueError):
            raise BadValue("date", row["date"], zh="应为日期，如 2026-10-01", en="must be a date such as 2026-10-01",
                           at=f"{path.name}:{reader.line_num}") from None
        rows.append((day, row["type"], Words(row["name_zh"], row["name_en"])))
    try:
        return Calendar(rows)
    except Refusal as refusal:
        raise refusal.placed(path.name) from None


def check(calendar: Calendar, today: date) -> Outlook:
    """Return until when the calendar speaks, seen from `today`, in words for a person."""
    last = calendar.last
    left = (last - today).days
    if left < 0:
        return Outlook(last, left, True, Words(
            f"节假日表已于 {last} 到期：此后凡与节假日有关的开放状态均为“不详”。请更新 holidays.csv",
            f"the table of holidays ended on {last}: from then on every state that depends on it is unknown; renew holidays.csv"))
    due = last.year == today.year and today.month >= ANNOUNCED_FROM_MONTH
    if due:
        return Outlook(last, left, True, Words(
            f"节假日表有效至 {last}，还有 {left} 天；{last.year + 1} 年放假安排通常在此时公布，请更新",
            f"the table of holidays lasts until {last}, {left} more days; the holidays of {last.year + 1} are usually announced by now: renew it"))
    return Outlook(last, left, False, Words(f"节假日表有效至 {last}，还有 {left} 天",
                                            f"the table of holidays lasts until {last}, {left} more days"))
