"""Who is believed about where a request came from, and under which path the whole site lives."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from locator.errors import BadValue
from web.settings import Settings

FORWARDED = "nuanxin.forwarded"
"""In a request's environ: it came through a proxy that is not trusted, so its address is that proxy's."""
TRUSTED = "nuanxin.trusted"
"""In a request's environ: it came through a trusted proxy."""
_PIECE = 64 * 1024
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
_SAID = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
         "HTTP_X_FORWARDED_PREFIX", "HTTP_X_REAL_IP")


class Networks:
    """A set of addresses."""

    def __init__(self, networks: Iterable[str]) -> None:
        """Take addresses and networks."""
        self._networks = tuple(ipaddress.ip_network(network) for network in networks)
        self._known = lru_cache(maxsize=1024)(self._look)

    def __contains__(self, address: str) -> bool:
        return bool(self._networks) and self._known(address)

    def _look(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:  # a local socket has none
            return False
        if found.version == 6 and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return any(found in network for network in self._networks)


class _Proxied:
    """Believes what trusted proxies say, and nobody else."""

    def __init__(self, app: Wsgi, trusted: Networks) -> None:
        self._direct = app
        self._behind = ProxyFix(app, x_for=1, x_proto=1, x_host=1, x_port=0, x_prefix=0)
        self._trusted = trusted

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("REMOTE_ADDR", "") in self._trusted:
            environ[TRUSTED] = True
            answer = self._behind(environ, start_response)
            _read_out(environ)
            return answer
        for name in _SAID:
            if environ.pop(name, None) is not None:
                environ[FORWARDED] = True
        return self._direct(environ, start_response)


def _read_out(environ: dict[str, Any]) -> None:
    """Take in what a view that refused did not read.

    A server hangs up on what was left unread, and a proxy that is still sending it tells its visitor 502, not the refusal. It
    has held the whole of it back until it knew that it was not too much, so nobody keeps us waiting here.
    """
    while environ["wsgi.input"].read(_PIECE):
        pass


class _Prefixed:
    """Takes a prefix off the path, or off what a proxy has taken off already, and has every address begin with it."""

    def __init__(self, app: Wsgi, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == self._prefix or path.startswith(self._prefix + "/"):
            environ["PATH_INFO"] = path[len(self._prefix):] or "/"
        environ["SCRIPT_NAME"] = self._prefix
        return self._app(environ, start_response)


def init_app(app: Flask, settings: Settings) -> None:
    """Put an app behind its proxies; after every room is in.

    Raises:
        BadValue: If the prefix is one of the site's own paths, so that nobody could tell them apart.
    """
    prefix = settings.path_prefix
    if prefix:
        if any(rule.rule == prefix or rule.rule.startswith(prefix + "/") for rule in app.url_map.iter_rules()):
            raise BadValue("path_prefix", prefix, zh="与本站自己的路径相同，请换一个", en="is a path of this site's own; take another")
        app.config["APPLICATION_ROOT"] = prefix  # cookies are for this path alone
        app.wsgi_app = _Prefixed(app.wsgi_app, prefix)  # type: ignore[method-assign]
    app.wsgi_app = _Proxied(app.wsgi_app, Networks(settings.trusted_proxies))  # type: ignore[method-assign]
