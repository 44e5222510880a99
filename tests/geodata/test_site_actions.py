"""Suspending, closing, reinstating and verifying: what each changes, and when it may be done."""

from __future__ import annotations

from datetime import date

import pytest

from geodata.registry import Registry
from geodata.site_actions import ACTIONS, acted, offered, status_before
from locator.errors import BadValue
from tests.conftest import a_site

TODAY = date(2026, 3, 4)


def after(site, action, **more):
    return acted(site, action, who="li", today=TODAY, **more)


@pytest.mark.parametrize(("action", "was", "becomes"), [
    ("suspend", "active", "suspended"), ("close", "active", "closed"), ("close", "suspended", "closed"), ("close", "draft", "closed"),
    ("reinstate", "suspended", "active"), ("reinstate", "closed", "active")])
def test_an_action_changes_the_state_and_nothing_else(action, was, becomes):
    assert after(a_site(status=was), action, before="active") == a_site(status=becomes)


@pytest.mark.parametrize(("action", "was"), [("suspend", "draft"), ("suspend", "suspended"), ("close", "closed"), ("reinstate", "active"),
                                             ("reinstate", "draft"), ("verify", "closed")])
def test_an_action_that_the_state_does_not_allow_is_refused_and_not_offered(action, was):
    assert action not in offered(a_site(status=was))
    with pytest.raises(BadValue, match="status"):
        after(a_site(status=was), action)


@pytest.mark.parametrize("status", ["draft", "submitted", "active", "suspended", "closed", "planned"])
def test_every_action_that_is_offered_can_be_done(status):
    for action in ACTIONS:
        if action in offered(a_site(status=status)):
            assert after(a_site(status=status), action) is not None


def test_verifying_says_who_when_and_how_and_keeps_a_next_check_that_is_to_come():
    site = after(a_site(next_check_on=date(2026, 9, 1)), "verify", how="phone")

    assert (site.verified_on, site.verified_by, site.verified_how, site.next_check_on) == (TODAY, "li", "phone", date(2026, 9, 1))
    assert after(a_site(next_check_on=date(2026, 1, 1)), "verify").next_check_on is None
    assert after(a_site(), "verify", next_check_on=date(2027, 3, 4)).next_check_on == date(2027, 3, 4)


def test_what_a_site_was_before_it_was_stopped_is_in_its_history(tmp_path):
    with Registry.open(tmp_path, create=True) as registry:
        for status in ("draft", "active", "suspended", "closed"):
            registry.commit([a_site(status=status)], who="li", why="x")
        registry.commit([a_site(status="closed", name="别名")], who="li", why="x")

        assert status_before(registry.history("s1")) == "active"
        assert status_before([]) == "draft"


def test_sites_are_found_by_their_keys(tmp_path):
    with Registry.open(tmp_path, create=True) as registry:
        registry.commit([a_site(1, station_code="A1"), a_site(2, source="区", source_id="7"), a_site(3, source_id="7"),
                         a_site(4, station_code="B1")], who="li", why="x")
        registry.remove(["s4"], who="li", why="x")
        with registry.view() as view:
            assert view.keyed(station_code="A1") == ["s1"]
            assert view.keyed(station_code="B1") == []
            assert view.keyed(source="区", source_id="7") == ["s2"]
            assert view.keyed(source_id="7") == ["s3"]
            assert view.keyed() == []
