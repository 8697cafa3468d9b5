"""The planted model: what a label is made of, and the noiseless score that nobody can beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from content import MEANING_OF_WORD, WORDS, Looks, Words, choose_concepts, choose_looks, write_words
from numpy.typing import NDArray
from population import DAY, END, START, Floats, Ints, Timeline, Users, schedule, settle
from streams import stream
from vocabulary import CAMERA_WORDS, concepts

SHARES = {
    "user": 0.30,
    "category": 0.13,
    "text": 0.14,
    "image": 0.11,
    "hour": 0.03,
    "season": 0.02,
    "drift": 0.02,
}
"""Variance of each part of the latent score."""
NOISE = 0.24
"""Variance of the noise."""
SMALLEST_NOISE = 0.01
"""Of a label: the step of its two decimals."""
CARRY, MEMORY, FORGETTING_DAYS = 0.6, 0.9, 30.0
"""Momentum takes up this much of a post's noise, keeps this much from post to post, and fades with time."""

# Facts about the 305,613 labels of the real train part: quantiles 0, 1, ... 100 %, then four within the last.
LABEL_QUANTILES = np.fromstring(
    """1.00 1.00 1.58 2.00 2.32 2.58 2.81 3.00 3.17 3.17 3.32 3.46 3.58 3.70 3.81 3.91 4.00 4.09 4.17 4.25
    4.32 4.46 4.52 4.58 4.64 4.70 4.75 4.86 4.91 4.95 5.04 5.09 5.13 5.21 5.29 5.32 5.39 5.46 5.49 5.55 5.61
    5.67 5.73 5.78 5.86 5.91 5.95 6.02 6.09 6.15 6.23 6.29 6.36 6.41 6.48 6.54 6.61 6.67 6.74 6.81 6.87 6.93
    7.00 7.07 7.13 7.20 7.28 7.35 7.43 7.51 7.58 7.66 7.74 7.82 7.90 7.98 8.06 8.14 8.24 8.34 8.43 8.54 8.63
    8.73 8.85 8.97 9.10 9.24 9.40 9.56 9.72 9.89 10.07 10.26 10.48 10.73 11.02 11.40 11.86 12.79
    13.77 14.69 15.25 16.28 16.56""",
    sep=" ",
)
LABEL_LEVELS = np.concatenate([np.arange(100) / 100, [0.995, 0.998, 0.999, 0.9999, 1.0]])


@dataclass(frozen=True)
class World:
    """Everything there is to write: arrays of one entry a post, in the order of `timeline`."""

    seed: int
    users: Users
    timeline: Timeline
    concept: Ints
    words: Words
    looks: Looks
    parts: dict[str, Floats]
    """The parts of the latent score, `momentum` and `noise` among them; they sum to it."""
    label: Floats
    """log2(n + 1) of an integer n >= 1, two decimals, as the real labels."""
    ceiling: Floats
    """The median of the label given everything but the post's own noise."""
    unknowable: Floats
    """The standard deviation that this noise gives the label, where the post stands on the map."""


def plant(posts: int, seed: int) -> World:
    """A world of `posts` posts; the same arguments give the same world."""
    users = settle(posts, stream(seed, "users"))
    timeline = schedule(posts, users, stream(seed, "timeline"))
    concept = choose_concepts(timeline, len(users), stream(seed, "concepts"))
    subcategory = np.array([number for number, _ in concepts()])[concept]
    words = write_words(subcategory, stream(seed, "words"))
    looks = choose_looks(subcategory, stream(seed, "looks"))

    weights = stream(seed, "weights")
    raw = {
        "user": _user_level(users)[timeline.user],
        "category": _category_effect(concept, weights),
        "text": _text_effect(words, weights),
        "image": _image_effect(looks, weights),
        **_time_effects(timeline.time),
    }
    parts = {name: _standardised(effect) * SHARES[name] ** 0.5 for name, effect in raw.items()}
    parts["noise"] = stream(seed, "noise").normal(0, NOISE**0.5, posts)
    parts["momentum"] = _momentum(timeline, parts["noise"])

    latent = np.sum(list(parts.values()), axis=0)
    knots = np.quantile(latent[timeline.labelled], LABEL_LEVELS)
    noiseless, deviation = latent - parts["noise"], NOISE**0.5
    # The map is monotone and the noise symmetric, so the map of the noiseless score is the label's median.
    label, ceiling, low, high = (
        np.interp(score, knots, LABEL_QUANTILES)
        for score in (latent, noiseless, noiseless - deviation, noiseless + deviation)
    )
    # Its slope over one deviation to either side; at the ends, where it is level, not nothing.
    unknowable = np.maximum((high - low) / 2, SMALLEST_NOISE)
    return World(
        seed, users, timeline, concept, words, looks, parts, _as_log_views(label), ceiling, unknowable
    )


