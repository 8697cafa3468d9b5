"""Pictures: what is drawn of a row's predictions and of what its model has learnt, small enough to publish.

    <row>/pictures.json     predictions against labels in coarse bins, and how far quantiles keep their word
          plots/NAME.webp   pictures that the baseline has drawn

They take the labels, or the run, to make, and are kept beside the row for the page.
"""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from benchmark.declared.naming import printable
from benchmark.errors import StoreError
from benchmark.files import is_plain
from benchmark.run.result import first_problem
from benchmark.run.store import StoredResult
from benchmark.run.truth import read_truth, truth_folder_of
from benchmark.scores.kinds import kind
from benchmark.scores.measures.calibration import BINS as STEPS
from benchmark.scores.measures.calibration import equal_bins
from benchmark.scores.score import Stored
from benchmark.scores.scoring import quantile_levels
from leaderboard.publishing.row import MEND
from leaderboard.publishing.seed import PublishedSeed
from leaderboard.tables.rows import Row, Seed

if TYPE_CHECKING:
    import pyarrow as pa
    from PIL.Image import Image

DRAWN, PLOTS = "pictures.json", "plots"
BINS = 16
"""Of predictions and of labels, in the picture of one against the other."""
FEWEST = 3
"""Posts of a bin that is shown: one of a single post would tell whoever has the predictions its label."""
WIDTH = 600
"""Of a plot, in pixels; height follows."""
LARGEST = 64_000
"""Bytes of a published plot."""
MOST = 24
"""Plots of a row."""
LARGEST_DRAWN = 1_000_000
"""Bytes of a pictures.json."""
LARGEST_GIVEN, MOST_PIXELS = 20_000_000, 40_000_000
"""Bytes and pixels of a plot as a baseline draws it. A few kB may unfold to gigabytes."""
NAMED = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+=-]{0,99}")
"""Of a plot."""

log = logging.getLogger(__name__)

Bin = Annotated[int, Field(ge=0, lt=64)]
Share = Annotated[float, Field(ge=0, le=1)]
Posts = Annotated[int, Field(ge=FEWEST, le=10**10)]


class Histogram(Stored):
    """Counts of posts by predicted and actual value, on one scale."""

    low: float
    high: float
    bins: Annotated[int, Field(ge=1, le=64)]
    cells: Annotated[tuple[tuple[Bin, Bin, Posts], ...], Field(max_length=64 * 64)]
    """(column, row, count) of each bin that is shown."""


class Drawn(Stored):
    """The content of a pictures.json, by target."""

    against: dict[str, Histogram] = {}
    reliability: dict[str, Annotated[tuple[tuple[Share, Share, Posts], ...], Field(max_length=100)]] = {}
    """Of an event: mean probability of a step, the share of its posts to which it happened, their number.
    Steps are of as many posts each, but for those of equal probability, which share one."""
    calibration: dict[str, Annotated[tuple[tuple[Share, Share], ...], Field(max_length=1000)]] = {}
    """(level, share of labels at or below the quantile)"""


@dataclass(frozen=True)
class Pictures:
    drawn: Drawn | None = None
    """None where neither labels nor a published picture are at hand."""
    plots: dict[str, bytes] = field(default_factory=dict)
    """Name -> WebP."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Name -> why it is not shown."""


def pictures_of(row: Row, folder: Path | None = None, *, most_plots: int = MOST) -> Pictures:
    """What can be shown of a row's first seed.

    Args:
        folder: of the row, where it is published.
        most_plots: that are brought into a small form; it takes a while.
    """
    try:
        published = read_pictures(folder) if folder else Pictures()
        labels = _labels_of(row.seeds[0]) if row.scored and row.about.protocol != "official" else None
        drawn = published.drawn if labels is None else _drawn(row, labels)
    except StoreError as error:  # of pictures alone: the row has its scores
        reason = printable(str(error))
        log.warning("%s; the row is shown without its pictures", reason)
        return Pictures(left_out={"pictures": reason.replace(f"{folder}/", "")})
    if published.plots:
        return Pictures(drawn, published.plots)
    plots, left_out = _plots_of(row, most_plots)
    return Pictures(drawn, plots, left_out)


def write_pictures(pictures: Pictures, folder: Path) -> list[str]:
    """Write them into the folder of a row; the names of the files."""
    written = []
    if pictures.drawn is not None:
        (folder / DRAWN).write_text(pictures.drawn.model_dump_json(exclude_defaults=True), encoding="utf-8")
        written.append(DRAWN)
    for name, image in pictures.plots.items():
        (folder / PLOTS).mkdir(exist_ok=True)
        (folder / PLOTS / f"{name}.webp").write_bytes(image)
        written.append(f"{PLOTS}/{name}.webp")
    return written


def read_pictures(folder: Path) -> Pictures:
    """What lies in the folder of a published row.

    Raises:
        StoreError: not as it should be; names the file.
    """
    drawn = None
    if (path := folder / DRAWN).exists() or path.is_symlink():
        try:
            drawn = Drawn.model_validate_json(_plain_bytes(path, LARGEST_DRAWN))
        except ValidationError as error:
            raise StoreError(f"{path}: {first_problem(error)}. {MEND}") from None
    if (folder / PLOTS).is_symlink():
        raise StoreError(f"{folder / PLOTS}: is a link. {MEND}")
    plots = {path.stem: _webp(path) for path in sorted((folder / PLOTS).glob("*.webp"))}
    if len(plots) > MOST:
        raise StoreError(f"{folder / PLOTS}: holds {len(plots)} plots; a row has at most {MOST}. {MEND}")
    return Pictures(drawn, plots)


