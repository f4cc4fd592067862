"""Manifests signed and time-stamped, and verified by other tools than those that made it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import minisign
import pytest

from pipeline.bucket import Bucket
from pipeline.corpus import SnapshotError, keep_time_stamp, make_snapshot, sign_snapshot, time_stamp_request
from tests.pipeline.conftest import NOW

MANIFEST = "snapshots/one/manifest.json"


@pytest.fixture
def kept(built: Bucket) -> Bucket:
    make_snapshot(built, "one", now=NOW)
    return built


def never() -> str:
    raise AssertionError("no password was to be asked for")


def test_a_signature_is_the_standards_own(kept: Bucket, tmp_path: Path) -> None:
    pair = minisign.KeyPair.generate()
    public = sign_snapshot(kept, "one", bytes(pair.secret_key), never)
    signature = minisign.Signature.from_bytes(kept.get(f"{MANIFEST}.minisig"))
    key = minisign.PublicKey.from_base64(public)
    key.verify(kept.get(MANIFEST), signature)
    assert "snapshot one sha256:" in signature.trusted_comment
    with pytest.raises(minisign.VerifyError):
        key.verify(kept.get(MANIFEST) + b" ", signature)
    if tool := shutil.which("minisign"):
        (tmp_path / "manifest.json").write_bytes(kept.get(MANIFEST))
        (tmp_path / "manifest.json.minisig").write_bytes(kept.get(f"{MANIFEST}.minisig"))
        subprocess.run([tool, "-Vm", "manifest.json", "-P", public], cwd=tmp_path, check=True)
    pair.secret_key.encrypt("سر", opslimit=2**15)
    assert sign_snapshot(kept, "one", bytes(pair.secret_key), lambda: "سر") == public
    for secret, said in ((bytes(pair.secret_key), "wrong password"), (b"x", "cannot be used")):
        with pytest.raises(SnapshotError, match=said):
            sign_snapshot(kept, "one", secret, lambda: "another")
    with pytest.raises(SnapshotError, match="the corpus as it is now changes"):
        sign_snapshot(kept, "latest", bytes(pair.secret_key), never)


AUTHORITY = """
[ tsa ]
serial = serial
crypto_device = builtin
signer_cert = authority.pem
certs = authority.pem
signer_key = authority.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
"""


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A folder with all that OpenSSL needs to be a time-stamping authority."""
    (tmp_path / "tsa.conf").write_text(AUTHORITY)
    (tmp_path / "serial").write_text("01\n")
    made = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout authority.key -out authority.pem -days 9"
    )
    extensions = ["-subj", "/CN=authority.example", "-addext", "extendedKeyUsage=critical,timeStamping"]
    openssl(tmp_path, made, *extensions)
    return tmp_path


def openssl(folder: Path, command: str, *more: str) -> None:
    subprocess.run(["openssl", *command.split(), *more], cwd=folder, check=True, capture_output=True)


def answered(folder: Path, request: bytes) -> bytes:
    (folder / "asked.tsq").write_bytes(request)
    openssl(folder, "ts -reply -config tsa.conf -section tsa -queryfile asked.tsq -out answer.tsr")
    return (folder / "answer.tsr").read_bytes()


def test_an_authoritys_answer_is_kept_where_it_is_for_this_manifest(kept: Bucket, authority: Path) -> None:
    request = time_stamp_request(kept, "one")
    assert request == time_stamp_request(kept, "one")
    answer = answered(authority, request)
    assert keep_time_stamp(kept, "one", answer).year >= 2024
    (authority / "manifest.json").write_bytes(kept.get(MANIFEST))
    (authority / "kept.tsr").write_bytes(kept.get(f"{MANIFEST}.tsr"))
    openssl(authority, "ts -verify -data manifest.json -in kept.tsr -CAfile authority.pem")
    make_snapshot(kept, "two", now=NOW)
    with pytest.raises(SnapshotError, match="not for the manifest of snapshot two"):
        keep_time_stamp(kept, "two", answer)
    with pytest.raises(SnapshotError, match="no answer of a time-stamping authority"):
        keep_time_stamp(kept, "one", b"<html>")
    openssl(authority, "ts -query -data manifest.json -sha512 -out other.tsq")
    refused = answered(authority, (authority / "other.tsq").read_bytes())
    with pytest.raises(SnapshotError, match="the authority refused"):
        keep_time_stamp(kept, "one", refused)
    assert kept.get(f"{MANIFEST}.tsr") == answer
