"""What one cell says: text, number, degrees, date, code, facilities; a refusal says what would be right.

Every reader takes a raw cell that is not empty and raises a `Refusal` whose field is the record's.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from geodata.headers import words
from geodata.tables import Cell, Point, Unreadable
from locator import typed
from locator.errors import BadCoordinate, BadTime, BadValue, Refusal
from locator.sites import LIMITED, NO, YES
from locator.typed import HALVES, LONGITUDES

CLEAR_WORD: Final = "清空"
"""A cell that says this empties the field; an empty cell changes nothing."""

EXAMPLE: Final = "示例："
"""A row of a spreadsheet whose name begins with this, and which has no id, is an example and no site."""

# A text that a spreadsheet would read as a formula, or intake as an instruction, is written with an
# apostrophe before it; one such apostrophe is taken off again. Texts that merely begin with an
# apostrophe are left alone, so both ways are exact.
_NOTHING = r"(?:[-/／\\—]|——|(?i:n/a|null))\Z"
_SAYS_NOTHING, _LONGEST_NOTHING = re.compile(_NOTHING), 4
_FORMULA = re.compile(rf"'*(?:[=+\-@\t\r\n]|清空\Z|{_NOTHING})")
_INSTRUCTION = re.compile(rf"'*(?:清空\Z|{_NOTHING})")
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:e[+-]?\d+)?|[+-]?\.\d+")
_UNITS = re.compile(r"(?:m2|㎡|m²|平方米|平米|平|人|名|个|座|米|m|sqm)\Z", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T ]\d{1,2}:\d{2}.*)?|(\d{4})(\d{2})(\d{2})")
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 79_999
"""Days of 1954 to 2119 in the count of Excel and WPS, which begins so that 1 March 1900 is day 61."""
_SERIAL_BEGIN: Final = date(1899, 12, 30)
_MONTH_DAY = re.compile(r"(?:\d{4}\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_SPLIT = re.compile(r"[|、,，;；\n]+")
_NAMED, _NAMED_LAST = re.compile(rf"\s*({HALVES})", re.IGNORECASE), re.compile(rf"({HALVES})\s*\Z", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_WKT = re.compile(r"(?:SRID=\d+;)?POINT\s*Z?\s*\(\s*([-\d.]+)\s+([-\d.]+)(?:\s+[-\d.]+)?\s*\)", re.IGNORECASE)
_TOGETHER = (re.compile(r"([^NSEW]+[NSEW])\s*(\d[^NSEW]*[NSEW])", re.IGNORECASE),
             re.compile(r"((?:[NSEW]|[东西]经|[南北]纬|[经纬]度)[^NSEW东西南北经纬]+)\s*((?:[NSEW]|[东西]经|[南北]纬|[经纬]度).+)", re.IGNORECASE))
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")


def escaped(text: str, *, spreadsheet: bool) -> str:
    """Return a text as it is written into a file, so that no reader takes it for more than text."""
    return "'" + text if (_FORMULA if spreadsheet else _INSTRUCTION).match(text) else text


def unescaped(text: str, *, spreadsheet: bool) -> str:
    """Undo `escaped`, and nothing else."""
    if text.startswith("'") and (_FORMULA if spreadsheet else _INSTRUCTION).match(text, 1):
        return text[1:]
    return text


def says_nothing(text: str) -> bool:
    """Whether a text is what people put into a cell that has nothing to say: ``/``, ``-``, ``—``, ``N/A``, ``null``."""
    return len(text) <= _LONGEST_NOTHING and _SAYS_NOTHING.match(text) is not None


def clean(text: str) -> str:
    """Return a text without control characters and the invisible ones that reorder or hide text.

    Every line break becomes one line feed; blanks at the ends go. What was taken out shows as a shorter text.
    """
    if _CONTROL.search(text) is None:
        return text.strip()
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def shown(cell: Cell) -> str:
    """Return a cell's text as its reader would see it; a whole number has no decimal point."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if math.isfinite(cell) and float(cell).is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Point | Unreadable):
        return str(cell)
    return "" if cell is None else json.dumps(cell, ensure_ascii=False, default=str)


