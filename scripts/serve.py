"""`nuanxin serve`: pages and API, by several workers."""

from __future__ import annotations

import dataclasses
import errno
import ipaddress
import os
import socket
import ssl
import tempfile
from typing import TYPE_CHECKING

import click

from locator.errors import BadFile, BadValue, Unavailable
from scripts.settings import Settings

if TYPE_CHECKING:
    from web.settings import Settings as WebSettings

STOP_WITHIN_S = 5
"""A worker that is still starting does not hear that it should stop; after this it is ended."""
THREADS = 4
"""Of a worker. Answers are worked out under one lock; more threads only help while others wait for the disk."""
_TO_STANDARD_ERROR = {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
_LOGGING = {"handlers": dict.fromkeys(("console", "access"), _TO_STANDARD_ERROR), "formatters": {"generic": {"()": "web.logs.Formatter"}}}
"""The server's own lines, in the form of the workers'."""


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址。 The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="端口。 The port.")
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="进程数，默认按处理器数。 Processes; default: one a processor.")
@click.option("--demo", is_flag=True, help="允许对外提供演示数据。 Serve demonstration records beyond this machine.")
@click.option("--only", type=click.Choice(["public", "internal"]), default=None,
              help="只提供公众页面，或只提供内部页面（含内部站点，只给内网）。"
                   " Only the public pages, or only the internal ones, with internal sites: for an intranet.")
@click.pass_obj
def command(settings: Settings, host: str, port: int, workers: int | None, demo: bool, only: str | None) -> None:
    """提供网页与接口；Ctrl-C 停止。 Serve the pages and the API; Ctrl-C stops."""
    from web import configuration
    from web.settings import Settings as WebSettings

    configuration.check_names(os.environ)
    told = WebSettings.from_environment({**os.environ, "NUANXIN_HOME": str(settings.home)})
    registry = settings.registry(upgrade=True)
    address = _address(host, port)
    loopback = ipaddress.ip_address(address.partition("%")[0]).is_loopback
    # behind a proxy everybody comes from this machine
    alone = loopback and not told.trusted_proxies and not told.public_url
    if not demo and not alone and registry.has_demo():
        raise BadValue("--host", host, zh="登记库里有演示数据，不对外提供；先执行 nuanxin demo remove，或加 --demo",
                       en="the registry holds demonstration records, which are not served beyond this machine; "
                          "run nuanxin demo remove first, or add --demo")
    registry.close()
    _check_free(address, port)
    _check_tls(told)
    workers = workers or max(1, min(4, os.cpu_count() or 1))
    told = dataclasses.replace(told, home=settings.home.resolve(), database=settings.database, demo=demo or alone, only=only or told.only,
                               exposed=not alone)
    os.environ.update(told.as_environment())
    shown = f"[{address}]" if ":" in address else address
    at = f"{'https' if told.tls_key else 'http'}://{shown}:{port}{told.path_prefix}"
    click.echo(f"{at}  （{workers} 个进程，Ctrl-C 停止 / {workers} workers, Ctrl-C stops）", err=True)
    with tempfile.TemporaryDirectory(prefix="nuanxin-counts-") as folder:  # in which the workers' counts come together
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        _run(told, address, port, workers)


def _run(told: WebSettings, address: str, port: int, workers: int) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server("web:create_app", factory=True, address=address, port=port, interface=Interfaces.WSGI, workers=workers,
           blocking_threads=THREADS, websockets=False, log_access=False, log_level=LogLevels.warning, log_dictconfig=_LOGGING,
           ssl_cert=told.tls_certificate, ssl_key=told.tls_key,
           respawn_failed_workers=True, workers_kill_timeout=STOP_WITHIN_S).serve()


def _check_tls(told: WebSettings) -> None:
    """Refuse certificates that cannot be used before workers fail over them one by one."""
    if told.tls_certificate is None or told.tls_key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(told.tls_certificate, told.tls_key, password=lambda: "")
    except (OSError, ValueError) as error:  # ssl's own errors are the former
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise BadFile("tls_certificate", str(told.tls_certificate), zh=f"证书或私钥不能用（{said}）",
                      en=f"the certificate or its key cannot be used ({said})") from None


def _address(host: str, port: int) -> str:
    """Return the numbers of a host; a name may lead to several, the first is taken.

    Raises:
        BadValue: If there is no such host.
    """
    try:
        return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][4][0])
    except (OSError, UnicodeError):
        raise BadValue("--host", host, zh="没有这个地址或主机名", en="no such address or host name") from None


def _check_free(address: str, port: int) -> None:
    """Refuse an address that nobody could listen on now; the workers would each fail with a trace of their own."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Unavailable("--port", port, zh="端口已被占用；换一个，如 --port 8080",
                                  en="the port is in use; take another, such as --port 8080") from None
            if error.errno == errno.EACCES:
                raise Unavailable("--port", port, zh="没有权限使用这个端口；请用 1024 以上的",
                                  en="no permission to use this port; take one above 1023") from None
            raise BadValue("--host", address, zh=f"本机没有这个地址（{error.strerror}）",
                           en=f"this machine cannot listen on that address ({error.strerror})") from None
