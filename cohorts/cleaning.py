"""Uploads, judged by what is in them and freed of what they tell unasked.

A phone writes the place, the hour and its owner into a picture or a recording.
What comes back holds the picture, the sound, the pages, and none of that. Whatever
cannot be freed of it is not taken. Bytes in, bytes out: no rows, no clock.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass


class NotTaken(Exception):
    """Why: "kind" (not one of ours), "name" (says another kind), "broken", "locked"."""


@dataclass(frozen=True)
class Clean:
    suffix: str
    mime: str
    content: bytes

    @property
    def is_sound(self) -> bool:
        return self.mime.startswith("audio/")


@dataclass(frozen=True)
class _Kind:
    suffixes: tuple[str, ...]  # the first is the one it is kept under
    mime: str
    free: Callable[[bytes], bytes]


def cleaned(content: bytes, *, name: str) -> Clean:
    """The same without metadata; NotTaken when content or name will not do."""
    kind = _kind_of(content)
    suffix = "." + name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if suffix not in kind.suffixes:
        raise NotTaken("name")
    try:
        free = kind.free(content)
    except (IndexError, ValueError, struct.error) as error:
        raise NotTaken("broken") from error
    return Clean(kind.suffixes[0], kind.mime, free)


def _kind_of(content: bytes) -> _Kind:
    head = content[:16]
    for signs, kind in _SIGNS:
        if head.startswith(signs):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _WAV
    if head[4:8] == b"ftyp":
        return _MP4
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return _MP3
    if content and b"\0" not in content:
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return _TEXT
    raise NotTaken("kind")


# --- Pictures -----------------------------------------------------------------


def _free_jpeg(content: bytes) -> bytes:
    """Without comments and application blocks; which side is up is kept."""
    kept = [b"\xff\xd8"]
    at, turned = 2, 1
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        marker = content[at + 1]
        if marker == 0xFF:  # a filler
            at += 1
            continue
        if marker == 0xDA:  # the picture itself, to its end
            end = content.rindex(b"\xff\xd9") + 2
            picture = content[at:end]
            break
        length = struct.unpack(">H", content[at + 2 : at + 4])[0]
        block = content[at : at + 2 + length]
        if len(block) < 2 + length or length < 2:
            raise ValueError("cut off")
        if marker == 0xE1 and block[4:10] == b"Exif\0\0":
            turned = _turned(block[10:]) or turned
        # JFIF and Adobe tell how colours are meant; the rest tells about people.
        elif not (0xE1 <= marker <= 0xEF and marker != 0xEE) and marker != 0xFE:
            kept.append(block)
        at += 2 + length
    if turned != 1:
        tag = b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x112, 3, 1, turned, 0)
        exif = b"Exif\0\0" + tag + b"\0\0\0\0"
        kept.insert(1, b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    return b"".join(kept) + picture


def _turned(tiff: bytes) -> int:
    order = "<" if tiff[:2] == b"II" else ">"
    (start,) = struct.unpack(order + "I", tiff[4:8])
    (count,) = struct.unpack(order + "H", tiff[start : start + 2])
    for n in range(min(count, 200)):
        entry = tiff[start + 2 + 12 * n : start + 14 + 12 * n]
        tag, _type, _count, value = struct.unpack(order + "HHIH", entry[:10])
        if tag == 0x112:
            return value if 1 <= value <= 8 else 1
    return 1


PNG_KEPT = (
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"),
    *(b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT"),
)


def _free_png(content: bytes) -> bytes:
    kept, at = [content[:8]], 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            raise ValueError("cut off")
        if kind in PNG_KEPT:
            kept.append(content[at:end])
        at = end
        if kind == b"IEND":
            return b"".join(kept)
    raise ValueError("no end")


# --- Sound --------------------------------------------------------------------


def _free_mp3(content: bytes) -> bytes:
    at = 0
    while content[at : at + 3] == b"ID3":
        a, b, c, d = content[at + 6 : at + 10]
        at += 10 + (a << 21 | b << 14 | c << 7 | d) + 10 * bool(content[at + 5] & 16)
    content = content[at:]
    if content[-128:-125] == b"TAG":
        content = content[:-128]
    tail = content.rfind(b"APETAGEX", -200_000)
    if tail >= 0:
        first = content.rfind(b"APETAGEX", -200_000, tail)
        content = content[: first if first >= 0 else tail]
    if len(content) < 4 or content[0] != 0xFF:
        raise ValueError("no sound")
    return content


def _free_wav(content: bytes) -> bytes:
    kept, at = [], 12
    while at + 8 <= len(content):
        kind = content[at : at + 4]
        (length,) = struct.unpack("<I", content[at + 4 : at + 8])
        end = min(at + 8 + length + length % 2, len(content))
        if kind in (b"fmt ", b"data", b"fact"):
            kept.append(content[at:end])
        at = end
    body = b"WAVE" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _free_ogg(content: bytes) -> bytes:
    """Its comments are written over; the pages that held them are summed anew."""
    out = bytearray(content)
    spans = list(_ogg_second_packet(content))
    packet = b"".join(content[a:b] for _page, a, b in spans)
    head = next((h for h in (b"OpusTags", b"\x03vorbis") if packet.startswith(h)), None)
    if head is None:
        raise ValueError("no comments where they belong")
    blank = bytearray(packet)
    at = len(head)
    (length,) = struct.unpack("<I", packet[at : at + 4])  # who wrote the file
    blank[at + 4 : at + 4 + length] = b" " * len(blank[at + 4 : at + 4 + length])
    at += 4 + length
    (count,) = struct.unpack("<I", packet[at : at + 4])
    at += 4
    for _n in range(count):
        (length,) = struct.unpack("<I", packet[at : at + 4])
        if at + 4 + length > len(packet):
            raise ValueError("cut off")
        said = b"X=".ljust(length, b" ")[:length]
        blank[at + 4 : at + 4 + length] = said
        at += 4 + length
    done = 0
    for page, a, b in spans:
        out[a:b] = blank[done : done + b - a]
        done += b - a
        size = 27 + content[page + 26]
        end = page + size + sum(content[page + 27 : page + size])
        out[page + 22 : page + 26] = b"\0\0\0\0"
        out[page + 22 : page + 26] = struct.pack("<I", _ogg_sum(out[page:end]))
    return bytes(out)


def _ogg_second_packet(content: bytes) -> Iterator[tuple[int, int, int]]:
    """(page, from, until) of each stretch of the packet that holds comments."""
    at, packet = 0, 0
    while at < len(content):
        if content[at : at + 4] != b"OggS":
            raise ValueError("no page")
        laces = content[at + 27 : at + 27 + content[at + 26]]
        start = at + 27 + len(laces)
        here = start
        for lace in laces:
            here += lace
            if lace < 255:
                if packet == 1:
                    yield at, start, here
                    return
                packet, start = packet + 1, here
        if packet == 1 and here > start:
            yield at, start, here
        at = here
    raise ValueError("cut off")


def _ogg_sum(page: bytes | bytearray) -> int:
    total = 0
    for byte in page:
        total = (total << 8 & 0xFFFFFFFF) ^ _OGG[(total >> 24) ^ byte]
    return total


def _ogg_table() -> list[int]:
    found = []
    for n in range(256):
        rest = n << 24
        for _bit in range(8):
            rest = rest << 1 ^ (0x04C11DB7 if rest & 0x80000000 else 0)
        found.append(rest & 0xFFFFFFFF)
    return found


_OGG = _ogg_table()
MP4_INSIDE = (b"moov", b"trak", b"mdia", b"moof", b"traf")
MP4_TELLS = (b"udta", b"meta", b"uuid")
MP4_DATED = (b"mvhd", b"tkhd", b"mdhd")


def _free_mp4(content: bytes) -> bytes:
    """Places and names become empty room, hours become none; nothing moves."""
    out = bytearray(content)

    def walk(at: int, end: int, deep: int = 0) -> None:
        if deep > len(MP4_INSIDE):
            raise ValueError("deeper than sound goes")
        while at + 8 <= end:
            (size,) = struct.unpack(">I", out[at : at + 4])
            kind, head = bytes(out[at + 4 : at + 8]), 8
            if size == 1:
                (size,) = struct.unpack(">Q", out[at + 8 : at + 16])
                head = 16
            size = size or end - at
            if size < head or at + size > end:
                raise ValueError("cut off")
            if kind in MP4_TELLS:
                out[at + 4 : at + 8] = b"free"
                out[at + head : at + size] = bytes(size - head)
            elif kind in MP4_DATED:
                wide = 16 if out[at + head] == 1 else 8
                out[at + head + 4 : at + head + 4 + wide] = bytes(wide)
            elif kind in MP4_INSIDE:
                walk(at + head, at + size, deep + 1)
            at += size

    walk(0, len(out))
    return bytes(out)


WEBM_INSIDE = (0x18538067, 0x1F43B675, 0x1549A966)  # segment, cluster, info
WEBM_TELLS = (0x1254C367, 0x1941A469, 0x7BA9, 0x4461)  # tags, files, title, date


def _free_webm(content: bytes) -> bytes:
    out, at = bytearray(content), 0
    while at < len(out):
        key, keyed = _ebml_key(out, at)
        size, sized = _ebml_size(out, at + keyed)
        start = at + keyed + sized
        if key in WEBM_INSIDE:
            at = start
            continue
        if size is None or start + size > len(out):
            raise ValueError("cut off")
        if key in WEBM_TELLS:
            # An element of nothing, as long as what it stands for.
            width = min(8, keyed + sized - 1)
            empty = start + size - at - 1 - width
            out[at] = 0xEC
            said = empty | 1 << 7 * width
            out[at + 1 : at + 1 + width] = said.to_bytes(width, "big")
            out[at + 1 + width : start + size] = bytes(empty)
        at = start + size
    return bytes(out)


def _ebml_key(out: bytearray, at: int) -> tuple[int, int]:
    length = 9 - out[at].bit_length()
    if not 1 <= length <= 4:
        raise ValueError("no key")
    return int.from_bytes(out[at : at + length], "big"), length


def _ebml_size(out: bytearray, at: int) -> tuple[int | None, int]:
    """None: not told, as in a recording that was written while it ran."""
    length = 9 - out[at].bit_length()
    if length > 8:
        raise ValueError("no size")
    value = int.from_bytes(out[at : at + length], "big") & (1 << 7 * length) - 1
    return (None if value == (1 << 7 * length) - 1 else value), length


# --- Pages --------------------------------------------------------------------


def _free_pdf(content: bytes) -> bytes:
    """Who wrote it, with what and when, is written over where it stands.

    A file that keeps this inside a compressed part is not taken: it could not be
    seen. Printing it into a new file makes one that can.
    """
    out = bytearray(content)
    if b"/Encrypt" in content:
        raise NotTaken("locked")
    numbers = set(re.findall(rb"/Info\s+(\d+)\s+\d+\s+R", content))
    if len(numbers) > 20:  # each is looked for in the whole file
        raise NotTaken("locked")
    for number in numbers:
        objects = list(re.finditer(rb"(?<!\d)" + number + rb"\s+\d+\s+obj\b", content))
        if not objects:
            raise NotTaken("locked")
        for found in objects:
            end = content.index(b"endobj", found.end())
            _blank_strings(out, found.end(), end)
    at = content.find(b"<?xpacket begin")
    while at >= 0:
        inside, end = content.find(b"?>", at) + 2, content.find(b"<?xpacket end", at)
        if not 2 <= inside <= end:
            raise NotTaken("locked")
        out[inside:end] = b" " * (end - inside)
        at = content.find(b"<?xpacket begin", end)
    for found in re.finditer(rb"<<(?:[^<>]|<<[^<>]*>>)*>>\s*stream", content):
        said = found.group()
        if re.search(rb"/Type\s*/Metadata\b", said) and b"/Filter" in said:
            raise NotTaken("locked")
    return bytes(out)


def _blank_strings(out: bytearray, at: int, end: int) -> None:
    """Write spaces over every (string) and <hex string> between these places."""
    depth = 0
    while at < end:
        sign = out[at : at + 1]
        if depth == 0 and sign == b"<" and out[at + 1 : at + 2] != b"<":
            close = out.index(b">", at)
            out[at + 1 : close] = b"20" * ((close - at - 1) // 2) + b" " * (
                (close - at - 1) % 2
            )
            at = close
        elif depth == 0 and out[at : at + 2] == b"<<":
            at += 1
        elif sign == b"\\" and depth:
            out[at : at + 2] = b"  "
            at += 1
        elif sign == b"(":
            depth += 1
            if depth > 1:
                out[at] = 0x20
        elif sign == b")" and depth:
            depth -= 1
            if depth:
                out[at] = 0x20
        elif depth:
            out[at] = 0x20
        at += 1


def _as_it_is(content: bytes) -> bytes:
    return content


_MP3 = _Kind((".mp3",), "audio/mpeg", _free_mp3)
_WAV = _Kind((".wav",), "audio/wav", _free_wav)
_MP4 = _Kind((".m4a", ".mp4", ".3gp", ".aac"), "audio/mp4", _free_mp4)
_TEXT = _Kind((".txt",), "text/plain", _as_it_is)
_SIGNS = (
    (b"\xff\xd8\xff", _Kind((".jpg", ".jpeg"), "image/jpeg", _free_jpeg)),
    (b"\x89PNG\r\n\x1a\n", _Kind((".png",), "image/png", _free_png)),
    (b"ID3", _MP3),
    (b"OggS", _Kind((".ogg", ".opus", ".oga"), "audio/ogg", _free_ogg)),
    (b"\x1a\x45\xdf\xa3", _Kind((".webm", ".weba"), "audio/webm", _free_webm)),
    (b"#!AMR", _Kind((".amr",), "audio/amr", _as_it_is)),
    (b"%PDF-", _Kind((".pdf",), "application/pdf", _free_pdf)),
)
SOUNDS = (".m4a", ".mp3", ".ogg", ".opus", ".webm", ".wav", ".amr", ".3gp", ".mp4")
PAGES = (".pdf", ".jpg", ".jpeg", ".png", ".txt")
