"""From a captured page to its article: decoded, parsed once, its text found, its furniture taken off."""

from pipeline.clean.extract import EXTRACTOR, Cleaned, clean
from pipeline.clean.rejection import Rejection

__all__ = ["EXTRACTOR", "Cleaned", "Rejection", "clean"]
