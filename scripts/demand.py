"""`nuanxin demand`: where people are, from the census or an operator's own figures, and layers by group and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locator.errors import Refusal
from locator.questions import DATUMS
from locator.words import Words
from scripts import options, output
from scripts.settings import Settings

if TYPE_CHECKING:
    from locator.areas import AreaTree
    from locator.demand import Demand

LISTED = ("name", "group", "time", "people", "date", "source", "in_use")
BY_AREA = ("code", "name", "people")
OWN_NAME = "own"

_source = click.option("--source", default=None, help="数据来源的名称，缺省为文件名。 Where the figures come from; by default the file's name.")
_date = click.option("--date", default=None, help="数据的日期：2024、2024-06 或 2024-06-30。 When they were true.")
_dry_run = click.option("--dry-run", is_flag=True, help="只检查，不写入。 Check only; write nothing.")


@click.group("demand")
def command() -> None:
    """人在哪里：覆盖率所依据的人口。 Where people are: what coverage counts."""


@command.command("build")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--datum", type=click.Choice(["auto", *DATUMS]), default="auto", show_default=True,
              help="坐标的坐标系；auto：文件自己的说明，或证据，否则 WGS-84。 Datum; auto: what the file says, or the evidence, else WGS-84.")
@click.option("--people", default=None, help="人数列的表头，缺省为 people、人数、人口…… Header of the column of people.")
@_source
@_date
@_dry_run
@click.pass_obj
@click.pass_context
def build_command(ctx: click.Context, settings: Settings, file: Path, datum: str, people: str | None, source: str | None, date: str | None,
                  dry_run: bool) -> None:
    """用自己的数据代替普查人口。 Take one's own figures instead of the census.

    FILE: 带 lon、lat、people 的表格，带 people 的面（GeoJSON、GeoPackage、Shapefile），或人数栅格（GeoTIFF）。
    A table with lon, lat, people; polygons with people; or a GeoTIFF of counts.
    """
    from geodata import people as kept
    from geodata import vocabulary
    from geodata.people import files
    from scripts.importing import weigh

    settings.check_home()
    areas = settings.areas()
    read = files.read(file, areas, vocabulary=vocabulary.of_home(settings.home), datum=None if datum == "auto" else datum, people=people,
                      source=source, date=date)
    if read.evidence is not None:
        weigh(read.evidence)
    _tell(ctx, read.warnings, read.errors)
    if read.figures is None:
        return
    if not dry_run:
        kept.keep(settings.home, read, areas)
    zh, en = ("；这是检查，没有写入", "; a dry run, nothing was written") if dry_run else ("", "")
    rows, total = len(read.figures.people), float(read.figures.people.sum())
    click.echo(f"{rows:,} 处，{total:,.0f} 人（{read.figures.note.zh}）{zh}。\n{rows:,} rows, {total:,.0f} people ({read.figures.note.en}){en}.")


@command.command("layers")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--add", is_flag=True, help="加到现有的图层里，同名的替换。 Add to the layers there are; one of the same name is replaced.")
@_source
@_date
@_dry_run
@click.pass_obj
@click.pass_context
def layers_command(ctx: click.Context, settings: Settings, file: Path, add: bool, source: str | None, date: str | None, dry_run: bool) -> None:
    """按人群和时段载入需求图层。 Load demand layers by group and time.

    FILE: 带 area（代码或名称）、group、time、people 的表格。 A table with area (code or name), group, time, people.
    """
    from geodata import people as kept
    from geodata.people import files, headcounts

    settings.check_home()
    files.check_date(date)
    areas = settings.areas()
    read = headcounts.read(file, areas, source=files.source_words(file, source), date=date)
    _tell(ctx, read.warnings, read.errors)
    if not dry_run:
        kept.keep_layers(settings.home, read.layers, areas, add=add)
    said = [f"{layer.name} {layer.total:,.0f}" for layer in read.layers]
    zh, en = ("；这是检查，没有写入", "; a dry run, nothing was written") if dry_run else ("", "")
    click.echo(f"{len(said)} 个图层（{'，'.join(said)}）{zh}。\n{len(said)} layers ({', '.join(said)}){en}.")


@command.command("list")
@options.output_format
@click.pass_obj
def list_command(settings: Settings, shape: str) -> None:
    """列出普查人口、自己的数据和各图层。 List the census, one's own figures and the layers."""
    from geodata import people as kept
    from geodata.areas import census

    own = kept.load(settings.home, settings.areas()) if kept.own_folder(settings.home) is not None else None
    language = settings.language
    found: list[dict[str, Any]] = [{"name": kept.CENSUS, "group": None, "time": None, "people": float(sum(census().values())),
                                    "date": kept.CENSUS_DATE, "source": kept.CENSUS_SOURCE.in_language(language), "in_use": own is None}]
    if own is not None:
        found.append({"name": OWN_NAME, "group": None, "time": None, "people": own.total, "date": own.date,
                      "source": own.source.in_language(language), "in_use": True})
    found += [{"name": layer.name, "group": layer.group, "time": layer.time or None, "people": layer.total, "date": layer.date,
               "source": layer.source.in_language(language), "in_use": False} for layer in kept.layers(settings.home)]
    if shape in ("json", "geojson"):
        output.as_json({"demand": found})
    elif shape == "csv":
        output.as_csv(found, LISTED)
    else:
        headers = ["名称", "人群", "时段", "人数", "日期", "来源", "默认"] if language == "zh" else [*LISTED[:-1], "default"]
        output.as_table([[*(one[c] for c in LISTED[:3]), f"{one['people']:,.0f}", one["date"], one["source"], "√" if one["in_use"] else ""]
                         for one in found], headers, empty="")


