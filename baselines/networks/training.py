"""The training loop of every network: early stopping on a chronological holdout, then anew on all posts.

A network predicts the label less the account's recent level, or the chance of an event. How many epochs it
needs is learned on the holdout of the training posts, under the rules of the protocol; the weights that
predict are then trained afresh on all training posts for that many. No test post comes near either.
"""

from __future__ import annotations

import copy
import time
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from baselines.beside.told import Beside
from baselines.networks.targets import LEVELS, Asked, LogOdds, TargetScale
from baselines.parts.aims import Chance, aim_of
from baselines.parts.holdout import HOLDOUT
from baselines.parts.keeping import Keeping
from benchmark import Array, Posts
from benchmark.baseline import defaults
from benchmark.errors import BaselineError

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor, nn

    from baselines.parts.kept import Kept, Learnt

PREDICT_BATCH = 4096
STEPS = 2000
"""At most in an epoch: batches of large data are larger."""
AVERAGING = 0.99
"""Of the weights, a step: the averaged ones predict. Polyak and Juditsky 1992."""
LOOKED_AT = 1000
"""Posts of the holdout that plots are made from."""
CLIP = 1.0
"""Largest norm of a gradient."""


class Tensors:
    """What a network reads of n posts, as plain tensors; a batch is gathered by index.

    `own` tensors have a row a post. `shared` ones are looked up: `index` [n, k] names their rows, so that a
    post which is the past of a hundred others is held once.
    """

    def __init__(
        self,
        own: Mapping[str, np.ndarray],
        shared: Mapping[str, np.ndarray] | None = None,
        index: np.ndarray | None = None,
    ) -> None:
        import torch

        where = device()
        self.own = {name: torch.from_numpy(array).to(where) for name, array in own.items()}
        self.shared = {name: torch.from_numpy(array).to(where) for name, array in (shared or {}).items()}
        self.index = None if index is None else torch.from_numpy(index).to(where)

    def width(self, name: str) -> int:
        """Size of the last axis of a tensor."""
        return self.widths[name]

    @property
    def widths(self) -> dict[str, int]:
        """Of each tensor."""
        return {name: tensor.shape[-1] for name, tensor in (self.own | self.shared).items()}

    def batch(self, rows: Tensor) -> dict[str, Tensor]:
        """name -> [b, ...]; of shared tensors [b, k, ...]"""
        found = {name: tensor[rows] for name, tensor in self.own.items()}
        if self.index is not None:
            places = self.index[rows]
            found |= {name: tensor[places] for name, tensor in self.shared.items()}
        return found


class Epoch(NamedTuple):
    """One point of the learning curve."""

    train_loss: float
    check_error: float
    """On the scoring scale, mean over targets: the MAE, or the log loss of events."""


class Rehearsal(NamedTuple):
    """The network that stopped early, and a sample of the holdout as it reads it: to be looked into."""

    net: nn.Module
    batch: dict[str, Tensor]
    names: list[str]
    """Of the columns of its numbers."""
    base: Array
    y: Array


