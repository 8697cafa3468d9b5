"""Language of texts: probabilities of the languages that are frequent in social media."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.encoders.installed import bundled
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.texts import encode_texts

LANGUAGES = (
    "en", "es", "pt", "fr", "de", "it", "nl", "pl", "ru", "tr",
    "ar", "fa", "hi", "id", "vi", "th", "ja", "ko", "zh",
)  # fmt: skip
"""ISO 639-1 codes, in the order of the vector; after them comes the rest of the probability."""
NO_LANGUAGE = re.compile(r"https?://\S+|www\.\S+|@\w+")
"""Links and mentions are in no language, and look English."""
MAX_CHARACTERS = 1000


class LangId(Encoder):
    """langid: naive Bayes over byte n-grams, of the first 1,000 characters without links and mentions.

    Lui and Baldwin 2012, "langid.py: An off-the-shelf language identification tool"; the package py3langid.
    """

    name, modality, encoding, dim = "langid", "text", "language", len(LANGUAGES) + 1
    requires = ("py3langid",)
    only_precision = "float32"

    def files(self) -> list[Path]:
        return bundled("py3langid")

    def encode(self, items: Sequence[str]) -> Encoded:
        """float16 [n, 20]: probabilities of `LANGUAGES` and of all others together."""
        return encode_texts([NO_LANGUAGE.sub(" ", text) for text in items], self.dim, self._probabilities)

    def _probabilities(self, texts: list[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            found = dict(self._identifier.rank(text.strip()[:MAX_CHARACTERS]))
            vectors[row, :-1] = [found[language] for language in LANGUAGES]
        vectors[:, -1] = np.clip(1 - vectors.sum(axis=1), 0, 1)
        return vectors

    @cached_property
    def _identifier(self) -> Any:
        _, model = self.files()  # checked before the package is imported
        from py3langid.langid import LanguageIdentifier

        return LanguageIdentifier.from_modelpath(model, norm_probs=True)
