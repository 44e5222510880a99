"""`nuanxin import`: a spreadsheet into the registry, all of it or nothing."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from locator.errors import BadFile, Refusal
from locator.questions import DATUMS
from locator.sites import Site
from scripts.progress import bar, bars
from scripts.settings import Settings, who

if TYPE_CHECKING:
    from geodata.evidence import Evidence

REPORT, *_ = MODES = ("report", "merge", "new")
"""As `geodata.matching` has them; a test holds the two together."""
MOST_SHOWN = 200
"""Of errors, and of warnings, when something was to be written; a dry run shows every one."""
_COLLECT_AFTER = 200_000
"""Objects. Records have no cycles; looking for them in a file's worth of rows takes a fifth of the time."""


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", default=None, help="类别，用于没有类别列的文件。 Kind of rows without a kind column.")
@click.option("--datum", type=click.Choice(["auto", *DATUMS]), default="auto", show_default=True,
              help="文件里坐标的坐标系；auto：以文件自己的说明为准，没有说明则凭证据判定。"
                   " Datum of the file's coordinates; auto: what the file itself says, or else the evidence.")
@click.option("--columns", type=click.Path(path_type=Path), default=None,
              help="TOML：表头 = \"字段\"。 TOML: header = \"field\".")
@click.option("--match", type=click.Choice(MODES), default=REPORT, show_default=True,
              help="没有编号而像已有站点的行：report 提示并按新站点导入，merge 无疑义的并入，new 不比对。"
                   " Rows without a key that look like known sites: warn, merge where there is no doubt, or do not look.")
@click.option("--dry-run", is_flag=True, help="只检查，列出每一处错误，不写入。 Check only, list every error; write nothing.")
@click.option("--sheet", "sheets", multiple=True, help="只读取这个工作表或图层，可重复；默认读取所有像站点表的。 Read this sheet or layer only.")
@click.option("--source", default=None, help="数据来源的名称。 Name of the source.")
@click.pass_obj
@click.pass_context
def command(ctx: click.Context, settings: Settings, file: Path, kind: str | None, datum: str, columns: Path | None,
            match: str, dry_run: bool, sheets: tuple[str, ...], source: str | None) -> None:
    """把表格导入登记库：要么全部，要么一条也不。 Import a file: all of it, or nothing.

    CSV（UTF-8、UTF-16、GB18030）、XLSX、XLS、GeoJSON、GeoPackage、Shapefile。 Also: every sheet of sites is read, as one import.
    """
    from geodata import intake, places, vocabulary
    from geodata.matching import counted

    gc.set_threshold(_COLLECT_AFTER)
    registry = settings.registry()
    mapping = _mapping(columns) if columns else None
    known = {site.id: site for site in registry.sites()}
    with bars("读取 Reading", "比对 Matching") as (progress, match_progress):
        read = intake.read(file, datum=datum, vocabulary=vocabulary.of_home(settings.home), areas=settings.areas(), kind=kind,
                           columns=mapping, source=source, existing=known, places=places.load(settings.home), progress=progress,
                           sheets=sheets, match=match, match_progress=match_progress)
    if read.evidence is not None:
        weigh(read.evidence)
    show("提示", "warning", read.warnings, most=None if dry_run else MOST_SHOWN)
    show("错误", "error", read.errors, most=None if dry_run else MOST_SHOWN)
    if read.errors:
        click.echo(f"{len(read.errors)} 处错误，什么也没有写入。 {len(read.errors)} errors; nothing was written.", err=True)
        ctx.exit(1)
    if dry_run:
        created = sum(site.id not in known for site in read.sites)
        unchanged = sum(known.get(site.id) == site for site in read.sites)
        changed = len(read.sites) - created - unchanged
        click.echo(f"可以导入：新增 {created}，更改 {changed}，未变 {unchanged}；这是检查，没有写入。"
                   f" Can be imported: {created} new, {changed} changed, {unchanged} unchanged; a dry run, nothing was written.")
        _say_duplicates(counted(read.matches))
        return
    with bar("写入 Writing") as progress:
        done = registry.commit(read.sites, who=who(), why=f"import {file.name}", action="import", progress=progress,
                               expected_versions=_read_at(read.sites, known))
    created = done.created + done.reinstated
    click.echo(f"新增 {created}，更改 {done.changed}，未变 {done.unchanged}；登记库第 {done.version} 版。"
               f" {created} new, {done.changed} changed, {done.unchanged} unchanged; registry version {done.version}.")
    _say_duplicates(counted(read.matches))
    settings.keep(registry)


def _say_duplicates(count: int) -> None:
    if count:
        click.echo(f"其中 {count} 行可能与已有站点或本文件其他行重复；--dry-run 可先查看，nuanxin undo 可撤回。"
                   f" {count} rows may be duplicates of known sites or of one another; --dry-run shows them first, nuanxin undo takes back.")


def _read_at(sites: Sequence[Site], known: Mapping[str, Site]) -> dict[str, int]:
    """Return the version of each known site the file was laid over: whoever changed one since is not overwritten."""
    return {site.id: known[site.id].version for site in sites if site.id in known}


def weigh(evidence: Evidence) -> None:
    """Tell what the file offers on its datum, where it offers anything."""
    if evidence.tallies or evidence.agreement is not None:
        click.echo("".join(["坐标系证据：", *(words.zh for words in evidence.sentences)])
                   + "\n" + " ".join(["evidence of the datum:", *(words.en for words in evidence.sentences)]), err=True)


def show(zh: str, en: str, refusals: Sequence[Refusal], *, most: int | None) -> None:
    """Tell what is wrong, in both languages; of more than `most` only the first ones."""
    lines = [f"{zh} {r.sentence('zh')}\n{en} {r.sentence('en')}" for r in refusals[:most]]
    if most is not None and len(refusals) > most:
        left = len(refusals) - most
        lines.append(f"{zh}：还有 {left} 条，--dry-run 列出全部\n{en}: {left} more; --dry-run lists them all")
    if lines:
        click.echo("\n".join(lines), err=True)


def _mapping(path: Path) -> dict[str, str]:
    from geodata import mappings

    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise BadFile("--columns", path, zh=f"读不出这个 TOML 文件：{fault}", en=f"cannot read this TOML file: {fault}") from None
    return mappings.read(text, str(path))
