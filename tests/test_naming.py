"""Names are few plain characters, and what is none is refused with what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines.lightgbm import LightGBM
from benchmark.baseline import settings_name
from benchmark.declared.naming import (
    LONGEST_NAME,
    LONGEST_VARIANT,
    baseline_problem,
    check_baseline_name,
    check_one_file_a_name,
    check_own_name,
    check_variant_name,
    name_problem,
    printable,
    project_baselines,
    variant_problem,
)
from benchmark.errors import SmpbenchError
from benchmark.run.cell import Cell

NONE_OF_ANY = [
    *("", ".", "..", "...", "../climbs", "/tmp/x", "a\\b", "-rf", "--home", " a", "a ", "a b", "a\n", "a\0"),
    *(
        "=cmd|' /C calc'!A0",
        "@sum(1)",
        '=HYPERLINK("x")',
        "<img src=x onerror=alert(1)>",
        "a|b",
        "`a`",
        "a*b",
    ),
    *("r\u0456dge", "ridge\u200b", "\u202eegdir", "ridgé", "５", "a\ud800", "a\x1b[31m"),
    *("a;b", "a'b", 'a"b', "a$b", "$(reboot)", "a%b", "a#b", "a?b", "{a}", "[a]", "a,\tb", "x" * 201),
]


@pytest.mark.parametrize("name", NONE_OF_ANY, ids=ascii)
def test_what_a_folder_a_shell_a_table_or_a_page_would_take_amiss_is_no_name(name: str) -> None:
    assert name_problem(name) and baseline_problem(name) and variant_problem(name)
    with pytest.raises(SmpbenchError) as refused:
        check_baseline_name(name, f"somewhere/{name}.py")
    assert str(refused.value).isprintable(), "the message itself does no harm"
    assert "letters, digits" in str(refused.value), "it says what is allowed"


@pytest.mark.parametrize("name", ["_hidden", "__proto__", "Ridge", "my-model", "a.b", "a=b", "+a", "x" * 65])
def test_names_of_rows_and_columns_are_in_snake_case(name: str) -> None:
    assert name_problem(name) and baseline_problem(name)


def test_a_data_set_may_begin_with_a_digit_and_a_baseline_not() -> None:
    assert not name_problem("2024_posts")
    assert baseline_problem("2024_posts")


def test_the_name_of_the_ceiling_is_no_baselines() -> None:
    with pytest.raises(SmpbenchError, match=r"^mine/ceiling\.py: the project has a row 'ceiling' already"):
        check_baseline_name("ceiling", Path("mine/ceiling.py"))


def test_the_mark_of_external_rows_is_no_variants() -> None:
    with pytest.raises(SmpbenchError, match="'external' is the variant of rows of which only"):
        check_variant_name("external", "model.py")


@pytest.mark.parametrize(
    "name", ["..", "a/../..\n", "-v", ".hidden", "=a", "alpha=1;rm", "x" * (LONGEST_VARIANT + 1)]
)
def test_a_variant_that_climbs_hides_or_commands_is_refused_with_its_file(name: str) -> None:
    with pytest.raises(SmpbenchError, match=r"^mine\.py: .* is no name for a variant: at most 200 letters"):
        check_variant_name(name, "mine.py")


@pytest.mark.parametrize(
    "name", ["default", "+history", "one_hot", "loss=mae,scaling=log", "lr=1e-05", "model=a/b:c"]
)
def test_what_variants_are_called_is_a_name(name: str) -> None:
    check_variant_name(name, "mine.py")


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.booleans())
def test_settings_of_numbers_always_make_a_name(number: float, whole: int, truth: bool) -> None:
    named = settings_name(
        {"alpha": number, "k": whole % 10**9, "flag": truth, "inputs": ("metadata", "text")}
    )
    assert not variant_problem(named)


@given(st.text(max_size=80))
def test_a_variant_that_is_a_name_stays_in_its_folder(text: str) -> None:
    if not variant_problem(text):
        cell = Cell("posts", "likes", "frozen", "mine", text, 0, "none", False)
        assert len(cell.folder.parts) == 6 and ".." not in cell.folder.parts


def test_every_baseline_and_variant_of_the_project_has_a_name() -> None:
    assert {"ridge", "recent_median", "lightgbm"} <= project_baselines()
    assert not [name for name in project_baselines() if baseline_problem(name)]
    assert not [name for name in LightGBM.variants if variant_problem(name)]


def test_two_files_of_one_name_are_refused_with_both_their_paths(tmp_path: Path) -> None:
    one, other = tmp_path / "a" / "mine.py", tmp_path / "b" / "mine.py"
    check_one_file_a_name([("mine", one), ("other", other), ("mine", one)])
    with pytest.raises(SmpbenchError) as refused:
        check_one_file_a_name([("mine", one), ("mine", other)])
    assert str(one) in str(refused.value) and str(other) in str(refused.value)
    assert "both called 'mine'" in str(refused.value)


def test_a_file_by_two_ways_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("")
    check_one_file_a_name([("mine", tmp_path / "mine.py"), ("mine", tmp_path / "x" / ".." / "mine.py")])


@pytest.mark.parametrize("name", ["recent_median", "ridge", "ceiling"])
def test_a_row_from_outside_takes_no_name_of_the_project(name: str) -> None:
    with pytest.raises(SmpbenchError, match=f"the project has a row '{name}' already"):
        check_own_name(name)


def test_text_is_printed_without_what_a_terminal_obeys() -> None:
    assert printable("a\x1b[31m\nb\ud800\u202ec") == "a [31m b  c"
    assert printable("ünï 文") == "ünï 文"
    assert len(str(SmpbenchError(name_problem("x" * 10**6)))) < 200
    assert LONGEST_NAME == 64
