"""Exported C compiles without a warning, computes what the reference computes, and stays in its arena."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from edgekit import reference
from edgekit.compiler.export import Exported, Golden, export_model, interface
from edgekit.compiler.ops.base import Target
from edgekit.errors import InputError
from edgekit.manifest import load
from tests.compiler import host
from tests.compiler.tflite_writer import Op, T, build


def _reference(
    data: bytes, exported: Exported, inputs: dict[str, np.ndarray], profile: str
) -> dict[str, np.ndarray]:
    manifest = exported.manifest
    return reference.run(
        data,
        inputs,
        profile,
        input_names=[t.name for t in manifest.inputs],
        output_names=[t.name for t in manifest.outputs],
    ).outputs


@pytest.mark.parametrize("numerics", ["litert", "tflm"])
def test_shared_models_equal_the_reference(shared_model: tuple[str, bytes], numerics, tmp_path: Path) -> None:
    name, data = shared_model
    exported = export_model(data, f"{name}.tflite", "model", Target(numerics=numerics))
    inputs = host.random_inputs(exported.manifest, 20)
    program = host.build(exported, tmp_path, flags=("-O2",))
    found = host.run(program, exported.manifest, inputs)
    for output, expected in _reference(data, exported, inputs, numerics).items():
        np.testing.assert_array_equal(found[output], expected.reshape(found[output].shape))


@pytest.mark.parametrize(
    ("cc", "flags"),
    [("clang", ("-O2",)), ("gcc", ("-O1", *host.SANITIZE))],
    ids=["clang", "sanitizers"],
)
def test_every_compiler_and_sanitizer_is_content(shared_model, cc: str, flags, tmp_path: Path) -> None:
    name, data = shared_model
    exported = export_model(data, f"{name}.tflite", "model", Target())
    inputs = host.random_inputs(exported.manifest, 4, seed=1)
    found = host.run(host.build(exported, tmp_path, cc=cc, flags=flags), exported.manifest, inputs)
    for output, expected in _reference(data, exported, inputs, "litert").items():
        np.testing.assert_array_equal(found[output], expected.reshape(found[output].shape))


def test_kws_is_exported_for_both_engines_within_two_seconds(shared_models: Path) -> None:
    data = (shared_models / "kws_ref_model.tflite").read_bytes()
    export_model(data, "kws.tflite", "kws", Target())  # templates and operators are loaded
    begin = perf_counter()
    export_model(data, "kws.tflite", "kws", Target(), ("aot", "tflm"), measure_tflm=lambda _: 24_272)
    assert perf_counter() - begin < 2.0


@pytest.fixture(scope="module")
def tiny() -> bytes:
    """Dense layers with names that try to break out of comments and strings."""
    source = np.random.default_rng(3)
    tensors = [
        T("in */ int x; /*", (1, 2, 6), scale=0.05, zero_point=-5),
        T("shape", (2,), "int32", data=[1, 12]),
        T("flat \\", (1, 12), scale=0.05, zero_point=-5),
        T("w1", (8, 12), scale=0.01, data=source.integers(-127, 128, (8, 12))),
        T("b1", (8,), "int32", scale=0.0005, data=source.integers(-500, 500, 8)),
        T("hidden ??/ é", (1, 8), scale=0.04, zero_point=3),
        T("w2", (3, 8), scale=0.02, data=source.integers(-127, 128, (3, 8))),
        T("b2", (3,), "int32", scale=0.0008, data=source.integers(-500, 500, 3)),
        T("class\nes", (1, 3), scale=0.1, zero_point=-1),
    ]
    ops = [
        Op("RESHAPE", [tensors[0].name, "shape"], [tensors[2].name]),
        Op(
            "FULLY_CONNECTED",
            [tensors[2].name, "w1", "b1"],
            [tensors[5].name],
            {"fused_activation_function": 1},
        ),
        Op("FULLY_CONNECTED", [tensors[5].name, "w2", "b2"], [tensors[8].name]),
    ]
    return build(tensors, ops, [tensors[0].name], [tensors[8].name])


GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("file", ["tiny.h", "tiny.c", "tiny_flatbuffer.h", "tiny_op_resolver.h"])
def test_generated_text_is_as_it_was(tiny: bytes, file: str, request: pytest.FixtureRequest) -> None:
    """`EDGEKIT_UPDATE_GOLDEN=1 pytest` writes the files anew; read the difference before committing it."""
    import os

    text = _tiny(tiny, ("aot", "tflm")).files[f"src/{file}"].decode()
    if os.environ.get("EDGEKIT_UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / file).write_text(text)
    assert text == (GOLDEN / file).read_text()


def _tiny(data: bytes, engines=("aot",), **more) -> Exported:
    more.setdefault("measure_tflm", lambda _: 2000)
    return export_model(data, "tiny.tflite", "tiny", Target(), engines, labels=['a"\\', "b??/", "ü"], **more)


def test_the_same_input_gives_the_same_bytes(tiny: bytes) -> None:
    one, two = _tiny(tiny, ("aot", "tflm")), _tiny(tiny, ("aot", "tflm"))
    assert one.files == two.files and one.manifest == two.manifest


LIFE = """
#include <stdio.h>
#include <string.h>
#include "tiny.h"

