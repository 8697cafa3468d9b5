"""Features of images from any backbone of timm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.decode import Frame
from benchmark.encoders.hardware import Precision, device
from benchmark.encoders.images import encode_images
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.weights import WeightsUnavailable, is_path, model_files, short_name

LOCAL = "local-dir:"


class TimmBackbone(Encoder):
    """A backbone of timm without its classifier: pooled features (Wightman 2019, pytorch-image-models)."""

    modality, encoding = "image", "image"
    requires = ("timm", "torch")
    version = 2  # since a batch is the work of one thread

    def __init__(
        self,
        model: str,
        revision: str = "main",
        threads: int | None = None,
        precision: Precision | None = None,
    ) -> None:
        """
        Args:
            model: a name of timm with its tag, such as `resnet18.a1_in1k`, or `local-dir:/path/of/folder`
                with weights beside a config.json, as timm writes it for the hub.
            revision: branch, tag or commit on the hub.
        """
        super().__init__(threads, precision)
        self.model, self.revision = model, revision
        self.name = f"timm_{short_name(model.removeprefix(LOCAL))}"

    def files(self) -> list[Path]:
        return self._files

    @property
    def dim(self) -> int:
        # The width in config.json is that before the head, which some families of models widen.
        width: int = self._model.head_hidden_size
        return width

    def encode(self, items: Sequence[Path | None]) -> Encoded:
        """float16 [n, dim]"""
        frame = self._frame  # loads the model before any thread starts
        return encode_images(items, frame, self.dim, self.threads, self._vectors)

    def _vectors(self, images: list[NDArray[np.uint8]]) -> NDArray[np.float16]:
        import torch

        model, told = self._model, self._told
        at = next(model.parameters()).device
        pixels = torch.from_numpy(np.stack(images)).to(at).permute(0, 3, 1, 2).float() / 255
        mean, std = (torch.tensor(told[name], device=at).view(3, 1, 1) for name in ("mean", "std"))
        features = model(((pixels - mean) / std).to(getattr(torch, self.precision)))
        vectors: NDArray[np.float16] = features.half().cpu().numpy()
        return vectors

    @cached_property
    def _files(self) -> list[Path]:
        if not self.model.startswith(LOCAL):
            return model_files(f"timm/{self.model}", self.revision)
        folder = self.model.removeprefix(LOCAL)
        if not is_path(folder):
            raise WeightsUnavailable(f"model '{self.model}': write local-dir:/path, with a path after it")
        return model_files(folder, self.revision)

    @cached_property
    def _model(self) -> Any:
        import timm
        import torch

        folder = self.files()[0].parent
        model = timm.create_model(f"{LOCAL}{folder}", pretrained=True, num_classes=0)
        # Channels last, bfloat16 is twice as fast as float32. The model is cast as a whole.
        model.eval().to(device(), getattr(torch, self.precision))
        return model.to(memory_format=torch.channels_last)

    @cached_property
    def _told(self) -> dict[str, Any]:
        """The size and the scaling that the backbone was trained with."""
        from timm.data import resolve_model_data_config

        found: dict[str, Any] = resolve_model_data_config(self._model)
        return found

    @cached_property
    def _frame(self) -> Frame:
        from PIL import Image

        told = self._told
        resample = Image.Resampling[told["interpolation"].upper()]
        squashed = told["crop_mode"] == "squash"
        return Frame(told["input_size"][1], told["crop_pct"], "squashed" if squashed else "square", resample)
