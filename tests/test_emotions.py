"""Emotions without a model of them: how often the nearest of six sentences names the emotion that was meant.

The sentences are invented, plain, and each of one emotion: what comes out says that the score means
something, and not how often it is right about posts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from benchmark.encoders import encoder
from benchmark.encoders.label_prompts import EMOTIONS

pytestmark = pytest.mark.slow

ENGLISH = {
    "joy": (
        "We did it, best day of my life!",
        "So happy to finally be home with everyone",
        "I can't stop smiling, what a wonderful morning",
        "Our team won the cup and the whole town is dancing",
        "Passed my exam, time to celebrate!",
        "The sun is out and everything feels great",
        "Laughing so hard with my friends tonight",
        "What a delightful concert, I enjoyed every minute",
        "Got the job, feeling fantastic",
        "Holidays start today, yippee",
    ),
    "sadness": (
        "I miss my grandmother every single day",
        "We had to say goodbye to our old dog this morning",
        "Sitting here alone, nobody called on my birthday",
        "My heart is broken and I cannot stop crying",
        "It hurts to see the empty chair at the table",
        "Lost my job today and I feel so hopeless",
        "Rest in peace, you left us far too soon",
        "I feel empty and tired of everything",
        "The house is so quiet since they moved away",
        "He never came back and I still wait",
    ),
    "anger": (
        "How dare they raise the price again, this is an outrage",
        "I am furious about the way they treated us",
        "Stop lying to us, you crooks",
        "Fed up with this rude driver who blocks my street every day",
        "This company cheated me and nobody answers, disgraceful",
        "I hate being ignored, it makes my blood boil",
        "They broke every promise and we are angry",
        "Shut up and do your job for once",
        "Absolutely livid about the referee",
        "Sick of these idiots wasting our money",
    ),
    "fear": (
        "I am scared to walk home in the dark",
        "There was a noise downstairs and I could not move",
        "Worried that the test results will be bad",
        "The storm is coming and we are terrified",
        "I have nightmares about the crash",
        "My hands shake before every flight",
        "Afraid of losing everything we have",
        "Someone followed me tonight, I am panicking",
        "So anxious about the operation tomorrow",
        "The dog growled and I froze in horror",
    ),
    "love": (
        "I love you more than words can say",
        "Ten years married and still holding your hand",
        "My sweet baby girl, you are my whole heart",
        "Nothing is better than a hug from my husband",
        "Forever grateful to have you by my side, darling",
        "Thinking of you and sending kisses",
        "She is the love of my life",
        "I adore my little sister, she means the world to me",
        "Falling for him a bit more each day",
        "Cuddling with my sweetheart on a rainy Sunday",
    ),
    "surprise": (
        "Wow, I did not see that coming!",
        "I can't believe it, they came all the way from Canada",
        "What? She is his twin sister?",
        "Out of nowhere a deer ran through the shop",
        "Nobody expected this result, unbelievable",
        "I opened the box and could hardly believe my eyes",
        "Suddenly the lights went on and everyone shouted",
        "Never in my life would I have guessed it was you",
        "No way, it snowed in July",
        "The ending of the film left me speechless, what a twist",
    ),
}

GERMAN_PORTUGUESE_SPANISH = {
    "joy": (
        "Endlich Ferien, ich bin so glücklich!",
        "Was für ein wunderbarer Tag mit Freunden",
        "Que dia maravilhoso, estou muito feliz",
        "Ganhamos o campeonato, vamos festejar!",
        "¡Qué alegría, hemos ganado!",
        "Hoy es el mejor día de mi vida",
    ),
    "sadness": (
        "Ich vermisse meine Oma jeden Tag",
        "Mir ist nur noch zum Weinen zumute",
        "Sinto muita falta do meu pai",
        "Meu coração está partido e não paro de chorar",
        "Estoy solo y nadie me llama",
        "Hoy despedimos a nuestro perro, qué pena",
    ),
    "anger": (
        "Unverschämt, schon wieder haben sie uns belogen",
        "Ich bin stinksauer auf diese Firma",
        "Que absurdo, estou furioso com esse atendimento",
        "Chega de mentiras, bando de ladrões",
        "Estoy harto de que nos mientan",
        "Qué rabia, me han estafado",
    ),
    "fear": (
        "Ich habe Angst, im Dunkeln nach Hause zu gehen",
        "Mir zittern die Hände vor der Operation",
        "Estou com medo da tempestade que vem aí",
        "Tenho pesadelos com o acidente",
        "Me da miedo volver sola a casa",
        "Estoy muy preocupado por los resultados del hospital",
    ),
    "love": (
        "Ich liebe dich mehr als alles auf der Welt",
        "Seit zehn Jahren Hand in Hand mit meinem Schatz",
        "Te amo, meu amor, para sempre",
        "Meu bebê é o amor da minha vida",
        "Te quiero con todo mi corazón",
        "Un abrazo de mi marido es lo mejor del mundo",
    ),
    "surprise": (
        "Wow, damit hatte ich überhaupt nicht gerechnet!",
        "Ich kann kaum glauben, wer vor der Tür stand",
        "Nossa, eu não esperava por isso!",
        "De repente a luz acendeu e todos gritaram",
        "¡No me lo puedo creer, nadie lo esperaba!",
        "Vaya sorpresa, nevó en julio",
    ),
}


def agreement(sentences: Mapping[str, Sequence[str]], languages: Sequence[str] = ()) -> float:
    """Share of the sentences whose nearest emotion is the one that was meant."""
    texts = [text for of_one in sentences.values() for text in of_one]
    meant = [EMOTIONS.index(name) for name, of_one in sentences.items() for _ in of_one]
    vectors, ok, _ = encoder("bundled", "emotion", languages).encode(texts)
    assert ok.all()
    assert vectors.shape == (len(texts), 6)
    share = float((vectors.argmax(axis=1) == meant).mean())
    print(f"{len(texts)} sentences: {share:.0%}; by chance {1 / 6:.0%}")
    return share


def test_the_nearest_emotion_is_mostly_the_one_that_was_meant() -> None:
    assert agreement(ENGLISH) > 0.75


def test_so_it_is_for_sentences_in_other_languages() -> None:
    assert agreement(GERMAN_PORTUGUESE_SPANISH, ["de", "pt", "es"]) > 0.7


def test_both_embeddings_are_encoders_of_their_own_and_topics_are_what_they_were() -> None:
    names = {
        encoder("bundled", kind, langs).name for kind in ("topics", "emotion") for langs in ((), ("pt",))
    }
    assert names == {
        "label_prompts",
        "label_prompts_use_multilingual",
        "emotion_prompts",
        "emotion_prompts_use_multilingual",
    }
    assert encoder("bundled", "topics").encode(["What a goal!"]).vectors.shape == (1, 19)


def test_a_blank_text_has_no_emotion() -> None:
    vectors, ok, _ = encoder("bundled", "emotion").encode(["", "I am so happy"])
    assert ok.tolist() == [False, True]
    assert not vectors[0].any()
    assert np.abs(vectors[1]).max() < 1
