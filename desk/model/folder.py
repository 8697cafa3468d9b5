"""Folder: a model as plain files. It holds no code, and what was fitted is not needed to read it.

model/model.json           what the model is, and a checksum of every other file
      columns.arrow        the columns of a post, and no row
      calibration.npz      errors on posts held out; hours.npz: how posts did hour by hour
      engagement/, virality/   a part each: known.parquet, and in baseline/ what the baseline has learnt
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError

from benchmark import PROJECT
from benchmark.declared.card import Card
from benchmark.declared.naming import printable
from benchmark.errors import ModelError, SmpbenchError, UnknownName
from benchmark.files import folder_atomically, is_plain, sha256_of
from benchmark.finding.discovery import baseline_files, find
from desk.model.fitting import Fitted
from desk.model.hours import DAYS, Hours
from desk.model.hours import HOURS as HOURS_OF_A_DAY
from desk.model.intervals import Calibration
from desk.model.known import KEPT_ROLES, Known
from desk.model.part import Part, PartTold, loaded

VERSION = 1
PAGE = "model.json"
COLUMNS, CALIBRATION, HOURS, KNOWN, BASELINE = (
    "columns.arrow", "calibration.npz", "hours.npz", "known.parquet", "baseline",
)  # fmt: skip
ENGAGEMENT, VIRALITY = "engagement", "virality"
ANEW = "Fit the model anew"
OTHER_CODE = "The model was fitted by other code than is here: fit it anew if what it says seems strange"


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    version: Literal[1]
    baseline: str
    """Of the project, by its name; a file of a user's own, by its path."""
    code: str
    variant: str
    profile: str
    card: dict[str, Any]
    engagement: PartTold
    virality: PartTold | None
    coverage: float | None
    usual: dict[str, str | float | bool]
    notes: tuple[str, ...]
    accounts: list[str]
    """In the order of the tables of hours."""
    files: dict[str, str]
    """Path below the folder -> sha256."""


def write_model(fitted: Fitted, folder: Path) -> None:
    """Keep a model; the folder appears whole or not at all.

    Raises:
        ModelError: something else lies there.
    """
    check_free(folder)
    found = find(fitted.baseline, baseline_files())
    own = found.path.resolve().is_relative_to(PROJECT)
    with folder_atomically(folder.resolve()) as staging:
        with pa.OSFile(str(staging / COLUMNS), "wb") as sink:
            pa.ipc.new_file(sink, fitted.engagement.columns).close()
        calibration, hours = fitted.calibration, fitted.hours
        np.savez(
            staging / CALIBRATION,
            errors=calibration.errors,
            accounts=calibration.accounts,
            categories=calibration.categories,
            new=calibration.new,
            strange=calibration.strange,
        )
        np.savez(staging / HOURS, count=hours.count, total=hours.total, squares=hours.squares)
        for name, part in ((ENGAGEMENT, fitted.engagement), (VIRALITY, fitted.virality)):
            if part:
                _write_part(part, staging / name)
        page = _Page(
            version=VERSION,
            baseline=fitted.baseline if own else str(found.path.resolve()),
            code=found.code,
            variant=fitted.variant,
            profile=fitted.profile,
            card=json.loads(fitted.card.model_dump_json(exclude_unset=True)),
            engagement=fitted.engagement.told,
            virality=fitted.virality.told if fitted.virality else None,
            coverage=fitted.coverage,
            usual=fitted.usual,
            notes=fitted.notes,
            accounts=hours.accounts,
            files={
                _below(staging, file): sha256_of(file)
                for file in sorted(staging.rglob("*"))
                if file.is_file()
            },
        )
        (staging / PAGE).write_text(page.model_dump_json(indent=1), encoding="utf-8")


def check_free(folder: Path) -> None:
    """Whether a model may be written into a folder: where nothing lies, or a model and nothing beside it.

    Raises:
        ModelError: something else lies there.
    """
    try:
        if not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir())):
            return
        page = _page(folder) if folder.is_dir() and not folder.is_symlink() else None
    except (ModelError, OSError):
        page = None
    there = {_below(folder, one) for one in folder.rglob("*") if one.is_symlink() or not one.is_dir()}
    if page is None or there - {PAGE} - page.files.keys():
        raise ModelError(f"{folder}: something else lies there. Name another folder with -o")


def read_model(folder: Path) -> Fitted:
    """A model as it was kept.

    Raises:
        ModelError: the folder holds none, one of another version, or a file is not as it was written.
    """
    page = _page(folder)
    _check(folder, page)
    try:
        return _built(folder, page)
    except ModelError:
        raise
    except SmpbenchError as error:
        raise ModelError(f"{folder}: {printable(str(error))[:300]}. {ANEW}") from None
    except Exception as error:  # what is consistent, and nonsense: libraries raise almost anything on it
        told = printable(f"{type(error).__name__}: {error}")[:300]
        raise ModelError(f"{folder}: what lies there does not fit together ({told}). {ANEW}") from error


