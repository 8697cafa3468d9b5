"""Overlap: how much of one account's audience is another's too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from network.influence.seen import Floats, Seen


def overlap(seen: Seen, accounts: Sequence[int]) -> Floats:
    """[k, k]: of those who name or follow the account of a row, the share who do so with that of the column.

    1 along the diagonal; NaN in the row of an account without any.
    """
    audience = seen.pairs[:, list(accounts)].T.tocsr()
    both = (audience @ audience.T).toarray()
    sizes = np.diag(both).copy()
    found = np.full_like(both, np.nan)
    found[sizes > 0] = both[sizes > 0] / sizes[sizes > 0, None]
    return found


def reached(seen: Seen, accounts: Sequence[int]) -> int:
    """Accounts that name or follow at least one of some, each once."""
    return len(np.unique(seen.source[np.isin(seen.target, list(accounts))]))
