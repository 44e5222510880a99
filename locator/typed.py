"""What a person typed, as a number or an instant; anything else is refused by field and value."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone

from locator.errors import BadCoordinate, BadCount, BadRadius, BadTime

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China's only clock: no summer time since 1991."""

_DMS = re.compile(
    r"""\s*(?P<sign>[-+−]?)\s*(?P<deg>\d{1,3})\s*[°度]\s*(?:(?P<min>\d{1,2}(?:\.\d+)?)\s*['′’分]\s*)?"""
    r"""(?:(?P<sec>\d{1,2}(?:\.\d+)?)\s*(?:["″”秒]|'')\s*)?\s*(?P<side>[NSEWnsew东西南北]?)\s*""")


def degrees(field: str, text: str) -> float:
    """Return decimal degrees from ``116.397`` or ``116°23′49.2″E``.

    Raises:
        BadCoordinate: If it is neither, or not finite.
    """
    try:
        value = _number(text)
    except ValueError:
        value = _from_dms(text)
    if not math.isfinite(value):
        raise BadCoordinate(field, text, zh="应为十进制度数，例如 116.3972，或度分秒 116°23′50″",
                            en="must be decimal degrees such as 116.3972, or 116°23′50″")
    return value


def _number(text: str) -> float:
    return float(_plain(text))


def _plain(text: str) -> str:
    """Refuse the ``1_000`` of Python's own source: to a person who types it, it is a slip."""
    if "_" in text:
        raise ValueError(text)
    return text


def _from_dms(text: str) -> float:
    match = _DMS.fullmatch(text)
    if match is None:
        return math.nan
    minutes, seconds = float(match["min"] or 0), float(match["sec"] or 0)
    if minutes >= 60 or seconds >= 60:
        return math.nan
    size = int(match["deg"]) + minutes / 60 + seconds / 3600
    return -size if match["sign"] in ("-", "−") or match["side"] in tuple("SWsw西南") else size


def metres(field: str, text: str) -> float:
    """Return metres from a plain number.

    Raises:
        BadRadius: If it is not a number; range is the question's to judge.
    """
    try:
        return _number(text)
    except ValueError:
        raise BadRadius(field, text, zh="应为米数，例如 1000", en="must be metres, for example 1000") from None


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
