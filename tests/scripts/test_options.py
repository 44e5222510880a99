"""What coverage is asked of on the command line, read into the question that the core knows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
import pytest
from click.testing import CliRunner

from geodata import vocabulary
from locator.errors import BadCount, BadRadius, BadTime, Refusal, UnknownCode
from locator.filters import Filters
from locator.questions import CoverageQuestion
from locator.typed import BEIJING
from scripts import options


def asked(*words: str) -> CoverageQuestion:
    """Return the question that a command with the options of coverage was asked."""
    found: list[CoverageQuestion] = []

    @click.command()
    @options.coverage
    def command(**rest: Any) -> None:
        found.append(options.coverage_question(vocabulary.load(), rest))
        assert not rest

    done = CliRunner().invoke(command, words)
    if done.exception is not None:
        raise done.exception
    return found[0]


def test_every_option_of_coverage_reaches_the_question():
    question = asked("--walk", "15", "--at", "2026-03-04T12:30", "--week", "--fold", "2", "--area", "朝阳", "--by", "street",
                     "--kind", "暖心驿站", "--verified-only")

    filters = Filters.of(vocabulary.load(), kinds=("暖心驿站",), verified_only=True)
    assert question == CoverageQuestion(filters, walk_min=15.0, at=datetime(2026, 3, 4, 12, 30, tzinfo=BEIJING), week=True, fold=2,
                                        area="朝阳", by="street")


def test_a_radius_alone_asks_for_one_site_whatever_its_hours():
    assert asked("--radius", "500") == CoverageQuestion(radius_m=500.0)


@pytest.mark.parametrize(("words", "refusal", "field"), [
    ((), BadRadius, "radius"), (("--radius", "500", "--walk", "15"), BadRadius, "radius"), (("--radius", "近"), BadRadius, "radius"),
    (("--walk", "近"), BadRadius, "walk"), (("--walk", "0"), BadRadius, "walk"), (("--radius", "1e7"), BadRadius, "radius"),
    (("--radius", "500", "--fold", "x"), BadCount, "fold"), (("--radius", "500", "--at", "noon"), BadTime, "at"),
    (("--radius", "500", "--kind", "nothing"), UnknownCode, "kind"),
])
def test_what_means_nothing_is_refused_by_its_option(words, refusal: type[Refusal], field):
    with pytest.raises(refusal) as refused:
        asked(*words)

    assert refused.value.field == field
