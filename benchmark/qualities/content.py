"""Content of prepared posts, as encoders read it: from the feature cache, which a small data set fills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.cache import FeatureCache
from benchmark.qualities.measured import Read, encoders, reader, table
from benchmark.run.content import content

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.data.prepared import Prepared
    from benchmark.declared.column import Modality

MODALITIES: tuple[Modality, ...] = ("text", "image")


@dataclass(frozen=True)
class Content:
    """Texts and images of all posts of a data set."""

    prepared: Prepared
    items: dict[Modality, Sequence[str] | Sequence[Path | None]]
    """Of the modalities that the card declares, in the order of the prepared posts."""

    @classmethod
    def of(cls, prepared: Prepared) -> Content:
        posts = prepared.posts()
        declared = [modality for modality in MODALITIES if prepared.card.content(modality)]
        return cls(prepared, {modality: content(prepared, posts, modality) for modality in declared})

    def qualities(
        self, rows: NDArray[np.int64], home: Path, profile: str, most: int, say: Callable[[str], None]
    ) -> pd.DataFrame:
        """float32 [m, qualities] of the posts in these rows.

        Where the data set has no more than `most` posts, all are encoded into the cache of the home; of a
        larger one only those asked for, unless the cache has them all.

        Raises:
            SmpbenchError: an encoder of the profile cannot be used here.
        """
        cache, card = FeatureCache(home), self.prepared.card
        ids = self.prepared.posts(["post_id"])["post_id"].to_pylist()
        chosen: dict[Modality, list[str | Path | None]] = {
            modality: [items[row] for row in rows] for modality, items in self.items.items()
        }
        directly = reader(chosen)
        found: dict[str, Read] = {}
        for encoding, one in encoders(profile, card.languages, list(self.items)).items():
            of = one, card.name, self.prepared.content
            items = self.items[one.modality]
            say(f"{encoding} ({one.name}) of {len(rows):,} posts")
            if len(ids) <= most or cache.holds(*of, items):
                features = cache.ensure(*of, ids, items)
                found[encoding] = Read(features.rows(rows), features.ok(rows))
            else:
                found[encoding] = directly(one)
        texts = [str(text) for text in chosen.get("text", [""] * len(rows))]
        return table(texts, found, card.languages)
