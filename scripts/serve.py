"""`nuanxin serve`: pages and API, by several workers."""

from __future__ import annotations

import ipaddress
import os

import click

from locator.errors import BadValue
from scripts.settings import Settings


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="默认按处理器数。 Default: one a processor.")
@click.option("--demo", is_flag=True, help="允许对外提供演示数据。 Serve demonstration records beyond this machine.")
@click.option("--only", type=click.Choice(["public", "internal"]), default=None,
              help="只提供公众页面或内部页面。 Only the public pages, or only the internal ones.")
@click.pass_obj
def command(settings: Settings, host: str, port: int, workers: int | None, demo: bool, only: str | None) -> None:
    """提供网页与接口。 Serve the pages and the API."""
    from granian.constants import Interfaces
    from granian.server import Server

    registry = settings.registry()
    if not demo and not _loopback(host) and registry.has_demo():
        raise BadValue("--host", host, zh="登记库里有演示数据，不对外提供；先执行 nuanxin demo remove，或加 --demo",
                       en="the registry holds demonstration records, which are not served beyond this machine; "
                          "run nuanxin demo remove first, or add --demo")
    workers = workers or max(1, min(4, os.cpu_count() or 1))
    os.environ["NUANXIN_HOME"] = str(settings.home.resolve())
    if settings.database:
        os.environ["NUANXIN_DATABASE"] = settings.database
    if only:
        os.environ["NUANXIN_ONLY"] = only
    click.echo(f"http://{host}:{port}  （{workers} 个进程，Ctrl-C 停止 / {workers} workers, Ctrl-C stops）", err=True)
    Server("web.wsgi:app", factory=True, address=host, port=port, interface=Interfaces.WSGI, workers=workers,
           log_access=False, respawn_failed_workers=True).serve()


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
