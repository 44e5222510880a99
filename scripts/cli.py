"""The `nuanxin` command: one file a command, read only when that command is called.

Exit status: 0 answered, 1 the input was refused, 2 wrong usage. Answers go to standard output,
everything else to standard error; a refusal is one sentence in Chinese and one in English.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

import click

from geodata import settings as written
from locator.errors import BadValue, Refusal
from scripts.settings import Settings

COMMANDS = {
    "init": "scripts.init", "demo": "scripts.demo", "serve": "scripts.serve",
    "template": "scripts.template", "import": "scripts.importing", "export": "scripts.exporting", "undo": "scripts.undo",
    "duplicates": "scripts.duplicates",
    "nearest": "scripts.nearest", "search": "scripts.search",
    "coverage": "scripts.coverage", "gaps": "scripts.gaps", "compare": "scripts.compare",
    "areas": "scripts.areas", "places": "scripts.places", "network": "scripts.network", "demand": "scripts.demand",
    "calendar": "scripts.calendars", "check": "scripts.check",
    "backup": "scripts.backup", "restore": "scripts.restore", "redact": "scripts.redact",
    "user": "scripts.users", "token": "scripts.tokens", "audit": "scripts.audits",
    "reports": "scripts.reports",
}
TRACEBACK = "NUANXIN_TRACEBACK"
"""Set in the environment: a fault of this program shows where it happened."""


CHANGING = ("init", "demo", "template", "import", "export", "serve", "undo", "backup", "restore", "redact", "user", "token", "audit", "reports")
"""Commands that do more than answer: they fail where an answer would only be cut short."""


class CommandLine(click.Group):
    """A group whose commands are imported one at a time, and whose every end is an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command: a cold `nearest` reads no web server."""
        room = COMMANDS.get(cmd_name)
        return importlib.import_module(room).command if room else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a reader (head, less) that has had enough of its answer is no error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # here, because click would end with status 1
            _let_go(sys.stdout)
            _let_go(sys.stderr)
            # an answer may be cut short on purpose; a change whose end could not be told is never called done
            return 1 if ctx.invoked_subcommand in CHANGING else 0

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, complete_var: str | None = None,
             standalone_mode: bool = True, **extra: Any) -> NoReturn:
        """Run the command line and exit; never with a traceback."""
        try:
            status = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            sys.stdout.flush()
        except click.ClickException as wrong:
            wrong.show()
            status = wrong.exit_code
        except (click.Abort, KeyboardInterrupt):
            _tell("已中止，登记库未改动。", "Stopped; the registry is unchanged.")
            status = 1
        except Refusal as refusal:
            _tell(refusal.sentence("zh"), refusal.sentence("en"))
            status = 1
        except OSError as error:
            _let_go(sys.stdout)
            what = f"{error.strerror or error}" + (f" ({error.filename})" if error.filename else "")
            _tell(f"系统拒绝了读写：{what}", f"the system refused to read or write: {what}")
            status = 1
        except Exception as fault:  # noqa: BLE001 - a user is never shown a traceback
            _tell_fault(fault)
            status = 1
        sys.exit(status if isinstance(status, int) else 0)  # an int is what ctx.exit() was called with


@click.group(cls=CommandLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", type=click.Path(path_type=Path), envvar="NUANXIN_HOME", default=Path("var"),
              show_default=True, help="数据目录：登记库、区域、日志。 Registry, areas, logs.")
@click.option("--language", type=click.Choice(["zh", "en"]), envvar="NUANXIN_LANGUAGE", default=None,
              help="表格与说明的语言。 Language of tables and notes; default by LANG, else zh.")
@click.version_option(package_name="nuanxin", prog_name="nuanxin", help="显示版本。 Show the version.")
@click.pass_context
def group(ctx: click.Context, home: Path, language: str | None) -> None:
    """暖心驿站定位器：最近、合适、到达时开放的服务点。

    The nearest suitable service point, open when you get there.
    """
    language = language or written.text(home, "language", os.environ)
    if language not in (None, "zh", "en"):
        raise BadValue("language", language, zh="应为 zh 或 en", en="must be zh or en", at=written.FILE)
    if language is None:
        said = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
        language = "en" if said.lower().startswith("en") else "zh"
    ctx.obj = Settings(home=home, database=written.text(home, "database", os.environ), language=language)


def main() -> NoReturn:
    """Run the command line of this process."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # whatever the terminal can show
    group.main()


def _tell(zh: str, en: str) -> None:
    try:
        click.echo(f"{zh}\n{en}", err=True)
    except OSError:  # standard error is full or gone too; the exit status still tells
        _let_go(sys.stderr)


def _tell_fault(fault: Exception) -> None:
    where = traceback.extract_tb(fault.__traceback__)[-1]
    said = f"{type(fault).__name__}: {fault} ({Path(where.filename).name}:{where.lineno})"
    _tell(f"程序出错，这是缺陷，请报告（设 {TRACEBACK}=1 可见详情）：{said}",
          f"a fault of this program, please report it ({TRACEBACK}=1 shows more): {said}")
    if os.environ.get(TRACEBACK):
        traceback.print_exception(fault)


def _let_go(stream: IO[str]) -> None:
    """Send what a stream still holds nowhere, so that Python does not try again when it exits."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):  # not a file of the system's: a test's
        return


if __name__ == "__main__":
    main()
