from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from baselines.networks.inputs import Inputs, Numbers
from baselines.networks.modalities import METADATA
from baselines.networks.tensors import Tensors
from baselines.networks.training import TorchBaseline
from benchmark import Array, Posts

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from baselines.networks.alignment import Alignment
    from baselines.parts.kept import Kept, Learnt


class CLIPAdapter(TorchBaseline):
    """CLIP-Adapter on frozen image and text features and their similarity, beside metadata and history.

    Gao et al. 2021, with a regression head, beside a linear probe: both correct the recent level. Image and
    text are compared in CLIP's space where both encoders are CLIP's; otherwise in one that CLIP-style heads
    learn from the training posts alone, and only if they learn to tell whose text goes with an image.
    """

    keeps = True
    without = {"image": "a text adapter"}
    variants = {
        "adapter": {},
        "linear_probe": {"head": "linear"},
        "no_alignment": {"alignment": False},
    }

    inputs: tuple[str, ...] = ("text", "image")
    """What is read, if the data have it; the first of them they must have."""
    head: str = "adapter"
    """adapter, or linear: the linear probe alone, without what the adapters add to it."""
    alignment: bool = True
    """Whether the similarity of image and text is read."""
    reduction: int = 4
    """How many times narrower a bottleneck is than its features."""
    ratio: float = 0.2
    """Share of what the bottleneck makes of the features, against the frozen features themselves."""
    width: int = 64
    dropout: float = 0.3

    def required(self) -> Set[str]:
        # Without images there is nothing to align: a row that leaves it out would be the adapter's once more.
        return set(self.inputs if not self.alignment else self.inputs[:1])

    def wanted(self) -> Set[str]:
        # CLIP's text tower goes with CLIP's image tower; a profile without it is none the worse.
        both = {"text", "image"} <= set(self.inputs)
        return {*self.inputs, "clip_text"} if both else set(self.inputs)

    def learn(self, posts: Posts, residual: Array) -> None:
        from baselines.networks.towers import FEWEST, Tower

        self.metadata = Inputs((), 0, self.aim.past).fit(posts, residual, self.seed)
        self.aligned = "image" in self.inputs and posts.has("image") and posts.has("clip_text")
        encodings = [
            "clip_text" if encoding == "text" and self.aligned else encoding for encoding in self.inputs
        ]
        self.towers = {
            encoding: Tower(encoding).fit(posts, residual, self.seed)
            for encoding in encodings
            if posts.has(encoding) and posts.encoded(encoding).sum() >= FEWEST
        }
        self.heads = self._learn_alignment(posts)
        self.similarity = Numbers().fit(self._similarity(posts, fitted_on=True), self.seed)

    def tensors(self, posts: Posts, base: Array, *, fitted_on: bool = False) -> Tensors:
        found: dict[str, NDArray[Any]] = dict(self.metadata.tensors(posts, fitted_on=fitted_on))
        numbers = [found["numbers"], self.similarity.of(self._similarity(posts, fitted_on=fitted_on))]
        for encoding, tower in self.towers.items():
            found[encoding], found[f"{encoding}_there"], scores = tower.read(posts, fitted_on=fitted_on)
            numbers.append(scores)
        return Tensors(found | {"numbers": np.hstack(numbers).astype(np.float32)})

    def network(self, outputs: int, read: Tensors) -> nn.Module:
        from baselines.networks.clip import Adapter, CLIPAdapterNetwork, LinearProbe
        from baselines.networks.layers import Entry, head

        widths = {encoding: read.width(encoding) for encoding in self.towers}
        shape = read.width("numbers"), self.metadata.shape[1], sum(widths.values())
        scalings = {encoding: tower.scaling() for encoding, tower in self.towers.items()}
        probe = LinearProbe(scalings, Entry(*shape, outputs, self.dropout))
        if self.head == "linear":
            return probe
        adapters = {
            encoding: Adapter(width, self.reduction, self.ratio) for encoding, width in widths.items()
        }
        top = head(self.width, self.width, outputs, self.dropout)
        return CLIPAdapterNetwork(probe, adapters, Entry(*shape, self.width, self.dropout), top)

    def names(self) -> list[str]:
        gaps = [f"{name} missing" for name in self.similarity.gaps]
        return [*self.metadata.names, *self.similarity.names, *gaps]

    def artefacts(self, folder: Path) -> None:
        from baselines.networks import modalities as look

        super().artefacts(folder)
        net, batch, _, base, y = self.rehearsal

        def predict(changed: Mapping[str, Tensor]) -> Array:
            outcome = self._outcome(net, [changed], base)
            return outcome[:, :, outcome.shape[2] // 2] if outcome.ndim == 3 else outcome

        look.draw_shares(folder, batch, self.rehearsed_columns, predict, y, self.aim.error)
        if self.head == "adapter":
            look.write_adapters(folder / "adapters.json", net.first, self.ratio, batch)
        if self.heads is not None:
            steps = self.heads.chosen.step if self.heads.helps else 0
            look.draw_alignment(folder, self.heads.curve, steps)
        if own := self.rehearsed_columns.get("similarity"):
            both = (batch["image_there"] * batch["clip_text_there" if self.aligned else "text_there"])[
                :, 0
            ] > 0
            similarity = batch["numbers"][both, own.start].cpu().numpy()
            told = "share of events" if self.event else "label less recent level"
            look.draw_similarity(folder, similarity, (y - base)[both.cpu().numpy()], self.target_names, told)

    def _stop_early(self, passes: Iterator[float], check: Posts, y: Array) -> None:
        super()._stop_early(passes, check, y)
        # What is learnt anew on all training posts may read other columns than the rehearsal has.
        own = {METADATA: self.metadata.shape[0], "similarity": self.similarity.width}
        widths = {**own, **dict.fromkeys(self.towers, self.aim.hinted(y.shape[1]))}
        ends = dict(zip(widths, accumulate(widths.values()), strict=True))
        columns = {name: range(end - widths[name], end) for name, end in ends.items()}
        self.rehearsed_columns = {name: some for name, some in columns.items() if some}
        self.target_names = check.targets

    def _learn_alignment(self, posts: Posts) -> Alignment | None:
        """Heads trained on posts with image and text; None where not asked for, not needed, or of no help."""
        if not self.alignment or self.aligned or not {"image", "text"} <= self.towers.keys():
            return None
        from baselines.networks.alignment import FEWEST_PAIRS, Alignment

        both, (image, text) = self._pairs(posts)
        if both.sum() < FEWEST_PAIRS:
            return None
        return Alignment().fit(self.towers["image"], self.towers["text"], image, text, self.seed)

    def _similarity(self, posts: Posts, *, fitted_on: bool = False) -> pd.DataFrame:
        """A column `image-text similarity` [n], NaN where a post lacks one of them; or no column."""
        import pandas as pd

        from baselines.networks.alignment import cosine

        learnt = self.heads is not None and self.heads.helps
        if not (learnt or (self.aligned and self.alignment)):
            return pd.DataFrame(index=range(len(posts)))
        both, features = self._pairs(posts)
        column = np.full(len(posts), np.nan, np.float32)
        if self.heads is None:
            column[both] = cosine(*features)
        else:
            column[both] = self.heads.out_of_fold if fitted_on else self.heads.similarity(*features)
        return pd.DataFrame({"image-text similarity": column})

    def _pairs(self, posts: Posts) -> tuple[NDArray[np.bool_], list[NDArray[np.float16]]]:
        """bool [n]: which posts have image and text; and the features of those, float16 [m, d] and [m, e]."""
        encodings = "image", "clip_text" if self.aligned else "text"
        both = posts.encoded(encodings[0]) & posts.encoded(encodings[1])
        some = posts.take(np.flatnonzero(both))
        return both, [some.encode(encoding).astype(np.float16) for encoding in encodings]

    def keep_inputs(self, learnt: Learnt) -> None:
        self.metadata.keep(learnt.part("metadata"))
        self.similarity.keep(learnt.part("similarity"))
        learnt.tell("aligned", self.aligned)
        learnt.tell("towers", [*self.towers])
        for encoding, tower in self.towers.items():
            tower.keep(learnt.part(encoding))
        heads = self.heads if self.heads is not None and self.heads.helps else None
        learnt.tell("heads", heads is not None)
        if heads is not None:
            heads.keep(learnt.part("heads"))

    def restore_inputs(self, kept: Kept, known: Posts) -> None:
        from baselines.networks.alignment import Alignment
        from baselines.networks.towers import Tower

        targets = self.aim.hinted(len(known.targets))
        self.metadata = Inputs((), 0, self.aim.past).restore(kept.part("metadata"), targets)
        self.similarity = Numbers().restore(kept.part("similarity"))
        self.aligned = kept.told("aligned", bool)
        self.towers = {
            encoding: Tower(encoding).restore(kept.part(encoding), targets)
            for encoding in kept.all_told("towers", str)
        }
        self.heads = None
        if kept.told("heads", bool):
            both = self.towers["image"], self.towers["text"]
            self.heads = Alignment().restore(kept.part("heads"), *both)
