"""What a judge said, as it is drawn: corrected where that can be told, and why not where it cannot."""

from __future__ import annotations

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from app.domain import (
    AnswerState,
    BackendKind,
    Candidate,
    CandidateProgress,
    CandidateResult,
    CauseProgress,
    Experiment,
    ExperimentState,
    JudgeCheck,
    JudgeProgress,
    Latest,
    RunPhase,
    RunView,
    Share,
    Spend,
)
from app.ui import judge, running
from app.ui.candidates import Offer
from app.ui.experiment_form_grid import WITHOUT, Cell, leaving
from app.ui.words import help_for
from tests.storage.examples import NOON
from tests.ui.opened import shown
from tests.ui.streamlit_markdown import read

NONE, SOME = Share(0, 0, 0.0, 1.0), Share(18, 20, 0.7, 0.97)
WHY = "To take its mistakes out takes your marks on 20 right and 20 wrong questions."
PLAIN = JudgeCheck(Share(30, 60, 0.38, 0.62), NONE, NONE, words=WHY)
KNOWN = JudgeCheck(Share(30, 60, 0.38, 0.62), SOME, SOME, 0.5, 0.312, 0.688)


def test_the_title_says_what_came_of_it() -> None:
    assert judge.title([("A", PLAIN)]) == "How often the judge errs is not known yet"
    assert judge.title([("A", KNOWN), ("B", PLAIN)]) == (
        "With the judge's mistakes taken out, A was right on 50% (31-69) of the questions it judged"
    )
    both = [("A", KNOWN), ("B", replace(KNOWN, value=0.62))]
    assert judge.title(both) == (
        "With the judge's mistakes taken out, the shares right run from 50% to 62% of the questions it judged"
    )


def test_a_row_for_each_candidate_and_what_is_not_known_is_empty() -> None:
    table = judge.table([("A", KNOWN), ("B", PLAIN)])
    assert table.rows == (
        ("A", "50% (38-62)", "90% (70-97)", "90% (70-97)", "50% (31-69)"),
        ("B", "50% (38-62)", None, None, None),
    )
    assert table.blank == "not known yet"
    assert table.help is not None
    assert table.help["Corrected"] == help_for("judge corrected")


def test_a_reason_is_said_once_for_all() -> None:
    assert judge.missing([("A", PLAIN), ("B", PLAIN)]) == [("All candidates", WHY)]
    assert judge.missing([("A", PLAIN), ("B", KNOWN)]) == [("A", WHY)]
    assert judge.missing([("A", PLAIN), ("B", replace(PLAIN, words="No."))]) == [("A", WHY), ("B", "No.")]
    assert judge.missing([("A", KNOWN)]) == []


def drawn(judged: bool) -> AppTest:
    def script(judged: bool) -> None:
        from app.domain import Candidate
        from app.ui import judge
        from tests.ui.test_judge import KNOWN, PLAIN, result

        results = [result("tiny", KNOWN), result("big", PLAIN)]
        names = {one.candidate.hash: one.candidate.model for one in results}
        judge.draw(Candidate("court", "![x](https://x.org/x)") if judged else None, results, names)

    return AppTest.from_function(script, args=(judged,), default_timeout=30).run()


def result(model: str, check: JudgeCheck) -> CandidateResult:
    return CandidateResult(Candidate("fake", model), SOME, 60, 0, 0, check)


def test_it_is_drawn_as_text_and_only_where_there_was_a_judge() -> None:
    page = drawn(judged=True)
    assert not page.exception
    told = [read(one.value) for one in (*page.markdown, *page.caption)]
    assert any("tiny was right on 50% (31-69) of the questions it judged" in one.text for one in told)
    assert not any(one.found or one.links for one in told), "a model's name loads nothing"
    assert len(page.dataframe) == 1
    assert shown(drawn(judged=False)) == ""


# ----------------------------------------------------------------- while it runs, and before


def a_view(phase: RunPhase, done: int, unjudged: int, **more: object) -> RunView:
    experiment = Experiment(
        "E",
        "First",
        "D",
        "Mill",
        "V",
        (Candidate("fake", "tiny"),),
        1,
        6,
        NOON,
        judge=Candidate("court", "s"),
    )
    made = RunView(
        replace(experiment, state=ExperimentState.STOPPED),
        (CandidateProgress(done, 0, 6, 0, unjudged),),
        Spend({}, 0),
        phase=phase,
        judged=JudgeProgress(done - unjudged, done),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_run_says_that_it_judges_and_what_is_left_to_judge() -> None:
    judging = a_view(RunPhase.JUDGING, 6, 4, busy=True, asking=2)
    assert running.progress_words(judging) == "6 of 6 answers, 2 of 6 judged, time left not known yet"
    assert running.doing_words(judging).startswith("Judging 2 at once")
    stopped = a_view(RunPhase.ASKING, 6, 4)
    assert running.left_words(stopped) == "4 left to judge"
    assert running.todo(stopped) == "Resume to have the rest judged: nothing is judged twice."
    assert running.left_words(a_view(RunPhase.ASKING, 2, 2)) == "4 answers left"
    latest = Latest(0, "Who?", AnswerState.COMPLETE, None, unjudged=True)
    assert running.latest_words(latest) == "not judged yet"


def test_at_the_limit_it_is_said_how_to_go_on_whatever_is_left() -> None:
    def told(view: RunView) -> tuple[str, str]:
        limited = replace(view.experiment, state=ExperimentState.AT_LIMIT)
        return running.left_words(view), running.todo(replace(view, experiment=limited))

    raised = "Raise the limit here below, then resume"
    asking, judging = a_view(RunPhase.ASKING, 2, 2), a_view(RunPhase.ASKING, 6, 4)
    causes = a_view(RunPhase.ASKING, 6, 0, causes=CauseProgress(2, 5))
    assert told(asking) == ("4 answers left", f"{raised}: nothing that was answered is asked again.")
    assert told(judging) == ("4 left to judge", f"{raised}: nothing is judged twice.")
    assert told(causes) == ("3 causes left", f"{raised}: no answer is asked for anew.")
    assert told(a_view(RunPhase.ASKING, 6, 0)) == ("", "")


def test_a_finished_one_whose_answers_wait_for_the_judge_says_so() -> None:
    view = a_view(RunPhase.ASKING, 6, 4)
    finished = replace(view, experiment=replace(view.experiment, state=ExperimentState.FINISHED))
    assert running.is_open(finished)
    assert running.why(finished) == "4 answers wait for the judge."
    assert running.todo(finished) == "Resume to have the rest judged: nothing is judged twice."
    judged = a_view(RunPhase.ASKING, 6, 0)
    assert not running.is_open(
        replace(judged, experiment=replace(judged.experiment, state=ExperimentState.FINISHED))
    )


def test_of_one_that_was_run_elsewhere_it_is_said_what_is_missing() -> None:
    words = running.elsewhere_words(a_view(RunPhase.ASKING, 4, 1, elsewhere=True))
    assert words == (
        "This experiment was read from a file, with 2 answers missing and 1 answer not judged yet. It is "
        "neither asked nor judged here, since that would not compare with the rest."
    )


def test_answers_made_from_passages_leave_with_a_judge_elsewhere() -> None:
    here = Offer("fake", "tiny", BackendKind.OLLAMA, "127.0.0.1", local=True)
    far = Offer("far", "solomon", BackendKind.OPENAI, "far.example", local=False)
    cells = [Cell(here, "c"), Cell(here, WITHOUT)]
    assert leaving(cells) == leaving(cells, here) == []
    assert leaving(cells, far) == [("c", "far.example")]
    assert leaving(cells[1:], far) == []
