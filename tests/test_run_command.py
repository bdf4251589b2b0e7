"""`run` and `experiments`: an experiment from a script, its exit code, and what is said of wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.backends.registry import Registry
from app.cli import main
from app.domain import Candidate, ExperimentState
from app.evaluation.experiments.results import results_of
from app.experiment_commands import missed
from storage.database import Database
from storage.experiments import Experiments
from storage.lock import DataLock
from tests.experiments import bare, experiment_of, given, trials_of
from tests.migrated import migrated
from tests.ui.opened import FakeServer

pytestmark = pytest.mark.integration  # the whole command, with the child process that looks at the index

CASES = [{"question": f"Question {n}?", "answers": ["seven" if n % 2 else "nine"]} for n in range(8)]


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    made = FakeServer()
    monkeypatch.setattr(Registry, "build", classmethod(lambda cls, _settings: cls([made])))
    monkeypatch.setenv("ASSAY_DATA", str(migrated(tmp_path / "data")))
    (tmp_path / "a.txt").write_text("The mill has seven stones.")
    (tmp_path / "mill.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in CASES))
    ingested = run("ingest", str(tmp_path / "a.txt"), "--collection", "Mill", "--embedder", "fake/words")
    assert ingested.exit_code == 0
    return made


def options(tmp_path: Path, *more: str) -> list[str]:
    return ["--dataset", str(tmp_path / "mill.jsonl"), "--collection", "Mill", "--model", "fake/tiny", *more]


def test_answers_and_summaries_as_objects(server: FakeServer, tmp_path: Path) -> None:
    result = run("run", *options(tmp_path, "--no-documents-too", "--repeats", "2", "--json"))
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    answers, summaries = rows[:-2], rows[-2:]
    assert len(answers) == 32
    keys = {"question", "model", "with_documents", "answer", "state", "scores", "right", "cause"}
    assert all(keys <= set(one) for one in answers)
    assert {one["with_documents"] for one in answers} == {True, False}
    assert all("contains" in one["scores"] for one in answers)
    assert [one["right"]["questions"] for one in summaries] == [8, 8]
    assert [one["with_documents"] for one in summaries] == [True, False]
    assert all(0 <= one["right"]["low"] <= one["right"]["high"] <= 1 for one in summaries)
    assert [len(one["differences"]) for one in summaries] == [1, 1]
    assert summaries[0]["differences"][0]["words"]
    contains = summaries[0]["measures"]["contains"]
    assert (contains["answers"], contains["unscored"], contains["questions"]) == (16, 0, 8)
    assert contains["low"] <= contains["mean"] <= contains["high"]
    assert {"quote check", "quotes anything", "citation recall"} <= set(summaries[0]["measures"])
    assert summaries[0]["drift"] is None, "no place was tried"
    assert summaries[0]["verdict"] == summaries[1]["verdict"]
    assert summaries[0]["verdict"][0].startswith("On your 8 questions, ")


def test_the_summary_begins_with_the_verdict_in_the_words_of_the_screens(
    server: FakeServer, tmp_path: Path
) -> None:
    told = run("run", *options(tmp_path, "--no-documents-too")).stdout
    assert ", 8 questions, no answers unscored" in told
    assert told.startswith("On your 8 questions, ")
    assert "80% right is wanted" in told
    assert "\u2060" not in told
    assert "\\" not in told


def test_candidates_that_are_alike_are_told_apart_in_objects_and_words(
    server: FakeServer, tmp_path: Path
) -> None:
    more = ["--collection", "Inn", "--drift", "1,3", "--fail-under", "right=1"]
    (tmp_path / "b.txt").write_text("The inn has beds.")
    (tmp_path / "c.txt").write_text("The barn has doors.")
    several = [str(tmp_path / f"{one}.txt") for one in "abc"]
    for name in ("Mill", "Inn"):
        run("ingest", *several, "--collection", name, "--embedder", "fake/words")
    (tmp_path / "mill.jsonl").write_text(
        '{"question": "Q?", "answers": ["seven"], "gold_document": "a.txt", "gold_text": "seven stones"}\n'
    )
    result = run("run", *options(tmp_path, *more, "--repeats", "2", "--temperature", "1", "--json"))
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    answers = [one for one in rows if "answer" in one]
    summaries = [one for one in rows if "name" in one]
    keys = ("candidate", "question", "repeat")
    assert len({tuple(one[key] for key in keys) for one in answers}) == len(answers) == 16
    told = {(one["collection"], one["k"], one["place"]) for one in answers}
    assert told == {(name, *at) for name in ("Mill", "Inn") for at in ((1, 1), (3, 1), (3, 2), (3, 3))}
    assert len({one["name"] for one in summaries}) == 8
    assert {one["candidate"] for one in summaries} == {one["candidate"] for one in answers}
    below = [one for one in result.stderr.splitlines() if "were wanted" in one]
    assert len(below) == len(set(below)) > 1
    compared = run("compare", summaries[0]["experiment"], summaries[0]["experiment"]).stdout
    assert all(compared.count(f"{one['name']}\n") == 1 for one in summaries)


def test_lengths_of_prompts_that_cannot_be_are_told_and_left_out(server: FakeServer, tmp_path: Path) -> None:
    for name in "bcd":
        (tmp_path / f"{name}.txt").write_text(f"The inn {name} has beds.")
        run("ingest", str(tmp_path / f"{name}.txt"), "--collection", "Mill", "--embedder", "fake/words")
    (tmp_path / "mill.jsonl").write_text(
        '{"question": "Q?", "answers": ["seven"], "gold_document": "a.txt", "gold_text": "seven stones"}\n'
        '{"question": "Who?", "answers": ["Ada"]}\n'
    )
    result = run("run", *options(tmp_path, "--drift", "1,4,16", "--json"))
    told = result.stderr.splitlines()
    assert "1 of 2 questions are asked: those whose gold text stands within one passage." in told
    assert any(one.startswith("Prompts of 16 passages are left out: “Mill” has too few") for one in told)
    answers = [one for one in map(json.loads, result.stdout.splitlines()) if "answer" in one]
    assert [(one["k"], one["place"]) for one in answers] == [(1, 1), (4, 1), (4, 2), (4, 4)]
    drift = [one["drift"] for one in map(json.loads, result.stdout.splitlines()) if "name" in one]
    places = ["alone", "front", "middle", "end"]
    assert [(one["passages"], one["place"]) for one in drift] == list(zip((1, 4, 4, 4), places, strict=True))
    assert {one["finding"] for one in drift} == {"fake/tiny: no decisive difference by place or by length"}
    assert all(one["right"]["questions"] == 1 and one["left_out"] == 0 for one in drift)
    assert drift[0]["comparisons"]
    assert all(one["words"] and not one["decisive"] for one in drift[0]["comparisons"])
    words = run("run", *options(tmp_path, "--drift", "1,4")).stdout
    assert "fake/tiny: no decisive difference by place or by length" in words
    assert drift[0]["comparisons"][0]["words"] in words
    none = run("run", *options(tmp_path, "--drift", "16"))
    assert none.exit_code == 1
    assert "So nothing is left to compare for tiny." in none.stderr


def test_what_it_will_take_is_told_before_the_first_question(server: FakeServer, tmp_path: Path) -> None:
    first = run("run", *options(tmp_path, "--repeats", "2")).stderr.splitlines()
    before = first[: next(n for n, one in enumerate(first) if one.startswith("experiment "))]
    assert "answers: 16. 8 questions × 1 candidate × 2 times." in before
    assert "time: unknown. Nothing is recorded of these candidates yet." in before
    assert (
        "At temperature 0 a model nearly always answers the same: repeats add next to nothing here." in before
    )
    again = run("run", *options(tmp_path)).stderr
    assert "tokens: 140. In and out. From 16 recorded answers of the same models." in again
    assert "repeats add" not in again


def test_a_model_that_is_not_there_is_refused_before_anything_is_asked(
    server: FakeServer, tmp_path: Path
) -> None:
    result = run("run", *options(tmp_path, "--model", "fake/nope"))
    assert result.exit_code == 1
    assert "fake has no model nope. It has tiny." in result.stderr
    assert "Nothing was asked." in result.stderr
    assert run("experiments", "--json").stdout == ""
    judged = run("run", *options(tmp_path, "--judge", "fake/nope"))
    assert "fake has no model nope." in judged.stderr


def test_a_run_in_which_every_answer_failed_has_not_passed(server: FakeServer, tmp_path: Path) -> None:
    (tmp_path / "mill.jsonl").write_text('{"question": "Q?", "answers": ["seven"]}\n')
    server.say("")
    result = run("run", *options(tmp_path))
    assert result.exit_code == 1
    assert "The only answer of fake/tiny with documents failed." in result.stderr


def test_a_run_that_was_killed_is_listed_as_interrupted(server: FakeServer, tmp_path: Path) -> None:
    run("run", *options(tmp_path))
    name = json.loads(run("experiments", "--json").stdout)["experiment"]
    database = Database.open(tmp_path / "data", upgrade=False)
    Experiments(database).set_state(name, ExperimentState.RUNNING)
    database.close()
    assert "  interrupted  " in run("experiments").stdout
    assert json.loads(run("experiments", "--json").stdout)["state"] == "interrupted"
    with DataLock.acquire(tmp_path / "data", "run"):
        assert "  running  " in run("experiments").stdout


def test_the_exit_code_follows_the_threshold(server: FakeServer, tmp_path: Path) -> None:
    good = run("run", *options(tmp_path, "--fail-under", "right=0"))
    assert good.exit_code == 0, good.output
    bad = run("run", *options(tmp_path, "--fail-under", "right=1"))
    assert bad.exit_code == 1
    assert "and 100% were wanted" in bad.stderr
    assert "tiny with documents: right" in bad.stdout


def test_the_threshold_is_for_the_candidates_with_documents() -> None:
    def below(letters: str, *candidates: Candidate) -> list[str]:
        results = results_of(experiment_of(candidates, 4), trials_of(*letters.split()))
        return missed(results, ["right=0.7"], {one.hash: one.label for one in candidates})

    assert below("rrrr wwww", given(), bare()) == [], "what they would do without is there to be compared"
    assert below("rrww rrrr", given(), bare()) == [
        "small with documents was right 50% of the time, and 70% were wanted."
    ]
    assert below("rrww", bare()) == [
        "small without documents was right 50% of the time, and 70% were wanted."
    ]


def test_a_limit_is_on_bills_and_what_the_own_machine_cost_is_told(
    server: FakeServer, tmp_path: Path
) -> None:
    result = run("run", *options(tmp_path, "--limit", "0"))
    assert result.exit_code == 0, result.output
    assert "Nobody bills these models' answers: --limit has nothing to stop." in result.stderr
    assert result.stderr.splitlines()[-1].endswith(" of your own machine so far, limit $0 on bills")
    unlimited = run("run", *options(tmp_path)).stderr
    assert "--limit" not in unlimited
    assert unlimited.splitlines()[-1].endswith(" of your own machine so far")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--fail-under", "wrong=0.5"], "is no threshold"),
        (["--fail-under", "right=70"], "is no threshold"),
        (["--limit", "much"], "is no amount of money"),
        (["--collection", "Inn"], "no collection called “Inn”"),
        (["--repeats", "0"], "between 1 and 100"),
    ],
)
def test_wrong_input_is_said_before_anything_is_asked(
    server: FakeServer, tmp_path: Path, more: list[str], words: str
) -> None:
    result = run("run", *options(tmp_path, *more))
    assert result.exit_code == 1
    assert words in result.stderr
    assert server.requests == []
    assert run("experiments").stdout == ""


def test_what_is_missing_is_named(server: FakeServer) -> None:
    result = run("run", "--collection", "Mill")
    assert result.exit_code == 1
    assert "needs --dataset and --model" in result.stderr
    unknown = run("run", "--dataset", "Nobody's", "--collection", "Mill", "--model", "fake/tiny")
    assert "no dataset and no file called “Nobody's”" in unknown.stderr


def test_bad_rows_are_named_and_nothing_is_saved(server: FakeServer, tmp_path: Path) -> None:
    (tmp_path / "mill.jsonl").write_text('{"question": "Q?"}\n{"question": "R?", "answers": ["x"]}\n')
    result = run("run", *options(tmp_path))
    assert result.exit_code == 1
    assert "1 row of mill.jsonl cannot be questions. row 1: There is no right answer" in result.stderr
    assert server.requests == []


def test_a_plan_in_toml_and_what_is_typed_goes_before_it(server: FakeServer, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(
        f'dataset = "{tmp_path / "mill.jsonl"}"\ncollection = "Mill"\nmodel = ["fake/tiny"]\n'
        'no-documents-too = true\nrepeats = 3\nname = "From a plan"\n'
    )
    result = run("run", str(plan), "--repeats", "1")
    assert result.exit_code == 0, result.output
    listed = run("experiments", "--json").stdout
    row = json.loads(listed)
    assert (row["name"], row["repeats"], len(row["candidates"])) == ("From a plan", 1, 2)
    assert "From a plan: 8 questions x 2 candidates x 1" in run("experiments").stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("models = 3", "cannot be 3"),
        ("repeats = true", "cannot be True"),
        ("k = 4.5", "cannot be 4.5"),
        ("dataset = ['a', 'b']", "cannot be"),
        ("again = 'sometimes'", "cannot be 'sometimes'"),
        ("colour = 'red'", "does not know"),
        ("= x", "must be a TOML file"),
    ],
)
def test_a_plan_that_is_none(server: FakeServer, tmp_path: Path, text: str, words: str) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(text)
    result = run("run", str(plan))
    assert result.exit_code == 1
    assert words in result.stderr


def test_everything_can_stand_in_the_plan(server: FakeServer, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(
        f'dataset = "{tmp_path / "mill.jsonl"}"\ncollection = "Mill"\nmodel = "fake/tiny"\nlimit = 0.5\n'
        'fail-under = "right=1"\njson = true\ntemperature = 0\nno-reask = true\n'
    )
    result = run("run", str(plan))
    assert result.exit_code == 1
    *answers, summary = [json.loads(one) for one in result.stdout.splitlines()]
    assert (len(answers), summary["state"]) == (8, "finished")
    assert "and 100% were wanted" in result.stderr
    assert len(server.requests) == 8


def test_a_judge_is_named_and_another_one_judges_what_is_recorded(server: FakeServer, tmp_path: Path) -> None:
    result = run("run", *options(tmp_path, "--judge", "fake/tiny", "--json"))
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert {(one["rule"], one["right"]) for one in rows[:-1]} == {("judge", None)}, "it said nothing of use"
    (summary,) = rows[-1:]
    assert (summary["judge"]["model"], summary["judge"]["said_right"]) == ("tiny", None)
    assert summary["judge"]["words"] == "The judge has said nothing yet."
    listed = json.loads(run("experiments", "--json").stdout)
    assert listed["judge"] == "fake/tiny"
    asked = len(server.requests)
    for _ in range(8):
        server.say('{"match": "yes"}')
    again = run("judge", listed["experiment"], "--by", "fake/tiny", "--json")
    assert again.exit_code == 0, again.output
    summary = json.loads(again.stdout.splitlines()[-1])
    assert summary["right"]["value"] == summary["judge"]["said_right"]["value"] == 1
    assert summary["judge"]["corrected"] is None
    assert len(server.requests) == asked + 8, "nothing but the judge was asked"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--judge", "tiny"], "--judge tiny is not BACKEND/MODEL"),
        (["judge", "nothing", "--by", "tiny"], "--by tiny is not BACKEND/MODEL"),
        (["judge", "nothing", "--by", "fake/tiny"], "is not here"),
    ],
)
def test_a_judge_that_is_none(server: FakeServer, tmp_path: Path, arguments: list[str], words: str) -> None:
    more = options(tmp_path) if arguments[0] == "run" else []
    result = run(arguments[0], *more, *arguments[1:])
    assert result.exit_code == 1
    assert words in result.stderr
    assert server.requests == []


def test_the_same_file_again_is_the_same_dataset(server: FakeServer, tmp_path: Path) -> None:
    for _ in range(2):
        assert run("run", *options(tmp_path)).exit_code == 0
    rows = [json.loads(one) for one in run("experiments", "--json").stdout.splitlines()]
    assert len({one["version"] for one in rows}) == 1
    assert {one["dataset"] for one in rows} == {"mill"}


def test_one_that_has_finished_is_asked_nothing_more(server: FakeServer, tmp_path: Path) -> None:
    run("run", *options(tmp_path))
    asked = len(server.requests)
    name = json.loads(run("experiments", "--json").stdout)["experiment"]
    result = run("run", "--resume", name)
    assert result.exit_code == 0, result.output
    assert len(server.requests) == asked
    assert run("run", "--resume", "nothing").exit_code == 1
