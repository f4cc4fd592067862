"""The articles of a mirror are measured against their CMS's container."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from benchmarks._mirrors import Measured, Mirror, MirrorError, load_mirrors, report, split_boxes
from benchmarks.quality import main
from tests.pipeline.extract.pages import PARAGRAPHS, page, paragraphs

if TYPE_CHECKING:
    from pathlib import Path

CONTAINER = "div.entry-content"
TEXT = paragraphs(*PARAGRAPHS)


def mirror(folder: Path, *, selector: str = CONTAINER, boxes: tuple[str, ...] = (), **pages: str) -> Mirror:
    for name, text in pages.items():
        file = folder / name / "index.html"
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
    return Mirror(folder, selector, site="https://www.alnahr.example/", boxes=boxes)


@pytest.mark.parametrize("selector", [CONTAINER, '//div[@class="entry-content"]'])
def test_a_whole_article_is_what_its_container_holds(tmp_path: Path, selector: str) -> None:
    assert mirror(tmp_path, selector=selector, bridge=page()).measure() == [
        Measured("bridge/index.html", 1.0, None, words=len(" ".join(PARAGRAPHS).split()), left_out=0)
    ]


def test_what_is_none_of_the_text_is_left_out_of_the_container(tmp_path: Path) -> None:
    inner = (
        f"{TEXT}<script>أعلن</script><figure><img src='a.jpg'><figcaption>الجسر بعد إصلاحه في صورة من الأرشيف</figcaption></figure>"
        "<p>https://video.example/watch?v=1</p><div class='see-also-links'><p>أخبار أخرى عن الجسور في المدينة</p></div>"
    )
    [measured] = mirror(tmp_path, bridge=page(inner), boxes=split_boxes("related (see also)")).measure()
    assert measured.f1 == 1


def test_a_box_counts_where_nobody_says_that_it_is_none_of_the_article(tmp_path: Path) -> None:
    inner = f"{TEXT}<div class='share-links'><p>شارك الخبر مع أصدقائك على مواقع التواصل</p></div>"
    [measured] = mirror(tmp_path, bridge=page(inner)).measure()
    assert measured.f1 is not None
    assert measured.f1 < 1


READ_ALSO = "<p>اقرأ أيضا: <a href='/market'>السوق القديم يفتح أبوابه</a></p>"


@pytest.mark.parametrize(
    "line",
    [
        READ_ALSO,
        "<blockquote class='instagram-media'><p><a href='https://www.instagram.com/p/1/'>A bridge at last</a></p></blockquote>",
        "<img alt='حصص المناطق من الترميم' src='a.png'><h2>حصص المناطق من الترميم</h2>",
    ],
)
def test_what_is_no_text_of_the_container_counts_neither_way(tmp_path: Path, line: str) -> None:
    [measured] = mirror(tmp_path, bridge=page(TEXT + line)).measure()
    assert measured.f1 == 1
    assert measured.left_out > 0


@pytest.mark.parametrize(("called", "is_judged"), [("page page-id-7", False), ("single single-post", True)])
def test_what_wordpress_calls_no_article_is_rightly_rejected(tmp_path: Path, called: str, is_judged: bool) -> None:
    html = page("<p>راسلونا على العنوان التالي</p>", title="اتصل بنا").replace("<body", f"<body class='{called}'")
    [measured] = mirror(tmp_path, contact=html).measure()
    assert measured.rejected is not None
    assert (measured.f1 is not None) is is_judged


def test_one_half_of_a_mirror_teaches_what_the_other_is_read_by(tmp_path: Path) -> None:
    pages = {
        f"n{n:02}": page(paragraphs(*(f"{text} ({n})" for text in PARAGRAPHS)), title=f"خبر {n}") for n in range(12)
    }
    whole = mirror(tmp_path, **pages)
    said = io.StringIO()
    report([whole], None, Console(file=said, width=250), learn=True)
    assert f"{tmp_path.name}: .entry-content (in one place on 6 of 6" in said.getvalue().replace("div.", ".")
    assert "100.0%" in said.getvalue()


def test_too_few_articles_teach_nothing_and_say_so(tmp_path: Path) -> None:
    said = io.StringIO()
    report([mirror(tmp_path, bridge=page())], None, Console(file=said, width=250), learn=True)
    assert "no captures" in said.getvalue()


def test_a_post_without_text_has_no_score(tmp_path: Path) -> None:
    [measured] = mirror(tmp_path, video=page("<iframe src='https://video.example/'></iframe>")).measure()
    assert measured.f1 is None


def test_lists_are_no_articles(tmp_path: Path) -> None:
    card = f'<div class="entry-content">{TEXT}</div>'
    assert (
        mirror(tmp_path, news=f"<html><body>{card * 2}</body></html>", about="<html><body></body></html>").measure()
        == []
    )


def test_a_sample_is_even_and_the_same_each_time(tmp_path: Path) -> None:
    whole = mirror(tmp_path, **{f"news{number}": page() for number in range(6)})
    sample = [one.path for one in whole.measure(3)]
    assert sample == [f"news{number}/index.html" for number in (0, 2, 4)]
    assert [one.path for one in whole.measure(100)] == [one.path for one in whole.measure()]


def test_the_paths_choose_the_pages(tmp_path: Path) -> None:
    mirror(tmp_path, bridge=page(), tag=page())
    assert [one.path for one in Mirror(tmp_path, CONTAINER, r"^(?!tag/)").measure()] == ["bridge/index.html"]


def test_the_report_has_the_shares_and_the_pages_that_fail(tmp_path: Path) -> None:
    said = io.StringIO()
    pages = mirror(tmp_path, bridge=page(), short=page("<p>قصير جدا هذا</p>"))
    report([pages], None, Console(file=said, width=200))
    assert "50.0%" in said.getvalue()
    assert f"0.000  rejected: headline_only  {tmp_path / 'short' / 'index.html'}" in said.getvalue()


def test_a_table_names_mirrors(tmp_path: Path) -> None:
    table = tmp_path / "mirrors.tsv"
    row = (
        "someone/alnahr",
        "main",
        "https://www.alnahr.example/",
        '//div[@id="text"]',
        r"\.html$",
        "share, toc (lwptoc)",
    )
    table.write_text("head\n" + "\t".join(row) + "\n", encoding="utf-8")
    assert load_mirrors(table, tmp_path) == [
        Mirror(tmp_path / "alnahr", row[3], row[4], row[2], ("share", "toc", "lwptoc"))
    ]


@pytest.mark.parametrize(
    ("selector", "paths", "said"),
    [
        ("//div[", ".", "neither XPath nor CSS"),
        ("div..x", ".", "neither XPath nor CSS"),
        ("div", "(", "no regular expression"),
    ],
)
def test_a_selector_or_a_path_that_is_none_ends_in_a_sentence(
    tmp_path: Path, selector: str, paths: str, said: str
) -> None:
    (tmp_path / "a.html").write_text(page(), encoding="utf-8")
    with pytest.raises(MirrorError, match=said):
        Mirror(tmp_path, selector, paths).measure()


def test_a_mistake_on_the_command_line_ends_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "mirrors.tsv"
    table.write_text("head\nonly one column\n", encoding="utf-8")
    assert main("--mirrors", str(table), str(tmp_path)) == 1
    assert capsys.readouterr().err == f"{table}, line 2: 1 columns, not 6: mend the line\n"
    assert main("--mirror", str(tmp_path / "gone"), "div") == 1
    assert "gone is no folder" in capsys.readouterr().err
