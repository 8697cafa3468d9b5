"""Language: a note where posts do not look English and their card says nothing of it.

The card alone decides which encoders read the posts: what is found here is told, and changes nothing.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from benchmark.declared.card import Card
from benchmark.declared.naming import ENGLISH, all_english
from benchmark.encoders import encoder
from benchmark.encoders.langid import LANGUAGES, NO_LANGUAGE
from benchmark.encoders.use_multilingual import LANGUAGES as READ
from benchmark.features import joined_text

SAMPLE = 500
SHORTEST = 40
"""Bytes, without links and mentions. Of shorter texts, the language is a guess."""
FEWEST = 50
"""Texts with a language that is found."""


def language_note(card: Card, posts: pa.Table) -> str | None:
    """What a person should know of the languages of a data set, if anything.

    Args:
        posts: one row a post, with the card's columns.
    """
    unread = [code for code in card.languages if code not in READ]
    if unread and not all_english(card.languages):
        return f"no bundled encoder of texts was trained in {', '.join(unread)}, of the card's languages"
    if card.languages:
        return None
    texts = _sample(posts, card.content("text"))
    if len(texts) < FEWEST:  # the model is not loaded for nothing
        return None
    chosen = encoder("bundled", "language")
    if reason := chosen.unavailable():
        return f"the language of the texts was not looked at: {reason}"
    vectors, ok, _ = chosen.encode(texts)
    likeliest = vectors[ok].argmax(axis=1)
    found = Counter(LANGUAGES[place] for place in likeliest if place < len(LANGUAGES))
    total, english = found.total(), found[ENGLISH]
    if total < FEWEST or english * 2 >= total:
        return None
    code, most = found.most_common(1)[0]
    return (
        f"of {total} texts whose language was found, {total - english} are not in English, {most} in {code}; "
        f'encoders take them for English unless the card says otherwise: languages = ["{code}"]'
    )


def _sample(posts: pa.Table, columns: list[str]) -> list[str]:
    """The texts of evenly spaced posts that are long enough."""
    places = np.unique(np.linspace(0, len(posts) - 1, min(len(posts), 4 * SAMPLE)).astype(int))
    joined = joined_text(posts.select(columns).take(places), columns) if columns else pa.array([], "string")
    given = [text for text in joined.to_pylist() if _letters(text) >= SHORTEST]
    return given[:: max(1, len(given) // SAMPLE)][:SAMPLE]


def _letters(text: str) -> int:
    return len(NO_LANGUAGE.sub(" ", text).strip().encode(errors="replace"))
