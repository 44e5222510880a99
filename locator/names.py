"""Find sites and places by what people call them: characters, pinyin, initials, code, address, kind.

A question is cut at blanks into words, and every word must match. A word matches a row through

======== ==========================================================================================
name     its characters, anywhere in the name
pinyin   its letters: from some syllable on, each syllable in full or by its first letter (zh, ch, sh
         too), the last by any beginning: wangfujing, wangfj; a character of the name stands for
         itself: 什刹hai
initials the same, first letters only: wfj
alias    its characters, anywhere in another name
code     its letters and digits, anywhere in the station code; signs and blanks do not count
address  its characters, anywhere in the address
synonym  a term of the vocabulary that the row has: its kind, host or a facility (yes or limited).
         The word is the term's code or one of its names, or begins a word of one: 2 characters or
         3 letters at least. In pinyin: all of a name, or 2 syllables of 4 letters at least.
======== ==========================================================================================

**The order of answers.** Three readings of the question, each below all answers of the one before:

1. the whole question as one phrase, blanks left out (``shi cha hai``);
2. every word by itself (``王府井 母婴室``); left out where the question spells a phrase that was
   found, syllable by syllable;
3. a word that begins or ends with a term, without a blank, as two (``王府井母婴室``).

Within a reading a word's match counts: the whole text, before its beginning, before a word's start
in it, before anywhere else; then by what matched, in the order of the table above. An address and
a synonym always count as "anywhere else": every address begins with the city. A row counts by its
worst word, then by all its words; then the shorter name comes first, then the lower row. Upper and
lower case, full and half width, tone marks and the usual traditional characters make no difference.

Only the first 200 characters and the first 8 words of a question are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Bits, Rows
from locator.columns import TextColumn
from locator.sites import Sites
from locator.texts import EXACT, INFIX, Grades, Hits, Spoken, Written, fold, is_hanzi, letters
from locator.vocabulary import Vocabulary
from locator.words import Words

MATCHES = ("name", "pinyin", "initials", "alias", "code", "address", "synonym")
"""What a word can match, best first."""

TERM_SECTIONS = ("kind", "subtype", "host", "facility")
"""Sections of the vocabulary whose terms can be searched for."""

LONGEST_QUESTION = 200
MOST_WORDS = 8

_NAME, _PINYIN, _INITIALS, _ALIAS, _CODE, _ADDRESS, _SYNONYM = range(len(MATCHES))
_GRADE_STEP = 8
_UNMATCHED = 255

Having = Callable[[str, str], Bits]
"""(section, code) → (n,) whether each row has that term."""

_Scores = NDArray[np.uint8]
"""(n,) grade × 8 + what matched; 255 where nothing did."""


@dataclass(frozen=True, slots=True)
class Place:
    """A landmark to search by: not a site, only somewhere people start from."""

    code: str
    words: Words
    lon: float
    lat: float
    """WGS-84 degrees."""
    accuracy_m: float
    """How far the landmark's middle may lie from the pair."""
    category: str
    aliases: tuple[str, ...] = ()
    reading: str = ""
    """Syllables separated by blanks, further readings after ``|``."""
    source: str = ""
    """Where it comes from; whom to credit."""


class Found(NamedTuple):
    """One row that goes by the words of a question."""

    row: int
    rank: int
    """Lower is better; comparable between tables asked the same question."""
    matched: str
    """One of `MATCHES`: through what the worst word matched."""


@dataclass(frozen=True, slots=True)
class _Label:
    """One name of a term, folded."""

    text: str
    plain: str
    """Without blanks and signs."""
    term: tuple[str, str]


