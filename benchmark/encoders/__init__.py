"""Encoders: frozen models that turn a post's text or image into a vector.

A profile says which encoder answers for each encoding of a post. To add an encoder, write one file with a
subclass of `Encoder` and name it in `benchmark/encoders/profiles.py`. This module and the encoders' files
import no model library until something is encoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from benchmark.declared.column import READS
from benchmark.declared.naming import all_english
from benchmark.encoders.interface import Encoder
from benchmark.encoders.profiles import PROFILES, encoder_class, sources
from benchmark.errors import SmpbenchError, UnknownName, did_you_mean


def offers(profile: str, encoding: str, languages: Sequence[str] = ()) -> bool:
    """Whether a profile has an encoder of an encoding that another profile, at least, has.

    Args:
        languages: of the posts, as their card names them; none: English.

    Raises:
        UnknownName: no such profile, or no profile knows the encoding.
    """
    offered = sources(profile, english=all_english(languages))
    encodings = {known for others in PROFILES.values() for known in others}
    if encoding not in encodings:
        raise UnknownName("encoding", encoding, encodings)
    return encoding in offered


def encoder(
    profile: str, encoding: str, languages: Sequence[str] = (), threads: int | None = None
) -> Encoder:
    """The encoder that answers for `encoding` in `profile`; the same object, with its model loaded once.

    Args:
        languages: of the posts, as their card names them; none: English.

    Raises:
        UnknownName: no such profile, or the profile has no encoder of this encoding in these languages.
        SmpbenchError: the encoder is of a modality that posts do not have.
    """
    english = all_english(languages)
    encodings = sources(profile, english=english)
    if encoding not in encodings:
        elsewhere = [name for name in PROFILES if encoding in sources(name, english=english)]
        mend = f"It is in profile {', '.join(elsewhere)}" if elsewhere else None
        if encoding in PROFILES[profile]:
            mend = f"There it reads English alone, and the posts are in {', '.join(languages)}"
        raise UnknownName(f"encoding in profile '{profile}'", encoding, encodings, mend)
    return _encoder(profile, encoding, english, threads)


@cache
def _encoder(profile: str, encoding: str, english: bool, threads: int | None) -> Encoder:
    source = sources(profile, english=english)[encoding]
    found = encoder_class(source.encoder)(**source.settings, threads=threads)
    # Here, where every encoder comes from, so that all that ask for its content may rely on the type.
    if found.modality not in READS:
        raise SmpbenchError(
            f"encoder '{found.name}' reads '{found.modality}', which posts do not have"
            f"{did_you_mean(found.modality, READS)}. Modalities are declared in benchmark/declared/column.py"
        )
    return found
