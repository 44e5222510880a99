"""`nuanxin demo`: the marked demonstration registry, in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts.progress import bar
from scripts.settings import Settings

if TYPE_CHECKING:
    from geodata.registry import Registry

WHO = "nuanxin demo"


@click.group("demo")
def command() -> None:
    """演示数据。 Demonstration records."""


@command.command("load")
@click.pass_obj
def load_command(settings: Settings) -> None:
    """载入演示数据；已有则不再载入。 Load the demonstration records, unless they are there."""
    load(settings.registry(), settings)


@command.command("remove")
@click.pass_obj
def remove_command(settings: Settings) -> None:
    """去掉全部演示数据；自己的站点与历史都保留。 Take every demonstration record out; your own sites and the history stay."""
    registry = settings.registry()
    ids = [site.id for site in registry.sites() if site.demo]
    removed = registry.remove(ids, who=WHO, why="demo remove") if ids else 0
    click.echo(f"去掉了 {removed} 条演示数据。 Took out {removed} demonstration records.", err=True)


def load(registry: Registry, settings: Settings) -> None:
    """Put the demonstration records in, once: an installation that has its own sites keeps them beside."""
    from geodata import demo, vocabulary

    if registry.has_demo():
        click.echo("演示数据已在登记库里。 The demonstration records are in the registry.", err=True)
        return
    with bar("载入演示数据 Loading the demonstration") as progress:
        done = registry.commit(list(demo.sites(vocabulary.of_home(settings.home), settings.areas())), who=WHO, why="demo load",
                               action="demo", progress=progress)
    loaded = done.created + done.reinstated
    click.echo(f"载入 {loaded} 条演示数据，都有标记，不是真实登记。"
               f" Loaded {loaded} demonstration records, all marked as such.", err=True)
    settings.keep(registry)


def was_taken_out(registry: Registry, settings: Settings) -> bool:
    """Say whether there once was a demonstration and somebody removed it: a start must not bring it back."""
    from geodata import demo

    return not registry.has_demo() and bool(registry.history(demo.named(settings.areas())[0].id))
