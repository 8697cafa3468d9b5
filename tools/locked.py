"""Locked: the part of requirements.lock that the project and some of its extras need, with every file's hash.

    python tools/locked.py [EXTRA ...]
    python tools/locked.py --only uv

`make install` hands what this prints to the installer, which then takes no file whose sha256 is not there. It
runs before anything is installed, as a file and not as a module: the standard library is all there is.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LOCK = PROJECT / "requirements.lock"
MEND = "Run `make lock`, and commit requirements.lock"
HEAD = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\]+?))?(?: \\)?")
HASH = re.compile(r"    --hash=(sha256:[0-9a-f]{64})(?: \\)?")
VIA = re.compile(r"    #   (?:via )?(\S+)|    # via (\S+)")


class LockError(Exception):
    """The lock, or what is asked of it, is wrong."""


@dataclass(frozen=True)
class Pin:
    """One version of a package, and the files of it that may be installed."""

    name: str
    """Normalised: lower case, words joined by `-`."""
    version: str
    marker: str | None
    """Where it is needed, as PEP 508 writes it; None: everywhere."""
    hashes: tuple[str, ...]
    """`sha256:` and 64 hexadecimal digits, of every file that was published of this version."""
    wanted_by: tuple[str, ...]
    """Names of packages; that of the project is among them for what it asks for itself."""
    text: str
    """Its lines of the lock."""


def pins(lock: str) -> list[Pin]:
    """What a lock holds, in its order.

    Raises:
        LockError: a line that is no part of a pin, or a pin without a hash.
    """
    blocks: list[list[str]] = []
    for number, line in enumerate(lock.splitlines(), 1):
        if HEAD.fullmatch(line):
            blocks.append([line])
        elif blocks and (HASH.fullmatch(line) or line.startswith("    #")):
            blocks[-1].append(line)
        elif line.strip() and not line.startswith("#"):
            raise LockError(f"requirements.lock, line {number}: {line!r} is no part of a pin. {MEND}")
    return [_pin(block) for block in blocks]


def part(found: Iterable[Pin], wanted: Iterable[str]) -> list[Pin]:
    """Those pins that some packages need: they, what they ask for, what that asks for, and so on.

    Raises:
        LockError: a package that is wanted has no pin.
    """
    of_name: dict[str, list[Pin]] = {}
    asked_for: dict[str, set[str]] = {}
    for pin in found:
        of_name.setdefault(pin.name, []).append(pin)
        for parent in pin.wanted_by:
            asked_for.setdefault(parent, set()).add(pin.name)
    waiting, taken = sorted(set(wanted)), set()
    while waiting:
        name = waiting.pop()
        if name not in of_name:
            raise LockError(f"'{name}' has no line in requirements.lock. {MEND}")
        if name not in taken:
            taken.add(name)
            waiting += sorted(asked_for.get(name, ()))
    return [pin for name in sorted(taken) for pin in of_name[name]]


def asked(pyproject: str, extras: Iterable[str] = ()) -> set[str]:
    """Names of the packages that the project asks for itself, that build it, and that its extras ask for.

    Raises:
        LockError: there is no such extra.
    """
    declared = tomllib.loads(pyproject)
    known = declared["project"]["optional-dependencies"]
    lines = [*declared["project"]["dependencies"], *declared["build-system"]["requires"]]
    for extra in extras:
        if extra not in known:
            raise LockError(f"the project has no extra '{extra}'; known: {', '.join(sorted(known))}")
        lines += known[extra]
    return {normalised(line) for line in lines}


def normalised(requirement: str) -> str:
    """The name at the beginning of a requirement, as the lock writes it."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def _pin(block: list[str]) -> Pin:
    head = HEAD.fullmatch(block[0])
    assert head is not None
    hashes = tuple(match[1] for line in block if (match := HASH.fullmatch(line)))
    if not hashes:
        raise LockError(f"requirements.lock: {head['name']}=={head['version']} has no hash. {MEND}")
    parents = tuple(match[1] or match[2] for line in block if (match := VIA.match(line)))
    return Pin(head["name"], head["version"], head["marker"], hashes, parents, "\n".join(block))


def main(arguments: list[str]) -> None:
    """Print the pins."""
    found = pins(LOCK.read_text(encoding="utf-8"))
    if arguments[:1] == ["--only"]:
        chosen = [pin for pin in found if pin.name in arguments[1:]]
    else:
        chosen = part(found, asked((PROJECT / "pyproject.toml").read_text(encoding="utf-8"), arguments))
    print("\n".join(pin.text for pin in chosen))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LockError as error:
        sys.exit(f"tools/locked.py: {error}")