def _user_level(users: Users) -> Floats:
    photos = _standardised(np.log(users.photos))
    return 0.9 * users.private + 0.6 * users.taste[:, 0] + 0.4 * photos + 0.8 * users.pro


def _category_effect(concept: Ints, rng: np.random.Generator) -> Floats:
    """Effects of the three levels, the finer ones the stronger, as in the real data set."""
    subcategory_of = np.array([number for number, _ in concepts()])
    category, subcategory, leaf = (
        rng.normal(size=11),
        rng.normal(size=77),
        rng.normal(size=len(subcategory_of)),
    )
    effects = 0.6 * category[subcategory_of // 7] + 0.6 * subcategory[subcategory_of] + 0.6 * leaf
    return effects[concept]


def _text_effect(words: Words, rng: np.random.Generator) -> Floats:
    """Mean weight of the title's words and of the tags, and a premium on many tags."""
    weights = rng.normal(size=MEANING_OF_WORD.max() + 1)[MEANING_OF_WORD] + 0.3 * rng.normal(size=len(WORDS))
    weights[-len(CAMERA_WORDS.split()) :] = 0.0
    weights = np.append(weights, 0.0)  # word -1: there is none
    counts = (words.tags >= 0).sum(axis=1)
    title = weights[words.title].sum(axis=1) / np.maximum((words.title >= 0).sum(axis=1), 1)
    tags = weights[words.tags].sum(axis=1) / np.maximum(counts, 1)
    return title + tags + 0.3 * np.log1p(counts)


def _image_effect(looks: Looks, rng: np.random.Generator) -> Floats:
    """Bright, colourful, warm, uncluttered pictures of a large subject do well; so do some subjects."""
    subjects = rng.permutation(np.linspace(-1, 1, 8))
    return (
        0.7 * subjects[looks.subject]
        + 2.0 * looks.brightness
        + 2.2 * looks.saturation
        + 1.5 * looks.warmth * looks.saturation
        + 1.0 * looks.size
        + 0.5 * looks.off_centre
        - 1.2 * looks.clutter
    )


def _time_effects(time: Ints) -> dict[str, Floats]:
    hour = time % DAY / 3600
    weekend = (time // DAY + 4) % 7 >= 5  # 1970-01-01 was a Thursday
    year = (time - START) / (365.25 * DAY)
    passed = (time - START) / (END - START)
    return {
        "hour": np.cos(2 * np.pi * (hour - 19) / 24)
        + 0.4 * np.cos(4 * np.pi * (hour - 8) / 24)
        + 0.5 * weekend,
        "season": np.cos(2 * np.pi * (year - 0.35)),
        "drift": -passed + 0.25 * np.sin(2 * np.pi * 1.3 * passed),
    }


def _momentum(timeline: Timeline, noise: Floats) -> Floats:
    """Per post, what is left of the noise of the user's earlier posts: luck carries over, and fades.

    It is known, in principle, from the user's history; so it is part of the noiseless score. Works on all
    users' first posts, then all second posts ...: each user's posts lie next to each other.
    """
    momentum = np.zeros(len(timeline))
    gap = np.diff(timeline.time, prepend=timeline.time[:1]) / DAY
    keep = MEMORY * np.exp(-np.maximum(gap, 0) / FORGETTING_DAYS)
    by_ordinal = np.argsort(timeline.ordinal, kind="stable")
    for now in np.split(by_ordinal, np.cumsum(np.bincount(timeline.ordinal))[:-1])[1:]:
        momentum[now] = keep[now] * (momentum[now - 1] + CARRY * noise[now - 1])
    return momentum


def _standardised(values: Floats) -> Floats:
    return (values - values.mean()) / values.std()


def _as_log_views(label: Floats) -> NDArray[np.float64]:
    views = np.maximum(np.round(2.0**label - 1), 1)
    return np.round(np.log2(views + 1), 2)
