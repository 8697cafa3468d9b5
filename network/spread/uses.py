"""Uses: which account used which tag or link first, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from network.network import Network
from network.tagged import tag_columns

Ints = NDArray[np.int64]
_LINK = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"']+", re.IGNORECASE)
_SHORTENED = re.compile(r"^https?://(?:t\.co|pic\.twitter\.com)/", re.IGNORECASE)
"""Made anew for each post: two posts of one address have two of these."""


@dataclass(frozen=True)
class Uses:
    """u first uses, an item and account each once; ascending in item, then in time."""

    items: NDArray[np.str_]
    """[i] tags with `#`, links without what follows `?` or `#`."""
    item: Ints
    """[u] places in `items`."""
    account: Ints
    """[u]"""
    time: Ints
    """[u] ms since 1970."""

    def __len__(self) -> int:
        return len(self.item)

    def ends(self) -> Ints:
        """[i + 1]: uses of item k are `ends[k]` to `ends[k + 1]`."""
        return np.searchsorted(self.item, np.arange(len(self.items) + 1))


def uses_of(network: Network) -> Uses:
    """First uses of each tag and link by each account that publishes."""
    published = network.published
    rows: list[int] = []
    items: list[str] = []
    for name in tag_columns(network):
        for row, said in enumerate(_strings(published.table, name)):
            words = {f"#{word.lower().lstrip('#')}" for word in said.split()} - {"#"} if said else ()
            rows += [row] * len(words)
            items += words
    for name in network.card.with_role("text"):
        for row, said in enumerate(_strings(published.table, name)):
            links = (
                {_address(link) for link in _LINK.findall(said)} - {""}
                if "/" in said or "www." in said
                else ()
            )
            rows += [row] * len(links)
            items += links
    place = np.asarray(rows, np.int64)
    return first_uses(items, published.author[place].astype(np.int64), published.times[place])


def first_uses(items: list[str], account: Ints, time: Ints) -> Uses:
    """Of any uses, in any order, those that are an account's first of an item."""
    codes, names = pd.factorize(np.asarray(items, object), sort=True)
    order = np.lexsort((time, account, codes))
    codes, account, time = codes[order].astype(np.int64), account[order], time[order]
    first = np.ones(len(codes), bool)
    first[1:] = (np.diff(codes) != 0) | (np.diff(account) != 0)
    codes, account, time = codes[first], account[first], time[first]
    order = np.lexsort((account, time, codes))
    return Uses(np.asarray(names, np.str_), codes[order], account[order], time[order])


def _strings(table: pa.Table, name: str) -> list[str]:
    if name not in table.column_names:
        return []
    said: list[str] = table[name].cast(pa.string()).fill_null("").to_pylist()
    return said


def _address(link: str) -> str:
    """An address as two posts of the same page have it; empty where it is made anew for each post."""
    if _SHORTENED.match(link):
        return ""
    bare = re.split(r"[?#]", link, maxsplit=1)[0].rstrip("/.,;:!)]}…")
    bare = re.sub(r"^https?://(?:www\.)?|^www\.", "", bare, flags=re.IGNORECASE)
    host, _, path = bare.partition("/")
    return f"{host.lower()}/{path}" if path else host.lower()
