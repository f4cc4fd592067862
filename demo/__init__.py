"""Small invented news sites with invented articles, served locally for the first run and for the tests.

Everything here is made up: outlets, people, organisations and events. No page depends on the clock: it is a function of the
content files and of the edition (1: as first published; 4: after all corrections).
"""
