"""One way to find plug-ins: a file of a given stem, here, beside the user, or in a package.

A kind of plug-in (recipes, data, preproc, models, compiler.ops) is a package whose modules each
define one object under an agreed name. Names are listed without importing anything; a module is
imported when its key is asked for. Keys use dashes where file stems use underscores.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Generic, TypeVar

from edgekit import paths
from edgekit.errors import EdgekitError, EnvironmentFailed, InputError, did_you_mean

T = TypeVar("T")


def key_of(stem: str) -> str:
    """Returns the key that a user types for a file stem: `ecg_rhythm` -> `ecg-rhythm`."""
    return stem.replace("_", "-")


def stem_of(key: str) -> str:
    """Returns the file stem of a key: `ecg-rhythm` -> `ecg_rhythm`."""
    return key.replace("-", "_")


@dataclass
class Registry(Generic[T]):
    """Plug-ins of one kind.

    Args:
        kind: Last part of the package and of the user's folder, e.g. "recipes".
        attribute: Name of the object that each module defines, e.g. "RECIPE".
        type: Class that the object must be an instance of.
        package: Dotted package that holds the built-in ones; default `edgekit.<kind>`.
        framework: Stems in the package that are not plug-ins (the contract itself).
    """

    kind: str
    attribute: str
    type: type[T]
    package: str = ""
    framework: frozenset[str] = frozenset({"base"})
    _loaded: dict[str, T] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.package = self.package or f"edgekit.{self.kind}"

    def keys(self) -> list[str]:
        """Returns all keys, sorted, without importing a plug-in."""
        return sorted({*self._builtin(), *self._user(), *self._entry_points()})

    def get(self, key: str) -> T:
        """Returns the plug-in named `key`; a path to a `.py` file is loaded from there.

        The user's own folder wins over entry points, and those over what edgekit carries.

        Args:
            key: A key as `keys()` lists it, or a path that ends in `.py`.

        Raises:
            InputError: There is none, or the file defines no such object.
            EnvironmentFailed: The plug-in needs a package that is not installed.
        """
        if key.endswith(".py"):
            path = Path(key)
            if not path.is_file():
                raise InputError(where=key, what="no such file", expected=f"a {self.kind} file")
            return self._from_file(path)
        key = key_of(key)
        user = self._user()
        if key in user:
            return self._from_file(user[key])
        if key not in self._loaded:
            self._loaded[key] = self._load(key)
        return self._loaded[key]

    def all(self) -> dict[str, T]:
        """Returns every plug-in by key; imports them all."""
        return {key: self.get(key) for key in self.keys()}

    def _load(self, key: str) -> T:
        points = self._entry_points()
        if key in points:
            found = points[key].load()
            return self._checked(found, points[key].value)
        if key not in self._builtin():
            raise InputError(
                where=key,
                what=f"unknown name in {self.kind}",
                hint=did_you_mean(key, self.keys()),
            )
        name = f"{self.package}.{stem_of(key)}"
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            raise _lacking(key, error) from error
        return self._pick(module, name)

    def _from_file(self, path: Path) -> T:
        path = path.resolve()
        name = f"edgekit_user_{stem_of(self.kind).replace('.', '_')}_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise InputError(where=str(path), what="is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # pydantic and dataclasses look their module up by name
        try:
            spec.loader.exec_module(module)
        except EdgekitError:
            raise
        except ModuleNotFoundError as error:
            raise _lacking(str(path), error) from error
        except Exception as error:
            raise InputError(
                where=str(path), what=f"cannot be loaded: {type(error).__name__}: {error}"
            ) from error
        return self._pick(module, str(path))

    def _pick(self, module: ModuleType, where: str) -> T:
        return self._checked(getattr(module, self.attribute, None), where)

    def _checked(self, found: object, where: str) -> T:
        if not isinstance(found, self.type):
            raise InputError(
                where=where,
                what=f"does not define {self.attribute}",
                expected=f"{self.attribute} = {self.type.__name__}(...)",
                found=f"{self.attribute} is {type(found).__name__}" if found is not None else "no such name",
            )
        return found

    def _builtin(self) -> Iterable[str]:
        package = importlib.import_module(self.package)
        return [
            key_of(module.name)
            for module in pkgutil.iter_modules(package.__path__)
            if module.name not in self.framework and not module.ispkg
        ]

    def _user(self) -> dict[str, Path]:
        folder = paths.user(self.kind)
        if folder == Path(str(paths.__file__)).parent / self.kind:
            return {}  # the working folder is edgekit's own checkout
        return {
            key_of(path.stem): path for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")
        }

    def _entry_points(self) -> dict[str, EntryPoint]:
        return _declared(f"edgekit.{self.kind}")


@functools.cache  # looks through every installed package
def _declared(group: str) -> dict[str, EntryPoint]:
    return {key_of(point.name): point for point in entry_points(group=group)}


def _lacking(where: str, error: ModuleNotFoundError) -> EnvironmentFailed:
    return EnvironmentFailed(
        where=where,
        what=f"needs the package '{error.name}', which is not installed",
        hint="pip install 'edgekit[train]'",
    )
