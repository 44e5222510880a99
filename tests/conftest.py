"""Small fixtures: a vocabulary, a site, an atlas of a few sites."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from geodata import calendar as shipped_calendar
from geodata import vocabulary as shipped_vocabulary
from locator.areas import AreaTree
from locator.atlas import Atlas
from locator.calendar import Calendar
from locator.columns import TextColumn
from locator.names import Place
from locator.sites import Site, Sites
from locator.vocabulary import Vocabulary

# machines are shared: how long an example takes says nothing; and what passed here must pass there
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")

class _Compiled(BytecodeCache):
    """Templates as this process compiled them once: tests make hundreds of applications of the same templates."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": _Compiled()}


class _Builders:
    """What builds the addresses of a rule, as this process compiled it once; a rule keeps nothing in it but its own words.

    Compiling is most of what making an application costs, of which tests make hundreds.
    """

    def __init__(self) -> None:
        self.compile = Rule._compile_builder
        self._kept: dict[object, Any] = {}

    def __call__(self, rule: Rule, append_unknown: bool = True) -> Any:
        key = rule.rule, repr(rule.defaults), repr(rule._trace), append_unknown
        if key not in self._kept:
            self._kept[key] = self.compile(rule, append_unknown)
        return self._kept[key]


builders = _Builders()
Rule._compile_builder = lambda self, append_unknown=True: builders(self, append_unknown)

HERE = Path(__file__).parent
SOME_DAY = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)  # an ordinary Wednesday, 10:00 in Beijing


MEMORY = Path("/dev/shm")
ROOM = 4 << 30
FIRST = ("browser", "scripts", "locator", "real", "web", "geodata")
"""The folders of the longest files, which must not be begun last, before those of the shortest.

The files beside the folders run every line of the readmes: they come before all.
"""


def pytest_configure() -> None:
    """Keep what tests write in memory, where that has room: a registry waits for the disk at every commit."""
    if os.environ.get("TMPDIR") or not os.access(MEMORY, os.W_OK):
        return
    told = os.statvfs(MEMORY)
    if told.f_bavail * told.f_frsize > ROOM and not told.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # asked anew


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files: whichever process is free takes the next one."""
    ranks = {path: next((rank for rank, folder in enumerate(FIRST) if path.is_relative_to(HERE / folder)), -1)
             for path in {item.path for item in items}}
    items.sort(key=lambda item: ranks[item.path])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why tests were skipped, each reason once: what was not tried is not proved."""
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", ()))
    for reason, times in reasons.most_common():
        terminalreporter.write_line(f"{times} skipped: {reason}")


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return shipped_vocabulary.load()


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return shipped_calendar.load()


def a_site(number: int = 1, **fields: Any) -> Site:
    """Return a plain active public warm station; `fields` replace its own."""
    plain: dict[str, Any] = {"id": f"s{number}", "name": f"第{number}暖心驿站", "kind": "warm_station",
                             "lon": 116.40 + number * 0.01, "lat": 39.90, "opening_hours": "24/7"}
    return Site(**{**plain, **fields})


@pytest.fixture(scope="session")
def make_atlas(vocabulary: Vocabulary, calendar: Calendar) -> Callable[..., Atlas]:
    """Return a maker of atlases from records."""

    def make(records: Sequence[Site], *, places: Sequence[Place] = (), areas: AreaTree | None = None,
             version: int = 1, previous: Atlas | None = None) -> Atlas:
        return Atlas(Sites.of(records, vocabulary), vocabulary=vocabulary, calendar=calendar,
                     readings=TextColumn.of([""] * len(records)), areas=areas or AreaTree(()), places=places,
                     version=version, as_of=SOME_DAY, previous=previous)

    return make
