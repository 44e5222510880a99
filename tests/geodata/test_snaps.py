"""Points on the network are snapped once and kept: for the very network and points they were made of, and no other."""

from __future__ import annotations

import numpy as np
import pytest

from geodata import snaps, streets
from tests.geodata.test_osm import STEP, Extract

POINTS = np.array([[0.2, 0.1], [1.5, -0.2], [90.0, 0.0]]) * STEP + (116.4, 39.9)


@pytest.fixture
def home(tmp_path):
    streets.store(streets.read(Extract(tmp_path / "city.osm.pbf").way((0, 0), (1, 0), (2, 0), highway="residential").write()), tmp_path / "home")
    return tmp_path / "home"


def same(one, other) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_what_is_kept_is_what_the_network_says_and_is_mapped_into_memory(home):
    first, second = snaps.of_points(home, POINTS, "a"), snaps.of_points(home, POINTS, "a")

    assert same(first, streets.load(home).snap(POINTS))
    assert same(first, second)
    assert isinstance(second.share.base, np.memmap)
    assert first.edge.tolist() == [0, 1, -1]


def test_other_points_or_another_network_are_snapped_anew(home, tmp_path):
    snaps.of_points(home, POINTS, "a")

    assert same(snaps.of_points(home, POINTS[::-1], "b"), streets.load(home).snap(POINTS[::-1]))
    snaps.of_points(home, POINTS, "a")
    streets.store(streets.read(Extract(tmp_path / "other.osm.pbf").way((0, 0), (2, 0), highway="residential").write()), home)
    assert snaps.of_points(home, POINTS, "a").edge.tolist() == [0, 0, -1]


def test_a_damaged_copy_is_made_again(home):
    snaps.of_points(home, POINTS, "a")
    whole = (home / snaps.NAME).read_bytes()

    for content in (b"", whole[:100], whole[:-8], b"PK" + bytes(300)):
        (home / snaps.NAME).write_bytes(content)
        assert same(snaps.of_points(home, POINTS, "a"), streets.load(home).snap(POINTS))
        assert (home / snaps.NAME).read_bytes() == whole


def test_a_home_that_cannot_be_written_still_answers(home, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("geodata.whole.Path.touch", full)

    assert same(snaps.of_points(home, POINTS, "a"), streets.load(home).snap(POINTS))
    assert not (home / snaps.NAME).exists()


def test_without_a_network_there_is_nothing_to_snap_to(tmp_path):
    assert snaps.of_points(tmp_path, POINTS, "a") is None
