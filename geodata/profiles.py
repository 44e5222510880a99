"""Records as they are compared: their names and addresses taken apart and read aloud."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from geodata import readings
from locator.areas import AreaTree
from locator.likeness import Wording, digits, has_hanzi
from locator.sameness import Profile
from locator.sites import Site, Sites
from locator.texts import is_hanzi
from locator.vocabulary import Vocabulary

FILE = Path(__file__).parent / "files" / "duplicates.toml"

_AREAS_END = ("市", "区", "县", "旗", "街道", "地区", "镇", "乡")
_PRIVATE = 0xF0000
"""Syllables become characters of a private plane, so that texts of them compare syllable by syllable."""
_LETTERS = re.compile("[a-z]+")


@lru_cache(maxsize=1)
def table() -> Mapping[str, Any]:
    """Return the shipped table of radii and words."""
    return tomllib.loads(FILE.read_text("utf-8"))


def radius_m(kind: str) -> float:
    """Return how far apart two records of one site of a kind may be, in metres."""
    radii = table()["radius_m"]
    return float(radii.get(kind, radii["default"]))


def alone_in(values: Mapping[str, Any]) -> str | None:
    """Return the code of the area that has one site of a record's kind; None where it may have many, or is not known."""
    tier = table()["one_in"].get(values.get("kind"))
    return None if tier is None else values.get(f"{tier}_code") or None


class Profiles:
    """Makes profiles under one vocabulary and one tree of areas."""

    def __init__(self, vocabulary: Vocabulary, areas: AreaTree | None = None) -> None:
        """Prepare to read names; without areas none is taken off their front."""
        kinds = [name for section in ("kind", "subtype") for term in vocabulary.terms(section).values()
                 for name in (term.words.zh, term.words.en, *term.synonyms)]
        kinds += [spelled for name in kinds if has_hanzi(name) and (spelled := _spelled(name))]
        called = [name for area in areas or () for name in (area.words.zh, *area.aliases) if name.endswith(_AREAS_END)]
        called += [_spelled(name) for name in called]
        words = table()["words"]
        self._wording = Wording(kinds, words["fillers"], ["北京市", "北京", *called], words["keepers"])
        self._syllables = _Syllables()

    def of_row(self, sites: Sites, row: int) -> Profile:
        """Return the profile of one row of a table."""
        lon, lat = sites.lonlat[row].tolist()
        return self.of_values({name: sites.value(name, row) for name in _COMPARED}, None if lon != lon else (lon, lat))

    def of_all(self, sites: Iterable[Site]) -> list[Profile]:
        """Return the profiles of records, in their order."""
        return list(map(self.of, sites))

    def of(self, site: Site) -> Profile:
        """Return the profile of a record."""
        lonlat = None if site.lon is None or site.lat is None else (site.lon, site.lat)
        return self.of_values({name: getattr(site, name) for name in _COMPARED}, lonlat)

    def of_values(self, values: Mapping[str, Any], lonlat: tuple[float, float] | None) -> Profile:
        """Return the profile of what is known of a record, by field; an absent field is unknown."""
        name = self._wording.called(values.get("name"))
        others = (self._wording.called(alias).core for alias in values.get("aliases") or ())
        address = self._wording.addressed(values.get("address"))
        return Profile(
            kind=values.get("kind") or "", lonlat=lonlat,
            names=tuple((core, self._read(core)) for core in dict.fromkeys((name.core, *filter(None, others)))),
            numbers=name.numbers, alone_in=alone_in(values), address=address, road_read=self._read(address.road), phone=digits(values.get("phone")),
            **{key: values.get(key) or None for key in ("station_code", "source", "source_id", "floor", "id", "parent_id")})

    def _read(self, text: str) -> str:
        """Return a text with one character a syllable, be it written in hanzi or in pinyin.

        Each hanzi is read by itself: what is compared need not be right, only the same on both sides, and
        looking for phrases would take ten times as long.
        """
        if _LETTERS.search(text) is not None:
            text = _LETTERS.sub(lambda word: "".join(map(self._syllables.of, readings.syllables(word[0]))), text)
        return text.translate(self._syllables)


class _Syllables(dict[int, str]):
    """Characters to the one character that stands for how they are read."""

    def __init__(self) -> None:
        super().__init__()
        self._stands_for: dict[str, str] = {}

    def of(self, syllable: str) -> str:
        """Return the character for a syllable."""
        return self._stands_for.setdefault(syllable, chr(_PRIVATE + len(self._stands_for)))

    def __missing__(self, character: int) -> str:
        c = chr(character)
        self[character] = found = self.of(readings.syllable(c)) if is_hanzi(c) else c
        return found


_COMPARED = ("id", "name", "aliases", "kind", "address", "phone", "station_code", "source", "source_id", "floor", "parent_id", "district_code",
             "street_code")


def _spelled(name: str) -> str:
    return readings.reading(name).partition("|")[0].replace(" ", "")
