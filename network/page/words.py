"""Words: what a score of influence is worth, in sentences that stand beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from network.reading import Held, Influence, Reading

OWN_PAST = "own_past"
"""The influence that is a reference: what the account itself has had so far."""
Verdict = Literal["gains", "nothing", "loses", "unknown"]

DESCRIPTION = (
    "What crossed, and how fast: a description of what was seen. It is no forecast: which tags crossed early "
    "did not foretell who would use them later."
)
UNHELD = "This score was not held against what came after: whether it foretells anything is not known."
REFERENCE = "The account's own past is the reference: each other score is held against it."


def verdict(held: Held) -> Verdict:
    """What a score adds to the account's own past, as far as its interval tells."""
    if not (np.isfinite(held.beyond_low) and np.isfinite(held.beyond_high)):
        return "unknown"
    if held.beyond_low > 0:
        return "gains"
    return "loses" if held.beyond_high < 0 else "nothing"


def sentence(held: Held) -> str:
    """Whether a score says anything new about what came after, and by which numbers."""
    return f"{conclusion(held)} {numbers_of(held)}"


def conclusion(held: Held) -> str:
    """Whether a score says anything new: what must be read if nothing else is."""
    against = held.against.replace("_", " ")
    past = "the account's own past"
    return {
        "gains": f"Says something about {against} to come that {past} does not.",
        "nothing": f"Says nothing new about {against}: it does not beat {past}.",
        "loses": f"Says nothing new about {against}: it does not beat {past}, and takes away from it.",
        "unknown": f"Whether it says anything new about {against} beside {past} could not be told.",
    }[verdict(held)]


def numbers_of(held: Held) -> str:
    """How a score stood against what came after, on which accounts."""
    on = f"{held.accounts:,} account{'s' * (held.accounts != 1)}"
    return (
        f"On {on}: Spearman {number(held.spearman)} {interval(held.low, held.high)} with the "
        f"{held.against.replace('_', ' ')} to come, own past {number(held.own_past)}; added to own past "
        f"{signed(held.beyond)} {interval(held.beyond_low, held.beyond_high, signed)}."
    )


def headline(reading: Reading) -> str:
    """What all scores together are worth, before any ranking."""
    known = [one for one in reading.held if one.score != OWN_PAST and verdict(one) != "unknown"]
    if not known:
        return "No score of influence here was held against what came after: none is known to foretell it."
    gains = [one for one in known if verdict(one) == "gains"]
    scores = len({one.score for one in known})
    against = " or ".join(sorted({one.against.replace("_", " ") for one in known}))
    if not gains:
        which = f"None of {scores} scores" if scores > 1 else "The one score that was tried"
        return (
            f"{which} beats the account's own past: who is central says nothing new about {against} to come."
        )
    called = {one.name: one.words for one in reading.influence}
    told = "; ".join(
        f"{called.get(one.score, one.score)} ({one.against.replace('_', ' ')}, {signed(one.beyond)})"
        for one in gains
    )
    return f"Of {scores} scores these say something that the account's own past does not: {told}."


def beside(reading: Reading, score: Influence) -> list[tuple[str, str]]:
    """What must stand beside the ranking by a score: conclusions, each with its numbers."""
    if score.name == OWN_PAST:
        return [(REFERENCE, "")]
    held = [one for one in reading.held if one.score == score.name]
    return [(conclusion(one), numbers_of(one)) for one in held] or [(UNHELD, "")]


def number(value: float) -> str:
    """.955, −.10; a question mark where it is unknown."""
    if not np.isfinite(value):
        return "?"
    text = f"{abs(value):.3f}"
    text = text[1:] if text.startswith("0") else text
    return f"−{text}" if value < 0 and float(text) else text


def signed(value: float) -> str:
    """+.012, −.003."""
    return number(value) if not np.isfinite(value) or value < 0 else f"+{number(value)}"


def interval(low: float, high: float, said: Callable[[float], str] = number) -> str:
    """[.93, .97]."""
    return f"[{said(low)}, {said(high)}]" if np.isfinite(low) and np.isfinite(high) else "(no interval)"


def span(low: float, high: float) -> str:
    """An interval of any number: [1,203, 1,877]; empty where there is none."""
    return f"[{low:,.4g}, {high:,.4g}]" if np.isfinite(low) and np.isfinite(high) else ""
