"""The network of `temporal_fusion_transformer`. Loads torch: imported where the network is built."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from pytorch_forecasting.models.temporal_fusion_transformer import TemporalFusionTransformer
from pytorch_forecasting.models.temporal_fusion_transformer.sub_modules import VariableSelectionNetwork
from torch import Tensor, nn
from torch.nn import functional

WIDEST_CATEGORY = 8
"""Embeddings of a category are at most as wide as those of a number are by default."""


class Attended(NamedTuple):
    """What the network looked at. b posts, k steps; weights are shares of 1."""

    static: Tensor
    """[b, numbers of the account]"""
    earlier: Tensor
    """[b, k, numbers of an earlier post]"""
    new: Tensor
    """[b, categories and numbers of the new post]"""
    attention: Tensor
    """[b, heads, k + 1] over the steps, the oldest first, and the new post itself."""


class TFTNetwork(nn.Module):
    """`pytorch_forecasting`'s Temporal Fusion Transformer over plain tensors. Lim et al. 2021.

    A batch holds `static` [b, s]: the account as of now; `told` [b, k, a] and `features` [b, k, f]: its
    earlier posts, the oldest first, from the left; `lengths` [b]: how many of the k steps there are, at
    least 1; `codes` [b, c] and `new` [b, d]: the post to be predicted.
    """

    def __init__(
        self,
        static: int,
        earlier: int,
        new: int,
        categories: Sequence[int],
        outputs: int,
        *,
        steps: int,
        hidden: int,
        heads: int,
        dropout: float,
    ) -> None:
        """
        Args:
            static, earlier, new: how many numbers tell of the account, of an earlier post, of the new post.
            categories: levels of each category of the new post.
        """
        super().__init__()
        self.numbers = static, earlier, new
        # Layers are kept by the names of variables, and a column might be called `type` or `a.b`.
        account, past, present = (
            [f"{part}_{i}" for i in range(count)]
            for part, count in zip(("static", "earlier", "new"), self.numbers, strict=True)
        )
        levels = {f"category_{i}": count for i, count in enumerate(categories)}
        self.tft = _library_module(
            hidden_size=hidden,
            hidden_continuous_size=hidden // 2,
            attention_head_size=heads,
            dropout=dropout,
            output_size=outputs,
            max_encoder_length=steps,
            static_reals=account,
            time_varying_reals_encoder=past,
            time_varying_reals_decoder=present,
            time_varying_categoricals_decoder=list(levels),
            x_reals=[*account, *past, *present],
            x_categoricals=list(levels),
            embedding_sizes={
                name: (count, min(WIDEST_CATEGORY, 1 + count // 2)) for name, count in levels.items()
            },
            # As in the paper, a step attends to itself. With the library's default it does not.
            causal_attention=False,
            output_transformer=_as_it_is,
            logging_metrics=nn.ModuleList(),
        )
        for part in ("static", "encoder", "decoder"):
            name = f"{part}_variable_selection"
            setattr(self.tft, name, at_once(getattr(self.tft, name)))
        self.tft.prescalers = nn.ModuleDict()  # its layers have gone into the three above
        nn.init.zeros_(self.tft.output_layer.weight)  # it starts from the recent level
        nn.init.zeros_(self.tft.output_layer.bias)

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """[b, outputs]"""
        output: Tensor = self.tft(self._read(batch))["prediction"]
        return output[:, 0]

    def attended(self, batch: Mapping[str, Tensor]) -> Attended:
        """Selection weights and attention for these posts; 0 at steps that are not there."""
        out = self.tft(self._read(batch))
        k = batch["told"].shape[1]
        there = torch.arange(k, device=batch["lengths"].device) < batch["lengths"][:, None]
        earlier, attention = out["encoder_variables"][:, :, 0], out["encoder_attention"][:, 0]
        missing = k - earlier.shape[1]
        return Attended(
            static=out["static_variables"].flatten(1),
            earlier=functional.pad(earlier, (0, 0, 0, missing)) * there[:, :, None],
            new=out["decoder_variables"][:, 0, 0],
            attention=torch.cat(
                [functional.pad(attention, (0, missing)), out["decoder_attention"][:, 0]], dim=2
            ),
        )

    def _read(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The library's input. It takes as many steps for the past as the longest past of the batch has, so
        there must be no more. Each step has the columns of every variable; 0 in those not its own."""
        lengths = batch["lengths"]
        longest = int(lengths.max())
        past = torch.cat([batch["told"][:, :longest], batch["features"][:, :longest]], dim=2)
        b, _, a = past.shape
        static = batch["static"].unsqueeze(1)
        new = self.numbers[2]
        codes = batch["codes"].unsqueeze(1)
        return {
            "encoder_cat": codes.expand(b, longest, -1),
            "encoder_cont": torch.cat(
                [static.expand(b, longest, -1), past, past.new_zeros(b, longest, new)], dim=2
            ),
            "encoder_lengths": lengths,
            "decoder_cat": codes,
            "decoder_cont": torch.cat([static, past.new_zeros(b, 1, a), batch["new"].unsqueeze(1)], dim=2),
            "decoder_lengths": torch.ones_like(lengths),
            "target_scale": past.new_ones(b, 2),
        }

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> TFTNetwork:
        super()._apply(fn, recurse)
        # A LightningModule learns where it is from its own `to` alone.
        self.tft.to(self.tft.output_layer.weight.device)
        return self


