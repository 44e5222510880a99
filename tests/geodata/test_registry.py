from __future__ import annotations

import dataclasses
import itertools
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import vocabulary
from geodata.registry import Registry, database
from geodata.registry.rows import row_of, row_said, site_of, whole
from locator.areas import Area, AreaTree
from locator.errors import BadCoordinate, BadTime, BadValue, Conflict, NotBuilt, NotThere, Unavailable
from locator.sites import Site, Slot
from locator.words import Words
from tests.strategies import site_lists

VOCABULARY = vocabulary.load()
MORNING = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
few = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def registry(tmp_path):
    with Registry.open(tmp_path, create=True) as opened:
        yield opened


@pytest.fixture
def fresh(tmp_path):
    """Return a maker of empty registries, for tests that hypothesis runs many times."""
    number = itertools.count()
    empty = tmp_path / "empty"
    Registry.open(empty, create=True).close()
    content = (empty / database.FILE).read_bytes()

    def make():
        home = tmp_path / str(next(number))
        home.mkdir()
        (home / database.FILE).write_bytes(content)
        return Registry.open(home)

    return make


def station(number=1, **fields):
    plain = {"id": f"s{number}", "name": f"第{number}暖心驿站", "kind": "warm_station", "lon": 116.4, "lat": 39.9}
    return Site(**{**plain, **fields})


def bare(site):
    """Return a record without what a commit writes on it."""
    return dataclasses.replace(site, version=0, updated_at=None, updated_by=None, reason=None)


def put(registry, *sites, at=None, **more):
    return registry.commit(sites, who="li", why="first survey", at=at, **more)


# --- records ----------------------------------------------------------------------------------------


@few
@given(records=site_lists())
def test_a_record_comes_out_of_the_registry_as_it_went_in(fresh, records):
    registry = fresh()

    put(registry, *records)

    assert [bare(site) for site in registry.sites()] == [bare(site) for site in records]
    assert [bare(registry.site(site.id)) for site in records] == [bare(site) for site in records]


@few
@given(records=site_lists())
def test_what_a_revision_says_of_a_whole_record_is_the_whole_record(records):
    for record in records:
        assert row_said(whole(row_of(record))) == row_of(record)
        assert bare(site_of((*row_of(record), 0, "2026-01-01T00:00:00+00:00", None, None))) == bare(record)


def test_a_site_carries_the_version_the_time_the_hand_and_the_reason_of_its_last_change(registry):
    registry.commit([station()], who="王芳", why="普查", at=MORNING)

    site = registry.site("s1")

    assert (site.version, site.updated_at, site.updated_by, site.reason) == (1, MORNING, "王芳", "普查")


def test_names_are_stored_with_their_reading(registry):
    put(registry, station(name="什刹海驿站"))

    with registry.view() as view:
        assert view.readings_of(["s1"])["s1"].startswith("shi cha hai yi zhan")


@pytest.mark.parametrize("fields", [{"id": ""}, {"kind": ""}, {"accuracy_m": float("nan")}, {"name": "a\0b"},
                                    {"aliases": ("a\0b",)}, {"phone": "\ud800"}, {"facilities": {"water": "\ud800"}}])
def test_what_no_database_could_give_back_is_refused(registry, fields):
    with pytest.raises(BadValue):
        put(registry, station(2), station(**fields))

    assert registry.version() == 0
    assert list(registry.sites()) == []


def test_a_backslash_and_u0000_that_somebody_wrote_is_text_like_any_other(registry):
    put(registry, station(name="\\u0000", aliases=("\\u0000", "\\\\u0000")))

    assert registry.site("s1").aliases == ("\\u0000", "\\\\u0000")


@pytest.mark.parametrize("fields", [{"lon": 180.1}, {"lat": -91.0}, {"lon": float("inf")}, {"entrance_lat": 116.4}])
def test_a_coordinate_out_of_range_is_refused(registry, fields):
    with pytest.raises((BadCoordinate, BadValue)):
        put(registry, station(**fields))


# --- commits ----------------------------------------------------------------------------------------


