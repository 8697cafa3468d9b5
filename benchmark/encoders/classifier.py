"""Classifiers of texts from the hub: sentiment, emotion, topics: whatever a model was trained to tell."""

from __future__ import annotations

import re
from typing import Any

from benchmark.encoders.hardware import Precision
from benchmark.encoders.transformer import MAX_TOKENS, Transformer

MENTION = re.compile(r"(?<!\S)@\S+")
LINK = re.compile(r"(?<!\S)http\S*")


class Classifier(Transformer):
    """Probabilities of a model's classes, in the order of its config.json."""

    head = "AutoModelForSequenceClassification"

    def __init__(
        self,
        encoding: str,
        model: str,
        revision: str = "main",
        multi_label: bool = False,
        mask_tweets: bool = False,
        max_tokens: int = MAX_TOKENS,
        threads: int | None = None,
        precision: Precision | None = None,
    ) -> None:
        """
        Args:
            encoding: what the classes are of: `sentiment`, `emotion`, ...
            multi_label: a text may have several classes: each has a probability of its own.
            mask_tweets: mentions become `@user` and links `http`, as models trained on TweetEval expect
                (Barbieri et al. 2020, arXiv:2010.12421).
        """
        self.encoding = encoding
        super().__init__(model, revision, max_tokens, threads, precision)
        self.multi_label, self.mask_tweets = multi_label, mask_tweets

    @property
    def dim(self) -> int:
        return len(self.config["id2label"])

    def settings(self) -> list[str]:
        return [*super().settings(), f"multi_label {self.multi_label}", f"mask_tweets {self.mask_tweets}"]

    def prepared(self, text: str) -> str:
        return LINK.sub("http", MENTION.sub("@user", text)) if self.mask_tweets else text

    def vectors(self, outputs: Any, mask: Any) -> Any:
        logits = outputs.logits.float()
        return logits.sigmoid() if self.multi_label else logits.softmax(-1)
