"""When the heart beats: a process of RR intervals for each rhythm, with ectopic beats in it.

Sources:
    McSharry, Clifford, Tarassenko, Smith: A dynamical model for generating synthetic
    electrocardiogram signals. IEEE Trans. Biomed. Eng. 50(3), 2003 (bimodal LF/HF spectrum).
    Task Force of the ESC and NASPE: Heart rate variability. Circulation 93, 1996 (bands, sizes).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float64]

SUPRAVENTRICULAR, ATRIAL_ECTOPIC, VENTRICULAR_ECTOPIC = 0, 1, 2
_LEAD_IN_S = 2.0  # beats begin before the record, so that its first second looks like any other
_SHORTEST_RR_S = 0.24
_SPARE = 1.4  # bigeminy shortens two intervals to 0.75 of their length at most


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The beats of one subject.

    Args:
        mechanism: "sinus", "reentry" (SVT without P wave before QRS), "fibrillation" or "flutter".
        rate_bpm: Mean rate that was drawn, ectopic beats apart.
        times: Times of the R peaks in seconds, float64 [k]; some lie before 0 and after the end.
        rr: Interval before each beat in seconds, float64 [k].
        origin: int [k], SUPRAVENTRICULAR, ATRIAL_ECTOPIC or VENTRICULAR_ECTOPIC.
        atrial_hz: Rate of fibrillatory or flutter waves; 0 where there are none.
        respiration_hz: Breathing rate.
    """

    mechanism: str
    rate_bpm: float
    times: Array
    rr: Array
    origin: NDArray[np.int64]
    atrial_hz: float
    respiration_hz: float


def draw(label: str, seconds: float, rng: Generator) -> Rhythm:
    """Draws one subject's beats for a class.

    Args:
        label: "SR", "SBRAD", "AFIB" or "GSVT".
        seconds: Length of the record.
        rng: Source of chance.
    """
    return _CLASSES[label](seconds, rng)


def _sinus(seconds: float, rng: Generator, rate: float, variability: float) -> Rhythm:
    respiration = float(np.clip(rng.normal(0.25, 0.05) + (rate - 70) * 0.001, 0.12, 0.5))
    base = _sinus_intervals(seconds, rng, rate, variability, respiration)
    return _with_ectopics("sinus", rate, base, respiration, rng)


def _normal_sinus(seconds: float, rng: Generator) -> Rhythm:
    rate = _truncated(rng, 76.0, 12.0, 60.0, 100.0)
    return _sinus(seconds, rng, rate, _lognormal(rng, 0.040 * (75 / rate), 0.45, 0.008, 0.12))


def _bradycardia(seconds: float, rng: Generator) -> Rhythm:
    rate = _truncated(rng, 52.5, 6.0, 36.0, 59.5)
    return _sinus(seconds, rng, rate, _lognormal(rng, 0.045, 0.45, 0.008, 0.12))


def _tachycardia(seconds: float, rng: Generator) -> Rhythm:
    if rng.random() < 0.6:
        rate = _truncated(rng, 114.0, 16.0, 100.5, 165.0)
        return _sinus(seconds, rng, rate, _lognormal(rng, 0.015 * (110 / rate), 0.4, 0.004, 0.04))
    rate = _truncated(rng, 168.0, 22.0, 125.0, 225.0)
    count = _enough(seconds, rate)
    base = 60 / rate * (1 + _lognormal(rng, 0.006, 0.4, 0.002, 0.02) * rng.standard_normal(count))
    return _with_ectopics("reentry", rate, base, rng.uniform(0.2, 0.4), rng, burden=0.3)


def _fibrillation_or_flutter(seconds: float, rng: Generator) -> Rhythm:
    return _flutter(seconds, rng) if rng.random() < 0.35 else _fibrillation(seconds, rng)


def _fibrillation(seconds: float, rng: Generator) -> Rhythm:
    """Irregularly irregular: independent intervals above the refractory period of the AV node."""
    rate = _truncated(rng, 92.0, 24.0, 48.0, 170.0)
    mean = 60 / rate
    refractory = mean * rng.uniform(0.50, 0.62)
    shape = ((mean - refractory) / (mean * rng.uniform(0.15, 0.27))) ** 2
    base = refractory + rng.gamma(shape, (mean - refractory) / shape, _enough(seconds, rate))
    hz = float(np.clip(rng.normal(6.2, 1.0), 4.0, 9.0))
    return _with_ectopics(
        "fibrillation", rate, base, rng.uniform(0.15, 0.35), rng, atrial=False, atrial_hz=hz
    )


