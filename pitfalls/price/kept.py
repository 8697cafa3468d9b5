"""Kept: what runs under mistakes have predicted, so that a comparison that was interrupted goes on.

It lies below `home/pitfalls`, in a form of its own: no store of runs looks there, and no board could read it.
A file appears whole or not at all; one that cannot be read is made anew.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import json
import logging
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmark.files import opened, write_atomically
from benchmark.finding.code import form
from benchmark.run.cell import Cell
from pitfalls.honest.ground import Said
from pitfalls.honest.mistake import Made, Mistake

FOLDER = "pitfalls"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    folder: Path

    @classmethod
    def of(cls, home: Path, cell: Cell, key: str) -> Kept:
        """Of the runs around a cell, which itself lies elsewhere."""
        return cls(home / FOLDER / cell.folder / key[:16])

    def honest(self) -> Said | None:
        """What the honest run has predicted, if it is kept."""
        read = self._read("honest")
        return read.wrong if isinstance(read, Made) else None

    def keep_honest(self, said: Said) -> None:
        self._write("honest", Made(said))

    def of_mistake(self, mistake: Mistake) -> Made | str | None:
        """What came out under it, or why it is not possible; None where it is not known."""
        return self._read(_named(mistake))

    def keep(self, mistake: Mistake, made: Made | str) -> None:
        self._write(_named(mistake), made)

    def _read(self, name: str) -> Made | str | None:
        path = self.folder / f"{name}.npz"
        if not path.exists():
            return None
        try:
            with opened(path) as file, np.load(io.BytesIO(file.read()), allow_pickle=False) as arrays:
                told = json.loads(str(arrays["told"]))
                if "not_possible" in told:
                    return str(told["not_possible"])
                wrong = Said(arrays["rows"], arrays["predicted"])
                own = "honest" in arrays
                honest = Said(arrays["honest_rows"], arrays["honest"]) if own else None
                return Made(wrong, honest, str(told["against"]), told["batches"], str(told["note"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.warning("%s: cannot be read (%s); it is made anew", path, error)
            return None

    def _write(self, name: str, made: Made | str) -> None:
        buffer = io.BytesIO()
        if isinstance(made, str):
            np.savez(buffer, told=np.array(json.dumps({"not_possible": made})))
        else:
            told = {"against": made.against, "batches": made.batches, "note": made.note}
            arrays = {"rows": made.wrong.rows, "predicted": made.wrong.predicted}
            if made.honest is not None:
                arrays |= {"honest_rows": made.honest.rows, "honest": made.honest.predicted}
            np.savez_compressed(buffer, told=np.array(json.dumps(told)), **arrays)  # type: ignore[arg-type]
        write_atomically(self.folder / f"{name}.npz", buffer.getvalue())


@cache
def _named(mistake: Mistake) -> str:
    """After the mistake and its code as it was when first asked for: of other code nothing is kept."""
    own = Path(inspect.getfile(type(mistake)))
    digest = hashlib.sha256()
    for file in [*sorted(own.parent.glob("*.py")), *sorted((own.parent / "honest").glob("*.py"))]:
        if file == own or file.parent != own.parent:
            digest.update(form(file.read_bytes()).encode())
    return f"{mistake.name}-{digest.hexdigest()[:12]}"
