"""`nuanxin calendar`: how far the table of holidays reaches."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from locator.typed import BEIJING
from scripts.settings import Settings


@click.group("calendar")
def command() -> None:
    """节假日与调休表。 Public holidays and make-up working days."""


@command.command("check")
@click.pass_obj
@click.pass_context
def check_command(ctx: click.Context, settings: Settings) -> None:
    """检查节假日表还能用多久。 Say how long the table of holidays still lasts."""
    from geodata import calendar

    finding = calendar.check(calendar.load(), datetime.now(UTC).astimezone(BEIJING).date())
    click.echo(finding.words.in_language(settings.language))
    if not finding.good:
        ctx.exit(1)
