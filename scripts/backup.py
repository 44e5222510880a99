"""`nuanxin backup`: the whole installation in one file, while it is served."""

from __future__ import annotations

from pathlib import Path

import click

from scripts.settings import Settings


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def command(settings: Settings, file: Path) -> None:
    """把登记库和数据目录里的文件备份成一个文件；服务不必停。 Back the registry and the home's files up into one file, while serving.

    密钥和证书不在其中。 Keys and certificates are not in it.
    """
    from geodata import backup

    manifest = backup.write(file, settings.home, settings.place())
    click.echo(f"已备份到 {file}：登记库第 {manifest.version} 版，{manifest.sites} 个站点，{len(manifest.files)} 个文件，已核对。"
               f" Backed up to {file}: registry version {manifest.version}, {manifest.sites} sites, {len(manifest.files)} files, verified.",
               err=True)
