"""Report: what a person wants to know of a data set before trusting a number that comes from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmark.data.canonical import Tables
from benchmark.data.dates import date_notes
from benchmark.data.facts import FactRows
from benchmark.data.image_files import ImageFiles
from benchmark.data.language import language_note
from benchmark.data.leaks import Leak, leak_line
from benchmark.declared.card import Card, Scale
from benchmark.errors import listed, shortened
from benchmark.readers.raw import ReadReport
from benchmark.scale import scaled

if TYPE_CHECKING:
    from benchmark.data.prepared import Prepared

MOST_NOTES, MOST_FILES = 50, 10
"""Of a report; there may be a note a column and a file a user."""
_QUANTILES = {"min": 0.0, "q25": 0.25, "median": 0.5, "q75": 0.75, "max": 1.0}


def report(
    card: Card,
    tables: Tables,
    images: ImageFiles,
    reading: ReadReport,
    facts: Mapping[str, FactRows],
    leaks: Sequence[Leak],
) -> dict[str, Any]:
    """Everything as JSON values: rows read and dropped, range, missing shares, labels, images, facts, in
    `dates` what is hardly true of these, and in `leaks` the columns that may tell a label, each as
    `benchmark.data.leaks.Leak` says it."""
    posts = tables.posts
    times = pc.min_max(posts["time"])
    return {
        "rows_read": reading.rows,
        "dropped": dict(reading.dropped),
        "notes": _bounded([*reading.notes, *filter(None, [language_note(card, posts)])]),
        "posts": posts.num_rows,
        "users": pc.count_distinct(posts["user_id"]).as_py(),
        "first": times["min"].as_py().isoformat(timespec="seconds"),
        "last": times["max"].as_py().isoformat(timespec="seconds"),
        "dates": date_notes(posts["time"].cast("int64").to_numpy()),
        "missing": {name: _missing(posts[name]) for name in posts.column_names},
        "labels": {
            name: _labels(tables.targets[name].to_numpy(), target.scale)
            for name, target in card.measured.items()
        },
        "images": {"present": len(images.sizes), "missing": images.missing},
        "facts": {
            name: rows.report | {"notes": _bounded(rows.report["notes"])} for name, rows in facts.items()
        },
        "leaks": [leak.as_json() for leak in leaks],
    }


def report_lines(prepared: Prepared) -> list[str]:
    """The report as lines for a terminal."""
    found: Mapping[str, Any] = prepared.report
    read = _read(found["rows_read"])
    lines = [
        f"{prepared.card.name}: {found['posts']:,} posts by {found['users']:,} users, "
        f"{found['first'][:10]} to {found['last'][:10]}",
        f"  read: {read}",
    ]
    lines += [f"  dropped: {count:,} ({reason})" for reason, count in found["dropped"].items()]
    lines += [f"  note: {note}" for note in found["notes"]]
    lines += date_lines(prepared)
    for name, label in found["labels"].items():
        counts = f"  {name}: {label['labelled']:,} labelled, {label['unlabelled']:,} not"
        shape = "".join(f", {key} {label[key]:.2f}" for key in ("mean", "sd", *_QUANTILES) if key in label)
        lines.append(f"{counts}{shape}" + (f" (on {label['scale']})" if label["scale"] != "identity" else ""))
    gaps = {name: share for name, share in found["missing"].items() if share > 0}
    lines.append("  missing: " + (listed(f"{name} {_percent(gap)}" for name, gap in gaps.items()) or "none"))
    if found["images"]["present"] or found["images"]["missing"]:
        lines.append(
            f"  images: {found['images']['present']:,} there, {found['images']['missing']:,} missing"
        )
    for name, rows in found["facts"].items():
        lines += _fact_lines(name, rows)
    lines += [f"  may leak: {leak_line(leak)}" for leak in found.get("leaks", ())]
    lines.append(f"  fingerprint: {prepared.fingerprint[:16]}")
    return list(map(shortened, lines))


def date_lines(prepared: Prepared) -> list[str]:
    """What of the report whoever runs something must see as well: a wrong date moves what is cut by dates."""
    return [f"  dates: {note}" for note in prepared.report.get("dates", ())]


def _read(rows: Mapping[str, int]) -> str:
    """`posts.csv 1,200`; of many files the first, and how many rows there are in all."""
    told = [f"{file} {count:,}" for file, count in rows.items()]
    if len(told) <= MOST_FILES:
        return ", ".join(told)
    total = sum(rows.values())
    return f"{', '.join(told[:2])} and {len(told) - 2:,} more files, {total:,} rows in all"


def _fact_lines(name: str, found: Mapping[str, Any]) -> list[str]:
    ranges = f", {found['first'][:10]} to {found['last'][:10]}" if found["rows"] else ""
    strangers = [f"{count:,} in {column}" for column, count in found["not_in_data"].items() if count]
    lines = [f"  facts {name}: {found['rows']:,} rows{ranges}"]
    lines += [f"    about what is not in the data: {', '.join(strangers)}"] * bool(strangers)
    lines += [f"    dropped: {count:,} ({reason})" for reason, count in found["dropped"].items()]
    return lines + [f"    note: {note}" for note in found["notes"]]


def _bounded(notes: Sequence[str]) -> list[str]:
    """Notes as a report may hold them, however many there are and whatever they quote."""
    more = [f"and {len(notes) - MOST_NOTES:,} notes more"] if len(notes) > MOST_NOTES else []
    return [*map(shortened, notes[:MOST_NOTES]), *more]


def _percent(share: float) -> str:
    """A single missing value in a million is not `0%`, nor a single present one `100%`."""
    if share < 0.001:
        return "<0.1%"
    return ">99.9%" if 0.999 < share < 1 else f"{share:.1%}"


def _missing(column: pa.ChunkedArray) -> float:
    """Share of posts without a value; for text, the empty string."""
    count = column.null_count
    if pa.types.is_string(column.type):
        count += pc.sum(pc.equal(column, "")).as_py() or 0
    return float(count / len(column))


def _labels(labels: np.ndarray, scale: Scale) -> dict[str, Any]:
    """Distribution on the scoring scale, over labelled posts."""
    known = labels[np.isfinite(labels)]
    counts = {"scale": scale, "labelled": len(known), "unlabelled": len(labels) - len(known)}
    if not len(known):
        return counts
    known = scaled(known, scale)
    shape = {"mean": float(known.mean()), "sd": float(known.std())}
    return counts | shape | {name: float(np.quantile(known, level)) for name, level in _QUANTILES.items()}
