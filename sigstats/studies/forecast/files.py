"""Forecasts that were written to a file, to be settled by runs that were made later."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sigstats.errors import InputError
from sigstats.signature.signature import Signature
from sigstats.studies.combining.files import load
from sigstats.studies.forecast.result import Forecast, with_reports
from sigstats.studies.forecast.run import found, refuse_other_runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What an earlier forecast said it would predict, and from which runs."""

    to: tuple[float, ...]
    within: float
    law: str
    fitted_hash: str

    def settled(self, data: Any, signature: Signature) -> Forecast:  # noqa: ANN401 - any data frame
        """Return the same forecast, judged by all runs that there are now."""
        declared = signature.forecast
        if declared is not None and (tuple(declared["to"]), declared["within"]) != (self.to, self.within):
            raise InputError(
                f"the forecast was made for {[*self.to]} within {self.within:g}, and the signature declares "
                f"{[*declared['to']]} within {declared['within']:g} now; a forecast is settled as it was made. Give "
                "the earlier card."
            )
        now = found(data, signature, to=list(self.to), within=self.within, beyond=True)
        if now.law != self.law:
            raise InputError(
                f"the forecast was made with the law {self.law!r}, and the signature has {now.law!r} now; a forecast "
                "is settled as it was made. Give the earlier card."
            )
        refuse_other_runs(now, self.fitted_hash)
        return with_reports(now)


def promises(path: Path) -> list[Promise]:
    """Return the forecasts in a file that ``sigstats forecast --json`` or `Forecast.to_json` wrote."""
    held = load(path)
    results = held.get("results", [held]) if isinstance(held, dict) else []
    try:
        return [
            Promise(
                to=tuple(float(level) for level in each["to"]),
                within=float(each["within"]),
                law=str(each["law"]),
                fitted_hash=str(each["fitted_hash"]),
            )
            for each in results
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"file {str(path)!r} holds no forecast; it must be what sigstats forecast --json wrote. Give that file."
        ) from error
