"""Tagged: which columns of posts hold what they are about, and not whom they name."""

from __future__ import annotations

from network.network import Network


def tag_columns(network: Network) -> list[str]:
    """Columns of tags, less those that name accounts."""
    of_accounts = {column for declared in network.card.facts.values() for column in declared.of.values()}
    there = network.published.table.column_names
    return [name for name in network.card.with_role("tags") if name in there and name not in of_accounts]
