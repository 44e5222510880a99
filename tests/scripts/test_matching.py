"""`nuanxin import --match`: what the command line says of rows that look like known sites."""

from __future__ import annotations

import io

import pytest

from geodata import matching
from scripts import importing
from scripts.progress import bars
from tests.scripts.conftest import write_csv

HEADERS = ("名称", "类别", "经度", "纬度", "地址")
ROW = ("前门暖心小站", "暖心驿站", "116.4001", "39.9001", "前门大街１号")
"""The first of the own sites, as somebody else writes it."""


def sites(shell):
    with shell.registry as registry:
        return {site.station_code or "": site for site in registry.sites()}


def test_the_command_line_knows_the_modes_of_the_room_below():
    assert (importing.MODES, importing.REPORT) == (matching.MODES, matching.REPORT)


def test_by_default_a_row_like_a_known_site_is_imported_with_a_warning_that_names_it(own, tmp_path):
    with own.registry as registry:
        known = next(site for site in registry.sites() if site.station_code == "a1")
    done = own("import", str(write_csv(tmp_path / "s.csv", [ROW], HEADERS)), "--datum", "wgs84")

    assert done.exit_code == 0, done.output
    assert "1 new, 0 changed" in done.stdout
    assert known.id in done.stderr
    assert "m apart" in done.stderr
    assert "1 rows may be duplicates" in done.stdout


def test_merging_changes_the_known_site_and_again_nothing(own, tmp_path):
    file = str(write_csv(tmp_path / "s.csv", [ROW], HEADERS))

    once, twice = (own("import", file, "--datum", "wgs84", "--match", "merge") for _ in range(2))

    assert "0 new, 1 changed, 0 unchanged" in once.stdout
    assert "0 new, 0 changed, 1 unchanged" in twice.stdout
    assert (sites(own)["a1"].name, sites(own)["a1"].opening_hours) == ("前门暖心小站", "24/7")


def test_without_a_look_there_is_no_warning(own, tmp_path):
    done = own("import", str(write_csv(tmp_path / "s.csv", [ROW], HEADERS)), "--datum", "wgs84", "--match", "new")

    assert "1 new" in done.stdout
    assert "duplicates" not in done.stdout
    assert done.stderr.count("warning") == 0


def test_a_dry_run_counts_possible_duplicates_too(own, tmp_path):
    done = own("import", str(write_csv(tmp_path / "s.csv", [ROW], HEADERS)), "--datum", "wgs84", "--dry-run")

    assert "1 rows may be duplicates" in done.stdout
    assert own.version() == 1


@pytest.mark.parametrize("words", [("--match", "perhaps"), ("--match",)])
def test_another_mode_is_wrong_usage(own, tmp_path, words):
    assert own("import", str(write_csv(tmp_path / "s.csv", [ROW], HEADERS)), *words).exit_code == 2


def test_a_terminal_sees_one_bar_after_another(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)

    with bars("读取", "比对", "写入") as (read, _, write):
        for progress in (read, write):
            progress(0, 2)
            progress(2, 2)

    told = shown.getvalue()
    assert told.index("读取") < told.rindex("读取") < told.index("写入")
    assert "比对" not in told
    assert told.count("100%") >= 2
