"""What holds of all generators: reproducible, whole or absent, and careful with what is there already."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from generated import DATASETS, DEMO_SETS, command, contents, environment, generate, run

from benchmark.data.cards import load_card

SMALL = {
    "demo_flickr": ("--posts", "200", "--no-images"),
    "demo_network": ("--posts", "200"),
    "demo_tweets": ("--posts", "200"),
}

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("dataset", DEMO_SETS)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small set of each kind, only to be looked at."""
    folder = tmp_path_factory.mktemp("made")
    return {name: generate(name, folder / name, *SMALL[name]) for name in DEMO_SETS}


def test_the_same_arguments_give_the_same_bytes(dataset: str, tmp_path: Path) -> None:
    first, second = (generate(dataset, tmp_path / name, "--posts", "200") for name in ("first", "second"))
    assert contents(first) == contents(second)


def test_another_seed_gives_another_set(dataset: str, made: dict[str, Path], tmp_path: Path) -> None:
    other = generate(dataset, tmp_path / "other", *SMALL[dataset], "--seed", "1")
    assert contents(other)["ceiling.csv"] != contents(made[dataset])["ceiling.csv"]


def test_a_folder_with_files_of_someone_else_is_refused_and_left_alone(dataset: str, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    refused = run(dataset, out, "--posts", "200", "--force")
    assert refused.returncode != 0
    assert "holds files that no generator made" in refused.stderr
    assert contents(out) == {"thesis.txt": b"years of work"}


def test_an_earlier_output_is_replaced_only_with_force(dataset: str, tmp_path: Path) -> None:
    out = generate(dataset, tmp_path / "set", *SMALL[dataset])
    before = contents(out)
    refused = run(dataset, out, *SMALL[dataset])
    assert refused.returncode != 0
    assert "--force" in refused.stderr
    assert contents(out) == before
    generate(dataset, out, *SMALL[dataset], "--posts", "300", "--force")
    assert contents(out)["ceiling.csv"].count(b"\n") == 301
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_generator_leaves_nothing_behind(
    dataset: str, stop: signal.Signals, tmp_path: Path
) -> None:
    posts = "4000" if dataset == "demo_flickr" else "200000"
    for _ in range(5):
        with subprocess.Popen(
            command(dataset, tmp_path / "set", "--posts", posts),
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        ) as generator:
            assert generator.stderr is not None
            assert "planting" in generator.stderr.readline()
            generator.send_signal(stop)
            words = generator.stderr.read()
        if generator.returncode != 0:
            break
        shutil.rmtree(tmp_path / "set")  # on a busy machine it was done before the signal was sent
    assert generator.returncode == 1
    assert "interrupted" in words
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("posts", ["199", "1000000"])
def test_an_impossible_number_of_posts_is_refused(dataset: str, posts: str, tmp_path: Path) -> None:
    refused = run(dataset, tmp_path / "set", "--posts", posts)
    assert refused.returncode == 2
    assert "--posts" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_card_calls_the_set_synthetic_and_names_the_files_there_are(
    dataset: str, made: dict[str, Path]
) -> None:
    card = load_card(DATASETS / dataset / "card.toml")
    assert card.synthetic
    assert "synthetic" in card.title
    assert card.generator is not None
    assert (DATASETS / dataset / card.generator.script).is_file()
    assert (made[dataset] / card.generator.ceiling).is_file()
