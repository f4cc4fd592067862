"""An object read whole, though connections break: it goes on where it broke off, and nothing short is taken for whole."""

from __future__ import annotations

import hashlib
import random
import re
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, IncompleteReadError

from pipeline.bucket.refusals import status_of

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

TRIES = 5
"""As often as botocore itself asks for what fails before its first byte."""

_PAUSE = 0.1
"""Seconds before the second try; each further one waits twice as long, and each up to twice as long again, by chance: so that the
many that a store has let down do not all come back at once."""

SHA256 = "sha256"
"""In the metadata of every object of ours: the digest of its bytes, in hex."""

_STEP = 2**20
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/")
_MD5 = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Received:
    """What came with an object: its ETag, empty where there is none that holds for just these bytes; and whether this is their MD5.

    `is_md5` is None where that cannot be told, as of a part, of an object put in several pieces, or of one under a customer's key.
    `is_whole` says whether the bytes are those that were written; None of a part, and of an object without `SHA256`.
    """

    etag: str
    is_md5: bool | None
    is_whole: bool | None


def pause(tried: int) -> None:
    """Wait before an object is asked for again, after so many tries."""
    time.sleep(_PAUSE * 2 ** (tried - 1) * random.uniform(1, 2))


def clean_etag(raw: str | None) -> str:
    """An ETag without its quotes; empty where there is none, or a weak one, which neither guards a write nor tells bytes apart."""
    etag = (raw or "").strip()
    return "" if etag.startswith("W/") else etag.strip('"')


def receive(
    client: S3Client, bucket: str, key: str, file: IO[bytes], *, first: int = 0, last: int | None = None
) -> Received:
    """Write an object into a file from where that stands, or its bytes from `first` to `last`, both included.

    Raises:
        ClientError, BotoCoreError: as boto3 does, the last one after so many tries.
    """
    begin, etag, answer = file.tell(), "", {}
    digests = _digests()
    for number in range(TRIES):
        got = file.tell() - begin if etag else 0  # without an ETag, another version of it might go on there
        try:
            answer = _ask(client, bucket, key, first + got, last, etag if got else "")
        except ClientError as error:
            if not got or status_of(error) != 412:
                raise
            etag = ""  # it was written anew meanwhile
            continue
        span = _CONTENT_RANGE.match(answer.get("ContentRange", ""))
        if not got or not span:  # a store that knows no ranges begins anew
            file.seek(begin)
            file.truncate()
            got, digests = 0, _digests()
        etag = clean_etag(answer.get("ETag"))
        skip, most = 0 if span else first, None if last is None else last - first + 1 - got
        size = 0
        try:
            for part in answer["Body"].iter_chunks(_STEP):
                wanted = part[max(skip - size, 0) :][:most]
                size += len(part)
                most = None if most is None else most - len(wanted)
                file.write(wanted)
                for digest in digests:
                    digest.update(wanted)
            told = answer.get("ContentLength")
            if told is None:  # sent in chunks, or up to where the connection ends
                told = int(span[2]) - int(span[1]) + 1 if span else _size(client, bucket, key)
            if size != told:
                raise IncompleteReadError(actual_bytes=size, expected_bytes=told)
        except BotoCoreError:
            if number == TRIES - 1:
                raise
            pause(number + 1)
        else:
            if first or last is not None:
                return Received(etag, None, None)
            md5, sha256 = (digest.hexdigest() for digest in digests)
            told = {name.lower(): value for name, value in answer.get("Metadata", {}).items()}.get(SHA256)
            return Received(etag, etag == md5 if _names_md5(etag, answer) else None, told == sha256 if told else None)
    raise IncompleteReadError(actual_bytes=0, expected_bytes=1)  # it was written anew at every try


def _ask(client: S3Client, bucket: str, key: str, first: int, last: int | None, etag: str) -> dict[str, Any]:
    wanted: dict[str, Any] = {"Bucket": bucket, "Key": key}
    if first or last is not None:
        wanted["Range"] = f"bytes={first}-{'' if last is None else last}"
    if etag:
        wanted["IfMatch"] = f'"{etag}"'
    answer: dict[str, Any] = client.get_object(**wanted)  # type: ignore[assignment]
    return answer


def _digests() -> tuple[hashlib._Hash, hashlib._Hash]:
    return hashlib.md5(usedforsecurity=False), hashlib.sha256()


def _size(client: S3Client, bucket: str, key: str) -> int:
    return int(client.head_object(Bucket=bucket, Key=key)["ContentLength"])


def _names_md5(etag: str, answer: dict[str, Any]) -> bool:
    """Whether an ETag looks like an MD5, and the store says of no encryption under which it would be none."""
    by_key = answer.get("SSECustomerAlgorithm") or str(answer.get("ServerSideEncryption", "")).startswith("aws:kms")
    return bool(_MD5.fullmatch(etag)) and not by_key
