"""A client's policy: it marks drafts by rules of its own, and changes nothing else."""

from __future__ import annotations

import datetime as dt
import os
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmark import PROJECT
from desk.policy.apply import NOTHING, applied, check_measured, marks
from desk.policy.phrases import found_phrase, phrase_problem, tokens
from desk.policy.read import LARGEST, read_policy
from desk.policy.rules import CONDITIONS, Policy, PolicyError
from desk.ranking import Draft, Expected, Judged, Model, Ranking

DOCS = (PROJECT / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)[1]  # type: ignore[index]
NOON = dt.datetime(2030, 5, 14, 15, 0, tzinfo=dt.UTC)
"""In São Paulo."""
MINE = {"channel": "x", "region": "br"}


def draft(text: str = "good morning", **other: object) -> Draft:
    given = {"number": 1, "name": "a", "text": text, "image": "a.jpg", "at": NOON, **other}
    return Draft.model_validate(given)


def policy(rule: str, head: str = "") -> Policy:
    """Of one rule, which blocks."""
    import tomllib

    text = f'{head}\n[[rules]]\nname = "r"\naction = "block"\nsentence = "No."\n{rule}'
    return Policy.model_validate(tomllib.loads(text))


def marked(
    rule: str, one: Draft, qualities: dict[str, float] | None = None, viral: float | None = 0.5
) -> str | None:
    """What the rule says of the draft, if anything."""
    found = marks(policy(rule), one, qualities or {}, viral)
    return found[0].sentence if found else None


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


# The example of the page


def test_the_example_of_the_page_is_read_and_every_kind_of_condition_is_told_there(tmp_path: Path) -> None:
    found = read_policy(written(tmp_path, EXAMPLE))
    assert {rule.condition for rule in found.rules} | {"words"} == set(CONDITIONS)
    for name in CONDITIONS:
        assert re.search(rf"^\| `{name}`", DOCS, re.MULTILINE), f"{name} is not in the table"


@pytest.mark.parametrize(
    ("one", "qualities", "viral", "names"),
    [
        (draft(values=MINE, account="me"), {"image.nudity": 0.1}, 0.2, []),
        (draft(values=MINE, account="me"), {"image.nudity": 0.9}, 0.2, ["no nudity"]),
        (
            draft("Bet on the JACKPOTS", values={**MINE, "channel": "Instagram"}, account="me"),
            {"image.nudity": 0.1}, 0.001, ["no gambling", "worth the slot"],
        ),
        (
            draft("Miracle pill", image=None, values={"channel": "instagram", "region": "DE"}, account="me"),
            {}, 0.2, ["claims", "a picture on Instagram"],
        ),
        (
            draft("x" * 281, values={"channel": "twitter", "region": "br"}, account="@Partner_of_Brand"),
            {"image.nudity": 0.5}, 0.2, ["paid posts say so", "short on X"],
        ),
        (
            draft("#a #b #c #d #e #f", at=NOON.replace(hour=3), values=MINE, account="me"),
            {"image.nudity": 0.1}, 0.2, ["quiet nights", "few hashtags"],
        ),
    ],
)  # fmt: skip
def test_the_example_of_the_page_marks_drafts(
    tmp_path: Path, one: Draft, qualities: dict[str, float], viral: float, names: list[str]
) -> None:
    found = marks(read_policy(written(tmp_path, EXAMPLE)), one, qualities, viral)
    assert [mark.rule for mark in found] == names
    assert all(mark.sentence.endswith(")") for mark in found), "what was found follows the sentence"


# Words


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("bet", "Bet now!"),
        ("bet", "you.bet."),
        ("big sale", "BIG -- sale"),
        ("big sale", "the #big_sale"),
        ("ad", "so #ad"),
        ("#ad", "so #AD!"),
        ("bet*", "betting"),
        ("free bet*", "a free #BETS"),
        ("don't", "I DON'T know"),
        ("straße", "STRASSE"),
        ("café", "cafe\u0301"),
        ("casino", "ｃａｓｉｎｏ"),
        ("casino", "ca\u200bsi\u00adno"),
        ("casino", "c\u2060a\ufe0fsino"),
        ("_casino_", "casino"),
        ("赌博", "网上赌博游戏"),
        ("การพนัน", "เล่นการพนันออนไลน์"),
        ("जुआ", "यह जुआ है"),
        ("카지노*", "카지노를"),
        ("казино", "КАЗИНО!"),
        ("🎰", "win🎰🎰now"),
        ("👍", "👍🏽"),
    ],
)
def test_words_are_found_however_they_are_written(phrase: str, text: str) -> None:
    assert found_phrase((phrase,), tokens(text)) == phrase


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("bet", "better, alphabet, bets"),
        ("big sale", "big summer sale"),
        ("big sale", "big"),
        ("#ad", "an ad"),
        ("bet*", "abet"),
        ("cafe", "café"),
        ("क", "की"),
        ("赌博", "赌一博"),
        ("bet", ""),
    ],
)
def test_other_words_are_not_found(phrase: str, text: str) -> None:
    assert found_phrase((phrase,), tokens(text)) is None


