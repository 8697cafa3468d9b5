"""Texts of a data set: languages, and which texts stand there twice, in training and in test above all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from benchmark.encoders.interface import Encoder

Rows = NDArray[np.int64]

IN_LANGUAGE = 2000
ENOUGH_LETTERS = 20
"""Outside of links and mentions. Of fewer, a language is a guess."""
MOST_TEST, MOST_TRAIN = 5000, 20_000
"""Texts that are looked at, drawn at random with a fixed seed."""
NEAR = 0.95
"""Cosine of two texts that say nearly the same."""
_AT_ONCE = 500


@dataclass(frozen=True)
class Languages:
    of: int
    """Texts that were looked at and are long enough to tell."""
    too_short: int
    shares: dict[str, float]
    """ISO 639-1 code, or `other`, by falling share."""


@dataclass(frozen=True)
class Near:
    """Test texts held against training texts by their embeddings; posts without text are left out."""

    test: int
    train: int
    share: float
    """Of the test texts: those that a training text is nearer to than `NEAR`, the same ones included."""
    not_equal: float
    """Of the test texts: those of them that are not the same to the letter."""


def languages(texts: Sequence[str], identifier: Encoder) -> Languages | None:
    """None where no post has a text that is long enough."""
    from benchmark.encoders.langid import LANGUAGES, NO_LANGUAGE

    given = np.array([i for i, text in enumerate(texts) if text], np.int64)
    drawn = [texts[i] for i in sample(given, IN_LANGUAGE)]
    told = [one for one in drawn if sum(map(str.isalpha, NO_LANGUAGE.sub("", one))) >= ENOUGH_LETTERS]
    if not told:
        return None
    names = [*LANGUAGES, "other"]
    counts = np.bincount(identifier.encode(told).vectors.argmax(axis=1), minlength=len(names))
    order = [i for i in np.argsort(-counts, kind="stable") if counts[i]]
    shares = {names[i]: float(counts[i] / len(told)) for i in order}
    return Languages(len(told), len(drawn) - len(told), shares)


def repeated(texts: Sequence[str]) -> int:
    """Posts whose text, if they have one, is that of another post as well."""
    counts: dict[str, int] = {}
    for text in filter(None, texts):
        counts[text] = counts.get(text, 0) + 1
    return sum(count for count in counts.values() if count > 1)


def known_texts(texts: Sequence[str], train: Rows, test: Rows) -> int:
    """Test posts whose text, if they have one, stands in a training post."""
    known = {texts[i] for i in train} - {""}
    return sum(texts[i] in known for i in test)


def near(
    vectors_of: Callable[[Rows], NDArray[np.float32]], texts: Sequence[str], train: Rows, test: Rows
) -> Near | None:
    """None where one side has no text.

    Args:
        vectors_of: rows [m] -> the vectors of their texts [m, dim].
    """
    with_text = np.array([bool(text) for text in texts])
    asked, known = sample(test[with_text[test]], MOST_TEST), sample(train[with_text[train]], MOST_TRAIN)
    if not len(asked) or not len(known):
        return None
    one, other = (_unit(vectors_of(rows)) for rows in (asked, known))
    closest = np.concatenate(
        [(one[start : start + _AT_ONCE] @ other.T).max(axis=1) for start in range(0, len(one), _AT_ONCE)]
    )
    same = {texts[i] for i in known}
    equal = np.array([texts[i] in same for i in asked])
    alike = (closest > NEAR) | equal
    return Near(len(asked), len(known), float(alike.mean()), float((alike & ~equal).mean()))


def sample(rows: Rows, most: int) -> Rows:
    """At most so many of these rows, in their order; the same ones each time."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
