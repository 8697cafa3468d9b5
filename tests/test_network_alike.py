"""Accounts that write alike: their texts are read from where a run has put them."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import World

from benchmark.data.prepare import prepare
from network.build.alike import Alikeness, _vectors


@pytest.mark.slow
def test_encoded_texts_lie_where_those_of_a_run_lie(tmp_path: Path) -> None:
    world = World.make(tmp_path / "world", posts=40)
    prepared = prepare(world.card, world.home, ())
    _vectors(prepared, Alikeness(world.home, nearest=2, fewest=10))
    (folder,) = (world.home / "features").glob("*/*")
    assert folder.name == f"{world.card.name}-{prepared.content[:8]}"
