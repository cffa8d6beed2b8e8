"""Every end of a command: its exit status, its message and its JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import typer

from edgekit.cli import command, main
from edgekit.cli.command import Outcome
from edgekit.errors import CheckFailed, EnvironmentFailed, ExitStatus, InputError, Problem


def run(body, arguments: list[str], monkeypatch: pytest.MonkeyPatch, extra: str = "") -> int:
    """Runs the program with one more command, `probe`, whose body is `body`."""

    def build() -> typer.Typer:
        app = typer.Typer()
        app.callback()(lambda: None)
        command.add(app, body, "probe", examples=["edgekit probe"], extra=extra)
        return app

    monkeypatch.setattr(main, "build_app", build)
    monkeypatch.setattr(sys, "argv", ["edgekit", *arguments])
    with pytest.raises(SystemExit) as end:
        main.main()
    return int(end.value.code or 0)


def held() -> Outcome:
    """Hold."""
    return Outcome({"answer": 42})


def check_failed() -> Outcome:
    """Fail a check."""
    raise CheckFailed(where="vector 3", what="differs")


def input_wrong() -> Outcome:
    """Be given nonsense."""
    raise InputError([Problem("a", "is wrong"), Problem("b", "is missing", hint="add it")])


def environment_failed() -> Outcome:
    """Miss a tool."""
    raise EnvironmentFailed(where="cmake", what="is not installed", hint="apt-get install cmake")


def broken() -> Outcome:
    """Have a bug."""
    raise ZeroDivisionError("a bug")


def stopped() -> Outcome:
    """Be interrupted."""
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (held, 0, "held"),
        (check_failed, 1, "check-failed"),
        (input_wrong, 2, "input-wrong"),
        (environment_failed, 3, "environment-failed"),
        (broken, 3, "environment-failed"),
        (stopped, 3, "environment-failed"),
    ],
)
def test_status_and_json_agree(body, status: int, word: str, tmp_path: Path, monkeypatch):
    path = tmp_path / "result.json"
    assert run(body, ["probe", "--json", str(path)], monkeypatch) == status
    record = json.loads(path.read_text())
    assert (record["schema"], record["command"]) == ("edgekit.result/1", "probe")
    assert (record["exit_status"], record["status"]) == (status, word)
    assert (record["error"] is None) == (status == 0)


def test_all_faults_of_one_input_are_shown(monkeypatch, capsys):
    assert run(input_wrong, ["probe"], monkeypatch) == 2
    shown = capsys.readouterr().err
    assert "a: is wrong" in shown and "b: is missing" in shown and "add it" in shown
    assert "2 faults" in shown and "Traceback" not in shown


def test_a_bug_is_called_one_and_its_traceback_needs_debug(monkeypatch, capsys):
    assert run(broken, ["probe"], monkeypatch) == 3
    shown = capsys.readouterr().err
    assert "edgekit itself failed: ZeroDivisionError" in shown and "--debug" in shown
    assert "Traceback" not in shown
    assert run(broken, ["probe", "--debug"], monkeypatch) == 3
    assert "Traceback" in capsys.readouterr().err


def test_a_wrong_option_is_an_input_error_with_json(tmp_path, monkeypatch, capsys):
    path = tmp_path / "result.json"
    assert run(held, ["probe", "--jsn", "--json", str(path)], monkeypatch) == 2
    assert json.loads(path.read_text())["exit_status"] == 2
    assert "--jsn" in capsys.readouterr().err


def test_json_that_cannot_be_written_fails_the_command(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    assert run(held, ["probe", "--json", str(tmp_path / "file" / "x.json")], monkeypatch) == 3
    assert "cannot be written" in capsys.readouterr().err


def test_a_failed_check_may_come_with_its_own_record(tmp_path, monkeypatch):
    def body() -> Outcome:
        """Compare."""
        return Outcome(status=ExitStatus.CHECK_FAILED, record={"schema": "edgekit.hil/1"})

    path = tmp_path / "result.json"
    assert run(body, ["probe", "--json", str(path)], monkeypatch) == 1
    assert json.loads(path.read_text()) == {"schema": "edgekit.hil/1"}


def test_a_missing_extra_is_named_in_help_and_at_run(monkeypatch, capsys):
    monkeypatch.setattr(command, "has_extra", lambda extra: False)
    assert run(held, ["probe"], monkeypatch, extra="train") == 3
    assert "pip install 'edgekit[train]'" in capsys.readouterr().err
    assert run(held, ["--help"], monkeypatch, extra="train") == 0
    assert "pip install 'edgekit[train]'" in " ".join(capsys.readouterr().out.replace("│", " ").split())


def test_every_command_has_help_with_examples_and_the_common_options():
    from typer.main import get_command

    program = get_command(main.build_app())
    commands = {**program.commands, **program.commands["data"].commands}  # type: ignore[attr-defined]
    del commands["data"]
    assert len(commands) > 12
    for name, item in commands.items():
        assert item.help, name
        assert "edgekit " in item.epilog, name
        options = {option for parameter in item.params for option in parameter.opts}
        assert {"--json", "--quiet", "--debug"} <= options, name
