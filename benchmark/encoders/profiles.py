"""Profiles: which encoder makes each encoding of a post.

A profile is one of those below, or a file of a user's own:

    name = "my_profile"

    [encodings.text]
    encoder = "embedding"
    model = "./my_model"

    [encodings.sentiment]
    encoder = "vader"
"""

from __future__ import annotations

import importlib
import inspect
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from benchmark.declared.naming import NO_PROFILE, name_problem
from benchmark.errors import SmpbenchError, UnknownName

if TYPE_CHECKING:
    from benchmark.encoders.interface import Encoder

ENCODERS = {
    "minilm": "minilm:MiniLM",
    "use_multilingual": "use_multilingual:UseMultilingual",
    "efficientnet_lite0": "efficientnet_lite0:EfficientNetLite0",
    "vader": "vader:Vader",
    "langid": "langid:LangId",
    "profanity_check": "profanity_check:ProfanityCheck",
    "opennsfw": "opennsfw:OpenNsfw",
    "quality": "pixels.quality:Quality",
    "composition": "pixels.composition:Composition",
    "label_prompts": "label_prompts:LabelPrompts",
    "emotion_prompts": "label_prompts:EmotionPrompts",
    "embedding": "embedding:Embedding",
    "classifier": "classifier:Classifier",
    "clip_image": "clip:ClipImage",
    "clip_text": "clip:ClipText",
    "timm": "timm_backbone:TimmBackbone",
}
"""name -> `file:Class` below this package."""


@dataclass(frozen=True)
class Source:
    """An encoder by its name in `ENCODERS`, with the settings of its constructor."""

    encoder: str
    settings: Mapping[str, Any] = field(default_factory=dict)


PACKAGED = {
    "language": Source("langid"),
    "profanity": Source("profanity_check"),
    "nsfw": Source("opennsfw"),
    "quality": Source("quality"),
    "composition": Source("composition"),
}
"""Kinds that both profiles take from installed packages."""

CLIP = {"model": "hf-hub:laion/CLIP-ViT-B-32-laion2B-s34B-b79K"}

PROFILES: dict[str, dict[str, Source]] = {
    "bundled": {
        "text": Source("minilm"),
        "image": Source("efficientnet_lite0"),
        "sentiment": Source("vader"),
        "topics": Source("label_prompts"),
        "emotion": Source("emotion_prompts"),
        **PACKAGED,
    },
    "hub": {
        "text": Source(
            "embedding",
            {
                "model": "mixedbread-ai/mxbai-embed-large-v1",
                "revision": "990580e27d329c7408b3741ecff85876e128e203",
                "pooling": "cls",
            },
        ),
        "image": Source("clip_image", CLIP),
        "clip_text": Source("clip_text", CLIP),
        "sentiment": Source(
            "classifier",
            {
                "encoding": "sentiment",
                "model": "cardiffnlp/twitter-roberta-base-sentiment-latest",
                "mask_tweets": True,
            },
        ),
        "emotion": Source(
            "classifier",
            {"encoding": "emotion", "model": "bhadresh-savani/distilbert-base-uncased-emotion"},
        ),
        "topics": Source(
            "classifier",
            {"encoding": "topics", "model": "cardiffnlp/tweet-topic-latest-multi", "multi_label": True},
        ),
        **PACKAGED,
    },
}
"""profile -> encoding -> encoder. No profile ever stands in for another."""

NOT_ENGLISH: dict[str, dict[str, Source | None]] = {
    "bundled": {
        "text": Source("use_multilingual"),
        "topics": Source("label_prompts", {"embedding": "use_multilingual"}),
        "emotion": Source("emotion_prompts", {"embedding": "use_multilingual"}),
        "sentiment": None,
        "profanity": None,
    },
    "hub": {"sentiment": None, "emotion": None, "topics": None, "profanity": None},
}
"""What differs where posts are not all in English. None: there is no such encoding, since its encoder would
make English scores of texts that are not. A profile of a user's own is taken as it stands."""


class ProfileError(SmpbenchError):
    """A user's profile is wrong."""


def sources(profile: str, *, english: bool = True) -> dict[str, Source]:
    """encoding -> encoder, of a profile for posts that are all in English, or not all.

    Raises:
        UnknownName: no such profile.
    """
    if profile not in PROFILES:
        raise UnknownName("encoder profile", profile, PROFILES)
    differs = {} if english else NOT_ENGLISH.get(profile, {})
    chosen = PROFILES[profile] | differs
    return {encoding: source for encoding, source in chosen.items() if source is not None}


