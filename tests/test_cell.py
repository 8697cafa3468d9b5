"""Keys of results: whatever decides a prediction, or a label, is part of the name of what came out."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from worlds import MadeUpEncoder, World, write_baseline

from benchmark.declared.card import Card
from benchmark.run.cell import Cell, truth_key
from benchmark.run.store import Store
from benchmark.split import PROTOCOL_VERSION

CELL = Cell(
    dataset="set",
    task="t",
    protocol="frozen",
    baseline="model",
    variant="default",
    seed=0,
    profile="bundled",
    crawl=False,
)
REST: dict[str, Any] = {
    "truth": "t" * 64,
    "code": "c" * 64,
    "settings": {"alpha": 1.0, "depth": 3},
    "encodings": {"text": "a" * 64, "image": "b" * 64},
    "columns": ["width", "app"],
}
"""What a cell's key is made of beside the cell."""

OF_THE_CELL: dict[str, dict[str, Any]] = {
    "another baseline of the same code": {"baseline": "other"},
    "another variant of the same settings": {"variant": "deep"},
    "another seed": {"seed": 1},
    "another profile": {"profile": "hub"},
    "columns known at the crawl": {"crawl": True},
}
OF_THE_REST: dict[str, dict[str, Any]] = {
    "another truth": {"truth": "u" * 64},
    "other code": {"code": "d" * 64},
    "another value of a setting": {"settings": {"alpha": 2.0, "depth": 3}},
    "the same number as a word": {"settings": {"alpha": 1.0, "depth": "3"}},
    "a setting more": {"settings": {"alpha": 1.0, "depth": 3, "leaves": 7}},
    "a setting less": {"settings": {"alpha": 1.0}},
    "values of settings exchanged": {"settings": {"alpha": 3, "depth": 1.0}},
    "another text encoder": {"encodings": {"text": "e" * 64, "image": "b" * 64}},
    "another image encoder": {"encodings": {"text": "a" * 64, "image": "e" * 64}},
    "encoders exchanged": {"encodings": {"text": "b" * 64, "image": "a" * 64}},
    "an encoder less": {"encodings": {"text": "a" * 64}},
    "no encoder": {"encodings": {}},
    "a column more": {"columns": ["width", "app", "followers"]},
    "a column less": {"columns": ["width"]},
    "columns in another order": {"columns": ["app", "width"]},
}


def changed_cell(name: str) -> str:
    """The key after one of the changes of the two tables above."""
    cell = dataclasses.replace(CELL, **OF_THE_CELL.get(name, {}))
    return cell.key(**{**REST, **OF_THE_REST.get(name, {})})


@pytest.mark.parametrize("name", [*OF_THE_CELL, *OF_THE_REST])
def test_a_cells_key_changes_with(name: str) -> None:
    assert changed_cell(name) != CELL.key(**REST)


def test_no_two_of_those_changes_have_the_same_key() -> None:
    names = [*OF_THE_CELL, *OF_THE_REST]
    assert len({changed_cell(name) for name in names}) == len(names)


def test_the_order_in_which_settings_and_encoders_were_named_does_not_matter() -> None:
    turned = {name: dict(reversed(REST[name].items())) for name in ("settings", "encodings")}
    assert CELL.key(**{**REST, **turned}) == CELL.key(**REST)


CARD: dict[str, Any] = {
    "name": "set",
    "title": "Set",
    "reader": "table",
    "raw": "posts.csv",
    "licence": "mine",
    "columns": {
        "post_id": {"role": "id"},
        "user_id": {"role": "user"},
        "time": {"role": "time"},
        "app": {"role": "categorical"},
        "category": {"role": "category", "level": 1},
        "topic": {"role": "category", "level": 2},
    },
    "targets": {"likes": {"scale": "log1p"}, "stars": {}, "views": {}},
    "tasks": [
        {
            "name": "t",
            "targets": ["likes", "stars"],
            "filter": {"where": {"app": "phone"}, "settled_days": 2, "newest": 1000},
            "protocols": {
                "frozen": {"cut_off": "2021-03-20T00:00:00", "embargo_days": 3},
                "rolling": {"cut_off": "2021-03-20T00:00:00", "block_days": 7, "reveal_days": 3},
            },
        },
        {"name": "other", "targets": ["views"], "protocols": {"official": {}}},
    ],
}
PLACES: dict[str, tuple[str | int, ...]] = {
    "task": ("tasks", 0),
    "filter": ("tasks", 0, "filter"),
    "frozen": ("tasks", 0, "protocols", "frozen"),
    "rolling": ("tasks", 0, "protocols", "rolling"),
    "other task": ("tasks", 1),
    "columns": ("columns",),
    "likes": ("targets", "likes"),
    "stars": ("targets", "stars"),
    "views": ("targets", "views"),
    "card": (),
}
DECIDES: dict[str, tuple[str, dict[str, Any]]] = {
    "the cut-off": ("rolling", {"cut_off": "2021-03-21T00:00:00"}),
    "the cut-off as a share": ("rolling", {"cut_off": None, "test_fraction": 0.2}),
    "the embargo": ("frozen", {"embargo_days": 2}),
    "the block": ("rolling", {"block_days": 1}),
    "the reveal": ("rolling", {"reveal_days": 2.5}),
    "the value that is filtered": ("filter", {"where": {"app": "web"}}),
    "the column that is filtered": ("filter", {"where": {"topic": "phone"}}),
    "no filter": ("filter", {"where": {}}),
    "the days until a label has settled": ("filter", {"settled_days": 3}),
    "the newest posts": ("filter", {"newest": 999}),
    "all posts": ("filter", {"newest": None}),
    "the scale of the first target": ("likes", {"scale": "identity"}),
    "the scale of the second target": ("stars", {"scale": "log1p"}),
    "a target more": ("task", {"targets": ["likes", "stars", "views"]}),
    "a target less": ("task", {"targets": ["likes"]}),
    "another target": ("task", {"targets": ["likes", "views"]}),
    "the order of targets": ("task", {"targets": ["stars", "likes"]}),
    "a category less": ("columns", {"topic": {"role": "categorical"}}),
    "a category more": ("columns", {"app": {"role": "category", "level": 3}}),
    "the levels of categories": ("columns", {"topic": {"role": "category", "level": 0}}),
    "slices": ("task", {"slices": ["app"]}),
    "other slices": ("task", {"slices": ["topic"]}),
    "slices in another order": ("task", {"slices": ["app", "topic"]}),
    "a measure within weeks": ("task", {"measures": ["mae", "week_best"]}),
}
DECIDES_NOTHING: dict[str, tuple[str, dict[str, Any]]] = {
    "the title": ("card", {"title": "Another"}),
    "the unit of a target": ("likes", {"unit": "log(likes + 1)"}),
    "the scale of a target of another task": ("views", {"scale": "log1p"}),
    "another task": ("other task", {"targets": ["views", "likes"]}),
    "a column that is no category": ("columns", {"width": {"role": "numeric"}}),
    "no slices": ("task", {"slices": []}),
    "other measures of single posts": ("task", {"measures": ["rmse", "mae"]}),
    "another protocol": ("frozen", {"cut_off": "2021-03-21T00:00:00", "embargo_days": 9}),
}


