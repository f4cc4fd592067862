"""What must hold between the fields of the forms."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.conftest import ROOT

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
ASKED = {
    "sources": ["siraj", "alsaha", "siraj"],
    "since": "2024-03-01",
    "until": "2024-04-01",
    "discovery": None,
    "refetch": ["blocked"],
    "limit": None,
    "dry_run": False,
}


@pytest.fixture(autouse=True)
def _sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARRAQ_SOURCES", str(ROOT / "demo" / "sources"))


def check(paused: tuple[str, ...] = (), **more):
    from dags.forms import check_crawls

    return check_crawls(ASKED | more, now=NOW, is_paused=lambda dag_id: dag_id in paused)


def test_each_source_once_with_the_parameters_of_its_own_dag() -> None:
    conf = {name: ASKED[name] for name in ("since", "until", "discovery", "refetch", "limit", "dry_run")}
    assert check() == [
        {"trigger_dag_id": "crawl_siraj", "conf": conf},
        {"trigger_dag_id": "crawl_alsaha", "conf": conf},
    ]
    assert check(since="2024-05-01", until="2024-05-02")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"until": "2024-03-01"}, r"since \(2024-03-01\) must lie before until \(2024-03-01\)"),
        ({"since": "2024-05-03", "until": "2024-06-01"}, r"since \(2024-05-03\) lies in the future"),
        ({"sources": ["siraj", "nowhere"]}, "no source 'nowhere' in .*; there are: alsaha"),
        ({"discovery": ["sitemap", "wayback"]}, "siraj has no discovery by wayback: its file names feed, sitemap"),
        ({"paused": ("crawl_siraj",)}, "paused, so a run would wait for ever: crawl_siraj: switch"),
    ],
)
def test_what_cannot_be_done_is_said(more, words) -> None:
    from dags.forms import FormError

    with pytest.raises(FormError, match=words):
        check(**more)


@pytest.fixture
def of_wars(tmp_path, monkeypatch) -> None:
    """Sources of two wars: one whose DAG may be paused, one from archives alone, one that is no file at all."""
    feed = "discovery:\n  - type: feed\n    url: http://x.example/feed\n"
    for id_, more in {
        "aa": f"conflicts: [Syria]\ncountries: [SY]\n{feed}",
        "bb": f"conflicts: [Syria, Sudan]\n{feed}",
        "cc": "conflicts: [Syria]\n",
        "dd": "nonsense: 1\n",
        "ee": "conflicts: [Libya]\n",
    }.items():
        text = f"id: {id_}\nname: x\nhome: http://x.example/\ntimezone: UTC\n{more}"
        (tmp_path / f"{id_}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path))


def test_a_group_stands_for_its_sources_that_can_be_crawled(of_wars) -> None:
    from dags.forms import FormError, configured, groups

    assert list(groups(configured())) == [
        *("all sources", "conflict: Libya", "conflict: Sudan", "conflict: Syria", "country: SY")
    ]

    def crawled(*sources: str, **more) -> list[str]:
        return [one["trigger_dag_id"] for one in check(sources=list(sources), **more)]

    assert crawled("all sources") == ["crawl_aa", "crawl_bb"]
    assert crawled("conflict: Sudan", "country: SY") == ["crawl_bb", "crawl_aa"]
    assert crawled("bb", "conflict: Syria", paused=("crawl_aa",)) == ["crawl_bb"]
    with pytest.raises(FormError, match="conflict: Libya: none of its sources can be crawled so"):
        crawled("conflict: Libya", "aa")
    with pytest.raises(FormError, match="country: SY: none of its sources can be crawled so, or their DAGs are paused"):
        crawled("country: SY", paused=("crawl_aa",))
    with pytest.raises(FormError, match="all sources: none"):
        crawled("all sources", discovery=["sitemap"])


def test_all_that_is_wrong_is_said_at_once() -> None:
    from dags.forms import FormError

    with pytest.raises(FormError, match=r"must lie before until .*; no source 'nowhere'.*; paused.*: crawl_alsaha:"):
        check(until="2024-02-01", sources=["nowhere", "alsaha"], paused=("crawl_alsaha",))


def test_a_source_that_is_known_from_archives_alone_cannot_be_crawled(tmp_path, monkeypatch) -> None:
    from dags.forms import FormError

    archives = "id: turath\nname: تراث\nhome: http://turath.example/\ntimezone: Asia/Beirut\n"
    (tmp_path / "turath.yaml").write_text(archives, encoding="utf-8")
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path))
    with pytest.raises(FormError, match="turath has no discovery, so there is nothing to crawl"):
        check(sources=["turath"])


def test_the_types_to_choose_from_are_those_that_a_file_may_name() -> None:
    from typing import get_args

    from dags.forms import DISCOVERIES
    from pipeline.sources import Discovery

    assert [one.model_fields["type"].annotation.__args__[0] for one in get_args(get_args(Discovery)[0])] == list(
        DISCOVERIES
    )


def test_locations_of_an_import() -> None:
    from dags.forms import FormError, check_import

    assert check_import("siraj", [" /a.warc.gz ", "", "s3://b/c.wacz", "/a.warc.gz"]) == ["/a.warc.gz", "s3://b/c.wacz"]
    with pytest.raises(FormError, match="at least one WARC, ARC or WACZ"):
        check_import("siraj", [" ", ""])
    with pytest.raises(FormError, match="no source 'nowhere'"):
        check_import("nowhere", ["/a.warc.gz"])


@pytest.mark.parametrize(
    "location",
    [
        "https://me:s3cret@host.example/a.warc.gz",
        "s3://s3cret@b/a.warc.gz",
        "https://host.example/a.warc.gz?X-Amz-Date=1&X-Amz-Signature=s3cret",
        "https://host.example/a.warc.gz?AWSAccessKeyId=s3cret",
        "https://host.example/a.warc.gz?Key-Pair-Id=s3cret",
        "https://host.example/a.warc.gz?sv=1&sig=s3cret",
        "https://host.example/a.warc.gz?access_token=s3cret",
    ],
)
def test_an_archives_address_with_a_password_is_refused_before_anything_is_kept_of_it(location: str) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    from dags.forms import FormError, check_import
    from dags.import_archive import dag

    with pytest.raises(FormError, match=r"take it in by `warraq import`") as refused:
        check_import("siraj", ["/a.warc.gz", location])
    assert "s3cret" not in str(refused.value)
    locations = dag.params.get_param("locations")
    with pytest.raises(ParamValidationError):
        locations.resolve(["/a.warc.gz", location])
    without = ["https://host.example/@a/keys.warc.gz?keyword=1&author=2", "s3://b/a@b.wacz"]
    assert locations.resolve(without) == check_import("siraj", without) == without
