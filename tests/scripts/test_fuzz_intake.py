"""Thousands of broken files, in short: none ends in a traceback, none is half imported (`scripts.fuzz_intake`)."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from geodata.areas import Areas
from scripts import fuzz_intake
from scripts.fuzz_corpus import broken
from tests.conftest import a_site

NO_AREAS = Areas([])


def test_150_broken_files_leave_no_traceback_and_no_half_import(tmp_path: Path):
    found = fuzz_intake.run(150, seed=20_000, folder=tmp_path)

    assert (found.tracebacks, found.halves) == ([], [])
    assert sum(found.outcomes.values()) == 150
    told = {outcome.split()[-1] for outcome in found.outcomes}
    assert told == {"imported", "refused"}  # the corpus is neither all good nor all bad


def test_the_same_seed_breaks_the_same_file_in_the_same_way(tmp_path: Path):
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()

    for seed in range(60):
        first, second = broken(seed, tmp_path / "one"), broken(seed, tmp_path / "other")

        assert (first.name, first.read_bytes()) == (second.name, second.read_bytes())


def test_a_refusal_that_changed_the_registry_and_an_import_of_a_part_are_told(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("id,name,lon,lat\ns1,一站,116.4,39.9\ns2,二站,116.5,39.9\n")
    options = ["--kind", "water_point", "--datum", "wgs84"]
    one = a_site(1, name="一站", kind="water_point", lon=116.4, lat=39.9, opening_hours=None, source_lon=116.4, source_lat=39.9, source_datum="wgs84")
    two = dataclasses.replace(one, id="s2", name="二站", lon=116.5, source_lon=116.5)
    other = dataclasses.replace(two, name="三站")

    assert fuzz_intake._half("refused", {}, {"s1": one}, path, options, NO_AREAS)
    assert fuzz_intake._half("imported", {}, {"s1": one}, path, options, NO_AREAS)
    assert fuzz_intake._half("imported", {}, {"s1": one, "s2": other}, path, options, NO_AREAS)
    assert fuzz_intake._half("imported", {}, {"s1": one, "s2": two}, path, options, NO_AREAS) is None
    assert fuzz_intake._half("refused", {"s1": one}, {"s1": one}, path, options, NO_AREAS) is None


def test_a_panic_and_a_fault_that_is_told_are_tracebacks(monkeypatch, tmp_path: Path):
    class Panic(BaseException):
        pass

    for fault in (Panic("in a library"), KeyError("lon")):
        def fails(*args, fault=fault, **kwargs):
            raise fault

        monkeypatch.setattr("geodata.spreadsheets.read", fails)
        assert fuzz_intake.run(1, seed=1, folder=tmp_path / type(fault).__name__).tracebacks
