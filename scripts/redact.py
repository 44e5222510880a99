"""`nuanxin redact`: what is said of a person taken out of a site's whole history."""

from __future__ import annotations

import click

from scripts.settings import Settings, who


@click.command("redact")
@click.argument("site_id")
@click.argument("field")
@click.option("--why", required=True, help="原因，写入历史；不要写出要隐去的内容。 Why; kept in the history. Do not repeat the value.")
@click.pass_obj
def command(settings: Settings, site_id: str, field: str, why: str) -> None:
    """把一个站点某项个人信息从全部历史中隐去，只留痕迹；不能撤销。 Take a personal field of a site out of its whole history, leaving a trace.

    FIELD 如 manager、manager_phone、phone、verified_by、entry_note、updated_by。此前的备份里仍有原文，须另行处理。
    Backups made before still hold the value: deal with them too.
    """
    from geodata import snapshot

    registry = settings.registry()
    snapshot.forget(settings.home)
    done = registry.redact(site_id, field, who=who(), why=why)
    snapshot.forget(settings.home)  # one that was made meanwhile
    click.echo(f"已从 {len(done.versions)} 个版本中隐去 {site_id} 的 {field}；登记库第 {done.version} 版。此前的备份里仍有原文。"
               f" {field} of {site_id} was redacted in {len(done.versions)} versions; registry version {done.version}."
               " Backups made before still hold it.")
    if not done.cleaned:
        click.echo("数据库文件正被使用或在服务器上，未能重写；空闲时请执行 VACUUM，以清除残留。"
                   " The database file was busy or is a server's, and was not written anew: run VACUUM when it is idle.", err=True)
