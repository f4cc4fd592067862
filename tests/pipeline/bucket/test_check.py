from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.bucket import Bucket, Standing, check_bucket
from tests import dialects
from tests.dialects import Answer, Ask, Request, through

pytestmark = pytest.mark.slow  # every dialect is asked for everything

FIRST = "objects come back byte for byte"


def keeps_a_copy() -> dialects.Dialect:
    """A cache that answers with the first version that it saw."""
    seen: dict[str, Answer] = {}

    def dialect(request: Request, ask: Ask) -> Answer:
        if request.method == "GET" and request.is_object:
            return seen.setdefault(request.path, ask(request))
        return ask(request)

    return dialect


def loses_pages(request: Request, ask: Ask) -> Answer:
    """A list that ends with its first page."""
    answer = ask(request)
    if request.is_list:
        answer.body = answer.body.replace(b"<IsTruncated>true", b"<IsTruncated>false")
    return answer


def deletes_nothing(request: Request, ask: Ask) -> Answer:
    return Answer(204) if request.method == "DELETE" and "/gone/" in request.path else ask(request)


def cuts_large(request: Request, ask: Ask) -> Answer:
    """A limit of four megabytes, told as most proxies tell it."""
    return Answer(413) if len(request.body) > 2**22 else ask(request)


def keeps_no_metadata(request: Request, ask: Ask) -> Answer:
    answer = ask(request)
    answer.headers = {name: value for name, value in answer.headers.items() if not name.startswith("x-amz-meta-")}
    return answer


def escapes(request: Request, ask: Ask) -> Answer:
    """Takes a plus sign for a space."""
    return ask(
        request if "names" not in request.path else dialects.replace(request, path=request.path.replace("%2B", "%20"))
    )


NONE: dict[str, Standing] = {}
UNGUARDED = {"If-None-Match": Standing.MISSING, "If-Match": Standing.MISSING}
SAYS: dict[str, tuple[Callable[[], dialects.Dialect], dict[str, Standing]]] = {
    "wants_content_md5": (lambda: dialects.wants_content_md5, NONE),
    "refuses_checksums": (lambda: dialects.refuses_checksums, NONE),
    "keeps_framing": (lambda: dialects.keeps_framing, NONE),
    "ignores_guards": (lambda: dialects.ignores_guards, UNGUARDED),
    "refuses_guards": (lambda: dialects.refuses_guards, UNGUARDED | {"the documents table": Standing.FAILS}),
    "ignores_ranges": (lambda: dialects.ignores_ranges, {"parts of objects": Standing.FAILS}),
    "no_etags": (
        lambda: dialects.no_etags,
        {
            "ETags": Standing.MISSING,
            "If-Match": Standing.MISSING,
            "copying": Standing.MISSING,
            "the documents table": Standing.FAILS,
        },
    ),
    "weak_etags": (
        lambda: dialects.weak_etags,
        {"ETags": Standing.MISSING, "If-Match": Standing.MISSING, "copying": Standing.MISSING},
    ),
    "bare_etags": (lambda: dialects.bare_etags, NONE),
    "other_etags": (lambda: dialects.other_etags, {"ETags": Standing.MISSING}),
    "lists_in_no_order": (
        lambda: dialects.lists_in_no_order,
        {"lists in several pages, in order": Standing.MISSING, "the documents table": Standing.FAILS},
    ),
    "lists_late": (dialects.lists_late, {"lists are up to date": Standing.FAILS}),
    "misses_in_other_words": (lambda: dialects.misses_in("ObjectNotFound"), NONE),
    "rewrites": (lambda: dialects.rewrites(lambda data: data.replace(b"\r\n", b"\n")), {FIRST: Standing.FAILS}),
    "keeps_a_copy": (keeps_a_copy, {FIRST: Standing.FAILS}),
    "loses_pages": (lambda: loses_pages, {"lists in several pages, in order": Standing.FAILS}),
    "deletes_nothing": (lambda: deletes_nothing, {"deleting": Standing.FAILS}),
    "cuts_large": (lambda: cuts_large, {"large objects": Standing.FAILS}),
    "keeps_no_metadata": (lambda: keeps_no_metadata, {"metadata": Standing.MISSING, "copying": Standing.MISSING}),
    "escapes": (lambda: escapes, {"names": Standing.MISSING}),
}


def test_a_store_that_knows_all_is_told_so_and_left_as_it_was(bucket: Bucket) -> None:
    bucket.put("warraq-check-of-mine", b"1")
    found = list(check_bucket(bucket))
    assert {finding.standing for finding in found} == {Standing.WORKS}, found
    assert [stored.key for stored in bucket.list()] == ["warraq-check-of-mine"]


@pytest.mark.parametrize("name", SAYS)
def test_what_a_store_lacks_is_told(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    dialect, lacks = SAYS[name]
    with through(bucket, monkeypatch, dialect()) as spoken:
        found = list(check_bucket(spoken))
    told = {finding.tried: finding for finding in found if finding.standing is not Standing.WORKS}
    assert {tried: finding.standing for tried, finding in told.items()} == lacks, told
    assert all(finding.says for finding in told.values())
    if name != "deletes_nothing":
        assert not list(bucket.list())


def test_a_check_that_is_broken_off_leaves_nothing(bucket: Bucket) -> None:
    checking = check_bucket(bucket)
    next(checking)
    next(checking)
    assert list(bucket.list())
    checking.close()
    assert not list(bucket.list())
