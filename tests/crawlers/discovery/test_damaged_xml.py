"""Feeds and sitemaps with the damage that sites do to them: every address that is there is found, and the damage is told."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawlers.discovery import DiscoveryError
from crawlers.discovery.damaged_xml import mend, unpack
from tests.crawlers.discovery.reading import discovery, read

ADDRESSES = [f"http://sadanews.example/news.php?lang=ar&id={number}" for number in range(6)]
ARABIC = [f"http://sadanews.example/أخبار/هدنة-{number}" for number in range(4)]


def sitemap_of(addresses: list[str], *, title: str = "") -> str:
    urls = "".join(
        f"<url><loc>{address.replace('&', '&amp;')}</loc><news:news><news:title>{title}</news:title></news:news></url>"
        for address in addresses
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns:news="urn:news">{urls}</urlset>'


def feed_of(addresses: list[str], *, title: str = "خبر", encoding: str = "utf-8") -> str:
    items = "".join(
        f"<item><title>{title}</title><link>{address.replace('&', '&amp;')}</link></item>" for address in addresses
    )
    return f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel>{items}</channel></rss>'


DAMAGE = {
    "a blank first line": lambda xml: "\n" + xml,
    "a warning before it": lambda xml: "Warning: undefined index in sitemap.php" + xml,
    "no declaration": lambda xml: xml.partition("?>")[2],
    "a bare &": lambda xml: xml.replace("title>", "title>نفط & غاز ", 1),
    "an HTML entity": lambda xml: xml.replace("title>", "title>هدنة&nbsp;&hellip; ", 1),
    "an unknown entity": lambda xml: xml.replace("title>", "title>&hudna; ", 1),
    "a control character": lambda xml: xml.replace("title>", "title>هد\x0bنة", 1),
    "the number of one": lambda xml: xml.replace("title>", "title>&#8;هدنة&#x0;", 1),
    "a tag that is not closed": lambda xml: xml.replace("title>", "title><b>هدنة", 1),
    "the end missing": lambda xml: xml[: xml.rindex("</")],
    "another root's end": lambda xml: xml[: xml.rindex("</")] + "</html>",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize(("kind", "of"), [("sitemap", sitemap_of), ("feed", feed_of)])
def test_every_address_after_the_damage_is_whole(kind, of, damage):
    it = discovery(kind)
    found, _ = read(it, damage(of(ADDRESSES, title="هدنة")).encode())
    assert [one.url for one in found] == ADDRESSES


@pytest.mark.parametrize("name", ["a bare &", "a control character", "the number of one", "a warning before it"])
def test_what_was_mended_is_told(name):
    for kind, of in (("sitemap", sitemap_of), ("feed", feed_of)):
        it = discovery(kind)
        read(it, DAMAGE[name](of(ADDRESSES, title="هدنة")).encode())
        [note, *_] = it.notes
        assert "mended" in note
        assert not it.problems


@pytest.mark.parametrize("name", ["a tag that is not closed", "the end missing"])
def test_where_an_address_may_be_lost_the_discovery_has_a_problem(name):
    for kind, of in (("sitemap", sitemap_of), ("feed", feed_of)):
        it = discovery(kind)
        read(it, DAMAGE[name](of(ADDRESSES, title="هدنة")).encode())
        [problem] = it.problems
        assert "6 entries could be read" in problem


def test_nothing_is_told_of_what_is_whole():
    for kind, of in (("sitemap", sitemap_of), ("feed", feed_of)):
        it = discovery(kind)
        read(it, of(ADDRESSES, title="نفط &amp; غاز &lt;b&gt;").encode())
        assert not it.problems


@given(st.data())
def test_any_damage_anywhere_costs_no_address_beside_it(data):
    """Signs put between the elements of a list take nothing with them."""
    parts = sitemap_of(ADDRESSES).split("<url>")
    damage = st.sampled_from(["&", "& ", "&nbsp;", "&amp;", "\x01", "&#0;", "]]>", "\n", "<br>", "\ufffe"])
    broken = (
        parts[0] + "<url>" + "<url>".join(part + "".join(data.draw(st.lists(damage, max_size=3))) for part in parts[1:])
    )
    found, _ = read(discovery("sitemap"), broken.encode())
    assert [one.url for one in found] == ADDRESSES


@pytest.mark.parametrize("stated", ["utf-8", "windows-1256", "iso-8859-1", "us-ascii", "no-such-encoding"])
@pytest.mark.parametrize("header", ["", "application/xml", "text/xml; charset=windows-1256", "text/xml; charset=utf-8"])
@pytest.mark.parametrize("real", ["utf-8", "utf-8-sig", "windows-1256", "utf-16"])
def test_no_name_of_an_encoding_is_believed_against_the_bytes(real, header, stated):
    body = feed_of(ARABIC, encoding=stated).encode(real)
    found, _ = read(discovery("feed"), body, **({"Content-Type": header} if header else {}))
    assert [one.url for one in found] == ARABIC
    assert {one.how["title"] for one in found} == {"خبر"}
    found, _ = read(discovery("sitemap"), sitemap_of(ARABIC).encode(real))
    assert [one.url for one in found] == ARABIC


def test_one_bad_byte_costs_one_letter():
    it = discovery("feed")
    body = feed_of(ARABIC).encode().replace("خبر".encode(), "خبر".encode()[:-1], 1)
    found, _ = read(it, body)
    assert [one.url for one in found] == ARABIC
    assert [one.how["title"] for one in found] == ["خب\ufffd", "خبر", "خبر", "خبر"]
    assert "1 bytes that are no text" in it.notes[0]
    body = feed_of(ARABIC).encode().replace("هدنة".encode(), "هدنة".encode()[:-1], 1)
    it = discovery("feed")
    assert len(read(it, body)[0]) == 4
    assert "1 bytes that are no text" in it.problems[0]  # it stands in an address


def test_entities_that_the_file_declares():
    xml = '<!DOCTYPE urlset [<!ENTITY home "http://sadanews.example/?a=1&amp;b=">]><urlset><url><loc>&home;7</loc></url></urlset>'
    it = discovery("sitemap")
    [found], _ = read(it, xml.encode())
    assert found.url == "http://sadanews.example/?a=1&b=7"
    assert not it.problems


def test_entities_from_elsewhere_are_not_asked_for(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("http://sadanews.example/secret")
    xml = f'<!DOCTYPE urlset [<!ENTITY x SYSTEM "{secret.as_uri()}">]><urlset><url><loc>&x;</loc></url></urlset>'
    assert read(discovery("sitemap"), xml.encode())[0] == []
    xml = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]><rss><channel><item><link>&x;</link></item></channel></rss>'
    assert all("secret" not in one.url for one in read(discovery("feed"), xml.encode())[0])


def test_an_entity_bomb_is_refused():
    names = [f"e{level}" for level in range(12)]
    bomb = "".join(f'<!ENTITY {name} "{f"&{below};" * 10}">' for below, name in zip(["e", *names], names, strict=False))
    xml = f'<!DOCTYPE urlset [<!ENTITY e "ب">{bomb}]><urlset><url><loc>&e11;</loc></url></urlset>'
    it = discovery("sitemap")
    try:
        found, _ = read(it, xml.encode())
    except DiscoveryError:
        return
    assert sum(len(one.url) for one in found) < 10**6
    assert it.problems


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_sitemap_packed_again(times):
    body = sitemap_of(ADDRESSES).encode()
    for _ in range(times):
        body = gzip.compress(body)
    found, _ = read(discovery("sitemap"), body)
    assert [one.url for one in found] == ADDRESSES


def test_what_is_packed_is_bounded():
    with pytest.raises(DiscoveryError, match="larger than 1000 bytes"):
        unpack(gzip.compress(gzip.compress(b"0" * 10**6)), 1000)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_sitemap_of_plain_text(mark, end):
    it = discovery("sitemap")
    found, _ = read(it, (mark + end.join(ADDRESSES)).encode(), **{"Content-Type": "text/plain"})
    assert [one.url for one in found] == ADDRESSES
    assert not it.problems


def test_a_sitemap_that_is_a_feed():
    it = discovery("sitemap")
    body = feed_of(ADDRESSES).replace("</item>", "<pubDate>Sun, 10 May 2026 10:00:00 +0300</pubDate></item>")
    found, _ = read(it, body.encode())
    assert [one.url for one in found] == ADDRESSES
    assert found[0].how["published"] == "Sun, 10 May 2026 10:00:00 +0300"
    assert found[0].how["by"] == "sitemap"
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="{ARABIC[0]}"/></entry></feed>'
    assert [one.url for one in read(discovery("sitemap"), atom.encode())[0]] == ARABIC[:1]


@pytest.mark.parametrize(
    "root", ['<urlset xmlns="urn:wrong">', "<urlset>", '<sm:urlset xmlns:sm="urn:x">', "<sm:urlset>", "<URLSET>"]
)
def test_any_namespace_or_none(root):
    name = root[1:-1].split()[0]
    prefix = name.rpartition(":")[0] and "sm:"
    url, loc = ("URL", "LOC") if name.isupper() else (f"{prefix}url", f"{prefix}loc")
    urls = "".join(f"<{url}><{loc}>{one.replace('&', '&amp;')}</{loc}></{url}>" for one in ADDRESSES)
    found, _ = read(discovery("sitemap"), f"{root}{urls}</{name}>".encode())
    assert [one.url for one in found] == ADDRESSES


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_sitemaps_of_a_robots_txt_however_its_lines_end(mark, end):
    lines = ["Sitemap: http://sadanews.example/a.xml", "User-agent: *", "Disallow:", "sitemap:/b.xml"]
    it = discovery("sitemap", url="http://sadanews.example/robots.txt")
    _, more = read(it, (mark + end.join(lines)).encode())
    assert more == ["http://sadanews.example/a.xml", "http://sadanews.example/b.xml"]


@given(st.text(), st.sampled_from(["", "text/xml; charset=utf-8"]))
def test_mending_whole_xml_changes_nothing_that_is_read(text, header):
    element = etree.Element("a")
    try:
        element.text = text
    except ValueError:
        return  # characters that no XML may have
    mended, told = mend(etree.tostring(element, encoding="utf-8"), header)
    assert etree.fromstring(mended).text == (element.text or None)
    assert not told or "\ufffd" in text


@pytest.mark.parametrize("name", ["blank-first-line", "well-formed"])
def test_the_shared_sitemaps(shared: Path, name: str):
    body = (shared / "cases/01-sitemap-after-damage" / f"{name}.xml").read_bytes()
    found, _ = read(discovery("sitemap"), body)
    assert [one.url for one in found] == [
        f"http://sadanews.example/news.php?lang=ar&id={number}" for number in range(100, 106)
    ]


def test_the_shared_feeds(shared: Path):
    folder = shared / "cases/05-feed-encoding"
    for file in sorted(folder.glob("*.xml")):
        header = file.with_suffix(".headers").read_text().partition(":")[2].strip()
        found, _ = read(discovery("feed"), file.read_bytes(), **{"Content-Type": header})
        assert [one.url for one in found] == [f"http://sadanews.example/أخبار/قصف-{number}" for number in range(4)], (
            file
        )
