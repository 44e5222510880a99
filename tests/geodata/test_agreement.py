"""What is asked is what is registered: every difference between an atlas and its registry is found."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from geodata import agreement, snapshot
from geodata.registry import Registry
from locator.columns import TextColumn
from locator.sites import Sites
from tests.conftest import a_site


@pytest.fixture
def registry(tmp_path):
    with Registry.open(tmp_path / "home", create=True) as opened:
        opened.commit([a_site(n) for n in range(1, 6)], who="t", why="t")
        opened.commit([a_site(3, phone="010-1")], who="t", why="t")
        opened.remove(["s2"], who="t", why="t")
        yield opened


def test_an_atlas_agrees_with_the_registry_it_was_read_from(registry):
    assert list(agreement.findings(registry)) == []
    assert list(agreement.between(snapshot.atlas(registry), registry)) == []


@pytest.mark.parametrize("change", [{"name": "别的"}, {"lon": 116.5}, {"facilities": {"toilet": "yes"}}, {"status": "closed"}, {"phone": "x"}])
def test_every_field_that_differs_is_found(registry, vocabulary, change):
    atlas = snapshot.atlas(registry)
    meddled = [dataclasses.replace(site, **change) if site.id == "s3" else site for site in atlas.sites]
    atlas.sites = Sites.of(meddled, vocabulary)

    (found,) = agreement.between(atlas, registry)

    assert (found.site_id, found.field) == ("s3", next(iter(change)))


def test_a_missing_site_another_reading_and_another_version_are_found(registry, vocabulary):
    atlas = snapshot.atlas(registry)
    whole = atlas.sites
    atlas.sites = Sites.of(list(whole)[1:], vocabulary)
    assert [f.field for f in agreement.between(atlas, registry)] == ["sites"]

    atlas.sites, atlas.readings = whole, TextColumn.of(["x", *list(atlas.readings)[1:]])
    assert [(f.site_id, f.field) for f in agreement.between(atlas, registry)] == [("s1", "reading")]

    registry.commit([a_site(9)], who="t", why="t")
    assert [f.field for f in agreement.between(atlas, registry)] == ["version"]


def test_a_kept_copy_that_lies_is_found(registry, monkeypatch):
    monkeypatch.setattr(snapshot, "_WORTH_KEEPING", 1)
    snapshot.atlas(registry, once=True)
    path = registry.home / snapshot.CACHE
    with path.open("rb") as file:
        key, (sites, readings) = snapshot._Plain(file).load(), snapshot._Plain(file).load()
    lying = sites.with_changes([a_site(1, name="说谎")], snapshot.vocabulary.of_home(registry.home), dropped=["s1"])
    with path.open("wb") as file:
        pickle.dump(key, file, protocol=5)
        pickle.dump((lying, readings), file, protocol=5)

    assert list(agreement.findings(registry))
