"""Aircraft in pictures from above: a DetectNet_v2, pruned, retrained and quantised, for a microcontroller.

Follows NVIDIA's account of RarePlanes: a detector learns from synthetic pictures, loses most of its channels
and keeps most of its precision.
"""

from edgekit.camera.config import CameraConfig
from edgekit.recipes.base import (
    Budget,
    DataConfig,
    DetectionConfig,
    ModelConfig,
    QuantizeConfig,
    Recipe,
    TrainingConfig,
)

RECIPE = Recipe(
    name="aircraft-detect",
    title="Aircraft from above",
    description="Boxes around aircraft on aprons, runways and grass, from a camera that looks down.",
    task="detection",
    classes=["aircraft"],
    data=DataConfig(
        dataset="synthetic-scenes",
        options={
            "scene": "aircraft", "domain": "A", "count": 2400, "size": 160,
            # few and large: a light aircraft spans 24 pixels or more at 160, and 14 at 96
            "settings": {"one_class": True, "things": [1, 3], "field_m": [40, 60]},
        },
        splits={"train": 0.8, "validation": 0.08, "calibration": 0.04, "test": 0.08},
    ),
    camera=CameraConfig(format="rgb888", width=160, height=160, size=(160, 160)),
    model=ModelConfig(
        name="detectnet-v2",
        # statistics of the last 20 steps, not of 100: training is short
        params={"backbone_params": {"batch_norm_momentum": 0.95}},
    ),
    training=TrainingConfig(epochs=30, batch_size=8, learning_rate=1e-3, weight_decay=1e-4, seed=1),
    detection=DetectionConfig(
        min_radius=0.75,
        augment={"flip": 0.5, "overturn": 0.5, "turn": 0.5, "brightness": 0.1, "contrast": 0.1},
    ),
    quantize=QuantizeConfig(calibration_frames=96, max_metric_drop=0.02),
    compress=[
        # without a least width the first layers, which weigh little, become bottlenecks of four channels
        {"step": "prune", "keep_parameters": 0.3, "min_channels": 32, "epochs": 8},
        {"step": "prune", "keep_parameters": 0.12, "min_channels": 24, "epochs": 12},
        {"step": "qat", "epochs": 2},
    ],
    budget=Budget(metric_drop=0.05, ram_bytes=512 * 1024),
    presets={
        "full": {},
        "quick": {
            "camera": {"size": [96, 96], "colour": "grey"},
            "model": {
                "params": {
                    "stride": 8,
                    "backbone_params": {"depth": 10, "filters": [24, 48, 96], "stem_kernel": 3},
                }
            },
            "training": {"epochs": 50, "batch_size": 16, "learning_rate": 3e-3},
            "compress": [
                {"step": "prune", "keep_parameters": 0.3, "min_channels": 16, "epochs": 20},
                {"step": "qat", "epochs": 4},
            ],
            "budget": {"ram_bytes": 256 * 1024},
        },
    },
)  # fmt: skip
