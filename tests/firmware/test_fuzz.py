"""The C side under libFuzzer with AddressSanitizer and UBSan: no crash, no hang, nothing but whole answers.

The corpus is kept in fuzz/corpus; 30,000 runs, 20 minutes with EDGEKIT_SOAK=1 (`make soak`), where what is
new is written to the folder that EDGEKIT_CORPUS names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest

from edgekit import paths
from edgekit.hil import messages as m
from edgekit.hil.frames import Frame, encode
from tests.hil import toy_model

HERE = Path(__file__).parent / "fuzz"
SOAK = bool(os.environ.get("EDGEKIT_SOAK"))
LIMIT = ["-max_total_time=1200"] if SOAK else ["-runs=30000"]


@pytest.fixture(scope="module")
def target(tmp_path_factory) -> Path:
    if shutil.which("clang") is None:
        pytest.skip("clang is not installed")
    folder = tmp_path_factory.mktemp("fuzz")
    firmware = paths.share("firmware")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.share("templates")), trim_blocks=True, lstrip_blocks=True
    )
    bridge = folder / "app_model.c"
    bridge.write_text(
        environment.get_template("firmware/app_model.c.j2").render(manifest=toy_model.manifest())
    )
    sources = [*sorted((firmware / "link").glob("*.c")), *sorted((firmware / "app").glob("*.c"))]
    sources += [bridge, toy_model.HERE / "toy.c", HERE / "fuzz_link.c"]
    includes = [firmware / name for name in ("link", "app", "ports", "kernels")] + [toy_model.HERE]
    program = folder / "fuzz_link"
    flags = ["-std=c11", "-O1", "-g", "-DEK_TRACE", "-Wall", "-Wextra", "-Werror"]
    flags += ["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"]
    flags += [f"-I{include}" for include in includes]
    command = ["clang", *flags, *map(str, sources), "-lm", "-o", str(program)]
    done = subprocess.run(command, capture_output=True, text=True)
    if "libclang_rt.fuzzer" in done.stderr:
        pytest.skip("clang has no libFuzzer: apt-get install libclang-rt-dev")
    assert done.returncode == 0, done.stderr
    return program


def request(message) -> bytes:
    body = message.pack()
    return bytes([message.TYPE, len(body)]) + body


def seeds() -> dict[str, bytes]:
    """What the corpus began with: a whole run, in both forms."""
    run = [m.HelloRequest(), m.TensorRequest(0, 0), m.TensorRequest(1, 1), m.Reset(7, 0, 0)]
    run += [m.Vector(7, 0, at, bytes(range(200))) for at in range(0, 1400, 200)]
    run += [m.Vector(7, 0, 1400, bytes(100)), m.Fetch(7, 0, 0), m.Fetch(7, 0, 20), m.InfoRequest()]
    signal = [m.Reset(9, 0, 1), m.Signal(9, 0, 0, bytes(240)), m.Signal(9, 60, 0, b"")]
    trace = [
        m.TraceRequest(0),
        m.Reset(8, 0, 0),
        m.WatchRequest(0, 2),
        *(replace(v, run=8) for v in run[4:12]),
    ]
    trace += [m.TraceRequest(0), m.TraceRequest(3), m.TraceRequest(9), m.WatchRequest(1, m.NO_NUMBER)]
    framed = {
        f"framed-{name}": b"\1" + b"".join(map(request, each))
        for name, each in (("run", run), ("signal", signal), ("trace", trace))
    }
    raw = b"".join(encode(Frame(each.TYPE, 1 + i, each.pack())) for i, each in enumerate(run))
    return {**framed, "raw-run": b"\0" + raw, "raw-noise": b"\0" + bytes(range(256)) * 3}


def test_the_corpus_holds_the_seeds():
    for name, data in seeds().items():
        assert (HERE / "corpus" / name).read_bytes() == data, f"{name}: the protocol changed; write it again"


@pytest.mark.timeout(1800 if SOAK else 300)
def test_no_input_makes_it_crash_hang_or_say_nonsense(target, tmp_path):
    corpus = tmp_path / "corpus"
    shutil.copytree(HERE / "corpus", corpus)
    # The sanitizer watches the memory: libFuzzer's own limit counts what the parent had used, too.
    options = [*LIMIT, "-seed=1", "-timeout=5", "-rss_limit_mb=0", "-max_len=4096"]
    command = [str(target), str(corpus), *options, f"-artifact_prefix={tmp_path}/"]
    environment = {**os.environ, "ASAN_OPTIONS": "hard_rss_limit_mb=1024"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-4000:]
    print(done.stderr[-300:])
    if kept := os.environ.get("EDGEKIT_CORPUS"):
        subprocess.run([str(target), "-merge=1", kept, str(corpus)], check=True, capture_output=True)
