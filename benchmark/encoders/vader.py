"""VADER: sentiment of texts, from a lexicon and rules made for social media."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmark.encoders.installed import bundled
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.texts import encode_texts

MAX_CHARACTERS = 2000
"""Of a longer text the beginning is read: the rules take time that grows with the square of the length."""


class Vader(Encoder):
    """VADER: the shares of negative, neutral and positive words, and their compound from -1 to 1.

    Hutto and Gilbert 2014, "VADER: A parsimonious rule-based model for sentiment analysis of social media
    text". The lexicon is English; a text without any of its words is neutral.
    """

    name, modality, encoding, dim = "vader", "text", "sentiment", 4
    requires = ("vaderSentiment",)
    only_precision = "float32"

    def files(self) -> list[Path]:
        return bundled("vaderSentiment")

    def encode(self, items: Sequence[str]) -> Encoded:
        """float16 [n, 4]: negative, neutral, positive, compound."""
        return encode_texts(items, self.dim, self._scores)

    def _scores(self, texts: list[str]) -> list[list[float]]:
        scores = [self._analyser.polarity_scores(text[:MAX_CHARACTERS]) for text in texts]
        return [[one["neg"], one["neu"], one["pos"], one["compound"]] for one in scores]

    @cached_property
    def _analyser(self) -> Any:
        self.files()  # checked before the package reads them
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        return SentimentIntensityAnalyzer()