def _built(folder: Path, page: _Page) -> Fitted:
    try:
        card = Card.model_validate(page.card)
        found = find(page.baseline, baseline_files())
    except (ValidationError, UnknownName, SmpbenchError) as error:
        raise ModelError(f"{folder / PAGE}: {printable(str(error))[:300]}. {ANEW}") from None
    if found.path.resolve().is_relative_to(folder.resolve()):
        raise ModelError(f"{folder}: names code that lies within it, and a model holds none. {ANEW}")
    if found.described is None:
        raise ModelError(f"{folder}: baseline '{found.name}' is unavailable: {found.unavailable}")
    schema = _columns(folder / COLUMNS)
    parts: dict[str, Part] = {}
    for name, told in ((ENGAGEMENT, page.engagement), (VIRALITY, page.virality)):
        if told:
            targets = card.task(told.task).targets
            visible = card.visible()
            kept = [one for one in visible if card.columns[one].role in KEPT_ROLES]
            known = Known.read(folder / name / KNOWN, targets, kept)
            parts[name] = loaded(told, card, schema, known, found.path, folder / name / BASELINE)
    errors = _arrays(folder / CALIBRATION, ("errors", "accounts", "categories", "new", "strange"))
    hours = _arrays(folder / HOURS, ("count", "total", "squares"))
    _check_shapes(folder, errors, hours, len(page.accounts), len(parts[ENGAGEMENT].targets))
    other = (OTHER_CODE,) if found.code != page.code else ()
    return Fitted(
        card=card,
        baseline=page.baseline,
        variant=page.variant,
        profile=page.profile,
        engagement=parts[ENGAGEMENT],
        virality=parts.get(VIRALITY),
        calibration=Calibration(**errors),
        coverage=page.coverage,
        hours=Hours(page.accounts, **hours),
        usual=page.usual,
        notes=(*page.notes, *other),
    )


def _write_part(part: Part, folder: Path) -> None:
    (folder / BASELINE).mkdir(parents=True)
    part.known.write(folder / KNOWN, part.targets)
    part.baseline.save(folder / BASELINE)


def _page(folder: Path) -> _Page:
    path = folder / PAGE
    if not is_plain(path):
        raise ModelError(f"{folder}: holds no model. `smpbench fit -d DATASET -o {folder}` makes one")
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read: {error}. {ANEW}") from None
    version = content.get("version") if isinstance(content, dict) else None
    if version != VERSION:
        told = printable(str(version))[:20]
        raise ModelError(f"{path}: is of version {told}; {VERSION} is read here. {ANEW}")
    try:
        return _Page.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = printable(".".join(map(str, first["loc"])))
        raise ModelError(f"{path}: {where}: {first['msg']}. {ANEW}") from None


def _check(folder: Path, page: _Page) -> None:
    """Whether every file is as it was written, and none has come."""
    every = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    there = {_below(folder, path) for path in every}
    for name in sorted(there - {PAGE} - page.files.keys()):
        raise ModelError(f"{folder / name}: is none of the model's files. Remove it, or fit the model anew")
    for name, checksum in page.files.items():
        path = folder / name
        if ".." in Path(name).parts or Path(name).is_absolute() or not is_plain(path):
            raise ModelError(f"{path}: is missing. {ANEW}")
        if sha256_of(path) != checksum:
            raise ModelError(f"{path}: is not what was written: it was changed or cut short. {ANEW}")


def _below(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _check_shapes(
    folder: Path, errors: dict[str, Any], hours: dict[str, Any], accounts: int, targets: int
) -> None:
    count = len(errors["errors"])
    wanted: dict[str, tuple[int, ...]] = {"errors": (count, targets), "strange": (count, targets)}
    wanted |= dict.fromkeys(("accounts", "categories", "new"), (count,))
    for name, array in errors.items():
        if not count or array.shape != wanted[name]:
            raise ModelError(f"{folder / CALIBRATION}: '{name}' is of another shape. {ANEW}")
    for name, array in hours.items():
        if array.shape != (accounts + 1, DAYS, HOURS_OF_A_DAY):
            raise ModelError(f"{folder / HOURS}: '{name}' is of another shape. {ANEW}")


def _columns(path: Path) -> pa.Schema:
    try:
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).schema
    except (OSError, pa.ArrowInvalid) as error:
        raise ModelError(f"{path}: cannot be read: {error}. {ANEW}") from None


def _arrays(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names}
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{path}: cannot be read: {error}. {ANEW}") from None
