"""Which mean ranks cannot be told apart, and the diagram that shows it."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from leaderboard.together.critical_difference import (
    CriticalDifference,
    critical_difference,
    diagram,
    nemenyi,
    runs,
)


def test_the_critical_difference_is_that_of_demsars_table_and_example() -> None:
    """Demšar 2006, table 5 (a), and the example of section 3.2.2: 4 classifiers, 14 data sets, 1.25."""
    for rows, q in ((2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (10, 3.164)):
        assert nemenyi(rows, 20) == pytest.approx(q * math.sqrt(rows * (rows + 1) / 120), abs=2e-3)
    assert nemenyi(4, 14) == pytest.approx(1.25, abs=5e-3)


def test_bars_join_the_longest_runs_of_rows_nearer_than_the_difference() -> None:
    assert runs([1.0, 1.5, 2.0, 4.0, 6.0], 1.2) == [(0, 2)]
    assert runs([1.0, 1.5, 2.0, 2.5], 1.1) == [(0, 2), (1, 3)]
    assert runs([1.0, 2.0], 1.0) == [], "a difference that is reached tells apart"


def test_where_friedman_tells_nothing_apart_no_pair_is_told_apart() -> None:
    found = critical_difference(pd.DataFrame({"a": [1, 2, 3], "b": [2, 3, 1], "c": [3, 1, 2]}, dtype=float))
    assert found.friedman == pytest.approx(1)
    assert found.groups == [(0, 2)]
    assert "No two rows are told apart" in found.sentence
    means = pd.Series([1.0, 2.0, 3.0], index=["a", "b", "c"])
    assert CriticalDifference(means, 5, difference=0.5, friedman=0.06).groups == [(0, 2)]
    assert CriticalDifference(means, 5, difference=0.5, friedman=0.04).groups == []
    assert critical_difference(pd.DataFrame([[2.0, 2.0, 2.0]] * 4)).groups == [(0, 2)]


def test_with_enough_tasks_rows_are_told_apart() -> None:
    found = critical_difference(pd.DataFrame([[1.0, 2.0, 3.0]] * 20, columns=["a", "b", "c"]))
    assert found.groups == []
    assert found.friedman < 1e-6


def test_the_diagram_is_accessible_follows_the_page_and_survives_any_name() -> None:
    evil = '<script>alert("1")</script>&'
    ranks = pd.DataFrame([[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]], columns=["a", evil, "c"])
    text = diagram(critical_difference(ranks))
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root}
    title, described = (str(named[one]) for one in root.get("aria-labelledby", "").split())
    assert title == "Critical-difference diagram"
    assert "a 1.0" in described
    assert evil in described
    assert "<script" not in text
    assert "currentColor" in text
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b|rgb|black|white", text)
    other = diagram(critical_difference(ranks.rename(columns={evil: "b"})))
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == 2
    assert not set(ids) & set(re.findall(r'id="([^"]+)"', other)), "a page may hold both"


def test_the_diagram_of_twenty_rows_fits_a_phone_and_holds_all_that_it_draws() -> None:
    names = ["temporal_fusion_transformer", *(f"row {number}" for number in range(19))]
    ranks = pd.DataFrame([np.arange(1.0, 21)] * 8, columns=names)
    root = ElementTree.fromstring(diagram(critical_difference(ranks)))
    _, _, width, height = map(float, root.get("viewBox", "").split())
    assert width <= 480, "letters of 12 pixels become 9 on a screen of 360"
    for element in root.iter():
        across = [float(element.get(name, 0)) for name in ("x", "x1", "x2", "cx")]
        down = [float(element.get(name, 0)) for name in ("y", "y1", "y2", "cy")]
        assert 0 <= min(across) <= max(across) <= width
        assert 0 <= min(down) <= max(down) <= height


def test_a_difference_wider_than_the_scale_is_said_to_be() -> None:
    assert "whole scale or more" in diagram(critical_difference(pd.DataFrame([[1.0, 2.0, 3.0]])))


def test_bars_of_the_diagram_share_a_place_only_where_they_do_not_meet() -> None:
    def places_of_bars(*means: float) -> list[float]:
        ranks = pd.Series(means, index=[f"row {place}" for place in range(len(means))])
        root = ElementTree.fromstring(diagram(CriticalDifference(ranks, 9, difference=1.5, friedman=0.01)))
        return [float(one.get("x1", "nan")) for one in root.iter() if one.get("stroke-linecap")]

    meeting = places_of_bars(1, 2, 3)
    assert len(meeting) == len(set(meeting)) == 2
    first, second, third = places_of_bars(1, 2, 4, 5, 6)
    assert first == second < third
