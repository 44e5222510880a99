"""`nuanxin user`: who may sign in. The first account is made here; the others, on the page."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import click

from geodata.registry import Registry
from geodata.registry.accounts import name_of
from locator.errors import BadValue
from locator.permissions import ROLES, check_post
from locator.typed import BEIJING
from scripts import output
from scripts.settings import Settings

OF_THE_CITY = ("city", "hotline")
"""Roles whose accounts are the whole city's unless an area is named: one line answers everybody's calls."""
WHO = "command line"
"""Who the audit log says it was: whoever may write the registry's file."""


def now() -> datetime:
    """Return the present on Beijing's clock."""
    return datetime.now(BEIJING)


@click.group("user")
def command() -> None:
    """账号。 Accounts."""


@command.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), required=True, help="角色。 What it may do.")
@click.option("--area", default=None, help="区域的代码或名称；市级管理员和热线坐席不写则为全市。 Where; city and hotline without it: the whole city.")
@click.option("--display", default="", help="显示的姓名或岗位。 The name shown.")
@click.pass_obj
def add_command(settings: Settings, name: str, role: str, area: str | None, display: str) -> None:
    """建立账号，打印设置密码的一次性代码（24 小时内有效）。 Make an account; print the one-time code to choose its password with."""
    name, tree, registry = name_of(name), settings.areas().tree, settings.registry()
    roots = tree.children(None)
    if area is None and (role not in OF_THE_CITY or len(roots) != 1):
        raise BadValue("--area", None, zh="请写明这个账号管哪个区域", en="say which area this account is for")
    code_of_area = roots[0].code if area is None else tree.code(area)
    check_post(role, code_of_area, tree)
    code = registry.accounts.add(name, display=display, role=role, area=code_of_area, by=WHO, at=now())
    _audit(registry, "account_add", name, area=code_of_area)
    _tell_code(code, settings)


@command.command("list")
@click.option("--format", "shape", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True, help="格式。 Format.")
@click.pass_obj
def list_command(settings: Settings, shape: str) -> None:
    """列出账号。 List the accounts."""
    tree, zh = settings.areas().tree, settings.language == "zh"
    found: list[dict[str, Any]] = [
        {"name": a.name, "display": a.display, "role": a.role, "area": a.area, "created_at": a.created_at.isoformat(timespec="seconds"),
         "signed_in_at": a.signed_in_at and a.signed_in_at.isoformat(timespec="seconds"), "second_factor": a.second_factor,
         "password": a.password is not None, "disabled": a.disabled} for a in settings.registry().accounts.all()]
    if shape == "json":
        output.as_json({"accounts": found})
    elif shape == "csv":
        output.as_csv(found, ("name", "display", "role", "area", "created_at", "signed_in_at", "second_factor", "password", "disabled"))
    else:
        headers = ["账号", "姓名", "角色", "区域", "上次登录", "状态"] if zh else ["name", "shown", "role", "area", "last sign-in", "state"]
        states = ("停用", "待设密码", "可用") if zh else ("stopped", "no password yet", "in use")
        output.as_table([[a["name"], a["display"], ROLES[a["role"]].words.in_language(settings.language),
                          tree[a["area"]].words.in_language(settings.language) if a["area"] in tree else a["area"],
                          a["signed_in_at"] or "—", states[0 if a["disabled"] else 2 if a["password"] else 1]] for a in found],
                        headers, empty="还没有账号。" if zh else "There is no account yet.")


@command.command("disable")
@click.argument("name")
@click.pass_obj
def disable_command(settings: Settings, name: str) -> None:
    """停用账号：立即退出登录，令牌作废。 Stop an account: its sessions and tokens end at once."""
    name, registry = name_of(name), settings.registry()
    registry.accounts.disable(registry.accounts.named(name), now())
    _audit(registry, "account_disable", name)
    click.echo(f"已停用 {name}。 {name} is stopped.", err=True)


@command.command("enable")
@click.argument("name")
@click.pass_obj
def enable_command(settings: Settings, name: str) -> None:
    """恢复停用的账号。 Let a stopped account sign in again."""
    name, registry = name_of(name), settings.registry()
    registry.accounts.enable(registry.accounts.named(name))
    _audit(registry, "account_enable", name)
    click.echo(f"已恢复 {name}。 {name} may sign in again.", err=True)


@command.command("password")
@click.argument("name")
@click.pass_obj
def password_command(settings: Settings, name: str) -> None:
    """重设密码：原密码与第二步验证作废，打印新的一次性代码。 Take password and second factor away; print a one-time code to choose anew."""
    name, registry = name_of(name), settings.registry()
    code = registry.accounts.reset(registry.accounts.named(name), now())
    _audit(registry, "account_reset", name)
    _tell_code(code, settings)


def _audit(registry: Registry, action: str, name: str, *, area: str | None = None) -> None:
    registry.audit.record(at=now(), who=WHO, action=action, object=name, area=area)


def _tell_code(code: str, settings: Settings) -> None:
    click.echo(code)
    from web import configuration

    told = configuration.read({**os.environ, "NUANXIN_HOME": str(settings.home)})
    where = f"{told.public_url}{told.path_prefix}/invite?code={code}" if told.public_url else f"{told.path_prefix}/invite"
    click.echo(f"24 小时内凭这个代码设置密码，只能用一次：{where}\nChoose a password with this code within 24 hours, once: {where}", err=True)
