"""What all commands share: --json, --quiet, --debug, error messages and exit statuses."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from edgekit import console
from edgekit.errors import EdgekitError, EnvironmentFailed, ExitStatus, InputError, Problem

# What the parser of the command line raises, whether typer brings its own copy of click or not.
ParserError: type[Exception] = typer.BadParameter.__mro__[2]

_EXTRA_MODULES = {"train": "tensorflow", "sweep": "ray", "scenes": "moderngl"}
_COMMON = (
    (
        "json_file",
        Annotated[
            Path | None,
            typer.Option("--json", metavar="FILE", help="Write the result as JSON, also when it fails."),
        ],
        None,
    ),
    ("quiet", Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")], False),
    ("debug", Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")], False),
)


@dataclass
class Outcome:
    """How a command ended.

    Args:
        result: What `--json` holds under `result`, or the whole record where `record` is set.
        status: Held, or a check that failed.
        record: A versioned record that takes the place of the general one (e.g. `edgekit.hil/1`).
    """

    result: Any = None
    status: ExitStatus = ExitStatus.HELD
    record: dict[str, Any] | None = field(default=None)


def add(
    app: typer.Typer,
    function: Callable[..., Outcome | None],
    name: str,
    *,
    examples: Sequence[str],
    extra: str = "",
) -> None:
    """Registers a command with the common options.

    Args:
        app: The application or a group of it.
        function: Its body; parameters are typer's, the docstring is its help.
        name: As typed.
        examples: Command lines that `--help` shows.
        extra: The extra of edgekit that it needs, e.g. "train"; the list of commands says so where
            the extra is not installed.
    """

    @functools.wraps(function)
    def body(*args: Any, json_file: Path | None, quiet: bool, debug: bool, **kwargs: Any) -> int:
        def run() -> Outcome | None:
            if extra:
                require_extra(name, extra)
            return function(*args, **kwargs)

        return _run(name, run, json_file, quiet, debug)

    signature = inspect.signature(function, eval_str=True)
    common = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for key, annotation, default in _COMMON
    ]
    body.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), *common], return_annotation=int
    )
    del body.__wrapped__
    body.__annotations__ = {p.name: p.annotation for p in body.__signature__.parameters.values()}  # type: ignore[attr-defined]
    epilog = "[bold]Examples[/bold]\n\n" + "\n\n".join(f"[dim]$[/dim] {example}" for example in examples)
    help_text = inspect.getdoc(function) or ""
    if extra and not has_extra(extra):
        first, _, rest = help_text.partition("\n")
        help_text = f"{first} [yellow](needs: {install_line(extra)})[/yellow]\n{rest}"
    app.command(name, epilog=epilog, help=help_text)(body)


def has_extra(extra: str) -> bool:
    """Says whether an extra of edgekit is installed."""
    return importlib.util.find_spec(_EXTRA_MODULES[extra]) is not None


def install_line(extra: str) -> str:
    """Returns the command that installs an extra."""
    return f"pip install 'edgekit\\[{extra}]'"


def require_extra(command: str, extra: str) -> None:
    """Raises EnvironmentFailed where the extra that a command needs is not installed."""
    if not has_extra(extra):
        raise EnvironmentFailed(
            where=f"edgekit {command}",
            what=f"needs the extra '{extra}', which is not installed",
            hint=f"pip install 'edgekit[{extra}]'",
        )


def _run(
    name: str, body: Callable[[], Outcome | None], json_file: Path | None, quiet: bool, debug: bool
) -> int:
    console.set_quiet(quiet)
    try:
        outcome = body() or Outcome()
        _write(json_file, outcome.record or _general(name, outcome.status, [], outcome.result))
        return int(outcome.status)
    except EdgekitError as error:
        return _fail(name, error, json_file, debug)
    except (KeyboardInterrupt, typer.Abort):
        stopped = EnvironmentFailed(where=name, what="stopped by the user", hint="run it again to go on")
        return _fail(name, stopped, json_file, debug)
    except (typer.Exit, ParserError):
        raise
    except Exception as error:
        if debug:
            traceback.print_exc()
        last = traceback.extract_tb(error.__traceback__)[-1]
        own = EnvironmentFailed(
            where=f"{Path(last.filename).name}:{last.lineno}",
            what=f"edgekit itself failed: {type(error).__name__}: {error}",
            hint="run again with --debug and report what it prints",
        )
        return _fail(name, own, json_file, debug=False)


def end_with_usage_error(error: Any, arguments: Sequence[str]) -> int:
    """Shows a wrong option or argument, writes --json if it was asked for, returns the status.

    Args:
        error: What the parser found.
        arguments: The process's arguments, in which --json is looked for.
    """
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "edgekit"
    problem = Problem(command, error.format_message(), hint=f"{command} --help")
    _show(InputError([problem]))
    wanted: str | None = None
    for position, argument in enumerate(arguments):
        if argument == "--json" and position + 1 < len(arguments):
            wanted = arguments[position + 1]
        elif argument.startswith("--json="):
            wanted = argument.removeprefix("--json=")
    if wanted and not wanted.startswith("-"):
        record = _general(command.removeprefix("edgekit").strip(), ExitStatus.INPUT_WRONG, [problem], None)
        return _write_last(Path(wanted), record, int(ExitStatus.INPUT_WRONG))
    return int(ExitStatus.INPUT_WRONG)


def _fail(name: str, error: EdgekitError, json_file: Path | None, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    _show(error)
    record = error.record or _general(name, error.exit_status, error.problems, None)
    return _write_last(json_file, record, int(error.exit_status))


def _show(error: EdgekitError) -> None:
    label = {ExitStatus.CHECK_FAILED: "failed", ExitStatus.INPUT_WRONG: "error"}.get(
        error.exit_status, "not proved"
    )
    for problem in error.problems:
        print(f"{label}: {problem}", file=sys.stderr)
    if isinstance(error, InputError) and len(error.problems) > 1:
        print(f"{len(error.problems)} faults in all", file=sys.stderr)


def _general(name: str, status: ExitStatus, problems: Sequence[Problem], result: Any) -> dict[str, Any]:
    from edgekit.report.record import result_record

    return result_record(name, status, problems, result)


def _write(json_file: Path | None, record: dict[str, Any]) -> None:
    if json_file is not None:
        from edgekit import files

        files.write_json(json_file, record)


def _write_last(json_file: Path | None, record: dict[str, Any], status: int) -> int:
    try:
        _write(json_file, record)
    except EdgekitError as error:
        _show(error)
        return int(ExitStatus.ENVIRONMENT_FAILED)
    return status
