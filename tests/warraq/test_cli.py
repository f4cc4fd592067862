"""The command line, run as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest

from crawlers.run import DiscoveryReport, Outcome
from demo.gold import gold_rows
from demo.server import DemoServer
from pipeline.bucket import Bucket
from pipeline.captures import list_page_files
from pipeline.corpus import read_articles
from tests import dialects
from tests.conftest import ROOT
from tests.pipeline.conftest import archive, page, prose, tamper
from tests.pipeline.health.conftest import put_report

pytestmark = pytest.mark.slow


def warraq(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "warraq", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "160", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def fails(*arguments: str, **environment: str) -> str:
    """The error of a command that a person got wrong: one sentence, no traceback."""
    done = warraq(*arguments, **environment)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, str]:
    """The setting that names a folder with one source."""
    text = "id: alfajr\nname: صحيفة الفجر\nhome: http://alfajr.example/\ntimezone: Asia/Damascus\n"
    (tmp_path / "alfajr.yaml").write_text(text, encoding="utf-8")
    return {"WARRAQ_SOURCES": str(tmp_path)}


@pytest.mark.parametrize(
    "command",
    [
        "demo",
        "up",
        "settings",
        "sources",
        "source",
        "probe",
        "check",
        "crawl",
        "coverage",
        "health",
        "report",
        "import",
        "build",
        "extract",
        "learn",
        "date",
        "corpus",
        "explain",
        "verify",
        "takedown",
    ],
)
def test_every_command_explains_itself(command: str) -> None:
    assert command in warraq("--help").stdout
    done = warraq(command, "-h")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_the_version_is_that_of_the_package() -> None:
    assert warraq("--version").stdout == f"warraq {version('warraq')}\n"


@pytest.mark.parametrize("before", ["crawl", "import", "coverage", "check", "learn"])
def test_the_shell_completes_the_ids_of_sources(sources: dict[str, str], before: str) -> None:
    typed = {"_WARRAQ_COMPLETE": "complete_bash", "COMP_WORDS": f"warraq {before} al", "COMP_CWORD": "2"}
    done = subprocess.run(
        [Path(sys.executable).parent / "warraq"],
        cwd=ROOT,
        env=os.environ | sources | typed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["alfajr"]


def test_a_bucket_is_made_when_asked_for_alone(s3: str, sources: dict[str, str]) -> None:
    name = {"WARRAQ_BUCKET": "mistyped"}
    for command in (["build"], ["crawl", "alfajr"], ["import", "alfajr", "README.md"], ["corpus"], ["coverage"]):
        assert "there is no bucket 'mistyped'" in fails(*command, **sources, **name)
    assert warraq("build", "--create-bucket", **sources, **name).returncode == 0
    assert warraq("build", "--json", **sources, **name).returncode == 0


def test_what_a_store_lacks_is_told(bucket: Bucket) -> None:
    assert "there is no bucket 'never-made'" in fails("bucket", "check", WARRAQ_BUCKET="never-made")
    done = warraq("bucket", "check", "--json")
    assert done.returncode == 0
    assert {found["standing"] for found in map(json.loads, done.stdout.splitlines())} == {"works"}
    with dialects.speaking(bucket.endpoint, dialects.refuses_guards) as url:
        done = warraq("bucket", "check", AWS_ENDPOINT_URL_S3=url)
    assert done.returncode == 1
    assert "missing\tIf-None-Match" in done.stdout
    assert "fails\tthe documents table" in done.stdout
    assert "never run a second one" in done.stdout


def test_airflows_command_wants_an_airflow_that_runs(tmp_path: Path) -> None:
    assert f"no Airflow runs on {tmp_path}" in fails("airflow", "--home", str(tmp_path), "dags", "list", "--help")
    # What a set-up that was killed left behind is none, either.
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "environment.json").write_text("{}", encoding="utf-8")
    (tmp_path / "lock").touch()
    assert f"no Airflow runs on {tmp_path}" in fails("airflow", "version", WARRAQ_HOME=str(tmp_path))


def test_sources_are_listed(sources: dict[str, str]) -> None:
    assert "صحيفة الفجر" in warraq("sources", **sources).stdout
    [listed] = map(json.loads, warraq("sources", "--json", **sources).stdout.splitlines())
    assert (listed["id"], listed["discovery"], listed["enabled"]) == ("alfajr", [], True)


def test_a_wrong_source_file_is_named_with_its_line(tmp_path: Path, sources: dict[str, str]) -> None:
    (tmp_path / "alfajr.yaml").write_text("id: alfajr\nname: x\nhomes: y\n", encoding="utf-8")
    assert "alfajr.yaml:3: homes: unknown key" in fails("sources", **sources)


def test_import_build_and_look(bucket: Bucket, tmp_path: Path, sources: dict[str, str]) -> None:
    elsewhere = Bucket()
    pages = {f"http://alfajr.example/{n}": page(f"خبر {n}", prose(n), "2024-03-05") for n in range(3)}
    file = tmp_path / "gathered elsewhere.warc.gz"
    key = archive(elsewhere, "alfajr", "x", pages)
    file.write_bytes(elsewhere.get(key))
    elsewhere.delete_below("captures/")
    assert "no corpus yet" in fails("corpus")
    done = warraq("import", "alfajr", str(file), **sources)
    assert "3 pages taken in, 0 known before" in done.stdout
    assert warraq("import", "alfajr", str(file), **sources).returncode == 0
    assert len(list_page_files(bucket)) == 1
    done = warraq("build", **sources)
    assert done.returncode == 0, done.stderr
    assert "Report: reports/build-" in done.stderr
    shown = warraq("corpus").stdout
    assert "2024-03-05" in shown
    assert "alfajr\t3\t3\t0\t0" in shown
    day, source, total = map(json.loads, warraq("corpus", "--json").stdout.splitlines())
    assert (day["published"], day["rows"]) == ("2024-03-05", 3)
    assert (
        source
        == total | {"source": "alfajr"}
        == {"source": "alfajr", "captured": 3, "articles": 3, "copies": {}, "rejected": {}}
    )
    verified = warraq("corpus", "verify", **sources)
    assert verified.returncode == 0
    assert "1 partitions, 3 articles" in verified.stdout
    bucket.put("articles/published=2024-03-05/articles.parquet", b"tampered")
    done = warraq("corpus", "verify")
    assert done.returncode == 1
    assert "not those that were deposited" in done.stdout


def test_a_build_that_does_not_reconcile_ends_badly_once_all_is_written(
    bucket: Bucket, sources: dict[str, str]
) -> None:
    pages = {f"http://alfajr.example/{n}": page(f"خبر {n}", prose(n), "2024-03-05") for n in range(2)}
    archive(bucket, "alfajr", "x", pages)
    assert warraq("build", **sources).returncode == 0
    # Rejected, and still an article.
    tamper(bucket, lambda row: row | {"rejected": "not_an_article"} if row["url"].endswith("/1") else row)
    archive(bucket, "alfajr", "y", {"http://alfajr.example/new": page("خبر جديد", prose(7), "2024-03-06")})
    for _ in range(2):
        done = warraq("build", **sources)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert "2024-03-05: 2 pages captured, but 1 articles, 0 copies and 0 rejected make 1" in done.stderr
        assert "delete documents/" in done.stderr
        assert "Report: reports/build-" in done.stderr
        assert "http://alfajr.example/new" in {row["url"] for row in read_articles(bucket)}
    assert warraq("corpus", "verify").returncode == 1
    bucket.delete_below("documents/")
    done = warraq("build", "--rebuild", **sources)
    assert done.returncode == 0, done.stderr
    assert warraq("corpus", "verify", **sources).returncode == 0


def test_crawl_says_what_it_did(bucket: Bucket) -> None:
    with DemoServer(slow_seconds=0) as demo:
        window = ("--since", "2024-04-20", "--until", "2024-05-01")
        settings = {
            "WARRAQ_SOURCES": str(ROOT / "demo" / "sources"),
            "http_proxy": demo.url,
            "WARRAQ_CONTACT": "x@y.example",
        }
        done = warraq("crawl", "alsaha", *window, **settings)
        assert done.returncode == 0, done.stderr
        assert "finished; what it did is in reports/alsaha-" in done.stdout
        assert "nothing new; what it did is in reports/alsaha-" in warraq("crawl", "alsaha", *window, **settings).stdout
    assert list_page_files(bucket)


def test_extract_prints_a_document(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(page("عنوان الخبر", prose(4), "2024-03-05T10:00:00+03:00"))
    done = warraq("extract", str(file), "--url", "http://alfajr.example/1?utm_source=x")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["title"] == "عنوان الخبر"
    assert found["body"] == "\n".join(prose(4))
    assert found["authors"] == []
    assert found["url"] == "http://alfajr.example/1"
    assert found["published_at"] == "2024-03-05T07:00:00+00:00"
    assert (found["published_day"], found["published_precision"]) == ("2024-03-05", "second")
    assert found["evidence"] == "2024-03-05T10:00:00+03:00"
    assert found["published_method"].startswith("json-ld")
    assert found["rejected"] is None


def test_extract_takes_the_day_where_the_page_is_from(tmp_path: Path) -> None:
    """No source says the zone; the page states its offset, and half past one in the morning there is its own day."""
    file = tmp_path / "page.html"
    file.write_bytes(page("عنوان الخبر", prose(4), "2024-03-05T01:30:00+03:00"))
    found = json.loads(warraq("extract", str(file), "--url", "http://alfajr.example/1").stdout)
    assert (found["published_at"], found["published_day"]) == ("2024-03-04T22:30:00+00:00", "2024-03-05")


def test_extract_says_why_a_page_is_no_article(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(b"<html><body></body></html>")
    found = json.loads(warraq("extract", str(file), "--url", "http://alfajr.example/").stdout)
    assert found["rejected"] in {"empty", "not_an_article"}
    assert "body" not in found


def test_extract_fetches_a_url() -> None:
    with DemoServer() as demo:
        [article] = [row for row in gold_rows() if "mosul-railway" in row["url"]]
        done = warraq("extract", article["url"], http_proxy=demo.url, WARRAQ_SOURCES=str(ROOT / "demo" / "sources"))
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert (found["title"], found["body"].split("\n")) == (article["title"], article["body"])


NOON = ("--reference", "2016-05-12T12:00")


def explained(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The facts that ``warraq date`` printed, by their names."""
    return dict(line.split(maxsplit=1) for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("arguments", "explanation"),
    [
        (
            ("آخر تحديث: الثلاثاء 10 مايو 2016 الساعة 3:15 عصراً", *NOON, "--zone", "Asia/Damascus"),
            {
                "matched": "الثلاثاء 10 مايو 2016 الساعة 3:15 عصراً",
                "value": "2016-05-10T15:15+03:00 (Asia/Damascus)",
                "precision": "minute",
                "calendar": "gregorian",
                "method": "written",
            },
        ),
        (
            ("الأحد 3 شعبان 1437هـ", *NOON),
            {
                "matched": "الأحد 3 شعبان 1437هـ",
                "value": "2016-05-10",
                "precision": "day",
                "calendar": "hijri",
                "method": "written",
                "notes": "weekday contradicts",
            },
        ),
        (
            ("منذ 5 ثوان", "--reference", "2016-05-12T12:00+03:00"),
            {
                "matched": "منذ 5 ثوان",
                "value": "2016-05-12T08:59:55+00:00 (UTC)",
                "precision": "second",
                "calendar": "gregorian",
                "method": "relative:second",
            },
        ),
        (
            ("\u200f10\u200f/05\u00a0/2015", *NOON, "--order", "MDY"),
            {
                "matched": r"10\u200f/05\xa0/2015",
                "value": "2015-10-05",
                "precision": "day",
                "calendar": "gregorian",
                "method": "numeric",
            },
        ),
    ],
    ids=["time", "note", "offset of the reference", "invisible characters"],
)
def test_date_explains_what_is_read(arguments: tuple[str, ...], explanation: dict[str, str]) -> None:
    done = warraq("date", *arguments)
    assert explained(done) == explanation
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("text", "explanation"),
    [
        ("دمشق، 32 أيار 2016", {"refused": "impossible day", "matched": "32 أيار 2016"}),
        ("الجيش الحر يستعيد 3 قرى", {"refused": "no date"}),
        ("", {"refused": "no date"}),
    ],
)
def test_date_explains_why_nothing_is_read(text: str, explanation: dict[str, str]) -> None:
    done = warraq("date", text, *NOON)
    assert explained(done) == explanation
    assert (done.returncode, done.stderr) == (1, "")


