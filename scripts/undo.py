"""`nuanxin undo`: a whole import taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts import output
from scripts.progress import bar
from scripts.settings import Settings, who

if TYPE_CHECKING:
    from geodata.registry import Registry

LISTED = 20


@click.command("undo")
@click.argument("version", type=click.IntRange(min=1), required=False)
@click.option("--why", default=None, help="原因，写入历史。 Why; kept in the history.")
@click.pass_obj
def command(settings: Settings, version: int | None, why: str | None) -> None:
    """撤回某一版的全部改动；不写版本号则列出最近各版。 Take a whole commit back, in a new one; without VERSION, list the latest.

    之后又被改动的站点不会被覆盖：这时整体拒绝，并列出这些站点。 Sites changed since are never overwritten: it refuses, and names them.
    """
    registry = settings.registry()
    if version is None:
        _list(registry, settings.language)
        return
    with bar("撤销 Undoing") as progress:
        done = registry.undo(version, who=who(), why=why or f"undo version {version}", progress=progress)
    click.echo(f"已撤销第 {version} 版：移除 {done.removed}，改回 {done.changed}，恢复 {done.reinstated}；登记库第 {done.version} 版。"
               f" Version {version} undone: {done.removed} removed, {done.changed} changed back, {done.reinstated} reinstated;"
               f" registry version {done.version}.")
    settings.keep(registry)


def _list(registry: Registry, language: str) -> None:
    zh = language == "zh"
    counted = {"created": ("新增", "new"), "changed": ("更改", "changed"), "removed": ("移除", "removed"),
               "reinstated": ("恢复", "reinstated"), "undoes": ("撤销第几版：", "undoes version")}
    rows = []
    for done in registry.commits(most=LISTED):
        said = [f"{counted[name][0]}{count}" if zh else f"{counted[name][1]} {count}" for name, count in done.summary.items()
                if name in counted]
        rows.append((done.version, f"{done.at:%Y-%m-%d %H:%M}", done.who, done.action, "，".join(said) if zh else ", ".join(said), done.why))
    headers = ("版本", "时间", "谁", "动作", "站点", "原因") if zh else ("version", "at", "who", "action", "sites", "why")
    output.as_table(rows, headers, empty="登记库还没有改动。" if zh else "Nothing has been committed yet.")
