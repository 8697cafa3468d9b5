"""Work on many things at once whose results come in the order of the things."""

from __future__ import annotations

import threading

import pytest

from benchmark.run.in_order import in_order


def test_results_come_in_the_order_of_the_things_though_the_last_is_done_first() -> None:
    later = threading.Event()

    def made(number: int) -> int:
        if number == 0:
            assert later.wait(60), "they are not worked on at once"
        if number == 2:
            later.set()
        return number * number

    with in_order(made, range(3), at_once=3) as results:
        assert list(results) == [0, 1, 4]


def test_who_is_interrupted_waits_for_no_work_that_is_not_begun() -> None:
    begun: list[int] = []
    with pytest.raises(KeyboardInterrupt), in_order(begun.append, range(100_000), at_once=2) as results:
        next(results)
        raise KeyboardInterrupt
    assert len(begun) < 100_000


def test_an_error_comes_out_where_its_thing_is_due() -> None:
    def made(number: int) -> float:
        return 1 / number

    with in_order(made, [2, 1, 0, 1], at_once=2) as results:
        assert [next(results), next(results)] == [0.5, 1.0]
        with pytest.raises(ZeroDivisionError):
            next(results)
