"""The bucket: an S3-compatible store reached by the standard AWS settings alone.

Endpoint, region and credentials come from the AWS environment (``AWS_ENDPOINT_URL_S3``, ``AWS_REGION``, the credentials
chain), the bucket's name from ``WARRAQ_BUCKET``. AWS S3, Ceph, SeaweedFS and R2 differ only in those settings.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import WarraqError
from pipeline.settings import read_settings

if TYPE_CHECKING:
    from pyarrow.fs import S3FileSystem
    from types_boto3_s3.client import S3Client


class BucketError(WarraqError):
    """The bucket cannot be reached or refuses; the message says which bucket, where, and what to do."""


class ConflictError(WarraqError):
    """A guarded write found that another writer had been there first."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object in the bucket: its key, its size in bytes, its ETag without quotes, and when it was written (UTC)."""

    key: str
    size: int
    etag: str
    modified_at: datetime


class Bucket:
    """One bucket and what the pipeline does with it.

    Reads and writes are whole objects, but for `download`: every object of ours is small, and a whole write is what makes it
    atomic.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name or read_settings().bucket
        # Path-style addresses work on every store; retries are botocore's own standard mode.
        config = Config(s3={"addressing_style": "path"}, retries={"mode": "standard", "max_attempts": 5})
        self._session = boto3.session.Session()
        region = self._session.region_name or os.environ.get("AWS_REGION") or "us-east-1"
        try:
            self._client: S3Client = self._session.client("s3", region_name=region, config=config)
        except (ValueError, BotoCoreError) as error:
            raise BucketError(
                f"the store cannot be reached: {error}: check AWS_ENDPOINT_URL_S3 and AWS_PROFILE"
            ) from None

    @property
    def endpoint(self) -> str:
        """URL of the store."""
        return self._client.meta.endpoint_url

    def require(self) -> None:
        """Hold that there is such a bucket: a mistyped name is told before anything is done.

        Raises:
            BucketError: there is none, or the store cannot be reached or refuses.
        """
        try:
            self._client.head_bucket(Bucket=self.name)
        except (ClientError, BotoCoreError) as error:
            raise self._unusable(error) from error

    def ensure(self) -> None:
        """Create the bucket where it is missing.

        Raises:
            BucketError: the store cannot be reached, or refuses.
        """
        try:
            self._client.head_bucket(Bucket=self.name)
        except ClientError as error:
            if _code(error) not in _NO_BUCKET:
                raise self._unusable(error) from error
        except BotoCoreError as error:
            raise self._unusable(error) from error
        else:
            return
        try:
            self._client.create_bucket(Bucket=self.name)
        except (ClientError, BotoCoreError) as error:
            raise self._unusable(error) from error

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[Stored]:
        """Objects whose keys start with `prefix` and come after a key, in the order of their keys.

        Raises:
            BucketError: the store cannot be reached, or refuses.
        """
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=prefix, StartAfter=after
        )
        try:
            for page in pages:
                for item in page.get("Contents", ()):
                    yield Stored(item["Key"], item["Size"], item["ETag"].strip('"'), item["LastModified"])
        except (ClientError, BotoCoreError) as error:
            raise self._unusable(error) from error

    def get(self, key: str) -> bytes:
        """The object's bytes.

        Raises:
            KeyError: there is no such object.
            BucketError: the store cannot be reached, or refuses.
        """
        return self.get_with_etag(key)[0]

    def get_with_etag(self, key: str) -> tuple[bytes, str]:
        """The object's bytes and its ETag, for a guarded write later. Raises as `get` does."""
        file = io.BytesIO()
        etag = self.download(key, file)
        return file.getvalue(), etag

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """At most `length` of the object's bytes, from `start` on. Raises as `get` does."""
        file = io.BytesIO()
        self._download(key, file, which=f"bytes={start}-{start + length - 1}")
        return file.getvalue()

    def download(self, key: str, file: IO[bytes]) -> str:
        """Write an object of any size into a file, piece by piece, and return its ETag. Raises as `get` does."""
        return self._download(key, file)

    def _download(self, key: str, file: IO[bytes], which: str | None = None) -> str:
        try:
            get = self._client.get_object
            response = get(Bucket=self.name, Key=key, Range=which) if which else get(Bucket=self.name, Key=key)
            for part in response["Body"].iter_chunks(2**20):
                file.write(part)
            return response["ETag"].strip('"')
        except ClientError as error:
            if _code(error) in {"404", "NoSuchKey"}:
                raise KeyError(key) from None
            raise self._unusable(error) from error
        except BotoCoreError as error:
            raise self._unusable(error) from error

    def put(
        self,
        key: str,
        data: bytes,
        *,
        content_type: str = "application/octet-stream",
        if_etag: str | None = None,
        if_absent: bool = False,
    ) -> str:
        """Write an object whole, and return its ETag.

        With `if_etag` it is written only over the object that has this ETag; with `if_absent`, only where there is none.
        A store that knows no conditional writes is written to unguarded.

        Raises:
            ConflictError: the guard did not hold, and what stands there are other bytes.
            BucketError: the store cannot be reached, or refuses.
        """
        guard: dict[str, str] = {"IfMatch": f'"{if_etag}"'} if if_etag else {"IfNoneMatch": "*"} if if_absent else {}
        try:
            response = self._client.put_object(
                Bucket=self.name,
                Key=key,
                Body=data,
                ContentType=content_type,
                **guard,  # type: ignore[arg-type]  # the stubs know no optional guards
            )
            return response["ETag"].strip('"')
        except ClientError as error:
            if guard and _code(error) in _GUARD_FAILED:
                # A request of ours that succeeded and was sent again, its answer lost, also meets the guard.
                standing, etag = self._standing(key)
                if standing == data:
                    return etag
                raise ConflictError(f"{key} was written by someone else in the meantime: run again") from None
            if _code(error) in {"501", "NotImplemented"} and guard:  # a store without conditional writes
                return self.put(key, data, content_type=content_type)
            raise self._unusable(error) from error
        except BotoCoreError as error:
            raise self._unusable(error) from error

    def delete(self, prefix: str) -> int:
        """Delete every object below a prefix, and return how many there were.

        Raises:
            BucketError: the store cannot be reached, or refuses.
        """
        keys = [stored.key for stored in self.list(prefix)]
        try:
            for start in range(0, len(keys), 1000):  # the most that one S3 call takes
                self._client.delete_objects(
                    Bucket=self.name,
                    Delete={"Objects": [{"Key": key} for key in keys[start : start + 1000]], "Quiet": True},
                )
        except (ClientError, BotoCoreError) as error:
            raise self._unusable(error) from error
        return len(keys)

    def uri(self, prefix: str) -> str:
        """The ``s3://`` address of a prefix, as delta-rs, Spark and DuckDB spell it."""
        return f"s3://{self.name}/{prefix}"

    def storage_options(self) -> dict[str, str]:
        """The same settings for readers built on Rust's object_store (delta-rs, Polars)."""
        options = {
            "aws_region": self._client.meta.region_name,
            "aws_endpoint": self.endpoint,
            "aws_virtual_hosted_style_request": "false",
            "aws_allow_http": "true" if self.endpoint.startswith("http://") else "false",
            "aws_conditional_put": "etag",
        }
        credentials = self._session.get_credentials()
        if credentials is not None:
            frozen = credentials.get_frozen_credentials()
            options["aws_access_key_id"] = frozen.access_key or ""
            options["aws_secret_access_key"] = frozen.secret_key or ""
            if frozen.token:
                options["aws_session_token"] = frozen.token
        return options

    def filesystem(self) -> S3FileSystem:
        """The same settings for readers built on Arrow; the bucket's name begins every path."""
        from pyarrow.fs import S3FileSystem  # noqa: PLC0415 - DAGs are parsed without it

        frozen = credentials.get_frozen_credentials() if (credentials := self._session.get_credentials()) else None
        parts = urlsplit(self.endpoint)
        return S3FileSystem(
            access_key=frozen.access_key if frozen else None,
            secret_key=frozen.secret_key if frozen else None,
            session_token=frozen.token if frozen else None,
            anonymous=frozen is None,
            region=self._client.meta.region_name,
            endpoint_override=parts.netloc,
            scheme=parts.scheme,
        )

    def _standing(self, key: str) -> tuple[bytes | None, str]:
        try:
            return self.get_with_etag(key)
        except KeyError:
            return None, ""

    def _unusable(self, error: Exception) -> BucketError:
        if isinstance(error, ClientError) and _code(error) in _NO_BUCKET:
            return BucketError(
                f"there is no bucket {self.name!r} at {self.endpoint}: check WARRAQ_BUCKET and AWS_ENDPOINT_URL_S3, or make "
                "it: `warraq crawl`, `warraq import` and `warraq build` do so with --create-bucket"
            )
        return BucketError(
            f"bucket {self.name!r} at {self.endpoint} cannot be used ({error}): "
            "check AWS_ENDPOINT_URL_S3, the credentials and WARRAQ_BUCKET"
        )


_NO_BUCKET = {"404", "NoSuchBucket"}
_GUARD_FAILED = {"409", "412", "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
