"""What every phrase means that an ear knows: the vocabulary's words and sayings, the names of places and areas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from locator.areas import AreaTree
from locator.names import Place
from locator.texts import fold
from locator.vocabulary import Vocabulary

Want = tuple[str, str]
"""(section, code): of the vocabulary, or ("state", one of `filters.STATES`), or ("by", one of `travel.WAYS`)."""

_NOT_A_CALLER = ("everyone", "staff_only")
"""Nobody introduces themselves as one of these."""


class Meaning(NamedTuple):
    """What a phrase stands for."""

    sort: str
    """want, place, area or nothing; empty for what is not in the book."""
    wants: tuple[Want, ...] = ()
    rows: tuple[int, ...] = ()
    """The places of that name."""
    codes: tuple[str, ...] = ()
    """The areas of that name."""


NONE = Meaning("")


class PhraseBook:
    """Every phrase, folded, with what it means. Where two are alike a want goes before a place, a place before an area."""

    def __init__(self, vocabulary: Vocabulary, places: Sequence[Place], areas: AreaTree | None, term_readings: Mapping[str, str]) -> None:
        """Learn every phrase: see `heard.Ear`."""
        self.phrases: dict[str, Meaning] = {}
        self.spoken: dict[str, Meaning] = {}
        """By the pinyin of the vocabulary's Chinese names, without blanks."""
        for name, wants in _wanted(vocabulary):
            meaning = self.phrases.setdefault(fold(name), Meaning("want" if wants else "nothing", wants))
            for reading in filter(None, term_readings.get(name, "").split("|")):
                self.spoken.setdefault("".join(reading.split()), meaning)
        for area in areas or ():
            for name in dict.fromkeys(map(fold, (*area.words, *area.aliases))):
                held = self.phrases.get(name, Meaning("area" if area.parent else "nothing"))
                if not name.isdigit() and held.sort in ("area", "nothing"):
                    self.phrases[name] = held._replace(codes=(*held.codes, area.code))
        for row, place in enumerate(places):
            for name in dict.fromkeys(map(fold, (place.words.zh, place.words.en, *place.aliases))):
                held = self.phrases.get(name, Meaning("place"))
                if len(name) > 1 and held.sort in ("place", "area"):
                    self.phrases[name] = Meaning("place", rows=(*held.rows, row), codes=held.codes)
        self.longest: dict[str, int] = {}
        """Characters of the longest phrase by its first character."""
        for phrase in filter(None, self.phrases):
            self.longest[phrase[0]] = max(self.longest.get(phrase[0], 0), len(phrase))

    def __getitem__(self, phrase: str) -> Meaning:
        """Return what a folded phrase means; `NONE` for one that is not in the book."""
        return self.phrases.get(phrase, NONE)


def _wanted(vocabulary: Vocabulary) -> Iterator[tuple[str, tuple[Want, ...]]]:
    """Yield every phrase of a vocabulary with what it stands for; where two are alike, the first counts."""
    for section in ("kind", "facility", "eligibility"):
        for term in vocabulary.sections.get(section, {}).values():
            if (section, term.code) not in [("eligibility", code) for code in _NOT_A_CALLER]:
                for name in (*term.words, *term.synonyms):
                    yield from ((spelt, ((section, term.code),)) for spelt in _spellings(name, counted=section != "eligibility"))
    for need in vocabulary.needs.values():
        for name in need.words:
            yield name, _wants(need.filters)
    for saying in vocabulary.sayings.values():
        for name in saying.said:
            yield from ((spelt, _wants(saying.filters)) for spelt in _spellings(name))


def _spellings(name: str, *, counted: bool = False) -> Iterator[str]:
    """Yield a name as people type it; a Latin one also without hyphens and apostrophes, and one of a thing also as several."""
    yield name
    if name.isascii():
        plain = name.replace("-", " ").replace("'", "")
        yield plain
        if counted and not plain.endswith("s"):
            yield from (f"{name}s", f"{plain}s")


def _wants(filters: Mapping[str, tuple[str, ...]]) -> tuple[Want, ...]:
    return tuple((section, code) for section, codes in filters.items() for code in codes)
