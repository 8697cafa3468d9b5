"""The page on cards: every snippet reads the data above it, and gives the values or the answer below it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from documents import page
from pydantic import BaseModel

from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare
from benchmark.declared.card import Card, Download, Generator, Scale, Target
from benchmark.declared.column import Availability, Column, Role
from benchmark.declared.fact_table import FactColumn, FactRole, FactTable
from benchmark.declared.layout import FromReadings, Join, NumberFormat, TableLayout
from benchmark.declared.task import Filter, Protocol, ProtocolName, Task, Viral
from benchmark.errors import SmpbenchError
from benchmark.readers import READERS, read
from benchmark.readers.facts import read_facts
from benchmark.run.tasks import TaskPosts
from benchmark.scores.kinds import KINDS

PAGE = "docs/cards.md"
_BLOCK = re.compile(
    r"^### (?P<section>[^\n]+)$|^## (?P<chapter>[^\n]+)$"
    r"|^```(?P<language>\w+)(?P<about>[^\n]*)\n(?P<content>.*?)^```$"
    r"|(?P<table>(?:^\|[^\n]*\|\n)+)",
    re.MULTILINE | re.DOTALL,
)


@dataclass
class Snippet:
    """A card's snippet with the files that it reads, and what the page says comes out."""

    section: str
    toml: str
    files: dict[str, bytes] = field(default_factory=dict)
    gives: list[dict[str, str]] | None = None
    answer: str | None = None

    def __str__(self) -> str:
        return re.sub(r"\W+", "_", self.section)


def snippets() -> list[Snippet]:
    found: list[Snippet] = []
    files: dict[str, bytes] = {}
    section, fresh, open_ = "", True, False
    for block in _BLOCK.finditer(page(PAGE).partition("\n## What nobody guesses\n")[0]):
        content = block["content"]
        if title := block["section"] or block["chapter"]:
            section, open_ = title, False
        elif block["language"] == "toml":
            found.append(Snippet(section, content, dict(files)))
            fresh, open_ = True, True
        elif block["language"] == "text":
            assert open_, content
            found[-1].answer, open_ = content.strip(), False
        elif block["table"]:
            assert open_, block["table"]
            found[-1].gives, open_ = rows_of(block["table"]), False
        else:  # a file; the first after a snippet begins anew
            name, _, encoding = block["about"].strip().partition(" encoding=")
            files = {} if fresh else files
            files[name], fresh = content.encode(encoding or "utf-8"), False
    return found


