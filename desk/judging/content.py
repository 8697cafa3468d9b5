"""Content: what encoders make of drafts, each asked once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.declared.naming import ENGLISH
from desk.judging.table import text_of
from desk.ranking import Draft, Modality

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.encoders.interface import Encoded, Encoder

ENOUGH_LETTERS = 20
CLEARLY = 0.9


@dataclass(frozen=True)
class Vectors:
    """Row i is that of draft i."""

    values: NDArray[np.float32]
    there: NDArray[np.bool_]

    def rows(self, index: ArrayLike) -> NDArray[np.float32]:
        return self.values[np.asarray(index)]

    def ok(self, index: ArrayLike) -> NDArray[np.bool_]:
        return self.there[np.asarray(index)]


class EncodedDrafts:
    def __init__(
        self,
        drafts: Sequence[Draft],
        images: Mapping[int, Path],
        card: Card,
        encoders: Callable[[str], Encoder],
    ) -> None:
        self.texts = [text_of(draft, card) for draft in drafts]
        self.images = [images.get(draft.number) for draft in drafts]
        self.card, self.encoders = card, encoders
        self._found: dict[str, Vectors] = {}
        self._plain = [draft.text for draft in drafts]
        self._made: dict[str, Encoded] = {}
        self._spoken = self._languages()

    def of(self, encoding: str, without: Modality | None = None) -> Vectors:
        """float32 [n, d]

        Args:
            without: as if the drafts had none of this.
        """
        asked = self.encoders(encoding)
        if without == asked.modality:
            return Vectors(
                np.zeros((len(self.texts), asked.dim), np.float32), np.zeros(len(self.texts), bool)
            )
        if encoding not in self._found:
            items: Sequence[Any] = self.texts if asked.modality == "text" else self.images
            made = self._once(asked, items)
            values = np.where(made.ok[:, None], made.vectors.astype(np.float32), 0)
            self._found[encoding] = Vectors(values.astype(np.float32), made.ok)
        return self._found[encoding]

    @property
    def shared(self) -> dict[str, Encoded]:
        """Fingerprint of an encoder -> what it has made of the drafts' images, or of their texts, where no
        tag and no other column was read with these."""
        return self._made

    def _once(self, asked: Encoder, items: Sequence[Any]) -> Encoded:
        known = asked.fingerprint()
        if asked.modality == "text" and items != self._plain:
            return asked.encode(items)
        if known not in self._made:
            self._made[known] = asked.encode(items)
        return self._made[known]

    def foreign(self, i: int) -> str | None:
        """That a draft is in a language which the data set has not, where that is clear."""
        language = self._spoken[i]
        known = self.card.languages or (ENGLISH,)
        if language is None or language in known:
            return None
        return f"Its text seems to be in '{language}', and the model has learnt from {', '.join(known)}"

    def _languages(self) -> list[str | None]:
        """Of each text its language, None where it is too short to tell, or not clear."""
        from benchmark.encoders import encoder
        from benchmark.encoders.langid import LANGUAGES

        vectors = self._once(encoder("bundled", "language", ()), self.texts).vectors.astype(np.float32)
        found: list[str | None] = []
        for text, row in zip(self.texts, vectors, strict=True):
            letters = sum(letter.isalpha() for letter in text)
            top = int(row.argmax())
            clear = letters >= ENOUGH_LETTERS and row[top] >= CLEARLY and top < len(LANGUAGES)
            found.append(LANGUAGES[top] if clear else None)
        return found
