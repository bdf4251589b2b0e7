"""What the parameters of a mixture of experts cost, in words."""

from __future__ import annotations

import pytest

from app.domain import Model
from app.ui.experts import experts_words, parameters_words

MIXTURE = Model("ollama", "qwen3:30b-a3b", parameters=30_500_000_000, active_parameters=3_300_000_000)


def test_total_and_active_parameters_say_what_each_costs() -> None:
    assert experts_words(MIXTURE) == (
        "all 30.5 billion parameters must fit in memory; 3.3 billion work for each token, so it computes "
        "about like a 3B model"
    )


def test_the_size_of_the_file_is_the_memory() -> None:
    sized = Model("ollama", "m", size=18_600_000_000, parameters=30 * 10**9, active_parameters=400_000_000)

    assert "must fit in memory (18.6 GB); 400 million work for each token" in experts_words(sized)
    assert experts_words(sized).endswith("like a 400M model")


@pytest.mark.parametrize(
    ("total", "active"), [(None, None), (8 * 10**9, None), (None, 3 * 10**9), (10**9, 10**9), (10**9, 0)]
)
def test_what_nobody_tells_is_not_said(total: int | None, active: int | None) -> None:
    assert experts_words(Model("b", "m", parameters=total, active_parameters=active)) == ""


def test_a_lane_says_how_many_its_model_has() -> None:
    assert parameters_words(MIXTURE).startswith("all 30.5 billion")
    assert parameters_words(Model("b", "m", parameters=135_000_000)) == "135 million"
    assert parameters_words(Model("b", "m")) == ""