def number(field: str, cell: Cell, *, least: float = 0.0) -> float:
    """Return a finite number of at least `least`; a unit behind it is passed over: ``50㎡``."""
    value: float | None = None
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        value = _as_float(cell)
    else:
        text = unicodedata.normalize("NFKC", shown(cell)).strip().lower()
        bare = _UNITS.sub("", text).strip()
        if _NUMBER.fullmatch(bare):
            value = float(bare.replace(",", ""))
    if value is None or not math.isfinite(value):
        raise BadValue(field, shown(cell), zh="应为一个数", en="must be a number")
    if value < least:
        raise BadValue(field, shown(cell), zh=f"应不小于 {least:g}", en=f"must be at least {least:g}")
    return value


def degrees(field: str, cell: Cell) -> float:
    """Return the degrees of a number, or of a text as `locator.typed.degrees` reads it."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _as_float(cell)
    return typed.degrees(field, shown(cell).strip())


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # a whole number of some hundred digits
        return math.inf


def bare_degrees(text: str) -> float | None:
    """Return the degrees of a text that does not say which half it is; None for any other."""
    try:
        return degrees("lon", text) if _half_of(text) is None else None
    except Refusal:
        return None


def pair(cell: Cell, *, latitude_first: bool = False) -> tuple[Cell, Cell]:
    """Split one cell of both coordinates, and return the longitude first.

    Halves that say which they are (``39°54′N 116°23′E``, ``纬度:39.9,经度:116.4``) go before `latitude_first`;
    of ``lon,lat,height`` the height is left; ``POINT(116.4 39.9)`` is longitude first whatever the rest is.
    """
    if isinstance(cell, Point):
        return (cell.lat, cell.lon) if latitude_first else (cell.lon, cell.lat)  # type: ignore[return-value]
    text = shown(cell).strip()
    if found := _WKT.fullmatch(text):
        return found[1], found[2]
    halves = _halves(text.strip("[]()（）{}").strip())
    if halves is None:
        raise BadCoordinate("coordinates", text[:60], zh="应为“经度,纬度”，如 116.397,39.908", en='must be "lon,lat", such as 116.397,39.908')
    first, second = halves
    named = (_half_of(first), _half_of(second))
    if named in ((False, True), (False, None), (None, True)):
        return second, first
    return (second, first) if latitude_first and named == (None, None) else (first, second)


def _halves(text: str) -> tuple[str, str] | None:
    """Cut a text of two coordinates in two."""
    parts = [part.strip() for part in re.split(r"[,，;；/、|\n]", text) if part.strip()]
    if len(parts) == 3 and all(_PLAIN_NUMBER.fullmatch(part) for part in parts):
        parts = parts[:2]
    if len(parts) == 1:
        parts = next(([found[1], found[2]] for pattern in _TOGETHER if (found := pattern.fullmatch(text))), text.split())
        if len(parts) in (4, 6, 8):
            middle = len(parts) // 2
            parts = [" ".join(parts[:middle]), " ".join(parts[middle:])]
    return (parts[0], parts[1]) if len(parts) == 2 else None


def _half_of(text: str) -> bool | None:
    """Whether a coordinate says that it is a longitude (True) or a latitude (False); None when it does not say."""
    found = _NAMED.match(text) or _NAMED_LAST.search(text)
    return None if found is None else found[1].upper() in LONGITUDES


def day(field: str, cell: Cell) -> date:
    """Return a date: ``2024-05-01``, ``2024/5/1``, ``2024年5月1日``, ``20240501`` or a spreadsheet's own.

    A number of a spreadsheet's own count is the day that it shows as that number when its cell is no date;
    a part of a day, which is its hour, is dropped.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and _FIRST_SERIAL <= cell < _LAST_SERIAL + 1:
        return _SERIAL_BEGIN + timedelta(days=int(cell))
    text = unicodedata.normalize("NFKC", shown(cell)).strip()
    found = _DATE.fullmatch(text)
    if found:
        try:
            return date(*(int(part) for part in (found.groups()[:3] if found[1] else found.groups()[3:])))
        except ValueError:
            raise BadTime(field, text, zh="没有这一天", en="there is no such day") from None
    raise BadTime(field, text, zh="应为日期，如 2024-05-01", en="must be a date, such as 2024-05-01")


