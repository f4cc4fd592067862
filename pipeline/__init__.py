"""From captured pages to a clean, dated, deduplicated corpus: plain functions over plain data."""