class Names:
    """n rows by name, complete when constructed; about 170 bytes a row."""

    def __init__(self, names: Iterable[str | None], *, readings: Iterable[str | None] = (),
                 aliases: Iterable[tuple[str, ...]] = (), codes: Iterable[str | None] = (),
                 addresses: Iterable[str | None] = (), vocabulary: Vocabulary | None = None,
                 having: Having | None = None, term_readings: Mapping[str, str] | None = None) -> None:
        """Pack everything a row is called.

        Args:
            names: n names; row i is the i-th.
            readings: n readings: syllables separated by blanks, further readings after ``|``; or none at all.
            aliases: n tuples of other names; or none at all.
            codes: n station codes; or none at all.
            addresses: n addresses; or none at all.
            vocabulary: The terms that can be searched for.
            having: Tells which rows have a term; without it no synonym is found.
            term_readings: Readings of the vocabulary's Chinese names, by name; what is missing is
                found by its characters only.
        """
        self._names = Written(names)
        self._lengths = np.minimum(self._names.lengths, (1 << 16) - 1).astype(np.uint16)
        every_reading, reading_rows = _laid_out((r or "").split("|") for r in readings)
        self._spoken = Spoken(every_reading, self._names, reading_rows)
        self._spoken_rows = reading_rows
        every_alias, self._alias_rows = _laid_out(aliases)
        self._aliases = Written(every_alias)
        self._codes = Written(codes, signs=False)
        self._addresses = Written(addresses)
        self._terms = _Terms(vocabulary, term_readings or {}) if vocabulary and having else None
        self._having = having

    @classmethod
    def of_sites(cls, sites: Sites, readings: TextColumn, vocabulary: Vocabulary, *,
                 term_readings: Mapping[str, str] | None = None) -> Names:
        """Make the names of a table of sites; `readings` (n,) are those of its names."""
        def having(section: str, code: str) -> Bits:
            if section == "facility":
                return sites.offers(code)
            return sites.has(section, (code,))

        return cls(sites.text("name"), readings=readings, aliases=sites.coded("aliases"),
                   codes=sites.text("station_code"), addresses=sites.text("address"),
                   vocabulary=vocabulary, having=having, term_readings=term_readings)

    @classmethod
    def of_places(cls, places: Sequence[Place]) -> Names:
        """Make the names of places; their English name counts as an alias."""
        return cls((p.words.zh for p in places), readings=(p.reading for p in places),
                   aliases=[(p.words.en, *p.aliases) for p in places])

    def __len__(self) -> int:
        return len(self._lengths)

    def search(self, text: str, k: int, among: Bits | None = None, *, terms: Collection[str] = TERM_SECTIONS) -> list[Found]:
        """Return at most k rows that go by `text`, best first (the order is the module's).

        Args:
            text: Anything at all; blank text finds nothing.
            k: How many at most.
            among: (n,) the rows that may be found; None: every row.
            terms: Of `TERM_SECTIONS`, whose terms a word may match as a synonym.
        """
        words = fold(text[:LONGEST_QUESTION]).split()[:MOST_WORDS]
        free = np.ones(len(self), np.bool_) if among is None else among.copy()
        scored: dict[str, _Scores] = {}
        found: list[Found] = []
        for place, reading in self._readings_of(words):
            if len(found) >= k or (place == 1 and found and self._spelt_out(words)):
                break
            best = self._best(reading, scored, free, k - len(found), place, terms)
            free[[f.row for f in best]] = False
            found.extend(best)
        return found

    def at_address(self, text: str) -> Rows:
        """Return, ascending, the rows whose address holds a text; blank text is in none."""
        return np.unique(self._addresses.holding(fold(text.strip()).replace("\n", " ")))

    def _readings_of(self, words: list[str]) -> Iterator[tuple[int, list[str]]]:
        """Yield the ways to read a question, with their place in the order."""
        if words:
            yield 0, ["".join(words)]
        if len(words) > 1:
            yield 1, words
        parts = [part for word in words for part in self._parted(word)]
        if len(parts) > len(words):
            yield 2, parts[:MOST_WORDS]

    def _parted(self, word: str) -> list[str]:
        return self._terms.parted(word) if self._terms else [word]

    def _spelt_out(self, words: list[str]) -> bool:
        """Whether a question is one phrase with a blank after every syllable: shi cha hai."""
        return len(words) > 1 and all(len(w) == 1 or w in self._spoken for w in map(letters, words))

    def _best(self, words: list[str], scored: dict[str, _Scores], free: Bits, k: int, place: int, terms: Collection[str]) -> list[Found]:
        """Return the k best free rows that every word matches; `scored` remembers what was called."""
        for word in words:
            if word not in scored:
                scored[word] = self._called(word)
        scores = [scored[word] for word in words]
        rows = _matched(scores, free)
        if len(rows) < k:
            # an address or a synonym counts below everything else, so it matters only where the rest was too little
            scores = [np.minimum(scored[word], self._around(word, terms)) for word in words]
            rows = _matched(scores, free)
        if not len(rows):
            return []
        worst = np.maximum.reduce([s[rows] for s in scores]).astype(np.int64)
        total = np.add.reduce([s[rows].astype(np.int64) for s in scores])
        order = ((((place << 8) + worst) << 12) + total << 16) + self._lengths[rows]
        if len(rows) > k:
            # rows ascend, so all rows as good as the k-th are kept and a stable sort settles ties by row
            kept = order <= np.partition(order, k - 1)[k - 1]
            rows, order, worst = rows[kept], order[kept], worst[kept]
        first = np.argsort(order, kind="stable")[:k]
        return [Found(row, rank, MATCHES[what % _GRADE_STEP])
                for row, rank, what in zip(rows[first].tolist(), order[first].tolist(), worst[first].tolist(), strict=True)]

    def _called(self, word: str) -> _Scores:
        """Score every row by what it is called, the best way the word matches."""
        scores = np.full(len(self), _UNMATCHED, np.uint8)
        typed = letters(word)
        if typed and typed.isascii():
            _keep_best(scores, None, self._codes.find(typed), _CODE)
        _keep_best(scores, self._alias_rows, self._aliases.find(word), _ALIAS)
        if any(map(_is_letter, typed)):
            spoken = self._spoken.find(typed)
            for initials, what in ((True, _INITIALS), (False, _PINYIN)):
                these = spoken.initials == initials
                _keep_best(scores, self._spoken_rows, Hits(spoken.entries[these], spoken.grades[these]), what)
        _keep_best(scores, None, self._names.find(word), _NAME)
        return scores

    def _around(self, word: str, terms: Collection[str]) -> _Scores:
        """Score every row by what it has, and where it is."""
        scores = np.full(len(self), _UNMATCHED, np.uint8)
        if self._terms is not None and self._having is not None:
            for section, code in self._terms.meant_by(word):
                if section in terms:
                    scores[self._having(section, code)] = INFIX * _GRADE_STEP + _SYNONYM
        scores[self._addresses.holding(word)] = INFIX * _GRADE_STEP + _ADDRESS
        return scores


