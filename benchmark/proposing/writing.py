"""Writing: a settled card as the text of its file, with a short reason for what was found out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmark import PROJECT
from benchmark.errors import listed
from benchmark.proposing import toml
from benchmark.proposing.draft import Entry
from benchmark.proposing.settle import Settled

SCHEMA = PROJECT / "docs" / "card.schema.json"
"""What editors complete a card from (Taplo, and what is built on it)."""
_MOST_DROPPED = 40


def card_text(settled: Settled, folder: Path) -> str:
    """The whole file.

    Args:
        folder: that the card will lie in.
    """
    return "\n".join(_lines(settled, settled.declared(), folder)) + "\n"


def schema_address(folder: Path) -> str:
    """The path of the schema as a card in this folder names it: relative within the checkout."""
    here = folder.resolve()
    return os.path.relpath(SCHEMA, here) if here.is_relative_to(PROJECT) else SCHEMA.as_posix()


def reason_lines(settled: Settled) -> Iterator[str]:
    """What is proposed and why, for a terminal."""
    draft = settled.draft
    yield from draft.notes
    for name, reason in draft.table_reasons.items():
        yield f"[table] {name} = {toml.value(draft.table[name])}: {reason}"
    for one in settled.columns:
        late = " (crawl)" if one.availability == "crawl" else ""
        yield f"{one.name} <- {_origin(one)}, {one.words['role']}{late}{': ' * bool(one.reason)}{one.reason}"
    for one in settled.targets:
        yield f"label {one.name} <- {_origin(one)}, {one.words.get('scale', 'identity')}: {one.reason}"
    for name, why in draft.dropped.items():
        yield f"left out {name}: {why}"
    if settled.languages:
        yield f"languages {', '.join(settled.languages)}: {settled.languages_reason}"
    yield from settled.time.reasons


def _origin(one: Entry) -> str:
    said = one.words.get("file") or one.words.get("source") or one.words.get("value") or one.name
    if "since" in one.words:
        said = f"the time since {one.words['since'].get('source', 'time')}"
    return str(said)


def _lines(settled: Settled, declared: Mapping[str, Any], folder: Path) -> Iterator[str]:
    draft = settled.draft
    yield f"#:schema {schema_address(folder)}"
    yield "# Written by `smpbench new dataset` from looking at the files: read it, and mend it."
    yield ""
    for name in ("name", "title", "reader", "raw"):
        yield toml.line(name, declared[name])
    yield toml.line("licence", declared["licence"], "say whose the data are")
    if settled.languages:
        yield toml.line("languages", settled.languages, settled.languages_reason)
    yield from _table(settled)
    yield ""
    yield "[columns]"
    for one in settled.columns:
        yield toml.line(one.name, one.words, one.reason)
    if draft.dropped:
        yield toml.comment("Left out:")
        for name, why in list(draft.dropped.items())[:_MOST_DROPPED]:
            yield toml.comment(f"- {name}: {why}")
        if len(draft.dropped) > _MOST_DROPPED:
            yield toml.comment(f"- and {len(draft.dropped) - _MOST_DROPPED} more")
    yield ""
    yield "[targets]"
    for one in settled.targets:
        yield toml.line(one.name, one.words, one.reason)
    others = [
        one.name for one in draft.labels if one not in settled.targets and one.name not in draft.dropped
    ]
    if others:
        yield toml.comment(f"Could be labels as well: {listed(others)}")
    yield from _task(settled, declared["tasks"][0])


def _table(settled: Settled) -> Iterator[str]:
    draft = settled.draft
    if not draft.table:
        return
    yield ""
    yield "[table]"
    for name, said in draft.table.items():
        yield toml.line(name, said, draft.table_reasons.get(name, ""))


def _task(settled: Settled, task: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield "[[tasks]]"
    yield toml.line("name", task["name"])
    yield toml.line("targets", task["targets"])
    if "filter" in task:
        yield toml.line("filter", task["filter"])
    yield ""
    yield "[tasks.protocols]"
    for reason in settled.time.reasons:
        yield toml.comment(reason)
    for name, words in task["protocols"].items():
        yield toml.line(name, words)
