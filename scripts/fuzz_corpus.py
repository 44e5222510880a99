"""Seeded files that offices would never send: honest tables with odd cells, and every way to break them.

`broken(seed, folder)` writes one file and returns its path; the same seed writes the same bytes, so the times that
libraries stamp are taken out.
"""

from __future__ import annotations

import csv
import io
import json
import random
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl

OLD_WORKBOOKS = Path(__file__).parents[1] / "tests" / "geodata" / "files"
"""No library here writes XLS: whole ones to break, where they lie beside this."""

_HEADERS = (
    ("编号",), ("类别",), ("坐标",), ("坐标系",), ("地址",), ("区",), ("街道",), ("开放时间",), ("设施",), ("设施（推测）",), ("微波炉",), ("面积",),
    ("容量",), ("核实日期",), ("季节起",), ("slots",), ("basis",), ("aliases",), ("状态",), ("id",), ("source_id",), ("电话",), ("心情",), ("名称",),
    ("经度",), ("entrance_lon", "entrance_lat"), ("gcj02_lon", "gcj02_lat"), ("来源经度", "来源纬度"))
_CELLS: tuple[object, ...] = (
    "", None, "清空", "示例：站", "合计", "=1+1", "=HYPERLINK(\"http://x\")", "'", "''清空", '"', '"a"b', "116.4", "39.9", "116.4,39.9", "39.9,116.4",
    "东经116°23′", "N39°54′27″", "116-23-29", "1e999", "-1e308", "nan", "inf", "9" * 400, "1_0", "0x10", "１１６．４", "٣٩", "暖心驿站",
    "职工之家", "gcj02", "火星", "mars", "东城区", "110101", "周一至周五 8:30-17:30", "25:00", "24/7", "Mo-Su 00:00-24:00; PH off",
    "饮水机2台、微波炉，无卫生间", "没有、、空调和", "有", "√", "部分", "0", "-0.0", "001", "2024-02-30", "20240501", "2024年5月", "0000-00-00",
    "99999-01-01", "02-30", "[[]]", '[["Mo", 1]]', '{"a":', "{}", "[" * 500, "hours=inferred;facilities", "hours=", "a|b", "\x00", "\x1b\x07",
    "\u202e", "\ufeff", "\ud800", "\uffff", "𠮷" * 40, "长" * 2_100, "x" * 33_000, "<script>", "../../etc", "a\nb\r\nc", True, False, 0, 1, -1,
    116.4, 39.9, 3.5e8, 10 ** 18, 45_413, 1e-300)


def broken(seed: int, folder: Path) -> Path:
    """Write the file of a seed."""
    chance = random.Random(seed)
    if chance.random() < 0.12:
        name, content = chance.choice(_TRAPS)(chance)
    else:
        suffix, make = chance.choice(_WRITERS)
        content = make(_rows(chance), chance)
        for _ in range(chance.choice((0, 0, 0, 0, 1, 2))):
            content = chance.choice(_MUTATIONS)(content, chance)
        name = "a" + (chance.choice(_SUFFIXES) if chance.random() < 0.06 else suffix)
    path = folder / name
    path.write_bytes(content)
    return path


# --- honest files of odd cells ------------------------------------------------------------------------


def _rows(chance: random.Random) -> list[list[object]]:
    some = [header for headers in chance.sample(_HEADERS, chance.randint(0, 8)) for header in headers]
    headers = list(dict.fromkeys(["名称", *some, *(["经度", "纬度"] if chance.random() < 0.9 else [])]))
    rows: list[list[object]] = [[*headers]]
    oddness = chance.choice((0.0, 0.0, 0.02, 0.02, 0.2, 1.0))
    for number in range(chance.randint(1, 12)):
        plain: dict[str, object] = {"名称": f"第{number}站", "经度": 116.3 + number / 100, "纬度": 39.9, "地址": f"某路{number}号", "区": "东城区",
                                    "设施": "饮水", "坐标": f"39.9,{116.3 + number / 100}", "坐标系": "gcj02", "编号": f"{number:03}"}
        rows.append([chance.choice(_CELLS) if chance.random() < oddness else plain.get(header) for header in headers])
    if chance.random() < 0.2:
        rows.insert(0, ["暖心驿站汇总表", *[None] * (len(headers) - 1)])
    if chance.random() < 0.1:
        rows.insert(chance.randint(1, len(rows)), list(headers))
    return rows