def chosen_profile(spec: str) -> str:
    """The name of the profile that `--profile` asks for: one of `PROFILES`, or a TOML file, taken in.

    Raises:
        UnknownName: no such profile, encoder or setting.
        ProfileError: the file cannot be read, or holds what a profile does not.
    """
    if not spec.endswith(".toml"):
        if spec not in PROFILES:
            raise UnknownName("encoder profile", spec, PROFILES, "A file of your own ends in .toml")
        return spec
    path = Path(spec)
    name, encodings = _read(path)
    if name in PROFILES and PROFILES[name] != encodings:
        raise ProfileError(f"{path}: there is a profile '{name}' already, and rows go by name. Rename it")
    PROFILES[name] = encodings
    return name


def encoder_class(name: str) -> type[Encoder]:
    """The class behind a name in `ENCODERS`; its file is imported, the libraries that it uses are not.

    Raises:
        UnknownName: no such encoder.
    """
    if name not in ENCODERS:
        raise UnknownName("encoder", name, ENCODERS)
    file, _, cls = ENCODERS[name].partition(":")
    found: type[Encoder] = getattr(importlib.import_module(f"benchmark.encoders.{file}"), cls)
    return found


def _read(path: Path) -> tuple[str, dict[str, Source]]:
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path}: not valid TOML: {error}") from None
    name, encodings = declared.pop("name", None), declared.pop("encodings", None)
    if declared:
        raise ProfileError(
            f"{path}: '{next(iter(declared))}' is no part of a profile: `name` and `encodings` are"
        )
    if not isinstance(name, str) or name == NO_PROFILE:
        raise ProfileError(f"{path}: `name` must be a text, and not '{NO_PROFILE}'; it is {name!r}")
    for one in (name, *encodings) if isinstance(encodings, dict) else (name,):
        if problem := name_problem(one):
            raise ProfileError(f"{path}: {problem}")
    if not isinstance(encodings, dict) or not encodings:
        raise ProfileError(
            f"{path}: names no encodings. Write a table [encodings.text] with `encoder`, for example"
        )
    return name, {encoding: _source(path, encoding, told) for encoding, told in encodings.items()}


def _source(path: Path, encoding: str, told: Any) -> Source:
    where = f"{path}, encodings.{encoding}"
    if not isinstance(told, dict) or not isinstance(told.get("encoder"), str):
        raise ProfileError(f"{where}: `encoder` is missing. Known: {', '.join(ENCODERS)}")
    settings = {key: value for key, value in told.items() if key != "encoder"}
    cls = encoder_class(told["encoder"])
    parameters = {
        key: parameter
        for key, parameter in inspect.signature(cls.__init__).parameters.items()
        if key not in ("self", "threads", "precision")
    }
    for key in settings:
        if key not in parameters:
            raise UnknownName(f"setting of encoder '{told['encoder']}'", key, parameters, where)
    if "encoding" in parameters:
        settings.setdefault("encoding", encoding)
    if settings.get("encoding", getattr(cls, "encoding", encoding)) != encoding:
        answers = f"encoder '{told['encoder']}' answers for '{cls.encoding}', not for '{encoding}'"
        raise ProfileError(f"{where}: {answers}")
    for key, parameter in parameters.items():
        if key not in settings and parameter.default is parameter.empty:
            raise ProfileError(f"{where}: encoder '{told['encoder']}' needs `{key}`")
    _check_types(where, cls, settings)
    if "model" in settings:
        settings["model"] = _beside(path, settings["model"])
    return Source(told["encoder"], settings)


def _check_types(where: str, cls: type[Encoder], settings: Mapping[str, Any]) -> None:
    from pydantic import TypeAdapter, ValidationError

    hints = get_type_hints(cls.__init__)
    for key, value in settings.items():
        try:
            TypeAdapter(hints[key]).validate_python(value, strict=True)
        except ValidationError as error:
            raise ProfileError(f"{where}: {key} = {value!r}: {error.errors()[0]['msg']}") from None


def _beside(path: Path, model: str) -> str:
    """A model with the paths in it resolved: they start with `/`, `.` or `~`, from the folder of the file."""
    head, colon, tail = model.rpartition(":")
    if not tail.startswith(("/", ".", "~")):
        return model
    return f"{head}{colon}{(path.resolve().parent / Path(tail).expanduser()).resolve()}"
