"""No label of a test post can reach a baseline before its prediction is in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from raw_layouts import write_csv
from table_sets import rows, table_card, with_column
from worlds import BASELINES, World, write_baseline

from benchmark.contract.trial import CUT_OFF_DAY
from benchmark.data.prepare import prepare
from benchmark.errors import DataError
from benchmark.finding.discovery import discover
from benchmark.run.store import Store
from benchmark.run.tasks import TaskPosts
from benchmark.split import DAY_MS

pytestmark = [pytest.mark.usefixtures("preloaded", "made_up_encoders"), pytest.mark.slow]

AVAILABLE = {name: found.described for name, found in discover().items() if found.described}
HEAVY = {name for name, told in AVAILABLE.items() if told.preload}
EVENTS = sorted(BASELINES / f"{name}.py" for name, told in AVAILABLE.items() if "event" in told.answers)
CHEAP = sorted({BASELINES / f"{name}.py" for name in AVAILABLE.keys() - HEAVY} - set(EVENTS))


Pair = tuple[World, World]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    """Kind of task -> a world, and the same with the labels of its test posts permuted; made once, and each
    prepared by the first run in it. Every test has baselines of its own."""

    def made(kind: str, name: str, **permuted: float) -> World:
        folder = tmp_path_factory.mktemp(f"{kind}-{name}")
        return World.make(folder, kind=kind, **permuted).with_only("three", "frozen")

    late = {"permute_from_day": CUT_OFF_DAY}
    return {one: (made(one, "truth"), made(one, "permuted", **late)) for one in ("regression", "event")}


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        pytest.param(CHEAP, "regression", id="naive", marks=pytest.mark.slow),
        *(pytest.param([path], "event", id=f"{path.stem}, of events") for path in EVENTS),
        *(
            pytest.param([BASELINES / f"{name}.py"], "regression", id=name, marks=pytest.mark.slow)
            for name in sorted(HEAVY)
        ),
    ],
)
def test_permuting_the_test_labels_leaves_every_prediction_as_it_is_to_the_byte(
    files: list[Path], kind: str, pairs: dict[str, Pair]
) -> None:
    for world in pairs[kind]:
        assert not world.run(*files).problems
    ours, theirs = (of_files(files, world.predictions()) for world in pairs[kind])
    assert len(ours) >= len(files)
    assert ours.keys() == theirs.keys()
    for name in ours:
        assert ours[name].equals(theirs[name]), name
    scores = [world.results()[name].run.scores for world in pairs[kind]]
    assert scores[0] != scores[1], "the labels were not permuted"


def of_files(files: list[Path], predictions: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Those of the baselines in these files: `task protocol baseline ...` -> predictions."""
    names = {path.stem for path in files}
    return {name: table for name, table in predictions.items() if name.split()[2] in names}


@pytest.mark.slow
def test_rolling_a_label_changes_no_prediction_made_before_it_was_revealed(tmp_path: Path) -> None:
    """And it does change a later one: what is revealed is used."""
    later = CUT_OFF_DAY + 14.0
    truth = World.make(tmp_path / "truth").with_only("one", "rolling")
    permuted = World.make(tmp_path / "permuted", permute_from_day=later).with_only("one", "rolling")
    for world in (truth, permuted):
        assert not world.run(*CHEAP).problems
    start = np.datetime64("2021-01-01", "ms")
    posts = TaskPosts.of(prepare(truth.card, truth.home, ()), truth.card.tasks[0])
    days = (posts.table["time"].to_numpy() - start) / np.timedelta64(1, "D")
    windows = posts.windows("rolling")
    # Blocks start on the grid; the first that may know a label of day `later` starts three days after it.
    as_of = windows.clock.as_of(posts.times[windows.test])
    first_known = posts.times[days >= later].min() + 3 * DAY_MS
    before = as_of < first_known
    assert before.sum() > 30 < (~before).sum()
    ours, theirs = truth.predictions(), permuted.predictions()
    for name in ours:
        a, b = (table["likes"].to_numpy() for table in (ours[name], theirs[name]))
        np.testing.assert_array_equal(a[before], b[before], err_msg=name)
        assert (a[~before] != b[~before]).any(), name


