"""Bytes to text without dropping anything in silence."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Encodings that a file may declare but that are escapes, or that need a mark which is not there.
_NOT_BELIEVED = {"utf-7", "unicode-escape", "raw-unicode-escape", "idna", "punycode", "utf-16", "utf-32"}
_EAST_ASIAN = {"cp932", "cp949", "euc_kr", "gb18030", "gbk", "big5", "shift_jis_2004", "johab"}
_KANA = re.compile("[\u3041-\u30ff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_SAMPLE = 256 * 1024
_CLOSE = 0.02
_SLACK = 0.1


@dataclass(frozen=True)
class Decoded:
    """Text with the encoding it was in; ``warning`` says where that is a guess or was not enough."""

    text: str
    encoding: str
    warning: str = ""


def decode(content: bytes, declared: str = "") -> Decoded:
    """By byte order mark, as strict UTF-8, by the declared charset, by a guess; in this order.

    The text's content is untouched: line ends and control characters are the caller's.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _replacing(content[len(mark) :], encoding, "its byte order mark")
    wide = _wide(content)
    for encoding in filter(None, (wide, "utf-8", _known(declared))):
        text = _strict(content, encoding)
        if text is not None:
            return Decoded(text, encoding)
    return _guess(content)


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, UnicodeError):
        return None


def _known(declared: str) -> str:
    """The codec's name of a declared charset, "" if there is none or if it is not to be believed."""
    try:
        found = codecs.lookup(declared.strip() or "none")
        "".encode(found.name)  # refuses those that are no encodings of text (rot13, base64)
    except (LookupError, ValueError):
        return ""
    return "" if found.name in _NOT_BELIEVED else found.name


def _wide(content: bytes) -> str:
    """UTF-16 without its mark: every second byte of Latin text is NUL there."""
    head = content[:4096]
    if len(head) < 4 or len(content) % 2:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return ""


def _replacing(content: bytes, encoding: str, why: str) -> Decoded:
    text = content.decode(encoding, "replace")
    lost = text.count("\ufffd")
    if not lost or _strict(content, encoding) is not None:
        return Decoded(text, encoding)
    return Decoded(
        text,
        encoding,
        f"{lost} {'place' if lost == 1 else 'places'} could not be read as {encoding} "
        f"(by {why}) and stand as \ufffd.",
    )


def _guess(content: bytes) -> Decoded:
    """The likeliest encoding by charset-normalizer, said as a warning since it may be wrong."""
    encoding = _likeliest(content[:_SAMPLE])
    if not encoding:
        # Mostly UTF-8 with a few bad bytes, as when a file was cut or joined.
        return _replacing(content, "utf-8", "the best guess")
    decoded = _replacing(content, encoding, "the best guess")
    said = f"Its encoding is not declared and was taken for {encoding}: look whether the text reads well."
    return Decoded(decoded.text, encoding, f"{said} {decoded.warning}".strip())


def _likeliest(sample: bytes) -> str:
    import charset_normalizer

    if _almost_utf8(sample):
        return ""
    found = list(charset_normalizer.from_bytes(sample))
    if found and "cp1252" in found[0].could_be_from_charset:
        return "cp1252"  # it gives the same text
    return _chosen([(str(one.encoding), one.chaos, one.coherence) for one in found], sample)


def _chosen(found: list[tuple[str, float, float]], sample: bytes) -> str:
    """One of (encoding, chaos, coherence), which come best first; "" for none.

    Japanese is known by its kana, which no other encoding gives by chance. Windows' encodings are by far
    the commonest: one of them wins over a rare one that fits little better, and the Western one over
    others that fit no better.
    """
    if not found:
        return ""
    if found[0][0] in _EAST_ASIAN and _has_kana(sample):
        return "cp932"
    best, chaos, coherence = found[0]
    close = [one for one in found if one[1] <= chaos + _CLOSE]
    windows = [one[0] for one in close if one[0].startswith("cp125") and one[2] >= coherence - _SLACK]
    if best.startswith("mac_") and windows:
        return windows[0]
    return next((one[0] for one in close if one[0] == "cp1252" and one[2] >= coherence), best)


def _has_kana(sample: bytes) -> bool:
    text = sample.decode("cp932", "replace")
    return len(_KANA.findall(text)) > 0.1 * len(_BEYOND_ASCII.findall(text))


def _almost_utf8(sample: bytes) -> bool:
    """At least ten times as many sound multi-byte characters as bad bytes."""
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return len(_BEYOND_ASCII.findall(text)) - bad >= 10 * bad
