"""Options that several commands share: filters, formats, datum; and numbers below zero as arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

from locator.filters import STATES, Filters
from locator.questions import DATUMS
from locator.vocabulary import Vocabulary

Command = Callable[..., Any]

output_format = click.option("--format", "shape", type=click.Choice(["table", "json", "geojson", "csv"]),
                             default="table", show_default=True, help="输出形式。 Output format.")
datum = click.option("--datum", type=click.Choice(DATUMS), default="wgs84", show_default=True,
                     help="给出与返回坐标的坐标系。 Datum of the coordinates given and answered.")

_FILTERS = (
    click.option("--kind", "kinds", multiple=True, help="类别，任一。 Kind; any of them."),
    click.option("--facility", "facilities", multiple=True, help="设施，全部（受限也算）。 Facility; all of them."),
    click.option("--eligibility", multiple=True, help="适用人群，任一。 Who may use it; any of them."),
    click.option("--state", type=click.Choice(STATES), default=None,
                 help="现在开放、到达时开放、全天。 Open now, on arrival, or all day; unknown passes."),
    click.option("--strict", is_flag=True, help="配合 --state：状态未知的不算。 With --state: unknown no longer passes."),
    click.option("--verified-only", is_flag=True, help="只要核实过的。 Verified sites only."),
)
_BELOW_ZERO = re.compile(r"[-−](?:[\d.]|inf|nan)", re.IGNORECASE)


class TakesNumbersBelowZero(click.Command):
    """A command to which -73.9 is an argument, not a bundle of options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse with a blank before each number below zero, and take it off again."""
        rest = super().parse_args(ctx, [f" {word}" if _BELOW_ZERO.match(word) else word for word in args])
        for name, value in ctx.params.items():
            if isinstance(value, str) and _BELOW_ZERO.match(value, 1):
                ctx.params[name] = value.removeprefix(" ")
        return rest


def filters(command: Command) -> Command:
    """Add the filter options to a command; read them with `chosen`."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def chosen(vocabulary: Vocabulary, options: dict[str, Any], *, areas: tuple[str, ...] = ()) -> Filters:
    """Take the filter options out of a command's keyword arguments.

    Raises:
        UnknownCode: If a code is not in the vocabulary.
    """
    return Filters.of(vocabulary, kinds=options.pop("kinds"), facilities=options.pop("facilities"),
                      eligibility=options.pop("eligibility"), state=options.pop("state"),
                      strict=options.pop("strict"), verified_only=options.pop("verified_only"), areas=areas)