def month_day(field: str, cell: Cell) -> str:
    """Return a day of every year as MM-DD: ``11-15``, ``11月15日``, or a date, whose year is dropped."""
    if isinstance(cell, date):
        return f"{cell.month:02}-{cell.day:02}"
    text = unicodedata.normalize("NFKC", shown(cell)).strip()
    found = _MONTH_DAY.fullmatch(text)
    if found:
        try:
            return date(2000, int(found[1]), int(found[2])).strftime("%m-%d")  # a leap year
        except ValueError:
            raise BadTime(field, text, zh="没有这一天", en="there is no such day") from None
    raise BadTime(field, text, zh="应为月-日，如 11-15", en="must be month and day, such as 11-15")


def truth(field: str, cell: Cell) -> bool:
    """Return yes or no as a bool."""
    said = cell if isinstance(cell, bool) else answer(shown(cell))
    if said is True or said == YES:
        return True
    if said is False or said == NO:
        return False
    raise BadValue(field, shown(cell), zh="应为 是 或 否", en="must be yes or no")


def answer(said: str) -> str | None:
    """Return yes, no or limited for what people write in a facility's own column; None if it is none of these."""
    return _answers().get(unicodedata.normalize("NFKC", said).strip().casefold())


def texts(cell: Cell) -> tuple[str, ...]:
    """Return a list of texts: JSON, or separated by ``|``, ``、``, commas or semicolons."""
    given = json_of(cell) if isinstance(cell, str) and cell.startswith("[") else cell
    if not isinstance(given, list):
        given = _SPLIT.split(shown(cell))
    return tuple(dict.fromkeys(t for t in (clean(str(g)) for g in given) if t))


def mapping(field: str, cell: Cell) -> dict[str, str]:
    """Return a small map of texts: an object, JSON, or ``hours=stated;facilities=inferred``."""
    given = cell
    if isinstance(cell, str) and cell.startswith("{"):
        given = json_of(cell) or cell
    if isinstance(given, Mapping):
        return {str(k): str(v) for k, v in given.items()}
    found = {}
    for part in _SPLIT.split(shown(given)):
        if part.strip():
            key, mark, value = (p.strip() for p in part.partition("="))
            if not mark:
                raise BadValue(field, shown(cell), zh="应为 hours=stated;facilities=inferred 这样的写法",
                               en="must be written as hours=stated;facilities=inferred")
            found[key] = value
    return found


def listed(field: str, cell: Cell) -> list[object]:
    """Return a JSON list."""
    given = json_of(cell) if isinstance(cell, str) else cell
    if not isinstance(given, Sequence) or isinstance(given, str | tuple):
        raise BadValue(field, shown(cell), zh='应为 JSON 列表，如 [["Mo-Fr 09:00-17:00", "staffed"]]',
                       en='must be a JSON list, such as [["Mo-Fr 09:00-17:00", "staffed"]]')
    return list(given)


def not_a_value(field: str, cell: Unreadable) -> Refusal:
    """Return the refusal of a cell that holds no usable value."""
    return BadValue(field, cell.shown, zh=cell.words.zh, en=cell.words.en)


def json_of(text: str) -> Cell:
    """Return what a text says in JSON; None where it is none, or null."""
    try:
        read: Cell = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return read


@lru_cache(maxsize=1)
def _answers() -> Mapping[str, str]:
    return {said.casefold(): level for level in (YES, NO, LIMITED) for said in words()["answers"][level]}
