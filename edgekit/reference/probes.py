"""Probe models: tiny .tflite files whose outputs tell one rounding rule from another.

`probes/<name>.tflite` stands beside `<name>.npz` with `x` (the vectors) and one array per profile
(the outputs that a runtime must give to serve as reference for it).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgekit.reference.runtimes import Runtime

FOLDER = Path(__file__).parent / "probes"


def names() -> list[str]:
    """Returns the names of all probes."""
    return sorted(path.stem for path in FOLDER.glob("*.tflite"))


def fault(runtime: type[Runtime], profile: str) -> str:
    """Returns why `runtime` is no reference for `profile`, or "" where it passes every probe."""
    for name in names():
        model = (FOLDER / f"{name}.tflite").read_bytes()
        with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as stored:
            vectors, expected = stored["x"], stored[profile]
        try:
            loaded = runtime(model, keep=False)
            found = np.stack([loaded.invoke([vector])[0] for vector in vectors])
        except (RuntimeError, ValueError) as error:
            return f"cannot run the probe '{name}': {error}"
        if found.shape != expected.shape:
            return f"gives {found.shape} for the probe '{name}', not {expected.shape}"
        if differing := int(np.sum(found != expected)):
            what = f"{differing} of {expected.size} values of the probe '{name}'"
            return f"departs from the profile '{profile}' in {what}"
    return ""
