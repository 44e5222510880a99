"""What a worker says of a site, read: every field it may have, and what is wrong with any other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from locator import typed
from locator.errors import BadTime, BadValue, Refusal
from locator.quality import TYPES
from locator.vocabulary import Vocabulary

if TYPE_CHECKING:
    from geodata.photos import Photo

LONGEST_NOTE = 500
OLDEST = timedelta(days=7)
"""A report may come so long after what it tells of: a phone was without a network."""
CLOCKS_DIFFER = timedelta(minutes=10)
"""A phone's clock may be so far ahead; what it says of the future is taken for now."""
SAID = ("type", "facility", "rating", "note", "at", "seconds_ago", "token", "key")
_RANDOM = re.compile(r"[A-Za-z0-9_-]{16,64}")
_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class NewReport:
    """One report, read and found good."""

    type: str
    at: datetime
    facility: str | None = None
    rating: int | None = None
    note: str | None = None
    token: str | None = None
    """What the phone made up for itself; never kept as it is."""
    key: str | None = None
    """What the phone made up for this report: a retry is the same one, and it can be taken back by it."""
    photo: Photo | None = field(default=None, repr=False)
    """Read by `photos.read`: it is no field that can be said."""


def read(said: Mapping[str, Any], vocabulary: Vocabulary, now: datetime) -> tuple[NewReport | None, list[Refusal]]:
    """Return the report that some fields make, or else everything that is wrong with them.

    Texts and JSON's own values both do; a blank one is absent.

    Args:
        said: By name, of `SAID`.
        vocabulary: Facilities by code or name.
        now: The present: `at` if nothing is said of it. A phone, whose clock may be wrong, says how long ago instead, if at all.
    """
    refusals: list[Refusal] = [BadValue(name, None, zh=f"没有这个字段；可用：{'、'.join(SAID)}", en=f"no such field; known: {', '.join(SAID)}")
                               for name in said if name not in SAID]
    given = {name: value.strip() if isinstance(value, str) else value for name, value in said.items()}
    given = {name: value for name, value in given.items() if value not in (None, "")}

    def one(name: str, reader: Any) -> Any:
        if name not in given:
            return None
        try:
            return reader(name, given[name])
        except Refusal as refusal:
            refusals.append(refusal)
            return None

    kind = one("type", _type)
    if "type" not in given:
        refusals.append(BadValue("type", None, zh=f"缺少；应为 {'、'.join(TYPES)} 之一", en=f"is missing; one of {', '.join(TYPES)}"))
    facility = one("facility", lambda name, value: vocabulary.code(name, _text(name, value)))
    rating, note = one("rating", _rating), one("note", _note)
    at = one("at", lambda name, value: _at(name, value, now)) or one("seconds_ago", lambda name, value: _ago(name, value, now)) or now
    if "at" in given and "seconds_ago" in given:
        refusals.append(BadValue("seconds_ago", given["seconds_ago"], zh="不能和 at 一起给出", en="is not given together with at"))
    token, key = one("token", _made_up), one("key", _made_up)
    for name, wanted, zh, en in (("facility", "missing_facility", "缺少哪项设施", "which facility is missing"),
                                 ("rating", "rating", "1 到 5 分", "from 1 to 5")):
        if kind == wanted and name not in given:
            refusals.append(BadValue(name, None, zh=f"请给出：{zh}", en=f"must be given: {en}"))
        elif kind not in (wanted, None) and name in given:
            refusals.append(BadValue(name, given[name], zh=f"只用于 {wanted}", en=f"is for {wanted} alone"))
    return (None, refusals) if refusals else (NewReport(str(kind), at, facility, rating, note, token, key), [])


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadValue(name, value, zh="应为文字", en="must be a text")
    if len(value) > LONGEST_NOTE:
        raise BadValue(name, value, zh=f"最长 {LONGEST_NOTE} 个字", en=f"at most {LONGEST_NOTE} characters")
    return value


def _type(name: str, value: object) -> str:
    text = _text(name, value)
    if text not in TYPES:
        raise BadValue(name, value, zh=f"应为 {'、'.join(TYPES)} 之一", en=f"must be one of {', '.join(TYPES)}")
    return text


def _rating(name: str, value: object) -> int:
    if value not in (1, 2, 3, 4, 5, "1", "2", "3", "4", "5") or isinstance(value, (bool, float)):
        raise BadValue(name, value, zh="应为 1 到 5 的整数", en="must be a whole number from 1 to 5")
    return int(value)


def _note(name: str, value: object) -> str:
    text = _text(name, value).replace("\r\n", "\n").replace("\r", "\n")
    if any(c in _TURNS_TEXT or (unicodedata.category(c) in ("Cc", "Cs") and c != "\n") for c in text):
        raise BadValue(name, value, zh="含有控制字符，请去掉", en="holds control characters; take them out")
    return text


def _at(name: str, value: object, now: datetime) -> datetime:
    at = typed.moment(name, _text(name, value))
    if at > now + CLOCKS_DIFFER:
        raise BadTime(name, value, zh="不能晚于现在", en="must not be in the future")
    if at < now - OLDEST:
        raise BadTime(name, value, zh=f"不能早于 {OLDEST.days} 天前", en=f"must not be more than {OLDEST.days} days ago")
    return min(at, now)


def _ago(name: str, value: object, now: datetime) -> datetime:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    most = int(OLDEST.total_seconds())
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= len(str(most)) and int(text) <= most):
        raise BadValue(name, value, zh=f"应为 0 到 {most} 的整数（秒）", en=f"must be a whole number of seconds from 0 to {most}")
    return now - timedelta(seconds=int(text))


def _made_up(name: str, value: object) -> str:
    text = _text(name, value)
    if not _RANDOM.fullmatch(text):  # whatever else it is might be somebody's name or number
        raise BadValue(name, None, zh="应为 16 到 64 个随机字符（字母、数字、_、-）",
                       en="must be 16 to 64 random characters: letters, digits, _ and -")
    return text
