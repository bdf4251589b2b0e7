"""One row of a file of recorded answers: what is told is taken as told, or refused in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.domain import Provenance, RecordedColumns, RecordedDefaults, Usage
from app.errors import NotAllowed
from app.evaluation.datasets.rows import LONGEST_QUESTION, LONGEST_TEXT, Row

LONGEST_NAME = 200
LONGEST_NOTE = 200
MOST_TOKENS = 10**9
USUAL = {
    "question": ("question", "query", "prompt", "input", "user_input"),
    "answer": ("answer", "response", "output", "completion", "prediction", "generated", "model_answer",
               "text", "content"),
    "model": ("model", "model_name", "llm", "engine"),
    "provider": ("provider", "vendor", "api"),
    "documents": ("documents", "with_documents", "given", "context_given", "rag"),
    "date": ("date", "asked_at", "created_at", "created", "timestamp", "time", "datetime"),
    "prompt_tokens": ("prompt_tokens", "input_tokens", "tokens_in", "usage_prompt_tokens"),
    "completion_tokens": ("completion_tokens", "output_tokens", "tokens_out", "usage_completion_tokens"),
    "cached_tokens": ("cached_tokens", "cached", "cache_read_tokens", "cached_input_tokens"),
    "thinking_tokens": ("thinking_tokens", "thinking", "reasoning_tokens", "reasoning"),
    "repeat": ("repeat", "run", "trial", "attempt"),
    "id": ("id", "case_id", "case", "question_id"),
}  # fmt: skip
"""Names that such columns usually have, the likeliest first."""
_UNTOLD = frozenset({"", "-", "?", "n/a", "na", "nan", "none", "null", "unknown", "not told"})
_WITH = frozenset({"yes", "true", "1", "y", "x", "with"})
_WITHOUT = frozenset({"no", "false", "0", "n", "without"})
_COUNT = re.compile(r"[0-9]+(?:\.0+)?")
_SECONDS = re.compile(r"[0-9]{10}(?:\.[0-9]+)?")
_FUTURE = timedelta(days=1)
"""So much later than now a clock elsewhere may be, and no more."""


@dataclass(frozen=True)
class Told:
    """What a row says, before it has a place. ``repeat`` as it stands there; None where it is not told."""

    number: int
    question: str
    case_id: str
    answer: str
    model: str
    provenance: Provenance
    usage: Usage
    asked_at: datetime | None
    repeat: int | None


def told_of(
    number: int, row: Row, columns: RecordedColumns, defaults: RecordedDefaults, now: datetime
) -> Told:
    """What the row says. Raises NotAllowed, whose message is the reason in words."""
    question = _text(row.get(columns.question), "the question", LONGEST_QUESTION).strip()
    case_id = _text(row.get(columns.id), "the id", LONGEST_NAME).strip()
    if not question and not case_id:
        raise NotAllowed("There is no question.")
    if row.get(columns.answer) is None:
        raise NotAllowed("There is no answer.")
    answer = _text(row.get(columns.answer), "the answer", LONGEST_TEXT)
    model = _name(row.get(columns.model), "the model") or defaults.model.strip()
    if not model:
        raise NotAllowed("It does not say which model answered.")
    provider = (_name(row.get(columns.provider), "the provider") or defaults.provider.strip()).lower()
    given = _text(row.get(columns.documents), "what was given", LONGEST_TEXT).strip() or defaults.documents
    return Told(
        number=number,
        question=question,
        case_id=case_id,
        answer=answer.strip(),
        model=model,
        provenance=Provenance(provider, *documents_of(given)),
        usage=_usage(row, columns),
        asked_at=_date(row.get(columns.date), now),
        repeat=_count(row.get(columns.repeat), "the repeat"),
    )


def documents_of(words: str) -> tuple[bool | None, str]:
    """Whether documents were given, and the note: what more the words say than yes or no.

    "with …" and "without …" tell it, too; of anything else nothing is concluded.
    """
    told = " ".join(words.split())[:LONGEST_NOTE]
    first, _, rest = told.lower().partition(" ")
    if told.lower() in _UNTOLD:
        return None, ""
    if not rest and first in _WITH | _WITHOUT:
        return first in _WITH, ""
    if told.lower() in {"with documents", "without documents", "no documents"}:
        return first == "with", ""
    return {"with": True, "without": False, "no": False}.get(first), told


def _usage(row: Row, columns: RecordedColumns) -> Usage:
    usage = Usage(
        _count(row.get(columns.prompt_tokens), "the tokens in"),
        _count(row.get(columns.completion_tokens), "the tokens out"),
        _count(row.get(columns.thinking_tokens), "the thinking tokens"),
        _count(row.get(columns.cached_tokens), "the cached tokens"),
    )
    if usage.cached is not None and usage.prompt is not None and usage.cached > usage.prompt:
        raise NotAllowed(f"It has {usage.cached:,} cached tokens of {usage.prompt:,} tokens in.")
    return usage


def _text(value: object, what: str, longest: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NotAllowed(f"A text was expected as {what}, and there is {_shown(value)}.")
    # Half a character cannot be stored, and NUL ends a text for many programs.
    text = str(value).encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
    if len(text) > longest:
        raise NotAllowed(f"The text given as {what} has {len(text):,} characters; {longest:,} are allowed.")
    return text


def _name(value: object, what: str) -> str:
    """A name on one line."""
    return " ".join(_text(value, what, LONGEST_NAME).split())


def _count(value: object, what: str) -> int | None:
    """A whole number; None where it is not told. Nothing is guessed from what is no such number."""
    if value is None or (isinstance(value, str) and value.strip().lower() in _UNTOLD):
        return None
    text = str(value).strip()
    if isinstance(value, bool) or not _COUNT.fullmatch(text) or len(text) > len(str(MOST_TOKENS)) + 8:
        raise NotAllowed(f"A whole number was expected as {what}, and there is {_shown(value)}.")
    number = int(text.partition(".")[0])
    if number > MOST_TOKENS:
        raise NotAllowed(f"{number:,} is more than can be as {what}.")
    return number


def _date(value: object, now: datetime) -> datetime | None:
    """A date as ISO 8601, or seconds since 1970 as many APIs give; UTC where it names no zone."""
    if value is None or (isinstance(value, str) and value.strip().lower() in _UNTOLD):
        return None
    text = str(value).strip()
    try:
        if _SECONDS.fullmatch(text):
            found = datetime.fromtimestamp(float(text), UTC)
        else:
            found = datetime.fromisoformat(text)
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise NotAllowed(f"A date such as 2026-03-31 was expected, and there is {_shown(value)}.") from None
    if found > now + _FUTURE:
        raise NotAllowed(f"The date {_shown(value)} lies in the future.")
    return found


def _shown(value: object) -> str:
    text = str(value)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
