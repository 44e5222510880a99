"""How names are read: pinyin syllables without tones, for searching by pinyin and by initials.

The only importer of pypinyin, and only when something is read. Place names that dictionaries get
wrong stand in ``files/readings.csv``; they win over the dictionary wherever they occur in a text.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import islice, product
from pathlib import Path

from locator.names import TERM_SECTIONS
from locator.texts import fold, is_hanzi, letters, runs
from locator.vocabulary import Vocabulary

FILE = Path(__file__).parent / "files" / "readings.csv"
MOST_READINGS = 4
"""A text with more possible readings keeps the first four."""

_LONGEST_PHRASE = 6
_LONGEST_SYLLABLE = 6  # zhuang, chuang, shuang


def reading(text: str | None) -> str:
    """Return how a text is read: ``什刹海 5 号`` → ``shi cha hai 5 hao``.

    One syllable a hanzi, ü as v; other letters and digits stay together as one lower-case word;
    signs are left out. Further readings follow after ``|``: ``ma jia pu|ma jia bao``. A hanzi
    without a known reading stands for itself, so that every hanzi has exactly one token.
    """
    return _read(text or "")


def readings(texts: Iterable[str | None]) -> list[str]:
    """Return how each text is read; see `reading`. 10,000 names take about 0.2 s."""
    return [_read(text or "") for text in texts]


def of_names(name: str, aliases: Iterable[str] = ()) -> str:
    """Return how a site is read: its name, then its other names as further readings."""
    return "|".join(filter(None, map(reading, (name, *aliases))))


def of_vocabulary(vocabulary: Vocabulary) -> Mapping[str, str]:
    """Return the readings of the vocabulary's Chinese names that ``files/readings.csv`` has, by name.

    pypinyin is not needed for it; a name that is not in the file is found by its characters only.
    """
    own = _own()
    names = (name for section in TERM_SECTIONS for term in vocabulary.sections.get(section, {}).values()
             for name in (term.words.zh, *term.synonyms))
    return {name: "|".join(own[fold(name)]) for name in names if fold(name) in own}


def syllable(hanzi: str) -> str:
    """Return how one character is read by itself: its first reading here, or in the dictionary; itself if it has none."""
    return _own().get(hanzi, (_syllable(hanzi),))[0]


def syllables(word: str) -> list[str]:
    """Cut a word written in pinyin into syllables, the longest from the left that leave none over; another stays whole.

    ============== ======================
    longhuxincun   long, hu, xin, cun
    youxiangongsi  you, xian, gong, si
    bj0            bj0
    ============== ======================
    """
    # first[i] is how long the first syllable of word[i:] is; 0 where it cannot be cut to its end
    first = [0] * len(word) + [-1]
    for at in range(len(word) - 1, -1, -1):
        longest = min(_LONGEST_SYLLABLE, len(word) - at)
        first[at] = next((n for n in range(longest, 0, -1) if first[at + n] and word[at:at + n] in _inventory()), 0)
    if not first[0]:
        return [word]
    found, at = [], 0
    while at < len(word):
        found.append(word[at:at + first[at]])
        at += first[at]
    return found


@cache
def _inventory() -> frozenset[str]:
    """Every syllable of the language, toneless."""
    said = {syllable.split(",")[0] for syllable in _dictionaries()[1].values()}
    return frozenset(plain for syllable in said if (plain := _toneless(syllable)).isascii() and len(plain) > 1) | {"a", "e", "o"}


@cache
def _own() -> Mapping[str, tuple[str, ...]]:
    """The shipped readings: phrase → its readings."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {fold(row["phrase"]): tuple(row["reading"].split("|")) for row in csv.DictReader(file)}


@cache
def _own_phrases() -> re.Pattern[str]:
    """Matches any shipped phrase of two hanzi or more, the longest one first."""
    phrases = sorted((p for p in _own() if len(p) > 1 and all(map(is_hanzi, p))), key=lambda p: (-len(p), p))
    return re.compile("|".join(map(re.escape, phrases)))


def _read(text: str) -> str:
    ways = [way for run in runs(fold(text)) for way in (_ways(run) if is_hanzi(run[0]) else ((letters(run) or run,),))]
    if all(len(way) == 1 for way in ways):
        return " ".join([way[0] for way in ways])
    return "|".join(" ".join(way) for way in islice(product(*ways), MOST_READINGS))


def _ways(run: str) -> Iterator[tuple[str, ...]]:
    """Yield, for each part of a run of hanzi, the ways to read it."""
    at = 0
    for match in _own_phrases().finditer(run):
        yield from _dictionary(run[at:match.start()])
        yield _own()[match.group()]
        at = match.end()
    yield from _dictionary(run[at:])


@lru_cache(maxsize=1 << 14)
def _dictionary(run: str) -> tuple[tuple[str, ...], ...]:
    """Return the readings of the longest dictionary phrases from the left; single hanzi by our own list first."""
    found: list[tuple[str, ...]] = []
    at = 0
    while at < len(run):
        for length in range(min(_LONGEST_PHRASE, len(run) - at), 1, -1):
            phrase = _phrase(run[at:at + length])
            if phrase is not None:
                found.append((phrase,))
                at += length
                break
        else:
            found.append(_own().get(run[at]) or (_syllable(run[at]),))
            at += 1
    return tuple(found)


@cache
def _dictionaries() -> tuple[Mapping[str, list[list[str]]], Mapping[int, str]]:
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT  # 0.5 s: only when something is read

    return PHRASES_DICT, PINYIN_DICT


def _phrase(phrase: str) -> str | None:
    known = _dictionaries()[0].get(phrase)
    return None if known is None or len(known) != len(phrase) else " ".join(_toneless(ways[0]) for ways in known)


@cache
def _syllable(hanzi: str) -> str:
    return _toneless(_dictionaries()[1].get(ord(hanzi), hanzi).split(",")[0])


@cache
def _toneless(syllable: str) -> str:
    marked = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(c for c in marked if not unicodedata.combining(c))
