"""One bucket and what the pipeline does with it."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.bucket.reading import SHA256, TRIES, Received, clean_etag, pause, receive
from pipeline.bucket.refusals import (
    FAILURES,
    NO_CREDENTIALS,
    BucketError,
    ConflictError,
    DamagedError,
    code_of,
    is_guard_failed,
    is_missing,
    is_no_bucket,
    is_unknown,
    status_of,
    tell,
)
from pipeline.settings import read_settings

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials
    from types_boto3_s3.client import S3Client

_LOG = logging.getLogger(__name__)

_AT_ONCE = 16
"""Requests that go on at once: as many objects are deleted, and as many are read by those that read many."""

_FRAMED = re.compile(rb"[0-9a-fA-F]+(;chunk-signature=[0-9a-f]+)?\r\n")
"""How a body sent as ``aws-chunked`` begins: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html"""

_kept: set[tuple[str, str]] = set()
"""The buckets, by store and name, of which this process knows that they keep what it writes byte for byte."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object in the bucket: its key, its size in bytes, its ETag without quotes, and when it was written (UTC).

    The ETag is empty where the store gives none, or a weak one, which holds for no bytes in particular.
    """

    key: str
    size: int
    etag: str
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """What a store tells of an object: its size in bytes, its ETag as `Stored` has it, and the metadata that it was put with."""

    size: int
    etag: str
    metadata: dict[str, str]


class Bucket:
    """One bucket and what the pipeline does with it.

    Reads and writes are whole objects, but for `download`: every object of ours is small, and a whole write is what makes it
    atomic.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name or read_settings().bucket
        # Path-style addresses work on every store; retries are botocore's own standard mode.
        # The checksums that AWS added to every request later are refused by some stores, and others keep their framing within the
        # object. Without them the signature covers the body's SHA-256, which the store checks.
        config = Config(
            s3={"addressing_style": "path"},
            max_pool_connections=_AT_ONCE,
            retries={"mode": "standard", "max_attempts": 5},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        self._etags_are_md5s = False
        self._session = boto3.session.Session()
        region = self._session.region_name or os.environ.get("AWS_REGION") or "us-east-1"
        try:
            self._client: S3Client = self._session.client("s3", region_name=region, config=config)
        except NO_CREDENTIALS as error:
            raise BucketError(
                f"the keys of the store are not whole ({error}): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            ) from None
        except (ValueError, BotoCoreError) as error:
            raise BucketError(
                f"the store cannot be reached: {error}: check AWS_ENDPOINT_URL_S3 and AWS_PROFILE"
            ) from None
        if "@" in urlsplit(self.endpoint).netloc:  # and every message that names the store would show it
            raise BucketError(
                "the store's address has a name or a password before the host, which no store is sent: leave them out of "
                "AWS_ENDPOINT_URL_S3 or, in ~/.aws/config, of endpoint_url, and give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )

    @property
    def endpoint(self) -> str:
        """URL of the store."""
        return self._client.meta.endpoint_url

    @property
    def client(self) -> S3Client:
        """boto3's own client, for what only `check_bucket` asks."""
        return self._client

    def require(self, prefix: str = "") -> None:
        """Hold that there is such a bucket: a mistyped name is told before anything is done.

        With `prefix` it is asked for what lies below that alone, which is all that some may see.

        Raises:
            BucketError: there is none, or the store cannot be reached or refuses.
        """
        with self._telling():
            # Of an answer to HEAD no more than the status is known: not whether it is the key that is wrong, or what it may do.
            self._client.list_objects_v2(Bucket=self.name, Prefix=prefix, MaxKeys=1)

    def ensure(self) -> None:
        """Create the bucket where it is missing.

        Raises:
            BucketError: the store cannot be reached, or refuses.
        """
        with self._telling():
            try:
                self._client.list_objects_v2(Bucket=self.name, MaxKeys=1)
            except ClientError as error:
                if not is_no_bucket(error) and status_of(error) != 404:
                    raise
                self._create()

    def _create(self) -> None:
        try:
            self._client.create_bucket(Bucket=self.name)
        except ClientError as error:
            if code_of(error) == "BucketAlreadyOwnedByYou":  # another process was quicker
                return
            if code_of(error) != "IllegalLocationConstraintException":
                raise
            # AWS wants to be told the region, but for its first one; other stores know none.
            region = self._client.meta.region_name
            self._client.create_bucket(
                Bucket=self.name,
                CreateBucketConfiguration={"LocationConstraint": region},  # type: ignore[typeddict-item]  # any region
            )

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[Stored]:
        """Objects whose keys start with `prefix` and come after a key, in the order of their keys, but for markers of folders.

        Others may have put objects there too: whoever reads or deletes what is listed knows its own keys by their shape.

        Raises:
            BucketError: the store cannot be reached, or refuses.
        """
        # Not every store lists in the order of keys, and a key may come twice where pages overlap.
        found = {stored.key: stored for stored in self._listed(prefix, after) if stored.key > after}
        for _, stored in sorted(found.items()):
            yield stored

    def holds(self, prefix: str) -> bool:
        """Whether there is any object, but for markers of folders, whose key starts so. Raises as `list` does."""
        return any(self._listed(prefix))

    def _listed(self, prefix: str, after: str = "") -> Iterator[Stored]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=prefix, StartAfter=after
        )
        with self._telling():
            for page in pages:
                for item in page.get("Contents", ()):
                    if item["Key"].startswith(prefix) and not item["Key"].endswith("/"):
                        yield Stored(item["Key"], item["Size"], clean_etag(item.get("ETag")), item["LastModified"])

    def get(self, key: str) -> bytes:
        """The object's bytes.

        Raises:
            KeyError: there is no such object.
            DamagedError: its bytes are not those that were written; it has them.
            BucketError: the store cannot be reached or refuses, or the object breaks off at every try.
        """
        return self.get_with_etag(key)[0]

    def get_with_etag(self, key: str) -> tuple[bytes, str]:
        """The object's bytes and its ETag, for a guarded write later. Raises as `get` does."""
        file = io.BytesIO()
        try:
            etag = self.download(key, file)
        except DamagedError as damaged:
            damaged.data = file.getvalue()
            raise
        return file.getvalue(), etag

    def head(self, key: str) -> Head | None:
        """What the store tells of an object besides its bytes; None where there is none.

        Raises:
            BucketError: the store cannot be reached, or refuses.
        """
        with self._telling():
            try:
                told = self._client.head_object(Bucket=self.name, Key=key)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
        metadata = {name.lower(): value for name, value in told.get("Metadata", {}).items()}
        return Head(told["ContentLength"], clean_etag(told.get("ETag")), metadata)

    def get_range(self, key: str, start: int, length: int, holds: Callable[[bytes], bool] = bool) -> bytes:
        """At most `length` of the object's bytes, from `start` on, as many as there are and one at least.

        They are read again where `holds` finds that they are not those that were written. Raises as `get` does.
        """
        for tried in range(1, TRIES + 1):
            file = io.BytesIO()
            received = self._receive(key, file, start, start + length - 1)
            if holds(data := file.getvalue()):
                return data
            if tried < TRIES:
                pause(tried)
        raise self._damaged(key, received, data)

    def download(self, key: str, file: IO[bytes]) -> str:
        """Write an object of any size into a file that can be sought, piece by piece, and return its ETag. Raises as `get` does."""
        begin = file.tell()
        for tried in range(1, TRIES + 1):
            file.seek(begin)
            received = self._receive(key, file)
            if received.is_whole is None and received.is_md5 is False:
                return self._receive_again(key, file, begin).etag
            if received.is_whole is not False:
                return received.etag
            if tried < TRIES:
                pause(tried)
        raise self._damaged(key, received)

    def _damaged(self, key: str, received: Received, data: bytes = b"") -> DamagedError:
        return DamagedError(
            f"{key} in bucket {self.name!r} at {self.endpoint} is damaged: what is read, however often, is not what was "
            "written. Put it back from a copy or an older version; what is made from captures/, `warraq build --repair` makes anew",
            key,
            data,
            received.etag,
        )

    def _receive_again(self, key: str, file: IO[bytes], begin: int) -> Received:
        """Read an object once more whose bytes are not those that its ETag names; they may have been spoilt on their way."""
        before = _digest(file, begin)
        file.seek(begin)
        received = self._receive(key, file)
        if received.is_md5 is False and _digest(file, begin) != before:
            raise BucketError(
                f"{key} in bucket {self.name!r} comes in other bytes whenever it is read: something between here and "
                f"{self.endpoint} spoils what it hands on"
            )
        if received.is_md5 is False and self._etags_are_md5s:  # else this store's ETags are something else
            _LOG.warning("%s in bucket %r is damaged: its bytes are not those that its ETag names", key, self.name)
        return received

    def _receive(self, key: str, file: IO[bytes], first: int = 0, last: int | None = None) -> Received:
        with self._telling():
            try:
                return receive(self._client, self.name, key, file, first=first, last=last)
            except ClientError as error:
                if is_missing(error):
                    raise KeyError(key) from None
                raise

    def put(
        self,
        key: str,
        data: bytes,
        *,
        content_type: str = "application/octet-stream",
        metadata: Mapping[str, str] | None = None,
        if_etag: str | None = None,
        if_absent: bool = False,
    ) -> str:
        """Write an object whole, and return its ETag. What `metadata` tells of it stands with it (`head`), in ASCII.

        Its SHA-256 stands there too (``sha256``), against which it is held whenever it is read.

        With `if_etag` it is written only over the object that has this ETag (over any, where it is empty); with `if_absent`, only
        where there is none. For a store that refuses conditional writes it is looked first what stands there. The first object that
        a process writes is read back.

        Raises:
            ConflictError: the guard did not hold, and what stands there are other bytes.
            BucketError: the store cannot be reached, refuses, or does not keep what is written.
        """
        told = {"ContentType": content_type, "Metadata": {**(metadata or {}), SHA256: hashlib.sha256(data).hexdigest()}}
        guard: dict[str, str] = {"IfMatch": f'"{if_etag}"'} if if_etag else {"IfNoneMatch": "*"} if if_absent else {}
        with self._telling():
            try:
                etag = self._write(key, data, told, guard)
            except ClientError as error:
                if not guard or not (is_guard_failed(error) or is_unknown(error)):
                    raise
                standing, etag = self._standing(key)
                if standing == data:
                    # A request of ours that succeeded and was sent again, its answer lost, also meets the guard.
                    return etag
                if is_guard_failed(error) or (standing is not None if if_absent else etag != if_etag):
                    raise ConflictError(f"{key} was written by someone else in the meantime: run again") from None
                _LOG.warning("the store at %s knows no conditional writes: never run two builds at once", self.endpoint)
                etag = self._write(key, data, told, {})
        etag = self._mended(key, data, told, etag)
        self._hold_that_it_is_kept(key, data)
        return etag

    def put_if_changed(
        self, key: str, data: bytes, standing: str | None, content_type: str, metadata: Mapping[str, str] | None = None
    ) -> str:
        """Write an object over the one of this ETag (None: there is none), where its bytes are others.

        Returns its ETag, which is `standing` where nothing was written. Raises as `put`.
        """
        # The ETag of an object put in one piece is its MD5 on every store without server-side key encryption; elsewhere the
        # comparison fails and the same bytes are merely written again.
        if standing and standing == hashlib.md5(data, usedforsecurity=False).hexdigest():
            return standing
        return self.put(
            key,
            data,
            content_type=content_type,
            metadata=metadata,
            if_etag=standing,
            if_absent=standing is None,
        )

    def _mended(self, key: str, data: bytes, told: Mapping[str, Any], etag: str) -> str:
        """Write an object again that was spoilt on its way, as its ETag tells where those are MD5s; the ETag of the last time."""
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        self._etags_are_md5s = self._etags_are_md5s or etag == md5
        for tried in range(1, TRIES + 1):
            if etag == md5 or not (etag and self._etags_are_md5s):
                return etag
            pause(tried)
            with self._telling():
                etag = self._write(key, data, told, {"IfMatch": f'"{etag}"'})
        raise BucketError(
            f"bucket {self.name!r} at {self.endpoint} does not keep what is written: the ETag of {key} is never that of its bytes. "
            "`warraq bucket check` tries the store"
        )

    def _write(self, key: str, data: bytes, told: Mapping[str, Any], guard: Mapping[str, str]) -> str:
        response = self._client.put_object(Bucket=self.name, Key=key, Body=data, **told, **guard)  # type: ignore[arg-type]
        return clean_etag(response.get("ETag"))

    def _hold_that_it_is_kept(self, key: str, data: bytes) -> None:
        """Read the first object that this process wrote into the bucket back; what is not kept byte for byte is taken away."""
        if (self.endpoint, self.name) in _kept:
            return
        standing, _ = self._standing(key)
        if standing != data:
            with suppress(BucketError):
                self.delete(key)
            raise BucketError(
                f"bucket {self.name!r} at {self.endpoint} does not keep what is written: {key} {_how_it_differs(data, standing)}. "
                "Nothing more is written. `warraq bucket check` tries the store"
            )
        _kept.add((self.endpoint, self.name))

    def copy(self, source: str, target: str, *, if_etag: str, sha256: str) -> None:
        """Copy an object of this ETag and SHA-256, within the store where it can; elsewhere the object is read and written.

        Raises:
            KeyError: there is no such object.
            ConflictError: it has other bytes.
            DamagedError: its bytes are not those that were written.
            BucketError: the store cannot be reached, or refuses.
        """
        if if_etag and self._copied(source, target, if_etag):
            there = self.head(target)
            if there is not None and there.metadata.get(SHA256) == sha256:
                return
        try:
            data = self.get(source)
            self._hold_digest(source, data, sha256)
            self.put(target, data, metadata=(self.head(source) or Head(0, "", {})).metadata)
            self._hold_digest(
                source, self.get(source), sha256
            )  # else this might bring back what was taken away meanwhile
        except (ConflictError, KeyError):
            self.delete(target)
            raise

    def _copied(self, source: str, target: str, etag: str) -> bool:
        """Whether the store copied an object that has this ETag; not where it knows no such request."""
        place: Any = {"Bucket": self.name, "Key": source}
        with self._telling():
            try:
                self._client.copy_object(Bucket=self.name, Key=target, CopySource=place, CopySourceIfMatch=f'"{etag}"')
            except ClientError as error:
                if is_missing(error):
                    raise KeyError(source) from None
                if is_guard_failed(error):
                    raise ConflictError(f"{source} was written by someone else in the meantime: run again") from None
                if not is_unknown(error):
                    raise
                return False
        return True

    def _hold_digest(self, key: str, data: bytes, sha256: str) -> None:
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ConflictError(f"{key} was written by someone else in the meantime: run again")

    def delete(self, *keys: str) -> None:
        """Delete the objects with exactly these keys; of one that is not there, nothing is said.

        One by one: how several are deleted at once is where stores differ most, and what of that fails is easily missed.

        Raises:
            BucketError: the store cannot be reached, or refuses.
        """
        if wrong := [key for key in keys if not key or key.endswith("/")]:
            raise ValueError(f"{wrong[0]!r} is a folder, and no key")
        with ThreadPoolExecutor(min(_AT_ONCE, len(keys) or 1)) as deleters:
            list(deleters.map(self._delete, keys))

    def _delete(self, key: str) -> None:
        with self._telling():
            try:
                self._client.delete_object(Bucket=self.name, Key=key)
            except ClientError as error:
                if not is_missing(error):  # as some stores say of what is not there
                    raise

    def delete_below(self, folder: str) -> int:
        """Delete every object below a folder that is ours alone, such as ``work/<run>/``, and return how many there were.

        Raises:
            BucketError: the store cannot be reached, or refuses.
        """
        if not folder.endswith("/"):
            raise ValueError(f"{folder!r} is no folder: others may begin so")
        keys = [stored.key for stored in self.list(folder)]
        self.delete(*keys)
        return len(keys)

    def uri(self, prefix: str) -> str:
        """The ``s3://`` address of a prefix, as delta-rs, Spark and DuckDB spell it."""
        return f"s3://{self.name}/{prefix}"

    def storage_options(self) -> dict[str, str]:
        """The same settings for readers built on Rust's object_store (delta-rs, Polars), with the credentials that hold now.

        Those of a pod or a machine expire: ask again before each piece of work.
        """
        options = {
            "aws_region": self._client.meta.region_name,
            "aws_endpoint": self.endpoint,
            "aws_virtual_hosted_style_request": "false",
            "aws_allow_http": "true" if self.endpoint.startswith("http://") else "false",
            "aws_conditional_put": "etag",
        }
        if keys := self._keys():
            options["aws_access_key_id"] = keys.access_key or ""
            options["aws_secret_access_key"] = keys.secret_key or ""
            if keys.token:
                options["aws_session_token"] = keys.token
        return options

    def _keys(self) -> ReadOnlyCredentials | None:
        """The credentials that hold now, and will for some minutes: boto3 renews those that expire."""
        credentials = self._session.get_credentials()
        return credentials.get_frozen_credentials() if credentials else None

    def _standing(self, key: str) -> tuple[bytes | None, str]:
        try:
            return self.get_with_etag(key)
        except KeyError:
            return None, ""
        except DamagedError as damaged:
            return damaged.data, damaged.etag

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Have what boto3 raises as a sentence."""
        try:
            yield
        except FAILURES as error:
            raise tell(error, self.name, self.endpoint) from error


def _digest(file: IO[bytes], begin: int) -> bytes:
    """SHA-256 of what a file holds from somewhere on."""
    file.seek(begin)
    return hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]  # any file that can be read


def _how_it_differs(written: bytes, read: bytes | None) -> str:
    if read is None:
        return "is not there right after it was written"
    if _FRAMED.match(read) and not _FRAMED.match(written):
        return (
            "comes back with the framing in which it was sent (aws-chunked) as part of its bytes: the store, or a proxy before it, "
            "does not know that encoding"
        )
    if not read:
        return "comes back empty"
    if len(read) < len(written) and written.startswith(read):
        return f"comes back cut off, after {len(read)} of {len(written)} bytes"
    return f"comes back as {len(read)} other bytes, of {len(written)}: is there a proxy before the store that rewrites or caches?"
