"""Settings: read once, with one name, so that one model is one cell however it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import World, write_baseline

from benchmark.baseline import Baseline, defaults, read_settings, settings_name, with_settings
from benchmark.errors import BaselineError, UnknownName
from benchmark.finding.discovery import Found, load
from benchmark.run.plan import choose


class Model(Baseline):
    alpha: float = 10.0
    rounds: int = 5
    deep: bool = False
    loss: str = "mae"
    inputs: tuple[str, ...] = ("text",)


ATTRIBUTES = """
variants = {"default": {}, "small": {"alpha": 0.5}, "deep": {"deep": True, "rounds": 7}}
alpha: float = 10.0
rounds: int = 5
deep: bool = False
inputs: tuple = ("text",)
"""


@pytest.fixture
def found(tmp_path: Path) -> Found:
    return load(write_baseline(tmp_path / "mine", "mine", "", ATTRIBUTES))


def named(told: str) -> str:
    return settings_name(
        read_settings("Model", defaults(Model), dict(part.split("=") for part in told.split(",")))
    )


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("alpha=1", "alpha=1"),
        ("alpha=1.0", "alpha=1"),
        ("alpha=1e0", "alpha=1"),
        ("alpha=0.10", "alpha=0.1"),
        ("alpha=1e-5", "alpha=1e-05"),
        ("alpha=.00001", "alpha=1e-05"),
        ("rounds=5", "rounds=5"),
        ("rounds=5.0", "rounds=5"),
        ("rounds=5e0", "rounds=5"),
        ("deep=True", "deep=true"),
        ("deep=1", "deep=true"),
        ("loss=1.0", "loss=1.0"),
        ("inputs=text+image", "inputs=text+image"),
        ("rounds=3,alpha=2", "alpha=2,rounds=3"),
    ],
)
def test_a_setting_has_one_name_however_it_is_written(told: str, name: str) -> None:
    assert named(told) == name
    assert named(name) == name, "and the name is a way to write it"


def test_settings_are_read_as_the_type_of_their_default() -> None:
    told = {"inputs": "text+image", "alpha": "2", "rounds": "7.0", "deep": "true", "loss": "2"}
    expected = {"alpha": 2.0, "rounds": 7, "deep": True, "loss": "2", "inputs": ("text", "image")}
    read = read_settings("Model", defaults(Model), told)
    assert read == expected
    assert list(read) == list(expected), "in the order of the class"
    assert [type(value) for value in read.values()] == [float, int, bool, str, tuple]
    assert vars(with_settings(Model, read)) == expected


@pytest.mark.parametrize(
    ("told", "type_"),
    [
        ({"alpha": "much"}, "float"),
        ({"alpha": "nan"}, "float"),
        ({"alpha": "inf"}, "float"),
        ({"rounds": "5.5"}, "int"),
        ({"rounds": "inf"}, "int"),
        ({"rounds": ""}, "int"),
        ({"deep": "perhaps"}, "bool"),
    ],
)
def test_a_value_that_is_none_is_refused_with_the_type_that_is_wanted(
    told: dict[str, str], type_: str
) -> None:
    ((name, value),) = told.items()
    with pytest.raises(ValueError, match=f"setting {name}={value}: cannot be read as {type_}"):
        read_settings("Model", defaults(Model), told)


def test_an_unknown_setting_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="unknown setting of Model 'alhpa'; did you mean 'alpha'"):
        read_settings("Model", defaults(Model), {"alhpa": "1"})


def test_a_setting_that_is_given_twice_is_refused(found: Found) -> None:
    with pytest.raises(BaselineError, match=r"mine:alpha=1,alpha=2: 'alpha' is given twice"):
        choose("alpha=1,alpha=2", found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "variant"),
    [
        ("alpha=10", "default"),
        ("alpha=1e1,rounds=5", "default"),
        ("inputs=text", "default"),
        ("alpha=0.50", "small"),
        ("rounds=7,deep=true", "deep"),
    ],
)
def test_settings_that_are_those_of_a_variant_are_that_variant(spec: str, variant: str, found: Found) -> None:
    """To the type and the order of its settings, which its key is made of."""
    assert dict(choose(spec, found).variants) == {variant: found.told.variants[variant]}


def test_other_settings_are_a_row_of_their_own(found: Found) -> None:
    assert dict(choose("rounds=7.0,alpha=2", found).variants) == {
        "alpha=2,rounds=7": {"alpha": 2.0, "rounds": 7}
    }


@pytest.mark.slow
def test_one_model_is_one_cell_however_it_is_written(tmp_path: Path, preloaded: None) -> None:
    world = World.make(tmp_path, posts=120).with_only("one", "frozen")
    path = write_baseline(tmp_path / "mine", "mine", "", ATTRIBUTES)
    assert world.run(path, specs=["alpha=1,rounds=3"]).counts == {"ok": 1}
    for spec in ("alpha=1.0,rounds=3", "rounds=3.0,alpha=1e0"):
        assert world.run(path, specs=[spec]).counts == {"reused": 1}
    assert world.run(path, specs=["default", "small"]).counts == {"ok": 2}
    assert world.run(path, specs=["alpha=10.0"]).counts == {"reused": 1}, "of the variant `default`"
    assert world.run(path, specs=["alpha=0.5"]).counts == {"reused": 1}
    names = {stored.about.variant: stored.about.settings for stored in world.results().values()}
    assert names == {
        "alpha=1,rounds=3": {"alpha": 1.0, "rounds": 3},
        "default": {},
        "small": {"alpha": 0.5},
    }
