"""From a captured page to its article: decoded, parsed once, its text found, its furniture taken off."""
