"""Any office's file as one table of raw cells: CSV, XLSX, XLS, GeoJSON, GeoPackage, Shapefile.

The file's content must be what its name says; a file of another sort is refused with its right name.
Each sort has its own reader (`delimited`, `workbook`, `features`, `shapefiles`). Nothing here knows what
a column means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from geodata import delimited, features, workbook
from geodata.heading import Meaning
from geodata.tables import MOST_FILE_BYTES, MOST_ROWS, Table, refuse

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".geojson", ".json", ".gpkg", ".shp", ".zip")
LIGHT = (".csv", ".tsv", ".txt", ".xlsx", ".geojson", ".json")
"""Those whose readers need neither a geographic library nor a process of their own: with few rows wanted of a small file they take neither long
nor much, whatever is in it."""

_SAMPLE = 1 << 16
_OTHER_SHEETS = (".et", ".numbers", ".ods", ".xlsb")
_MAGIC = (
    (b"%PDF", "PDF"), (b"PK\x03\x04", "XLSX/ZIP"), (b"\xd0\xcf\x11\xe0", "XLS"), (b"\x1f\x8b", "GZIP"), (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"), (b"SQLite format 3\x00", "GeoPackage/SQLite"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7Z"),
    (b"\x7fELF", "ELF"), (b"BM\x00", "BMP"), (b"GIF8", "GIF"), (b"\x00\x00\x27\x0a", "Shapefile"),
)
_SORTS = {".xlsx": "XLSX/ZIP", ".zip": "XLSX/ZIP", ".xls": "XLS", ".gpkg": "GeoPackage/SQLite", ".shp": "Shapefile"}
_GEOPACKAGES = (b"GPKG", b"GP10", b"GP11")
"""The application id of an SQLite file, in its 69th to 72nd byte."""
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|table|svg)", re.IGNORECASE)


def read(path: Path, known: Meaning = lambda _header: None, sheets: Sequence[str] = (), *, most_rows: int = MOST_ROWS) -> Table:
    """Return a file's table.

    Args:
        path: The file; its suffix, one of `SUFFIXES`, says what it must be. A ``.shp`` has its other
            files beside it, a ``.zip`` holds them all.
        known: What a header means; finds the header line below titles, decides between delimiters, and
            tells the sheets of sites from others.
        sheets: The sheets or layers to read; none: all that hold sites (`sheets.read`).
        most_rows: Of the table. A text table may have more than `tables.MOST_ROWS`, where its rows are plainer than sites; no other file
            may. Reading stops soon after a limit below that: so many rows bound what is unpacked, parsed and held.

    Raises:
        TooManyRows: If it has more rows than that.
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
        hint_zh, hint_en = ("请在 Excel 或 WPS 中另存为 .xlsx；", "save it as .xlsx; ") if suffix in _OTHER_SHEETS else ("", "")
        raise refuse(name, f"{hint_zh}可读的格式：{' '.join(SUFFIXES)}", f"{hint_en}the formats that are read: {' '.join(SUFFIXES)}")
    if size > MOST_FILE_BYTES:
        raise refuse(name, f"文件有 {size >> 20:,} MB，最多 {MOST_FILE_BYTES >> 20} MB；请分成几个文件",
                     f"the file has {size >> 20:,} MB; at most {MOST_FILE_BYTES >> 20} MB: split it")
    if not head.strip():
        raise refuse(name, "文件是空的；第一行应为表头，其后每行一个站点",
                     "the file is empty; the first line must be headers, then one site a line")
    _check_sort(name, suffix, head)
    return _read(path, suffix, known, sheets, most_rows)


def _read(path: Path, suffix: str, known: Meaning, sheets: Sequence[str], most_rows: int) -> Table:
    if suffix in (".csv", ".tsv", ".txt"):
        return delimited.read(path, known, most_rows=most_rows)
    most_rows = min(most_rows, MOST_ROWS)
    if suffix in (".xlsx", ".xls"):
        return workbook.read(path, known, sheets, most_rows=most_rows)
    if suffix in (".gpkg", ".shp", ".zip"):
        from geodata import layers  # geopandas and its kin take half a second that other formats need not pay

        return layers.read(path, known, sheets, most_rows=most_rows)
    return features.geojson(path, most_rows=most_rows)


def _check_sort(name: str, suffix: str, head: bytes) -> None:
    """Refuse a file that begins as another sort of file than its name says."""
    sort = next((sort for magic, sort in _MAGIC if head.startswith(magic)), None)
    if sort is None and _MARKUP.match(head):
        sort = "HTML/XML"
    if suffix == ".gpkg" and sort is not None and head[68:72] not in _GEOPACKAGES:
        sort = "SQLite"
    if sort == _SORTS.get(suffix):
        return
    if sort is None:
        raise refuse(name, f"内容不是 {suffix} 文件", f"the content is not that of a {suffix} file")
    raise refuse(name, f"名为 {suffix}，内容却是 {sort}；请在原软件中另存为 .csv 或 .xlsx",
                 f"is named {suffix} but holds {sort}; save it from its own program as .csv or .xlsx")
