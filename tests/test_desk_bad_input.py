"""What people do wrong at the desk: each is answered with a sentence, and none with a traceback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from commands import invoke, smpbench
from desk_worlds import draft as made_draft
from desk_worlds import fitted, ranked, write_world
from PIL import Image
from raw_layouts import ROOT
from waiting import PATIENCE

from benchmark.errors import SmpbenchError
from desk.judging.judge import Judge
from desk.model.folder import read_model, write_model
from desk.server.guard import TOKEN

pytestmark = pytest.mark.usefixtures("made_up_drafts")
FUTURE = "2030-05-01T10:00:00Z"


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def model(card: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "model"
    write_model(fitted(card), folder)
    return folder


@pytest.fixture(autouse=True)
def _nothing_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qualities are another matter, and their models take seconds to load."""
    monkeypatch.setattr(Judge, "_measured", lambda self, drafts, *_: [{} for _ in drafts])


def rank(model: Path, rows: Any, folder: Path, *arguments: str | Path) -> dict[str, Any]:
    """What `smpbench rank` says of some drafts, as JSON."""
    path = folder / "drafts.json"
    path.write_text(json.dumps(rows))
    done = invoke("rank", model, path, "--json", folder / "out.json", *arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    found: dict[str, Any] = json.loads((folder / "out.json").read_text())
    return found


def refused(*arguments: str | Path) -> str:
    """The sentence with which a command ends."""
    done = invoke(*arguments)
    assert done.exit_code == 1
    assert isinstance(done.exception, SmpbenchError), repr(done.exception)
    return str(done.exception)


def a_draft(**told: Any) -> dict[str, Any]:
    return {"id": "a", "account": "u0", "text": "cats and tea", "publish_at": FUTURE} | told


def test_a_draft_with_neither_text_nor_image(model: Path, tmp_path: Path) -> None:
    said = rank(model, [a_draft(text=""), a_draft(id="b")], tmp_path)
    assert [one["draft"]["name"] for one in said["drafts"]] == ["b"]
    assert "nothing to judge: neither text nor image" in said["refused"][0]["reason"]


def test_only_drafts_of_which_nothing_can_be_said(model: Path, tmp_path: Path) -> None:
    assert rank(model, [a_draft(text=" ")], tmp_path)["drafts"] == []


def test_an_unseen_language_and_an_unknown_account(model: Path, tmp_path: Path) -> None:
    text = "Questa frase è scritta in italiano, e il modello non ha mai letto l'italiano"
    said = rank(model, [a_draft(account="@nobody", text=text), a_draft()], tmp_path)
    strange, known = sorted(said["drafts"], key=lambda one: one["draft"]["account"] != "@nobody")
    assert any(
        "interval is that of accounts without a past here, and wider" in note for note in strange["notes"]
    )
    assert any("'it', and the model has learnt from en" in note for note in strange["notes"])
    assert not known["notes"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["broken", "cut short", "empty", "text", "huge", "missing", "outside"])
def test_an_image_that_is_none(model: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.jpg"
    Image.effect_noise((300, 300), 90).save(path)
    content = path.read_bytes()
    if kind == "huge":
        Image.new("1", (20_000, 20_000)).save(tmp_path / "a.png")
        path = tmp_path / "a.png"
    elif kind == "missing":
        path.unlink()
    else:
        told = {
            "broken": content[:20] + b"\xff" * 500,
            "cut short": content[:800],
            "empty": b"",
            "text": b"no",
        }
        path.write_bytes(told.get(kind, content))
    name = "../a.jpg" if kind == "outside" else path.name
    said = rank(model, [a_draft(image=name), a_draft(id="b")], tmp_path)
    assert [one["draft"]["name"] for one in said["drafts"]] == ["b"]
    assert said["refused"][0]["reason"]


def test_a_date_in_the_past_is_judged_and_said(model: Path, tmp_path: Path) -> None:
    said = rank(model, [a_draft(publish_at="2021-04-01T10:00:00Z")], tmp_path)
    assert said["drafts"][0]["notes"] == ["its time has passed: 2021-04-01 10:00 UTC"]


@pytest.mark.parametrize(
    "at",
    ["tomorrow", "", "2026-13-01T00:00", "0001-01-01T00:00+05:00", "9999-12-31T23:59", "1994-12-31T23:59"],
)
def test_a_moment_for_all_that_is_none(model: Path, tmp_path: Path, at: str) -> None:
    (tmp_path / "d.csv").write_text("text\nhello\n")
    assert f"--at {at}: is n" in refused("rank", model, tmp_path / "d.csv", "--at", at)


@pytest.mark.slow
def test_ten_thousand_drafts_from_a_file_and_one_more(model: Path, tmp_path: Path) -> None:
    head, row = "id,account,text,publish_at\n", "{0},x{0},hello,2030-01-01 00:00\n"
    path = tmp_path / "d.csv"
    path.write_text(head + "".join(row.format(i) for i in range(10_000)))
    done = invoke("rank", model, path, "--csv", tmp_path / "out.csv")
    assert done.exit_code == 0, done.exception
    path.write_text(head + "".join(row.format(i) for i in range(10_001)))
    assert "10,001" in refused("rank", model, path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ""),
        ("a.csv", "x,y\n1,2\n"),
        ("a.json", "{"),
        ("a.json", "[]"),
        ("a.xlsx", "PK"),
        ("a", "\0"),
    ],
)
def test_drafts_that_cannot_be_read(model: Path, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    assert name in refused("rank", model, tmp_path / name)


def test_drafts_that_are_not_there(model: Path, tmp_path: Path) -> None:
    assert "gone.csv" in refused("rank", model, tmp_path / "gone.csv")
    (tmp_path / "empty").mkdir()
    assert "no image" in refused("rank", model, tmp_path / "empty")


def test_a_folder_that_holds_no_model(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("text\nhello\n")
    for folder in (tmp_path, tmp_path / "gone", tmp_path / "d.csv"):
        assert "holds no model. `smpbench fit" in refused("rank", folder, tmp_path / "d.csv")
        assert "holds no model. `smpbench fit" in refused("serve", folder, "--port", "0")


def test_a_model_of_another_version_or_tampered_with(model: Path, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("text\nhello\n")
    other = tmp_path / "other"
    shutil.copytree(model, other)
    (other / "hours.npz").write_bytes(b"")
    assert "hours.npz: is not what was written" in refused("rank", other, tmp_path / "d.csv")
    page = json.loads((other / "model.json").read_text())
    (other / "model.json").write_text(json.dumps(page | {"version": 7}))
    assert "is of version 7; 1 is read here. Fit the model anew" in refused("rank", other, tmp_path / "d.csv")


def test_a_policy_that_blocks_all(model: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[[rules]]\nname = "r"\nwords = ["cats"]\naction = "block"\nsentence = "No cats."\n')
    said = rank(model, [a_draft(), a_draft(id="b")], tmp_path, "--policy", policy)
    assert [one["draft"]["name"] for one in said["drafts"]] == ["a", "b"]
    assert all(one["marks"][0]["action"] == "block" for one in said["drafts"])


def test_a_policy_that_is_none(model: Path, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("text\nhello\n")
    for content in ("[[", "[[rules]]\nx = 1\n"):
        (tmp_path / "p.toml").write_text(content)
        assert "p.toml" in refused("rank", model, tmp_path / "d.csv", "--policy", tmp_path / "p.toml")
    assert "gone.toml" in refused("rank", model, tmp_path / "d.csv", "--policy", tmp_path / "gone.toml")


@pytest.mark.parametrize("account", ["a\0b", "\0draft1", "x" * 10_000, "=1+1", "\x1b[31mred", "‮drow"])
def test_an_account_of_a_strange_name(model: Path, tmp_path: Path, account: str) -> None:
    said = rank(model, [a_draft(account=account), a_draft(id="b")], tmp_path)
    assert len(said["drafts"]) + len(said["refused"]) == 2
    for one in said["drafts"]:
        assert not any("\x1b" in note or "\0" in note for note in one["notes"])


def test_values_of_the_wrong_kind(model: Path, tmp_path: Path) -> None:
    rows = [a_draft(id=str(i), **told) for i, told in enumerate(WRONG)]
    said = rank(model, rows, tmp_path)
    assert len(said["drafts"]) + len(said["refused"]) == len(rows)


WRONG: list[dict[str, Any]] = [
    {"width": "wide"},
    {"width": [1]},
    {"width": 1e400},
    {"width": True},
    {"pinned": 3},
    {"pinned": "maybe"},
    {"topic": {"a": 1}},
    {"topic": 3},
    {"text": 5},
    {"publish_at": 12},
    {"publish_at": "soon"},
]


# Fitting


def fit_it(card: Path, out: Path, *more: str) -> tuple[str | Path, ...]:
    return "fit", "-d", card, "-o", out, "--home", card.parent / "home", "-b", *(more or ("recent_median",))


def test_fit_writes_a_model_and_says_what_it_is(card: Path, tmp_path: Path) -> None:
    done = invoke(*fit_it(card, tmp_path / "m"))
    assert done.exit_code == 0, done.exception
    assert "recent_median on 300 posts" in done.output.replace(" [default]", "")
    assert read_model(tmp_path / "m").card.name == "mine"


def test_fit_looks_where_it_writes_before_it_begins(card: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "a.txt").write_text("")
    (tmp_path / "file").write_text("")
    for name in ("thesis", "file"):
        done = invoke(*fit_it(card, tmp_path / name))
        assert "something else lies there. Name another folder with -o" in str(done.exception)
        assert "fitting" not in done.output


@pytest.mark.parametrize(
    ("baseline", "answer"),
    [
        ("lstm", "lstm has several variants|lstm cannot be kept"),
        ("rigde", "unknown baseline 'rigde'; did you mean 'ridge'"),
        ("ridge:alpha=much", "cannot be read as float"),
        ("ridge:excess", "ridge by excess answers a task of events alone: leave `excess` out"),
    ],
)
def test_a_baseline_that_is_none_for_the_desk(card: Path, tmp_path: Path, baseline: str, answer: str) -> None:
    said = refused(*fit_it(card, tmp_path / "m", baseline))
    assert any(one in said for one in answer.split("|"))
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_control_c_while_it_fits_leaves_nothing(card: Path, tmp_path: Path) -> None:
    arguments = [*map(str, fit_it(card, tmp_path / "m", "lightgbm:rounds=5000,inputs=metadata+history"))]
    code = "from smpbench.cli.main import main; main()"
    command = [sys.executable, "-c", code, *arguments]
    env = {**os.environ, "PYTHONSAFEPATH": "1"}
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=env) as process:
        assert process.stderr is not None
        said = ""
        while "fitting" not in said:
            said = process.stderr.readline()
            assert said, "it ended before"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 130, rest
    assert "Traceback" not in rest
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_no_room_is_one_sentence_and_leaves_nothing(card: Path, tmp_path: Path) -> None:
    code = f"""
import sys
import pyarrow.parquet
def full(*_, **__):
    raise OSError(28, "No space left on device")
pyarrow.parquet.write_table = full
sys.argv = ["smpbench", *{[*map(str, fit_it(card, tmp_path / "m"))]!r}]
from smpbench.cli.main import main
main()
"""
    invoke(*fit_it(card, tmp_path / "prepared"))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["prepared"]


@pytest.mark.slow
def test_the_console_says_one_line(model: Path, tmp_path: Path) -> None:
    done = smpbench("rank", tmp_path, tmp_path / "gone.csv")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("smpbench: ")


# The page


@pytest.mark.slow
def test_a_served_model_answers(model: Path) -> None:
    from served import SECRET, running

    judge = Judge(read_model(model))
    with running(judge) as port:  # type: ignore[arg-type]
        address = f"http://127.0.0.1:{port}"
        about = json.load(urlopen(f"{address}/api/model", timeout=PATIENCE))
        assert about["columns"] == {
            "text": "text", "width": "numeric", "topic": "category", "pinned": "categorical",
        }  # fmt: skip
        rows = [
            {"account": "@U1", "text": "cats?", "at": FUTURE},
            {"account": "nobody", "text": "", "values": {"pinned": True, "width": 3, "topic": "home"}},
            {"text": "dogs", "at": "1971-01-01T00:00:00Z"},
            {"text": "dogs", "at": "2199-12-31T23:59:00Z"},
        ]
        headers = {TOKEN: SECRET, "Content-Type": "application/json"}
        asked = Request(f"{address}/api/rank", json.dumps({"drafts": rows}).encode(), headers)
        with urlopen(asked, timeout=PATIENCE) as done:
            said = json.load(done)
    assert sorted(one["draft"]["number"] for one in said["drafts"]) == [1, 2, 3, 4]
    expected = {one["draft"]["number"]: one["expected"] for one in said["drafts"]}
    fitting = read_model(model)
    first = made_draft(1, "cats?", account="u1")
    assert expected[1][0]["middle"] == pytest.approx(ranked(fitting, first).drafts[0].expected[0].middle)


def test_a_judge_is_what_the_server_asks_for(model: Path) -> None:
    import inspect

    from desk.server import judge as asked

    of = inspect.signature(asked.Judge.rank).parameters
    there = inspect.signature(Judge.rank).parameters
    assert [*there][: len(of)] == [*of]
    assert all(one.default is not inspect.Parameter.empty for one in [*there.values()][len(of) :])
    judge: asked.Judge = Judge(read_model(model))
    assert judge.model.dataset == "mine"
    assert judge.columns["width"] == "numeric"
