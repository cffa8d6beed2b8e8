"""Where the next point comes from: the whole grid in order, or Optuna's sampler."""

from __future__ import annotations

import itertools
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from edgekit.pipeline.sweep import space as spaces
from edgekit.pipeline.sweep.folder import SweepFolder
from edgekit.pipeline.sweep.space import Point, Space
from edgekit.report.sweep import Trial

if TYPE_CHECKING:
    import optuna

_STARTUP = 10  # random points before the sampler learns from them


class Search(ABC):
    """Proposes points, each with a number of its own.

    Class attributes:
        lookahead: Points that may be asked for before one of them is known.
    """

    lookahead: ClassVar[int] = 1

    @abstractmethod
    def open(self) -> Iterator[tuple[int, Point]]:
        """Yields the points that are not finished, one whenever a worker is free."""

    @abstractmethod
    def tell(self, trial: Trial) -> None:
        """Takes up what became of a point."""


class Grid(Search):
    """Every point, in the order of the space.

    Args:
        space: The space.
        folder: Whose finished trials are left out.
        trials: Take the first so many.
    """

    lookahead = spaces.MAX_POINTS

    def __init__(self, space: Space, folder: SweepFolder, trials: int) -> None:
        self._space, self._done, self._trials = space, set(folder.finished()), trials

    def open(self) -> Iterator[tuple[int, Point]]:
        """See `Search.open`."""
        for number, point in enumerate(itertools.islice(spaces.grid(self._space), self._trials)):
            if number not in self._done:
                yield number, point

    def tell(self, trial: Trial) -> None:
        """The grid does not learn."""


class OptunaSearch(Search):
    """A multi-objective search: the metric up, the instructions down.

    The sampler is TPE (Ozaki et al., "Multiobjective Tree-Structured Parzen Estimator", JAIR 73, 2022), to
    which points over the budget are infeasible. The study lies in the sweep's folder, one JSON value a line.

    Args:
        space: The space.
        folder: The sweep's.
        trials: How many points in all.
        seed: Of the sampler.
        higher_is_better: Direction of the metric.
    """

    def __init__(
        self, space: Space, folder: SweepFolder, trials: int, seed: int, *, higher_is_better: bool = True
    ) -> None:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._space, self._trials, self._done = space, trials, folder.finished()
        self._asked: dict[int, optuna.Trial] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            storage = JournalStorage(JournalFileBackend(str(folder.study)))
            self._study = optuna.create_study(
                study_name="sweep",
                storage=storage,
                directions=["maximize" if higher_is_better else "minimize", "minimize"],
                load_if_exists=True,
            )
            # A sampler keeps no state on disk: what it draws next follows from the seed and the count so far.
            self._study.sampler = optuna.samplers.TPESampler(
                seed=seed + len(self._study.trials),
                n_startup_trials=_STARTUP,
                constant_liar=True,  # points still running repel others from the same place
            )
        self._distributions = _distributions(space)

    def open(self) -> Iterator[tuple[int, Point]]:
        """See `Search.open`; points that were cut or that failed come first, with a new number."""
        from optuna.trial import TrialState

        for left in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if left.number in self._done:  # killed between the two notes
                self.tell(self._done[left.number])
            else:
                self._study.tell(left.number, state=TrialState.FAIL)
                self._study.enqueue_trial(left.params)
        for _ in range(len(self._done), self._trials):
            asked = self._study.ask(self._distributions)
            self._asked[asked.number] = asked
            yield asked.number, spaces.at(self._space, _taken(self._space, asked.params))

    def tell(self, trial: Trial) -> None:
        """See `Search.tell`; one that failed stays open."""
        from optuna.trial import TrialState

        if trial.number in self._asked:
            self._asked[trial.number].set_constraint("limits", 1.0 if trial.reason else 0.0)
        if trial.status == "done" and trial.cost is not None and trial.value is not None:
            self._study.tell(trial.number, [trial.value, float(trial.cost.instructions)])
        elif trial.status == "skipped":
            self._study.tell(trial.number, state=TrialState.PRUNED)


def _distributions(space: Space) -> dict[str, optuna.distributions.BaseDistribution]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    made: dict[str, Any] = {key: CategoricalDistribution(list(v)) for key, v in space.options.items()}
    for key, r in space.ranges.items():
        if r.whole:
            made[key] = IntDistribution(
                round(r.low), round(r.low + (r.count - 1) * r.step), step=round(r.step)
            )
        else:
            made[key] = FloatDistribution(r.low, r.high, log=r.log, step=r.step or None)
    return made


def _taken(space: Space, params: dict[str, Any]) -> dict[str, Any]:
    ranges = space.ranges
    return {key: ranges[key].number(value) if key in ranges else value for key, value in params.items()}
