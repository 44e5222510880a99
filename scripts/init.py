"""`nuanxin init`: make the registry, or bring an older one up to date."""

from __future__ import annotations

import click

from scripts import demo
from scripts.settings import Settings


@click.command("init")
@click.option("--demo", "with_demo", is_flag=True, help="载入演示数据（有明显标记）。 Load the marked demonstration records.")
@click.pass_obj
def command(settings: Settings, with_demo: bool) -> None:
    """建立登记库；重复执行不改变什么。 Make the registry; running it again changes nothing."""
    registry = settings.registry(create=True)
    if with_demo and demo.was_taken_out(registry, settings):
        click.echo("演示数据曾被去掉，不再载入；要载入请执行 nuanxin demo load。"
                   " The demonstration was taken out and stays out; nuanxin demo load brings it back.", err=True)
    elif with_demo:
        demo.load(registry, settings)
    click.echo(f"登记库就绪：{settings.home}，第 {registry.version()} 版。"
               f" The registry is ready: {settings.home}, version {registry.version()}.", err=True)
