"""Make the demo network: synthetic posts of accounts in communities, who name, follow and pass on each other.

    python generate.py --out DIR [--posts N] [--seed S] [--force]

The same arguments give the same bytes. `ceiling.csv` holds the noiseless score of every post, `truth.csv` the
community and the influence of every account, `follows.csv` and `reposts.csv` facts beside the posts.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import sys
from collections.abc import Iterable
from pathlib import Path

# Safe-path mode (PYTHONSAFEPATH) leaves the script's own folder out of the module search path.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "generators"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from planted import NOISE, World, plant
from staging import staged

SMALLEST, LARGEST = 200, 200_000


def main() -> None:
    arguments = _arguments()
    description = f"synthetic: posts={arguments.posts} seed={arguments.seed}"
    with staged(arguments.out, description, force=arguments.force) as folder:
        print(f"planting {arguments.posts} posts", file=sys.stderr, flush=True)
        world = plant(arguments.posts, arguments.seed)
        ids = [f"p{post:06}" for post in range(arguments.posts)]
        _write(folder / "posts.csv", POSTS, _posts(world, ids))
        scores = zip(ids, world.ceiling.tolist(), strict=True)
        ceiling = ((post, f"{score:.4f}", f"{NOISE:.4f}") for post, score in scores)
        _write(folder / "ceiling.csv", ("post_id", "likes", "likes_noise"), ceiling)
        names = world.names
        follows = ((known, names[who], names[whom]) for known, who, whom in world.follows)
        _write(folder / "follows.csv", ("since", "follower", "followed"), follows)
        reposts = (
            (known, ids[post], names[who], names[teller]) for known, post, who, teller in world.reposts
        )
        _write(folder / "reposts.csv", ("at", "post", "who", "from"), reposts)
        _write(folder / "truth.csv", ("account", "community", "influence", "own_effect"), _truth(world))
    print(f"done: {arguments.out}", file=sys.stderr, flush=True)


POSTS = ("id", "author", "posted_at", "text", "tags", "mentions", "reply_to", "likes")


def _posts(world: World, ids: list[str]) -> Iterable[tuple[object, ...]]:
    for post, name in enumerate(ids):
        moment = dt.datetime.fromtimestamp(world.time_ms[post] / 1000, dt.UTC)
        named = world.named[post]
        answered = named[0] if named and world.answers[post] else ""
        yield (
            name,
            world.names[world.author[post]],
            moment.isoformat(timespec="milliseconds"),
            world.text[post],
            world.tags[post],
            " ".join(named),
            answered,
            int(world.likes[post]),
        )


def _truth(world: World) -> Iterable[tuple[object, ...]]:
    of = world.society
    for place, name in enumerate(world.names):
        yield name, int(of.community[place]), f"{of.influence[place]:.6f}", f"{of.own[place]:.4f}"


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="folder to make; must not exist yet")
    parser.add_argument("--posts", type=int, default=8000, help=f"{SMALLEST} to {LARGEST} (default 8000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--force", action="store_true", help="replace an earlier output of this script")
    arguments = parser.parse_args()
    if not SMALLEST <= arguments.posts <= LARGEST:
        parser.error(f"--posts {arguments.posts}: give a number from {SMALLEST} to {LARGEST}")
    if arguments.seed < 0:
        parser.error(f"--seed {arguments.seed}: give a number from 0")
    return arguments


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; nothing was left behind")
