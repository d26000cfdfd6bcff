"""Runs of an MLflow tracking server, over its REST API (version 2.0)."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from typing import Any

from sigstats.data.logs.formats.mlflow import STATES
from sigstats.data.logs.live.store import Store
from sigstats.data.logs.model import Run, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.runs import Runs
from sigstats.data.logs.values import as_scalar
from sigstats.data.progress import progress
from sigstats.errors import OptionError

__all__ = ["read_mlflow"]

MAX_ANSWER = 2**28
PAGE = 1_000  # experiments or runs in an answer; MLflow's client asks for as many
PAGE_OF_VALUES = 25_000  # the most that MLflow gives
MAX_PAGES = 100_000
TIMEOUT = 60.0  # seconds
PAUSES = (0.5, 2.0, 8.0)  # seconds before each further try
_LABELS = {"mlflow.runName": "mlflow.name", "mlflow.parentRunId": "mlflow.parent"}


def read_mlflow(
    tracking_uri: str,
    *,
    experiments: str | Sequence[str] | None = None,
    folder: str | PathLike[str] | None = None,
    headers: Mapping[str, str] | None = None,
    **options: Any,  # noqa: ANN401 - the options of read_runs
) -> Runs:
    """Fetch the runs of an MLflow tracking server.

    Parameters
    ----------
    tracking_uri : str
        The address of the server, such as ``"http://localhost:5000"``. A folder ``mlruns`` or a database is read by
        `read_runs`.
    experiments : str or sequence of str, optional
        Names of experiments; by default all.
    folder : str or path-like, optional
        Where to keep the runs, one file each. With it, an interrupted call goes on where it stopped, and only runs
        that had not ended are fetched again. By default, a temporary folder.
    headers : mapping of str to str, optional
        Sent with each request, such as ``{"Authorization": "Bearer ..."}``. They are not kept.
    **options
        As in `read_runs`: ``metrics``, ``config``, ``step``, ``pattern``, ``levels``, ``extra``, ``n_jobs``.

    Returns
    -------
    Runs
        Named by their ids, with all values of all metrics.

    Raises
    ------
    OptionError
        If the server cannot be reached, refuses, or has no such experiment.

    Notes
    -----
    *Assumptions.* The endpoints ``experiments/search``, ``runs/search`` and ``metrics/get-history`` are those of
    MLflow's REST API 2.0 [1]_. Deleted runs are not asked for. Requests that fail for a reason of the server's are
    tried four times.

    *What would fool it.* A run that goes on while it is fetched: its later values are missing until the next call.

    References
    ----------
    .. [1] MLflow, "REST API", https://mlflow.org/docs/latest/rest-api.html.

    Examples
    --------
    >>> try:
    ...     read_mlflow("mlruns")
    ... except ValueError as error:
    ...     print(str(error)[:70])
    `tracking_uri` is 'mlruns'; it must be the address of a server, such a
    """
    server = _Server(tracking_uri, headers)
    store = Store(folder)
    there = server.pages("experiments/search", "experiments")
    known = {each["experiment_id"]: str(each.get("name")) for each in there}
    wanted = _wanted(known, experiments)
    found = list(server.pages("runs/search", "runs", experiment_ids=sorted(wanted))) if wanted else []
    with progress("fetching runs", len(found)) as advance:
        for each in found:
            key = str(each["info"]["run_id"])
            if not store.has(key):
                store.put(key, _run(server, each, known))
            advance()
    return store.runs(options)


def _wanted(known: Mapping[str, str], experiments: str | Sequence[str] | None) -> dict[str, str]:
    """Return the experiments that are asked for, by id."""
    if experiments is None:
        return dict(known)
    names = {experiments} if isinstance(experiments, str) else set(experiments)
    missing = sorted(names - set(known.values()))
    if missing:
        there = tuple(sorted(known.values()))
        raise OptionError(f"the server has no experiment called {missing[0]!r}; it has {there}.")
    return {key: name for key, name in known.items() if name in names}


def _run(server: "_Server", found: Mapping[str, Any], experiments: Mapping[str, str]) -> Run:
    """Return a run with the whole history of its metrics."""
    info, data = found["info"], found.get("data", {})
    recorder = RunRecorder(run=str(info["run_id"]), format="mlflow")
    recorder.take({str(each["key"]): as_scalar(each.get("value")) for each in data.get("params", [])})
    labels: dict[str, Scalar] = {"mlflow.experiment": experiments.get(info.get("experiment_id", ""))}
    for tag in data.get("tags", []):
        key = str(tag["key"])
        if key in _LABELS or not key.startswith("mlflow."):
            labels[_LABELS.get(key, f"tags.{key}")] = as_scalar(tag.get("value"))
    if info.get("run_name"):
        labels.setdefault("mlflow.name", str(info["run_name"]))
    recorder.take(labels)
    for metric in sorted({str(each["key"]) for each in data.get("metrics", [])}):
        points = list(server.history(recorder.run, metric))
        uncounted = len(points) > 1 and not any(point.get("step") for point in points)
        if uncounted:
            what = f"all {len(points):,} values of {metric} were logged without a step"
            recorder.note("NO_STEP", what, "they are counted in their order", metric)
        for place, point in enumerate(points):
            recorder.add(metric, place if uncounted else point.get("step", 0), point.get("value"))
    return recorder.finished(STATES.get(str(info.get("status")), "unknown"))


class _Server:
    """The server, asked page by page.

    Parameters
    ----------
    uri : str
        Its address.
    headers : mapping of str to str, optional
        Sent with each request.
    """

    def __init__(self, uri: object, headers: Mapping[str, str] | None) -> None:
        parts = urllib.parse.urlsplit(uri) if isinstance(uri, str) else None
        if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
            raise OptionError(
                f"`tracking_uri` is {uri!r}; it must be the address of a server, such as 'http://localhost:5000'. "
                f"A folder or a database is read by sigstats.read_runs."
            )
        self._base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/api/2.0/mlflow/"
        self._headers = {"Content-Type": "application/json", **(headers or {})}

    def pages(self, endpoint: str, part: str, **body: object) -> Iterator[dict[str, Any]]:
        """Yield what a search finds."""
        token = None
        for _ in range(MAX_PAGES):
            asked = {"max_results": PAGE, **body, **({"page_token": token} if token else {})}
            answer = self._ask(endpoint, json.dumps(asked).encode())
            yield from answer.get(part, [])
            token = answer.get("next_page_token")
            if not token:
                return

    def history(self, run: str, metric: str) -> Iterator[dict[str, Any]]:
        """Yield all values of a metric of a run."""
        token = None
        for _ in range(MAX_PAGES):
            asked = {"run_id": run, "metric_key": metric, "max_results": PAGE_OF_VALUES}
            query = urllib.parse.urlencode({**asked, **({"page_token": token} if token else {})})
            answer = self._ask(f"metrics/get-history?{query}", None)
            yield from answer.get("metrics", [])
            token = answer.get("next_page_token")
            if not token:
                return

    def _ask(self, endpoint: str, body: bytes | None) -> dict[str, Any]:
        """Return the answer to a request, which is tried again if the server fails."""
        where = self._base + endpoint
        for pause in (*PAUSES, None):
            request = urllib.request.Request(where, data=body, headers=self._headers)  # noqa: S310 - http or https
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
                    answer = json.loads(response.read(MAX_ANSWER))
            except urllib.error.HTTPError as error:
                error.close()
                if error.code < 500 or pause is None:
                    raise OptionError(f"the server answers {error.code} {error.reason} to {where}.") from None
            except (OSError, ValueError, RecursionError) as error:
                if pause is None:
                    raise OptionError(f"the server cannot be asked at {where}: {error}.") from None
            else:
                if isinstance(answer, dict):
                    return answer
                raise OptionError(f"the server at {where} does not answer like MLflow.")
            time.sleep(pause or 0)
        raise OptionError(f"the server cannot be asked at {where}.")
