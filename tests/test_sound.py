"""A published row that contradicts itself, its card or the others is refused; the board is that of these."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stored import EVENT, HAPPENED, TABLE, published, put_predictions
from typer.testing import CliRunner

from benchmark import PROJECT
from benchmark.errors import StoreError
from benchmark.files import sha256_of
from benchmark.run.checksums import checksummed_text
from leaderboard.board.merged import merged, published_board
from leaderboard.board.write import publish_rows, write_board, write_published
from leaderboard.publishing.check import check_published
from leaderboard.publishing.row import ROW, row_name
from leaderboard.publishing.sound import sound_results
from leaderboard.publishing.told import TABLE as OF_TABLE
from smpbench.cli.main import app

pytestmark = pytest.mark.slow

Change = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tables of four rows and three."""
    home = tmp_path_factory.mktemp("made")
    for dataset in ("posts", "films"):
        put_predictions(home / "runs", "recent_median", 1.5, dataset=dataset)
        put_predictions(home / "runs", "amodel", 1.0, dataset=dataset)
        put_predictions(home / "runs", "other", 1.2, dataset=dataset)
    put_predictions(home / "runs", "looker", status="skipped", reason="needs image")
    published(home / "runs", home / "published")
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home"))


def tamper(results: Path, change: Change, row: str = "amodel") -> Path:
    """As whoever holds the files may: other content, every checksum done anew, the folder as it says."""
    folder = results / TABLE / f"{row}__default__none"
    told = json.loads((folder / ROW).read_text())
    change(told)
    told.pop("sha256")
    (folder / ROW).write_text(sealed_text_of_anything(told))
    try:
        wanted = folder.with_name(row_name(_About(told["about"])))  # type: ignore[arg-type]
    except (OSError, ValueError, TypeError):
        wanted = folder
    spoken = json.loads((results / TABLE / OF_TABLE).read_text())
    spoken.pop("sha256")
    names = [(name, checksum) for name, checksum in spoken["rows"]]
    spoken["rows"] = [
        (wanted.name, sha256_of(folder / ROW)) if name == folder.name else (name, checksum)
        for name, checksum in names
    ]
    (results / TABLE / OF_TABLE).write_text(checksummed_text(spoken))
    return folder.rename(wanted) if wanted != folder else folder


def sealed_text_of_anything(told: dict[str, Any]) -> str:
    """As `checksummed_text`, of numbers too that are none."""
    import hashlib

    checksum = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return json.dumps({**told, "sha256": checksum}, indent=1, sort_keys=True) + "\n"


