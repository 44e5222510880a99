"""Where a caller may be: the places and sites that go by what was heard, best first.

In this order; where nothing names a place exactly, what comes next is the first:

1. a crossing that is on the list of places; the sites at a house number;
2. a site that goes by a name and what stands right behind it: 果园街道暖心驿站;
3. what goes by words that are no known name, within `NEAR_M` of one that is known: 百货大楼 near 王府井大街;
4. a known place, the less vague before the vaguer;
5. the sites in such a building as unknown words say, near a known place; alone such words name no place: 医院;
6. what goes by unknown words elsewhere, then what else goes by the words of a known place;
7. the nearest house numbers of the same road; each of two roads whose crossing is not listed;
8. a district or street office, which is too large to measure from.

Words that nothing goes by are handed back: they were not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from locator import answers, earth
from locator.arrays import Bits
from locator.atlas import Atlas
from locator.heard import Heard, Part
from locator.names import Place
from locator.questions import SearchQuestion
from locator.sentences import starts_word
from locator.texts import fold, is_hanzi
from locator.words import Words

NEAR_M = 3000.0
"""Names within this of a place that was named belong to it."""
MOST_UNKNOWN = 3
"""Unknown parts that are looked for; a search of 200,000 names takes tens of milliseconds."""
_MOST_NEIGHBOURS = 3
_WHERE_IN = ("host",)
"""Of what a site has, what a caller may be in; a kind or a facility is wanted, and says nothing of where one is."""
_NAMED = ("name", "pinyin", "initials", "alias", "code", "address")


@dataclass(frozen=True, slots=True)
class Start:
    """Somewhere a caller may be."""

    key: str
    """What it is called when somebody chooses it: ``place:dongdan``, ``site:s1``, ``area:110101``."""
    sort: str
    """place, site or area."""
    words: Words
    lon: float
    lat: float
    accuracy_m: float | None = None
    """How far the caller may be from the pair, metres; None where nothing is said of it."""
    rough: bool = False
    """Whether the pair is no measure of where the caller is: distances from it would be made up."""
    address: str | None = None
    numbers_off: int | None = None
    """By how much its house number differs from the one said."""


class Starts(NamedTuple):
    """Where a caller may be, best first, and the parts that nothing goes by."""

    found: tuple[Start, ...]
    not_understood: tuple[Part, ...]


def starts(heard: Heard, atlas: Atlas, *, k: int = 8) -> Starts:
    """Return at most k places that a caller may be at, of the public ones; the order is the module's.

    Equal places are told once, in the better place of the order.
    """
    return _Search(heard, atlas, k).starts()


class _Search:
    """One sentence over one atlas."""

    def __init__(self, heard: Heard, atlas: Atlas, k: int) -> None:
        self._heard = heard
        self._atlas = atlas
        self._k = k
        self._shown = atlas.shown

    def starts(self) -> Starts:
        known = sorted((_of_place(self._atlas.places[row]) for part in self._heard.of("place", "address") for row in part.rows),
                       key=lambda start: start.accuracy_m or 0.0)
        crossings, halves = self._crossings()
        houses, neighbours = self._houses()
        near, inside, elsewhere, lost = self._unknown([*crossings, *known])
        areas = [start for part in self._heard.of("area") for code in part.codes for start in self._area(code)]
        ordered = [*crossings, *houses, *self._with_what_follows(), *near, *known, *inside, *elsewhere, *self._alike(), *neighbours, *halves, *areas]
        first = dict(reversed([(start.key, start) for start in ordered]))
        return Starts(tuple(first[key] for key in dict.fromkeys(start.key for start in ordered))[:self._k], tuple(lost))

    def _site(self, row: int, *, numbers_off: int | None = None) -> Start:
        value = self._atlas.sites.value
        name = str(value("name", row))
        return Start(f"site:{value('id', row)}", "site", Words(name, name), value("lon", row), value("lat", row),
                     value("accuracy_m", row), bool(numbers_off), value("address", row), numbers_off)

    def _area(self, code: str) -> Iterator[Start]:
        middle = self._atlas.middle(code)
        if middle is not None:
            yield Start(f"area:{code}", "area", self._atlas.areas[code].words, *middle, rough=True)

    def _crossings(self) -> tuple[list[Start], list[Start]]:
        """Return the crossings that are listed, and each of the two roads of those that are not."""
        listed: list[Start] = []
        halves: list[Start] = []
        for part in self._heard.of("crossing"):
            a, b = part.names
            wanted = {fold(f"{one}与{other}路口") for one, other in ((a, b), (b, a))}
            here = [_of_place(p) for p in self._atlas.places if wanted & {fold(name) for name in (p.words.zh, *p.aliases)}]
            listed.extend(here)
            for road in () if here else (a, b):
                halves.extend(_of_place(p) for p in self._atlas.places if fold(road) in {fold(p.words.zh), *map(fold, p.aliases)})
        return listed, halves

    def _houses(self) -> tuple[list[Start], list[Start]]:
        """Return the sites at a house number, and those nearest to it by number on the same road, its side first."""
        exact: list[Start] = []
        neighbours: list[Start] = []
        sites, names = self._atlas.sites, self._atlas.site_names
        for part in self._heard.of("address"):
            assert part.number is not None
            road, wanted = part.names[-1], part.number
            numbered = []
            for row in names.at_address(road).tolist():
                number = _house_number(road, sites.value("address", row)) if self._shown[row] else None
                if number is not None:
                    numbered.append((abs(number - wanted), (number - wanted) % 2, row))
            for off, _, row in sorted(numbered)[:self._k]:
                if off == 0:
                    exact.append(self._site(row))
                elif len(neighbours) < _MOST_NEIGHBOURS:
                    neighbours.append(self._site(row, numbers_off=off))
        return exact, neighbours

    def _with_what_follows(self) -> list[Start]:
        """Return the sites that go by a name together with the kind said right behind it."""
        found: list[Start] = []
        for first, second in zip(self._heard.parts, self._heard.parts[1:], strict=False):
            kind = any(section == "kind" for section, _ in second.wants)
            if first.sort in ("place", "area", "unknown") and kind and first.end == second.start:
                hits = self._atlas.site_names.search(first.text + second.text, self._k, among=self._shown)
                found.extend(self._site(hit.row) for hit in hits if hit.matched in ("name", "alias"))
        return found

    def _alike(self) -> list[Start]:
        """Return what else goes by the words of the first known place."""
        first = next(iter(self._heard.of("place")), None)
        return [] if first is None else self._found(first.text)

    def _found(self, name: str) -> list[Start]:
        """Return what goes by a name, wherever it is."""
        results = answers.search(SearchQuestion(name, self._k), self._atlas).found
        return [start for one in results if one.matched in _NAMED and (start := self._place_or_site(one, name)) is not None]

    def _unknown(self, known: list[Start]) -> tuple[list[Start], list[Start], list[Start], list[Part]]:
        """Return what goes by unknown words near a known place, the sites in such a building there, what goes by them elsewhere, and the rest."""
        near: list[Start] = []
        inside: list[Start] = []
        elsewhere: list[Start] = []
        lost: list[Part] = []
        around = self._around(known)
        for number, part in enumerate(self._heard.of("unknown")):
            found = self._named(part, around, known) if number < MOST_UNKNOWN else ([], [], [])
            for kept, more in zip((near, inside, elsewhere), found, strict=True):
                kept.extend(more)
            if not any(found):
                lost.append(part)
        return near, inside, elsewhere, lost

    def _around(self, known: list[Start]) -> Bits | None:
        """Return (n,) which shown sites lie near a known place; None where no place is known."""
        if not known:
            return None
        mask = np.zeros(len(self._atlas.sites), np.bool_)
        for start in known[:2]:
            rows, _ = self._atlas.index.within(start.lon, start.lat, radius_m=NEAR_M)
            mask[rows] = True
        return mask & self._shown

    def _named(self, part: Part, around: Bits | None, known: list[Start]) -> tuple[list[Start], list[Start], list[Start]]:
        """Return what goes by one part's words near a known place, the sites in such a building there, and what goes by them elsewhere."""
        for name in part.names:
            if len(name) < 2 or (len(name) == 2 and not is_hanzi(name[0]) and known):
                continue
            if around is not None and around.any():
                hits = self._atlas.site_names.search(name, self._k, among=around, terms=_WHERE_IN)
                if hits:
                    return ([self._site(hit.row) for hit in hits if hit.matched in _NAMED],
                            [self._site(hit.row) for hit in hits if hit.matched not in _NAMED], [])
            found = self._found(name)
            if found:
                close = [start for start in found if _is_near(start, known)]
                return close, [], [start for start in found if start not in close]
        return [], [], []

    def _place_or_site(self, found: answers.FoundSite | answers.FoundPlace, name: str) -> Start | None:
        """Return what was found by a name; None for an internal site, and for an English name in whose middle the words stand: eat, Great Wall."""
        if isinstance(found, answers.FoundPlace):
            place = found.place
            is_meant = found.matched != "alias" or _starts_a_word(name, (place.words.en, *place.aliases))
            return _of_place(place) if is_meant else None
        return self._site(found.row) if self._shown[found.row] else None


def _of_place(place: Place) -> Start:
    return Start(f"place:{place.code}", "place", place.words, place.lon, place.lat, place.accuracy_m)


def _starts_a_word(words: str, names: Iterable[str]) -> bool:
    """Return whether words, together or each by itself, stand where a word of one of these names begins."""
    said = fold(words).split()
    return any(all(any(starts_word(name, match.start()) for match in re.finditer(re.escape(word), name)) for word in wanted)
               for name in map(fold, names) for wanted in (["".join(said)], said))


def _is_near(start: Start, known: Iterable[Start]) -> bool:
    there = np.array([[start.lon, start.lat]])
    return any(float(earth.geodesic_m(np.array([k.lon, k.lat]), there)[0]) <= NEAR_M for k in known)


def _house_number(road: str, address: str | None) -> int | None:
    found = re.search(re.escape(road) + r"[^\d]{0,3}(\d{1,5})号", fold(address or ""))
    return None if found is None else int(found[1])
