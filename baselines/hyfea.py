from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from baselines.catboost import CatBoost
from benchmark import Array, Posts
from benchmark.split import DAY_MS

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

FIRST_PHOTO = ("photo_first_date", "photo_first_taken")
"""Columns of moments in seconds since 1970, where SMPD has them."""
SECONDS = 1000
AT_LEAST, FEWEST, MOST = 2, 2, 50_000
"""Training posts that a word is in which is read at all; words without which texts are not; words."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
"""As the encoders read: other formats of Pillow call external programs."""


class HyFea(CatBoost):
    """CatBoost on hand-made features as HyFea's: age, calendar, TF-IDF, image size, account, frequencies.

    Lai, Zhang and Zhang, "HyFea: Winning Solution to Social Media Popularity Prediction for Multimedia Grand
    Challenge 2020" (ACM MM 2020), from what is known when a post is published. As there, the label itself is
    predicted, and the account is a category; variant `+history` corrects the account's recent level instead.
    What the challenge's winners made of the test posts themselves is left out: they are not known together.
    """

    variants = {
        "default": {},
        "+history": {"inputs": ("metadata", "history")},
    }
    wants: ClassVar[set[str]] = set()
    keeps = False
    opens_images = True

    inputs: tuple[str, ...] = ("metadata",)
    users: bool = True
    components: int = 64
    """Of the texts' TF-IDF."""

    def _learn_inputs(self, posts: Posts, y: Array) -> pd.DataFrame:
        self._learn_words(posts)
        self.counts = {name: Counter(keys) for name, keys in _keys(posts).items()}
        self.first = dict(zip(posts.users[::-1], posts.times[::-1].astype(np.int64), strict=True))
        matrix = super()._learn_inputs(posts, y)
        own = [f"{name}_frequency" for name in self.counts]
        # A post counts itself among the others only where it has been learnt from.
        return matrix.assign(**{name: matrix[name] - 1 for name in own})

    def _columns(self, posts: Posts) -> pd.DataFrame:
        found = super()._columns(posts)
        new = self._ages(posts) | self._frequencies(posts) | self._words(posts)
        if posts.with_role("image"):
            new |= dict(zip(("image_width", "image_height"), _sizes(posts).T, strict=True))
            new["image_ratio"] = new["image_width"] / new["image_height"]
        return found.assign(**new)

    def _ages(self, posts: Posts) -> dict[str, Array]:
        """Days since the account's first photo, and since its first post that was learnt from."""
        times = posts.times.astype(np.int64)
        first = np.array([self.first.get(user, np.nan) for user in posts.users], np.float64)
        moments = {"since_first_post": first}
        for name in FIRST_PHOTO:
            if name in posts.columns:
                moments[f"since_{name}"] = posts.column(name).to_numpy(np.float64) * SECONDS
        return {name: ((times - then) / DAY_MS).astype(np.float32) for name, then in moments.items()}

    def _frequencies(self, posts: Posts) -> dict[str, Array]:
        """How many training posts have the same account, category or second text (a piece of music)."""
        return {
            f"{name}_frequency": np.array([self.counts[name][key] for key in keys], np.float32)
            for name, keys in _keys(posts).items()
        }

    def _learn_words(self, posts: Posts) -> None:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.words: TfidfVectorizer | None = None
        texts = posts.text()
        counted = TfidfVectorizer(
            token_pattern=r"(?u)\w+", min_df=AT_LEAST, max_features=MOST, sublinear_tf=True, dtype=np.float32
        )
        analyse, of = counted.build_analyzer(), Counter[str]()
        for text in texts:
            of.update(set(analyse(text)))
        if sum(count >= AT_LEAST for count in of.values()) < FEWEST:
            return  # the library refuses texts without words
        matrix = counted.fit_transform(texts)
        width = min(self.components, matrix.shape[1] - 1)
        self.words = counted
        self.topics: TruncatedSVD = TruncatedSVD(width, random_state=self.seed).fit(matrix)

    def _words(self, posts: Posts) -> dict[str, Array]:
        if self.words is None:
            return {}
        found = self.topics.transform(self.words.transform(posts.text()))
        return {f"words_{i}": column.astype(np.float32) for i, column in enumerate(found.T)}


def _keys(posts: Posts) -> dict[str, list[str]]:
    """[n] each: what is counted. A second text, such as the title of the music, is taken as a whole."""
    names = [*posts.with_role("category", "categorical"), *posts.with_role("text")[1:]]
    found = {name: [*map(str, posts.column(name))] for name in names}
    return {"user": [*map(str, posts.users)], **found}


def _sizes(posts: Posts) -> Array:
    """float32 [n, 2]: width and height in pixels; NaN without an image, or where it is none."""
    from PIL import Image

    out = np.full((len(posts), 2), np.nan, np.float32)
    for i, path in enumerate(posts.image_paths()):
        if path is not None and path.is_file():
            with suppress(OSError, Image.DecompressionBombError), Image.open(path, formats=FORMATS) as image:
                out[i] = image.size
    return out
