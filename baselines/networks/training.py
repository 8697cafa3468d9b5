"""The training loop of every network: early stopping on a chronological holdout, then anew on all posts.

A network predicts the label less the account's recent level, or the chance of an event. How many epochs it
needs is learned on the holdout of the training posts, under the rules of the protocol; the weights that
predict are then trained afresh on all training posts for that many. No test post comes near either.
"""

from __future__ import annotations

import copy
import time
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from baselines.beside.told import Beside
from baselines.networks.passes import Pace, passes
from baselines.networks.rehearsal import Rehearsal, draw_importance, middle_of
from baselines.networks.targets import LEVELS, Asked, LogOdds, TargetScale
from baselines.networks.tensors import Lesson, Tensors, device
from baselines.parts.aims import Chance, aim_of
from baselines.parts.conformal import Bands
from baselines.parts.holdout import HOLDOUT
from baselines.parts.keeping import Keeping
from baselines.parts.rehearsing import Rehearsing
from baselines.parts.staleness import stale
from benchmark import Array, Posts
from benchmark.baseline import defaults
from benchmark.errors import BaselineError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from baselines.networks.members import Members
    from baselines.parts.kept import Kept, Learnt
    from benchmark.history import Told

PREDICT_BATCH = 4096
CHECKED = 10_000
"""Posts of the holdout, at most, on which an epoch is judged, evenly spread over it."""
LOOKED_AT = 1000
"""Posts of the holdout that plots are made from."""
SEEDS_APART = 1_000_003
"""Of the members of one cell: more than anyone has cells."""


class Epoch(NamedTuple):
    """One point of the learning curve."""

    train_loss: float
    check_error: float
    """On the scoring scale, mean over targets: the MAE, or the log loss of events."""


