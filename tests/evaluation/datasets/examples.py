"""Cases of every kind, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from app.domain import Case, Gold

# Whatever people paste, but for half characters, which no file can hold.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(
    lambda one: one == one.strip()
)
formulas = st.sampled_from(
    ["=1+1", "-5", "'=x", "''@a", "+49 1", "@me", '["a"]', "[", "[1]", "a|b", "a,b;c", "x\ny"]
)
words = texts | formulas
lists = st.lists(words, max_size=3, unique=True).map(tuple)
golds = st.lists(st.builds(Gold, st.just("") | words, words), max_size=3).map(tuple)
answerable = st.builds(Case, words, lists.filter(bool), golds, st.just(value=False), lists)
unanswerable = st.builds(Case, words, st.just(()), golds, st.just(value=True), lists)
cases = answerable | unanswerable
datasets = st.lists(cases, min_size=1, max_size=4, unique_by=lambda one: one.asks).map(tuple)
