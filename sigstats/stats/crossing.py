"""Where a function crosses 0, without the import of scipy.optimize, which takes longer than a verdict."""

from collections.abc import Callable

STEPS = 200


def crossing(function: Callable[[float], float], low: float, high: float, *, tolerance: float) -> float:
    """Return where a function crosses 0 between two places at which its signs differ.

    Inverse quadratic interpolation where it is safe, else halves.

    References
    ----------
    T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function without
    using derivatives", Advances in Engineering Software 28 (1997), https://doi.org/10.1016/S0965-9978(96)00051-8
    """
    a, b, fa, fb = low, high, function(low), function(high)
    c, fc, share = a, fa, 0.5  # c is the place that a was before
    for _ in range(STEPS):
        best, error = (a, fa) if abs(fa) < abs(fb) else (b, fb)
        least = (2e-16 * abs(best) + 0.5 * tolerance) / abs(b - a) if a != b else 1.0
        if error == 0.0 or least > 0.5:
            return best
        place = a + min(max(share, least), 1.0 - least) * (b - a)
        value = function(place)
        if (value > 0) == (fa > 0):
            c, fc = a, fa
        else:
            c, b, fc, fb = b, a, fb, fa
        a, fa = place, value
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        safe = phi**2 < xi and (1.0 - phi) ** 2 < 1.0 - xi
        share = (
            fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
            if safe
            else 0.5
        )
    return best
