"""Pseudonyms: which accounts are shown by their names, and what the others are called.

A pseudonym is `account 17`: a number by rank, which is in the same table anyway, and no key leads back
from it. It keeps a name off a slide. It does not hide an account from someone who holds the same data and
counts anew.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.declared.naming import printable
from network.reading import Reading

FOLLOWERS = 10_000
"""Accounts with fewer are people, as far as anyone can tell, and are not named unless one asks for it."""
_NAMED = re.compile(r"(?P<sign>[@#＠＃])(?P<name>[\w.·]+)|(?P<slash>(?<=[\w:])/+@?)(?P<part>[\w.~-]+)")
"""A handle or a tag with its sign, or a part of an address."""


@dataclass(frozen=True)
class Names:
    """What accounts are called, in pages and in files."""

    of: NDArray[np.str_]
    """[n] each once."""
    renamed: NDArray[np.bool_]
    """[n] whether it is a pseudonym."""
    number: NDArray[np.int64]
    """[n] 1 for the account with the most edges: the order where nothing else decides, for an account's
    code is its place in the alphabet."""
    rule: str
    """Whose names are kept back, in a sentence."""
    pseudonyms: dict[str, str]
    """Small letters of a name -> its pseudonym."""

    def text(self, text: str) -> str:
        """A tag, a link, a phrase or a community's name in which no pseudonymous account is named.

        Names are found after @ and #, as a part of an address, and where they are all of the text. Within
        words they are not looked for.
        """
        whole = self.pseudonyms.get(text.strip().lower())
        if whole:
            return whole
        return printable(_NAMED.sub(self._replaced, text))

    def _replaced(self, found: re.Match[str]) -> str:
        sign = found["sign"] or found["slash"]
        name = found["name"] or found["part"]
        # A full stop that ends a sentence belongs to no name.
        bare = name.rstrip(".")
        pseudonym = self.pseudonyms.get(bare.lower())
        return f"{sign}({pseudonym}){name[len(bare) :]}" if pseudonym else found[0]


def names_of(
    reading: Reading, *, everyone: bool = False, nobody: bool = False, below: int = FOLLOWERS
) -> Names:
    """The names under which a reading may be shown.

    Args:
        everyone: all accounts get a pseudonym.
        nobody: none does.
        below: accounts with fewer followers get one. Where followers are unknown, accounts that do not
            publish in the data set do: they are merely named in it.

    Raises:
        ValueError: everyone and nobody, or a negative number of followers.
    """
    if everyone and nobody:
        raise ValueError("either every account gets a pseudonym, or none does")
    if below < 0:
        raise ValueError(f"a number of followers is not negative: {below}")
    graph = reading.network.graph
    if everyone:
        renamed, rule = np.ones(graph.n, bool), "Every account has a pseudonym."
    elif nobody:
        renamed, rule = np.zeros(graph.n, bool), "Accounts are shown by their names."
    else:
        renamed, rule = _small(reading, below)
    numbers = _by_rank(reading)
    told = np.asarray([printable(name) for name in graph.names.tolist()], object)
    told[renamed] = [f"account {number}" for number in numbers[renamed]]
    old = (name.lower().lstrip("@") for name in graph.names[renamed].tolist())
    pseudonyms = dict(zip(old, told[renamed].tolist(), strict=True))
    return Names(_distinct(told), renamed, numbers, rule, pseudonyms)


def _small(reading: Reading, below: int) -> tuple[NDArray[np.bool_], str]:
    n = reading.network.graph.n
    publishes = np.zeros(n, bool)
    publishes[reading.network.published.author] = True
    followers = next((one.values for one in reading.influence if one.name == "followers"), None)
    if followers is None or not np.isfinite(followers).any():
        rule = "Accounts that are named in the data, and publish nothing in them, have pseudonyms."
        return ~publishes, rule
    known = np.isfinite(followers)
    rule = (
        f"Accounts with fewer than {below:,} followers have pseudonyms, and so have those of whom followers "
        "are unknown and that publish nothing in the data."
    )
    return np.where(known, np.nan_to_num(followers) < below, ~publishes), rule


def _by_rank(reading: Reading) -> NDArray[np.int64]:
    """[n] 1 for the account with the most edges. Names have no say in it: theirs is the alphabet's order."""
    graph = reading.network.graph
    degree = np.bincount(graph.source, minlength=graph.n) + np.bincount(graph.target, minlength=graph.n)
    posts = np.bincount(reading.network.published.author, minlength=graph.n)
    # Where both are equal a shuffle decides, or ties would be in the order of the alphabet. It is always the
    # same, and cannot be done again by someone who does not have all names.
    seed = hashlib.sha256("\n".join(graph.names.tolist()).encode("utf-8", "surrogatepass")).digest()
    shuffled = np.random.default_rng(list(seed)).permutation(graph.n)
    found = np.empty(graph.n, np.int64)
    found[np.lexsort((shuffled, -posts, -degree))] = np.arange(1, graph.n + 1)
    return found


def _distinct(names: NDArray[np.object_]) -> NDArray[np.str_]:
    """Two accounts that look the same once they are printable are told apart by a number."""
    seen: dict[str, int] = {}
    found = []
    for name in names.tolist():
        again = seen.get(name, 0)
        seen[name] = again + 1
        found.append(f"{name} ({again + 1})" if again else name)
    return np.asarray(found, np.str_)
