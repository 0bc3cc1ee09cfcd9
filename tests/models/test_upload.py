"""What a file is, told by its bytes."""

import pytest

from app.models.upload import content_type, why_not

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n\r\n", b"@PJL ENTER LANGUAGE=PDF\r\n", b"\0" * 1019])
def test_a_pdf_with_bytes_before_it_is_one_as_readers_open_it(before):
    assert content_type(before + PDF) == "application/pdf"


def test_a_picture_that_holds_the_word_stays_a_picture():
    assert content_type(b"\xff\xd8\xff\xe0 %PDF-1.4") == "image/jpeg"


@pytest.mark.parametrize("content", [b"", b"%PDF", b"\0" * 1020 + PDF, b"<html>"])
def test_what_readers_do_not_open_is_not_taken(content):
    assert content_type(content) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "est vide"),
        (b"\0\0\0\x18ftypheic\0\0", "Le plus compatible"),
        (b"\0\0\0\x18ftypmif1\0\0", "Le plus compatible"),
        (b"RIFF\x1a\0\0\0WEBPVP8 ", "capture d’écran"),
        (b"\0\0\0\x18ftypisom\0\0", "ni un PDF"),
    ],
)
def test_who_sends_what_is_not_taken_reads_what_to_do(content, said):
    assert said in (why_not(content) or "")


def test_nothing_is_said_against_what_is_taken():
    assert why_not(PDF) is None
