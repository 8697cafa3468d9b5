"""Whatever stands in the file of a result, reading it gives a sound one or names the field that is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from stored import put_predictions

from benchmark.errors import StoreError
from benchmark.run.result import VERSION, Result

DEEP: Any = "a"
for _ in range(8):
    DEEP = [DEEP]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    result = put_predictions(tmp_path_factory.mktemp("store"), "model")
    told: dict[str, Any] = json.loads(result.model_dump_json())
    return told | {"version": VERSION}


ABOUT: dict[str, tuple[Any, str]] = {
    "a baseline that climbs": ({"baseline": "../../etc"}, "about.baseline: '../../etc' is no name for a row"),
    "a baseline that a spreadsheet runs": ({"baseline": "=cmd|a"}, "about.baseline: '=cmd|a' is no name"),
    "a variant of HTML": (
        {"variant": "<img src=x>"},
        "about.variant: '<img src=x>' is no name for a variant",
    ),
    "a variant that climbs": ({"variant": ".."}, "about.variant: '..' is no name for a variant"),
    "a data set that is a path": ({"dataset": "/etc"}, "about.dataset: '/etc' is no name"),
    "a target of HTML": ({"targets": ["<b>"]}, "about.targets.0: '<b>' is no name"),
    "a target twice": ({"targets": ["likes", "likes"]}, "about.targets: one is named twice"),
    "no target": ({"targets": []}, "about.targets: "),
    "a profile of HTML": ({"profile": "<svg onload=x>"}, "about.profile: '<svg onload=x>' is no name"),
    "a protocol of one's own": ({"protocol": "easy"}, "about.protocol: "),
    "a protocol version to come": (
        {"protocol_version": "999"},
        "about.protocol_version: '999' is no version",
    ),
    "no protocol version": ({"protocol_version": "-1"}, "about.protocol_version: '-1' is no version"),
    "a title of many lines": ({"title": "X\n\n# More"}, "about.title: 'X\\n\\n# More' is not one line"),
    "a zero byte": ({"title": "a\0b"}, "about.title: 'a\\x00b' is not one line"),
    "half a character": ({"title": "a\ud800b"}, "about.title: "),
    "a word turned round": ({"title": "a\u202eb"}, "about.title: "),
    "a summary of 20 MB": ({"summary": "A" * 20_000_000}, "about.summary: String should have at most 500"),
    "a summary that a terminal obeys": ({"summary": "\x1b[2J"}, "about.summary: "),
    "settings nested deep": ({"settings": {"a": DEEP}}, "about.settings: settings are nested"),
    "huge settings": ({"settings": {"a": "x" * 30_000}}, "about.settings: settings are 30"),
    "a setting of half a character": (
        {"settings": {"a": "\ud800"}},
        "about.settings: '\\ud800' holds what cannot",
    ),
    "a setting that is no number": (
        {"settings": {"a": float("nan")}},
        "about.settings: a setting is no finite",
    ),
    "a study of no setting": ({"study": ["loss"]}, "about.study: 'loss' is none of its settings"),
    "a fingerprint that is none": ({"data_fingerprint": "<b>"}, "about.data_fingerprint: "),
    "a row that is called a ceiling": ({"baseline": "ceiling"}, "seed 0: status: 'ok' of the row 'ceiling'"),
    "an external row that is none": ({"variant": "external"}, "seed 0: external: is told of the variant"),
}
RUN: dict[str, tuple[Any, str]] = {
    "a seed beyond all numbers": ({"seed": 10**30}, "run.seed: "),
    "negative seconds": (
        {"fit_seconds": -5.0},
        "run.fit_seconds: Input should be greater than or equal to 0",
    ),
    "seconds of an age": ({"predict_seconds": 1e10}, "run.predict_seconds: "),
    "memory of no machine": ({"peak_mb": 1e300}, "run.peak_mb: "),
    "seconds that are no number": ({"wall_seconds": float("nan")}, "run.wall_seconds: "),
    "more posts than there are": ({"n_test": 10**30}, "run.n_test: "),
    "fewer posts than none": ({"n_train": -1}, "run.n_train: "),
    "no moment": ({"created": ""}, "run.created: '' is no moment of 2020 to 2099 in UTC"),
    "a moment of no clock": ({"created": "9999-12-31T00:00:00+00:00"}, "run.created: "),
    "a moment of elsewhere": ({"created": "2026-01-01T00:00:00+05:00"}, "run.created: "),
    "a moment of no place": ({"created": "2026-01-01T00:00:00"}, "run.created: "),
    "a status of one's own": ({"status": "<b>great</b> | x"}, "run.status: "),
    "a ceiling that is none": ({"status": "ceiling"}, "seed 0: status: 'ceiling' of the row 'model'"),
    "a reason that a terminal obeys": ({"reason": "\x1b[2J"}, "run.reason: "),
    "libraries without end": ({"environment": {f"x{i}": "1" for i in range(101)}}, "run.environment: "),
    "a library of HTML and lines": ({"environment": {"a\nb": "1"}}, "run.environment."),
    "scores of no cluster": ({"clusters": None}, "seed 0: clusters: None of 120 predicted posts"),
    "no scores in their list": ({"scores": [{"target": "likes"}]}, "run.scores.0."),
}


@pytest.mark.parametrize("wrong", ABOUT)
def test_what_no_row_is_called_or_made_of_is_refused(sound: dict[str, Any], wrong: str) -> None:
    changed, phrase = ABOUT[wrong]
    with pytest.raises(StoreError) as refused:
        Result.read(sound | {"about": sound["about"] | changed}, "here/result.json")
    assert str(refused.value).startswith(f"here/result.json: {phrase}")
    assert len(str(refused.value)) < 500 and str(refused.value).isprintable()


@pytest.mark.parametrize("wrong", RUN)
def test_what_no_run_comes_to_is_refused(sound: dict[str, Any], wrong: str) -> None:
    changed, phrase = RUN[wrong]
    with pytest.raises(StoreError) as refused:
        Result.read(sound | {"run": sound["run"] | changed}, "here/result.json")
    assert str(refused.value).startswith(f"here/result.json: {phrase}")


def test_a_score_is_told_once_and_of_a_target_of_the_row(sound: dict[str, Any]) -> None:
    scores = sound["run"]["scores"]
    for changed, phrase in (
        ([*scores, scores[0]], "scores: one is told twice"),
        ([scores[0] | {"target": "shares"}], "scores: target 'shares' is none of the row's"),
    ):
        with pytest.raises(StoreError, match=phrase):
            Result.read(sound | {"run": sound["run"] | {"scores": changed}}, "here")


def test_a_slice_holds_no_more_posts_than_were_predicted(sound: dict[str, Any]) -> None:
    slices = [sound["run"]["slices"][0] | {"n": 121}]
    with pytest.raises(StoreError, match="holds 121 of 120 predicted posts"):
        Result.read(sound | {"run": sound["run"] | {"slices": slices}}, "here")


def test_a_sound_result_is_read_as_it_was_written(sound: dict[str, Any], tmp_path: Path) -> None:
    assert json.loads(Result.read(sound, tmp_path).model_dump_json()) == sound
