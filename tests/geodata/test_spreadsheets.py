"""A file is read as what its name says, whole, in bounded time and memory, or refused in clear words."""

from __future__ import annotations

import json
import random
import struct
import time
import zipfile
import zlib
from datetime import date, datetime
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from geodata import package, spreadsheets, tables, vocabulary, workbook
from geodata.headers import Recogniser
from geodata.tables import Point, Unreadable
from locator.errors import BadFile, TooManyRows

HALF_PAST_NINE = datetime(2024, 5, 1, 9, 30)  # noqa: DTZ001 - a sheet has no zone
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KNOWN = Recogniser(vocabulary.load()).target


def a_file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def a_workbook(folder: Path, rows: list[list[object]], name: str = "stations.xlsx") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / name)
    return folder / name


def cells_of(table: tables.Table) -> list[list[object]]:
    return [list(row.cells) for row in table.rows]


# --- CSV ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encoding_and_delimiter_are_found_out(tmp_path: Path, encoding: str, delimiter: str):
    text = "\r\n".join(delimiter.join(row) for row in (["名称", "经度", "纬度"], ["暖心驿站", "116.4", "39.9"], ["第二站", "116.5", "39.8"]))
    path = a_file(tmp_path, "stations.csv", text.encode(encoding))

    table = spreadsheets.read(path, KNOWN)

    assert table.headers == ("名称", "经度", "纬度")
    assert cells_of(table) == [["暖心驿站", "116.4", "39.9"], ["第二站", "116.5", "39.8"]]


def test_a_row_is_numbered_by_the_line_an_editor_shows(tmp_path: Path):
    path = a_file(tmp_path, "stations.csv", 'name,lon,lat\n"two\nlines",1,2\n\n,,\nlast,3,4\n')

    table = spreadsheets.read(path, KNOWN)

    assert [row.line for row in table.rows] == [2, 6]


def test_titles_above_the_header_are_passed_over_and_said_so(tmp_path: Path):
    path = a_file(tmp_path, "stations.csv", "2024年驿站汇总表,,\n填表人：张三,,\n名称,经度,纬度\n一站,116.4,39.9\n")

    table = spreadsheets.read(path, KNOWN)

    assert table.headers == ("名称", "经度", "纬度")
    assert (table.header_line, [row.line for row in table.rows]) == (3, [4])
    assert [w.value for w in table.warnings] == ["1、2"]


def test_the_delimiter_line_of_excel_is_followed(tmp_path: Path):
    path = a_file(tmp_path, "stations.csv", "sep=;\nname;lon;lat\na,b;1;2\n")

    table = spreadsheets.read(path, KNOWN)

    assert [(row.line, list(row.cells)) for row in table.rows] == [(3, ["a,b", "1", "2"])]


def test_a_quote_that_never_ends_is_refused_with_its_line(tmp_path: Path):
    path = a_file(tmp_path, "stations.csv", 'name,lon,lat\na,1,2\n"b,3,4\nc,5,6\n')

    with pytest.raises(BadFile) as refused:
        spreadsheets.read(path, KNOWN)

    assert refused.value.at == "stations.csv:3"


# --- XLSX ---------------------------------------------------------------------------------------------


def test_a_workbook_gives_texts_numbers_dates_and_truth(tmp_path: Path):
    path = a_workbook(tmp_path, [["name", "lon", "lat", "on", "at", "yes"],
                                 ["一站", 116.4, "39.9", date(2024, 5, 1), HALF_PAST_NINE, True]])

    table = spreadsheets.read(path, KNOWN)

    assert cells_of(table) == [["一站", 116.4, "39.9", date(2024, 5, 1), HALF_PAST_NINE, True]]


def test_a_workbook_is_read_as_another_reader_reads_it(tmp_path: Path):
    chance = random.Random(4)
    rows: list[list[object]] = [["name", "lon", "lat", "x"]]
    rows += [[f"站 {i}", chance.uniform(73, 135), chance.uniform(3, 54), chance.choice(["", "a\nb", "  b ", 1, -2.5, None, "=x"[1:]])]
             for i in range(300)]
    path = a_workbook(tmp_path, rows)

    ours = cells_of(spreadsheets.read(path, KNOWN))

    theirs = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1:]
    assert [["" if c is None else c for c in row] + [""] * (4 - len(row)) for row in ours] == theirs


