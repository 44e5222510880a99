"""Which column is which field: headers in Chinese or English, a caller's own mapping first.

What offices write above their columns is data, in ``files/headers.toml``. A header that says nothing
known is reported as unused, never guessed at.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from geodata.tables import GEOMETRY
from locator.errors import BadFile, BadValue
from locator.questions import DATUMS
from locator.sites import FIELDS
from locator.vocabulary import Vocabulary

SHIPPED = Path(__file__).parent / "files" / "headers.toml"

FACILITY = "facility:"
"""Before a facility's code: a column of its own, holding yes, no or limited."""
NOT_IMPORTED = "-"
"""In a mapping: this column is left out knowingly."""
REGISTRY_FIELDS = ("version", "updated_at", "updated_by", "reason")
"""What the registry itself writes; such a column is known, and passed over."""
EXTRA_FIELDS = ("coordinates", "datum", "hours_basis", "facilities_basis", "hours_are_inferred", "facilities_are_inferred")
"""Columns that are no field of the record but say something about one."""
BASES = ("stated", "inspected", "inferred")

_INFERRED = re.compile(r"推测|推断|推算|猜测|估计|预估|估算|\b(?:inferred|guessed|guess|estimated|presumed)\b")
"""In a header: its column was made up by somebody who did not know."""
_WHETHER = re.compile(r"是否为?|是不是|\b(?:is|are|was)\b")
_TRANSLATED = re.compile(r"(?<=[^\x00-\x7f])[\s/]+[A-Za-z][A-Za-z .'/]*\Z")
"""Behind a Chinese header: the same in English."""
_ASKED = re.compile(r"(?:是否|有无)(?:配备|设有|配有|提供|设置|有)?")
"""Before a facility: 是否有微波炉."""
_WORD_BREAK = re.compile(r"[_\-\s]+")
_BRACKETS = re.compile(r"[()（）\[\]【】,，、]")
_NOISE = re.compile(r"[\s_\-*＊:：]+")
_REMARK = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_COORDINATES = ("lon", "lat", "coordinates")


class Target(NamedTuple):
    """What one column holds: a field, or ``facility:CODE``; its datum or basis where the header says."""

    field: str
    datum: str | None = None
    basis: str | None = None
    weak: bool = False
    """Holds only where no other column is of this field."""


class Pair(NamedTuple):
    """Where a row's coordinates stand: two columns, or one holding both (`lat` is None)."""

    lon: int
    lat: int | None
    datum: str | None
    latitude_first: bool = False
    """Of one column: it holds "lat,lon" (`axes` tells)."""


@dataclass(frozen=True)
class Columns:
    """The columns of one table, understood. Numbers are places in the row."""

    headers: tuple[str, ...]
    targets: tuple[Target | None, ...]
    fields: Mapping[str, int]
    facilities: Sequence[tuple[int, str]]
    """Columns of one facility: (place, code)."""
    facility_lists: Sequence[int]
    pairs: Sequence[Pair]
    unused: Sequence[str]
    basis: Mapping[str, str]
    """A basis that a mapping states for the whole column: hours or facilities → basis."""

    @property
    def has_source_pair(self) -> bool:
        """Whether the source's own pair stands beside the coordinates; what a row says of it is then taken as it is."""
        return bool(self.pairs) and {"source_lon", "source_lat"} <= set(self.fields)

    def datum_field(self, pair: Pair | None) -> str | None:
        """Return the column that says what each row's pair is in; None where there is none, or the pair's own header says it.

        `source_datum` does so where no source pair stands beside a pair of the row's own.
        """
        if pair is not None and pair.datum is not None:
            return None
        if "datum" in self.fields:
            return "datum"
        return "source_datum" if "source_datum" in self.fields and not self.has_source_pair else None


@lru_cache(maxsize=1)
def words() -> Mapping[str, Any]:
    """Return the shipped file: ``fields``, ``beside``, ``weak``, ``passed_over``, ``datums``, ``answers``, ``values``."""
    return tomllib.loads(SHIPPED.read_text("utf-8"))


