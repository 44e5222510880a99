"""Translate opening hours written in Chinese into OSM grammar, where they can mean only one thing.

``周一至周五 08:30-12:00,13:00-17:30`` is ``Mo-Fr 08:30-12:00,13:00-17:30``. The text is cut into words
for days, times and closing; a word that is not known makes the whole text untranslatable, and so does
any reading that would have to be guessed (8点到5点; 节假日 where it may or may not mean weekends).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from locator.errors import BadHours
from locator.expressions import check_expression

LONGEST = 300
"""Characters of a text that are looked at; hours are short."""

_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5}
_NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMERALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "十一": 11, "十二": 12}
_DAY = 1440

_WEEK = "(?:周|星期|礼拜)"
_TO = "(?:-|至|到)"
_PART = "凌晨|清晨|早上|早晨|早|上午|中午|正午|下午|午后|傍晚|晚上|晚间|晚|夜间|夜里"
_HOUR = r"\d{1,2}|十[一二]?|[一二两三四五六七八九]"
_POINT = rf"(?:次日|翌日|第二天)?(?:{_PART})?(?:次日)?(?:(?:\d{{1,2}}:\d\d)|(?:{_HOUR})[点时](?:半|整|一刻|三刻|\d{{1,2}}分?)?|24:00)"
_RANGE = rf"(?:从)?({_POINT}){_TO}({_POINT})"
_MONTH_DAY = r"\d{1,2}月(?:份|\d{1,2}[日号])?"


class _Ambiguous(Exception):
    """Ends the translation: this may mean two things, or nothing known."""


@dataclass
class _Clause:
    """Days with their times, or their closing."""

    months: str = ""
    days: list[str] = field(default_factory=list)
    times: list[tuple[int, int]] = field(default_factory=list)
    closed: bool = False
    workday: bool = False
    vague_holiday: bool = False

    @property
    def says(self) -> bool:
        return self.closed or bool(self.times)


def translate(text: str) -> str | None:
    """Return the OSM expression for hours written in Chinese (or already in OSM grammar), in normal form.

    None where the text says more than is understood, or could be read in two ways: never a guess.
    工作日 excludes public holidays, so it adds ``PH off``; days of which only the closing is stated
    (周一闭馆) leave the others unknown.
    """
    if len(text) > LONGEST:
        return None
    try:
        return check_expression(text)
    except BadHours:
        pass
    try:
        expression = _written(_clauses(_plain(text)))
        return check_expression(expression)
    except (_Ambiguous, BadHours):
        return None


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[‐‑‒–—―−~〜∼]+|-{2,}", "-", text)
    text = re.sub(r"(?<=\d)[.](?=\d\d(?!\d))", ":", text)
    text = re.sub(r"\s*(-|至|到)\s*", r"\1", text)
    return re.sub(r"\s*:\s*", ":", text).strip()


_WORDS: list[tuple[re.Pattern[str], Callable[[_Reader, re.Match[str]], None]]] = []


class _Reader:
    """Collects clauses from words."""

    def __init__(self) -> None:
        self.clauses: list[_Clause] = [_Clause()]

    @property
    def now(self) -> _Clause:
        return self.clauses[-1]

    def new(self) -> _Clause:
        self.clauses.append(_Clause())
        return self.now

    def add_days(self, days: list[str]) -> None:
        clause = self.new() if self.now.says else self.now
        clause.days.extend(days)


def _clauses(text: str) -> list[_Clause]:
    reader, at = _Reader(), 0
    while at < len(text):
        for pattern, act in _WORDS:
            match = pattern.match(text, at)
            if match and match.end() > at:
                act(reader, match)
                at = match.end()
                break
        else:
            raise _Ambiguous
    clauses = [c for c in reader.clauses if c.says or c.days or c.months]
    if len(clauses) == 2 and clauses[0].times and not clauses[0].days and not clauses[1].says and clauses[1].days:
        # 8:30-17:30（周一至周五）
        return [_Clause(clauses[0].months or clauses[1].months, clauses[1].days, clauses[0].times,
                        workday=clauses[1].workday, vague_holiday=clauses[1].vague_holiday)]
    if not clauses or not all(c.says for c in clauses):
        raise _Ambiguous
    return clauses


def _written(clauses: list[_Clause]) -> str:
    covered = {day for c in clauses for day in c.days}
    weekend_told = not any(c.times and c.days for c in clauses) or bool(
        covered & {"Sa", "Su", "Mo-Su", "Tu-Su", "Mo-Sa", "We-Su"})
    rules: list[str] = []
    closings: list[str] = []
    overnight = False
    for clause in clauses:
        if clause.vague_holiday and not clause.closed and not weekend_told:
            raise _Ambiguous  # 节假日 may mean public holidays, or weekends too
        for (_, end), (start, _) in zip(clause.times, clause.times[1:], strict=False):
            if start < end:
                raise _Ambiguous
        times = "off" if clause.closed else ",".join(f"{_clock(a)}-{_clock(b)}" for a, b in clause.times)
        rule = " ".join(filter(None, (clause.months, ",".join(dict.fromkeys(clause.days)), times)))
        # what runs over midnight must not be cut short by the next rule: a comma adds, a semicolon replaces
        if rule.endswith("PH off"):
            closings.append("; " + rule)  # last, or the rules behind it would open again
            continue
        rules.append((", " if overnight and not clause.closed else "; ") + rule)
        overnight = overnight or any(end > _DAY for _, end in clause.times)
    if not any(c.times for c in clauses):
        rules.insert(0, "unknown")
    if "PH" not in covered and any(c.workday for c in clauses):
        only = all(c.workday or c.closed for c in clauses)
        # a holiday is no working day; where other days have hours of their own it may be like them
        closings.append("; PH off" if only else "; PH unknown")
    expression = "".join(rules + closings).lstrip(";, ")
    return re.sub(r"^(?:Mo-Su )?00:00-24:00(?=;|$)", "24/7", expression)


def _clock(minute: int) -> str:
    minute = minute if minute <= _DAY else minute - _DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _word(pattern: str) -> Callable[[Callable[[_Reader, re.Match[str]], None]], Callable[[_Reader, re.Match[str]], None]]:
    def keep(act: Callable[[_Reader, re.Match[str]], None]) -> Callable[[_Reader, re.Match[str]], None]:
        _WORDS.append((re.compile(pattern), act))
        return act
    return keep


@_word(r"(?:营业|开放|服务|工作|上班|办公|办理|接待|开馆)时间(?:为|是)?:?|[\s,;、。()\[\]/及和与·]+|均?(?:为|是)(?=\d)|"
       r"(?:对外)?(?:开放|营业|服务|办公|开门|上班|接待)(?!日)|(?:午间|中午|中途)?(?:不午休|不休息|不打烊|连续服务)|"
       r"无午休|午间不休|全年无休|无休|(?<!\d):")
def _ignored(_: _Reader, __: re.Match[str]) -> None:
    pass


@_word(rf"(?:午休|中午休息|午间休息)(?:时间)?[:,]?\s*{_RANGE}|{_RANGE}(?:为)?(?:午休|中午休息|午间休息)")
def _lunch(reader: _Reader, match: re.Match[str]) -> None:
    start, end = _range(*[g for g in match.groups() if g])
    clause = reader.now
    inside = [(a, b) for a, b in clause.times if a < start and end < b]
    if len(inside) != 1:
        raise _Ambiguous
    at = clause.times.index(inside[0])
    clause.times[at:at + 1] = [(inside[0][0], start), (end, inside[0][1])]


@_word(_RANGE)
def _times(reader: _Reader, match: re.Match[str]) -> None:
    clause = reader.new() if reader.now.closed else reader.now
    clause.times.append(_range(match[1], match[2]))


@_word(rf"[早朝]({_HOUR}){_TO}?晚({_HOUR})(?![点时:\d])")
def _nine_to_five(reader: _Reader, match: re.Match[str]) -> None:
    clause = reader.new() if reader.now.closed else reader.now
    clause.times.append(_range(f"早{match[1]}点", f"晚{match[2]}点"))


@_word(r"(?:全天候?|全日)?(?:(?:7|七)[x×*天]\s*)?(?:24|二十四)\s*(?:小时|hours?\b|hrs?\b|[hH]\b)|全天候?|全日")
def _all_day(reader: _Reader, _: re.Match[str]) -> None:
    clause = reader.new() if reader.now.closed else reader.now
    if clause.times and clause.times != [(0, _DAY)]:
        raise _Ambiguous
    clause.times = [(0, _DAY)]


@_word(rf"({_MONTH_DAY}){_TO}(?:次年|翌年)?({_MONTH_DAY})")
def _season(reader: _Reader, match: re.Match[str]) -> None:
    clause = reader.new() if reader.now.says or reader.now.days else reader.now
    if clause.months:
        raise _Ambiguous
    parts = []
    for text in match.groups():
        month, day = re.match(r"(\d+)月(?:份|(\d+)[日号])?", text).groups()  # type: ignore[union-attr]
        if not 1 <= int(month) <= 12:
            raise _Ambiguous
        parts.append(_MONTHS[int(month) - 1] + (f" {int(day)}" if day else ""))
    if (" " in parts[0]) != (" " in parts[1]):
        raise _Ambiguous
    clause.months = "-".join(parts)


@_word(rf"(?:每)?{_WEEK}([一二三四五六日天]){_TO}{_WEEK}?([一二三四五六日天])")
def _days_to(reader: _Reader, match: re.Match[str]) -> None:
    first, last = _WEEKDAYS[match[1]], _WEEKDAYS[match[2]]
    if last < first:
        raise _Ambiguous
    reader.add_days([f"{_NAMES[first]}-{_NAMES[last]}"])


@_word(rf"(?:每)?(?:{_WEEK}末|双休日)")
def _weekend(reader: _Reader, _: re.Match[str]) -> None:
    reader.add_days(["Sa", "Su"])


@_word(rf"(?:每个?|逢)?{_WEEK}([一二三四五六日天](?:[、,]?[一二三四五六日天])*)(?![点时月])")
def _days(reader: _Reader, match: re.Match[str]) -> None:
    reader.add_days([_NAMES[_WEEKDAYS[c]] for c in match[1] if c in _WEEKDAYS])


@_word(r"每[天日]|天天|全周|一周七天|周一至周日全天|全年")
def _every_day(reader: _Reader, _: re.Match[str]) -> None:
    reader.add_days(["Mo-Su"])


@_word("(?:法定|国家法定)?工作日")
def _workdays(reader: _Reader, _: re.Match[str]) -> None:
    reader.add_days(["Mo-Fr"])
    reader.now.workday = True


@_word("(?:法定)?节假日(?:照常|正常|不休|无休)(?:营业|开放|服务|上班)?")
def _as_usual(reader: _Reader, _: re.Match[str]) -> None:
    # only where every day is told anyway does "as usual" say which hours
    if any(set(c.days) - {"Mo-Su"} or c.workday for c in reader.clauses if not c.closed):
        raise _Ambiguous


@_word("除(?:国家)?(?:法定)?节假日外")
def _all_but(reader: _Reader, _: re.Match[str]) -> None:
    reader.clauses.insert(0, _Clause(days=["PH"], closed=True))


@_word("(?:国家)?法定(?:节?假日|假期|节日)|公共假日|公众假期")
def _holidays(reader: _Reader, _: re.Match[str]) -> None:
    reader.add_days(["PH"])


@_word("节假日")
def _vague_holidays(reader: _Reader, _: re.Match[str]) -> None:
    reader.add_days(["PH"])
    reader.now.vague_holiday = True


@_word("除外")
def _except(reader: _Reader, _: re.Match[str]) -> None:
    before = reader.clauses[-2:-1]
    # 周一闭馆（法定节假日除外）excepts from the closing, not from the hours
    if not reader.now.days or reader.now.says or not before or not before[0].times:
        raise _Ambiguous
    reader.now.closed = True


@_word("休息|闭馆|闭园|不开放|不营业|不办公|不上班|关闭|停业|公休|放假|休馆|关门|不对外开放|不开门?(?!放)")
def _closing(reader: _Reader, _: re.Match[str]) -> None:
    if not reader.now.days or reader.now.says:
        raise _Ambiguous
    reader.now.closed = True


_POINT_PARTS = re.compile(rf"(次日|翌日|第二天)?({_PART})?(次日)?(?:(\d{{1,2}}):(\d\d)|({_HOUR})[点时](半|整|一刻|三刻|\d{{1,2}}分?)?)")
_MORNING = ("凌晨", "清晨", "早上", "早晨", "早", "上午")
_LATE = ("下午", "午后", "傍晚", "晚上", "晚间", "晚", "夜间", "夜里")


def _range(first: str, last: str) -> tuple[int, int]:
    """Return (start, end) minutes; end beyond 1440 runs over midnight."""
    start, part, _ = _point(first)
    end, end_part, next_day = _point(last)
    start = _placed(start, part)
    if end_part is None and not next_day and part is not None and end <= start:
        # 下午2点到5点: the second hour is of the same half of the day
        later = end + _DAY // 2
        if part in (*_LATE, "中午", "正午") and start < later <= _DAY:
            return start, later
    end = _placed(end, end_part)
    if next_day:
        return start, end + _DAY
    if end > start:
        return start, end
    if end_part == "凌晨" or (start >= 16 * 60 and end <= 8 * 60 and end_part not in _LATE):
        return start, end + _DAY
    raise _Ambiguous  # 8点到5点: until five in the morning, or in the afternoon?


def _point(text: str) -> tuple[int, str | None, bool]:
    match = _POINT_PARTS.fullmatch(text)
    if match is None:
        raise _Ambiguous
    next_day, part, next_day_again, hour, minutes, spoken_hour, rest = match.groups()
    h = int(hour) if hour else _NUMERALS.get(spoken_hour) or int(spoken_hour if spoken_hour.isdigit() else -1)
    spoken = {"半": 30, "整": 0, "一刻": 15, "三刻": 45, None: 0}
    m = int(minutes) if minutes else spoken[rest] if rest in spoken else int(rest.rstrip("分"))
    if not 0 <= h <= 24 or m > 59 or h * 60 + m > _DAY:
        raise _Ambiguous
    return h * 60 + m, part, bool(next_day or next_day_again)


def _placed(minute: int, part: str | None) -> int:
    """Return the minute of the day of an hour said with a part of the day."""
    half = _DAY // 2
    if part in _MORNING and minute > half + 59:
        raise _Ambiguous
    if part in _LATE:
        if part in ("晚上", "晚间", "晚", "夜间", "夜里") and half <= minute < half + 60:
            return minute + half if minute == half else minute - half  # 晚上12点 is midnight
        if minute < half:
            if part in ("晚上", "晚间", "晚", "夜间", "夜里") and minute < 5 * 60:
                raise _Ambiguous  # 晚上2点: in the night, so after midnight
            return minute + half
    if part in ("中午", "正午") and minute < 6 * 60:
        return minute + half
    return minute
