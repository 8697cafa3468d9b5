"""Card: one draft on the page, with all that is said of it."""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping
from pathlib import Path

from benchmark.declared.naming import printable
from desk.ranking import Draft, Expected, Judged
from desk.report import words
from desk.report.scale import Scale, track
from desk.report.thumbnails import data_uri

LETTERS, LINES = 1_000, 18
"""How much of a text is shown: a card must fit on a sheet of paper."""


def card(
    judged: Judged, names: Mapping[int, str], scale: Scale, image: Path | None, shown: Collection[int]
) -> str:
    """HTML of one draft.

    Args:
        names: number of each draft -> what it is called.
        image: its image, if it has one.
        shown: numbers of the drafts that have a card, which others may point to.
    """
    draft = judged.draft
    parts = [
        _marks(judged),
        _text(draft),
        _numbers(judged, scale),
        _close(judged, names, shown),
        _reasons(judged),
        _hours(judged),
        _notes(judged),
    ]
    about = [f"<bdi>{escaped(draft.account)}</bdi>"] if draft.account else []
    about.append(f'<time datetime="{draft.at.isoformat()}">{words.moment(draft.at)}</time>')
    about += [f"<bdi>{escaped(draft.image)}</bdi>"] if draft.image else []
    blocked = " blocked" * judged.blocked
    number, place = draft.number, judged.place
    return f"""<article class="card{blocked}" id="draft-{number}" aria-labelledby="name-{number}">
<div class="side"><span class="place" aria-hidden="true">{place}</span>{_picture(draft, image)}</div>
<div class="body">
<h3 id="name-{number}"><span class="hidden">Place {place}: </span><bdi>{escaped(draft.name)}</bdi></h3>
<p class="about">{" · ".join(about)}</p>
{"".join(parts)}
</div>
</article>"""


def escaped(text: str) -> str:
    """Any text of others on one line, as HTML that shows it."""
    return html.escape(printable(text), quote=True)


def _picture(draft: Draft, image: Path | None) -> str:
    if draft.image is None and image is None:
        return '<span class="empty">No image</span>'
    uri = data_uri(image) if image is not None else None
    if uri is None:
        return '<span class="empty">Image not shown</span>'
    return f'<img src="{uri}" alt="Image of {escaped(draft.name)}">'


def _marks(judged: Judged) -> str:
    told = "".join(
        f'<li class="{one.action}"><strong>{words.SAID[one.action]}</strong> {escaped(one.sentence)} '
        f'<span class="rule">Rule: {escaped(one.rule)}</span></li>'
        for one in words.blocks_first(judged)
    )
    return f'<ul class="marks">{told}</ul>' if told else ""


def _text(draft: Draft) -> str:
    shown, more = words.excerpt(draft.text, LETTERS, LINES)
    if not shown:
        return '<p class="quiet">No text.</p>'
    rest = f' <span class="more">[{more}]</span>' if more else ""
    return f'<blockquote dir="auto">{html.escape(shown, quote=True)}{rest}</blockquote>'


def _numbers(judged: Judged, scale: Scale) -> str:
    tiles = [_tile(one, scale if place == 0 else None) for place, one in enumerate(judged.expected)]
    if judged.viral is not None:
        tiles.append(f"<div><dt>Chance to go viral</dt><dd><b>{words.share(judged.viral)}</b></dd></div>")
    tiles.append(f"<div><dt>Chance to be the best</dt><dd><b>{words.share(judged.best)}</b></dd></div>")
    rests = dict.fromkeys(words.basis(one) for one in judged.expected)
    told = "".join(f'<p class="basis">{one}.</p>' for one in rests)
    return f'<dl class="numbers">{"".join(tiles)}</dl>{told}'


def _tile(one: Expected, scale: Scale | None) -> str:
    bar = track(one, scale) if scale else ""
    return (
        f"<div><dt>Expected {escaped(one.target)}</dt><dd><b>{words.counted(one.middle)}</b> "
        f'<span class="range">{words.interval(one)}</span>{bar}</dd></div>'
    )


def _close(judged: Judged, names: Mapping[int, str], shown: Collection[int]) -> str:
    links = ", ".join(
        f'<a href="#draft-{number}"><bdi>{escaped(name)}</bdi></a>'
        if number in shown
        else f"<bdi>{escaped(name)}</bdi>"
        for number, name in zip(judged.close_to, words.close_to(judged, names), strict=True)
    )
    return f'<p class="close"><span class="tie">≈ Too close to call</span> with {links}</p>' if links else ""


def _reasons(judged: Judged) -> str:
    told = "".join(
        f"<li>{_signed('b', one.effect)} "
        f'<span>{escaped(one.text)} <span class="of">{one.modality}</span></span></li>'
        for one in judged.reasons
    )
    return f'<h4>Why</h4><ul class="reasons">{told}</ul>' if told else ""


def _hours(judged: Judged) -> str:
    told = "".join(
        f"<li><b>{words.hour(one)}</b> {_signed('span', one.effect)} "
        f'<span class="quiet">{words.effect(one.low)} to {words.effect(one.high)}, '
        f"{words.posts(one.posts)}</span></li>"
        for one in judged.hours
    )
    return f'<h4>Best hours of the coming week</h4><ul class="hours">{told}</ul>' if told else ""


def _signed(tag: str, effect: float) -> str:
    return f'<{tag} class="{"up" if effect > 0 else "down"}">{words.effect(effect)}</{tag}>'


def _notes(judged: Judged) -> str:
    told = "".join(f"<li>{escaped(note)}</li>" for note in judged.notes)
    return f'<ul class="remarks" aria-label="Notes">{told}</ul>' if told else ""