def test_a_column_of_the_crawl_is_handed_to_the_cell_that_may_see_it_and_to_no_other(tmp_path: Path) -> None:
    world = World.make(tmp_path, posts=60).with_only("one", "frozen")
    told = "sorted({'post_id', 'user_id', 'time', 'followers', 'width'} & set(posts.columns))"
    body = f"""
    def predict(self, posts):
        print(" ".join({told}))
        return np.zeros((len(posts), 1))
    """
    sees = write_baseline(tmp_path, "sees", body)
    blind = write_baseline(tmp_path, "blind", body, "reads_columns = False")
    assert world.run(sees).counts == {"ok": 1}
    assert printed(world) == ["width"], "keys are no columns"
    assert world.run(sees, blind, crawl=True).counts == {"ok": 2, "reused": 1}
    assert sorted(printed(world)) == ["followers width", "width", "width"]
    abouts = [stored.result.about for stored in Store(world.home / "runs").results()]
    found = [(about.baseline, about.crawl) for about in abouts]
    assert sorted(found) == [("blind", False), ("sees", False), ("sees", True)]


def printed(world: World) -> list[str]:
    """The lines that all cells of a data set have printed."""
    logs = (stored.folder / "log.txt" for stored in Store(world.home / "runs").results())
    return [line for log in logs for line in log.read_text().splitlines()]


FIRST_LABEL, STEP, LABELS = 7_654_321, 100, 112
"""Labels that are found nowhere else, so that a sighting of one is proof."""
BLOCK_DAYS = 21
"""Two rolling blocks: a search takes seconds, and a third block is told as the second is."""

