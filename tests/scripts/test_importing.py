"""`nuanxin import` and `nuanxin export`: all of a file or nothing of it, and the same again on the way back."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from locator.datum import to_wgs84
from locator.sites import Site
from scripts import importing
from scripts.progress import bar
from tests.scripts.conftest import HEADERS, ROWS, write_csv


def sites(shell):
    with shell.registry as registry:
        return {site.name: site for site in registry.sites()}


def test_a_spreadsheet_becomes_active_sites(empty, tmp_path):
    done = empty("import", str(write_csv(tmp_path / "s.csv")), "--datum", "wgs84", "--source", "前门街道")

    found = sites(empty)
    assert done.exit_code == 0, done.output
    assert "4 new, 0 changed, 0 unchanged" in done.stdout
    assert {site.status for site in found.values()} == {"active"}
    assert found["前门暖心驿站"].facilities == {"hot_water": "yes", "toilet": "yes"}
    assert found["前门暖心驿站"].source == "前门街道"


def test_importing_twice_changes_nothing(own, tmp_path):
    version = own.version()

    done = own("import", str(write_csv(tmp_path / "s.csv")), "--datum", "wgs84")

    assert "0 new, 0 changed, 4 unchanged" in done.stdout
    assert own.version() == version


def test_a_changed_row_changes_its_site_alone(own, tmp_path):
    rows = [(*ROWS[0][:5], "前门大街9号", *ROWS[0][6:]), *ROWS[1:]]

    done = own("import", str(write_csv(tmp_path / "s.csv", rows)), "--datum", "wgs84")

    assert "0 new, 1 changed, 3 unchanged" in done.stdout
    assert sites(own)["前门暖心驿站"].address == "前门大街9号"


def test_a_dry_run_says_what_would_happen_and_writes_nothing(empty, tmp_path):
    done = empty("import", str(write_csv(tmp_path / "s.csv")), "--datum", "wgs84", "--dry-run")

    assert done.exit_code == 0
    assert "4 new, 0 changed, 0 unchanged" in done.stdout
    assert empty.version() == 0


def test_a_wrong_row_keeps_all_rows_out_and_names_file_line_column_and_value(empty, tmp_path):
    rows = [*ROWS, ("a5", "坏", "暖心驿站", "116.4", "139.9", "", "", "", ""), ("a6", "坏", "暖心站点", "116.4", "39.9", "", "", "", "")]

    done = empty("import", str(write_csv(tmp_path / "s.csv", rows)), "--datum", "wgs84")

    assert done.exit_code == 1
    assert empty.version() == 0
    assert "s.csv:7" in done.stderr  # one address has a line break, so the fifth row begins on the seventh line
    assert "纬度 (lat) '139.9'" in done.stderr
    assert "'暖心站点'" in done.stderr
    assert "nothing was written" in done.stderr


def test_a_dry_run_lists_every_error_also_when_the_datum_is_undecided(empty, tmp_path):
    rows = [(f"b{i}", "坏", "暖心驿站", "200", "39.9", "", "", "", "") for i in range(importing.MOST_SHOWN + 50)]
    file = str(write_csv(tmp_path / "s.csv", rows))

    dry, wet = empty("import", file, "--dry-run"), empty("import", file)

    assert dry.exit_code == wet.exit_code == 1
    assert "--datum" in dry.stderr
    assert dry.stderr.count("error s.csv:") == len(rows) + 1
    assert wet.stderr.count("error s.csv:") == importing.MOST_SHOWN
    assert "51 more; --dry-run lists them all" in wet.stderr


@pytest.mark.parametrize(("lon", "lat", "said"), [
    ("39.9", "116.4", "116.4"), ("nan", "39.9", "nan"), ("inf", "39.9", "inf"), ("181", "39.9", "181"), ("东", "39.9", "东"),
    ("116.4", "", "lat")])
def test_bad_coordinates_in_a_row_are_refused_with_their_value(empty, tmp_path, lon, lat, said):
    done = empty("import", str(write_csv(tmp_path / "s.csv", [("c1", "站", "暖心驿站", lon, lat, "", "", "", "")])), "--datum", "wgs84")

    assert done.exit_code == 1
    assert "s.csv:2" in done.stderr
    assert said in done.stderr
    assert empty.version() == 0


def test_degrees_minutes_and_seconds_are_read(empty, tmp_path):
    rows = [("c1", "站", "暖心驿站", "116°24′00″E", "北纬39度54分", "", "", "", "")]

    done = empty("import", str(write_csv(tmp_path / "s.csv", rows)), "--datum", "wgs84")

    assert done.exit_code == 0, done.output
    assert (sites(empty)["站"].lon, sites(empty)["站"].lat) == (116.4, 39.9)


def _zip_bomb(path):
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)


BAD_FILES = {
    "empty.csv": lambda p: p.write_bytes(b""),
    "header.csv": lambda p: p.write_text(",".join(HEADERS) + "\n", "utf-8"),
    "one-column.csv": lambda p: p.write_text("名称\n前门\n", "utf-8"),
    "thousand.csv": lambda p: p.write_text(",".join(f"c{i}" for i in range(1000)) + "\n" + "1," * 999 + "1\n", "utf-8"),
    "really-a.csv": lambda p: p.write_bytes(b"%PDF-1.7\n" + b"\x00\xff" * 2000),
    "binary.csv": lambda p: p.write_bytes(bytes(range(256)) * 200),
    "half.xlsx": lambda p: p.write_bytes(b"PK\x03\x04" + b"\x00" * 100),
    "text.xlsx": lambda p: p.write_text("名称,经度\n", "utf-8"),
    "bomb.xlsx": _zip_bomb,
    "broken.geojson": lambda p: p.write_text('{"type": "FeatureCollection", "features": [', "utf-8"),
    "deep.geojson": lambda p: p.write_text("[" * 100_000, "utf-8"),
    "none.geojson": lambda p: p.write_text('{"type": "FeatureCollection", "features": []}', "utf-8"),
    "page.csv": lambda p: p.write_text("<!DOCTYPE html><html><body>404</body></html>", "utf-8"),
    "old.xls": lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0" + b"\x00" * 100),
    "folder.csv": lambda p: p.mkdir(),
    "missing.csv": lambda p: None,
    "words.docx": lambda p: p.write_bytes(b"PK\x03\x04"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_by_name_and_leaves_the_registry_as_it_was(own, tmp_path, name):
    BAD_FILES[name](tmp_path / name)
    version = own.version()

    done = own("import", str(tmp_path / name), "--datum", "wgs84", "--kind", "warm_station")

    assert done.exit_code == 1, done.output
    assert name in done.stderr
    assert own.version() == version


def test_an_unknown_kind_is_refused_with_the_nearest_one(empty, tmp_path):
    done = empty("import", str(write_csv(tmp_path / "s.csv")), "--kind", "warm_statoin", "--datum", "wgs84")

    assert done.exit_code == 1
    assert "warm_station" in done.stderr


def test_own_headers_are_mapped_by_a_file(empty, tmp_path):
    file = write_csv(tmp_path / "s.csv", [("暖心", "116.4", "39.9")], ("叫什么", "东", "北"))
    (tmp_path / "map.toml").write_text('"叫什么" = "name"\n"东" = "lon"\n"北" = "lat"\n', "utf-8")

    done = empty("import", str(file), "--kind", "暖心驿站", "--datum", "wgs84", "--columns", str(tmp_path / "map.toml"))

    assert done.exit_code == 0, done.output
    assert list(sites(empty)) == ["暖心"]


@pytest.mark.parametrize("text", ["名称", "名称 = 1", "columns = 3", '"名称" = "no_such_field"', None])
def test_a_bad_map_of_headers_is_refused(empty, tmp_path, text):
    if text is not None:
        (tmp_path / "map.toml").write_text(text, "utf-8")

    done = empty("import", str(write_csv(tmp_path / "s.csv")), "--datum", "wgs84", "--columns", str(tmp_path / "map.toml"))

    assert done.exit_code == 1, done.output
    assert empty.version() == 0


def test_a_site_changed_by_somebody_else_meanwhile_is_not_overwritten(own, tmp_path, monkeypatch):
    rows = [(*ROWS[0][:5], "前门大街9号", *ROWS[0][6:])]
    write_csv(tmp_path / "s.csv", rows)
    names = importing._read_at

    def somebody_else_was_faster(read, known):
        with own.registry as registry:
            site = next(s for s in registry.sites() if s.station_code == "a1")
            registry.commit([_moved(site)], who="别人", why="更正")
        return names(read, known)

    monkeypatch.setattr(importing, "_read_at", somebody_else_was_faster)
    done = own("import", str(tmp_path / "s.csv"), "--datum", "wgs84")

    assert done.exit_code == 1, done.output
    assert "somebody else" in done.stderr
    assert sites(own)["前门暖心驿站"].address == "别处"


def _moved(site: Site) -> Site:
    import dataclasses

    return dataclasses.replace(site, address="别处")


def test_a_terminal_sees_a_bar_that_ends_full(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)

    with bar("写入 Writing") as progress:
        for done in (0, 40, 80):
            progress(done, 80)

    assert "写入 Writing" in shown.getvalue()
    assert "100%" in shown.getvalue()


# --- export -----------------------------------------------------------------------------------------


@pytest.fixture
def various(own, tmp_path):
    """A draft, a closed and an internal site beside the four."""
    headers = (*HEADERS, "状态", "可见范围", "负责人")
    rows = [("d1", "草稿站", "暖心驿站", "", "", "某处", "", "", "", "draft", "", "张三"),
            ("d2", "关闭站", "暖心驿站", "116.43", "39.9", "某处", "", "", "", "closed", "", ""),
            ("d3", "内部站", "暖心驿站", "116.44", "39.9", "某处", "", "", "", "", "internal", "")]
    done = own("import", str(write_csv(tmp_path / "more.csv", rows, headers)), "--datum", "wgs84")
    assert done.exit_code == 0, done.output
    return own


def exported(shell, file, *words):
    done = shell("export", str(file), *words)
    assert done.exit_code == 0, done.output
    return {row["name"] for row in csv.DictReader(io.StringIO(file.read_text("utf-8-sig")))}


def test_without_filters_every_active_public_site_is_exported(various, tmp_path):
    assert exported(various, tmp_path / "out.csv") == {"前门暖心驿站", "和平里母婴关爱室", "'=cmd|' /C calc'!A0", "望京暖心驿站"}


def test_all_exports_drafts_closed_and_internal_sites_too(various, tmp_path):
    assert {"草稿站", "关闭站", "内部站"} < exported(various, tmp_path / "out.csv", "--all")
    assert "张三" in (tmp_path / "out.csv").read_text("utf-8-sig")


def test_internal_fields_leave_only_with_all(various, tmp_path):
    exported(various, tmp_path / "out.csv")

    assert "manager" not in (tmp_path / "out.csv").read_text("utf-8-sig")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson", ".gpkg"])
@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_what_is_exported_imports_back_unchanged(various, tmp_path, suffix, datum):
    various("export", str(tmp_path / f"out{suffix}"), "--all", "--datum", datum)
    version = various.version()

    done = various("import", str(tmp_path / f"out{suffix}"))

    assert "0 new, 0 changed, 7 unchanged" in done.stdout, done.output
    assert various.version() == version


def test_filters_choose_what_is_exported(various, tmp_path):
    out = tmp_path / "out.csv"

    assert exported(various, out, "--kind", "母婴室") == {"和平里母婴关爱室"}
    assert exported(various, out, "--area", "朝阳") == {"望京暖心驿站"}
    assert exported(various, out, "--state", "all-day", "--strict") == {"前门暖心驿站"}


@pytest.mark.parametrize(("words", "status"), [
    (("out.pdf",), 1), (("nowhere/out.csv",), 1), (("out.csv", "--kind", "warm_statoin"), 1), (("out.csv", "--area", "无此区"), 1),
    (("out.csv", "--all", "--kind", "warm_station"), 2), ((), 2), (("out.csv", "--datum", "mars"), 2)])
def test_a_bad_export_leaves_no_file(own, tmp_path, monkeypatch, words, status):
    monkeypatch.chdir(tmp_path)

    done = own("export", *words)

    assert done.exit_code == status, done.output
    assert not list(tmp_path.glob("*out.*"))


def test_geojson_out_is_geojson(own, tmp_path):
    own("export", str(tmp_path / "out.geojson"))

    assert json.loads((tmp_path / "out.geojson").read_text("utf-8"))["type"] == "FeatureCollection"


def test_the_evidence_of_the_datum_is_printed_in_both_languages_decided_or_not(empty, tmp_path):
    rows = [(f"a{i}", f"站{i}", "暖心驿站", f"{116.404 + i / 1000:.6f}", "39.915", f"北京市东城区某街{i}号", "", "", "") for i in range(5)]
    file = str(write_csv(tmp_path / "s.csv", rows))

    asked, told = empty("import", file, "--dry-run"), empty("import", file, "--datum", "gcj02", "--dry-run")

    for done, status in ((asked, 1), (told, 0)):
        assert done.exit_code == status
        assert "5 rows fall in their stated district" in done.stderr
        assert "5 行中有 5 行落在所写的区内" in done.stderr
    assert "command line: --datum" in asked.stderr


def test_a_file_of_two_pairs_is_imported_without_a_word_of_its_datum(empty, tmp_path):
    pairs = to_wgs84(np.array([[116.404, 39.915], [116.414, 39.925]]), "gcj02").tolist()
    lines = [f"站{i},{lon},{lat},{a},{b}" for i, ((lon, lat), (a, b)) in enumerate(zip([(116.404, 39.915), (116.414, 39.925)], pairs, strict=True))]
    (tmp_path / "s.csv").write_text("名称,经度,纬度,wgs84_lon,wgs84_lat\n" + "\n".join(lines) + "\n", "utf-8")

    done = empty("import", str(tmp_path / "s.csv"), "--kind", "warm_station")

    assert done.exit_code == 0, done.output
    assert "decided: GCJ-02" in done.stderr
    assert {(site.source_datum, site.source_lon) for site in sites(empty).values()} == {("gcj02", 116.404), ("gcj02", 116.414)}
