"""Content: what an encoder reads of each post."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

from benchmark.errors import quoted

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.data.prepared import Prepared
    from benchmark.declared.column import Modality
    from benchmark.encoded import Features


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


def unread(features: Features, ids: Sequence[str], items: Sequence[Any], modality: Modality) -> str | None:
    """How many posts have content that could not be encoded, why, and which is the first; None if none has.

    Args:
        ids: of the posts. items: their content, as `content` gives it.
    """
    failed = features.failed()
    if not len(failed):
        return None
    first = int(failed[0])
    item = items[first].name if isinstance(items[first], Path) else repr(items[first])
    why = ", ".join(
        f"{count:,} {reason}" for reason, count in features.reasons.items() if reason != "nothing given"
    )
    return (
        f"the {modality} of {len(failed):,} of {len(ids):,} posts could not be encoded (distinct: {why}); "
        f"the first is {quoted(item)} of post '{quoted(ids[first])}'"
    )
