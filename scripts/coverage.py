"""`nuanxin coverage`: who has a suitable site within reach, by area, at an hour or over a week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from locator import typed
from scripts import options, output
from scripts.settings import Settings

_HEAT = " ▁▂▃▄▅▆▇█"
_DAYS = {"zh": "一二三四五六日", "en": ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")}


@click.command("coverage")
@options.coverage
@options.demand
@options.out
@options.output_format
@click.pass_obj
def command(settings: Settings, /, demand: str | None, out: Path | None, shape: str, **rest: Any) -> None:
    """覆盖率：各区域有多少人、多少面积在服务半径之内。 Coverage: how many people, how much ground within reach, by area."""
    from geodata import study_files, vocabulary
    from geodata.study_files.contents import Contents
    from locator.coverage import coverage
    from locator.pool import pool

    question = options.coverage_question(vocabulary.of_home(settings.home), rest)
    if out is not None:
        study_files.check(out)
    now = datetime.now(UTC).astimezone(typed.BEIJING)
    atlas, ground, outline_of, areas = settings.planning(demand, on_foot=question.walk_min is not None)
    no_way_in = settings.trust(atlas, now).no_way_in
    answer = coverage(question, atlas, ground, now, outline_of=outline_of, no_way_in=no_way_in)
    found = answer.as_dict(settings.language)
    if out is not None:
        study_files.write(out, Contents.of_answers(settings.language, areas, atlas, now, pool(question, atlas, now, no_way_in=no_way_in),
                                                    coverage=found))
        lines = len(found["areas"])
        click.echo(f"已写入 {out}：{lines} 个区域。" if settings.language == "zh" else f"{out}: {lines} areas.", err=True)
    elif shape == "json":
        output.as_json(found)
    elif shape == "geojson":
        output.as_shapes([{**line, "geometry": areas.shape(line["code"])} for line in found.pop("areas")], **found)
    elif shape == "csv":
        output.as_csv(found["areas"], [*found["areas"][0]])
    else:
        _tables(found, settings.language)


def _tables(found: Mapping[str, Any], language: str) -> None:
    zh = language == "zh"
    hourly = "covered_if_unknown_open" in found["total"]
    served = "覆盖" if found["query"]["fold"] == 1 else "交叉覆盖"
    headers = (["区域", "人口", f"{served}人口", f"{served}率", "面积 km²", f"面积{served}率", "中位距离", "九成人口距离", "站点", "人/站"] if zh else
               ["area", "people", "covered", "share", "area km²", "area share", "median", "90 % within", "sites", "people/site"])
    if hourly:
        headers.insert(4, "未知按开放" if zh else "if unknown open")
    lines = [*found["areas"], *([{**found["total"], "name": "合计" if zh else "total"}] if len(found["areas"]) > 1 else [])]
    output.as_table([_row(line, hourly=hourly) for line in lines], headers, empty="")
    if "by_hour" in found["total"]:
        _heat(found["total"]["by_hour"], language, "交叉覆盖率" if found["query"]["fold"] > 1 else "覆盖率")
    tell_basis(found, language)


def tell_basis(found: Mapping[str, Any], language: str) -> None:
    """Say on standard error whose figures of people these are, what a walk is, and what is to be said of an area."""
    zh = language == "zh"
    told = found["demand_source"]
    click.echo(("人口：" if zh else "People: ") + (f"{told['source']}，{told['date'] or '日期不详'}，{told['note']}。" if zh else
               f"{told['source']}, {told['date'] or 'date not stated'}, {told['note']}."), err=True)
    if found["basis"] == "straight":
        click.echo("步行按直线距离 × 1.25 估算。" if zh else "The walk is estimated: straight line × 1.25.", err=True)
    estimated = found["total"].get("estimated_people")
    if estimated:
        click.echo(f"步行沿路网；附近没有路网的 {estimated:,.0f} 人按直线 × 1.25 估算。" if zh else
                   f"On foot along streets; for {estimated:,.0f} people whom no street is near, estimated: straight line × 1.25.", err=True)
    tell_notes(found, zh=zh)
    for line in found["areas"]:
        if line["note"]:
            click.echo(f"{line['name']}：{line['note']}" if zh else f"{line['name']}: {line['note']}", err=True)


def tell_notes(found: Mapping[str, Any], *, zh: bool) -> None:
    """Say on standard error what is to be said of a whole answer: days beyond the table of holidays, areas that are not drawn."""
    for note in found["notes"]:
        click.echo(f"{note}。" if zh else f"{note[:1].upper()}{note[1:]}.", err=True)


def _row(line: Mapping[str, Any], *, hourly: bool) -> list[str]:
    row = [line["name"], whole(line["people"]), whole(line["covered"]), share(line["coverage_share"]), _tenths(line["area_km2"]),
           share(line["area_share"]), _metres(line["median_m"]), _metres(line["p90_m"]), str(line["sites"]), whole(line["people_per_site"])]
    if hourly:
        row.insert(4, share(line["coverage_share_if_unknown_open"]))
    return row


def _heat(shares: Sequence[float] | None, language: str, called: str) -> None:
    """Print a week as seven lines of 24 marks, full where everybody is covered."""
    if shares is None:
        return
    click.echo("\n" + (f"每小时{called}（满格为 100 %）：" if language == "zh" else "Coverage by hour (a full block is 100 %):"))
    click.echo("    0     6     12    18")
    for day in range(7):
        marks = "".join(_HEAT[min(int(share * 8 + 0.999), 8)] for share in shares[day * 24:day * 24 + 24])
        click.echo(f"{_DAYS[language][day]}  {marks}")


def whole(value: float | None) -> str:
    """Return a count of people, or a dash where nobody knows it."""
    return "—" if value is None else f"{value:,.0f}"


def _tenths(value: float | None) -> str:
    return "—" if value is None else f"{value:,.1f}"


def share(value: float | None) -> str:
    """Return a share as a percentage, or a dash where there is none."""
    return "—" if value is None else f"{value:.1%}"


def _metres(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f} m"
