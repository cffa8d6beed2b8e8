"""Runs single operators through edgekit's kernels on this PC and through both reference runtimes.

Many cases share one compilation and few child processes. The C is built with the warnings that all
of edgekit's C must pass, and with the address and undefined-behaviour sanitizers; each buffer is a
heap block of exactly its size, but a state, which lives on from vector to vector, is an array.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from edgekit import reference
from edgekit.compiler.emit import ctext
from edgekit.compiler.graph import Graph
from edgekit.compiler.ops.base import Alias, KernelCall, Lowered, Target, operators
from edgekit.compiler.tflite.reader import read
from edgekit.compiler.variables import initial
from edgekit.paths import share
from tests.compiler.ops import tested
from tests.compiler.tflite_writer import Op, T, build

PROFILES = ("litert", "tflm")
FLAGS = (
    *("-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-Wshadow"),
    *("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
)


@dataclass
class Case:
    """One operator with its vectors.

    Args:
        name: For messages.
        model: A .tflite with a single operator.
        vectors: One array [n, *shape] per input of the model.
        profiles: Those whose oracle implements it.
    """

    name: str
    model: bytes
    vectors: Sequence[np.ndarray]
    profiles: tuple[str, ...] = PROFILES


def case(
    name: str,
    tensors: Sequence[T],
    op: Op,
    rng: np.random.Generator,
    *,
    vectors: int = 4,
    profiles: tuple[str, ...] = PROFILES,
) -> Case:
    """Returns a case whose free inputs are random, with one vector of extremes."""
    by_name = {tensor.name: tensor for tensor in tensors}
    free = [
        by_name[i]
        for i in dict.fromkeys(op.inputs)
        if i and by_name[i].data is None and not by_name[i].variable
    ]
    drawn = [draw(rng, tensor, vectors) for tensor in free]
    model = build(list(tensors), [op], [tensor.name for tensor in free], list(op.outputs))
    return Case(name, model, drawn, profiles)


def draw(rng: np.random.Generator, tensor: T, vectors: int) -> np.ndarray:
    """Returns random elements of a tensor's type over its whole range, the first vector at its ends."""
    shape = (vectors, *tensor.shape)
    dtype = np.dtype(tensor.dtype)
    if dtype.kind == "f":
        return rng.normal(0, 10, shape).astype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    info = np.iinfo(dtype)
    values = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    values[0] = rng.choice(np.array([info.min, info.max], dtype), values.shape[1:])
    return values


def assert_exact(cases: Sequence[Case], folder: Path) -> None:
    """Holds every case to every oracle that implements it, byte for byte."""
    pairs = [(c, profile) for profile in PROFILES for c in cases if profile in c.profiles]
    made = iter(run_kernels(pairs, folder))
    failures = []
    for profile in PROFILES:
        chosen = [c for c, of in pairs if of == profile]
        expected = reference.run_many([reference.Task(c.model, list(c.vectors)) for c in chosen], profile)
        for c, want in zip(chosen, expected, strict=True):
            found = next(made)
            if isinstance(want, reference.OracleFailed):
                failures.append(f"{profile} {c.name}: {want}")
                continue
            for label, outputs in found.items():
                for value, wanted in zip(outputs, want.outputs.values(), strict=True):
                    differing = np.flatnonzero(value.reshape(-1) != wanted.reshape(-1))
                    if differing.size:
                        at = differing[0]
                        failures.append(
                            f"{profile} {c.name}{label}: {differing.size} of {wanted.size} values differ, "
                            f"first at {at}: {value.reshape(-1)[at]}, not {wanted.reshape(-1)[at]}"
                        )
    assert not failures, f"{len(failures)} failures\n" + "\n".join(failures[:20])
    for c in cases:
        tested.note(c.model)


def problems(model: bytes) -> list[str]:
    """Returns what the check of the only operator finds, as text."""
    graph = read(model, "test.tflite").main
    node = graph.view(graph.nodes[0])
    return [str(problem) for problem in operators().by_name[node.node.op].check(node)]