class _About:
    """What a folder is named after, whatever it says."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.__dict__.update(told)


def about(**changed: Any) -> Change:
    return lambda told: told["about"].update(changed)


def seeds(**changed: Any) -> Change:
    return lambda told: [run.update(changed) for run in told["runs"]]


DEEP: Any = "a"
for _ in range(10):
    DEEP = [DEEP]

TAMPERED: dict[str, tuple[Change, str]] = {
    "real data called made-up": (
        about(synthetic=True),
        "about.synthetic: 'True'; the other rows say 'False'",
    ),
    "another title": (
        about(title="Best posts"),
        "about.title: 'Best posts'; the other rows say 'Some posts'",
    ),
    "a title with markup": (about(title="X\n\n# <img src=x>"), "about.title: "),
    "another kind": (about(kind="event"), "about.kind: 'event'; the other rows say 'regression'"),
    "another primary measure": (
        about(primary="spearman"),
        "about.primary: 'spearman'; the other rows say 'mae'",
    ),
    "another reference": (about(reference="other"), "about.reference: 'other'; the other rows say"),
    "other measures": (about(measures=["mae"]), "about.measures: "),
    "other targets": (about(targets=["shares"]), "is none of the row's"),
    "other data": (about(data_fingerprint="0" * 64), "about.data_fingerprint: '0000"),
    "other labels": (about(truth_key="f" * 64), "about.truth_key: 'ffff"),
    "a protocol version to come": (
        about(protocol_version="999"),
        "about.protocol_version: '999' is no version",
    ),
    "a name that climbs": (about(baseline="../../etc"), "about.baseline: '../../etc' is no name for a row"),
    "a name that is run": (about(baseline="=cmd|' /C calc'!A0"), "about.baseline: "),
    "a variant with markup": (about(variant="<img src=x>|`"), "about.variant: "),
    "a second reference": (about(baseline="recent_median", variant="aaa"), "a second row of the reference"),
    "a reference of encoders": (
        about(baseline="recent_median", profile="bundled"),
        "a second row of the ref",
    ),
    "a project's baseline from outside": (about(baseline="ridge", variant="external"), "external: "),
    "a status of one's own": (seeds(status="<b>great</b> | x"), "runs.0.status: "),
    "a ceiling that is none": (seeds(status="ceiling"), "status: 'ceiling' of the row 'amodel'"),
    "a row called ceiling": (about(baseline="ceiling"), "status: 'ok' of the row 'ceiling'"),
    "a ceiling of real data": (
        lambda told: (about(baseline="ceiling")(told), seeds(status="ceiling")(told)),
        "about.synthetic: only made-up data have a ceiling",
    ),
    "negative seconds": (seeds(fit_seconds=-5.0), "runs.0.fit_seconds: "),
    "seconds that are no number": (seeds(fit_seconds=float("nan")), "runs.0.fit_seconds: "),
    "memory of no machine": (seeds(peak_mb=1e300), "runs.0.peak_mb: "),
    "a seed beyond all numbers": (seeds(seed=10**30), "runs.0.seed: "),
    "no date": (seeds(created=""), "runs.0.created: "),
    "a date of no clock": (seeds(created="9999-12-31T00:00:00"), "runs.0.created: "),
    "more training posts": (
        seeds(n_train=10**9),
        "seed 0: n_train: 1000000000; the other rows of the table say",
    ),
    "fewer test posts": (seeds(n_test=99), "seed 0: n_test: 99; the other rows of the table say 120"),
    "more clusters": (seeds(clusters=41), "seed 0: clusters: 41; the other rows of the table say 40"),
    "events among numbers": (
        seeds(base_rates=[0.1]),
        "base_rates: labels of kind 'regression' are no events",
    ),
    "more clusters than posts": (
        seeds(clusters=10**9),
        "seed 0 has 1000000000 clusters of 120 predicted posts",
    ),
    "a zero byte": (about(title="a\0b"), "about.title: "),
    "half a character": (about(summary="a\ud800b"), "about.summary: "),
    "settings nested deep": (about(settings={"a": DEEP}), "about.settings: "),
    "a study without its settings": (about(study=["loss"]), "about.study: 'loss' is none of its settings"),
    "a summary of 20 MB": (about(summary="A" * 20_000_000), "row.json: has 20,0"),
    "libraries with markup and lines": (seeds(environment={"x\n": "<script>"}), "runs.0.environment."),
    "a seed twice": (
        lambda told: told["runs"].append(told["runs"][0]),
        "the seeds [0, 0] are not all different",
    ),
    "an interval turned round": (
        lambda told: told["intervals"][0].update(low=0.99, high=-0.99),
        "intervals: likes, spearman begins at 0.99 and ends at -0.99",
    ),
    "an interval of no target": (
        lambda told: told["intervals"][0].update(target="x"),
        "intervals: target 'x'",
    ),
    "no scores": (seeds(n_test=None, clusters=None), "seed 0"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", TAMPERED)
def test_a_row_that_was_tampered_with_is_refused_and_the_board_is_that_of_the_others(
    home: Path, what: str
) -> None:
    change, phrase = TAMPERED[what]
    results = home / "published" / "results"
    before = published_board(results)
    folder = tamper(results, change)
    problems = check_published(results)
    assert any(phrase in problem and folder.name in problem for problem in problems), problems
    after = published_board(results)
    reasons = [reason for reason in after.left_out if phrase in reason]
    assert len(reasons) == len(after.left_out) == 1, after.left_out
    assert reasons[0].startswith(f"{TABLE}/") and reasons[0].isprintable() and len(reasons[0]) < 500
    gone = {row.name for row in before.rows} - {row.name for row in after.rows}
    assert [name[3] for name in gone] == ["amodel"]
    assert len(after.rows) == len(before.rows) - 1
    kept = before.board[~((before.board["dataset"] == "posts") & (before.board["baseline"] == "amodel"))]
    scores = [frame["score"].dropna().tolist() for frame in (kept, after.board)]
    assert scores[0] == scores[1]


def test_rows_of_a_table_agree_about_how_many_posts_are_events(tmp_path: Path) -> None:
    for name, error in (("recent_rate", 2.0), ("amodel", 0.5), ("other", 0.6)):
        put_predictions(tmp_path / "runs", name, error, **EVENT)
    results = published(tmp_path / "runs", tmp_path)
    rate = float(HAPPENED.mean())
    tamper(results, seeds(base_rates=[]))
    assert check_published(results) == [], "what an old row does not tell it does not deny"
    tamper(results, seeds(base_rates=[0.5]))
    told = f"base_rates: (0.5,); the other rows of the table say ({rate},)"
    assert any(told in problem for problem in check_published(results))
    derived_anew = f"base rates are told as [0.5] and derived anew as [{rate}]"
    assert any(derived_anew in problem for problem in check_published(results, [tmp_path / "runs"]))
    tamper(results, seeds(base_rates=[rate, rate]))
    assert any("base_rates: 2 are told of 1 targets" in problem for problem in check_published(results))


def test_a_published_board_says_which_rows_it_leaves_out_and_why(home: Path) -> None:
    tamper(home / "published" / "results", about(synthetic=True))
    write_published(home / "published")
    text = (home / "published" / "LEADERBOARD.md").read_text(encoding="utf-8")
    assert "## Left out" in text and "about.synthetic: 'True'; the other rows say 'False'" in text
    assert "## Synthetic data" not in text


@pytest.mark.parametrize("labels", ["at hand", "elsewhere"])
def test_the_board_of_a_home_is_written_without_a_row_that_was_tampered_with(home: Path, labels: str) -> None:
    shutil.rmtree(home / "runs" / TABLE / "amodel")
    if labels == "elsewhere":
        shutil.rmtree(home / "runs")
    tamper(home / "published" / "results", about(title="Other posts"))
    write_board(home / "runs", home / "leaderboard", home / "published" / "results")
    found = merged(home / "runs", home / "published" / "results")
    assert {row.about.baseline for row in found.rows if row.about.dataset == "posts"} == {
        *("recent_median", "other", "looker"),
    }
    assert "Other posts" not in (home / "leaderboard" / "index.html").read_text(encoding="utf-8")


def test_verify_names_a_row_that_was_tampered_with(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_published(home / "published")
    tamper(home / "published" / "results", about(synthetic=True))
    monkeypatch.setenv("SMPBENCH_PUBLISHED", str(home / "published"))
    done = CliRunner().invoke(app, ["verify", "--home", str(home / "nothing")])
    assert done.exit_code == 1
    assert "about.synthetic: 'True'; the other rows say 'False'" in done.output


def test_publishing_drops_no_row_of_others_that_is_damaged(home: Path) -> None:
    results = home / "published" / "results"
    shutil.rmtree(home / "runs" / TABLE / "amodel")
    tamper(results, about(title="Other posts"))
    with pytest.raises(StoreError, match="Publishing this table would drop that row"):
        publish_rows(home / "runs", home / "published", {"posts"})
    assert publish_rows(home / "runs", home / "published", {"films"}), "another table is no matter of it"
    (damaged,) = results.glob("posts/*/*/amodel*")
    shutil.rmtree(damaged)
    publish_rows(home / "runs", home / "published", {"posts"})
    rows = {
        row.about.baseline for row in merged(home / "nothing", results).rows if row.about.dataset == "posts"
    }
    assert "amodel" not in rows and len(rows) > 2, "removed, it is withdrawn"
    assert check_published(results, []) == []


# Held against a card


def card_of(folder: Path, title: str) -> Path:
    (folder / "posts").mkdir(parents=True)
    (folder / "posts" / "card.toml").write_text(
        f"""name = "posts"
