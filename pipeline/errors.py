"""The one error that people see."""


class WarraqError(Exception):
    """Something a person can mend: the message is one clear sentence that names the file, source or URL and what to do."""