LETTER = st.characters(categories=["Ll", "Lu", "Lo", "Nd"], max_codepoint=0x058F)
# A few letters are a letter and a sign in another form of Unicode: they part a word.
WORD = st.text(
    LETTER.filter(lambda one: unicodedata.normalize("NFKC", one).isalnum()), min_size=1, max_size=8
)
BETWEEN = st.text(st.sampled_from(" .,;:!?-_/()\n\t'\"…"), min_size=1, max_size=3)


@given(
    st.lists(WORD, min_size=1, max_size=4), st.lists(WORD, max_size=3), st.lists(WORD, max_size=3), BETWEEN
)
@example(["ı"], [], [], " ")
def test_a_phrase_that_stands_in_a_text_is_found_in_capitals_and_small(
    words: list[str], before: list[str], after: list[str], between: str
) -> None:
    text = between.join([*before, *words, *after])
    phrase = (" ".join(words),)
    assert found_phrase(phrase, tokens(text)) == phrase[0]
    assert found_phrase(phrase, tokens(text.casefold())) == phrase[0]
    assert found_phrase(phrase, tokens("\u200b".join(text))) == phrase[0], "signs that nobody sees"


@given(WORD, st.text("xyz", min_size=1, max_size=3))
def test_a_word_is_not_found_inside_of_a_longer_one_but_as_its_beginning(word: str, more: str) -> None:
    assert found_phrase((word,), tokens(word + more)) is None
    assert found_phrase((f"{word}*",), tokens(word + more)) == f"{word}*"
    assert found_phrase((word,), tokens(more + word)) is None


@given(st.lists(WORD, min_size=1, max_size=12), st.lists(WORD, max_size=12))
def test_a_word_is_found_where_it_is_one_of_the_words(wanted: list[str], text: list[str]) -> None:
    there = {token for word in text for token in tokens(word)}
    expected = any(tokens(word)[0] in there for word in wanted)
    assert (found_phrase(tuple(wanted), tokens(" ".join(text))) is not None) == expected


@given(st.text(max_size=80))
def test_any_text_is_cut_into_tokens_and_any_phrase_of_it_is_refused_or_found(text: str) -> None:
    assert all(tokens(text))
    if len(text) <= 40 and "*" not in text and not phrase_problem(text):
        assert found_phrase((text,), tokens(text)) == text


# Other conditions


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2030-05-14T01:00Z", "No. (at 22:00 in America/Sao_Paulo)"),
        ("2030-05-14T00:59Z", None),
        ("2030-05-14T09:59Z", "No. (at 06:59 in America/Sao_Paulo)"),
        ("2030-05-14T10:00Z", None),
        ("2030-05-14T12:00+09:00", "No. (at 00:00 in America/Sao_Paulo)"),
        ("2030-05-14T01:00", "No. (at 22:00 in America/Sao_Paulo)"),
    ],
)
def test_hours_are_those_of_the_clocks_of_a_zone(at: str, told: str | None) -> None:
    rule = 'hours = {not_between = ["22:00", "07:00"], zone = "America/Sao_Paulo"}'
    assert marked(rule, draft(at=dt.datetime.fromisoformat(at))) == told


def test_hours_of_one_day_end_before_the_second() -> None:
    rule = 'hours = {not_between = ["12:00", "15:00"]}'
    assert marked(rule, draft(at=NOON.replace(hour=14, minute=59))) == "No. (at 14:59 in UTC)"
    assert marked(rule, draft(at=NOON)) is None


@pytest.mark.parametrize(
    ("rule", "one", "told"),
    [
        ("max_length = 5", draft("fünf!"), None),
        ("max_length = 5", draft("sechs!"), "No. (6 characters, at most 5)"),
        ("needs_image = true", draft(), None),
        ("needs_image = true", draft(image=None), "No. (no image)"),
        ("hashtags_above = 1", draft("#a b# # ##c"), "No. (2 hashtags, at most 1)"),
        ("hashtags_above = 2", draft("#a #赌博"), None),
        ('require = ["#ad"]', draft("an ad"), "No. (not in the text)"),
        ('require = ["#ad", "paid"]', draft("Paid."), None),
        ('words = ["bet"]', draft("I bet"), "No. (in the text: bet)"),
    ],
)
def test_conditions_on_the_draft_alone(rule: str, one: Draft, told: str | None) -> None:
    assert marked(rule, one) == told


