"""LightGBM's text of its trees, read only if they are trees.

The library believes what it reads: a child that is not there, or a block shorter than it says, ends the whole
process or reads memory that is none of the model's. So every number is looked at before it gets there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence

END, LEVELS = "end of trees\n", "\npandas_categorical:"
_HEADER = re.compile(
    r"tree\nversion=v\d\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=(\d+)\n"
    r"objective=[a-z0-9_]+(?: [a-z_]+:[0-9.e+-]+)*\nfeature_names=([^\n]*)\nfeature_infos=([^\n]*)\n"
    r"tree_sizes=([0-9 ]*)\n\n"
)
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]{1,30})?(?:e[+-]?[0-9]{1,3})?|inf|nan)")
"""As LightGBM reads them; Python's own readers take `1_0` and more."""
_INNER = ("split_feature", "threshold", "decision_type", "left_child", "right_child")
_TOLD = ("split_gain", "leaf_weight", "leaf_count", "internal_value", "internal_weight", "internal_count")
"""What no prediction rests on, and contributions do."""
_OTHERS = ("num_leaves", "num_cat", "leaf_value", "is_linear", "shrinkage")
_CATEGORICAL = ("cat_boundaries", "cat_threshold")
LARGEST_KIND = 15
"""Of a decision: a sum of flags, the first of them says that a category decides."""


def without_parameters(text: str) -> str:
    """The trees and the levels of categories, and not what they were grown with, names of files among it."""
    trees, _, rest = text.partition(END)
    return f"{trees}{END}{LEVELS}{rest.rpartition(LEVELS)[2]}"


def checked(text: str, features: int, levels: Sequence[Sequence[str]]) -> str:
    """The same text.

    Args:
        features: how many columns there are. levels: of those that are categories.

    Raises:
        ValueError: it is none that `without_parameters` gives of such trees; says where.
    """
    trees, _, rest = text.partition(END)
    header = _HEADER.match(trees)
    if header is None:
        raise ValueError("it does not begin as LightGBM's text does")
    largest, names, infos, sizes = header.groups()
    if not int(largest) + 1 == len(names.split(" ")) == len(infos.split(" ")) == features:
        raise ValueError(f"its trees are of {int(largest) + 1} features, where {features} are")
    if not rest.startswith(LEVELS) or json.loads(rest.removeprefix(LEVELS)) != [*map(list, levels)]:
        raise ValueError("its categories have other levels")
    # Sizes are in bytes; all of it but the names is ASCII.
    begin = header.end()
    for number, size in enumerate(map(int, sizes.split())):
        block = trees[begin : begin + size]
        if len(block) != size or not block.startswith(f"Tree={number}\n") or not block.isascii():
            raise ValueError(f"tree {number} is not where it should be")
        _check_tree(number, block, features)
        begin += size
    if begin != len(trees):
        raise ValueError("there is more than its trees")
    return text


def _check_tree(number: int, block: str, features: int) -> None:
    def require(holds: bool, what: str) -> None:
        if not holds:
            raise ValueError(f"tree {number}: {what} is none of a tree's")

    lines = [line.partition("=") for line in block.strip("\n").split("\n")[1:]]
    told = {name: value.split(" ") if value else [] for name, _, value in lines}
    of_categories = _CATEGORICAL if told.get("num_cat") != ["0"] else ()
    require(len(lines) == len(told), "a repeated line")
    require(set(told) == {*_INNER, *_TOLD, *_OTHERS, *of_categories}, "the list of what is told")

    leaves, categorical = _whole(told, "num_leaves", 1)[0], _whole(told, "num_cat", 1)[0]
    require(leaves >= 1 and categorical >= 0, "its size")
    nodes = leaves - 1
    used, kinds = _whole(told, "split_feature", nodes), _whole(told, "decision_type", nodes)
    require(all(0 <= one < features for one in used), "split_feature")
    require(all(0 <= one <= LARGEST_KIND for one in kinds), "decision_type")
    thresholds = _numbers(told, "threshold")  # an infinite one tells what is missing from the rest
    require(len(thresholds) == nodes and not any(map(math.isnan, thresholds)), "threshold")

    left, right = _whole(told, "left_child", nodes), _whole(told, "right_child", nodes)
    children = [child for both in zip(left, right, strict=True) for child in both]
    # Each node but the root, and each leaf, is the child of one node; of one before it: no way is a circle.
    wanted = sorted([*range(1, nodes), *(~leaf for leaf in range(leaves))]) if nodes else []
    require(sorted(children) == wanted, "a child")
    require(all(child < 0 or child > i // 2 for i, child in enumerate(children)), "the order of its nodes")

    values = _numbers(told, "leaf_value")
    require(len(values) == leaves and all(map(math.isfinite, values)), "leaf_value")
    for name in _TOLD:
        size = leaves if name.startswith("leaf") else nodes
        require(len(_numbers(told, name)) in (0, size), name)
    require(told["is_linear"] == ["0"], "is_linear")
    require([*map(math.isfinite, _numbers(told, "shrinkage"))] == [True], "shrinkage")

    places = [threshold for threshold, kind in zip(thresholds, kinds, strict=True) if kind & 1]
    require(all(place in range(categorical) for place in places), "the place of its categories")
    if of_categories:
        ends = _whole(told, "cat_boundaries", categorical + 1)
        require(ends[0] == 0 and ends == sorted(ends), "cat_boundaries")
        bits = _whole(told, "cat_threshold", ends[-1])
        require(all(0 <= one < 2**32 for one in bits), "cat_threshold")


def _whole(told: Mapping[str, Sequence[str]], name: str, count: int) -> list[int]:
    """So many whole numbers."""
    values = told[name]
    if len(values) != count:
        raise ValueError(f"{name} has {len(values)} numbers; wanted are {count}")
    return [int(_as(_WHOLE, name, value)) for value in values]


def _numbers(told: Mapping[str, Sequence[str]], name: str) -> list[float]:
    return [float(_as(_NUMBER, name, value)) for value in told[name]]


def _as(form: re.Pattern[str], name: str, value: str) -> str:
    if form.fullmatch(value) is None:
        raise ValueError(f"{name} has {value!r:.30}, which is no such number")
    return value
