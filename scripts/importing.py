"""`nuanxin import`: a spreadsheet into the registry, all of it or nothing."""

from __future__ import annotations

import getpass
import tomllib
from pathlib import Path

import click

from locator.errors import BadFile
from locator.questions import DATUMS
from scripts.progress import bar
from scripts.settings import Settings

_MOST_SHOWN = 200


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", default=None, help="类别，用于没有类别列的文件。 Kind of rows without a kind column.")
@click.option("--datum", type=click.Choice(["auto", *DATUMS]), default="auto", show_default=True,
              help="文件里坐标的坐标系。 Datum of the file's coordinates.")
@click.option("--columns", type=click.Path(path_type=Path), default=None,
              help="TOML：表头 = \"字段\"。 TOML: header = \"field\".")
@click.option("--dry-run", is_flag=True, help="只检查，不写入。 Check only; write nothing.")
@click.option("--source", default=None, help="数据来源的名称。 Name of the source.")
@click.pass_obj
@click.pass_context
def command(ctx: click.Context, settings: Settings, file: Path, kind: str | None, datum: str, columns: Path | None,
            dry_run: bool, source: str | None) -> None:
    """把表格导入登记库：要么全部，要么一条也不。 Import a file: all of it, or nothing.

    CSV（UTF-8、GB18030）、XLSX、GeoJSON。 CSV (UTF-8, GB18030), XLSX, GeoJSON.
    """
    from geodata import intake, vocabulary
    from geodata.areas import Areas
    from scripts.cli import say

    registry = settings.registry()
    mapping = _mapping(columns) if columns else None
    with bar("读取 Reading") as progress:
        read = intake.read(file, datum=datum, vocabulary=vocabulary.load(), areas=Areas.load(settings.home), kind=kind,
                           columns=mapping, source=source, existing=registry.site, progress=progress)
    for heading, refusals in (("提示 warning", read.warnings), ("错误 error", read.errors)):
        for refusal in refusals[:_MOST_SHOWN]:
            click.echo(f"[{heading}]", err=True)
            say(refusal)
        if len(refusals) > _MOST_SHOWN:
            click.echo(f"[{heading}] 还有 {len(refusals) - _MOST_SHOWN} 条 / {len(refusals) - _MOST_SHOWN} more", err=True)
    if read.errors:
        click.echo(f"{len(read.errors)} 处错误，什么也没有写入。 {len(read.errors)} errors; nothing was written.", err=True)
        ctx.exit(1)
    if dry_run:
        click.echo(f"{len(read.sites)} 行可以导入；这是检查，没有写入。"
                   f" {len(read.sites)} rows could be imported; this was a dry run, nothing was written.")
        return
    with bar("写入 Writing") as progress:
        done = registry.commit(read.sites, who=_who(), why=f"import {file.name}", progress=progress)
    click.echo(f"新增 {done.created}，更改 {done.changed}，未变 {done.unchanged}；登记库第 {done.version} 版。"
               f" {done.created} new, {done.changed} changed, {done.unchanged} unchanged; registry version {done.version}.")


def _mapping(path: Path) -> dict[str, str]:
    try:
        read = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise BadFile("--columns", path, zh=f"读不出这个 TOML 文件：{fault}", en=f"cannot read this TOML file: {fault}") from None
    table = read.get("columns", read)
    if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
        raise BadFile("--columns", path, zh="应为 表头 = \"字段\" 的对照", en="must map headers to fields: header = \"field\"")
    return table


def _who() -> str:
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container user without a name
        return "cli"
