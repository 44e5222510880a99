"""One row of a table becomes a draft of a site: every cell read, every fault told."""

from __future__ import annotations

from typing import Any

from geodata import cells, facility_text
from geodata.drafts import CLEAR, Draft, Faults, Plan, given
from geodata.examples import is_example
from geodata.fields import LONGEST_TEXT, FieldReaders
from geodata.headers import FACILITY, Pair
from geodata.identities import Identities, KnownSites
from geodata.tables import Row, Unreadable
from locator.errors import BadCoordinate, BadDatum, BadHours, BadValue, Refusal, UnknownCode
from locator.questions import DATUMS, check_lonlat

_READ_ELSEWHERE = frozenset({"datum", "district_code", "street_code", "entrance_lon", "entrance_lat", "hours_basis", "facilities_basis",
                             "hours_are_inferred", "facilities_are_inferred"})


class Reader:
    """Reads the rows of one table, one after another."""

    def __init__(self, plan: Plan, existing: KnownSites, faults: Faults) -> None:
        """Prepare to read under a plan; what is wrong goes to `faults`."""
        self._plan = plan
        self._fields = plan.known.fields
        self._identities = Identities(plan, existing, faults)
        self._cells = FieldReaders(plan.vocabulary)
        self._faults = faults
        self._datum_field = plan.known.datum_field(plan.pair)
        elsewhere = _READ_ELSEWHERE if plan.known.has_source_pair else _READ_ELSEWHERE | {"source_lon", "source_lat", "source_datum"}
        self._readers = [(place, name, self._cells.reader(name)) for name, place in self._fields.items() if name not in elsewhere]

    def draft(self, row: Row) -> Draft | None:
        """Read one row; None when it has an error, or is an example. Every error of the row is told, not only the first."""
        if is_example(row, self._plan.known, self._faults, spreadsheet=self._plan.spreadsheet):
            return None
        faults = self._faults.wrongs
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
        existing, found = self._identities.known_site(values)
        draft = Draft(row, values, {}, None, self._plan.datum or "wgs84", None, existing)
        self._read_facilities(row, draft)
        self._read_basis(row, draft)
        before = self._faults.wrongs
        self._read_coordinates(row, draft)
        misplaced = self._faults.wrongs > before
        draft.district, draft.street = self._said(row, "district_code"), self._said(row, "street_code")
        self._require(row, draft, misplaced=misplaced)
        if self._faults.wrongs > faults:
            return None
        self._identities.identify(draft, found)
        return draft if self._faults.wrongs == faults else None

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
        if cells.says_nothing(text):
            return None
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
        expression, text, unread = self._cells.hours(said)
        values["opening_hours"] = expression if expression is not None else CLEAR
        values.setdefault("hours_text", text)
        if expression is not None and "工作日" in said:  # the word means the official working days, make-up days among them
            values.setdefault("workday_rule", "official")
        if unread is not None:
            self._faults.warn(row.line, place, BadHours("opening_hours", said, zh=f"读不懂，按原文保留，开放状态为未知：{unread.zh}",
                                            en=f"cannot be read; kept as text, and the state is unknown: {unread.en}"))

    def _read_basis(self, row: Row, draft: Draft) -> None:
        """Gather what a column of bases, a column of "is inferred", or a header says of the row's hours and facilities."""
        values = draft.values
        told = {"hours": values.get("opening_hours") or values.get("hours_text"), "facilities": draft.facilities}
        found = dict(values.get("basis") or {}) if values.get("basis") is not CLEAR else {}
        for about in ("hours", "facilities"):
            stated = self._said(row, f"{about}_basis")
            inferred = self._said(row, f"{about}_are_inferred")
            try:
                if stated is not None:
                    found[about] = self._cells.code("basis", "basis", stated)
                elif inferred is not None:
                    found[about] = "inferred" if cells.truth(f"{about}_are_inferred", inferred) else "stated"
                elif about in self._plan.known.basis and told[about]:
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
                read = self._cells.facilities(cell)
                draft.facilities.update(read.levels)
                for doubt in read.doubts:
                    self._faults.warn_together(row.line, place, BadValue("facilities", doubt.said, zh=doubt.words.zh, en=doubt.words.en))
        for place, code in self._plan.known.facilities:
            cell = self._cell(row, place, FACILITY + code)
            if cell is CLEAR:
                draft.facilities[code] = CLEAR
            elif cell is not None:
                said = cells.shown(cell)
                level = facility_text.level(said)
                if level is not None:
                    draft.facilities[code] = level
                else:  # a remark is no fault of the row: what it says stays unknown
                    self._faults.warn(row.line, place, BadValue(FACILITY + code, said, zh="应为 有、无 或 有限；这一项记为未知",
                                                    en="must be yes, no or limited; left unknown"))

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
            return self._cells.code(name, "datum", said)
        except UnknownCode as unknown:
            self._faults.wrong(row.line, place, BadDatum(name, said, zh=unknown.words.zh, en=unknown.words.en))
            return None

    def _degrees_pair(self, row: Row, pair: Pair, names: tuple[str, str]) -> tuple[float, float] | None:
        faults = self._faults.wrongs
        first = self._cell(row, pair.lon, names[0])
        second = self._cell(row, pair.lat, names[1]) if pair.lat is not None else None
        if pair.lat is None and first is not None and first is not CLEAR:
            try:
                first, second = cells.pair(first, latitude_first=pair.latitude_first)
            except Refusal as refusal:
                self._faults.wrong(row.line, pair.lon, refusal)
                return None
        empty = [c is None or c is CLEAR for c in (first, second)]
        if self._faults.wrongs > faults or all(empty):
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
            tell = self._faults.wrong if "kind" in self._fields else self._faults.wrong_together  # without the column, every row
            tell(row.line, self._fields.get("kind"), BadValue("kind", None, zh="没有类别；请填写，或为整个文件指明类别（命令行用 --kind）",
                                                              en="has no kind; fill it in, or say it for the whole file (command line: --kind)"))
        if draft.lonlat is None and not misplaced and given(values, "address") is None:
            self._faults.wrong(row.line, self._plan.pair.lon if self._plan.pair else None,
                               BadCoordinate("lon", None, zh="既没有坐标，也没有地址；至少要有其一",
                                             en="has neither coordinates nor an address; one is needed"))
