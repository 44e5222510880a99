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
    """节假日表还能用多久；已到期则退出码为 1。 Say how long the table of holidays lasts; exit 1 when it has ended."""
    from geodata import calendar

    outlook = calendar.check(calendar.load(), datetime.now(UTC).astimezone(BEIJING).date())
    click.echo(outlook.words.in_language(settings.language))
    if outlook.days_left < 0:
        ctx.exit(1)
