"""A made-up ranking that has of everything, for tests of what is shown.

Six drafts: blocked, warned of, too close to call, of an account never seen, with an image and without.
Two more are refused.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from desk.ranking import Draft, Expected, Hour, Judged, Mark, Model, Ranking, Reason, Refused

AT = dt.datetime(2030, 5, 14, 18, 0, tzinfo=dt.UTC)
MODEL = Model(
    dataset="cafe_posts",
    title="Posts of three cafés",
    baseline="lightgbm:+history",
    posts=12_480,
    accounts=3,
    newest=AT - dt.timedelta(days=3),
    viral="among the top 5% of its account's posts of the last 90 days",
    coverage=0.913,
)
HOURS = tuple(
    Hour(start=AT.replace(day=day, hour=hour), effect=effect, low=low, high=high, posts=posts)
    for day, hour, effect, low, high, posts in (
        (15, 18, 0.21, 0.08, 0.35, 212),
        (18, 9, 0.14, 0.02, 0.27, 96),
        (19, 20, 0.09, -0.03, 0.22, 41),
    )
)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> \u202eevil\u202c \u200b& \u2066end"
"""What no page may run or be turned around by."""
FORMULA = '=HYPERLINK("http://example.org","x")'
IMAGES = {1: "sunrise.jpg", 3: "terrace.png", 4: "latte-art.jpg"}
"""Number of a draft -> its image."""


def ranking(**changes: Any) -> Ranking:
    """The whole; `changes` are other fields of it."""
    given: dict[str, Any] = {
        "model": MODEL,
        "drafts": (_sunrise(), _question(), _casino(), _latte(), _menu(), _arabic()),
        "refused": (
            Refused(
                number=7,
                name="poster.heic",
                reason="drafts.csv, row 8, column 'image', value 'poster.heic': no image of JPEG, PNG, WEBP "
                "or GIF. Save it as one of them",
            ),
            Refused(
                number=8, name="draft 8", reason="drafts.csv, row 9: nothing to judge: neither text nor image"
            ),
        ),
        "notes": (
            "times that say no zone are taken as UTC: those of 4 drafts",
            "columns that neither drafts nor the model have, left out: mood, budget",
        ),
    }
    return Ranking(**given | changes)


def hostile() -> Ranking:
    """Of one draft, every text of which would run or hide something if it could."""
    (first, *_) = ranking().drafts
    draft = first.draft.model_copy(
        update={"name": HOSTILE, "text": HOSTILE, "account": FORMULA, "image": HOSTILE}
    )
    mark = Mark(rule=HOSTILE, action="block", sentence=HOSTILE)
    reason = Reason(modality="text", text=HOSTILE, effect=0.1)
    judged = first.model_copy(
        update={
            "draft": draft, "marks": (mark,), "reasons": (reason,), "notes": (HOSTILE,), "close_to": (9,),
            "expected": (first.expected[0].model_copy(update={"target": HOSTILE}),),
        }
    )  # fmt: skip
    model = MODEL.model_copy(
        update={"title": HOSTILE, "dataset": HOSTILE, "baseline": HOSTILE, "viral": HOSTILE}
    )
    refused = Refused(number=2, name=FORMULA, reason=HOSTILE)
    return ranking(model=model, drafts=(judged,), refused=(refused,), notes=(HOSTILE,))


def images(folder: Path) -> dict[int, Path]:
    """The images of the drafts that have one."""
    return {number: _painted(folder / name, number) for number, name in IMAGES.items()}


def _painted(path: Path, seed: int) -> Path:
    """A landscape in the colours of the hour."""
    width, height = (960, 720) if seed != 4 else (640, 800)
    skies = {1: ((250, 190, 120), (110, 120, 190)), 3: ((150, 210, 235), (60, 120, 190))}
    low, high = skies.get(seed, ((235, 220, 200), (150, 105, 75)))
    picture = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(picture)
    for y in range(height):
        share = y / height
        pen.line(
            (0, y, width, y),
            tuple(round(a * share + b * (1 - share)) for a, b in zip(low, high, strict=True)),
        )
    pen.ellipse((width * 0.6, height * 0.25, width * 0.6 + 150, height * 0.25 + 150), fill=(255, 240, 205))
    pen.polygon(
        [
            (0, height),
            (0, height * 0.7),
            (width * 0.4, height * 0.52),
            (width, height * 0.82),
            (width, height),
        ],
        fill=tuple(c // 3 for c in high),
    )
    picture.save(path)
    return path


def _expected(middle: float, low: float, high: float, basis: Any = "account") -> tuple[Expected, ...]:
    return (
        Expected(target="likes", middle=middle, low=low, high=high, basis=basis),
        Expected(target="views", middle=18 * middle, low=15 * low, high=24 * high, basis=basis),
    )


def _sunrise() -> Judged:
    return Judged(
        draft=Draft(
            number=1, name="sunrise", account="cafe_lisboa", image=IMAGES[1], at=AT,
            text="Seven in the morning, and the whole street smells of bread. ☀️\n"
            "What is your first coffee of the day? #lisboa #coffee",
            values={"channel": "instagram", "region": "pt"},
        ),
        place=1, expected=_expected(1_234, 310, 4_760), viral=0.118, best=0.41, close_to=(2,),
        reasons=(
            Reason(modality="image", text="warm light, few things in the picture", effect=0.18),
            Reason(modality="text", text="asks a question", effect=0.08),
            Reason(modality="time", text="Tuesday evening, when fewer are there", effect=-0.06),
        ),
        hours=HOURS, qualities={"image.nudity": 0.01, "text.insult": 0.02},
    )  # fmt: skip


def _question() -> Judged:
    return Judged(
        draft=Draft(
            number=2, name="question-of-the-week", account="cafe_lisboa", at=AT,
            text="Oat or cow? 🥛👨‍👩‍👧 Tell us why, the best answer wins a week of coffee. #a #b #c #d #e #f",
        ),
        place=2, expected=_expected(1_180, 290, 4_400), viral=0.094, best=0.37, close_to=(1,),
        marks=(
            Mark(
                rule="few hashtags", action="warn",
                sentence="More than five hashtags look like spam. (6 hashtags, at most 5)",
            ),
        ),
        reasons=(
            Reason(modality="text", text="asks a question", effect=0.11),
            Reason(modality="text", text="more hashtags than usual", effect=-0.2),
        ),
        hours=HOURS[:2], qualities={"text.insult": 0.01},
    )  # fmt: skip


def _casino() -> Judged:
    return Judged(
        draft=Draft(
            number=3, name="win-a-night", account="cafe_porto", image=IMAGES[3],
            at=AT.replace(day=15, hour=2),
            text="Win a night at the casino with our friends next door!",
        ),
        place=3, expected=_expected(640, 150, 2_500), viral=0.031, best=0.12,
        marks=(
            Mark(
                rule="quiet nights", action="warn",
                sentence="Nothing is published at night. (at 03:00 in Europe/Lisbon)",
            ),
            Mark(
                rule="no gambling", action="block",
                sentence="We do not speak of gambling. (in the text: casino)",
            ),
        ),
        reasons=(Reason(modality="text", text="promises a prize", effect=0.15),),
        hours=HOURS[1:], qualities={"image.nudity": 0.02},
    )  # fmt: skip


def _latte() -> Judged:
    return Judged(
        draft=Draft(
            number=4, name="latte-art.jpg", account="cafe_faro_new", image=IMAGES[4], at=AT.replace(day=16)
        ),
        place=4, expected=_expected(420, 12, 9_800, "all"), viral=0.052, best=0.09,
        reasons=(Reason(modality="image", text="a single cup from above", effect=0.05),),
        notes=("An account that the model has never seen: judged as if it were like all others.",),
    )  # fmt: skip


def _menu() -> Judged:
    return Judged(
        draft=Draft(
            number=5, name="menu", account="cafe_porto", image="menu.gif", at=AT.replace(day=13),
            text="\n".join(["New on the menu:", *(f"{i}. Toast with honey number {i}" for i in range(1, 9))]),
        ),
        place=5, expected=_expected(96, 20, 480, "category"), viral=0.0004, best=0.004,
        reasons=(
            Reason(modality="account", text="posts of this kind did worse of late", effect=-0.32),
            Reason(modality="other", text="several things at once", effect=-0.004),
        ),
        notes=(
            "its time has passed: 2030-05-13 18:00 UTC",
            "Its image could not be described by the model, and was left out of account.",
        ),
    )  # fmt: skip


def _arabic() -> Judged:
    return Judged(
        draft=Draft(number=6, name="قهوة الصباح", text="صباح الخير! قهوتك اليوم علينا ☕ #قهوة", at=AT),
        place=6, expected=_expected(3.4, 0, 41, "all")[:1], viral=None, best=0.006,
        notes=("A language that the model has never seen.",),
    )  # fmt: skip
