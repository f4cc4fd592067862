"""The bucket: an S3-compatible store reached by the standard AWS settings alone.

Endpoint, region and credentials come from the AWS environment (``AWS_ENDPOINT_URL_S3``, ``AWS_REGION``, the credentials
chain), the bucket's name from ``WARRAQ_BUCKET``. AWS S3, Ceph, SeaweedFS and R2 differ only in those settings; where stores speak
S3 differently, the room asks for no more than all of them know. What a store lacks, `check_bucket` says.

Every object carries the SHA-256 of its bytes as metadata, which every store keeps, and is held against it whenever it is read
whole: what is read is what was written, or an error that names the object. The checksums of S3 itself are not known to all stores.
An object that others put there without one is taken as it is.

Others may keep things in the same bucket, and browsers of buckets leave markers of folders in it: whoever lists knows its own keys
by their shape, and only whole keys are ever deleted. The room imports the errors and the settings alone.
"""

from __future__ import annotations

from pipeline.bucket.check import Finding, Standing, check_bucket
from pipeline.bucket.reading import TRIES, pause
from pipeline.bucket.refusals import BucketError, ConflictError, DamagedError
from pipeline.bucket.store import Bucket, Head, Stored

__all__ = [
    "TRIES",
    "Bucket",
    "BucketError",
    "ConflictError",
    "DamagedError",
    "Finding",
    "Head",
    "Standing",
    "Stored",
    "check_bucket",
    "pause",
]
