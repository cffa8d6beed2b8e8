"""The kernel sources that a program needs: each kernel's .c and .h and what they include."""

from __future__ import annotations

import re
from pathlib import Path

from edgekit import paths
from edgekit.compiler.lowering import Lowering
from edgekit.errors import EnvironmentFailed

_INCLUDE = re.compile(r'^\s*#\s*include\s+"([A-Za-z0-9_]+\.h)"', re.MULTILINE)
_STATUS = "ek_status.h"
_ALWAYS = ("ek_abi.h", _STATUS, "ek_trace.h")


def status_source() -> dict[str, str]:
    """Returns the header that what stands around a model needs where the model's own C is not there."""
    return {_STATUS: (paths.share("firmware") / "kernels" / _STATUS).read_text(encoding="utf-8")}


def kernel_sources(lowering: Lowering, folder: Path | None = None) -> dict[str, str]:
    """Returns the text of the kernel files that a program needs, by file name.

    Args:
        lowering: The lowered program.
        folder: Where kernels lie; default edgekit's own.

    Raises:
        EnvironmentFailed: A file is missing from this installation.
    """
    folder = folder or paths.share("firmware") / "kernels"
    wanted = list(_ALWAYS)
    wanted += [f"{call.kernel}.h" for step in lowering.steps for call in step.kernels]
    wanted += ["ek_rows.h" for step in lowering.steps if step.group]
    found: dict[str, str] = {}
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        path = folder / name
        if not path.is_file():
            raise EnvironmentFailed(
                where=str(path), what="a kernel is missing from this installation", hint="reinstall edgekit"
            )
        found[name] = path.read_text(encoding="utf-8")
        wanted += _INCLUDE.findall(found[name])
        body = Path(name).with_suffix(".c").name
        if name.endswith(".h") and (folder / body).is_file():
            wanted.append(body)
    return dict(sorted(found.items()))
