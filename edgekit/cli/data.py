"""edgekit data: look at data, download a data set, draw one, or convert pictures with boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 30


def register(app: typer.Typer) -> None:
    """Adds the group and its commands."""
    group = typer.Typer(
        name="data",
        help="Look at data, download a data set, draw one, or convert pictures with boxes.",
        no_args_is_help=True,
    )
    add(
        group,
        show,
        "show",
        extra="train",
        examples=[
            "edgekit data show ecg-rhythm --preset quick",
            "edgekit data show ecg-rhythm --set data.dataset=lsad --data-dir ~/ecg-arrhythmia",
            "edgekit data show speech --set max_clips=20",
            "edgekit data show coco-folder --data-dir ~/pictures",
        ],
    )
    add(group, get, "get", extra="train", examples=["edgekit data get lsad -o ~/ecg-arrhythmia --limit 100"])
    add(
        group,
        render,
        "render",
        extra="scenes",
        examples=[
            "edgekit data render aircraft -o aircraft-a --count 1000",
            "edgekit data render aircraft -o aircraft-b --count 200 --domain B --set photographs=~/aerial",
            "edgekit data render mast -o mast --count 100 --size 320 --layers",
        ],
    )
    add(
        group,
        convert,
        "convert",
        extra="train",
        examples=[
            "edgekit data convert ~/coco --from coco --to kitti -o ~/kitti",
            "edgekit data convert ~/yolo --from yolo --to coco -o ~/coco --clip --rename plane=aircraft",
        ],
    )
    app.add_typer(group)


def show(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE|DATASET", help="A recipe, or a data set of sound or pictures.")
    ],
    preset: options.Preset = "",
    settings: options.Settings = [],  # noqa: B006 (typer copies it)
    data_dir: options.DataDir = None,
    runs: options.RunsDir = Path("runs"),
) -> Outcome:
    """Show counts per class and split, or by source, and plot examples."""
    from edgekit.pipeline import data_commands, picture_summary, sound_summary

    if sound_summary.is_sound(recipe):
        return Outcome(sound_summary.show(recipe, settings, data_dir, runs))
    if picture_summary.is_pictures(recipe):
        return Outcome(picture_summary.show(recipe, settings, data_dir, runs))
    data_commands.check_name(recipe)
    return Outcome(data_commands.show(recipe, preset, settings, data_dir, runs))


def get(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="A name from `edgekit datasets`.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder to fill; what is there and sound is kept.")
    ],
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many records; 0 = all.")] = 0,
    settings: Annotated[
        list[str],
        typer.Option("--set", metavar="KEY=VALUE", help="Option of the data set; may be repeated."),
    ] = [],  # noqa: B006 (typer copies it)
    mirror: Annotated[str, typer.Option("--mirror", help="Base address instead of the published one.")] = "",
) -> Outcome:
    """Download a data set, with checksum and progress."""
    from edgekit.pipeline.data_commands import download

    return Outcome({"folder": str(download(dataset, out, settings, limit, mirror))})


def render(
    scene: Annotated[
        str, typer.Argument(metavar="SCENE", help="aircraft, mast, or a path to a scene's .py file.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder to fill; what is there and sound is kept.")
    ],
    count: Annotated[int, typer.Option("--count", min=1, max=1_000_000, help="Pictures.")],
    domain: Annotated[str, typer.Option("--domain", help="Of the scene: A, or B, which stands in.")] = "A",
    size: Annotated[
        int | None, typer.Option("--size", help="Width and height in pixels; default the scene's.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed gives other pictures.")] = 0,
    workers: Annotated[
        int, typer.Option("--workers", min=0, max=1024, help="Processes; 0 = one for each core.")
    ] = 0,
    settings: Annotated[
        list[str],
        typer.Option("--set", metavar="KEY=VALUE", help="Setting of the scene; may be repeated."),
    ] = [],  # noqa: B006 (typer copies it)
    layers: Annotated[
        bool, typer.Option("--layers", help="Also write masks/ and depths/ as pictures.")
    ] = False,
) -> Outcome:
    """Draw synthetic pictures with exact boxes into a COCO folder."""
    from edgekit.pipeline.scene_commands import render as draw

    return Outcome(
        draw(
            scene, out, count, domain,
            size=size, seed=seed, workers=workers, settings=settings, layers=layers,
        )
    )  # fmt: skip


def convert(
    source: Annotated[
        Path, typer.Argument(metavar="SRC", help="Folder of pictures with boxes, or its COCO file.")
    ],
    source_format: Annotated[
        str, typer.Option("--from", metavar="FORMAT", help="What SRC is: coco, kitti, yolo or tfrecord.")
    ],
    target_format: Annotated[
        str, typer.Option("--to", metavar="FORMAT", help="What is written: coco, kitti or tfrecord.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to make.")],
    clip: Annotated[
        bool,
        typer.Option("--clip", help="Cut boxes that stick out of their picture; else they are left out."),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="A fault ends it, and nothing is written.")
    ] = False,
    rename: Annotated[
        list[str],
        typer.Option("--rename", metavar="OLD=NEW", help="Another name for a class; may be repeated."),
    ] = [],  # noqa: B006 (typer copies it)
    subject: Annotated[
        str,
        typer.Option(
            "--subject",
            metavar="REGEX",
            help="Its first group in a picture's name is what splits keep together.",
        ),
    ] = "",
) -> Outcome:
    """Convert pictures with boxes from one format into another; every broken annotation is named."""
    from edgekit.data.annotations.base import ReadOptions
    from edgekit.errors import InputError
    from edgekit.pipeline.convert import convert as run

    pairs = [text.partition("=") for text in rename]
    if wrong := [old for old, _, new in pairs if not (old and new)]:
        raise InputError(
            where="--rename", what="is no pair of names", expected="OLD=NEW", found=", ".join(wrong)
        )
    options = ReadOptions(clip=clip, subject=subject, rename={old: new for old, _, new in pairs})
    return Outcome(run(source, source_format, target_format, out, options, strict))
