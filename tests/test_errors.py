"""Errors say where, what was expected, what was found and what to do next."""

import pytest

from edgekit.errors import CheckFailed, EdgekitError, EnvironmentFailed, InputError, Problem, did_you_mean


def test_a_problem_reads_from_place_to_next_step():
    problem = Problem("model.tflite", "is truncated", "1024 bytes", "512 bytes", "copy it again")
    assert str(problem).splitlines() == [
        "model.tflite: is truncated",
        "  expected: 1024 bytes",
        "  found:    512 bytes",
        "  next:     copy it again",
    ]


def test_an_error_lists_all_faults_of_one_input():
    error = InputError([Problem("a", "wrong"), Problem("b", "missing")])
    assert [p.where for p in error.problems] == ["a", "b"]
    assert "a: wrong" in str(error) and "b: missing" in str(error)


@pytest.mark.parametrize(
    ("error", "status"), [(CheckFailed, 1), (InputError, 2), (EnvironmentFailed, 3), (EdgekitError, 3)]
)
def test_exit_statuses_are_those_of_the_contract(error: type[EdgekitError], status: int):
    assert error(what="x").exit_status == status


def test_the_nearest_known_word_is_offered():
    assert did_you_mean("epoch", ["epochs", "seed"]) == "did you mean 'epochs'?"
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
    assert did_you_mean("zzz", []) == "known: none"


def test_names_from_files_do_not_steer_the_terminal():
    problem = Problem("a\x1b[2J\n.png", "is\x07 odd", found="two\nlines\x9b")
    assert str(problem) == "a\\x1b[2J\\n.png: is\\x07 odd\n  found:    two\nlines\\x9b"
