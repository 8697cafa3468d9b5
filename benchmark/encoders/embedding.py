"""Sentence embeddings from any text model of the hub."""

from __future__ import annotations

from typing import Any, Literal

from benchmark.encoders.hardware import Precision
from benchmark.encoders.transformer import MAX_TOKENS, Transformer


class Embedding(Transformer):
    """The state of the first token, or the mean over the tokens, scaled to length 1.

    Which of the two a model was trained for, its description says: mxbai-embed-large-v1 the first.
    """

    encoding = "text"
    head = "AutoModel"

    def __init__(
        self,
        model: str,
        revision: str = "main",
        pooling: Literal["cls", "mean"] = "mean",
        max_tokens: int = MAX_TOKENS,
        threads: int | None = None,
        precision: Precision | None = None,
    ) -> None:
        super().__init__(model, revision, max_tokens, threads, precision)
        self.pooling = pooling

    @property
    def dim(self) -> int:
        width: int = self.config.get("hidden_size") or self.config["dim"]  # DistilBERT's word for it
        return width

    def settings(self) -> list[str]:
        return [*super().settings(), f"pooling {self.pooling}"]

    def vectors(self, outputs: Any, mask: Any) -> Any:
        from torch.nn.functional import normalize

        states = outputs.last_hidden_state.float()
        if self.pooling == "cls":
            return normalize(states[:, 0])
        weights = mask.unsqueeze(-1).float()
        return normalize((states * weights).sum(1) / weights.sum(1))
