"""Exact match and token F1: against the definition written a second time, and in other languages."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Case
from app.evaluation.scorers.language import length_in_words, rules_for
from app.evaluation.scorers.squad import exact, f1, normalised, tokens

# ----------------------------------------------------------------- the official definition, transcribed

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def plainly(text: str) -> str:
    """Lower case; ASCII punctuation out; the words a, an, the out; white space folded."""
    kept = re.sub(f"[{re.escape(PUNCTUATION)}]", "", text.lower())
    return re.sub(r"\s+", " ", re.sub(r"\b(a|an|the)\b", " ", kept)).strip()


def official(prediction: str, references: list[str]) -> tuple[int, float]:
    """As SQuAD 2.0 scores one question: right answers that come to nothing are left out, or stand for ""."""
    said = plainly(prediction)
    rights = [plainly(one) for one in references if plainly(one)] or [""]
    best = 0.0
    for right in rights:
        first, second = said.split(), right.split()
        if not first or not second:
            best = max(best, float(first == second))
            continue
        shared = sum(min(first.count(word), second.count(word)) for word in set(first))
        if shared:
            best = max(best, 2 * shared / (len(first) + len(second)))
    return int(said in rights), best


WORDS = [
    "the",
    "a",
    "an",
    "The",
    "mill",
    "stones",
    "mill's",
    "1.5%",
    "15",
    "anthem",
    "U.S.",
    "us",
    "ça",
    "—",
    "$",
]
phrases = st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)
texts = phrases | st.text(max_size=30) | st.text("aAtheTHE n.,!-'\u2019 \u00a0\n1$", max_size=25)


@given(texts, st.lists(texts, min_size=1, max_size=4))
def test_agrees_with_the_official_definition(prediction: str, references: list[str]) -> None:
    matches, overlap = official(prediction, references)
    assert exact(prediction, references) == matches
    assert f1(prediction, references) == pytest.approx(overlap)


@given(texts, st.lists(texts, min_size=1, max_size=4))
def test_exact_is_full_overlap(prediction: str, references: list[str]) -> None:
    assert 0 <= f1(prediction, references) <= 1
    if exact(prediction, references):
        assert f1(prediction, references) == 1


@given(texts, st.sampled_from(["en", "de", "es", "hi", "vi", "ar", "zh", "ja", "th", "fr", "ru", "xx"]))
def test_what_is_normalised_stays_so(text: str, language: str) -> None:
    once = normalised(text, language)
    assert once == " ".join(once.split())
    assert exact(text, [text], language) == 1


# ----------------------------------------------------------------- worked examples


@pytest.mark.parametrize(
    ("said", "references", "matches", "overlap"),
    [
        ("The Harvard Library.", ["Harvard Library", "Harvard"], 1, 1.0),
        ("Harvard University Library", ["Harvard Library"], 0, 0.8),
        ("", [""], 1, 1.0),
        ("1987", [""], 0, 0.0),
        ("", ["1987"], 0, 0.0),
        ("the the", ["the"], 1, 1.0),
        ("1.5%", ["15"], 1, 1.0),  # what METRICS's "contains" is there for
    ],
)
def test_english(said: str, references: list[str], matches: int, overlap: float) -> None:
    assert exact(said, references) == matches
    assert f1(said, references) == pytest.approx(overlap)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Das Kind von den Sternen!", "kind von sternen"),
        ("de", "Nimm the Mühle", "nimm the mühle"),
        ("es", "El científico “loco”", "científico loco"),
        ("es", "¿Los Ángeles?", "ángeles"),
        ("fr", "L'eau, la vie", "eau vie"),
        ("it", "L’acqua e un'ora", "acqua e ora"),
        ("pt", "O moinho", "moinho"),
        ("nl", "De molen", "molen"),
        ("hi", "कृषि।", "कृषि"),
        ("ru", "«Николаса Э. Головина»", "николаса э головина"),
        ("vi", "cái nhà của tôi", "nhà tôi"),
        ("ar", "بحر القزوين؟", "بحر قزوين"),
        ("zh", "1519年，德语 OK", "1519 年 德 语 ok"),
        ("ja", "東京タワー", "東 京 タ ワ ー"),
        ("ko", "서울 시", "서 울 시"),
        ("th", "กูรู", "ก ู ร ู"),
        ("xx", "The “mill”", "the mill"),
    ],
)
def test_other_languages(language: str, text: str, expected: str) -> None:
    assert normalised(text, language) == expected


def test_chinese_is_compared_by_character() -> None:
    assert f1("德语的出版物", ["德语出版物"], "zh") == pytest.approx(10 / 11)
    assert Counter(tokens("出版物", "zh")) == Counter("出版物")


# ----------------------------------------------------------------- which language


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (Case("q", ("seven",)), "en"),
        (Case("q", ("sieben",), tags=("x", "lang:de")), "de"),
        (Case("q", ("sete",), tags=("lang:pt-BR",)), "pt"),
        (Case("q", ("sete",), tags=("lang:PT_br",)), "pt"),
        (Case("q", ("谴责",)), "zh"),
        (Case("q", ("東京タワー",)), "ja"),
        (Case("q", ("서울",)), "ko"),
        (Case("q", ("กูรู",)), "th"),
        (Case("q", ("ລາວ",)), "lo"),
        (Case("q", ("ខ្មែរ",)), "km"),
        (Case("q", ("कृषि",)), "hi"),
        (Case("q", ("بحر قزوين",)), "ar"),
        (Case("q", ("барокамере",)), "ru"),
        (Case("路德的著作什么时候传播到的法国？", ("1519",)), "zh"),
        (Case("水车？", unanswerable=True), "zh"),
        (Case("1 + 1?", ("2",)), "en"),
        (Case("", ()), "en"),
    ],
)
def test_the_language_is_told_or_guessed(case: Case, code: str) -> None:
    assert rules_for(case) == code


def test_characters_are_counted_as_parts_of_words() -> None:
    assert length_in_words(["mill", "1519"]) == 2
    assert length_in_words(list("德语出版")) == 2
    assert length_in_words(list("ครูก")) == 1