def test_conditions_on_scores() -> None:
    assert marked('quality = "image.nudity"\nabove = 0.5', draft(), {"image.nudity": 0.5}) is None
    assert marked('quality = "image.nudity"\nabove = 0.5', draft(), {"image.nudity": 0.831}) == (
        "No. (image.nudity is 0.831, above 0.5)"
    )
    assert marked('quality = "text.sense"\nbelow = 1', draft(), {"text.sense": 0.2}) == (
        "No. (text.sense is 0.2, below 1)"
    )
    assert marked("viral_below = 0.05", draft(), viral=0.05) is None
    assert marked("viral_below = 0.05", draft(), viral=0.012) == "No. (chance to go viral 1.2%, wanted 5.0%)"


# Where it cannot be told


def test_a_rule_for_a_channel_is_taken_to_apply_to_a_draft_that_names_none() -> None:
    rule = 'needs_image = true\nchannels = ["instagram"]'
    assert marked(rule, draft(image=None, values={"channel": "x"})) is None
    assert marked(rule, draft(image=None, values={"channel": " Instagram "})) == "No. (no image)"
    assert marked(rule, draft(image=None)) == (
        "No. (no image; the draft names no channel, so the rule is taken to apply)"
    )
    assert marked(rule, draft()) is None, "it keeps to the rule"


def test_what_could_not_be_measured_is_marked_and_what_is_not_there_needs_no_measuring() -> None:
    rule = 'quality = "image.nudity"\nabove = 0.5'
    told = "No. (image.nudity could not be measured, so nobody knows)"
    assert marked(rule, draft()) == told
    assert marked(rule, draft(), {"image.nudity": float("nan")}) == told
    assert marked(rule, draft(image=None)) is None
    assert marked('quality = "text.insult"\nabove = 0.5', draft("  ")) is None
    assert marked("viral_below = 0.05", draft(), viral=None) == "No. (not known: chance to go viral)"


def test_a_quality_that_the_model_does_not_measure_is_an_error_before_anything_is_ranked() -> None:
    asked = policy('quality = "image.nudty"\nabove = 0.5')
    with pytest.raises(
        PolicyError, match=r"'r' of the policy: unknown quality 'image.nudty'; did you mean 'image.nudity'\?"
    ):
        check_measured(asked, ["image.nudity", "text.insult"], viral=True)
    with pytest.raises(PolicyError, match="known: age, sharpness"):
        check_measured(asked, ["sharpness", "age"], viral=True)
    with pytest.raises(PolicyError, match="this model measures none"):
        check_measured(asked, [], viral=True)
    check_measured(asked, ["image.nudty"], viral=False)
    with pytest.raises(PolicyError, match="viral_below: this model was not fitted on what went viral"):
        check_measured(policy("viral_below = 0.5"), [], viral=False)


# All drafts


def ranking(*texts: str) -> Ranking:
    model = Model(
        dataset="d", title="D", baseline="b", posts=1, accounts=1, newest=NOON, viral=None, coverage=None
    )
    expected = Expected(target="likes", middle=10, low=1, high=100, basis="all")
    drafts = tuple(
        Judged(draft=draft(text, number=i), place=i, expected=(expected,), viral=None, best=1 / len(texts))
        for i, text in enumerate(texts, start=1)
    )
    return Ranking(model=model, drafts=drafts, notes=("of old",))


def test_a_policy_changes_marks_and_nothing_else() -> None:
    before = ranking("I bet", "good")
    after = applied(policy('words = ["bet"]'), before)
    assert [one.blocked for one in after.drafts] == [True, False]
    assert after.notes == ("of old",)
    assert applied(policy('words = ["never"]'), after) == before


def test_where_all_is_blocked_all_is_shown_and_a_note_on_top_says_so() -> None:
    before = ranking("I bet", "you bet")
    after = applied(policy('words = ["bet"]'), before)
    assert [one.place for one in after.drafts] == [1, 2]
    assert after.notes == (NOTHING, "of old")
    assert applied(policy('words = ["bet"]'), after) == after, "the note is there once"
    assert applied(policy('words = ["bet"]'), before.model_copy(update={"drafts": ()})).notes == ("of old",)


# What is wrong with a policy

