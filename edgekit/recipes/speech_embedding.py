"""Speech embedding: a MobileNetV3 that a speaker encoder teaches, and a linear probe on it.

Follows FRILL (Peplinski et al., arXiv:2011.04609): 0.975 s of sound at 16 kHz as 96 rows of 64 log-mel
bands, a MobileNetV3 student that learns the teacher's embedding by squared error, judged by linear probes
as in NOSS.
"""

from edgekit.recipes.base import (
    Budget,
    DataConfig,
    EvaluationConfig,
    ModelConfig,
    PreprocConfig,
    QuantizeConfig,
    Recipe,
    TeacherConfig,
    TrainingConfig,
)

RECIPE = Recipe(
    name="speech-embedding",
    title="Speech embedding",
    description=(
        "320 values that say who speaks, how and in what surroundings, from 0.975 s of sound: 256 after a "
        "teacher, and 64 bands; a linear probe on them tells speech from the sounds of things."
    ),
    task="embedding",
    classes=["speech", "sound"],
    data=DataConfig(
        dataset="speech",
        options={"label": "kind"},
        standin="synthetic-sound",
        splits={"train": 0.55, "validation": 0.08, "calibration": 0.05, "test": 0.32},
        pad=True,
        copies=5,
        perturb={"speed": 0.35, "tilt": 2.0, "reverberation": 0.4, "band": 0.3, "noise": 0.5},
    ),
    preproc=PreprocConfig(
        rate_hz=16000.0,
        input="int16",
        steps=[
            {"step": "window", "samples": 400, "hop": 160},
            {"step": "rfft", "length": 512},
            {"step": "magnitude"},
            {"step": "mel", "bands": 64, "low_hz": 125.0, "high_hz": 7500.0},
            {"step": "log", "offset": 0.001},
            {"step": "frame", "samples": 96, "hop": 48},
        ],
    ),
    model=ModelConfig(
        name="mobilenet-v3",
        params={
            "size": "small",
            "alpha": 0.7,
            "embedding": 256,
            "bands": True,
            "batch_norm_momentum": 0.95,
        },
    ),
    teacher=TeacherConfig(name="resemblyzer", options={"pad": False}),
    training=TrainingConfig(
        epochs=8,
        batch_size=64,
        learning_rate=3e-3,
        weight_decay=0.02,
        class_weights=False,
        augment={"loudness": 6},
        seed=1,
    ),
    evaluation=EvaluationConfig(),
    compress=[{"step": "qat", "epochs": 1}],
    quantize=QuantizeConfig(calibration_frames=200, max_metric_drop=0.02),
    budget=Budget(ram_bytes=512 * 1024, flash_bytes=1024 * 1024),
    presets={
        "quick": {
            "data": {"options": {"max_clips": 24}, "max_frames_per_record": 2, "copies": 2},
            "model": {"params": {"alpha": 0.25}},
            "training": {"epochs": 12},
            "evaluation": {"probes": ["kind", "noise", "same-speaker", "voice"], "probe_clips": 12},
            "quantize": {"max_metric_drop": 0.06},  # so few clips: the interval of the probes is wider
            "budget": {"ram_bytes": 256 * 1024, "flash_bytes": 512 * 1024},
        },
        "full": {},
        "small": {
            "model": {"params": {"alpha": 0.25}},
            "budget": {"ram_bytes": 256 * 1024, "flash_bytes": 512 * 1024},
        },
    },
)
