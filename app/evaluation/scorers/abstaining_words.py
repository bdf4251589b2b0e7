"""How it is said in English that the documents lack an answer, and short answers that say it anywhere.

One line or more for each way of saying it, as patterns in which white space means nothing and "_" stands
for a space. They are written for what models write, not for literature, and none goes across the end of a
sentence. The other languages, and what English says beside these, stand in ``abstaining_languages.py``.

Whoever changes any of them raises the versions of abstention, exact match, token F1 and both citation
measures; and that of the grounded share for ENGLISH, whose weights were fitted with it.
"""

from __future__ import annotations

import re
import unicodedata

SOURCES = (
    r"(?:the |these |those )?(?:provided |given |above |available )?"
    r"(?:passages?|documents?|texts?|contexts?|sources?|excerpts?|information)"
    r"(?: provided| given| above)?(?:\s+\d{1,3})?"
)
"""What was given to the model, as it names it in English."""

_PARTS = {
    "<sources>": SOURCES.replace(" ", "_"),
    "<papers>": r"(?:article|report|table|page|file|paragraph|section|policy|manual|plan|list|data)s?",
    "<say>": r"(?:mention|say|state|specify|indicate|tell|disclose|reveal|name|refer|clarify)",
    "<is-not>": r"\b(?:is|are|was|were)(?:n't|_not)_(?:\w+_)?",
    "<not>": r"(?:n't|_not)",
    "<adverbs>": r"(?:_(?:any|also|\w+ly))?",
}

ENGLISH = r"""
    \b<sources>\s+(?:do|does|did)<not><adverbs>_(?:<say>|contain|provide|include|give|answer|describe|
        explain|cover|discuss|address|have|list|offer|identify)\b
    |\b(?:the|this|these|those|that)_(?:\w+_){0,3}<papers>_(?:do|does|did)<not><adverbs>_<say>\b
    |<is-not>(?:mentioned|stated|specified|described|answered|addressed|discussed|indicated)_(?:in|by|
        within)_(?:any_of_)?(?:the|these)\b
    |<is-not>(?:provided|given|found|contained|included|available)_(?:in|by|from|within)_(?:any_of_
        )?<sources>\b
    |<is-not>(?:in|within|part_of|covered_(?:by|in))_(?:any_of_)?<sources>\b
    |\b(?:is|are|was|were)<not>_(?:explicitly_|specifically_|directly_|clearly_)?(?:mentioned|stated|
        specified|disclosed)\s*(?:[.,;!]|$)
    |\b(?:there_is|there's|there_are|i_have|i_found|contains?|provides?|gives?|includes?|offers?|have|
        has)_no_(?:\w+_)?(?:information|mention|answer|data|details?)\b
    |\bthere_(?:is|are)<not>_(?:any_|enough_|sufficient_)?(?:\w+_)?(?:information|mention|answer|
        details?)\b
    |\bno_(?:\w+_)?(?:information|mention|answer|details?)_(?:\w+_){0,4}(?:is|are|was|were|can_be)_
        (?:given|provided|available|found|included|contained|made)\b
    |\b(?:none_of|neither_of|nowhere_in)_<sources>\b|\bno_(?:passage|document|source|text)s?_(?:<say>|
        contain|provide|include|give|answer|describe|explain|cover|discuss|address)s?\b
    |\bi_(?:(?:do|can|could|am)<not>|cannot|can't)_(?:know|find|answer|tell|able|sure|determine|say|
        provide|help|assist|locate)\b
    |\b(?:i_am|i'm|we_are|we're)_unable_to_\w+|\bi'm_not_able_to\b|\bunable_to_(?:find|answer|determine|
        locate|provide|tell)\b
    |\b(?:not_enough|insufficient)_(?:\w+_)?(?:information|context|details?|data)\b
    |\b(?:(?:can|could)<not>|cannot|can't)_be_(?:found|answered|determined)\b
    |\b(?:is|it's|was)_(?:not|im)_?possible_to_(?:say|tell|know|answer|determine)\b
    |\blacks?_(?:the_|any_|enough_|sufficient_)?(?:\w+_)?(?:information|details?)\b|\b(?:missing|absent)_
        from_<sources>\b|\boutside_(?:of_)?the_scope_of_<sources>\b
"""
"""Tried on single sentences, too, by the grounded share."""

_WHOLE = """
desconhecido, desconocido, don't know, i do not know, i don't know, inconnu, keine
angabe, n/a, nicht angegeben, nicht bekannt, nicht erwähnt, niet genoemd, niet
vermeld, no answer, no especificado, no information, no mencionado, non mentionné,
non menzionato, non précisé, non specificato, non spécifié, not applicable, not
available, not found, not given, not in the documents, not in the passages, not
known, not mentioned, not provided, not specified, not stated, não especificado, não
mencionado, onbekend, sconosciuto, se desconoce, unanswerable, unbekannt, unknown,
не указано, неизвестно, нет данных, нет ответа, غير محدد, غير مذكور, غير معروف,
अज्ञात, उल्लेख नहीं, पता नहीं, 不明, 不明です, 記載なし, 情報なし, 該当なし, 記載されていません, わからない,
分からない, ไม่ทราบ, ไม่มีข้อมูล, ไม่ระบุ, 不知道, 不詳, 不详, 未提及, 未知, 没有答案
"""
WHOLE = frozenset(" ".join(one.split()) for one in _WHOLE.split(","))
"""Answers that say it when they are the whole answer; within a sentence they may say something else."""

CONDITION = re.compile(
    r"\b(?:if|when|whether|unless|wenn|falls|ob|si|cuando|quand|se|quando|als|wanneer|если|когда)\b|"
    r"إذا|यदि|अगर|如果|若|ถ้า|หาก",
    re.IGNORECASE,
)
"""Behind one of these the grounded share takes nothing for said; its weights were fitted with them."""


def compiled(pattern: str, sources: str = SOURCES) -> re.Pattern[str]:
    """A pattern in the form in which texts are compared; ``sources`` are the words for what was given."""
    text = pattern.replace("<src>", sources)
    for name, part in _PARTS.items():
        text = text.replace(name, part)
    return re.compile(unicodedata.normalize("NFKC", text.replace("_", r"\ ")), re.IGNORECASE | re.VERBOSE)
