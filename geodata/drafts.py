"""One row of a table becomes a draft of a site: every cell read, every fault told.

A draft has no WGS-84 coordinates and no district yet (`placing`), and is not merged with what the
registry knows of its site (`records`).
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeAlias

from geodata import cells, hours_text
from geodata.headers import FACILITY, Columns, Pair, words
from geodata.tables import Cell, Row, Table, Unreadable
from locator.errors import BadCoordinate, BadDatum, BadHours, BadValue, Refusal, UnknownCode
from locator.hours import check_expression
from locator.questions import DATUMS, check_lonlat
from locator.sites import Site, Slot
from locator.vocabulary import Vocabulary
from locator.words import Words

LONGEST_NAME = 200
LONGEST_TEXT = 2_000
LONGEST_ID = 100

CLEAR: Final[Any] = object()
"""In a draft: this field is emptied."""
Existing: TypeAlias = "Mapping[str, Site] | Callable[[str], Site | None]"

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "nuanxin:site")
_CODED = ("kind", "subtype", "host", "eligibility", "status", "visibility", "gender", "fee", "workday_rule", "verified_how")
_NUMBERS = ("accuracy_m", "capacity", "area_m2")
_DAYS = ("verified_on", "next_check_on")
_NOT_IN_ID = frozenset(" \t\n/?#%\\\"'<>&")
_READ_ELSEWHERE = frozenset({"datum", "district_code", "street_code", "entrance_lon", "entrance_lat", "hours_basis", "facilities_basis",
                             "hours_are_inferred", "facilities_are_inferred"})


@dataclass(slots=True)
class Draft:
    """One row on its way to being a site."""

    row: Row
    values: dict[str, Any]
    facilities: dict[str, str]
    lonlat: tuple[float, float] | None
    datum: str
    entrance: tuple[float, float] | None
    existing: Site | None
    cleared_facilities: bool = False
    """Whether what is known of facilities goes before these are added."""
    district: str | None = None
    """The district's name or code as it was written."""
    street: str | None = None
    wgs84: tuple[float, float] | None = None
    entrance_wgs84: tuple[float, float] | None = None
    areas: dict[str, str | None] = field(default_factory=dict)


class Faults:
    """What is wrong with a file, each fault with its file, line and column."""

    def __init__(self, table: Table, known: Columns) -> None:
        """Begin with the warnings of the table itself."""
        self._table = table
        self._headers = known.headers
        self.errors: list[Refusal] = []
        self.warnings: list[Refusal] = list(table.warnings)

    def wrong(self, line: int | None, place: int | None, refusal: Refusal) -> None:
        """Add an error; `line` None is the file as a whole, `place` the number of the column."""
        self.errors.append(self._placed(line, place, refusal))

    def warn(self, line: int | None, place: int | None, refusal: Refusal) -> None:
        """Add a warning."""
        self.warnings.append(self._placed(line, place, refusal))

    def _placed(self, line: int | None, place: int | None, refusal: Refusal) -> Refusal:
        column = refusal.field
        if place is not None and (header := self._headers[place]) and header != column:
            column = f"{header} ({column})"
        at = self._table.name if line is None else self._table.at(line)
        return type(refusal)(column, refusal.value, zh=refusal.words.zh, en=refusal.words.en, at=at)


@dataclass(frozen=True)
class Plan:
    """How the rows of one table are to be read."""

    known: Columns
    vocabulary: Vocabulary
    pair: Pair | None
    """The columns of the coordinates; None where the table has none."""
    datum: str | None
    """What they are in; None where each row says its own, or it is undecided."""
    kind: str | None
    """The kind of a new site whose row states none."""
    source: str | None
    spreadsheet: bool
    """Whether texts may carry the apostrophe of `cells.escaped`."""

    @property
    def datum_field(self) -> str | None:
        """The column that says what each row's pair is in.

        `source_datum` does so where no source pair stands beside a pair of the row's own.
        """
        if self.pair is not None and self.pair.datum is not None:
            return None
        if "datum" in self.known.fields:
            return "datum"
        return "source_datum" if "source_datum" in self.known.fields and not self.has_source_pair else None

    @property
    def has_source_pair(self) -> bool:
        """Whether the source's own pair stands beside the coordinates; what a row says of it is then taken as it is."""
        return bool(self.known.pairs) and {"source_lon", "source_lat"} <= set(self.known.fields)


