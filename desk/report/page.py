"""Page: a ranking as one file of HTML that asks for nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmark.declared.naming import printable
from benchmark.files import write_atomically
from benchmark.outside.ground import ground
from desk.ranking import Judged, Model, Ranking, Refused
from desk.report import words
from desk.report.card import card, escaped
from desk.report.scale import Scale, track

MOST_CARDS = 200
"""Drafts that are shown at full length; all are in the table."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What a browser may load for the page: nothing."""
_NO_MARK = '<span class="hidden">none</span>'
_STYLE = Path(__file__).with_name("style.css")


def write_html(ranking: Ranking, thumbnails: Mapping[int, Path], path: Path) -> None:
    """Write the page, whole or not at all.

    Args:
        thumbnails: number of a draft -> its image.

    Raises:
        StoreError, OSError: it cannot be written there.
    """
    write_atomically(path, page(ranking, thumbnails))


def page(ranking: Ranking, thumbnails: Mapping[int, Path]) -> str:
    """The whole page; the same text for the same arguments."""
    title = f"{words.drafts(len(ranking.drafts))} ranked"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{title}: {escaped(ranking.model.title)}</title>
<style>
{ground()}{_STYLE.read_text(encoding="utf-8")}
</style>
</head>
<body>
<a class="skip" href="#main">Skip to the ranking</a>
<header>
<p class="eyebrow">{escaped(ranking.model.title)}</p>
<h1>{title}</h1>
<p class="lead">{escaped(words.lead(ranking))}</p>
</header>
<main id="main" tabindex="-1">
{_notes(ranking.notes)}
{_order(ranking)}
{_cards(ranking, thumbnails)}
{_refused(ranking.refused)}
{_model(ranking.model)}
</main>
<footer><p>{escaped(words.PROMISE)}</p>
<p>Made by smpbench on this machine. Nothing was sent anywhere, and this file loads nothing.</p></footer>
</body>
</html>
"""


def _notes(notes: Iterable[str]) -> str:
    told = "".join(f"<li>{escaped(note)}</li>" for note in notes)
    if not told:
        return ""
    head = '<h2 id="notes">Before you read on</h2>'
    return f'<section class="notes" aria-labelledby="notes">{head}<ul>{told}</ul></section>'


def _order(ranking: Ranking) -> str:
    if not ranking.drafts:
        return ""
    scale = Scale.of(ranking)
    target = next((one.expected[0] for one in ranking.drafts if one.expected), None)
    unit = escaped(target.target) if target else "engagement"
    level = words.share(target.level) if target else ""
    rows = "".join(_row(one, ranking, scale) for one in ranking.drafts)
    return f"""<section aria-labelledby="order">
<h2 id="order">The order</h2>
<p class="quiet">A bar spans what {level or "most"} of such posts get. Drafts marked
<span class="tie">≈</span> are too close to call: between them the order is a guess.</p>
<div class="scroll" role="region" aria-label="Table of all drafts" tabindex="0">
<table>
<thead><tr><th scope="col">#</th><th scope="col" class="word">Draft</th><th scope="col">Expected {unit}</th>
<th scope="col" class="word wide">{level} interval</th><th scope="col" class="wide">Viral</th>
<th scope="col" class="wide">Best of these</th><th scope="col" class="word">Marks</th></tr></thead>
<tbody>{rows}</tbody>
</table>
</div>
</section>"""


def _row(judged: Judged, ranking: Ranking, scale: Scale) -> str:
    draft, shown = judged.draft, judged.place <= MOST_CARDS
    name = f"<bdi>{escaped(draft.name)}</bdi>"
    name = f'<a href="#draft-{draft.number}">{name}</a>' if shown else name
    first = judged.expected[0] if judged.expected else None
    close = ' <span class="tie" title="too close to call">≈</span>' if judged.close_to else ""
    said = "".join(f'<span class="pill {one}">{words.SAID[one]}</span> ' for one in _actions(judged))
    return (
        f'<tr{" class=blocked" * judged.blocked}><td class="place">{judged.place}</td>'
        f'<th scope="row" class="word name">{name}</th>'
        f"<td>{words.counted(first.middle) if first else '?'}{close}</td>"
        f'<td class="word wide">{track(first, scale) if first else ""}</td>'
        f'<td class="wide">{"" if judged.viral is None else words.share(judged.viral)}</td>'
        f'<td class="wide">{words.share(judged.best)}</td>'
        f'<td class="word">{said or _NO_MARK}</td></tr>\n'
    )


def _actions(judged: Judged) -> list[str]:
    """Of its marks, each once."""
    return list(dict.fromkeys(one.action for one in words.blocks_first(judged)))


def _cards(ranking: Ranking, thumbnails: Mapping[int, Path]) -> str:
    if not ranking.drafts:
        return ""
    names, scale = words.names_of(ranking), Scale.of(ranking)
    shown = [one for one in ranking.drafts if one.place <= MOST_CARDS]
    numbers = {one.draft.number for one in shown}
    articles = "\n".join(card(one, names, scale, thumbnails.get(one.draft.number), numbers) for one in shown)
    more = len(ranking.drafts) - len(shown)
    told = f'<p class="quiet">The {more:,} further drafts are in the table above alone.</p>' if more else ""
    return f"""<section aria-labelledby="drafts">
<h2 id="drafts">Each draft</h2>
<p class="quiet">{escaped(words.PROMISE)}</p>
{articles}
{told}
</section>"""


def _refused(refused: Iterable[Refused]) -> str:
    rows = "".join(
        f'<tr><td class="place">{one.number}</td>'
        f'<th scope="row" class="word name"><bdi>{escaped(one.name)}</bdi></th>'
        f'<td class="word reason">{escaped(one.reason)}</td></tr>\n'
        for one in refused
    )
    if not rows:
        return ""
    return f"""<section aria-labelledby="refused">
<h2 id="refused">Not judged</h2>
<div class="scroll" role="region" aria-label="Table of drafts that were not judged" tabindex="0">
<table>
<thead><tr><th scope="col">Input</th><th scope="col" class="word">Draft</th>
<th scope="col" class="word">Why</th></tr></thead>
<tbody>{rows}</tbody></table></div>
</section>"""


def _model(model: Model) -> str:
    told = {
        "Data": f"{printable(model.title)} ({printable(model.dataset)})",
        "Model": printable(model.baseline),
        "Fitted on": f"{words.posts(model.posts)} of {model.accounts:,} account{'s' * (model.accounts != 1)}",
        "Newest post": words.moment(model.newest),
    }
    if model.viral:
        told["Viral means"] = printable(model.viral)
    if model.coverage is not None:
        told["Intervals held"] = f"{words.share(model.coverage)} of later posts, which the model had not seen"
    rows = "".join(f"<div><dt>{name}</dt><dd>{escaped(value)}</dd></div>" for name, value in told.items())
    return f"""<section aria-labelledby="model">
<h2 id="model">What this rests on</h2>
<dl class="facts">{rows}</dl>
</section>"""
