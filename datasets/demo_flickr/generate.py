"""Make the demo data set: synthetic posts in the official layout of the SMPD image track.

    python generate.py --out DIR [--posts N] [--seed S] [--images | --no-images | --pictures N] [--force]

The same arguments give the same bytes. `ceiling.csv` holds the noiseless score of every post.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

# Safe-path mode (PYTHONSAFEPATH) leaves the script's own folder out of the module search path.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "generators"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from drawing import write_images
from layout import write_ceiling, write_tables
from planted import plant
from population import FULL_SIZE
from staging import staged

SMALLEST = 200
IMAGES_UP_TO = 20_000
"""More posts than this come without images unless they are asked for."""


def main() -> None:
    arguments = _arguments()
    pictures = _pictures(arguments)
    images = pictures if 0 < pictures < arguments.posts else pictures > 0
    description = f"synthetic: posts={arguments.posts} seed={arguments.seed} images={images}"
    began = time.monotonic()

    def progress(what: str) -> None:
        print(f"[{time.monotonic() - began:6.1f} s] {what}", file=sys.stderr, flush=True)

    with staged(arguments.out, description, force=arguments.force) as folder:
        progress(f"planting {arguments.posts} posts")
        world = plant(arguments.posts, arguments.seed)
        write_tables(world, folder, progress)
        write_ceiling(world, folder / "ceiling.csv")
        if pictures:
            write_images(world, folder, progress, pictures)
    progress(f"done: {arguments.out}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="folder to make; must not exist yet")
    parser.add_argument("--posts", type=int, default=2600, help=f"{SMALLEST} to {FULL_SIZE} (default 2600)")
    parser.add_argument("--seed", type=int, default=0)
    drawn = parser.add_mutually_exclusive_group()
    drawn.add_argument(
        "--images",
        action=argparse.BooleanOptionalAction,
        help=f"draw a JPEG a post (default: up to {IMAGES_UP_TO} posts)",
    )
    drawn.add_argument("--pictures", type=int, help="draw a JPEG of so many posts alone, chosen at random")
    parser.add_argument("--force", action="store_true", help="replace an earlier output of this script")
    arguments = parser.parse_args()
    if not SMALLEST <= arguments.posts <= FULL_SIZE:
        parser.error(f"--posts {arguments.posts}: give a number from {SMALLEST} to {FULL_SIZE}")
    if arguments.seed < 0:
        parser.error(f"--seed {arguments.seed}: give a number from 0")
    if not 0 <= (arguments.pictures or 0) <= arguments.posts:
        parser.error(f"--pictures {arguments.pictures}: give a number from 0 to that of the posts")
    return arguments


def _pictures(arguments: argparse.Namespace) -> int:
    """Of how many posts one is drawn."""
    if arguments.pictures is not None:
        return int(arguments.pictures)
    wanted = arguments.posts <= IMAGES_UP_TO if arguments.images is None else arguments.images
    return int(arguments.posts) if wanted else 0


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; nothing was left behind")