SPY = f"""
def fit(self, train, y):
    self.middle = np.median(y, axis=0)
    self.search("fit")

def reveal(self, posts, y):
    self.search("reveal")

def predict(self, posts):
    self.search("predict")
    return np.tile(self.middle, (len(posts), 1))

def search(self, when):
    import gc, json
    import pyarrow as pa

    seen, found, scalars = {{}}, set(), []

    def numbers(values):
        values = np.asarray(values, np.float64).ravel()
        with np.errstate(all="ignore"):
            for counts in (values, np.expm1(np.clip(values, 0, 20))):
                which = np.round((counts - {FIRST_LABEL}) / {STEP})
                hit = np.abs(counts - {FIRST_LABEL} - which * {STEP}) < 10  # so coarse is log1p in float32
                found.update(which[hit & (which >= 0) & (which < {LABELS})].astype(int).tolist())

    def look(thing, depth=0):
        if id(thing) in seen or depth > 4:
            return
        seen[id(thing)] = thing
        kind = type(thing)
        if issubclass(kind, np.ndarray):
            if thing.dtype.kind in "fiu" and thing.size:
                numbers(thing)
        elif issubclass(kind, (pa.Table, pa.RecordBatch)):
            for column in thing.columns:
                look(column)  # however deep the table was found
        elif issubclass(kind, (pa.ChunkedArray, pa.Array)):
            if pa.types.is_floating(thing.type):
                numbers(thing.to_pandas())
        elif kind is bytes:
            if len(thing) % 4 == 0:
                numbers(np.frombuffer(thing, np.float32))
        elif kind in (int, float):
            scalars.append(float(min(thing, 1e300)))
        elif issubclass(kind, dict):
            for value in list(dict.values(thing)):  # not its own, which may import models
                look(value, depth + 1)
        elif kind in (list, tuple, set):
            for value in list(thing):
                look(value, depth + 1)

    def look_inside(thing):
        look(thing)
        try:
            inside = object.__getattribute__(thing, "__dict__")
        except AttributeError:
            return
        # Seen from afar is not seen: what it holds may have been too deep.
        for value in list(dict.values(inside)) if isinstance(inside, dict) else ():
            look(value)

    for thing in gc.get_objects():
        look_inside(thing)
    for frame in sys._current_frames().values():
        while frame is not None:
            for value in list(frame.f_locals.values()):
                look_inside(value)
            frame = frame.f_back
    numbers(scalars)
    print(json.dumps([when, sorted(found)]), flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_a_baseline_that_searches_its_whole_process_finds_the_revealed_labels_alone(
    protocol: str, tmp_path: Path
) -> None:
    content = rows(LABELS)
    for i, row in enumerate(content):
        row |= {"time": f"2021-{1 + i // 28:02}-{1 + i % 28:02}T00:00:00", "width": i * 37 % 101}
        row["likes"] = FIRST_LABEL + STEP * i
    write_csv(tmp_path / "raw" / "mine.csv", content)
    rules: dict[str, object] = {"cut_off": "2021-03-20T00:00:00", "block_days": BLOCK_DAYS}
    task = {"name": "t", "targets": ["likes"], "protocols": {protocol: rules}}
    world = World(table_card(tmp_path, tasks=[task]), tmp_path / "data")
    spy = write_baseline(tmp_path / "spies", "spy", SPY)

    assert not world.run(spy).problems

    posts = TaskPosts.of(prepare(world.card, world.home, ()), world.card.tasks[0])
    reports = iter([json.loads(line) for line in printed(world)])
    revealed: set[int] = set()
    for block in posts.windows(protocol).blocks:  # type: ignore[arg-type]
        revealed |= set(block.reveal.tolist())  # the i-th post in time has the i-th label
        for expected in ("reveal" if revealed - set(block.reveal.tolist()) else "fit", "predict"):
            when, found = next(reports)
            assert when == expected
            assert set(found) == revealed, f"{when}: {set(found) ^ revealed}"
    assert next(reports, None) is None


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_a_baseline_that_searches_its_whole_process_finds_the_facts_known_by_then_alone(
    protocol: str, tmp_path: Path
) -> None:
    """Of each post a reading five days later, found nowhere else."""
    content, readings = rows(LABELS), []
    for i, row in enumerate(content):
        row |= {"time": f"2021-{1 + i // 28:02}-{1 + i % 28:02}T00:00:00", "width": i * 37 % 101}
        read_at = np.datetime64(row["time"]) + np.timedelta64(5, "D")
        readings.append({"known_at": read_at, "post": row["post_id"], "n": FIRST_LABEL + STEP * i})
    write_csv(tmp_path / "raw" / "mine.csv", content)
    write_csv(tmp_path / "raw" / "readings.csv", readings[::-1])
    roles = {"known_at": "known_at", "post": "post", "n": "numeric"}
    declared = {"raw": "readings.csv", "columns": {name: {"role": role} for name, role in roles.items()}}
    rules: dict[str, object] = {"cut_off": "2021-03-20T00:00:00", "block_days": BLOCK_DAYS}
    task = {"name": "t", "targets": ["likes"], "protocols": {protocol: rules}}
    card = table_card(tmp_path, tasks=[task], facts={"readings": declared})
    spy = write_baseline(tmp_path / "spies", "spy", SPY)

    world = World(card, tmp_path / "data")
    assert not world.run(spy).problems

    posts = TaskPosts.of(prepare(card, tmp_path / "data", ()), card.tasks[0])
    reports = iter([json.loads(line) for line in printed(world)])
    known_at = np.array([row["known_at"] for row in readings]).astype("datetime64[ms]").astype(np.int64)
    for number, block in enumerate(posts.windows(protocol).blocks):  # type: ignore[arg-type]
        for expected in ("reveal" if number else "fit", "predict"):
            when, found = next(reports)
            assert when == expected
            assert found == np.flatnonzero(known_at <= block.start).tolist()
    assert next(reports, None) is None


def test_a_baseline_that_opens_the_label_file_fails_and_the_others_go_on(tmp_path: Path) -> None:
    world = World.make(tmp_path).with_only("one", "frozen")
    labels = tmp_path / "data" / "prepared" / "trial" / "targets.parquet"
    body = f"def predict(self, posts):\n    return open({str(labels)!r})"
    thief = write_baseline(tmp_path / "mine", "thief", body)
    summary = world.run(thief, BASELINES / "global_median.py")
    assert summary.counts == {"failed": 1, "ok": 1}
    assert "a baseline may not read labels" in summary.problems[0]
    assert "trial/one frozen thief seed 0" in summary.problems[0]


def test_a_column_that_is_the_label_in_disguise_is_refused_before_any_baseline_sees_it(
    tmp_path: Path,
) -> None:
    content = [{**row, "impressions": 3 * row["likes"] + 1} for row in rows(60)]
    write_csv(tmp_path / "raw" / "mine.csv", content)
    card = with_column(table_card(tmp_path), "impressions", role="numeric")
    with pytest.raises(DataError, match="looks like the label 'likes'"):
        prepare(card, tmp_path / "data", ())
    summary = World(card, tmp_path / "data").run(BASELINES / "global_median.py")
    assert "column 'impressions'" in summary.problems[0]
    assert not (tmp_path / "data" / "runs").exists()
