from pipeline.rejection import REASONS, Passing, Rejection, status_may_pass


def test_each_reason_says_whether_it_may_pass() -> None:
    """What stands before an article passes, what may be unfinished does at first, and what is something else does not."""
    assert {reason for reason in Rejection if reason.passing == Passing.YES} == {"blocked", "truncated", "empty"}
    at_first = {reason for reason in Rejection if reason.passing == Passing.AT_FIRST}
    assert at_first == {"soft_404", "headline_only", "not_an_article"}
    depends = {reason for reason in Rejection if reason.passing == Passing.DEPENDS}
    assert depends == {"unchanged", "redirect", "http_error"}


def test_of_the_statuses_those_pass_that_say_nothing_of_the_page() -> None:
    assert [status for status in range(200, 600) if status_may_pass(status)] == [
        *(201, 202, *range(204, 300)),
        *(401, 403, 407, 408, 425, 429),
        *range(500, 600),
    ]


def test_pages_are_not_asked_for_again_for_what_is_no_page() -> None:
    assert set(Rejection) - set(REASONS) == {"unchanged", "unreadable", "taken_down"}