def lower(model: bytes, profile: str) -> tuple[Graph, Lowered]:
    """Returns the graph of a model and its only operator, checked and lowered."""
    graph = read(model, "test.tflite").main
    node = graph.view(graph.nodes[0])
    operator = operators().by_name[node.node.op]
    assert list(operator.check(node)) == []
    return graph, operator.lower(node, Target(numerics=profile))


def run_kernels(pairs: Sequence[tuple[Case, str]], folder: Path) -> list[dict[str, list[np.ndarray]]]:
    """Returns the outputs of each case with its profile, by placement: "", or one that the kernel allows."""
    cases = [c for c, _ in pairs]
    results: list[dict[str, list[np.ndarray]]] = []
    jobs = []
    for index, (c, profile) in enumerate(pairs):
        graph, lowered = lower(c.model, profile)
        results.append({})
        if isinstance(lowered, Alias):
            assert (lowered.input, lowered.output) == (graph.inputs[0], graph.outputs[0])
            results[index][""] = [c.vectors[0]]
            continue
        jobs.append((index, "", graph, lowered))
        if lowered.in_place:
            jobs.append((index, " in place", graph, lowered))
        for pair in lowered.overlap[:1]:
            jobs.append((index, " forward", graph, lowered))
            if pair.backward is not None:
                turned = replace(lowered, params={**lowered.params, "backward": True})
                jobs.append((index, " backward", graph, turned))
    if not jobs:
        return results
    kernels = {call.kernel for *_, call in jobs}
    program = _compile(_source(jobs, cases, kernels), kernels, folder)
    given = b"".join(
        cases[index].vectors[graph.inputs.index(tensor)][n].tobytes()
        for index, _, graph, call in jobs
        for n in range(len(cases[index].vectors[0]))
        for tensor in call.inputs
    )
    done = subprocess.run([program], input=given, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]
    answer = memoryview(done.stdout)
    for index, label, graph, call in jobs:
        rows: list[list[np.ndarray]] = [[] for _ in call.outputs]
        for _ in range(len(cases[index].vectors[0])):
            for row, tensor in zip(rows, (graph.tensors[i] for i in call.outputs), strict=True):
                row.append(np.frombuffer(answer[: tensor.nbytes], tensor.dtype).reshape(tensor.shape))
                answer = answer[tensor.nbytes :]
        results[index][label] = [np.stack(row) for row in rows]
    assert not answer
    return results


def _source(jobs: list[tuple[int, str, Graph, KernelCall]], cases: Sequence[Case], kernels: set[str]) -> str:
    lines = [f'#include "{kernel}.h"' for kernel in sorted(kernels)]
    lines.append(_DRIVER)
    table = []
    for number, (index, label, graph, call) in enumerate(jobs):
        prefix = f"j{number}_"
        for constant in call.constants:
            kind = ctext.c_type(constant.data.dtype)
            body = ctext.array(constant.data)
            lines.append(f"static const {kind} {prefix}{constant.name}[{constant.data.size}] = {body};")
        fields = ctext.structure(call.params, prefix)
        lines.append(f"static const {call.kernel}_params_t {prefix}params = {{\n{fields}\n}};")
        places = iter(range(len(call.inputs) + len(call.outputs)))
        inputs, outputs = (
            [f"({_c(graph, t)} *)io[{i}]" for t, i in zip(tensors, places, strict=False)]
            for tensors in (call.inputs, call.outputs)
        )
        states = [f"{prefix}state{t}" for t in call.states]
        for state, tensor in zip(states, (graph.tensors[t] for t in call.states), strict=True):
            body = ctext.array(initial(tensor))
            lines.append(f"static {ctext.c_type(tensor.dtype)} {state}[{tensor.elements}] = {body};")
        arguments = [f"&{prefix}params", *ctext.pointers(call, inputs, [*states, *outputs])]
        if call.scratch_bytes:
            arguments.append("scratch")
        lines.append(f"static void {prefix}run(void **io, void *scratch) {{")
        lines.append(f"    (void)scratch;\n    {call.kernel}({', '.join(arguments)});\n}}")
        sizes = [graph.tensors[t].nbytes for t in (*call.inputs, *call.outputs)]
        same, shift = [-1] * len(sizes), [0] * len(sizes)
        pair, distance = _shared(label, call)
        if pair is not None:
            same[len(call.inputs) + pair[1]] = pair[0]
            shift[len(call.inputs) + pair[1]] = distance
        table.append(
            f"{{{prefix}run, {len(cases[index].vectors[0])}, {len(call.inputs)}, {len(sizes)}, "
            f"{{{', '.join(map(str, sizes))}}}, {{{', '.join(map(str, same))}}}, "
            f"{{{', '.join(map(str, shift))}}}, {call.scratch_bytes}}},"
        )
    return "\n".join([*lines, "static const job_t jobs[] = {", *table, "};", _MAIN])


