"""What the XML parts of an XLSX workbook hold, counted as they go by and before a library builds anything of them.

A sheet may name one cell in its last corner, for which a reader would reserve room for 17 billion; an
entity may stand for gigabytes. And the library says nothing of cells that have no value, so they are noted here.

Source of the format: ECMA-376 part 1, 18.3.1 (rows and cells), 18.2.19 (sheets); part 2, 9.3 (relationships).
"""

from __future__ import annotations

import posixpath
import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias
from xml.parsers import expat

from geodata.tables import MOST_COLUMNS, MOST_ROWS, refuse, too_many

MOST_CELLS = 5_000_000
"""Cells of the rectangle from A1 to a sheet's last row and column, filled or not: the library holds them all."""
MOST_WITHOUT_VALUE = 100_000
"""Cells of a workbook that hold an error or a formula without a result."""
MOST_ELEMENTS = 16_000_000
"""XML elements of a whole workbook."""
WORKBOOK = "xl/workbook.xml"
STYLES = "xl/styles.xml"
"""To be counted before the sheets: it says which numbers are shown with leading zeros."""

_CELLS_BESIDE = 100_000
"""Of the rectangle: what a stray cell far below or far to the right of a short table makes of it."""
_ELEMENTS_BESIDE, _ELEMENTS_A_ROW = 200_000, 3 * MOST_COLUMNS
"""Styles, lists and formatted cells that hold nothing; a row of every column, each a cell with its value."""
_LINKS = "xl/_rels/workbook.xml.rels"
_ZEROS = re.compile("0{2,20}")
_COLUMN_BITS = 15
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_Attributes: TypeAlias = Mapping[str, str]


@dataclass(slots=True)
class Sheet:
    """What a part holds, if it is a sheet: its last row and column with a filled cell, from 1, and the cells without a value."""

    rows: int = 0
    columns: int = 0
    errors: list[tuple[int, int]] = field(default_factory=list)
    """(row, column) from 0 of the cells that hold an Excel error."""
    not_calculated: list[tuple[int, int]] = field(default_factory=list)
    """Those that hold a formula without a stored result."""
    padded_cells: dict[int, array[int]] = field(default_factory=dict)
    """Width → the cells whose number format is so many zeros: ``001`` is shown, 1 is stored. See `padded`."""

    def padded(self) -> Iterator[tuple[int, int, int]]:
        """Return (width, row, column) from 0 of the cells shown with leading zeros."""
        for width, cells in self.padded_cells.items():
            for cell in cells:
                yield width, cell >> _COLUMN_BITS, cell & ((1 << _COLUMN_BITS) - 1)


def most_cells(most_rows: int) -> int:
    """Return how many cells a sheet's rectangle may have where so many rows of it are wanted."""
    return min(MOST_CELLS, _CELLS_BESIDE + MOST_COLUMNS * most_rows)


