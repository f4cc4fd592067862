"""What the words of an element's class and id say of it: the groups of ``markup.yaml``, and which of them are furniture."""

from __future__ import annotations

from functools import cache

from pipeline.rules.load import Strict, Words, read


class Markup(Strict):
    """What ``markup.yaml`` holds; that file says what the groups are."""

    comments: Words
    comment_lists: Words
    related: Words
    lists: Words
    writers_lists: Words
    sliders: Words
    navigation: Words
    breadcrumbs: Words
    sides: Words
    footers: Words
    sharing: Words
    social: Words
    advertising: Words
    banners: Words
    apart: Words
    perhaps_apart: Words
    boxes: Words
    articles: Words
    article_pages: Words
    headlines: Words
    titles: Words
    kickers: Words
    subtitles: Words
    labels: Words
    quotes: Words
    captions: Words
    pictures: Words
    logos: Words
    brands: Words
    bylines: Words
    writers: Words
    more_writers: Words
    portraits: Words
    more_portraits: Words
    person_names: Words
    sources: Words
    stamps: Words
    dates: Words
    unseen: Words
    tags: Words
    keywords: Words
    more_tags: Words
    categories: Words
    sections: Words

    @property
    def sure(self) -> frozenset[str]:
        """The words of elements that are never the article, even where they read like it.

        They never count on an element that holds the article or a good part of it: themes set such words on whole pages.
        """
        return frozenset().union(
            self.comments,
            self.related,
            self.breadcrumbs,
            self.sharing,
            self.apart,
            self.captions,
            self.bylines,
            self.stamps,
            self.tags,
        )

    @property
    def likely(self) -> frozenset[str]:
        """The words of elements that are the article only where its text is found in them."""
        return frozenset().union(
            self.lists,
            self.sliders,
            self.navigation,
            self.sides,
            self.footers,
            self.social,
            self.advertising,
            self.perhaps_apart,
            self.dates,
            self.unseen,
            self.pictures,
            self.writers,
            self.portraits,
            self.keywords,
        )


@cache
def markup() -> Markup:
    """The words of classes and ids, read once."""
    return read("markup.yaml", Markup)
