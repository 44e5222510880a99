"""Any office's file as one table of raw cells: CSV, XLSX, GeoJSON, GeoPackage.

The file's content must be what its name says; a file of another sort is refused with its right name.
Encoding (UTF-8 with or without a mark, UTF-16 with one, GB18030) and delimiter (comma, tab, semicolon,
bar) are found out. Nothing here knows what a column means.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from geodata import features, workbook
from geodata.tables import (
    LONGEST_CELL,
    MOST_FILE_BYTES,
    Cell,
    Row,
    Table,
    refuse,
    too_long,
    under_headers,
)

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".geojson", ".json", ".gpkg")
DELIMITERS = ",\t;|"

_SAMPLE = 1 << 16
_MAGIC = (
    (b"%PDF", "PDF"), (b"PK\x03\x04", "XLSX/ZIP"), (b"\xd0\xcf\x11\xe0", "XLS"), (b"\x1f\x8b", "GZIP"), (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"), (b"SQLite format 3\x00", "GeoPackage/SQLite"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7Z"),
    (b"\x7fELF", "ELF"), (b"BM\x00", "BMP"), (b"GIF8", "GIF"),
)
_GEOPACKAGES = (b"GPKG", b"GP10", b"GP11")
"""The application id of an SQLite file, in its 69th to 72nd byte."""
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|table|svg)", re.IGNORECASE)
_MOST_CONTROLS, _FEW_CONTROLS = 0.02, 16
"""Share of control characters above which a sample is no text; a few are only a blemish of their cells."""


def read(path: Path, known: Callable[[str], bool] = lambda _header: False) -> Table:
    """Return a file's table.

    Args:
        path: The file; its suffix, one of `SUFFIXES`, says what it must be.
        known: Whether a header is one that means something; finds the header line below titles and
            decides between delimiters.

    Raises:
        BadFile: If it is missing, a directory, not what its name says, broken, empty, or beyond the
            limits of `tables`, `package` and `census`; the words name the limit.
    """
    name, suffix = path.name, path.suffix.lower()
    try:
        if path.is_dir():
            raise refuse(name, "是一个目录，应为文件", "is a directory; give a file")
        size = path.stat().st_size
        if not path.is_file():
            raise refuse(name, "不是普通文件", "is not an ordinary file")
        with path.open("rb") as stream:
            head = stream.read(_SAMPLE)
    except FileNotFoundError:
        raise refuse(name, "没有这个文件", "there is no such file") from None
    except OSError as error:
        raise refuse(name, f"无法读取：{error.strerror}", f"cannot be read: {error.strerror}") from None
    if suffix not in SUFFIXES:
        hint_zh, hint_en = ("请在 Excel 或 WPS 中另存为 .xlsx；", "save it as .xlsx; ") if suffix in (".xls", ".et", ".numbers") else ("", "")
        raise refuse(name, f"{hint_zh}可读的格式：{' '.join(SUFFIXES)}", f"{hint_en}the formats that are read: {' '.join(SUFFIXES)}")
    if size > MOST_FILE_BYTES:
        raise refuse(name, f"文件有 {size >> 20:,} MB，最多 {MOST_FILE_BYTES >> 20} MB；请分成几个文件",
                     f"the file has {size >> 20:,} MB; at most {MOST_FILE_BYTES >> 20} MB: split it")
    if not head.strip():
        raise refuse(name, "文件是空的；第一行应为表头，其后每行一个站点",
                     "the file is empty; the first line must be headers, then one site a line")
    _check_sort(name, suffix, head)
    if suffix == ".xlsx":
        notes: list[Any] = []
        table = under_headers(name, workbook.rows(path, notes), known, aligned=True)
        table.warnings.extend(notes)
        return table
    if suffix in (".geojson", ".json"):
        return features.geojson(path)
    return features.geopackage(path) if suffix == ".gpkg" else _csv(path, known)


def _check_sort(name: str, suffix: str, head: bytes) -> None:
    """Refuse a file that begins as another sort of file than its name says."""
    sort = next((sort for magic, sort in _MAGIC if head.startswith(magic)), None)
    if sort is None and _MARKUP.match(head):
        sort = "HTML/XML"
    if suffix == ".gpkg" and sort is not None and head[68:72] not in _GEOPACKAGES:
        sort = "SQLite"
    wanted = {".xlsx": "XLSX/ZIP", ".gpkg": "GeoPackage/SQLite"}.get(suffix)
    if sort == wanted:
        return
    if sort is None:
        raise refuse(name, f"内容不是 {suffix} 文件", f"the content is not that of a {suffix} file")
    raise refuse(name, f"名为 {suffix}，内容却是 {sort}；请在原软件中另存为 .csv 或 .xlsx",
                 f"is named {suffix} but holds {sort}; save it from its own program as .csv or .xlsx")


# --- CSV --------------------------------------------------------------------------------------------


def _csv(path: Path, known: Callable[[str], bool]) -> Table:
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as stream:
        sample = stream.read(_SAMPLE)
        controls = sum(1 for c in sample if c < " " and c not in "\t\n\r\f")
        if controls > max(_FEW_CONTROLS, _MOST_CONTROLS * len(sample)):
            raise refuse(path.name, "不是文本文件", "is not a text file")
        stream.seek(0)
        lines: Iterator[str] = iter(stream)
        passed = 0
        declared = re.match(r"sep=(.)\r?\n", sample)
        if declared:  # Excel's own first line
            next(lines)
            passed = 1
        delimiter = declared[1] if declared else _delimiter(sample, known)
        return under_headers(path.name, _records(path.name, lines, delimiter, passed), known)


def _encoding(path: Path) -> str:
    """Return the encoding that reads the whole file; a stream, so that memory stays bounded."""
    with path.open("rb") as stream:
        mark = stream.read(4)
    if mark.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        line = 1
        try:
            with path.open("rb") as stream:
                while block := stream.read(1 << 20):
                    text = decoder.decode(block)
                    if "\0" in text:
                        line += text.count("\n", 0, text.index("\0"))
                        raise refuse(path.name, "含有空字节（NUL），不是文本表格", "holds a NUL byte; it is not a text table", line=line)
                    line += text.count("\n")
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise refuse(path.name, f"文字编码不是 {'、'.join(candidates)}；请另存为 UTF-8 的 CSV",
                 f"the text is not in {' or '.join(candidates)}; save it as CSV in UTF-8")


def _delimiter(sample: str, known: Callable[[str], bool]) -> str:
    """Return the delimiter under which most headers are known, then which makes most columns."""
    lines = [line for line in sample.splitlines(keepends=True) if line.strip()][:10]

    def score(delimiter: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            return 0, 0
        hits = max((sum(1 for cell in row if known(cell)) for row in rows), default=0)
        return hits, max((len(row) for row in rows[:1]), default=0)

    return max(DELIMITERS, key=score)  # the first of equals: the comma


def _records(name: str, lines: Iterator[str], delimiter: str, passed: int) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = passed + 1
    try:
        for record in reader:
            if any(len(cell) > LONGEST_CELL for cell in record):
                yield Row(line, [too_long(cell) if len(cell) > LONGEST_CELL else cell for cell in record])
            else:
                yield Row(line, cast("list[Cell]", record))
            line = reader.line_num + passed + 1
    except csv.Error as error:
        raise refuse(name, f"从这一行起引号不成对，或内容过长（{error}）；含逗号、换行的内容要用成对的英文双引号",
                     f"from this line on the quotes do not pair, or a cell is too long ({error}); "
                     "a cell with commas or line breaks needs a pair of double quotes", line=line) from None
