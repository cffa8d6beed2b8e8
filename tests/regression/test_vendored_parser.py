"""Cause: newer typer brings its own copy of click, so `except click.ClickException` caught nothing."""

from __future__ import annotations

import typer

from edgekit.cli.command import ParserError


def test_the_error_of_the_parser_is_that_of_the_typer_in_use():
    assert ParserError.__name__ == "ClickException"
    assert issubclass(typer.BadParameter, ParserError)
    assert not issubclass(typer.Exit, ParserError)
