"""What a store's refusal means, in a sentence that says what to do.

Stores differ in the words of their codes, and answers to HEAD have none at all: where a code is not known, the status decides.
Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.parsers import ResponseParserError

from pipeline.errors import WarraqError

FAILURES = (ClientError, BotoCoreError, ResponseParserError, RecursionError)
"""What boto3 raises where a store cannot be reached, refuses, or answers in no words of S3; the last one where it sends elsewhere
without saying where, which boto3 asks for without end."""

NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
_WRONG_CREDENTIALS = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidSecurity",
    "InvalidToken",
    "NotSignedUp",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "Unauthorized",
}
_OTHER_REGION = {
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "PermanentRedirect",
    "TemporaryRedirect",
}


class BucketError(WarraqError):
    """The bucket cannot be reached or refuses; the message says which bucket, where, and what to do."""


class DamagedError(BucketError, ValueError):
    """An object is not what was written, however often it is read; or it is gone, where another one says that it must be there.

    `data` are the bytes that came instead, and `etag` is theirs. Whoever makes anew what cannot be parsed, a `ValueError` as well,
    makes anew what is damaged.
    """

    def __init__(self, message: str, key: str, data: bytes = b"", etag: str = "") -> None:
        super().__init__(message)
        self.key, self.data, self.etag = key, data, etag


class ConflictError(WarraqError):
    """A guarded write found that another writer had been there first."""


def is_missing(error: ClientError) -> bool:
    """Whether there is no such object, in whatever words."""
    return status_of(error) == 404 and not is_no_bucket(error)


def is_no_bucket(error: ClientError) -> bool:
    """Whether the store says that there is no such bucket."""
    return code_of(error) == "NoSuchBucket"


def is_guard_failed(error: ClientError) -> bool:
    """Whether the guard of a conditional write did not hold; a guard that asks for an object's ETag fails on a missing one, too."""
    return status_of(error) in {409, 412} or is_missing(error)


def is_unknown(error: ClientError) -> bool:
    """Whether the store says that it does not know what it was asked for."""
    return status_of(error) == 501 or code_of(error) == "NotImplemented"


def code_of(error: ClientError) -> str:
    """The code of a refusal, as the store spells it; its status where it has none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """The HTTP status of a refusal; 0 where there is none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def tell(error: Exception, bucket: str, endpoint: str) -> BucketError:
    """The sentence for a failure of boto3's, as an error to raise, without the passwords of addresses in it."""
    return BucketError(_PASSWORD.sub("://", _sentence(error, bucket, endpoint)))


_PASSWORD = re.compile(r"://[^\s/?#]*@")
"""What stands before the host of an address: of a store that a profile names, or of a proxy."""


def _sentence(error: Exception, bucket: str, endpoint: str) -> str:
    where = f"bucket {bucket!r} at {endpoint}"
    if isinstance(error, ClientError):
        return _tell_refusal(error, bucket, endpoint, where)
    if isinstance(error, NO_CREDENTIALS):
        return f"there are no credentials for {where} ({error}): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    if isinstance(error, (NoConnectionError, HTTPClientError)):
        return f"{where} cannot be reached ({error}): check AWS_ENDPOINT_URL_S3, and that the store runs"
    if isinstance(error, ResponseParserError):
        return f"{where} does not answer as an S3 store does: check AWS_ENDPOINT_URL_S3 ({_first_line(error)})"
    if isinstance(error, RecursionError):
        return f"{where} lies in another region: set AWS_REGION"
    return f"{where} cannot be used ({error}): check AWS_ENDPOINT_URL_S3 and WARRAQ_BUCKET"


def _tell_refusal(error: ClientError, bucket: str, endpoint: str, where: str) -> str:
    code, status = code_of(error), status_of(error)
    if is_no_bucket(error) or status == 404:
        return (
            f"there is no bucket {bucket!r} at {endpoint}: check WARRAQ_BUCKET and AWS_ENDPOINT_URL_S3, or make "
            "it: `warraq crawl`, `warraq import` and `warraq build` do so with --create-bucket"
        )
    if code in _WRONG_CREDENTIALS or status == 401:
        return (
            f"the store of {where} does not accept the credentials ({error}): check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, and "
            "AWS_SESSION_TOKEN or AWS_PROFILE where they are used"
        )
    if code == "RequestTimeTooSkewed":
        return f"the store of {where} refuses the request for its time: set this machine's clock right ({error})"
    if code in _OTHER_REGION or status in {301, 307}:
        region = _region(error)
        return f"{where} lies in another region: set AWS_REGION{f'={region}' if region else ''} ({error})"
    if status == 403:
        return (
            f"the store knows the credentials, but they may not do this with {where} ({error}): let their policy allow "
            "s3:ListBucket on it, and s3:GetObject, s3:PutObject and s3:DeleteObject on what lies in it"
        )
    if status >= 500 and not is_unknown(error):
        return f"{where} fails to answer ({error}): try again later, and check AWS_ENDPOINT_URL_S3"
    return f"{where} cannot be used ({error}): `warraq bucket check` tries what the store knows"


def _region(error: ClientError) -> str:
    """The region in which a bucket lies, where the refusal says so."""
    answer: dict[str, Any] = {**error.response}  # the stubs do not know of the region
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(answer.get("Error", {}).get("Region") or headers.get("x-amz-bucket-region") or "")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
