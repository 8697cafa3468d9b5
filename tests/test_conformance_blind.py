"""A baseline that looks at what it must not know is caught, wherever it finds that, and told what it read."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from worlds import broken, write_baseline

from benchmark.contract import conformance, probe
from benchmark.contract.conformance import check

pytestmark = [pytest.mark.usefixtures("preloaded"), pytest.mark.slow]

LOOKERS = {
    "the labels, by pyarrow": (
        "labels of the test posts",
        """
        import pyarrow.parquet as pq
        home = Path(os.environ["SMPBENCH_HOME"])
        table = pq.read_table(str(next(home.glob("prepared/*/targets.parquet"))))
        known = table.to_pandas().set_index("post_id")[list(posts.targets)]
        return np.log1p(known.loc[list(posts.ids)].to_numpy())
        """,
    ),
    "the labels, in the raw file": (
        "labels of the test posts",
        """
        import csv
        with open("raw/posts.csv") as file:
            found = {row["post_id"]: row for row in csv.DictReader(file)}
        return np.log1p([[float(found[one][name]) for name in posts.targets] for one in posts.ids])
        """,
    ),
    "the labels, in stored truth, by a program": (
        "labels of the test posts",
        """
        import io, subprocess
        import pandas as pd
        path = next(Path("data").glob("runs/*/*/frozen/truth-*/truth.parquet"))
        table = pd.read_parquet(io.BytesIO(subprocess.check_output(["cat", str(path)])))
        known = table.set_index("post_id")["label_likes"].to_dict()
        return np.tile([[known.get(one, 0.0)] for one in posts.ids], (1, len(posts.targets)))
        """,
    ),
    "facts that are known later": (
        "facts that are known later",
        """
        import pandas as pd
        table = pd.read_parquet(next(Path("data").glob("prepared/*/facts_readings.parquet")))
        known = table.groupby("post")["likes"].max()
        return np.tile(np.log1p(known.loc[list(posts.ids)].to_numpy()), (len(posts.targets), 1)).T
        """,
    ),
    "the labels, in a worker alone": (
        "labels of the test posts",
        """
        import csv
        if os.environ.get("PYTHONHASHSEED") == "1":
            return np.zeros((len(posts), len(posts.targets)))
        with open("raw/posts.csv") as file:
            found = {row["post_id"]: row for row in csv.DictReader(file)}
        return np.log1p([[float(found[one][name]) for name in posts.targets] for one in posts.ids])
        """,
    ),
    "a column of the crawl": (
        "columns of the crawl",
        """
        import csv
        with open("raw/posts.csv") as file:
            known = {row["post_id"]: float(row["followers"]) for row in csv.DictReader(file)}
        return np.tile(np.log1p([known[one] for one in posts.ids]), (len(posts.targets), 1)).T
        """,
    ),
}
"""What a baseline looks at -> what that is called, and how `predict` finds it where it lies."""


@pytest.mark.slow
@pytest.mark.parametrize("looks_at", LOOKERS)
def test_a_baseline_that_looks_at_what_is_withheld_is_caught_and_told_what_it_has_read(
    looks_at: str, tmp_path: Path
) -> None:
    name, how = LOOKERS[looks_at]
    body = "def predict(self, posts):" + textwrap.indent(textwrap.dedent(how), "    ")
    found = broken(check(write_baseline(tmp_path, "looks", body)))
    assert list(found) == [conformance.BLIND], "and it is accused of nothing else"
    assert f"it reads the {name} from where they lie" in found[conformance.BLIND]


def test_a_baseline_that_looks_at_posts_to_come_is_caught(tmp_path: Path) -> None:
    body = """
    def predict(self, posts):
        last = len(posts._timeline.times)
        return np.full((len(posts), len(posts.targets)), float(last))
    """
    found = broken(check(write_baseline(tmp_path, "looks_ahead", body)))
    assert "without the posts that come after them, 46 of 46 predictions differ" in found[probe.FUTURE]


def test_a_post_may_ask_for_those_before_it_and_for_none_after_it(tmp_path: Path) -> None:
    body = """
    def predict(self, posts):
        first = posts.take(np.arange(1))
        first.at(first._positions - 1)
        first.at(first._positions + 1)
    """
    found = broken(check(write_baseline(tmp_path, "asks_ahead", body)))
    assert "a post may look at those published before it" in found[probe.PREDICTS]


def test_a_baseline_that_remembers_what_it_was_asked_until_labels_become_known_is_caught(
    tmp_path: Path,
) -> None:
    body = """
    asked = 0

    def predict(self, posts):
        self.waiting = len(posts)
        return np.full((len(posts), len(posts.targets)), float(self.asked))

    def reveal(self, posts, y):
        self.asked = getattr(self, "waiting", 0)
    """
    found = broken(check(write_baseline(tmp_path, "remembers", body)))
    assert "after it was asked and labels became known" in found[probe.REPEATS]
