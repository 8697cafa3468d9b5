"""Encoders: frozen models that turn a post's text or image into a vector.

A profile says which encoder answers for each encoding of a post. To add an encoder, write one file with a
subclass of `Encoder` and name it in `benchmark/encoders/profiles.py`. This module and the encoders' files
import no model library until something is encoded.
"""

from __future__ import annotations

from functools import cache

from benchmark.card import READS
from benchmark.encoders.interface import Encoder
from benchmark.encoders.profiles import PROFILES, encoder_class
from benchmark.errors import SmpbenchError, UnknownName, did_you_mean


def offers(profile: str, encoding: str) -> bool:
    """Whether a profile has an encoder of an encoding that another profile, at least, has.

    Raises:
        UnknownName: no such profile, or no profile knows the encoding.
    """
    if profile not in PROFILES:
        raise UnknownName("encoder profile", profile, PROFILES)
    encodings = {known for others in PROFILES.values() for known in others}
    if encoding not in encodings:
        raise UnknownName("encoding", encoding, encodings)
    return encoding in PROFILES[profile]


@cache
def encoder(profile: str, encoding: str, threads: int | None = None) -> Encoder:
    """The encoder that answers for `encoding` in `profile`; the same object, with its model loaded once.

    Raises:
        UnknownName: no such profile, or the profile has no encoder of this encoding.
        SmpbenchError: the encoder is of a modality that posts do not have.
    """
    if profile not in PROFILES:
        raise UnknownName("encoder profile", profile, PROFILES)
    encodings = PROFILES[profile]
    if encoding not in encodings:
        elsewhere = [name for name, others in PROFILES.items() if encoding in others]
        mend = f"It is in profile {', '.join(elsewhere)}" if elsewhere else None
        raise UnknownName(f"encoding in profile '{profile}'", encoding, encodings, mend)
    source = encodings[encoding]
    found = encoder_class(source.encoder)(**source.settings, threads=threads)
    # Here, where every encoder comes from, so that all that ask for its content may rely on the type.
    if found.modality not in READS:
        raise SmpbenchError(
            f"encoder '{found.name}' reads '{found.modality}', which posts do not have"
            f"{did_you_mean(found.modality, READS)}. Modalities are declared in benchmark/card.py"
        )
    return found
