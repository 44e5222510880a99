"""What one value of a request says. Every reader takes the field's name and its text, and raises a `Refusal`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from locator import questions, typed
from locator.errors import BadCoordinate, BadTime, BadValue
from locator.filters import STATES

LONGEST_TEXT = 200
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def text(_field: str, text: str) -> str:
    """Return a text as it is."""
    return text


def short_text(field: str, text: str) -> str:
    """Return a text of at most `LONGEST_TEXT` characters."""
    if len(text) > LONGEST_TEXT:
        raise BadValue(field, text, zh=f"最长 {LONGEST_TEXT} 个字", en=f"at most {LONGEST_TEXT} characters")
    return text


def count(field: str, text: str) -> int:
    """Return a whole number of any sign: whoever asks for it says what is too few or too many."""
    return typed.count(field, text[:LONGEST_TEXT])


def whole(field: str, text: str) -> int:
    """Return a whole number, 0 or more, that JSON can hold."""
    number = count(field, text)
    if not 0 <= number < 1 << 53:
        raise BadValue(field, text, zh="应为 0 或更大的整数", en="must be a whole number, 0 or more")
    return number


def flag(field: str, text: str) -> bool:
    """Return yes or no."""
    said = text.strip().lower()
    if said not in _TRUE + _FALSE:
        raise BadValue(field, text, zh="应为 true 或 false", en="must be true or false")
    return said in _TRUE


def state(field: str, text: str) -> str:
    """Return a state that can be filtered by."""
    return one_of(STATES)(field, text)


def one_of(known: Sequence[str]) -> Callable[[str, str], str]:
    """Return a reader of one of some codes."""
    def read(field: str, text: str) -> str:
        if text not in known:
            raise BadValue(field, text, zh=f"应为 {'、'.join(known)} 之一", en=f"must be one of {', '.join(known)}")
        return text

    return read


def day(field: str, text: str) -> date:
    """Return a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadTime(field, text, zh="没有这一天；应为 2026-10-01 这样的日期", en="no such day; write it like 2026-10-01") from None


def bbox(field: str, text: str) -> tuple[float, float, float, float]:
    """Return west, south, east, north in degrees; a box over the date line is refused."""
    parts = text.split(",")
    if len(parts) != 4:
        raise BadCoordinate(field, text, zh="应为 西,南,东,北 四个度数", en="must be four degrees: west,south,east,north")
    west, south, east, north = (typed.degrees(field, part) for part in parts)
    questions.check_box(field, (west, south, east, north))
    return west, south, east, north
