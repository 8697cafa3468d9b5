"""Tables for papers: what a row scored, which cannot be told from the best, and what a reader must know."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark import PROJECT
from benchmark.errors import UnknownName
from leaderboard.board.merged import Merged, published_board
from leaderboard.papers.format import FORMATS
from leaderboard.papers.paper import Cell, Line, Paper, paper
from leaderboard.tables.tex import tex


@pytest.fixture(scope="module")
def board() -> Merged:
    return published_board(PROJECT / "leaderboard" / "published" / "results")


@pytest.fixture(scope="module")
def video(board: Merged) -> Paper:
    return paper(board, "smpd_video", protocol="rolling", measures=("mae", "spearman"))


def small(name: str = "mine", cell: Cell | None = None) -> Paper:
    found = Cell(0.5, 0.4, 0.6, best=True) if cell is None else cell
    return Paper(
        dataset="demo",
        title="A 100% & more",
        task="engagement",
        target="likes",
        protocol="frozen",
        protocol_version="1",
        fingerprint="0123456789abcdef01",
        n_train=1000,
        n_test=200,
        clusters=30,
        measures=("mae",),
        lines=(Line(name, "", False, 1, (found,)),),
        synthetic=False,
        selection="",
    )


@pytest.mark.slow
def test_the_best_row_stands_first_and_is_bold(video: Paper) -> None:
    scores = [line.cells[0].score for line in video.lines if line.cells[0]]
    assert scores == sorted(scores)
    assert video.lines[0].cells[0] and video.lines[0].cells[0].best
    worst = video.lines[-1].cells[0]
    assert worst and not worst.best
    assert f"**{scores[0]:.3f}**" in FORMATS["md"](video) and f"**{worst.score:.3f}**" not in FORMATS["md"](
        video
    )


@pytest.mark.slow
def test_a_caption_says_how_many_posts_protocol_and_data(video: Paper) -> None:
    for told in (
        f"{video.n_train:,} posts",
        f"{video.n_test:,} later",
        "'rolling', version",
        "95% intervals",
    ):
        assert told in video.caption
    assert video.fingerprint[:16] in video.caption and "cite" in video.caption


@pytest.mark.slow
def test_without_names_it_is_the_first_task_protocol_and_target_with_all_measures(board: Merged) -> None:
    found = paper(board, "musk_tweets")
    assert (found.task, found.protocol, found.target) == ("engagement", "frozen", "likes")
    assert found.measures[0] == "mae" and {"spearman", "rmse", "r2"} <= {*found.measures}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"dataset": "smpd_vidoe"}, "smpd_video"),
        ({"protocol": "froze"}, "frozen"),
        ({"measures": ["mea"]}, "mae"),
    ],
    ids=["dataset", "protocol", "measure"],
)
def test_an_unknown_name_is_answered_with_the_nearest(board: Merged, asked: dict, named: str) -> None:
    with pytest.raises(UnknownName, match=f"did you mean '{named}'"):
        paper(board, **{"dataset": "smpd_video", **asked})


@pytest.mark.slow
def test_the_csv_has_every_score_at_full_precision(video: Paper) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](video))))
    assert len(rows) == sum(cell is not None for line in video.lines for cell in line.cells)
    first = video.lines[0].cells[0]
    assert first and float(rows[0]["score"]) == first.score and rows[0]["n_test"] == str(video.n_test)


@pytest.mark.slow
def test_the_latex_is_one_table_with_a_cell_for_each_head(video: Paper) -> None:
    text = FORMATS["latex"](video)
    assert text.count(r"\begin{") == text.count(r"\end{") == 2
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    body = text.partition(r"\toprule")[2].partition(r"\bottomrule")[0]
    lines = [line for line in body.splitlines() if line.endswith(r"\\")]
    assert len(lines) == 1 + len(video.lines)
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {len(video.measures)}


@pytest.mark.slow
def test_json_has_every_score_with_the_caption_and_null_for_what_is_undefined(video: Paper) -> None:
    told = json.loads(FORMATS["json"](video))
    assert told["caption"] == video.caption and told["n_test"] == video.n_test
    assert len(told["rows"]) == sum(cell is not None for line in video.lines for cell in line.cells)
    undefined = small(cell=Cell(float("nan"), float("nan"), float("nan"), best=False))
    assert json.loads(FORMATS["json"](undefined))["rows"][0]["score"] is None


@pytest.mark.slow
def test_the_table_of_a_terminal_has_its_columns_under_each_other(video: Paper) -> None:
    head, *lines = FORMATS["table"](video).splitlines()
    first = lines[0]
    assert video.lines[0].name in first and "+ [" in first
    assert head.index("Spearman") == first.index(f"{video.lines[0].cells[1].score:.3f}")  # type: ignore[union-attr]
    assert lines[-1] == video.caption.replace("Bold:", "With +:")


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("1 − x ≤ 2 × “y” – Δ", r"1 $-$ x $\leq$ 2 $\times$ ``y'' -- $\Delta$"),
        ("Köln, Ærø, Škoda, Łódź", "Köln, Ærø, Škoda, Łódź"),
        ('a "b" c', "a {''}b{''} c"),
        ("微博 🙂", "{[}U+5FAE]{[}U+535A] {[}U+1F642]"),
    ],
)
def test_any_character_can_be_set_by_plain_latex(text: str, set_as: str) -> None:
    assert tex(text) == set_as


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
def test_the_latex_compiles(video: Paper, tmp_path: Path) -> None:
    head = r"\documentclass{article}\usepackage{booktabs}\begin{document}"
    page = f"{head}{FORMATS['latex'](video)}" + r"\end{document}"
    (tmp_path / "page.tex").write_text(page, encoding="utf-8")
    command = ["pdflatex", "-interaction=batchmode", "-halt-on-error", "page.tex"]
    assert subprocess.run(command, cwd=tmp_path, timeout=300, check=False).returncode == 0


@pytest.mark.parametrize("form", FORMATS)
def test_names_from_anywhere_mean_nothing_in_a_table(form: str) -> None:
    hostile = r"a & b \\ \input{x} <script>alert(1)</script> | **bold** =1+1"
    text = FORMATS[form](small(hostile))
    assert "<script>" not in text or form != "html"
    if form == "latex":
        assert r"\input" not in text and r"\&" in text and "<" not in text
    if form == "md":
        name = text.splitlines()[2].split("` |")[0]
        assert name.startswith("| `") and name.count("|") == 1 + name.count(r"\|"), "all of it is code"


def test_a_score_that_is_undefined_leaves_its_cell_empty() -> None:
    nothing = Cell(float("nan"), float("nan"), float("nan"), best=False)
    assert "nan" not in FORMATS["md"](small(cell=nothing)).lower()
    without = replace(small(), lines=(Line("mine", "", False, 1, (None,)),))
    assert "| `mine` |  |" in FORMATS["md"](without)
