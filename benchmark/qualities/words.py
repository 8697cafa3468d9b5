"""Words: what was found of a quality, as a sentence."""

from __future__ import annotations

from benchmark.qualities.qualities import QUALITIES
from benchmark.qualities.report import Told


def sentence(told: Told) -> str:
    """`viral posts ask a question 1.4 times as often (21% against 15%)`; else means, in its own unit."""
    quality, found = QUALITIES[told.name], told.found
    if quality.yes_or_no:
        shares = f"({found.viral:.1%} against {found.others:.1%})"
        if found.others > 0:
            return f"viral posts {quality.more} {found.viral / found.others:.2g} times as often {shares}"
        return f"viral posts {quality.more} more often {shares}"
    words = quality.more if found.effect >= 0 else quality.less
    one, other = (number(value, found.spread) for value in (found.viral, found.others))
    return f"viral posts {words} ({one} against {other})"


def number(value: float, spread: float) -> str:
    """With as many digits as a twentieth of the spread has: more would be noise."""
    digits = 0
    while digits < 4 and spread / 20 < 10**-digits:
        digits += 1
    return f"{value:,.{digits}f}"
