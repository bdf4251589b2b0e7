"""Abstentions in thirteen languages, and sentences that only look like one."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain import AnswerState, Case, PosedCase
from app.evaluation.scorers.abstaining import abstained, abstains
from app.evaluation.scorers.abstention import Abstention
from app.evaluation.scorers.citation_recall import CitationRecall
from app.evaluation.scorers.exact_match import ExactMatch
from app.evaluation.scorers.token_f1 import TokenF1
from benchmarks.abstention import LABELS, WRITTEN, load
from tests.evaluation.scorers.answers import an_answer

SAID = {
    "en": [
        "The documents do not contain it.",
        "I don't know.",
        "I do not know the answer.",
        "The passages don't mention a price.",
        "The passage does not specify when it was built.",
        "The provided text doesn't explicitly state the year.",
        "There is no information about this in the documents.",
        "This is not mentioned in the passages.",
        "I cannot answer this question.",
        "I can't find it in the documents.",
        "I'm sorry, I'm unable to find that.",
        "It cannot be determined from the passages.",
        "The documents do not provide any information about the harbour master.",
        "None of the passages mention the jackets.",
        "Not mentioned.",
        "Unknown",
        "N/A",
        "There isn't enough information to answer.",
        "The exact date is not specified.",
        "No information is provided on hotel limits abroad.",
        "It is not possible to tell from the text.",
        "The passages lack information on that.",
        "The travel policy does not mention trips abroad.",
        "The documents do not contain it. It may be 1987.",
        "The answer is not in the documents.",
        "The text does not give a price, but the mill has seven stones.",
        "I’m sorry, but I can’t help with that.",
        "The answer to the question is not found in the passages [1].",
        "Sorry, that isn't covered by the documents.",
        "I'm not sure of the exact amount.",
    ],
    "de": [
        "Die Dokumente enthalten keine Informationen darüber.",
        "Das steht nicht in den Dokumenten.",
        "Das wird im Text nicht erwähnt.",
        "Die Antwort ist in den Dokumenten nicht enthalten.",
        "Ich weiß es nicht.",
        "Ich kann diese Frage nicht beantworten.",
        "Dazu gibt es keine Angaben.",
        "Aus den Passagen geht das nicht hervor.",
        "Die Passagen enthalten die Antwort nicht.",
        "Diese Information ist im Text nicht angegeben.",
        "Die Dokumente nennen den Preis nicht.",
        "Unbekannt.",
    ],
    "es": [
        "Los documentos no contienen la respuesta.",
        "Los documentos no lo contienen.",
        "El texto no menciona el precio.",
        "No se menciona en los documentos.",
        "No lo sé.",
        "No puedo responder a esta pregunta.",
        "No hay información sobre ello.",
        "La información proporcionada no especifica la fecha.",
        "Los pasajes no indican cuándo se construyó.",
        "La respuesta no se encuentra en los documentos.",
    ],
    "fr": [
        "Les documents ne contiennent pas la réponse.",
        "Les documents ne le contiennent pas.",
        "Le texte ne mentionne pas le prix.",
        "Ce n’est pas mentionné dans les documents.",
        "Je ne sais pas.",
        "Je ne peux pas répondre à cette question.",
        "Il n'y a aucune information à ce sujet.",
        "Les passages ne précisent pas la date.",
        "La réponse ne figure pas dans les documents.",
        "Il est impossible de répondre à partir du texte.",
        "Le document n'indique pas la date.",
    ],
    "it": [
        "I documenti non contengono la risposta.",
        "I documenti non lo contengono.",
        "Il testo non menziona il prezzo.",
        "Non è menzionato nei documenti.",
        "Non lo so.",
        "Non posso rispondere a questa domanda.",
        "Non ci sono informazioni al riguardo.",
        "I passaggi non specificano la data.",
        "Il documento non indica la data.",
        "Nessuna informazione disponibile.",
    ],
    "pt": [
        "Os documentos não contêm a resposta.",
        "Os documentos não o contêm.",
        "O texto não menciona o preço.",
        "Não é mencionado nos documentos.",
        "Não sei.",
        "Não posso responder a esta pergunta.",
        "Não há informações sobre isso.",
        "As passagens não especificam a data.",
        "O documento não informa a data.",
        "A informação não está disponível nos documentos.",
    ],
    "nl": [
        "De documenten bevatten het antwoord niet.",
        "De documenten bevatten geen informatie hierover.",
        "De tekst vermeldt de prijs niet.",
        "Dit wordt niet vermeld in de documenten.",
        "Ik weet het niet.",
        "Ik kan deze vraag niet beantwoorden.",
        "Er is geen informatie over.",
        "De passages noemen de datum niet.",
        "Het antwoord staat niet in de documenten.",
    ],
    "ru": [
        "Документы не содержат ответа.",
        "В документах этого нет.",
        "В тексте не упоминается цена.",
        "В документах не указано, когда это было.",
        "Я не знаю.",
        "Я не могу ответить на этот вопрос.",
        "В отрывках нет информации об этом.",
        "Текст не содержит этой информации.",
        "Информация отсутствует.",
        "Не указано.",
    ],
    "ar": [
        "المستندات لا تحتوي على الإجابة.",
        "لا تحتوي الوثائق على هذه المعلومات.",
        "النص لا يذكر السعر.",
        "لم يتم ذكر ذلك في النص.",
        "لا أعرف.",
        "لا أعلم.",
        "لا توجد معلومات عن ذلك.",
        "لا يمكنني الإجابة على هذا السؤال.",
        "لم يذكر النص التاريخ.",
        "لا يحتوي المستند على ذلك.",
    ],
    "hi": [
        "दस्तावेज़ों में इसका उत्तर नहीं है।",
        "दस्तावेज़ में इसका उल्लेख नहीं है।",
        "मुझे नहीं पता।",
        "मुझे पता नहीं है।",
        "इस बारे में कोई जानकारी नहीं है।",
        "पाठ में कीमत का उल्लेख नहीं किया गया है।",
        "मैं इस प्रश्न का उत्तर नहीं दे सकता।",
        "जानकारी उपलब्ध नहीं है।",
    ],
    "zh": [
        "文档中没有提到。",
        "文件没有包含答案。",
        "文中未提及价格。",
        "我不知道。",
        "我无法回答这个问题。",
        "没有相关信息。",
        "段落没有提供这个信息。",
        "根据提供的资料，无法确定。",
        "文檔中沒有提到。",
        "提供的段落中没有关于此问题的信息。",
        "未提及",
        "这些文档不包含该答案。",
    ],
    "th": [
        "เอกสารไม่มีคำตอบ",
        "เอกสารไม่ได้ระบุไว้",
        "ในข้อความไม่ได้กล่าวถึงราคา",
        "ฉันไม่ทราบ",
        "ไม่สามารถตอบคำถามนี้ได้",
        "ไม่มีข้อมูลเกี่ยวกับเรื่องนี้",
        "ไม่พบข้อมูลในเอกสาร",
        "ไม่ทราบ",
    ],
    "ja": [
        "文書には記載されていません。",
        "この質問には回答できません。",
        "分かりません。",
        "本文にはそのことについて書かれていません。",
        "資料から答えが見つかりませんでした。",
        "記載なし",
    ],
}

ANSWERS = {
    "en": [
        "The document says that the ropeway does not run on Mondays.",
        "According to the passages, the contract does not contain a penalty clause.",
        "The text states that no refund is given after 14 days.",
        "The report mentions that the cause was never found.",
        "The policy does not allow flights below 900 kilometres.",
        "The document is not signed.",
        "The context menu does not open on a tablet.",
    ],
    "de": [
        "Im Text steht, dass die Bahn montags nicht fährt.",
        "Laut Dokument enthält der Vertrag keine Vertragsstrafe.",
        "Der Text sagt, dass Hunde nicht erlaubt sind.",
        "Das Dokument beschreibt, warum die Bahn nicht fährt.",
        "Die Unterlagen geben an, dass der Preis nicht erhöht wurde.",
        "Das Dokument ist nicht unterschrieben.",
    ],
    "fr": [
        "Le texte dit que le téléphérique ne circule pas le lundi.",
        "Selon le document, le contrat ne contient pas de clause pénale.",
        "Le document précise que les chiens ne sont pas admis.",
        "Le document n'est pas signé.",
        "Le passage explique pourquoi la ligne n'est pas ouverte.",
    ],
    "es": [
        "El texto dice que el teleférico no funciona los lunes.",
        "Según el documento, el contrato no contiene ninguna cláusula penal.",
        "El documento indica que los perros no están permitidos.",
        "El documento no está firmado.",
        "Según los pasajes no hay servicio los lunes.",
    ],
    "it": [
        "Il testo dice che la funivia non è in servizio il lunedì.",
        "Secondo il documento, il contratto non contiene alcuna penale.",
        "Il documento indica che i cani non sono ammessi.",
        "Il documento non è firmato.",
        "Secondo il testo non ci sono corse il lunedì.",
    ],
    "pt": [
        "O texto diz que o teleférico não funciona às segundas-feiras.",
        "Segundo o documento, o contrato não contém cláusula penal.",
        "O documento indica que cães não são permitidos.",
        "O documento não está assinado.",
        "Segundo o texto não há serviço à segunda-feira.",
    ],
    "nl": [
        "De tekst zegt dat de kabelbaan niet op maandag rijdt.",
        "Volgens het document bevat het contract geen boeteclausule.",
        "Het document vermeldt dat honden niet zijn toegestaan.",
        "Het document is niet ondertekend.",
        "In de tekst staat dat er op maandag geen kabelbaan rijdt.",
    ],
    "ru": [
        "В тексте говорится, что по понедельникам канатная дорога не работает.",
        "Согласно документу, договор не содержит штрафной оговорки.",
        "В документе указано, что с собаками не пускают.",
        "Документ не подписан.",
        "В тексте сказано, что имя поставщика не указано в накладной.",
    ],
    "zh": [
        "文件中说缆车星期一不运行。",
        "根据文件,合同不包含违约金条款。",
        "文中提到不得带狗。",
        "文件没有签字。",
        "系统无法找到文件时会显示404。",
    ],
    "ja": [
        "文書によると、ロープウェイは月曜日には運行しません。",
        "資料には、犬は入れないと書かれています。",
        "文書には署名がありません。",
        "本文では、契約に違約金の条項はないと述べられています。",
        "鍵が見つかりません。",
    ],
    "ar": [
        "يذكر النص أن التلفريك لا يعمل أيام الاثنين.",
        "وفقًا للمستند، العقد لا يتضمن شرطًا جزائيًا.",
        "المستند غير موقع.",
        "ينص المستند على أن الكلاب لا يسمح بدخولها.",
    ],
    "hi": [
        "पाठ के अनुसार रोपवे सोमवार को नहीं चलता।",
        "दस्तावेज़ में लिखा है कि कुत्तों को अनुमति नहीं है।",
        "दस्तावेज़ पर हस्ताक्षर नहीं हैं।",
    ],
    "th": [
        "เอกสารระบุว่ากระเช้าไม่ให้บริการในวันจันทร์",
        "ตามเอกสาร สัญญาไม่มีข้อกำหนดเรื่องค่าปรับ",
        "เอกสารไม่ได้ลงนาม",
    ],
}
"""They name the documents and say no; what they say is the answer."""


@pytest.mark.parametrize(
    ("language", "text"), [(code, text) for code, texts in SAID.items() for text in texts]
)
def test_what_abstains(language: str, text: str) -> None:
    assert abstains(text), language


@pytest.mark.parametrize(
    "text", ["The documents do not contain it.", "文档中没有提到。", "Ich weiß es nicht."]
)
def test_one_that_abstains_and_guesses_abstains(text: str) -> None:
    assert abstains(f"{text} Perhaps 1987 [1].")
    assert abstains(f"Perhaps 1987 [1]. {text}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1987",
        "No.",
        "None.",
        "Parking is not available in the city centre.",
        "Lunch is not provided by the company.",
        "Breakfast is not included.",
        "The mill does not turn.",
        "He did not know the answer, so he asked the miller.",
        "Nobody knows who built the mill.",
        "The policy does not cover flights below 900 kilometres.",
        "You do not have to answer.",
        "If the passages do not contain the answer, say that the documents lack it.",
        "If you do not know the answer, say that you do not know.",
        "Wenn die Dokumente keine Angaben enthalten, sage es.",
        "Das Frühstück ist nicht enthalten.",
        "Der Müller weiß es nicht.",
        "El desayuno no está incluido.",
        "Le moulin ne tourne pas.",
        "Il mulino non gira.",
        "O moinho não funciona.",
        "De molen draait niet.",
        "Мельница не работает.",
        "المطحنة لا تعمل.",
        "चक्की काम नहीं करती।",
        "他不知道水车在哪里。",
        "水车没有轮子。",
        "โรงสีไม่ทำงาน",
        "\ud800",
    ],
)
def test_what_only_looks_like_it(text: str) -> None:
    assert not abstains(text)


@pytest.mark.parametrize(
    ("language", "text"), [(code, text) for code, texts in ANSWERS.items() for text in texts]
)
def test_what_the_documents_say_is_no_abstention(language: str, text: str) -> None:
    assert not abstains(text), language


@pytest.mark.parametrize(
    "text",
    [
        "The documents do **not** contain it.",
        "Das wird in den Passagen [1] **nicht** erwähnt.",
        "El texto [2] no menciona el precio.",
        "“I don't know.”",
        'The answer: "The documents do not contain it."',
    ],
)
def test_marks_and_emphasis_hide_nothing(text: str) -> None:
    assert abstains(text)


@pytest.mark.parametrize(
    "text",
    [
        "Si parla di un museo, ma nel documento non è indicato il prezzo.",
        "When the ropeway was founded is not stated in the documents.",
        "Whether breakfast is included is not mentioned in the passages.",
        "Als AI-assistent heb ik geen toegang tot deze informatie.",
        "Als KI habe ich keine Informationen darüber.",
        "Não se menciona o preço.",
    ],
)
def test_a_condition_is_one_in_its_own_language_only(text: str) -> None:
    assert abstains(text)


def test_our_own_sentences_are_all_told_but_one() -> None:
    """Of 88 look-alikes none is taken for an abstention, and of 88 abstentions one is missed."""
    written = load(WRITTEN)
    assert {one.language for one in written} == set(SAID)
    assert [one.text for one in written if abstains(one.text) and not one.abstains] == []
    assert [one.language for one in written if one.abstains and not abstains(one.text)] == ["en"]


def test_real_answers_are_told_as_the_reader_told_them() -> None:
    labelled = load(LABELS)
    assert [one.text for one in labelled if abstains(one.text) and not one.abstains] == []
    assert sum(abstains(one.text) for one in labelled if one.abstains) >= 90


def test_a_structured_answer_says_so_itself() -> None:
    assert abstained(an_answer("The mill has seven stones.", found=False))
    assert not abstained(an_answer("The documents do not contain it.", found=True))
    assert abstained(an_answer("The documents do not contain it."))
    assert not abstained(an_answer("The mill has seven stones."))


def test_a_structured_answer_that_found_nothing_needs_no_words() -> None:
    """Models that keep to a schema leave ``answer`` empty there."""
    nothing = an_answer("", found=False)
    case = PosedCase(Case("Stones?", unanswerable=True))
    assert [one.score(case, nothing).value for one in (Abstention(), ExactMatch(), TokenF1())] == [1, 1, 1]
    assert CitationRecall().score(case, nothing).value is None
    assert Abstention().score(case, an_answer("", found=True)).value == 0
    assert Abstention().score(case, replace(nothing, state=AnswerState.CUT_SHORT)).value == 0


def test_what_people_wrote_in_documents_and_questions_is_no_abstention(shared_data: Path) -> None:
    """Real documents, human answers and questions in eight languages: none is taken for one."""
    read = [
        json.loads(one) for one in (shared_data / "dev_cut/questions.jsonl").read_text("utf-8").splitlines()
    ]
    texts = {text for one in read for text in (one["question"], *one["answers"], one.get("gold_passage", ""))}
    assert len(texts) > 400
    assert [one for one in texts if one and abstains(one)] == []


@pytest.mark.parametrize(
    "text", ["The documents ", "no information ", "文档 ", "dokument ", "не ", "نص ", "पाठ "]
)
def test_long_texts_take_no_long_time(text: str) -> None:
    began = time.process_time()
    abstains((text * 50_000)[:50_000])
    assert time.process_time() - began < 2
