"""The operator's figures: kept in place of the census, until they are taken back."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from geodata import areas as shipped
from geodata import backup, people
from geodata.areas import Areas
from geodata.people import files, store
from geodata.people.given import Read
from locator.errors import BadFile
from tests.geodata.people.conftest import BEIJING


@pytest.fixture
def home(tmp_path, home_of_census):
    """A home of its own whose census is built already."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / people.CACHE).symlink_to(home_of_census / people.CACHE)
    return tmp_path / "home"


@pytest.fixture
def given(tmp_path, vocabulary):
    def read(text="lon,lat,people\n116.41,39.91,1200\n116.30,39.98,30\n", **options):
        (tmp_path / "people.csv").write_text(text, "utf-8")
        return files.read(tmp_path / "people.csv", BEIJING, vocabulary=vocabulary, datum="wgs84", **options)
    return read


def test_they_replace_the_census_and_are_mapped_from_the_files(home, given, census):
    people.keep(home, given(source="街道办", date="2024-06"), BEIJING)

    demand = people.load(home, Areas.load(home))

    assert (len(demand), demand.total, demand.cell_m2) == (2, 1230, None)
    assert (demand.source.zh, demand.date, demand.note.zh) == ("街道办", "2024-06", "按文件给出的点")
    assert [demand.area_sets[row][0] for row in demand.areas] == ["110101", "110108"]
    assert not demand.people.flags.writeable
    assert people.load(home, BEIJING, people.CENSUS).version == census.version


def test_new_figures_replace_the_old_whole_and_whoever_has_those_mapped_keeps_them(home, given):
    people.keep(home, given(), BEIJING)
    before, stamp = people.load(home, BEIJING), people.stamp(home)

    people.keep(home, given("lon,lat,people\n116.41,39.91,7\n"), BEIJING)

    after = people.load(home, BEIJING)
    assert (before.total, after.total) == (1230, 7)
    assert before.version != after.version
    assert people.stamp(home) != stamp
    assert len(list((home / people.FOLDER).glob("own-*"))) == 1


def test_the_same_file_twice_is_the_same_demand(home, given):
    people.keep(home, given(), BEIJING)
    before = people.load(home, BEIJING).version

    people.keep(home, given(), BEIJING)

    assert people.load(home, BEIJING).version == before
    people.keep(home, given(date="2020"), BEIJING)
    assert people.load(home, BEIJING).version != before  # what is said of the figures belongs to them


def test_reset_goes_back_to_the_census_and_leaves_nothing(home, given, census):
    people.keep(home, given(), BEIJING)

    assert people.reset(home)
    assert not people.reset(home)

    assert people.load(home, BEIJING).version == census.version
    assert list((home / people.FOLDER).iterdir()) == []


def test_what_has_errors_is_never_kept(home):
    with pytest.raises(ValueError, match="errors"):
        people.keep(home, Read(), BEIJING)

    assert not (home / people.FOLDER).exists()


def test_rows_find_their_areas_again_when_outlines_change(home, given):
    people.keep(home, given(), BEIJING)
    before = people.load(home, BEIJING)
    ring = [[116.40, 39.90], [116.42, 39.90], [116.42, 39.92], [116.40, 39.92], [116.40, 39.90]]
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
               "properties": {"code": "110101901", "name": "某街道", "parent": "110101"}}
    (home / "streets.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    shipped.load_file(home / "streets.geojson", home)

    for _ in range(2):  # worked out once, then from the file
        after = people.load(home, Areas.load(home))
        assert [after.area_sets[row][:-1] for row in after.areas] == [("110101901", "110101"), ("110108",)]
    assert after.version != before.version


def test_half_a_demand_is_refused_and_says_what_to_do(home, given):
    people.keep(home, given(), BEIJING)
    [folder] = (home / people.FOLDER).glob("own-*")
    whole = {path: path.read_bytes() for path in folder.iterdir()}
    for path in (folder / "lonlat.npy", folder / "people.npy", folder / store.ABOUT):
        for content in (b"", whole[path][:90]):
            path.write_bytes(content)
            with pytest.raises(BadFile, match="demand build"):
                people.load(home, BEIJING)
            path.write_bytes(whole[path])
    (home / people.FOLDER / people.OWN).write_text('{"folder": "../../etc"}')
    with pytest.raises(BadFile, match="damaged"):
        people.load(home, BEIJING)


def test_a_build_that_cannot_be_written_leaves_what_was(home, given, monkeypatch):
    people.keep(home, given(), BEIJING)

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(np, "save", full)
        with pytest.raises(OSError, match="No space"):
            people.keep(home, given("lon,lat,people\n116.41,39.91,7\n"), BEIJING)

    assert people.load(home, BEIJING).total == 1230
    assert sorted(path.name.split("-")[0] for path in (home / people.FOLDER).iterdir()) == ["own", "own.json"]


def test_who_comes_second_leaves_what_the_first_one_wrote(home, given):
    """Two processes may build the same at once."""
    read = given()
    folder = home / people.FOLDER / "own-1"
    store.write(folder, read.figures, BEIJING, read.lies_in)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}

    store.write(folder, read.figures, BEIJING, read.lies_in)

    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert [path.name for path in (home / people.FOLDER).iterdir()] == ["own-1"]


def test_a_backup_holds_the_figures_and_not_what_can_be_made_again(home, given):
    people.keep(home, given(), BEIJING)
    (home / people.CACHE).unlink()
    people.load(home, BEIJING, people.CENSUS)

    names = {path.relative_to(home).as_posix().split("/")[0] + "/" + path.name for path in backup.beside(home)}

    assert names == {"demand/own.json", "demand/lonlat.npy", "demand/people.npy", "demand/about.json"}


def test_figures_brought_back_without_what_was_worked_out_are_whole(home, given, tmp_path):
    people.keep(home, given(), BEIJING)
    for path in backup.beside(home):
        copy = tmp_path / "other" / path.relative_to(home)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)

    assert people.load(tmp_path / "other", BEIJING).version == people.load(home, BEIJING).version