class KnownSites:
    """The sites already known, by each key."""

    def __init__(self, existing: Existing | None) -> None:
        """Index a mapping by its sites' keys; a function finds by id alone."""
        self._by_id = existing.get if isinstance(existing, Mapping) else existing or (lambda _id: None)
        sites = existing.values() if isinstance(existing, Mapping) else ()
        self._by_code: dict[str, Site] = {}
        self._by_source: dict[tuple[str | None, str], Site] = {}
        for site in sites:
            if site.station_code is not None:
                self._by_code.setdefault(site.station_code, site)
            if site.source_id is not None:
                self._by_source.setdefault((site.source, site.source_id), site)

    def by_id(self, site_id: str) -> Site | None:
        """Return the site of this id."""
        return self._by_id(site_id)

    def by_key(self, *key: str | None) -> tuple[Site | None, str]:
        """Return the site that has ``"station_code", CODE`` or ``"source", SOURCE, NUMBER``, and its id.

        A site that is not known, or known by its id alone, has the id that the key makes.
        """
        found = self._by_code.get(str(key[1])) if key[0] == "station_code" else self._by_source.get((key[1], str(key[-1])))
        if found is not None:
            return found, found.id
        made = _made_id(*key)
        return self._by_id(made), made


def given(values: Mapping[str, Any], name: str) -> Any:
    """Return a value of a row; None when absent or emptied."""
    value = values.get(name)
    return None if value is CLEAR else value