def test_a_commit_is_one_version_however_many_sites_it_touches(registry):
    first = put(registry, station(1), station(2))
    second = put(registry, station(2, phone="010-1"), station(3), station(1))

    assert (first.version, first.created) == (1, 2)
    assert (second.version, second.created, second.changed, second.unchanged) == (2, 1, 1, 1)
    assert [(s.id, s.version) for s in registry.sites()] == [("s1", 1), ("s2", 2), ("s3", 2)]


def test_committing_the_same_again_makes_no_version_and_no_revision(registry):
    put(registry, station(facilities={"water": "yes", "rest": "no"}))

    again = put(registry, station(facilities={"rest": "no", "water": "yes"}))

    assert (again.version, again.unchanged) == (1, 1)
    assert registry.version() == 1
    assert len(registry.history("s1")) == 1


def test_a_commit_of_nothing_changes_nothing(registry):
    assert put(registry).version == 0


def test_one_id_with_two_contents_in_one_commit_is_refused(registry):
    with pytest.raises(BadValue) as refusal:
        put(registry, station(), station(phone="010-1"))

    assert refusal.value.value == "s1"
    assert registry.version() == 0


def test_a_commit_that_fails_half_way_leaves_nothing(registry):
    def records():
        yield station(1)
        raise RuntimeError("the spreadsheet ended")

    put(registry, station(9))

    with pytest.raises(RuntimeError):
        registry.commit(records(), who="li", why="import")

    assert [site.id for site in registry.sites()] == ["s9"]


@pytest.mark.parametrize("said", [{"who": " "}, {"why": ""}])
def test_a_commit_must_say_who_and_why(registry, said):
    with pytest.raises(BadValue):
        registry.commit([station()], **{"who": "li", "why": "survey", **said})


def test_a_commit_before_the_last_one_is_refused(registry):
    put(registry, station(), at=MORNING)

    with pytest.raises(BadTime):
        put(registry, station(2), at=MORNING - timedelta(seconds=1))


def test_progress_ends_with_all_of_it(registry):
    told = []

    registry.commit([station(i) for i in range(1200)], who="li", why="import", progress=lambda *at: told.append(at))

    assert told[-1] == (1200, 1200)
    assert told == sorted(told)
    assert len(told) > 1


# --- two at once ------------------------------------------------------------------------------------


def test_who_changes_what_somebody_else_has_changed_meanwhile_is_told(registry):
    put(registry, station())
    mine = registry.site("s1")
    put(registry, station(phone="theirs"))

    with pytest.raises(Conflict):
        put(registry, dataclasses.replace(mine, phone="mine"), expected_versions={"s1": mine.version})

    assert registry.site("s1").phone == "theirs"


def test_who_changes_what_nobody_else_has_changed_may(registry):
    put(registry, station())
    put(registry, station(2))

    put(registry, station(phone="mine"), expected_versions={"s1": 1})

    assert registry.site("s1").phone == "mine"


def test_a_new_site_is_expected_at_version_nought(registry):
    put(registry, station(), expected_versions={"s1": 0})

    with pytest.raises(Conflict):
        put(registry, station(phone="again"), expected_versions={"s1": 0})