class Recogniser:
    """Tell what a header means, under one vocabulary and one caller's mapping."""

    def __init__(self, vocabulary: Vocabulary, mapping: Mapping[str, str] | None = None) -> None:
        """Take the mapping {header: field}.

        A field of the mapping may be any field name, `coordinates`, `datum`, ``facility:CODE``,
        ``lon@gcj02`` (a pair in a datum), ``opening_hours:inferred`` (with its basis) or ``-`` (leave out).

        Raises:
            BadValue: If the mapping names an unknown field; suggests the nearest.
        """
        self._facility_codes = tuple(vocabulary.terms("facility"))
        known = words()
        self._by_words: dict[str, Target] = {}
        for field, said in known["fields"].items():
            for header in (field, *said):
                self._by_words[_plain(header)] = Target(field)
        for field, said in known["weak"].items():
            for header in said:
                self._by_words.setdefault(_plain(header), Target(field, weak=True))
        self._beside = {(field, _plain(header)): Target(means) for field, meant in known["beside"].items()
                        for means, said in meant.items() for header in said}
        for header in known["passed_over"]:
            self._by_words[_plain(header)] = Target(NOT_IMPORTED)
        for name in (*FIELDS, *EXTRA_FIELDS):
            self._by_words.setdefault(_plain(name), Target(name))
        datums = {_plain(word): datum for datum, said in known["datums"].items() for word in said}
        self._datums = sorted(datums.items(), key=lambda item: -len(item[0]))
        self._facilities: dict[str, Target] = {}
        for term in vocabulary.terms("facility").values():
            for called in (term.code, *term.words, *term.synonyms):
                self._facilities.setdefault(_plain(called), Target(FACILITY + term.code))
        self._mapping = {header.strip(): self._mapped(header, field) for header, field in (mapping or {}).items()}

    def target(self, header: str) -> Target | None:
        """Return what a header means; None when it says nothing known."""
        header = header.strip()
        if header in self._mapping:
            return self._mapping[header]
        if not header:
            return None
        exact = self._exact(header)
        if exact is not None:
            return exact
        words = _WORD_BREAK.sub(" ", unicodedata.normalize("NFKC", header).casefold())
        if _INFERRED.search(words):
            return self._inferred(words)
        datum = self._with_datum(_plain(_BRACKETS.sub("", header)))  # first: the remark may be the datum
        if datum is not None:
            return datum
        last = self._exact(header.rpartition(" ")[2])
        if last is not None:
            return last
        for said in (header, _REMARK.sub("", header), _TRANSLATED.sub("", header)):
            plain = _plain(said)
            found = self._by_words.get(plain) or self._facilities.get(plain) or self._by_words.get(_BRACKETS.sub("", plain))
            if found is not None:
                return found
        return self._facilities.get(_plain(_ASKED.sub("", header)))

    def _inferred(self, words: str) -> Target | None:
        """Read a header that says its column is inferred; only hours and facilities can be kept as that."""
        rest = _INFERRED.sub("", words)
        about = self.target(_WHETHER.sub("", rest).strip(" 的")) if rest.strip() else None
        if about is None or not (about.field in ("opening_hours", "facilities") or about.field.startswith(FACILITY)):
            return None
        if _WHETHER.search(rest):
            return Target("hours_are_inferred" if about.field == "opening_hours" else "facilities_are_inferred")
        return about._replace(basis="inferred")

    def columns(self, name: str, headers: Sequence[str]) -> Columns:
        """Return the columns of a table with these headers.

        Raises:
            BadFile: If two columns mean the same field, or none means anything.
            BadValue: If the mapping names a header that the table does not have.
        """
        for header in self._mapping:
            if header not in headers:
                raise BadValue("columns", header, zh=f"文件中没有这个表头；有：{'、'.join(h for h in headers if h)}",
                               en=f"the file has no such header; it has: {', '.join(h for h in headers if h)}", at=name)
        targets = _settled([Target("coordinates") if h == GEOMETRY and i == 0 else self.target(h) for i, h in enumerate(headers)])
        targets = self._beside_others(headers, targets)
        placed, lists = _placed(name, headers, targets)
        fields = {field: place for (field, _), place in placed.items() if field not in _COORDINATES and not field.startswith(FACILITY)}
        facilities = [(place, field.removeprefix(FACILITY)) for (field, _), place in placed.items() if field.startswith(FACILITY)]
        pairs = _pairs(name, headers, placed)
        if not fields and not facilities and not lists and not pairs:
            shown = "、".join(h for h in headers if h)[:200]
            raise BadFile("header", shown, zh="没有认出任何表头；应有 名称、经度、纬度、地址 等，或用列对照说明",
                          en="no header is known; give name, lon, lat, address, ... or a columns mapping", at=name)
        basis = {"hours" if target.field == "opening_hours" else "facilities": target.basis
                 for target in targets if target is not None and target.basis is not None}
        used = {place for pair in pairs[:1] for place in (pair.lon, pair.lat)}
        unused = [headers[place] or f"#{place + 1}" for place, target in enumerate(targets)
                  if target is None or (target.field in _COORDINATES and target.datum is None and place not in used)]
        return Columns(tuple(headers), targets, fields, facilities, lists, pairs, unused, basis)

    def _beside_others(self, headers: Sequence[str], targets: Sequence[Target | None]) -> tuple[Target | None, ...]:
        """Return the targets with what a word means beside a column of another field, where no column means that already.

        A caller's mapping, and a header that ends in a field's own name, are taken as they are.
        """
        fields = {target.field for target in targets if target is not None}
        settled = list(targets)
        for place, header in enumerate(headers):
            named = header.strip() in self._mapping or self._exact(header.rpartition(" ")[2]) is not None
            if named or settled[place] is None:
                continue
            for field in fields:
                said = _TRANSLATED.sub("", _REMARK.sub("", header))
                other = self._beside.get((field, _plain(header))) or self._beside.get((field, _plain(said)))
                if other is not None and other.field not in fields:
                    settled[place] = other
        return tuple(settled)

    def _mapped(self, header: str, said: str) -> Target:
        field, _, basis = said.strip().partition(":") if not said.startswith(FACILITY) else (said, "", "")
        field, _, datum = field.partition("@")
        if field in ("", NOT_IMPORTED):
            return Target(NOT_IMPORTED)
        target = self._exact(field)
        wrong_basis = basis and (basis not in BASES or field not in ("opening_hours", "facilities"))
        wrong_datum = datum and (datum not in DATUMS or field not in _COORDINATES)
        if target is None or wrong_basis or wrong_datum:
            known = (*FIELDS, *EXTRA_FIELDS, *(FACILITY + code for code in self._facility_codes))
            near = difflib.get_close_matches(field, known, n=1, cutoff=0.0)
            raise BadValue("columns", f"{header} = {said}", zh=f"列对照中没有这个字段；最接近的是 {near[0]}",
                           en=f"the mapping names an unknown field; the nearest is {near[0]}")
        return target._replace(datum=datum or None, basis=basis or None)

    def _exact(self, said: str) -> Target | None:
        if said in FIELDS or said in EXTRA_FIELDS:
            return Target(said)
        if said.startswith(FACILITY) and said.removeprefix(FACILITY) in self._facility_codes:
            return Target(said)
        return None

    def _with_datum(self, plain: str) -> Target | None:
        """Read ``gcj02lon``, ``高德坐标经度``: a coordinate with words of one datum on either side."""
        rest, named = plain, set()
        for word, datum in self._datums:  # the longest first
            if word in rest:
                rest = rest.replace(word, "")
                named.add(datum)
        if len(named) != 1:
            return None
        for said in (rest, rest.replace("坐标系", ""), rest.replace("坐标系", "").replace("坐标", "")):
            found = self._by_words.get(said)
            if found is not None and found.field in _COORDINATES:
                return Target(found.field, named.pop())
        return None


