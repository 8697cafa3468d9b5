"""What the tests of `docs/findings.md` share: its sections."""

from __future__ import annotations

import re

from documents import page

from benchmark import PROJECT

PAGE = "docs/findings.md"
PUBLISHED = PROJECT / "leaderboard" / "published"

ELSEWHERE = [
    (
        "These two",
        "Those of scikit-learn",
        "scikit-learn's trees are evaluated by the reader, and on no board",
    ),
    ("There, `rolling`", "Every row against itself", "takes labels: tools.tables.ageing"),
    ("Both leave the year", "On the first board", "the first board is no longer published"),
    ("A list of handles", "152 political influencers", "rows of influencers are not published"),
    ("On Instagram posts of 72", "A list of handles", "the same"),
    ("Rows of it are not", "On `influencers` half a year", "the same"),
    ("A choice gains", "The mean of what ten rows predict", "takes labels: tools.tables.averaged"),
    (
        "An interval of one seed",
        "Five data sets were computed again",
        "one of two boards is no longer published",
    ),
]
"""Up to which words, from which words on, intervals are not derived from what is published, and why not."""


def sections() -> dict[str, str]:
    """Heading -> text, of each finding; without what is told of rows that are not published."""
    text = page(PAGE)
    for end, begin, _ in ELSEWHERE:
        start = text.index(begin)
        text = text[:start] + text[text.index(end, start) :]
    parts = re.split(r"^## (\d+\. .*)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


SECTIONS = sections()


def prose(section: int) -> str:
    """The whole text of a finding by its number, in one line."""
    _, begun = page(PAGE).split(f"\n## {section}. ")
    return " ".join(begun.split("\n## ")[0].split())
