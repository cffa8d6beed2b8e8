"""A network that gives what a teacher gives, and a linear probe on it that names classes.

It is scored as in NOSS (Shor et al., arXiv:2002.12764): the embedding is frozen, a linear classifier is
fitted per task, and the mean counts over those tasks that the teacher does better than chance. The subjects
of the probes are in no other split.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgekit import console, files
from edgekit.data.base import Record
from edgekit.errors import EdgekitError, InputError, Problem
from edgekit.manifest import Manifest
from edgekit.quant import dequantize
from edgekit.recipes.base import Recipe
from edgekit.training.examples import Examples
from edgekit.training.objective import Objective, Outputs
from edgekit.training.tasks.base import Measured, Predict, Score, Splits, Task
from edgekit.training.tasks.classification import Classification

if TYPE_CHECKING:
    import keras

    from edgekit.training.probes import Probe

PROBES = "probes"
_MOST_FRAMES = 8000  # that the deployed probe is fitted on
_PENALTY = 0.1  # scikit-learn's C of the deployed probe


class Embedding(Task):
    """Outputs "embedding", which follows the teacher, and "logits", a linear layer on it."""

    title = "Embedding"
    metric = "probe accuracy"
    split = PROBES

    def check(self, recipe: Recipe) -> Iterator[Problem]:
        """Yields that there is no teacher, or nothing to tell apart."""
        if not recipe.teacher.name:
            yield Problem(
                "teacher.name", "is needed for an embedding", hint="resemblyzer, or another teacher"
            )
        if len(recipe.classes) < 2:
            yield Problem("classes", "too few to tell apart", "two or more", str(len(recipe.classes)))
        if not recipe.teacher.mse and not recipe.teacher.cosine:
            yield Problem("teacher", "mse and cosine are both 0: nothing would be learnt")

    def examine(self, recipe: Recipe, records: Iterable[Record]) -> Iterator[Record]:
        """Yields the waveforms of all probes, as records whose tags say what they are for."""
        from edgekit.training.noss import base as noss

        kept = noss.chosen(
            records, lambda record: record.subject, recipe.data.seed, recipe.evaluation.probe_clips
        )
        if not kept:
            return
        for key in recipe.evaluation.probes or noss.REGISTRY.keys():
            task = noss.REGISTRY.get(key)
            try:
                trials = task.trials(kept, recipe.evaluation.probe_seconds, recipe.data.seed)
            except EdgekitError:
                continue  # the records do not have what it needs
            for i, (label, group) in enumerate(
                zip(trials.labels.tolist(), trials.groups.tolist(), strict=True)
            ):
                tags = {"probe": key, "truth": label, "group": group, "trial": str(i)}
                tags["fold"] = "" if trials.folds is None else str(trials.folds[i])
                waves = [i] if trials.pairs is None else trials.pairs[i].tolist()
                for part, wave in enumerate(waves):
                    yield Record(
                        group,
                        f"{key}/{i}/{part}",
                        trials.waves[wave],
                        kept[0].rate_hz,
                        recipe.classes[0],
                        tags,
                    )

    def build(self, recipe: Recipe, input_shape: tuple[int, ...]) -> keras.Model:
        """Returns the network with both outputs; the probe is fitted by `finish` and not trained."""
        network = super().build(recipe, input_shape)
        import keras

        layer = next((layer for layer in network.layers if layer.name == "embedding"), None)
        if layer is None:
            raise InputError(
                where="model.params", what=f"{recipe.model.name} has no layer 'embedding'",
                hint="--set model.name=mobilenet-v3 --set model.params.embedding=256",
            )  # fmt: skip
        network.get_layer("logits").trainable = False
        outputs = {"embedding": layer.output, "logits": network.output}
        return keras.Model(network.input, outputs, name=network.name)

    def objective(self, recipe: Recipe, train: Examples) -> Objective:
        """Returns the distance from the teacher's targets."""
        from edgekit.training.distil import FeatureLoss

        size = _followed(recipe, train)
        basis = principal(_teacher(train), size)

        def targets(examples: Examples) -> dict[str, NDArray[np.float32]]:
            return {"embedding": _teacher(examples) @ basis}

        def nearness(outputs: Outputs, examples: Examples) -> dict[str, float]:
            given = outputs["embedding"][:, :size]
            return {"cosine": float(np.mean(cosine(given, targets(examples)["embedding"])))}

        loss = FeatureLoss(mse=recipe.teacher.mse, cosine=recipe.teacher.cosine)
        return Objective(
            loss={"embedding": loss.loss(), "logits": None},
            targets=targets,
            measure=nearness,
            settings=loss.model_dump(exclude_defaults=True),
        )

    def finish(self, model: keras.Model, recipe: Recipe, examples: Splits) -> None:
        """Fits the deployed probe on the training subjects' embeddings, and puts it into "logits"."""
        from edgekit.training.evaluate import predict_float

        train = examples("train")
        rows = np.linspace(0, len(train.x) - 1, min(len(train.x), _MOST_FRAMES)).astype(np.int64)
        embedding = predict_float(model, train.x[rows])["embedding"]
        kernel, bias = _logistic(embedding, train.y[rows], len(recipe.classes))
        layer = model.get_layer("logits")
        layer.kernel.assign(kernel)
        layer.bias.assign(bias)

    def score(self, recipe: Recipe, predict: Predict, examples: Splits) -> Score:
        """Returns the mean accuracy of linear probes, with a row per task and the teacher beside."""
        trials = examples(PROBES)
        if "tag/probe" not in trials.extras:
            raise InputError(
                where=f"{recipe.data.dataset}: split 'test'", what="allows none of the probes",
                expected="records with tags (kind, speaker, voice, ...) of six subjects or more",
                hint="more subjects, a larger share in data.splits.test, or other tasks in evaluation.probes",
            )  # fmt: skip
        teacher = _probe_all(_teacher(trials), trials, tell=True)
        if not teacher:
            raise InputError(where="evaluation.probes", what="none can be made of so few test subjects")
        student = _probe_all(predict(trials.x)["embedding"], trials)
        counted = [key for key, found in teacher.items() if found.beats_chance]
        rows: list[dict[str, str | int | float | None]] = [
            _row(key, teacher[key], found) for key, found in student.items()
        ]
        means = [
            float(np.mean([found[k].accuracy for k in counted or found])) for found in (teacher, student)
        ]
        name = f"mean of the {len(counted)} that count" if counted else "mean; none counts"
        rows.append(
            dict.fromkeys(rows[0], None)
            | {"task": name, "teacher": round(means[0], 4), "student": round(means[1], 4)}
        )
        return Score(means[1], len(trials.x), rows)

    def vector_targets(
        self, recipe: Recipe, predict: Predict, examples: Splits
    ) -> NDArray[np.float32] | None:
        """Returns the float network's embedding and the teacher's behind: float32 [n, values + followed]."""
        test, train = examples("test"), examples("train")
        basis = principal(_teacher(train), _followed(recipe, train))
        return np.concatenate([predict(test.x)["embedding"], _teacher(test) @ basis], axis=1)

    def measure(
        self,
        exported: Manifest,
        labels: NDArray[np.int64] | None,
        targets: NDArray[np.float32] | None,
        outputs: Mapping[str, NDArray[Any]],
    ) -> Measured | None:
        """Returns the accuracy of the deployed probe, and the mean cosine of the embedding to its targets."""
        found = Classification().measure(exported, labels, targets, outputs)
        nearness = _nearness(exported, targets, outputs)
        if found is None and nearness:
            metric = next(iter(nearness))
            return Measured(nearness.pop(metric), metric=metric, more=nearness)
        return found and replace(found, more=nearness)


