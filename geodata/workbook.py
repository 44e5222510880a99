"""An XLSX workbook's first filled sheet as raw rows, read as a stream with bounded time and memory.

The sizes that the archive declares are checked before anything is unpacked, and held to while it is.
Formulas give the value that was stored with them; a formula without one is an `Unreadable` cell.
Cells merged downwards all get the value, since people merge "东城区" over the rows it is true of.

Source of the format: ECMA-376 part 1, sections 18.3 (sheets), 18.4 (shared strings), 18.8 (styles).
"""

from __future__ import annotations

import copy
import posixpath
import re
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.parsers import expat

from geodata.tables import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Cell, Row, Unreadable, refuse, too_long
from locator.errors import BadFile, Refusal
from locator.words import Words

MOST_UNPACKED_BYTES = 256 << 20
MOST_PARTS = 2_000
MOST_RATIO = 150
"""Unpacked over packed, of a part above a megabyte; honest sheets lie at 5 to 40, a zip bomb at 1,000."""
MOST_CELLS = 4_000_000
MOST_ELEMENTS = 16_000_000
SHEET_ROWS = 1_048_576
SHEET_COLUMNS = 16_384

_CHUNK = 1 << 18
_BUILTIN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NOT_FORMAT = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_NOT_CALCULATED = Words("公式没有保存结果；请在 Excel 中打开并保存后再导入，或粘贴为数值",
                        "the formula has no stored result; open and save it in Excel, or paste it as a value")
_EXCEL_ERROR = Words("单元格是 Excel 错误值，应改为实际内容", "the cell is an Excel error; give the value itself")


def rows(path: Path, warnings: list[Refusal]) -> list[Row]:
    """Return the rows of the first sheet that has any; cells stand at their columns' places.

    What was passed over or filled in (other sheets, merged cells) is added to `warnings`.

    Raises:
        BadFile: If it is no XLSX workbook, is encrypted or broken, or is larger than the limits.
    """
    name = path.name
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(name, archive)
            return _Workbook(name, archive).rows(warnings)
    except zipfile.BadZipFile:
        raise refuse(name, "不是完整的 XLSX 文件；请用 Excel 或 WPS 重新另存为 .xlsx",
                     "is not a whole XLSX file; save it again as .xlsx") from None
    except (expat.ExpatError, KeyError, ValueError, IndexError, OverflowError, NotImplementedError, EOFError, OSError,
            RuntimeError) as error:
        raise refuse(name, f"XLSX 内容已损坏：{error}", f"the XLSX content is broken: {error}") from None


