"""Naming: what sets a community's members apart from all others, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from network.communities.leiden import Labels
from network.network import Network
from network.tagged import tag_columns

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FEWEST = 3
"""Members who use a tag that names their community: most tags are one account's alone."""
SHARE = 0.02
"""Of its members, in large communities: of thousands of tags some are set apart by chance."""
SURE = 2.0
"""Standard errors of the log odds ratio that a name lies above 0."""
PRIOR = 2.0
"""Accounts' worth of prior: a tag that three use and nobody else is no infinite odds."""
TAGS = 3
MOST_TEXTS = 200_000
"""That are read for words, the newest of each account alike."""
TEXTS_OF_COMMUNITY, LARGEST = 100, 20
"""Texts whose language is told, of each of so many communities."""
MOSTLY = 0.6
"""Share of a community's members from which on it is said to be of their place, language or category."""
_WORD = re.compile(r"https?://\S+|[@#＃]\w+|([^\W\d_]{4,})")
NOTHING = "no tag, language or place of its own"


def names_of(network: Network, labels: Labels, number: int) -> tuple[str, ...]:
    """A name for each of the communities 0 to `number` - 1: `#tag, #tag; country mx; Spanish`.

    Tags, and words of texts where no tag does, by the log odds of members who use it against all others who
    do, with a prior of all accounts (Monroe, Colaresi & Quinn 2008): an account counts once, however often it
    repeats itself.
    """
    published = network.published
    writes = np.zeros(len(labels), bool)
    writes[published.author] = True
    writers = np.where(writes, labels, -1)
    tags = _telling(*_tags(network), writers, number)
    if not all(tags):
        words = _telling(*_words(network), writers, number)
        tags = [of_tags or of_words for of_tags, of_words in zip(tags, words, strict=True)]
    mostly = _mostly(network, writers, number)
    languages = _languages(network, labels, number)
    return tuple(
        "; ".join(one for one in (", ".join(tags[code]), *mostly[code], languages.get(code, "")) if one)
        or NOTHING
        for code in range(number)
    )


def _telling(users: csr_matrix, terms: NDArray[np.str_], writers: Labels, number: int) -> list[list[str]]:
    """Of each community the terms that set it apart. `users` [n, terms] is 1 where an account uses a term."""
    from scipy.sparse import csr_matrix

    found: list[list[str]] = [[] for _ in range(number)]
    inside = np.flatnonzero(writers >= 0)
    if not len(terms) or not len(inside):
        return found
    of = csr_matrix((np.ones(len(inside)), (writers[inside], inside)), shape=(number, len(writers)))
    use = (of @ users).tocsr()
    total = np.asarray(use.sum(axis=0)).ravel()
    members = np.bincount(writers[inside], minlength=number)
    for code in range(number):
        row = use[code]
        places, count = row.indices, row.data
        enough = count >= max(FEWEST, SHARE * members[code])
        places, count = places[enough], count[enough]
        # Of the accounts of one side, those with and without a term, each with the prior's share.
        share = np.clip(PRIOR * total[places] / members.sum(), PRIOR / 4, PRIOR * 3 / 4)
        yes, no = count + share, members[code] - count + PRIOR - share
        others = total[places] - count
        yes_there, no_there = others + share, members.sum() - members[code] - others + PRIOR - share
        odds = np.log(yes / no) - np.log(yes_there / no_there)
        z = odds / np.sqrt(1 / yes + 1 / no + 1 / yes_there + 1 / no_there)
        best = [place for place in np.lexsort((terms[places], -z)) if z[place] >= SURE][:TAGS]
        found[code] = [str(terms[places[place]]) for place in best]
    return found


def _matrix(account: NDArray[np.int64], term: list[str], n: int) -> tuple[csr_matrix, NDArray[np.str_]]:
    from scipy.sparse import coo_matrix

    codes, terms = pd.factorize(np.asarray(term, object), sort=True)
    users = coo_matrix((np.ones(len(codes)), (account, codes)), shape=(n, len(terms))).tocsr()
    users.data[:] = 1.0
    return users, np.asarray(terms, np.str_)


def _tags(network: Network) -> tuple[csr_matrix, NDArray[np.str_]]:
    """Tags that posts carry, in small letters; not the columns of accounts that they name."""
    account, term = [], []
    for name in tag_columns(network):
        column = network.published.table[name].cast(pa.string()).fill_null("")
        for author, said in zip(network.published.author.tolist(), column.to_pylist(), strict=True):
            if said:
                words = {f"#{word.lower().lstrip('#')}" for word in said.split()} - {"#"}
                account += [author] * len(words)
                term += sorted(words)
    return _matrix(np.asarray(account, np.int64), term, network.graph.n)