class Census:
    """Counts one workbook's parts; a part beyond the limits is refused where it goes beyond them."""

    def __init__(self, name: str, most_rows: int = MOST_ROWS) -> None:
        """Begin to count the file of this name, of which so many rows are wanted."""
        self._name, self._most_rows, self._most_cells = name, most_rows, most_cells(most_rows)
        self._most_elements = min(MOST_ELEMENTS, _ELEMENTS_BESIDE + _ELEMENTS_A_ROW * most_rows)
        self._elements = self._without_value = 0
        self._parts: dict[str, Sheet] = {}
        self._order: list[str] = []
        self._targets: dict[str, str] = {}
        self._zeros: dict[str, int] = {}
        self._padded: dict[str, int] = {}
        self._styles: list[str] | None = None
        self._begin("")

    def watched(self, part: str, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass on the blocks of a part, whose name is in small letters, each when it has been counted.

        Raises:
            BadFile: If it holds a DOCTYPE, a cell that no sheet has, or more than the limits.
            expat.ExpatError: If it is not XML in UTF-8.
        """
        self._begin(part)
        for block in blocks:
            self._parser.Parse(block, False)
            yield block
        self._parser.Parse(b"", True)
        self._end_cell()
        rows, columns = self._sheet.rows, self._sheet.columns
        if rows * columns > self._most_cells:
            raise refuse(self._name, f"{rows:,} 行 × {columns:,} 列，单元格超过 {self._most_cells:,} 个；请删除远处的内容，或分成几个文件",
                         f"{rows:,} rows by {columns:,} columns are more than {self._most_cells:,} cells; "
                         "delete what stands far off, or split the file")

    def sheets(self) -> list[Sheet]:
        """Return the sheets in the workbook's order; one whose part is missing counts as empty."""
        named = (posixpath.normpath(posixpath.join("/xl", self._targets.get(link, ""))).lstrip("/").lower() for link in self._order)
        return [self._parts.get(part, Sheet()) for part in named]

    def _begin(self, part: str) -> None:
        self._sheet = self._parts[part] = Sheet()
        self._row = self._column = 0
        self._kind: str | None = None
        self._is_formula = self._has_value = False
        self._parser = expat.ParserCreate("utf-8")  # whatever the part declares: the library knows no other
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._starts: Mapping[str, Callable[[_Attributes], None]] = (
            {"sheet": self._start_sheet} if part == WORKBOOK else
            {"Relationship": self._start_link} if part == _LINKS else
            {"numFmt": self._start_format, "cellXfs": self._start_styles, "xf": self._start_style, "cellStyles": self._end_styles,
             "dxfs": self._end_styles} if part == STYLES else
            {"row": self._start_row, "c": self._start_cell, "f": self._start_formula, "v": self._start_value, "is": self._start_value})

    def _doctype(self, *_: object) -> None:
        raise refuse(self._name, "XLSX 内含 DOCTYPE，不予读取", "the XLSX holds a DOCTYPE, which is never read")

    def _start(self, tag: str, attributes: _Attributes) -> None:
        self._elements += 1
        if self._elements > self._most_elements:
            raise too_many(self._name, f"XLSX 内容超过 {self._most_elements:,} 项，多于 {self._most_rows:,} 行所需；请只留要读的行",
                           f"the XLSX holds more than {self._most_elements:,} elements, beyond what {self._most_rows:,} rows need: keep these alone")
        start = self._starts.get(tag.rpartition(":")[2] if ":" in tag else tag)
        if start is not None:
            start(attributes)

    def _start_sheet(self, attributes: _Attributes) -> None:
        self._order.append(next((value for key, value in attributes.items() if key.endswith(":id")), ""))

    def _start_link(self, attributes: _Attributes) -> None:
        self._targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def _start_format(self, attributes: _Attributes) -> None:
        if _ZEROS.fullmatch(attributes.get("formatCode", "")):
            self._zeros[attributes.get("numFmtId", "")] = len(attributes["formatCode"])

    def _start_styles(self, _attributes: _Attributes) -> None:
        self._styles = []

    def _start_style(self, attributes: _Attributes) -> None:
        if self._styles is not None:
            self._styles.append(attributes.get("numFmtId", ""))
            if width := self._zeros.get(self._styles[-1]):
                self._padded[str(len(self._styles) - 1)] = width

    def _end_styles(self, _attributes: _Attributes) -> None:
        self._styles = None

    def _start_row(self, attributes: _Attributes) -> None:
        self._end_cell()
        self._row = self._place("A" + attributes["r"])[0] if "r" in attributes else self._row + 1
        self._column = 0

    def _start_cell(self, attributes: _Attributes) -> None:
        if self._is_formula or self._kind == "e":
            self._end_cell()
        if "r" in attributes:
            self._row, self._column = self._place(attributes["r"])
        else:
            self._column += 1
        self._kind = attributes.get("t")
        if self._padded and self._row > 0 and self._kind in (None, "n") and (width := self._padded.get(attributes.get("s", ""))):
            self._sheet.padded_cells.setdefault(width, array("Q")).append((self._row - 1) << _COLUMN_BITS | (self._column - 1))

    def _start_formula(self, _attributes: _Attributes) -> None:
        self._is_formula = True

    def _start_value(self, _attributes: _Attributes) -> None:
        if self._row > self._sheet.rows:
            self._sheet.rows = self._row
        if self._column > self._sheet.columns:
            self._sheet.columns = self._column
        if self._is_formula:
            self._parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        self._has_value = self._has_value or not text.isspace()

    def _end_cell(self) -> None:
        if self._kind == "e":
            self._lacks_value(self._sheet.errors)
        elif self._is_formula and not self._has_value and self._kind != "str":  # a calculated text may be empty
            self._lacks_value(self._sheet.not_calculated)
        self._kind, self._is_formula, self._has_value = None, False, False
        self._parser.CharacterDataHandler = None

    def _lacks_value(self, places: list[tuple[int, int]]) -> None:
        self._without_value += 1
        if self._without_value > MOST_WITHOUT_VALUE:
            raise refuse(self._name, f"超过 {MOST_WITHOUT_VALUE:,} 个单元格是错误值或没有结果的公式；请在 Excel 中打开并保存后再导入",
                         f"more than {MOST_WITHOUT_VALUE:,} cells are errors or formulas without a result; open and save it in Excel")
        places.append((self._row - 1, self._column - 1))
        self._sheet.rows, self._sheet.columns = max(self._sheet.rows, self._row), max(self._sheet.columns, self._column)

    def _place(self, reference: str) -> tuple[int, int]:
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise refuse(self._name, f"没有 {reference[:20]!r} 这样的单元格", f"there is no cell {reference[:20]!r}")
        return int(found[2]), _column(found[1])


@lru_cache(maxsize=1 << 15)
def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column