static _Alignas(16) uint8_t one[TINY_ARENA_SIZE], two[TINY_ARENA_SIZE + 16U];
static int8_t first[TINY_OUTPUT_SIZE];
#define REQUIRE(x) do { if (!(x)) { printf("line %d\\n", __LINE__); return 1; } } while (0)

int main(void)
{
    tiny_t a, b;
    REQUIRE(tiny_init(NULL, one, sizeof(one)) == EK_ERROR_ARGUMENT);
    REQUIRE(tiny_init(&a, NULL, sizeof(one)) == EK_ERROR_ARGUMENT);
    REQUIRE(tiny_invoke(&a) == EK_ERROR_STATE);
    REQUIRE(tiny_invoke(NULL) == EK_ERROR_STATE);
    REQUIRE(tiny_input(&a) == NULL && tiny_output(NULL) == NULL);
    REQUIRE(tiny_init(&a, one, TINY_ARENA_SIZE - 1U) == EK_ERROR_ARENA_SIZE);
    REQUIRE(tiny_init(&a, two + 1, TINY_ARENA_SIZE) == EK_ERROR_ARENA_ALIGN);
    REQUIRE(tiny_init(&a, two + 8, TINY_ARENA_SIZE) == EK_ERROR_ARENA_ALIGN);
    REQUIRE(tiny_init(&a, one, sizeof(one)) == EK_OK);
    REQUIRE(tiny_init(&b, two + 16, TINY_ARENA_SIZE) == EK_OK);
    memset(tiny_input(&a), 7, TINY_INPUT_SIZE);
    REQUIRE(tiny_invoke(&a) == EK_OK);
    memcpy(first, tiny_output(&a), sizeof(first));
    /* interleaved: writing to one instance does not touch the other */
    memset(tiny_input(&a), 7, TINY_INPUT_SIZE);
    memset(tiny_input(&b), -90, TINY_INPUT_SIZE);
    REQUIRE(tiny_invoke(&b) == EK_OK);
    REQUIRE(tiny_invoke(&a) == EK_OK);
    REQUIRE(memcmp(first, tiny_output(&a), sizeof(first)) == 0);
    REQUIRE(memcmp(first, tiny_output(&b), sizeof(first)) != 0);
    REQUIRE(strcmp(tiny_labels[0], "a\\"\\\\") == 0 && strcmp(tiny_labels[1], "b?\\?/") == 0);
    REQUIRE(tiny_quantize(0.0f) == TINY_INPUT_ZERO_POINT && tiny_quantize(1e30f) == 127);
    REQUIRE(tiny_quantize(-1e30f) == -128);
    REQUIRE(tiny_quantize(0.0f / (float)(first[0] * 0)) == TINY_INPUT_ZERO_POINT);
    REQUIRE(tiny_quantize(0.076f) == TINY_INPUT_ZERO_POINT + 2);
    REQUIRE(tiny_quantize(-0.076f) == TINY_INPUT_ZERO_POINT - 2);
    REQUIRE(tiny_dequantize(TINY_OUTPUT_ZERO_POINT) == 0.0f);
    return 0;
}
"""


TRACE = """
#include <stdio.h>
#include <string.h>
#include "ek_trace.h"
#include "tiny.h"

static _Alignas(16) uint8_t arena[TINY_ARENA_SIZE];

void ek_trace(uint32_t node, uint32_t offset, const void *data, uint32_t size)
{
    printf("%u %u %u:", (unsigned)node, (unsigned)offset, (unsigned)size);
    for (uint32_t i = 0; i < size; i++) {
        printf(" %d", ((const int8_t *)data)[i]);
    }
    printf("\\n");
}

int main(void)
{
    tiny_t model;
    if (tiny_init(&model, arena, sizeof(arena)) != EK_OK) {
        return 1;
    }
    memset(tiny_input(&model), 7, TINY_INPUT_SIZE);
    return tiny_invoke(&model) == EK_OK ? 0 : 1;
}
"""


def test_tracing_tells_every_layer_as_the_reference_has_it(tiny: bytes, tmp_path: Path) -> None:
    program = host.build(_tiny(tiny), tmp_path, TRACE, flags=["-DEK_TRACE"])
    lines = subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout.splitlines()
    layers = reference.run(tiny, [np.full((1, 2, 6), 7, np.int8)], tensors=True).tensors
    hidden, classes = (" ".join(map(str, layers[i].reshape(-1))) for i in (5, 8))
    assert lines == [f"1 0 8: {hidden}", f"2 0 3: {classes}"]


def test_the_life_of_two_instances(tiny: bytes, tmp_path: Path) -> None:
    flags = [
        "-O1",
        "-fsanitize=address,undefined",
        "-fno-sanitize=float-divide-by-zero",
        "-fno-sanitize-recover=all",
    ]
    program = host.build(_tiny(tiny), tmp_path, LIFE, flags=flags)
    done = subprocess.run([str(program)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("shift", ["0", "16", "48"])
def test_the_arena_may_lie_at_any_aligned_address(tiny: bytes, shift: str, tmp_path: Path) -> None:
    exported = _tiny(tiny)
    inputs = host.random_inputs(exported.manifest, 8)
    found = host.run(host.build(exported, tmp_path), exported.manifest, inputs, shift)
    (expected,) = _reference(tiny, exported, inputs, "litert").values()
    np.testing.assert_array_equal(found[exported.manifest.outputs[0].name], expected.reshape(8, 3))


def _golden(exported: Exported, data: bytes) -> Golden:
    inputs = host.random_inputs(exported.manifest, 2, seed=5)
    outputs = _reference(data, exported, inputs, "litert")
    return Golden({k: v[1] for k, v in inputs.items()}, {k: v[1] for k, v in outputs.items()})


def test_the_folder_builds_with_cmake_and_its_example_checks_itself(tiny: bytes, tmp_path: Path) -> None:
    host.compiler("cmake")
    golden = _golden(_tiny(tiny), tiny)
    exported = _tiny(tiny, ("aot", "tflm"), golden=golden, vectors=b"npz")
    exported.write(tmp_path)
    build_dir = str(tmp_path / "build")
    flags = "-DCMAKE_C_FLAGS=" + " ".join(host.WARNINGS[1:])
    for command in (
        ["cmake", "-S", str(tmp_path), "-B", build_dir, flags],
        ["cmake", "--build", build_dir],
        ["ctest", "--test-dir", build_dir],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_fails_when_a_weight_is_changed(tiny: bytes, tmp_path: Path) -> None:
    golden = _golden(_tiny(tiny), tiny)
    wrong = Golden(golden.inputs, {k: v ^ 1 for k, v in golden.outputs.items()})
    for given, status in ((golden, 0), (wrong, 1)):
        exported = _tiny(tiny, golden=given)
        program = host.build(exported, tmp_path, exported.files["main.c"].decode())
        assert subprocess.run([str(program)], capture_output=True).returncode == status


def test_headers_are_cpp_and_the_flatbuffer_holds_the_model(tiny: bytes, tmp_path: Path) -> None:
    exported = _tiny(tiny, ("aot", "tflm"))
    exported.write(tmp_path)
    (tmp_path / "t.cc").write_text(
        '#include <cstdint>\n#include <cstdio>\n#include "tiny.h"\n#include "tiny_flatbuffer.h"\n'
        'int main() { static_assert(TINY_ARENA_SIZE > 0, ""); tiny_t model; (void)model;\n'
        "  if (reinterpret_cast<std::uintptr_t>(tiny_flatbuffer) % 16) return 2;\n"
        "  return std::fwrite(tiny_flatbuffer, 1, TINY_FLATBUFFER_SIZE, stdout) != TINY_FLATBUFFER_SIZE; }\n"
    )
    cxx = [host.compiler("g++"), "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion"]
    include = [f"-I{tmp_path / name}" for name in exported.manifest.include_dirs]
    sources = [str(tmp_path / "t.cc"), str(tmp_path / "src/tiny_flatbuffer.cc")]
    made = subprocess.run(
        [*cxx, *include, *sources, "-o", str(tmp_path / "t")], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    assert subprocess.run([str(tmp_path / "t")], capture_output=True).stdout == tiny


def test_the_manifest_lists_every_file_and_what_build_needs(tiny: bytes, tmp_path: Path) -> None:
    exported = _tiny(tiny, ("aot", "tflm"))
    exported.write(tmp_path)
    manifest = load(tmp_path)
    assert manifest == exported.manifest
    on_disk = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert set(manifest.files) == on_disk - {"manifest.json"}
    assert set(manifest.sources) <= set(manifest.files)
    assert [n.op for n in manifest.nodes] == ["RESHAPE", "FULLY_CONNECTED", "FULLY_CONNECTED"]
    assert manifest.macs == 8 * 12 + 3 * 8
    assert manifest.labels == ['a"\\', "b??/", "ü"]
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert plan["arena_bytes"] == manifest.arena_bytes == 20
    assert {b["tensor"] for b in plan["buffers"]} == {0, 5, 8}
    assert len(plan["nodes"]) == 3
    assert [t.name for t in interface(tiny, "x")[1]] == [manifest.outputs[0].name] == ["class_es"]


def test_several_inputs_and_outputs_have_functions_of_their_own(tmp_path: Path) -> None:
    tensors = [
        T("a/b", (1, 4), scale=0.5),
        T("a.b", (1, 4), scale=0.5),
        T("w", (2, 4), scale=0.5, data=np.ones((2, 4))),
        T("y", (1, 2), scale=8.0),
        T("z", (1, 2), scale=8.0),
    ]
    ops = [Op("FULLY_CONNECTED", ["a/b", "w", ""], ["y"]), Op("FULLY_CONNECTED", ["a.b", "w", ""], ["z"])]
    data = build(tensors, ops, ["a/b", "a.b"], ["y", "z"])
    exported = export_model(data, "two.tflite", "two", Target())
    assert [t.name for t in exported.manifest.inputs] == ["a_b", "a_b_2"]
    inputs = host.random_inputs(exported.manifest, 5)
    found = host.run(host.build(exported, tmp_path), exported.manifest, inputs)
    for output, expected in _reference(data, exported, inputs, "litert").items():
        np.testing.assert_array_equal(found[output], expected.reshape(5, 2))


def test_what_cannot_be_exported_is_said_before_anything_is_written(tiny: bytes) -> None:
    with pytest.raises(InputError, match="--name"):
        export_model(tiny, "t", "int", Target())
    with pytest.raises(InputError, match="--engine"):
        export_model(tiny, "t", "t1", Target(), ("fast",))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="2 labels for class_es"):
        export_model(tiny, "t", "t1", Target(), labels=["a", "b"])
    with pytest.raises(InputError, match="golden vector"):
        export_model(tiny, "t", "t1", Target(), golden=Golden({}, {}))
