from __future__ import annotations

import dataclasses
import pickle
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import snapshot, vocabulary
from geodata.registry import Registry, View, database
from locator.sites import Site
from tests.strategies import site_lists

VOCABULARY = vocabulary.load()
IDS = ("a", "b", "c", "d")


@pytest.fixture
def registry(tmp_path):
    with Registry.open(tmp_path / "home", create=True) as opened:
        yield opened


def station(site_id="a", **fields):
    return Site(**{"id": site_id, "name": f"{site_id}号驿站", "kind": "warm_station", "lon": 116.4, "lat": 39.9, **fields})


def put(registry, *sites):
    return registry.commit(sites, who="li", why="survey")


def read(registry, **more):
    return snapshot.atlas(registry, **more)


def test_an_atlas_holds_every_site_that_is_not_removed_in_the_registrys_order(registry):
    put(registry, station("b"), station("a"), station("c"))
    registry.remove(["a"], who="li", why="gone")

    atlas = read(registry)

    assert list(atlas.sites) == list(registry.sites())
    assert [site.id for site in atlas.sites] == ["b", "c"]
    assert list(atlas.readings) == ["b hao yi zhan", "c hao yi zhan"]
    assert atlas.version == 2


def test_an_empty_registry_is_an_empty_atlas(registry):
    atlas = read(registry)

    assert len(atlas.sites) == 0
    assert atlas.version == 0


def test_an_atlas_of_the_newest_version_stays_the_same(registry):
    put(registry, station())
    atlas = read(registry)

    assert read(registry, previous=atlas) is atlas


steps = st.lists(st.one_of(
    st.tuples(st.just("put"), site_lists(most=3)),
    st.tuples(st.just("remove"), st.sampled_from(IDS)),
    st.tuples(st.just("reinstate"), st.sampled_from(IDS)),
    st.tuples(st.just("look"), st.none()),
), max_size=10)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_reading_only_what_changed_is_the_same_as_reading_everything(tmp_path_factory, steps):
    with Registry.open(tmp_path_factory.mktemp("home"), create=True) as registry:
        atlas = read(registry)
        put(registry, *map(station, IDS))
        for what, given_ in [*steps, ("look", None)]:
            if what == "put":
                put(registry, *[dataclasses.replace(s, id=i) for s, i in zip(given_, IDS[1:], strict=False)])
            elif what == "remove":
                registry.remove([given_], who="li", why="gone")
            elif what == "reinstate":
                registry.reinstate([given_], who="li", why="back")
            else:
                atlas = read(registry, previous=atlas)

        whole = read(registry)
        assert atlas.version == whole.version
        assert list(atlas.sites) == list(whole.sites) == list(registry.sites())
        assert list(atlas.readings) == list(whole.readings)
        assert list(atlas.sites.timetables) == list(whole.sites.timetables)


# --- what is kept for the next process --------------------------------------------------------------


@pytest.fixture
def kept(registry, monkeypatch):
    """A registry of three sites of which a copy is kept."""
    monkeypatch.setattr(snapshot, "_WORTH_KEEPING", 3)
    put(registry, station("a"), station("b"), station("c"))
    read(registry)
    assert (registry.home / snapshot.CACHE).exists()
    return registry


def rows_are_not_read(monkeypatch):
    def refuse(*_):
        raise AssertionError("every row was read")

    monkeypatch.setattr(View, "blocks", refuse)


def test_what_was_read_once_is_not_read_again_by_the_next_process(kept, monkeypatch):
    rows_are_not_read(monkeypatch)

    assert list(read(kept).sites) == list(kept.sites())
    assert next(iter(read(kept).readings)) == "a hao yi zhan"


def test_a_kept_copy_is_brought_up_to_date_by_what_changed_since(kept, monkeypatch):
    put(kept, station("b", phone="010-1"))
    kept.remove(["a"], who="li", why="gone")
    rows_are_not_read(monkeypatch)

    assert list(read(kept).sites) == list(kept.sites())


def test_a_copy_is_read_by_nobody_but_its_owner(kept):
    assert (kept.home / snapshot.CACHE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("spoilt", [b"", b"PK\x03\x04", b"\x80\x05garbage"])
def test_a_spoilt_copy_is_passed_over(kept, spoilt):
    (kept.home / snapshot.CACHE).write_bytes(spoilt)

    assert list(read(kept).sites) == list(kept.sites())


def test_a_copy_cut_short_is_passed_over(kept):
    file = kept.home / snapshot.CACHE
    file.write_bytes(file.read_bytes()[:-100])

    assert list(read(kept).sites) == list(kept.sites())


class Evil:
    ran = False

    def __reduce__(self):
        return run, ()


def run():
    Evil.ran = True


def test_a_copy_that_names_other_code_is_passed_over_and_runs_nothing(kept):
    (kept.home / snapshot.CACHE).write_bytes(pickle.dumps(Evil()))

    assert list(read(kept).sites) == list(kept.sites())
    assert not Evil.ran


def test_a_copy_of_another_registry_in_the_same_place_is_passed_over(kept):
    home = kept.home
    copy = home.with_name(snapshot.CACHE)
    shutil.copy(home / snapshot.CACHE, copy)
    shutil.rmtree(home)
    with Registry.open(home, create=True) as other:
        put(other, station("z"))
        shutil.copy(copy, home / snapshot.CACHE)

        assert [site.id for site in read(other).sites] == ["z"]


def test_a_copy_of_a_later_version_than_the_registry_has_is_passed_over(kept, tmp_path):
    earlier = tmp_path / database.FILE
    kept.close()  # so that the file is whole without its log
    shutil.copy(kept.home / database.FILE, earlier)
    put(kept, station("d"), station("e"), station("f"))
    read(kept)
    kept.close()
    shutil.copy(earlier, kept.home / database.FILE)  # a backup is restored

    with Registry.open(kept.home) as restored:
        assert [site.id for site in read(restored).sites] == ["a", "b", "c"]


def test_a_home_that_cannot_be_written_still_answers(registry, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshot, "_WORTH_KEEPING", 1)
    monkeypatch.setattr(snapshot.os, "fsync", full)
    put(registry, station())

    assert len(read(registry).sites) == 1
    assert [p.name for p in registry.home.iterdir() if p.name.startswith(snapshot.CACHE)] == []


def test_few_sites_are_not_worth_a_copy(registry):
    put(registry, station())
    read(registry)

    assert not (registry.home / snapshot.CACHE).exists()


def test_a_copy_can_be_forgotten(kept):
    snapshot.forget(kept.home)
    snapshot.forget(kept.home)

    assert not (kept.home / snapshot.CACHE).exists()
