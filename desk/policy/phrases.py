"""Phrases: whether words stand in a text, in any script and however they are written.

A text is cut into tokens: runs of letters, digits and their marks, small and in one form of Unicode. A sign
of a script that puts no blanks between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) is a token of its
own, as is an emoji. `#` and `@` before a word belong to it. Nothing else counts, least of all signs that
nobody sees. A phrase is found where its tokens follow one another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

LONGEST_PHRASE = 200
"""Characters."""
PREFIX = "*"
"""At the end of a phrase: any end of its last word."""
_TOKEN = re.compile(r"t?(?:w[wm]*|1m*)|s")
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3021, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts without blanks between words."""
_INVISIBLE_MARKS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
"""Beside all of the category Cf: joiners of marks, fillers, selectors of a variant."""


def tokens(text: str) -> list[str]:
    """The words of a text, as they are compared."""
    plain = _plain(text)
    kinds = "".join(map(_kind, plain))
    return [plain[found.start() : found.end()] for found in _TOKEN.finditer(kinds)]


def found_phrase(phrases: tuple[str, ...], text: Sequence[str]) -> str | None:
    """The first place of a text at which one of the phrases stands: that phrase, or None.

    Args:
        text: its `tokens`.
    """
    whole, begun = _arranged(phrases)
    for start, token in enumerate(text):
        bare = token[1:] if token[0] in "#@" else token
        for phrase, wanted, prefix in (
            *whole.get(token, ()),
            *(whole.get(bare, ()) if bare != token else ()),
            *begun,
        ):
            if _stands(wanted, prefix, text[start : start + len(wanted)]):
                return phrase
    return None


def hashtags(text: Sequence[str]) -> int:
    """How many of the tokens are hashtags."""
    return sum(token[0] == "#" for token in text)


def phrase_problem(phrase: str) -> str:
    """Why this is no phrase; empty if it is one."""
    body = phrase.strip().removesuffix(PREFIX)
    if PREFIX in body:
        return f"'{phrase[:40]}': a {PREFIX} stands at the end alone, for any end of the last word"
    if len(phrase) > LONGEST_PHRASE:
        return f"'{phrase[:40]}...': a phrase has at most {LONGEST_PHRASE} characters"
    if not tokens(body) or (phrase.strip().endswith(PREFIX) and body != body.rstrip()):
        return (
            f"'{phrase[:40]}': no word in it"
            if not tokens(body)
            else f"'{phrase[:40]}': no word before the *"
        )
    return ""


_Arranged = tuple[str, tuple[str, ...], bool]
"""A phrase, its tokens, and whether the last of them is a beginning."""


@lru_cache(maxsize=256)
def _arranged(phrases: tuple[str, ...]) -> tuple[dict[str, list[_Arranged]], tuple[_Arranged, ...]]:
    """Phrases by their first word, and those whose first word is a beginning."""
    whole: dict[str, list[_Arranged]] = {}
    begun: list[_Arranged] = []
    for phrase in phrases:
        text = phrase.strip()
        prefix = text.endswith(PREFIX)
        wanted = tuple(tokens(text.removesuffix(PREFIX)))
        if prefix and len(wanted) == 1:
            begun.append((phrase, wanted, prefix))
        else:
            whole.setdefault(wanted[0], []).append((phrase, wanted, prefix))
    return whole, tuple(begun)


def _stands(wanted: tuple[str, ...], prefix: bool, there: Sequence[str]) -> bool:
    if len(there) < len(wanted):
        return False
    last = len(wanted) - 1
    return all(
        any(
            one.startswith(word) if prefix and i == last else one == word
            for one in ((token, token[1:]) if token[0] in "#@" else (token,))
        )
        for i, (word, token) in enumerate(zip(wanted, there, strict=True))
    )


def _plain(text: str) -> str:
    seen = text if text.isascii() else "".join(letter for letter in text if not _is_invisible(letter))
    folded = unicodedata.normalize("NFKC", seen).casefold()
    return unicodedata.normalize("NFKC", folded)


def _is_invisible(letter: str) -> bool:
    return letter in _INVISIBLE_MARKS or unicodedata.category(letter) == "Cf"


@lru_cache(maxsize=65_536)
def _kind(letter: str) -> str:
    """`w` of a word, `m` a mark on it, `1` a word of its own, `s` a symbol, `t` a tag, ` ` anything else."""
    if letter in "#@":
        return "t"
    category = unicodedata.category(letter)
    if category[0] == "M":
        return "m"
    if category[0] in "LN":
        return "1" if any(low <= ord(letter) <= high for low, high in _UNSPACED) else "w"
    return "s" if category == "So" else " "
