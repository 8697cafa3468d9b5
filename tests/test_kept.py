"""What a baseline has learnt is kept in plain files, and loaded where the data are not."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from worlds import BASELINES, World

from baselines.catboost import CatBoost
from baselines.category_embedding import CategoryEmbedding
from baselines.clip_adapter import CLIPAdapter
from baselines.gp_level import GPLevel
from baselines.last_value import LastValue
from baselines.lightgbm import LightGBM
from baselines.lstm import LSTM
from baselines.mlp import MLP
from baselines.parts.kept import ARRAYS, VALUES, Kept, Learnt
from baselines.recent_median import RecentMedian
from baselines.ridge import Ridge
from baselines.trees.lightgbm_text import checked
from benchmark import Array, Baseline, Posts
from benchmark.contract.probe import PLAIN, Handed, Probed, schema
from benchmark.contract.trial import VIRAL
from benchmark.data.prepare import prepare
from benchmark.described import described
from benchmark.errors import BaselineError, ModelError
from benchmark.loading import load_class
from benchmark.run.tasks import TaskPosts, known_by
from benchmark.worker import Assignment

NAIVE = ("recent_median", "user_median", "global_median", "category_median", "last_value", "recent_rate")
QUICK = {"epochs": 2, "patience": 1}
LEARNT: list[Any] = [
    pytest.param(cls, settings, id=f"{cls.__name__} {settings}", marks=pytest.mark.slow)
    for cls, settings in [
        (Ridge, {}),
        (Ridge, {"alpha": 30.0}),
        (LightGBM, {"rounds": 30}),
        (LightGBM, {"rounds": 30, "inputs": ("metadata", "text")}),
        (LightGBM, {"rounds": 10, "objectives": ("l2",)}),
        (CatBoost, {"rounds": 30}),
        (CatBoost, {"rounds": 30, "users": True}),
        (MLP, QUICK),
        (MLP, {**QUICK, "loss": "quantile", "scaling": "robust"}),
        (MLP, {**QUICK, "members": 2}),
        (CLIPAdapter, QUICK),
        (CLIPAdapter, {**QUICK, "head": "linear"}),
        (CategoryEmbedding, QUICK),
        (CategoryEmbedding, {**QUICK, "pooling": False}),
        (GPLevel, {}),
        (GPLevel, {"noise": "heavy"}),
    ]
]

OF_EVENTS: list[Any] = [
    pytest.param(cls, settings, id=f"{cls.__name__} {settings}")
    for cls, settings in [
        (Ridge, {}),
        (LightGBM, {"rounds": 30}),
        (CatBoost, {"rounds": 30}),
        (MLP, QUICK),
        (CLIPAdapter, QUICK),
        (CategoryEmbedding, QUICK),
    ]
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assignment, Probed]:
    return asked_of(tmp_path_factory.mktemp("kept"))


def asked_of(folder: Path, task: str = "three", **made_up: Any) -> tuple[Assignment, Probed]:
    """What a process is handed that fits and predicts; the same for the same arguments."""
    world = World.make(folder, **made_up)
    prepared = prepare(world.card, world.home, ())
    posts = TaskPosts.of(prepared, prepared.card.task(task))
    windows = posts.windows("frozen")
    block = windows.blocks[0]
    told = schema(prepared.card, task, ("text", "image", "topics"), len(posts.rows), prepared.images)
    facts = {name: known_by(table, windows.clock.cut_off) for name, table in posts.facts.items()}
    y = posts.labels[block.reveal].astype(np.float32)
    reveal, _ = next(iter(posts.handed_over(windows, ())))
    question = Probed(
        {},
        prepared.posts(),
        facts,
        block.reveal,
        block.context,
        block.test,
        y,
        "regression",
        0,
        counted=reveal.counted,
        engagement=reveal.engagement,
    )
    return Assignment(BASELINES, {}, 0, 1, told, windows.clock, folder, None), question


def elsewhere(asked: tuple[Assignment, Probed], revealed: int = 0) -> tuple[Posts, Array, Posts]:
    """Posts whose labels are known, with them, and posts to predict, on a machine without the data."""
    handed = Handed.elsewhere(*asked, revealed)
    return *handed.known(revealed), handed.test(revealed)


def fitted(baseline: Baseline, asked: tuple[Assignment, Probed]) -> tuple[Baseline, Posts]:
    handed = Handed(*asked)
    baseline.fit(handed.train(), asked[1].labels)
    return baseline, handed.test()


def saved(baseline: Baseline, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    baseline.save(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", NAIVE)
def test_a_naive_baseline_remembers_what_is_known(
    asked: tuple[Assignment, Probed], tmp_path: Path, name: str
) -> None:
    cls = load_class(BASELINES / f"{name}.py")
    baseline, test = fitted(cls(), asked)
    loaded = cls()
    known, y, there = elsewhere(asked)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))


@pytest.fixture(scope="module")
def asked_for_one(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assignment, Probed]:
    return asked_of(tmp_path_factory.mktemp("one"), "one")


@pytest.mark.parametrize(("cls", "settings"), LEARNT)
def test_of_a_single_target_it_is_kept_as_well(
    asked_for_one: tuple[Assignment, Probed], tmp_path: Path, cls: type[Baseline], settings: dict[str, Any]
) -> None:
    """Libraries have arrays of other shapes then."""
    baseline, test = fitted(cls(**settings), asked_for_one)
    known, y, there = elsewhere(asked_for_one)
    loaded = cls(**settings)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))


@pytest.mark.parametrize(("cls", "settings"), LEARNT)
def test_kept_and_loaded_it_predicts_the_same_to_the_last_bit(
    asked: tuple[Assignment, Probed], tmp_path: Path, cls: type[Baseline], settings: dict[str, Any]
) -> None:
    baseline, test = fitted(cls(**settings), asked)
    known, y, there = elsewhere(asked)
    assert not np.array_equal(known.users, Handed(*asked).train().users)
    loaded = cls(**settings)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))
    assert plain_files(tmp_path)


@pytest.fixture(scope="module", params=["event", VIRAL])
def asked_of_events(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Assignment, Probed]:
    """Events as the data have them, and those that are derived of engagement."""
    return asked_of(tmp_path_factory.mktemp("events"), kind=request.param)


@pytest.mark.slow
@pytest.mark.parametrize(("cls", "settings"), OF_EVENTS)
def test_what_was_learnt_of_events_is_kept(
    asked_of_events: tuple[Assignment, Probed],
    tmp_path: Path,
    cls: type[Baseline],
    settings: dict[str, Any],
) -> None:
    baseline, test = fitted(cls(**settings), asked_of_events)
    known, y, there = elsewhere(asked_of_events)
    loaded = cls(**settings)
    loaded.load(saved(baseline, tmp_path), known, y)
    predicted = baseline.predict(test)
    np.testing.assert_array_equal(loaded.predict(there), predicted)
    assert ((predicted > 0) & (predicted < 1)).all() and np.ptp(predicted) > 0
    derived = asked_of_events[1].engagement is not None
    assert Handed(*asked_of_events).train().counted == derived
    assert plain_files(tmp_path)


def plain_files(folder: Path) -> bool:
    """Whether there is no file in which a pickle could be."""
    assert {path.suffix for path in folder.iterdir()} <= PLAIN - {".npz", ".npy"}
    contents = [path.read_bytes() for path in folder.iterdir() if path.suffix != ".safetensors"]
    # What protocols 2 to 5 begin with, and what every one of them takes to name a class.
    return not any(
        re.search(rb"^\x80[\x02-\x05]|c(builtins|numpy|sklearn)\n", content) for content in contents
    )


@pytest.mark.slow
@pytest.mark.parametrize("cls", [Ridge, LightGBM, CatBoost])
def test_labels_that_became_known_before_it_was_kept_are_known_to_the_loaded_one(
    asked: tuple[Assignment, Probed], tmp_path: Path, cls: type[Baseline]
) -> None:
    here, half = Handed(*asked), len(asked[1].test) // 2
    baseline, loaded = cls(), cls()
    baseline.fit(here.train(), asked[1].labels)
    here.test(0, half)
    baseline.reveal(*here.learnt(asked[1].test[:half]))
    known, y, there = elsewhere(asked, half)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(here.test(half)))


@pytest.mark.slow
@pytest.mark.parametrize("aligned", [False, True])
def test_how_well_image_and_text_go_together_is_kept(
    asked: tuple[Assignment, Probed], tmp_path: Path, aligned: bool
) -> None:
    """Images that say what the texts say: heads learn it, or the encoders are in one space already."""
    features = dict(asked[0].schema.features)
    features["image"] = features["text"]
    if aligned:
        features["clip_text"] = features["text"]
    given = replace(asked[0], schema=replace(asked[0].schema, features=features)), asked[1]
    baseline, test = fitted(CLIPAdapter(**QUICK), given)
    assert isinstance(baseline, CLIPAdapter)
    assert baseline.aligned == aligned and (baseline.heads is None) == aligned
    assert baseline.similarity.names == ["image-text similarity"]
    loaded = CLIPAdapter(**QUICK)
    known, y, there = elsewhere(given)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))


@pytest.mark.slow
def test_another_process_loads_it_and_predicts_the_same(
    asked: tuple[Assignment, Probed], tmp_path: Path
) -> None:
    baseline, test = fitted(LightGBM(rounds=20), asked)
    saved(baseline, tmp_path / "model")
    code = f"""
