"""What offices write of facilities in one cell: lists, counts, denials, remarks.

``饮水机2台、微波炉，无卫生间`` is water and microwave yes, toilet no. What cannot be told is left unknown
and named, never guessed: a word the vocabulary does not have, a remark that may matter (``空调（坏）``), a
bare word after a denial in the same breath (``没有空调、微波炉``), a yes and a no of the same thing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from geodata.cells import answer, clean, json_of, shown
from geodata.headers import words
from geodata.tables import Cell
from locator.errors import UnknownCode
from locator.sites import NO, YES
from locator.vocabulary import Vocabulary
from locator.words import Words


class Doubt(NamedTuple):
    """Something a cell says that stays unknown, and why."""

    said: str
    words: Words


class Facilities(NamedTuple):
    """What a cell says: code → yes, no or limited, and what could not be told."""

    levels: Mapping[str, str]
    doubts: Sequence[Doubt]


_CLAUSE = re.compile(r"[,，;；。|\n]+")
_ITEM = re.compile(r"[、\t]+| +/ *|／")
_JOINED = re.compile(r"以及|和|及|与|或|\+|＋|&|/|·|\s+(?:and|or)\s+|\s+", re.IGNORECASE)
_LEVEL = re.compile(r"([^=:：]+)[=:：](.+)", re.DOTALL)
_REMARK = re.compile(r"(.+?)\s*[(（\[【](.*?)[)）\]】]", re.DOTALL)
_DENIED = re.compile(r"没有设?|未设置?|未配[备置]?|未提供|暂未(?:提供|配备|设置)?|不提供|不含|不设|不具备|缺少|暂?无|没|缺|"
                     r"\b(?:no|without|lacks)\s+", re.IGNORECASE)
_GIVEN = re.compile(r"配有|设有|备有|内有|内设|含有?|配备有?|设置有?|提供|免费(?:提供)?|具备|可以?|有|\bwith\s+", re.IGNORECASE)
_UNIT = "台|个|把|张|组|套|部|只|件|间|处|口|座|份|本|册|条|具|块|盒|支|位|扇|辆|瓶|箱|桶|平米|平方米|㎡|种"
_NUMERAL = r"\d+(?:\.\d+)?|[一二两三四五六七八九十百几若数多]+"
_COUNTED = re.compile(rf"(?P<name>.+?)\s*(?:[x×*✕]\s*)?(?P<n>{_NUMERAL})\s*(?:余|多)?(?:{_UNIT})?|"
                      rf"(?P<n2>{_NUMERAL})\s*(?:{_UNIT})?\s*的?(?P<name2>.+)", re.IGNORECASE)
_COUNT = re.compile(rf"(?:有|[x×*✕]|共)?\s*(?P<n>{_NUMERAL})\s*(?:余|多)?(?:{_UNIT})?", re.IGNORECASE)
_TAIL = re.compile(r"(?:等|若干|齐全|服务|设备|设施|功能)+\Z")
_HARMLESS = frozenset(("免费", "若干", "充足", "齐全", "公用", "公共", "共用", "男女", "free"))
_NOTHING = frozenset(("", "-", "--", "—", "——", "/", "无", "暂无", "没有", "none", "n/a", "等"))
_UNCLEAR = Words("说不清有没有，记为未知；请写 有 或 无", "does not say clearly yes or no; left unknown")
_AFTER_DENIAL = Words("前面是“没有”，看不出这一项有没有，记为未知；请每项写 有 或 无",
                      "follows a denial and may be denied too; left unknown: say yes or no of each")
_BOTH = Words("同一项既写有又写无，记为未知", "is said to be there and not to be there; left unknown")
_WHICH = Words("没有说明是哪一项；各项仍为未知", "does not say of what; every facility stays unknown")


def level(said: str) -> str | None:
    """Return yes, no or limited for what people write in a facility's own column: an answer, or how many there are."""
    found = answer(said)
    if found is not None:
        return found
    counted = _COUNT.fullmatch(unicodedata.normalize("NFKC", said).strip())
    return None if counted is None else NO if counted["n"].strip("0.") == "" else YES


