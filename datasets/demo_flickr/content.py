"""What a post is about: its concept, its words, and how its picture looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from population import Floats, Ints, Timeline
from vocabulary import CAMERA_WORDS, CATEGORIES, MEANINGS, concepts, subcategories

TITLE_WORDS, TAGS = 5, 18
SUBJECTS = ("sun", "tree", "house", "mountain", "person", "flower", "boat", "towers")
WORDS = [word for words in MEANINGS.values() for word in words.split()] + CAMERA_WORDS.split()
MEANING_OF_WORD = np.repeat(
    np.arange(len(MEANINGS) + 1),
    [len(words.split()) for words in MEANINGS.values()] + [len(CAMERA_WORDS.split())],
)


@dataclass(frozen=True)
class Words:
    """Word numbers a post (into `WORDS`), -1 where there is no further word."""

    title: NDArray[np.int16]
    """[posts, TITLE_WORDS]"""
    tags: NDArray[np.int16]
    """[posts, TAGS], ascending, no word twice"""


@dataclass(frozen=True)
class Looks:
    """How each post's picture looks; the numbers are in [0, 1], and visible in the picture."""

    subject: Ints
    brightness: Floats
    saturation: Floats
    warmth: Floats
    """The hue: from 0 = blue over green to 1 = orange."""
    size: Floats
    """Of the subject."""
    off_centre: Floats
    """0 = subject in the middle, 1 = on a line of thirds."""
    clutter: Floats
    """Of the background."""


def choose_concepts(timeline: Timeline, users: int, rng: np.random.Generator) -> Ints:
    """A concept number a post: frequencies follow Zipf's law, and every user has a home subcategory."""
    subcategory_of = np.array([subcategory for subcategory, _ in concepts()])
    subcategory_count = len(subcategories())
    popularity = _zipf(rng.permutation(subcategory_count), 0.8)
    home = rng.choice(subcategory_count, users, p=popularity)
    elsewhere = rng.choice(subcategory_count, len(timeline), p=popularity)
    subcategory = np.where(rng.random(len(timeline)) < 0.65, home[timeline.user], elsewhere)

    first = np.searchsorted(subcategory_of, subcategory)
    levels = np.searchsorted(subcategory_of, subcategory, side="right") - first
    # A cubed uniform is close enough to Zipf within 8 or 9 concepts: the last of them are rare.
    return first + (levels * rng.random(len(timeline)) ** 3).astype(np.int64)


def write_words(subcategory: Ints, rng: np.random.Generator) -> Words:
    """Titles and tags on two meanings a post: often one that suits its subcategory, and any other."""
    posts = len(subcategory)
    suited = rng.integers(0, len(MEANINGS), (len(subcategories()), 4))
    first = np.where(
        rng.random(posts) < 0.6,
        suited[subcategory, rng.integers(0, 4, posts)],
        rng.integers(0, len(MEANINGS), posts),
    )
    meanings = np.column_stack([first, rng.integers(0, len(MEANINGS), posts)])

    title = _words_of(meanings, TITLE_WORDS, rng)
    title[np.arange(TITLE_WORDS) >= rng.integers(1, TITLE_WORDS + 1, posts)[:, None]] = -1
    title[rng.random(posts) < 0.04] = -1
    tags = _words_of(meanings, TAGS, rng)
    tags[np.arange(TAGS) >= np.minimum(rng.geometric(0.09, posts) - 1, TAGS)[:, None]] = -1
    tags.sort(axis=1)
    tags[:, 1:][tags[:, 1:] == tags[:, :-1]] = -1
    return Words(title, tags)


def choose_looks(subcategory: Ints, rng: np.random.Generator) -> Looks:
    """A look a post: the category suggests the subject, the rest is the photographer's choice."""
    posts = len(subcategory)
    usual = rng.integers(0, len(SUBJECTS), len(CATEGORIES))
    category = subcategory // (len(subcategories()) // len(CATEGORIES))
    subject = np.where(rng.random(posts) < 0.4, usual[category], rng.integers(0, len(SUBJECTS), posts))
    return Looks(subject, *(rng.beta(1.6, 1.6, posts) for _ in range(6)))


def _words_of(meanings: Ints, slots: int, rng: np.random.Generator) -> NDArray[np.int16]:
    """[posts, slots] words, each of one of the post's meanings; one in six is a camera word."""
    posts = len(meanings)
    which = np.take_along_axis(meanings, (rng.random((posts, slots)) < 0.4).astype(np.int64), axis=1)
    which[rng.random((posts, slots)) < 1 / 6] = len(MEANINGS)
    first = np.searchsorted(MEANING_OF_WORD, np.arange(len(MEANINGS) + 1))
    sizes = np.bincount(MEANING_OF_WORD)
    return (first[which] + sizes[which] * rng.random((posts, slots)) ** 1.7).astype(np.int16)


def _zipf(rank: Ints, exponent: float) -> Floats:
    weights = (rank + 1.0) ** -exponent
    return weights / weights.sum()
