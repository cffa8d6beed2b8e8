"""The contract of a recipe: data + preprocessing + model + training + budget, declared, not run."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from edgekit import validation
from edgekit.camera.config import CameraConfig
from edgekit.errors import InputError, Problem, did_you_mean
from edgekit.postproc.boxes import Limits
from edgekit.registry import Registry


def _once(names: list[str]) -> list[str]:
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise ValueError(f"names a class twice: {', '.join(twice)}")
    return names


class Section(BaseModel):
    """A part of a recipe; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", validate_default=True, allow_inf_nan=False)


class DataConfig(Section):
    """Which records there are and how they are split."""

    dataset: str = Field(description="registry key of the data set")
    options: dict[str, Any] = Field({}, description="options of that data set")
    standin: str = Field("", description="data set that the demo takes where this one cannot be had")
    splits: dict[str, Annotated[float, Field(gt=0)]] = Field(
        {"train": 0.6, "validation": 0.15, "calibration": 0.1, "test": 0.15},
        description="share of the subjects in each split",
    )
    seed: int = Field(0, description="seed of the split")
    share: float = Field(
        1.0,
        gt=0,
        le=1,
        description="of the training and validation subjects that are used; the rest stay out",
    )
    max_frames_per_record: int = Field(4, ge=1, description="frames taken from one record")
    copies: int = Field(0, ge=0, le=64, description="perturbed copies of each training record of sound")
    perturb: dict[str, float] = Field({}, description="perturbation by name with its strength")
    pad: bool = Field(False, description="records shorter than a frame are lengthened by zeros, not left out")


class PreprocConfig(Section):
    """The signal chain in front of the model, once for Python and C."""

    rate_hz: float = Field(gt=0, description="sampling rate of the sensor that the exported C reads")
    input: Literal["float32", "int16"] = Field(
        "float32", description="type of its samples; int16 full scale counts as -1 to 1"
    )
    steps: list[dict[str, Any]] = Field(description="each {step: name, ...its parameters}")


_NO_SIGNAL = PreprocConfig(rate_hz=1.0, steps=[])


class ModelConfig(Section):
    """Which architecture, and its parameters."""

    name: str = Field(description="registry key of the architecture")
    params: dict[str, Any] = {}


class TrainingConfig(Section):
    """How the network is fitted."""

    epochs: int = Field(50, ge=1)
    batch_size: int = Field(128, ge=1)
    learning_rate: float = Field(1e-3, gt=0)
    warmup_epochs: int = Field(1, ge=0)
    schedule: Literal["constant", "cosine"] = "cosine"
    weight_decay: float = Field(0.0, ge=0)
    label_smoothing: float = Field(0.0, ge=0, lt=1)
    class_weights: bool = True
    early_stopping_patience: int = Field(0, ge=0, description="epochs without a better validation; 0 = off")
    augment: dict[str, float] = Field({}, description="augmentation by name with its strength")
    start_from: str = Field(
        "", description="run folder whose weights training begins with; empty = drawn by lot"
    )
    seed: int = 0


class TeacherConfig(Section):
    """Whose answers the network learns to give, for tasks that learn from a teacher."""

    name: str = Field("", description="registry key of the teacher; empty = none")
    options: dict[str, Any] = Field({}, description="options of that teacher")
    hears: Literal["frame", "record"] = Field(
        "frame", description="what a frame's target is for: the signal of the frame, or of its whole record"
    )
    mse: float = Field(1.0, ge=0, description="weight of the squared distance from the target")
    cosine: float = Field(0.0, ge=0, description="weight of 1 - cosine of the angle to the target")


class DetectionConfig(Section):
    """How a detector learns boxes, and which of them the deployed system names."""

    radius: float = Field(0.4, gt=0, le=1, description="of the covered ellipse, as a share of the box")
    min_radius: float = Field(1.0, ge=0, description="of that ellipse, in cells")
    loss: Literal["focal", "bce"] = Field("focal", description="of coverage; bce is weighted cross-entropy")
    foreground: float = Field(4.0, gt=0, description="weight of a covered cell beside another, for bce")
    coverage_weight: float = Field(1.0, gt=0, description="of the loss of coverage")
    box_weight: float = Field(3.0, ge=0, description="of the loss of boxes")
    augment: dict[str, float] = Field({}, description="augmentation of pictures with boxes, by its strength")
    threshold: float = Field(0.4, gt=0, lt=1, description="coverage from which a box is named")
    iou: float = Field(0.4, ge=0, le=1, description="of boxes that overlap more, the weaker is left out")
    max_candidates: int = Field(64, ge=1, le=4096, description="cells that the deployed system looks at")
    max_boxes: int = Field(16, ge=1, le=4096, description="boxes that it names")
    side: float = Field(
        0.0, ge=0, le=4096, description="of the box around a centroid, in pixels; 0 = a cell's"
    )

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> DetectionConfig:
        if self.max_boxes > self.max_candidates:
            raise ValueError("max_boxes is larger than max_candidates")
        return self

    @property
    def limits(self) -> Limits:
        """What counts as a box on the board."""
        return Limits(self.threshold, self.iou, self.max_candidates, self.max_boxes)


