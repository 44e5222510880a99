"""`nuanxin reports`, and what a report does to an answer on the command line."""

from __future__ import annotations

import json
from datetime import timedelta

from geodata.registry import Registry
from geodata.registry.reports import KEPT
from geodata.reporting import NewReport
from scripts.users import now
from tests.conftest import a_site


def test_prune_empties_what_is_older_than_180_days_and_says_how_many(empty):
    with Registry.open(empty.home) as registry:
        registry.commit([a_site(1)], who="t", why="t")
        for age in (KEPT + timedelta(hours=1), timedelta(0)):
            registry.reports.file("s1", NewReport("locked", now() - age, note="字"), now=now() - age)

    done = empty("reports", "prune")

    assert done.exit_code == 0, done.output
    assert "1 reports older than 180 days" in done.stderr
    with Registry.open(empty.home) as registry:
        assert [r.note for r in registry.reports.entries()] == ["字", None]
    assert "0 reports" in empty("reports", "prune").stderr


def test_the_command_line_tells_the_confidence_that_the_api_tells(empty):
    with Registry.open(empty.home) as registry:
        registry.commit([a_site(1, verified_on=now().date(), verified_how="visit")], who="t", why="t", at=now() - timedelta(hours=1))
        for phone in "ab":
            registry.reports.file("s1", NewReport("moved", now(), token=phone * 20), now=now())

    found = json.loads(empty("nearest", "116.4", "39.9", "--format", "json").stdout)["sites"][0]

    assert (found["confidence"], found["reported"][0]["type"]) == ("doubtful", "moved")
