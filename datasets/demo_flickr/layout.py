"""The raw files, in the official layout of the SMPD image track with the quirks of the real ones."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from content import WORDS
from numpy.typing import NDArray
from planted import World
from population import DAY, START, Ints
from streams import stream
from vocabulary import TIMEZONES, concepts, subcategories

CHUNK = 20_000
"""Rows that are turned into text at a time, to keep memory low."""
WITH_PLACE, WITHOUT_TIMEZONE, DESCRIBED, LOCATED = 0.11, 0.36, 0.12, 0.08
ABSURD_DATE = "1904010100"

Column = tuple[str, Callable[[Ints], list[str]]]
"""A key, and its values for some posts (numbers into the world's timeline), ready to stand in JSON quotes."""


@dataclass(frozen=True)
class Part:
    """One half of the official split: its name, and its posts in the order of its files."""

    name: str
    posts: Ints


def parts(world: World) -> tuple[Part, Part]:
    """Train and test; rows ascend by Pid, which has nothing to do with time."""
    by_pid = np.argsort(world.timeline.pid)
    labelled = world.timeline.labelled[by_pid]
    return Part("train", by_pid[labelled]), Part("test", by_pid[~labelled])


def write_tables(world: World, folder: Path, progress: Callable[[str], None]) -> None:
    """Everything but the images and the ceiling."""
    columns = _Columns(world)
    for part in parts(world):
        metadata = folder / f"{part.name}_allmetadata_json"
        metadata.mkdir()
        for table, wanted in columns.tables().items():
            progress(f"{part.name}_{table}.json")
            _write_records(metadata / f"{part.name}_{table}.json", part.posts, wanted)
        progress(f"{part.name}_user_data.json")
        _write_by_column(metadata / f"{part.name}_user_data.json", part.posts, columns.user_data())
        paths = (image_path(part.name, uid, pid) for uid, pid in zip(*columns.keys(part.posts), strict=True))
        _write_lines(metadata / f"{part.name}_img_filepath.txt", paths)
        if part.name == "train":
            labels = world.label[part.posts].tolist()
            _write_lines(metadata / "train_label.txt", (f"{label:.2f}" for label in labels))


def write_ceiling(world: World, path: Path) -> None:
    """CSV `post_id,popularity,popularity_noise`: of every post, labelled or not, the noiseless score, and the
    standard deviation of what it leaves open."""
    order = np.argsort(world.timeline.pid)
    columns = (world.timeline.pid, world.ceiling, world.unknowable)
    rows = zip(*(column[order].tolist() for column in columns), strict=True)
    lines = (f"{pid},{score:.4f},{noise:.4f}" for pid, score, noise in rows)
    _write_lines(path, ("post_id,popularity,popularity_noise", *lines))


def image_path(part: str, uid: str, pid: str) -> str:
    return f"{part}/{uid}/{pid}.jpg"


def user_ids(world: World) -> list[str]:
    """A Uid a user: like Flickr's, and telling nothing about the user."""
    numbers = stream(world.seed, "uids").permutation(len(world.users))
    return [f"{number + 1}@N{number * 37 % 90 + 10}" for number in numbers.tolist()]


class _Columns:
    """The values of every column of the raw files."""

    def __init__(self, world: World) -> None:
        self._world, self._time = world, world.timeline.time
        self._uid = np.array(user_ids(world), dtype=object)
        self._pid = _strings(world.timeline.pid)
        self._profiles = _Profiles(world)
        rng = stream(world.seed, "places")
        self._place = self._profiles.home[world.timeline.user] + rng.normal(0, 2, (len(world.timeline), 2))
        self._accuracy = rng.integers(1, 17, len(world.timeline))
        self._accuracy[rng.random(len(world.timeline)) >= WITH_PLACE] = 0
        self._video = rng.random(len(world.timeline)) < 0.02

    def keys(self, posts: Ints) -> tuple[list[str], list[str]]:
        return self._uid[self._user(posts)].tolist(), self._pid[posts].tolist()

    def tables(self) -> dict[str, list[Column]]:
        """The files that are lists of objects."""
        tree = [(*subcategories()[number], concept) for number, concept in concepts()]
        category, subcategory, concept = (np.array(level, dtype=object) for level in zip(*tree, strict=True))
        chosen, words = self._world.concept, self._world.words
        keys: list[Column] = [
            ("Uid", lambda posts: self.keys(posts)[0]),
            ("Pid", lambda posts: self.keys(posts)[1]),
        ]
        return {
            "category": [
                *keys,
                ("Category", lambda posts: category[chosen[posts]].tolist()),
                ("Subcategory", lambda posts: subcategory[chosen[posts]].tolist()),
                ("Concept", lambda posts: concept[chosen[posts]].tolist()),
            ],
            "text": [
                *keys,
                ("Title", lambda posts: [text.capitalize() for text in _spelled(words.title[posts])]),
                ("Mediatype", lambda posts: np.where(self._video[posts], "video", "photo").tolist()),
                ("Alltags", lambda posts: _spelled(words.tags[posts])),
            ],
            "temporalspatial_information": [
                *keys,
                ("Postdate", lambda posts: _strings(self._time[posts]).tolist()),
                ("Latitude", lambda posts: self._coordinate(posts, 0)),
                ("Longitude", lambda posts: self._coordinate(posts, 1)),
                ("Geoaccuracy", lambda posts: _strings(self._accuracy[posts]).tolist()),
            ],
            "additional_information": [
                *keys,
                ("Pathalias", lambda posts: self._profiles.alias[self._user(posts)].tolist()),
                ("Ispublic", lambda posts: ["1"] * len(posts)),
                ("Mediastatus", lambda posts: ["ready"] * len(posts)),
            ],
        }

    def user_data(self) -> list[Column]:
        """The column-oriented file: facts about the user, as they were when the post was collected."""
        profiles = self._profiles
        columns: list[Column] = [("photo_count", self._photo_count)]
        for name, values in profiles.by_name().items():
            columns.append((name, lambda posts, values=values: values[self._user(posts)].tolist()))  # type: ignore[misc]
        return columns

    def _user(self, posts: Ints) -> Ints:
        return self._world.timeline.user[posts]

    def _photo_count(self, posts: Ints) -> list[str]:
        """It differs between a user's posts: the account has grown from one to the next."""
        start = self._world.users.photos[self._user(posts)]
        grown = start * (1 + (self._time[posts] - START) / (900 * DAY)) + self._world.timeline.ordinal[posts]
        return _strings(grown.astype(np.int64)).tolist()

    def _coordinate(self, posts: Ints, axis: int) -> list[str]:
        located = zip(self._place[posts, axis].tolist(), self._accuracy[posts].tolist(), strict=True)
        return [f"{degrees:.6f}" if accuracy else "0.0" for degrees, accuracy in located]


class _Profiles:
    """What the user data say of each user: object arrays of strings, one entry a user."""

    def __init__(self, world: World) -> None:
        users, rng = world.users, stream(world.seed, "profiles")
        count = len(users)
        zone = rng.choice(len(TIMEZONES), count, p=[0.2, 0.2, 0.2, 0.3, 0.1])
        offset, zone_id = (np.array(column, dtype=object)[zone] for column in zip(*TIMEZONES, strict=True))
        unknown = rng.random(count) < WITHOUT_TIMEZONE
        self.timezone_offset = np.where(unknown, "None", offset)
        self.timezone_id = np.where(unknown, "None", zone_id)
        self.home = np.column_stack([rng.uniform(-40, 60, count), rng.uniform(-150, 150, count)])
        aliases = [f"user{number}" for number in rng.permutation(count).tolist()]
        self.alias = np.where(rng.random(count) < 0.4, "None", np.array(aliases, dtype=object))
        self.first_date = _strings(users.joined)
        self.pro = np.where(users.pro, "1", "0").astype(object)
        self.can_buy_pro = np.where(users.pro, "0", "1").astype(object)

        taken = users.joined - (DAY * 365 * rng.exponential(2.0, count)).astype(np.int64)
        dates = [f"{dt.datetime.fromtimestamp(second, dt.UTC):%Y%m%d%H}" for second in taken.tolist()]
        self.first_taken = np.where(rng.random(count) < 0.03, ABSURD_DATE, np.array(dates, dtype=object))
        self.description = _vectors(users.taste, 399, rng.random(count) < DESCRIBED, rng)
        self.location = _vectors(self.home / 60, 400, rng.random(count) < LOCATED, rng)

    def by_name(self) -> dict[str, NDArray[np.object_]]:
        return {
            "photo_firstdate": self.first_date,
            "ispro": self.pro,
            "canbuypro": self.can_buy_pro,
            "timezone_offset": self.timezone_offset,
            "timezone_timezone_id": self.timezone_id,
            "photo_firstdatetaken": self.first_taken,
            "user_description": self.description,
            "location_description": self.location,
        }


def _vectors(
    meaning: NDArray[np.float64], length: int, present: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.object_]:
    """Comma-separated embeddings: `meaning` turned into `length` numbers, with a little noise; or "None"."""
    turn = rng.normal(0, length**-0.5, (meaning.shape[1], length))
    texts, template = np.full(len(meaning), "None", dtype=object), ",".join(["%.5f"] * length)
    for user in np.flatnonzero(present).tolist():
        numbers = meaning[user] @ turn + rng.normal(0, 0.01, length)
        texts[user] = template % tuple(numbers.tolist())
    return texts


def _strings(numbers: Ints) -> NDArray[np.object_]:
    return np.array(list(map(str, numbers.tolist())), dtype=object)


def _spelled(words: NDArray[np.int16]) -> list[str]:
    """The words of each row, separated by spaces."""
    flat = [WORDS[word] for word in words[words >= 0].tolist()]
    ends = np.cumsum((words >= 0).sum(axis=1)).tolist()
    return [" ".join(flat[begin:end]) for begin, end in zip([0, *ends], ends, strict=False)]


def _write_records(path: Path, posts: Ints, columns: Sequence[Column]) -> None:
    """A JSON list of objects. No value needs escaping: all are made of plain words and numbers."""
    template = "{" + ", ".join(f'{json.dumps(key)}: "%s"' for key, _ in columns) + "}"
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for begin in range(0, len(posts), CHUNK):
            chunk = posts[begin : begin + CHUNK]
            rows = zip(*(values(chunk) for _, values in columns), strict=True)
            file.write(", " if begin else "")
            file.write(", ".join([template % row for row in rows]))
        file.write("]")


def _write_by_column(path: Path, posts: Ints, columns: Sequence[Column]) -> None:
    """A JSON object of columns, each an object of row number -> value."""
    with path.open("w", encoding="utf-8") as file:
        for number, (key, values) in enumerate(columns):
            file.write(("}, " if number else "{") + f"{json.dumps(key)}: {{")
            for begin in range(0, len(posts), CHUNK):
                chunk = values(posts[begin : begin + CHUNK])
                file.write(", " if begin else "")
                file.write(", ".join([f'"{row}": "{value}"' for row, value in enumerate(chunk, begin)]))
        file.write("}}")


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
