"""The builders of addresses that tests keep: those of a rule are what it would compile itself, for every rule of the product."""

from __future__ import annotations

from tests.conftest import builders


def test_a_kept_builder_is_the_one_that_the_rule_would_compile(client):
    for rule in client.application.url_map.iter_rules():
        for append_unknown in (True, False):
            kept, fresh = builders(rule, append_unknown), builders.compile(rule, append_unknown)
            assert (kept.__code__.co_code, kept.__code__.co_consts) == (fresh.__code__.co_code, fresh.__code__.co_consts)
            assert (kept.__defaults__, kept.__kwdefaults__) == (fresh.__defaults__, fresh.__kwdefaults__)
