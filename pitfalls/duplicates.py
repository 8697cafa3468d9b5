"""Do not do this: leave test posts in whose twin is a training post. What was posted twice is remembered, not
predicted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from benchmark.features import joined_text
from benchmark.run.tasks import FEWEST_POSTS
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, NotPossible

if TYPE_CHECKING:
    from numpy.typing import NDArray

LINK = re.compile(r"https?://\S+")
WORDS = 3
"""A shorter text is a greeting, which many posts share, and no twin."""


class Duplicates(Mistake):
    name = "duplicates"
    title = "duplicates left across the cut-off"
    layer = "data"
    runs = 0

    def check(self, of: Ground) -> None:
        twins = _twins(of)
        if not twins.any():
            raise NotPossible(f"no text of {WORDS} words or more stands on both sides of the cut-off")
        if (~twins).sum() < FEWEST_POSTS:
            raise NotPossible("hardly a test post would be left without its twin")

    def made(self, of: Ground, honest: Said) -> Made:
        twins = _twins(of)
        note = f"{int(twins.sum())} of {len(twins)} test posts have a twin by text among the training posts"
        return Made(honest, honest.part(~twins), "the test posts without a twin", note=note)


def _twins(of: Ground) -> NDArray[np.bool_]:
    """bool [n test]: whether a training post has the same text, apart from case and links."""
    names = of.posts.prepared.card.content("text")
    if not names:
        return np.zeros(len(of.windows.test), bool)
    texts = [_plain(text) for text in joined_text(of.posts.table, names).to_pylist()]
    known = {texts[i] for i in of.windows.train if len(texts[i].split()) >= WORDS}
    return np.array([texts[i] in known for i in of.windows.test])


def _plain(text: str) -> str:
    return " ".join(LINK.sub(" ", text.casefold()).split())
