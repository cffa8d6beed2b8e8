"""The pytest plugin: a fixture for users' own tests on a board, `edgekit_board`.

pytest --edgekit-target mps2-an386
pytest --edgekit-target apollo4 --edgekit-port /dev/ttyACM0
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgekit.device.build import Built
    from edgekit.hil.run import HilRun
    from edgekit.hil.session import Session
    from edgekit.report.record import HilRecord


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options."""
    group = parser.getgroup("edgekit", "models on a board")
    group.addoption(
        "--edgekit-target",
        default="host",
        metavar="BOARD",
        help="Board of the fixture edgekit_board: a name from `edgekit boards`, or a path to a .toml.",
    )
    group.addoption("--edgekit-port", default="", metavar="DEV", help="Serial port of a real board.")
    group.addoption(
        "--edgekit-timeout", type=float, default=20.0, metavar="S", help="Longest wait for an answer."
    )


def pytest_report_header(config: pytest.Config) -> str:
    """Says which board the tests run on."""
    port = config.getoption("--edgekit-port")
    return f"edgekit: {config.getoption('--edgekit-target')}{' on ' + port if port else ''}"


class EdgekitBoard:
    """A board under test.

    Args:
        target: Its key, or the path of a .toml.
        port: Its serial port; "" starts the emulator or the host process.
        timeout: Seconds without progress after which every wait ends.
        folder: Where models are exported to.
    """

    def __init__(self, target: str, port: str, timeout: float, folder: Path) -> None:
        self.target, self.port, self.timeout = target, port, timeout
        self._folder = folder
        self._exports: dict[str, Path] = {}

    def check(
        self, model: str | Path, *, vectors: str | Path | None = None, random: int = 0, seed: int = 0
    ) -> HilRecord:
        """Runs vectors and fails the test where the board departs from the PC reference.

        Args:
            model: A .tflite, a run folder, or an exported folder.
            vectors: An .npz; default the export's own.
            random: So many random vectors instead.
            seed: Of the random ones.

        Returns:
            The record: times, memory, task accuracy.
        """
        from edgekit.pipeline.validate import Source, validate
        from edgekit.report.verdict import sentence

        source = Source(file=Path(vectors) if vectors else None, random=random, seed=seed)
        exported = self.export(model)
        (record,) = validate(exported, [self.target], source, port=self.port, timeout=self.timeout)
        if record.status != "held":
            pytest.fail(sentence(record), pytrace=False)
        return record

    def run(self, model: str | Path, inputs: Mapping[str, NDArray[Any]]) -> HilRun:
        """Runs inputs of the test's own and returns outputs and times; nothing is compared.

        Args:
            model: As for `check`.
            inputs: By input name, [n, ...] of the tensor's dtype.
        """
        from edgekit.hil import run as hil

        built = self.build(model)
        return hil.run(
            built.manifest, built, built.board, inputs, port=self.port or None, deadline=self.timeout
        )

    def session(self, model: str | Path) -> Session:
        """Returns a session with the board, to be used as a context manager."""
        from edgekit.hil import run as hil

        built = self.build(model)
        return hil.connect(built, built.board, port=self.port or None, deadline=self.timeout)

    def build(self, model: str | Path) -> Built:
        """Builds the firmware of a model; what is up to date is kept."""
        from edgekit.pipeline import build

        return build.make(self.export(model), self.target)

    def export(self, model: str | Path) -> Path:
        """Exports a model for the board, once; an exported folder is returned as it is."""
        from edgekit import manifest
        from edgekit.device import boards
        from edgekit.pipeline import export
        from edgekit.pipeline.model_file import ModelFile

        path = Path(model).resolve()
        if (path / manifest.FILE_NAME).is_file():
            return path
        if str(path) not in self._exports:
            folder = self._folder / f"{len(self._exports)}-{path.stem}"
            export.write(export.build_export(ModelFile.open(path), boards.load(self.target)), folder)
            self._exports[str(path)] = folder
        return self._exports[str(path)]


@pytest.fixture(scope="session")
def edgekit_board(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> EdgekitBoard:
    """The board that --edgekit-target names."""
    from edgekit.device import boards

    option = request.config.getoption
    boards.load(option("--edgekit-target"))  # an unknown one is said here, with near matches
    return EdgekitBoard(
        option("--edgekit-target"),
        option("--edgekit-port"),
        option("--edgekit-timeout"),
        tmp_path_factory.mktemp("edgekit"),
    )
