"""Content: what an encoder reads of each post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, assert_never

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.card import Modality
    from benchmark.data.prepared import Prepared


def content(prepared: Prepared, posts: pa.Table, modality: Modality) -> Sequence[Any]:
    """What an encoder of a modality reads of each post: its joined text, or the path of its image."""
    from benchmark.features import joined_text

    names = prepared.card.content(modality)
    if modality == "text":
        texts: list[str] = joined_text(posts, names).to_pylist()
        return texts
    if modality == "image":
        root = prepared.images
        paths = posts[names[0]].to_pylist()
        return [root / path if path and root else None for path in paths]
    assert_never(modality)
