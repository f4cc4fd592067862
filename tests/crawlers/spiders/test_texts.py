"""The texts that wait for their pages."""

import tracemalloc

from crawlers.spiders.texts import _IN_MEMORY, Texts


def test_what_came_first_goes_first_and_what_it_lacks_is_added() -> None:
    texts = Texts()
    texts.add("a", {"by": "feed", "title": "عنوان", "summary": "أول"})
    texts.add("b", {"by": "sitemap"})
    texts.add("a", {"by": "wordpress", "summary": "آخر", "content": "<p>كله</p>"})
    texts.add("a", {"by": "listing"})
    assert texts.of("a") == {"summary": "أول", "content": "<p>كله</p>"}
    assert texts.of("b") == texts.of("c") == {}


def test_a_crawl_of_years_keeps_little_in_memory() -> None:
    texts, count = Texts(), 20_000
    content = bytes(range(256)).decode("latin-1") * 16
    tracemalloc.start()
    try:
        for number in range(count):
            texts.add(f"http://sadanews.example/news/{number}", {"content": f"{number} {content[number % 4000 :]}"})
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < _IN_MEMORY + 400 * count
    for number in (0, count // 2, count - 1):
        assert texts.of(f"http://sadanews.example/news/{number}")["content"].startswith(f"{number} ")