title = "{title}"
reader = "table"
raw = "raw"
licence = "mine"
[columns]
post_id = {{ role = "id" }}
user_id = {{ role = "user" }}
time = {{ role = "time" }}
[targets.likes]
[[tasks]]
name = "likes"
targets = ["likes"]
measures = ["spearman", "mae"]
[tasks.protocols.frozen]
test_fraction = 0.2
""",
        encoding="utf-8",
    )
    return folder


def test_rows_are_held_against_the_card_of_their_data_set_even_if_all_of_them_agree(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from leaderboard.publishing.agreement import disagreements

    rows = sound_results(home / "published" / "results").rows
    assert disagreements(rows) == {}
    found = disagreements(rows, card_of(tmp_path / "cards", "Renamed"))
    told = {phrase for phrases in found.values() for phrase in phrases}
    assert "about.title: 'Some posts'; its card says 'Renamed'" in told
    assert any(phrase.startswith("about.truth_key: aaaa") for phrase in told), "nor are these its test posts"
    assert {path.parents[2].name for path in found} == {"posts"}, "the other data set has no card here"


def test_every_row_that_the_project_publishes_is_sound() -> None:
    found = sound_results(PROJECT / "leaderboard" / "published" / "results")
    assert found.left_out == {}
    assert len(found.rows) > 100
