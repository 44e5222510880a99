"""`nuanxin template`: the spreadsheet that offices fill in."""

from __future__ import annotations

from pathlib import Path

import click

from scripts.settings import Settings


@click.command("template")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def command(settings: Settings, file: Path) -> None:
    """生成填报表格（.xlsx）：中文表头、下拉列表、示例和说明；填好后用 import 导入。

    Write the spreadsheet to fill in: Chinese headers, drop-downs, one example, a help sheet. What is filled in, `import` reads.
    """
    from geodata import template, vocabulary

    template.write(file, vocabulary.of_home(settings.home), settings.areas().tree)
    click.echo(f"填报表格已写到 {file}。 The spreadsheet to fill in is {file}.", err=True)