class TorchBaseline(Keeping):
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
    epochs: int = 40
    """At most: the holdout decides. 0 of them is the recent level itself, or the rate of events."""
    patience: int = 10
    """Epochs without a better holdout before it stops."""
    batch: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    loss: str = "mae"
    """mae, mse, huber or quantile; events have their log loss, and these in their row by excess."""
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

    def relative(self, posts: Posts, k: int, base: Array) -> Array:
        """float32 [n, k, targets]: see `Aim.steps`."""
        found: Array = self.aim.steps(posts, k, base) / self.scale.spread
        return found

    @property
    def quantiles(self) -> tuple[float, ...]:  # type: ignore[override]
        return LEVELS if self.loss == "quantile" else ()

    def fit(self, train: Posts, y: Array) -> None:
        if train.kind == "event":
            self._refuse_losses()
        held = train.holdout(HOLDOUT)
        check, truth = held.check, y[held.check_rows]
        self._train(held.fit, y[held.fit_rows], self.epochs, (check, truth))
        self._train(train, y, self.chosen)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.aim.add(posts, y)
        self.told.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        base = self.aim.base(posts)
        return self._predicted(self.tensors(posts, base), base)

    def artefacts(self, folder: Path) -> None:
        from baselines.parts.plots import learning_curve

        curves = {"holdout": [epoch.check_error for epoch in self.curve[1:]]}
        ylabel = f"{self.aim.error.name} on the holdout"
        learning_curve(folder / "learning_curve.png", curves, self.chosen, "epoch", ylabel=ylabel)
        self._draw_importance(folder)

    def _draw_importance(self, folder: Path) -> None:
        from baselines.parts.importance import permutation_importance
        from baselines.parts.plots import bars

        net, batch, names, base, y = self.rehearsal

        def predict(changed: Mapping[str, Tensor]) -> Array:
            return _middle(self._outcome(net, [changed], base))

        error = self.aim.error
        found = permutation_importance(batch, names, predict, y, self.seed, error)
        lines = [f"input,{error.key}_growth", *(f"{name},{growth:.6g}" for name, growth in found.items())]
        (folder / "importance.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        title = "What the error owes to each input"
        told = f"growth of {error.name} when shuffled"
        bars(folder / "importance.png", list(found), list(found.values()), title, told)

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

    def _train(self, posts: Posts, y: Array, epochs: int, check: tuple[Posts, Array] | None = None) -> None:
        """Train afresh. With posts to check on: stop early, keep curve, choice and validation predictions."""
        passes = self._passes(*self._begin(posts, y), epochs)
        if check is None:
            for _ in passes:
                pass
        else:
            self._stop_early(passes, *check)

    def _begin(self, posts: Posts, y: Array) -> tuple[Tensors, Tensor]:
        """Aim, scale, inputs and an untrained network; what it reads of the posts, and learns of them."""
        import torch

        torch.manual_seed(self.seed)
        torch.use_deterministic_algorithms(True, warn_only=True)
        self.aim = aim_of(posts, history=True, level=self.level).fit(posts, y)
        self.told = Beside(self.beside).fit(posts, y)
        base = self.aim.of_training
        self.scale = self._asked(posts).fit(y, base)
        self.learn(posts, self.aim.hints)
        read = self.tensors(posts, base, fitted_on=True)
        self.widths = read.widths
        torch.manual_seed(self.seed)  # variants that `learn` differently start from the same weights
        self.net = self.network(y.shape[1] * max(1, len(self.quantiles)), read).to(device())
        return read, torch.from_numpy(self.scale.scaled(y, base)).to(device())

    def _stop_early(self, passes: Iterator[float], check: Posts, y: Array) -> None:
        import torch

        base = self.aim.base(check)
        read = self.tensors(check, base)
        self.curve = []
        began = time.perf_counter()
        for done, train_loss in enumerate(passes):
            middle = _middle(self._predicted(read, base))
            self.curve.append(Epoch(train_loss, self.aim.error(middle, y)))
            # Untrained, the middle is the base itself, but there are no quantiles yet.
            first = 1 if self.quantiles else 0
            errors = [epoch.check_error for epoch in self.curve[first:]]
            self.chosen = first + int(np.argmin(errors)) if errors else 0
            if self.chosen == done:
                self.validation, best = middle, copy.deepcopy(self.net)
            left = (time.perf_counter() - began) / max(done, 1) * (self.epochs - done)
            print(f"epoch {done}: {self.curve[-1]}, at most {left:.0f} s left", flush=True)
            if done - self.chosen >= self.patience:
                break
        some = np.linspace(0, len(y) - 1, min(LOOKED_AT, len(y))).astype(np.int64)
        batch = read.batch(torch.from_numpy(some).to(device()))
        self.rehearsal = Rehearsal(best, batch, self.names(), base[some], y[some])

    def _passes(self, read: Tensors, label: Tensor, epochs: int) -> Iterator[float]:
        """Train epoch by epoch; yields the mean loss, first of all NaN before any step.

        The network's own weights are stepped; `self.net` holds their running average, which predicts.
        """
        import torch

        size = max(self.batch, -(-len(label) // STEPS))
        stepped = copy.deepcopy(self.net)
        optimizer = torch.optim.AdamW(
            stepped.parameters(), self.learning_rate, weight_decay=self.weight_decay, fused=True
        )
        loss_of = self.scale.loss(self.loss)
        average: list[Tensor] = list(self.net.parameters())
        current: list[Tensor] = list(stepped.parameters())
        shuffled = torch.Generator().manual_seed(self.seed)
        steps = 0
        yield float("nan")
        for _ in range(epochs):
            losses = []
            stepped.train()
            for rows in torch.randperm(len(label), generator=shuffled).to(label.device).split(size):
                loss = loss_of(self._shaped(stepped(read.batch(rows)), label.shape[1]), label[rows])
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(current, CLIP)
                optimizer.step()
                steps += 1
                with torch.no_grad():  # at first the average is over few steps
                    torch._foreach_lerp_(average, current, 1 - min(AVERAGING, steps / (steps + 10)))
                losses.append(loss.detach())
            yield float(torch.stack(losses).mean())

    def _predicted(self, read: Tensors, base: Array) -> Array:
        """float32 [n, targets], or [n, targets, quantiles]"""
        import torch

        parts = torch.arange(len(base), device=device()).split(PREDICT_BATCH)
        return self._outcome(self.net, (read.batch(rows) for rows in parts), base)

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
        learnt.tell("widths", self.widths)
        keep_weights(self.net, learnt.part("network"))

    def restore(self, kept: Kept, known: Posts, y: Array) -> None:
        from baselines.networks.weights import restore_weights

        self.aim = aim_of(known, history=True, level=self.level).restore(kept, known, y)
        self.told = Beside(self.beside).restore(kept.part("beside"), known)
        self.scale = self._asked(known).restore(kept.part("scale"), y.shape[1])
        self.restore_inputs(kept.part("inputs"), known)
        widths = kept.told("widths", dict)
        read = Tensors({name: np.zeros((0, width), np.float32) for name, width in widths.items()})
        self.net = self.network(y.shape[1] * max(1, len(self.quantiles)), read)
        restore_weights(self.net, kept.part("network"))
        self.net.to(device())

    def keep_inputs(self, learnt: Learnt) -> None:
        """Put what `learn` has learnt. A network that reads features of earlier posts has `keeps = False`:
        they are not there when it is loaded."""
        raise NotImplementedError

    def restore_inputs(self, kept: Kept, known: Posts) -> None:
        raise NotImplementedError


def _middle(predicted: Array) -> Array:
    """[n, targets]: of quantiles the median."""
    return predicted[:, :, predicted.shape[2] // 2] if predicted.ndim == 3 else predicted


def device() -> str:
    """Where networks are trained: a GPU if there is one."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
