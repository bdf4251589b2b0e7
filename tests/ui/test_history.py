from __future__ import annotations

from dataclasses import replace

from app.domain import Question
from app.ui.history import conversations, label_of
from tests.ui.answers import MOMENT

FIRST = Question("1", "Where is the mill?", "Where is the mill?", "1", "c", (), MOMENT)
NEXT = replace(FIRST, id="3", text="And why?", conversation_id="1")
OTHER = replace(FIRST, id="2", text="Who is *she*?", conversation_id="2", collection_id="d")


def test_a_conversation_stays_together_in_its_order_the_one_that_went_on_last_first() -> None:
    assert conversations([NEXT, OTHER, FIRST]) == [[FIRST, NEXT], [OTHER]]
    assert conversations([]) == []


def test_a_row_names_the_collection_where_there_are_several() -> None:
    several = {"c": "Mills", "d": "Pe*ople"}
    assert label_of(FIRST, {"c": "Mills"}) == r"Where is the mill\?"
    assert label_of(FIRST, several) == r"Where is the mill\? :small[(Mills)]"
    assert label_of(OTHER, several) == r"Who is \*she\*\? :small[(Pe\*ople)]"
    assert label_of(NEXT, several) == r":material/subdirectory_arrow_right: And why\?"
    assert label_of(OTHER, {"c": "Mills"}).endswith(":small[(deleted collection)]")
