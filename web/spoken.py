"""Distances, lengths of time, places in an order and clock times as one says them on the telephone, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from math import ceil

from locator.words import Words

_SMALL_HOURS = 5
_WEEKDAYS = (Words("周一", "Monday"), Words("周二", "Tuesday"), Words("周三", "Wednesday"), Words("周四", "Thursday"),
             Words("周五", "Friday"), Words("周六", "Saturday"), Words("周日", "Sunday"))
Rounded = Callable[[float], int]


def distance(metres: float, rounded: Rounded = round) -> Words:
    """Return metres to the nearest 10 below 1 km, kilometres to a tenth above; `floor` and `ceil` round a range outwards."""
    tens = rounded(metres / 10) * 10
    if tens < 1000:
        return Words(f"{tens} 米", f"{tens} m")
    tenths = rounded(metres / 100) / 10
    return Words(f"{tenths:g} 公里", f"{tenths:g} km")


def duration(minutes: float) -> Words:
    """Return minutes rounded up, 1 at least, as hours and minutes from an hour on."""
    return _long(max(1, ceil(minutes)))


def minutes(minutes: float, rounded: Rounded) -> Words:
    """Return one end of a range of minutes, 1 at least."""
    return _long(max(1, rounded(minutes)))


def _long(whole: int) -> Words:
    if whole < 60:
        return Words(f"{whole} 分钟", f"{whole} min")
    hours, rest = divmod(whole, 60)
    return Words(f"{hours} 小时{f' {rest} 分钟' if rest else ''}", f"{hours} h{f' {rest} min' if rest else ''}")


def between(least: Words, most: Words) -> Words:
    """Return a range; a unit that both ends share is said once, ends that are alike are one."""
    if least == most:
        return about(most)
    zh, en = ((one.rsplit(" ", 1)[0] if one.rsplit(" ", 1)[-1] == other.rsplit(" ", 1)[-1] and one.count(" ") == 1 == other.count(" ") else one)
              for one, other in zip(least, most, strict=True))
    return Words(f" {zh} 到 {most.zh}", f"{en} to {most.en}")


def ordinal(number: int) -> Words:
    """Return a whole number from 1 as a place in an order: 第 2 近 is 2nd nearest."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return Words(f"第 {number} ", f"{number}{ending}")


def clock(moment: datetime, now: datetime) -> Words:
    """Return an instant by the 24-hour clock, with its day where that is not today.

    ================ ================= ====================
    22:00            22 点             at 22:00
    14:30            14 点半           at 14:30
    9:05             9 点 5 分         at 9:05
    0:00, tomorrow   今晚 24 点        at midnight
    0:30, tomorrow   明天凌晨 0 点半   tomorrow at 0:30
    8:30, in 3 days  周三 8 点半       on Wednesday at 8:30
    in a week        3 月 11 日 8 点   on 11 March at 8:00
    ================ ================= ====================
    """
    moment = moment.astimezone(now.tzinfo)
    days, hour, minute = (moment.date() - now.date()).days, moment.hour, moment.minute
    if days == 1 and hour == minute == 0:
        return Words("今晚 24 点", "at midnight")
    part = "凌晨" if hour < _SMALL_HOURS else ""
    said = f"{hour} 点{'' if minute == 0 else '半' if minute == 30 else f' {minute} 分'}"
    day = (Words("", "") if days == 0 else Words("明天", "tomorrow ") if days == 1 else Words("后天", "the day after tomorrow ") if days == 2
           else Words(_WEEKDAYS[moment.weekday()].zh, f"on {_WEEKDAYS[moment.weekday()].en} ") if 2 < days < 7
           else Words(f"{moment.month} 月 {moment.day} 日", f"on {moment.day} {moment:%B} "))
    blank = " " if day.zh + part else ""
    return Words(f"{day.zh}{part}{blank}{said}", f"{day.en}at {hour}:{minute:02d}")


# --- putting together ---------------------------------------------------------------------------------------


def same(text: str) -> Words:
    """Return a text that people wrote, in whatever language."""
    return Words(text, text)


def join(*words: Words) -> Words:
    """Return words one behind the other."""
    return Words("".join(w.zh for w in words), "".join(w.en for w in words))


def about(words: Words) -> Words:
    """Return a measure as one that is not exact."""
    return Words(f"约 {words.zh}", f"about {words.en}")


def clauses(words: Iterable[Words]) -> Words:
    """Return the clauses of one sentence, without its full stop; empty ones are left out."""
    kept = [w for w in words if w.zh]
    return Words("，".join(w.zh for w in kept), ", ".join(w.en for w in kept))


def sentences(words: Iterable[Words]) -> Words:
    """Return sentences with their full stops; empty ones are left out."""
    kept = [w for w in words if w.zh]
    return Words("".join(f"{w.zh}。" for w in kept), " ".join(f"{w.en[:1].upper()}{w.en[1:]}." for w in kept))
