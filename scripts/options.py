"""Options that several commands share: filters, formats, datum, what coverage is asked of; and numbers below zero as arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locator import typed
from locator.filters import STATES, Filters
from locator.questions import DATUMS
from locator.vocabulary import Vocabulary

if TYPE_CHECKING:
    from locator.questions import CoverageQuestion

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
_COVERAGE = (
    click.option("--radius", default=None, help="服务半径（米），直线。 Service radius, metres in a straight line."),
    click.option("--walk", default=None, help="步行分钟数；与 --radius 二者之一。 Minutes on foot; one of the two."),
    click.option("--at", default=None, help="只算此时开放的；不写时区即北京时间。 Only sites open then; Beijing time unless an offset is given."),
    click.option("--week", is_flag=True, help="一周每个小时；--at 所在的一周，默认本周。 Every hour of the week of --at, or of this one."),
    click.option("--fold", default="1", show_default=True, help="至少几个站点够得着才算。 Within reach of at least so many."),
    click.option("--area", default=None, help="只看这个区域：代码或名称。 This area only: code or name."),
    click.option("--by", default=None, help="按哪一级分列，如 district、street。 A line for each area of this tier."),
)
demand = click.option("--demand", default=None, help="用哪份人口，见 nuanxin demand list。 Which figures of people: see nuanxin demand list.")
out = click.option("--out", type=click.Path(path_type=Path), default=None,
                   help="写入 .gpkg、.xlsx 或 .geojson：图层带样式，工作簿带方法。 Write to a file of one of these, with styles, with method.")
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


def coverage(command: Command) -> Command:
    """Add what coverage, gaps and comparisons are asked of, filters among it; read it with `coverage_question`."""
    for option in reversed(_COVERAGE):
        command = option(command)
    return filters(command)


def coverage_question(vocabulary: Vocabulary, options: dict[str, Any]) -> CoverageQuestion:
    """Take the options of `coverage` out of a command's keyword arguments.

    Raises:
        UnknownCode: If a code is not in the vocabulary.
        BadRadius: If neither or both of a radius and a walk are given, or one is out of range.
        BadTime, BadCount: As the question has it.
    """
    from locator.questions import CoverageQuestion

    radius, walk, at, area, fold = (options.pop(name) for name in ("radius", "walk", "at", "area", "fold"))
    return typed.quoted({"radius": radius, "walk": walk, "at": at, "fold": fold}, lambda: CoverageQuestion(
        chosen(vocabulary, options), radius_m=None if radius is None else typed.metres("radius", radius),
        walk_min=None if walk is None else typed.minutes("walk", walk), at=None if at is None else typed.moment("at", at),
        week=options.pop("week"), fold=typed.count("fold", fold), area=area, by=options.pop("by")))
