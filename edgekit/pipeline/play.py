"""A real recording, streamed through preprocessing and model on the board, shown as it goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit import console, files
from edgekit.data import base as datasets
from edgekit.data.audio_files import AudioFormat, read
from edgekit.data.base import Record
from edgekit.device.build import Built
from edgekit.errors import EdgekitError, InputError, Problem
from edgekit.hil import run as hil
from edgekit.hil.messages import Result
from edgekit.manifest import TensorInfo
from edgekit.pipeline import data
from edgekit.pipeline.framing import first_frame
from edgekit.pipeline.model_file import read_chain
from edgekit.pipeline.run_folder import RunFolder
from edgekit.preproc.chain import Chain
from edgekit.quant import dequantize
from edgekit.recipes.base import Recipe

_BARS = " ▁▂▃▄▅▆▇█"
_COLUMNS = 60
_OF_A_CLASS = 4  # records in a medley
_PAUSE_SECONDS = 0.25
_MOST_SECONDS = 600.0
_POINTS_PER_SECOND = 90  # of the picture: enough to see a QRS complex, and half a megabyte
_COLOURS = (
    "#4477aa",
    "#66ccee",
    "#ee6677",
    "#ccbb44",
    "#228833",
    "#aa3377",
    "#bbbbbb",
)  # Tol, colour-blind safe


@dataclass(frozen=True)
class Moment:
    """What the board said about one frame.

    Args:
        start: Seconds from the beginning of the recording.
        label: The most probable class, or "" where the confidence is below the threshold.
        confidence: Its softmax probability.
    """

    start: float
    label: str
    confidence: float


def recordings(run: RunFolder, data_dir: Path | None = None) -> list[Record]:
    """Returns what a run can be shown on, at the deployed rate.

    Args:
        run: Its recipe names data sets of real recordings; where it names none, records of test subjects
            follow each other in one recording.
        data_dir: Folder of the data set's files, for data sets that are read from disk.
    """
    recipe = run.recipe
    found = [] if recipe.evaluation.real else medley(run, data_dir)
    for name in recipe.evaluation.real:
        skipped: list[Problem] = []
        try:
            dataset = datasets.signals(name)
            found += dataset.records(dataset.parse({}), None, recipe.classes, skipped)
        except EdgekitError as error:
            console.warn(f"{name}: no recording: {error.problems[0].what}")
    return [record for record in found if record.rate_hz == recipe.preproc.rate_hz]


def from_file(path: Path, recipe: Recipe) -> Record:
    """Returns a sound file as a recording of at least one frame; says what was done to it.

    Args:
        path: WAV, Ogg, FLAC; of another rate it is resampled.
        recipe: Whose preprocessing is deployed.

    Raises:
        InputError: It is no sound file, or is damaged, silent, not finite, or too short where the recipe does
            not lengthen records.
    """
    if not path.is_file():
        raise InputError(where=str(path), what="no such file", expected="a sound file: .wav, .ogg, .flac")
    deployed = recipe.preproc
    frame = first_frame(Chain.design(deployed.steps, deployed.rate_hz, deployed.input))
    least = 0.1 if recipe.data.pad else frame / deployed.rate_hz
    wanted = AudioFormat(round(deployed.rate_hz), min_seconds=least, max_seconds=_MOST_SECONDS)
    signal, rate_hz = read(path, wanted)
    if rate_hz != deployed.rate_hz:
        console.say(f"{path.name}: resampled from {rate_hz:,} Hz to {deployed.rate_hz:,.0f} Hz")
    if len(signal) >= round(_MOST_SECONDS * deployed.rate_hz):
        console.say(f"{path.name}: of a longer one the first {_MOST_SECONDS:.0f} s are played")
    if len(signal) < frame:
        console.say(f"{path.name}: lengthened by silence to a frame of {frame / deployed.rate_hz:.3g} s")
        signal = np.pad(signal, (0, frame - len(signal)))
    return Record("", path.name, signal, deployed.rate_hz, "")


def medley(run: RunFolder, data_dir: Path | None = None) -> list[Record]:
    """Returns some records of test subjects as one, class after class, with short pauses.

    Args:
        run: Whose data are prepared.
        data_dir: As `recordings` takes it.
    """
    recipe, test = run.recipe, data.load(run, "test")
    dataset = datasets.signals(recipe.data.dataset)
    wanted: list[str] = []
    for label in range(len(recipe.classes)):
        names = sorted(set(test.extras["record"][test.y == label].tolist()))
        wanted += names[:: max(1, len(names) // _OF_A_CLASS)][:_OF_A_CLASS]
    records = dataset.records(dataset.parse(recipe.data.options), data_dir, recipe.classes, [])
    found = {one.name: one for one in records if one.name in wanted}
    chosen = [one for name in wanted if (one := found.get(name)) and one.rate_hz == recipe.preproc.rate_hz]
    if not chosen:
        return []
    pause = np.zeros(round(_PAUSE_SECONDS * recipe.preproc.rate_hz), np.float32)
    signal = np.concatenate([part for one in chosen for part in (one.signal, pause)])
    counts = ", ".join(f"{sum(one.label == label for one in chosen)} {label}" for label in recipe.classes)
    name, tags = f"recordings of test subjects ({counts})", {}
    if dataset.synthetic:
        name, tags = f"synthetic {name}", {"source": "synthetic"}
    return [Record("", name, signal, recipe.preproc.rate_hz, "", tags)]


def play(run: RunFolder, built: Built, record: Record) -> list[Moment]:
    """Streams a recording through the board and prints one line per frame.

    Args:
        run: The run that the firmware came from.
        built: The firmware; an emulated board or the host.
        record: At the rate of the firmware's preprocessing.

    Returns:
        One moment per frame; also drawn to plots/recording.svg, or synthetic_recording.svg.
    """
    recipe = run.recipe
    chain = read_chain(run.preproc)
    hop_seconds = chain.hop_samples / chain.frame_rate_hz
    moments: list[Moment] = []

    def show(result: Result) -> None:
        moment = _moment(result, len(moments) * hop_seconds, recipe, built)
        moments.append(moment)
        strip = _sparkline(_over_time(result.more, built.manifest.inputs[0]))
        console.say(f"{moment.start:6.1f} s  {strip}  {moment.label or '?':<6} {moment.confidence:.2f}")

    console.say(f"{record.name} on {built.board.key}:")
    with hil.connect(built, built.board) as session:
        stream = session.signal(want_input=True, on_result=show)
        second = round(record.rate_hz)
        for start in range(0, len(record.signal), second):
            stream.push(record.signal[start : start + second])
    stem = "synthetic_recording" if record.tags.get("source") == "synthetic" else "recording"
    draw(record, moments, recipe, run.plots / f"{stem}.svg", built.board.key)
    return moments


def counts(moments: Iterable[Moment]) -> dict[str, int]:
    """Returns how many frames got each label; "" stands for undecided."""
    found: dict[str, int] = {}
    for moment in moments:
        found[moment.label] = found.get(moment.label, 0) + 1
    return found


def draw(record: Record, moments: list[Moment], recipe: Recipe, path: Path, board: str) -> None:
    """Draws the recording in rows, coloured by what the board said.

    Args:
        record: The recording.
        moments: One per frame, in order.
        recipe: For the classes and the notice.
        path: The SVG to write.
        board: Named in the title.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    row_seconds = 30.0
    seconds = len(record.signal) / record.rate_hz
    rows = max(1, int(np.ceil(seconds / row_seconds)))
    figure = Figure(figsize=(11, 0.75 * rows + 1), layout="constrained")
    low, high = np.percentile(record.signal, [0.2, 99.8])
    step = moments[1].start - moments[0].start if len(moments) > 1 else row_seconds
    colours = dict(zip(recipe.classes, _COLOURS, strict=False))
    stride = max(1, int(record.rate_hz / _POINTS_PER_SECOND))
    for row in range(rows):
        axes = figure.add_subplot(rows, 1, row + 1)
        begin = row * row_seconds
        first, end = (round(at * record.rate_hz) for at in (begin, begin + row_seconds))
        part = record.signal[first:end:stride]
        times = begin + np.arange(len(part)) * stride / record.rate_hz
        axes.plot(times, part, color="black", linewidth=0.5)
        for moment in moments:
            middle = moment.start + step / 2
            axes.axvspan(
                middle, middle + step, color=colours.get(moment.label, "#dddddd"), alpha=0.35, linewidth=0
            )
        axes.set(xlim=(begin, begin + row_seconds), ylim=(low, high), yticks=[])
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right", "left"]].set_visible(False)
    handles = [Patch(color=colour, alpha=0.35, label=label) for label, colour in colours.items()]
    handles.append(Patch(color="#dddddd", label="undecided"))
    figure.legend(handles=handles, loc="outside upper right", ncols=len(handles), fontsize=8, frameon=False)
    figure.suptitle(
        f"{record.name}: classes as computed on {board}. {recipe.notice}", fontsize=9, x=0.01, ha="left"
    )
    with rc_context({"svg.hashsalt": "edgekit"}), files.replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})