class Reader:
    """Reads the rows of one table, one after another."""

    def __init__(self, plan: Plan, existing: KnownSites, faults: Faults) -> None:
        """Prepare to read under a plan; what is wrong goes to `faults`."""
        self._plan = plan
        self._fields = plan.known.fields
        self._existing = existing
        self._faults = faults
        self._datum_field = plan.datum_field
        self._codes: dict[tuple[str, str], str | UnknownCode] = {}
        self._lists: dict[str, dict[str, str]] = {}
        self._hours: dict[str, tuple[str | None, str | None, Words | None]] = {}
        self._seen: dict[str, int] = {}
        self._made: Counter[tuple[object, ...]] = Counter()
        elsewhere = _READ_ELSEWHERE if plan.has_source_pair else _READ_ELSEWHERE | {"source_lon", "source_lat", "source_datum"}
        self._readers = [(place, name, self._reader(name)) for name, place in self._fields.items() if name not in elsewhere]

    # one cell

    def _reader(self, name: str) -> Callable[[Cell], Any]:  # noqa: C901 - one line a sort of field
        if name in _CODED:
            return partial(self._code, name, name)
        if name == "source_datum":
            return partial(self._code, name, "datum")
        if name in ("source_lon", "source_lat"):
            return partial(cells.degrees, name)
        if name in _NUMBERS:
            return partial(cells.number, name)
        if name in _DAYS:
            return partial(cells.day, name)
        if name in ("season_from", "season_to"):
            return partial(cells.month_day, name)
        if name == "demo":
            return partial(cells.truth, name)
        if name in ("aliases", "photos"):
            return cells.texts
        if name == "slots":
            return self._slots
        if name == "basis":
            return self._basis
        if name in ("id", "parent_id"):
            return partial(self._id, name)
        return partial(self._text, name, LONGEST_NAME if name == "name" else LONGEST_TEXT)

    def _text(self, name: str, longest: int, cell: Cell) -> str:
        text = cells.shown(cell)
        if len(text) > longest:
            raise BadValue(name, text, zh=f"有 {len(text):,} 个字符，最多 {longest:,} 个", en=f"has {len(text):,} characters; at most {longest:,}")
        return text

    def _id(self, name: str, cell: Cell) -> str:
        text = cells.shown(cell)
        if len(text) > LONGEST_ID or _NOT_IN_ID.intersection(text):
            raise BadValue(name, text, zh=f"应为不超过 {LONGEST_ID} 个字符、不含空格和 / ? # % 引号的文字",
                           en=f"must be at most {LONGEST_ID} characters without blanks, quotes or / ? # %")
        return text

    def _code(self, name: str, section: str, cell: Cell) -> str:
        said = cells.shown(cell)
        found = self._codes.get((name, said))
        if found is None:
            try:
                found = words()["values"].get(name, {}).get(said) or self._plan.vocabulary.code(section, said)
            except UnknownCode as unknown:
                found = UnknownCode(name, said, zh=unknown.words.zh, en=unknown.words.en)
            self._codes[name, said] = found
        if isinstance(found, UnknownCode):
            raise found
        return found

    def _slots(self, cell: Cell) -> tuple[Slot, ...]:
        found = []
        for entry in cells.listed("slots", cell):
            hours, mode = (entry.get("hours"), entry.get("mode")) if isinstance(entry, dict) else \
                entry if isinstance(entry, list) and len(entry) == 2 else (None, None)
            if not isinstance(hours, str) or not isinstance(mode, str):
                raise BadValue("slots", str(entry), zh='每个时段应为 ["Mo-Fr 09:00-17:00", "staffed"]',
                               en='a slot must be ["Mo-Fr 09:00-17:00", "staffed"]')
            found.append(Slot(check_expression(hours, "slots"), self._code("slots", "mode", mode)))
        return tuple(found)

    def _basis(self, cell: Cell) -> dict[str, str]:
        found = {}
        for about, said in cells.mapping("basis", cell).items():
            if about not in ("hours", "facilities"):
                raise BadValue("basis", about, zh="只有 hours 和 facilities 有依据", en="only hours and facilities have a basis")
            found[about] = self._code("basis", "basis", said)
        return found

    # one row

    def draft(self, row: Row) -> Draft | None:
        """Read one row; None when it has an error. Every error of the row is told, not only the first."""
        faults = len(self._faults.errors)
        if len(row.cells) > len(self._plan.known.headers):
            extra = [c for c in row.cells[len(self._plan.known.headers):] if c is not None and c != ""]
            self._faults.wrong(row.line, None, BadValue("columns", "、".join(cells.shown(c) for c in extra),
                                            zh=f"这一行比表头多出内容（表头 {len(self._plan.known.headers)} 列）；含逗号的内容要加双引号",
                                            en=f"this row goes on beyond the {len(self._plan.known.headers)} headers; "
                                               "a cell with commas needs double quotes"))
        values: dict[str, Any] = {}
        for place, name, reader in self._readers:
            cell = self._cell(row, place, name)
            if cell is None:
                continue
            if name == "opening_hours":
                self._read_hours(row, place, cell, values)
                continue
            if cell is CLEAR:
                values[name] = CLEAR
                continue
            try:
                values[name] = reader(cell)
            except Refusal as refusal:
                self._faults.wrong(row.line, place, refusal)
        existing, found = self._known_site(values)
        draft = Draft(row, values, {}, None, self._plan.datum or "wgs84", None, existing)
        self._read_basis(row, values)
        self._read_facilities(row, draft)
        before = len(self._faults.errors)
        self._read_coordinates(row, draft)
        misplaced = len(self._faults.errors) > before
        draft.district, draft.street = self._said(row, "district_code"), self._said(row, "street_code")
        self._require(row, draft, misplaced=misplaced)
        if len(self._faults.errors) > faults:
            return None
        self._identify(draft, found)
        return draft if len(self._faults.errors) == faults else None

    def _cell(self, row: Row, place: int, name: str) -> Any:
        """Return a cell cleaned: None when empty, `CLEAR` when it says so."""
        cell = row.cells[place] if place < len(row.cells) else None
        if cell is None or cell == "":
            return None
        if isinstance(cell, Unreadable):
            self._faults.wrong(row.line, place, cells.not_a_value(name, cell))
            return None
        if not isinstance(cell, str):
            return cell
        text = cells.clean(cell)
        if len(text) < len(cell) and text != cell.strip().replace("\r\n", "\n").replace("\r", "\n"):
            self._faults.warn(row.line, place, BadValue(name, cell, zh="去掉了其中的控制字符或不可见字符",
                                                        en="control or invisible characters were taken out"))
        if text == cells.CLEAR_WORD:
            return CLEAR
        return cells.unescaped(text, spreadsheet=self._plan.spreadsheet) or None

    def _said(self, row: Row, name: str) -> str | None:
        place = self._fields.get(name)
        cell = None if place is None else self._cell(row, place, name)
        return None if cell is None else cells.CLEAR_WORD if cell is CLEAR else cells.shown(cell)

    def _read_hours(self, row: Row, place: int, cell: Any, values: dict[str, Any]) -> None:
        if cell is CLEAR:
            values["opening_hours"] = values["hours_text"] = CLEAR
            return
        said = cells.shown(cell)
        if len(said) > LONGEST_TEXT:
            self._faults.wrong(row.line, place, BadHours(
                "opening_hours", said, zh=f"最多 {LONGEST_TEXT:,} 个字符", en=f"at most {LONGEST_TEXT:,} characters"))
            return
        if said not in self._hours:
            self._hours[said] = _hours(said)
        expression, text, unread = self._hours[said]
        values["opening_hours"] = expression if expression is not None else CLEAR
        values.setdefault("hours_text", text)
        if unread is not None:
            self._faults.warn(row.line, place, BadHours("opening_hours", said, zh=f"读不懂，按原文保留，开放状态为未知：{unread.zh}",
                                            en=f"cannot be read; kept as text, and the state is unknown: {unread.en}"))

    def _read_basis(self, row: Row, values: dict[str, Any]) -> None:
        """Gather what the mapping, a column of bases or a column of "is inferred" says of hours and facilities."""
        found = dict(values.get("basis") or {}) if values.get("basis") is not CLEAR else {}
        for about in ("hours", "facilities"):
            stated = self._said(row, f"{about}_basis")
            inferred = self._said(row, f"{about}_are_inferred")
            try:
                if stated is not None:
                    found[about] = self._code("basis", "basis", stated)
                elif inferred is not None:
                    found[about] = "inferred" if cells.truth(f"{about}_are_inferred", inferred) else "stated"
                elif about in self._plan.known.basis and (about == "facilities" or values.get("opening_hours")):
                    found[about] = self._plan.known.basis[about]
            except Refusal as refusal:
                self._faults.wrong(row.line, self._fields.get(f"{about}_basis", self._fields.get(f"{about}_are_inferred")), refusal)
        if found:
            values["basis"] = found

    def _read_facilities(self, row: Row, draft: Draft) -> None:
        for place in self._plan.known.facility_lists:
            cell = self._cell(row, place, "facilities")
            if cell is CLEAR:
                draft.cleared_facilities = True
            elif cell is not None:
                try:
                    draft.facilities.update(self._facilities(cell))
                except Refusal as refusal:
                    self._faults.wrong(row.line, place, type(refusal)("facilities", refusal.value, zh=refusal.words.zh, en=refusal.words.en))
        for place, code in self._plan.known.facilities:
            cell = self._cell(row, place, FACILITY + code)
            if cell is CLEAR:
                draft.facilities[code] = CLEAR
            elif cell is not None:
                said = cells.shown(cell)
                level = cells.answer(said)
                if level is not None:
                    draft.facilities[code] = level
                else:  # a remark is no fault of the row: what it says stays unknown
                    self._faults.warn(row.line, place, BadValue(FACILITY + code, said, zh="应为 有、无 或 有限；这一项记为未知",
                                                    en="must be yes, no or limited; left unknown"))

    def _facilities(self, cell: Cell) -> Mapping[str, str]:
        """Read a list of facilities; offices write few different ones."""
        if not isinstance(cell, str):
            return cells.facilities(cell, self._plan.vocabulary)
        if cell not in self._lists:
            self._lists[cell] = cells.facilities(cell, self._plan.vocabulary)
        return self._lists[cell]

    def _read_coordinates(self, row: Row, draft: Draft) -> None:
        draft.datum = self._row_datum(row) or draft.datum
        if self._plan.pair is not None:
            draft.lonlat = self._degrees_pair(row, self._plan.pair, ("lon", "lat"))
            if draft.lonlat == (0.0, 0.0):
                self._faults.warn(row.line, self._plan.pair.lon, BadCoordinate("lon", "0,0", zh="(0, 0) 在几内亚湾；多半是没有定位成功",
                                                              en="(0, 0) lies in the Gulf of Guinea; most likely it was never located"))
        entrance = (self._fields.get("entrance_lon"), self._fields.get("entrance_lat"))
        if entrance[0] is not None and entrance[1] is not None:
            draft.entrance = self._degrees_pair(row, Pair(entrance[0], entrance[1], None), ("entrance_lon", "entrance_lat"))

    def _row_datum(self, row: Row) -> str | None:
        name = self._datum_field
        if name is None:
            return None
        said = self._said(row, name)
        place = self._fields[name]
        if said is None or said == cells.CLEAR_WORD:
            if self._plan.datum is None and self._plan.pair is not None and self._cell(row, self._plan.pair.lon, "lon") is not None:
                self._faults.wrong(row.line, place, BadDatum(name, None, zh=f"没有写明坐标系；应为 {'、'.join(DATUMS)} 之一",
                                                 en=f"is missing; must be one of {', '.join(DATUMS)}"))
            return None
        try:
            return self._code(name, "datum", said)
        except UnknownCode as unknown:
            self._faults.wrong(row.line, place, BadDatum(name, said, zh=unknown.words.zh, en=unknown.words.en))
            return None

    def _degrees_pair(self, row: Row, pair: Pair, names: tuple[str, str]) -> tuple[float, float] | None:
        faults = len(self._faults.errors)
        first = self._cell(row, pair.lon, names[0])
        second = self._cell(row, pair.lat, names[1]) if pair.lat is not None else None
        if pair.lat is None and first is not None and first is not CLEAR:
            try:
                first, second = cells.pair(first)
            except Refusal as refusal:
                self._faults.wrong(row.line, pair.lon, refusal)
                return None
        empty = [c is None or c is CLEAR for c in (first, second)]
        if len(self._faults.errors) > faults or all(empty):
            return None
        places = (pair.lon, pair.lon if pair.lat is None else pair.lat)
        if any(empty):
            lacks = empty.index(True)
            self._faults.wrong(row.line, places[lacks], BadCoordinate(names[lacks], None, zh="只有一半坐标；经度、纬度都要有",
                                                          en="half of the pair is missing; give both longitude and latitude"))
            return None
        numbers = []
        for name, cell, place in zip(names, (first, second), places, strict=True):
            try:
                numbers.append(cells.degrees(name, cell))
            except Refusal as refusal:
                self._faults.wrong(row.line, place, refusal)
        if len(numbers) < 2:
            return None
        try:
            check_lonlat(numbers[0], numbers[1], names=names)
        except Refusal as refusal:
            self._faults.wrong(row.line, places[0 if refusal.field == names[0] else 1], refusal)
            return None
        return numbers[0], numbers[1]

    def _known_site(self, values: dict[str, Any]) -> tuple[Site | None, str | None]:
        """Find the site that a row is about, by its first key; return it, and the id that the key makes."""
        site_id, code, number = (given(values, k) for k in ("id", "station_code", "source_id"))
        source = given(values, "source") or self._plan.source
        if site_id is not None:
            return self._existing.by_id(site_id), site_id
        if code is not None:
            return self._existing.by_key("station_code", code)
        if number is not None:
            return self._existing.by_key("source", source, number)
        return None, None

    def _require(self, row: Row, draft: Draft, *, misplaced: bool) -> None:
        """Tell what a new site lacks; a known one lacks nothing. `misplaced`: its pair was refused already."""
        values = draft.values
        for name in ("name", "kind", "status", "visibility", "workday_rule"):
            if values.get(name) is CLEAR:
                if name in ("name", "kind"):
                    self._faults.wrong(row.line, self._fields.get(name), BadValue(name, cells.CLEAR_WORD, zh="不能清空", en="cannot be emptied"))
                del values[name]
        if draft.existing is not None:
            return
        if self._plan.kind is not None:
            values.setdefault("kind", self._plan.kind)
        elif "kind" not in values and self._said(row, "kind") is None:
            self._faults.wrong(row.line, self._fields.get("kind"), BadValue("kind", None, zh="没有类别；请填写，或用 --kind 指明",
                                                                            en="has no kind; fill it in, or say with --kind"))
        if draft.lonlat is None and not misplaced and given(values, "address") is None:
            self._faults.wrong(row.line, self._plan.pair.lon if self._plan.pair else None,
                               BadCoordinate("lon", None, zh="既没有坐标，也没有地址；至少要有其一",
                                             en="has neither coordinates nor an address; one is needed"))

    def _identify(self, draft: Draft, found: str | None) -> None:
        """Give the row its id, and refuse a key that an earlier row had."""
        row, values = draft.row, draft.values
        if found is None:
            key = (given(values, "source") or self._plan.source, *(given(values, k) for k in ("kind", "name", "address")),
                   draft.lonlat, draft.datum)
            nth = self._made[key]
            self._made[key] += 1
            found = _made_id("row", *key, *([nth] if nth else []))
            if nth:
                first = self._seen[_made_id("row", *key)]
                self._faults.warn(row.line, None, BadValue("name", key[2], zh=f"与第 {first} 行的名称、地址、坐标相同，按另一个站点导入",
                                               en=f"has the name, address and coordinates of line {first}; imported as one more site"))
        elif found in self._seen:
            name = next(k for k in ("id", "station_code", "source_id") if given(values, k) is not None)
            self._faults.wrong(row.line, self._fields[name], BadValue(name, values[name], zh=f"与第 {self._seen[found]} 行重复；每行应不同",
                                                                en=f"is that of line {self._seen[found]} already; each row needs its own"))
            return
        self._seen[found] = row.line
        values["id"] = found


def _hours(said: str) -> tuple[str | None, str | None, Words | None]:
    """Return (expression, text to keep, why it cannot be read): Chinese is translated, else it must be an expression."""
    translated = hours_text.translate(said)
    if translated is not None and any(c > "\u2e80" for c in said):
        return check_expression(translated, "opening_hours"), said, None
    try:
        return check_expression(said, "opening_hours"), None, None
    except BadHours as bad:
        if translated is not None:
            return check_expression(translated, "opening_hours"), said, None
        return None, said, bad.words


def _made_id(*key: object) -> str:
    return str(uuid.uuid5(_NAMESPACE, json.dumps(key, ensure_ascii=False)))
