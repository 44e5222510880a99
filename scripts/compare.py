"""`nuanxin compare`: who gains and who loses between two days, two scenarios, or two results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from locator import typed
from locator.datum import NAMES
from locator.errors import BadValue
from locator.questions import DATUMS
from scripts import options, output
from scripts.coverage import share, tell_basis, tell_notes, whole
from scripts.settings import Settings

if TYPE_CHECKING:
    from geodata.areas import Areas
    from geodata.side_words import Scenario
    from locator.atlas import Atlas
    from locator.sides import Proposal

_MOST_SHOWN = 5
"""Sites that the table names on each side."""


@click.command("compare")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@options.coverage
@options.demand
@click.option("--datum", type=click.Choice(DATUMS), default="wgs84", show_default=True,
              help="with:文件 里坐标的坐标系。 Datum of the points of with:FILE.")
@options.output_format
@click.pass_obj
@click.pass_context
def command(ctx: click.Context, settings: Settings, /, before: str, after: str, demand: str | None, datum: str, shape: str, **rest: Any) -> None:
    """由 A 到 B，谁多了、谁少了服务。 Who gains and who loses when A becomes B.

    A、B 各为：now；日期 2026-01-31（当天结束时的登记库）；at:2026-01-31T23:00（现在的站点，那一刻开放的）；without:编号,编号；
    with:点.csv（拟建的点：lon、lat，可有 id、name）或 with:116.40,39.90;116.41,39.92,名称（WGS-84）；
    或两个 nuanxin coverage --format json 的结果文件（逐行比较，不用其他选项）。

    Each is: now; a date (the registry at the end of that day); at:2026-01-31T23:00 (the sites of now that are open then); without:ID,ID;
    with:FILE (proposed points: lon, lat, perhaps id, name) or with:116.40,39.90;116.41,39.92,NAME (WGS-84);
    or both are results of nuanxin coverage --format json (.json; compared line by line, without other options).
    """
    from geodata import side_words

    sides = side_words.understood("A", before), side_words.understood("B", after)
    results = [side.sort == side_words.RESULT for side in sides]
    if all(results):
        _check_alone(ctx)
        _results(sides, shape, settings.language)
    elif any(results):
        field, value = ("B", after) if results[0] else ("A", before)
        raise BadValue(field, value, zh="结果文件只能与另一个结果文件（.json）比较", en="a result can only be compared with another result (.json)")
    else:
        _scenarios(ctx, settings, sides, demand, datum, shape, rest)


def _check_alone(ctx: click.Context) -> None:
    """Refuse what was asked beside two results: their questions are their own."""
    for option in ctx.command.params:
        name = option.name or ""
        if name not in ("before", "after", "shape") and ctx.get_parameter_source(name) == ParameterSource.COMMANDLINE:
            raise BadValue(option.opts[0], ctx.params.get(name, ""), zh="两个结果文件各有自己的问题，不用此选项",
                           en="does not go with two results: each says its own question")


def _results(sides: tuple[Scenario, Scenario], shape: str, language: str) -> None:
    from geodata import result_files
    from locator import results

    before, after = (side.path for side in sides if side.path is not None)
    if shape == "geojson":
        raise BadValue("--format", shape, zh="结果文件里没有逐点的数据，不能画成地图；可用 table、json、csv",
                       en="results hold no points to be drawn; must be table, json or csv")
    found = results.side_by_side(result_files.read(before), result_files.read(after), (str(before), str(after)))
    if shape == "json":
        output.as_json(found)
    elif shape == "csv":
        output.as_csv(found["areas"], _members(found["areas"]) or [*found["total"]])
    else:
        zh = language == "zh"
        headers = (["区域", "人口", "覆盖人口", "变化", "覆盖率", "变为", "站点", "变为"] if zh else
                   ["area", "people", "covered", "change", "share", "becomes", "sites", "become"])
        output.as_table([[line["name"], whole(line.get("people_after")), whole(line["covered_before"]), _signed(line["covered_change"]),
                          share(line["coverage_share_before"]), share(line["coverage_share_after"]), whole(line.get("sites_before")),
                          whole(line.get("sites_after"))] for line in _with_total(found, zh=zh)], headers, empty="")
    tell_notes(found, zh=language == "zh")
    if not found["same_demand"]:
        click.echo("两个结果所用的人口不同，变化里有人口的变化。 The two go by different figures of people: part of the change is theirs.", err=True)


def _scenarios(ctx: click.Context, settings: Settings, sides: tuple[Scenario, Scenario], demand: str | None, datum: str, shape: str,
               rest: dict[str, Any]) -> None:
    from geodata import scenarios, vocabulary
    from locator.change import change
    from locator.lines import areas_asked

    now = datetime.now(UTC).astimezone(typed.BEIJING)
    question = scenarios.asked_hourly(options.coverage_question(vocabulary.of_home(settings.home), rest), sides, now)
    atlas, ground, outline_of, areas = settings.planning(demand, on_foot=question.walk_min is not None)
    asked = areas_asked(question, atlas.areas)
    making = scenarios.Sides(question, settings.registry(), atlas, now)
    before, after = (making.of(field, side, _proposals(ctx, side, atlas, areas, datum)) for field, side in zip("AB", sides, strict=True))
    for side in sides:
        if idle := making.uncounted(side):
            click.echo(f"{'、'.join(idle)} 不合所问的条件，有没有都一样。 {', '.join(idle)} did not count for this question anyway.", err=True)
    answer = change(question, before, after, atlas.areas, ground, asked, now, outline_of=outline_of)
    found = answer.as_dict(settings.language)
    if shape == "json":
        output.as_json(found)
    elif shape == "geojson":
        output.as_geojson(answer.points(), **found)
    elif shape == "csv":
        output.as_csv(found["areas"], _members(found["areas"]))
    else:
        _tables(found, settings.language)


def _proposals(ctx: click.Context, side: Scenario, atlas: Atlas, areas: Areas, datum: str) -> tuple[Proposal, ...]:
    """Return the proposed points that a side states; where their file has errors these are told, and the command ends."""
    from geodata import proposals, scenarios, side_words
    from scripts.importing import MOST_SHOWN, show

    taken = {one for one in atlas.sites.text("id") if one}
    if side.sort != side_words.WITH or side.path is None:
        return scenarios.stated(side, areas, taken)
    read = proposals.read(side.path, areas, vocabulary=atlas.vocabulary, datum=datum, taken=taken)
    show("提示", "warning", read.warnings, most=MOST_SHOWN)
    show("错误", "error", read.errors, most=MOST_SHOWN)
    if read.errors:
        ctx.exit(1)
    if (others := sorted(read.datums - {datum})) and ctx.get_parameter_source("datum") == ParameterSource.COMMANDLINE:
        said = "、".join(NAMES[one] for one in others)
        click.echo(f"{side.path.name} 里写明是 {said} 的点按它自己写的读取；--datum {datum} 只用于没有写明的。 "
                   f"Points that the file says are in {said.replace('、', ', ')} were read as it says; --datum {datum} is for those that do not say.",
                   err=True)
    return read.proposals


def _tables(found: Mapping[str, Any], language: str) -> None:
    zh = language == "zh"
    hourly = "gained_if_unknown_open" in found["total"]
    called = "交叉覆盖率" if found["query"]["fold"] > 1 else "覆盖率"
    headers = (["区域", "人口", called, "变为", "新覆盖", "失去"] if zh else ["area", "people", "share", "becomes", "gain", "lose"])
    if hourly:
        headers += ["新覆盖（未知按开放）", "失去（未知按开放）"] if zh else ["gain if unknown open", "lose if unknown open"]
    rows = [[line["name"], whole(line["people"]), share(line["coverage_share_before"]), share(line["coverage_share_after"]), whole(line["gained"]),
             whole(line["lost"]), *([whole(line["gained_if_unknown_open"]), whole(line["lost_if_unknown_open"])] if hourly else [])]
            for line in _with_total(found, zh=zh)]
    click.echo(f"{found['before']['what']} → {found['after']['what']}")
    output.as_table(rows, headers, empty="")
    total = found["total"]
    makes = [(one, sign) for name, sign in (("gained_by", "+"), ("lost_by", "−")) for one in total[name][:_MOST_SHOWN]]
    if makes:
        click.echo()
        output.as_table([[one["id"], one["name"], sign + whole(one["people"]), sign + whole(one["people_by_it_alone"])] for one, sign in makes],
                        ["编号", "站点", "影响人口", "只靠它"] if zh else ["id", "site", "people", "by it alone"], empty="")
    if "gained_by_hour" in total and total["gained_by_hour"] is not None:
        more, fewer = sum(total["gained_by_hour"]), sum(total["lost_by_hour"])
        click.echo(f"\n一周：新增 {more:,.0f} 人·小时，失去 {fewer:,.0f} 人·小时。" if zh else
                   f"\nIn the week: {more:,.0f} hours of people gained, {fewer:,.0f} lost.")
    tell_basis(found, language)


def _with_total(found: Mapping[str, Any], *, zh: bool) -> list[dict[str, Any]]:
    """Return the lines, and the total below more than one."""
    return [*found["areas"], *([{**found["total"], "name": "合计" if zh else "total"}] if len(found["areas"]) > 1 else [])]


def _members(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return every member that a line has, in the order in which they first come."""
    return list(dict.fromkeys(name for line in lines for name in line))


def _signed(value: float | None) -> str:
    return "—" if value is None else f"{value:+,.0f}"