def _csv(rows: list[list[object]], chance: random.Random) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=chance.choice(",,,\t;|^，；")).writerows(rows)
    return text.getvalue().encode(chance.choice(("utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "big5", "latin-1")), "replace")


def _xlsx(rows: list[list[object]], chance: random.Random) -> bytes:
    book = openpyxl.Workbook()
    for title in ("站点", "说明", "西城")[:chance.randint(1, 3)]:
        page = book.active if title == "站点" else book.create_sheet(title)
        page.title = title
        for row in rows if title != "说明" else [["请填写"]]:
            page.append([None if isinstance(cell, str) and any(c < " " or c >= "\ud800" for c in cell) else cell for cell in row])
        if chance.random() < 0.3:
            left, top = chance.randint(1, 5), chance.randint(1, 6)
            page.merge_cells(start_row=top, start_column=left, end_row=top + chance.randint(0, 4), end_column=left + chance.randint(0, 3))
        page.cell(chance.randint(1, page.max_row), chance.randint(1, page.max_column)).number_format = chance.choice(
            ("General", "000", "@", "yyyy-mm-dd", "h:mm", "0.00E+00"))
    content = io.BytesIO()
    book.save(content)
    return _packed(content.getvalue(), chance, whole=chance.random() < 0.65)


def _packed(content: bytes, chance: random.Random, *, whole: bool) -> bytes:
    """Pack a workbook well again, without the times it was written; unless `whole`, with one part's XML broken."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {part: old.read(part) for part in sorted(old.namelist()) if not part.startswith("docProps")}
        hit = None if whole else chance.choice([part for part in parts if part.endswith(".xml")])
        for part, held in parts.items():
            if part == hit:
                was, becomes = chance.choice(_XML)
                held = held.replace(was, becomes, chance.choice((1, 1, -1))) if was in held else chance.choice(_MUTATIONS)(held, chance)
            if part != hit or chance.random() < 0.95:
                new.writestr(zipfile.ZipInfo(part), held, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _geojson(rows: list[list[object]], chance: random.Random) -> bytes:
    headers = [str(cell) for cell in rows[0]]
    shapes: tuple[object, ...] = (
        None, {"type": "Point", "coordinates": [116.4, 39.9]}, {"type": "Point", "coordinates": [116.4, 39.9, 50]},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": ["116.4", None]}, {"type": "Point", "coordinates": [[1, 2], {}]},
        {"type": "Point", "coordinates": [10 ** 400, 1]}, {"type": "Point", "coordinates": [float("nan"), 1e400]},
        {"type": "MultiPoint", "coordinates": [[116.4, 39.9]]}, {"type": "Polygon"}, [], 7)
    features = [{"type": "Feature", "geometry": shapes[1] if chance.random() < 0.7 else chance.choice(shapes),
                 "properties": dict(zip(headers, row, strict=False)) if chance.random() < 0.97 else chance.choice((None, [], 1))} for row in rows[1:]]
    crs = chance.choice(({}, {}, {"crs": None}, {"crs": {"properties": {"name": "EPSG:4490"}}}, {"crs": 3}))
    return json.dumps({"type": "FeatureCollection", **crs, "features": features}, ensure_ascii=chance.random() < 0.5).encode("utf-8", "replace")


def _layers(suffix: str) -> Callable[[list[list[object]], random.Random], bytes]:
    def write(rows: list[list[object]], chance: random.Random) -> bytes:
        import geopandas
        import pyogrio
        from shapely.geometry import Point, Polygon

        headers = [str(cell) for cell in rows[0]]
        held = {header: [str(row[place] or "").replace("\0", "").encode("utf-8", "replace").decode()[:60] if place < len(row) else ""
                         for row in rows[1:]] for place, header in enumerate(headers)}
        points = [chance.choice((None, Polygon([(0, 0), (1, 0), (1, 1)]))) if chance.random() < 0.03 and suffix == ".gpkg" else
                  Point(116.4 + place / 100, 39.9) for place in range(len(rows) - 1)]
        frame = geopandas.GeoDataFrame(held, geometry=points, crs=chance.choice((4326, 4490, 4548, None)))
        with TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            path = Path(folder) / f"a{'.shp' if suffix == '.zip' else suffix}"
            of_shape = {"encoding": chance.choice(("UTF-8", "GB18030")), "DBF_DATE_LAST_UPDATE": "2024-01-01"} if suffix == ".zip" else {}
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2024-01-01T00:00:00Z"})
            try:
                frame.to_file(path, **of_shape)
            except (RuntimeError, ValueError, UnicodeError):
                return b"PK\x03\x04"
            if suffix != ".zip":
                return path.read_bytes()
            made = io.BytesIO()
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
                for part in sorted(Path(folder).iterdir()):
                    content = part.read_bytes()
                    if chance.random() < 0.05:
                        content = chance.choice(_MUTATIONS)(content, chance)
                    if chance.random() < 0.97:
                        archive.writestr(zipfile.ZipInfo(part.name), content)
            return made.getvalue()

    return write


def _xls(_rows: list[list[object]], chance: random.Random) -> bytes:
    held = sorted(OLD_WORKBOOKS.glob("*.xls"))
    content = chance.choice(held).read_bytes() if held else b"\xd0\xcf\x11\xe0"
    return chance.choice(_MUTATIONS)(content, chance) if chance.random() < 0.8 else content


# --- ways to break them -------------------------------------------------------------------------------


def _flipped(content: bytes, chance: random.Random) -> bytes:
    held = bytearray(content)
    for _ in range(chance.choice((1, 4, 40))):
        if held:
            held[chance.randrange(len(held))] ^= 1 << chance.randrange(8)
    return bytes(held)


def _spliced(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    odd = chance.choice((b"\x00", b"\x00" * 40, b'"', b"'", b"\xff\xfe", b"\xef\xbb\xbf", "驿站".encode("gb18030"), "驿站".encode(),
                         b"\n" * 50, b"," * 400,
                         b"\r", b"\x1a", b"<!DOCTYPE a>", b"]" * 9, b"-1", b"1e999", chance.randbytes(30)))
    return content[:place] + odd + content[place:]


def _cut_out(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + content[place + chance.choice((1, 10, 500)):]


_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flipped, _flipped, _spliced, _spliced, _cut_out, lambda content, chance: content[:chance.randrange(len(content) + 1)],
    lambda content, chance: content + chance.choice((b"\x00" * 9, content[-200:], b"\x1a", b'"')))
_XML = ((b' r="A1"', b' r="XFD1048576"'), (b' r="A2"', b' r="A0"'), (b' r="B2"', b' r="A1"'), (b"<v>0</v>", b"<v>99999999</v>"),
        (b"<v>", b"<v>-1e308"),
        (b' t="s"', b' t="b"'), (b' t="s"', b' t="d"'), (b' t="n"', b' t="s"'), (b' t="n"', b' t="e"'),
        (b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A2:A9"/><mergeCell ref="A9:A2"/>'
         b'<mergeCell ref="A1:XFD1048576"/><mergeCell ref="?"/></mergeCells>'),
        (b' s="1"', b' s="9999"'), (b"formatCode=", b"x="), (b'numFmtId="', b'numFmtId="99'), (b"<worksheet", b"<!DOCTYPE a><worksheet"),
        (b"<f>", b"<f>A1+"),
        (b'sheetId="1"', b'sheetId="x"'), (b"UTF-8", b"UTF-16"), (b"encoding=", b"encoding='gbk' x="), (b"<row ", b"<row><row "),
        (b"<t>", b"<t>_x0000_"))


# --- traps --------------------------------------------------------------------------------------------


def _sheet(cells: str, *, sheets: int = 1) -> bytes:
    main, office = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        named = "".join(f"<sheet name='s{n}' r:id='r{n}'/>" for n in range(sheets))
        book.writestr(zipfile.ZipInfo("xl/workbook.xml"), f"<workbook xmlns='{main}' xmlns:r='{office}'><sheets>{named}</sheets></workbook>")
        links = "".join(f"<Relationship Id='r{n}' Type='{office}/worksheet' Target='worksheets/sheet{n}.xml'/>" for n in range(sheets))
        book.writestr(zipfile.ZipInfo("xl/_rels/workbook.xml.rels"), f"<Relationships>{links}</Relationships>")
        for n in range(sheets):
            book.writestr(zipfile.ZipInfo(f"xl/worksheets/sheet{n}.xml"), f"<worksheet xmlns='{main}'><sheetData>{cells}</sheetData></worksheet>",
                          zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _bomb(_chance: random.Random) -> tuple[str, bytes]:
    content = _sheet(" " * (40 << 20))
    return "a.xlsx", content


def _lying_bomb(_chance: random.Random) -> tuple[str, bytes]:
    return "a.xlsx", _sheet(" " * (2 << 20)).replace(struct.pack("<I", 2 << 20), struct.pack("<I", 99))


def _feature(properties: bytes) -> tuple[str, bytes]:
    return "a.json", b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{' + properties + b"}}]}"


_TRAPS: tuple[Callable[[random.Random], tuple[str, bytes]], ...] = (
    _bomb, _lying_bomb,
    lambda _: ("a.xlsx", _sheet("<row><c r='A1'><v>1</v></c><c r='XFD1048576'><v>1</v></c></row>")),
    lambda _: ("a.xlsx", _sheet("<row r='1'><c r='A1'><v>1</v></c></row><row r='4000'><c r='ALL4000'><v>1</v></c></row>", sheets=40)),
    lambda _: ("a.xlsx", _sheet("<row>" * 30_000)), lambda _: ("a.xlsx", _sheet("<c/>" * 9 + "<c><v>1</v></c>")),
    lambda _: ("a.geojson", b"[" * 200_000), lambda _: ("a.geojson", b'{"type":"FeatureCollection","features":[' + b'{"a":' * 50_000),
    lambda _: _feature(b'"name":' + b"9" * 9_000),
    lambda _: _feature(b'"name":' + b"9" * 4_000 + b',"capacity":' + b"9" * 4_000 + b',"lon":' + b"8" * 400 + b',"lat":1'),
    lambda _: _feature(b'"name":"a","facilities":' + b"[" * 900 + b"]" * 900),
    lambda _: ("a.csv", (",".join(f"c{n}" for n in range(1_000)) + "\n" + ",".join("1" * 1_000)).encode()),
    lambda _: ("a.csv", b"name,lon,lat\n" + b'"' * 99_999), lambda _: ("a.csv", b"name,lon,lat\n" + b",\n" * 200_000 + b"a,1,2\n"),
    lambda chance: ("a.csv", chance.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfea", b"\n\n"))), lambda _: ("a.xls", b""),
    lambda _: ("a.csv", "名称,经度,纬度\n".encode() + "驿站,116.4,39.9\n".encode("gb18030") * 3), lambda chance: ("a.csv", chance.randbytes(3_000)),
    lambda _: ("a.csv", b"name,lon,lat\na," + b"9" * 5_000 + b",1\n"), lambda _: ("a.zip", _sheet("<row/>")),
    lambda _: ("a.shp", b"\x00\x00\x27\x0a" * 40),
    lambda _: ("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 52 + b"GPKG" + b"\x00" * 900))
_WRITERS: tuple[tuple[str, Callable[[list[list[object]], random.Random], bytes]], ...] = (
    (".csv", _csv), (".csv", _csv), (".tsv", _csv), (".xlsx", _xlsx), (".xlsx", _xlsx), (".geojson", _geojson), (".geojson", _geojson),
    (".gpkg", _layers(".gpkg")), (".zip", _layers(".zip")), (".xls", _xls))
_SUFFIXES = (".csv", ".xlsx", ".xls", ".geojson", ".gpkg", ".zip", ".shp", ".txt", ".pdf", "")
