"""Makes the planned faults: ``python -m benchmarks.faults.damage DATA_FOLDER PLAN_FOLDER``.

Works on the data folder of an Assay that is closed: on its uploaded files, its SQLite file and its Chroma
folder. Imports nothing of Assay.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from numpy.typing import NDArray

DATABASE, CHROMA, UPLOADS = "assay.sqlite3", "chroma", "uploads"
Order = Mapping[str, Any]


class Damage:
    """One data folder with one collection in it, and what is planned for it."""

    def __init__(self, data: Path, planned: Path, database: sqlite3.Connection, chroma: Any) -> None:
        """``chroma`` is the collection as Chroma gives it."""
        self._uploads = data / UPLOADS
        self._database = database
        self._chroma = chroma
        told = json.loads((planned / "plan.json").read_text(encoding="utf-8"))
        self.orders: list[Order] = told["damage"]
        geometry = np.load(planned / "geometry.npz")
        self._vectors = dict(zip(geometry["codes"].tolist(), geometry["vectors"], strict=True))
        self._questions = int(geometry["questions"])
        self._chance = np.random.default_rng(told["seed"])

    def do(self) -> None:
        """Carry out the orders."""
        ways: dict[str, Callable[[Order], None]] = {
            "delete": self._delete,
            "blanked": lambda order: self._spoil(order, lambda text: " " * len(text)),
            "garbled": lambda order: self._spoil(order, lambda text: codecs.encode(text, "rot13")),
            "unindex": self._unindex,
            "outdo": self._outdo,
        }
        for order in self.orders:
            ways[order["do"]](order)

    # ----------------------------------------------------------------- each kind

    def _delete(self, order: Order) -> None:
        """A document goes: its file, its rows, and (unless ``stale``) its vectors in the index."""
        (document,) = self._rows("SELECT document_id FROM documents WHERE name = ?", order["document"])
        ids = [one for (one,) in self._rows("SELECT id FROM passages WHERE document_id = ?", *document)]
        for table in ("passages", "documents", "pages", "readings"):
            self._database.execute(f"DELETE FROM {table} WHERE document_id = ?", document)
        if not order["stale"]:
            self._chroma.delete(ids=ids)
        for file in self._uploads.rglob(f"*{document[0]}*"):
            file.unlink()

    def _spoil(self, order: Order, spoilt: Callable[[str], str]) -> None:
        """A passage's stretch of what was read is blank or garbage; a blank one has no passage."""
        key, document, text = self._passage(order["code"])
        other = spoilt(text)
        pages = self._rows("SELECT place, text FROM pages WHERE document_id = ?", document)
        ((place, page),) = [row for row in pages if text in row[1]]
        self._database.execute(
            "UPDATE pages SET text = ? WHERE document_id = ? AND place = ?",
            (page.replace(text, other), document, place),
        )
        if not other.strip():
            self._database.execute("DELETE FROM passages WHERE id = ?", (key,))
            self._chroma.delete(ids=[key])
            return
        before, after = (hashlib.sha256(one.encode()).digest() for one in (text, other))
        self._database.execute("UPDATE passages SET text = ?, text_sha = ? WHERE id = ?", (other, after, key))
        self._database.execute("UPDATE vectors SET text_sha = ? WHERE text_sha = ?", (after, before))

    def _unindex(self, order: Order) -> None:
        """The vector is gone from Chroma, or is another one, or stands under an id that nobody knows."""
        key, _, _ = self._passage(order["code"])
        if order["how"] == "overwritten":
            self._chroma.update(ids=[key], embeddings=[self._anywhere()])
            return
        self._chroma.delete(ids=[key])
        if order["how"] == "under another id":
            other = hashlib.sha256(key.encode()).hexdigest()[: len(key)]
            self._chroma.add(ids=[other], embeddings=[self._vectors[order["code"]]])

    def _outdo(self, order: Order) -> None:
        """In Chroma, not in SQL, another passage lies nearer to the question than the gold does."""
        key, _, _ = self._passage(order["code"])
        towards = np.zeros(len(self._anywhere()), np.float32)
        towards[order["question"]] = order["cosine"]
        beside = np.sqrt(1 - order["cosine"] ** 2) * self._anywhere()
        self._chroma.update(ids=[key], embeddings=[np.asarray(towards + beside, np.float32)])

    # ----------------------------------------------------------------- inside

    def _passage(self, code: str) -> tuple[str, str, str]:
        """Id, document's id and text of the passage that has the code."""
        statement = "SELECT id, document_id, text FROM passages WHERE text LIKE ?"
        ((key, document, text),) = self._rows(statement, f"%{code}%")
        return str(key), str(document), str(text)

    def _rows(self, statement: str, *values: object) -> list[Any]:
        return self._database.execute(statement, values).fetchall()

    def _anywhere(self) -> NDArray[np.float32]:
        """A direction that is equally far from all questions, of length 1."""
        made = self._chance.standard_normal(len(next(iter(self._vectors.values()))))
        made[: self._questions] = 0
        return np.asarray(made / np.linalg.norm(made), np.float32)


def main() -> None:
    """The command."""
    data, planned = (Path(one) for one in sys.argv[1:3])
    settings = Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(data / CHROMA), settings)
    (collection,) = client.list_collections()
    chroma = client.get_collection(collection.name, embedding_function=None)
    with closing(sqlite3.connect(data / DATABASE)) as database:
        Damage(data, planned, database, chroma).do()
        database.commit()


if __name__ == "__main__":
    main()
