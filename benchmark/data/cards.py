"""Cards on disk: a card.toml read and checked, and the cards that there are."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from benchmark.declared.card import Card, Download, Generator, Target
from benchmark.declared.column import Column
from benchmark.declared.fact_table import FactColumn, FactTable
from benchmark.declared.layout import FromReadings, Join, TableLayout
from benchmark.declared.naming import printable
from benchmark.declared.task import Filter, Protocol, Task
from benchmark.errors import CardError, did_you_mean


def load_card(path: Path) -> Card:
    """Read and check one card.

    Raises:
        CardError: naming the file and each key that is missing, unknown or wrong.
    """
    if path.exists() and not path.is_file():
        raise CardError(f"{path}: no regular file. Give the path of a card.toml")
    try:
        text = path.read_text(encoding="utf-8")
        declared = tomllib.loads(text)
    except OSError as error:
        raise CardError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # not UTF-8, not TOML, or a number of thousands of digits
        raise CardError(f"{path}: not valid TOML: {error}") from None
    except RecursionError:
        raise CardError(f"{path}: not valid TOML: lists or tables too deep in one another") from None
    if "folder" in declared:
        raise CardError(f"{path}: key 'folder': unknown key. Remove it: it is the card's own folder")
    try:
        return Card.model_validate({**declared, "folder": path.resolve().parent})
    except ValidationError as error:
        raise CardError(f"{path}: " + "; ".join(_problems(error))) from None


def find_cards(folder: Path) -> dict[str, Path]:
    """`{data set name: path of its card.toml}` below `folder`, by folder name; cards are not opened."""
    return {path.parent.name: path for path in sorted(folder.glob("*/card.toml"))}


def _problems(error: ValidationError) -> list[str]:
    """One phrase a problem: the dotted key, what is wrong, and for an unknown key the nearest known one."""
    problems = []
    found = error.errors()
    for item in found:
        # A wrong entry leaves its list too short: that is no second problem.
        if item["type"] == "too_short" and any(
            len(one["loc"]) > len(item["loc"]) and one["loc"][: len(item["loc"])] == item["loc"]
            for one in found
        ):
            continue
        key = printable(".".join(str(part) for part in item["loc"])) or "card"
        if item["type"] == "extra_forbidden":
            problems.append(f"key '{key}': unknown key{did_you_mean(str(item['loc'][-1]), _known_keys())}")
        elif item["type"] == "missing":
            problems.append(f"key '{key}': missing")
        else:
            message = item["msg"].removeprefix("Value error, ")
            problems.append(f"key '{key}': {message}")
    return problems


def _known_keys() -> set[str]:
    models = (
        *(Card, Column, FactTable, FactColumn, Target, Task, Filter, Protocol, Generator, Download),
        *(TableLayout, Join, FromReadings),
    )
    return {key for model in models for key in model.model_fields} - {"folder"}