def test_no_change_of_many_writers_is_lost(registry):
    put(registry, station(capacity=0))

    def add_ten():
        for _ in range(10):
            while True:
                now = registry.site("s1")
                try:
                    put(registry, dataclasses.replace(now, capacity=now.capacity + 1), expected_versions={"s1": now.version})
                    break
                except Conflict:
                    continue

    writers = [threading.Thread(target=add_ten) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert registry.site("s1").capacity == 30
    assert registry.version() == 31


def test_a_reader_keeps_its_version_while_others_write(registry):
    put(registry, *[station(i) for i in range(3)])

    with registry.view() as view:
        before = view.version()
        put(registry, station(7))
        assert view.version() == before
        assert view.count() == 3
    assert registry.version() == before + 1


# --- removing ---------------------------------------------------------------------------------------


def test_removing_leaves_a_tombstone_and_the_history(registry):
    put(registry, station(1), station(2))

    assert registry.remove(["s1"], who="li", why="moved away") == 1

    assert [site.id for site in registry.sites()] == ["s2"]
    assert registry.site("s1") is None
    assert [r.action for r in registry.history("s1")] == ["create", "remove"]
    assert registry.history("s1")[-1].before["name"] == "第1暖心驿站"
    assert registry.changed_since(1).removed == ["s1"]


def test_removing_twice_is_removing_once(registry):
    put(registry, station())
    registry.remove(["s1", "s1"], who="li", why="gone")

    assert registry.remove(["s1"], who="li", why="gone") == 0
    assert registry.version() == 2


def test_removing_what_never_was_is_refused_and_removes_nothing(registry):
    put(registry, station())

    with pytest.raises(NotThere):
        registry.remove(["s1", "s404"], who="li", why="gone")

    assert registry.site("s1") is not None


def test_a_removed_site_can_be_reinstated_as_it_was_and_comes_last(registry):
    put(registry, station(1, phone="010-1"), station(2))
    registry.remove(["s1"], who="li", why="gone")

    assert registry.reinstate(["s1"], who="wang", why="it was not") == 1

    assert [site.id for site in registry.sites()] == ["s2", "s1"]
    assert bare(registry.site("s1")) == station(1, phone="010-1")
    assert registry.changed_since(0).removed == []


def test_committing_a_removed_site_reinstates_it(registry):
    put(registry, station())
    registry.remove(["s1"], who="li", why="gone")

    commit = put(registry, station())

    assert (commit.created, commit.changed, commit.reinstated) == (0, 0, 1)
    assert [r.action for r in registry.history("s1")] == ["create", "remove", "reinstate"]


# --- history ----------------------------------------------------------------------------------------


def test_every_change_says_who_when_why_and_what_was_before_and_after(registry):
    put(registry, station(facilities={"water": "yes"}), at=MORNING)
    registry.commit([station(phone="010-1")], who="wang", why="called", at=MORNING + timedelta(days=1))

    created, changed = registry.history("s1")

    assert (created.version, created.at, created.who, created.why, created.action) == (
        1, MORNING, "li", "first survey", "create")
    assert created.before is None
    assert created.after["facilities"] == {"water": "yes"}
    assert (changed.who, changed.why, changed.action) == ("wang", "called", "change")
    assert changed.before == {"phone": None, "facilities": {"water": "yes"}}
    assert changed.after == {"phone": "010-1", "facilities": None}


def test_the_history_of_a_site_that_never_was_is_empty(registry):
    assert registry.history("s404") == []


def test_as_it_was_on_a_day_is_as_it_was_at_the_end_of_that_day_in_beijing(registry):
    put(registry, station(phone="old"), at=datetime(2026, 3, 4, 15, 59, tzinfo=UTC))  # 23:59 in Beijing
    put(registry, station(phone="new"), at=datetime(2026, 3, 4, 16, 0, tzinfo=UTC))

    assert registry.site("s1", on=date(2026, 3, 3)) is None
    assert registry.site("s1", on=date(2026, 3, 4)).phone == "old"
    assert registry.site("s1", on=date(2026, 3, 5)).phone == "new"
    assert registry.site("s1", on=datetime(2026, 3, 4, 23, 59, 30)).phone == "old"  # noqa: DTZ001 - Beijing's clock


@few
@given(versions=st.lists(st.tuples(site_lists(most=3), st.booleans()), max_size=5))
def test_the_registry_is_at_every_past_instant_what_it_was_then(fresh, versions):
    registry = fresh()
    then, instants = {}, []
    ids = ["a", "b", "c"]
    for number, (records, removing) in enumerate(versions):
        at = MORNING + timedelta(hours=number)
        present = [site.id for site in registry.sites()]
        if removing and present:
            registry.remove(present[:1], who="li", why="gone", at=at)
        else:
            registry.commit([dataclasses.replace(r, id=i) for r, i in zip(records, ids, strict=False)],
                            who="li", why="change", at=at)
        then[at] = {site.id: site for site in registry.sites()}
        instants.append(at)

    assert list(registry.sites(on=MORNING - timedelta(seconds=1))) == []
    for at in instants:
        assert {site.id: site for site in registry.sites(on=at)} == then[at]
        assert {i: registry.site(i, on=at) for i in ids if registry.site(i, on=at)} == then[at]
    assert registry.check(VOCABULARY) == [] or all(f.field not in ("history", "version") for f in registry.check(VOCABULARY))


def test_what_changed_since_a_version_is_what_is_new_and_what_is_gone(registry):
    put(registry, station(1), station(2), station(3))
    put(registry, station(4), station(2, phone="010-2"))
    registry.remove(["s3"], who="li", why="gone")

    changed, removed = registry.changed_since(1)

    assert ([s.id for s in changed], removed) == (["s2", "s4"], ["s3"])
    assert registry.changed_since(3) == ([], [])


# --- opening ----------------------------------------------------------------------------------------


def test_a_home_without_a_registry_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(NotBuilt) as refusal:
        Registry.open(tmp_path)

    assert "nuanxin init" in refusal.value.words.zh
    assert "nuanxin init" in refusal.value.words.en
    assert not (tmp_path / database.FILE).exists()


def test_an_init_that_was_killed_before_it_began_is_not_a_registry_yet(tmp_path):
    (tmp_path / database.FILE).touch()

    with pytest.raises(NotBuilt):
        Registry.open(tmp_path)

    assert Registry.open(tmp_path, create=True).version() == 0


def test_making_a_registry_twice_keeps_what_is_in_it(tmp_path):
    with Registry.open(tmp_path, create=True) as registry:
        put(registry, station())

    with Registry.open(tmp_path, create=True) as registry:
        assert registry.site("s1") is not None


@pytest.mark.parametrize(("found", "says"), [("0000", "nuanxin init"), ("9999", "upgrade")])
def test_a_schema_of_another_program_is_refused_with_what_to_do(tmp_path, found, says):
    Registry.open(tmp_path, create=True).close()
    with closing(sqlite3.connect(tmp_path / database.FILE)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (found,))

    with pytest.raises(NotBuilt, match=says):
        Registry.open(tmp_path)


def test_a_file_that_is_no_registry_is_refused(tmp_path):
    (tmp_path / database.FILE).write_text("this is a spreadsheet, really" * 100)

    with pytest.raises(Unavailable):
        Registry.open(tmp_path)


def test_another_file_can_be_named_by_its_url(tmp_path):
    with Registry.open(tmp_path, database=f"sqlite:///{tmp_path / 'other.sqlite'}", create=True) as registry:
        put(registry, station())

    assert not (tmp_path / database.FILE).exists()
    assert (tmp_path / "other.sqlite").exists()


def test_reading_needs_neither_sqlalchemy_nor_alembic(tmp_path):
    with Registry.open(tmp_path, create=True) as registry:
        put(registry, station())
    asked = ("import sys; from pathlib import Path; from geodata.registry import Registry;"
             "list(Registry.open(Path(sys.argv[1])).sites());"
             "sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'alembic', 'pypinyin', 'geopandas')))")

    assert subprocess.run([sys.executable, "-c", asked, str(tmp_path)], check=False).returncode == 0


# --- schema -----------------------------------------------------------------------------------------


def test_the_migrations_make_exactly_the_tables_of_the_schema(tmp_path):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    from geodata.registry.schema import metadata

    Registry.open(tmp_path, create=True).close()
    engine = create_engine(f"sqlite:///{tmp_path / database.FILE}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_newest_migration_is_the_schema_this_program_reads(tmp_path):
    from pathlib import Path

    from alembic.script import ScriptDirectory

    migrations = Path(database.__file__).parent / "migrations"

    assert ScriptDirectory(str(migrations)).get_heads() == [database.SCHEMA]


def test_the_database_writes_ahead_and_checks_its_keys(registry, tmp_path):
    with closing(sqlite3.connect(tmp_path / database.FILE)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with registry._database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


# --- trouble ----------------------------------------------------------------------------------------


def test_a_registry_that_somebody_else_is_writing_is_refused_in_time(registry, tmp_path, monkeypatch):
    put(registry, station())
    registry.close()
    monkeypatch.setattr(database, "_BUSY_MS", 50)
    with closing(sqlite3.connect(tmp_path / database.FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(Unavailable) as refusal, Registry.open(tmp_path) as late:
            put(late, station(2))

        assert "locked" in str(refusal.value)
        assert [site.id for site in registry.sites()] == ["s1"]  # reading waits for nobody


def test_a_full_disk_is_a_refusal_and_nothing_is_written(registry):
    put(registry, station())
    with registry._database.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")

    with pytest.raises(Unavailable) as refusal:
        registry.commit([station(i) for i in range(2, 3000)], who="li", why="import")

    assert "full" in str(refusal.value)
    assert [site.id for site in registry.sites()] == ["s1"]
    assert registry.check(VOCABULARY) == []


def import_for_ever(home, answers):
    registry = Registry.open(home)
    for phone in itertools.count():
        sites = [station(number, phone=f"{os.getpid()}-{phone}") for number in range(200)]
        os.write(answers, b"%d\n" % registry.commit(sites, who="li", why="import").version)


def test_killing_an_import_at_any_moment_leaves_whole_imports_only(tmp_path):
    Registry.open(tmp_path, create=True).close()
    with Registry.open(tmp_path) as registry:
        put(registry, *[station(number) for number in range(200)])
    moments = random.Random(20260304)
    answered = 0
    for _ in range(20):
        reading, answers = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                import_for_ever(tmp_path, answers)
            finally:
                os._exit(1)
        os.close(answers)
        time.sleep(moments.uniform(0.0, 0.4))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reading) as told:
            answered = max([answered, *map(int, told.read().split())])

        with Registry.open(tmp_path) as registry, registry.view() as view:
            sites = list(view.sites())
            assert view.damage() == []
            assert view.version() >= answered  # nothing acknowledged is lost
            assert len(sites) == 200
            assert len({site.phone for site in sites}) == 1  # nothing half done is seen
            assert {site.version for site in sites} == {view.version()}
    assert answered > 1
    with Registry.open(tmp_path) as registry:
        assert registry.check(VOCABULARY) == []


# --- checking ---------------------------------------------------------------------------------------


def areas():
    return AreaTree([Area("110101", Words("东城区", "Dongcheng"), None, "district")])


def test_a_sound_registry_has_no_findings(registry):
    put(registry, station(1, district_code="110101"), station(2, slots=(Slot("Mo-Fr", "staffed"),)))
    put(registry, station(1, district_code="110101", phone="010-1"))
    registry.remove(["s2"], who="li", why="gone")

    assert registry.check(VOCABULARY, areas()) == []


@pytest.mark.parametrize(("fields", "field"), [
    ({"kind": "pub"}, "kind"), ({"facilities": {"jacuzzi": "yes"}}, "facilities"), ({"lat": None}, "lon"),
    ({"facilities": {"water": "maybe"}}, "facilities.water"), ({"district_code": "999999"}, "district_code"),
    ({"slots": (Slot("Mo-Fr", "by_magic"),)}, "slots"), ({"lon": None, "lat": None}, "lon"),
])
def test_what_the_vocabulary_the_areas_or_the_map_do_not_have_is_found(registry, fields, field):
    put(registry, station(**fields))

    assert [(f.site_id, f.field) for f in registry.check(VOCABULARY, areas())] == [("s1", field)]


@pytest.mark.parametrize("meddling", [
    "UPDATE sites SET phone = 'meddled' WHERE id = 's1'",
    "UPDATE sites SET version = 1 WHERE id = 's1'",
    "UPDATE sites SET removed = 1 WHERE id = 's1'",
    "DELETE FROM revisions WHERE site_id = 's1' AND version = 2",
    "DELETE FROM revisions WHERE site_id = 's1'",
    "DELETE FROM commits WHERE version = 2",
    "UPDATE commits SET at = '2000-01-01T00:00:00.000000+00:00' WHERE version = 2",
    "UPDATE revisions SET before = '{\"phone\":\"other\"}' WHERE site_id = 's1' AND version = 3",
    "UPDATE revisions SET after = 'no json' WHERE site_id = 's1' AND version = 3",
    "UPDATE sites SET facilities = 'no json' WHERE id = 's1'",
    "UPDATE sites SET reading = '' WHERE id = 's1'",
])
def test_what_was_changed_behind_the_registrys_back_is_found(registry, tmp_path, meddling):
    put(registry, station(1), station(2))
    put(registry, station(1, phone="a"))
    put(registry, station(1, phone="b"))
    assert registry.check(VOCABULARY) == []
    with closing(sqlite3.connect(tmp_path / database.FILE)) as connection, connection:
        assert connection.execute(meddling).rowcount

    found = registry.check(VOCABULARY)

    assert found
    assert all(f.zh and f.en for f in found)