def _shared(label: str, call: KernelCall) -> tuple[tuple[int, int] | None, int]:
    """Returns which pair shares memory, and the address of the output minus that of the input."""
    if label == " in place":
        return call.in_place[0], 0
    if not label:
        return None, 0
    pair = call.overlap[0]
    backward = pair.backward if label == " backward" else None
    return (pair.input, pair.output), -pair.forward if backward is None else backward


def _c(graph: Graph, tensor: int) -> str:
    return ctext.c_type(graph.tensors[tensor].dtype)


def _compile(source: str, kernels: set[str], folder: Path) -> Path:
    path, program = folder / "cases.c", folder / "cases"
    path.write_text(source)
    sources = share("firmware") / "kernels"
    files = [sources / f"{kernel}.c" for kernel in sorted(with_dependencies(kernels))]
    built = subprocess.run(
        ["gcc", *FLAGS, f"-I{sources}", str(path), *map(str, files), "-o", str(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr[-3000:]
    return program


def with_dependencies(kernels: set[str]) -> set[str]:
    """Returns the kernels and those whose headers their sources include."""
    sources = share("firmware") / "kernels"
    found, todo = set(), set(kernels)
    while todo:
        kernel = todo.pop()
        found.add(kernel)
        text = (sources / f"{kernel}.c").read_text()
        included = {line.split('"')[1][:-2] for line in text.splitlines() if line.startswith('#include "ek_')}
        todo |= {name for name in included if (sources / f"{name}.c").exists()} - found
    return found


_DRIVER = """
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
enum { TENSORS = 40 };
typedef struct {
    void (*run)(void **io, void *scratch);
    int vectors, inputs, tensors;
    size_t size[TENSORS];
    int same[TENSORS];  /* index of the tensor whose memory this one shares, or -1 */
    int shift[TENSORS]; /* and its distance from it */
    size_t scratch;
} job_t;
"""

_MAIN = """
int main(void) {
    for (size_t j = 0; j < sizeof jobs / sizeof *jobs; ++j) {
        const job_t *job = &jobs[j];
        for (int n = 0; n < job->vectors; ++n) {
            void *io[TENSORS] = {0};
            size_t bytes[TENSORS];
            size_t before[TENSORS] = {0};
            for (int t = 0; t < job->tensors; ++t) {
                bytes[t] = job->size[t];
                const int s = job->same[t];
                if (s >= 0) {
                    before[s] = job->shift[t] < 0 ? (size_t)-job->shift[t] : 0;
                    const size_t end = (size_t)((int)before[s] + job->shift[t]) + job->size[t];
                    bytes[s] = before[s] + job->size[s] > end ? before[s] + job->size[s] : end;
                }
            }
            for (int t = 0; t < job->tensors; ++t) {
                const int s = job->same[t];
                char *memory = s >= 0 ? (char *)io[s] + job->shift[t] : malloc(bytes[t]);
                io[t] = memory ? memory + before[t] : NULL;
                if (!io[t] || (t < job->inputs && fread(io[t], 1, job->size[t], stdin) != job->size[t])) {
                    return 2;
                }
            }
            void *scratch = malloc(job->scratch + 1);
            job->run(io, scratch);
            free(scratch);
            for (int t = job->inputs; t < job->tensors; ++t) {
                fwrite(io[t], 1, job->size[t], stdout);
            }
            for (int t = 0; t < job->tensors; ++t) {
                if (job->same[t] < 0) {
                    free((char *)io[t] - before[t]);
                }
            }
        }
    }
    return fflush(stdout) ? 2 : 0;
}
"""
