from pathlib import Path

import pytest

from pipeline.addresses import AddressError
from pipeline.sources import Source, SourceError, find_source, load_source, load_sources, read_sources

GOOD = """\
id: alfajr
name: صحيفة الفجر
home: https://alfajr.example/
timezone: Asia/Damascus
discovery:
  - type: feed
    url: https://alfajr.example/feed
"""


def write(folder: Path, text: str, name: str = "alfajr.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_one_short_file_is_all_a_site_needs(tmp_path: Path) -> None:
    source = load_source(write(tmp_path, GOOD))
    assert source.hosts == ("alfajr.example",)
    assert str(source.zone) == "Asia/Damascus"
    assert source.discovery[0].type == "feed"


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("timezone: Asia/Damascus", "timezone: Damascus"), 4, "IANA time zone"),
        (("timezone: Asia/Damascus", "timezone: Asia/Damascus\nscedule: '0 * * * *'"), 5, "unknown key"),
        (("timezone: Asia/Damascus", "timezone: Asia/Damascus\nschedule: hourly"), 5, "cron expression"),
        (("type: feed", "type: fed"), 6, "discovery.0"),
        (("url: https://alfajr.example/feed", "url: feed"), 7, "url"),
        (("url: https", "depth: 3\n    url: https"), 7, "unknown key"),
        (("name: صحيفة الفجر\n", ""), 1, "name"),
        (("name: صحيفة الفجر", "name: صحيفة الفجر\nsections:\n  exclude: ['(']"), 4, "not a regular expression"),
        (("home: ", "ownership: royal\nhome: "), 3, "ownership"),
        (("home: ", "status: closed\nhome: "), 3, "status"),
        (("home: ", "last_seen: 2026-13\nhome: "), 3, "must be a year, a month or a day"),
        (("home: ", "evidence:\n  - fact: feed\n    seen: here\nhome: "), 5, "unknown key"),
        (("home: ", "evidence:\n  - fact: feed\n  - seen_in: [a list]\nhome: "), 5, "evidence.1.fact"),
        (("home: ", "not_established:\n  - owner\n  -\nhome: "), 5, "not_established.1"),
        (
            ("home: ", "body: 'div['\nhome: "),
            3,
            "body: 'div[' is not a CSS selector such as div.entry-content: Expected",
        ),
        (("home: ", "title: h1::text\nhome: "), 3, "title: 'h1::text' is not a CSS selector"),
        (("home: ", "date: dc|date\nhome: "), 3, "date: 'dc|date' is not a CSS selector"),
        (("home: ", "author: //span\nhome: "), 3, "author: '//span' is not a CSS selector"),
        (("home: ", "countries: [SY, Syria]\nhome: "), 3, "countries.1: 'Syria' is not a country's code in ISO 3166-1"),
        (("home: ", "countries: [EU]\nhome: "), 3, "not a country's code"),
        (("home: ", "formerly: [al-fajr]\nhome: "), 3, "formerly.0: 'al-fajr' must be 2 to 41 of the letters"),
        (("home: ", "formerly: [alfajr]\nhome: "), 3, "formerly: 'alfajr' is its id now"),
        (("id: alfajr", "id: alghad"), 1, "name the file alghad.yaml"),
        (("home: https", "home: [https"), 4, "not valid YAML"),
    ],
)
def test_a_mistake_names_file_line_and_key(tmp_path: Path, change: tuple[str, str], line: int, says: str) -> None:
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(SourceError) as error:
        load_source(path)
    assert f"{path}:{line}: " in str(error.value)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "10.0.0.1", "169.254.169.254", "[::1]", "localhost", "store"]
)
def test_a_host_that_is_not_on_the_internet_is_refused(tmp_path: Path, host: str) -> None:
    url = f"http://{host}:8000/"
    in_file = {
        "home": GOOD.replace("https://alfajr.example/\n", f"{url}\n"),
        "discovery": GOOD.replace("https://alfajr.example/feed", f"{url}feed"),
        **({} if "[" in host else {"allowed_hosts": f"{GOOD}allowed_hosts: ['{host}']\n"}),
    }
    for key, text in in_file.items():
        line = text.splitlines().index(next(one for one in text.splitlines() if one.startswith(key))) + 1
        with pytest.raises(SourceError, match=rf":{line}: {key}: .*: it is not connected to.*`loopback: true`"):
            load_source(write(tmp_path, text))
    template = "type: date_archive\n    links: a\n    url: 'http://0x7f.1/{year}/{month}'"
    with pytest.raises(SourceError, match="this machine itself"):
        load_source(write(tmp_path, GOOD.replace("type: feed\n    url: https://alfajr.example/feed", template)))


@pytest.mark.parametrize("key", ["home", "discovery"])
def test_an_address_with_a_password_is_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    address = {"home": "https://alfajr.example/\n", "discovery": "https://alfajr.example/feed"}[key]
    text = GOOD.replace(address, address.replace("://", "://me:s3cret@"))
    with pytest.raises(SourceError, match=f"{key}: an address here bears no name and password") as refused:
        load_source(write(tmp_path, text))
    assert "s3cret" not in str(refused.value)


def test_a_site_on_this_machine_is_one_whose_file_says_so(tmp_path: Path) -> None:
    local = "loopback: true\n" + GOOD.replace("https://alfajr.example/", "http://127.0.0.1:8000/")
    source = load_source(write(tmp_path, local))
    source.guard.check("127.0.0.1", 8000, "127.0.0.1")
    with pytest.raises(AddressError):
        source.guard.check("127.0.0.1", 80, "127.0.0.1")
    with pytest.raises(SourceError, match=r"home: 10\.0\.0\.1, an address of a private network"):
        load_source(write(tmp_path, local.replace("127.0.0.1", "10.0.0.1")))


