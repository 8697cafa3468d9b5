"""Accounts: which names are one account."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.errors import listed
from network.graph import Codes, Ints


def spelled_alike(
    names: NDArray[np.object_], posting: NDArray[np.bool_], uses: Ints
) -> tuple[Ints, list[str]]:
    """Handles are often written in other letters than their owner writes them, or with an @ before them.

    A name that only edges carry is the posting account that is equal to it up to that, where exactly one is;
    where none is, all such spellings are the most frequent of them. Posting accounts are never put together:
    two that differ so show that it matters there.

    Args:
        names: [u] each once.
        posting: [u] whether the account publishes.
        uses: [u] in how many edges the name stands.

    Returns:
        [u] name -> the name that stands for it; and what was done, in sentences.
    """
    # An @ before a handle names it; as the whole of a name it is a name.
    plain = pd.Series(names, dtype=object).str.lower().str.replace(r"^@(?=.)", "", regex=True)
    group, _ = pd.factorize(plain)
    owners = np.bincount(group, weights=posting).astype(np.int64)
    # Of each group the first of this order stands for it: who publishes, then who is named most.
    order = np.lexsort((_rank(names), -uses, ~posting))
    stands = np.full(len(owners), -1, np.int64)
    groups, first = np.unique(group[order], return_index=True)
    stands[groups] = order[first]
    code = np.where((owners[group] <= 1) & ~posting, stands[group], np.arange(len(names)))
    changed = np.flatnonzero(code != np.arange(len(names)))
    notes = []
    if len(changed):
        example = f"'{names[changed[0]]}' is '{names[code[changed[0]]]}'"
        notes.append(
            f"names that are another but for case or an @, and taken for it: {len(changed):,} ({example})"
        )
    if apart := int((owners > 1).sum()):
        notes.append(
            f"names of several accounts that publish and differ by case or an @: they stay apart: {apart:,}"
        )
    return code, notes


def of_one_person(
    names: NDArray[np.object_], author: Codes, person: NDArray[np.object_], *, join: bool
) -> tuple[Ints, list[str]]:
    """Persons with several accounts; under `join` they are the one of these with most posts.

    Args:
        author: [p] codes of names.
        person: [p] who each post is by, None where that is not told. Who shares an account with another
            person keeps it apart.

    Returns:
        [u] name -> the name that stands for it; and what was found, in sentences.
    """
    code = np.arange(len(names))
    told = pd.notna(person)
    counts = pd.DataFrame({"account": author[told], "person": person[told]}).value_counts().reset_index()
    own = counts[~counts["account"].duplicated(keep=False)]
    several = own[own["person"].duplicated(keep=False)].sort_values(
        ["person", "count", "account"], ascending=[True, False, True]
    )
    if several.empty:
        return code, []
    first = several.groupby("person", sort=False)["account"].transform("first")
    example = [str(names[one]) for one in several["account"][several["person"] == several["person"].iloc[0]]]
    note = f"persons with several accounts: {several['person'].nunique():,} (such as {listed(example, 5)})"
    if not join:
        return code, [f"{note}; each stays an account of its own"]
    code[several["account"]] = first
    return code, [f"{note}; each person is one account, that with most posts"]


def _rank(names: NDArray[np.object_]) -> Ints:
    """The place of each name in alphabetical order."""
    rank = np.empty(len(names), np.int64)
    rank[np.argsort(names)] = np.arange(len(names))
    return rank
