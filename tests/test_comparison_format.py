"""A comparison as text: every format has all of it, whatever a name holds."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from comparisons import EVIL, board, both, smpbench

from benchmark.errors import UnknownName
from leaderboard.compare.comparison import Comparison, compare
from leaderboard.compare.format import FORMATS, formatted


def evil(folder: Path) -> Comparison:
    return both(folder, {"baseline": EVIL}, {"baseline": EVIL, "score": 1.5, "code_hash": EVIL})


@pytest.mark.slow
def test_csv_has_every_score_and_every_change(tmp_path: Path) -> None:
    text = formatted(evil(tmp_path), "csv")
    score, change = csv.DictReader(io.StringIO(text))
    assert score["baseline"] == change["baseline"] == EVIL
    assert (score["a"], score["b"], score["difference"]) == ("1", "1.5", "0.5")
    assert (score["verdict"], change["verdict"], change["b"]) == ("worse", "code", EVIL)


def test_json_has_every_score_and_no_number_that_is_none(tmp_path: Path) -> None:
    told = json.loads(formatted(evil(tmp_path), "json"))
    assert told["lines"][0]["baseline"] == EVIL
    assert told["lines"][0]["verdict"] == "worse"
    assert len(told["changes"]) == len(told["regressions"]) == 1
    refused = json.loads(formatted(both(tmp_path, {}, {"protocol_version": "2"}), "json"))
    assert refused["lines"][0]["difference"] is None


class Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells = [""]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.cells.append("")

    def handle_data(self, data: str) -> None:
        self.cells[-1] += data


def test_html_is_a_page_in_which_a_name_is_text(tmp_path: Path) -> None:
    page = Cells()
    page.feed(formatted(evil(tmp_path), "html"))
    assert "script" not in page.tags and page.tags.count("table") == 2
    assert EVIL in page.cells


def test_markdown_keeps_its_columns_whatever_a_name_holds(tmp_path: Path) -> None:
    text = formatted(evil(tmp_path), "md")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines[:3]}) == 1
    assert r"\<script\>" in text and r"\[x\](http" in text


def test_latex_escapes_what_means_something_to_it(tmp_path: Path) -> None:
    text = formatted(evil(tmp_path), "latex")
    assert (
        r"\textless{}script\textgreater{}alert(1)\textless{}/script\textgreater{}\textbar{}\&\%\$\#\_\{\}"
        r"\textasciitilde{}\textasciicircum{}\textbackslash{}{[}x](http"
    ) in text
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 2


def test_a_name_cannot_command_the_terminal(tmp_path: Path) -> None:
    text = formatted(evil(tmp_path), "table")
    assert "\x1b" not in text
    assert not any(line.startswith("B") for line in text.splitlines()), "nor tear a line"


@pytest.mark.slow
def test_every_format_can_be_had_from_the_command_line(tmp_path: Path) -> None:
    a, b = board(tmp_path / "a.csv", {}), board(tmp_path / "b.csv", {"score": 1.5})
    for form in FORMATS:
        done = smpbench(a, b, "--format", form)
        assert done.exit_code == 0
        assert "worse" in done.stdout
    assert isinstance(smpbench(a, b, "--format", "pdf").exception, UnknownName)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_boards_without_a_common_row_have_nothing_to_compare(tmp_path: Path, form: str) -> None:
    found = compare(str(board(tmp_path / "a.csv")), str(board(tmp_path / "b.csv", {})), home=tmp_path)
    assert "appeared" in formatted(found, form)
    assert formatted(compare(found.a, found.a, home=tmp_path), form)


def processor_seconds(work: Callable[[], object]) -> float:
    """Of this process, the best of three: other work of the machine does not count."""
    took = []
    for _ in range(3):
        before = time.process_time()
        work()
        took.append(time.process_time() - before)
    return min(took)


@pytest.mark.slow
def test_the_time_of_a_comparison_grows_with_its_rows_as_that_of_reading_them_does(tmp_path: Path) -> None:
    """As ratios, which hold on any machine: ten times the rows take 4 times as long (and would take 100 times
    as long if each were held against each), and 10,000 rows 5 to 9 times as long as reading the files."""
    compared, was_read = {}, {}
    for n in (1_000, 10_000):
        lines = [{"baseline": f"row_{i}", "dataset": f"posts_{i % 20}"} for i in range(n)]
        a = board(tmp_path / f"a{n}.csv", *lines)
        b = board(tmp_path / f"b{n}.csv", *(line | {"score": 1 + i % 7 / 10} for i, line in enumerate(lines)))
        told = partial(lambda *sides: formatted(compare(*sides, home=tmp_path), "table"), str(a), str(b))
        assert f"{n} scores (mae) are on both sides" in told()
        compared[n] = processor_seconds(told)
        was_read[n] = processor_seconds(partial(lambda *files: [pd.read_csv(file) for file in files], a, b))
    assert compared[10_000] < 25 * compared[1_000]
    assert compared[10_000] < 50 * was_read[10_000]
