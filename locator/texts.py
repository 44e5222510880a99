"""Find packed texts by their characters or by how they are spoken.

`Written` holds texts as one block of UTF-16 units, `Spoken` holds readings as one block of token
codes; neither keeps a Python object a text. Both answer with entry numbers and a grade for each.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Bits, Codes, Rows

EXACT, PREFIX, WORD, INFIX = 0, 1, 2, 3
"""Grades of a match: the whole text; its beginning; after a blank or a sign; anywhere else."""

Grades: TypeAlias = NDArray[np.uint8]
"""(m,) one of the grades a match."""

_BREAK = 10  # the line feed ends every packed text; `fold` never makes one out of anything else
_SHORT_INITIALS = ("zh", "ch", "sh")
_MOST_LETTERS = 100
_CROWDED = 25  # a unit that makes up more than 1 in 25 of a block is crowded
_UNITS = 1 << 16

# Characters of place names as they are written in Hong Kong, Macao, Taiwan and on old signs.
_TRADITIONAL = (
    "東門廣場車國區樓廟園長陽橋鎮衛臺灣嶺龍鳳馬鳥魚黃雲風飛館會醫學圖書銀電視報務業產單雙義發廠體樂機華聯"
    "達麗莊頤宮觀關廳圍環線鐵運輸處農豐縣鄉寶蘇遼寧濟爾聖熱飯飲溫職騎員動戶勞嬰兒廁間氣納涼換貓點開無網絡"
    "營號層邊對齊棟樹羅興應廈萬歲領獎總經術創過來後裡裏衚衕護專實驗劍錦綠紅藍買賣當歸")
_SIMPLIFIED = (
    "东门广场车国区楼庙园长阳桥镇卫台湾岭龙凤马鸟鱼黄云风飞馆会医学图书银电视报务业产单双义发厂体乐机华联"
    "达丽庄颐宫观关厅围环线铁运输处农丰县乡宝苏辽宁济尔圣热饭饮温职骑员动户劳婴儿厕间气纳凉换猫点开无网络"
    "营号层边对齐栋树罗兴应厦万岁领奖总经术创过来后里里胡同护专实验剑锦绿红蓝买卖当归")
HANZI = "\u3400-\u9fff\uf900-\ufaff〇"
"""What `is_hanzi` says yes to, for a class of a regular expression."""
_RUNS = re.compile(rf"[{HANZI}]+|[^\W_{HANZI}]+")
_PLAIN = str.maketrans(dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True)))


def fold(text: str) -> str:
    """Return the text as it is compared: NFKC (full width to half), case folded, simplified."""
    return _evened(text).translate(_PLAIN)


def _evened(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def letters(text: str) -> str:
    """Return a folded word as it is typed for a reading: no tone marks, no signs, ü as v.

    ========== =========
    xi'an      xian
    shíchàhǎi  shichahai
    nǚ         nv
    ========== =========
    """
    marked = unicodedata.normalize("NFD", text).replace("u\u0308", "v")
    return "".join([c for c in marked if c.isalnum()])


def is_hanzi(character: str) -> bool:
    """Return whether a character is read as one syllable (the Basic Plane's ideographs)."""
    return "\u3400" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or character == "〇"


def runs(folded: str) -> list[str]:
    """Cut a folded text into runs, each all hanzi or all other letters and digits; the rest is left out.

    A reading has one token a hanzi, and one a run of the others.
    """
    return _RUNS.findall(folded)


@cache
def _classes() -> NDArray[np.uint8]:
    """(65536,) for every UTF-16 unit: 0 a sign or blank, 1 a letter or digit, 2 a hanzi."""
    return np.array([2 if is_hanzi(c) else c.isalnum() for c in map(chr, range(_UNITS))], np.uint8)


@cache
def _simplified() -> NDArray[np.uint16]:
    """(65536,) the same as `_PLAIN` for every UTF-16 unit."""
    table = np.arange(_UNITS).astype(np.uint16)
    table[list(_PLAIN)] = [ord(c) for c in _SIMPLIFIED]
    return table


def _units(text: str) -> NDArray[np.uint16]:
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)


class Hits(NamedTuple):
    """Entries found, each possibly several times, in no order."""

    entries: Rows
    grades: Grades


_NOTHING = Hits(np.empty(0, np.intp), np.empty(0, np.uint8))


