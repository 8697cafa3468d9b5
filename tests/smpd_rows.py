"""Rows of the image track's releases, written and read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from raw_layouts import ROOT
from smpd_releases import IN_ONE_FILE, write_2018, write_2019, write_own

from benchmark.data.cards import load_card
from benchmark.readers import read
from benchmark.readers.raw import FILE, ROW, Raw

CARD = load_card(ROOT / "datasets" / "smpd_image" / "card.toml")
ACCOUNT = {
    "user_description",
    "location_description",
    "photo_first_date",
    "photo_count",
    "is_pro",
    "can_buy_pro",
    "photo_first_taken",
}
POST = {
    "uid": "59@N75",
    "pid": "775",
    "category": "Fashion",
    "subcategory": "Girls,Fashion",
    "concept": "skirt",
    "pathalias": "None",
    "ispublic": "1",
    "mediastatus": "ready",
    "title": "an evening",
    "mediatype": "photo",
    "alltags": "one two",
    "postdate": "1425168000",
    "latitude": "38.1",
    "geoaccuracy": "14",
    "longitude": "-94.48068",
}
ORDER = IN_ONE_FILE.split()


def read_from(folder: Path) -> Raw:
    return read(CARD, folder)


def posts_of(folder: Path) -> pd.DataFrame:
    frame = read_from(folder).frame.drop(columns=[FILE, ROW])
    return frame.sort_values("post_id", ignore_index=True)


def one_file(folder: Path, *rows: str, labels: str | None = None) -> Path:
    """The 2017/2018 release of these rows."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train_data.txt").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    (folder / "train_label.txt").write_text("3.2\n" * len(rows) if labels is None else labels)
    return folder


def read_post(folder: Path, row: str) -> pd.Series:
    return read_from(one_file(folder, row)).frame.iloc[0]


WRITERS: dict[str, tuple[Callable[..., Path], dict[str, Any], set[str]]] = {
    "2017/2018": (write_2018, {}, ACCOUNT | {"image"}),
    "2017/2018 with header": (write_2018, {"header": True}, ACCOUNT | {"image"}),
    "2019/2020": (write_2019, {}, {"image"}),
    "2019/2020 with header": (write_2019, {"header": True}, {"image"}),
    "own": (write_own, {}, {"image"}),
}
