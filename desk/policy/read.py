"""policy.toml, read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from benchmark.declared.naming import printable
from benchmark.errors import did_you_mean, quoted
from benchmark.files import opened
from desk.policy.rules import Hours, Policy, PolicyError, Rule

LARGEST = 4_000_000
"""Bytes of the file."""


def read_policy(path: Path) -> Policy:
    """The rules of a client.

    Raises:
        PolicyError: names the file, the rule and each key that is missing, unknown or wrong.
    """
    where = printable(str(path))
    try:
        with opened(path) as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise PolicyError(f"{where}: cannot be read: {told}. Give the path of a policy.toml") from None
    if len(raw) > LARGEST:
        raise PolicyError(f"{where}: more than {LARGEST:,} bytes, and no policy of so many words is read")
    try:
        declared = tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise PolicyError(f"{where}, row {row}: not UTF-8. Save the file as UTF-8") from None
    except ValueError as error:
        raise PolicyError(f"{where}: not valid TOML: {error}") from None
    except RecursionError:
        raise PolicyError(f"{where}: not valid TOML: lists or tables too deep in one another") from None
    try:
        return Policy.model_validate(declared)
    except ValidationError as error:
        raise PolicyError(f"{where}: " + "; ".join(_problems(error, declared))) from None


def _problems(error: ValidationError, declared: Mapping[str, Any]) -> list[str]:
    """One phrase a problem: the rule, the key, what is wrong, and of an unknown key the nearest known one."""
    problems = []
    for item in error.errors():
        place = [part for part in item["loc"] if part != "[key]"]
        key = ".".join(quoted(printable(str(part))) for part in place[2:] if place[0] == "rules")
        key = key or ".".join(quoted(printable(str(part))) for part in place if place[0] != "rules")
        where = _rule(place, declared) + (f"key '{key}': " if key else "")
        if item["type"] == "extra_forbidden":
            problems.append(f"{where}unknown key{did_you_mean(str(place[-1]), _known_keys(place))}")
        elif item["type"] == "missing":
            problems.append(f"{where}missing")
        else:
            problems.append(where + item["msg"].removeprefix("Value error, "))
    return problems


def _rule(place: list[int | str], declared: Mapping[str, Any]) -> str:
    """Which rule is spoken of: its number and its name, if it has one."""
    if place[:1] != ["rules"]:
        return ""
    if len(place) < 2 or not isinstance(place[1], int):
        return "rules: "
    rule = declared["rules"][place[1]]
    name = rule.get("name") if isinstance(rule, dict) else None
    called = f" '{quoted(printable(name))}'" if isinstance(name, str) else ""
    return f"rule {place[1] + 1}{called}: "


def _known_keys(place: list[int | str]) -> set[str]:
    if place[:1] != ["rules"]:
        return set(Policy.model_fields)
    return set(Hours.model_fields if "hours" in place else Rule.model_fields)
