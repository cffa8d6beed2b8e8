"""Every operator's numbers are those of the schema; what it says of itself is complete."""

from __future__ import annotations

import re

import pytest
from ai_edge_litert import schema_py_generated as schema

from edgekit.compiler.ops.base import operators
from edgekit.paths import share
from tests.compiler.tflite_writer import _OPTIONS

ALL = operators().listed


@pytest.mark.parametrize("name", ALL)
def test_codes_and_option_tables(name: str) -> None:
    operator = ALL[name]
    assert operator.code == getattr(schema.BuiltinOperator, name)
    if not operator.options_type:
        assert operator.options == ()
        return
    camel = "".join(part.capitalize() for part in name.split("_"))
    table = _OPTIONS.get(name, f"{camel}Options")
    assert operator.options_type == getattr(schema.BuiltinOptions, table)
    for option in operator.options:
        field = "".join(part.capitalize() for part in option.name.split("_"))
        add = getattr(schema, f"{table}Add{field}")
        assert slot_of(add) == option.slot, option.name


def slot_of(add) -> int:
    """Returns the slot that a generated setter writes."""

    class Builder:
        slot = -1

        def __getattr__(self, _):
            def prepend(slot, *_):
                self.slot = slot

            return prepend

    builder = Builder()
    add(builder, 0)
    return builder.slot


@pytest.mark.parametrize("name", ALL)
def test_every_operator_describes_itself(name: str) -> None:
    operator = ALL[name]
    assert operator.notes
    assert set(operator.oracles) <= {"litert", "tflm"} and operator.oracles


def test_no_kernel_lies_unused() -> None:
    sources = "".join(
        path.read_text() for path in (share("firmware").parent / "edgekit/compiler").rglob("*.py")
    )
    kernels = sorted((share("firmware") / "kernels").glob("ek_*.c"))
    for path in kernels:
        operator = re.sub(r"(_constant)?_s(8|16)$", "", path.stem).removeprefix("ek_")
        core = any(f'#include "{path.stem}.h"' in c.read_text() for c in kernels if c != path)
        assert path.stem in sources or re.search(rf'"(ek_)?{operator}(_s\{{|")', sources) or core, path
