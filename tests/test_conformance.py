"""The rules that every baseline keeps, and that a baseline which breaks one is caught."""

from __future__ import annotations

from pathlib import Path

import pytest
from waiting import PATIENCE
from worlds import BASELINES, broken, write_baseline

from benchmark.contract import conformance, probe
from benchmark.contract.conformance import check
from benchmark.finding.discovery import baseline_files

pytestmark = [pytest.mark.usefixtures("preloaded"), pytest.mark.slow]

QUICK = "recent_median"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == QUICK else pytest.mark.slow)
        for name in sorted(baseline_files())
    ],
)
def test_every_baseline_of_the_project_keeps_the_rules(name: str) -> None:
    findings = check(BASELINES / f"{name}.py")
    assert broken(findings) == {}
    assert {conformance.SEEDED, conformance.BLIND, probe.BATCH} <= {finding.rule for finding in findings}


BREAKERS = {
    "learns_in_the_constructor": (
        probe.CONSTRUCTOR,
        "it also sets model",
        """
        def __init__(self):
            self.model = "loaded"
        """,
    ),
    "returns_one_column_too_few": (
        probe.SHAPE,
        "wanted is (93, 3)",
        """
        def predict(self, posts):
            return np.zeros((len(posts), 1))
        """,
    ),
    "returns_words": (
        probe.SHAPE,
        "wanted is float32",
        """
        def predict(self, posts):
            return np.full((len(posts), 3), "many")
        """,
    ),
    "has_no_answer_for_a_stranger": (
        probe.SHAPE,
        "by a user never seen in training",
        """
        def fit(self, train, y):
            self.known = set(train.users)

        def predict(self, posts):
            known = np.array([user in self.known for user in posts.users])
            return np.where(known[:, None], np.zeros((len(posts), 3)), np.nan)
        """,
    ),
    "divides_by_the_length_of_a_text": (
        probe.SHAPE,
        "with an empty text",
        """
        def predict(self, posts):
            words = np.array([len(text.split()) for text in posts.text()])
            with np.errstate(divide="ignore"):
                return np.tile(1 / words, (3, 1)).T
        """,
    ),
    "does_not_know_a_new_category": (
        probe.PREDICTS,
        "KeyError: 'unseen'",
        """
        def fit(self, train, y):
            self.codes = {name: i for i, name in enumerate(train.column("category").dropna().unique())}

        def predict(self, posts):
            codes = [self.codes[name] for name in posts.column("category").fillna("category0")]
            return np.tile(codes, (3, 1)).T
        """,
    ),
    "draws_while_it_predicts": (
        probe.REPEATS,
        "93 of 93 predictions differ",
        """
        def predict(self, posts):
            return np.random.rand(len(posts), 3)
        """,
    ),
    "remembers_what_it_was_asked": (
        probe.REPEATS,
        "asked twice",
        """
        asked = 0

        def predict(self, posts):
            type(self).asked += 1
            return np.full((len(posts), 3), float(self.asked))
        """,
    ),
    "smooths_over_its_neighbours": (
        probe.ORDER,
        "depend on its own post",
        """
        def predict(self, posts):
            widths = posts.column("width").fillna(0).to_numpy(dtype=float) / 1000
            return np.tile(np.cumsum(widths), (3, 1)).T
        """,
    ),
    "standardises_over_the_batch": (
        probe.BATCH,
        "in a batch of 1 instead of 93",
        """
        def predict(self, posts):
            widths = posts.column("width").fillna(0).to_numpy(dtype=float)
            return np.tile((widths - widths.mean()) / 1000, (3, 1)).T
        """,
    ),
    "cannot_predict_a_single_post": (
        probe.PREDICTS,
        "IndexError",
        """
        def predict(self, posts):
            posts.ids[1]
            return np.zeros((len(posts), 3))
        """,
    ),
    "draws_without_a_seed": (
        conformance.SEEDED,
        "the same seed gave other predictions",
        """
        def fit(self, train, y):
            self.middle = np.random.default_rng().normal(size=y.shape[1])
        """,
    ),
    "lets_the_order_of_a_set_decide": (
        conformance.SEEDED,
        "the order of a set",
        """
        def fit(self, train, y):
            words = list({word for text in train.text() for word in text.split()})
            self.middle = np.full(y.shape[1], sum(i * len(word) for i, word in enumerate(words)) % 9973 / 256)
        """,
    ),
    "works_with_three_targets_only": (
        conformance.ROLLS,
        "returned shape",
        """
        def predict(self, posts):
            return np.zeros((len(posts), 3))
        """,
    ),
    "fails_when_labels_are_revealed": (
        conformance.ROLLS,
        "RuntimeError: no more",
        """
        def reveal(self, posts, y):
            raise RuntimeError("no more")
        """,
    ),
    "reads_the_labels_past_python": (
        conformance.BLIND,
        "it reads the labels of the test posts from where they lie",
        """
        def predict(self, posts):
            import pyarrow.parquet as pq

            home = Path(os.environ.get("SMPBENCH_HOME", "data"))
            if not home.is_dir():
                home = Path("data")
            found = [pq.read_table(path) for path in Path("data").glob("prepared/*/targets.parquet")]
            by_id = dict(zip(found[0]["post_id"].to_pylist(), found[0]["likes"].to_pylist()))
            likes = np.log1p([by_id[post] for post in posts.ids])
            return np.tile(likes, (len(posts.targets), 1)).T
        """,
    ),
    "reads_later_facts_past_python": (
        conformance.BLIND,
        "it reads the facts that are known later from where they lie",
        """
        def predict(self, posts):
            import pyarrow.parquet as pq

            (path,) = Path("data").glob("prepared/*/facts_readings.parquet")
            read = pq.read_table(path)  # the last reading of a post is nearly its label
            by_id = dict(zip(read["post"].to_pylist(), read["likes"].to_pylist()))
            likes = np.log1p([by_id[post] for post in posts.ids])
            return np.tile(likes, (len(posts.targets), 1)).T
        """,
    ),
    "reads_later_facts_about_others": (
        conformance.BLIND,
        "it reads the facts that are known later from where they lie",
        """
        def predict(self, posts):
            import csv

            with open("raw/mentions.csv") as file:
                later = [row for row in csv.DictReader(file) if row["known_at"] > "2021-04-01"]
            mentioned = sum(int(row["mentioned"].removeprefix("user")) * i for i, row in enumerate(later))
            return np.full((len(posts), len(posts.targets)), mentioned % 37)
        """,
    ),
    "says_that_it_can_be_kept_and_not_how": (
        probe.KEPT,
        "cannot be kept: it does not say how",
        "keeps = True",
    ),
    "keeps_a_pickle": (
        probe.KEPT,
        "`save` wrote middle.pkl",
        """
        keeps = True

        def save(self, folder):
            import pickle
            (folder / "middle.pkl").write_bytes(pickle.dumps(self.middle))
        """,
    ),
    "keeps_a_pickle_in_an_npz": (
        probe.KEPT,
        "cannot be read without pickle",
        """
        keeps = True

        def save(self, folder):
            np.savez(folder / "middle.npz", middle=np.array([self.middle, None], object))
        """,
    ),
    "keeps_too_little": (
        probe.KEPT,
        "kept and loaded, 93 of 93 predictions differ",
        """
        keeps = True

        def save(self, folder):
            np.savez(folder / "middle.npz", middle=np.round(self.middle))

        def load(self, folder, known, y):
            self.middle = np.load(folder / "middle.npz", allow_pickle=False)["middle"]
        """,
    ),
    "forgets_what_was_revealed": (
        probe.KEPT,
        "kept and loaded, 47 of 47 predictions differ",
        """
        keeps = True
        later = 0

        def reveal(self, posts, y):
            self.later += len(posts)

        def predict(self, posts):
            return np.tile(self.middle + self.later, (len(posts), 1))

        def save(self, folder):
            np.savez(folder / "middle.npz", middle=self.middle)

        def load(self, folder, known, y):
            self.middle = np.load(folder / "middle.npz", allow_pickle=False)["middle"]
        """,
    ),
    "looks_again_at_what_it_learnt_from": (
        probe.KEPT,
        "it reads encoded content of posts that were known when it was kept",
        """
        keeps = True
        needs = {"text"}

        def fit(self, train, y):
            self.middle = np.median(y, axis=0) + train.encode("text").mean()

        def save(self, folder):
            pass

        def load(self, folder, known, y):
            self.fit(known, y)
        """,
    ),
    "keeps_accounts_by_codes_that_are_others_elsewhere": (
        probe.KEPT,
        "predictions differ",
        """
        keeps = True

        def predict(self, posts):
            return np.tile(posts.users[:, None] % 7.0, (1, len(posts.targets)))

        def save(self, folder):
            pass

        def load(self, folder, known, y):
            pass
        """,
    ),
    "kills_its_process": (
        probe.PREDICTS,
        "died with exit status 7",
        "def fit(self, train, y):\n    os._exit(7)",
    ),
    "leaves_quietly": (probe.PREDICTS, "SystemExit", "def fit(self, train, y):\n    sys.exit()"),
    "hangs": (probe.PREDICTS, "took longer than 3 s", "def fit(self, train, y):\n    time.sleep(60)"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BREAKERS)
def test_a_baseline_that_breaks_a_rule_is_caught_and_told_why(name: str, tmp_path: Path) -> None:
    rule, why, body = BREAKERS[name]
    findings = check(write_baseline(tmp_path, name, body), seconds=3 if name == "hangs" else PATIENCE)
    assert why in broken(findings).get(rule, f"{rule} holds; broken: {broken(findings)}")


@pytest.mark.slow
def test_a_baseline_that_takes_its_facts_from_the_posts_keeps_the_rules(tmp_path: Path) -> None:
    path = write_baseline(
        tmp_path,
        "reads_facts",
        """
        def predict(self, posts):
            readings, mentions = posts.facts("readings"), posts.facts("mentions")
            popular = mentions.count("mentioned", days=30) - mentions.count("author")
            likes = readings.take("likes", readings.latest(1, "post", posts.history(1).previous))[:, 0]
            level = np.nan_to_num(np.log1p(likes), nan=1.0) + popular[:, None] / 10
            return np.tile(level, (1, len(posts.targets)))
        """,
    )
    assert broken(check(path)) == {}


def test_a_file_that_it_names_and_that_is_not_there_is_one_finding(tmp_path: Path) -> None:
    path = write_baseline(tmp_path, "names_more", "", 'files = ("absent.txt",)')
    (finding,) = check(path)
    assert not finding.ok
    assert "`files` names 'absent.txt', which is not in" in finding.detail


def test_a_file_that_does_not_import_is_one_finding(tmp_path: Path) -> None:
    path = tmp_path / "needs_more.py"
    path.write_text("import a_library_that_is_not_there\n")
    (finding,) = check(path)
    assert not finding.ok
    assert "a_library_that_is_not_there" in finding.detail


@pytest.mark.slow
def test_every_variant_is_judged(tmp_path: Path) -> None:
    path = write_baseline(
        tmp_path,
        "two_faced",
        "def predict(self, posts):\n    return np.full((len(posts), len(posts.targets)), self.value)",
        "variants = {'sound': {'value': 1.0}, 'broken': {'value': float('nan')}}\nvalue: float = 0.0",
    )
    findings = check(path)
    assert {finding.variant for finding in findings if not finding.ok} == {"broken"}
    assert any(finding.rule == conformance.BLIND and finding.variant == "sound" for finding in findings)


@pytest.mark.slow
def test_quantiles_are_judged_as_predictions_are(tmp_path: Path) -> None:
    body = "def predict(self, posts):\n    return np.zeros((len(posts), len(posts.targets), 3))"
    assert not broken(check(write_baseline(tmp_path, "spread", body, "quantiles = (0.1, 0.5, 0.9)")))
    without_a_median = check(write_baseline(tmp_path, "gap", body, "quantiles = (0.1, 0.4, 0.9)"))
    assert "0.5 among them" in broken(without_a_median)[conformance.ROLLS]
