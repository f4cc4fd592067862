"""``warraq extract``, run as a user runs it: one page from wherever it lies, and why it came out so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.captures import list_page_files
from tests.pipeline.conftest import archive, page, prose
from tests.pipeline.extract.pages import HOME, PARAGRAPHS, TITLE, URL, linked_data, paragraphs
from tests.pipeline.extract.pages import page as article
from tests.warraq.test_cli import fails, warraq

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.bucket import Bucket

HEAD = (
    '<meta property="og:type" content="article"><meta property="og:image" content="/bridge.jpg">'
    '<meta property="article:section" content="محليات"><meta property="article:tag" content="الجسر الشرقي">'
) + linked_data(datePublished="2024-03-05T10:00:00+03:00")


@pytest.fixture
def saved(tmp_path: Path) -> str:
    """A saved page with all that an article can have."""
    file = tmp_path / "page.html"
    text = paragraphs(*PARAGRAPHS, "أضف تعليق")
    byline = "<p>دمشق - سامر علي - سانا</p>"
    picture = '<figure><img src="/1.jpg"><figcaption>الجسر بعد إصلاحه</figcaption></figure>'
    file.write_text(article(text, head=HEAD, around=(f"{byline}{picture}", "")), encoding="utf-8")
    return str(file)


def test_all_that_the_page_has(saved: str) -> None:
    done = warraq("extract", saved, "--url", URL)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["rejected"] is None
    assert (found["title"], found["body"]) == (TITLE, "\n".join(PARAGRAPHS))
    assert (found["authors"], found["agencies"]) == (["سامر علي"], ["سانا"])
    assert (found["section"], found["tags"]) == ("محليات", ["الجسر الشرقي"])
    assert (found["image"], found["captions"]) == (HOME + "bridge.jpg", ["الجسر بعد إصلاحه"])
    assert (found["language"], found["standfirst"]) == ("ar", None)
    assert "removed" not in found


def test_a_page_of_no_source_in_another_of_our_languages_is_read(tmp_path: Path) -> None:
    text = paragraphs(
        "شهرداری شهر کوچک ما صبح امروز پل شرقی را پس از چهار ماه تعمیر به روی خودروها باز کرد و مردم از این خبر خوشحال شدند.",
        "مهندس ناظر گفت که کارگران سه ستون اصلی را عوض کرده\u200cاند و پایه\u200cها را با بتن مسلح استوارتر ساخته\u200cاند.",
        "او افزود که بیش از بیست روستا از این پل استفاده می\u200cکنند و بسته بودن آن راه اهالی را یک ساعت دورتر می\u200cکرد.",
    )
    file = tmp_path / "page.html"
    file.write_text(article(text, title="بازگشایی پل شرقی پس از تعمیر"), encoding="utf-8")
    found = json.loads(warraq("extract", str(file), "--url", "http://unknown.example/1").stdout)
    assert (found["rejected"], found["language"]) == (None, "fa")


def parts(output: str) -> dict[str, list[str]]:
    """The lines of each part of an explanation, by the part's first line."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in output.splitlines():
        if line.startswith("  "):
            found[name].append(line.removeprefix("  "))
        else:
            name = line
            found.setdefault(name, [])
    return found


def test_where_each_part_was_found_and_what_was_taken_away(saved: str) -> None:
    """Each line whole, whatever the width of the terminal: a wrapped right-to-left line cannot be read."""
    done = warraq("extract", saved, "--url", URL, "--explain", COLUMNS="20")
    assert done.returncode == 0, done.stderr
    told = parts(done.stdout)
    assert told["title (h1)"] == [TITLE]
    assert told["authors (line «دمشق - سامر علي - سانا»)"] == ["سامر علي"]
    [published] = [lines for name, lines in told.items() if name.startswith("published (json-ld:datePublished, ")]
    assert published == ["2024-03-05, known to the second", "2024-03-05T07:00:00+00:00", "2024-03-05T10:00:00+03:00"]
    assert told["body (main > article > div.entry-content, general, high confidence)"] == list(PARAGRAPHS)
    assert told["removed (comment-prompt)"] == ["أضف تعليق"]
    assert told["captions"] == ["الجسر بعد إصلاحه"]
    assert told["standfirst: none"] == []


def test_a_saved_page_that_states_its_url_but_no_date(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(article(head=f'<link rel="canonical" href="{HOME}bridge">'), encoding="utf-8")
    told = parts(warraq("extract", str(file), "--explain").stdout)
    assert told["url"] == [HOME + "bridge"]
    [day] = told["published (captured, low confidence)"]
    assert day.endswith(", the day of the capture")


def test_why_a_page_is_no_article(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(b"<html><body></body></html>")
    told = parts(warraq("extract", str(file), "--url", URL, "--explain").stdout)
    assert told["rejected"] == ["empty"]
    assert not [name for name in told if name.startswith("body")]


# ---- pages that were captured


@pytest.fixture
def warc(bucket: Bucket, tmp_path: Path) -> Path:
    """A WARC file with two pages, and the same file in the bucket."""
    pages = {f"http://alfajr.example/{n}": page(f"خبر عن الجسر {n}", prose(n), "2024-03-05") for n in (1, 2)}
    file = tmp_path / "two.warc.gz"
    file.write_bytes(bucket.get(archive(bucket, "alfajr", "x", pages)))
    return file


def test_a_page_of_a_warc_file(warc: Path) -> None:
    found = json.loads(warraq("extract", str(warc), "--url", "http://alfajr.example/2?utm_source=x").stdout)
    assert found["title"] == "خبر عن الجسر 2"
    assert found["url"] == "http://alfajr.example/2"


def test_a_captured_page_of_the_bucket(warc: Path, bucket: Bucket) -> None:
    from pipeline.captures import read_captures

    [key] = list_page_files(bucket)
    with warc.open("rb") as stream:
        offsets = [capture.offset for capture in read_captures(stream, key)]
    found = json.loads(warraq("extract", f"{key}#{offsets[1]}").stdout)
    assert found["title"] == "خبر عن الجسر 2"
    assert "no page at offset 7" in fails("extract", f"{key}#7")


def test_what_a_warc_file_does_not_say(warc: Path) -> None:
    assert "holds 2 pages; say which with --url: http://alfajr.example/1, " in fails("extract", str(warc))
    assert "no page with the URL http://alfajr.example/3" in fails(
        "extract", str(warc), "--url", "http://alfajr.example/3"
    )