def test_a_formula_gives_its_stored_result_and_without_one_says_so(tmp_path: Path):
    path = a_workbook(tmp_path, [["name", "lon", "lat"], ["一站", "=100+16.4", 39.9]])
    without = spreadsheets.read(path, KNOWN).rows[0].cells[1]
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"<f>100+16.4</f><v></v>", b"<f>100+16.4</f><v>116.4</v>")
    sheet = sheet.replace(b"<f>100+16.4</f><v/>", b"<f>100+16.4</f><v>116.4</v>").replace(b"<f>100+16.4</f><v />", b"<f>100+16.4</f><v>116.4</v>")
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else content)

    assert isinstance(without, Unreadable)
    assert "formula" in without.words.en
    assert spreadsheets.read(path, KNOWN).rows[0].cells[1] == 116.4


def test_cells_merged_downwards_all_get_the_value_with_a_warning(tmp_path: Path):
    book = openpyxl.Workbook()
    for row in (["2024年汇总", None, None], ["名称", "区", "经度"], ["一站", "东城区", 1], ["二站", None, 2], ["三站", "西城区", 3]):
        book.active.append(row)
    book.active.merge_cells("A1:C1")
    book.active.merge_cells("B3:B4")
    book.save(tmp_path / "merged.xlsx")

    table = spreadsheets.read(tmp_path / "merged.xlsx", KNOWN)

    assert cells_of(table) == [["一站", "东城区", 1], ["二站", "东城区", 2], ["三站", "西城区", 3]]
    assert [(w.field, w.value) for w in table.warnings] == [("header", "1"), ("merged", None)]
    assert "有 1 处" in table.warnings[1].words.zh


def by_hand(path: Path, sheet: str, strings: str | None = None, packing: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write the least workbook there is around a sheet's XML."""
    main = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"
    with zipfile.ZipFile(path, "w", packing) as book:
        book.writestr("xl/workbook.xml", f"<workbook {main} xmlns:r='{OFFICE}'><sheets><sheet name='a' r:id='r1'/></sheets></workbook>")
        book.writestr("xl/_rels/workbook.xml.rels",
                      f"<Relationships><Relationship Id='r1' Type='{OFFICE}/worksheet' Target='worksheets/sheet1.xml'/></Relationships>")
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet {main}><sheetData>{sheet}</sheetData></worksheet>")
        if strings is not None:
            book.writestr("xl/sharedStrings.xml", f"<sst {main}>{strings}</sst>")
    return path


def test_shared_texts_may_be_rich_and_escaped_and_their_readings_are_left_out(tmp_path: Path):
    path = by_hand(tmp_path / "a.xlsx", "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='C1' t='s'><v>1</v></c></row>"
                   "<row><c t='s'><v>2</v></c></row>",
                   "<si><t>name</t></si><si><r><t>l</t></r><r><t>on</t></r></si>"
                   "<si><t>大栅栏_x0041_</t><rPh sb='0' eb='3'><t>DASHILAR</t></rPh></si>")

    table = spreadsheets.read(path, KNOWN)

    assert table.headers == ("name", "", "lon")
    assert [(row.line, list(row.cells)) for row in table.rows] == [(2, ["大栅栏A"])]


def test_an_error_cell_has_no_value_and_a_calculated_text_may_be_empty(tmp_path: Path):
    path = by_hand(tmp_path / "a.xlsx", "<row r='1'><c r='B1' t='str'><v>name</v></c><c r='C1' t='str'><v>lon</v></c></row>"
                   "<row r='4'><c r='B4' t='str'><f>IF(1,\"\")</f><v></v></c>"
                   "<c r='C4' t='e'><f>1/0</f><v>#DIV/0!</v></c><c r='D4'><f>A1</f></c></row>")

    row, = spreadsheets.read(path, KNOWN).rows

    assert (row.line, list(row.cells[:2])) == (4, [None, None])
    assert "Excel error" in row.cells[2].words.en
    assert "no stored result" in row.cells[3].words.en


def test_times_of_day_are_read_to_the_minute_and_moments_to_the_second(tmp_path: Path):
    path = a_workbook(tmp_path, [["name", "lon", "lat", "a", "b"], ["一站", 1, 2, HALF_PAST_NINE.time(), datetime(2024, 5, 1, 23, 59, 58)]])  # noqa: DTZ001

    row, = spreadsheets.read(path, KNOWN).rows

    assert row.cells[3:] == ["09:30", datetime(2024, 5, 1, 23, 59, 58)]  # noqa: DTZ001


def test_a_styled_cell_far_off_that_holds_nothing_costs_nothing(tmp_path: Path):
    path = by_hand(tmp_path / "a.xlsx", "<row r='1'><c r='A1' t='str'><v>name</v></c><c r='XFD1' s='0'/></row>"
                   "<row r='2'><c r='A2' t='str'><v>a</v></c></row><row r='1048576'><c r='XFD1048576' s='0'/></row>")

    assert cells_of(spreadsheets.read(path, KNOWN)) == [["a"]]


def test_rows_merged_over_each_other_without_end_are_refused(tmp_path: Path):
    filled = "".join(f"<row r='{i}'><c r='A{i}'><v>{i}</v></c></row>" for i in range(1, 1_001))
    path = by_hand(tmp_path / "a.xlsx", filled + "</sheetData><mergeCells>" + "<mergeCell ref='A1:A1000'/>" * 6_000 + "</mergeCells><sheetData>")

    with pytest.raises(BadFile, match="merged over each other"):
        spreadsheets.read(path, KNOWN)


# --- GeoJSON ------------------------------------------------------------------------------------------


def test_features_become_rows_and_properties_columns(tmp_path: Path):
    path = a_file(tmp_path, "a.geojson", json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [116.4, 39.9, 50]}, "properties": {"name": "a", "n": 1}},
        {"type": "Feature", "geometry": None, "properties": {"地址": "b"}},
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": []}, "properties": None}]}))

    table = spreadsheets.read(path)

    assert (table.headers, table.datum) == (("geometry", "name", "n", "地址"), "wgs84")
    assert cells_of(table)[:2] == [[Point(116.4, 39.9), "a", 1], [None, None, None, "b"]]
    assert isinstance(table.rows[2].cells[0], Unreadable)


