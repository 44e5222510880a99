"""`nuanxin restore`: an installation as a backup has it."""

from __future__ import annotations

from pathlib import Path

import click

from scripts.settings import Settings


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="替换已有的登记库（原来的另存一份）。 Replace a registry that is there; it is kept aside.")
@click.pass_obj
def command(settings: Settings, file: Path, force: bool) -> None:
    """从备份恢复：先全部核对，要么全部恢复，要么不变；服务不必停。 Restore a backup: verified first, all of it or nothing, while serving."""
    from geodata import restore

    done = restore.restore(file, settings.home, settings.place(), force=force)
    told = done.manifest
    click.echo(f"已恢复 {told.made_at} 的备份：登记库第 {told.version} 版，{told.sites} 个站点。"
               f" Restored the backup of {told.made_at}: registry version {told.version}, {told.sites} sites.", err=True)
    click.echo("所有人要重新登录；令牌、停用的账号和清除过的个人信息都回到备份当日，请逐一核对。"
               " Everybody signs in again; tokens, disabled accounts and redactions are as on the day of the backup: go through them.",
               err=True)
    if done.aside is not None:
        click.echo(f"原来的在 {done.aside}。 What was there before is in {done.aside}.", err=True)
