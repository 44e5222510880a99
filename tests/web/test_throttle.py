"""The gentle limit by address: what is counted, and what is remembered."""

from __future__ import annotations

from web.throttle import WINDOW_S, Throttle


def test_an_address_is_forgotten_when_nothing_of_it_counts_any_more():
    gate = Throttle(free=2)
    for second in range(4):
        gate.failed("203.0.113.7", second)
    gate.failed("203.0.113.8", 100)

    gate.check("198.51.100.1", 3 + WINDOW_S)
    assert "203.0.113.7" in repr(vars(gate))  # exactly as long ago still counts

    gate.check("198.51.100.1", 4 + WINDOW_S)
    assert "203.0.113.7" not in repr(vars(gate))
    assert "203.0.113.8" in repr(vars(gate))


def test_no_more_addresses_are_remembered_than_asked_for_and_the_last_ones_are():
    gate = Throttle(most_kept=3)
    for number in range(10):
        gate.failed(f"198.51.100.{number}", number / 10)

    assert [f"198.51.100.{number}" in repr(vars(gate)) for number in range(10)] == [False] * 7 + [True] * 3
