"""Bodies whose codings were put on truly, only claimed, stacked, cut off, or bombs."""

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.captures.codings import undo_codings, unlabelled
from tests.pipeline.conftest import page, prose

BODY = page("خبر", prose(3))
TRUE = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
CLAIMED = [*TRUE, "identity", "none", "utf-8", "", "compress", "dcb", "base64"]


def raw(data: bytes) -> bytes:
    """Deflated without zlib's header, as some servers do."""
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


def chunked(data: bytes) -> bytes:
    parts = (data[at : at + 1000] for at in range(0, len(data), 1000))
    return b"".join(b"%x;x=y\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nTrailer: x\r\n\r\n"


CODERS: dict[str, list[Callable[[bytes], bytes]]] = {
    name: [code, raw] if name == "deflate" else [code] for name, code in TRUE.items()
}


@st.composite
def labelled(draw: st.DrawFn) -> tuple[bytes, bytes, str]:
    """A page, the page as it is sent, and its label: any list of codings, of which each was put on or is only claimed."""
    body = ("<!doctype html><p>" + draw(st.text(st.characters(exclude_categories=["Cs", "Cc"])))).encode() + b"</p>"
    labels = draw(st.lists(st.sampled_from(CLAIMED), max_size=4))
    sent = body
    for label in labels:
        if label in CODERS and draw(st.booleans()):
            sent = draw(st.sampled_from(CODERS[label]))(sent)
    return body, sent, ",".join(labels) if draw(st.booleans()) else " , ".join(labels).upper()


@settings(max_examples=300, deadline=None)
@given(labelled())
def test_whatever_was_put_on_or_claimed_gives_the_body_back(sent: tuple[bytes, bytes, str]) -> None:
    body, data, labels = sent
    decoded = undo_codings(data, labels)
    assert (decoded.body, decoded.whole) == (body, True)


def test_codings_named_in_another_order_than_they_were_put_on_are_undone() -> None:
    assert undo_codings(gzip.compress(brotli.compress(BODY)), "gzip, br").body == BODY
    assert undo_codings(brotli.compress(gzip.compress(BODY)), "gzip, br").body == BODY


@pytest.mark.parametrize("code", [gzip.compress, zlib.compress, raw, brotli.compress, zstd.compress])
@pytest.mark.parametrize("lost", [1, 5, 300])
def test_a_coded_body_that_breaks_off_is_not_whole(code: Callable[[bytes], bytes], lost: int) -> None:
    sent = code(BODY)[:-lost]
    label = next((name for name, codes in CODERS.items() if code in codes), "")
    for labels in (label, f"utf-8, {label}", f"{label}, identity"):
        decoded = undo_codings(sent, labels)
        assert not decoded.whole
        assert BODY.startswith(decoded.body)


def test_members_one_after_the_other_are_one_body_and_a_rest_is_none_of_it() -> None:
    for code, label in ((gzip.compress, "gzip"), (zstd.compress, "zstd")):
        decoded = undo_codings(code(BODY[:500]) + code(BODY[500:]) + b"\0\0junk", label)
        assert (decoded.body, decoded.whole) == (BODY, True)


@pytest.mark.parametrize("label", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_bombs_are_cut(label: str) -> None:
    sent = b"0" * 10**7
    for name in label.split(", "):
        sent = TRUE[name](sent)
    decoded = undo_codings(sent, label, 10**5)
    assert (decoded.body, decoded.whole) == (b"0" * 10**5, False)


def test_a_label_of_a_thousand_codings_costs_no_more_than_a_few() -> None:
    assert undo_codings(BODY, "br, deflate, gzip," * 1000).body == BODY


def test_chunks_are_joined_where_there_are_any() -> None:
    sent = chunked(gzip.compress(BODY))
    assert undo_codings(sent, "gzip, chunked").body == BODY
    assert undo_codings(gzip.compress(BODY), "gzip, chunked").body == BODY, "some archives have joined them"
    assert undo_codings(BODY, "gzip, chunked").body == BODY, "… and undone the rest"
    cut = undo_codings(chunked(BODY)[:-20], "chunked")
    assert (cut.whole, BODY.startswith(cut.body)) == (False, True)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.lists(st.sampled_from([*CLAIMED, "chunked"]), max_size=6).map(",".join))
def test_no_bytes_raise_anything(data: bytes, labels: str) -> None:
    assert len(undo_codings(data, labels, 1000).body) <= 1000


@pytest.mark.parametrize(
    ("content_type", "labels"), [("Text/HTML; charset=utf-8", ["gzip"]), ("application/gzip", []), ("", [])]
)
def test_a_packed_page_needs_no_label(content_type: str, labels: list[str]) -> None:
    assert unlabelled(gzip.compress(BODY), content_type) == labels
    assert unlabelled(BODY, content_type) == []
