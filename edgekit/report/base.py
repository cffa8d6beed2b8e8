"""What all versioned JSON of edgekit shares: strict when written, tolerant of newer keys when read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, model_validator

from edgekit.errors import InputError, Problem

MAX_JSON_BYTES = 32 << 20
_READING = object()  # context under which keys that a later edgekit added are ignored

T = TypeVar("T", bound="Part")


class Part(BaseModel):
    """A part of a versioned record.

    Unknown keys are refused when Python code makes a record and ignored when a file is read, since
    adding a key does not change the version. NumPy scalars and arrays are taken as plain numbers.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        allow_inf_nan=False,
        json_schema_serialization_defaults_required=True,  # every key is always written
    )

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, tree: Any, info: ValidationInfo) -> Any:
        if not isinstance(tree, dict):
            return tree
        if info.context is _READING:
            known = {*cls.model_fields, *(field.alias for field in cls.model_fields.values())}
            tree = {key: value for key, value in tree.items() if key in known}
        return {key: value.tolist() if hasattr(value, "tolist") else value for key, value in tree.items()}

    def to_json(self) -> dict[str, Any]:
        """Returns the record as JSON values, with every key, in the order of the schema."""
        return self.model_dump(mode="json", by_alias=True)


def from_json(model: type[T], tree: Any, where: str) -> T:
    """Returns the record in `tree`; keys of later versions are ignored.

    Args:
        model: The expected record.
        tree: JSON values.
        where: Name of the file for messages.

    Raises:
        InputError: Keys are missing or values wrong; all at once.
    """
    try:
        return model.model_validate(tree, context=_READING)
    except ValidationError as error:
        raise InputError(
            Problem(where, _fault(e["loc"], e["msg"]), found=repr(e["input"])[:80])
            for e in error.errors()[:50]
        ) from error


def load_json(path: Path, limit: int = MAX_JSON_BYTES) -> Any:
    """Returns the JSON values in a file.

    Args:
        path: The file.
        limit: Largest size in bytes that is read.

    Raises:
        InputError: The file is absent, too large or not JSON.
    """
    try:
        if path.stat().st_size > limit:
            raise ValueError(f"larger than {limit:,} bytes")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            where=str(path),
            what=f"cannot be read: {error.strerror or error}",
            expected="a JSON file that edgekit wrote",
            hint="is the path right? `--json FILE` of a command writes one",
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(where=str(path), what=f"is not valid JSON: {error}") from error


def _fault(path: Sequence[int | str], message: str) -> str:
    return f"{'.'.join(map(str, path))}: {message}" if path else message
