"""CLIP-style heads: a post's image and text near each other, in a space learnt over two frozen encoders.

Two linear projections under the contrastive loss of CLIP (Radford et al. 2021, figure 3), trained on the
training posts of the data set at hand. They know what those posts show and say, and nothing else: this is
not CLIP, which has seen 400 million pairs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from baselines.networks.tensors import device

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from baselines.networks.clip import Heads
    from baselines.networks.towers import Tower
    from baselines.parts.kept import Kept, Learnt

    Features = NDArray[np.float16]
    Pairs = tuple[Tensor, Tensor]

FEWEST_PAIRS = 64
WIDTH = 64
"""Of the space that both are projected into."""
BATCH = 128
"""Pairs: each text is told from the images of all others."""
STEPS, MOST_STEPS, PASSES = 100, 1000, 2
"""At most STEPS, or so many passes over the pairs where that is more, up to MOST_STEPS."""
LOOK_EVERY = 5
"""Steps from one look at the held-out pairs to the next."""
PATIENCE = 5
"""Looks without a better loss before it stops."""
HELD_OUT, SAMPLE = 0.1, 2048
"""Share of the pairs, the newest; at most so many."""
HELPFUL = 0.97
"""Share of a guess's loss; anything above may be luck."""
FOLDS = 3
LEARNING_RATE, SCALE_RATE = 3e-3, 0.03
"""Of the projections, and of the logarithm of the scale, which starts at 0: few pairs need a soft loss."""
WEIGHT_DECAY = 0.2
"""Radford et al. 2021, table 18."""


class Look(NamedTuple):
    """One point of the heads' curve."""

    step: int
    loss: float
    """Contrastive loss on the held-out pairs, as a share of a guess's: the logarithm of their number."""


