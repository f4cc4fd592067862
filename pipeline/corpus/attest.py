"""A snapshot's manifest signed and time-stamped, each as a standard's own tool verifies it.

``manifest.json.minisig`` is a signature of minisign (Ed25519, https://jedisct1.github.io/minisign/), ``manifest.json.tsr`` the
answer of a time-stamping authority (RFC 3161). Both are over the manifest's bytes, which never change, and may
come long after it. A key is read from a file, and neither it nor its password is stored or logged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

import minisign
import rfc3161_client as rfc3161

from pipeline.bucket import Bucket
from pipeline.corpus.snapshots import LATEST, SnapshotError, manifest_key, read_state

_SHA256 = "2.16.840.1.101.3.4.2.1"
"""The object identifier of SHA-256 (RFC 5754)."""

_GRANTED = {rfc3161.PKIStatus.GRANTED, rfc3161.PKIStatus.GRANTED_WITH_MODS}


def sign_snapshot(bucket: Bucket, name: str, key: bytes, password: Callable[[], str]) -> str:
    """Sign a snapshot's manifest with the bytes of a minisign key, and return the public key, as minisign's ``-P`` takes it.

    `password` is asked for only where the key has one.

    Raises:
        SnapshotError: there is no such snapshot, or the key is none, or has another password.
        BucketError: the store cannot be reached.
    """
    manifest = _manifest(bucket, name)
    try:
        secret = minisign.SecretKey.from_bytes(key)
        if secret.is_encrypted():
            secret.decrypt(password())
        sha256 = hashlib.sha256(manifest).hexdigest()
        signature = secret.sign(manifest, trusted_comment=f"warraq snapshot {name} sha256:{sha256}")
        public = minisign.PublicKey.from_secret_key(secret)
    except minisign.Error as error:
        raise SnapshotError(f"the key cannot be used ({error}): `minisign -G` makes one") from None
    public.verify(manifest, signature)
    bucket.put(f"{manifest_key(name)}.minisig", bytes(signature) + b"\n", content_type="text/plain")
    return public.to_base64().decode()


def time_stamp_request(bucket: Bucket, name: str) -> bytes:
    """What a time-stamping authority is to be sent for a snapshot's manifest (DER). Raises as `sign_snapshot` does."""
    builder = rfc3161.TimestampRequestBuilder(
        data=_manifest(bucket, name), hash_algorithm=rfc3161.HashAlgorithm.SHA256, nonce=False
    )
    return builder.build().as_bytes()


def keep_time_stamp(bucket: Bucket, name: str, answer: bytes) -> datetime:
    """Keep an authority's answer with a snapshot, and return the instant that it states (UTC).

    It is held that the answer is for this manifest; whose it is, the authority's certificate says to ``openssl ts -verify``.

    Raises:
        SnapshotError: there is no such snapshot, or the answer is none for it.
        BucketError: the store cannot be reached.
    """
    manifest = _manifest(bucket, name)
    try:
        read = rfc3161.decode_timestamp_response(answer)
        status = rfc3161.PKIStatus(read.status)
    except ValueError as error:
        raise SnapshotError(f"this is no answer of a time-stamping authority (RFC 3161): {error}") from None
    if status not in _GRANTED:
        raise SnapshotError(
            f"the authority refused ({status.name.lower()}): {' '.join(read.status_string) or 'without a reason'}"
        )
    imprint = read.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != hashlib.sha256(manifest).digest():
        raise SnapshotError(
            f"the answer is not for the manifest of snapshot {name}: send the request that --request writes for it"
        )
    bucket.put(f"{manifest_key(name)}.tsr", answer, content_type="application/timestamp-reply")
    return read.tst_info.gen_time


def _manifest(bucket: Bucket, name: str) -> bytes:
    if name == LATEST:
        raise SnapshotError(
            "the corpus as it is now changes: `warraq corpus snapshot NAME` keeps a state of it, which can be signed"
        )
    return read_state(bucket, name).manifest
