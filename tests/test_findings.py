"""What the board teaches: each interval is on the board, or a command of its section gives it.

So no finding of an older board stays beside a new one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from documents import page
from findings import PUBLISHED, SECTIONS, prose

from leaderboard.board import merged as board
from leaderboard.board.merged import read_csv
from leaderboard.board.prices import FILE, read_prices
from leaderboard.compare.by_dataset import amount, by_dataset, span
from leaderboard.compare.comparison import compare
from leaderboard.page.page import embedded
from tools.tables.seeds import spreads

pytestmark = pytest.mark.slow

COMMAND = re.compile(r"smpbench compare ([^\s`]+ [^\s`]+(?: -[dm] [^\s`]+)*)")
INTERVAL = re.compile(r"(?:([+-]?\d\.\d+)\*{0,2} )?\[([+-]?\d+\.\d+), ([+-]?\d+\.\d+)\]")
ROUNDED = 0.56
"""Of the last digit that is told: what is printed with four is sometimes rounded twice."""

COUNTS = [
    (1, "lightgbm:+text lightgbm:+history -m mae", "", "Better in {better} of {n} scores"),
    (
        2,
        "lightgbm:metadata lightgbm:+text -m mae",
        "",
        "better in {better} of {n} scores, worse in {worse}.",
    ),
    (2, "ridge bag_of_words -m mae", "", "worse in {worse} of {n} scores, better in {better}"),
    (3, "recent_median lightgbm:+history -m mae", "", "Better in {better} of {n} scores"),
    (4, "lightgbm:+history mlp -m mae", "", "cannot be told from the trees in {untold} of {n} scores"),
    (4, "lightgbm:+history lstm -m mae", "", "over the newest known labels in {untold}."),
    (
        7,
        "lightgbm:+history ensemble -m mae",
        "rolling",
        "better in {better} of {n} scores and worse in {worse}",
    ),
    (7, "lightgbm:+history ensemble -m mae", "frozen", "better in {better} of {n}"),
    (11, "recent_rate lightgbm:+history -m average_precision", "", "past in {better} of {n} scores"),
]
"""Section, what is compared, under which protocol, and what the section says of it."""


SHARES = [
    (4, "lightgbm:+history mlp -d pheme_follow -m mae", "worse", "by {span} on `pheme_follow`"),
    (4, "lightgbm:+history mlp -d tiktok_news -m mae", "worse", "by up to {most} on `tiktok_news`"),
    (4, "lightgbm:+history mlp -d twitter_ratio -m mae", "better", "the MLP errs less by {span} on"),
    (5, "lightgbm:+history gp_level -d influencers_instagram -m mae", "worse", "the worse by {most} after"),
]
"""Section, what is compared, in which direction, and what the section says of its share of the error."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One with no results; what is published is read once for all of these tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(board, "merged", functools.cache(board.merged))
        yield tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _published(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMPBENCH_PUBLISHED", str(PUBLISHED))


def compared(home: Path, told: str) -> pd.DataFrame:
    """The lines of a command, from what is published alone."""
    a, b, *options = told.split()
    datasets, measures = (
        [options[i + 1] for i, word in enumerate(options) if word == flag] or None for flag in ("-d", "-m")
    )
    lines = compare(a, b, home=home, datasets=datasets, measures=measures).lines
    assert len(lines), f"smpbench compare {told}: nothing is compared"
    return lines


def counted(lines: pd.DataFrame, protocol: str = "") -> dict[str, int]:
    """How many of the publish-time lines are better, worse and neither."""
    lines = lines[~lines["crawl"].astype(bool) & lines["protocol"].str.startswith(protocol)]
    better, worse = (int((lines["verdict"] == verdict).sum()) for verdict in ("better", "worse"))
    return {"better": better, "worse": worse, "n": len(lines), "untold": len(lines) - better - worse}


def near(told: Sequence[str | None], known: np.ndarray) -> np.ndarray:
    """Which rows of `known` are what is told, a column each, as far as it is."""
    found = np.ones(len(known), bool)
    for column, text in enumerate(told):
        if text is not None:
            digits = len(text.partition(".")[2])
            found &= np.abs(known[:, column] - float(text)) <= ROUNDED * 10.0**-digits
    return found


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """Value, low and high of every score, slice and price of the published board."""
    frames = [
        read_csv((PUBLISHED / "leaderboard.csv").read_text())[["score", "score_low", "score_high"]],
        pd.read_csv(PUBLISHED / "slices.csv")[["score", "score_low", "score_high"]],
        read_prices(PUBLISHED / FILE)[["inflation", "low", "high"]],
    ]
    return np.vstack([frame.to_numpy(np.float64) for frame in frames])


@pytest.mark.parametrize("heading", SECTIONS)
def test_each_interval_is_on_the_board_or_a_command_of_its_section_gives_it(
    heading: str, rows: np.ndarray, home: Path
) -> None:
    section = SECTIONS[heading]
    lines = [compared(home, told)[["difference", "low", "high"]] for told in COMMAND.findall(section)]
    pairs = np.vstack([np.empty((0, 3)), *(one.to_numpy(np.float64) for one in lines)])
    known = np.vstack([rows, pairs, -pairs[:, [0, 2, 1]]])
    told = [(value or None, low, high) for value, low, high in INTERVAL.findall(section)]
    assert [one for one in told if not near(one, known).any()] == []


ROW = re.compile(
    r"^\| (?:`(\w+)`)?([^|]*)\| (\d\.\d+) \| (\d\.\d+) \| \*{0,2}([+-]\d\.\d+) "
    r"\[([+-]?\d+\.\d+), ([+-]?\d+\.\d+)\]",
    re.M,
)
"""Of a table: data set, what of it, score of A, score of B, and how B differs."""


@pytest.mark.parametrize("heading", [heading for heading, text in SECTIONS.items() if ROW.search(text)])
def test_each_row_of_a_table_is_a_line_of_a_command_of_its_section(heading: str, home: Path) -> None:
    section = SECTIONS[heading]
    lines = pd.concat([compared(home, told) for told in COMMAND.findall(section)])
    numbers = lines[["a", "b", "difference", "low", "high"]].to_numpy(np.float64)
    wrong = []
    for row in ROW.finditer(section):
        dataset, words, *told = row.groups()
        found = lines[near(told, numbers)]
        found = found[found["dataset"] == dataset] if dataset else found
        for column in ("target", "protocol"):
            of_set = lines[column][lines["dataset"] == dataset] if dataset else lines[column]
            if named := set(re.findall(r"\w+", words)) & set(of_set):
                found = found[found[column].isin(named)]
        if found.empty:
            wrong.append(row[0])
    assert wrong == []


@pytest.mark.parametrize(("section", "told", "protocol", "said"), COUNTS)
def test_each_count_is_what_its_command_counts(
    section: int, told: str, protocol: str, said: str, home: Path
) -> None:
    counts = counted(compared(home, told), protocol)
    assert said.format(**counts) in prose(section)


@pytest.mark.parametrize(("section", "told", "verdict", "said"), SHARES)
def test_each_share_of_an_error_is_what_its_command_gives(
    section: int, told: str, verdict: str, said: str, home: Path
) -> None:
    amounts = [amount(line) for line in told_apart(compared(home, told)) if line["verdict"] == verdict]
    told_of = said.format(span=span(amounts, share=True), most=span([max(amounts)], share=True))
    assert told_of in prose(section)


def told_apart(lines: pd.DataFrame) -> list[dict[str, Any]]:
    """Those of what is known when a post is published."""
    return lines[~lines["crawl"].astype(bool)].to_dict("records")


OF_A_SET = re.compile(r"^\| `(\w+)` \| (\d+ of \d+) \| ([^|]*) \|$", re.M)
"""Of a table: data set, in how many of its scores B is the better, and by how much."""


@pytest.mark.parametrize("heading", [heading for heading, text in SECTIONS.items() if OF_A_SET.search(text)])
def test_a_table_of_data_sets_has_them_all_as_its_command_sums_them_up(heading: str, home: Path) -> None:
    command = COMMAND.findall(SECTIONS[heading])[0]
    known = list(by_dataset(told_apart(compared(home, f"{command} -m mae"))))
    told = OF_A_SET.findall(SECTIONS[heading])
    assert sorted(told) == [
        (one.dataset, f"{len(one.better)} of {one.scores}", span(one.better, share=True)) for one in known
    ]
    whole = span([share for one in known for share in one.better], share=True)
    assert heading.endswith(f" {whole}")


def test_the_first_finding_says_on_how_many_sets_the_past_is_worth_how_much(home: Path) -> None:
    sets = list(by_dataset(told_apart(compared(home, "lightgbm:+text lightgbm:+history -m mae"))))
    much = [one.better for one in sets if min(one.better, default=0) > 0.1]
    by = span([share for shares in much for share in shares], share=True)
    assert f"on {len(much)} of {len(sets)} sets by {by}" in prose(1)


COUNTED = re.compile(r"^\| `smpbench compare ([^`]+)` \| (\d+) \| (\d+) \| (\d+) \|$", re.M)


@pytest.mark.parametrize(("told", "better", "worse", "of"), COUNTED.findall(page("docs/baselines.md")))
def test_each_line_of_a_table_of_counts_is_what_its_command_counts(
    told: str, better: str, worse: str, of: str, home: Path
) -> None:
    counts = counted(compared(home, told))
    assert (counts["better"], counts["worse"], counts["n"]) == (int(better), int(worse), int(of))


SPREAD = re.compile(r"^\| `(\w+)` \| (\d+) \| (\d+\.\d+%) \| (\d+\.\d+%) \|$", re.M)


def test_how_far_seeds_lie_apart_is_what_the_published_page_says() -> None:
    told = [found.groups() for text in SECTIONS.values() for found in SPREAD.finditer(text)]
    known = spreads(embedded((PUBLISHED / "index.html").read_text(encoding="utf-8")))
    assert len(told) > 5
    for name, scores, *shares in told:
        median, decile = np.quantile(known[name], [0.5, 0.9])
        assert [scores, *shares] == [str(len(known[name])), f"{median:.2%}", f"{decile:.2%}"], name
