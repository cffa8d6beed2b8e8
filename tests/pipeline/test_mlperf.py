"""The firmware answers MLPerf Tiny's runner: a client that sends and expects what the public one does."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest

from edgekit import reference
from edgekit.device import boards, emulator
from edgekit.errors import InputError
from edgekit.hil.transport import Transport
from edgekit.pipeline import build
from edgekit.pipeline.export import export
from edgekit.quant import dequantize, quantize

MAX_BYTES = 31  # of one `db` command
BOARDS = ["host", *(pytest.param(key, marks=pytest.mark.board) for key in ("mps2-an386", "riscv32-virt"))]


class Runner:
    """Commands end with %, answers with a line that holds m-ready; lines end with \\n."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._text = ""

    def line(self) -> str:
        end = time.monotonic() + 20
        while "\n" not in self._text:
            assert time.monotonic() < end, f"no whole line within 20 s: {self._text!r}"
            self._text += self.transport.read(0.5).decode("ascii")
        line, self._text = self._text.split("\n", 1)
        return "".join(c for c in line if c not in "\r\0")

    def answer(self) -> list[str]:
        lines = []
        while not lines or "m-ready" not in lines[-1]:
            lines.append(self.line())
        return lines

    def send(self, command: str) -> list[str]:
        self.transport.write(command.encode())
        self.transport.write(b"%")
        return self.answer()

    def load(self, data: bytes) -> list[str]:
        assert self.send(f"db load {len(data)}")[0] == f"m-[Expecting {len(data)} bytes]"
        lines: list[str] = []
        for at in range(0, len(data), MAX_BYTES):
            lines = self.send(f"db {data[at : at + MAX_BYTES].hex()}")
        return lines

    def infer(self, count: int, warm_ups: int) -> tuple[list[float], int]:
        """Returns results, and the microseconds between the two timestamps."""
        lines = self.send(f"infer {count} {warm_ups}")
        assert [line for line in lines if line.startswith(("m-warmup", "m-infer"))] == [
            f"m-warmup-start-{warm_ups}",
            "m-warmup-done",
            f"m-infer-start-{count}",
            "m-infer-done",
        ]
        laps = [int(m.group(1)) for line in lines if (m := re.match(r"^m-lap-us-([0-9]+)$", line))]
        assert len(laps) == 2
        (results,) = (m.group(1) for line in lines if (m := re.match(r"^m-results-\[([^]]+)\]$", line)))
        return [float(value) for value in results.split(",")], laps[1] - laps[0]


@pytest.fixture
def runner(tmp_path, tiny_file):
    started: list[Transport] = []

    def start(key: str, form: str = "bytes") -> Runner:
        export(tiny_file, key, tmp_path / "out")
        made = build.make(tmp_path / "out", key, mlperf=form)
        board = boards.load(key)
        started.append(Transport.spawn(emulator.argv(board, made.elf), name=key))
        found = Runner(started[-1])
        assert found.answer() == ["m-init-done", "m-ready"]
        return found

    yield start
    for transport in started:
        transport.close()


def expected(tiny_model: bytes, vectors: np.ndarray, info) -> np.ndarray:
    result = reference.run(tiny_model, {info.inputs[0].name: vectors}, "litert")
    tensor = info.outputs[0]
    (values,) = result.outputs.values()
    return dequantize(values.reshape(len(vectors), -1), tensor.scale, tensor.zero_point)


@pytest.mark.parametrize("board", BOARDS)
def test_accuracy_mode_gives_the_references_results(runner, board, tiny_model, tmp_path):
    client = runner(board)
    from edgekit import manifest

    info = manifest.load(tmp_path / "out")
    shape = (4, *info.inputs[0].shape)
    vectors = np.random.default_rng(0).integers(-128, 128, shape, np.int8)
    for vector, wanted in zip(vectors, expected(tiny_model, vectors, info), strict=True):
        assert "m-load-done" in client.load(vector.tobytes())
        results, _ = client.infer(1, 0)
        assert results == pytest.approx(wanted, abs=0.0006)
        again, _ = client.infer(3, 2)
        assert again == results, "an inference does not spoil the input of the next"


@pytest.mark.board
def test_performance_mode_measures_all_iterations(runner):
    client = runner("mps2-an386")
    client.load(bytes(range(32)))
    times = [client.infer(count, 1)[1] for count in (1, 2, 10)]
    assert times[2] > 4 * times[1] > 6 * times[0] > 0
    assert "m-timer-[instructions]" in client.send("profile"), "what an emulator counts is no time"


def test_forms_of_the_input(runner, tiny_model, tmp_path):
    from edgekit import manifest

    client = runner("host", "float32")
    tensor = manifest.load(tmp_path / "out").inputs[0]
    reals = np.linspace(-3, 3, tensor.elements).astype("<f4")
    reals[:3] = [np.nan, np.inf, -np.inf]
    wide = quantize(np.nan_to_num(reals, nan=-1e6, posinf=1e6, neginf=-1e6), tensor.scale, tensor.zero_point)
    client.load(reals.tobytes())
    found, _ = client.infer(1, 0)
    plain = runner("host")
    plain.load(wide.astype(np.int8).tobytes())
    assert plain.infer(1, 0)[0] == found
    picture = runner("host", "picture")
    picture.load((wide.astype(np.int16) + 128).astype(np.uint8).tobytes())
    assert picture.infer(1, 0)[0] == found


def test_names_and_mistakes(runner):
    client = runner("host")
    assert client.send("name") == ["m-name-dut-[edgekit]", "m-ready"]
    profile = client.send("profile")
    assert re.match(r"^m-profile-\[edgekit .+]$", profile[0]) and re.match(r"^m-model-\[tiny]$", profile[1])
    assert re.match(r"^m-lap-us-[0-9]+$", client.send("timestamp")[0])
    for wrong in (
        "db",
        "db load",
        "db load 0",
        "db load 999999999",
        "db 1",
        "db zz",
        "infer 0",
        "infer x",
        "nonsense",
    ):
        if wrong in ("db zz", "db 1"):
            client.send("db load 4")
        answer = client.send(wrong)
        assert answer[0].startswith("e-[") and answer[-1] == "m-ready", wrong
    assert client.send("x" * 5000)[0] == "e-[Command is too long]"
    client.load(bytes([1, 2, 0xAB]))
    assert client.send("db print") == ["m-buffer-01-02-ab", "m-ready"]


def test_forms_that_do_not_fit_are_refused(tmp_path, tiny_file):
    export(tiny_file, "host", tmp_path / "out")
    with pytest.raises(InputError, match="did you mean 'picture'"):
        build.make(tmp_path / "out", "host", mlperf="pictur")
