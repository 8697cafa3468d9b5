"""Synthetic data sets: their raw files are generated when absent, and their ceiling is known."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from benchmark.card import Card, Generator
from benchmark.errors import DataError
from benchmark.readers import columns
from benchmark.readers.delimited import read_delimited
from benchmark.readers.raw import Origin, ReadReport

SHARED = "generators"
"""Folder beside those of the data sets: code that several generators share."""


def ensure_generated(card: Card, home: Path, raw_roots: Sequence[Path]) -> None:
    """Make the raw files of a synthetic set in `home/raw`, unless one of `raw_roots` has them.

    They are made again when the generator's code or number of posts has changed since.

    Raises:
        DataError: the generator failed; the text ends with its last words.
    """
    generator = card.generator
    if generator is None or any((root / name).exists() for root in raw_roots for name in card.raw):
        return
    folder = home / "raw" / card.raw[0]
    # Beside the folder, not in it: the folder is the generator's own.
    made_by = folder.with_name(f".{folder.name}.generator")
    recipe = _recipe(card.folder, generator)
    if folder.exists() and made_by.is_file() and made_by.read_text(encoding="utf-8") == recipe:
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(card.folder / generator.script), "--out", str(folder)]
    command += ["--posts", str(generator.posts)]
    run = subprocess.run(
        command + ["--force"] * folder.exists(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if run.returncode != 0 or not folder.exists():
        last = " / ".join(run.stderr.strip().splitlines()[-3:])
        raise DataError(
            f"the generator ended with status {run.returncode}: {last}", file=card.folder / generator.script
        )
    partial = made_by.with_name(f"{made_by.name}.part")
    partial.write_text(recipe, encoding="utf-8")
    partial.replace(made_by)


def with_ceiling(card: Card, raw: Path, targets: pa.Table) -> pa.Table:
    """`targets` and, for a synthetic set, a column `ceiling_<target>` each: the noiseless score.

    Raises:
        DataError: the ceiling file misses a target, or a post.
    """
    if card.generator is None:
        return targets
    path = raw / card.generator.ceiling
    table, rows = read_delimited(path, ReadReport())
    if missing := [name for name in ("post_id", *card.targets) if name not in table]:
        raise DataError(f"no column '{missing[0]}'", file=path, row=1, column=missing[0])
    origin = Origin(path.name, rows)
    by_id = table.assign(
        **{name: columns.numbers(table[name].tolist(), name, origin) for name in card.targets}
    )
    by_id = by_id.set_index("post_id")
    posts = targets["post_id"].to_pylist()
    if not by_id.index.is_unique or (absent := sorted(set(posts) - set(by_id.index))):
        problem = f"no row for {len(absent)} posts, the first is '{absent[0]}'" if absent else "repeated ids"
        raise DataError(problem, file=path, column="post_id", mend="Generate the set again")
    for name in card.targets:
        ceiling = by_id.loc[posts, name].to_numpy(dtype="float64")
        targets = targets.append_column(f"ceiling_{name}", pa.array(ceiling))
    return targets


def _recipe(folder: Path, generator: Generator) -> str:
    """What the generated files depend on: the scripts in the card's folder, those that generators share, and
    the number of posts."""
    digest = hashlib.sha256()
    for script in [*sorted(folder.glob("*.py")), *sorted((folder.parent / SHARED).glob("*.py"))]:
        digest.update(script.read_bytes())
    return f"{digest.hexdigest()} {generator.script} --posts {generator.posts}\n"
