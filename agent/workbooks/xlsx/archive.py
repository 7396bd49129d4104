"""The zip file under an Excel workbook: every member's compressed bytes, kept as they are.

The standard library's `zipfile` would write other headers, so the central directory is read here. What is no zip file
is named for what it is, as far as it can be told.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from agent.words import in_words
from agent.workbooks.xlsx.deflate import Packer, Unpackable, checksum, packed, unpacked

MEGABYTE = 1_000_000
MAX_FILE = 50 * MEGABYTE
MAX_MEMBERS = 2_000
MAX_UNCOMPRESSED = 300 * MEGABYTE
MAX_RATIO = 100
RATIO_MATTERS_FROM = 10 * MEGABYTE
"""R13: what is larger is not a seller's workbook. A ratio says nothing about a small member."""

CACHED_PART = 300_000
"""Smaller parts stay unpacked; larger ones are unpacked again, which takes less than holding them would."""

_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_ENTRY, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
_ENTRY_FORMAT, _LOCAL_FORMAT = "<4s6H3I5H2I", "<4s5H3I2H"
_UTF8, _DESCRIPTOR, _ENCRYPTED = 0x800, 0x8, 0x1
_MIDNIGHT_1980 = 0x21
_OPEN_AND_SAVE = in_words("archive.open_excel_save_as")
_PUT_BACK = in_words("archive.put_back_from_backup")
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_OLD_STREAMS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))


