"""A tree of administrative areas: who lies within whom, and what they go by; outlines stay at the data edge."""

from __future__ import annotations

import difflib
import heapq
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from locator.errors import NotThere
from locator.words import Words

_LONGEST_SAID = 100
_GENERIC_ZH = re.compile(r"(?<=..)(?:地区|街道|街道办事处|自治区|[省市区县镇乡])$")
_GENERIC_EN = re.compile(r" (?:city|district|county|subdistrict|area|town|township)$")


@dataclass(frozen=True, slots=True)
class Area:
    """One area. A unit without an outline of its own (an economic development zone) is still an area."""

    code: str
    words: Words
    parent: str | None
    tier: str
    """city, district, street, community, ...: data, not code."""
    centre: tuple[float, float] | None = None
    """(lon, lat) WGS-84 inside the outline; None without one."""
    has_outline: bool = False
    aliases: tuple[str, ...] = ()
    """Older names and codes."""


class AreaTree:
    """Areas by code, of any depth; children keep the order they were given in."""

    def __init__(self, areas: Iterable[Area]) -> None:
        """Index the areas. A parent code that is not among them makes its child a root."""
        self._areas: Mapping[str, Area] = {area.code: area for area in areas}

    def __iter__(self) -> Iterator[Area]:
        return iter(self._areas.values())

    def __len__(self) -> int:
        return len(self._areas)

    def __contains__(self, code: str) -> bool:
        return code in self._areas

    def __getitem__(self, code: str) -> Area:
        """Return one area.

        Raises:
            NotThere: If no area has this code.
        """
        try:
            return self._areas[code]
        except KeyError:
            raise NotThere("area", code, zh="没有这个区域代码", en="no area has this code") from None

    @cached_property
    def _children(self) -> Mapping[str | None, tuple[str, ...]]:
        found: dict[str | None, list[str]] = {}
        for area in self:
            found.setdefault(area.parent if area.parent in self._areas else None, []).append(area.code)
        return {parent: tuple(codes) for parent, codes in found.items()}

    def children(self, code: str | None) -> tuple[Area, ...]:
        """Return the areas directly under one; under None, the roots."""
        return tuple(self._areas[c] for c in self._children.get(code, ()))

    def subtree(self, code: str) -> frozenset[str]:
        """Return the codes of an area and of everything under it."""
        found, waiting = set(), [self[code].code]
        while waiting:
            at = waiting.pop()
            if at not in found:  # a loop in a user's file must not hang us
                found.add(at)
                waiting.extend(self._children.get(at, ()))
        return frozenset(found)

    def path(self, code: str) -> list[str]:
        """Return the codes from the root down to an area, itself included."""
        found: list[str] = []
        at: Area | None = self[code]
        while at is not None and at.code not in found:  # a loop must not hang us
            found.append(at.code)
            at = self._areas.get(at.parent or "")
        return found[::-1]

    def namesakes(self, code: str) -> tuple[str, ...]:
        """Return the codes of the other areas that go by an area's Chinese or English name, in the order of the tree."""
        return tuple(other for other in dict.fromkeys(one for name in self[code].words for one in self._same_words[name]) if other != code)

    def told_apart(self, code: str) -> Words:
        """Return an area's name; behind one that others have too, that of the area it lies in."""
        words, parent = self[code].words, self._areas.get(self[code].parent or "")
        if parent is None or not self.namesakes(code):
            return words
        return Words(f"{words.zh}（{parent.words.zh}）", f"{words.en} ({parent.words.en})")

    @cached_property
    def _same_words(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for area in self:
            for name in area.words:
                found.setdefault(name, []).append(area.code)
        return {name: tuple(codes) for name, codes in found.items()}

    def code(self, said: str) -> str:
        """Return the code of the area somebody names.

        A code; a Chinese or English name, with or without 区, 街道, District, ... at its end; an older
        name or code (崇文区, 110228); or a name after those of the areas it lies in (海淀区八里庄街道).
        Blanks, case and full width make no difference. Where areas of several tiers go by a name, the
        highest is meant: 海淀 is the district, 海淀街道 the street.

        Raises:
            NotThere: If nothing goes by it, naming the nearest; or if several of the same tier do.
        """
        wanted = _plain(said[:_LONGEST_SAID])
        found = self._named(wanted, None) if wanted and len(said) <= _LONGEST_SAID else []
        if len(found) > 1:
            each = [(c, "".join(self[p].words.zh for p in self.path(c)[1:])) for c in found]
            listed = ", ".join(f"{code} {name}" for code, name in each)
            raise NotThere("area", said, zh=f"有几个区域叫这个名称，请用代码：{listed}",
                           en=f"several areas go by this name, give the code: {listed}")
        if not found:
            near = self._nearest_name(wanted)
            best = self[self._codes_of[near][0]] if near else None
            raise NotThere("area", said,
                           zh="没有这个区域" + (f"，最接近的是 {best.code}（{best.words.zh}）" if best else ""),
                           en="no such area" + (f"; the nearest is {best.code} ({best.words.en})" if best else ""))
        return found[0]

    def _named(self, wanted: str, under: str | None) -> list[str]:
        """Return the codes of the highest tier that go by a name, below one area if it is given."""
        found = self._codes_of.get(wanted, ())
        if under is not None:
            found = tuple(code for code in found if under in self.path(code)[:-1])
        if found:
            depth = {code: len(self.path(code)) for code in found}
            return [code for code in found if depth[code] == min(depth.values())]
        for cut in range(len(wanted) - 1, 1, -1):  # the longest leading name of an area: 海淀区 of 海淀区八里庄街道
            for code in self._codes_of.get(wanted[:cut], ()):
                inside = self._named(wanted[cut:], code)
                if inside:
                    return inside
        return []

    def _nearest_name(self, wanted: str) -> str | None:
        letters = set(wanted)
        # a real comparison is dear: only names with the most letters in common get one
        likely = heapq.nlargest(20, self._codes_of, key=lambda name: len(letters & set(name)) / (len(name) + len(wanted)))
        return next(iter(difflib.get_close_matches(wanted, likely, n=1, cutoff=0.01)), None)

    @cached_property
    def _codes_of(self) -> Mapping[str, tuple[str, ...]]:
        """Everything an area goes by → the codes that go by it, in the order of the tree."""
        found: dict[str, dict[str, None]] = {}
        for area in self:
            for name in (area.code, *area.words, *area.aliases):
                plain = _plain(name)
                for form in (plain, _GENERIC_ZH.sub("", plain),
                             _plain(_GENERIC_EN.sub("", name.casefold()))):
                    found.setdefault(form, {})[area.code] = None
        return {form: tuple(codes) for form, codes in found.items()}


def _plain(name: str) -> str:
    """Return a name as it is compared: NFKC, no blanks, case folded."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
