"""The spiders: one, driven by a source's file."""