class Written:
    """e texts by their characters, folded."""

    def __init__(self, texts: Iterable[str | None], *, signs: bool = True) -> None:
        """Pack texts, without blanks and signs if so asked; an absent one is never found."""
        joined = "".join([f"{t}\n" if t and "\n" not in t else (t or "").replace("\n", " ") + "\n" for t in texts])
        block = _simplified()[_units(_evened(joined))]  # by table: translating a long text takes 10 times as long
        self._block = block if signs else block[(_classes()[block] != 0) | (block == _BREAK)]
        self._ends = np.flatnonzero(self._block == _BREAK).astype(np.int32)
        self._starts = np.concatenate([np.zeros(1, np.int32), self._ends[:-1] + 1]).astype(np.int32)
        self._counts = np.bincount(self._block, minlength=_UNITS).astype(np.int32)
        self._longest = int((self._ends - self._starts).max(initial=0))

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def lengths(self) -> NDArray[np.int32]:
        """(e,) units of each text."""
        return self._ends - self._starts

    def find(self, word: str) -> Hits:
        """Return where a folded word, without line breaks, occurs."""
        wanted = _units(word)
        if not 0 < len(wanted) <= self._longest:
            return _NOTHING
        at = self._places(wanted)
        if not len(at):
            return _NOTHING
        entries = np.searchsorted(self._ends, at)
        first = at == self._starts[entries]
        whole = first & (at + len(wanted) == self._ends[entries])
        after_sign = _classes()[self._block[at - 1]] == 0
        grades = np.where(whole, EXACT, np.where(first, PREFIX, np.where(after_sign, WORD, INFIX)))
        return Hits(entries, grades.astype(np.uint8))

    def holding(self, word: str) -> Rows:
        """Return the texts in which a folded word, without line breaks, occurs; each possibly several times."""
        wanted = _units(word)
        if not 0 < len(wanted) <= self._longest:
            return _NOTHING.entries
        return np.searchsorted(self._ends, self._places(wanted))

    def _places(self, wanted: NDArray[np.uint16]) -> NDArray[np.int32]:
        """Every place in the block where these units stand, ascending."""
        counts = self._counts[wanted]
        rarest = int(np.argmin(counts))
        last = len(self._block) - len(wanted) + 1
        if int(counts[rarest]) * _CROWDED > len(self._block):
            # passing over the whole block costs less than picking places out of it
            here = self._block[:last] == wanted[0]
            for i in range(1, len(wanted)):
                here &= self._block[i:last + i] == wanted[i]
            return np.flatnonzero(here).astype(np.int32)
        # every occurrence holds the rarest unit, so only its places need a look
        at = np.flatnonzero(self._block[rarest:last + rarest] == wanted[rarest]).astype(np.int32)
        for i in np.argsort(counts, kind="stable")[1:].tolist():
            if not len(at):
                break
            at = at[self._block[at + i] == wanted[i]]
        return at

    def hanzi_of_tokens(self, entries: Rows, counts: NDArray[np.int64]) -> NDArray[np.uint16]:
        """Return, one below the other, the hanzi behind each token of `entries`, 0 for none.

        Args:
            entries: (m,) which texts.
            counts: (m,) tokens each of them must have (see `runs`); where it has another number,
                its reading cannot be laid beside it and all its hanzi are 0.
        """
        classes = _classes()[self._block]
        running_on = np.concatenate([[False], classes[:-1] == 1])
        begins = (classes == 2) | ((classes == 1) & ~running_on)
        places = np.flatnonzero(begins)
        upto = np.searchsorted(places, self._ends)
        have = np.diff(upto, prepend=0)[entries]
        laid = np.zeros(int(counts.sum()), np.uint16)
        fits = have == counts
        offsets = np.cumsum(counts) - counts
        shift = np.repeat(upto[entries] - have - offsets, counts)
        inside = np.repeat(fits, counts)
        source = places[(np.arange(len(laid)) + shift)[inside]]
        laid[inside] = np.where(classes[source] == 2, self._block[source], 0)
        return laid


class SpokenHits(NamedTuple):
    """Entries found, each possibly several times, in no order."""

    entries: Rows
    grades: Grades
    initials: Bits
    """(m,) whether only first letters were given."""


_UNHEARD = SpokenHits(np.empty(0, np.intp), np.empty(0, np.uint8), np.empty(0, np.bool_))


class _Front(NamedTuple):
    """Partly heard readings: where each began, which token comes next, whether a token was said at length."""

    origin: NDArray[np.int32]
    token: NDArray[np.int32]
    at_length: Bits