RULE = '[[rules]]\nname = "r"\naction = "block"\nsentence = "No."\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "rules: missing"),
        ("rules = []", "rules: Tuple should have at least 1 item"),
        ("[rules]\nname = 'x'", "are a list: begin each with [[rules]]"),
        (RULE + 'wrods = ["a"]', "rule 1 'r': key 'wrods': unknown key; did you mean 'words'"),
        (RULE, "rule 1 'r': a rule has exactly one of quality, words"),
        (RULE + 'words = ["a"]\nmax_length = 3', "it has words and max_length: make a rule of each"),
        (RULE + 'quality = "q"', "either `above` or `below`"),
        (RULE + 'quality = "q"\nabove = 1\nbelow = 0', "either `above` or `below`"),
        (RULE + "max_length = 3\nabove = 1", "only beside `quality`"),
        (RULE + 'quality = "q"\nabove = nan', "rule 1 'r': key 'above': Input should be a finite number"),
        (RULE + 'quality = "q"\nabove = true', "rule 1 'r': key 'above': Input should be a valid number"),
        (RULE + "viral_below = 5", "rule 1 'r': key 'viral_below': Input should be less than or equal to 1"),
        (RULE + "needs_image = false", "rule 1 'r': key 'needs_image': Input should be True"),
        (RULE + 'words = "bet"', "rule 1 'r': key 'words': is a list: write [\"bet\"]"),
        (RULE + "words = []", "rule 1 'r': key 'words': Tuple should have at least 1 item"),
        (RULE + 'words = ["a", "*"]', "rule 1 'r': key 'words.1': '*': no word in it"),
        (RULE + 'words = ["!!"]', "'!!': no word in it"),
        (RULE + 'words = ["be*t"]', "a * stands at the end alone"),
        (RULE + 'words = ["bet *"]', "no word before the *"),
        (RULE + 'channels = []\nwords = ["a"]', "rule 1 'r': key 'channels': Tuple should have at least 1"),
        (RULE + 'topics = ["x"]', "rule 'r': unknown topic 'x'; there is no [topics]"),
        ('[topics]\nbets = ["bet"]\n' + RULE + 'topics = ["bet"]', "unknown topic 'bet'; did you mean"),
        ('[topics]\ngamble = "bet"\n' + RULE + 'topics = ["gamble"]', "key 'topics.gamble': Input should be"),
        (2 * (RULE + "max_length = 1\n"), "two rules are called 'r'"),
        (RULE.replace('"block"', '"blok"') + "max_length = 1", "rule 1 'r': key 'action': Input should be"),
        (RULE.replace('"No."', '" "') + "max_length = 1", "key 'sentence': is one line of plain text"),
        (RULE.replace('"No."', r'"a\u202eb"') + "max_length = 1", "'sentence': is one line of plain text"),
        (RULE + 'hours = {not_between = ["22", "7"]}', "key 'hours.not_between': '22' is no time of the day"),
        (RULE + 'hours = {not_between = ["22:00"]}', "takes two times"),
        (RULE + "hours = {not_between = [22:00:00, 07:00:00]}", "write it in quotes"),
        (RULE + 'hours = {not_between = ["7:00", "07:00"]}', "begins and ends at the same time"),
        (RULE + 'hours = {not_between = ["22:00", "07:00"], zoone = "UTC"}', "did you mean 'zone'"),
        (RULE + 'hours = {not_between = ["22:00", "07:00"], zone = "Brazil/Rio"}', "is no time zone"),
        ("topic = 1\n" + RULE + "max_length = 1", "key 'topic': unknown key; did you mean 'topics'"),
        ("rules = [", "not valid TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_rule_and_key(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(PolicyError) as error:
        read_policy(path)
    assert str(error.value).startswith(f"{path}: ")
    assert told in str(error.value)


def test_what_is_no_policy_is_told(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    with pytest.raises(PolicyError, match=r"cannot be read: No such file.*Give the path of a policy.toml"):
        read_policy(path)
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy(tmp_path)
    path.write_bytes(b"# ok\nname = '\xff'")
    with pytest.raises(PolicyError, match="row 2: not UTF-8"):
        read_policy(path)
    path.write_bytes(b"#" * (LARGEST + 1))
    with pytest.raises(PolicyError, match="more than 4,000,000 bytes"):
        read_policy(path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy(tmp_path / "pipe")


def test_a_file_that_an_editor_of_windows_has_saved_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (RULE + "max_length = 1").replace("\n", "\r\n").encode())
    assert [rule.name for rule in read_policy(path).rules] == ["r"]
