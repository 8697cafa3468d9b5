"""All qualities, in plain words: what each is, its scale, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.label_prompts import EMOTIONS, TOPICS
from benchmark.encoders.langid import LANGUAGES
from benchmark.encoders.pixels.composition import MEASURES as COMPOSITION
from benchmark.encoders.pixels.quality import MEASURES as TECHNICAL
from benchmark.qualities import style

if TYPE_CHECKING:
    from benchmark.declared.column import Modality

Floats = NDArray[np.float32]
Reading = Callable[[Floats], Floats]

ENOUGH_HORIZON = 0.4
"""Share of the width along which an edge must run, that its tilt is taken for that of a horizon."""


@dataclass(frozen=True)
class Quality:
    """One thing that can be said of a post's content. It is a function of that content alone."""

    name: str
    """`text.question`: the modality first."""
    about: str
    """What it is, in a sentence."""
    scale: str
    """In words: `0 or 1`, `degrees, 0 to 20`."""
    more: str
    """What posts with more of it do or are, after `they`: `ask a question`."""
    less: str
    """What posts with less of it do or are."""
    modality: Modality
    of_text: Callable[[str], float] | None = None
    """Where it is a function of the text."""
    encoding: str = ""
    """Else: what it is read from."""
    reading: Mapping[int, Reading] = field(default_factory=dict)
    """Length of the encoder's vectors -> the quality of each, [n, dim] -> [n], NaN where there is none.
    Profiles have other encoders; one with vectors of another length does not tell it."""
    english: bool = False
    """Whether it means something of English texts alone."""

    @property
    def yes_or_no(self) -> bool:
        return self.scale == YES_OR_NO


YES_OR_NO = "0 or 1"
PROBABILITY = "probability, 0 to 1"
NEARNESS = "cosine less the mean of all of its kind, -1 to 1 (hub: of probabilities)"
"""Short texts are nearer to every sentence of a few words. Less the mean, it tells which is nearest."""


def _column(of: int, among: int) -> dict[int, Reading]:
    return {among: lambda vectors: vectors[:, of]}


def _nearer(of: int, among: int) -> dict[int, Reading]:
    return {among: lambda vectors: vectors[:, of] - vectors.mean(axis=1)}


def _style() -> list[Quality]:
    def one(
        name: str,
        about: str,
        of_text: Callable[[str], float],
        more: str,
        less: str = "",
        scale: str = YES_OR_NO,
        english: bool = False,
    ) -> Quality:
        return Quality(f"text.{name}", about, scale, more, less, "text", of_text, english=english)

    return [
        one(
            "length",
            "How long the text is, links left out.",
            style.length,
            "are longer",
            "are shorter",
            "characters",
        ),
        one("lines", "How many lines it has.", style.lines, "have more lines", "have fewer lines", "lines"),
        one(
            "question",
            "Whether it asks something: a question mark outside of links.",
            style.question,
            "ask a question",
        ),
        one(
            "exclamation",
            "Whether it has an exclamation mark.",
            style.exclamation,
            "have an exclamation mark",
        ),
        one("link", "Whether it has a link.", style.link, "have a link"),
        one("mention", "Whether it names an account with @.", style.mention, "name an account"),
        one("number", "Whether it has a digit outside of links.", style.number, "have a number"),
        one(
            "hashtags",
            "How many hashtags it has.",
            style.hashtags,
            "have more hashtags",
            "have fewer hashtags",
            "hashtags",
        ),
        one("emoji", "How many emoji it has.", style.emoji, "have more emoji", "have fewer emoji", "emoji"),
        one(
            "capitals",
            "Which share of its letters are capitals; not told of fewer than five letters.",
            style.capitals,
            "are more in capitals",
            "are less in capitals",
            "share, 0 to 1",
        ),
        one(
            "you",
            "Whether it addresses the reader: you, your.",
            style.you,
            "address the reader",
            english=True,
        ),
        one(
            "call",
            "Whether it calls for something to be done: sign up, link in bio, share this. A list of phrases.",
            style.call,
            "call for something to be done",
            english=True,
        ),
    ]


def _feeling() -> list[Quality]:
    sentiment: dict[int, Reading] = {
        4: lambda vectors: vectors[:, 3],
        3: lambda vectors: vectors[:, 2] - vectors[:, 0],
    }
    return [
        Quality(
            "text.sentiment",
            "How positive the words are (VADER; hub: probability of positive less that of negative).",
            "-1 to 1",
            "are more positive",
            "are more negative",
            "text",
            encoding="sentiment",
            reading=sentiment,
            english=True,
        ),
        Quality(
            "text.profanity",
            "How likely people would call the text offensive (profanity-check).",
            PROBABILITY,
            "are ruder",
            "are less rude",
            "text",
            encoding="profanity",
            reading=_column(0, 1),
            english=True,
        ),
        Quality(
            "text.english",
            "How likely the text is English (langid).",
            PROBABILITY,
            "are more clearly English",
            "are less clearly English",
            "text",
            encoding="language",
            reading=_column(LANGUAGES.index("en"), len(LANGUAGES) + 1),
        ),
    ]


