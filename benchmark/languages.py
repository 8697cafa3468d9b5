"""Languages: how a card names those that its posts are in."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.naming import shown

ENGLISH = "en"
_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv
dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie
ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv
mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm
rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts
tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
CODES = frozenset(_CODES.split())
"""ISO 639-1."""


def language_problem(code: str) -> str:
    """Why this is no language; empty if it is one."""
    if code in CODES:
        return ""
    return f"{shown(code)} is no language of ISO 639-1, which names each by two small letters: en, pt, zh"


def all_english(languages: Sequence[str]) -> bool:
    """Whether posts are all in English, as they are taken to be where their card names no language."""
    return all(code == ENGLISH for code in languages)