class EvaluationConfig(Section):
    """How results are reported."""

    confidence_threshold: float = Field(0.5, ge=0, lt=1, description="below it a frame is left undecided")
    baseline: str = Field("", description="simple method that stands beside the network in the report")
    real: list[str] = Field([], description="data sets of real recordings that are reported as counts")
    probes: list[str] = Field([], description="of an embedding: tasks that are probed; empty = all")
    probe_clips: int = Field(40, ge=1, description="clips of each test subject that the probes take at most")
    probe_seconds: float = Field(0.975, gt=0, le=60, description="length of the probes' waveforms")


class QuantizeConfig(Section):
    """Post-training quantisation and its budget."""

    activations: Literal["int8", "int16"] = Field(
        "int8", description="type of activations beside int8 weights; int16 is called 16x8"
    )
    int16_layers: list[str] = Field(
        [], description="layers with int16 activations where the others have int8, by number or name"
    )
    calibration_frames: int = Field(500, ge=1)
    bias_correction: bool = Field(
        False, description="biases take back what rounding shifts, measured on calibration frames"
    )
    max_metric_drop: float = Field(0.005, ge=0, description="accuracy may fall this far below float")

    @model_validator(mode="after")
    def _one_way(self) -> QuantizeConfig:
        if self.int16_layers and self.activations == "int16":
            raise ValueError("int16_layers chooses layers beside int8 activations; int16 has them all")
        return self

    @property
    def label(self) -> str:
        """What tables and messages call the scheme."""
        if self.activations == "int16":
            return "16x8"
        return "mixed" if self.int16_layers else "int8"


class Budget(Section):
    """What the deployed system may cost: bytes on its board (0 = no limit), and the metric in compression."""

    metric_drop: float | None = Field(
        None, ge=0, description="compressed, the metric may fall this far below the first float model's"
    )
    ram_bytes: int = Field(0, ge=0)
    flash_bytes: int = Field(0, ge=0)


class Recipe(Section):
    """One system, from data to budget."""

    name: str
    title: str
    description: str
    task: str = Field("classification", description="registry key of what the network is for")
    classes: Annotated[list[str], AfterValidator(_once)] = Field(min_length=1)
    data: DataConfig
    preproc: PreprocConfig = Field(_NO_SIGNAL, description="of signals; pictures have a camera")
    camera: CameraConfig | None = Field(None, description="what takes pictures, and what the model sees")
    model: ModelConfig
    training: TrainingConfig
    teacher: TeacherConfig = TeacherConfig()
    detection: DetectionConfig = DetectionConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    quantize: QuantizeConfig = QuantizeConfig()
    compress: list[dict[str, Any]] = Field([], description="steps, each {step: name, ...its parameters}")
    budget: Budget = Budget()
    notice: str = Field("", description="shown with every result, e.g. that it is no medical device")
    presets: dict[str, dict[str, Any]] = Field({}, description="overrides by name, as nested keys")


REGISTRY: Registry[Recipe] = Registry(kind="recipes", attribute="RECIPE", type=Recipe)


def resolve(recipe: Recipe, preset: str = "", settings: Sequence[str] = ()) -> Recipe:
    """Returns `recipe` with a preset and the user's own settings applied, and checked again.

    Args:
        recipe: As declared.
        preset: A key of `recipe.presets`, or "".
        settings: Each "a.b=value"; the value is read as YAML.

    Raises:
        InputError: An unknown preset or key, or a value of the wrong type; all at once.
    """
    tree = recipe.model_dump()
    if preset:
        if preset not in recipe.presets:
            raise InputError(
                where=f"--preset {preset}",
                what=f"recipe '{recipe.name}' has no such preset",
                hint=did_you_mean(preset, recipe.presets),
            )
        _merge(tree, recipe.presets[preset])
    chosen = settings_tree(settings)
    for section, name in (("data", "dataset"), ("teacher", "name")):
        given = chosen.get(section)
        if isinstance(given, dict) and given.get(name) not in (None, tree[section][name]):
            tree[section]["options"] = {}  # they belong to what is replaced
    _merge(tree, chosen)
    return parse(tree, where=recipe.name)


def settings_tree(settings: Sequence[str]) -> dict[str, Any]:
    """Returns settings as nested keys.

    Args:
        settings: Each "a.b=value"; the value is read as YAML.

    Raises:
        InputError: One is not of that form; all such at once.
    """
    tree: dict[str, Any] = {}
    problems: list[Problem] = []
    for setting in settings:
        key, separator, text = setting.partition("=")
        if not separator or not key:
            problems.append(Problem(f"--set {setting}", "is not of the form a.b=value"))
            continue
        try:
            _merge(tree, _nested(key.split("."), yaml.safe_load(text)))
        except yaml.YAMLError as error:
            problems.append(Problem(f"--set {setting}", f"the value is not YAML: {error}"))
    if problems:
        raise InputError(problems)
    return tree


def parse(tree: Mapping[str, Any], where: str) -> Recipe:
    """Returns the recipe in `tree`.

    Args:
        tree: Nested keys, as in a run folder's config.yaml.
        where: Name of the source for messages.

    Raises:
        InputError: Unknown keys (with "did you mean") or wrong values, all at once.
    """
    return validation.parse(Recipe, tree, where)


def _nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    tree: Any = value
    for part in reversed(path):
        tree = {part: tree}
    return tree if isinstance(tree, dict) else {}


def _merge(tree: dict[str, Any], overrides: Mapping[str, Any]) -> None:
    for key, value in overrides.items():
        if isinstance(value, Mapping) and isinstance(tree.get(key), dict):
            _merge(tree[key], value)
        else:
            tree[key] = copy.deepcopy(value)