def _webp(path: Path) -> bytes:
    if not NAMED.fullmatch(path.stem):
        raise StoreError(f"{printable(str(path))}: a plot is called by letters, digits and _ . + = -. {MEND}")
    image = _plain_bytes(path, LARGEST, f"is no WebP picture of at most {LARGEST} bytes")
    if not (image[:4] == b"RIFF" and image[8:12] == b"WEBP"):
        raise StoreError(f"{path}: is no WebP picture of at most {LARGEST} bytes. {MEND}")
    return image


def _plain_bytes(path: Path, most: int, wanted: str = "") -> bytes:
    if not is_plain(path):
        raise StoreError(f"{path}: is no plain file. {MEND}")
    if (size := path.stat().st_size) > most:
        raise StoreError(f"{path}: {wanted or f'has {size:,} bytes, more than {most:,}'}. {MEND}")
    return path.read_bytes()


def small(path: Path) -> bytes:
    """A PNG as WebP, at most `WIDTH` wide.

    Raises:
        StoreError: no plain file, no PNG, damaged, or too large to be looked at.
    """
    from PIL import Image, UnidentifiedImageError

    if not is_plain(path):
        raise StoreError("is no plain file")
    if (size := path.stat().st_size) > LARGEST_GIVEN:
        raise StoreError(f"has {size:,} bytes; a picture has at most {LARGEST_GIVEN:,}")
    try:
        with Image.open(path, formats=("PNG",)) as picture:
            if picture.width * picture.height > MOST_PIXELS:  # before any of it is decoded
                raise StoreError(
                    f"is {picture.width} by {picture.height} large; {MOST_PIXELS:,} pixels are allowed"
                )
            return _small(picture.convert("RGB"))
    except StoreError:
        raise
    except UnidentifiedImageError:
        raise StoreError("cannot be read as a PNG") from None
    except Exception as error:  # what a decoder raises of damaged bytes is of many kinds
        told = printable(str(error)) or type(error).__name__
        raise StoreError(f"cannot be read as a PNG: {told}") from None


def _small(drawn: Image) -> bytes:
    from PIL import Image

    if drawn.width > WIDTH:
        drawn = drawn.resize((WIDTH, round(drawn.height * WIDTH / drawn.width)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    drawn.save(out, "WEBP", quality=45, method=4)
    if out.tell() > LARGEST:
        raise StoreError(f"takes {out.tell():,} bytes as a small picture; {LARGEST:,} are allowed")
    return out.getvalue()


def _plots_of(row: Row, most: int) -> tuple[dict[str, bytes], dict[str, str]]:
    """The plots of a row that was run here, and why others of it cannot be shown."""
    stored = row.seeds[0]
    if not isinstance(stored, StoredResult) or row.about.study:
        return {}, {}
    # Of an ensemble, the members' own pictures stand in their own rows.
    names = [name for name in sorted(stored.files) if name.startswith("plots/") and name.count("/") == 1]
    pngs = [Path(name) for name in names if name.endswith(".png")]
    plots, left_out = {}, {}
    for name in pngs[: max(most, 0)]:
        try:
            if not NAMED.fullmatch(name.stem):
                raise StoreError("a plot is called by letters, digits and _ . + = -")
            plots[name.stem] = small(stored.folder / name)
        except StoreError as error:
            left_out[printable(name.stem)] = f"{printable(str(name))}: {error}"
            log.warning("%s: %s; it is not shown", stored.folder, left_out[printable(name.stem)])
    return plots, left_out


def _labels_of(seed: Seed) -> pa.Table | None:
    if isinstance(seed, PublishedSeed):
        return None if seed.truth.folder is None else seed.truth.table
    if isinstance(seed, StoredResult) and (folder := truth_folder_of(seed)).is_dir():
        return read_truth(folder)
    return None


def _drawn(row: Row, labels: pa.Table) -> Drawn:
    predicted = row.seeds[0].predictions()
    against, reliability, calibration = {}, {}, {}
    for target in row.about.targets:
        y, points = labels[f"label_{target}"].to_numpy(), predicted[target].to_numpy()
        if kind(row.about.kind).drawing == "reliability":
            reliability[target] = _reliability(points, y)
        else:
            against[target] = _histogram(points, y)
        if levels := quantile_levels(predicted, target):
            columns = [predicted[f"{target}@{level:g}"].to_numpy() for level in levels]
            shares = [float((y <= column).mean()) for column in columns]
            calibration[target] = tuple(
                (level, _rounded(share)) for level, share in zip(levels, shares, strict=True)
            )
    return Drawn(against=against, reliability=reliability, calibration=calibration)


def _histogram(predicted: NDArray[np.floating], y: NDArray[np.floating]) -> Histogram:
    """The scale spans the middle 98%: its ends are no single label either."""
    low, high = np.quantile(np.concatenate([predicted, y]).astype(np.float64), [0.01, 0.99]).tolist()
    high = high if high > low else low + 1
    counts, _, _ = np.histogram2d(predicted, y, bins=BINS, range=[[low, high], [low, high]])
    cells = tuple((int(i), int(j), int(counts[i, j])) for i, j in np.argwhere(counts >= FEWEST))
    return Histogram(low=_rounded(low), high=_rounded(high), bins=BINS, cells=cells)


def _reliability(
    predicted: NDArray[np.floating], y: NDArray[np.floating]
) -> tuple[tuple[float, float, int], ...]:
    """In the bins of the calibration error, which is what this draws; in fewer, where posts are so few that
    nothing could be shown."""
    most = max(1, min(STEPS, len(y) // FEWEST))
    steps = equal_bins(predicted.astype(np.float64), most)
    of_steps = [steps == step for step in range(most)]
    return tuple(
        (_rounded(float(predicted[here].mean())), _rounded(float(y[here].mean())), int(here.sum()))
        for here in of_steps
        if here.sum() >= FEWEST
    )


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
