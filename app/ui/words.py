"""The words of the screens: one short sentence for each measure, the same wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.domain import DECISIVE, AnswerState, DocumentState, HealthState, Judgement

_HELP: Mapping[str, str] = MappingProxyType(
    {
        # ------------------------------------------------------------ what is compared
        "document": "One file that you uploaded; the same bytes are kept only once.",
        "collection": "Documents that are searched together; the sidebar chooses another collection.",
        "pages": "How many pages it has; only a PDF's are known.",
        "passage": "A piece of a document, a few sentences long: what is searched and given to a model.",
        "candidate": "A model with its settings and with or without your documents: what gets compared.",
        "lane": "One column of the comparison: a model with its settings, with or without your documents.",
        "model": "The language model that writes the answer.",
        "model names": "Their makers’ own; 1.5b or 135m is the size, in billions or millions of numbers.",
        "embedder": "The small model that turns texts into numbers, so that similar texts can be found; "
        "it writes no answers.",
        "with documents": "Passages of your documents are found for the question and given to the model.",
        "only these documents": "Search only in the documents chosen here.",
        "local only": "Passages of this collection are only given to models on this machine.",
        "conversation": "Questions that belong together: a later one may refer to an earlier one.",
        "standalone": "The question in words that need no earlier one; this is what is searched and sent.",
        "one at a time": "The lanes answer one after the other, so that none slows another down.",
        # ------------------------------------------------------------ experiments
        "dataset": "Questions with their right answers; an experiment keeps the version that it ran on.",
        "right answers": "What counts as right; of several, any one is enough.",
        "not in the documents": "The documents do not hold the answer: right is to say so.",
        "gold document": "The document that the answer stands in, by its name.",
        "gold text": "The document's words that hold the answer; they tell the index's fault from a model's.",
        "tags": "Words to group questions by, with commas between; lang:de: the right answers are German.",
        "case language": "Of the right answers, as a code: de for German. It is kept as the tag lang:de.",
        "add to a dataset": "Keep the question with its right answer, to put it to other models later.",
        "several collections": "The models are given each in turn, so that collections can be compared.",
        "repeats": "How often each question is asked; each time with the next seed.",
        "first seed": "Each repeat of a question is asked with the next seed after this one.",
        "fair times": "One after the other none slows another down; only such times are compared.",
        "ask again": "What is not right is asked once more, to tell how the model failed.",
        "context drift": "Tells whether a model reads all of its prompt, or only its beginning and its end.",
        "drift lengths": "The right passage among the nearest others; 1 is the right passage alone.",
        "spending limit": "Nothing is begun that could bring bills above this; "
        "your own machine's cost is not in it.",
        "most often right": "The candidate with the highest share right and its interval; "
        f"it need not be {DECISIVE}.",
        "experiment right": "The share of the questions answered right; failed or empty is not right, "
        "unscored is left out.",
        "unscored": "Answers that no rule could judge: they are in no share and in no mean.",
        "not judged yet": "Answers that the judge was not asked about yet: until then they are in no share.",
        "failed answers": "No answer came, or an empty one where the documents hold none; not right.",
        "paired difference": "The first one's share minus the other's, where both were scored.",
        DECISIVE: "Chance alone would make such a difference in 5 of 100 tests at most.",
        "corrected p": "How often chance alone would do this, corrected for all comparisons: "
        f"0.05 and less is {DECISIVE}.",
        "outcome": "Right, wrong, refused (it said that the documents do not tell), failed, unscored.",
        "cause": "Why an answer is not right: the first that applies, from the index to the model.",
        "answered right": "The share right of what it answered; to abstain, or to say nothing, is no answer.",
        "abstention precision": "Of the questions on which it abstained, the share that the documents do not "
        "answer.",
        "abstention recall": "Of the questions that the documents do not answer, the share on which it "
        "abstained.",
        # ------------------------------------------------------------ recorded answers
        "imported": "It was asked elsewhere, and its answers came here in a file; Assay never asks it.",
        "recorded answer": "What the model replied; an empty one counts as not right.",
        "recorded model": "The model's usual name; each model of the file becomes a candidate of its own.",
        "recorded provider": "Whose price list applies (openai, anthropic); else told by the model's name.",
        "recorded documents": "Whether it was given your documents: yes, no, or a note in your words.",
        "recorded date": "When it answered, such as 2026-03-31: the price of that day holds; else today's.",
        "recorded repeat": "Which of several answers to the same question it is, counted from 0 or 1.",
        "recorded id": "The question's id from the table of questions; tells equal questions apart.",
        # ------------------------------------------------------------ votes
        "voter": "Any name: it keeps your votes apart from those of others, and is in the page's address.",
        "tell after voting": "Who wrote A and B is shown once you have voted, before the next pair comes.",
        "vote rating": "By blind votes: 1000 is the mean, and 400 points more win 10 times as often.",
        "votes agree": "Of two people who voted on the same pair, how often they chose the same.",
        "votes right": "Of votes where just one answer was right, the share that preferred the right one.",
        "style control": "The ratings as if all answers looked alike: length, headings, lists, bold words.",
        "flip rate": "How often the judge changed its mind when the two answers changed places.",
        "pair judge": "A model that says which of two answers is better; each pair is put to it both ways.",
        "points won": "The share of its pairs that it won; one where neither was better counts half.",
        "votes corrected": "The judge's share, moved by how far people's votes on its pairs differ from it.",
        "blind": "Lanes are called A and B, in an order by chance, until you have voted.",
        # ------------------------------------------------------------ options
        "instruction": "What the model is told to do, before the passages and the question.",
        "temperature": "How freely the model picks its words: 0 always takes the likeliest one.",
        "seed": "The start of the random choice: the same seed and settings should give the same answer.",
        "token cap": "The longest answer allowed, in tokens; about four tokens make three English words.",
        "schema": "The model must answer in a fixed form, so that its answer can be checked by program.",
        "passages given": "How many passages are found and given to the model (often called top-k).",
        "window": "How many tokens the prompt and its answer may have together.",
        # ------------------------------------------------------------ quality
        "share right": "The share of the judged questions answered right; "
        "failed or cut short is not right, stopped is left out.",
        "interval": "Where the true share lies in 95 of 100 such samples; few answers make it wide.",
        "judged": "Answers that a person marked as right or wrong; can't tell is not counted.",
        "questions judged": "Different questions that were judged; one that was asked again counts once.",
        "not right": "Answers that ended like this and bear no mark of yours: they count as not right.",
        "grounded share": "The share of the answer's sentences that the given passages support; "
        "a doubtful one counts in part.",
        "exact match": "Whether the answer is a right one and nothing else; case, signs and articles aside.",
        "token F1": "How many words the answer shares with a right one; words too many count against it.",
        "contains": "Whether a right answer stands in the answer, word for word and number for number.",
        "judge": "A model that says whether an answer matches the right one, and sometimes errs.",
        "judge's right ones": "Of the answers that you marked right, the share that the judge called right.",
        "judge's wrong ones": "Of the answers that you marked wrong, the share that the judge called wrong.",
        "judge corrected": "The judge's share once its mistakes, as your marks show them, are taken out.",
        "share copied": "The share of the answer pasted from the passages, eight words in a row or more.",
        "abstention": "Whether the answer says that the documents do not contain it; not always a fault.",
        "citation recall": "The share of sentences that cite passages and are backed by them.",
        "citation precision": "The share of the citations that back their sentence and are needed there.",
        "hit@k": "Whether the passages given to the model hold the text that the answer stands in.",
        "MRR@k": "How high up the first passage with that text was found: 1 on top, 0.5 in second place.",
        "nDCG@k": "How many of the passages with that text were found, and how high up: 1 is the best.",
        "schema validity": "Whether the answer came in the fixed form that the model was asked for.",
        "quotes anything": "The share of the answers that quote anything; the others have no quote check.",
        "measure answers": "Of how many answers the mean is; the unscored ones are not in it.",
        "quote check": "Whether what the answer puts in quotation marks stands word by word in the passages.",
        "citations": "The marks [1], [2] … that say which passage a statement comes from.",
        "similarity": "How close a passage is to the question in meaning: 1 is the same, 0 is unrelated.",
        "left out": "Passages that were found but did not fit into the prompt.",
        "schema held": "Whether the answer kept the fixed form; how often it was asked again is told.",
        "found": "Whether the model said that the documents contain the answer.",
        "mark": "Your judgement, which the share judged right is made of; "
        "an answer without text counts as not right.",
        "correct answer": "The right answer in your words, kept for checking models later.",
        # ------------------------------------------------------------ speed
        "first token": "Seconds from sending the question to the first piece of the answer.",
        "total": "Seconds from sending the question to the end of the answer.",
        "tokens per second": "How fast the answer is written; a token is about three quarters of a word.",
        "queue": "Seconds spent waiting until the server was free.",
        "load": "Seconds spent bringing the model into memory; it is not part of the answer's speed.",
        "alone": "Answers that ran alone on their machine; only their speeds are compared.",
        "sharing": "Answers made while others ran on the same machine, which slows all: not compared.",
        "median": "Half of the answers lie below it, half above.",
        "attempts": "How often the server was asked until it began to answer.",
        # ------------------------------------------------------------ tokens
        "tokens in": "The length of the prompt as the server counted it: instruction, passages, question.",
        "tokens out": "The length of the answer as the server counted it.",
        "thinking tokens": "Tokens that the model wrote for itself before its answer.",
        "cached tokens": "The part of the prompt that the server remembered from before.",
        # ------------------------------------------------------------ costs
        "cost": "What the answer cost: its tokens at the list price, or its share of your machine.",
        "cost per 1,000": "What 1,000 such answers would cost.",
        "cost per right": "What 1,000 right answers cost: all paid for answers told right or not, "
        "over the right ones.",
        "machine seconds": "The machine's seconds for an answer, over answers that ran alone.",
        "pays off": "How many questions a day make your own machine cheaper than a proprietary model.",
        "cheapest right": "Whose right answers cost least: all paid for answers told right or not, "
        "over the right ones.",
        "accurate enough": "Your own choice: the share that a model must be right on to be of use to you.",
        "margin": "Your own choice: so far behind the best another is still as good for you.",
        "no cost": "Answers whose cost is not known; they are in no mean cost.",
        "list price": "What the provider's public price list says, with its date.",
        "own prices": "Yours go before the published ones, from their date on. Earlier answers keep theirs.",
        "own provider": "As in the settings: the backend's name, or its provider, such as openai.",
        "own price model": "The name you ask it by, without a date at its end or openai/ before it.",
        "own price": "What a million tokens cost; 0 where they cost nothing.",
        "own source": "Where the price comes from; without one it is marked as assumed.",
        "own file": "Columns: provider, model, currency, input, output, cached, thinking, since, source.",
        "what if": "The tokens that were counted here, at the prices of models that were not asked.",
        "what if models": "Models of all published lists and of your own; type a part of the name.",
        "what if cached": "Off: as if the other model's server remembered no part of any prompt.",
        "basis": "Where a figure comes from: measured, listed by a source, or only assumed.",
        "watts": "The power that the machine draws while it answers.",
        "idle watts": "The power that it draws while nobody asks, counted for all hours that it is on.",
        "hours on": "Hours a day that it is on, or rented: it costs in all of these, "
        "and answers in no others.",
        "careful and hopeful": "What is assumed, worse and better for your machine; "
        "what is measured or listed stays.",
        "capacity": "How many are needed for so many questions; the next one adds its whole cost.",
        "exchange rate": "Money of another currency is told by it everywhere; without a rate it stays apart.",
        "rate's date": "The day that the exchange rate is of: it changes daily, and stays as you typed it.",
        "currency": "All money is told in this currency; other currencies by the rates that you type below.",
        "experiment of the costs": "Its answers tell the seconds and tokens of a question.",
        "own model": "Its answers tell how long your machine works on a question, "
        "and how many tokens it takes.",
        "against": "Published prices and your own, for the tokens of your machine's answers.",
        "load cost": "Bringing a model into memory takes the machine too: it is told apart and in no answer.",
        "kwh price": "What one kilowatt-hour of electricity costs you.",
        "purchase": "What the machine cost to buy; leave it empty if you rent it.",
        "residual": "What the machine can be sold for at the end of its life.",
        "life": "For how many years the machine is used.",
        "hours per day": "How many hours a day the machine works; its price is spread over these.",
        "rent": "What one hour of a rented machine costs; leave it empty if you own it.",
        "power in rent": "A list rent usually includes the power: then leave the price per kWh empty, "
        "or power counts twice.",
        "rent or purchase": "Not counted while there is a rent: empty the rent, and the purchase counts.",
        "spend": "What the answers of each day cost; answers of unknown cost are counted apart.",
        # ------------------------------------------------------------ models
        "size": "How large the model's file is.",
        "quantisation": "How coarsely the model's numbers are stored: coarser is smaller and less exact.",
        "parameters": "How many numbers the model has; more usually means better and slower.",
        "active parameters": "How many of them are used for each token (fewer in a mixture of experts).",
        "experts": "A model of many parts, few of which work on each token: large to keep, quick to compute.",
        "context": "How many tokens the model can read and write at once.",
        "loaded": "Whether the model is in memory now; if not, the first answer waits for it.",
        "digest": "A fingerprint of the model's weights; another digest is another model.",
    }
)

ANSWER_STATES: Mapping[AnswerState, str] = MappingProxyType(
    {
        AnswerState.PENDING: "being answered",
        AnswerState.COMPLETE: "complete",
        AnswerState.STOPPED: "stopped by you",
        AnswerState.FAILED: "failed",
        AnswerState.CUT_SHORT: "cut short by the token cap",
    }
)

DOCUMENT_STATES: Mapping[DocumentState, str] = MappingProxyType(
    {
        DocumentState.WAITING: "waiting",
        DocumentState.READING: "reading",
        DocumentState.SPLITTING: "splitting into passages",
        DocumentState.INDEXING: "making it searchable",
        DocumentState.SEARCHABLE: "searchable",
        DocumentState.UNREADABLE: "could not be read",
        DocumentState.NOT_FINISHED: "not finished",
    }
)

HEALTH_STATES: Mapping[HealthState, str] = MappingProxyType(
    {
        HealthState.READY: "ready",
        HealthState.ABSENT: "not set up",
        HealthState.DOWN: "not reachable",
        HealthState.WRONG: "something is wrong",
    }
)

JUDGEMENTS: Mapping[Judgement, str] = MappingProxyType(
    {Judgement.RIGHT: "Right", Judgement.WRONG: "Wrong", Judgement.CANNOT_TELL: "Can't tell"}
)

UNKNOWN = "unknown"
SEARCH_MODEL = "search model (embedder)"
"""What makes documents searchable, told apart from the models that answer."""
NOTHING_LOST = "Nothing that was saved is lost."


def lowered(sentence: str) -> str:
    """A sentence as it goes on behind a colon."""
    return sentence[:1].lower() + sentence[1:]


def help_for(name: str) -> str:
    """The sentence for a measure ("first token"). Raises KeyError for a name without one."""
    return _HELP[name]
