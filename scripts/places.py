"""`nuanxin places`: landmarks to search by, listed or loaded from a table or an OpenStreetMap extract."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from locator.questions import DATUMS
from scripts import options, output
from scripts.settings import Settings

COLUMNS = ("code", "name", "category", "lon", "lat", "accuracy_m", "source")


@click.group("places")
def command() -> None:
    """可供搜索的地点。 Places to search by."""


@command.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--add", is_flag=True, help="加到现有的地点里，而不是替换。 Add to the places there are, instead of replacing them.")
@click.option("--datum", type=click.Choice(["auto", *DATUMS]), default="auto", show_default=True,
              help="表格里坐标的坐标系。 Datum of a table's coordinates.")
@click.option("--dry-run", is_flag=True, help="只检查，不写入。 Check only; write nothing.")
@click.pass_obj
@click.pass_context
def load_command(ctx: click.Context, settings: Settings, file: Path, add: bool, datum: str, dry_run: bool) -> None:
    """载入地标、地铁站、商场、路口、街道。 Load landmarks, stations, malls, crossings, streets.

    FILE: 表格（名称、经度、纬度……）或 .osm.pbf。 A table (name, lon, lat, ...) or an .osm.pbf.
    """
    from geodata import place_files, places, vocabulary
    from scripts.importing import show, weigh

    settings.check_home()
    read = place_files.read(file, vocabulary=vocabulary.of_home(settings.home), areas=settings.areas(),
                            datum=None if datum == "auto" else datum)
    if read.evidence is not None:
        weigh(read.evidence)
    show("提示", "warning", read.warnings, most=None)
    show("错误", "error", read.errors, most=None)
    if read.errors:
        click.echo(f"{len(read.errors)} 处错误，什么也没有写入。 {len(read.errors)} errors; nothing was written.", err=True)
        ctx.exit(1)
    had = places.load(settings.home)
    kept = places.merged([*had, *read.places]) if add else read.places
    if not dry_run:
        places.store(kept, settings.home)
    by_category = [f"{category} {count}" for category, count in read.categories.most_common()]
    will_zh, note_zh, note_en = ("将有", "；这是检查，没有写入", "; a dry run, nothing was written") if dry_run else ("现有", "", "")
    click.echo(f"读到 {len(read.places)} 个地点（{'，'.join(by_category)}）；{will_zh} {len(kept)} 个{note_zh}。\n"
               f"{len(read.places)} places read ({', '.join(by_category)}); {len(kept)} in all{note_en}.")


@command.command("list")
@click.argument("category", required=False)
@options.output_format
@click.pass_obj
def list_command(settings: Settings, category: str | None, shape: str) -> None:
    """列出地点；给出类别则只列这一类，不给则在表里只计数。 List places, or one category; the table without one counts them."""
    from geodata import places

    every = places.load(settings.home)
    found = [{"code": p.code, "name": p.words.in_language(settings.language), "category": p.category, "lon": p.lon, "lat": p.lat,
              "accuracy_m": p.accuracy_m, "source": p.source or None} for p in every if category in (None, p.category)]
    if shape == "json":
        output.as_json({"query": {"category": category}, "places": found})
    elif shape == "geojson":
        output.as_geojson(found, query={"category": category})
    elif shape == "csv":
        output.as_csv(found, COLUMNS)
    elif category is None:
        headers = ["类别", "个数"] if settings.language == "zh" else ["category", "places"]
        output.as_table([[c, str(n)] for c, n in Counter(p.category for p in every).most_common()], headers, empty="")
    else:
        zh = settings.language == "zh"
        headers = ["代码", "名称", "经度", "纬度", "精度（米）", "来源"] if zh else ["code", "name", "lon", "lat", "accuracy_m", "source"]
        output.as_table([[p["code"], p["name"], f"{p['lon']:.5f}", f"{p['lat']:.5f}", f"{p['accuracy_m']:g}", p["source"]] for p in found], headers,
                        empty="没有这一类的地点。" if zh else "No place of this category.")