def _settled(targets: Sequence[Target | None]) -> tuple[Target | None, ...]:
    """Return the targets without the weak ones of fields that another column holds: ``单位名称`` beside ``驿站名称``."""
    strong = {(t.field, t.datum) for t in targets if t is not None and not t.weak}
    return tuple(None if t is not None and t.weak and (t.field, t.datum) in strong else t for t in targets)


def _placed(name: str, headers: Sequence[str],
            targets: Sequence[Target | None]) -> tuple[dict[tuple[str, str | None], int], list[int]]:
    """Return where each field stands, by (field, datum), and the columns that list facilities, of which there may be several."""
    placed: dict[tuple[str, str | None], int] = {}
    lists: list[int] = []
    for place, target in enumerate(targets):
        if target is None or target.field == NOT_IMPORTED or target.field in REGISTRY_FIELDS:
            continue
        if target.field == "facilities":
            lists.append(place)
            continue
        first = placed.setdefault((target.field, target.datum), place)
        if first != place:
            raise BadFile(target.field, headers[place],
                          zh=f"第 {first + 1} 列“{headers[first]}”与第 {place + 1} 列是同一个字段；请用列对照指明用哪一列",
                          en=f"columns {first + 1} ({headers[first]}) and {place + 1} both mean {target.field}; "
                             "say by a columns mapping which one to use", at=name)
    return placed, lists


def _pairs(name: str, headers: Sequence[str], placed: Mapping[tuple[str, str | None], int]) -> list[Pair]:
    """Return the pairs of the table, a plain one first: a geometry, then two columns, then one of both."""
    pairs = []
    for datum in (None, *DATUMS):
        lon, lat, both = (placed.get((field, datum)) for field in _COORDINATES)
        if both is not None and headers[both] == GEOMETRY:
            pairs.append(Pair(both, None, datum))
            continue
        if (lon is None) != (lat is None):
            has = headers[lon if lon is not None else lat or 0]
            raise BadFile("lat" if lat is None else "lon", has, zh="只有经纬度中的一列，缺另一列", at=name,
                          en="only one of longitude and latitude has a column; the other is missing")
        if lon is not None:
            pairs.append(Pair(lon, lat, datum))
        elif both is not None:
            pairs.append(Pair(both, None, datum))
    return pairs


def _plain(header: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", header).casefold())
