"""Compares a .tflite with the network in quantisation-aware training that it was made from."""

import numpy as np

from edgekit import reference
from edgekit.training.qat import graph

ALIASES = {"RESHAPE", "MAX_POOL_2D", "PAD", "TILE", "QUANTIZE", "REDUCE_MAX"}


def grid_of(layer):
    """Scale (float32, as the converter computes it) and int8 zero point of a trained range."""
    low, high = (np.float64(end) for end in layer.exported())
    scale = (high - low) / 255
    return float(np.float32(scale)), round(-128 - low / scale)


class Tflite:
    """A .tflite and what LiteRT's reference kernels compute with it."""

    def __init__(self, data):
        from ai_edge_litert import schema_py_generated as schema

        self.data = data
        model = schema.ModelT.InitFromPackedBuf(data, 0)
        self.graph = model.subgraphs[0]
        names = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
        codes = [max(c.builtinCode, c.deprecatedBuiltinCode) for c in model.operatorCodes]
        self.ops = [names[codes[op.opcodeIndex]] for op in self.graph.operators]
        self.input, self.output = self.graph.inputs[0], self.graph.outputs[0]

    def grid(self, tensor):
        found = self.graph.tensors[tensor].quantization
        return float(np.float32(found.scale[0])), int(found.zeroPoint[0])

    def quantise(self, x):
        scale, zero = self.grid(self.input)
        return np.clip(np.floor(x / scale + 0.5) + zero, -128, 127).astype(np.int8)

    def run(self, inputs):
        return reference.run(self.data, [inputs], tensors=True)


def values(tflite, tensor, integers):
    scale, zero = tflite.grid(tensor)
    return ((integers.astype(np.float32) - np.float32(zero)) * np.float32(scale)).astype(np.float32)


def layer_steps(model, tflite, inputs):
    """Runs each layer of the twin on the integers that the .tflite has; yields name, differences in steps."""
    import keras

    from edgekit.training.qat.layers import FakeQuant

    result = tflite.run(inputs)
    written = [
        int(op.outputs[0])
        for op, name in zip(tflite.graph.operators, tflite.ops, strict=True)
        if name not in ALIASES
    ]
    tensors = {}
    (x,) = model.inputs
    tensors[id(x)] = values(tflite, tflite.input, inputs)
    for node in graph.calls(model):
        args, kwargs = node.arguments.fill_in(tensors)
        got = node.operation(*args, **kwargs)
        if isinstance(node.operation, FakeQuant) and not kwargs.get("again"):
            grid, shape = grid_of(node.operation), tuple(node.outputs[0].shape[1:])
            if id(node.input_tensors[0]) in tensors and node.input_tensors[0] is x:
                assert tflite.grid(tflite.input) == grid
            else:
                size = np.prod(shape)
                fitting = [t for t in written if np.prod(tflite.graph.tensors[t].shape) == size]
                tensor = next((t for t in fitting if tflite.grid(t) == grid), None)
                assert tensor is not None, (node.operation.name, grid, [tflite.grid(t) for t in fitting])
                written.remove(tensor)
                integers = result.tensors[tensor].reshape(len(inputs), *shape)
                real = values(tflite, tensor, integers)
                yield node.operation.name, np.abs(np.asarray(got[0]) - real) / grid[0]
                got = real, got[1]
        for old, new in zip(node.outputs, keras.tree.flatten(got), strict=True):
            tensors[id(old)] = new
    left = [tflite.ops[i] for i, op in enumerate(tflite.graph.operators) if int(op.outputs[0]) in written]
    assert not left, f"operators that no layer of the twin stands for: {left}"


def net_steps(model, tflite, inputs):
    """Differences of the outputs of the whole net, in steps of the .tflite."""
    result = tflite.run(inputs)
    (integers,) = result.outputs.values()
    real = values(tflite, tflite.output, integers)
    twin = np.asarray(model(values(tflite, tflite.input, inputs), training=False))
    return np.abs(twin - real.reshape(twin.shape)) / tflite.grid(tflite.output)[0]
