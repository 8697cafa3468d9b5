"""Study: the data of a stranger -> a draft of their card."""

from __future__ import annotations

import re
from pathlib import Path

from benchmark.errors import CardError, listed
from benchmark.proposing.draft import Draft, entry
from benchmark.proposing.files import Group, Inventory, chosen_group, inventory
from benchmark.proposing.keys import Keys, found_keys
from benchmark.proposing.labels import labels
from benchmark.proposing.pictures import picture_column
from benchmark.proposing.repeated import say_repeated
from benchmark.proposing.roles import other_columns
from benchmark.proposing.standard import standard_draft
from benchmark.proposing.table import Seen


def study(path: Path) -> Draft:
    """What a card of these data would say.

    Args:
        path: of a table, or of a folder with tables and perhaps pictures.

    Raises:
        CardError: nothing is there, or there is no id, no date or no count among the columns.
        DataError: a file cannot be read.
    """
    if not path.exists():
        raise CardError(f"{path}: nothing is there")
    folder = path if path.is_dir() else path.parent
    only = None if path.is_dir() else path.name
    found = inventory(folder) if only is None else _beside(path)
    if (standard := standard_draft(folder, found, only)) is not None:
        return standard
    group = chosen_group(found, only)
    return _draft(found, group)


def _beside(path: Path) -> Inventory:
    """A single file, with the pictures below its folder."""
    around = inventory(path.parent)
    return Inventory(path.parent, [path.name], around.images, around.others)


def _draft(found: Inventory, group: Group) -> Draft:
    table = group.table
    keys = found_keys(table)
    _files_as_accounts(group, keys)
    targets = labels(table, keys.used)
    if not targets:
        raise CardError(
            "no column is a count of likes, views, shares or comments; there is "
            f"{listed(list(table.columns), 40)}. Call the label `likes`, `views` or `score`"
        )
    draft = _placed(found, group, group.pattern)
    draft.labels = targets
    draft.notes = list(group.notes)
    draft.columns = [keys.id, keys.user, keys.time]
    used = dict.fromkeys(keys.used, "") | keys.also | {one.source: "" for one in targets}
    taken = {"post_id", "user_id", "time"} | {one.name for one in targets}
    if image := picture_column(table, _below(found.images, draft)):
        draft.columns.append(image)
        used |= {image.source: ""} if "file" not in image.words else {}
        taken.add("image")
    others, draft.dropped = other_columns(table, used, taken, table.columns.get(keys.user.source))
    draft.columns += others
    say_repeated(draft, table, keys)
    _say_missing(draft)
    return draft


def _files_as_accounts(group: Group, keys: Keys) -> None:
    """Where no column names the account and the files are called so that they may: a file an account."""
    folder, slash, name = group.pattern.rpartition("/")
    if "value" not in keys.user.words or len(group.paths) < 2 or name.count("*") != 1 or "{" in name:
        return
    before, after = name.split("*")
    called = {path: path.rpartition("/")[2][len(before) : -len(after) or None] for path in group.paths}
    if any(re.fullmatch(r"[\d_ .-]*", one) for one in called.values()) or "account" in group.names:
        return
    group.pattern = f"{folder}{slash}{before}{{account}}{after}"
    group.table.columns["account"] = Seen("account", [called.get(file, file) for file in group.table.files])
    keys.user = entry("user_id", "account", "user", f"a file an account, {len(group.paths):,} of them")
    keys.used.add("account")


def _placed(found: Inventory, group: Group, pattern: str) -> Draft:
    """Where the card finds the files: one file, the one folder that they are in, or all around the card."""
    layout = dict(group.layout)
    first, _, rest = pattern.partition("/")
    above = pattern.rpartition("/")[0]

    def around(folder: str) -> bool:
        return all(path.startswith(f"{folder}/") for path in found.images if folder)

    if len(group.paths) == 1 and around(above):
        draft = Draft(found.folder, f"./{pattern}")
    elif rest and "*" not in first and "{" not in first and around(first):
        draft = Draft(found.folder, f"./{first}")
        layout = {"files": rest} | layout
    else:
        draft = Draft(found.folder, ".")
        layout = {"files": pattern} | layout
    draft.table = layout
    if len(group.paths) > 1:
        draft.table_reasons["files"] = f"{len(group.paths):,} files of the same columns"
    if "rows" in layout:
        draft.table_reasons["rows"] = "the longest list of objects in a document"
    if "delimiter" in layout:
        draft.table_reasons["delimiter"] = "stands equally often in every line"
    return draft


def _below(images: list[str], draft: Draft) -> list[str]:
    """Pictures as paths below the folder that the reader starts from."""
    place = draft.folder / draft.raw
    root = (place.parent if place.is_file() else place).relative_to(draft.folder).as_posix()
    return [path if root == "." else path.removeprefix(f"{root}/") for path in images]


def _say_missing(draft: Draft) -> None:
    """What stands for a missing value in two columns or more does so in the whole file."""
    said = [
        one for one in (*draft.columns, *draft.labels) if one.words.get("missing") and one.name not in _KEYS
    ]
    codes = [code for one in said for code in one.words["missing"]]
    shared = [code for code in dict.fromkeys(codes) if codes.count(code) >= 2]
    keys = [code for one in draft.columns if one.name in _KEYS for code in one.words.get("missing", ())]
    shared = [code for code in shared if code not in keys]
    if not shared:
        return
    draft.table["missing"] = shared
    draft.table_reasons["missing"] = "in several columns of numbers these stand for none"
    for one in said:
        left = [code for code in one.words["missing"] if code not in shared]
        one.words.pop("missing")
        if left:
            one.words["missing"] = left


_KEYS = ("post_id", "user_id", "time")