def listed(cell: Cell, vocabulary: Vocabulary) -> Facilities:
    """Read a cell that lists facilities: ``water|toilet``, ``water=yes;toilet=no``, ``饮水机、微波炉``, JSON."""
    reading = _Reading(vocabulary)
    read = json_of(cell) if isinstance(cell, str) and cell.lstrip().startswith(("{", "[")) else None
    given: object = cell if read is None else read
    if isinstance(given, Mapping):
        for name, said in given.items():
            reading.marked(clean(str(name)), shown(said))
    elif isinstance(given, Sequence) and not isinstance(given, str | tuple):
        for said in given:
            reading.item(clean(str(said)))
    else:
        reading.text(clean(shown(cell)))
    return Facilities(reading.levels, reading.doubts)


class _Reading:
    """One cell, as far as it has been read."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.levels: dict[str, str] = {}
        self.doubts: list[Doubt] = []
        self._vocabulary = vocabulary
        self._both: set[str] = set()
        self._denied = False

    def text(self, text: str) -> None:
        if text.casefold() in _NOTHING:
            if text.strip("-—/"):
                self.doubts.append(Doubt(text, _WHICH))
            return
        for clause in _CLAUSE.split(text):
            self._denied = False
            for said in _ITEM.split(clause):
                self.item(said.strip())

    def item(self, said: str) -> None:
        """Read one item of a list."""
        if said.casefold() in _NOTHING:
            return
        if self._say(said, YES if not self._denied else None):
            return
        if (marked := _LEVEL.fullmatch(said)) or (marked := _REMARK.fullmatch(said)):
            self.marked(marked[1].strip(), marked[2].strip())
        elif denied := _DENIED.match(said):
            self._denied = True
            self._all(said[denied.end():], NO, said)
        elif given := _GIVEN.match(said):
            self._denied = False
            self._all(said[given.end():], YES, said)
        else:
            self._all(said, None if self._denied else YES, said)

    def marked(self, name: str, said: str) -> None:
        """Read a facility with its answer, count or remark: ``厕所：无``, ``微波炉（2台）``, ``空调（坏）``."""
        found = level(said)
        whole = f"{name}（{said}）"
        if found is None and said.casefold() in _HARMLESS:
            self.item(name)
        elif found is None:
            known = bool(self._codes(name))
            self.doubts.append(Doubt(whole, _UNCLEAR) if known else self._unknown(name))
        elif not self._say(_GIVEN.sub("", name, count=1) if _GIVEN.match(name) and not self._codes(name) else name, found):
            self.doubts.append(self._unknown(name))

    def _all(self, said: str, found: str | None, whole: str) -> None:
        """Read what one item names, be it one thing or several joined by 和; what is unknown is told."""
        if self._say(said, found):
            return
        parts = [part.strip() for part in _JOINED.split(said) if part and part.strip()]
        if len(parts) < 2:
            self.doubts.append(self._unknown(whole))
            return
        for part in parts:
            if found == YES and (_DENIED.match(part) or _GIVEN.match(part)):
                self.item(part)
            elif not self._say(part, found):
                self.doubts.append(self._unknown(part))

    def _say(self, said: str, found: str | None) -> bool:
        """Set what a name means to a level; None: it is known, but whether it is there is not. False: no known name."""
        codes = self._codes(said)
        counted = None if codes else _COUNTED.fullmatch(unicodedata.normalize("NFKC", said))
        if counted is not None:
            codes = self._codes(counted["name"] or counted["name2"])
            if (counted["n"] or counted["n2"]).strip("0.") == "":
                found = NO
        if not codes and _TAIL.search(said):
            codes = self._codes(_TAIL.sub("", said))
        if codes and found is None:
            self.doubts.append(Doubt(said, _AFTER_DENIAL))
            return True
        for code in codes:
            if found is None or code in self._both:
                continue
            if self.levels.setdefault(code, found) != found:
                del self.levels[code]
                self._both.add(code)
                self.doubts.append(Doubt(said, _BOTH))
        return bool(codes)

    def _unknown(self, said: str) -> Doubt:
        try:
            self._vocabulary.code("facility", said)
        except UnknownCode as unknown:
            return Doubt(said, Words(f"未记入：{unknown.words.zh}", f"not recorded: {unknown.words.en}"))
        return Doubt(said, _UNCLEAR)

    def _codes(self, said: str) -> Sequence[str]:
        said = said.strip()
        several = words()["values"]["facility"].get(said.casefold())
        if several is not None:
            return tuple(several)
        try:
            return (self._vocabulary.code("facility", said),)
        except UnknownCode:
            return ()
