"""The code that leads from a door to a site's page: an address that lasts, or none; and its drawing."""

from __future__ import annotations

import ipaddress
from io import BytesIO
from urllib.parse import urlsplit

import segno
from flask import current_app, url_for
from markupsafe import Markup

from locator.errors import NotBuilt

SETTING = "public_url"
_QUIET = 4
"""White modules about a code, which readers need."""


def lasting_address(site_id: str) -> str | None:
    """Return the address that a printed code leads to; None where the operator has named none that a phone could reach.

    The host that a page was asked for by is never taken: 127.0.0.1 on a door helps nobody for as long as it hangs there.
    """
    root: str | None = current_app.extensions["settings"].public_url
    return None if root is None or _only_here(urlsplit(root).hostname or "") else root + url_for("site.page", site_id=site_id)


def printed_address(site_id: str) -> str:
    """Return `lasting_address`.

    Raises:
        NotBuilt: If there is none; says which setting to set.
    """
    address = lasting_address(site_id)
    if address is None:
        raise NotBuilt(SETTING, current_app.extensions["settings"].public_url,
                       zh="还没有设置访客可以打开的网址，二维码会指向打不开的地方。请管理员在 settings.toml 里设置 "
                          "public_url = \"https://…\"（或环境变量 NUANXIN_PUBLIC_URL），再打印",
                       en="no address that visitors can open has been set, so the code would lead nowhere. Have the operator set "
                          "public_url = \"https://…\" in settings.toml (or NUANXIN_PUBLIC_URL in the environment), then print")
    return address


def drawn(address: str) -> Markup:
    """Return an address as a code to put into a page."""
    return Markup(_made(address).svg_inline(scale=4, border=_QUIET, svgclass="qr", lineclass=None, omitsize=True))  # noqa: S704 - segno's own drawing


def file(address: str) -> bytes:
    """Return an address as an SVG file, black on white, 4 units a module."""
    written = BytesIO()
    _made(address).save(written, kind="svg", scale=4, border=_QUIET, light="#fff", title=address, svgclass=None, lineclass=None)
    return written.getvalue()


def _made(address: str) -> segno.QRCode:
    return segno.make(address, error="m", micro=False)


def _only_here(host: str) -> bool:
    """Return whether a host is the machine that asks for it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified or address.is_link_local