def _nearness(
    exported: Manifest, targets: NDArray[np.float32] | None, outputs: Mapping[str, NDArray[Any]]
) -> dict[str, float]:
    """Returns the mean cosines of an answered embedding to the float network's and to the teacher's."""
    tensor = next((tensor for tensor in exported.outputs if tensor.name == "embedding"), None)
    if tensor is None or targets is None or targets.ndim != 2 or targets.shape[1] < tensor.elements:
        return {}
    answered = outputs["embedding"].reshape(len(targets), -1)
    if tensor.scale:
        answered = dequantize(answered, tensor.scale, tensor.zero_point)
    given = np.asarray(answered, np.float32)
    own, teacher = np.split(targets, [tensor.elements], axis=1)
    found = {"cosine to the float network": float(cosine(given, own).mean())}
    followed = teacher.shape[1]
    if 0 < followed <= tensor.elements:
        found["cosine to the teacher"] = float(cosine(given[:, :followed], teacher).mean())
    return found


def _followed(recipe: Recipe, train: Examples) -> int:
    """Returns how many of the embedding's values follow the teacher, the first ones."""
    return int(recipe.model.params.get("embedding", 0)) or _teacher(train).shape[1]


def principal(targets: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Returns the directions that hold most of the targets' energy: float32 [values, size], orthonormal.

    The mean is not taken out, so that angles and norms are kept as well as `size` directions allow. With as
    many directions as values the targets stay as they are.

    Args:
        targets: float32 [n, values].
        size: At most as many as values.

    Raises:
        InputError: More are asked for.
    """
    values = targets.shape[1]
    if size > values:
        raise InputError(
            where="model.params.embedding", what="is larger than what the teacher gives",
            expected=f"at most {values}", found=str(size),
        )  # fmt: skip
    if size == values:
        return np.eye(values, dtype=np.float32)
    _, vectors = np.linalg.eigh(targets.astype(np.float64).T @ targets)
    basis: NDArray[np.float64] = vectors[:, ::-1][:, :size]
    signs = np.sign(basis[np.abs(basis).argmax(axis=0), np.arange(size)])
    directions: NDArray[np.float32] = (basis * signs).astype(np.float32)
    return directions


def cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the cosine of the angle between rows, float32 [n]; 0 where one of them is zero."""
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    products: NDArray[np.float32] = np.einsum("nd,nd->n", a, b)
    found: NDArray[np.float32] = np.divide(products, norms, out=np.zeros_like(products), where=norms > 0)
    return found


def _teacher(examples: Examples) -> NDArray[np.float32]:
    if "teacher" not in examples.extras:
        raise InputError(where="frames.npz", what="holds no targets of a teacher", hint="train again")
    return examples.extras["teacher"]


def _logistic(
    x: NDArray[np.float32], y: NDArray[np.int64], classes: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns kernel [d, classes] and bias of a logistic regression on standardised values."""
    from sklearn.linear_model import LogisticRegression

    mean, std = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    fitted = LogisticRegression(C=_PENALTY, class_weight="balanced", max_iter=500).fit((x - mean) / std, y)
    kernel, bias = fitted.coef_.T, fitted.intercept_
    if kernel.shape[1] == 1:  # scikit-learn keeps the difference of two classes
        kernel, bias = np.concatenate([-kernel, kernel], axis=1) / 2, np.concatenate([-bias, bias]) / 2
    whole, offset = np.zeros((x.shape[1], classes)), np.full(classes, -10.0)
    whole[:, fitted.classes_] = kernel / std[:, None]
    offset[fitted.classes_] = bias - mean @ (kernel / std[:, None])
    return whole.astype(np.float32), offset.astype(np.float32)


_KNOWN: dict[str, dict[str, Probe]] = {}  # by content: the same embeddings are scored more than once


def _probe_all(embedding: NDArray[np.float32], trials: Examples, *, tell: bool = False) -> dict[str, Probe]:
    """Returns what a probe of each task scores; tells which cannot be made."""
    from edgekit.training.noss.base import Trials
    from edgekit.training.probes import probe, too_few

    tags = {name: trials.extras[f"tag/{name}"] for name in ("probe", "truth", "group", "trial", "fold")}
    content = [np.ascontiguousarray(embedding), *tags.values()]
    digest = files.sha256(b"".join(part.tobytes() for part in content))
    if digest in _KNOWN:
        return _KNOWN[digest]
    found: dict[str, Probe] = {}
    for key in np.unique(tags["probe"]).tolist():
        rows = np.flatnonzero(tags["probe"] == key)
        rows = rows[np.lexsort((trials.extras["record"][rows], tags["trial"][rows].astype(np.int64)))]
        _, first = np.unique(tags["trial"][rows].astype(np.int64), return_index=True)
        one = rows[first]
        pairs = np.arange(len(rows)).reshape(-1, 2) if len(rows) == 2 * len(one) else None
        folds = tags["fold"][one].astype(np.int64) if tags["fold"][one[0]] else None
        asked = Trials(np.empty((0, 0), np.float32), tags["truth"][one], tags["group"][one], folds, pairs)
        if faults := too_few(asked.labels, asked.groups, asked.folds):
            if tell:
                console.warn(f"{key} is left out: {'; '.join(f'{f.what} ({f.found})' for f in faults)}")
            continue
        found[key] = probe(asked.features(embedding[rows]), asked.labels, asked.groups, asked.folds)
    _KNOWN[digest] = found
    return found


def _row(key: str, teacher: Probe, student: Probe) -> dict[str, str | int | float | None]:
    return {
        "task": key,
        "speakers": teacher.groups,
        "n": teacher.n,
        "chance": round(teacher.chance, 3),
        "teacher": round(teacher.accuracy, 4),
        "teacher's interval": f"{teacher.low:.3f} to {teacher.high:.3f}",
        "student": round(student.accuracy, 4),
        "counts": "yes" if teacher.beats_chance else "no",
    }


TASK = Embedding()
