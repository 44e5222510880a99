"""What each field of a site reads from one cell; a text that many rows repeat is understood once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from geodata import cells, facility_text, hours_text
from geodata.facility_text import Facilities
from geodata.headers import words
from geodata.tables import Cell
from locator.errors import BadHours, BadValue, UnknownCode
from locator.hours import check_expression
from locator.sites import Slot
from locator.vocabulary import Vocabulary
from locator.words import Words

LONGEST_NAME = 200
LONGEST_TEXT = 2_000
LONGEST_ID = 100

MOST_EXACT = 10 ** 15

_CODED = ("kind", "subtype", "host", "eligibility", "status", "visibility", "gender", "fee", "workday_rule", "verified_how")
_NUMBERS = ("accuracy_m", "capacity", "area_m2")
_DAYS = ("verified_on", "next_check_on")
_NOT_IN_ID = frozenset(" \t\n/?#%\\\"'<>&")


class FieldReaders:
    """Reads cells as fields under one vocabulary; every method raises a `Refusal` for what it cannot read."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Begin with nothing understood yet."""
        self._vocabulary = vocabulary
        self._codes: dict[tuple[str, str], str | UnknownCode] = {}
        self._lists: dict[str, Facilities] = {}
        self._hours: dict[str, tuple[str | None, str | None, Words | None]] = {}

    def reader(self, name: str) -> Callable[[Cell], Any]:  # noqa: C901 - one line a sort of field
        """Return what reads the cells of a field's column."""
        if name in _CODED:
            return partial(self.code, name, name)
        if name == "source_datum":
            return partial(self.code, name, "datum")
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
        text = _digits(name, cell)
        if len(text) > longest:
            raise BadValue(name, text, zh=f"有 {len(text):,} 个字符，最多 {longest:,} 个", en=f"has {len(text):,} characters; at most {longest:,}")
        return text

    def _id(self, name: str, cell: Cell) -> str:
        text = _digits(name, cell)
        if len(text) > LONGEST_ID or _NOT_IN_ID.intersection(text):
            raise BadValue(name, text, zh=f"应为不超过 {LONGEST_ID} 个字符、不含空格和 / ? # % 引号的文字",
                           en=f"must be at most {LONGEST_ID} characters without blanks, quotes or / ? # %")
        return text

    def code(self, name: str, section: str, cell: Cell) -> str:
        """Return the code in a section of the vocabulary for what a cell says; the refusal names the field `name`."""
        said = cells.shown(cell)
        found = self._codes.get((name, said))
        if found is None:
            try:
                found = words()["values"].get(name, {}).get(said) or self._vocabulary.code(section, said)
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
            expression, _, why = self.hours(hours)
            if expression is None:
                assert why is not None  # an expression, or why there is none
                raise BadHours("slots", hours, zh=why.zh, en=why.en)
            found.append(Slot(expression, self.code("slots", "mode", mode)))
        return tuple(found)

    def _basis(self, cell: Cell) -> dict[str, str]:
        found = {}
        for about, said in cells.mapping("basis", cell).items():
            if about not in ("hours", "facilities"):
                raise BadValue("basis", about, zh="只有 hours 和 facilities 有依据", en="only hours and facilities have a basis")
            found[about] = self.code("basis", "basis", said)
        return found

    def facilities(self, cell: Cell) -> Facilities:
        """Read a list of facilities; offices write few different ones."""
        if not isinstance(cell, str):
            return facility_text.listed(cell, self._vocabulary)
        if cell not in self._lists:
            self._lists[cell] = facility_text.listed(cell, self._vocabulary)
        return self._lists[cell]

    def hours(self, said: str) -> tuple[str | None, str | None, Words | None]:
        """Return (expression, text to keep, why it cannot be read); a text is read once."""
        if said not in self._hours:
            self._hours[said] = _hours(said)
        return self._hours[said]


def _digits(name: str, cell: Cell) -> str:
    """Return a cell's text; a number that a spreadsheet keeps with 15 digits only is no code any more."""
    if isinstance(cell, float) and abs(cell) >= MOST_EXACT:
        raise BadValue(name, cells.shown(cell), zh="是超过 15 位的数字，表格软件已丢掉后面的位数；请把这一列设为文本格式再填",
                       en="is a number of more than 15 digits, of which a spreadsheet loses the last; format the column as text and fill it in again")
    return cells.shown(cell)


def _hours(said: str) -> tuple[str | None, str | None, Words | None]:
    """Return (expression, text to keep, why it cannot be read): Chinese is translated, else it must be an expression."""
    translated = hours_text.translate(said)
    chinese = any(c > "\u2e80" for c in said)
    # text that is both is Chinese first; what one reading cannot do the other may
    readings = ((translated, said), (said, None)) if chinese else ((said, None), (translated, said))
    why: Words | None = None
    for expression, kept in readings:
        if expression is None:
            continue
        try:
            return check_expression(expression, "opening_hours"), kept, None
        except BadHours as bad:
            why = why or bad.words
    return None, said, why
