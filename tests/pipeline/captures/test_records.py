"""Files of records as archives really are: every packing, odd lengths and line ends, ARC, damage, hostile bytes."""

import gzip

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.captures.records import Damage, Record, read_records
from tests.pipeline.captures.archives import ARC_HEAD, ARCS, PAGES, RECORDS, URLS, http, warc, with_dictionary


def read(data: bytes) -> tuple[list[Record], list[Damage]]:
    found = list(read_records(data))
    return [one for one in found if isinstance(one, Record)], [one for one in found if isinstance(one, Damage)]


def bodies(records: list[Record]) -> list[bytes]:
    """The bodies of the responses, as warcio has them."""
    return [one.parsed.raw_stream.read() for one in records if one.parsed.rec_type == "response"]


def in_blocks(data: bytes, size: int) -> bytes:
    """Compressed in blocks of a size, as bgzip does, whatever the records."""
    return b"".join(gzip.compress(data[at : at + size]) for at in range(0, len(data), size)) + gzip.compress(b"")


PACKINGS = {
    "plain": b"".join(RECORDS),
    "gzip": b"".join(map(gzip.compress, RECORDS)),
    "gzip as a whole": gzip.compress(b"".join(RECORDS)),
    "gzip in blocks": in_blocks(b"".join(RECORDS), 700),
    "zstd": b"".join(map(zstd.compress, RECORDS)),
    "zstd as a whole": zstd.compress(b"".join(RECORDS)),
    "zstd, two frames a record": b"".join(zstd.compress(one[:600]) + zstd.compress(one[600:]) for one in RECORDS),
    "zstd with a dictionary": with_dictionary(RECORDS, packed=False),
    "zstd with a packed dictionary": with_dictionary(RECORDS, packed=True),
    "zstd with a skippable frame": b"\x50\x2a\x4d\x18\x03\0\0\0abc" + b"".join(map(zstd.compress, RECORDS)),
    "one after the other": RECORDS[0] + gzip.compress(RECORDS[1]) + zstd.compress(RECORDS[2]) + RECORDS[3],
    "arc": ARC_HEAD + b"".join(ARCS),
    "arc.gz": b"".join(map(gzip.compress, [ARC_HEAD, *ARCS])),
    "warc behind arc": ARC_HEAD + b"".join(ARCS[:2]) + b"".join(RECORDS[2:]),
    "empty members between": b"".join(gzip.compress(one) + gzip.compress(b"") * 3 for one in RECORDS),
}


@pytest.mark.parametrize("data", PACKINGS.values(), ids=PACKINGS)
def test_every_packing_gives_the_same_records(data: bytes) -> None:
    records, damage = read(data)
    assert (bodies(records), damage) == (PAGES, [])
    responses = [one for one in records if one.parsed.rec_type == "response"]
    assert [one.parsed.rec_headers.get_header("WARC-Target-URI") for one in responses] == URLS
    assert {one.parsed.rec_headers.get_header("WARC-Date") for one in responses} == {"2013-05-10T09:00:00Z"}
    assert not any(one.fault or one.mended for one in records)
    again, _ = read(b"".join(one.data for one in records))
    assert [one.data for one in again] == [one.data for one in records], (
        "what is made of ARC is WARC, and the same each time"
    )


@pytest.mark.parametrize("line", ["\r\n", "\n"], ids=["http CR LF", "http LF"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress])
def test_lines_that_end_in_lf_alone_are_read_and_the_response_kept_as_it_is(line: str, pack: type[bytes]) -> None:
    blocks = [http(body, line=line) for body in PAGES]
    data = b"".join(pack(warc(url, block, line="\n")) for url, block in zip(URLS, blocks, strict=True))
    records, damage = read(data)
    assert (bodies(records), damage) == (PAGES, [])
    assert [one.block for one in records] == blocks


def test_records_without_empty_lines_between_them_are_whole() -> None:
    records, damage = read(b"".join(record.removesuffix(b"\r\n\r\n") for record in RECORDS))
    assert (bodies(records), damage, {one.fault for one in records}) == (PAGES, [], {""})


@pytest.mark.parametrize("length", [None, 0, 7, 100_000, 10**14, 10**17, "many", -5])
@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_a_compressed_piece_is_the_record_whatever_length_it_states(length: object, pack: type[bytes]) -> None:
    wrong = [pack(warc(url, http(body), length=length)) for url, body in zip(URLS, PAGES, strict=True)]
    records, damage = read(b"".join(wrong))
    assert (bodies(records), damage) == (PAGES, [])
    assert all(one.mended and not one.fault for one in records)


@pytest.mark.parametrize("length", [None, 0, 7, 10**14, "many"])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_wrong_length_in_a_plain_file_costs_no_record(length: object, place: int) -> None:
    own = f"Content-Length: {len(PAGES[place])}"  # the response says itself where it ends
    data = [*RECORDS[:place], warc(URLS[place], http(PAGES[place], own), length=length), *RECORDS[place + 1 :]]
    records, damage = read(b"".join(data))
    assert (bodies(records), damage, {one.fault for one in records}) == (PAGES, [], {""})
    assert [one.mended for one in records] == [n == place for n in range(4)]


def test_a_length_past_the_end_with_nothing_to_bear_it_out_is_a_record_that_breaks_off() -> None:
    records, damage = read(RECORDS[0] + warc(URLS[1], http(PAGES[1]), length=10**14))
    assert (bodies(records), damage) == (PAGES[:2], [])
    assert [one.fault for one in records] == ["", "the file breaks off in the record"]
    assert b"WARC-Truncated: unspecified\r\n" in records[1].data


