"""A marketer's path: the five commands of the README, from a CSV to a page that answers."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from documents import blocks, page, smpbench
from waiting import PATIENCE

from benchmark.declared.naming import printable
from desk.ranking import Ranking

SECTION = "\n## Rank drafts\n"
CAPTIONS = {"Closed on Monday": 30, "New bread in the oven": 100, "Free cake for everyone today!": 400}
"""What a post says -> likes that it gets in the middle."""


def commands() -> list[list[str]]:
    section = page("README.md").partition(SECTION)[2].partition("\n## ")[0]
    lines = re.findall(r"^```sh\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)[0].splitlines()
    return [shlex.split(line)[1:] for line in lines]


def past(folder: Path, posts: int = 200) -> None:
    """posts.csv: two accounts that publish once a day, and the caption decides."""
    rng = random.Random(0)
    time = dt.datetime(2025, 1, 1, 8)
    with (folder / "posts.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "account", "time", "text", "likes", "comments"])
        for number in range(posts):
            time += dt.timedelta(hours=rng.uniform(6, 40))
            caption, middle = rng.choice(list(CAPTIONS.items()))
            likes = round(middle * rng.lognormvariate(0, 0.8))
            account = "cafe" if number % 4 == 0 else "bakery"
            told = rng.choice(["come by", "see you", "from eight on"])
            at = time.isoformat(timespec="seconds")
            rows.writerow([1000 + number, account, at, f"{caption}, {told}", likes, likes // 20])


def planned(folder: Path) -> None:
    """drafts.csv, and the policy of docs/desk.md."""
    (folder / "drafts.csv").write_text(blocks("docs/desk.md", "csv")[0], encoding="utf-8")
    (folder / "policy.toml").write_text(blocks("docs/desk.md", "toml")[0], encoding="utf-8")


@contextmanager
def served(arguments: list[str], cwd: Path) -> Iterator[tuple[str, str]]:
    """Address and token of `smpbench serve`, ended as by Ctrl-C. On any port: the usual one may be taken."""
    command = [sys.executable, "-m", "smpbench.cli.main", *arguments, "--port", "0"]
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = re.search(r"http://\S+", server.stdout.readline())
            token = server.stdout.readline().rpartition(" ")[2].strip()
            assert address
            yield address[0], token
            server.send_signal(signal.SIGINT)
            assert server.wait(PATIENCE) == 0
        finally:
            server.kill()


@pytest.mark.slow
def test_the_five_commands_of_the_readme_lead_from_a_csv_to_ranked_drafts_and_a_page(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMPBENCH_HOME", str(tmp_path_factory.mktemp("home")))
    past(tmp_path)
    planned(tmp_path)
    new, fit, rank, with_policy, serve = commands()

    card = smpbench(*new, cwd=tmp_path)
    assert "label likes <- likes, log1p" in card
    assert "to rank drafts: smpbench fit -d ./card.toml " in card
    fitted = smpbench(*fit, cwd=tmp_path)
    assert "wrote model: lightgbm [+history] on 200 posts" in fitted
    assert "viral: among the top 10% of likes of the account's last " in fitted
    assert "no chance" not in fitted
    said = b"".join(file.read_bytes() for file in (tmp_path / "model").rglob("*") if file.is_file())
    assert not any(caption.encode() in said for caption in CAPTIONS)

    told = smpbench(*rank, cwd=tmp_path)
    assert told.startswith("Publish “cake” first: ")
    assert "blocked" not in told
    told = smpbench(*with_policy, cwd=tmp_path)
    assert "We give nothing away. (in the text: free)" in " ".join(told.split())
    assert not told.startswith("Publish “cake”")
    written = (tmp_path / "ranking.html").read_text(encoding="utf-8")
    assert "Free cake for everyone on Sunday!" in written
    assert "among the top 10% of likes" in written

    with served(serve, tmp_path) as (address, token):
        asked = json.dumps({"drafts": [{"text": "Closed again", "account": "cafe"}, {"text": "Free cake"}]})
        headers = {"content-type": "application/json", "x-smpbench-token": token}
        request = urllib.request.Request(f"{address}api/rank", asked.encode(), headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            ranking = Ranking.model_validate_json(answer.read())
    assert sum(one.best for one in ranking.drafts) == pytest.approx(1)
    stranger = next(one for one in ranking.drafts if one.draft.account is None)
    assert "It names no account" in printable(stranger.notes[0])
