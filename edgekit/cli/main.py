"""The `edgekit` program: finds the commands and turns every end into an exit status."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import Annotated

import typer

import edgekit
from edgekit import cli
from edgekit.cli.command import ParserError, end_with_usage_error

_FRAMEWORK = {"main", "command", "options"}


def build_app() -> typer.Typer:
    """Returns the application; each other module of this package defines one command in `register`."""
    app = typer.Typer(
        name="edgekit",
        help="From a signal to a microcontroller that has proved it computes what your PC computes.",
        epilog="Start with: edgekit demo ecg-rhythm --target host",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def _program(
        version: Annotated[
            bool,
            typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
        ] = False,
    ) -> None: ...

    modules = [m.name for m in pkgutil.iter_modules(cli.__path__) if m.name not in _FRAMEWORK]
    commands = [importlib.import_module(f"edgekit.cli.{name}") for name in modules]
    for module in sorted(commands, key=lambda module: module.ORDER):
        module.register(app)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"edgekit {edgekit.__version__}")
        raise typer.Exit


def main() -> None:
    """Runs the program on the arguments of the process."""
    arguments = sys.argv[1:]
    try:
        status = build_app()(args=arguments, prog_name="edgekit", standalone_mode=False)
    except ParserError as error:
        status = end_with_usage_error(error, arguments)
    except typer.Abort:
        status = 3
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
