"""Make `files/holidays.csv` from the PyPI package `holidays`: ``python -m geodata.build_holidays``.

That package knows the festivals, the days off in lieu and the make-up working days. The weekend days
between them belong to the holiday too, as the State Council's notices say (1 to 7 October is one
holiday); only where a notice merely joins a holiday to a weekend (与周末连休) they do not, and those
weekends are named here. Where `holidays` stands alone against both chinesecalendar 1.11.0 and
chinese-days 1.5.7 about a day long past, the two are followed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta

from geodata.calendar import FILE

FIRST_YEAR, LAST_YEAR = 2004, 2026
"""2027 has not been announced; for such a year `holidays` silently gives no make-up days."""

JOINED_WEEKENDS = frozenset(map(date.fromisoformat, (
    "2011-06-05", "2014-05-31", "2014-06-01", "2014-09-06", "2014-09-07", "2015-04-04", "2015-05-02",
    "2015-05-03", "2015-06-21", "2015-09-05", "2015-09-26", "2016-01-02", "2016-01-03", "2016-04-02",
    "2016-04-03", "2016-04-30", "2016-12-31", "2017-04-29", "2017-04-30", "2017-12-30", "2017-12-31",
    "2018-06-16", "2018-06-17", "2018-09-22", "2018-09-23", "2024-06-08", "2024-06-09",
)))
OUTVOTED = frozenset((date(2005, 12, 31), date(2012, 6, 23)))
"""A make-up day and a festival on a Saturday that only `holidays` has."""

FESTIVALS = {
    "元旦": "New Year", "春节": "Spring Festival", "清明节": "Tomb-Sweeping Day", "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival", "中秋节": "Mid-Autumn Festival", "国庆节": "National Day", "抗战胜利纪念日": "Victory Day",
}
_DAY = timedelta(days=1)
_IN_LIEU = re.compile(r"(\d{4}-\d\d-\d\d) 调休")


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Return (date, holiday or makeup_workday, Chinese name, English name), by date."""
    import holidays

    china = holidays.country_holidays("CN", years=range(FIRST_YEAR, LAST_YEAR + 1), language="zh_CN")
    worked = {day for day in china.weekend_workdays if FIRST_YEAR <= day.year <= LAST_YEAR} - OUTVOTED
    named = {day: festival for day, name in china.items() if (festival := _festival(name))}
    festival_of: dict[date, str] = {}
    for stretch in _stretches(set(china), worked):
        own = [day for day in stretch if day in named]
        # days without a festival of their own belong to the nearest, but to 国庆节 where it falls together with 中秋节
        long = [day for day in own if named[day] == "国庆节"] or own
        for day in stretch:
            festival_of[day] = named.get(day) or named[min(long or named, key=lambda other, day=day: (abs(other - day), other))]
    in_lieu_of = {date.fromisoformat(found[1]): day for day, name in china.items() if (found := _IN_LIEU.search(name))}
    off = festival_of.keys() - JOINED_WEEKENDS - OUTVOTED
    for day in sorted(off | worked):
        festival = festival_of[in_lieu_of[day] if day in worked else day]
        yield day.isoformat(), "makeup_workday" if day in worked else "holiday", festival, FESTIVALS[festival]


def _festival(name: str) -> str | None:
    """Return the festival of a name of the package; None for a day off in lieu."""
    if "调休" in name:
        return None
    if "抗日战争" in name:
        return "抗战胜利纪念日"
    if "除夕" in name:
        return "春节"
    # where two fall on one day the longer holiday names it
    return next(f for f in ("国庆节", *FESTIVALS) if f in name)


def _stretches(known: set[date], worked: set[date]) -> Iterator[list[date]]:
    """Return the runs of days off that hold a known holiday, weekends included."""
    def is_off(day: date) -> bool:
        return day in known or (day.weekday() >= 5 and day not in worked)

    seen: set[date] = set()
    for day in sorted(known):
        if day in seen:
            continue
        first = last = day
        while is_off(first - _DAY) and (first - _DAY).year >= FIRST_YEAR:
            first -= _DAY
        while is_off(last + _DAY) and (last + _DAY).year <= LAST_YEAR:
            last += _DAY
        stretch = [first + i * _DAY for i in range((last - first).days + 1)]
        seen.update(stretch)
        yield stretch


def text() -> str:
    """Return the whole file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("date", "type", "name_zh", "name_en"))
    writer.writerows(rows())
    return out.getvalue()


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
