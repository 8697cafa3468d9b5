"""Profanity: how likely it is that a text offends."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmark.encoders.installed import installed
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.texts import encode_texts


class ProfanityCheck(Encoder):
    """profanity-check: a linear model over words, trained on 200,000 English texts that people had judged.

    The package alt-profanity-check. Its model is a pickle that comes with the package and is as much its code
    as its modules are; the package asks for the very version of scikit-learn that wrote it.
    """

    name, modality, encoding, dim = "profanity_check", "text", "profanity", 1
    requires = ("profanity_check",)
    only_precision = "float32"

    def files(self) -> list[Path]:
        return installed("profanity_check", "data/vectorizer.joblib", "data/model.joblib")

    def encode(self, items: Sequence[str]) -> Encoded:
        """float16 [n, 1]: a probability."""
        return encode_texts(items, self.dim, self._probabilities)

    def _probabilities(self, texts: list[str]) -> np.ndarray:
        from profanity_check.profanity_check import model, vectorizer

        probabilities: np.ndarray = model.predict_proba(vectorizer.transform(texts))[:, 1:]
        return probabilities