class Alignment:
    """How well a post's image and text go together: the cosine of their projections."""

    def fit(self, image: Tower, text: Tower, x: Features, z: Features, seed: int) -> Self:
        """Learn on the newest tenth of the pairs how many steps help; then train on all for that many.

        Heads remember the pairs that they have seen: those look more alike than new ones. So the similarity
        of these pairs is out of fold, by heads that have not seen their stretch of time.

        Args:
            image, text: the towers whose features are given.
            x, z: float16 [n, d] and [n, e], image and text features of the same posts in time order.
        """
        self.towers, self.seed = (image, text), seed
        pairs = _on_device(x, z)
        rows = np.arange(len(x))
        self.curve = self._looks(pairs, rows)
        self.chosen = min(self.curve, key=lambda look: look.loss)
        self.helps: bool = self.chosen.loss < HELPFUL
        """Whether they tell held-out pairs better than a guess; if not, there are no heads."""
        if self.helps:
            parts = np.array_split(rows, FOLDS)
            self.heads = self._trained(pairs, rows)
            without = [self._trained(pairs, np.setdiff1d(rows, part)) for part in parts]
            self.out_of_fold = np.concatenate(
                [_cosines(heads, x[part], z[part]) for heads, part in zip(without, parts, strict=True)]
            )
            """float32 [n]: similarity of the pairs fitted on."""
        return self

    def similarity(self, x: Features, z: Features) -> NDArray[np.float32]:
        """float32 [n] in [-1, 1], of new pairs."""
        return _cosines(self.heads, x, z)

    def keep(self, learnt: Learnt) -> None:
        """Of heads that help."""
        from baselines.networks.weights import keep_weights

        keep_weights(self.heads, learnt)

    def restore(self, kept: Kept, image: Tower, text: Tower) -> Self:
        from baselines.networks.clip import Heads
        from baselines.networks.weights import restore_weights

        self.towers, self.helps = (image, text), True
        heads = Heads(image.scaling(), text.scaling(), WIDTH)
        restore_weights(heads, kept)
        self.heads = heads.to(device())
        return self

    def _looks(self, pairs: Pairs, rows: NDArray[np.int64]) -> list[Look]:
        """Train on all but the newest pairs, and look at those in between, until that no longer helps."""
        import torch

        held = min(SAMPLE, max(2, round(len(rows) * HELD_OUT)))
        unseen = pairs[0][-held:], pairs[1][-held:]
        curve: list[Look] = []
        for step, heads in enumerate(self._steps(pairs, rows[:-held])):
            if step % LOOK_EVERY:
                continue
            with torch.inference_mode():
                curve.append(Look(step, float(_contrast(heads, *unseen)) / math.log(held)))
            best = min(curve, key=lambda look: look.loss)
            if step - best.step >= PATIENCE * LOOK_EVERY:
                break
        return curve

    def _trained(self, pairs: Pairs, rows: NDArray[np.int64]) -> Heads:
        return next(islice(self._steps(pairs, rows), self.chosen.step, None))

    def _steps(self, pairs: Pairs, rows: NDArray[np.int64]) -> Iterator[Heads]:
        """The same heads after 0, 1, ... steps."""
        import torch

        from baselines.networks.clip import Heads

        torch.manual_seed(self.seed)
        image, text = (tower.scaling() for tower in self.towers)
        heads = Heads(image, text, WIDTH).to(device())
        optimizer = torch.optim.AdamW(
            [
                {"params": [heads.image[1].weight, heads.text[1].weight], "weight_decay": WEIGHT_DECAY},
                {"params": [heads.log_scale], "lr": SCALE_RATE, "weight_decay": 0.0},
            ],
            LEARNING_RATE,
        )
        batches = _batches(rows, self.seed)
        yield heads
        for _ in range(min(MOST_STEPS, max(STEPS, PASSES * len(rows) // BATCH))):
            chosen = next(batches)
            loss = _contrast(heads, pairs[0][chosen], pairs[1][chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield heads


def cosine(x: Features, z: Features) -> NDArray[np.float32]:
    """float32 [n] in [-1, 1]: of vectors that an encoder has aligned already."""
    lengths = np.linalg.norm(x.astype(np.float32), axis=1) * np.linalg.norm(z.astype(np.float32), axis=1)
    products = np.einsum("nd,nd->n", x, z, dtype=np.float32)
    found: NDArray[np.float32] = products / np.maximum(lengths, 1e-6)
    return found


def _batches(rows: NDArray[np.int64], seed: int) -> Iterator[Tensor]:
    """Pass by pass in another order. Equal batches: the loss of a small rest would be an easier one."""
    import torch

    rng = np.random.default_rng(seed)
    while True:
        for part in np.array_split(rng.permutation(rows), max(1, round(len(rows) / BATCH))):
            yield torch.from_numpy(part).to(device())


def _on_device(x: Features, z: Features) -> Pairs:
    import torch

    return torch.from_numpy(x).to(device()), torch.from_numpy(z).to(device())


def _cosines(heads: Heads, x: Features, z: Features) -> NDArray[np.float32]:
    import torch

    found = [np.zeros(0, np.float32)]
    with torch.inference_mode():
        for start in range(0, len(x), SAMPLE):
            image, text, _ = heads(*_on_device(x[start : start + SAMPLE], z[start : start + SAMPLE]))
            found.append((image * text).sum(dim=1).cpu().numpy())
    return np.concatenate(found)


def _contrast(heads: Heads, x: Tensor, z: Tensor) -> Tensor:
    loss: Tensor = _clip_loss()(*heads(x, z))
    return loss


@cache
def _clip_loss() -> nn.Module:
    """`open_clip.ClipLoss`, from its own file: importing the package would load every model of it for 9 s."""
    package = find_spec("open_clip")
    if package is None or not package.submodule_search_locations:
        raise ImportError("package open_clip is not installed: the heads are trained with its ClipLoss")
    spec = spec_from_file_location("open_clip_loss", Path(package.submodule_search_locations[0], "loss.py"))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    loss: nn.Module = module.ClipLoss()
    return loss
