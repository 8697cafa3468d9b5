"""Make the demo data set: synthetic tweets of one account, in the layout of a snscrape CSV export.

    python generate.py --out DIR [--posts N] [--seed S] [--force]

The same arguments give the same bytes. `ceiling.csv` holds the noiseless scores of every tweet,
`readings.csv` and `mentions.csv` facts beside them.
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

import numpy as np
from planted import COUNTS, Account, Ints, plant, unknowable
from staging import staged
from streams import stream
from told import mentions, readings

SMALLEST, LARGEST = 200, 200_000
TWITTER_EPOCH_MS = 1_288_834_974_657
"""A tweet id is milliseconds since this moment, shifted left by 22 bits, and a number of its own."""
USERNAME = "demo_account"
HEADER = (
    *(
        "",
        "Datetime",
        "Tweet Id",
        "Text",
        "Username",
        "location",
        "reply count",
        "retweet count",
        "like count",
    ),
    *("language", "Twitter Access Point", "Follower Count", " Friends Count", "verified"),
)
"""As snscrape exports are found: an index without a name, and a blank before `Friends Count`."""


def main() -> None:
    arguments = _arguments()
    description = f"synthetic: posts={arguments.posts} seed={arguments.seed}"
    with staged(arguments.out, description, force=arguments.force) as folder:
        print(f"planting {arguments.posts} tweets", file=sys.stderr, flush=True)
        seed = arguments.seed
        account = plant(arguments.posts, seed)
        ids = tweet_ids(account, seed)
        write_tweets(account, ids, folder / "tweets.csv")
        write_ceiling(account, ids, folder / "ceiling.csv")
        write_facts(("read_at", "tweet_id", "likes"), readings(account, ids, seed), folder / "readings.csv")
        mentioned = mentions(account, USERNAME, seed)
        write_facts(("said_at", "author", "mentioned"), mentioned, folder / "mentions.csv")
    print(f"done: {arguments.out}", file=sys.stderr, flush=True)


def tweet_ids(account: Account, seed: int) -> Ints:
    """Snowflakes: they carry the tweets' times, and no two are the same."""
    rng = stream(seed, "ids")
    suffixes = np.sort(rng.choice(2**22, len(account.text), replace=False))
    return ((account.time_ms - TWITTER_EPOCH_MS) << 22) | suffixes


def write_tweets(account: Account, ids: Ints, path: Path) -> None:
    """The newest tweet first, as the scraper met them; follower counts are of the time of scraping."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(HEADER)
        for index, tweet in enumerate(range(len(ids) - 1, -1, -1)):
            time = dt.datetime.fromtimestamp(account.time_ms[tweet] // 1000, dt.UTC)
            text = account.text[tweet]
            counts = (account.counts[name][tweet] for name in ("replies", "retweets", "likes"))
            device = "Twitter Web App" if ids[tweet] % 29 == 0 else "Twitter for iPhone"
            scraped = (5_200_000 + index // 33, 122, True)
            rows.writerow(
                (index, f"{time}", ids[tweet], text, USERNAME, "", *counts, _language(text), device, *scraped)
            )


def write_ceiling(account: Account, ids: Ints, path: Path) -> None:
    """CSV `post_id,likes,retweets,replies`: medians of log1p(count) that no model can know better; and
    `likes_noise`, ...: the standard deviations of what they leave open, the same for all tweets."""
    columns = [account.ceiling[name].tolist() for name in COUNTS]
    open_to_luck = [f"{unknowable(name):.4f}" for name in COUNTS]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("post_id", *COUNTS, *(f"{name}_noise" for name in COUNTS)))
        for post_id, *scores in zip(ids.tolist(), *columns, strict=True):
            rows.writerow((post_id, *(f"{score:.4f}" for score in scores), *open_to_luck))


def write_facts(header: tuple[str, ...], facts: Iterable[tuple[int | str, ...]], path: Path) -> None:
    """CSV; the first column is the moment from which a row may be known, in epoch milliseconds."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(header)
        rows.writerows(facts)


def _language(text: str) -> str:
    """Twitter does not determine the language of the shortest tweets."""
    words = [word for word in text.split() if not word.startswith("@")]
    return "en" if len(words) > 1 else "und"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="folder to make; must not exist yet")
    parser.add_argument("--posts", type=int, default=5000, help=f"{SMALLEST} to {LARGEST} (default 5000)")
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
