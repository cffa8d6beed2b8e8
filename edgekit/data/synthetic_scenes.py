"""Synthetic pictures with exact boxes, drawn into a cache the first time they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from edgekit import files, paths
from edgekit.data.base import DatasetOptions
from edgekit.data.pictures import Box, Picture, PictureDataset, keep
from edgekit.errors import Problem
from edgekit.scenes import folder as scene_folder
from edgekit.scenes.base import REGISTRY, Scene, SceneSettings

_HIDDEN = 0.02  # share of a thing; below it passes as fully visible


class SyntheticScenesOptions(DatasetOptions):
    """Options of `synthetic-scenes`."""

    scene: str = Field("aircraft", description="a scene, as `edgekit data render --help` names them")
    domain: str = Field("A", description="a domain of that scene")
    count: int = Field(1000, ge=1, le=scene_folder.MOST, description="pictures")
    size: int = Field(160, ge=32, le=1024, description="width and height in pixels")
    seed: int = Field(0, ge=0, description="another seed gives other pictures")
    settings: dict[str, Any] = Field(default_factory=dict, description="changes to the domain's settings")
    workers: int = Field(0, ge=0, le=1024, description="processes that draw; 0 = one for each core")


class SyntheticScenes(PictureDataset[SyntheticScenesOptions]):
    """Picture number i follows from seed, i and settings alone: a longer set begins as a shorter one."""

    title = "Synthetic scenes"
    summary = (
        "Rendered pictures with exact boxes, masks and key points: aircraft from above, antennas on a mast."
    )
    licence = "none needed"
    source = "generated"
    synthetic = True
    Options = SyntheticScenesOptions

    def pictures(
        self,
        options: SyntheticScenesOptions,
        root: Path | None,
        classes: Sequence[str],
        skipped: list[Problem],
    ) -> Iterator[Picture]:
        """Yields the pictures, each a subject of its own.

        Args:
            options: What is drawn.
            root: Folder to draw into and read from; None = one in the cache.
            classes: Labels that are wanted; empty = all.
            skipped: Boxes of other labels are counted here.

        Raises:
            InputError: No such scene or domain, wrong settings, or a folder of other pictures.
            EnvironmentFailed: OpenGL cannot start, a package is missing, or the disk refused.
        """
        scene = REGISTRY.get(options.scene)
        settings = scene.parse(
            options.domain, {"size": options.size, **options.settings}, "data.options.settings"
        )
        job = scene_folder.Job(options.scene, settings, options.seed, root or Path())
        if root is None:
            name = files.sha256(json.dumps(job.identity(), sort_keys=True).encode())[:16]
            cached = paths.cache() / "scenes" / f"{Path(options.scene).stem}-{options.domain}-{name}"
            job = scene_folder.Job(options.scene, settings, options.seed, cached)
        records, _ = scene_folder.render(job, options.count, options.workers)
        yield from keep(as_pictures(records, job), classes, self.title, skipped)


def as_pictures(records: Sequence[Mapping[str, Any]], job: scene_folder.Job) -> Iterator[Picture]:
    """Yields the pictures of a folder that `edgekit.scenes.folder.render` filled.

    Boxes carry COCO's `segmentation` and `keypoints`, and `visible`: the share of the thing that is seen.
    """
    size = job.settings.size
    for index, record in enumerate(records):
        boxes = []
        for one in record["instances"]:
            points = list(one["keypoints"].values())
            more = {
                "segmentation": {"size": [size, size], "counts": one["counts"]},
                "visible": round(one["visible"], 4),
            }
            if points:
                more["keypoints"] = [round(value, 2) for point in points for value in point]
                more["num_keypoints"] = sum(point[2] > 0 for point in points)
            hidden = 1 - one["visible"] / max(1 - one["truncated"], 1e-9)
            place = (one["x"], one["y"], one["width"], one["height"])
            boxes.append(
                Box(
                    *place,
                    one["label"],
                    occlusion=0 if hidden < _HIDDEN else 1 if hidden < 0.5 else 2,
                    truncation=round(one["truncated"], 4),
                    difficult=one["difficult"],
                    area=one["area"],
                    more=more,
                )
            )
        name = record["file"]
        yield Picture(name, name, size, size, tuple(boxes), job.image(index))


def categories(scene: Scene[Any], settings: SceneSettings) -> dict[str, dict[str, Any]]:
    """Returns what COCO says of each class by label, in the scene's order."""
    points = {"keypoints": list(scene.keypoints), "skeleton": []} if scene.keypoints else {}
    return {label: dict(points) for label in scene.labels(settings)}


DATASET = SyntheticScenes()
