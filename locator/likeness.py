"""What of a name and of an address says *which* place it is, and how alike two of them are.

Of ``东城区北新桥街道北官厅社区服务站暖心驿站（二）`` the place is ``北官厅社区服务站`` and its number 2:
areas in front and the words of the kind behind are what thousands of sites share. Of
``北京市东城区东直门内北小街甲8号院3号楼（演示地址）`` it is the road ``东直门内北小街``, the number
``甲8`` and the numbers within, 3. Width, case, traditional characters, brackets, blanks and
``三``/``3`` before a counter make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from locator.texts import fold, is_hanzi

Likeness = NDArray[np.float32]
"""(p,) 0 nothing in common, 1 the same; NaN where one of the two says nothing."""

CONTAINED = 0.85
"""What a text that lies whole in a longer one is worth, for want of the rest."""
_SHORTEST_CONTAINED = 3

_NUMERAL = "零〇一二三四五六七八九十百两"
_NUMERALS = frozenset(_NUMERAL)
_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_COUNTED = re.compile(rf"第([{_NUMERAL}]+)|([{_NUMERAL}]+)(?=[号楼层座期栋室店站组队院门区段单分]|$)")
_BRACKETED = re.compile(r"[(\[【〔<《「『]([^()\[\]【】〔〕<>《》「」『』]*)[)\]】〕>》」』]")
_SIGNS = re.compile(r"[\W_]+")
_ORDINAL = re.compile(rf"(?:第|no)?(\d+|[{_NUMERAL}]+)(?:号|店|站|分店|部)?")
_BRANCH = re.compile(r"..[店行所馆园厦城场街路院村里门]$")
_NUMBERS = re.compile(r"\d+")
_NUMBERED = re.compile(r"([甲乙丙丁]?)(\d+)(?:号?([甲乙丙丁]))?(.*)", re.DOTALL)
_FLOOR = re.compile(r"\d+(?:层|f\b|楼$)|b\d+")


class Called(NamedTuple):
    """What a name says."""

    core: str
    """The place, without areas and kind; empty where the name says nothing else."""
    numbers: tuple[int, ...]


class Addressed(NamedTuple):
    """What an address says."""

    road: str
    """All before the first number: a road, an estate, a village."""
    number: str
    """``8``, ``甲8``; empty where there is none."""
    within: tuple[int, ...]
    """Numbers behind it: of buildings, entrances, rooms; not of floors."""


class Wording:
    """Reads names and addresses, knowing which words tell no place from another."""

    def __init__(self, kinds: Iterable[str], fillers: Iterable[str] = (), areas: Iterable[str] = (),
                 keepers: Iterable[str] = ()) -> None:
        """Take the words.

        Args:
            kinds: What kinds are called: ``暖心驿站``.
            fillers: Words around them: ``户外劳动者``.
            areas: Names of areas, as they stand before an address: ``东城区``.
            keepers: What an area's name belongs to when it follows: ``办事处``.
        """
        behind = _alternatives([*kinds, *fillers])
        self._behind = re.compile(rf"(?:{behind})+$") if behind else None
        self._before = re.compile(rf"^(?:{behind})+(?=..)") if behind else None
        self._keepers = tuple(_words(keepers))
        self._areas: dict[str, list[str]] = {}  # by their first two characters: there are hundreds
        for area in _words(areas):
            self._areas.setdefault(area[:2], []).append(area)

    def called(self, name: str | None) -> Called:
        """Return what a name says of its place."""
        text, asides = _opened(name)
        numbers = [int(n) for aside in asides for n in _ordinal(aside)]
        # 星巴克（贵友店）: which of many; （新）（已验收）: a remark
        core = self._core(text + "".join(aside for aside in asides if _BRANCH.search(aside) and not _ordinal(aside)))
        if not core:  # 暖心驿站（王府井店）: the place is what stands in brackets
            core = next((found for aside in asides if not _ordinal(aside) and (found := self._core(aside))), "")
        return Called(core, (*map(int, _NUMBERS.findall(core)), *numbers))

    def _core(self, text: str) -> str:
        text = _plain(text)
        if self._behind is not None and self._before is not None:
            text = self._behind.sub("", text)
            text = self._before.sub("", text)
        return self._without_areas(text)

    def addressed(self, address: str | None) -> Addressed:
        """Return what an address says."""
        text = self._without_areas(_plain(_opened(address)[0], keep="-"))
        at = re.search(r"[甲乙丙丁]?\d", text)
        if at is None:
            return Addressed(text, "", ())
        found = _NUMBERED.match(text, at.start())
        assert found is not None, "a digit follows"
        before, number, after, rest = found.groups()
        within = tuple(map(int, _NUMBERS.findall(_FLOOR.sub("", rest))))
        return Addressed(text[:at.start()], (before or after or "") + number, within)

    def _without_areas(self, text: str) -> str:
        while True:
            rest = next((text[len(area):] for area in self._areas.get(text[:2], ()) if text.startswith(area)), "")
            if not rest or rest.startswith(self._keepers):
                return text
            text = rest


def digits(phone: str | None) -> str:
    """Return what two ways of writing one number share: its last eight digits; empty for a short or no number."""
    found = "".join(c for c in fold(phone or "") if c.isdigit())
    return found[-8:] if len(found) >= 7 else ""


def alike(some: Sequence[str], others: Sequence[str]) -> Likeness:
    """Return how alike texts are, pair by pair: the share of characters in common order.

    A text that lies in the other, three characters or more of it, is worth `CONTAINED` at least.
    """
    if not len(some):
        return np.empty(0, np.float32)
    found = np.asarray(process.cpdist(some, others, scorer=Indel.normalized_similarity, dtype=np.float32))
    some_in = np.asarray(process.cpdist(some, others, scorer=fuzz.partial_ratio, dtype=np.float32)) >= 100.0
    lengths = np.array([(len(a), len(b)) for a, b in zip(some, others, strict=True)], np.int32)
    contained = some_in & (lengths.min(axis=1) >= _SHORTEST_CONTAINED)
    found = np.where(contained, np.maximum(found, CONTAINED), found)
    return np.where(lengths.min(axis=1) == 0, np.float32(np.nan), found)


def has_hanzi(text: str) -> bool:
    """Whether any character is read as a syllable."""
    return any(map(is_hanzi, text))


def _opened(text: str | None) -> tuple[str, list[str]]:
    """Return a folded text without its brackets, and what stood in them."""
    folded = fold(text or "")
    if folded.isalnum():
        return folded, []
    asides = _BRACKETED.findall(folded)
    return (_BRACKETED.sub("", folded), asides) if asides else (folded, asides)


def _plain(text: str, keep: str = "") -> str:
    if not text.isalnum():
        text = _SIGNS.sub(lambda m: keep if keep and keep in m[0] else "", text)
    if _NUMERALS.isdisjoint(text):
        return text
    return _COUNTED.sub(lambda m: ("第" if m[1] else "") + str(_number(m[1] or m[2])), text)


def _ordinal(aside: str) -> list[str]:
    found = _ORDINAL.fullmatch(aside.strip())
    return [] if found is None else [found[1] if found[1].isdigit() else str(_number(found[1]))]


def _number(said: str) -> int:
    """Return a Chinese numeral below a thousand; digit by digit where it is no numeral: 二〇八."""
    if not set(said) & set("十百"):
        return int("".join(str(_DIGIT[c]) for c in said))
    total, digit = 0, 0
    for c in said:
        if c in _DIGIT:
            digit = _DIGIT[c]
        else:
            total += (digit or 1) * (100 if c == "百" else 10)
            digit = 0
    return total + digit


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, _words(words)))


def _words(words: Iterable[str]) -> list[str]:
    """Return words as names are compared with them, the longest first."""
    plain = {_SIGNS.sub("", fold(word)) for word in words} - {""}
    return sorted(plain, key=lambda word: (-len(word), word))
