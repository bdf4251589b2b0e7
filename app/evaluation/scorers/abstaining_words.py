"""How it is said, in several languages, that the documents lack an answer.

One line or more for each way of saying it, as patterns in which white space means nothing and "_" stands
for a space. All are tried on every text, since a model may answer in another language than it was asked
in. They are written for what models write, not for literature, and none goes across the end of a sentence.

Whoever changes them raises the versions of abstention, exact match, token F1 and both citation measures;
and that of the grounded share for ENGLISH.
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

OTHERS = {
    # Said of a guess in the same sentence, too: what such a sentence states is checked all the same.
    "en": r"\bi(?:'m|_am)_not_(?:\w+_)?(?:sure|certain|aware)\b",
    "de": r"""
        \bkeine?n?r?_(?:\w+_)?(?:information(?:en)?|angaben?|auskunft|antwort|hinweise?|erwähnung)\b
        |\b(?:dokument|text|passage|abschnitt|auszüg|quelle|kontext|unterlage|artikel|
            textstelle)\w*[^.!?\n]{0,60}\b(?:nicht|nichts|nirgends)\b[^.!?\n]{0,30}(?:enthalten|erwähnt|
            genannt|angegeben|beantwortet|hervor|gesagt|beschrieben|zu_finden|gefunden|steht)
        |\b(?:dokumente?|texte?|passagen?|abschnitte?|auszüge|quellen?|kontext|unterlagen|artikel)_
            (?:\w+_)?(?:enthält|enthalten|erwähnt|erwähnen|nennt|nennen|sagt|sagen|gibt|geben|beantwortet|
            beantworten|liefert|liefern)\b[^.!?\n]{0,60}\b(?:nicht|nichts|keine?n?)\b
        |\bnicht_(?:aus|in)_(?:den|dem|der|diesen)_(?:\w+_)?(?:dokument|text|passage|abschnitt|auszüg|
            quelle|unterlage)\w*
        |\b(?:wird|werden|ist|sind|wurde)_(?:\w+_){0,4}nicht_(?:erwähnt|angegeben|genannt)\b
        |\bich_(?:weiß|weiss)_(?:es_|das_|die_antwort_)?(?:leider_)?nicht\b|\b(?:das|es)_weiß_ich_
            (?:leider_)?nicht\b|\bich_kann_(?:\w+_){0,5}nicht_(?:\w+_)?(?:beantworten|sagen|finden|
            bestimmen|helfen|ermitteln)\b|\b(?:lässt|läßt)_sich_(?:\w+_){0,6}nicht_(?:beantworten|sagen|
            bestimmen|ermitteln|entnehmen)\b
    """,
    "es": r"""
        \b(?:documentos?|pasajes?|textos?|fragmentos?|contexto|fuentes?|información|artículo)\b(?:_
            \w+){0,3}_no_(?:se_|lo_|la_)?(?:contiene|menciona|indica|especifica|proporciona|dice|incluye|
            responde|ofrece|da|señala|hace|aporta|revela|tiene)n?\b
        |\bno_(?:se_|lo_)?(?:menciona|indica|especifica|proporciona|encuentra|dice|aparece|figura|está|
            están)n?\b[^.!?\n]{0,50}\b(?:en|por)_(?:el|los|las|la|estos|ningun[oa])_(?:de_)?(?:\w+_
            )?(?:documentos?|pasajes?|textos?|fragmentos?|contexto|fuentes?|artículo)\b
        |\bno_se_(?:menciona|especifica|indica|proporciona)n?\b
        |\bno_(?:hay|existe|tengo|contienen?|se_encontró|he_encontrado|encontré|encuentro|proporcionan?)_
            (?:\w+_)?(?:información|mención|datos|respuesta|referencias?|la_respuesta)\b
        |\bno_(?:lo_)?sé\b(?!_si)|\bno_(?:puedo|es_posible|se_puede)_(?:responder|encontrar|determinar|
            saber|contestar|ayudar)\w*|\binformación_insuficiente\b
    """,
    "fr": r"""
        \b(?:documents?|passages?|textes?|extraits?|contexte|sources?|informations?|article)\b(?:_
            \w+){0,3}_n(?:e_|')(?:le_|la_|l'|en_|y_)?(?:contien|mentionn|précis|indiqu|fourni|di[ts]|donn|
            répond|permet|expliqu|évoqu|parl|comport|inclu|spécifi|offr)\w*_(?:\w+_)?(?:pas|aucune?|rien)\b
        |\bn(?:e_|')(?:est|sont|a_été|ont_été)_(?:\w+_)?(?:pas|nulle_part)_(?:\w+_)?(?:mentionn|précis|
            indiqu|spécifi|évoqu)\w*|\bn(?:e_|')(?:est|sont|figure\w*|apparai\w*)_(?:pas|nulle_part)_(?:\w+_
            ){0,2}dans_(?:les?|la|ces)_(?:documents?|passages?|textes?|extraits?|contexte|sources?)\b
        |\b(?:aucune|pas_d'|pas_assez_d'|pas_suffisamment_d')\s?(?:information|mention|réponse|
            indication)s?\b
        |\bje_n(?:e_|')(?:le_)?(?:sais|peux|trouve|connais|suis|ai)_pas_(?:la_réponse|répondre|trouver|
            trouvé|en_mesure|de_réponse|cette_information|[.,!]|$)|\bje_ne_sais_pas\b|\bje_ne_peux_pas_
            (?:\w+_)?répondre\b
        |\b(?:il_est_|est_)?impossible_de_(?:répondre|déterminer|savoir|le_dire)\b|\bil_n'est_pas_
            possible_de_(?:répondre|déterminer|savoir)\b
    """,
    "it": r"""
        \b(?:document[oi]|test[oi]|passagg(?:io|i)|bran[oi]|contesto|font[ei]|estratt[oi]|informazioni|
            articolo)\b(?:_\w+){0,3}_non_(?:lo_|la_|ne_)?(?:conten|contien|menzion|indic|specific|fornisc|
            dic|riport|rispond|precis|offr|spieg)\w*
        |\bnon_(?:è|viene|sono|vengono|è_stato|è_stata)_(?:\w+mente_)?(?:menzionat|specificat|indicat|
            riportat|precisat)[oaie]\b
        |\bnon_(?:ci_sono|c'è|è_presente|sono_presenti|ho|trovo|ho_trovato|contien\w+|conten\w+|
            fornisc\w+)_(?:\w+_)?(?:informazion|menzion|rispost|dettagli)\w*|\bnessuna_(?:informazione|
            menzione|risposta)\b
        |\bnon_(?:lo_)?so\b|\bnon_(?:posso|riesco_a|sono_in_grado_di|è_possibile)_(?:rispondere|trovare|
            determinare|stabilire|sapere|aiutar\w+)
    """,
    "pt": r"""
        \b(?:documentos?|passage(?:m|ns)|textos?|trechos?|contexto|fontes?|informações|artigo)\b(?:_
            \w+){0,3}_não_(?:o_|a_)?(?:cont[éê]m|menciona|indica|especifica|fornece|diz|dizem|inclu|
            apresenta|informa|responde|traz|revela|cita|dá|dão)\w*
        |\bnão_(?:é|são|foi|foram|está|estão|há)_(?:\w+mente_)?(?:mencionad|especificad|indicad|
            informad)[oa]s?\b
        |\bnão_(?:está|estão|se_encontra|consta|constam|aparece)_(?:\w+_)?(?:n[oa]s?|nest[ea]s?)_(?:\w+_
            )?(?:documento|passage|texto|trecho|contexto|fonte)\w*
        |\bnão_(?:há|existem?|existe|tenho|encontrei|contêm|contém|fornecem?|foi_encontrada)_(?:\w+_
            )?(?:informaç|menç|dados|respost|referênci)\w*|\bnenhuma_(?:informação|menção|resposta)\b
        |\bnão_(?:o_)?sei\b|\bnão_(?:posso|consigo|é_possível|pude)_(?:\w+_)?(?:responder|encontrar|
            determinar|saber|ajudar|afirmar)\b
    """,
    "nl": r"""
        \b(?:document(?:en)?|tekst(?:en)?|passages?|fragment(?:en)?|bron(?:nen)?|context|informatie|
            artikel)\b(?:_\w+){0,3}_(?:bevat|vermeld|noem|gee[fv]|zeg|staat|staan|beantwoord|bied|beschrij|
            specifice)\w*\b[^.!?\n]{0,50}\b(?:geen|niets?|nergens)\b
        |\b(?:niet|nergens)_(?:\w+_)?(?:vermeld|genoemd|gespecificeerd|aangegeven)\b
        |\b(?:staat|staan|is|zijn|wordt|komt)\b(?:_\w+){0,5}_(?:niet|nergens)_in_(?:de|het|deze)_(?:\w+_
            )?(?:document|tekst|passage|fragment|bron)\w*
        |\b(?:geen|onvoldoende)_(?:\w+_)?(?:informatie|antwoord|vermelding)\b
        |\bik_(?:weet|kan|kon)\b(?:_\w+){0,5}_niet\b(?:_(?:beantwoorden|vinden|zeggen|bepalen|helpen)|
            \s*[.,!]|$)
    """,
    "ru": r"""
        \b(?:документ|отрыв|текст|фрагмент|источник|контекст|материал|стать|информаци)\w*(?:_\w+){0,3}_
            не_(?:содерж|упомина|указ|говор|сообща|привод|да[её]т|дают|отвеча|позволя)\w*
        |\bне_(?:указан|упомян|упомина|сообща|говорит|сказан|уточня|
            привод)\w*[^.!?\n]{0,40}\b(?:документ|отрыв|текст|фрагмент|источник|контекст|материал|стать)\w*|
            \b(?:документ|отрыв|текст|фрагмент|источник|контекст|материал|стать)\w*[^.!?\n]{0,60}\bне_
            (?:указан|упомян|упомина|сообща|говорит|сказан|уточня|привод|найден|содерж)\w*
        |\bв_(?:\w+_)?(?:документ|отрыв|текст|фрагмент|источник|материал|стать)\w*(?:_\w+){0,2}_нет\b
        |\bнет_(?:\w+_){0,2}(?:информации|сведений|данных|ответа|упоминани\w+)\b|\b(?:информаци|сведени|
            данны|ответ|упоминани)\w*(?:_\w+){0,5}_отсутству\w+|\bотсутству\w+_(?:\w+_)?(?:информаци|
            сведени|данны|ответ|упоминани)\w*|\bнедостаточно_(?:информации|данных|сведений)\b
        |\bя_(?:этого_)?не_(?:знаю|могу|наш[её]л|нашла)\b|^\s*не_знаю\b|\bневозможно_(?:\w+_
            )?(?:определить|ответить|установить|сказать)\b|\bне_удалось_найти\b
    """,
    "ar": r"""
        (?:مستند|وثائق|وثيقة|نص|نصوص|مقطع|مقاطع|فقرة|فقرات|سياق|مصادر|معلومات)\w*(?:_\w+){0,3}_(?:لا|
            لم)_[تي](?:حتوي|ذكر|شير|وضح|تضمن|قدم|وفر|حدد|رد|جيب)\w*
        |\bلا_[تي](?:حتوي|ذكر|شير|وضح|تضمن|قدم|وفر|حدد|جيب)_(?:هذه_|هذا_|أي_)?(?:ال)?(?:مستند|وثائق|
            وثيقة|نص|نصوص|مقطع|مقاطع|فقرة|فقرات|سياق|مصادر)\w*
        |\b(?:لا|لم)_[تي](?:وجد|توفر|توافر|رد|ذكر|تم)\b(?:_\w+){0,3}_(?:ال)?(?:معلومات|إجابة|ذكر|بيانات|
            تفاصيل)\w*|\bلم_(?:يتم_ذكر|يذكر|تذكر|يرد_ذكر|أجد)\b
        |\bلا_(?:أعرف|أعلم|أدري|أستطيع|يمكنني|يمكن_(?:تحديد|الإجابة|معرفة))\b|\bغير_(?:مذكور|محدد|موجود|
            متوفر|وارد)ة?_في\b
    """,
    "hi": r"""
        (?:दस्तावेज|पाठ|अंश|अनुच्छेद|लेख|संदर्भ|स्रोत|गद्यांश|परिच्छेद|पैसेज|
            डॉक्यूमेंट)[^।.!?\n]{0,80}नहीं
        |(?:जानकारी|उल्लेख|उत्तर|जवाब|सूचना|विवरण)(?:_[^\s।.!?]+){0,5}_नहीं|(?:कोई|पर्याप्त)_
            (?:[^\s।.!?]+_)?(?:जानकारी|उल्लेख|उत्तर|सूचना)_नहीं
        |मुझे_(?:यह_|इसका_|इसके_बारे_में_|उत्तर_)?(?:नहीं_पता|पता_नहीं|नहीं_मालूम|मालूम_नहीं)|मैं_
            (?:[^\s।.!?]+_){0,6}(?:नहीं_जानता|नहीं_जानती|नहीं_दे_सकता|नहीं_दे_सकती|नहीं_बता_सकता)|नहीं_
            बताया_गया|निर्दिष्ट_नहीं
    """,
    "zh": r"""
        (?:文[档檔件中章本]|段落|[资資]料|材料|上下文|原文|[来來]源|片段|[内內]容|上述|提供的)[^。！？\n]{0,30}(?:[没沒]有|并?未|並未|不|无|無)(?:有|
            能|明确|明確|直接|具体|具體|任何|中)*(?:提到|提及|[说說]明|包含|包括|[给給]出|提供|回答|[记記][载載]|涉及|指出|[说說]|[关關]于|答案|[信訊資][息訊]|
            相[关關])
        |(?:[没沒]有|缺乏|缺少|未找到|找不到|[无無])(?:足够|足夠|任何|相[关關]|有[关關]|具体|具體|的|[关關]于[^。！？\n]{0,20})*(?:信息|
            [资資][讯訊料]|答案|提及|[记記][载載])
        |(?:我|^\s*)不(?:知道|清楚|确定|確定)|[无無]法(?:从[^。！？\n]{0,20}|從[^。！？\n]{0,20}|根据[^。！？\n]{0,20}|準確|
            准确)?(?:回答|确定|確定|得知|判断|判斷|找到|知道|提供)|(?<!从)未(?:被)?(?:提及|提到|[说說]明|[给給]出)
    """,
    "th": r"""
        (?:เอกสาร|ข้อความ|เนื้อหา|บริบท|บทความ|ข้อมูล)[^.!?\n]{0,40}(?:ไม่ได้(?:ระบุ|กล่าวถึง|กล่าว|บอก|
            ให้|มี)|ไม่มี(?:ข้อมูล|คำตอบ|การ)|ไม่ระบุ|ไม่พบ|ไม่เพียงพอ)
        |ไม่(?:มี|พบ)(?:ข้อมูล|คำตอบ)|ไม่ได้(?:ระบุ|กล่าวถึง)(?:ไว้)?ใน
        |(?:ฉัน|ผม|เรา|ดิฉัน|ข้าพเจ้า|^\s*)ไม่(?:ทราบ|รู้|แน่ใจ)|ไม่สามารถ(?:ตอบ|ระบุ|หา|ค้นหา|บอก|
            ให้คำตอบ)
    """,
}
"""By the language's code."""

