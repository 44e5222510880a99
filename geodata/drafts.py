"""One row of a table on its way to being a site: its draft, how it is to be read, and what is wrong with it.

A draft has no WGS-84 coordinates and no district yet (`placing`), and is not merged with what the
registry knows of its site (`records`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from geodata.headers import Columns, Pair
from geodata.tables import Row, Table
from locator.errors import Refusal
from locator.sites import Site
from locator.vocabulary import Vocabulary

CLEAR: Final[Any] = object()
"""In a draft: this field is emptied."""


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
    repeats: bool = False
    """Whether an earlier row says the very same; that is told already."""


class Faults:
    """What is wrong with a file, each fault with its file, line and column."""

    def __init__(self, table: Table, known: Columns) -> None:
        """Begin with the warnings of the table itself."""
        self._table = table
        self._headers = known.headers
        self.errors: list[Refusal] = []
        self.warnings: list[Refusal] = list(table.warnings)
        self.wrongs = 0
        """How often something was wrong: several may be told as one error."""
        self._together: dict[tuple[int | None, str, object], tuple[int, int]] = {}

    def wrong(self, line: int | None, place: int | None, refusal: Refusal) -> None:
        """Add an error; `line` None is the file as a whole, `place` the number of the column."""
        self.errors.append(self._placed(line, place, refusal))
        self.wrongs += 1

    def wrong_together(self, line: int, place: int | None, refusal: Refusal) -> None:
        """Add an error that many rows may share: told once, at the first of them, with how many they are."""
        self._tell_together(self.errors, line, place, refusal)
        self.wrongs += 1

    def warn(self, line: int | None, place: int | None, refusal: Refusal) -> None:
        """Add a warning."""
        self.warnings.append(self._placed(line, place, refusal))

    def warn_together(self, line: int, place: int | None, refusal: Refusal) -> None:
        """Add a warning that many rows may share: told once, at the first of them, with how many they are."""
        self._tell_together(self.warnings, line, place, refusal)

    def _tell_together(self, told: list[Refusal], line: int, place: int | None, refusal: Refusal) -> None:
        key = (place, refusal.field, refusal.value)
        at, count = self._together.get(key, (len(told), 0))
        self._together[key] = at, count + 1
        if not count:
            told.append(self._placed(line, place, refusal))
            return
        first = told[at]
        told[at] = type(first)(first.field, first.value, at=first.at, zh=f"{refusal.words.zh}（共 {count + 1} 行）",
                               en=f"{refusal.words.en} ({count + 1} rows)")
        told[at].cell = first.cell

    def shown_line(self, line: int) -> str:
        """Return the number of a line as people see it, with its sheet where there are several."""
        return self._table.shown_line(line)

    def _placed(self, line: int | None, place: int | None, refusal: Refusal) -> Refusal:
        column = refusal.field
        if place is not None and (header := self._headers[place]) and header != column:
            column = f"{header} ({column})"
        at = self._table.name if line is None else self._table.at(line)
        placed = type(refusal)(column, refusal.value, zh=refusal.words.zh, en=refusal.words.en, at=at)
        placed.cell = (line, place)
        return placed


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


def given(values: Mapping[str, Any], name: str) -> Any:
    """Return a value of a row; None when absent or emptied."""
    value = values.get(name)
    return None if value is CLEAR else value
