"""Naming: what a name may consist of, wherever it comes from.

Names become folders, columns, cells of tables and words of a command line, on every system and in every form
that a board is written in. So they are few plain characters, and are refused at the door otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmark.errors import SmpbenchError

LONGEST_NAME, LONGEST_VARIANT = 64, 200
CEILING = "ceiling"
"""The row of a synthetic data set that nobody can beat."""
EXTERNAL = "external"
"""The variant of rows of which only the predictions are known: the model ran outside of this suite."""
NO_PROFILE = "none"
"""The profile of rows that read no encoded content."""

NAME = rf"[a-z0-9][a-z0-9_]{{0,{LONGEST_NAME - 1}}}"
"""Of data sets, tasks, targets, columns, tables of facts, profiles and encoders."""
BASELINE = rf"[a-z][a-z0-9_]{{0,{LONGEST_NAME - 1}}}"
"""Of baselines and external rows: as `NAME`, a letter first, since most are modules."""
VARIANT = rf"[A-Za-z0-9_+][A-Za-z0-9_+=,.:/-]{{0,{LONGEST_VARIANT - 1}}}"
"""Of variants: one word, or settings such as `alpha=1,inputs=metadata+text`."""

RESERVED_COLUMNS = {
    "predict_at": "hand-outs say in it from when on a post is predicted",
    "known_at": "tables of facts say in it from when on a row may be known",
}
"""Names that no column and no target of posts has, and why."""

ENGLISH = "en"
_LANGUAGES = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv
dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie
ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv
mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm
rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts
tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
LANGUAGES = frozenset(_LANGUAGES.split())
"""ISO 639-1."""


def name_problem(name: str) -> str:
    """Why this is no name of a data set, a task, a target, a column or a profile; empty if it is one."""
    told = f"at most {LONGEST_NAME} small letters, digits and underscores, no underscore first"
    return "" if re.fullmatch(NAME, name) else f"{shown(name)} is no name: {told}"


def baseline_problem(name: str) -> str:
    """Why this is no name of a baseline or of an external row; empty if it is one."""
    if not re.fullmatch(BASELINE, name):
        told = f"at most {LONGEST_NAME} small letters, digits and underscores, a letter first"
        return f"{shown(name)} is no name for a row: {told}"
    if name == CEILING:
        return f"the project has a row '{CEILING}' already, of synthetic data, which nobody can beat"
    return ""


def variant_problem(name: str) -> str:
    """Why this is no name of a variant; empty if it is one."""
    if not re.fullmatch(VARIANT, name):
        return (
            f"{shown(name)} is no name for a variant: at most {LONGEST_VARIANT} letters (of English), digits "
            "and _ + = , . : / -, of which only _ and + may come first"
        )
    if name == EXTERNAL:
        return f"'{EXTERNAL}' is the variant of rows of which only the predictions are known"
    return ""


def language_problem(code: str) -> str:
    """Why this is no language; empty if it is one."""
    if code in LANGUAGES:
        return ""
    return f"{shown(code)} is no language of ISO 639-1, which names each by two small letters: en, pt, zh"


def all_english(languages: Sequence[str]) -> bool:
    """Whether posts are all in English, as they are taken to be where their card names no language."""
    return all(code == ENGLISH for code in languages)


def check_baseline_name(stem: str, where: object) -> None:
    """Refuse what is no name for a baseline.

    Args:
        stem: the name, as that of its file.
        where: what has the name, to be told: a file.

    Raises:
        SmpbenchError: other characters, too long, or the name of a row that is none of a baseline.
    """
    if problem := baseline_problem(stem):
        raise SmpbenchError(f"{printable(str(where))}: {problem}. Rename the file")


def check_variant_name(variant: str, where: object) -> None:
    """Refuse what is no name for a variant, declared or made from settings.

    Raises:
        SmpbenchError: other characters, too long, or the mark of external rows.
    """
    if problem := variant_problem(variant):
        raise SmpbenchError(f"{printable(str(where))}: {problem}. Choose another name, or another value")


def check_own_name(name: str) -> None:
    """Refuse what is no name for a row that is not the project's.

    Raises:
        SmpbenchError: as `check_baseline_name` does, or a baseline of the project has the name.
    """
    if problem := baseline_problem(name):
        raise SmpbenchError(f"{problem}. Choose another name")
    if name in project_baselines():
        raise SmpbenchError(f"the project has a row '{name}' already. Choose another name")


def check_one_file_a_name(chosen: Iterable[tuple[str, Path]]) -> None:
    """Refuse two files whose rows would have one name, of which the later would replace the earlier.

    Args:
        chosen: name and file of each baseline that is to run; a file may come twice.

    Raises:
        SmpbenchError: names both files.
    """
    files: dict[str, Path] = {}
    for name, path in chosen:
        known = files.setdefault(name, path.resolve())
        if known != path.resolve():
            raise SmpbenchError(
                f"{printable(str(known))} and {printable(str(path.resolve()))} are both called '{name}', and "
                "rows go by name. Rename one of the files"
            )


def project_baselines() -> set[str]:
    """Names of the project's own baselines, by their files alone."""
    folder = Path(__file__).resolve().parents[2] / "baselines"
    return {path.stem for path in folder.glob("[!_]*.py")}


def shown(text: str, length: int = 60) -> str:
    """Any text as a message may quote it: escaped, and not too long."""
    return ascii(text if len(text) <= length else f"{text[: length - 3]}...")


def printable(text: str) -> str:
    """Any text on one line: a space for what a terminal would obey, and for half a character."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
