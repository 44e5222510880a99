"""Mend what people type for an OSM opening-hours expression, where it can mean only one thing.

Known slips: full-width and Chinese punctuation, day names in full, spaces round dashes and inside
lists (``Sa, Su 09:00-16:00`` is one list), bare or am/pm hours, a colon after the days, a missing
``;`` between rules, ``PH off`` written before the rules it is to override. Text inside a comment
("...") is left alone. Nothing here decides whether the result is an expression; `expressions` does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WD = "(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)"
_MON = "(?:" + "|".join(MONTHS) + ")"
_COMMENT = re.compile(r'("[^"]*")')

_CHARACTERS = str.maketrans({
    "、": ",", "。": ";", "，": ",", "；": ";", "：": ":", "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "~": "-", "〜": "-", "～": "-",
    "⁓": "-", "∼": "-", "\u200b": " ", "\ufeff": " ", "‖": "|", "﹣": "-",
})
_DAY_NAME = re.compile(
    r"\b(?:(mo)n(?:day)?s?|(tu)e(?:s(?:day)?)?s?|(we)d(?:nesday)?s?|(th)u(?:r(?:s(?:day)?)?)?s?|(fr)i(?:day)?s?|"
    r"(sa)t(?:urday)?s?|(su)n(?:day)?s?|(mo|tu|we|th|fr|sa|su|ph|sh))\b\.?", re.IGNORECASE)
_MONTH_NAME = re.compile(
    r"\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b\.?", re.IGNORECASE)
_WORD = re.compile(r"\b(off|closed|open|unknown|week|easter|sunrise|sunset|dawn|dusk|days?)\b", re.IGNORECASE)
_CLOCK = re.compile(r"(?<![\d:.])(\d{1,2})(?:[:.](\d\d))?\s*([ap])\.?m\b\.?", re.IGNORECASE)
_DOTTED = re.compile(r"(?<![\d.])([01]?\d|2[0-4])[.h]([0-5]\d)(?![\d.])")
_BARE = re.compile(rf"(^|; ?|\|\| ?|\b{_WD} |\d\d:\d\d, ?)(?!\d\d?:\d\d-\d\d?:\d\d)"
                   r"(\d{1,2})(?::(\d\d))?-(\d{1,2})(?::(\d\d))?(?![\d:])")
_MISSING_SEPARATOR = re.compile(
    rf'(\d:\d\d\+?|\boff|\bclosed|\bopen|") (?=(?:{_WD}|{_MON})\b[^;|"]*?(?:\d:\d\d|\boff\b|\bclosed\b|\bopen\b|"))')
_WEEKDAY_LIST = re.compile(rf"(\b{_WD}(?:\[[^\]]*\])?) ?, ?(?={_WD}\b)")
_DAY_ITEM = rf"{_WD}(?:-{_WD})?(?:\[[^\]]*\])?(?: [+-]\d+ days?)?"
_DAY_LIST = re.compile(rf"\b{_DAY_ITEM}(?:,{_DAY_ITEM})+")
_MONTH_LIST = re.compile(rf"(\b{_MON}(?: \d{{1,2}})?) ?, ?(?={_MON}\b)")
_MORE_DAYS = re.compile(rf"\b({_MON}) (\d{{1,2}}(?:-\d{{1,2}})?) ?, ?(\d{{1,2}})(?![\d:])")
_ONLY_OFF = re.compile(r"(?:PH|SH)(?:,(?:PH|SH))? (?:off|closed)")
_PLAIN_RULE = re.compile(rf"(?:(?:{_WD}(?:-{_WD})?,?)+ |24/7|\d\d?:)")
_SPACES = re.compile(r"\s+")


def repair(text: str) -> str:
    """Return `text` with the known slips mended; an expression without slips keeps its meaning.

    Bounded: every pass is one scan, and the only repeated ones shrink what is left to mend.
    """
    text = _SPACES.sub(" ", unicodedata.normalize("NFKC", text).translate(_CHARACTERS)).strip()
    pieces = _COMMENT.split(text)
    comments = pieces[1::2]
    # comments become "0", "1", ...: rules are told apart across them, and their words stay untouched
    mended = _mend("".join(p if i % 2 == 0 else f'"{i // 2}"' for i, p in enumerate(pieces)))
    return re.sub(r'"(\d+)"', lambda m: comments[int(m[1])] if int(m[1]) < len(comments) else m[0], mended)


def _mend(text: str) -> str:
    text = _DAY_NAME.sub(lambda m: _weekday(m[m.lastindex or 0]), text)
    text = _MONTH_NAME.sub(lambda m: m[1][:3].capitalize(), text)
    text = _WORD.sub(lambda m: m[1].lower(), text)
    text = re.sub(r" ?- ?(?!\d+ days?\b)", "-", text)
    text = _CLOCK.sub(_on_the_clock, text)
    text = _DOTTED.sub(r"\1:\2", text)
    text = re.sub(rf"\b({_WD}(?:\[[^\]]*\])?) ?: ?(?=\d|off|closed|open)", r"\1 ", text)
    text = re.sub(rf"\b({_WD})(?=\d)", r"\1 ", text)
    text = _until_settled(_BARE, _with_minutes, text)
    text = re.sub(rf"\b({_WD}) 24/7", r"\1 00:00-24:00", text)
    text = _WEEKDAY_LIST.sub(r"\1,", text)
    text = _DAY_LIST.sub(_holidays_last, text)
    text = _MONTH_LIST.sub(r"\1,", text)
    text = _until_settled(_MORE_DAYS, r"\1 \2,\1 \3", text)
    text = _MISSING_SEPARATOR.sub(r"\1; ", text)
    text = re.sub(r"(?: ?; ?)+", "; ", text).strip("; ")
    return _closing_last(text)


def _weekday(name: str) -> str:
    return name.upper() if name.upper() in ("PH", "SH") else name.capitalize()


def _holidays_last(match: re.Match[str]) -> str:
    """Put PH and SH behind the weekdays of a list: the grammar has no place for them in between."""
    days = re.findall(_DAY_ITEM, match[0])
    return ",".join(sorted(days, key=lambda day: day[:2] in ("PH", "SH")))


def _on_the_clock(match: re.Match[str]) -> str:
    hour = int(match[1])
    if not 1 <= hour <= 12:
        return match[0]
    return f"{hour % 12 + (12 if match[3].lower() == 'p' else 0):02d}:{match[2] or '00'}"


def _with_minutes(match: re.Match[str]) -> str:
    if int(match[2]) > 24 or int(match[4]) > 24:
        return match[0]
    return f"{match[1]}{match[2]:0>2}:{match[3] or '00'}-{match[4]:0>2}:{match[5] or '00'}"


def _until_settled(pattern: re.Pattern[str], replacement: str | Callable[[re.Match[str]], str], text: str) -> str:
    for _ in range(64):
        mended = pattern.sub(replacement, text)
        if mended == text:
            break
        text = mended
    return text


def _closing_last(text: str) -> str:
    """Move ``PH off`` behind the rules of plain weekdays that follow it, which would otherwise undo it."""
    if "||" in text or not _ONLY_OFF.search(text):
        return text
    rules = text.split("; ")
    for i in range(len(rules) - 2, -1, -1):
        if not _ONLY_OFF.fullmatch(rules[i]):
            continue
        after = i
        while after + 1 < len(rules) and _PLAIN_RULE.match(rules[after + 1]) and "PH" not in rules[after + 1] \
                and "SH" not in rules[after + 1]:
            after += 1
        rules.insert(after, rules.pop(i))
    return "; ".join(rules)
