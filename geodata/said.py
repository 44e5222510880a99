"""What is said of one site, as one row of a table in our own columns: everything `intake` needs to read it.

Here is what only a form or a request can say: a blank field that empties, a pasted position, facilities and
slots each with a place of its own for its fault.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from geodata import cells, pasted
from geodata.areas import Areas
from geodata.fields import FieldReaders
from geodata.headers import FACILITY, REGISTRY_FIELDS
from locator.datum import point_from_wgs84, point_to_wgs84
from locator.errors import BadCoordinate, BadDatum, BadHours, BadValue, NotThere, Refusal, UnknownCode
from locator.sites import FIELDS, Site
from locator.vocabulary import Vocabulary

Said = Mapping[str, Any]
PASTED = ("coordinates", "entrance")
"""A position as text, instead of its longitude and latitude."""
NOT_SAID = (*REGISTRY_FIELDS, "demo")
"""Fields that nobody states: the registry writes them."""
SAID = (*(name for name in FIELDS if name not in NOT_SAID), *PASTED, "datum")
"""All that may be said of a site. `datum` is what the pairs are in; wgs84 when it is not said."""

_STRUCTURED = ("aliases", "photos", "slots", "basis", "facilities")
_ELSEWHERE = ("lon", "lat", "entrance_lon", "entrance_lat", "datum", "facilities", "basis", "id", *PASTED)
_UNKNOWN_LEVELS = ("", "unknown")


class Saying:
    """One reading of what is said, and what is wrong with it so far."""

    def __init__(self, said: Said, existing: Site | None, vocabulary: Vocabulary, areas: Areas, readers: FieldReaders) -> None:
        self.errors: list[Refusal] = []
        self.warnings: list[Refusal] = []
        self.lies_in: str | None = None
        self.existing = existing
        self._vocabulary = vocabulary
        self._areas = areas
        self._cells = readers
        self._said = {name: self._plain(name, value) for name, value in said.items()}
        self.datum = self._datum()
        self._place = self._pair("coordinates", ("lon", "lat"))
        self._entrance = self._pair("entrance", ("entrance_lon", "entrance_lat"))

    def _plain(self, name: str, value: Any) -> Any:
        if name not in SAID:
            if name in NOT_SAID:
                self.wrong(BadValue(name, value, zh="由登记库记录，不能填写", en="is written by the registry itself"))
            else:
                nearest = difflib.get_close_matches(name, SAID, n=1, cutoff=0.0)[0]
                self.wrong(BadValue(name, value, zh=f"没有这个字段，最接近的是 {nearest}", en=f"no such field; the nearest is {nearest}"))
        elif isinstance(value, list | tuple | Mapping) and name not in _STRUCTURED:
            self.wrong(BadValue(name, cells.shown(value), zh="应为文字或数", en="must be a text or a number"))
            return None
        return cells.clean(value) if isinstance(value, str) else value

    def wrong(self, refusal: Refusal) -> None:
        """Add an error."""
        self.errors.append(refusal)

    def _blank(self, name: str) -> bool:
        return name in self._said and self._said[name] in (None, "", [], ())

    # --- where it is ----------------------------------------------------------------------------------

    def _datum(self) -> str:
        said = self._said.get("datum") or "wgs84"
        try:
            return self._vocabulary.code("datum", cells.shown(said))
        except UnknownCode as unknown:
            self.wrong(BadDatum("datum", said, zh=unknown.words.zh, en=unknown.words.en))
            return "wgs84"

    def _pair(self, text: str, names: tuple[str, str]) -> tuple[Any, Any] | None:
        """Return a pair as it is to stand in the row; None when it is not said, or said to be empty."""
        if self._said.get(text):
            try:
                lon, lat, datum = pasted.read(cells.shown(self._said[text]))
            except BadCoordinate as bad:
                self.wrong(BadCoordinate(text, bad.value, zh=bad.words.zh, en=bad.words.en))
                return None
            if datum is not None and datum != self.datum:
                if text == PASTED[0]:
                    self.datum = datum  # a link knows better than a choice left as it was
                else:
                    lon, lat = point_from_wgs84(*point_to_wgs84(lon, lat, datum), self.datum)
            return lon, lat
        if not any(name in self._said for name in names) or all(self._said.get(name) in (None, "") for name in names):
            return None
        # one half alone changes one half of what is known
        known = (getattr(self.existing, names[0], None), getattr(self.existing, names[1], None))
        return (self._said.get(names[0], known[0]), self._said.get(names[1], known[1]))

    def emptied(self, text: str, names: tuple[str, str]) -> bool:
        """Return whether a pair is said to be empty, as text or by both halves."""
        return self._blank(text) or all(self._blank(name) for name in names)

    def _point(self) -> tuple[float, float] | None:
        """Return the position in WGS-84: as it is said, else as it was."""
        was = self.existing
        if self._place is None:
            gone = self.emptied("coordinates", ("lon", "lat"))
            return None if was is None or was.lon is None or was.lat is None or gone else (was.lon, was.lat)
        try:
            lon, lat = (cells.degrees(name, value) for name, value in zip(("lon", "lat"), self._place, strict=True))
            return point_to_wgs84(lon, lat, self.datum)
        except Refusal:
            return None

    # --- the row --------------------------------------------------------------------------------------

    def row(self) -> dict[str, Any]:
        """Return the cells of one row by their headers, as a file in our own columns would hold them."""
        row: dict[str, Any] = {}
        self._put_id(row)
        for name in SAID:
            if name in self._said and name not in _ELSEWHERE:
                self._put(row, name, self._said[name])
        if self.existing is None:
            row.setdefault("status", "draft")
        self._put_hours(row)
        self._put_slots(row)
        self._put_basis(row)
        self._put_facilities(row)
        self._put_areas(row)
        self._require(row)
        if self._place is not None:
            row |= {"lon": self._place[0], "lat": self._place[1], "datum": self.datum}
        if self._entrance is not None:
            row |= {"entrance_lon": self._entrance[0], "entrance_lat": self._entrance[1], "datum": self.datum}
        if not row.keys() & {"id", "station_code", "source_id", "lon", "address"}:
            row["address"] = None  # the fault is told of the row, not of a file without a column
        return row

    def _put(self, row: dict[str, Any], name: str, value: Any) -> None:
        if self._blank(name):
            if self.existing is not None and getattr(self.existing, name) not in (None, (), {}):
                row[name] = cells.CLEAR_WORD
        else:
            row[name] = cells.escaped(value, spreadsheet=False) if isinstance(value, str) else value

    def _put_id(self, row: dict[str, Any]) -> None:
        said = None if self._blank("id") else self._said.get("id")
        if self.existing is None:
            if said is not None:
                row["id"] = said
            return
        row["id"] = self.existing.id
        if said not in (None, self.existing.id):
            self.wrong(BadValue("id", said, zh="编号不能更改", en="cannot be changed"))

    def _put_hours(self, row: dict[str, Any]) -> None:
        """Refuse hours that cannot be read; old words for old hours, and a choice left open, do not come along."""
        said, was = row.get("opening_hours"), self.existing
        if said in (None, cells.CLEAR_WORD):
            return
        _, _, why = self._cells.hours(cells.shown(said))
        if why is not None:
            self.wrong(BadHours("opening_hours", said, zh=why.zh, en=why.en))
            del row["opening_hours"]
        elif was is not None and said != was.opening_hours and was.hours_text is not None and row.get("hours_text") == was.hours_text:
            del row["hours_text"]
        if "工作日" in cells.shown(said) and row.get("workday_rule") == "unstated":
            del row["workday_rule"]

    def _put_slots(self, row: dict[str, Any]) -> None:
        """Read the slots one by one, so that each fault has its place; a row of a form may be blank."""
        given = row.get("slots")
        if not isinstance(given, list | tuple):
            return
        kept = []
        for place, slot in enumerate(given):
            if isinstance(slot, Mapping) and not any(slot.values()):
                continue
            try:
                self._cells.reader("slots")([slot])
                kept.append(slot)
            except Refusal as refusal:
                self.wrong(type(refusal)(f"slots.{place}", refusal.value, zh=refusal.words.zh, en=refusal.words.en))
        row["slots"] = kept or (cells.CLEAR_WORD if self.existing and self.existing.slots else None)

    def _put_basis(self, row: dict[str, Any]) -> None:
        if "basis" not in self._said:
            return
        try:
            said = cells.mapping("basis", self._said["basis"]) if self._said["basis"] else {}
        except Refusal as refusal:
            self.wrong(refusal)
            return
        known = dict(self.existing.basis) if self.existing else {}
        merged = {about: word for about, word in {**known, **said}.items() if word not in ("", "None")}
        row["basis"] = ";".join(f"{about}={word}" for about, word in merged.items()) or (cells.CLEAR_WORD if known else None)

    def _put_facilities(self, row: dict[str, Any]) -> None:
        given = self._said.get("facilities")
        if given in (None, "", {}):
            return
        if not isinstance(given, Mapping):
            self._put(row, "facilities", given)
            return
        for called, level in given.items():
            said = cells.clean(cells.shown(level))
            try:
                code = self._vocabulary.code("facility", str(called))
            except UnknownCode as unknown:
                self.wrong(UnknownCode(f"facilities.{called}", called, zh=unknown.words.zh, en=unknown.words.en))
                continue
            if said not in _UNKNOWN_LEVELS and cells.answer(said) is None:
                self.wrong(BadValue(f"facilities.{code}", said, zh="应为 yes（有）、no（无）、limited（有限）或留空",
                                     en="must be yes, no, limited or empty"))
            else:
                row[FACILITY + code] = cells.CLEAR_WORD if said in _UNKNOWN_LEVELS else said

    def _put_areas(self, row: dict[str, Any]) -> None:
        """Name areas by their codes; a district that is left empty is the one that the position lies in."""
        point = self._point()
        if point is not None:
            self.lies_in = self._areas.district_of([point])[0]  # type: ignore[arg-type]
            if self.lies_in is None and (self._place is not None or self.existing is None):
                self.warnings.append(BadCoordinate("coordinates", "{:.6f},{:.6f}".format(*point), zh="不在任何已知的区之内；请核对坐标和坐标系",
                                                   en="lies in no known district; check the coordinates and their datum"))
        if self._blank("district_code") and self.lies_in is not None:
            row["district_code"] = self.lies_in
        for name in ("district_code", "street_code"):
            if isinstance(row.get(name), str) and row[name] != cells.CLEAR_WORD:
                self._put_area(row, name)

    def _put_area(self, row: dict[str, Any], name: str) -> None:
        tree, said = self._areas.tree, str(row[name])
        district = str(row.get("district_code") or (self.existing.district_code if self.existing else None))
        within = tree[district].words.zh if name == "street_code" and district in tree else ""
        for called in (within + said, said) if within and said not in tree else (said,):
            try:
                row[name] = tree.code(called)
                return
            except NotThere as unknown:
                refusal = unknown
        self.wrong(BadValue(name, said, zh=refusal.words.zh, en=refusal.words.en))
        del row[name]

    def _require(self, row: dict[str, Any]) -> None:
        for name, zh, en in (("name", "请写明名称", "needs a name"), ("kind", "请选择类别", "needs a kind")):
            if row.get(name) == cells.CLEAR_WORD or (self.existing is None and row.get(name) is None):
                self.wrong(BadValue(name, None, zh=zh, en=en))
                row.pop(name, None)
