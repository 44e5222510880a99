"""`nuanxin check`: verify the registry end to end."""

from __future__ import annotations

import click

from scripts import output
from scripts.settings import Settings


@click.command("check")
@click.pass_obj
@click.pass_context
def command(ctx: click.Context, settings: Settings) -> None:
    """逐项核对登记库，说出哪里不对；有不对则退出码为 1。 Verify the registry and say what is wrong; exit 1 if anything is."""
    from geodata import vocabulary

    zh = settings.language == "zh"
    registry = settings.registry()
    findings = registry.check(vocabulary.of_home(settings.home), settings.areas().tree)
    if not findings:
        version = registry.version()
        click.echo(f"登记库第 {version} 版，未发现问题。" if zh else f"Registry version {version}: nothing wrong found.")
        return
    click.echo("\n".join(output.plain(finding.zh if zh else finding.en) for finding in findings))
    click.echo(f"{len(findings)} 处不对。" if zh else f"{len(findings)} findings.", err=True)
    ctx.exit(1)