def _words(network: Network) -> tuple[csr_matrix, NDArray[np.str_]]:
    account, term = [], []
    for name in _of_role(network, "text"):
        rows = newest_of_each(network, MOST_TEXTS)
        column = network.published.table[name].cast(pa.string()).take(pa.array(rows)).fill_null("")
        for author, text in zip(network.published.author[rows].tolist(), column.to_pylist(), strict=True):
            words = {word.lower() for word in _WORD.findall(text) if word}
            account += [author] * len(words)
            term += sorted(words)
    return _matrix(np.asarray(account, np.int64), term, network.graph.n)


def newest_of_each(network: Network, most: int) -> NDArray[np.int64]:
    """Rows of the newest posts of each account, as many of each as `most` allow all; ascending."""
    author = network.published.author
    order = np.lexsort((-np.arange(len(author)), author))
    firsts = np.r_[0, np.flatnonzero(np.diff(author[order])) + 1] if len(order) else np.empty(0, np.int64)
    place = np.arange(len(order)) - np.repeat(firsts, np.diff(np.r_[firsts, len(order)]))
    of_each = max(1, most // max(1, len(firsts)))
    return np.sort(order[place < of_each][: max(most, len(firsts))])


def _mostly(network: Network, writers: Labels, number: int) -> list[list[str]]:
    """Of each community the values that most of its writers have, and that others have less often."""
    found: list[list[str]] = [[] for _ in range(number)]
    for name in _of_role(network, "categorical", "category"):
        column = network.published.table[name]
        if pa.types.is_boolean(column.type):
            continue  # how they post, not what about
        rows = pd.DataFrame(
            {"account": network.published.author, "value": column.cast(pa.string()).to_pandas()}
        ).dropna()
        usual = rows.groupby(["account", "value"], observed=True).size().reset_index(name="posts")
        usual = usual.sort_values(["posts", "value"], ascending=[False, True]).drop_duplicates("account")
        if usual["value"].nunique() < 2 or usual["value"].nunique() > len(usual) / FEWEST:
            continue
        usual["community"] = writers[usual["account"].to_numpy()]
        overall = usual["value"].value_counts(normalize=True)
        for code, members in usual[usual["community"] >= 0].groupby("community")["value"]:
            share = members.value_counts(normalize=True)
            value, much = str(share.index[0]), float(share.iloc[0])
            if len(members) >= FEWEST and much >= MOSTLY and much > 1.2 * overall[value]:
                found[int(code)].append(f"{name.replace('_', ' ')} {value}")
    return found


def _languages(network: Network, labels: Labels, number: int) -> Mapping[int, str]:
    """Of the largest communities the language of most of their texts, where the data are in several."""
    columns = _of_role(network, "text")
    if len(network.card.languages) < 2 or not columns:
        return {}
    from benchmark.encoders.langid import LANGUAGES, LangId

    of_post = labels[network.published.author]
    identifier, told = LangId(), dict[int, Counter[str]]()
    for code in range(min(number, LARGEST)):
        rows = np.flatnonzero(of_post == code)
        # Evenly over time, so that no single account's day speaks for all.
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), TEXTS_OF_COMMUNITY)).astype(np.int64)]
        if len(rows) < FEWEST:
            continue
        texts = network.published.table[columns[0]].cast(pa.string()).take(pa.array(rows)).fill_null("")
        best = np.asarray(identifier.encode(texts.to_pylist()).vectors).argmax(axis=1)
        told[code] = Counter([*LANGUAGES, ""][place] for place in best)
    everywhere = sum(told.values(), Counter[str]())
    usual = everywhere.most_common(1)[0][0] if everywhere else ""
    found = {}
    for code, counts in told.items():
        language, times = counts.most_common(1)[0]
        # Said of a community only if another one's is another.
        if language and times >= MOSTLY * counts.total() and (language != usual or len(told) > 1):
            found[code] = LANGUAGE_NAMES.get(language, language)
    return found if len(set(found.values())) > 1 else {}


LANGUAGE_NAMES = {
    "en": "English", "es": "Spanish", "pt": "Portuguese", "fr": "French", "de": "German", "it": "Italian",
    "nl": "Dutch", "pl": "Polish", "ru": "Russian", "tr": "Turkish", "ar": "Arabic", "fa": "Persian",
    "hi": "Hindi", "id": "Indonesian", "vi": "Vietnamese", "th": "Thai", "ja": "Japanese", "ko": "Korean",
    "zh": "Chinese",
}  # fmt: skip


def _of_role(network: Network, *roles: str) -> list[str]:
    there = network.published.table.column_names
    return [name for name in network.card.with_role(*roles) if name in there]  # type: ignore[arg-type]
