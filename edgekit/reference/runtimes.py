"""The runtimes that may serve as reference, behind one interface; used in the child process only."""

from __future__ import annotations

import importlib
import os
import re
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

Array = NDArray[Any]
_ARENA = re.compile(r"Arena allocation total (\d+) bytes")
_SMALLEST_ARENA = 64 << 20  # bytes; only the part in use is ever touched


class Runtime(ABC):
    """One loaded model.

    Args:
        model: The .tflite file.
        keep: Whether `tensors()` will be asked for.
    """

    kernels = ""
    distributions: tuple[str, ...] = ()

    @abstractmethod
    def __init__(self, model: bytes, keep: bool) -> None: ...

    @classmethod
    def version(cls) -> str:
        """Returns the installed version, e.g. "2.3.0"."""
        for distribution in cls.distributions:
            try:
                return version(distribution)
            except PackageNotFoundError:
                continue
        return "unknown"

    @abstractmethod
    def inputs(self) -> list[dict[str, Any]]:
        """Returns name, shape and dtype of each input, in the order of the model."""

    @abstractmethod
    def invoke(self, values: list[Array]) -> list[Array]:
        """Returns the outputs for one vector, in the order of the model."""

    @abstractmethod
    def output_names(self) -> list[str]:
        """Returns the names of the output tensors."""

    @abstractmethod
    def tensors(self) -> dict[int, Array]:
        """Returns every readable tensor of the main graph by index, after `invoke`."""

    @abstractmethod
    def reset(self) -> None:
        """Puts all state back to what it was before the first invocation."""


class LiteRT(Runtime):
    """LiteRT's interpreter with its reference kernels, never the default delegate."""

    kernels = "builtin_ref"
    module: str = "ai_edge_litert.interpreter"
    distributions: tuple[str, ...] = ("ai-edge-litert", "ai-edge-litert-nightly")

    def __init__(self, model: bytes, keep: bool) -> None:
        interpreter, resolver = self._load()
        self._make: Callable[[], Any] = lambda: interpreter(
            model_content=model,
            num_threads=1,
            experimental_op_resolver_type=resolver.BUILTIN_REF,
            experimental_preserve_all_tensors=keep,
        )
        self._start()

    @classmethod
    def _load(cls) -> tuple[Any, Any]:
        module = importlib.import_module(cls.module)
        return module.Interpreter, module.OpResolverType

    def _start(self) -> None:
        self._interpreter = self._make()
        self._interpreter.allocate_tensors()

    @override
    def inputs(self) -> list[dict[str, Any]]:
        return [_details(given) for given in self._interpreter.get_input_details()]

    @override
    def output_names(self) -> list[str]:
        return [str(given["name"]) for given in self._interpreter.get_output_details()]

    @override
    def invoke(self, values: list[Array]) -> list[Array]:
        for given, value in zip(self._interpreter.get_input_details(), values, strict=True):
            self._interpreter.set_tensor(given["index"], value)
        self._interpreter.invoke()
        return [
            np.array(self._interpreter.get_tensor(given["index"]))
            for given in self._interpreter.get_output_details()
        ]

    @override
    def tensors(self) -> dict[int, Array]:
        found = {}
        for details in self._interpreter.get_tensor_details():
            try:
                found[int(details["index"])] = np.array(self._interpreter.get_tensor(details["index"]))
            except ValueError:
                continue  # a tensor without data: optional, or folded away
        return found

    @override
    def reset(self) -> None:
        self._start()  # reset_all_variables() leaves resource variables as they are


class TfliteRuntime(LiteRT):
    """LiteRT's predecessor; its kernels differ by version, which the probes find out."""

    module = "tflite_runtime.interpreter"
    distributions = ("tflite-runtime", "tflite-runtime-nightly")


class TensorFlow(LiteRT):
    """The interpreter that TensorFlow carries."""

    module = "tensorflow"
    distributions = ("tensorflow", "tensorflow-cpu", "tf-nightly", "tensorflow-macos")

    @classmethod
    def _load(cls) -> tuple[Any, Any]:
        lite = importlib.import_module(cls.module).lite
        return lite.Interpreter, lite.experimental.OpResolverType


class Tflm(Runtime):
    """The interpreter of TensorFlow Lite for Microcontrollers, as it comes from PyPI."""

    kernels = "reference"
    module = "tflite_micro"
    distributions = ("tflite-micro", "tflite_micro")

    def __init__(self, model: bytes, keep: bool) -> None:
        from tflite_micro.python.tflite_micro import runtime
        from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

        config = runtime.InterpreterConfig
        self._interpreter = runtime.Interpreter.from_bytes(
            model,
            arena_size=max(10 * len(model), _SMALLEST_ARENA),
            intrepreter_config=config.kPreserveAllTensors if keep else config.kAllocationRecording,
        )
        tree = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0))
        graph = tree.subgraphs[0]
        self._tensors, self._buffers = graph.tensors, tree.buffers
        self._inputs, self._outputs = list(graph.inputs), list(graph.outputs)

    @override
    def inputs(self) -> list[dict[str, Any]]:
        return [
            {**_details(self._interpreter.get_input_details(place)), "name": self._name(tensor)}
            for place, tensor in enumerate(self._inputs)
        ]

    @override
    def output_names(self) -> list[str]:
        return [self._name(tensor) for tensor in self._outputs]

    def _name(self, tensor: int) -> str:
        return bytes(self._tensors[tensor].name or b"").decode(errors="replace")

    @override
    def invoke(self, values: list[Array]) -> list[Array]:
        for place, value in enumerate(values):
            self._interpreter.set_input(value, place)
        self._interpreter.invoke()
        return [np.array(self._interpreter.get_output(place)) for place in range(len(self._outputs))]

    @override
    def tensors(self) -> dict[int, Array]:
        return {
            index: np.array(self._interpreter.GetTensor(index, 0)["tensor_data"])
            for index, tensor in enumerate(self._tensors)
            if self._buffers[tensor.buffer].data is None
        }

    @override
    def reset(self) -> None:
        self._interpreter.reset()

    def arena_bytes(self) -> int:
        """Returns the bytes of arena that the interpreter uses, as it records them itself."""
        with _captured_stderr() as text:
            self._interpreter.print_allocations()
        found = _ARENA.search("".join(text))
        if found is None:
            raise RuntimeError("the interpreter's allocation record has no total")
        return int(found.group(1))


RUNTIMES: dict[str, type[Runtime]] = {
    "ai_edge_litert": LiteRT,
    "tflite_runtime": TfliteRuntime,
    "tensorflow": TensorFlow,
    "tflite_micro": Tflm,
}


def _details(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": str(given.get("name", "")),
        "shape": [int(extent) for extent in given["shape"]],
        "dtype": np.dtype(given["dtype"]).name,
    }


@contextmanager
def _captured_stderr() -> Iterator[list[str]]:
    """Collects what C++ code writes to file descriptor 2 (and Python to stdout) in the block."""
    text: list[str] = []
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            with redirect_stdout(sys.stderr):
                yield text
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            file.seek(0)
            text.append(file.read(1 << 20).decode(errors="replace"))
