"""Topics and emotions of texts without a model of them: how near a text's embedding is to sentences that name
one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
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
EMOTIONS = ("sadness", "joy", "love", "anger", "fear", "surprise")
"""In the order of the model in profile hub: Saravia et al. 2018, "CARER: Contextualized affect
representations for emotion recognition"."""
EMBEDDINGS: dict[str, type[Encoder]] = {"minilm": MiniLM, "use_multilingual": UseMultilingual}


class LabelPrompts(Encoder):
    """Cosines of the embeddings of a text and of 19 English sentences, one a topic. Nothing is trained."""

    modality, encoding, dim = "text", "topics", len(TOPICS)
    prompt = "This post is about {}."
    labels: tuple[str, ...] = TOPICS
    called = "label_prompts"

    def __init__(
        self,
        embedding: Literal["minilm", "use_multilingual"] = "minilm",
        threads: int | None = None,
        precision: Precision | None = None,
    ) -> None:
        super().__init__(threads, precision)
        self.base: Encoder = _embedding(embedding, threads, precision)
        self.name = self.called if embedding == "minilm" else f"{self.called}_{embedding}"
        self.requires = self.base.requires

    def files(self) -> list[Path]:
        return self.base.files()

    def encode(self, items: Sequence[str]) -> Encoded:
        """float16 [n, dim]: plain cosines, in the order of `labels`; no softmax."""
        return self.derived(self.base.encode(items))

    def derived(self, encoded: Encoded) -> Encoded:
        cosines = encoded.vectors.astype(np.float32) @ self._prompts.T
        return Encoded(cosines.astype(np.float16), encoded.ok, encoded.reasons)

    @cached_property
    def _prompts(self) -> np.ndarray:
        named = [self.prompt.format(label) for label in self.labels]
        return self.base.encode(named).vectors.astype(np.float32)


class EmotionPrompts(LabelPrompts):
    """Cosines of the embeddings of a text and of six English sentences, one an emotion. Nothing is trained.

    A score: on sentences made for the purpose the nearest of the six is the one that was meant in 82%, by
    chance it would be in 17% (docs/qualities.md).
    """

    encoding, dim = "emotion", len(EMOTIONS)
    prompt = "This post expresses {}."
    labels = EMOTIONS
    called = "emotion_prompts"


@cache
def _embedding(name: str, threads: int | None, precision: Precision | None) -> Encoder:
    """One for topics and emotions: its model is loaded once."""
    return EMBEDDINGS[name](threads, precision)
