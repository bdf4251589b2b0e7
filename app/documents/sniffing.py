"""What a file's bytes seem to be, whatever its name says."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass

from app.documents.readers import SUFFIXES, Format, format_of, suffix_of
from app.documents.readers.base import damaged
from app.errors import NeedsPassword, UnreadableDocument


@dataclass(frozen=True)
class Seen:
    """What bytes seem to be: a short key, and words with their article. ``locked``: a password is needed."""

    key: str
    words: str
    locked: bool = False


_BEGINNINGS = (
    (b"{\\rtf", Seen("rtf", "an RTF document")),
    (b"\x1f\x8b", Seen("gzip", "a gzip archive")),
    (b"BZh", Seen("bzip2", "a bzip2 archive")),
    (b"\xfd7zXZ\x00", Seen("xz", "an xz archive")),
    (b"7z\xbc\xaf\x27\x1c", Seen("7z", "a 7z archive")),
    (b"Rar!\x1a\x07", Seen("rar", "a RAR archive")),
    (b"\x89PNG\r\n\x1a\n", Seen("image", "a picture (PNG)")),
    (b"\xff\xd8\xff", Seen("image", "a picture (JPEG)")),
    (b"GIF87a", Seen("image", "a picture (GIF)")),
    (b"GIF89a", Seen("image", "a picture (GIF)")),
    (b"II*\x00", Seen("image", "a picture (TIFF)")),
    (b"MM\x00*", Seen("image", "a picture (TIFF)")),
    (b"\x7fELF", Seen("program", "a program")),
    (b"SQLite format 3\x00", Seen("database", "an SQLite database")),
)
# Two or three letters may begin any text: these count only where the bytes are no text.
_WEAK_BEGINNINGS = (
    (b"BM", Seen("image", "a picture (BMP)")),
    (b"MZ", Seen("program", "a program")),
    (b"ID3", Seen("audio", "a sound file")),
    (b"OggS", Seen("audio", "a sound file")),
    (b"RIFF", Seen("media", "a picture, sound or video file")),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("WordDocument", Seen("doc", "an old Word document (.doc)")),
    ("PowerPoint Document", Seen("ppt", "an old PowerPoint presentation (.ppt)")),
    ("__substg1.0_", Seen("msg", "an Outlook message (.msg)")),
    ("Workbook", Seen("xls", "an old Excel workbook (.xls)")),
    ("Book", Seen("xls", "an old Excel workbook (.xls)")),
)
_ZIP_PARTS = (
    ("wordprocessingml.document.main+xml", Seen("docx", "a Word document (.docx)")),
    ("ms-word.document.macroEnabled", Seen("docm", "a Word document with macros (.docm)")),
    ("ms-word.template", Seen("dotm", "a Word template with macros (.dotm)")),
    ("wordprocessingml.template", Seen("dotx", "a Word template (.dotx)")),
    ("spreadsheetml", Seen("xlsx", "an Excel workbook (.xlsx)")),
    ("ms-excel", Seen("xlsx", "an Excel workbook")),
    ("presentationml", Seen("pptx", "a PowerPoint presentation (.pptx)")),
    ("ms-powerpoint", Seen("pptx", "a PowerPoint presentation")),
)
_MIMETYPES = (
    ("application/epub+zip", Seen("epub", "an e-book (.epub)")),
    ("application/vnd.oasis.opendocument.text", Seen("odt", "an OpenDocument text (.odt)")),
    ("application/vnd.oasis.opendocument", Seen("odf", "an OpenDocument file")),
)
_REMEDIES = {
    "doc": "Open it in Word, save it as .docx and upload that.",
    "docm": "Open it in Word, save it as .docx (without macros) and upload that.",
    "dotm": "Open it in Word, save it as .docx and upload that.",
    "dotx": "Open it in Word, save it as .docx and upload that.",
    "rtf": "Open it in Word, save it as .docx and upload that.",
    "odt": "Open it in LibreOffice or Word, save it as .docx and upload that.",
    "xls": "Open it in Excel, save each sheet as .csv and upload those.",
    "xlsx": "Open it in Excel, save each sheet as .csv and upload those.",
    "ppt": "Export it as PDF and upload that.",
    "pptx": "Export it as PDF and upload that.",
    "msg": "Save the message as text or PDF and upload that.",
    "image": "Assay reads text, not pictures: run text recognition (OCR) on it and upload the result.",
    "zip": "Unpack it and upload the files in it.",
    "gzip": "Unpack it and upload the files in it.",
}
_PEEK = 1024 * 1024
_CONTROLS = bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32))
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def check(name: str, content: bytes) -> Format:
    """The format to read the bytes as. Raises UnreadableDocument or NeedsPassword, in words.

    The suffix says which format a text is; for all others suffix and bytes must agree.
    """
    if not content.strip(b"\x00 \t\r\n"):
        raise UnreadableDocument(
            f"“{name}” is empty.", "Look whether the file was saved or copied completely."
        )
    wanted, seen = format_of(name), seems(content, pdf_within=1024 if suffix_of(name) == ".pdf" else 0)
    if seen.locked:
        raise NeedsPassword(
            f"“{name}” is protected by a password: it seems to be {seen.words}.",
            "Remove the password (save a copy without one) and upload that.",
        )
    if wanted is None:
        raise _unknown(name, seen)
    if seen.key == wanted.content:
        return wanted
    if seen.key == "zip-damaged" and wanted.content == "docx":
        raise damaged(name, wanted.words)
    if seen.key == "text":
        raise UnreadableDocument(
            f"“{name}” is named {suffix_of(name)} but is not {wanted.words}: it seems to be {seen.words}.",
            "If it is text, rename it to .txt and upload it again.",
        )
    raise UnreadableDocument(
        f"“{name}” is named {suffix_of(name)} but seems to be {seen.words}.",
        _renamed(seen) or _REMEDIES.get(seen.key, "Look where the file comes from."),
    )


def _unknown(name: str, seen: Seen) -> UnreadableDocument:
    remedy = _renamed(seen) or _REMEDIES.get(seen.key, "")
    suffix = suffix_of(name)
    ending = f"files named {suffix}" if suffix else "files without a suffix"
    return UnreadableDocument(
        f"“{name}” was not read: it seems to be {seen.words}, and Assay does not read {ending}.",
        f"{remedy} Assay reads {', '.join(SUFFIXES)}.".strip(),
    )


def _renamed(seen: Seen) -> str:
    suffix = {"pdf": ".pdf", "docx": ".docx", "text": ".txt"}.get(seen.key)
    return f"If that is right, rename it to {suffix} and upload it again." if suffix else ""


def seems(content: bytes, pdf_within: int = 0) -> Seen:
    """What the bytes seem to be. ``pdf_within``: how far from the start a PDF's mark may stand."""
    head = content.lstrip(b"\x00\t\r\n \xef\xbb\xbf")[:64]
    if head.startswith(b"%PDF-") or b"%PDF-" in content[:pdf_within]:
        return Seen("pdf", "a PDF")
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip(content)
    if content.startswith(_OLE):
        return _ole(content)
    for beginning, seen in _BEGINNINGS:
        if content.startswith(beginning):
            return seen
    return _binary(content) if _is_binary(content) else _text(head)