class Refused(Exception):
    """This file cannot be used as a workbook. `what` and `fix` are plain sentences. `half_saved`: a moment later it may
    be whole."""

    def __init__(self, what: str, fix: str, *, half_saved: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix
        self.half_saved = half_saved


@dataclass(frozen=True)
class Member:
    """One member of the zip file, as its directory describes it. Sizes and offsets in bytes."""

    name: str
    raw_name: bytes
    made_by: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    compressed_size: int
    size: int
    extra: bytes
    comment: bytes
    inner: int
    outer: int
    start: int
    """Where the local header begins."""
    data_start: int
    normal: bool
    """The local header may be copied as it stands (no data descriptor, no zip64)."""

    @property
    def data_end(self) -> int:
        """Just behind the compressed bytes."""
        return self.data_start + self.compressed_size


@dataclass(frozen=True)
class Packed:
    """A part's content, packed: a big one takes a tenth of its room so until the file is put together."""

    compressed: bytes
    crc: int
    size: int

    def data(self) -> bytes:
        """The content."""
        return unpacked(self.compressed, self.size)

    def head(self, most: int) -> bytes:
        """Its first bytes, at most so many."""
        return unpacked(self.compressed, most)


def pack(data: bytes) -> Packed:
    """Pack a part's content."""
    return Packed(packed(data), checksum(data), len(data))


def pack_pieces(pieces: Iterable[bytes]) -> Packed:
    """Pack the content of a big part, piece by piece: it is never held whole."""
    packer = Packer()
    for piece in pieces:
        packer.add(piece)
    return Packed(packer.finish(), packer.crc, packer.size)


@dataclass
class Archive:
    """A zip file in memory. `data` gives a member's content; `rebuild` a new file with some members replaced.

    A member's checksum is checked when it is unpacked; `check` does so for those that nobody asked for.
    """

    content: bytes
    members: dict[str, Member]
    comment: bytes = b""
    _small: dict[str, bytes] = field(default_factory=dict, repr=False)
    _checked: set[str] = field(default_factory=set, repr=False)

    @classmethod
    def open(cls, content: bytes) -> Archive:
        """Read the directory. Raises Refused."""
        _recognise(content)
        archive = cls(content, *_directory(content))
        _check_limits(archive.members.values())
        return archive

    def check(self, known: Archive | None = None) -> None:
        """Check every member's checksum that was not checked yet; not those that stand in `known` byte for byte.

        Raises Refused.
        """
        for name in self.members:
            if name in self._checked or (known is not None and self.same(name, known)):
                continue
            self.data(name)

    def same(self, name: str, other: Archive) -> bool:
        """The other archive holds this member, of the same size and checksum, in the same compressed bytes."""
        one, two = self.members[name], other.members.get(name)
        if two is None or (one.crc, one.size, one.method) != (two.crc, two.size, two.method):
            return False
        if one.compressed_size != two.compressed_size:
            return False
        return self.compressed(name) == other.compressed(name)

    def data(self, name: str) -> bytes:
        """The member's content. KeyError if there is none of that name; raises Refused where it is damaged."""
        found = self._small.get(name)
        return self._unpack(name) if found is None else found

    def _unpack(self, name: str) -> bytes:
        data = self._inflate(self.members[name])
        self._checked.add(name)
        if len(data) <= CACHED_PART:
            self._small[name] = data
        return data

    def head(self, name: str, most: int) -> bytes:
        """The first bytes of a member's content, at most so many; their checksum is not known."""
        member = self.members[name]
        return self.compressed(name)[:most] if member.method == 0 else _inflated(self.compressed(name), member, most)

    def compressed(self, name: str) -> bytes:
        """The member's compressed bytes, as they stand in the file."""
        member = self.members[name]
        return self.content[member.data_start : member.data_end]

    def _inflate(self, member: Member) -> bytes:
        content = self.content[member.data_start : member.data_end]
        data = content if member.method == 0 else _inflated(content, member)
        if len(data) != member.size or checksum(data) != member.crc:
            raise _damaged(in_words("archive.part_does_not_match", member=member.name))
        return data

    def rebuild(
        self,
        changes: Mapping[str, bytes | Packed] | None = None,
        removed: Iterable[str] = (),
        added: Mapping[str, bytes | Packed] | None = None,
    ) -> bytes:
        """A new file: `changes` and `added` (name -> content) packed anew, `removed` left out, all else copied."""
        changes, gone = changes or {}, set(removed)
        pieces, entries, offset = [], [], 0
        for name, member in self.members.items():
            if name in gone:
                continue
            piece, entry = _packed(member, changes[name]) if name in changes else self._copied(member)
            pieces.append(piece)
            entries.append((entry, offset))
            offset += len(piece)
        for name, data in (added or {}).items():
            piece, entry = _packed(_new_member(name), data)
            pieces.append(piece)
            entries.append((entry, offset))
            offset += len(piece)
        return b"".join([*pieces, *_directory_bytes(entries, offset, self.comment)])

    def _copied(self, member: Member) -> tuple[bytes, Member]:
        if member.normal:
            return self.content[member.start : member.data_end], member
        clean = _with_sizes(member, member.crc, member.compressed_size, member.size, member.method)
        return _local_header(clean) + self.compressed(member.name), clean


def _recognise(content: bytes) -> None:
    if len(content) > MAX_FILE:
        raise Refused(
            in_words("archive.file_mb_stocksheet_reads", count=f"{len(content) / MEGABYTE:.0f}"),
            in_words("archive.move_pictures_old_sheets"),
        )
    if not content:
        raise Refused(in_words("archive.workbook_empty_bytes"), _PUT_BACK, half_saved=True)
    if content.startswith(_OLE):
        raise _in_a_container(content)
    if not content.startswith((_LOCAL, _END)):
        raise Refused(_what_else(content), _OPEN_AND_SAVE)


def _in_a_container(content: bytes) -> Refused:
    """Old .xls files, and all files with a password, lie in a container whose directory names what is in it."""
    if _ENCRYPTED_STREAM in content:
        return Refused(
            in_words("archive.workbook_protected_by_password"),
            in_words("archive.excel_file_info_protect"),
        )
    if any(name in content for name in _OLD_STREAMS):
        return Refused(in_words("archive.workbook_old_xls_format"), _OPEN_AND_SAVE)
    return Refused(in_words("archive.file_not_excel_workbook_xlsx"), _OPEN_AND_SAVE)


def _what_else(content: bytes) -> str:
    """What a file is that is no zip file: exports of shops are often text, or a web page, with another name."""
    head = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] == b"<":
        return in_words("archive.file_web_page_or")
    if head.startswith((b"%PDF", b"{\\rtf")):
        return in_words("archive.file_document_with_ending")
    if not any(byte < 32 and byte not in b"\t\r\n\f" for byte in head):
        return in_words("archive.file_plain_text_as")
    return in_words("archive.file_not_excel_workbook")