@pytest.mark.parametrize("day", ["2026", "2026-09", "2026-09-25"])
def test_when_it_last_published_may_be_a_year_a_month_or_a_day(tmp_path: Path, day: str) -> None:
    assert load_source(write(tmp_path, f"{GOOD}last_seen: {day}\n")).last_seen == day
    assert load_source(write(tmp_path, f"{GOOD}last_seen: '{day}'\n")).last_seen == day


def test_what_is_known_is_read_with_where_it_was_seen(tmp_path: Path) -> None:
    known = """\
evidence:
  - fact: feed
    seen_in: [a list of feeds, https://lists.example/]
  - fact: articles stand at /news/NUMBER
"""
    feed, articles = load_source(write(tmp_path, GOOD + known)).evidence
    assert (feed.fact, feed.seen_in) == ("feed", ("a list of feeds", "https://lists.example/"))
    assert (articles.fact, articles.seen_in) == ("articles stand at /news/NUMBER", ())


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("Asia/Damascus", "Nowhere") + "nonsense: 1\n")
    with pytest.raises(SourceError) as error:
        load_source(path)
    assert len(str(error.value).splitlines()) == 2


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="expected a mapping"):
        load_source(write(tmp_path, text))


def test_a_file_with_a_control_character_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"alfajr\.yaml: not valid YAML: unacceptable character #x0007"):
        load_source(write(tmp_path, GOOD.replace("https", "\x07https")))


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="WARRAQ_SOURCES"):
        load_sources(tmp_path)


def test_an_unknown_source_lists_the_known_ones(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(SourceError, match="there are: alfajr"):
        find_source("nowhere", tmp_path)
    with pytest.raises(SourceError, match=r"is it alfajr\?"):
        find_source("alfjr", tmp_path)


def test_the_shipped_sources_load() -> None:
    root = Path(__file__).parents[2]
    assert load_sources(root / "config" / "sources")
    assert len(load_sources(root / "demo" / "sources")) >= 4


def other(id_: str, more: str = "") -> str:
    return GOOD.replace("alfajr", id_) + more


def test_a_wrong_file_costs_no_other_one_and_all_are_named(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, other("almada", "nonsense: 1\n"), "almada.yaml")
    (tmp_path / "nakhil.yaml").write_bytes(b"\xff\xfe")
    files = read_sources(tmp_path)
    assert list(files.sources) == list(files.readable) == ["alfajr"]
    assert [path.name for path in files.wrong] == ["almada.yaml", "nakhil.yaml"]
    with pytest.raises(SourceError) as error:
        load_sources(tmp_path)
    assert str(error.value).splitlines() == list(map(str, files.wrong.values()))
    assert find_source("alfajr", tmp_path).id == "alfajr"


def test_a_source_owns_what_is_stored_under_the_ids_it_had(tmp_path: Path) -> None:
    write(tmp_path, GOOD + "formerly: [fajr, dawn]\n")
    (tmp_path / "removed").mkdir()
    write(tmp_path / "removed", other("nakhil"), "nakhil.yaml")
    files = read_sources(tmp_path)
    assert {id_: getattr(files.owner(id_), "id", None) for id_ in ("alfajr", "fajr", "dawn", "nakhil", "sada")} == {
        "alfajr": "alfajr", "fajr": "alfajr", "dawn": "alfajr", "nakhil": "nakhil", "sada": None,
    }  # fmt: skip
    assert (list(files.sources), list(files.removed)) == (["alfajr"], ["nakhil"])
    assert list(load_sources(tmp_path)) == ["alfajr"]


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ({"alfajr": "formerly: [almada]\n", "almada": ""}, {"alfajr.yaml": "almada.yaml"}),
        ({"alfajr": "formerly: [old]\n", "almada": "formerly: [old]\n"},
         {"alfajr.yaml": "almada.yaml", "almada.yaml": "alfajr.yaml"}),
        ({"alfajr": "formerly: [nakhil]\n", "removed/nakhil": ""}, {"alfajr.yaml": "removed/nakhil.yaml"}),
        ({"alfajr": "", "removed/alfajr": ""}, {"removed/alfajr.yaml": "alfajr.yaml"}),
        ({"alfajr": "formerly: [almada]\n", "almada": "nonsense: 1\n"},
         {"alfajr.yaml": "almada.yaml", "almada.yaml": "nonsense: unknown key"}),
    ],
)  # fmt: skip
def test_two_files_cannot_have_one_id(tmp_path: Path, files: dict[str, str], wrong: dict[str, str]) -> None:
    (tmp_path / "removed").mkdir()
    for name, more in files.items():
        write(tmp_path, other(name.rpartition("/")[2], more), f"{name}.yaml")
    told = {str(path.relative_to(tmp_path)): str(error) for path, error in read_sources(tmp_path).wrong.items()}
    assert told.keys() == wrong.keys()
    assert all(wrong[name] in told[name] and "\n" not in told[name] for name in wrong)


def test_hosts_are_spelled_as_addresses_spell_them() -> None:
    source = Source.model_validate(
        {
            "id": "sada",
            "name": "صدى",
            "home": "http://صدى.example/",
            "timezone": "UTC",
            "allowed_hosts": ["صدى.example", "News.Example."],
        }
    )
    assert source.hosts == ("xn--ugbl5d.example", "news.example")