def rows_of(table: str) -> list[dict[str, str]]:
    header, _, *rows = ([cell.strip() for cell in line[1:-1].split("|")] for line in table.splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


SNIPPETS = snippets()
SMALLEST = tomllib.loads(SNIPPETS[0].toml)


def card_in(folder: Path, snippet: Snippet) -> Card:
    """The smallest card of the page with what the snippet changes, beside its files."""
    for name, content in snippet.files.items():
        path = folder / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    changed = tomllib.loads(snippet.toml)
    declared = {**SMALLEST, "raw": "raw", **changed}
    if snippet is SNIPPETS[0]:
        declared["raw"] = "raw/posts.csv"
    declared["columns"] = {**SMALLEST["columns"], **changed.get("columns", {})}
    path = folder / "card.toml"
    path.write_text(_toml(declared), encoding="utf-8")
    return load_card(path)


def _toml(value: Any) -> str:
    """A table as TOML, each of its values in one line."""
    return "".join(f"{key} = {_inline(one)}\n" for key, one in value.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    if isinstance(value, str):
        return f"'{value}'" if "'" not in value else f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return str([float(one) for one in value])
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    if isinstance(value, float | np.floating):
        return f"{value:.10g}"
    return str(value)


def _tested(card: Card, folder: Path) -> list[dict[str, str]]:
    prepared = prepare(card, folder / "home", [])
    found = TaskPosts.of(prepared, card.tasks[0])
    ids = found.table["post_id"].to_pylist()
    rows = []
    for name in card.tasks[0].protocols:
        windows = found.windows(name)
        learnt, predicted = (" ".join(ids[i] for i in part) for part in (windows.train, windows.test))
        rows.append({"protocol": name, "learnt from": learnt, "predicted": predicted})
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("snippet", SNIPPETS, ids=str)
def test_a_snippet_gives_what_the_page_says(
    tmp_path: Path, snippet: Snippet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.run.tasks.FEWEST_POSTS", 1)
    assert snippet.files, "nothing to read"
    if snippet.answer is not None:
        with pytest.raises(SmpbenchError) as refused:
            read(card_in(tmp_path, snippet), tmp_path / "raw")
        assert snippet.answer in str(refused.value)
        return
    assert snippet.gives is not None, "the page does not say what it gives"
    card = card_in(tmp_path, snippet)
    raw = tmp_path / card.raw[0]
    if "protocol" in snippet.gives[0]:
        assert _tested(card, tmp_path) == snippet.gives
        return
    frame = read(card, raw).frame
    if card.derived(card.tasks[0].name):
        found = TaskPosts.of(prepare(card, tmp_path / "home", []), card.tasks[0])
        labels = dict(zip(card.tasks[0].targets, found.labels.T, strict=True))
        frame = pd.DataFrame({"post_id": found.table["post_id"].to_pylist(), **labels})
    for facts in card.facts.values():
        frame = read_facts(facts, raw)[0]
    got = [{name: _shown(row[name]) for name in snippet.gives[0]} for row in frame.to_dict("records")]
    assert len(got) == len(snippet.gives)
    for row, told in zip(got, snippet.gives, strict=True):
        for name, value in told.items():
            rounded = "." in value and name not in ("time", "known_at") and value[0].isdigit()
            assert row[name] == value or (
                rounded and float(row[name]) == pytest.approx(float(value), abs=1e-4)
            )


def test_the_page_has_a_snippet_for_every_section_and_tries_many_words_wrongly() -> None:
    text = page(PAGE).partition("\n## What nobody guesses\n")[0]
    sections = set(re.findall(r"^### (.+)$", text, flags=re.MULTILINE))
    assert sections <= {snippet.section for snippet in SNIPPETS}
    assert sum(snippet.answer is not None for snippet in SNIPPETS) >= 15


MODELS: tuple[type[BaseModel], ...] = (
    *(Card, Column, Target, FactTable, FactColumn, TableLayout, Join, FromReadings),
    *(Task, Filter, Protocol, Generator, Download, Viral),
)


def test_the_tables_of_all_words_have_every_word_and_no_other() -> None:
    tables = page(PAGE).partition("\n## All words\n")[2]
    told = set(re.findall(r"`([a-z][a-z0-9_-]*)`", tables))
    words = {name for model in MODELS for name in model.model_fields} - {"folder"}
    values = {*get_args(Role), *get_args(FactRole), *get_args(Availability), *get_args(Scale)}
    values |= {*get_args(NumberFormat), *get_args(ProtocolName), "drop", "error", "first", "last", "next"}
    values |= {"iso", "epoch_seconds", "epoch_milliseconds", "snowflake", "tiktok_id"}
    assert words | values <= told
    assert told <= words | values | {*READERS} | {*KINDS, "day", "none", "account", "all"}


def test_a_word_that_is_misspelt_anywhere_is_answered_with_the_nearest(tmp_path: Path) -> None:
    for wrong, right in {"repeatd": "repeated", "delimeter": "delimiter"}.items():
        snippet = Snippet("", f"[table]\n{wrong} = 'x'\n")
        with pytest.raises(SmpbenchError, match=f"did you mean '{right}'"):
            card_in(tmp_path, snippet)
    snippet = Snippet("", "[targets]\nlikes = { readings = { age_hour = 3 } }\n")
    with pytest.raises(SmpbenchError, match="did you mean 'age_hours'"):
        card_in(tmp_path, snippet)