def _damaged(why: str) -> Refused:
    return Refused(
        in_words("archive.workbook_damaged_or_only", why=why),
        in_words("archive.if_program_still_saving"),
        half_saved=True,
    )


def _directory(content: bytes) -> tuple[dict[str, Member], bytes]:
    end = content.rfind(_END, max(0, len(content) - 65_557))
    if end < 0 or end + 22 > len(content):
        raise _damaged(in_words("archive.end_missing"))
    count, size, offset, comment_size = struct.unpack_from("<HIIH", content, end + 10)
    comment = content[end + 22 : end + 22 + comment_size]
    if count == 0xFFFF or 0xFFFFFFFF in (size, offset):
        count, offset = _end64(content, end)
    if count > MAX_MEMBERS:
        raise _too_large(in_words("archive.it_has_parts", count=count))
    members: dict[str, Member] = {}
    seen: set[str] = set()
    for member in _entries(content, count, offset):
        if member.name.lower() in seen:
            raise Refused(in_words("archive.workbook_holds_part_twice", member=member.name), _OPEN_AND_SAVE)
        seen.add(member.name.lower())
        members[member.name] = member
    return members, comment


def _end64(content: bytes, end: int) -> tuple[int, int]:
    if content[end - 20 : end - 16] != _LOCATOR64:
        raise _damaged(in_words("archive.directory_missing"))
    where = struct.unpack_from("<Q", content, end - 12)[0]
    if content[where : where + 4] != _END64 or where + 56 > len(content):
        raise _damaged(in_words("archive.directory_missing"))
    count, _, offset = struct.unpack_from("<QQQ", content, where + 32)
    return count, offset


def _entries(content: bytes, count: int, at: int) -> Iterator[Member]:
    for _ in range(count):
        if content[at : at + 4] != _ENTRY or at + 46 > len(content):
            raise _damaged(in_words("archive.directory_cut_off"))
        member, at = _entry(content, at)
        yield member


def _entry(content: bytes, at: int) -> tuple[Member, int]:
    fields = struct.unpack_from(_ENTRY_FORMAT, content, at)[1:]
    made_by, needed, flags, method, time, date, crc, packed, size, names, extras, notes, _, inner, outer, start = fields
    raw_name = content[at + 46 : at + 46 + names]
    extra = content[at + 46 + names : at + 46 + names + extras]
    after = at + 46 + names + extras + notes
    comment = content[after - notes : after]
    wide = 0xFFFFFFFF in (packed, size, start)
    if wide:
        packed, size, start = _sizes64(extra, packed, size, start)
    name = _name(raw_name, flags, method)
    data_start = _data_start(content, start, raw_name, name)
    if data_start + packed > len(content):
        raise _damaged(in_words("archive.part_cut_off", name=name))
    normal = not wide and not flags & _DESCRIPTOR
    return Member(
        name, raw_name, made_by, needed, flags, method, time, date, crc, packed, size, extra, comment, inner, outer,
        start, data_start, normal,
    ), after  # fmt: skip


def _name(raw_name: bytes, flags: int, method: int) -> str:
    try:
        name = raw_name.decode("utf-8" if flags & _UTF8 else "cp437")
    except UnicodeDecodeError:
        raise _damaged(in_words("archive.part_name_cannot_read")) from None
    if flags & _ENCRYPTED or method not in (0, 8):
        raise Refused(in_words("archive.workbook_packed_way_excel"), _OPEN_AND_SAVE)
    plain = name.removeprefix("/")  # XlsxWriter begins some names so; Excel takes them
    if "\\" in plain or ".." in plain.split("/") or plain.startswith("/"):
        raise Refused(in_words("archive.workbook_holds_part_with", name=name), _OPEN_AND_SAVE)
    return plain


