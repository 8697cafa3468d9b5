"""Topics of texts without a topic model: how near a text's embedding is to sentences that name a topic."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from benchmark.encoders.hardware import Precision
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.minilm import MiniLM
from benchmark.encoders.use_multilingual import UseMultilingual

TOPICS = (
    "arts & culture", "business & entrepreneurs", "celebrity & pop culture", "diaries & daily life", "family",
    "fashion & style", "film, tv & video", "fitness & health", "food & dining", "gaming",
    "learning & educational", "music", "news & social concern", "other hobbies", "relationships",
    "science & technology", "sports", "travel & adventure", "youth & student life",
)  # fmt: skip
"""Antypas et al. 2022, "Twitter topic classification", arXiv:2209.09824."""
PROMPT = "This post is about {}."
EMBEDDINGS: dict[str, type[Encoder]] = {"minilm": MiniLM, "use_multilingual": UseMultilingual}


class LabelPrompts(Encoder):
    """Cosines of the embeddings of a text and of 19 English sentences, one a topic. Nothing is trained."""

    modality, encoding, dim = "text", "topics", len(TOPICS)

    def __init__(
        self,
        embedding: Literal["minilm", "use_multilingual"] = "minilm",
        threads: int | None = None,
        precision: Precision | None = None,
    ) -> None:
        super().__init__(threads, precision)
        self.base: Encoder = EMBEDDINGS[embedding](threads, precision)
        self.name = "label_prompts" if embedding == "minilm" else f"label_prompts_{embedding}"
        self.requires = self.base.requires

    def files(self) -> list[Path]:
        return self.base.files()

    def encode(self, items: Sequence[str]) -> Encoded:
        """float16 [n, 19]: plain cosines, in the order of `TOPICS`; no softmax."""
        return self.derived(self.base.encode(items))

    def derived(self, encoded: Encoded) -> Encoded:
        cosines = encoded.vectors.astype(np.float32) @ self._prompts.T
        return Encoded(cosines.astype(np.float16), encoded.ok, encoded.reasons)

    @cached_property
    def _prompts(self) -> np.ndarray:
        return self.base.encode([PROMPT.format(topic) for topic in TOPICS]).vectors.astype(np.float32)
