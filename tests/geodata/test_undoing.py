"""Taking back a whole import, or one site to an earlier record: all of it or nothing, and always on the record."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import vocabulary
from geodata.registry import Registry, database
from geodata.registry.undoing import TOGETHER
from locator.errors import BadValue, Conflict, NotThere
from locator.sites import FIELDS, Site

VOCABULARY = vocabulary.load()
MORNING = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
TRAIL = {"version", "updated_at", "updated_by", "reason"}


@pytest.fixture
def registry(tmp_path):
    with Registry.open(tmp_path, create=True) as opened:
        yield opened


def station(number=1, **fields):
    plain = {"id": f"s{number}", "name": f"第{number}暖心驿站", "kind": "warm_station", "lon": 116.4, "lat": 39.9}
    return Site(**{**plain, **fields})


def content(site):
    return {name: getattr(site, name) for name in FIELDS if name not in TRAIL}


def held(registry):
    return {site.id: content(site) for site in registry.sites()}


def put(registry, *sites, **more):
    return registry.commit(sites, who="li", why="import", **more)


def undo(registry, version):
    return registry.undo(version, who="wang", why="wrong file")


# --- a whole commit ---------------------------------------------------------------------------------


def test_undoing_an_import_removes_what_it_created_and_gives_back_what_it_changed(registry):
    put(registry, station(1, phone="010-1", facilities={"water": "yes"}), station(2))
    before = held(registry)
    put(registry, station(1, phone="010-9", award="奖"), station(3), action="import")

    done = undo(registry, 2)

    assert done == (3, 1, 1, 0)
    assert held(registry) == before
    assert [r.action for r in registry.history("s3")] == ["create", "remove"]
    assert registry.check(VOCABULARY) == []


def test_undoing_a_removal_brings_the_sites_back_last_in_order(registry):
    put(registry, station(1), station(2))
    registry.remove(["s1"], who="li", why="gone")

    assert undo(registry, 2).reinstated == 1
    assert [site.id for site in registry.sites()] == ["s2", "s1"]


def test_undoing_a_removal_gives_back_what_was_removed_whatever_came_and_went_since(registry):
    put(registry, station(1))
    registry.remove(["s1"], who="li", why="gone")
    put(registry, station(1, name="别的"))
    registry.remove(["s1"], who="li", why="gone again")

    undo(registry, 2)

    assert held(registry) == {"s1": content(station(1))}
    assert registry.check(VOCABULARY) == []


def test_undoing_a_reinstatement_removes_again(registry):
    put(registry, station(1))
    registry.remove(["s1"], who="li", why="gone")
    registry.reinstate(["s1"], who="li", why="it was not")

    assert undo(registry, 3).removed == 1
    assert held(registry) == {}


def test_an_undo_can_be_undone_and_that_undone_again(registry):
    put(registry, station(1))
    put(registry, station(1, phone="new"), station(2))
    after = held(registry)

    undo(registry, 2)
    undo(registry, 3)
    again = held(registry)
    undo(registry, 4)

    assert again == after
    assert held(registry) == {"s1": content(station(1))}
    assert registry.check(VOCABULARY) == []


def test_what_another_commit_changed_since_refuses_the_whole_and_names_the_sites(registry):
    put(registry, *[station(i) for i in range(1, 9)])
    put(registry, *[station(i, phone="new") for i in range(1, 9)])
    put(registry, *[station(i, phone="newer") for i in range(2, 9)])
    before = held(registry)

    with pytest.raises(Conflict) as refusal:
        undo(registry, 2)

    assert "7 of its sites" in refusal.value.words.en
    assert "第2暖心驿站 (s2)" in refusal.value.words.zh
    assert "and 2 more" in refusal.value.words.en
    assert (held(registry), registry.version()) == (before, 3)


def test_other_fields_changed_since_stay_as_they_are(registry):
    put(registry, station(1))
    put(registry, station(1, phone="new"))
    put(registry, station(1, phone="new", award="奖"))

    undo(registry, 2)

    assert held(registry)["s1"] == content(station(1, award="奖"))


def test_a_site_the_import_created_and_somebody_has_worked_on_since_is_not_thrown_away(registry):
    put(registry, station(1))
    put(registry, station(1, award="奖"))

    with pytest.raises(Conflict):
        undo(registry, 1)


def test_half_an_old_place_and_half_a_new_one_never_make_a_third(registry):
    put(registry, station(1))
    put(registry, station(1, lon=116.5))
    put(registry, station(1, lon=116.5, lat=40.0))

    with pytest.raises(Conflict):
        undo(registry, 2)


def test_what_was_changed_and_changed_back_since_is_no_obstacle(registry):
    put(registry, station(1))
    put(registry, station(1, phone="new"))
    put(registry, station(1, phone="newer"))
    undo(registry, 3)

    undo(registry, 2)

    assert held(registry) == {"s1": content(station(1))}


def test_undoing_twice_is_refused(registry):
    put(registry, station(1))
    put(registry, station(1, phone="new"))
    undo(registry, 2)

    with pytest.raises(Conflict):
        undo(registry, 2)


@pytest.mark.parametrize("version", [0, 9, -1])
def test_a_version_that_never_was_is_refused(registry, version):
    put(registry, station(1))

    with pytest.raises(NotThere):
        undo(registry, version)


def test_an_undo_must_say_who_and_why(registry):
    put(registry, station(1))

    with pytest.raises(BadValue):
        registry.undo(1, who="li", why=" ")


def test_the_list_of_commits_says_what_each_did_and_which_one_an_undo_took_back(registry):
    put(registry, station(1), action="import")
    registry.undo(1, who="wang", why="wrong file")

    undone, imported = registry.commits()

    assert (imported.version, imported.who, imported.action, imported.summary) == (1, "li", "import", {"created": 1})
    assert (undone.why, undone.action, undone.summary) == ("wrong file", "undo", {"undoes": 1, "removed": 1})
    assert registry.commits(before=2) == [imported]


def test_a_whole_city_is_undone_in_chunks_with_progress(registry):
    put(registry, station(0))
    put(registry, *[station(i, phone="new") for i in range(1200)])
    told = []

    done = registry.undo(2, who="li", why="wrong", progress=lambda *at: told.append(at))

    assert (done.removed, done.changed) == (1199, 1)
    assert told[-1] == (1200, 1200)
    assert held(registry) == {"s0": content(station(0))}


# --- one site ---------------------------------------------------------------------------------------


def test_a_site_reverts_to_the_whole_record_it_had_at_a_version(registry):
    put(registry, station(1, phone="a", award="奖"))
    put(registry, station(1, phone="b"))
    put(registry, station(2))

    done = registry.revert("s1", 1, who="wang", why="the old one was right")

    assert (done.version, done.changed) == (4, 1)
    assert held(registry)["s1"] == content(station(1, phone="a", award="奖"))
    assert registry.history("s1")[-1].why == "the old one was right"


def test_reverting_to_what_a_site_is_makes_no_version(registry):
    put(registry, station(1))

    assert registry.revert("s1", 1, who="wang", why="as it was").version == 1


def test_reverting_a_removed_site_brings_it_back(registry):
    put(registry, station(1))
    registry.remove(["s1"], who="li", why="gone")

    assert registry.revert("s1", 1, who="wang", why="it is not").reinstated == 1
    assert held(registry) == {"s1": content(station(1))}


@pytest.mark.parametrize("version", [0, 2])
def test_there_is_no_reverting_to_before_a_site_was_or_to_while_it_was_removed(registry, version):
    put(registry, station(1))
    registry.remove(["s1"], who="li", why="gone")
    registry.reinstate(["s1"], who="li", why="it was not")

    with pytest.raises(NotThere):
        registry.revert("s1", version, who="wang", why="back")


def test_who_reverts_what_somebody_else_has_changed_meanwhile_is_told(registry):
    put(registry, station(1))
    put(registry, station(1, phone="theirs"))

    with pytest.raises(Conflict):
        registry.revert("s1", 1, who="wang", why="back", expected_version=1)


# --- against replay ---------------------------------------------------------------------------------


def replayed_undo(states, version):
    """Judge an undo from the whole registry before, after and now; None where it must be refused."""
    before, after, now = states[version - 1], states[version], states[-1]
    result = dict(now)
    for site_id in before.keys() | after.keys():
        was, became, is_now = before.get(site_id), after.get(site_id), now.get(site_id)
        if was == became:
            continue
        if was is not None and became is not None:
            names = {n for n in was if was[n] != became[n]}
            together = names.union(*(g for g in TOGETHER if g & names))
            if is_now is None or any(is_now[n] != became[n] for n in together):
                return None
            result[site_id] = {**is_now, **{n: was[n] for n in names}}
        elif is_now != became:
            return None
        elif was is None:
            del result[site_id]
        else:
            result[site_id] = was
    return result


values = st.fixed_dictionaries({}, optional={
    "phone": st.sampled_from(["1", "2"]), "award": st.sampled_from(["a", "b"]), "lon": st.sampled_from([116.4, 116.5]),
    "facilities": st.sampled_from([{"water": "yes"}, {"toilet": "no"}]), "opening_hours": st.sampled_from(["24/7", "Mo off"]),
    "aliases": st.sampled_from([("甲",), ("乙", "丙")])})
steps = st.one_of(
    st.tuples(st.just("put"), st.dictionaries(st.integers(1, 3), values, min_size=1, max_size=3)),
    st.tuples(st.just("remove"), st.sets(st.integers(1, 3), min_size=1, max_size=2)),
    st.tuples(st.just("undo"), st.integers(1, 8)))


@pytest.fixture
def fresh(tmp_path):
    number = itertools.count()
    Registry.open(tmp_path / "empty", create=True).close()
    empty = (tmp_path / "empty" / database.FILE).read_bytes()

    def make():
        home = tmp_path / str(next(number))
        home.mkdir()
        (home / database.FILE).write_bytes(empty)
        return Registry.open(home)

    return make


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(taken=st.lists(steps, min_size=2, max_size=9))
def test_an_undo_agrees_with_replaying_the_whole_registry(fresh, taken):
    with fresh() as registry:
        states = [{}]
        for hour, (step, said) in enumerate(taken):
            at = MORNING + timedelta(hours=hour)
            if step == "put":
                registry.commit([station(n, **fields) for n, fields in said.items()], who="li", why="put", at=at)
            elif step == "remove":
                registry.remove([i for i in (f"s{n}" for n in said) if registry.history(i)], who="li", why="gone", at=at)
            elif said < len(states):
                expected = replayed_undo(states, said)
                try:
                    registry.undo(said, who="wang", why="undo", at=at)
                except Conflict:
                    assert expected is None
                else:
                    assert held(registry) == expected
            if registry.version() == len(states):
                states.append(held(registry))
        assert registry.check(VOCABULARY) == []
