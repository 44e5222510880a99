"""GeoPackages of several layers, and Shapefiles as offices pass them on: zipped, in GBK, with and without a .prj."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas
import pytest
from shapely.geometry import MultiPoint, Point, Polygon

from geodata import intake, spreadsheets, vocabulary
from geodata.headers import Recogniser
from geodata.tables import Point as Pair
from geodata.tables import Unreadable
from locator.errors import BadDatum, BadFile
from locator.vocabulary import Vocabulary

KNOWN = Recogniser(vocabulary.load()).target
AT = Point(116.4, 39.9)


def frame(names: list[str], geometry=None, crs: object = 4326, **columns) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"名称": names, **columns}, geometry=geometry or [AT] * len(names), crs=crs)


def a_shape(folder: Path, title: str, held: geopandas.GeoDataFrame, *, encoding: str = "UTF-8", without: tuple[str, ...] = (".cpg",)) -> Path:
    held.to_file(folder / f"{title}.shp", encoding=encoding)
    for suffix in without:
        (folder / f"{title}{suffix}").unlink(missing_ok=True)
    return folder / f"{title}.shp"


class ChineseWindows(zipfile.ZipInfo):
    """Names a part in GBK without saying so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the library's own name
        return self.filename.encode("gb18030"), self.flag_bits


def zipped(path: Path, folder: Path, *, gbk: bool = False) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(folder.iterdir()):
            archive.writestr((ChineseWindows if gbk else zipfile.ZipInfo)(part.name), part.read_bytes())
    return path


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
@pytest.mark.parametrize("without", [(".cpg",), ()])
def test_a_shapefile_is_read_in_either_encoding_beside_its_files_or_zipped(tmp_path: Path, encoding: str, without: tuple[str, ...]):
    (tmp_path / "in").mkdir()
    path = a_shape(tmp_path / "in", "stations", frame(["北新桥暖心驿站", "什刹海驿站", "大栅栏驿站"]), encoding=encoding, without=without)

    for table in (spreadsheets.read(path, KNOWN), spreadsheets.read(zipped(tmp_path / "all.zip", path.parent), KNOWN)):
        assert table.headers == ("geometry", "名称")
        assert [row.cells[1] for row in table.rows] == ["北新桥暖心驿站", "什刹海驿站", "大栅栏驿站"]
        assert (table.datum, table.rows[0].cells[0]) == ("wgs84", Pair(116.4, 39.9))


def test_a_cpg_that_lies_does_not_make_nonsense_of_chinese(tmp_path: Path):
    path = a_shape(tmp_path, "stations", frame(["北新桥暖心驿站"]), encoding="GB18030", without=())
    path.with_suffix(".cpg").write_text("ISO-8859-1")

    assert spreadsheets.read(path, KNOWN).rows[0].cells[1] == "北新桥暖心驿站"


def test_the_prj_says_the_datum_and_without_one_it_is_asked_for(tmp_path: Path, vocabulary: Vocabulary):
    cgcs = spreadsheets.read(a_shape(tmp_path, "a", frame(["a"], crs=4490)), KNOWN)
    projected = spreadsheets.read(a_shape(tmp_path, "b", frame(["a"], crs=4326).to_crs(4548)), KNOWN)
    shifted = a_shape(tmp_path, "c", frame(["a"]))
    shifted.with_suffix(".prj").write_text(shifted.with_suffix(".prj").read_text().replace("GCS_WGS_1984", "GCJ02"))
    unsaid = intake.read(a_shape(tmp_path, "d", frame(["a"]), without=(".prj",)), vocabulary=vocabulary, kind="water_point")

    assert (cgcs.datum, projected.datum, spreadsheets.read(shifted, KNOWN).datum) == ("cgcs2000", "wgs84", "gcj02")
    assert projected.rows[0].cells[0] == pytest.approx((116.4, 39.9), abs=1e-8)
    assert [type(e) for e in unsaid.errors] == [BadDatum]


def test_several_shapes_of_one_archive_are_one_import_and_names_in_gbk_are_shown(tmp_path: Path):
    (tmp_path / "in").mkdir()
    a_shape(tmp_path / "in", "东城", frame(["a"]))
    a_shape(tmp_path / "in", "西城", frame(["b", "c"]))
    a_shape(tmp_path / "in", "社区", frame(["d"], [Polygon([(0, 0), (1, 0), (1, 1)])]))

    table = spreadsheets.read(zipped(tmp_path / "all.zip", tmp_path / "in", gbk=True), KNOWN)

    assert [(table.at(row.line), row.cells[1]) for row in table.rows] == [
        ("all.zip[东城]:1", "a"), ("all.zip[西城]:1", "b"), ("all.zip[西城]:2", "c")]
    assert [w.value for w in table.warnings] == ["东城、西城", "社区"]


@pytest.mark.parametrize("lacking", [".dbf", ".shx"])
def test_a_shapefile_without_all_its_files_says_which_one_it_lacks(tmp_path: Path, lacking: str):
    path = a_shape(tmp_path, "a", frame(["a"]), without=(lacking,))

    with pytest.raises(BadFile, match=rf"lacks {lacking}"):
        spreadsheets.read(path, KNOWN)


def test_an_archive_of_other_things_says_what_to_do(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "name,lon,lat\na,1,2\n")

    with pytest.raises(BadFile, match="unpack"):
        spreadsheets.read(tmp_path / "a.zip", KNOWN)


def test_the_layers_of_points_of_a_geopackage_are_one_import_and_others_are_named(tmp_path: Path):
    path = tmp_path / "a.gpkg"
    frame(["x"], [Polygon([(0, 0), (1, 0), (1, 1)])]).to_file(path, layer="社区")
    frame(["a"], 地址=["甲"]).to_file(path, layer="东城")
    frame(["b"]).to_file(path, layer="西城")

    table = spreadsheets.read(path, KNOWN)
    alone = spreadsheets.read(path, KNOWN, ["西城"])

    assert [(table.at(row.line), list(row.cells)[1]) for row in table.rows] == [("a.gpkg[东城]:1", "a"), ("a.gpkg[西城]:1", "b")]
    assert [w.value for w in table.warnings] == ["东城、西城", "社区"]
    assert [list(row.cells) for row in alone.rows] == [[Pair(116.4, 39.9), "b"]]


def test_a_height_is_left_a_multipoint_of_one_is_that_point_and_an_area_is_a_fault_of_its_row(tmp_path: Path):
    path = tmp_path / "a.gpkg"
    frame(["a", "b", "c", "d"], [Point(116.4, 39.9, 50), MultiPoint([AT]), MultiPoint([AT, Point(1, 2)]), AT.buffer(0.1)]).to_file(path)

    first, second, third, fourth = (row.cells[0] for row in spreadsheets.read(path, KNOWN).rows)

    assert first == second == Pair(116.4, 39.9)
    assert all(isinstance(cell, Unreadable) and "Point" in cell.words.en for cell in (third, fourth))


@pytest.mark.parametrize("prj", [b"", b"\x00" * 40, b"GEOGCS[", b"PROJCS[\"\xff\xfe\"]", b"nonsense", "坐标系".encode("gb18030")])
def test_a_prj_that_says_nothing_is_a_refusal_or_an_undecided_datum(tmp_path: Path, vocabulary: Vocabulary, prj: bytes):
    path = a_shape(tmp_path, "a", frame(["a"]))
    path.with_suffix(".prj").write_bytes(prj)

    try:
        found = intake.read(path, vocabulary=vocabulary, kind="water_point")
    except BadFile:
        return

    assert [type(e) for e in found.errors] == [BadDatum]
