"""A sentence as it is compared: folded, and where its words begin and end. Chinese has no blanks; Latin words count whole."""

from __future__ import annotations

import re

from locator.texts import HANZI, fold, is_hanzi

_LATIN = rf"[^\W_{HANZI}]+(?:[-_.'’][^\W_{HANZI}]+)*"
WORD = re.compile(_LATIN)
"""A Latin word."""
TOKEN = re.compile(rf"[{HANZI}]|{_LATIN}")
"""A hanzi, or a Latin word."""


def folded(text: str) -> tuple[str, list[int]]:
    """Return a text folded, runs of blanks as one, and for each of its characters where it comes from."""
    said: list[str] = []
    origins: list[int] = []
    for origin, character in enumerate(text):
        for plain in _folded_character(character):
            if plain != " " or (said and said[-1] != " "):
                said.append(plain)
                origins.append(origin)
    return "".join(said), origins


def _folded_character(character: str) -> str:
    """Return one character folded, so that no part can end within it: ㎏ is kg, ¼ is 14, ㍿ stays, any blank is one."""
    if character.isspace():
        return " "
    plain = fold(character)
    if len(plain) > 1:
        plain = "".join(filter(str.isalnum, plain))
        return character if any(map(is_hanzi, plain)) or not plain else plain
    return plain


def _is_latin(character: str) -> bool:
    return character.isalnum() and not is_hanzi(character)


def starts_word(said: str, at: int) -> bool:
    """Return whether a word may begin here: a hanzi, or Latin letters with none before."""
    return said[at].isalnum() and not (at and _is_latin(said[at]) and _is_latin(said[at - 1]))


def ends_word(said: str, end: int) -> bool:
    """Return whether a word may end before this place."""
    return end == len(said) or not (_is_latin(said[end - 1]) and _is_latin(said[end]))


def between_latin(said: str, at: int) -> bool:
    """Return whether a blank stands between two Latin words."""
    return said[at] == " " and at + 1 < len(said) and _is_latin(said[at - 1]) and _is_latin(said[at + 1])


def end_of_word(said: str, at: int) -> int:
    """Return where the word that begins here ends: one hanzi or sign is a word."""
    word = WORD.match(said, at)
    return at + 1 if word is None else word.end()
