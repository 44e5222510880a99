"""init, demo, areas, calendar, check: what they do, and how every command ends."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date

import click
import pytest

from geodata import calendar, demo
from geodata.areas import Areas
from locator.errors import BadValue
from scripts import cli


@pytest.fixture
def few_demonstrations(monkeypatch):
    """The places that reports name stand for the whole demonstration, which takes seconds."""
    named = demo.named(Areas.load())
    monkeypatch.setattr(demo, "sites", lambda _words, _areas: iter(named))
    return named


def test_init_makes_a_registry_and_again_changes_nothing(own):
    before = own.answer("nearest", "116.4", "39.9", "--at", "2026-03-04")

    done = own("init")

    assert done.exit_code == 0
    assert done.stdout == ""
    assert own.version() == 1
    assert own.answer("nearest", "116.4", "39.9", "--at", "2026-03-04") == before


def test_init_makes_the_folders_above_its_home(empty, tmp_path):
    assert empty("init", home=tmp_path / "a" / "b").exit_code == 0
    assert (tmp_path / "a" / "b" / "registry.sqlite").exists()


@pytest.mark.parametrize("words", [("init",), ("nearest", "116", "39"), ("check",), ("search", "x"), ("demo", "remove"), ("serve",)])
def test_a_home_that_is_a_file_is_refused(asked, tmp_path, words):
    (tmp_path / "file").write_text("mine")

    done = asked(*words, home=tmp_path / "file")

    assert done.exit_code == 1
    assert "must be a directory" in done.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_a_home_that_cannot_be_made_is_refused(asked):
    done = asked("init", home="/proc/nuanxin")

    assert done.exit_code == 1
    assert "/proc/nuanxin" in done.stderr


def test_a_home_that_holds_something_else_is_refused(asked, tmp_path):
    (tmp_path / "registry.sqlite").write_bytes(b"not a database, but long enough to be taken for one" * 40)

    for words in (("nearest", "116", "39"), ("init",), ("check",)):
        done = asked(*words, home=tmp_path)
        assert done.exit_code == 1, done.output
        assert "registry" in done.stderr


def test_a_database_url_that_is_none_is_refused_without_showing_a_password(asked, monkeypatch):
    monkeypatch.setenv("NUANXIN_DATABASE", "no-such-database://me:secret@host/x")

    done = asked("check")

    assert done.exit_code == 1
    assert "NUANXIN_DATABASE" in done.stderr
    assert "secret" not in done.output


# --- demo -------------------------------------------------------------------------------------------


def test_the_demonstration_comes_once_and_goes_whole_beside_own_sites(own, few_demonstrations):
    assert own("init", "--demo").exit_code == 0
    loaded = own.version()
    assert own("demo", "load").exit_code == 0
    assert own.version() == loaded
    assert any(site["demo"] for site in own.answer("nearest", "116.4", "39.93")["sites"])

    gone = own("demo", "remove")

    with own.registry as registry:
        assert {site.station_code for site in registry.sites()} == {"a1", "a2", "a3", "a4"}
        assert registry.history(few_demonstrations[0].id)[-1].action == "remove"
    assert str(len(few_demonstrations)) in gone.stderr
    assert own("check").exit_code == 0


def test_removing_no_demonstration_changes_nothing(own):
    version = own.version()

    assert own("demo", "remove").exit_code == 0
    assert own.version() == version


def test_a_demonstration_that_was_taken_out_does_not_come_back_with_init(own, few_demonstrations):
    for words in (("init", "--demo"), ("demo", "remove"), ("init", "--demo")):
        assert own(*words).exit_code == 0

    with own.registry as registry:
        assert not registry.has_demo()


def test_the_demonstration_can_come_again(own, few_demonstrations):
    for words in (("load",), ("remove",), ("load",)):
        assert own("demo", *words).exit_code == 0

    with own.registry as registry:
        assert registry.has_demo()


# --- areas, calendar, check -------------------------------------------------------------------------


def test_areas_are_listed_under_a_code_or_a_name(asked):
    assert "北京市" in asked("areas", "list").stdout
    by_name, by_code = asked.answer("areas", "list", "北京")["areas"], asked.answer("areas", "list", "110000")["areas"]

    assert by_name == by_code
    assert {"110101", "110105"} <= {area["code"] for area in by_name}
    assert asked("areas", "list", "110101001").stdout.strip() == "没有下级。"


def test_areas_are_listed_in_every_format(asked):
    lines = asked("areas", "list", "110000", "--format", "csv").stdout.splitlines()
    points = json.loads(asked("areas", "list", "110000", "--format", "geojson").stdout)

    assert len(lines) == 1 + len(points["features"])
    assert "Dongcheng" in asked("--language", "en", "areas", "list", "110000").stdout


def test_an_unknown_area_is_refused_with_the_nearest(asked):
    done = asked("areas", "list", "东城取")

    assert done.exit_code == 1
    assert "110101" in done.stderr


def _square(code, west, **properties):
    ring = [[west, 34.7], [west + 0.1, 34.7], [west + 0.1, 34.8], [west, 34.8], [west, 34.7]]
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def test_another_citys_areas_are_loaded_and_listed(own, tmp_path):
    (tmp_path / "city.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [
        _square("410102", 113.5, name="中原区"), _square("410103", 113.6, name="二七区")]}), "utf-8")

    done = own("areas", "load", str(tmp_path / "city.geojson"))

    assert done.exit_code == 0, done.output
    assert {"410102", "410103"} <= {area["code"] for area in own.answer("areas", "list")["areas"]}


@pytest.mark.parametrize("text", [None, "{", '{"type": "FeatureCollection", "features": []}',
                                  json.dumps({"type": "FeatureCollection", "features": [_square("1", 113.5)]})])
def test_a_bad_file_of_areas_is_refused_and_changes_nothing(own, tmp_path, text):
    if text is not None:
        (tmp_path / "city.geojson").write_text(text, "utf-8")

    done = own("areas", "load", str(tmp_path / "city.geojson"))

    assert done.exit_code == 1, done.output
    assert "city.geojson" in done.stderr
    assert not (own.home / "areas").exists()


def test_the_calendar_says_until_when_it_speaks(asked):
    done = asked("calendar", "check")

    last = calendar.load().last
    assert str(last) in done.stdout
    assert done.exit_code == (0 if date.today() <= last else 1)  # noqa: DTZ011 - a day more or less does not matter


def test_a_calendar_that_has_ended_ends_with_status_one(asked, monkeypatch):
    ended = calendar.check(calendar.load(), date(2099, 1, 1))
    monkeypatch.setattr(calendar, "check", lambda *_: ended)

    done = asked("calendar", "check")

    assert done.exit_code == 1
    assert "2099" not in done.stdout


def test_check_finds_a_record_that_was_changed_behind_the_registrys_back(own):
    assert own("check").exit_code == 0
    with closing(sqlite3.connect(own.home / "registry.sqlite")) as database, database:
        database.execute("UPDATE sites SET kind = 'no_such_kind' WHERE station_code = 'a1'")

    done = own("check")

    assert done.exit_code == 1
    assert "no_such_kind" in done.stdout


# --- how commands end -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", *cli.COMMANDS])
def test_every_command_explains_itself_in_chinese_and_english(asked, name):
    done = asked(*filter(None, (name, "--help")))

    assert done.exit_code == 0
    assert any("一" <= c <= "鿿" for c in done.stdout)
    assert "Usage" in done.stdout


def every_command(command, path=()):
    yield path, command
    for name in command.list_commands(click.Context(command)) if isinstance(command, click.Group) else ():
        yield from every_command(command.get_command(click.Context(command), name), (*path, name))


def test_every_sub_command_and_every_option_is_told_in_both_languages():
    commands = dict(every_command(cli.group))
    said = {path: command.help for path, command in commands.items()} | {
        (*path, option.name): option.help for path, command in commands.items() for option in command.params if isinstance(option, click.Option)}

    assert len(said) > 100
    assert {path for path, text in said.items() if not re.search("[一-鿿].*[a-z]{2}", text or "", re.DOTALL)} == set()


def test_no_command_and_a_group_without_one_are_wrong_usage(asked):
    for words in ((), ("demo",), ("areas",), ("demo", "lode")):
        assert asked(*words).exit_code == 2


def test_the_version_is_said(asked):
    done = asked("--version")

    assert done.exit_code == 0
    assert done.stdout.startswith("nuanxin")


def test_a_fault_of_the_program_is_one_sentence_and_names_where(asked, monkeypatch):
    def broken(*_args, **_options):
        raise ZeroDivisionError("by accident")

    monkeypatch.setattr("scripts.settings.Settings.atlas", broken)
    done = asked("search", "x")

    assert done.exit_code == 1
    assert "ZeroDivisionError: by accident (test_commands.py:" in done.stderr


def test_a_refusal_is_said_in_both_languages(asked, monkeypatch):
    def refuse(*_args, **_options):
        raise BadValue("字段", "值\x1b[2J", zh="不行", en="no")

    monkeypatch.setattr("scripts.settings.Settings.atlas", refuse)
    done = asked("search", "x")

    assert done.exit_code == 1
    assert done.stderr == "字段 '值�[2J': 不行\n字段 '值�[2J': no\n"


def test_the_homes_place_and_the_language_come_from_the_environment(own, monkeypatch):
    from click.testing import CliRunner

    monkeypatch.setenv("NUANXIN_HOME", str(own.home))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")

    done = CliRunner().invoke(cli.group, ["nearest", "116.4", "39.9"])

    assert done.exit_code == 0
    assert "on arrival" in done.stdout


def test_check_compares_a_running_server_with_the_registry_site_by_site(own):
    from locator.sites import Sites
    from tests.web.offices import served
    from web import create_app

    app = create_app({"home": own.home, "poll_s": 0.1})
    assert app.extensions["atlas"].wait(30)
    with served(app) as address:
        assert own("check", "--server", address).exit_code == 0
        with own.registry as registry:
            changed = next(registry.sites())
            registry.commit([replace(changed, address="新地址")], who="t", why="t")
        assert own("check", "--server", address).exit_code == 0  # it waits for the server to see it

        app.extensions["atlas"].stop()
        atlas = app.extensions["atlas"].held.atlas
        lying = [replace(site, address="说谎") if site.id == changed.id else site for site in atlas.sites]
        atlas.sites = Sites.of(lying, atlas.vocabulary)
        found = own("check", "--server", address)
        assert found.exit_code == 1
        assert changed.id in found.stdout
        assert "说谎" in found.stdout

    gone = own("check", "--server", address)
    assert gone.exit_code == 1
    assert "--server" in gone.stderr



def test_a_parent_that_does_not_exist_is_found(own):
    with own.registry as registry:
        registry.commit([replace(next(registry.sites()), parent_id="nobody")], who="t", why="t")

    found = own("check")

    assert found.exit_code == 1
    assert "parent_id 'nobody'" in found.stdout