@command.command("info")
@click.argument("name", required=False)
@click.option("--by", "tier", default="district", show_default=True, help="按哪一层级的区域列出。 Tier of the areas that are listed.")
@options.output_format
@click.pass_obj
def info_command(settings: Settings, name: str | None, tier: str, shape: str) -> None:
    """说明默认的或指名的需求：来源、日期、各区域人数。 Tell what a demand is: source, date, people by area."""
    from geodata import people as kept

    areas = settings.areas()
    demand = kept.load(settings.home, areas, None if name == OWN_NAME else name)
    language = settings.language
    rows = [{"code": code, "name": areas.tree[code].words.in_language(language), "people": people}
            for code, people in people_of(demand, areas.tree).items() if areas.tree[code].tier == tier]
    told = {"name": name, "source": demand.source.in_language(language), "date": demand.date, "note": demand.note.in_language(language),
            "rows": len(demand), "people": demand.total, "outside": float(demand.people[demand.areas < 0].sum()),
            "cells": demand.cell_m2 is not None, "version": demand.version}
    if shape in ("json", "geojson"):
        output.as_json({"demand": told, "areas": rows})
    elif shape == "csv":
        output.as_csv(rows, BY_AREA)
    else:
        zh = language == "zh"
        headers = ["代码", "名称", "人数"] if zh else list(BY_AREA)
        said = Words(f"（{told['date'] or '日期不详'}；{told['note']}）：{len(demand):,} 处，{demand.total:,.0f} 人；"
                     f"区域之外 {told['outside']:,.0f} 人",
                     f" ({told['date'] or 'date unknown'}; {told['note']}): {len(demand):,} rows, {demand.total:,.0f} people; "
                     f"outside all areas {told['outside']:,.0f}")
        click.echo(f"{told['source']}{said.in_language(language)}")
        output.as_table([[row["code"], row["name"], f"{row['people']:,.0f}"] for row in rows], headers,
                        empty="没有这一层级的区域有人。" if zh else "No area of this tier has people.")


@command.command("reset")
@click.pass_obj
def reset_command(settings: Settings) -> None:
    """回到普查人口；图层不变。 Go back to the census; layers stay."""
    from geodata import people as kept

    settings.check_home()
    had = kept.reset(settings.home)
    click.echo("已改回普查人口。 Back to the census." if had else "本来就是普查人口。 It was the census already.")


@command.command("drop")
@click.argument("name")
@click.pass_obj
def drop_command(settings: Settings, name: str) -> None:
    """去掉一个图层。 Take one layer out."""
    from geodata import people as kept

    settings.check_home()
    kept.drop_layer(settings.home, name)
    click.echo(f"已去掉图层 {name}。 The layer {name} was taken out.")


def people_of(demand: Demand, tree: AreaTree) -> Mapping[str, float]:
    """Return the people of every area with an outline that has any, in the order of the tree."""
    totals = demand.by_area()
    return {area.code: totals[area.code] for area in tree if totals.get(area.code)}


def _tell(ctx: click.Context, warnings: Sequence[Refusal], errors: Sequence[Refusal]) -> None:
    from scripts.importing import MOST_SHOWN, show

    show("提示", "warning", warnings, most=MOST_SHOWN)
    show("错误", "error", errors, most=MOST_SHOWN)
    if errors:
        click.echo(f"{len(errors)} 处错误，什么也没有写入。 {len(errors)} errors; nothing was written.", err=True)
        ctx.exit(1)