class _Terms:
    """The vocabulary's terms by what people call them."""

    def __init__(self, vocabulary: Vocabulary, readings: Mapping[str, str]) -> None:
        self._labels: list[_Label] = []
        spoken: list[str] = []
        self._spoken_terms: list[tuple[str, str]] = []
        for section in TERM_SECTIONS:
            for term in vocabulary.sections.get(section, {}).values():
                for name in dict.fromkeys((term.code, term.code.replace("_", " "), *term.words, *term.synonyms)):
                    text = fold(name)
                    self._labels.append(_Label(text, _plain(text), (section, term.code)))
                    for reading in filter(None, readings.get(name, "").split("|")):
                        spoken.append(reading)
                        self._spoken_terms.append((section, term.code))
        self._spoken = Spoken(spoken)
        self._needs = {_plain(fold(need.words.zh)): [(section, code) for section in TERM_SECTIONS
                                                     for code in need.filters.get(section, ())]
                       for need in vocabulary.needs.values()}
        self._whole = {text for text in (*(label.plain for label in self._labels), *self._needs) if len(text) > 1}

    def meant_by(self, word: str) -> set[tuple[str, str]]:
        """Return the (section, code) of every term a folded word may mean."""
        plain = _plain(word)
        if not plain:
            return set()
        meant = set(self._needs.get(plain, ()))
        long_enough = len(word) >= (2 if is_hanzi(word[0]) else 3)
        for label in self._labels:
            if plain == label.plain or (long_enough and (f" {label.text}".find(f" {word}") >= 0)):
                meant.add(label.term)
        typed = letters(word)
        if typed.isascii():
            hits = self._spoken.find(typed)
            for entry, grade, initials in zip(*(part.tolist() for part in hits), strict=True):
                if self._heard_enough(entry, grade, typed, initials):
                    meant.add(self._spoken_terms[entry])
        return meant

    def _heard_enough(self, entry: int, grade: int, typed: str, initials: bool) -> bool:
        """All of a name in 3 letters or more, or its beginning in 2 syllables of 4 letters or more."""
        if grade == EXACT:
            return len(typed) >= 3
        return grade < INFIX and not initials and len(typed) >= 4 and len(typed) > self._spoken.first_length(entry)

    def parted(self, word: str) -> list[str]:
        """Cut the longest term off a word's end, or off its beginning; 2 characters and all Chinese at least."""
        for length in range(len(word) - 1, 1, -1):
            for term, rest, order in ((word[-length:], word[:-length], -1), (word[:length], word[length:], 1)):
                if term in self._whole and is_hanzi(term[0]):
                    return [term, rest][::order]
        return [word]


def _matched(scores: list[_Scores], free: Bits) -> Rows:
    """The free rows that every word matched, ascending."""
    return np.flatnonzero((np.maximum.reduce(scores) < _UNMATCHED) & free)


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _is_letter(character: str) -> bool:
    return character.isalpha() and not is_hanzi(character)


def _laid_out(tuples: Iterable[Iterable[str]]) -> tuple[list[str], Rows]:
    """Return all texts of n tuples one below the other, with the row of each."""
    texts: list[str] = []
    rows: list[int] = []
    for row, several in enumerate(tuples):
        for text in several:
            if text:
                texts.append(text)
                rows.append(row)
    return texts, np.array(rows, np.intp)


def _keep_best(scores: _Scores, rows_of: Rows | None, hits: Hits, what: int) -> None:
    """Lower the scores of the rows that were hit; of several hits on one row the best counts."""
    rows = hits.entries if rows_of is None else rows_of[hits.entries]
    values: Grades = (hits.grades * _GRADE_STEP + what).astype(np.uint8)
    for value in range(INFIX * _GRADE_STEP + what, what - 1, -_GRADE_STEP):
        these = rows[values == value]
        scores[these] = np.minimum(scores[these], value)
