"""Renders `<name>_boxes` to C: the parameters of `ek_boxes`, and the call that takes the model's outputs."""

from __future__ import annotations

from collections.abc import Mapping

from edgekit import paths
from edgekit.postproc.boxes import OFFSET, SUBPIXELS, Decoder

BOX_BYTES = 24  # sizeof(ek_box_t)
_ARGUMENTS = {"coverage": "coverage", "boxes": "edges"}  # by tensor


def parameters(decoder: Decoder, centroids: bool) -> dict[str, int]:
    """Returns what `ek_boxes_params_t` holds, in its order, but for the tensors' type.

    Args:
        decoder: As designed for the network.
        centroids: Whether the network has no box tensor.
    """
    pitch = decoder.stride * SUBPIXELS
    return {
        "rows": decoder.rows,
        "columns": decoder.columns,
        "classes": decoder.classes,
        "pitch": pitch,
        "origin": pitch // 2 if centroids else int(OFFSET * SUBPIXELS),
        "threshold": decoder.threshold,
        "multiplier": decoder.multiplier,
        "zero": decoder.zero,
        "half": decoder.half,
        "iou": decoder.iou,
        "max_candidates": decoder.max_candidates,
        "max_boxes": decoder.max_boxes,
    }


def render(
    decoder: Decoder, name: str, outputs: Mapping[str, str], dtype: str, *, model: bool
) -> dict[str, str]:
    """Returns the C by path in an exported folder, `ek_boxes` with it.

    Args:
        decoder: As designed for the network.
        name: Prefix of the C names.
        outputs: What follows `<name>_output` in the name of the function that gives a tensor, by
            tensor: "coverage" and, unless the network gives centroids alone, "boxes".
        dtype: Of both tensors, "int8" or "int16".
        model: Whether it reads the outputs of the model's own C itself, as `<name>_boxes`; else the caller
            has them, from another's interpreter, and gives them to `<name>_boxes_of`.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(paths.share("templates") / "postproc"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    context = {
        "name": name,
        "upper": name.upper(),
        "decoder": decoder,
        "subpixels": SUBPIXELS,
        "outputs": outputs,
        "model": model,
        "tensors": ", ".join(f"const {dtype}_t *{_ARGUMENTS[tensor]}" for tensor in outputs),
        "wide": dtype == "int16",
        "parameters": parameters(decoder, "boxes" not in outputs),
        "room_bytes": BOX_BYTES * decoder.max_candidates,
    }
    made = {
        f"src/{name}_boxes{suffix}": environment.get_template(f"boxes{suffix}.j2").render(context)
        for suffix in (".h", ".c")
    }
    for file in ("ek_boxes.h", "ek_boxes.c"):
        made[f"kernels/{file}"] = (paths.share("firmware") / "postproc" / file).read_text(encoding="utf-8")
    return made
