"""Any office's file as one table of raw cells: CSV, XLSX, GeoJSON, GeoPackage.

The file's content must be what its name says; a file of another sort is refused with its right name.
Encoding (UTF-8 with or without a mark, UTF-16 with one, GB18030) and delimiter (comma, tab, semicolon,
bar) are found out. Nothing here knows what a column means.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from geodata import workbook
from geodata.tables import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_FILE_BYTES,
    MOST_ROWS,
    Cell,
    Point,
    Row,
    Table,
    Unreadable,
    refuse,
    too_long,
    under_headers,
)
from locator.words import Words

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".geojson", ".json", ".gpkg")
GEOMETRY = "geometry"
"""The header of the column that holds a geographic file's points."""
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
            limits of `tables` and `workbook`; the words name the limit.
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
        return _geojson(path)
    return _geopackage(path) if suffix == ".gpkg" else _csv(path, known)


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


# --- geographic files -------------------------------------------------------------------------------

_NOT_POINT = Words("应为点（Point）", "must be a Point")
_CRS_DATUM = {"4326": "wgs84", "crs84": "wgs84", "4979": "wgs84", "4490": "cgcs2000", "4480": "cgcs2000"}


def _geojson(path: Path) -> Table:
    """Read a FeatureCollection (or one Feature); RFC 7946 makes its coordinates WGS-84."""
    name = path.name
    try:
        read = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
        raise refuse(name, f"不是正确的 JSON：{why}", f"is not JSON: {why}") from None
    if isinstance(read, dict) and read.get("type") == "Feature":
        read = {"type": "FeatureCollection", "features": [read]}
    features = read.get("features") if isinstance(read, dict) and read.get("type") == "FeatureCollection" else None
    if not isinstance(features, list):
        raise refuse(name, "不是 GeoJSON 的 FeatureCollection", "is not a GeoJSON FeatureCollection")
    if not features:
        raise refuse(name, "没有任何要素（feature）", "has no features")
    if len(features) > MOST_ROWS:
        raise refuse(name, f"超过 {MOST_ROWS:,} 个要素", f"more than {MOST_ROWS:,} features")
    return _of_features(name, ((_geometry(f), _properties(name, i, f)) for i, f in enumerate(features, 1)),
                        _crs_datum(name, read.get("crs")))


def _of_features(name: str, features: Iterable[tuple[Cell, Mapping[str, Any]]], datum: str | None) -> Table:
    places: dict[str, int] = {}
    rows: list[Row] = []
    for number, (geometry, properties) in enumerate(features, 1):
        cells: list[Cell] = [geometry, *([None] * len(places))]
        for header, value in properties.items():
            if header not in places:
                if len(places) >= MOST_COLUMNS:
                    raise refuse(name, f"超过 {MOST_COLUMNS} 种属性", f"more than {MOST_COLUMNS} properties", line=number)
                places[header] = len(places) + 1
                cells.append(None)
            cells[places[header]] = too_long(value) if isinstance(value, str) and len(value) > LONGEST_CELL else value
        rows.append(Row(number, cells))
    return Table(name, (GEOMETRY, *places), rows, datum=datum, spreadsheet=False)


def _properties(name: str, number: int, feature: object) -> Mapping[str, Any]:
    if not isinstance(feature, dict):
        raise refuse(name, "这个要素不是对象", "this feature is not an object", line=number)
    properties = feature.get("properties")
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        raise refuse(name, "这个要素的 properties 不是对象", "this feature's properties are not an object", line=number)
    return properties


def _geometry(feature: object) -> Cell:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if geometry is None:
        return None
    sort = geometry.get("type") if isinstance(geometry, dict) else None
    if sort != "Point":
        return Unreadable(str(sort), _NOT_POINT)
    pair = geometry.get("coordinates")
    if not isinstance(pair, list) or len(pair) < 2:
        return None if pair == [] else Unreadable(str(pair), Words("应为 [经度, 纬度]", "must be [longitude, latitude]"))
    return Point(pair[0], pair[1])


def _crs_datum(name: str, crs: object) -> str | None:
    """Return the datum of an old-style ``crs`` member; none means RFC 7946, which is WGS-84."""
    if crs is None:
        return "wgs84"
    properties = crs.get("properties") if isinstance(crs, dict) else None
    called = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    datum = _CRS_DATUM.get(re.split(r"[:/]", called)[-1].lower())
    if datum is None:
        raise refuse(name, f"坐标参考系 {called[:60]!r} 不是经纬度；请转换为 EPSG:4326",
                     f"the reference system {called[:60]!r} is not longitude and latitude; convert it to EPSG:4326")
    return datum


def _geopackage(path: Path) -> Table:
    from shapely.errors import ShapelyError  # geopandas and its kin take half a second that other formats need not pay

    try:
        with warnings.catch_warnings():  # whatever GDAL doubts of a broken file, the refusal says it is broken
            warnings.simplefilter("ignore")
            return _layer(path)
    except (RuntimeError, ValueError, ShapelyError) as error:  # pyogrio's own errors are RuntimeErrors
        raise refuse(path.name, f"不是可读的 GeoPackage：{error}", f"is not a readable GeoPackage: {error}") from None


def _layer(path: Path) -> Table:
    """Read the first layer that has geometries."""
    import geopandas
    import pyogrio

    layers = pyogrio.list_layers(path)
    layer = next((title for title, sort in layers if sort is not None), None)
    if layer is None:
        raise refuse(path.name, "没有带坐标的图层", "has no layer with geometries")
    if pyogrio.read_info(path, layer=layer)["features"] > MOST_ROWS:
        raise refuse(path.name, f"超过 {MOST_ROWS:,} 个要素", f"more than {MOST_ROWS:,} features")
    table = of_frame(path.name, geopandas.read_file(path, layer=layer))
    if len(layers) > 1:
        left = "、".join(str(title) for title, _ in layers if title != layer)
        table.warnings.append(refuse(path.name, f"只读取了图层 {layer}，未导入：{left}", f"only the layer {layer} was read; not imported: {left}"))
    return table


def of_frame(name: str, frame: GeoDataFrame) -> Table:
    """Return a GeoDataFrame's points and columns as a table; a projected frame is turned into WGS-84.

    Rows are numbered from 1 in the frame's order, whatever its index.

    Raises:
        BadFile: If it has no rows or more than the limits allow.
    """
    if not len(frame):
        raise refuse(name, "没有任何要素（feature）", "has no features")
    if len(frame) > MOST_ROWS:
        raise refuse(name, f"超过 {MOST_ROWS:,} 个要素", f"more than {MOST_ROWS:,} features")
    datum = None
    if frame.crs is not None:
        datum = _CRS_DATUM.get(str(frame.crs.to_epsg())) if frame.crs.is_geographic else None
        if datum is None:
            frame = frame.to_crs(4326)
            datum = "wgs84"
    columns = [str(c) for c in frame.columns if c != frame.geometry.name]
    held = [frame[c].astype(object).where(frame[c].notna(), None).tolist() for c in frame.columns if c != frame.geometry.name]
    points = [None if g is None or g.is_empty else Point(g.x, g.y) if g.geom_type == "Point" else Unreadable(g.geom_type, _NOT_POINT)
              for g in frame.geometry]
    return _of_features(name, ((p, dict(zip(columns, values, strict=True)))
                               for p, values in zip(points, zip(*held, strict=True) if held else iter(() for _ in points), strict=True)),
                        datum)
