"""The `nuanxin` command: one file a command, read only when that command is called."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import click

from locator.errors import Refusal
from scripts.settings import Settings

COMMANDS = {
    "init": "scripts.init", "demo": "scripts.demo", "serve": "scripts.serve",
    "import": "scripts.importing", "export": "scripts.exporting",
    "nearest": "scripts.nearest", "search": "scripts.search",
    "areas": "scripts.areas", "calendar": "scripts.calendar", "check": "scripts.check",
}


class _Lazy(click.Group):
    """A group whose commands are imported one at a time: a cold `nearest` reads no web server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        room = COMMANDS.get(cmd_name)
        return importlib.import_module(room).command if room else None


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), envvar="NUANXIN_HOME", default=Path("var"),
              show_default=True, help="数据目录：登记库、区域、日志。 Registry, areas, logs.")
@click.option("--language", type=click.Choice(["zh", "en"]), envvar="NUANXIN_LANGUAGE", default=None,
              help="表格与说明的语言。 Language of tables and notes; default by LANG, else zh.")
@click.version_option(package_name="nuanxin", prog_name="nuanxin")
@click.pass_context
def group(ctx: click.Context, home: Path, language: str | None) -> None:
    """暖心驿站定位器：最近、合适、到达时开放的服务点。

    The nearest suitable service point, open when you get there.
    """
    if language is None:
        language = "en" if os.environ.get("LANG", "").lower().startswith("en") else "zh"
    ctx.obj = Settings(home=home, database=os.environ.get("NUANXIN_DATABASE") or None, language=language)


def main() -> None:
    """Run the command line: exit 0 answered, 1 the input was refused, 2 wrong usage."""
    try:
        status = group.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as wrong:
        wrong.show()
        sys.exit(2)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("已中止，登记库未改动。 Stopped; the registry is unchanged.", err=True)
        sys.exit(1)
    except Refusal as refusal:
        say(refusal)
        sys.exit(1)
    except BrokenPipeError:  # the reader (head, less) has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(status if isinstance(status, int) else 0)  # an int is what ctx.exit() was called with


def say(refusal: Refusal) -> None:
    """Print one refusal on standard error, in both languages."""
    click.echo(refusal.sentence("zh"), err=True)
    click.echo(refusal.sentence("en"), err=True)


if __name__ == "__main__":
    main()
