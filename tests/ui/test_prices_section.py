"""Own prices, the update and "what if" on the Costs page, over real rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.costs.price_lists import KIND
from app.domain import (
    Candidate,
    OwnPrice,
    PricedModel,
    PricePreview,
    PriceSource,
    Rate,
    Repriced,
    TextDelta,
    Usage,
    WhatIf,
)
from app.services import Services
from app.ui import prices_lists, prices_own, prices_what_if
from app.ui.charts import Axis, rows_chart
from app.ui.findings import Finding
from tests.costs.published import dearer, published
from tests.fakes import completed
from tests.scripted_server import HANG, Reply, ScriptedServer
from tests.ui.experiments import ran
from tests.ui.opened import FakeServer, opened, page
from tests.ui.streamlit_markdown import bare
from tests.ui.test_verdict_page import ask, chart

pytestmark = pytest.mark.integration

HEAD = "provider,model,currency,input,output,cached,thinking,since,source"
OWN = OwnPrice("fake", "tiny", "EUR", Decimal(2), Decimal(8), None, None, date(2026, 1, 1), "our contract")
TINY = Candidate("fake", "tiny")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer() as made:
        monkeypatch.setenv("ASSAY_PRICES_URL", f"{made.address}/data.json")
        yield made


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch, FakeServer()) as (made, _):
        yield made


def settled(test: AppTest) -> AppTest:
    """Runs until nothing is under way any more."""
    until = time.monotonic() + 30
    while any("Fetching the prices" in str(one.value) for one in test.caption):
        assert time.monotonic() < until
        time.sleep(0.05)
        test.run()
    return test


def upload(test: AppTest, *rows: str) -> AppTest:
    turn = test.session_state["own-price-turn"]
    content = "\n".join([HEAD, *rows]).encode()
    test.file_uploader(key=f"own-price-file-{turn}").set_value([("own.csv", content, "")]).run()
    assert not test.exception
    return test


# ------------------------------------------------------------------------ own prices


def test_a_file_is_shown_with_its_bad_rows_before_anything_is_saved(services: Services) -> None:
    good = "fake,tiny,EUR,2,8,,,2026-01-01,our contract"
    test = upload(page("costs").run(), good, "fake,tiny,EUR,-2,8,,,2026-02-01,")
    text = bare(test)
    assert "1 new price, 1 row that cannot be saved." in text
    assert "Row 3: The price of a million tokens in is '-2'" in text
    assert services.price_lists.list() == ()
    test.button(key="own-price-import").click().run()
    assert not test.exception
    assert services.price_lists.list() == (OWN,)
    assert "Saved: 1 price." in bare(test)


def test_a_file_that_is_none_is_refused_in_words(services: Services) -> None:
    test = page("costs").run()
    test.file_uploader(key="own-price-file-0").set_value([("own.csv", b"name,price\nx,1", "")]).run()
    assert "No column is known as provider" in bare(test)


def test_a_changed_price_is_shown_beside_the_one_before(services: Services) -> None:
    services.price_lists.change([], [OWN])
    test = upload(page("costs").run(), "fake,tiny,EUR,3,9,,,2026-01-01,new contract")
    assert "No new prices, 1 that would change" in bare(test)
    assert "2 in and 8 out (EUR) becomes 3 in and 9 out (EUR)" in bare(test)
    test.button(key="own-price-import").click().run()
    assert [one.input for one in services.price_lists.list()] == [Decimal(3)]


def test_one_price_is_typed_changed_and_deleted(services: Services) -> None:
    test = page("costs").run()
    test.button(key="own-price-add").click().run()
    cells = {"provider": "fake", "model": "tiny", "currency": "eur", "input": "2", "output": "x"}
    for name, text in cells.items():
        test.text_input(key=f"own-{name}-").set_value(text)
    test.date_input(key="own-since-").set_value(OWN.since)
    test.text_input(key="own-source-").set_value("our contract")
    test.button(key="own-price-save").click().run()
    assert "The price of a million tokens out is 'x'" in bare(test)
    assert services.price_lists.list() == ()
    test.text_input(key="own-output-").set_value("8")
    test.button(key="own-price-save").click().run()
    assert services.price_lists.list() == (OWN,)

    test.selectbox(key="own-price-chosen").set_value(OWN.id).run()
    test.button(key="own-price-open").click().run()
    assert test.text_input(key=f"own-model-{OWN.id}").value == "tiny"
    test.text_input(key=f"own-output-{OWN.id}").set_value("9,50")
    test.button(key="own-price-save").click().run()
    (changed,) = services.price_lists.list()
    assert changed == replace(OWN, output=Decimal("9.50"))

    test.selectbox(key="own-price-chosen").set_value(OWN.id).run()
    test.button(key="own-price-open").click().run()
    test.button(key="own-price-delete").click().run()
    assert services.price_lists.list() == ()
    assert not test.exception


def test_an_answer_is_priced_by_the_own_price_and_keeps_it(services: Services) -> None:
    services.price_lists.change([], [OWN])
    question = ask(services, "One?", TINY)
    (answer,) = services.answers.answers(question)
    assert (answer.cost.currency, answer.cost.entry["kind"]) == ("EUR", KIND)
    assert "Your own price list for tiny of fake" in answer.cost.words
    services.price_lists.change([OWN], [replace(OWN, input=Decimal(50))])
    assert services.answers.answers(question)[0].cost == answer.cost
    test = page("costs").run()
    assert not test.exception
    assert "€" in bare(test)


def test_what_a_person_typed_reads_as_typed(services: Services) -> None:
    services.price_lists.change([], [replace(OWN, model=":red[x] $1 $2", source="<b>$3 $4</b>")])
    test = page("costs").run()
    raw = [str(one.value) for one in (*test.markdown, *test.caption)]
    assert not [one for one in raw if "$1 $2" in one or ":red[x]" in one]


# ------------------------------------------------------------------------ the update


def test_newer_prices_are_fetched_by_the_button_only(services: Services, server: ScriptedServer) -> None:
    server.on("/data.json", Reply(parts=(published(dearer),)))
    test = page("costs").run()
    assert "as they came along with Assay (genai-prices" in bare(test)
    assert server.requests == []
    settled(test.button(key="prices-update-button").click().run())
    assert not test.exception
    assert "The prices are up to date" in bare(test)
    assert "fetched from 127.0.0.1 on" in bare(test)
    table = next(
        one.value for one in test.dataframe if "Cached input" in one.value and "Source" not in one.value
    )
    assert dict(zip(table["Model"], table["Input"], strict=True))["gpt-4o"] == 5


def test_an_update_that_fails_is_said_in_words_and_changes_nothing(
    services: Services, server: ScriptedServer
) -> None:
    server.on("/data.json", Reply(parts=(b"<html>",)))
    test = settled(page("costs").run().button(key="prices-update-button").click().run())
    assert not test.exception
    assert "What came is no JSON" in bare(test)
    assert "The prices used before stay in use" in bare(test)
    assert services.prices.source().fetched_at is None


def test_an_update_can_be_stopped(services: Services, server: ScriptedServer) -> None:
    server.on("/data.json", Reply(parts=(b"[", HANG)))
    test = page("costs").run().button(key="prices-update-button").click().run()
    assert server.arrived.wait(10)
    settled(test.button(key="prices-update-stop").click().run())
    assert "The update was stopped." in bare(test)


# ------------------------------------------------------------------------ what if


def test_the_tokens_of_an_experiment_at_other_prices(services: Services) -> None:
    services.price_lists.change([], [replace(OWN, provider="elsewhere", model="big")])
    made = ran(services, [TINY])
    test = page("costs", price="openai/gpt-4o", experiment=made).run()
    assert not test.exception
    told = chart(test, len(test.get("plotly_chart")) - 1)
    assert "1,000 questions with the same tokens would cost $" in told
    assert "as asked they cost $" in told
    assert "not asked: gpt-4o (openai)" in told
    assert "Hollow bars were not asked" in told
    test.multiselect(key="what-if-models").set_value(["own elsewhere/big", "openai/gpt-4o"]).run()
    assert not test.exception
    (table,) = [one.value for one in test.dataframe if "Tokens of" in one.value]
    assert list(table["Asked"]) == ["yes", "no", "no"]
    assert list(table["Currency"]) == ["USD", "EUR", "USD"]
    exact = services.what_if(made, [PricedModel("openai", "gpt-4o")], True).repriced[0]
    assert exact.amount is not None
    assert table["In all"][2] == Decimal(int(exact.amount)).scaleb(-12)
    assert float(table["Per 1,000 questions"][2]) == pytest.approx(exact.amount / exact.answers / 10**9)


def test_tokens_that_a_server_remembered_can_be_priced_as_such(services: Services) -> None:
    def sums(test: AppTest) -> list[Decimal]:
        (table,) = [one.value for one in test.dataframe if "Tokens of" in one.value]
        return list(table["In all"])

    (server,) = services.backends.backends()
    assert isinstance(server, FakeServer)
    server.default = (TextDelta("Seven."), completed(usage=Usage(1000, 10, cached=900)))
    made = ran(services, [TINY])
    test = page("costs", price="openai/gpt-4o", experiment=made).run()
    _, as_new = sums(test)
    _, as_remembered = sums(test.checkbox(key="what-if-cached").check().run())
    assert as_remembered < as_new
    # 2.50, 1.25 and 10 dollars for a million tokens: four questions.
    assert as_new == Decimal("0.0104")
    assert as_remembered == Decimal("0.0059")


def test_where_no_server_remembered_anything_nothing_is_asked_about_it(services: Services) -> None:
    made = ran(services, [TINY])
    test = page("costs", price="openai/gpt-4o", experiment=made).run()
    assert test.multiselect(key="what-if-models").value == ["openai/gpt-4o"]
    assert not [one for one in test.checkbox if one.key == "what-if-cached"]


def test_without_experiments_or_models_it_says_what_is_missing(services: Services) -> None:
    assert "Once an experiment has answers" in bare(page("costs").run())
    ran(services, [TINY])
    assert "Choose models to see" in bare(page("costs").run())


def test_a_model_whose_own_price_was_deleted_is_no_longer_chosen(services: Services) -> None:
    services.price_lists.change([], [OWN])
    made = ran(services, [TINY])
    test = page("costs", experiment=made).run()
    assert test.multiselect(key="what-if-models").value == ["own fake/tiny"]
    services.price_lists.change([OWN], [])
    test.run()
    assert not test.exception
    assert "Something went wrong" not in bare(test)
    assert test.multiselect(key="what-if-models").value == []


def repriced(place: int, amount: int | None, answers: int, untold: int = 0, words: str = "") -> Repriced:
    return Repriced(place, PricedModel("openai", "gpt-4o"), amount, "USD", answers, untold, words)


def test_what_the_finding_says() -> None:
    other = replace(repriced(0, 4 * 10**12, 2), model=PricedModel("x", "big", own=True))
    found = WhatIf({0: {"USD": Rate(10**12, 2)}}, (repriced(0, 2 * 10**12, 2, 3), other))
    today = datetime(2026, 11, 29, tzinfo=UTC)
    finding = prices_what_if.what_if_finding(found, 0, "tiny", "USD", today)
    assert finding.title == (
        "1,000 questions with the same tokens would cost $1,000.00 to $2,000.00; as asked they cost $500.00"
    )
    assert finding.subtitle.startswith("Tokens of 2 answers of tiny, at prices of 29 Nov 2026.")
    assert "3 answers with unknown tokens not in it" in finding.subtitle
    none = WhatIf({0: {}}, (repriced(0, None, 0, 0, "No price: nobody knows."),))
    assert prices_what_if.currencies(none, 0) == []


def test_the_words_of_a_preview_and_of_the_source() -> None:
    assert prices_own.preview_words(PricePreview((OWN, OWN), ((OWN, OWN),), 3, ())) == (
        "2 new prices, 1 that would change, 3 there already, no rows that cannot be saved."
    )
    source = PriceSource(
        "genai-prices", "1", None, 2, 1234, datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "https://a.b/c"
    )
    assert prices_lists.source_words(source) == (
        "Prices of 1,234 models of 2 providers, fetched from a.b on 2 Jan 2026, 03:04 UTC."
    )


def test_bars_of_mean_costs_have_their_interval() -> None:
    asked = Rate(2 * 10**12, 4, 4 * 10**11, 7 * 10**11)
    found = WhatIf(
        {0: {"USD": asked}}, (replace(repriced(0, 10**12, 4, 0), low=2 * 10**11, high=3 * 10**11),)
    )
    table = prices_what_if.what_if_table(found, ["tiny"])
    ends = [[row[table.columns.index(one)] for one in ("From", "To")] for row in table.rows]
    assert ends == [[400, 700], [200, 300]]
    (row,) = prices_what_if.not_asked_rows(found, 0, "tiny", "USD")
    assert row.figure == "$250.00"
    assert "would cost $250.00 (200.00-300.00) for 1,000 questions" in row.marks[0].words
    figure = rows_chart(Finding("t", "s"), [row], Axis("Cost"), shape="bar")
    (bar,) = figure.data
    assert bar.x == (250,)
    assert (bar.error_x.arrayminus, bar.error_x.array) == ((50,), (50,))


def test_what_if_s_intervals_are_over_questions(services: Services) -> None:
    made = ran(services, [TINY])
    found = services.what_if(made, [PricedModel("openai", "gpt-4o")], True).repriced[0]
    assert found.amount is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.amount / found.answers <= found.high