def _moment(result: Result, start: float, recipe: Recipe, built: Built) -> Moment:
    logits = _logits(result.outputs, built.manifest.outputs)
    probability = np.exp(logits - logits.max())
    probability /= probability.sum()
    best = int(probability.argmax())
    confidence = float(probability[best])
    sure = confidence >= recipe.evaluation.confidence_threshold
    return Moment(start, recipe.classes[best] if sure else "", confidence)


def _logits(outputs: bytes, tensors: Sequence[TensorInfo]) -> NDArray[np.float64]:
    """Returns the real values of the output that names classes: the only one, or "logits"."""
    offset = 0
    for tensor in tensors:
        dtype = np.dtype(tensor.dtype)
        values = np.frombuffer(outputs, dtype, tensor.elements, offset)
        offset += values.nbytes
        if len(tensors) == 1 or tensor.name == "logits":
            break
    return np.asarray(dequantize(values, tensor.scale, tensor.zero_point), np.float64)


def _over_time(data: bytes, tensor: TensorInfo) -> NDArray[np.float64]:
    """Returns a frame's values along time: of a spectrogram the mean of each row."""
    values = np.frombuffer(data, tensor.dtype).reshape(tensor.shape[1], -1)
    return np.asarray(values.mean(axis=1), np.float64)


def _sparkline(values: NDArray[np.float64]) -> str:
    bins = np.array_split(values, min(_COLUMNS, len(values)))
    peaks = np.array([part[np.abs(part - values.mean()).argmax()] for part in bins])
    span = np.ptp(peaks) or 1.0
    return "".join(_BARS[round(8 * (peak - peaks.min()) / span)] for peak in peaks)
