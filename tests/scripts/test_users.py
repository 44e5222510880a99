"""`nuanxin user`, `token` and `audit`: the first administrator, keys of programs, the log."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from geodata.registry import Registry
from scripts.users import now


def test_the_first_administrator_gets_a_one_time_code_and_no_default_password(empty):
    done = empty("user", "add", "Wang", "--role", "city")

    assert done.exit_code == 0, done.output
    with Registry.open(empty.home) as registry:
        wang = registry.accounts.invited(done.stdout.strip(), now())
        assert (wang.name, wang.role, wang.area, wang.password) == ("wang", "city", "110000", None)
        assert [(e.who, e.action, e.object) for e in registry.audit.entries()] == [("command line", "account_add", "wang")]


def test_the_link_to_choose_a_password_is_that_of_the_settings_file_and_under_its_prefix(empty):
    (empty.home / "settings.toml").write_text('public_url = "https://nuanxin.example.org"\npath_prefix = "/nuanxin"\n', "utf-8")

    done = empty("user", "add", "wang", "--role", "city")

    assert f"https://nuanxin.example.org/nuanxin/invite?code={done.stdout.strip()}" in done.stderr


def test_an_area_is_named_by_code_or_name_and_must_suit_the_role(empty):
    assert empty("user", "add", "a1", "--role", "district", "--area", "东城区").exit_code == 0
    assert empty("user", "add", "a2", "--role", "street", "--area", "110101001").exit_code == 0

    for words, said in ((("--role", "district"), "--area"), (("--role", "district", "--area", "110000"), "110000"),
                        (("--role", "street", "--area", "nowhere"), "nowhere"), (("--role", "city", "--area", "八里庄街道"), "八里庄街道")):
        refused = empty("user", "add", "b1", *words)
        assert refused.exit_code == 1, words
        assert said in refused.stderr
    assert empty("user", "add", "a1", "--role", "city").exit_code == 1
    assert [a["name"] for a in json.loads(empty("user", "list", "--format", "json").stdout)["accounts"]] == ["a1", "a2"]


def test_an_operator_of_the_hotline_answers_the_whole_city_unless_an_area_is_named(empty):
    assert empty("user", "add", "h1", "--role", "hotline").exit_code == 0
    assert empty("user", "add", "h2", "--role", "hotline", "--area", "东城区").exit_code == 0

    assert [a["area"] for a in json.loads(empty("user", "list", "--format", "json").stdout)["accounts"]] == ["110000", "110101"]


def test_an_account_is_stopped_let_in_again_and_given_a_new_code(empty):
    first = empty("user", "add", "li", "--role", "city").stdout.strip()

    second = empty("user", "password", "LI").stdout.strip()
    with Registry.open(empty.home) as registry:
        assert registry.accounts.invited(first, now()) is None
        assert registry.accounts.invited(second, now()).name == "li"
    assert empty("user", "disable", "li").exit_code == 0
    assert "停用" in empty("user", "list").stdout
    assert empty("user", "enable", "li").exit_code == 0
    assert "待设密码" in empty("user", "list").stdout
    for command in ("disable", "enable", "password"):
        assert empty("user", command, "nobody").exit_code == 1


def test_a_token_is_shown_once_and_revoked_by_its_beginning(empty):
    empty("user", "add", "li", "--role", "district", "--area", "110101")

    token = empty("token", "add", "li", "--scope", "import", "--area", "110101001", "--days", "7", "--label", "导入程序").stdout.strip()

    listed = json.loads(empty("token", "list", "--format", "json").stdout)["tokens"]
    assert [(t["prefix"], t["scope"], t["area"], t["label"], t["good"]) for t in listed] == [
        (token[:9], "import", "110101001", "导入程序", True)]
    with Registry.open(empty.home) as registry:
        assert registry.tokens.find(token, now()).grant.within == "110101001"
        assert registry.tokens.find(token, now() + timedelta(days=7)) is None
    assert token not in empty("token", "list").stdout
    assert empty("token", "revoke", token[:9]).exit_code == 0
    assert json.loads(empty("token", "list", "--format", "json").stdout)["tokens"][0]["good"] is False
    assert empty("token", "revoke", "nx_other1").exit_code == 1


@pytest.mark.parametrize("words", [("nobody",), ("li", "--area", "110105"), ("stopped",)])
def test_a_token_is_for_an_account_in_use_and_for_a_part_of_its_area(empty, words):
    empty("user", "add", "li", "--role", "district", "--area", "110101")
    empty("user", "add", "stopped", "--role", "district", "--area", "110101")
    empty("user", "disable", "stopped")

    assert empty("token", "add", *words).exit_code == 1


def test_the_log_tells_what_the_command_line_did_and_keeps_180_days(empty):
    empty("user", "add", "li", "--role", "city")
    empty("token", "add", "li")

    told = json.loads(empty("audit", "list", "--format", "json").stdout)["entries"]

    assert [e["action"] for e in told] == ["token_add", "account_add"]
    assert [e["action"] for e in json.loads(empty("audit", "list", "--action", "token_add", "--format", "json").stdout)["entries"]] == ["token_add"]
    assert empty("audit", "prune", "--keep", "179").exit_code == 1
    assert empty("audit", "prune").exit_code == 0
    assert "prune" in empty("audit", "list").stdout