def declared(place: str = "card", changes: dict[str, Any] | None = None) -> Card:
    """The card above, with some keys changed in one of its places."""

    def changed(value: Any, way: tuple[str | int, ...]) -> Any:
        if not way:
            return {**value, **(changes or {})}
        step, *rest = way
        if isinstance(value, list):
            return [changed(one, tuple(rest)) if i == step else one for i, one in enumerate(value)]
        return {name: changed(one, tuple(rest)) if name == step else one for name, one in value.items()}

    return Card.model_validate(changed(CARD, PLACES[place]))


def key(card: Card, protocol: Any = "rolling", fingerprint: str = "f" * 64) -> str:
    return truth_key(card, card.task("t"), protocol, fingerprint)


@pytest.mark.parametrize("name", DECIDES)
def test_a_truths_key_changes_with(name: str) -> None:
    place, changes = DECIDES[name]
    protocol = "frozen" if place == "frozen" else "rolling"
    assert key(declared(place, changes), protocol) != key(declared(), protocol)


def test_no_two_of_those_changes_of_a_card_have_the_same_key() -> None:
    found = [key(declared(*change), "rolling") for name, change in DECIDES.items() if change[0] != "frozen"]
    assert len(set(found)) == len(found)


def test_results_from_before_there_were_slices_and_weeks_keep_their_keys() -> None:
    """As they were computed then."""
    parts = [
        *("f" * 64, PROTOCOL_VERSION, "rolling"),
        declared().task("t").protocols["rolling"].model_dump(mode="json"),
        declared().task("t").filter.model_dump(mode="json"),
        [("likes", "log1p"), ("stars", "identity")],
        ["category", "topic"],
    ]
    assert key(declared()) == hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    event = declared("task", {"kind": "event"})
    assert key(event) == hashlib.sha256(json.dumps([*parts, "event"]).encode()).hexdigest()


def test_a_truths_key_changes_with_the_data_the_protocol_and_its_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = key(declared())
    assert key(declared(), fingerprint="e" * 64) != before
    assert key(declared(), "frozen") != before
    monkeypatch.setattr("benchmark.run.cell.PROTOCOL_VERSION", "next")
    assert key(declared()) != before


def test_two_protocols_with_the_same_dates_have_keys_of_their_own() -> None:
    card = declared("frozen", {"embargo_days": 0, "block_days": 7, "reveal_days": 3})
    assert card.task("t").protocols["frozen"] == card.task("t").protocols["rolling"]
    assert key(card, "frozen") != key(card, "rolling")


@pytest.mark.parametrize("name", DECIDES_NOTHING)
def test_a_truths_key_stays_with_a_change_of(name: str) -> None:
    assert key(declared(*DECIDES_NOTHING[name])) == key(declared())


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded", "made_up_encoders")
def test_an_encoder_that_was_changed_makes_the_cells_that_read_it_run_again_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.make(tmp_path, posts=60).with_only("one", "frozen")
    wants = {"reads_text": "{'text'}", "reads_image": "{'image'}", "reads_none": "set()"}
    files = [write_baseline(tmp_path, name, "", f"wants = {kinds}") for name, kinds in wants.items()]
    assert world.run(*files).counts == {"ok": 3}
    monkeypatch.setitem(MadeUpEncoder.versions, "text", 2)
    assert world.run(*files).counts == {"ok": 1, "reused": 2}
    results = Counter(one.about.baseline for one in Store(world.home / "runs").results())
    assert results == {"reads_text": 2, "reads_image": 1, "reads_none": 1}
