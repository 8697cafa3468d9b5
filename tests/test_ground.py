"""The colours of the pages: those that all share are told once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmark import PROJECT
from benchmark.outside.ground import ground

STYLES = sorted(
    path for room in ("desk", "leaderboard", "network") for path in (PROJECT / room).rglob("*.css")
)
SHARED = set(re.findall(r"(--[\w-]+):", ground()))


def test_every_shared_colour_has_one_for_the_day_and_one_for_the_night() -> None:
    assert len(SHARED) > 5
    for name in SHARED:
        assert len(re.findall(f"{name}: (#\\w+);", ground())) == 2


@pytest.mark.parametrize("style", STYLES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_style_tells_no_shared_colour_anew_but_for_paper(style: Path) -> None:
    screen = style.read_text(encoding="utf-8").partition("@media print")[0]
    told = set(re.findall(r"(--[\w-]+):", "" if style.name == "print.css" else screen))
    assert told & SHARED == set()
    names = set(re.findall(r"var\((--[\w-]+)\)", screen))
    beside = {name for one in STYLES if one.parent == style.parent for name in declared(one)}
    assert names <= SHARED | beside, "and uses none that nobody tells"


def declared(style: Path) -> set[str]:
    return set(re.findall(r"(--[\w-]+):", style.read_text(encoding="utf-8")))
