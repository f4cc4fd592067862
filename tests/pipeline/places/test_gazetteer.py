"""The gazetteer: the records that are read of its file, and what becomes of a damaged one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.places import GazetteerError, arabic_countries, load
from pipeline.places.gazetteer import _installed


def record(geonameid: int, country: str, *names: str, **more: Any) -> dict[str, Any]:
    of = {
        "geonameid": geonameid,
        "name": "X",
        "latitude": 1.5,
        "longitude": 2.5,
        "countrycode": country,
        "population": 0,
    }
    return of | {"timezone": "Asia/Damascus", "admin1code": "01", "alternatenames": list(names)} | more


def gazetteer(folder: Path, *records: dict[str, Any]) -> Path:
    file = folder / "cities500.json"
    file.write_text(json.dumps({str(one["geonameid"]): one for one in records}))
    return file


def test_the_records_of_arabic_speaking_countries_alone_are_read_by_their_arabic_names(tmp_path: Path) -> None:
    names = load(gazetteer(tmp_path, record(1, "SY", "حلب", "Halab"), record(2, "FR", "باريس"))).names
    assert {name: [place.geonameid for place in of] for name, of in names.items()} == {("حلب",): [1]}
    assert {"SY", "IQ", "YE", "PS", "LY", "SD", "LB", "SA", "EG", "IL"} <= arabic_countries()


def test_a_name_is_kept_without_its_kind_and_with_its_article(tmp_path: Path) -> None:
    told = record(1, "SY", "مدينة حمص", "حمص", "الرقة", "رقة", "محافظة حمص", "إب")
    assert set(load(gazetteer(tmp_path, told)).names) == {("حمص",), ("الرقه",)}


def test_a_city_that_a_time_zone_is_called_after_has_its_arabic_name(tmp_path: Path) -> None:
    told = record(1, "SD", name="Khartoum", timezone="Africa/Khartoum")
    assert set(load(gazetteer(tmp_path, told)).names) == {("الخرطوم",)}


def test_the_most_populous_of_a_name_comes_first(tmp_path: Path) -> None:
    told = [record(number, "SY", "الروضة", population=people) for number, people in ((1, 0), (2, 70), (3, 7))]
    assert [place.geonameid for place in load(gazetteer(tmp_path, *told)).names["الروضه",]] == [2, 3, 1]


def test_the_longest_name_that_begins_with_a_word_is_known(tmp_path: Path) -> None:
    assert load(gazetteer(tmp_path, record(1, "SY", "خان"), record(2, "SY", "خان شيخون"))).longest == {"خان": 2}


@pytest.mark.parametrize("data", [b"", b"{}", b"not json", b'{"countrycode": "SY"}', b'{"countrycode": "SY", '])
def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "cities500.json"
    file.write_bytes(data)
    with pytest.raises(GazetteerError, match="install warraq anew; until then articles stay without `places`"):
        load(file)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(GazetteerError, match="cannot be read"):
        load(tmp_path / "none.json")


def test_what_is_installed_has_the_places_of_every_conflict() -> None:
    names = load().names
    for name, geonameid in {
        "حلب": 170063,
        "خان يونس": 281124,
        "الفاشر": 379555,
        "تعز": 70225,
        "مصراته": 2214846,
    }.items():
        assert [place.geonameid for place in names[tuple(name.split())]] == [geonameid], name
    assert _installed().is_file()
