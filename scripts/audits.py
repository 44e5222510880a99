"""`nuanxin audit`: the audit log on the command line, and taking out what is old."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from geodata.registry.audit import ACTIONS, LEAST_KEPT, as_plain
from scripts import output
from scripts.settings import Settings
from scripts.users import WHO, now

COLUMNS = ("at", "who", "action", "object", "area", "outcome")


@click.group("audit")
def command() -> None:
    """审计日志。 The audit log."""


@command.command("list")
@click.option("--who", default="", help="只看这个账号。 Of this account only.")
@click.option("--action", type=click.Choice(list(ACTIONS)), default=None, help="只看这类事项。 Of this sort only.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), default=None, help="从这一天起。 From this day on.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="最多几条。 At most so many.")
@click.option("--format", "shape", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True, help="格式。 Format.")
@click.pass_obj
def list_command(settings: Settings, who: str, action: str | None, since: datetime | None, limit: int, shape: str) -> None:
    """列出审计日志，新的在前。 List entries, the newest first."""
    entries = settings.registry().audit.entries(who=who.casefold(), action=action or "", limit=limit,
                                                since=since.replace(tzinfo=now().tzinfo) if since else None)
    found = [as_plain(entry) for entry in entries]
    if shape == "json":
        output.as_json({"entries": found})
    elif shape == "csv":
        output.as_csv(found, COLUMNS)
    else:
        zh = settings.language == "zh"
        headers = ["时间", "谁", "事项", "对象", "区域", "结果"] if zh else list(COLUMNS)
        output.as_table([[entry[name] or "—" for name in COLUMNS] for entry in found], headers,
                        empty="没有记录。" if zh else "There is no entry.")


@command.command("prune")
@click.option("--keep", type=int, default=LEAST_KEPT.days, show_default=True, help="保留多少天，至少 180。 Days to keep, 180 at least.")
@click.pass_obj
def prune_command(settings: Settings, keep: int) -> None:
    """删去早于保留期的记录。 Take out entries older than that."""
    gone = settings.registry().audit.prune(keep=timedelta(days=keep), at=now(), who=WHO)
    click.echo(f"删去 {gone} 条早于 {keep} 天的记录。 {gone} entries older than {keep} days were taken out.", err=True)
