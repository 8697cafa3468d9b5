"""What was kept and is damaged, altered or another model's is refused by name; only plain arrays are kept."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from kept_models import asked_of, elsewhere, fitted, saved

from baselines.last_value import LastValue
from baselines.lightgbm import LightGBM
from baselines.parts.kept import ARRAYS, VALUES, Kept, Learnt
from baselines.ridge import Ridge
from baselines.trees.lightgbm_text import checked
from benchmark import Baseline
from benchmark.contract.probe import Probed
from benchmark.errors import BaselineError, ModelError
from benchmark.worker import Assignment


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assignment, Probed]:
    return asked_of(tmp_path_factory.mktemp("kept"))


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
    resummed(folder, lambda told: told["values"].update({"design/table/edge": "wide"}))
    refused(folder, Ridge, alpha, r"'design/table/edge' is no float")
    resummed(folder, lambda told: told["values"].update({"design/table/categories": [{"run": "this"}]}))
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
