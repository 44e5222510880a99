"""Take a caller's sentence apart: where they are, what they need, who they are; the rest stays as it was said.

我在王府井大街，百货大楼门口，能上厕所吗，冷得很

========== =====================================================================================
place      the name of a landmark, in full: 王府井大街
area       the name of a district or a street office, in full
want       a kind, a facility, who one is, open or not, how one goes: 上厕所, 冷
crossing   two roads and what joins them: 东单北大街与金鱼胡同交叉口
address    a road and a house number: 王府井大街 138 号
unknown    whatever else was said: 百货大楼. It may be a name; nothing is guessed from it here
nothing    words that carry nothing: 我在, 门口, 能, 吗, 得很
========== =====================================================================================

Nothing of a sentence is lost: in their order its parts give it back, but for blanks and signs.

The longest phrase from the left counts; of two readings of the same words a want goes before a
name. One character counts only where it stands alone, once what carries nothing is taken off. Latin
words count whole: English with or without its hyphens and apostrophes, pinyin in full with or
without blanks (``ce suo``), 4 letters at least where other letters stand beside. What is said not
to be needed (不用厕所) is left unknown. Upper and lower case, full and half width and the usual
traditional characters make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from locator.areas import AreaTree
from locator.names import Place
from locator.phrasebook import Meaning, PhraseBook, Want
from locator.sentences import TOKEN, WORD, between_latin, end_of_word, ends_word, folded, starts_word
from locator.texts import fold, is_hanzi, letters
from locator.vocabulary import Vocabulary

LONGEST_SAID = 200
"""Characters of a sentence that are read."""
SORTS = ("place", "area", "want", "crossing", "address", "unknown", "nothing")

_MOST_SYLLABLES = 6
_LEAST_LETTERS = 4
_DENIED = ("不用", "不要", "不需要", "用不着", "无需", "别", "no ", "not ", "without ")
_ROAD = "路街巷道桥门胡同里线环条"
_CROSSING = re.compile(r"(?P<a>\w{2,14}?)\s*(?:与|和|跟|及|、|/|&|\+)\s*(?P<b>\w{2,14}?)(?:的)?"
                       r"(?:交叉路口|交叉口|十字路口|丁字路口|路口|交界处|交界|交汇处|交汇|相交处)")
_HOUSE = re.compile(r"(?P<street>[^\W\d_]{2,}) ?(?P<number>\d{1,5}) ?号(?:院|楼)?(?: ?\d{1,4} ?(?:号楼|号院|号|楼|栋|座|层))*")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a sentence."""

    sort: str
    """One of `SORTS`."""
    text: str
    """As it was said."""
    start: int
    end: int
    wants: tuple[Want, ...] = ()
    rows: tuple[int, ...] = ()
    """The places of that name: rows of the places given."""
    codes: tuple[str, ...] = ()
    """The areas of that name."""
    names: tuple[str, ...] = ()
    """What to look for, folded: of an unknown part nearly all of it, then without what carries nothing; of a crossing
    the two roads; of an address the road, then without its area."""
    number: int | None = None
    """An address's house number."""

    @property
    def key(self) -> str:
        """What a part is called when somebody takes it out."""
        return fold(self.text)


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence in parts, in their order."""

    text: str
    parts: tuple[Part, ...]

    def less(self, keys: Iterable[str]) -> Heard:
        """Return the same without the parts that somebody took out."""
        out = {fold(key) for key in keys}
        return replace(self, parts=tuple(p for p in self.parts if p.sort == "nothing" or p.key not in out))

    def of(self, *sorts: str) -> tuple[Part, ...]:
        """Return the parts of some sorts."""
        return tuple(p for p in self.parts if p.sort in sorts)

    @property
    def wants(self) -> tuple[Want, ...]:
        """Everything wanted, once, in the order it was said."""
        return tuple(dict.fromkeys(want for part in self.parts for want in part.wants))

    def codes(self, section: str) -> tuple[str, ...]:
        """Return the wanted codes of one section."""
        return tuple(code for of, code in self.wants if of == section)


class Ear:
    """Hears sentences with one vocabulary, one list of places and one tree of areas."""

    def __init__(self, vocabulary: Vocabulary, places: Sequence[Place] = (), areas: AreaTree | None = None, *,
                 term_readings: Mapping[str, str] | None = None) -> None:
        """Learn every phrase.

        Args:
            vocabulary: Its kinds, facilities, needs, who may use a site, and its sayings.
            places: Landmarks; a part's `rows` are positions in it.
            areas: Districts, streets; one without a parent is everywhere, and carries nothing.
            term_readings: Pinyin of the vocabulary's Chinese names, by name.
        """
        self._book = PhraseBook(vocabulary, places, areas, term_readings or {})

    def hear(self, text: str) -> Heard:
        """Return a sentence in parts; anything at all may be said, its first `LONGEST_SAID` characters are read."""
        text = text[:LONGEST_SAID]
        said, origins = folded(text)
        return Heard(text, tuple(self._in_original(part, text, origins) for part in self._scan(said)))

    @staticmethod
    def _in_original(part: Part, text: str, origins: Sequence[int]) -> Part:
        start, end = origins[part.start], origins[part.end - 1] + 1
        return replace(part, text=text[start:end], start=start, end=end)

    def _scan(self, said: str) -> Iterator[Part]:
        """Yield the parts of a folded sentence; their offsets are its own."""
        at, gap = 0, -1
        whole = self._crossings(said) | self._addresses(said)
        while at < len(said):
            found = whole.get(at) or (self._known(said, at) if starts_word(said, at) else None)
            if found is not None and found.sort == "want" and said[:at].endswith(_DENIED):
                gap, at = at if gap < 0 else gap, found.end
                continue
            if found is None and (said[at].isalnum() or (gap >= 0 and between_latin(said, at))):
                gap = at if gap < 0 else gap
                at = end_of_word(said, at)
                continue
            if gap >= 0:
                yield self._unknown(said, gap, at)
                gap = -1
            if found is not None:
                yield found
            at = at + 1 if found is None else found.end
        if gap >= 0:
            yield self._unknown(said, gap, at)

    def _known(self, said: str, at: int) -> Part | None:
        """Return the longest known phrase that begins here; of Latin ones none that carries nothing, and none too short."""
        for end in range(min(len(said), at + self._book.longest.get(said[at], 0)), at + 1, -1):
            meaning = self._book.phrases.get(said[at:end])
            if meaning is not None and ends_word(said, end):
                latin = said[at:end].isascii()
                if not latin or (meaning.sort != "nothing" and end - at >= _LEAST_LETTERS):
                    return _part(said, at, end, meaning)
        return None if is_hanzi(said[at]) else self._pinyin(said, at)

    def _pinyin(self, said: str, at: int) -> Part | None:
        """Hear pinyin in full: in one word, or with a blank after each syllable."""
        ends: list[int] = []
        while len(ends) < _MOST_SYLLABLES and (word := WORD.match(said, ends[-1] + 1 if ends else at)):
            ends.append(word.end())
            if said[word.end():word.end() + 1] != " ":
                break
        for end in reversed(ends):
            typed = letters(said[at:end])
            if len(typed) >= _LEAST_LETTERS and typed in self._book.spoken:
                return _part(said, at, end, self._book.spoken[typed])
        return None

    def _unknown(self, said: str, start: int, end: int) -> Part:
        """Return what stands between known parts: nothing, one short want alone, or words that are not known."""
        end = start + len(said[start:end].rstrip())
        tokens = [(m.start(), m.end()) for m in TOKEN.finditer(said, start, end)]
        while tokens and self._carries_nothing(said, *tokens[0]):
            tokens.pop(0)
        # "an" may be a syllable of a name, 在 hardly ever begins one
        fuller = said[tokens[0][0] if tokens and is_hanzi(said[start]) else start:end]
        while tokens and self._carries_nothing(said, *tokens[-1]):
            tokens.pop()
        if not tokens:
            return _part(said, start, end, Meaning("nothing"))
        bare = said[tokens[0][0]:tokens[-1][1]]
        meaning = self._book[bare]
        if meaning.wants and not said[:tokens[0][0]].endswith(_DENIED):
            return _part(said, start, end, meaning)
        return replace(_part(said, start, end, Meaning("unknown")), names=tuple(dict.fromkeys((fuller, bare))))

    def _carries_nothing(self, said: str, start: int, end: int) -> bool:
        return self._book[said[start:end]].sort == "nothing"

    def _crossings(self, said: str) -> dict[int, Part]:
        """Return the crossings of two roads, by where they begin; both must be places, or called as roads are."""
        found = {}
        for match in _CROSSING.finditer(said):
            start = self._after(said, match.start("a"), match.end("a"))
            a, b = said[start:match.end("a")], match["b"]
            if self._is_road(a) and self._is_road(b):
                found[start] = replace(_part(said, start, match.end(), Meaning("crossing")), names=(a, b))
        return found

    def _addresses(self, said: str) -> dict[int, Part]:
        """Return the house numbers with their road, by where they begin."""
        found = {}
        for match in _HOUSE.finditer(said):
            start = self._after(said, match.start(), match.end("street"))
            road = said[start:match.end("street")]
            if self._is_road(road) or self._book[road].sort == "":
                bare = said[self._after(said, start, match.end("street"), ("area", "nothing")):match.end("street")]
                found[start] = Part("address", "", start, match.end(), rows=self._book[bare].rows,
                                    names=tuple(dict.fromkeys((road, bare))), number=int(match["number"]))
        return {start: part for start, part in found.items() if len(part.names[-1]) > 1}

    def _after(self, said: str, at: int, end: int, sorts: tuple[str, ...] = ("nothing",)) -> int:
        """Return where a name begins, once what carries nothing, or other sorts, is taken off its front."""
        while at < end:
            known = next((n for n in range(min(end - at, self._book.longest.get(said[at], 0)), 0, -1) if said[at:at + n] in self._book.phrases), 0)
            if not known or self._book.phrases[said[at:at + known]].sort not in sorts:
                break
            at += known
        return at

    def _is_road(self, name: str) -> bool:
        return len(name) > 1 and (self._book[name].sort == "place" or name[-1] in _ROAD)


def _part(said: str, start: int, end: int, meaning: Meaning) -> Part:
    return Part(meaning.sort, said[start:end], start, end, meaning.wants, meaning.rows, meaning.codes)
