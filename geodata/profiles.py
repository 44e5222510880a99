"""Records as they are compared: their names and addresses taken apart and read aloud."""

from __future__ import annotations

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
from locator.vocabulary import Vocabulary

FILE = Path(__file__).parent / "files" / "duplicates.toml"

_AREAS_END = ("市", "区", "县", "旗", "街道", "地区", "镇", "乡")
_PRIVATE = 0xE000
"""Syllables become characters of a private plane's block, so that texts of them compare syllable by syllable."""


@lru_cache(maxsize=1)
def table() -> Mapping[str, Any]:
    """Return the shipped table of radii and words."""
    return tomllib.loads(FILE.read_text("utf-8"))


def radius_m(kind: str) -> float:
    """Return how far apart two records of one site of a kind may be, in metres."""
    radii = table()["radius_m"]
    return float(radii.get(kind, radii["default"]))


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
        self._syllables: dict[str, str] = {}

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
            numbers=name.numbers, address=address, road_read=self._read(address.road), phone=digits(values.get("phone")),
            **{key: values.get(key) or None for key in ("station_code", "source", "source_id", "floor", "id", "parent_id")})

    def _read(self, text: str) -> str:
        """Return a text with one character a syllable, be it written in hanzi or in pinyin; a number is one too."""
        tokens = readings.reading(text).partition("|")[0].split()
        if not text.isascii() and len(tokens) == len(text):
            return "".join(map(self._syllable, tokens))
        return "".join([self._syllable(syllable) for token in tokens for syllable in readings.syllables(token)])

    def _syllable(self, token: str) -> str:
        found = self._syllables.get(token)
        if found is None:
            found = self._syllables[token] = chr(_PRIVATE + len(self._syllables))
        return found


_COMPARED = ("id", "name", "aliases", "kind", "address", "phone", "station_code", "source", "source_id", "floor", "parent_id")


def _spelled(name: str) -> str:
    return readings.reading(name).partition("|")[0].replace(" ", "")