def _check_sizes(name: str, archive: zipfile.ZipFile) -> None:
    """Refuse by the central directory alone; `_Part` holds each part to what it declared there."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS:
        raise refuse(name, f"压缩包内有 {len(parts):,} 个部分，最多 {MOST_PARTS:,} 个", f"holds {len(parts):,} parts; at most {MOST_PARTS:,}")
    if unpacked > MOST_UNPACKED_BYTES:
        raise refuse(name, f"解压后有 {unpacked >> 20:,} MB，最多 {MOST_UNPACKED_BYTES >> 20} MB；请分成几个文件",
                     f"unpacks to {unpacked >> 20:,} MB; at most {MOST_UNPACKED_BYTES >> 20} MB: split the file")
    for part in parts:
        if part.flag_bits & 1:
            raise refuse(name, "文件有密码；请去掉密码后再导入", "is encrypted; remove the password first")
        if part.file_size > 1 << 20 and part.file_size > MOST_RATIO * max(part.compress_size, 1):
            raise refuse(name, f"{part.filename} 压缩比超过 {MOST_RATIO} 倍，疑似压缩炸弹",
                         f"{part.filename} packs more than {MOST_RATIO} to one, as a zip bomb does")


def _declared(name: str, archive: zipfile.ZipFile, part: str) -> Generator[bytes, None, None]:
    """Unpack one part, refusing it at the first byte beyond the size it declared."""
    info = copy.copy(archive.getinfo(part))
    declared = info.file_size
    info.file_size += 1  # zipfile stops reading at this size, so an excess of one byte shows
    read = 0
    with archive.open(info) as stream:
        while block := stream.read(_CHUNK):
            read += len(block)
            if read > declared:
                raise refuse(name, f"{part} 的实际大小超过其声明", f"{part} is larger than it declares")
            yield block


class _Reader:
    """Walk one XML part: `start(tag, attributes)`, `end(tag)`, `text(characters)` without namespaces."""

    def __init__(self, name: str, start: Callable[[str, dict[str, str]], None],
                 end: Callable[[str], None] | None = None, text: Callable[[str], None] | None = None) -> None:
        self._name = name
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        elements = 0

        def started(tag: str, attributes: dict[str, str]) -> None:
            nonlocal elements
            elements += 1
            if elements > MOST_ELEMENTS:
                raise refuse(name, "XLSX 内容过多", "the XLSX holds too much")
            start(tag.rpartition(":")[2] if ":" in tag else tag, attributes)

        self._parser.StartElementHandler = started
        if end is not None:
            self._parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2] if ":" in tag else tag)
        if text is not None:
            self._parser.CharacterDataHandler = text

    def _doctype(self, *_: Any) -> None:
        raise refuse(self._name, "XLSX 内含 DOCTYPE，不予读取", "the XLSX holds a DOCTYPE, which is never read")

    def feed(self, blocks: Iterator[bytes]) -> None:
        for block in blocks:
            self._parser.Parse(block, False)
        self._parser.Parse(b"", True)


class _Workbook:
    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        self._name = name
        self._archive = archive
        self._parts = {part.filename.lstrip("/").lower(): part.filename for part in archive.infolist()}
        if "xl/workbook.xml" not in self._parts:
            raise refuse(name, "是 zip，但不是 XLSX 工作簿", "is a zip archive, but not an XLSX workbook")

    def _read(self, part: str, reader: _Reader) -> None:
        with closing(_declared(self._name, self._archive, self._parts[part.lower()])) as blocks:
            reader.feed(blocks)

    def rows(self, warnings: list[Refusal]) -> list[Row]:
        sheets, epoch = self._sheets()
        strings, dates = self._strings(), self._date_styles()
        found: list[Row] = []
        taken, merged, left = "", 0, []
        for title, part in sheets:
            if found:
                left.append(title)
                continue
            sheet = _Sheet(self._name, strings, dates, epoch)
            self._read(part, _Reader(self._name, sheet.start, sheet.end, sheet.text))
            merged = sheet.fill_merged()
            found = [Row(line, cells) for line, cells in sorted(sheet.lines.items())]
            taken = title
        if left and found:
            warnings.append(BadFile("sheet", "、".join(left), zh=f"只读取了工作表“{taken}”，其余工作表未导入",
                                    en=f"only the sheet {taken!r} was read; these were not imported", at=self._name))
        if merged:
            warnings.append(BadFile("merged", merged, zh="处纵向合并的单元格：每一行都取合并前的值，请核对",
                                    en="cells merged downwards: every row got the merged value; check them", at=self._name))
        return found

    def _sheets(self) -> tuple[list[tuple[str, str]], datetime]:
        """Return the visible sheets as (title, part) in their order, and day 0 of the dates."""
        named: list[tuple[str, str]] = []
        old_mac: list[bool] = []
        targets: dict[str, str] = {}

        def workbook(tag: str, attributes: dict[str, str]) -> None:
            if tag == "sheet" and attributes.get("state", "visible") == "visible":
                rid = next((v for k, v in attributes.items() if k.endswith(":id")), "")
                named.append((attributes.get("name", ""), rid))
            elif tag == "workbookPr":
                old_mac.append(attributes.get("date1904", "0") in ("1", "true"))

        def relations(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        self._read("xl/workbook.xml", _Reader(self._name, workbook))
        self._read("xl/_rels/workbook.xml.rels", _Reader(self._name, relations))
        sheets = [(title, posixpath.normpath(posixpath.join("/xl", targets[rid])).lstrip("/"))
                  for title, rid in named if rid in targets]
        return sheets, datetime(1904, 1, 1) if any(old_mac) else datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet has no zone

    def _strings(self) -> list[str | Unreadable]:
        found: list[str | Unreadable] = []
        if "xl/sharedstrings.xml" in self._parts:
            gather = _Strings(self._name, found)
            self._read("xl/sharedStrings.xml", _Reader(self._name, gather.start, gather.end, gather.text))
        return found

    def _date_styles(self) -> list[bool]:
        """Return whether each cell style shows a number as a date."""
        custom: dict[str, bool] = {}
        styles: list[bool] = []
        within: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            within.append(tag)
            if tag == "numFmt":
                code = _NOT_FORMAT.sub("", attributes.get("formatCode", "")).lower()
                custom[attributes.get("numFmtId", "")] = "general" not in code and any(c in code for c in "ymdhs")
            elif tag == "xf" and within[-2:-1] == ["cellXfs"]:
                number = attributes.get("numFmtId", "0")
                styles.append(custom[number] if number in custom else int(number) in _BUILTIN_DATES)

        if "xl/styles.xml" in self._parts:
            self._read("xl/styles.xml", _Reader(self._name, start, lambda _tag: within.clear() if len(within) < 2 else within.__delitem__(-1)))
        return styles


class _Strings:
    """The shared strings, in order; what is written above characters to say how they are read is left out."""

    def __init__(self, name: str, found: list[str | Unreadable]) -> None:
        self._name = name
        self._found = found
        self._pieces: list[str] = []
        self._length = 0
        self._in_text = self._in_reading = False

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag == "si":
            self._pieces, self._length = [], 0
        elif tag == "rPh":
            self._in_reading = True
        elif tag == "t":
            self._in_text = not self._in_reading

    def end(self, tag: str) -> None:
        if tag == "t":
            self._in_text = False
        elif tag == "rPh":
            self._in_reading = False
        elif tag == "si":
            if len(self._found) >= MOST_CELLS:
                raise refuse(self._name, f"文字超过 {MOST_CELLS:,} 条", f"more than {MOST_CELLS:,} texts")
            text = "".join(self._pieces)
            self._found.append(too_long(text) if self._length > LONGEST_CELL else _unescaped(text))

    def text(self, characters: str) -> None:
        if self._in_text:
            self._length += len(characters)
            if self._length <= LONGEST_CELL or not self._pieces:
                self._pieces.append(characters[:LONGEST_CELL])


class _Sheet:
    """One worksheet's filled cells by row number, as its XML goes by."""

    def __init__(self, name: str, strings: list[str | Unreadable], dates: list[bool], epoch: datetime) -> None:
        self.lines: dict[int, list[Cell]] = {}
        self._name = name
        self._strings = strings
        self._dates = dates
        self._epoch = epoch
        self._merged: list[str] = []
        self._row = 0
        self._column = -1
        self._cells = 0
        self._kind = ""
        self._style = 0
        self._formula = False
        self._value: list[str] = []
        self._length = 0
        self._in_value = self._in_reading = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "t"):
            self._in_value = not self._in_reading
        elif tag == "f":
            self._formula = True
        elif tag == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = -1
            if not 0 < self._row <= SHEET_ROWS:
                raise refuse(self._name, "行号超出 Excel 的范围", "a row number is beyond Excel's own range")
        elif tag == "rPh":
            self._in_reading = True
        elif tag == "mergeCell" and len(self._merged) < MOST_ROWS:
            self._merged.append(attributes.get("ref", ""))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._cells += 1
        if self._cells > MOST_CELLS:
            raise refuse(self._name, f"单元格超过 {MOST_CELLS:,} 个", f"more than {MOST_CELLS:,} cells")
        place = attributes.get("r")
        self._column = _column(place) if place else self._column + 1
        self._kind = attributes.get("t", "n")
        self._style = int(attributes.get("s", 0))
        self._formula = False
        self._value, self._length = [], 0

    def text(self, characters: str) -> None:
        if self._in_value:
            self._length += len(characters)
            if self._length <= LONGEST_CELL or not self._value:
                self._value.append(characters[:LONGEST_CELL])

    def end(self, tag: str) -> None:
        if tag == "c":
            value = self._cell()
            if value is not None and value != "":
                self._put(self._row, self._column, value)
        elif tag in ("v", "t"):
            self._in_value = False
        elif tag == "rPh":
            self._in_reading = False

    def _put(self, row: int, column: int, value: Cell) -> None:
        if column >= MOST_COLUMNS:
            raise refuse(self._name, f"有 {column + 1:,} 列，最多 {MOST_COLUMNS} 列",
                         f"{column + 1:,} columns; at most {MOST_COLUMNS} are read", line=row)
        cells = self.lines.setdefault(row, [])
        if len(self.lines) > MOST_ROWS + 1_000:
            raise refuse(self._name, f"超过 {MOST_ROWS:,} 行；请分成几个文件", f"more than {MOST_ROWS:,} rows; split the file")
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = value

    def _cell(self) -> Cell:
        text = "".join(self._value)
        if self._length > LONGEST_CELL:
            return too_long(text)
        if self._kind == "s":
            return self._strings[int(text)] if text else None
        if self._kind in ("str", "inlineStr"):
            return Unreadable("=…", _NOT_CALCULATED) if self._formula and not text else _unescaped(text)
        if not text:
            return Unreadable("=…", _NOT_CALCULATED) if self._formula else None
        if self._kind == "b":
            return text == "1"
        if self._kind == "e":
            return Unreadable(text, _EXCEL_ERROR)
        if self._kind == "d":
            return datetime.fromisoformat(text)
        number = float(text)
        return self._moment(number) if self._style < len(self._dates) and self._dates[self._style] else number

    def _moment(self, number: float) -> Cell:
        """Read a number shown as a date; a time of day alone becomes its text."""
        if not 0 <= number < 2_958_466:  # past 9999-12-31 Excel shows ####
            return number
        moment = self._epoch + timedelta(seconds=round(number * 86_400))
        if number < 1:
            return moment.strftime("%H:%M")
        return date(moment.year, moment.month, moment.day) if number.is_integer() else moment

    def fill_merged(self) -> int:
        """Give every row of a range merged downwards the value of its first; return how many ranges."""
        filled = 0
        for reference in self._merged:
            first, _, last = reference.partition(":")
            try:
                column, top, bottom = _column(first), _line(first), _line(last)
            except ValueError:
                continue
            cells = self.lines.get(top, [])
            if bottom <= top or column >= len(cells) or cells[column] is None:
                continue
            filled += 1
            for line in range(top + 1, bottom + 1):
                if line in self.lines:  # a row with nothing else in it is no site
                    self._put(line, column, cells[column])
        return filled


def _column(reference: str) -> int:
    return _column_of(reference.rstrip("0123456789"))


@lru_cache(maxsize=SHEET_COLUMNS)
def _column_of(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
        if not "A" <= letter <= "Z" or column > SHEET_COLUMNS:
            break
    else:
        if letters:
            return column - 1
    raise ValueError(f"no column {letters[:20]!r}")


def _line(reference: str) -> int:
    place = _REFERENCE.fullmatch(reference)
    if place is None:
        raise ValueError(f"no cell {reference[:20]!r}")
    return int(place[2])


def _unescaped(text: str) -> str:
    """Undo ``_x000D_``, the format's way to write a character that XML cannot hold."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text