class TorchBaseline(Rehearsing, Keeping):
    """A network around the recent level, or of the chance of events, by their log loss.

    A subclass says what it reads and how it is built.
    """

    family = "network"
    answers = {"regression", "event"}
    preload: ClassVar[tuple[str, ...]] = (
        "torch",
        # `use_deterministic_algorithms` loads it, and with it half of sympy: seconds of every cell.
        "torch._inductor.config",
        "sklearn.decomposition",
        "sklearn.preprocessing",
        "matplotlib.figure",
        "matplotlib.backends.backend_agg",
    )

    beside: ClassVar[tuple[str, ...]] = ()
    """What else it is told: see `baselines.beside.told`. A setting of those that read no earlier posts."""
    members: int = 1
    """Trainings from seeds of their own, whose outputs are averaged."""
    cut_offs: int = 0
    """How many times training posts are set back to staler moments, epochs taking turns, if that errs less
    on the holdout: see `baselines.parts.staleness`. 0: it is not tried."""
    epochs: int = 40
    """At most: the holdout decides. 0 of them is the recent level itself, or the rate of events."""
    patience: int = 10
    """Epochs without a better holdout before it stops."""
    batch: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    loss: str = "mae"
    """mae, mse, huber or quantile; events have their log loss, and these in their row by excess."""
    conformal: bool = True
    """Whether quantiles are moved until they hold their share: see `baselines.parts.conformal`."""
    scaling: str = "log"
    """Of the target: log (the scoring scale) or robust (the count itself)."""
    level: bool = True
    """Whether the account's recent level is corrected. Without, the past is told and the label itself is
    learnt: an arm of the study, which shows what the correction is worth."""

    @abstractmethod
    def learn(self, posts: Posts, residual: Array) -> None:
        """Fit what turns posts into tensors.

        Args:
            residual: float32 [n, h], what embeddings are to say: the label less the recent level, a column a
                target, or the hints of `Chance`.
        """

    @abstractmethod
    def tensors(self, posts: Posts, base: Array, *, fitted_on: bool = False) -> Tensors:
        """What the network reads.

        Args:
            base: float32 [n, targets], the recent level of each post; of events zeros.
            fitted_on: these are the posts that `learn` saw.
        """

    @abstractmethod
    def network(self, outputs: int, read: Tensors) -> nn.Module:
        """A module from a batch (name -> tensor), as `read` gives them, to [b, outputs]."""

    def names(self) -> list[str]:
        """Of the columns of the tensor `numbers`, for the plots; scores of embeddings come after them."""
        return []

    def past(self, posts: Posts) -> pd.DataFrame | None:
        """[n, p]: what is told of the account's past, and of what else it is told."""
        past = self.aim.past(posts)
        return past if past is None else self.told.joined(past, posts)

    @property
    def event(self) -> bool:
        """Whether it has learnt, or loaded, the chance of an event."""
        return isinstance(self.aim, Chance)

    def steps(self, posts: Posts, k: int, base: Array) -> Told:
        """See `Aim.steps`; labels in units of the target's spread."""
        found = self.aim.steps(posts, k, base)
        return replace(found, labels=found.labels / self.scale.spread)

    @property
    def quantiles(self) -> tuple[float, ...]:  # type: ignore[override]
        return LEVELS if self.loss == "quantile" else ()

    @property
    def banded(self) -> bool:
        """Whether its quantiles are moved."""
        return self.conformal and bool(self.quantiles)

    def rehearse(self, train: Posts, y: Array) -> Array:
        if train.kind == "event":
            self._refuse_losses()
        held = train.holdout(HOLDOUT)
        self._rehearse(held.fit, y[held.fit_rows], held.check, y[held.check_rows])
        return self.validation

    def conclude(self, train: Posts, y: Array) -> None:
        self._train(train, y, self.chosen, set_back=self.set_back)

    def reveal(self, posts: Posts, y: Array) -> None:
        if self.banded:
            # They are as of the moments at which they were predicted: what is said of them is what was said.
            base = self.aim.base(posts)
            self.bands.add(self._predicted(self.tensors(posts, base), base), y)
        self.aim.add(posts, y)
        self.told.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        base = self.aim.base(posts)
        return self._answered(self.tensors(posts, base), base)

    def artefacts(self, folder: Path) -> None:
        from baselines.parts.plots import learning_curve

        curves = {"holdout": [epoch.check_error for epoch in self.curve[1:]]}
        ylabel = f"{self.aim.error.name} on the holdout"
        learning_curve(folder / "learning_curve.png", curves, self.chosen, "epoch", ylabel=ylabel)
        draw_importance(
            folder,
            self.rehearsal,
            lambda net, batch, base: middle_of(self._outcome(net, [batch], base)),
            self.aim.error,
            self.seed,
        )

    def _refuse_losses(self) -> None:
        """A row of events that differs in a loss which they do not have would be another one once more."""
        usual = defaults(type(self))
        for name in ("loss", "scaling", "level"):
            if (value := getattr(self, name)) != usual[name]:
                raise BaselineError(
                    f"{name}={value}: in a task of events a network learns by their log loss, and no other. "
                    "Leave the setting out; or, where events are derived of engagement, ask for the row by "
                    f"excess, which is a regression's: `{name}={value},excess`"
                )

    def _asked(self, posts: Posts) -> Asked:
        return LogOdds() if posts.kind == "event" else TargetScale(self.scaling, posts.scales)

    def _rehearse(self, posts: Posts, y: Array, check: Posts, truth: Array) -> None:
        """Choose epochs, and whether posts are set back, by what errs less on the posts to check on."""
        tried = []
        possible = self.cut_offs > 0 and len(stale(posts, self.cut_offs, self.seed)) > 1
        for count in [0, self.cut_offs] if possible else [0]:
            self.set_back: int = count
            self._train(posts, y, self.epochs, (check, truth), count)
            tried.append((self.aim.error(self.validation, truth), dict(vars(self))))
            print(f"set back {count} times: {tried[-1][0]:.4f}", flush=True)
        vars(self).update(min(tried, key=lambda one: one[0])[1])

    def _train(
        self,
        posts: Posts,
        y: Array,
        epochs: int,
        check: tuple[Posts, Array] | None = None,
        set_back: int = 0,
    ) -> None:
        """Train afresh. With posts to check on: stop early, keep curve, choice and validation predictions."""
        passes = self._passes(self._begin(posts, y, set_back), epochs)
        if check is None:
            for _ in passes:
                pass
        else:
            self._stop_early(passes, *check)

    def _begin(self, posts: Posts, y: Array, set_back: int = 0) -> list[Lesson]:
        """Aim, scale, inputs and untrained networks; what they read of the posts, and learn of them."""
        import torch

        torch.manual_seed(self.seed)
        torch.use_deterministic_algorithms(True, warn_only=True)
        versions = stale(posts, set_back, self.seed)
        self.aim = aim_of(posts, history=True, level=self.level).fit(posts, y)
        self.told = Beside(self.beside).fit(posts, y)
        self.scale = self._asked(posts).fit(y, self.aim.found(versions[0], y))
        # What content says is learnt around the level of the day, and not around one that has drifted since.
        self.learn(versions[0], self.aim.hints)
        lessons = [self._lesson(version, y) for version in versions]
        self.widths = lessons[0].read.widths
        self.net = self._built(y.shape[1], lessons[0].read)
        return lessons

    def _lesson(self, posts: Posts, y: Array) -> Lesson:
        import torch

        base = self.aim.found(posts, y)
        label = torch.from_numpy(self.scale.scaled(y, base)).to(device())
        return Lesson(self.tensors(posts, base, fitted_on=True), label)

    def _built(self, targets: int, read: Tensors) -> Members:
        import torch

        from baselines.networks.members import Members

        nets = []
        for seed in self._seeds():  # variants that `learn` differently start from the same weights
            torch.manual_seed(seed)
            nets.append(self.network(targets * max(1, len(self.quantiles)), read))
        return Members(nets).to(device())

    def _seeds(self) -> list[int]:
        """Of the members: the cell's own, and others that no cell has."""
        return [self.seed + SEEDS_APART * i for i in range(self.members)]

    def _stop_early(self, passes: Iterator[float], check: Posts, y: Array) -> None:
        import torch

        base = self.aim.base(check)
        read = self.tensors(check, base)
        some = _spread(len(y), CHECKED)
        self.curve = []
        began = time.perf_counter()
        for done, train_loss in enumerate(passes):
            middle = middle_of(self._outcome(self.net, self._batches(read, some), base[some]))
            self.curve.append(Epoch(train_loss, self.aim.error(middle, y[some])))
            # Untrained, the middle is the base itself, but there are no quantiles yet.
            first = 1 if self.quantiles else 0
            errors = [epoch.check_error for epoch in self.curve[first:]]
            self.chosen = first + int(np.argmin(errors)) if errors else 0
            if self.chosen == done:
                best = copy.deepcopy(self.net)
            left = (time.perf_counter() - began) / max(done, 1) * (self.epochs - done)
            print(f"epoch {done}: {self.curve[-1]}, at most {left:.0f} s left", flush=True)
            if done - self.chosen >= self.patience:
                break
        held_out = self._outcome(best, self._batches(read, np.arange(len(y))), base)
        self.validation = middle_of(held_out)
        if self.banded:
            self.bands = Bands(self.quantiles).fit(held_out, y)
        some = _spread(len(y), LOOKED_AT)
        batch = read.batch(torch.from_numpy(some).to(device()))
        self.rehearsal = Rehearsal(best, batch, self.names(), base[some], y[some])

    def _passes(self, lessons: Sequence[Lesson], epochs: int) -> Iterator[float]:
        """Train epoch by epoch, all members; yields the mean loss, first of all NaN before any step."""
        loss_of = self.scale.loss(self.loss)

        def loss(output: Tensor, label: Tensor) -> Tensor:
            return loss_of(self._shaped(output, label.shape[1]), label)

        pace = Pace(epochs, self.batch, self.learning_rate, self.weight_decay)
        members = zip(self.net.each, self._seeds(), strict=True)
        each = [passes(net, seed, lessons, loss, pace) for net, seed in members]
        for losses in zip(*each, strict=True):
            yield float(np.mean(losses))

    def _answered(self, read: Tensors, base: Array) -> Array:
        """float32 [n, targets], or [n, targets, quantiles]: what is predicted in the end."""
        predicted = self._predicted(read, base)
        return self.bands.of(predicted) if self.banded else predicted

    def _predicted(self, read: Tensors, base: Array) -> Array:
        """The same, as the network has it."""
        return self._outcome(self.net, self._batches(read, np.arange(len(base))), base)

    def _batches(self, read: Tensors, rows: NDArray[np.int64]) -> Iterator[Mapping[str, Tensor]]:
        import torch

        return (read.batch(part) for part in torch.from_numpy(rows).to(device()).split(PREDICT_BATCH))

    def _outcome(self, net: nn.Module, batches: Iterable[Mapping[str, Tensor]], base: Array) -> Array:
        import torch

        net.eval()
        with torch.inference_mode():
            found = [self._shaped(net(batch), base.shape[1]) for batch in batches]
            output = torch.cat(found).float().cpu().numpy()
        if output.ndim == 3:  # sorting never makes a quantile worse: Chernozhukov et al. 2010
            output.sort(axis=2)
        return self.scale.label(output, base)

    def _shaped(self, output: Tensor, targets: int) -> Tensor:
        return output.view(len(output), targets, len(self.quantiles)) if self.quantiles else output

    def keep(self, learnt: Learnt) -> None:
        from baselines.networks.weights import keep_weights

        self.aim.keep(learnt)
        self.told.keep(learnt.part("beside"))
        self.scale.keep(learnt.part("scale"))
        self.keep_inputs(learnt.part("inputs"))
        if self.banded:
            self.bands.keep(learnt.part("bands"))
        learnt.tell("widths", self.widths)
        keep_weights(self.net, learnt.part("network"))

    def restore(self, kept: Kept, known: Posts, y: Array) -> None:
        from baselines.networks.weights import restore_weights

        self.aim = aim_of(known, history=True, level=self.level).restore(kept, known, y)
        self.told = Beside(self.beside).restore(kept.part("beside"), known)
        self.scale = self._asked(known).restore(kept.part("scale"), y.shape[1])
        self.restore_inputs(kept.part("inputs"), known)
        if self.banded:
            self.bands = Bands(self.quantiles).restore(kept.part("bands"), y.shape[1])
        widths = kept.told("widths", dict)
        read = Tensors({name: np.zeros((0, width), np.float32) for name, width in widths.items()})
        self.net = self._built(y.shape[1], read).cpu()
        restore_weights(self.net, kept.part("network"))
        self.net.to(device())

    def keep_inputs(self, learnt: Learnt) -> None:
        """Put what `learn` has learnt. A network that reads features of earlier posts has `keeps = False`:
        they are not there when it is loaded."""
        raise NotImplementedError

    def restore_inputs(self, kept: Kept, known: Posts) -> None:
        raise NotImplementedError


def _spread(n: int, most: int) -> NDArray[np.int64]:
    """Rows of n, all or so many, evenly spread."""
    return np.linspace(0, n - 1, min(most, n)).astype(np.int64)
