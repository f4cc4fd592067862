"""What is said where a store cannot be used."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError, ProxyConnectionError

from pipeline.bucket import Bucket, BucketError
from pipeline.bucket.refusals import tell

ADDRESS = "http://me:s3cret@store.example:9000"


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url=f"{ADDRESS}/warraq"),
        ProxyConnectionError(proxy_url=ADDRESS),
        RecursionError(),
    ],
)
def test_no_password_of_an_address_is_told(error: Exception) -> None:
    told = str(tell(error, "warraq", ADDRESS))
    assert "s3cret" not in told
    assert "at http://store.example:9000" in told


def test_a_key_without_its_other_half_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "warraq")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with pytest.raises(BucketError, match=r"keys of the store are not whole.*set AWS_ACCESS_KEY_ID and AWS_SECRET"):
        Bucket("warraq")
