# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "goose3[arabic]>=3.1.20",
#   "jusText>=3.0.2",
#   "lxml_html_clean>=0.4",
#   "news-please>=1.6.16",
#   "newspaper4k>=0.9.3",
#   "readability-lxml>=0.8.4",
# ]
# ///
"""What other extractors make of pages, for `benchmarks.quality`, in an environment of their own.

Reads a JSON list of ``{"file", "url", "lang"}`` and writes one JSON object: for each system, for each file, what it found.
Each system is told the page's language where it can be.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import justext
import newspaper
from goose3 import Goose
from goose3.text import StopWordsArabic
from lxml import html as lxml_html
from newsplease import NewsPlease
from readability import Document


def newspaper4k(html: str, url: str, language: str) -> dict[str, Any]:
    article = newspaper.Article(url, language=language)
    article.download(input_html=html)
    article.parse()
    day = article.publish_date.date().isoformat() if article.publish_date else None
    return {"title": article.title, "authors": article.authors, "body": article.text, "day": day}


def readability_lxml(html: str, url: str, _language: str) -> dict[str, Any]:
    document = Document(html, url=url)
    tree = lxml_html.fromstring(document.summary())
    for element in tree.iter("p", "div", "li", "br", "h1", "h2", "h3", "h4", "blockquote"):
        element.tail = "\n" + (element.tail or "")
    return {"title": document.short_title(), "body": str(tree.xpath("string()"))}


def goose3(html: str, _url: str, language: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"use_meta_language": False, "target_language": language, "enable_image_fetching": False}
    if language == "ar":
        settings["stopwords_class"] = StopWordsArabic
    article = Goose(settings).extract(raw_html=html)
    day = str(article.publish_date)[:10] if article.publish_date else None
    return {"title": article.title, "authors": article.authors, "body": article.cleaned_text, "day": day}


def news_please(html: str, url: str, _language: str) -> dict[str, Any]:
    article = NewsPlease.from_html(html, url=url)
    day = str(article.date_publish)[:10] if article.date_publish else None
    return {"title": article.title, "authors": article.authors or [], "body": article.maintext or "", "day": day}


def jus_text(html: str, _url: str, language: str) -> dict[str, Any]:
    words = justext.get_stoplist("Persian" if language == "fa" else "Arabic")
    paragraphs = justext.justext(html.encode(), words, encoding="utf-8")
    return {"body": "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)}


SYSTEMS = {
    "newspaper4k": newspaper4k,
    "readability-lxml": readability_lxml,
    "goose3": goose3,
    "news-please": news_please,
    "jusText": jus_text,
}


def main() -> None:
    """Read all pages with all systems; one that fails on a page finds nothing there."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    found: dict[str, dict[str, Any]] = {name: {} for name in SYSTEMS}
    for page in json.load(sys.stdin):
        html = Path(page["file"]).read_bytes().decode("utf-8", errors="replace")
        for name, system in SYSTEMS.items():
            try:
                found[name][page["file"]] = system(html, page["url"], page["lang"])
            except Exception as error:  # whatever it is that breaks them
                found[name][page["file"]] = {"failed": repr(error)}
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
