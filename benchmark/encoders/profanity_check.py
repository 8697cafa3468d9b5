"""Profanity: how likely it is that a text offends."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.encoders.installed import bundled
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.texts import encode_texts


class ProfanityCheck(Encoder):
    """profanity-check: a linear model over words, trained on 200,000 English texts that people had judged.

    The package alt-profanity-check. Its model is two pickles that come with the package, checked before they
    are read; the package asks for the very version of scikit-learn that wrote them.
    """

    name, modality, encoding, dim = "profanity_check", "text", "profanity", 1
    requires = ("profanity_check", "joblib", "sklearn")
    only_precision = "float32"

    def files(self) -> list[Path]:
        return bundled("profanity_check")

    def encode(self, items: Sequence[str]) -> Encoded:
        """float16 [n, 1]: a probability."""
        return encode_texts(items, self.dim, self._probabilities)

    def _probabilities(self, texts: list[str]) -> np.ndarray:
        vectorizer, model = self._model
        probabilities: np.ndarray = model.predict_proba(vectorizer.transform(texts))[:, 1:]
        return probabilities

    @cached_property
    def _model(self) -> list[Any]:
        import joblib

        # A pickle runs as it is read: `files` has held both against their checksums. Importing the package
        # would read them unchecked.
        return [joblib.load(file) for file in self.files()]
