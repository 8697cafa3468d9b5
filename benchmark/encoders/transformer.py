"""Transformers on texts: what all models that the library `transformers` loads have in common."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.hardware import Precision, device
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.texts import encode_texts
from benchmark.encoders.token_batches import vectors_of_tokens
from benchmark.encoders.weights import model_files, short_name

MAX_TOKENS = 256


class Transformer(Encoder):
    """A text model by its name on the hub, or by the path of a folder that `save_pretrained` wrote.

    Texts are cut at `max_tokens`. Only code of the library is run, never code that comes with a model.
    """

    modality: Literal["text"] = "text"
    requires = ("transformers", "torch")
    version = 2  # since a batch is the work of one thread
    head: str
    """The class of `transformers` that loads the model."""

    def __init__(
        self,
        model: str,
        revision: str = "main",
        max_tokens: int = MAX_TOKENS,
        threads: int | None = None,
        precision: Precision | None = None,
    ) -> None:
        """
        Args:
            model: `owner/name`, or a path, which starts with `/`, `.` or `~`.
            revision: branch, tag or commit on the hub.
        """
        super().__init__(threads, precision)
        self.model, self.revision, self.max_tokens = model, revision, max_tokens
        self.name = f"{self.encoding}_{short_name(model)}"

    def files(self) -> list[Path]:
        return self._files

    def encode(self, items: Sequence[str]) -> Encoded:
        """float16 [n, dim]. A blank text has nothing to encode."""
        return encode_texts(items, self.dim, self._vectors)

    @abstractmethod
    def vectors(self, outputs: Any, mask: Any) -> Any:
        """Tensor [batch, dim]: what is kept of the outputs of the model. mask: 1 for tokens of the text."""

    def prepared(self, text: str) -> str:
        """A text as the model was trained on."""
        return text

    @cached_property
    def config(self) -> dict[str, Any]:
        """The model's config.json."""
        file = next(file for file in self.files() if file.name == "config.json")
        found: dict[str, Any] = json.loads(file.read_bytes())
        return found

    def settings(self) -> list[str]:
        return [f"max_tokens {self.max_tokens}"]

    def _vectors(self, texts: list[str]) -> NDArray[np.float16]:
        # RoBERTa counts positions from 2, so that two fewer tokens than positions always fit.
        longest = min(self.max_tokens, self.config.get("max_position_embeddings", self.max_tokens + 2) - 2)
        tokenizer = self._tokenizer
        tokens = tokenizer([self.prepared(text) for text in texts], truncation=True, max_length=longest)
        return vectors_of_tokens(
            tokens["input_ids"],
            partial(self._run, self._model),
            dim=self.dim,
            longest=longest,
            pad=tokenizer.pad_token_id or 0,
            threads=self.threads,
        )

    def _run(self, model: Any, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float16]:
        import torch

        present = torch.from_numpy(mask).to(model.device)
        outputs = model(input_ids=torch.from_numpy(ids).to(model.device), attention_mask=present)
        vectors: NDArray[np.float16] = self.vectors(outputs, present).half().cpu().numpy()
        return vectors

    @cached_property
    def _files(self) -> list[Path]:
        return model_files(self.model, self.revision)

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(
            self.files()[0].parent, local_files_only=True, trust_remote_code=False
        )

    @cached_property
    def _model(self) -> Any:
        import torch
        import transformers

        transformers.utils.logging.disable_progress_bar()  # it would write into the harness's own
        loader = getattr(transformers, self.head)
        model = loader.from_pretrained(
            self.files()[0].parent,
            local_files_only=True,
            trust_remote_code=False,
            weights_only=True,
            dtype=torch.float32,
        )
        # The model is cast as a whole: autocast is slower than float32 on a CPU.
        return model.eval().to(device(), getattr(torch, self.precision))
