"""`nuanxin areas`: administrative areas, listed or loaded from a file."""

from __future__ import annotations

from pathlib import Path

import click

from locator.questions import DATUMS
from scripts import options, output
from scripts.settings import Settings

COLUMNS = ("code", "name", "tier", "parent", "lon", "lat", "outline")


@click.group("areas")
def command() -> None:
    """行政区域。 Administrative areas."""


@command.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--parent", default=None, help="文件没有写上级时的上级。 The area above those whose row names none.")
@click.option("--datum", type=click.Choice(DATUMS), default="wgs84", show_default=True,
              help="文件里坐标的坐标系。 Datum of the file's coordinates.")
@click.pass_obj
def load_command(settings: Settings, file: Path, parent: str | None, datum: str) -> None:
    """载入带 code、name 的面，可有 parent。 Load polygons with code, name and, optionally, parent."""
    from geodata import areas

    settings.check_home()
    click.echo(str(areas.load_file(file, settings.home, parent=parent, datum=datum)), err=True)


@command.command("list")
@click.argument("parent", required=False)
@options.output_format
@click.pass_obj
def list_command(settings: Settings, parent: str | None, shape: str) -> None:
    """列出区域；给出上级的代码或名称则列出其下级。 List areas; with a code or name, those under it."""
    areas = settings.areas()
    code = areas.code(parent) if parent else None
    found = []
    for area in areas.tree.children(code):
        lon, lat = area.centre or (None, None)
        found.append({"code": area.code, "name": area.words.in_language(settings.language), "tier": area.tier,
                      "parent": area.parent, "lon": lon, "lat": lat, "outline": area.has_outline})
    if shape == "json":
        output.as_json({"query": {"parent": code}, "areas": found})
    elif shape == "geojson":
        output.as_geojson(found, query={"parent": code})
    elif shape == "csv":
        output.as_csv(found, COLUMNS)
    else:
        zh = settings.language == "zh"
        headers = ["代码", "名称", "层级", "有边界"] if zh else ["code", "name", "tier", "outline"]
        output.as_table([[a["code"], a["name"], a["tier"], "√" if a["outline"] else "—"] for a in found], headers,
                        empty="没有下级。" if zh else "Nothing under it.")
