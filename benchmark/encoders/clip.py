"""CLIP: the two towers of an open_clip model. Their vectors lie in one space: cosines between them mean
something.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.decode import Frame
from benchmark.encoders.hardware import Precision, device
from benchmark.encoders.images import BATCH, encode_images
from benchmark.encoders.installed import installed
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.side_by_side import side_by_side
from benchmark.encoders.texts import encode_texts
from benchmark.encoders.weights import WeightsUnavailable, is_path, model_files, refuse_program, short_name

HUB_WEIGHTS = (
    "open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin",
)  # fmt: skip
FOLDER_WEIGHTS = (*HUB_WEIGHTS, "*.safetensors", "*.bin", "*.pth")
LOCAL, HUB = "local-dir", "hf-hub"
PREPROCESSING = ("mean", "std", "interpolation", "resize_mode")


class Clip(Encoder):
    """A model of open_clip: Radford et al. 2021, arXiv:2103.00020; Ilharco et al. 2021, "OpenCLIP"."""

    requires = ("open_clip", "torch")
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
            model: `hf-hub:OWNER/NAME` or `local-dir:/path/of/folder`, weights with an open_clip_config.json;
                `ARCHITECTURE:TAG` with a tag of open_clip, or `ARCHITECTURE:/path/of/weights`.
            revision: branch, tag or commit on the hub.
        """
        super().__init__(threads, precision)
        self.model, self.revision = model, revision
        self.architecture, _, self.source = model.partition(":")
        self.described = self.architecture in (LOCAL, HUB)
        name = self.source if self.described else f"{self.architecture}-{short_name(self.source)}"
        self.name = f"{self.encoding}_{short_name(name)}"

    def files(self) -> list[Path]:
        return self._files

    @property
    def dim(self) -> int:
        width: int = self._config["embed_dim"]
        return width

    @cached_property
    def _files(self) -> list[Path]:
        if self.described:
            if is_path(self.source) != (self.architecture == LOCAL):
                raise WeightsUnavailable(f"model '{self.model}': write local-dir:/path or hf-hub:OWNER/NAME")
            weights = FOLDER_WEIGHTS if self.architecture == LOCAL else HUB_WEIGHTS
            return model_files(self.source, self.revision, weights)
        (config,) = installed("open_clip", f"model_configs/{self.architecture}.json")
        if not config.is_file():
            raise WeightsUnavailable(
                f"model '{self.model}': open_clip has no architecture '{self.architecture}'"
            )
        if is_path(self.source):
            return [config, refuse_program(Path(self.source).expanduser())]
        return [config, self._of_tag()]

    def _of_tag(self) -> Path:
        """The weights of one of open_clip's tags, which lie on the hub."""
        from open_clip import list_pretrained_tags_by_model

        repository = self._tag.get("hf_hub", "").rpartition("/")
        if not repository[0]:
            known = ", ".join(list_pretrained_tags_by_model(self.architecture)) or "none"
            raise WeightsUnavailable(
                f"model '{self.model}': '{self.source}' is no tag of {self.architecture} with weights on "
                f"the hub. Write {self.architecture}:TAG, with one of: {known}; or "
                f"{self.architecture}:/path/of/weights"
            )
        named = [repository[2].rpartition(".")[0] + ".safetensors", repository[2]] if repository[2] else []
        weights = (*named, *HUB_WEIGHTS)
        found = model_files(repository[0], self.revision, weights)
        return next(file for file in found if file.suffix not in (".json", ".txt", ".model"))

    @property
    def _tag(self) -> dict[str, Any]:
        from open_clip import get_pretrained_cfg

        found: dict[str, Any] = get_pretrained_cfg(self.architecture, self.source)
        return found

    @cached_property
    def _config(self) -> dict[str, Any]:
        """The description of the architecture."""
        name = "open_clip_config.json" if self.described else f"{self.architecture}.json"
        found: dict[str, Any] = json.loads(
            next(file for file in self.files() if file.name == name).read_bytes()
        )
        return found.get("model_cfg", found)

    @cached_property
    def _model(self) -> Any:
        import open_clip
        import torch

        if self.described:
            model = open_clip.create_model(self._folder, weights_only=True)
        else:
            tag = {} if is_path(self.source) else self._tag
            model = open_clip.create_model(
                self.architecture,
                pretrained=str(self.files()[-1]),
                weights_only=True,
                force_quick_gelu=bool(tag.get("quick_gelu")),
                force_preprocess_cfg={name: tag[name] for name in PREPROCESSING if name in tag},
            )
        # The model is cast as a whole: autocast is slower than float32 on a CPU.
        return model.eval().to(device(), getattr(torch, self.precision))

    @property
    def _folder(self) -> str:
        """Where a described model lies, in the words of open_clip: from a path it downloads nothing."""
        return f"{LOCAL}:{self.files()[0].parent}"

    @property
    def _device(self) -> Any:
        return next(self._model.parameters()).device


class ClipImage(Clip):
    """The image tower: vectors of length 1."""

    modality, encoding = "image", "image"

    def encode(self, items: Sequence[Path | None]) -> Encoded:
        """float16 [n, dim] of unit length."""
        frame = self._frame  # loads the model before any thread starts
        return encode_images(items, frame, self.dim, self.threads, self._vectors)

    def _vectors(self, images: list[NDArray[np.uint8]]) -> NDArray[np.float16]:
        import torch

        model, told = self._model, self._model.visual.preprocess_cfg
        pixels = torch.from_numpy(np.stack(images)).to(self._device).permute(0, 3, 1, 2).float() / 255
        mean, std = (torch.tensor(told[name], device=pixels.device).view(3, 1, 1) for name in ("mean", "std"))
        scaled = ((pixels - mean) / std).to(getattr(torch, self.precision))
        embedded = torch.nn.functional.normalize(model.encode_image(scaled).float())
        vectors: NDArray[np.float16] = embedded.half().cpu().numpy()
        return vectors

    @cached_property
    def _frame(self) -> Frame:
        from PIL import Image

        told = self._model.visual.preprocess_cfg
        size = told["size"]
        side = size if isinstance(size, int) else size[0]
        squashed = told["resize_mode"] == "squash"
        resample = Image.Resampling[told["interpolation"].upper()]
        return Frame(side, crop=1, shape="squashed" if squashed else "square", resample=resample)


class ClipText(Clip):
    """The text tower: vectors of length 1; texts are cut as in the model's training, often at 77 tokens."""

    modality, encoding = "text", "clip_text"

    def encode(self, items: Sequence[str]) -> Encoded:
        """float16 [n, dim] of unit length."""
        return encode_texts(items, self.dim, self._vectors)

    def _vectors(self, texts: list[str]) -> NDArray[np.float16]:
        model = self._model  # loaded before any thread starts
        # All texts are padded to one length: none depends on its neighbours.
        batches = (
            self._tokenizer(texts[start : start + BATCH]).to(self._device)
            for start in range(0, len(texts), BATCH)
        )
        return np.concatenate([*side_by_side(partial(_embedded, model), batches, self.threads)])

    @cached_property
    def _tokenizer(self) -> Any:
        import open_clip

        return open_clip.get_tokenizer(self._folder if self.described else self.architecture)


def _embedded(model: Any, tokens: Any) -> NDArray[np.float16]:
    import torch

    embedded = torch.nn.functional.normalize(model.encode_text(tokens).float())
    vectors: NDArray[np.float16] = embedded.half().cpu().numpy()
    return vectors