def test_an_old_crs_member_says_the_datum_or_is_refused(tmp_path: Path):
    def crs(name: str) -> Path:
        return a_file(tmp_path, "a.geojson", json.dumps({
            "type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": name}},
            "features": [{"type": "Feature", "geometry": None, "properties": {"name": "a"}}]}))

    assert spreadsheets.read(crs("urn:ogc:def:crs:OGC:1.3:CRS84")).datum == "wgs84"
    assert spreadsheets.read(crs("urn:ogc:def:crs:EPSG::4490")).datum == "cgcs2000"
    with pytest.raises(BadFile, match="4326"):
        spreadsheets.read(crs("urn:ogc:def:crs:EPSG::3857"))


# --- what is no such file -----------------------------------------------------------------------------


def zip_bomb(path: Path, *, lies: bool = False) -> Path:
    """Write a workbook whose sheet unpacks to 300 MB; one that `lies` declares a kilobyte."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("xl/workbook.xml", "<workbook><sheets><sheet name='a' r:id='r1' xmlns:r='r'/></sheets></workbook>")
        book.writestr("xl/_rels/workbook.xml.rels",
                      "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/></Relationships>")
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(300):
                sheet.write(b" " * (1 << 20))
    if lies:
        content = path.read_bytes().replace(struct.pack("<I", 300 << 20), struct.pack("<I", 1024))
        path.write_bytes(content)
    return path


def sparse_workbook(path: Path) -> Path:
    """Write a workbook with one cell in the last corner of the sheet."""
    return by_hand(path, "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>")


def second_sheet(path: Path) -> Path:
    """Add a far cell to a whole workbook, in a part that no sheet names."""
    a_workbook(path.parent, [["name"], ["a"]], path.name)
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/worksheets/sheet2.xml", "<worksheet><sheetData><row><c r='XFD1048576'><v>1</v></c></row></sheetData></worksheet>")
    return path


def twice(path: Path) -> Path:
    a_workbook(path.parent, [["name"], ["a"]], path.name)
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/worksheets/SHEET1.xml", "<worksheet/>")
    return path


def declaring_entities(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/workbook.xml", "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><workbook>&b;</workbook>")
        book.writestr("xl/_rels/workbook.xml.rels", "<Relationships/>")
    return path


BROKEN = {
    "an empty file": lambda d: a_file(d, "a.csv", b""),
    "a file of blanks": lambda d: a_file(d, "a.csv", b"  \n\n \n"),
    "an empty file with a mark": lambda d: a_file(d, "a.csv", b"\xef\xbb\xbf"),
    "commas alone": lambda d: a_file(d, "a.csv", ",,,\n,,,\n"),
    "a header alone": lambda d: a_file(d, "a.csv", "name,lon,lat\n"),
    "a thousand columns": lambda d: a_file(d, "a.csv", ",".join(f"c{i}" for i in range(1000)) + "\n" + ",".join("1" * 1000) + "\n"),
    "a thousand columns in a sheet": lambda d: a_workbook(d, [[f"c{i}" for i in range(1000)], list(range(1000))]),
    "too many rows": lambda d: a_file(d, "a.csv", "name,lon,lat\n" + "a,1,2\n" * (tables.MOST_ROWS + 1)),
    "a PDF named .csv": lambda d: a_file(d, "a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
    "a workbook named .csv": lambda d: a_workbook(d, [["name"], ["a"]]).rename(d / "a.csv"),
    "a CSV named .xlsx": lambda d: a_file(d, "a.xlsx", "name,lon,lat\na,1,2\n"),
    "a web page named .csv": lambda d: a_file(d, "a.csv", "<html><table><tr><td>名称</td></tr></table></html>"),
    "an .xls": lambda d: a_file(d, "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "an .xls named .csv": lambda d: a_file(d, "a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "a file of 200 MB": lambda d: sparse_file(d / "a.csv", 200 << 20),
    "a zip bomb": lambda d: zip_bomb(d / "a.xlsx"),
    "a zip bomb that lies": lambda d: zip_bomb(d / "a.xlsx", lies=True),
    "a cell in the last corner": lambda d: sparse_workbook(d / "a.xlsx"),
    "a cell in the last corner of a sheet that is not read": lambda d: second_sheet(d / "a.xlsx"),
    "a cell beyond every sheet": lambda d: by_hand(d / "a.xlsx", "<row r='99999999999'><c r='A99999999999'><v>1</v></c></row>"),
    "a sheet of formulas alone": lambda d: by_hand(d / "a.xlsx", "<row r='1'>" + "<c r='A1'><f/></c>" * 100_001 + "</row>"),
    "two parts of one name": lambda d: twice(d / "a.xlsx"),
    "a workbook with entities": lambda d: declaring_entities(d / "a.xlsx"),
    "half a workbook": lambda d: a_file(d, "b.xlsx", a_workbook(d, [["name"], ["a"]]).read_bytes()[:3000]),
    "a zip that is no workbook": lambda d: other_zip(d / "a.xlsx"),
    "an empty workbook": lambda d: a_workbook(d, []),
    "a directory": lambda d: folder(d / "a.csv"),
    "a missing file": lambda d: d / "nowhere.csv",
    "NUL bytes": lambda d: a_file(d, "a.csv", b"name,lon,lat\na,1,2\nb\x00,3,4\n"),
    "noise": lambda d: a_file(d, "a.csv", random.Random(1).randbytes(5000).replace(b"\0", b"")),
    "an unknown suffix": lambda d: a_file(d, "a.doc", "name"),
    "broken JSON": lambda d: a_file(d, "a.geojson", '{"type": "FeatureCollection", "features": ['),
    "deep JSON": lambda d: a_file(d, "a.geojson", "[" * 200_000),
    "JSON that is no GeoJSON": lambda d: a_file(d, "a.geojson", '{"a": 1}'),
    "a collection of nothing": lambda d: a_file(d, "a.geojson", '{"type": "FeatureCollection", "features": []}'),
    "features that are numbers": lambda d: a_file(d, "a.geojson", '{"type": "FeatureCollection", "features": [1]}'),
    "no GeoPackage": lambda d: a_file(d, "a.gpkg", b"SQLite format 3\x00" + bytes(100)),
}


def sparse_file(path: Path, size: int) -> Path:
    with path.open("wb") as stream:
        stream.write(b"name,lon,lat\n")
        stream.truncate(size)
    return path


def other_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("readme.txt", "hello")
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.mark.parametrize("sort", BROKEN)
def test_a_file_that_cannot_be_used_is_refused_at_once_in_both_languages(tmp_path: Path, sort: str):
    path = BROKEN[sort](tmp_path)
    began = time.monotonic()

    with pytest.raises(BadFile) as refused:
        spreadsheets.read(path, KNOWN)

    assert time.monotonic() - began < 10
    assert refused.value.at.startswith(path.name)
    assert refused.value.words.zh
    assert refused.value.words.en


def test_a_refusal_by_a_limit_names_the_limit(tmp_path: Path):
    for sort, limit in (("a thousand columns", "300"), ("a file of 200 MB", "64 MB"), ("a zip bomb", "256 MB")):
        folder_of_one = tmp_path / str(zlib.crc32(sort.encode()))
        folder_of_one.mkdir()
        with pytest.raises(BadFile, match=limit):
            spreadsheets.read(BROKEN[sort](folder_of_one), KNOWN)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.geojson", "a.gpkg"])
def test_a_file_has_so_many_rows_as_are_wanted_and_is_refused_with_one_more(tmp_path: Path, name: str):
    path = with_rows(tmp_path / name, 3)

    assert len(spreadsheets.read(path, KNOWN, most_rows=3).rows) == 3
    with pytest.raises(TooManyRows, match="2") as refused:
        spreadsheets.read(path, KNOWN, most_rows=2)
    assert refused.value.at == name


def with_rows(path: Path, count: int) -> Path:
    if path.suffix == ".csv":
        return a_file(path.parent, path.name, "name,lon,lat\n" + "a,1,2\n" * count)
    if path.suffix == ".xlsx":
        return a_workbook(path.parent, [["name", "lon", "lat"], *([["a", 1, 2]] * count)], path.name)
    frame = geopandas.GeoDataFrame({"name": ["a"] * count}, geometry=[shapely.Point(1, 2)] * count, crs=4326)
    frame.to_file(path, driver="GPKG" if path.suffix == ".gpkg" else "GeoJSON")
    return path


def test_sheets_read_together_have_so_many_rows_as_are_wanted(tmp_path: Path):
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet()):
        for row in (["name", "lon", "lat"], ["a", 1, 2], ["b", 1, 2]):
            sheet.append(row)
    book.save(tmp_path / "a.xlsx")

    assert len(spreadsheets.read(tmp_path / "a.xlsx", KNOWN, most_rows=4).rows) == 4
    with pytest.raises(TooManyRows, match="3"):
        spreadsheets.read(tmp_path / "a.xlsx", KNOWN, most_rows=3)


def test_reading_stops_soon_after_the_rows_that_are_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = a_workbook(tmp_path, [["name", "lon", "lat"], *([[f"a{number}", 1, 2] for number in range(60_000)])])
    unpacked = sum(part.file_size for part in zipfile.ZipFile(path).infolist())
    parsed, passed = [], package.unpacked
    monkeypatch.setattr(package, "unpacked", lambda *told: (parsed.append(len(block)) or block for block in passed(*told)))
    monkeypatch.setattr(workbook, "CalamineWorkbook", None)  # the library may not see it

    with pytest.raises(TooManyRows):
        spreadsheets.read(path, KNOWN, most_rows=200)

    assert sum(parsed) < 0.8 * unpacked


@pytest.mark.parametrize(("sheet", "told"), [
    ("<row r='400000'><c r='A400000'><v>1</v></c></row>", "400,000 rows by 1 columns"),
    ("<row r='1'>" + "<c/>" * 400_000 + "</row>", "elements, beyond what 200 rows need"),
    ("<row r='1'><c r='A1' t='inlineStr'><is><t>" + "x" * (20 << 20) + "</t></is></c></row>", "unpacks to 20 MB; at most 16 MB"),
])
def test_few_rows_of_a_workbook_may_not_be_dear_for_what_stands_beside_them(tmp_path: Path, sheet: str, told: str):
    path = by_hand(tmp_path / "a.xlsx", sheet, packing=zipfile.ZIP_STORED)  # no packing so dense that it is refused for that

    with pytest.raises(BadFile, match=told):
        spreadsheets.read(path, KNOWN, most_rows=200)


def test_a_very_long_cell_is_a_fault_of_its_row_alone(tmp_path: Path):
    path = a_file(tmp_path, "a.csv", f"name,lon,lat\n{'长' * 40_000},1,2\nb,3,4\n")
    book = a_workbook(tmp_path, [["name", "lon", "lat"], ["x" * 32_000, 1, 2]])

    first, second = spreadsheets.read(path, KNOWN).rows

    assert isinstance(first.cells[0], Unreadable)
    assert second.cells[0] == "b"
    assert len(spreadsheets.read(book, KNOWN).rows[0].cells[0]) == 32_000


def test_a_packed_sheet_may_not_unpack_beyond_its_declaration(tmp_path: Path):
    path = zip_bomb(tmp_path / "a.xlsx", lies=True)
    began = zlib.crc32(b" " * 1025)  # so that the archive's own check finds nothing wrong
    content = path.read_bytes()
    with zipfile.ZipFile(path) as book:
        part = book.getinfo("xl/worksheets/sheet1.xml")
    path.write_bytes(content.replace(struct.pack("<I", part.CRC), struct.pack("<I", began)))
    assert part.file_size == 1024

    with pytest.raises(BadFile, match="larger than it declares"):
        workbook.read(path, KNOWN)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), suffix=st.sampled_from(spreadsheets.SUFFIXES), head=st.sampled_from([b"", b"PK\x03\x04", b"name,lon\n"]))
@example(content=b"\x1a", suffix=".csv", head=b"")
@example(content=b'"', suffix=".csv", head=b"name,lon\n")
def test_any_bytes_are_a_table_or_a_refusal(tmp_path: Path, content: bytes, suffix: str, head: bytes):
    path = a_file(tmp_path, "any" + suffix, head + content)

    try:
        table = spreadsheets.read(path, KNOWN)
    except BadFile:
        return

    assert table.rows


# --- encodings and separators that offices' programs leave behind -------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read_where_a_known_header_shows_it(tmp_path: Path, encoding: str):
    known = a_file(tmp_path, "a.csv", "名称,经度,纬度\r\n暖心驿站,116.4,39.9\r\n".encode(encoding))
    unknown = a_file(tmp_path, "b.csv", "甲,乙\r\n丙,丁\r\n".encode(encoding))

    assert cells_of(spreadsheets.read(known, KNOWN)) == [["暖心驿站", "116.4", "39.9"]]
    with pytest.raises(BadFile):
        spreadsheets.read(unknown, KNOWN)


@pytest.mark.parametrize("delimiter", ["，", "；", "^"])
def test_full_width_separators_and_carets_separate(tmp_path: Path, delimiter: str):
    path = a_file(tmp_path, "a.csv", "\n".join(delimiter.join(row) for row in (["名称", "经度", "纬度"], ["甲,乙", "116.4", "39.9"])))

    assert cells_of(spreadsheets.read(path, KNOWN)) == [["甲,乙", "116.4", "39.9"]]


def test_a_full_width_comma_inside_a_cell_does_not_separate(tmp_path: Path):
    path = a_file(tmp_path, "a.csv", "名称,地址（路，号）,经度\n一站,甲路，乙号，丙室,116.4\n")

    assert cells_of(spreadsheets.read(path, KNOWN)) == [["一站", "甲路，乙号，丙室", "116.4"]]


def test_a_text_of_two_encodings_is_refused_with_its_line_and_never_read_as_nonsense(tmp_path: Path):
    right = "name,lon,lat\n" + "北新桥暖心驿站,116.4,39.9\n" * 40
    path = a_file(tmp_path, "a.csv", right.encode() + "什刹海驿站,116.4,39.9\n".encode("gb18030"))

    with pytest.raises(BadFile, match="mixes two encodings") as refused:
        spreadsheets.read(path, KNOWN)

    assert refused.value.at == "a.csv:42"


def test_geojson_in_gb18030_is_read_too(tmp_path: Path):
    features = [{"type": "Feature", "geometry": {"type": "MultiPoint", "coordinates": [[116.4, 39.9]]}, "properties": {"名称": "什刹海驿站"}}]
    path = a_file(tmp_path, "a.geojson", json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode("gb18030"))

    assert cells_of(spreadsheets.read(path, KNOWN)) == [[Point(116.4, 39.9), "什刹海驿站"]]
