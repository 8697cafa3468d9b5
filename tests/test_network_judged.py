"""`python -m tools.network_judged`: what a network tells of what comes, of a data set by its card."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tools.network_judged import main

CARD = """\
name = "mine"
title = "Mine"
reader = "table"
raw = "posts.csv"
licence = "mine"
obtain = "Ask Ann."

[columns]
post_id = { role = "id" }
user_id = { role = "user" }
time = { role = "time" }
text = { role = "text" }

[targets]
likes = { scale = "log1p" }

[[tasks]]
name = "likes"
targets = ["likes"]
protocols = { frozen = { cut_off = 2021-03-20 } }
"""


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of 24 accounts, none of which names another; its raw file lies where SMPBENCH_RAW says."""
    raw = tmp_path / "raw"
    raw.mkdir()
    with (raw / "posts.csv").open("w", newline="") as file:
        written = csv.writer(file)
        written.writerow(["post_id", "user_id", "time", "text", "likes"])
        for i in range(480):
            day = f"2021-{1 + i // 120:02}-{1 + i % 28:02}T00:00:00"
            written.writerow([f"p{i}", f"u{i % 24}", day, f"text {i}", 10 * (i % 24) + i % 7])
    monkeypatch.setenv("SMPBENCH_RAW", str(raw))
    path = tmp_path / "card" / "card.toml"
    path.parent.mkdir()
    path.write_text(CARD)
    return path


def test_without_edges_it_says_what_own_past_tells_and_that_there_are_no_links(
    card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["-d", str(card), "--home", str(tmp_path / "home"), "--fewest", "3"])
    printed = capsys.readouterr().out
    assert "mine: 24 accounts, 0 edges" in printed
    assert "own_past" in printed
    assert printed.endswith("no account names another, so there are no links to foretell\n")
