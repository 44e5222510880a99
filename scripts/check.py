"""`nuanxin check`: verify the registry end to end, and that what is asked is what is registered."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from locator.errors import BadValue, Unavailable
from scripts import output
from scripts.settings import Settings

if TYPE_CHECKING:
    from geodata.registry import Registry
    from geodata.registry.checking import Finding

WAIT_S = 10.0
"""For a server that has not yet seen the newest version."""
MOST_SHOWN = 1000
_UNREADABLE = ("database", "site", "history")


@click.command("check")
@click.option("--server", default=None, metavar="URL",
              help="再逐条核对一个正在运行的服务，如 http://127.0.0.1:8000。 Compare a running server too, site by site.")
@click.pass_obj
@click.pass_context
def command(ctx: click.Context, settings: Settings, server: str | None) -> None:
    """逐项核对登记库与快照，说出哪里不对；有不对则退出码为 1。 Verify the registry and its atlas; exit 1 if anything is wrong."""
    zh = settings.language == "zh"
    registry = settings.registry()
    found = list(islice(_findings(settings, registry, server), MOST_SHOWN + 1))
    if not found:
        version = registry.version()
        click.echo(f"登记库第 {version} 版，未发现问题。" if zh else f"Registry version {version}: nothing wrong found.")
        return
    click.echo("\n".join(output.plain(finding.zh if zh else finding.en) for finding in found[:MOST_SHOWN]))
    more = "" if len(found) <= MOST_SHOWN else "+"
    count = min(len(found), MOST_SHOWN)
    click.echo(f"{count}{more} 处不对。" if zh else f"{count}{more} findings.", err=True)
    ctx.exit(1)


def _findings(settings: Settings, registry: Registry, server: str | None) -> Iterator[Finding]:
    from geodata import agreement, vocabulary

    found = registry.check(vocabulary.of_home(settings.home), settings.areas().tree)
    yield from found
    if any(finding.field in _UNREADABLE for finding in found):
        return  # no atlas can be made of it
    yield from agreement.findings(registry)
    if server is not None:
        yield from _served(server.rstrip("/"), registry)


def _served(address: str, registry: Registry) -> Iterator[Finding]:
    """Return where a running server's public records differ from the registry's."""
    from geodata.registry.checking import Finding
    from locator.words import Words
    from web.catalogue import is_public, plain_record

    until = time.monotonic() + WAIT_S
    while True:
        version, served = _catalogue(address)
        with registry.view() as view:
            newest = view.version()
            held = {site.id: plain_record(site) for site in view.sites() if is_public(site)}
        if version == newest or time.monotonic() > until:
            break
        time.sleep(0.5)
    if version != newest:
        yield Finding("", "version", version, Words(f"服务的不是最新版；登记库是第 {newest} 版",
                                                    f"another version is served than the registry's, {newest}"))
        return
    for site_id in sorted(held.keys() | served.keys()):
        record, shown = held.get(site_id), served.get(site_id)
        if record is None or shown is None:
            yield Finding(site_id, "id", None, Words("登记库与服务只有一方有这个公开站点", "only one of registry and server has this public site"))
            continue
        plain = json.loads(json.dumps(record))
        for name in plain:
            if plain[name] != shown.get(name):
                yield Finding(site_id, name, shown.get(name), Words(f"登记库里是 {plain[name]!r}", f"the registry has {plain[name]!r}"))


def _catalogue(address: str) -> tuple[int, dict[str, dict[str, Any]]]:
    if not address.startswith(("http://", "https://")):
        raise BadValue("--server", address, zh="应像 http://127.0.0.1:8000", en="must look like http://127.0.0.1:8000")
    records: dict[str, dict[str, Any]] = {}
    version, cursor = -1, ""
    while True:
        try:
            with urllib.request.urlopen(f"{address}/api/v1/sites?limit=1000{cursor}", timeout=30) as reply:  # noqa: S310 - http alone, above
                page = json.load(reply)
            if version not in (-1, page["version"]):
                return _catalogue(address)  # it changed between two pages
            version = page["version"]
            records.update((record["id"], record) for record in page["sites"])
            if page["next"] is None:
                return version, records
            cursor = "&cursor=" + urllib.parse.quote(page["next"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unavailable("--server", address, zh=f"没有得到站点目录（{type(error).__name__}）",
                              en=f"does not answer with its catalogue ({type(error).__name__})") from None