def _sizes64(extra: bytes, packed: int, size: int, start: int) -> tuple[int, int, int]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            wide = iter(struct.unpack_from(f"<{length // 8}Q", extra, at + 4))
            size, packed, start = (next(wide, v) if v == 0xFFFFFFFF else v for v in (size, packed, start))
            return packed, size, start
        at += 4 + length
    raise _damaged(in_words("archive.part_size_missing"))


def _data_start(content: bytes, start: int, raw_name: bytes, name: str) -> int:
    if content[start : start + 4] != _LOCAL or start + 30 > len(content):
        raise _damaged(in_words("archive.part_not_where_should", name=name))
    names: int
    extras: int
    names, extras = struct.unpack_from("<HH", content, start + 26)
    if content[start + 30 : start + 30 + names] != raw_name:
        raise _damaged(in_words("archive.part_two_names", name=name))
    return start + 30 + names + extras


def _too_large(why: str) -> Refused:
    fix = in_words("archive.move_what_not_stock")
    return Refused(in_words("archive.workbook_too_large_read", why=why), fix)


def _check_limits(members: Iterable[Member]) -> None:
    total = 0
    for member in members:
        total += member.size
        if member.size > RATIO_MATTERS_FROM and member.size > MAX_RATIO * max(1, member.compressed_size):
            raise _too_large(
                in_words("archive.part_unpacks_mb", member=member.name, size=f"{member.size / MEGABYTE:.0f}")
            )
    if total > MAX_UNCOMPRESSED:
        raise _too_large(in_words("archive.unpacks_mb", total=f"{total / MEGABYTE:.0f}"))


def _inflated(content: bytes, member: Member, most: int | None = None) -> bytes:
    try:
        return unpacked(content, member.size + 1 if most is None else most)
    except Unpackable:
        raise _damaged(in_words("archive.part_cannot_unpacked", member=member.name)) from None


def _new_member(name: str) -> Member:
    raw = name.encode("utf-8")
    flags = 0 if raw.isascii() else _UTF8
    return Member(name, raw, 45, 20, flags, 8, 0, _MIDNIGHT_1980, 0, 0, 0, b"", b"", 0, 0, 0, 0, normal=True)


def _packed(member: Member, data: bytes | Packed) -> tuple[bytes, Member]:
    made = data if isinstance(data, Packed) else pack(data)
    clean = _with_sizes(member, made.crc, len(made.compressed), made.size, 8)
    return _local_header(clean) + made.compressed, clean


def _with_sizes(member: Member, crc: int, compressed: int, size: int, method: int) -> Member:
    flags = member.flags & _UTF8
    return Member(
        member.name, member.raw_name, member.made_by, 20, flags, method, member.time, member.date, crc, compressed,
        size, b"", member.comment, member.inner, member.outer, 0, 0, normal=True,
    )  # fmt: skip


def _local_header(member: Member) -> bytes:
    sizes = (member.crc, member.compressed_size, member.size, len(member.raw_name), 0)
    stamps = (member.needed, member.flags, member.method, member.time, member.date)
    return struct.pack(_LOCAL_FORMAT, _LOCAL, *stamps, *sizes) + member.raw_name


def _directory_bytes(entries: list[tuple[Member, int]], offset: int, comment: bytes) -> Iterator[bytes]:
    size = 0
    for m, start in entries:
        head = struct.pack(
            _ENTRY_FORMAT, _ENTRY, m.made_by, m.needed, m.flags, m.method, m.time, m.date, m.crc, m.compressed_size,
            m.size, len(m.raw_name), len(m.extra), len(m.comment), 0, m.inner, m.outer, start,
        )  # fmt: skip
        piece = head + m.raw_name + m.extra + m.comment
        size += len(piece)
        yield piece
    yield struct.pack("<4s4H2IH", _END, 0, 0, len(entries), len(entries), size, offset, len(comment)) + comment
