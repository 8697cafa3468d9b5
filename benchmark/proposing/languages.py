"""Languages: what the posts of a stranger are written in, for the card to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchmark.data.language import FEWEST, SHORTEST
from benchmark.declared.naming import ENGLISH
from benchmark.encoders import encoder
from benchmark.encoders.langid import LANGUAGES, NO_LANGUAGE

_SAMPLE = 300
_SHARE = 0.15
"""Of the texts, from which on a language is named."""


def languages(texts: Sequence[str]) -> tuple[list[str], str]:
    """The languages of a sample of texts, the most frequent first, and what was seen; empty for English.

    Nothing is said of fewer than 50 texts of some length.
    """
    long = [
        text for text in texts if len(NO_LANGUAGE.sub(" ", text).strip().encode(errors="replace")) >= SHORTEST
    ]
    some = long[:: max(1, len(long) // _SAMPLE)][:_SAMPLE]
    chosen = encoder("bundled", "language")
    if len(some) < FEWEST or chosen.unavailable():
        return [], ""
    vectors, ok, _ = chosen.encode(some)
    found = Counter(LANGUAGES[place] for place in vectors[ok].argmax(axis=1) if place < len(LANGUAGES))
    total = found.total()
    if total < FEWEST or found[ENGLISH] * 2 >= total:
        return [], ""
    named = [code for code, count in found.most_common(4) if count >= _SHARE * total]
    return named, f"of {total} texts {found[ENGLISH]} are in English, {found[named[0]]} in {named[0]}"
