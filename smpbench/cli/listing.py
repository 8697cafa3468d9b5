"""`smpbench list`: which data sets there are, which are at hand, and what can be run on them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmark.errors import shortened
from smpbench.cli.choices import AsJson, Home, Raw
from smpbench.door.at_hand import in_words
from smpbench.door.names import DEFAULT_HOME, chosen_cards, raw_roots

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.finding.discovery import Found


def list_(home: Home = DEFAULT_HOME, raw: Raw = None, as_json: AsJson = False) -> None:
    """Show the data sets there are, which of them are at hand, and the baselines with their variants."""
    from benchmark.finding.discovery import discover

    roots = raw_roots(raw)
    sets = [_data_set(card, *in_words(card, home.resolve(), roots)) for card in chosen_cards(None)]
    baselines = [_baseline(name, found) for name, found in discover().items()]
    if as_json:
        print(json.dumps({"datasets": sets, "baselines": baselines}, indent=1, ensure_ascii=False))
        return
    for heading, at_hand in (("Data sets at hand", True), ("Data sets that are not at hand", False)):
        chosen = [one for one in sets if one["at_hand"] == at_hand]
        if chosen:
            print(heading)
            for one in chosen:
                _say(one["dataset"], [one["title"], f"tasks: {_tasks(one)}", one["where"]])
            print()
    print("Baselines")
    for one in baselines:
        if one["unavailable"]:
            _say(one["baseline"], [f"unavailable: {one['unavailable']}"])
        else:
            variants = [f"variants: {', '.join(one['variants'])}"] if one["variants"] else []
            _say(one["baseline"], [one["summary"], *variants])


def _data_set(card: Card, at_hand: bool, where: str) -> dict[str, Any]:
    return {
        "dataset": card.name,
        "title": card.title,
        "synthetic": card.synthetic,
        "tasks": {task.name: list(task.protocols) for task in card.tasks},
        "at_hand": at_hand,
        "where": shortened(where, 300),
    }


def _baseline(name: str, found: Found) -> dict[str, Any]:
    told = found.described
    return {
        "baseline": name,
        "summary": found.summary,
        "family": found.family,
        "variants": [one for one in told.variants if one != "default"] if told else [],
        "unavailable": found.unavailable or "",
    }


def _tasks(one: dict[str, Any]) -> str:
    return ", ".join(f"{task} ({', '.join(protocols)})" for task, protocols in one["tasks"].items())


def _say(name: str, lines: list[str]) -> None:
    for place, line in enumerate(lines):
        print(f"  {name if not place else '':21} {line}")
