from __future__ import annotations

import pytest

from app.answering.rewording import asks_the_same

LEASE = "When does the lease end?"


@pytest.mark.parametrize(
    ("text", "question", "earlier"),
    [
        ("Who is the landlord of the lease?", "Who is the landlord?", LEASE),
        ("Who is the landlord", "Who is the landlord?", LEASE),
        ("When is notice of the end of the lease given?", "And when is notice given?", LEASE),
        ("Why is the mill there?", "And why?", "Where is the mill?"),
        ("How many stones does the mill have?", "And how many stones?", "Where is the mill?"),
        ("Which colour has the upper rope?", "And the upper one?", "Which colour has the lower rope?"),
        ("Wie lange dauert die Prüfung der Bremse?", "Wie lange dauert das?", "Wer prüft die Bremse?"),
        ("Combien coûte le billet pour les enfants ?", "Et les enfants ?", "Combien coûte le billet ?"),
        ("List the fees of 2024.", "List them.", "What were the fees of 2024?"),
        ("List the fees of 2024 for pets", "List those for pets", "What were the fees of 2024?"),
        ("Who is the landlord?", "Who is the landlord?", "Who is the landlord?"),
    ],
)
def test_a_question_of_the_words_that_were_asked_holds(text: str, question: str, earlier: str) -> None:
    assert asks_the_same(text, question, [earlier])


@pytest.mark.parametrize(
    ("text", "question", "earlier"),
    [
        ("The lease ends when the landlord is no longer available to rent.", "Who is the landlord?", LEASE),
        ("When the landlord ends the lease.", "When does the landlord end it?", LEASE),
        ("The lease ends with the landlord.", "Who is the landlord?", LEASE),
        ("Who is the landlord of the bakery?", "Who is the landlord?", LEASE),
        ("Who was the landlord in 2019?", "Who is the landlord?", LEASE),
        ("Who is not the landlord?", "Who is the landlord?", LEASE),
        ("When does the lease end?", "Who is the landlord?", LEASE),
        ("Where is the mill?", "And why?", "Where is the mill?"),
        (
            "What does the lease cost for 3 years?",
            "And for 30 years?",
            "What does the lease cost for 2 years?",
        ),
        (
            "The company's mascot is a playful and colorful animal, often associated with fun.",
            "On which doors is it painted?",
            "What is the name of the company's mascot?",
        ),
        ("", "And why?", LEASE),
    ],
)
def test_statements_and_inventions_do_not(text: str, question: str, earlier: str) -> None:
    assert not asks_the_same(text, question, [earlier])
