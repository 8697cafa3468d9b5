"""What feeding plain tensors to the Temporal Fusion Transformer saves, on generated sequences.

    python -m tools.tft_throughput [--posts N] [--threads N]

Trains a network of one size on the same columns in two ways, both end to end: as the baseline does, and with
`pytorch_forecasting`'s own loader (`TimeSeriesDataSet.to_dataloader`) and module. The two take turns, so that
whatever else the machine does meanwhile slows both.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from baselines.networks.passes import EPOCH
from baselines.networks.targets import LEVELS
from baselines.networks.tensors import Lesson, Tensors, device
from baselines.temporal_fusion_transformer import TemporalFusionTransformer

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

FULL_SIZE, ACCOUNTS = 305_613, 70_000
"""Training posts and accounts of the SMPD image track."""
ACCOUNT = [f"account_{i}" for i in range(6)]
CONTENT = ["days_before", *(f"text_{i}" for i in range(8)), *(f"number_{i}" for i in range(6))]
"""Known of every post; 8 of them are components of its embeddings."""
REVEALED = ["label", "label_known", "exists"]
"""Of earlier posts alone."""
TURNS = 4


def main() -> None:
    """Posts a second either way, their ratio, and what that makes for a pass at full size."""
    import torch

    options = argparse.ArgumentParser(prog="python -m tools.tft_throughput", description=main.__doc__)
    options.add_argument("--posts", type=int, default=20_000, help="trained on in each way")
    options.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    warnings.filterwarnings("ignore", "Attribute .* is an instance of `nn.Module`")  # the library's own
    model = TemporalFusionTransformer()

    plain = plain_tensors(model, _sequences(FULL_SIZE), given.posts)
    next(plain)
    peak = _peak_gb()
    library = time_series_data_set(model, _sequences(given.posts))
    next(library)
    turns = [(next(plain), next(library)) for _ in range(TURNS)]
    ours, theirs = (
        sum(turn.posts for turn in way) / sum(turn.seconds for turn in way)
        for way in zip(*turns, strict=True)
    )
    print(f"batches of {model.batch}, encoder {model.k}, hidden {model.hidden}, {given.threads} threads")
    print(f"plain tensors      {ours:8,.0f} posts/s  peak {peak:.1f} GB with {FULL_SIZE:,} posts in memory")
    print(f"TimeSeriesDataSet  {theirs:8,.0f} posts/s")
    print(f"ratio              {ours / theirs:8.2f}          aim: at least 1.8")
    print(f"a pass             {FULL_SIZE / ours:8.0f} s        aim: under 180 s, over {FULL_SIZE:,} posts")
    print(f"an epoch           {EPOCH / ours:8.0f} s        of at most {EPOCH:,} posts")


class Turn(NamedTuple):
    posts: int
    seconds: float


def plain_tensors(model: TemporalFusionTransformer, posts: pd.DataFrame, trained: int) -> Iterator[Turn]:
    """Gather, forward, backward, step, as in `fit`; the first turn is to warm up."""
    import torch

    read = _tensors(posts, model.k)
    label = torch.from_numpy(_floats(posts, ["label"])).to(device())
    model.inputs = _NoCategories()  # type: ignore[assignment]
    model.net = model._built(1, read)
    for count in [5 * model.batch] + [trained // TURNS] * TURNS:
        epoch = model._passes([Lesson(read, label[:count])], 1)
        next(epoch)
        began = time.perf_counter()
        next(epoch)
        yield Turn(count, time.perf_counter() - began)


def time_series_data_set(model: TemporalFusionTransformer, posts: pd.DataFrame) -> Iterator[Turn]:
    """The library's loader and module; the first turn is to warm up."""
    import torch
    from pytorch_forecasting import QuantileLoss, TimeSeriesDataSet
    from pytorch_forecasting import TemporalFusionTransformer as Library
    from pytorch_forecasting.data import TorchNormalizer

    data = TimeSeriesDataSet(
        posts,
        time_idx="ordinal",
        target="label",
        group_ids=["account"],
        min_encoder_length=0,
        max_encoder_length=model.k,
        max_prediction_length=1,
        static_reals=ACCOUNT,
        time_varying_known_reals=CONTENT,
        time_varying_unknown_reals=REVEALED,
        target_normalizer=TorchNormalizer(),
    )
    net = Library.from_dataset(
        data,
        hidden_size=model.hidden,
        hidden_continuous_size=model.hidden // 2,
        attention_head_size=model.heads,
        dropout=model.dropout,
        loss=QuantileLoss(list(LEVELS)),
    ).to(device())
    optimizer = torch.optim.AdamW(net.parameters(), model.learning_rate, fused=True)
    batches = iter(data.to_dataloader(train=True, batch_size=model.batch, num_workers=0))
    for steps in [5] + [(len(posts) // model.batch - 5) // TURNS] * TURNS:
        began = time.perf_counter()
        for _ in range(steps):
            x, y = next(batches)
            x = {name: value.to(device()) for name, value in x.items()}
            loss = net.loss(net(x)["prediction"], (y[0].to(device()), y[1]))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
        yield Turn(steps * model.batch, time.perf_counter() - began)


def _sequences(posts: int) -> pd.DataFrame:
    """Posts of many accounts, a few of which post very often; account by account, in time order."""
    import pandas as pd

    rng = np.random.default_rng(0)
    accounts = max(1, round(posts * ACCOUNTS / FULL_SIZE))
    counts = np.ceil(rng.lognormal(0, 1.5, accounts))
    account = np.repeat(np.arange(accounts), np.ceil(counts * posts / counts.sum()).astype(int))[:posts]
    start = np.maximum.accumulate(np.where(np.diff(account, prepend=-1) > 0, np.arange(posts), 0))
    columns = [*ACCOUNT, *CONTENT, *REVEALED]
    frame = pd.DataFrame(rng.normal(size=(posts, len(columns))).astype(np.float32), columns=columns)
    return frame.assign(account=account.astype(str), ordinal=np.arange(posts) - start)


def _tensors(posts: pd.DataFrame, k: int) -> Tensors:
    n = len(posts)
    lengths = np.minimum(posts["ordinal"].to_numpy(), k)
    there = np.arange(k) < lengths[:, None]
    index = np.where(there, np.arange(n)[:, None] - lengths[:, None] + np.arange(k), n)
    own = {
        "static": _floats(posts, ACCOUNT),
        "new": _floats(posts, CONTENT),
        "codes": np.zeros((n, 0), np.int64),
        "told": np.vstack([_floats(posts, REVEALED), np.zeros((1, len(REVEALED)), np.float32)])[index],
        "lengths": np.maximum(lengths, 1),
    }
    features = np.vstack([_floats(posts, CONTENT), np.zeros((1, len(CONTENT)), np.float32)])
    return Tensors(own, {"features": features}, index)


def _floats(posts: pd.DataFrame, columns: list[str]) -> NDArray[np.float32]:
    return posts[columns].to_numpy(np.float32, copy=True)


class _NoCategories:
    shape: tuple[int, list[int], int] = (0, [], 0)


def _peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)


if __name__ == "__main__":
    main()
