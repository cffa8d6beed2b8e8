"""The contract of a section: its place on the page, and the blocks that it makes of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgekit.registry import Registry
from edgekit.report.blocks import Block, Image
from edgekit.report.read import Run


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the report.

    Args:
        order: Its place; the verdict comes first, at 0.
        title: Its heading.
        blocks: Makes its content; nothing where the run has no such part.
        plots: Prefixes of the plots/*.svg that are shown beneath.
        replaces: Prefixes of those that are not shown, as the section draws them from the numbers.
        real: The plots show real recordings, also where the run was trained on synthetic data.
    """

    order: int
    title: str
    blocks: Callable[[Run], Sequence[Block]]
    plots: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    real: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """A section with its content."""

    key: str
    title: str
    blocks: Sequence[Block]


REGISTRY: Registry[Section] = Registry(kind="report.sections", attribute="SECTION", type=Section)


def sections(run: Run) -> list[Rendered]:
    """Returns the sections that have content for this run, in order."""
    made = []
    everything = sorted(REGISTRY.all().items(), key=lambda item: (item[1].order, item[0]))
    for key, section in everything:
        blocks = [*section.blocks(run), *_images(run, section.plots, run.synthetic and not section.real)]
        if blocks:
            made.append(Rendered(key, section.title, blocks))
    claimed = tuple(prefix for _, section in everything for prefix in (*section.plots, *section.replaces))
    unclaimed = tuple(stem for stem in run.plots if not stem.startswith(claimed))
    rest = _images(run, unclaimed, run.synthetic)
    return [*made, Rendered("pictures", "More pictures", rest)] if rest else made


def _images(run: Run, prefixes: tuple[str, ...], synthetic: bool) -> list[Block]:
    images: list[Block] = []
    for stem, uri in run.plots.items():
        if stem.startswith(prefixes):
            name = stem.replace("_", " ").replace("-", " ")
            caption = f"{name[:1].upper()}{name[1:]}" + (" (synthetic data)" if synthetic else "")
            images.append(Image(uri, caption, caption))
    return images