_WHOLE = """
desconhecido, desconocido, don't know, i do not know, i don't know, inconnu, keine angabe, n/a,
nicht angegeben, nicht bekannt, nicht erwähnt, niet genoemd, niet vermeld, no answer, no
especificado, no information, no mencionado, non mentionné, non menzionato, non précisé, non
specificato, non spécifié, not applicable, not available, not found, not given, not in the
documents, not in the passages, not known, not mentioned, not provided, not specified, not stated,
não especificado, não mencionado, onbekend, sconosciuto, se desconoce, unanswerable, unbekannt,
unknown, не указано, неизвестно, нет данных, нет ответа, غير محدد, غير مذكور, غير معروف, अज्ञात,
उल्लेख नहीं, पता नहीं, ไม่ทราบ, ไม่มีข้อมูล, ไม่ระบุ, 不知道, 不詳, 不详, 未提及, 未知, 没有答案
"""
WHOLE = frozenset(" ".join(one.split()) for one in _WHOLE.split(","))
"""Answers that say it when they are the whole answer; within a sentence they may say something else."""

CONDITION = re.compile(
    r"\b(?:if|when|whether|unless|wenn|falls|ob|si|cuando|quand|se|quando|als|wanneer|если|когда)\b|"
    r"إذا|यदि|अगर|如果|若|ถ้า|หาก",
    re.IGNORECASE,
)
"""Behind one of these nothing is said: a model may repeat its instruction ("If the passages do not …")."""


def compiled(*patterns: str) -> re.Pattern[str]:
    """All of them as one, in the form in which texts are compared."""
    text = "|".join(patterns)
    for name, part in _PARTS.items():
        text = text.replace(name, part)
    return re.compile(unicodedata.normalize("NFKC", text.replace("_", r"\ ")), re.IGNORECASE | re.VERBOSE)