def _library_module(**settings: Any) -> TemporalFusionTransformer:
    with warnings.catch_warnings():
        # Advice on checkpoints, of which there are none.
        warnings.filterwarnings("ignore", "Attribute .* is an instance of `nn.Module`")
        return TemporalFusionTransformer(**settings)


def at_once(library: VariableSelectionNetwork) -> nn.Module:
    """The same network, with the same weights, that takes all numbers through their networks at once."""
    return SelectionAtOnce(library) if library.num_inputs > 1 and library.prescalers else library


class SelectionAtOnce(nn.Module):
    """Variable selection (Lim et al. 2021, 4.2) with the numbers' networks stacked, v of them.

    The library runs one small gated residual network after the other, which is most of the time of a step.
    All of them have the same shape: one batched product does for all. Categories stay as they are.
    """

    widen: Tensor
    """[narrow, hidden]: linear interpolation, by which the library takes a number past its own network."""

    def __init__(self, library: VariableSelectionNetwork) -> None:
        super().__init__()
        self.numbers = list(library.prescalers)
        self.categories = nn.ModuleDict(
            {name: grn for name, grn in library.single_variable_grns.items() if name not in self.numbers}
        )
        grns = [library.single_variable_grns[name] for name in self.numbers]
        scalers = [library.prescalers[name] for name in self.numbers]
        self.scale = _stacked([one.weight.T for one in scalers])
        self.shift = _stacked([one.bias for one in scalers])
        self.first = Linears([grn.fc1 for grn in grns])
        self.second = Linears([grn.fc2 for grn in grns])
        self.gate = Linears([grn.gate_norm.glu.fc for grn in grns])
        self.norm = LayerNorms([grn.gate_norm.add_norm.norm for grn in grns])
        self.skip_mask = _stacked([grn.resample_norm.mask for grn in grns])
        self.skip_norm = LayerNorms([grn.resample_norm.norm for grn in grns])
        self.dropout = nn.Dropout(library.dropout)
        self.weigh = library.flattened_grn
        narrow, wide = self.scale.shape[2], self.norm.weight.shape[2]
        between = functional.interpolate(
            torch.eye(narrow).unsqueeze(1), wide, mode="linear", align_corners=True
        )
        self.register_buffer("widen", between.squeeze(1))

    def forward(self, x: Mapping[str, Tensor], context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """x: name -> [..., 1] of a number, [..., width] of a category. Gives [..., hidden] and the weights
        [..., 1, variables], categories first."""
        numbers = torch.cat([x[name] for name in self.numbers], dim=-1)
        *shape, v = numbers.shape
        scaled = torch.addcmul(
            self.shift, numbers.reshape(-1, v).T.unsqueeze(2), self.scale
        )  # [v, n, narrow]
        inner = self.second(functional.elu(self.first(scaled)))
        gated = functional.glu(self.gate(self.dropout(inner)), dim=-1)
        skip = self.skip_norm(scaled @ self.widen * (2 * torch.sigmoid(self.skip_mask)))
        told = self.norm(gated + skip)  # [v, n, hidden]

        flat = scaled.transpose(0, 1).reshape(*shape, -1)
        flat = torch.cat([*(x[name] for name in self.categories), flat], dim=-1)
        weights = torch.softmax(self.weigh(flat, context), dim=-1)
        of_categories, of_numbers = weights.split([len(self.categories), v], dim=-1)
        chosen = (told * of_numbers.reshape(-1, v).T.unsqueeze(2)).sum(dim=0).view(*shape, -1)
        for i, (name, network) in enumerate(self.categories.items()):
            chosen = chosen + network(x[name]) * of_categories[..., i : i + 1]
        return chosen, weights.unsqueeze(-2)


class Linears(nn.Module):
    """v linear layers of one shape: [v, n, in] -> [v, n, out]"""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight = _stacked([layer.weight.T for layer in layers], flat=False)
        self.bias = _stacked([layer.bias for layer in layers])

    def forward(self, x: Tensor) -> Tensor:
        return torch.baddbmm(self.bias, x, self.weight)


class LayerNorms(nn.Module):
    """v layer norms of one width: [v, n, width] -> [v, n, width]"""

    def __init__(self, layers: Sequence[nn.LayerNorm]) -> None:
        super().__init__()
        self.weight = _stacked([layer.weight for layer in layers])
        self.bias = _stacked([layer.bias for layer in layers])

    def forward(self, x: Tensor) -> Tensor:
        return torch.addcmul(self.bias, functional.layer_norm(x, x.shape[-1:]), self.weight)


def _stacked(tensors: Sequence[Tensor], *, flat: bool = True) -> nn.Parameter:
    """v tensors -> [v, 1, width], or [v, ...] as they are."""
    stacked = torch.stack([tensor.detach() for tensor in tensors]).contiguous()
    return nn.Parameter(stacked.view(len(tensors), 1, -1) if flat else stacked)


def _as_it_is(output: Mapping[str, Any]) -> Any:
    return output["prediction"]
