"""Plans a workspace full of faults, and says what the cause of each answer must be. Imports nothing of Assay.

A plan has documents, questions, a geometry and manners. The geometry are the vectors of questions and
passages: each question has a direction of its own, and every passage the cosine to it that the plan wants, so
that the plan knows in which place an exact search has each passage. A manner is how a scripted model answers.
What must come out (``cause``) follows from what was planned, by the rows of METRICS' table in their order.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from fpdf import FPDF
from numpy.typing import NDArray

PLAN, GEOMETRY, DOCUMENTS = "plan.json", "geometry.npz", "documents"
CROWD = 72
"""Passages that are near every question, and have no answer to any."""
TOP = 50
NEVER = 10_000
"""The place of a passage that is never returned."""
REST = 192
"""Dimensions in which passages differ that are equally far from all questions."""
NEAREST, FIRST, LAST = 0.5, 0.05, 0.01
"""Cosines: of gold in the first place, and of the crowd from its first to its last."""
DECOY = 0.7
IMPOSTOR = 0.9
IN_A_DOCUMENT, IN_A_CROWD = 12, 60
APART = 3
"""So many cases of a candidate lie at least between two that fail: five in a row would end the run."""


@dataclass(frozen=True)
class Who:
    """A candidate: ``k`` passages are searched for (0: no documents), and ``fits`` of them have room."""

    k: int
    fits: int = NEVER
    temperature: float = 0.0
    schema: bool = False

    @property
    def given(self) -> int:
        """How many passages it is given."""
        return min(self.k, self.fits)


CANDIDATES: Mapping[str, Who] = {
    "steady": Who(4, temperature=0.7),
    "narrow": Who(8, fits=3),
    "strict": Who(8, schema=True),
    "closed": Who(0),
}
K = sorted({one.k for one in CANDIDATES.values() if one.k})
NO_ROOM = CANDIDATES["narrow"].fits
IMPOSTORS = (5, K[-1])

# What a case has to be made into the cause of that name; what others make of it, ``cause`` says.
OF_THE_CASE = (
    "invented",
    "cannot be told",
    "not in the collection",
    "not read",
    "given elsewhere",
    "not indexed",
    "missed by the index",
    "missed by the embedder",
    "ranked too low",
    "did not fit",
)
OFTEN_RIGHT = ("invented", "cannot be told")
OF_THE_MODEL = {
    "refused": "refuses",
    "cut short": "is cut short",
    "not repeatable": "wrong once",
    "distracted": "is distracted",
    "model wrong": "is wrong",
    "failed": "fails",
}
SOUND = "sound"
LEFT_TO_CHANCE = ("honest", "shy", "is wrong", "refuses", "is cut short", "is distracted")
"""Manners in a case where something else is wrong, too: an honest model guesses what it was not given, a shy
one abstains."""
GONE = ("not in the collection", "not read")
SECONDS: Mapping[str, tuple[str, ...]] = {
    "not in the collection": ("near", "not read"),
    "not read": ("near", "far"),
    "not indexed": ("near", "far"),
    "missed by the index": ("near", "far"),
    "missed by the embedder": ("near",),
    "ranked too low": ("near",),
    "did not fit": ("near",),
    SOUND: ("near",),
}
"""Every other case of these needs two texts. What the second one is: nearest of all, at the place FAR, or
blanked. By that it adds no cause that is not there, or one of a later row, which must not win."""
FAR = 65
NEARER = 0.6
"""The cosine of a second text that is nearest of all."""
CLOSED = ("knows", "is wrong", "is wrong", "is wrong", "is wrong", "refuses", "refuses", "fails")
OFTEN = 3
"""So much more often than another a model that may be asked the same again is wrong once: only it can be."""


@dataclass
class Second:
    """Another text that the answer needs, without the answer; places as in ``Planned``.

    ``before``: whether the dataset names it before the other one.
    """

    what: str
    text: str
    exact: int
    indexed: int
    before: bool


@dataclass
class Planned:
    """A case and what is wrong with it.

    ``text`` has the answer; ``gold`` is what the dataset names: documents with it and the ``second``.
    ``exact`` is the place of its gold passage by exact search, ``indexed`` that in the index; both count a
    ``decoy`` (a passage elsewhere that has the answer), which is always in the first place. ``kind`` is that
    of its document: "kept", "gone" (it will be deleted), or "scan" (pictures alone, so that it is refused).
    """

    number: int
    fault: str
    question: str
    answer: str
    wrong: str
    text: str = ""
    gold: list[tuple[str, str]] = field(default_factory=list)
    exact: int = 1
    indexed: int = 1
    decoy: bool = False
    kind: str = "kept"
    second: Second | None = None
    manners: dict[str, str] = field(default_factory=dict)
    causes: dict[str, str] = field(default_factory=dict)

    @property
    def places(self) -> list[tuple[int, int]]:
        """Of each gold text: by exact search, and in the index."""
        return [(one.exact, one.indexed) for one in (self, self.second) if one]

    @property
    def unanswerable(self) -> bool:
        """Whether no document has the answer."""
        return self.fault == "invented"


@dataclass
class Written:
    """A passage to be: its text with a code by which it is known, and its cosines by question."""

    code: str
    text: str
    cosines: dict[int, float] = field(default_factory=dict)
    scanned: bool = False


Bound = tuple[Planned, str, Written]
"""A case, a gold text of it, and the passage that holds that."""


@dataclass
class World:
    """What is written to the disk. ``damage`` are the orders for ``damage.py``."""

    seed: int
    cases: list[Planned] = field(default_factory=list)
    documents: dict[str, list[Written]] = field(default_factory=dict)
    damage: list[dict[str, object]] = field(default_factory=list)


# --------------------------------------------------------------------------- what must come out


def is_right(case: Planned, name: str) -> bool:
    """Whether the answer is right, so that there is no cause; of "wrong once" all but the first are, too."""
    who, manner = CANDIDATES[name], case.manners[name]
    if case.unanswerable:
        return manner in {"shy", "refuses"}
    if not who.k:
        return manner == "knows"
    return manner in {"honest", "shy"} and case.indexed <= who.given


def cause(case: Planned, name: str) -> str:
    """What must be found: "" for a right answer, else the first row that holds (METRICS)."""
    who, manner = CANDIDATES[name], case.manners[name]
    given = all(indexed <= who.given for _, indexed in case.places)
    lost = [exact for exact, indexed in case.places if indexed > who.k]
    rows = (
        ("", is_right(case, name)),
        ("failed", manner == "fails"),
        ("invented", case.unanswerable),
        ("no documents given", not who.k),
        ("cannot be told", case.fault == "cannot be told"),
        ("not in the collection", case.fault == "not in the collection"),
        ("not read", case.fault == "not read"),
        ("given elsewhere", not given and (case.decoy or case.indexed <= who.given)),
        ("not indexed", case.fault == "not indexed"),
        ("missed by the index", any(exact <= who.k for exact in lost)),
        ("missed by the embedder", any(exact > TOP for exact in lost)),
        ("ranked too low", bool(lost)),
        ("did not fit", not given),
        ("refused", manner == "refuses"),
        ("cut short", manner == "is cut short"),
        ("not repeatable", manner == "wrong once"),
        ("distracted", manner == "is distracted"),
        ("model wrong", True),
    )
    return next(row for row, holds in rows if holds)


# --------------------------------------------------------------------------- words


class Chance:
    """Words that no other text has, and plain ones to put around them."""

    FIRST = ("Ba", "Cor", "Del", "Fen", "Gar", "Hul", "Jor", "Kel", "Lom", "Mir", "Nor", "Pel", "Tas", "Vor")
    MIDDLE = ("ba", "do", "fi", "gu", "ka", "le", "mo", "nu", "pa", "ri", "so", "tu", "ve", "zi")
    LAST = ("dan", "fel", "gorn", "lix", "mard", "nop", "quin", "rast", "sku", "tolm", "wend", "zar")
    PLAIN = (
        *("barn", "bell", "boat", "bread", "bridge", "broom", "candle", "cart", "cellar", "chalk", "cheese"),
        *("chimney", "clay", "cloth", "coal", "copper", "cord", "corn", "crate", "creek", "ditch", "door"),
        *("dust", "fence", "field", "fire", "flour", "forge", "garden", "gate", "glass", "grain", "gravel"),
        *("hammer", "harbour", "hay", "hedge", "hill", "honey", "horse", "house", "iron", "kettle", "ladder"),
        *("lamp", "leather", "linen", "loft", "market", "meadow", "mill", "mortar", "nail", "oak", "oats"),
        *("orchard", "oven", "path", "pear", "pipe", "plank", "plough", "pond", "rain", "reed", "river"),
        *("road", "roof", "rope", "saddle", "salt", "sand", "sheep", "shelf", "slate", "smoke", "soap"),
        *("spade", "stable", "stair", "stone", "stove", "straw", "table", "tar", "thatch", "timber"),
        *("tower", "valley", "wagon", "wall", "well", "wheat", "wheel", "willow", "wind", "wool", "yard"),
    )

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._used: set[str] = set()
        self._codes = 0

    def name(self) -> str:
        """A word that nothing else in this plan has."""
        while True:
            parts = (self.random.choice(one) for one in (self.FIRST, self.MIDDLE, self.MIDDLE, self.LAST))
            word = "".join(parts)
            if word not in self._used:
                self._used.add(word)
                return word

    def plain(self, count: int) -> str:
        """So many ordinary words."""
        return " ".join(self.random.choices(self.PLAIN, k=count))

    def passage(self, sentence: str, cosines: dict[int, float] | None = None) -> Written:
        """A passage with that sentence between others, in 37 to 47 words and as many characters as fit."""
        self._codes += 1
        code = f"K{self._codes:04}"
        before, after = self.plain(self.random.randint(9, 12)), self.plain(self.random.randint(9, 12))
        return Written(code, f"Entry {code}. The {before}. {sentence} The {after}.", cosines or {})

    def gold(self, subject: str, answer: str) -> str:
        """A sentence that says it, in words of its own."""
        said = self.random.choice(("carries", "is known for", "was painted as", "bears", "stands under"))
        return f"Beside the {self.plain(4)} {subject} {said} {answer}, {self.plain(5)}."


# --------------------------------------------------------------------------- making it


def plan(seed: int, faults: Sequence[str]) -> World:
    """A workspace with a case for each of the faults, in a random order."""
    chance, world = Chance(seed), World(seed)
    drawn = list(faults)
    chance.random.shuffle(drawn)
    levels = np.linspace(FIRST, LAST, CROWD)
    crowd = [chance.passage(f"Nobody near the {chance.plain(12)} knew.") for _ in range(CROWD)]
    golds: dict[str, list[Bound]] = {"gone": [], "kept": [], "scan": []}
    seen: Counter[str] = Counter()
    loose: list[Written] = []
    for number, fault in enumerate(drawn):
        case = _case(chance, number, fault)
        if fault in SECONDS and seen[fault] % 2:
            _needs_two(chance, case, seen[fault] // 2)
        seen[fault] += 1
        world.cases.append(case)
        places = chance.random.sample(range(CROWD), CROWD)
        for level, place in zip(levels, places, strict=True):
            crowd[place].cosines[number] = float(level)
        if not case.unanswerable:
            gold = _gold(chance, case, levels)
            loose += _around(chance, world, case, gold)
            golds[case.kind].append((case, case.text, gold))
            if case.second:
                golds["kept"].append((case, case.second.text, _second(chance, world, case, levels)))
    for kind, pairs in golds.items():
        _bind(chance, world, kind, pairs)
    for start in range(0, len(crowd + loose), IN_A_CROWD):
        world.documents[f"crowd-{start // IN_A_CROWD}.txt"] = (crowd + loose)[start : start + IN_A_CROWD]
    _behave(chance, world)
    return world


def _case(chance: Chance, number: int, fault: str) -> Planned:
    subject = chance.name()
    case = Planned(number, fault, f"What does {subject} have on its sign?", chance.name(), chance.name())
    ranks = {
        "missed by the embedder": (TOP + 1, 60, 70),
        "ranked too low": (K[0] + 1, K[-1] + 1, K[-1] + 1, chance.random.randint(10, TOP - 1), TOP),
        "did not fit": tuple(range(NO_ROOM + 1, K[-1] + 1)),
        "missed by the index": (1, 2, K[0]),
        "not indexed": (1, 3, K[-1] + 1, 60),
        "given elsewhere": (K[-1] + 1, 20, 60),
        SOUND: (1, 2, 3),
    }
    case.exact = case.indexed = NEVER if fault in GONE else chance.random.choice(ranks.get(fault, (1, 2)))
    case.decoy = fault == "given elsewhere"
    case.kind = "gone" if fault == "not in the collection" else "kept"
    case.text = chance.gold(subject, case.answer)
    case.gold = [("", case.text)]
    return case


def _needs_two(chance: Chance, case: Planned, count: int) -> None:
    """Give it a second text, the ``count``-th of its fault: each kind in turn, named first and then last."""
    kinds = SECONDS[case.fault]
    what, before = kinds[count % len(kinds)], count // len(kinds) % 2 == 0
    place = {"near": 1, "far": FAR, "not read": NEVER}[what]
    case.second = Second(what, chance.gold(chance.name(), chance.name()), place, place, before)
    if what == "near" and case.fault not in GONE:
        case.exact = case.indexed = max(2, case.exact)
    case.gold = [("", case.second.text), *case.gold] if before else [*case.gold, ("", case.second.text)]


def _second(chance: Chance, world: World, case: Planned, levels: NDArray[np.float64]) -> Written:
    """The passage of its second text; beyond the place FAR lies less of the crowd, as the other is nearer."""
    assert case.second is not None
    cosine = float(np.mean(levels[FAR - 3 : FAR - 1])) if case.second.what == "far" else NEARER
    made = chance.passage(case.second.text, {case.number: cosine})
    if case.second.what == "not read":
        world.damage.append({"do": "blanked", "code": made.code})
    return made


def _gold(chance: Chance, case: Planned, levels: NDArray[np.float64]) -> Written:
    """Its passage, at the cosine of its place; what is nearer for sure takes its place from the crowd."""
    near = case.decoy or (case.second is not None and case.second.what == "near")
    nearer = 0 if case.fault in GONE else case.exact - 1 - near
    cosine = NEAREST if nearer <= 0 else float(np.mean(levels[nearer - 1 : nearer + 1]))
    return chance.passage(case.text, {case.number: cosine})


def _around(chance: Chance, world: World, case: Planned, gold: Written) -> list[Written]:
    """What else a fault takes: decoys, impostors, and the orders to spoil the index."""
    if case.decoy:
        sentence = f"In a letter about the {chance.plain(6)} there is {case.answer} to be read."
        if chance.random.random() < 1 / 3:  # not found for another reason: the first row still wins
            world.damage.append({"do": "unindex", "code": gold.code, "how": "deleted"})
            case.indexed = NEVER
        return [chance.passage(sentence, {case.number: DECOY})]
    if case.fault == "not indexed":
        how = chance.random.choice(("deleted", "overwritten", "under another id"))
        world.damage.append({"do": "unindex", "code": gold.code, "how": how})
        case.indexed = NEVER
    if case.fault == "missed by the index":
        count = chance.random.choice(IMPOSTORS)
        case.indexed += count
        if case.second:
            case.second.indexed += count
        impostors = [chance.passage(f"There was {chance.plain(8)} to count.") for _ in range(count)]
        for one in impostors:
            order = {"do": "outdo", "code": one.code, "question": case.number, "cosine": IMPOSTOR}
            world.damage.append(order)
        return impostors
    if case.fault == "not read":
        how = chance.random.choice(("scanned", "all scanned", "blanked", "garbled"))
        gold.scanned = how in {"scanned", "all scanned"}
        case.kind = "scan" if how == "all scanned" else case.kind
        if not gold.scanned:
            world.damage.append({"do": how, "code": gold.code})
    return []


def _bind(chance: Chance, world: World, kind: str, pairs: Sequence[Bound]) -> None:
    """Put the gold passages into documents, and say in the cases into which.

    Those of which the page is only a picture are in a PDF; of the others some.
    """
    ordered = sorted(pairs, key=lambda one: not one[2].scanned)
    for start in range(0, len(ordered), IN_A_DOCUMENT):
        part = ordered[start : start + IN_A_DOCUMENT]
        pdf = any(written.scanned for _, _, written in part) or chance.random.random() < 1 / 2
        name = f"{kind}-{start // IN_A_DOCUMENT}.{'pdf' if pdf else 'txt'}"
        pages = [written for _, _, written in part]
        world.documents[name] = pages if kind == "scan" else [*pages, _last(chance)]
        for case, text, _ in part:
            case.gold = _told(chance, case, text, name)
        if kind == "gone":
            stale = chance.random.random() < 1 / 2
            world.damage.append({"do": "delete", "document": name, "stale": stale})


def _last(chance: Chance) -> Written:
    """A page that can be read, in every document that is to be kept."""
    return chance.passage(f"End of the {chance.plain(6)}.")


def _told(chance: Chance, case: Planned, text: str, name: str) -> list[tuple[str, str]]:
    """What the dataset says of where the answer stands, now that a text of it is in a document."""
    if case.fault == "cannot be told":
        return chance.random.choice(([], [(name, "")]))
    return [(name if one == text else document, one) for document, one in case.gold]


def _behave(chance: Chance, world: World) -> None:
    """How each candidate answers each case, and what must come out."""
    for name, who in CANDIDATES.items():
        deck: list[str] = []
        since = 0
        for case in world.cases:
            if case.fault == SOUND and who.k:
                deck = deck or _deck(chance, who)
                drawn = deck.pop()
            else:
                drawn = _manner(chance, case, who)
            case.manners[name] = "is wrong" if drawn == "fails" and since < APART else drawn
            since = 0 if case.manners[name] == "fails" else since + 1
            case.causes[name] = cause(case, name)


def _deck(chance: Chance, who: Who) -> list[str]:
    """The manners that tell causes of the model, for sound cases. At temperature 0 none is wrong once."""
    once = ["wrong once"] * (OFTEN if who.temperature > 0 else 0)
    deck = [*once, *(one for one in OF_THE_MODEL.values() if one != "wrong once"), "honest"]
    chance.random.shuffle(deck)
    return deck


def _manner(chance: Chance, case: Planned, who: Who) -> str:
    if not who.k:
        return chance.random.choice(CLOSED)
    if case.unanswerable:
        return chance.random.choice(("is wrong", "is wrong", "is cut short", "shy"))
    if case.decoy:
        return chance.random.choice(("is wrong", "refuses", "is cut short"))
    return chance.random.choice(LEFT_TO_CHANCE)


# --------------------------------------------------------------------------- writing it


def write(world: World, folder: Path) -> None:
    """Documents, geometry and plan, into an empty folder."""
    (folder / DOCUMENTS).mkdir(parents=True)
    for name, pages in world.documents.items():
        (folder / DOCUMENTS / name).write_bytes(_file(name, pages))
    vectors, written = vectors_of(world)
    codes = np.array([one.code for one in written])
    np.savez(folder / GEOMETRY, codes=codes, vectors=vectors, questions=len(world.cases))
    told = {
        "seed": world.seed,
        "candidates": {name: asdict(who) for name, who in CANDIDATES.items()},
        "cases": [asdict(one) for one in world.cases],
        "damage": world.damage,
    }
    (folder / PLAN).write_text(json.dumps(told, indent=1), encoding="utf-8")


def _file(name: str, pages: Sequence[Written]) -> bytes:
    if name.endswith(".txt"):
        return "\n\n".join(one.text for one in pages).encode()
    made = FPDF()
    made.set_font("helvetica", size=12)
    for one in pages:
        made.add_page()
        if one.scanned:
            made.rect(20, 20, 100, 100, style="F")
        else:
            made.multi_cell(0, text=one.text)
    return bytes(made.output())


def vectors_of(world: World) -> tuple[NDArray[np.float32], list[Written]]:
    """One row a passage, of length 1: its cosines to the questions, and a direction of its own."""
    written = [one for pages in world.documents.values() for one in pages]
    chance = np.random.default_rng(world.seed)
    own = chance.standard_normal((len(written), REST))
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    cosines = np.zeros((len(written), len(world.cases)))
    for row, one in enumerate(written):
        for number, cosine in one.cosines.items():
            cosines[row, number] = cosine
    rest = np.sqrt(1 - np.sum(cosines**2, axis=1, keepdims=True))
    return np.asarray(np.hstack([cosines, rest * own]), dtype=np.float32), written


def mixture(each: int, sound: int) -> list[str]:
    """``each`` cases of every fault that a case can have, and ``sound`` ones, for what models do wrong.

    There are more of those that a model may get right all the same.
    """
    times = {one: each + each // 2 * (one in OFTEN_RIGHT) for one in OF_THE_CASE}
    return [one for one, count in times.items() for _ in range(count)] + [SOUND] * sound


def main() -> None:
    """``python -m benchmarks.faults.plan FOLDER SEED EACH SOUND``."""
    folder, numbers = Path(sys.argv[1]), [int(one) for one in sys.argv[2:]]
    write(plan(numbers[0], mixture(*numbers[1:])), folder)


if __name__ == "__main__":
    main()
