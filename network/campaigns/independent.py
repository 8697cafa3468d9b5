"""Independent cascade: whom accounts would reach if each passed on what it sees by chance, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def reverse_reachable(
    audience: csr_matrix, samples: int, chance: float | None = None, seed: int = 0
) -> csr_matrix:
    """[n, samples] 1 where an account would have reached the random account that a sample began with (Borgs
    et al. 2014). Those that `most_covered` takes of it are the best under this model, which no data chose.

    Args:
        audience: [n, n] nonzero where the account of the column sees that of the row.
        chance: that a tie passes something on; one over the number of accounts that one sees, if absent.
    """
    from scipy.sparse import csr_matrix

    sees = audience.T.tocsr()
    n = sees.shape[0]
    random = np.random.default_rng(seed)
    rows, columns = [], []
    for sample, start in enumerate(random.integers(0, n, samples).tolist() if n else []):
        reached, todo = {start}, [start]
        while todo:
            one = todo.pop()
            seen = sees.indices[sees.indptr[one] : sees.indptr[one + 1]]
            passes = 1 / max(1, len(seen)) if chance is None else chance
            new = [
                other for other in seen[random.random(len(seen)) < passes].tolist() if other not in reached
            ]
            reached.update(new)
            todo += new
        rows += sorted(reached)
        columns += [sample] * len(reached)
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, samples))
