"""What a person typed, as a number or an instant; anything else is refused by field and value."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from locator.errors import BadCoordinate, BadCount, BadRadius, BadTime, Refusal

Result = TypeVar("Result")

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China's only clock: no summer time since 1991."""

HALVES = r"东经|西经|北纬|南纬|经度|纬度|longitude|latitude|lon|lng|lat|[NSEW]"
"""Matches what people write before or behind a coordinate to say which half of a pair it is, in any case."""
LONGITUDES = ("E", "W", "东经", "西经", "经度", "LONGITUDE", "LON", "LNG", "东", "西")
"""Those of a longitude, in capitals."""
_SECONDS = r"\"|″|”|“|''|′′|’’|´´|``|秒"
_DEGREES = re.compile(
    rf"(?P<before>{HALVES})?\s*[:：]?\s*(?P<sign>[-+−])?\s*(?P<d>\d{{1,3}}(?:\.\d+)?)\s*(?:[°度˚º]\s*"
    r"(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*['′’‘´`分]\s*"
    rf"(?:(?P<s>\d{{1,2}}(?:\.\d+)?)\s*(?:{_SECONDS})?\s*)?)?)?"
    rf"(?P<after>{HALVES}|[东西南北])?", re.IGNORECASE)
_DASHED = re.compile(
    rf"(?P<before>{HALVES})?\s*(?P<sign>)(?P<d>\d{{1,3}})\s*[-:：\s]\s*(?P<m>\d{{1,2}}(?:\.\d+)?)"
    r"(?:\s*[-:：\s]\s*(?P<s>\d{1,2}(?:\.\d+)?))?\s*"
    rf"(?P<after>{HALVES})?", re.IGNORECASE)
_WIDE = {ord(wide): plain for wide, plain in zip("０１２３４５６７８９．－，", "0123456789.-,", strict=True)}


def degrees(field: str, text: str) -> float:
    """Return finite degrees: decimal, or degrees, minutes and seconds (``116°23′50″E``, ``北纬39度54分``).

    The half named (E, 北纬, ...) must fit a field whose name ends in ``lon`` or ``lat``.

    Raises:
        BadCoordinate: If it is neither, not finite, or of the other half.
    """
    try:
        value = _number(text)
    except ValueError:
        value = _sexagesimal(field, text)
    if not math.isfinite(value):
        one, other = _examples(field)
        raise BadCoordinate(field, text, zh=f"应为有限的度数，如 {one} 或 {other}", en=f"must be finite degrees, such as {one} or {other}")
    return value


def _examples(field: str) -> tuple[str, str]:
    return ("39.908", "39°54′29″") if field.endswith("lat") else ("116.397", "116°23′50″")


def _sexagesimal(field: str, text: str) -> float:
    """Return degrees, minutes and seconds as degrees; NaN for anything else."""
    plain = unicodedata.normalize("NFC", text).strip().translate(_WIDE)
    found = _DEGREES.fullmatch(plain) or _DASHED.fullmatch(plain)
    if found is None:
        return math.nan
    half = (found["before"] or found["after"] or "").upper()
    if half and field.endswith(("lon", "lat")) and (half in LONGITUDES) != field.endswith("lon"):
        raise BadCoordinate(field, text, zh="这是另一轴的度数；经纬度可能写反了", en="these are degrees of the other axis; the pair looks swapped")
    whole, minutes, seconds = float(found["d"]), float(found["m"] or 0), float(found["s"] or 0)
    if minutes >= 60 or seconds >= 60 or (found["m"] and not whole.is_integer()) or (found["s"] and not minutes.is_integer()):
        example = _examples(field)[1]
        raise BadCoordinate(field, text, zh=f"度分秒写法有误，应如 {example}", en=f"is not degrees, minutes and seconds, such as {example}")
    value = whole + minutes / 60 + seconds / 3600
    return -value if found["sign"] in ("-", "−") or half in ("W", "S", "西经", "南纬", "西", "南") else value


def _number(text: str) -> float:
    return float(_plain(text))


def _plain(text: str) -> str:
    """Refuse the ``1_000`` of Python's own source: to a person who types it, it is a slip."""
    if "_" in text:
        raise ValueError(text)
    return text


def quoted(said: Mapping[str, str | None], judge: Callable[[], Result]) -> Result:
    """Return what a judge returns; where it refuses a field that somebody typed, the refusal quotes what was typed, not what that reads as."""
    try:
        return judge()
    except Refusal as refusal:
        text = said.get(refusal.field)
        if text is None:
            raise
        raise type(refusal)(refusal.field, text, zh=refusal.words.zh, en=refusal.words.en, at=refusal.at) from None


def metres(field: str, text: str) -> float:
    """Return metres from a plain number.

    Raises:
        BadRadius: If it is not a number; range is the question's to judge.
    """
    return _measure(field, text, "应为米数，例如 1000", "must be metres, for example 1000")


def minutes(field: str, text: str) -> float:
    """Return minutes from a plain number.

    Raises:
        BadRadius: If it is not a number; range is the question's to judge.
    """
    return _measure(field, text, "应为分钟数，例如 15", "must be minutes, for example 15")


def _measure(field: str, text: str, zh: str, en: str) -> float:
    try:
        return _number(text)
    except ValueError:
        raise BadRadius(field, text, zh=zh, en=en) from None


def count(field: str, text: str) -> int:
    """Return a whole number.

    Raises:
        BadCount: If it is not one; range is the question's to judge.
    """
    try:
        return int(_plain(text))
    except ValueError:
        raise BadCount(field, text, zh="应为整数，例如 10", en="must be a whole number, for example 10") from None


def moment(field: str, text: str) -> datetime:
    """Return an instant from ISO 8601; without an offset it is on Beijing's clock.

    A blank between date and time, and a date alone (its midnight), are accepted. A ``+`` that a query
    string turned into a blank is read as the ``+`` it was.

    Raises:
        BadTime: If the time does not exist or cannot be read.
    """
    said = re.sub(r" (\d\d:?\d\d)$", r"+\1", text.strip()) if "T" in text else text.strip()
    try:
        instant = datetime.fromisoformat(said)
    except ValueError:
        raise BadTime(field, text, zh="没有这个时刻；应为 2026-10-01T22:30 这样的时间（不写时区即北京时间）",
                      en="no such time; write it like 2026-10-01T22:30 (Beijing time unless an offset is given)") from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=BEIJING)
    if not 1970 < instant.year < 9999:
        raise BadTime(field, text, zh="年份应在 1971 到 9998 之间", en="the year must be within 1971 to 9998")
    return instant
