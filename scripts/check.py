"""`nuanxin check`: verify the registry end to end."""

from __future__ import annotations

import click

from scripts.settings import Settings


@click.command("check")
@click.pass_obj
@click.pass_context
def command(ctx: click.Context, settings: Settings) -> None:
    """逐项核对登记库，说出哪里不对。 Verify the registry and say what is wrong."""
    from geodata import vocabulary
    from geodata.areas import Areas

    registry = settings.registry()
    findings = list(registry.check(vocabulary.load(), Areas.load(settings.home).tree))
    for finding in findings:
        click.echo(f"{finding.zh}\n{finding.en}")
    if findings:
        click.echo(f"{len(findings)} 处不对。 {len(findings)} findings.", err=True)
        ctx.exit(1)
    click.echo(f"登记库第 {registry.version()} 版，未发现问题。 Registry version {registry.version()}: nothing wrong found.")
