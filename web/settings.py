"""What a web process is told when it starts: one frozen record, from a mapping, a file or the environment.

Every setting an operator may give is a field with words; `web.configuration` reads them, and makes
docs/settings.md of them.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from locator.errors import BadValue
from web.basemap import BaseMap

SIDES = ("public", "internal")
LEVELS = ("debug", "info", "warning", "error")
LOOPBACK = ("127.0.0.0/8", "::1/128")


def _told(default: Any, zh: str, en: str, example: str = "") -> Any:
    """Return a field that an operator may set."""
    return dataclasses.field(default=default, metadata={"zh": zh, "en": en, "example": example})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that may differ between two running web processes.

    Raises `BadValue`, when made, for a value that will not do.
    """

    home: Path = _told(
        Path("var"), "数据目录；只能由环境变量或 --home 给出",
        "the data directory; from the environment or --home only", "/var/lib/nuanxin")
    database: str | None = _told(
        None, "另一处登记库的 URL；不给则为数据目录里的 SQLite",
        "another registry, by URL; SQLite in the home otherwise", "postgresql+psycopg://nuanxin@db/registry")
    demo: bool = _told(
        True, "允许提供演示数据；serve 按监听地址决定",
        "may serve demonstration records; serve decides by where it listens", "false")
    only: str | None = _told(
        None, "只提供一侧的页面：public 或 internal；不给则都提供",
        "serve one side's pages only: public or internal", "public")
    exposed: bool = _told(
        False, "别的机器也连得上：还没有账号时内部页面也要登录；serve 按监听地址决定",
        "reached from other machines: internal pages need an account even before there is one; serve decides by where it listens", "true")
    public_url: str | None = _told(
        None, "访客输入的地址（不含路径）；二维码指向它。不给则不显示、不打印二维码",
        "what visitors type, without a path; QR codes lead there. Without it none is shown or printed", "https://nuanxin.example.org")
    path_prefix: str = _told(
        "", "在代理后面挂在这个路径下；代理转发全路径或去掉前缀都可以",
        "lives under this path behind a proxy, which may pass the whole path on or strip it", "/nuanxin")
    trusted_proxies: tuple[str, ...] = _told(
        (), "只相信这些地址（或网段）送来的 X-Forwarded-For、-Proto、-Host",
        "X-Forwarded-For, -Proto and -Host are believed from these addresses or networks only", "127.0.0.1")
    tls_certificate: Path | None = _told(
        None, "直接提供 https 时的证书（PEM，含中间证书）",
        "the certificate for https without a proxy (PEM, with the chain)", "/etc/nuanxin/cert.pem")
    tls_key: Path | None = _told(None, "其私钥（PEM）", "its private key (PEM)", "/etc/nuanxin/key.pem")
    base_map: str = _told(
        "outlines", "底图：none 没有；outlines 自带的区界；tianditu 天地图（须给密钥和审图号）；或 XYZ、WMTS 模板，含 {z} {x} {y}",
        "the base map: none; outlines, the built-in ones; tianditu (needs its key and approval number); or an XYZ or WMTS template with {z} {x} {y}",
        "https://tiles.example.org/{z}/{x}/{y}.png")
    tianditu_key: str | None = _told(
        None, "天地图的密钥（浏览器端，按本站域名绑定；网页里看得到）",
        "a key of Tianditu, for browsers and bound to this site's host: pages show it", "0123456789abcdef0123456789abcdef")
    base_map_labels: str | None = _told(
        None, "叠在底图上的注记层模板",
        "a template of labels drawn over the base map", "https://tiles.example.org/names/{z}/{x}/{y}.png")
    base_map_datum: str | None = _told(
        None, "底图的坐标系：wgs84、cgcs2000 或 gcj02；给了模板就必须给",
        "the base map's datum: wgs84, cgcs2000 or gcj02; required with a template", "gcj02")
    base_map_attribution: str | None = _told(
        None, "底图来源，显示在每张地图上；给了模板就必须给",
        "whose map it is, shown on every map; required with a template", "天地图")
    base_map_approval: str | None = _told(
        None, "审图号，显示在每张地图上；给了模板就必须给",
        "its map approval number, shown on every map; required with a template", "GS(2024)0650号")
    base_map_max_zoom: int = _told(18, "底图最大级别", "the base map's largest zoom", "18")
    planner_public: bool = _told(
        False, "没有账号的人也可以看规划页面：已算好的分析，以及全市按区的 1 公里覆盖；不能另行计算",
        "people without an account may read the planner's pages: studies that were made, and the city by district within 1 km; "
        "never have others made", "true")
    icp: str | None = _told(
        None, "ICP 备案号，显示在页脚并链接到 beian.miit.gov.cn",
        "the ICP filing number, in the footer, linked as the rule demands", "京ICP备12345678号-1")
    police: str | None = _told(
        None, "公安备案号，显示在页脚并链接到 beian.mps.gov.cn",
        "the police filing number, in the footer, linked likewise", "京公网安备11010102001234号")
    cors_origins: tuple[str, ...] = _told(
        (), "其脚本可以读接口的网站",
        "origins whose scripts may read the API", "https://map.example.org")
    log_level: str = _told(
        "info", "日志级别：debug、info、warning、error",
        "how much is logged: debug, info, warning, error", "warning")
    log_requests: bool = _told(
        False, "每个请求一行日志（没有查询串、地址和正文）",
        "one line a request (no query, address or body)", "true")
    metrics_from: tuple[str, ...] = _told(
        LOOPBACK, "可以读 /metrics 的地址（或网段）",
        "addresses or networks that may read /metrics", "10.0.0.5")
    metrics_token: str | None = _told(
        None, "也可凭此令牌（Authorization: Bearer）读 /metrics",
        "a bearer token that may read /metrics too", "")
    noop: bool = _told(
        False, "加一个什么都不做的接口，供基准测试比较",
        "add a route that answers nothing, which benchmarks compare with", "true")
    poll_s: float = 1.0
    """Seconds between two looks at the registry's version."""
    clock: Callable[[], datetime] | None = None
    """Tests stop the clock; None is the real one."""
    atlas: Any = None
    """Tests pass a finished atlas; then no registry is opened."""
    registry: Any = None
    """Tests pass an open registry."""
    secret_key: str | None = None
    """Signs the cookie of internal pages; None: the installation's own, made once and kept in its home."""
    passwords: Any = None
    """Tests pass a `geodata.passwords.Passwords` that is quicker."""

    def __post_init__(self) -> None:
        for name, kind in (("home", Path), ("tls_certificate", Path), ("tls_key", Path)):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, kind(getattr(self, name)))
        for name in ("public_url", "path_prefix"):
            object.__setattr__(self, name, (getattr(self, name) or "").rstrip("/") or _EMPTY[name])
        _check(self)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the file of the home that ``NUANXIN_HOME`` names, then the environment, which wins; absent is the default.

        Raises:
            BadFile: If the file cannot be read.
            UnknownCode: If it names no setting; says the nearest.
            BadValue: If a value will not do.
        """
        from web import configuration

        return configuration.read(environ)

    def as_environment(self) -> dict[str, str]:
        """Return the variables from which `from_environment` makes equal settings again."""
        from web import configuration

        return configuration.environment_of(self)


_EMPTY: Mapping[str, Any] = {"public_url": None, "path_prefix": ""}


def _check(settings: Settings) -> None:
    for name, values in (("only", (None, *SIDES)), ("log_level", LEVELS)):
        if getattr(settings, name) not in values:
            known = ", ".join(value for value in values if value)
            raise BadValue(name, getattr(settings, name), zh=f"应为 {known} 之一", en=f"must be one of {known}")
    for name in ("public_url", "cors_origins"):
        said = getattr(settings, name) or ()
        for origin in (said,) if isinstance(said, str) else said:
            _check_origin(name, origin)
    for name in ("trusted_proxies", "metrics_from"):
        for network in getattr(settings, name):
            _check_network(name, network)
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise BadValue("tls_key", settings.tls_key, zh="证书和私钥要么都给，要么都不给", en="give the certificate and the key, or neither")
    _check_written("path_prefix", settings.path_prefix or None, r"(/[A-Za-z0-9._~-]+)+", "/nuanxin")
    _check_written("icp", settings.icp, r"\S*ICP[备证]\S*\d+\S*", "京ICP备12345678号-1")
    _check_written("police", settings.police, r"\S*公网安备\s*\d{14}\s*号", "京公网安备11010102001234号")
    BaseMap.of(settings)


def _check_origin(name: str, origin: str) -> None:
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        more = Path(parts.path).name and name == "public_url"
        raise BadValue(name, origin, zh="应像 https://nuanxin.example.org" + ("；路径写在 path_prefix" if more else ""),
                       en="must look like https://nuanxin.example.org" + ("; the path belongs into path_prefix" if more else ""))


def _check_network(name: str, network: str) -> None:
    try:
        ipaddress.ip_network(network)
    except ValueError:
        raise BadValue(name, network, zh="应为 IP 地址或网段，如 127.0.0.1、10.0.0.0/8",
                       en="must be an address or network such as 127.0.0.1 or 10.0.0.0/8") from None


def _check_written(name: str, said: str | None, pattern: str, example: str) -> None:
    if said is not None and not re.fullmatch(pattern, said):
        raise BadValue(name, said, zh=f"应像 {example}", en=f"must look like {example}")