import sys; sys.path[:0] = {[str(Path(__file__).parent), str(BASELINES.parent)]}
from pathlib import Path
import numpy as np
from test_kept import LightGBM, asked_of, elsewhere
known, y, there = elsewhere(asked_of(Path({str(tmp_path / "world")!r})))
loaded = LightGBM(rounds=20)
loaded.load(Path({str(tmp_path / "model")!r}), known, y)
np.save({str(tmp_path / "found.npy")!r}, loaded.predict(there))
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    found = np.load(tmp_path / "found.npy", allow_pickle=False)
    np.testing.assert_array_equal(found, baseline.predict(test))


@pytest.mark.slow
def test_without_a_rare_level_or_any_variance_it_is_kept_all_the_same(tmp_path: Path) -> None:
    """Few posts: every level is rare, and trees are a number."""
    asked = asked_of(tmp_path / "world", posts=40, users=3)
    for cls in (Ridge, LightGBM):
        baseline, test = fitted(cls(), asked)
        known, y, there = elsewhere(asked)
        loaded = cls()
        loaded.load(saved(baseline, tmp_path / cls.__name__), known, y)
        np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))


def test_a_baseline_says_whether_it_can_be_kept(tmp_path: Path) -> None:
    assert described(Ridge).keeps and described(RecentMedian).keeps
    assert not described(LSTM).keeps
    with pytest.raises(BaselineError, match="LSTM cannot be kept"):
        LSTM().save(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_topics_of_earlier_posts_are_not_there_where_a_model_is_loaded(
    asked: tuple[Assignment, Probed], tmp_path: Path
) -> None:
    told = asked[0].schema
    columns = {name: one for name, one in told.columns.items() if one.role != "category"}
    without = replace(asked[0], schema=replace(told, columns=columns)), asked[1]
    baseline, test = fitted(CategoryEmbedding(**QUICK), without)
    with pytest.raises(BaselineError, match="topics of an account's earlier posts"):
        baseline.save(tmp_path)
    one_hot = {**QUICK, "pooling": False}
    baseline, test = fitted(CategoryEmbedding(**one_hot), without)
    known, y, there = elsewhere(without)
    loaded = CategoryEmbedding(**one_hot)
    loaded.load(saved(baseline, tmp_path), known, y)
    np.testing.assert_array_equal(loaded.predict(there), baseline.predict(test))


@pytest.fixture(scope="module")
def ridge(asked: tuple[Assignment, Probed], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(fitted(Ridge(alpha=30.0), asked)[0], tmp_path_factory.mktemp("ridge"))


@pytest.fixture(scope="module")
def lightgbm(asked: tuple[Assignment, Probed], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(fitted(LightGBM(rounds=5), asked)[0], tmp_path_factory.mktemp("lightgbm"))


def copied(folder: Path, to: Path) -> Path:
    to.mkdir()
    for path in folder.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


def pickled(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, learnt=np.array([{"a": 1}], object))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "cut to its beginning": lambda path: path.write_bytes(path.read_bytes()[:7]),
    "one bit of it": lambda path: path.write_bytes(
        path.read_bytes()[:-40] + bytes([path.read_bytes()[-40] ^ 1]) + path.read_bytes()[-39:]
    ),
    "a pickle": lambda path: path.write_bytes(pickle.dumps({"learnt": 1})),
    "an npz of objects": pickled,
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a link": lambda path: (path.unlink(), path.symlink_to("/dev/zero")),
    "nested without end": lambda path: path.write_bytes(b"[" * 100_000),
}


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", [VALUES, ARRAYS, "trees_0.txt"])
def test_a_damaged_file_is_refused_by_its_name(
    asked: tuple[Assignment, Probed], lightgbm: Path, tmp_path: Path, name: str, damage: str
) -> None:
    folder = copied(lightgbm, tmp_path / "model")
    DAMAGES[damage](folder / name)
    known, y, _ = elsewhere(asked)
    with pytest.raises(ModelError, match=re.escape(str(folder / name))) as caught:
        LightGBM(rounds=5).load(folder, known, y)
    assert "Fit the model anew" in str(caught.value)


def resummed(folder: Path, change: Callable[[dict[str, Any]], object] = lambda told: None) -> None:
    """As somebody leaves it who changes a file and its checksum."""
    import hashlib

    told = orjson.loads((folder / VALUES).read_bytes())["learnt"]
    told["files"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in told["files"]}
    change(told)
    sum_ = hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
    (folder / VALUES).write_bytes(orjson.dumps({"learnt": told, "sha256": sum_}))


@pytest.mark.slow
def test_whose_checksums_were_made_anew_is_refused_where_it_does_not_fit(
    asked: tuple[Assignment, Probed], ridge: Path, lightgbm: Path, tmp_path: Path
) -> None:
    from safetensors.numpy import load, save

    known, y, _ = elsewhere(asked)

    def refused(folder: Path, cls: type[Baseline], settings: dict[str, Any], why: str) -> None:
        with pytest.raises(ModelError, match=why):
            cls(**settings).load(folder, known, y)

    alpha = {"alpha": 30.0}
    folder = copied(ridge, tmp_path / "shape")
    arrays = load((folder / ARRAYS).read_bytes())
    name = next(one for one in arrays if one.startswith("coefficients"))
    (folder / ARRAYS).write_bytes(save({**arrays, name: arrays[name].T[:-1].copy()}))
    resummed(folder)
    refused(folder, Ridge, alpha, r"'coefficients' has shape")
    (folder / ARRAYS).write_bytes(save({**arrays, "intercept": np.arange(3)}))
    resummed(folder)
    refused(folder, Ridge, alpha, r"'intercept' is of int64; wanted are floating-point numbers")
    (folder / ARRAYS).write_bytes(save({one: arrays[one] for one in arrays if one != "intercept"}))
    resummed(folder)
    refused(folder, Ridge, alpha, r"has no 'intercept'")
    pickled(folder / ARRAYS)
    resummed(folder)
    refused(folder, Ridge, alpha, re.escape(ARRAYS))

    folder = copied(ridge, tmp_path / "told")
    resummed(folder, lambda told: told["values"].update({"columns/edge": "wide"}))
    refused(folder, Ridge, alpha, r"'columns/edge' is no float")
    resummed(folder, lambda told: told["values"].update({"columns/categories": [{"run": "this"}]}))
    refused(folder, Ridge, alpha, "does not fit together")

    folder = copied(lightgbm, tmp_path / "trees")
    for content in (b"", b"tree\n", pickle.dumps(1), b"\xff\xfe"):
        (folder / "trees_0.txt").write_bytes(content)
        resummed(folder)
        refused(folder, LightGBM, {"rounds": 5}, "does not fit together")


def test_a_model_of_another_baseline_or_other_settings_is_refused(tmp_path: Path) -> None:
    Learnt().write(tmp_path, Ridge(alpha=30.0))
    with pytest.raises(ModelError, match=r"its settings is \{'alpha': 30.0, .*; wanted is \{'alpha': 3.0, "):
        Kept.read(tmp_path, Ridge(alpha=3.0))
    with pytest.raises(ModelError, match="its baseline is 'Ridge'; wanted is 'LastValue'"):
        Kept.read(tmp_path, LastValue())


def test_arrays_come_back_with_their_type_shape_and_order_in_memory(tmp_path: Path) -> None:
    arrays = {
        "rows": np.arange(6.0).reshape(2, 3),
        "columns": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
        "none": np.zeros((0, 4), np.int64),
        "flags": np.array([True, False]),
        "turned": np.arange(12.0).reshape(3, 4)[::-1, ::2],
    }
    learnt = Learnt()
    for name, array in arrays.items():
        learnt.part("a").put(name, array)
    learnt.write(tmp_path, LastValue())
    kept = Kept.read(tmp_path, LastValue()).part("a")
    assert kept.names() == set(arrays)
    for name, array in arrays.items():
        found = kept.array(name, array.dtype.kind, *array.shape)
        np.testing.assert_array_equal(found, array)
        assert found.dtype == array.dtype
    assert kept.array("columns", "f", 2, None).flags.f_contiguous
    assert kept.array("rows", "f", None, 3).flags.c_contiguous


@pytest.mark.parametrize("value", [{1, 2}, (1, 2), float("nan"), object(), {1: "a"}, b"bytes"])
def test_what_json_would_change_is_not_kept(value: object) -> None:
    with pytest.raises(BaselineError, match="'a' cannot be kept"):
        Learnt().tell("a", value)


def test_objects_are_not_kept() -> None:
    with pytest.raises(BaselineError, match="it is an array of object"):
        Learnt().put("a", np.array([None]))


LIES = {
    "a child that is not there": ("left_child=", "left_child=9999 "),
    "a leaf that is not there": ("left_child=", "left_child=-9999 "),
    "a feature that is not there": ("split_feature=", "split_feature=9999 "),
    "a feature before the first": ("split_feature=", "split_feature=-1 "),
    "a decision of no kind": ("decision_type=", "decision_type=77 "),
    "too many leaves": ("num_leaves=", "num_leaves=1"),
    "a category without place": ("num_cat=", "num_cat=3"),
    "a value that is none": ("leaf_value=", "leaf_value=nan "),
    "a number as Python alone writes it": ("internal_value=", "internal_value=1_0 "),
    "trees of another form": ("is_linear=", "is_linear=1"),
    "a block of another size": ("tree_sizes=", "tree_sizes=1"),
    "more classes": ("num_class=", "num_class=2"),
    "more features": ("max_feature_idx=", "max_feature_idx=1"),
}


@pytest.mark.slow
@pytest.mark.parametrize("lie", LIES)
def test_trees_that_would_lead_lightgbm_astray_never_reach_it(lightgbm: Path, lie: str) -> None:
    """It believes what it reads, and the process is gone."""
    text = (lightgbm / "trees_0.txt").read_text(encoding="utf-8")
    told = orjson.loads((lightgbm / VALUES).read_bytes())["learnt"]["values"]
    features, levels = len(told["columns/names"]), [*told["columns/levels"].values()]
    assert checked(text, features, levels) == text
    assert "parameters" not in text
    before, after = LIES[lie]
    # The first number of the line gives way to what is longer or shorter; sizes of blocks are made to fit.
    changed = re.sub(rf"{before}\S* ?", after, text, count=1)
    grown = len(changed) - len(text)
    if before not in ("tree_sizes=", "num_class=", "max_feature_idx="):
        changed = re.sub(r"tree_sizes=(\d+)", lambda m: f"tree_sizes={int(m[1]) + grown}", changed)
    with pytest.raises(ValueError):
        checked(changed, features, levels)
    for cut in np.linspace(1, len(text) - 2, 40).astype(int):
        with pytest.raises(ValueError):
            checked(text[:cut], features, levels)


@pytest.mark.slow
def test_a_circle_of_nodes_is_no_tree() -> None:
    import lightgbm
    import pandas as pd

    from baselines.trees.lightgbm_text import without_parameters

    x = pd.DataFrame({"a": np.arange(400.0), "b": np.arange(400.0) % 7})
    data = lightgbm.Dataset(x, np.sin(np.arange(400.0)))
    text = without_parameters(lightgbm.train({"verbosity": -1, "num_leaves": 6}, data, 1).model_to_string())
    checked(text, 2, [])
    left = re.search(r"left_child=(.*)\nright_child=(.*)\n", text)
    assert left is not None
    children = [[int(child) for child in side.split()] for side in left.groups()]
    side, node = next((s, n) for s in (0, 1) for n in range(5) if children[s][n] == 1)
    children[side][node], children[0][1] = children[0][1], 1  # node 1 is its own child
    turned = [" ".join(map(str, one)) for one in children]
    changed = text.replace(left[0], f"left_child={turned[0]}\nright_child={turned[1]}\n")
    with pytest.raises(ValueError, match="tree 0"):
        checked(changed, 2, [])


@pytest.mark.slow
def test_a_split_of_what_is_missing_from_the_rest_is_read() -> None:
    """Its threshold is infinite."""
    import lightgbm
    import pandas as pd

    from baselines.trees.lightgbm_text import without_parameters

    row = np.arange(400)
    x = pd.DataFrame({"a": np.where(row % 3, row % 7, np.nan)})
    grown = lightgbm.train({"verbosity": -1}, lightgbm.Dataset(x, np.where(x["a"].isna(), 1.0, 0.0)), 3)
    text = without_parameters(grown.model_to_string())
    assert re.search(r"threshold=.*inf", text)
    loaded = lightgbm.Booster(model_str=checked(text, 1, []))
    np.testing.assert_array_equal(loaded.predict(x), grown.predict(x))