def _nearness() -> list[Quality]:
    emotions = [
        Quality(
            f"text.emotion.{name}",
            f"How much nearer the text is to one that expresses {name} than to other emotions.",
            NEARNESS,
            f"are nearer to {name}",
            f"are farther from {name}",
            "text",
            encoding="emotion",
            reading=_nearer(i, len(EMOTIONS)),
        )
        for i, name in enumerate(EMOTIONS)
    ]
    topics = [
        Quality(
            f"text.topic.{_slug(name)}",
            f"How much nearer the text is to a sentence about {name} than to other topics.",
            NEARNESS,
            f"are nearer to {name}",
            f"are farther from {name}",
            "text",
            encoding="topics",
            reading=_nearer(i, len(TOPICS)),
        )
        for i, name in enumerate(TOPICS)
    ]
    return emotions + topics


def _technical() -> list[Quality]:
    told = {
        "sharpness": (
            "How sharp the image is.",
            "ln(1 + variance of the Laplacian)",
            "are sharper",
            "are less sharp",
        ),
        "noise": (
            "How grainy it is.",
            "standard deviation of luminance, of 255",
            "are grainier",
            "are less grainy",
        ),
        "brightness": ("How bright it is: exposure.", "share, 0 to 1", "are brighter", "are darker"),
        "dark": (
            "Which share of it is black.",
            "share, 0 to 1",
            "have more black in them",
            "have less black in them",
        ),
        "bright": (
            "Which share of it is burnt out.",
            "share, 0 to 1",
            "are more burnt out",
            "are less burnt out",
        ),
        "contrast": (
            "How strong its contrasts are.",
            "standard deviation, share of 1",
            "have more contrast",
            "have less contrast",
        ),
        "saturation": (
            "How pure its colours are.",
            "share, 0 to 1",
            "have purer colours",
            "have paler colours",
        ),
        "colourfulness": (
            "How colourful it looks.",
            "0 (grey) to about 1",
            "are more colourful",
            "are less colourful",
        ),
    }
    return [
        Quality(f"image.{name}", *told[name], "image", encoding="quality", reading=_column(i, len(TECHNICAL)))
        for i, name in enumerate(TECHNICAL)
    ]


def _composition() -> list[Quality]:
    told = {
        "off_thirds": (
            "How far the subject, where most stands out, is from the nearest crossing of thirds.",
            "0 on it, 0.5 in the middle of the image, 1 in a corner",
            "have the subject farther from a crossing of thirds",
            "have the subject nearer to a crossing of thirds",
        ),
        "centred": (
            "How much of what stands out lies in the central ninth.",
            "share, 0 to 1",
            "have more in the middle",
            "have less in the middle",
        ),
        "clutter": ("How much of the image is edges.", "share, 0 to 1", "are more cluttered", "are plainer"),
        "symmetry": (
            "How much it is like its mirror image.",
            "correlation, -1 to 1",
            "are more symmetric",
            "are less symmetric",
        ),
        "aspect": ("Its width over its height.", "1 square, above 1 wide", "are wider", "are taller"),
    }
    plain = [
        Quality(
            f"image.{name}",
            *words,
            "image",
            encoding="composition",
            reading=_column(COMPOSITION.index(name), len(COMPOSITION)),
        )
        for name, words in told.items()
    ]
    tilt = Quality(
        "image.tilt",
        "By how much the horizon is not level, to either side; not told where no long edge is nearly level.",
        "degrees, 0 to 20",
        "have the horizon more tilted",
        "have the horizon more level",
        "image",
        encoding="composition",
        reading={len(COMPOSITION): _tilt},
    )
    nudity = Quality(
        "image.nudity",
        "How likely the image is not safe for work (open_nsfw).",
        PROBABILITY,
        "are less safe for work",
        "are safer for work",
        "image",
        encoding="nsfw",
        reading=_column(0, 1),
    )
    return [*plain, tilt, nudity]


def _tilt(vectors: Floats) -> Floats:
    sure = vectors[:, COMPOSITION.index("horizon")] >= ENOUGH_HORIZON
    degrees = np.abs(vectors[:, COMPOSITION.index("tilt")])
    return np.where(sure, degrees, np.float32(np.nan)).astype(np.float32)


def _slug(name: str) -> str:
    return re.sub(r"\W+", "_", name)


QUALITIES: dict[str, Quality] = {
    one.name: one for one in (*_style(), *_feeling(), *_nearness(), *_technical(), *_composition())
}
"""By name, in the order of every table."""
