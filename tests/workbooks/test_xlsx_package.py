"""The package under an Excel workbook: real files open, nothing is lost, hostile ones are refused (R13)."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO

import pytest
from made import corpus, seller_book

from agent.workbooks.xlsx import archive, grid
from agent.workbooks.xlsx.package import Package, Refused

REAL, ODD = corpus("real"), corpus("odd")


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            if item != name:
                new.writestr(item, old.read(item))
        new.writestr(name, data)
    return out.getvalue()


def refusal(content: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        Package.open(content)
    assert caught.value.what.endswith(".") and caught.value.fix.endswith(".")
    return caught.value


@pytest.mark.parametrize(("path", "refused"), REAL)
def test_every_real_workbook_opens_and_its_copy_is_the_same(path, refused):
    content = path.read_bytes()
    if refused:
        refusal(content)
        return
    package = Package.open(content)
    assert all(sheet.part in package.members for sheet in package.sheets)
    copy = package.rebuild()
    again = Package.open(copy)
    assert list(again.members) == list(package.members)
    assert all(again.archive.compressed(n) == package.archive.compressed(n) for n in package.members)
    if all(member.normal for member in package.members.values()):
        assert copy == content


@pytest.mark.parametrize(("path", "refused"), ODD)
def test_odd_files_open_or_are_refused_with_what_and_fix(path, refused):
    try:
        package = Package.open(path.read_bytes())
    except Refused as said:
        assert refused and said.what and said.fix
    else:
        assert package.sheets


@pytest.mark.parametrize(("path", "refused"), corpus("real", 20))
def test_python_reads_a_rebuilt_file(path, refused):
    if refused:
        return
    package = Package.open(path.read_bytes())
    name = package.workbook_part
    out = package.rebuild({name: package.data(name) + b"\n"}, added={"xl/ours.xml": b"<a/>"})
    with zipfile.ZipFile(BytesIO(out)) as file:
        assert file.testzip() is None
        assert file.read("xl/ours.xml") == b"<a/>"
        assert file.read(name).endswith(b"\n")


def test_a_password_is_named():
    assert "password" in refusal(b"\xd0\xcf\x11\xe0" + bytes(600)).what


def test_what_is_no_workbook_is_said_so():
    assert "not an Excel workbook" in refusal(b"SKU;Stocked\nA;1\n").what
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("readme.txt", "no workbook")
    assert "not an Excel workbook" in refusal(out.getvalue()).what


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_half_saved_file_is_refused(share):
    content = seller_book()
    assert "damaged" in refusal(content[: int(len(content) * share)]).what


def test_a_flipped_byte_is_noticed():
    content = bytearray(seller_book())
    member = Package.open(bytes(content)).members["xl/workbook.xml"]
    content[member.data_start + 20] ^= 1
    assert "damaged" in refusal(bytes(content)).what


def test_two_parts_of_one_name_are_refused():
    out = BytesIO(seller_book())
    with zipfile.ZipFile(out, "a") as file, pytest.warns(UserWarning):
        file.writestr("xl/workbook.xml", "<workbook/>")
    assert "twice" in refusal(out.getvalue()).what


def test_definitions_and_entities_are_refused():
    content = seller_book()
    bomb = b'<!DOCTYPE a [<!ENTITY b "xx">]>' + Package.open(content).data("xl/workbook.xml")
    assert "definitions" in refusal(with_part(content, "xl/workbook.xml", bomb)).what


def test_a_signed_and_a_shared_workbook_are_refused():
    content = seller_book()
    assert "signature" in refusal(with_part(content, "_xmlsignatures/sig1.xml", b"<a/>")).what
    rels = Package.open(content).data("xl/_rels/workbook.xml.rels")
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/revisionHeaders"
    extra = b'<Relationship Id="r99" Type="%s" Target="revisions/h.xml"/></Relationships>' % kind
    shared = with_part(content, "xl/_rels/workbook.xml.rels", rels.replace(b"</Relationships>", extra))
    assert "shared" in refusal(shared).what


def test_names_that_leave_the_folder_are_refused():
    assert "name" in refusal(with_part(seller_book(), "../evil.xml", b"<a/>")).what


def test_a_zip_bomb_is_refused_before_it_is_unpacked_R13(monkeypatch):
    big = with_part(seller_book(), "xl/media/zeros.bin", bytes(12_000_000))
    assert "too large" in refusal(big).what
    monkeypatch.setattr(archive, "MAX_FILE", 1000)
    assert "50 MB" in refusal(seller_book()).what


def test_a_lying_size_does_not_unpack_more_than_it_says():
    content = seller_book()
    member = Package.open(content).members["xl/styles.xml"]
    lie = bytearray(with_part(content, "xl/styles.xml", bytes(5_000_000)))
    at = lie.rfind(b"xl/styles.xml") - 46
    struct.pack_into("<I", lie, at + 24, member.size)
    assert "damaged" in refusal(bytes(lie)).what


def test_too_many_parts_are_refused_R13(monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 5)
    assert "too large" in refusal(seller_book()).what


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        (b"", []),
        (b'<row r="1"/>', [1]),
        (b'<row r="1"><c r="A1"/></row>', [1]),
        (b'<row r="1"/><row r="2"><c r="A2"/></row><row r="3" spans="1:2" />\n', [1, 2, 3]),
        (b'<row r="1"><c r="A1"/></row>\n  <row r="5"/><row r="7"/><row r="9"></row>', [1, 5, 7, 9]),
    ],
)
@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("chunk", [1, 40, 4_000_000])
def test_every_row_of_a_sheet_is_taken_apart_however_it_is_written(rows, numbers, prefix, chunk, monkeypatch):
    monkeypatch.setattr(grid, "_CHUNK", chunk)
    written = rows.replace(b"</row", f"</{prefix}row".encode()).replace(b"<row", f"<{prefix}row".encode())
    written = written.replace(b"<c ", f"<{prefix}c ".encode())
    sheet = f"<{prefix}worksheet><{prefix}sheetData>".encode() + written
    xml = grid.SheetXml.split(sheet + f"</{prefix}sheetData></{prefix}worksheet>".encode(), "Items")
    assert xml.table["row"].to_list() == numbers and xml.table["at"].to_list() == list(range(len(numbers)))
    assert [row for row in xml.table["xml"] if row.count("row ") != 1] == []
