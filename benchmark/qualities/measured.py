"""Measured: texts and images -> a column a quality."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.declared.naming import ENGLISH, all_english
from benchmark.encoders import encoder, offers
from benchmark.encoders.langid import LANGUAGES, NO_LANGUAGE
from benchmark.errors import SmpbenchError
from benchmark.qualities.qualities import QUALITIES, Quality

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.declared.column import Modality
    from benchmark.encoders.interface import Encoded, Encoder

Mask = NDArray[np.bool_]

ENOUGH_LETTERS = 20
"""Outside of links and mentions. Of fewer, a language is a guess."""
CLEARLY = 0.9
"""Probability of another language, from which on a text of a set that is said to be English is not."""


class Read(NamedTuple):
    """What an encoder made of the content of n posts."""

    vectors: NDArray[np.float32]
    """[n, dim]"""
    ok: Mask
    """[n]: False where there was nothing to read, or it was broken."""


def measure(
    texts: Sequence[str],
    images: Sequence[Path | None],
    languages: Sequence[str] = (),
    profile: str = "bundled",
    threads: int | None = None,
    encoded: Mapping[str, Encoded] | None = None,
) -> pd.DataFrame:
    """The qualities of posts, or of drafts, that lie in no data set.

    Models are loaded when something is first given to them, and stay.

    Args:
        texts: [n], empty where a post has none. images: [n], None where it has none.
        languages: of the texts, as a card names them (ISO 639-1); none: English.
        encoded: fingerprint of an encoder -> what it has made of these texts, or images, already.

    Returns:
        float32 [n, qualities]: a column a name of `QUALITIES`. NaN where a post has no such content, where
        its image is broken, where the quality is one of English texts and the text is in another language,
        and where the profile has no encoder of it.

    Raises:
        SmpbenchError: texts and images are not equally many; an encoder of the profile cannot be used here.
        UnknownName: no such profile.
    """
    if len(texts) != len(images):
        raise SmpbenchError(f"{len(texts)} texts, but {len(images)} images: give None where there is none")
    has: dict[Modality, bool] = {
        "text": any(map(str.strip, texts)),
        "image": any(image is not None for image in images),
    }
    wanted = encoders(profile, languages, [modality for modality, some in has.items() if some], threads)
    read = reader({"text": texts, "image": images}, encoded or {})
    return table(texts, {encoding: read(chosen) for encoding, chosen in wanted.items()}, languages)


def reader(
    content: Mapping[Modality, Sequence[Any]], encoded: Mapping[str, Encoded] | None = None
) -> Callable[[Encoder], Read]:
    """What reads content with an encoder; what several are derived from is encoded once.

    Args:
        encoded: fingerprint of an encoder -> what it has made of this content already.

    Raises:
        SmpbenchError: (the reader) the encoder cannot be used here.
    """
    found = dict(encoded or {})

    def read(chosen: Encoder) -> Read:
        if reason := chosen.unavailable():
            raise SmpbenchError(f"encoder '{chosen.name}' cannot be used: {reason}")
        items = content[chosen.modality]
        asked = chosen.base or chosen
        known = asked.fingerprint()
        if known not in found:
            found[known] = asked.encode(items)
        made = found[known] if chosen.base is None else chosen.derived(found[known])
        return Read(made.vectors.astype(np.float32), made.ok)

    return read


def encoders(
    profile: str, languages: Sequence[str], modalities: Sequence[Modality], threads: int | None = None
) -> dict[str, Encoder]:
    """Encoding -> its encoder in a profile, of all that qualities of these modalities are read from.

    What reads English alone is taken for posts in several languages too, if English is one of them: it is
    asked about the English ones.

    Raises:
        UnknownName: no such profile.
    """
    found: dict[str, Encoder] = {}
    for quality in QUALITIES.values():
        if not quality.encoding or quality.encoding in found or quality.modality not in modalities:
            continue
        if quality.english and not _some_english(languages):
            continue
        of = () if quality.english else tuple(languages)
        if offers(profile, quality.encoding, of):
            found[quality.encoding] = encoder(profile, quality.encoding, of, threads)
    return found


def table(texts: Sequence[str], read: Mapping[str, Read], languages: Sequence[str]) -> pd.DataFrame:
    """float32 [n, qualities] of n texts and what encoders made of the same posts.

    Args:
        read: encoding -> its vectors; an encoding that is missing leaves its qualities NaN.
    """
    import pandas as pd

    english = in_english(texts, languages, read.get("language"))
    given = np.array([bool(text.strip()) for text in texts], bool)
    columns = {}
    for name, quality in QUALITIES.items():
        if quality.of_text is not None:
            values = _of_text(quality.of_text, texts, given)
        else:
            values = _of_vectors(quality, read.get(quality.encoding), len(texts))
        hidden = ~english if _of_english(quality, languages) else False
        columns[name] = np.where(hidden, np.nan, values)
    return pd.DataFrame(columns, dtype=np.float32)


def in_english(texts: Sequence[str], languages: Sequence[str], language: Read | None) -> Mask:
    """bool [n]: of which texts qualities of English texts may be told.

    Where the posts are said to be English: of all but those that clearly are not. Where English is one of
    several languages: of those that are long enough to tell and are English. Else of none.

    Args:
        language: what langid made of them; None: not asked.
    """
    if not _some_english(languages):
        return np.zeros(len(texts), bool)
    if language is None:
        return np.full(len(texts), all_english(languages))
    letters = [sum(map(str.isalpha, NO_LANGUAGE.sub("", text))) for text in texts]
    long = (np.array(letters, np.int64) >= ENOUGH_LETTERS) & language.ok
    likeliest = language.vectors.argmax(axis=1)
    is_english = likeliest == LANGUAGES.index(ENGLISH)
    if not all_english(languages):
        several: Mask = long & is_english
        return several
    other: Mask = long & ~is_english & (language.vectors.max(axis=1, initial=0) >= CLEARLY)
    return ~other


def _of_english(quality: Quality, languages: Sequence[str]) -> bool:
    """Whether it is told of English texts alone: it always is, or its encoder is here one of English."""
    read_by_model = quality.modality == "text" and quality.encoding not in ("", "language")
    return quality.english or (read_by_model and all_english(languages))


def _some_english(languages: Sequence[str]) -> bool:
    return not languages or ENGLISH in languages


def _of_text(function: Callable[[str], float], texts: Sequence[str], given: Mask) -> NDArray[np.float32]:
    values = [function(text) if some else np.nan for text, some in zip(texts, given, strict=True)]
    return np.array(values, np.float32)


def _of_vectors(quality: Quality, read: Read | None, n: int) -> NDArray[np.float32]:
    if read is None or (reading := quality.reading.get(read.vectors.shape[1])) is None:
        return np.full(n, np.nan, np.float32)
    return np.where(read.ok, reading(read.vectors), np.float32(np.nan)).astype(np.float32)
