"""`nuanxin reports`: taking out what workers' reports may no longer hold."""

from __future__ import annotations

import click

from geodata.registry.reports import KEPT
from scripts.settings import Settings
from scripts.users import now


@click.group("reports")
def command() -> None:
    """用户反馈。 Workers' reports."""


@command.command("prune")
@click.pass_obj
def prune_command(settings: Settings) -> None:
    """删去 180 天以前的反馈文字；运行中的服务每小时自己做一次。 Empty texts older than 180 days; a running server does it every hour."""
    gone = settings.registry().reports.prune(now=now())
    click.echo(f"清空了 {gone} 条早于 {KEPT.days} 天的反馈。 {gone} reports older than {KEPT.days} days were emptied.", err=True)