class Spoken:
    """e readings: tokens separated by blanks, ``shi cha hai``.

    A word is heard as a run of tokens, each of them in full or by its first letter (zh, ch and sh
    too), the last by any beginning: ``shichahai``, ``sch``, ``shich``, ``wangfj``. A hanzi in the
    word stands for itself: ``什刹hai``.
    """

    def __init__(self, readings: Iterable[str | None], names: Written | None = None,
                 named_by: Rows | None = None) -> None:
        """Pack readings; `names` are the texts they were made from, `named_by` (e,) which of them each reads."""
        code_of: defaultdict[str, int] = defaultdict()
        code_of.default_factory = code_of.__len__
        code_of[""]  # the break between readings, before every other token
        said: list[int] = []
        counts: list[int] = []
        for reading in readings:
            words = (reading or "").split()
            counts.append(len(words))
            said.extend(map(code_of.__getitem__, words))
            said.append(0)
        self._tokens = sorted(code_of)
        renumber = np.empty(len(code_of), np.int32)
        renumber[[code_of[t] for t in self._tokens]] = np.arange(len(code_of))
        small = np.uint16 if len(code_of) <= _UNITS else np.int32
        self._codes: Codes = renumber[np.array(said, np.int32)].astype(small)
        self._ends = np.flatnonzero(self._codes == 0).astype(np.int32)
        self._starts = (self._ends - np.array(counts, np.int32)).astype(np.int32)
        self._entries = np.repeat(np.arange(len(counts), dtype=np.int32), np.array(counts, np.int32) + 1)
        # all places of one token, and of all tokens that begin alike, lie together
        self._order = np.argsort(self._codes, kind="stable").astype(np.int32)
        self._offsets = np.concatenate([[0], np.cumsum(np.bincount(self._codes, minlength=len(self._tokens)))])
        self._hanzi = np.zeros(len(self._codes), np.uint16)
        if names is not None and len(counts):
            whose = np.arange(len(counts)) if named_by is None else named_by
            self._hanzi[self._codes != 0] = names.hanzi_of_tokens(whose, np.array(counts, np.int64))

    def __len__(self) -> int:
        return len(self._ends)

    def __contains__(self, token: str) -> bool:
        at = bisect_left(self._tokens, token)
        return at < len(self._tokens) and self._tokens[at] == token

    def first_length(self, entry: int) -> int:
        """Return the number of letters of a reading's first token."""
        return len(self._tokens[self._codes[self._starts[entry]]])

    def find(self, word: str) -> SpokenHits:
        """Return the readings in which a word, as `letters` makes it, is heard."""
        if not 0 < len(word) <= _MOST_LETTERS or len(self._codes) == 0:
            return _UNHEARD
        waiting: dict[int, list[_Front]] = {0: [self._everywhere(word)]}
        heard: list[SpokenHits] = []
        for i in range(len(word)):
            if i not in waiting:
                continue
            front = _merged(waiting.pop(i))
            for j, allowed, at_length, is_initial_or_full in self._steps(front.token, word, i):
                moved = _Front(front.origin[allowed], front.token[allowed] + 1, (front.at_length | at_length)[allowed])
                if not len(moved.origin):
                    continue
                if j == len(word):
                    heard.append(self._graded(moved, is_initial_or_full[allowed]))
                else:
                    waiting.setdefault(j, []).append(moved)
        if not heard:
            return _UNHEARD
        return SpokenHits(*(np.concatenate(parts) for parts in zip(*heard, strict=True)))

    def _everywhere(self, word: str) -> _Front:
        """Every token where the word may begin."""
        if is_hanzi(word[0]):
            places = np.flatnonzero(self._hanzi == ord(word[0])).astype(np.int32)
        else:
            low, high = self._beginning(word[0])
            places = self._order[self._offsets[low]:self._offsets[high]]
        return _Front(places, places, np.zeros(len(places), np.bool_))

    def _beginning(self, text: str) -> tuple[int, int]:
        """The range of token codes that begin with a text."""
        return bisect_left(self._tokens, text), bisect_left(self._tokens, text + "\U0010ffff")

    def _steps(self, at: NDArray[np.int32], word: str, i: int) -> Iterable[tuple[int, Bits, Bits | bool, Bits]]:
        """From letter i on, each way to hear one token: next letter, which, whether at length, whether whole."""
        codes = self._codes[at]
        if is_hanzi(word[i]):
            same = self._hanzi[at] == ord(word[i])
            yield i + 1, same, True, same
            return
        for j in range(i + 1, len(word) + 1):
            part = word[i:j]
            low, high = self._beginning(part)
            if low == high:
                return  # no token begins so, nor with anything longer
            is_initial = j == i + 1 or part in _SHORT_INITIALS
            full = codes == low if self._tokens[low] == part else np.zeros(len(codes), np.bool_)
            if is_initial or j == len(word):
                allowed = (codes >= low) & (codes < high)
                yield j, allowed, full if is_initial else True, allowed if is_initial else full
            elif full.any():
                yield j, full, True, full

    def _graded(self, front: _Front, whole_token: Bits) -> SpokenHits:
        entries = self._entries[front.origin]
        first = front.origin == self._starts[entries]
        whole = first & (front.token == self._ends[entries]) & whole_token
        grades = np.where(whole, EXACT, np.where(first, PREFIX, INFIX)).astype(np.uint8)
        return SpokenHits(entries.astype(np.intp), grades, ~front.at_length)


def _merged(fronts: list[_Front]) -> _Front:
    """Join fronts; what two ways reach alike is kept once, or a long word could be heard in 2**n ways."""
    if len(fronts) == 1:
        return fronts[0]
    origin, token, at_length = (np.concatenate(parts) for parts in zip(*fronts, strict=True))
    order = np.lexsort((~at_length, token, origin))
    origin, token, at_length = origin[order], token[order], at_length[order]
    new = np.concatenate([[True], (np.diff(origin) != 0) | (np.diff(token) != 0)])
    return _Front(origin[new], token[new], at_length[new])
