"""The exported folder: from the bytes of a .tflite to C that stands alone, as files in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

import edgekit
from edgekit import files
from edgekit.compiler.arena import ARENA_ALIGN
from edgekit.compiler.attached import Boxes, Camera
from edgekit.compiler.compile import Program, compile_model, require_quantized
from edgekit.compiler.emit import aot, ctext, tflm
from edgekit.compiler.emit.interface import Port, ports
from edgekit.compiler.emit.picture import plan_record
from edgekit.compiler.emit.sources import kernel_sources, status_source
from edgekit.compiler.emit.templates import render
from edgekit.compiler.graph import Model, Tensor
from edgekit.compiler.names import comment, require_identifier
from edgekit.compiler.ops.base import Target
from edgekit.compiler.rows.pushed import refused
from edgekit.compiler.tflite.reader import read
from edgekit.errors import InputError
from edgekit.manifest import (
    Engine,
    Manifest,
    ModelInfo,
    NodeInfo,
    NodeOutput,
    PassInfo,
    PreprocInfo,
    TensorInfo,
)
from edgekit.reference import tflm_arena


@dataclass(frozen=True, slots=True)
class Preproc:
    """Preprocessing C that goes in front of the model.

    Args:
        info: For the manifest.
        files: Text by file name, e.g. "ecg_rhythm_preproc.c"; placed in src/.
    """

    info: PreprocInfo
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Golden:
    """One vector and its reference result, which the example runs.

    Args:
        inputs: By name of the input: the tensor's dtype, its shape with or without the batch.
        outputs: Likewise, by name of the output.
    """

    inputs: Mapping[str, NDArray[Any]]
    outputs: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Exported:
    """An export before it is written.

    Args:
        manifest: With the SHA-256 of every file.
        files: Content by path relative to the folder; the manifest is not among them.
        program: The compiled model, where the aot engine was asked for.
    """

    manifest: Manifest
    files: Mapping[str, bytes]
    program: Program | None = field(repr=False)

    def with_file(self, name: str, content: bytes) -> Exported:
        """Returns the same export with one file more.

        Args:
            name: Path relative to the folder.
            content: What it holds.
        """
        hashes = {**self.manifest.files, name: files.sha256(content)}
        manifest = self.manifest.model_copy(update={"files": dict(sorted(hashes.items()))})
        return Exported(manifest, {**self.files, name: content}, self.program)

    def write(self, folder: Path) -> None:
        """Writes every file, the manifest last, so that a folder with a manifest is whole.

        Raises:
            EnvironmentFailed: The disk refused.
        """
        (folder / "manifest.json").unlink(missing_ok=True)
        for name, content in self.files.items():
            files.write_bytes(folder / name, content)
        self.manifest.save(folder)


def interface(data: bytes, file_name: str) -> tuple[list[TensorInfo], list[TensorInfo]]:
    """Returns a model's inputs and outputs under the names that an export gives them.

    Args:
        data: The .tflite file.
        file_name: What messages call it.

    Raises:
        InputError: The file is damaged.
    """
    inputs, outputs = ports(read(data, file_name))
    return [port.info for port in inputs], [port.info for port in outputs]


def export_model(
    data: bytes,
    file_name: str,
    name: str,
    target: Target,
    engines: Sequence[Engine] = ("aot",),
    *,
    board: str = "",
    task: str = "",
    labels: Sequence[str] = (),
    golden: Golden | None = None,
    preproc: Preproc | None = None,
    camera: Camera | None = None,
    boxes: Boxes | None = None,
    vectors: bytes = b"",
    test_examples: int = 0,
    disabled: Iterable[str] = (),
    push_rows: bool = False,
    measure_tflm: Callable[[bytes], int] = tflm_arena,
) -> Exported:
    """Turns a .tflite into C; a pure function from bytes to files.

    Args:
        data: The .tflite file.
        file_name: What messages and comments call it.
        name: Identifier that the generated C is named by.
        target: Core, features, numerics and goal.
        engines: "aot", "tflm" or both; the first is what `build` takes.
        board: Key of the board that it was exported for; default the core.
        task: What the model is for, for those who score its answers.
        labels: Class labels, in the order of the elements of the only output, or of the one called "logits";
            of a detector, in the order of its classes.
        golden: What the example runs and checks; without it the example only runs.
        preproc: Preprocessing C to include.
        camera: What makes the input of a camera's rows.
        boxes: What makes boxes of the outputs.
        vectors: Content of vectors.npz, or nothing.
        test_examples: Those that the vectors are the first of; 0 = they are of none.
        disabled: Names of compiler passes to leave out.
        push_rows: Whether the caller pushes the input row by row; engine "aot" alone.
        measure_tflm: Returns the arena that TFLM's interpreter uses on this PC.

    Raises:
        InputError: A bad name, or a model that cannot be compiled; every fault at once.
        EnvironmentFailed: TFLM's interpreter is needed and missing, or failed.
    """
    require_identifier(name, "--name")
    if not engines or set(engines) - {"aot", "tflm"}:
        raise InputError(
            where="--engine", what="is unknown", expected="aot, tflm or both", found=str(engines)
        )
    if push_rows and set(engines) != {"aot"}:
        raise refused(f"engine {' and '.join(engines)}", "engine aot")
    made: dict[str, str] = {}
    program = None
    arenas: dict[str, int] = {}
    if "aot" in engines:
        program = compile_model(data, file_name, target, disabled=disabled, push_rows=push_rows)
        model = program.model
    else:
        model = read(data, file_name)
        require_quantized(model, file_name)
    inputs, outputs = ports(model)
    _check_labels(labels, outputs, boxes)
    if program is not None:
        made |= {f"src/{path}": text for path, text in aot.emit(program, name, labels).items()}
        made |= {f"kernels/{path}": text for path, text in kernel_sources(program.lowering).items()}
        made["plan.json"] = json.dumps(plan_record(program.lowering, program.plan), indent=1) + "\n"
        made["main.c"] = _example(name, inputs, outputs, golden, push_rows, boxes)
    if "tflm" in engines:
        tflm.resolver_methods(model)  # before the interpreter runs: its message says less
        sizes = tflm.arena_sizes(model, measure_tflm(data))
        arenas = tflm.arena_by_core(sizes)
        made |= {f"src/{path}": text for path, text in tflm.emit(model, data, name, sizes).items()}
    if preproc is not None:
        made |= {f"src/{path}": text for path, text in preproc.files.items()}
    if camera is not None:
        made |= camera.files
    if boxes is not None:
        made |= boxes.render(model=program is not None)
    if program is None and any((preproc, camera, boxes)):
        made |= {f"kernels/{path}": text for path, text in status_source().items()}
    sources = sorted(path for path in made if path.endswith(".c") and "/" in path)
    manifest = Manifest(
        edgekit=edgekit.__version__,
        name=name,
        target=board or target.core,
        core=target.core,
        features=program.lowering.features if program else [],
        engine=engines[0],
        engines=list(engines),
        numerics=target.numerics,
        optimize=target.optimize,
        model=ModelInfo(file="model.tflite", sha256=model.sha256, bytes=len(data)),
        inputs=[port.info for port in inputs],
        outputs=[port.info for port in outputs],
        stateful=bool(program.states) if program else tflm.keeps_state(model),
        task=task,
        labels=list(labels),
        push_rows=push_rows,
        arena_bytes=program.plan.arena_bytes if program else 0,
        arena_align=ARENA_ALIGN,
        weights_bytes=program.weights_bytes if program else 0,
        constants_bytes=model.constants_bytes,
        tflm_arena_bytes=arenas,
        macs=program.macs if program else 0,
        nodes=_nodes(model, program),
        passes=[PassInfo(name=p.name, changes=p.changes, gain=p.gain) for p in program.passes if p.changes]
        if program
        else [],
        preproc=preproc.info if preproc else None,
        camera=camera.info if camera else None,
        boxes=boxes.info if boxes else None,
        sources=sources,
        include_dirs=sorted({path.rsplit("/", 1)[0] for path in made if path.endswith(".h")}),
        vectors="vectors.npz" if vectors else "",
        test_examples=test_examples,
    )
    values = {
        "m": manifest,
        "file": comment(file_name),
        "golden": golden is not None,
        "cores": arenas,
    }
    made["README.md"] = render("export/README.md.j2", **values)
    if program is not None:
        made["CMakeLists.txt"] = render("export/CMakeLists.txt.j2", **values)
    content = {path: text.encode() for path, text in made.items()} | {"model.tflite": bytes(data)}
    if vectors:
        content["vectors.npz"] = vectors
    content = dict(sorted(content.items()))
    hashes = {path: files.sha256(value) for path, value in content.items()}
    return Exported(manifest.model_copy(update={"files": hashes}), content, program)


def _nodes(model: Model, program: Program | None) -> list[NodeInfo]:
    graph = program.graph if program else model.main
    return [
        NodeInfo(
            index=node.index,
            op=node.op,
            name=graph.view(node).name,
            output_shape=list(graph.view(node).output().shape) if node.outputs else [],
            outputs=[_node_output(tensor, model.main.tensors) for tensor in graph.view(node).outputs],
        )
        for node in graph.nodes
    ]


def _node_output(tensor: Tensor, known: Sequence[Tensor]) -> NodeOutput:
    """Returns what a node writes, and which tensor of the model file that is, if it still is one."""
    made = _described(tensor)
    same = tensor.index < len(known) and _described(known[tensor.index]) == made
    return made.model_copy(update={"tensor": tensor.index}) if same else made


def _described(tensor: Tensor) -> NodeOutput:
    q = tensor.quantization
    return NodeOutput(
        tensor=None,
        shape=list(tensor.shape),
        dtype=tensor.dtype.name,
        scale=q.scale if q else 0.0,
        zero_point=q.zero_point if q else 0,
    )


def _check_labels(labels: Sequence[str], outputs: Sequence[Port], boxes: Boxes | None) -> None:
    if boxes is not None:
        if labels and len(labels) != boxes.info.decoder["classes"]:
            raise InputError(
                where="labels",
                what="do not match the detector's classes",
                expected=str(boxes.info.decoder["classes"]),
                found=f"{len(labels)} labels",
            )
        return
    maps = [port for port in outputs if port.info.name == "coverage"]  # of a detector: one for each class
    named = maps or [port for port in outputs if port.info.name == "logits"] or outputs
    count = named[0].info.shape[-1] if maps else named[0].info.elements
    if labels and (len(named) != 1 or count != len(labels)):
        raise InputError(
            where="labels",
            what="do not match the model's output",
            expected="one label for each element of the only output, or of the last axis of 'coverage'",
            found=f"{len(labels)} labels for {', '.join(f'{p.info.name} {p.shape}' for p in outputs)}",
        )


def _example(
    name: str,
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    golden: Golden | None,
    pushed: bool,
    boxes: Boxes | None,
) -> str:
    def arrays(group: Sequence[Port], given: Mapping[str, NDArray[Any]]) -> list[tuple[Port, str]]:
        return [(port, ctext.array(_fitting(port, given))) for port in group]

    return render(
        "export/main.c.j2",
        name=name,
        macro=name.upper(),
        inputs=inputs,
        outputs=outputs,
        golden=golden is not None,
        pushed=pushed,
        boxes=boxes is not None,
        expected_boxes=boxes.found(golden.outputs) if boxes and golden else [],
        given=arrays(inputs, golden.inputs) if golden else [],
        expected=arrays(outputs, golden.outputs) if golden else [],
    )


def _fitting(port: Port, given: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    values = given.get(port.info.name)
    if values is None or values.size != port.info.elements or values.dtype != port.tensor.dtype:
        raise InputError(
            where=f"golden vector '{port.info.name}'",
            what="does not fit the model",
            expected=f"{port.info.dtype} {port.shape}",
            found="none" if values is None else f"{values.dtype} {list(values.shape)}",
        )
    return values