def _text(head: bytes) -> Seen:
    start = head.lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return Seen("text", "a web page")
    if start.startswith(b"<?xml"):
        return Seen("text", "an XML file")
    return Seen("text", "text")


def _is_binary(content: bytes) -> bool:
    """More than 4 control characters and more than 1 in 50, NULs of UTF-16 and UTF-32 apart."""
    sample = content[:_PEEK]
    if content.startswith(_WIDE_MARKS):
        return False
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) > 0.2 * len(sample) and min(even, odd) < 0.02 * len(sample):
        return False
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > max(4, 0.02 * len(sample))


def _binary(content: bytes) -> Seen:
    for beginning, seen in _WEAK_BEGINNINGS:
        if content.startswith(beginning):
            return seen
    if content[4:8] == b"ftyp":
        return Seen("media", "a picture, sound or video file")
    return Seen("binary", "binary data, not text")


def _ole(content: bytes) -> Seen:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return Seen("ole-encrypted", "an encrypted Office document", locked=True)
    for stream, seen in _OLE_STREAMS:
        if stream.encode("utf-16-le") in content:
            return seen
    return Seen("ole", "an old Office document")


def _zip(content: bytes) -> Seen:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _inside(archive)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        return Seen("zip-damaged", "a damaged or incomplete ZIP archive (Word's .docx is one)")


def _inside(archive: zipfile.ZipFile) -> Seen:
    names = set(archive.namelist())
    types = _peek(archive, "[Content_Types].xml") if "[Content_Types].xml" in names else ""
    for part, seen in _ZIP_PARTS:
        if part in types:
            return seen
    if "word/document.xml" in names:
        return Seen("docx", "a Word document (.docx)")
    mimetype = _peek(archive, "mimetype") if "mimetype" in names else ""
    for kind, seen in _MIMETYPES:
        if mimetype.strip().startswith(kind):
            return Seen(seen.key, seen.words, locked=_odf_locked(archive, names))
    if any(one.flag_bits & 1 for one in archive.infolist()):
        return Seen("zip", "an encrypted ZIP archive", locked=True)
    return Seen("zip", "a ZIP archive")


def _odf_locked(archive: zipfile.ZipFile, names: set[str]) -> bool:
    manifest = "META-INF/manifest.xml"
    return manifest in names and "encryption-data" in _peek(archive, manifest)


def _peek(archive: zipfile.ZipFile, name: str) -> str:
    """The beginning of a part as text; never unpacks more than a megabyte."""
    try:
        with archive.open(name) as part:
            return part.read(_PEEK).decode("utf-8", "replace")
    except (RuntimeError, zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError):
        return ""  # encrypted or damaged: then it tells nothing
