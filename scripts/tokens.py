"""`nuanxin token`: keys for programs, each acting for an account within a scope."""

from __future__ import annotations

from datetime import timedelta

import click

from geodata.registry.accounts import name_of
from locator.errors import BadValue, NotThere
from locator.permissions import SCOPES
from scripts import output
from scripts.settings import Settings
from scripts.users import WHO, now

LONGEST_DAYS = 366


@click.group("token")
def command() -> None:
    """程序用的令牌。 Tokens for programs."""


@command.command("add")
@click.argument("name")
@click.option("--scope", type=click.Choice(list(SCOPES)), default="read", show_default=True, help="可以做什么。 What it may be used for.")
@click.option("--area", default=None, help="只限账号区域里的这一部分。 Only this part of the account's area.")
@click.option("--days", type=click.IntRange(1, LONGEST_DAYS), default=90, show_default=True, help="有效天数。 Days it lasts.")
@click.option("--label", default="-", help="给哪个程序用。 For which program.")
@click.pass_obj
def add_command(settings: Settings, name: str, scope: str, area: str | None, days: int, label: str) -> None:
    """为账号生成令牌，只显示这一次。 Make a token for an account; it is shown once."""
    registry, at = settings.registry(), now()
    account = registry.accounts.named(name_of(name))
    if account.disabled:
        raise BadValue("name", name, zh="这个账号已停用", en="this account is stopped")
    code = None
    if area is not None:
        tree = settings.areas().tree
        code = tree.code(area)
        if not account.grant.reaches(code, tree):
            raise BadValue("--area", area, zh="不在这个账号的区域里", en="does not lie in this account's area")
    token = registry.tokens.add(account, label=label, scope=scope, area=code, until=at + timedelta(days=days), at=at)
    registry.audit.record(at=at, who=WHO, action="token_add", object=f"{token[:9]} {account.name}", area=code)
    click.echo(token)
    click.echo("请现在保存，以后不再显示。用法：Authorization: Bearer TOKEN\nKeep it now; it is not shown again.", err=True)


@command.command("list")
@click.option("--format", "shape", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True, help="格式。 Format.")
@click.pass_obj
def list_command(settings: Settings, shape: str) -> None:
    """列出令牌。 List the tokens."""
    zh, at = settings.language == "zh", now()
    found = [{"id": t.id, "prefix": t.prefix, "name": t.account.name, "label": t.label, "scope": t.scope, "area": t.area or t.account.area,
              "until": t.until.isoformat(timespec="seconds"), "used_at": t.used_at and t.used_at.isoformat(timespec="seconds"),
              "good": t.revoked_at is None and t.until > at and not t.account.disabled} for t in settings.registry().tokens.all()]
    columns = ("id", "prefix", "name", "label", "scope", "area", "until", "used_at", "good")
    if shape == "json":
        output.as_json({"tokens": found})
    elif shape == "csv":
        output.as_csv(found, columns)
    else:
        headers = ["编号", "开头", "账号", "用途", "范围", "区域", "到期", "最近使用", "有效"] if zh else list(columns)
        output.as_table([["—" if t[c] is None else {True: "√", False: "—"}.get(t[c], t[c]) if c == "good" else t[c]  # type: ignore[call-overload]
                          for c in columns] for t in found], headers, empty="还没有令牌。" if zh else "There is no token yet.")


@command.command("revoke")
@click.argument("which")
@click.pass_obj
def revoke_command(settings: Settings, which: str) -> None:
    """撤销令牌，写编号或开头。 End a token, named by its number or its beginning."""
    registry = settings.registry()
    token = next((t for t in registry.tokens.all() if which in (str(t.id), t.prefix)), None)
    if token is None:
        raise NotThere("token", which, zh="没有这个令牌", en="there is no such token")
    registry.tokens.revoke(token.id, now())
    registry.audit.record(at=now(), who=WHO, action="token_revoke", object=token.prefix)
    click.echo(f"已撤销 {token.prefix}…。 {token.prefix}… is revoked.", err=True)
