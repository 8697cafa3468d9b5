"""Five commands of the docs: a network is read, shown, handed on, and held against its worth."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from documents import page, smpbench

SECTION = "\n## Five commands\n"


def commands() -> list[list[str]]:
    section = page("docs/network.md").partition(SECTION)[2].partition("\n## ")[0]
    lines = re.findall(r"^```sh\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)[0].splitlines()
    return [shlex.split(line)[1:] for line in lines]


@pytest.mark.slow
def test_the_five_commands_lead_to_a_page_tables_and_rows(tmp_path: Path) -> None:
    (tmp_path / "follows.csv").write_text(
        "source,target\nann,bob\nbob,cat\ncat,ann\ndan,ann\n", encoding="utf-8"
    )
    show, window, hand_on, alone, run = commands()
    home = ["--home", str(tmp_path / "home")]

    told = smpbench(*show, *home, "--json", "told.json", cwd=tmp_path)
    assert "wrote graph.html" in told and "communities" in told
    assert "own past" in told, "no ranking without what it is worth"
    assert json.loads((tmp_path / "told.json").read_text())["counts"]["accounts"] == 400
    assert (
        "<canvas" in (tmp_path / "graph.html").read_text() or "sigma" in (tmp_path / "graph.html").read_text()
    )

    assert "account 1" in smpbench(*window, *home, cwd=tmp_path)
    smpbench(*hand_on, *home, cwd=tmp_path)
    assert (tmp_path / "network.graphml").is_file() and list((tmp_path / "tables").glob("*.csv"))
    assert "4 accounts" in smpbench(*alone, *home, cwd=tmp_path)
    assert (tmp_path / "follows.html").is_file()
    smpbench(*run, *home, cwd=tmp_path)
    assert "graph" in (tmp_path / "home" / "leaderboard" / "LEADERBOARD.md").read_text()


@pytest.mark.slow
def test_a_command_without_anything_to_read_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="name a data set"):
        smpbench("graph", cwd=tmp_path)


@pytest.mark.slow
def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="write it as 2020-07-01"):
        smpbench("graph", "-d", "demo_network", "--since", "July", cwd=tmp_path)
