"""Features: the encoded content of a data set's posts, from the cache, made where it is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.encoders import encoder
from benchmark.encoders.cache import FeatureCache
from benchmark.run.content import content

if TYPE_CHECKING:
    from benchmark.data.prepared import Prepared
    from benchmark.encoded import Features
    from benchmark.run.progress import Progress


def features_of(prepared: Prepared, encoding: str, profile: str, home: Path, progress: Progress) -> Features:
    """By the place of a post in the prepared files."""
    chosen = encoder(profile, encoding, prepared.card.languages)
    posts = prepared.posts()
    items = content(prepared, posts, chosen.modality)
    with progress.work(f"{prepared.card.name}: encoding {encoding} ({chosen.name})") as counter:
        return FeatureCache(home).ensure(
            chosen,
            prepared.card.name,
            prepared.content,
            posts["post_id"].to_pylist(),
            items,
            progress=counter,
        )
