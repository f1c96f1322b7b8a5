"""Prints figures of several rounds in the common form: median, minimum and maximum."""

import statistics

WIDTH = 58


def heading(text: str) -> None:
    print(f"\n{text:<{WIDTH}}{'median':>10}{'min':>10}{'max':>10}")


def row(label: str, values: list[float], digits: int = 2) -> None:
    cells = (statistics.median(values), min(values), max(values))
    print(f"  {label:<{WIDTH - 2}}" + "".join(f"{cell:>10.{digits}f}" for cell in cells))


def ratio(label: str, values: list[float], peer: list[float], aim: float | None = None) -> None:
    """Each round's figure over the peer's of the same round."""
    row(label + (f" (aim {aim})" if aim else ""), [value / other for value, other in zip(values, peer)])


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
