"""`nuanxin areas`: administrative areas, listed or loaded from a file."""

from __future__ import annotations

from pathlib import Path

import click

from scripts import output
from scripts.settings import Settings


@click.group("areas")
def command() -> None:
    """行政区域。 Administrative areas."""


@command.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def load_command(settings: Settings, file: Path) -> None:
    """载入带 code、name、parent 的面。 Load polygons with code, name and, optionally, parent."""
    from geodata import areas

    click.echo(str(areas.load_file(file, settings.home)), err=True)


@command.command("list")
@click.argument("parent", required=False)
@click.pass_obj
def list_command(settings: Settings, parent: str | None) -> None:
    """列出区域；给出上级则列出其下级。 List areas; with a code or name, those under it."""
    from geodata.areas import Areas

    areas = Areas.load(settings.home)
    zh = settings.language == "zh"
    code = areas.code(parent) if parent else None
    headers = ["代码", "名称", "层级", "有边界"] if zh else ["code", "name", "tier", "outline"]
    output.as_table([[a.code, a.words.in_language(settings.language), a.tier, "√" if a.has_outline else "—"]
                     for a in areas.tree.children(code)], headers, empty="没有下级。" if zh else "Nothing under it.")