def test_date_counts_from_now() -> None:
    before = datetime.now(UTC).replace(second=0, microsecond=0)
    value = explained(warraq("date", "منذ دقيقة"))["value"].removesuffix(" (UTC)")
    assert before <= datetime.fromisoformat(value) + timedelta(minutes=1) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (("--zone", "Mars/Olympus"), "'Mars/Olympus' is not an IANA time zone such as Asia/Damascus"),
        (("--zone", "Asia"), "'Asia' is not an IANA time zone such as Asia/Damascus"),
        (("--reference", "soon"), "'soon' does not match the formats"),
        (("--order", "DYM"), "'DYM' is not one of"),
    ],
    ids=["zone", "folder of zones", "reference", "order"],
)
def test_date_tells_a_wrong_option_in_one_sentence(option: tuple[str, str], says: str) -> None:
    done = warraq("date", "10/05/2016", *option)
    assert says in done.stderr
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("crawl", "nowhere"), "there are: alfajr"),
        (("crawl", "alfajr", "--since", "2024-03-02", "--until", "2024-03-01"), "must lie before"),
        (("crawl", "alfajr", "--since", "yesterday"), "yesterday"),
        (("crawl", "alfajr"), "discovery"),
        (("crawl", "alfajr", "--refetch", "blokked"), "no page is rejected as blokked: the reasons are redirect"),
        (("crawl", "alfajr", "blocked"), "reasons are named with --refetch"),
        (("import", "alfajr", "nowhere.warc.gz"), "nowhere.warc.gz cannot be read"),
        (("import", "alfajr", "README.md"), "README.md is no readable WARC, ARC or WACZ file"),
        (("import", "alfajr", "http://127.0.0.1:9/a.wacz", "--loopback"), "cannot be fetched"),
        (("import", "alfajr", "http://127.0.0.1/a.wacz"), "127.0.0.1, this machine itself: it is not connected to"),
        (("import", "alfajr", "s3://nowhere/a.wacz"), "nowhere"),
        (("extract", "README.md", "--url", "http://[bad"), "not the URL of a web page"),
        (("extract", "README.md", "--url", "news.example/1"), "not the URL of a web page"),
        (("extract", "http://[bad"), "not the URL of a web page"),
        (("up", "--home", "README.md/home"), "cannot be the servers' folder"),
        (("up", "--sources", "docs"), "no source files"),
        (("import", "nowhere", "README.md"), "there are: alfajr"),
        (("extract", "nowhere.html"), "nowhere.html cannot be read"),
        (("extract", "http://127.0.0.1:9/", "--loopback"), "cannot be fetched"),
        (("extract", "http://127.0.0.1:9/"), "port 9 of 127.0.0.1 is not asked"),
        (("extract", "http://2130706433/"), "127.0.0.1, this machine itself: it is not connected to"),
        (("extract", "README.md", "--source", "nowhere"), "there are: alfajr"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(
    bucket: Bucket, sources: dict[str, str], arguments: tuple[str, ...], says: str
) -> None:
    assert says in fails(*arguments, **sources)


@pytest.mark.parametrize(
    "setting",
    [{"WARRAQ_BUCKET": "Bad_Name"}, {"AWS_ENDPOINT_URL_S3": "127.0.0.1:4566"}],
    ids=lambda one: next(iter(one)),
)
def test_a_wrong_setting_is_told_in_one_sentence(s3: str, sources: dict[str, str], setting: dict[str, str]) -> None:
    assert "check" in fails("build", **sources, **setting)


def test_settings_are_shown_without_secrets(sources: dict[str, str]) -> None:
    given = {"AWS_SECRET_ACCESS_KEY": "hush", "AWS_SESSION_TOKEN": "hush"}
    shown = warraq("settings", **sources, **given)
    assert shown.returncode == 0, shown.stderr
    assert "WARRAQ_CHROMIUM" in shown.stdout
    printed = warraq("settings", "--json", **sources, **given)
    assert "hush" not in shown.stdout + printed.stdout
    found = {one["variable"]: one for one in map(json.loads, printed.stdout.splitlines())}
    assert found["WARRAQ_SOURCES"]["value"] == sources["WARRAQ_SOURCES"]
    assert found["WARRAQ_SOURCES"]["origin"] == "environment"
    assert found["WARRAQ_HOME"]["origin"] == "default"
    assert found["AWS_SECRET_ACCESS_KEY"]["value"] == "set"


def test_a_misspelt_setting_is_told_with_the_nearest() -> None:
    assert "WARRAQ_BUKET is set, and there is no such setting: is WARRAQ_BUCKET meant?" in fails(
        "settings", WARRAQ_BUKET="news"
    )


@pytest.mark.parametrize("command", ["settings", "sources", "crawl alfajr", "probe http://alfajr.example/"])
def test_a_wrong_setting_ends_a_command_with_what_is_expected(sources: dict[str, str], command: str) -> None:
    error = fails(*command.split(), **sources, WARRAQ_CONTACT="the desk")
    assert error.startswith("error: WARRAQ_CONTACT is 'the desk': expected a URL")
    assert error.count("\n") == 1


def test_a_file_that_breaks_off_is_taken_in_and_said_to(
    bucket: Bucket, tmp_path: Path, sources: dict[str, str]
) -> None:
    key = archive(
        bucket, "alfajr", "x", {f"http://alfajr.example/{n}": page(f"خبر {n}", prose(n, 40)) for n in range(2)}
    )
    file = tmp_path / "cut.warc.gz"
    file.write_bytes(bucket.get(key)[:-400])
    bucket.delete_below("captures/")
    done = warraq("import", "alfajr", str(file), **sources)
    assert done.returncode == 0
    assert "2 pages taken in" in done.stdout
    assert "1 of the pages are not whole" in done.stdout
    assert "breaks off in the record at byte" in done.stdout
    assert warraq("-q", "import", "alfajr", str(file), **sources).stderr == ""


def test_an_unreachable_store_is_told_in_one_sentence(sources: dict[str, str]) -> None:
    error = fails(
        "build", **sources, AWS_ENDPOINT_URL_S3="http://127.0.0.1:9", AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y"
    )
    assert "AWS_ENDPOINT_URL_S3" in error


def test_readers_commands_over_a_corpus(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "alfajr.yaml").write_text(
        "id: alfajr\nname: الفجر\nhome: http://alfajr.example/\ntimezone: UTC\n", encoding="utf-8"
    )
    monkeypatch.setenv("WARRAQ_SOURCES", str(folder))
    archive(bucket, "alfajr", "one", {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-05T08:00:00+03:00")})
    assert warraq("build").returncode == 0
    changes = warraq("corpus", "changes", "--since", "2024-01-01")
    assert changes.stdout == "written articles/published=2024-03-05/articles.parquet\n"
    exported = warraq("corpus", "export", "--format", "jsonl")
    assert [json.loads(line)["title"] for line in exported.stdout.splitlines()] == ["خبر"]
    for ending, begins in (("jsonl", b"{"), ("csv", b"\xef\xbb\xbf"), ("parquet", b"PAR1"), ("txt", b"{")):
        out = tmp_path / f"a.{ending}"
        assert warraq("corpus", "export", "--out", str(out)).stdout.startswith("1 articles in ")
        assert out.read_bytes().startswith(begins)
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == exported.stdout
    every, none = (warraq("corpus", "export", "--relevance", least) for least in ("0", "1"))
    assert (every.stdout, none.stdout) == (exported.stdout, "")
    assert "an article" in warraq("explain", "http://alfajr.example/1").stdout
    [told] = map(json.loads, warraq("explain", "http://alfajr.example/1", "--json").stdout.splitlines())
    assert (told["url"], told["decision"], told["says"][0]) == ("http://alfajr.example/1", "article", "an article")
    down = warraq("takedown", "http://alfajr.example/1", "--reason", "a request")
    assert down.returncode == 0
    assert "gone    articles/published=2024-03-05" in warraq("corpus", "changes", "--since", "2024-01-01").stdout


def test_mistakes_of_readers_are_one_sentence(bucket: Bucket, tmp_path: Path) -> None:
    assert "neither a file, nor a snapshot" in fails("corpus", "changes", "--since", "nonsense")
    assert "must come before" in fails("corpus", "export", "--since", "2024-03-08", "--until", "2024-03-01")
    assert "no corpus yet" in fails("corpus", "export")
    assert "no captured page" in fails("explain", "http://nowhere.example/")
    assert "neither captures nor a corpus" in fails("takedown", "http://nowhere.example/", "--reason", "x")
    bucket.put("captures/source=x/fetched=2024-03-01/x.cdxj", b"")
    assert "needs a reason" in fails("takedown", "http://nowhere.example/", "--reason", " ")
    broken = f"takedowns/{'0' * 32}.json"
    bucket.put(broken, b"{")
    assert broken in fails("build")


def test_health_names_the_sick_with_what_to_do_in_a_line_each(bucket: Bucket, sources: dict[str, str]) -> None:
    folder = Path(sources["WARRAQ_SOURCES"])
    name = "a" * 41
    (folder / f"{name}.yaml").write_text(
        (folder / "alfajr.yaml").read_text(encoding="utf-8").replace("alfajr", name), encoding="utf-8"
    )
    for ago in (2, 1):
        problem = DiscoveryReport(
            "feed", "http://alfajr.example/rss", False, 0, problems=("http://alfajr.example/rss: dns",)
        )
        at = datetime.now(UTC) - timedelta(hours=6 * ago)
        put_report(bucket, "alfajr", at, outcome=Outcome.FAILED, discovery=(problem,), captured=0, found=0)
    assert warraq("build", **sources).returncode == 0
    done = warraq("health", **sources, COLUMNS="80")
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines[:3])
    assert sum("alfajr" in line and "sick" in line for line in lines) == 1
    assert sum(name in line and "not known" in line for line in lines) == 1
    assert any(line.startswith("alfajr: warraq check alfajr") for line in lines)
    told = [json.loads(line) for line in warraq("health", "alfajr", "--json", **sources).stdout.splitlines()]
    assert [(one["source"], one["state"]) for one in told] == [("alfajr", "sick")]
    assert "http://alfajr.example/rss: dns" in told[0]["reason"]
    assert "Notices are off: set WARRAQ_NOTIFY_MAIL or WARRAQ_NOTIFY_APPRISE" in done.stderr
    told_by_mail = warraq("health", name, **sources, WARRAQ_NOTIFY_MAIL="desk@news.example")
    assert told_by_mail.returncode == 0
    assert "Notices" not in told_by_mail.stderr
    assert "no source" in fails("health", "nowhere", **sources)


def test_the_last_report_is_shown_and_an_unknown_run_names_the_newest(
    bucket: Bucket, tmp_path: Path, sources: dict[str, str]
) -> None:
    assert "no build has left a report yet" in fails("report")
    done = warraq("build", **sources)
    assert done.returncode == 0, done.stderr
    assert "Nothing was new" in done.stderr
    assert list(bucket.list("reports/")) == []
    crawl = put_report(bucket, "alfajr", datetime.now(UTC))
    archive(bucket, "alfajr", crawl, {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-05")})
    assert warraq("build", **sources).returncode == 0
    done = warraq("report")
    assert "This run: 1 pages captured: 1 articles" in done.stdout
    run = done.stdout.split()[2].rstrip(",")
    assert json.loads(warraq("report", run, "--json").stdout)["run"] == run
    assert "finished" in warraq("report", crawl).stdout
    told = fails("report", "alfajr")
    assert run in told
    assert crawl in told
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n', encoding="utf-8")
    browser.chmod(0o755)
    assert warraq("report", "--open", BROWSER=str(browser), TMPDIR=str(tmp_path)).returncode == 0
    opened = Path((tmp_path / "opened").read_text(encoding="utf-8").strip().removeprefix("file://"))
    assert f'href="{bucket.endpoint}/{bucket.name}/captures/' in opened.read_text(encoding="utf-8")