@pytest.mark.parametrize(
    "junk", [b"\0" * 3000, b"junk", b"junk\r\n\r\n", b"\x1f\x8b\x08junk", b"\x28\xb5\x2f\xfdjunk" * 9]
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress])
@pytest.mark.parametrize("place", [0, 2, 4])
def test_garbage_costs_itself_alone_and_is_named_by_its_place(junk: bytes, pack: type[bytes], place: int) -> None:
    packed = [pack(record) for record in RECORDS]
    before = b"".join(packed[:place])
    records, damage = read(before + junk + b"".join(packed[place:]))
    assert (bodies(records), {one.fault for one in records}) == (PAGES, {""})
    assert damage[0].offset == len(before)


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_damage_within_a_piece_costs_that_piece(pack: type[bytes]) -> None:
    packed = [bytearray(pack(record)) for record in RECORDS]
    packed[1][len(packed[1]) // 2 :][:20] = packed[1][-40:-20]
    for at in range(len(packed[1]) // 2, len(packed[1]) // 2 + 20):
        packed[1][at] ^= 0xFF
    records, damage = read(b"".join(packed))
    whole = [one for one in records if not one.fault]
    assert bodies(whole) == [PAGES[0], *PAGES[2:]]
    told = [one.offset for one in damage] + [one.offset for one in records if one.fault]
    assert told == [len(packed[0])]


def test_a_wrong_sum_at_a_pieces_end_is_told() -> None:
    packed = bytearray(gzip.compress(RECORDS[0]))
    packed[-8] ^= 0xFF
    records, damage = read(bytes(packed) + gzip.compress(RECORDS[1]))
    assert (bodies(records), damage) == (PAGES[1:2], [Damage(0, "damaged gzip")])


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_what_unpacks_to_too_much_is_told_and_what_is_behind_it_read(pack: type[bytes]) -> None:
    bomb = pack(b"WARC/1.0\r\n" + b"\0" * 5_000_000)
    found = list(read_records(bomb + pack(RECORDS[0]), 2**20))
    assert bodies([one for one in found if isinstance(one, Record)]) == PAGES[:1]
    assert any("unpacks to more than 1048576 bytes" in one.reason for one in found if isinstance(one, Damage))


def test_a_file_that_unpacks_to_too_much_is_read_up_to_there() -> None:
    """Each of its pieces is within the bounds of one."""
    bomb = gzip.compress(warc(URLS[1], http(b"x" * 900_000)))
    found = list(read_records(gzip.compress(RECORDS[0]) + bomb * 50 + gzip.compress(RECORDS[2]), 2**20))
    records = [one for one in found if isinstance(one, Record)]
    assert bodies(records[:1]) == PAGES[:1]
    assert 2 < len(records) < 50
    assert "unpacks to more than 200 times the file's size" in found[-1].reason


def test_pieces_that_run_into_each_other_do_not_cost_the_square_of_their_number() -> None:
    """Each begins as a record does and is stored, not compressed: up to the next 64 KB, which are the others behind it."""
    begun = b"\x1f\x8b\x08" + bytes(7) + b"\0\xff\xff\0\0" + b"WARC/1.0\r\n"
    found = list(read_records(gzip.compress(RECORDS[0]) + begun * 20_000, 2**20))
    assert bodies(found[:1]) == PAGES[:1]
    assert len(found) < 2_000
    assert "is damaged throughout" in found[-1].reason


def test_pieces_larger_than_the_memory_is_meant_for_are_read_from_the_disk() -> None:
    large = warc(URLS[0], http(b"x" * (9 * 2**20)))
    records, damage = read(gzip.compress(large + b"".join(RECORDS[1:]), 1))
    assert (records[0].size, damage) == (len(http(b"x" * (9 * 2**20))), [])
    assert bodies(records)[1:] == PAGES[1:]


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(b"", mtime=0) * 20_000,
        b"\x1f\x8b\x08\0\0\0\0\0\0\xff" * 20_000,
        b"\x28\xb5\x2f\xfd\x00" * 5_000,
        b"WARC/1.0\r\n" * 20_000,
        b"WARC/1.0\r\nContent-Length: 99999999\r\n\r\n" * 2_000,
    ],
    ids=["empty members", "gzip heads", "zstd heads", "warc heads", "false lengths"],
)
def test_what_is_behind_a_mass_of_nothing_is_found(data: bytes) -> None:
    records, _ = read(data + b"\r\n\r\n" + gzip.compress(RECORDS[0]))
    assert bodies(records)[-1] == PAGES[0]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(PACKINGS)), st.binary(max_size=60), st.integers(0, 20_000), st.booleans())
def test_noise_anywhere_costs_no_more_than_the_records_that_it_hits(
    packing: str, noise: bytes, at: int, over: bool
) -> None:
    data = PACKINGS[packing]
    at = min(at, len(data))
    spoilt = data[:at] + noise + data[at + (len(noise) if over else 0) :]
    records, damage = read(spoilt)
    sound = [one for one in records if not (one.fault or one.mended)]
    got = bodies(sound)
    one_by_one = "whole" not in packing and "blocks" not in packing and "dictionary" not in packing
    if one_by_one:  # the noise hits two records at most, where it stands between them
        assert len([page for page in PAGES if page in got]) >= len(PAGES) - 2
    if noise and spoilt != data and len(got) < len(PAGES):
        of_another_kind = any(one.parsed.rec_type not in {"response", "warcinfo"} for one in records)
        assert damage or len(sound) < len(records) or of_another_kind, "nothing is lost without a word"