def _flutter(seconds: float, rng: Generator) -> Rhythm:
    """Every n-th wave of a regular atrial circuit reaches the ventricles: fixed or changing n."""
    hz = _truncated(rng, 4.95, 0.4, 4.0, 5.8)
    conduction = rng.choice(4, p=[0.45, 0.10, 0.20, 0.25])
    count = _enough(seconds, hz * 30)
    if conduction < 3:
        ratio = np.full(count, conduction + 2)
    else:
        ratio = rng.choice([2, 3, 4], count, p=rng.dirichlet([2.0, 1.5, 2.0]))
    nodal_delay = rng.uniform(0.002, 0.008) * rng.standard_normal(count + 1)
    base = ratio / hz + np.diff(nodal_delay)
    rate = 60 * hz / float(ratio.mean())
    return _with_ectopics("flutter", rate, base, rng.uniform(0.15, 0.35), rng, atrial=False, atrial_hz=hz)


_CLASSES: dict[str, Callable[[float, Generator], Rhythm]] = {
    "SR": _normal_sinus,
    "SBRAD": _bradycardia,
    "AFIB": _fibrillation_or_flutter,
    "GSVT": _tachycardia,
}
CLASSES = tuple(_CLASSES)


def _sinus_intervals(seconds: float, rng: Generator, rate: float, variability: float, hf: float) -> Array:
    """RR intervals read off a tachogram with two spectral peaks: LF near 0.1 Hz and respiration.

    As McSharry et al. 2003, section III: the spectrum is the sum of two Gaussians, the phases are
    random, and the inverse Fourier transform is scaled to the wanted standard deviation.
    """
    grid_hz, needed = 4.0, seconds + 2 * _LEAD_IN_S + 2.0
    span = needed * _SPARE  # premature beats will shorten some intervals
    size = 1 << int(np.ceil(np.log2(max(span, 64.0) * grid_hz)))
    f = np.fft.rfftfreq(size, 1 / grid_hz)
    ratio = _lognormal(rng, 0.7, 0.6, 0.15, 4.0)  # LF/HF power
    power = ratio * _bell(f, 0.1, 0.015) + _bell(f, hf, 0.012)
    phase = rng.uniform(0, 2 * np.pi, f.size)
    wave = np.fft.irfft(np.sqrt(power) * np.exp(1j * phase), size)
    used = wave[: int(needed * grid_hz)]
    wave = (wave - used.mean()) / used.std()
    mean = 60 / rate
    tachogram = np.maximum(mean * (1 + variability * wave), 0.5 * mean)
    intervals, t = [], 0.0
    while t < span:
        intervals.append(float(tachogram[min(int(t * grid_hz), size - 1)]))
        t += intervals[-1]
    return np.asarray(intervals)


def _with_ectopics(
    mechanism: str,
    rate: float,
    base: Array,
    respiration: float,
    rng: Generator,
    *,
    atrial: bool = True,
    burden: float = 1.0,
    atrial_hz: float = 0.0,
) -> Rhythm:
    """Puts premature beats into a row of intervals and turns it into beat times.

    A ventricular one is followed by a full compensatory pause, so the beats after it keep their
    time; an atrial one resets the sinus node and its pause is shorter.
    """
    origin = np.zeros(base.size, np.int64)
    kind = VENTRICULAR_ECTOPIC if not atrial or rng.random() < 0.5 else ATRIAL_ECTOPIC
    pattern = rng.random()
    if pattern < 0.04 * burden:  # bigeminy or trigeminy
        every = int(rng.integers(2, 4))
        origin[int(rng.integers(every)) :: every] = kind
    elif pattern < 0.45 * burden:  # now and then
        origin[rng.random(base.size) < rng.uniform(0.02, 0.12)] = kind
        origin[1:][origin[:-1] > 0] = 0
    origin[[0, -1]] = 0
    rr = base.copy()
    early = np.flatnonzero(origin)
    if early.size:
        coupling = rng.uniform(0.55, 0.78) * (1 + 0.03 * rng.standard_normal(early.size))
        rr[early] = np.maximum(base[early] * coupling, _SHORTEST_RR_S)
        if kind == VENTRICULAR_ECTOPIC:
            rr[early + 1] = base[early] + base[early + 1] - rr[early]
        else:
            rr[early + 1] = base[early + 1] * rng.uniform(1.0, 1.2)
    rr = np.maximum(rr, _SHORTEST_RR_S)
    times = np.cumsum(rr) - _LEAD_IN_S - rng.uniform(0, 1) * rr[0]
    return Rhythm(mechanism, rate, times, rr, origin, atrial_hz, float(respiration))


def _bell(x: NDArray[Any], centre: float, width: float) -> Array:
    return np.asarray(np.exp(-0.5 * ((x - centre) / width) ** 2), np.float64)


def _enough(seconds: float, rate: float) -> int:
    """Number of intervals that surely covers a record and its margins."""
    return int((seconds + 2 * _LEAD_IN_S) * rate / 60 * _SPARE) + 16


def _truncated(rng: Generator, mean: float, deviation: float, low: float, high: float) -> float:
    """Normal variate within [low, high], by rejection."""
    while not low <= (value := rng.normal(mean, deviation)) <= high:
        pass
    return float(value)


def _lognormal(rng: Generator, median: float, sigma: float, low: float, high: float) -> float:
    return float(np.clip(median * np.exp(sigma * rng.standard_normal()), low, high))
