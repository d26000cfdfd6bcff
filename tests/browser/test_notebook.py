"""A notebook that was executed, in the real JupyterLab: its answers are seen, and nothing comes from outside."""

import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from sigstats_browser import WIDTHS

pytestmark = pytest.mark.browser
START = """import sigstats as ss
sweep = ss.simulate_sweep({"treatment": 5.0, "control": 0.0}, n_seeds=4, rng=1)
verdict = ss.detect(sweep, shape="increasing", control="control")
verdict"""
CELLS = (START, 'verdict.plot(width="page")', "verdict.methods()")
PATIENCE, STEP = 60.0, 0.3  # seconds
SHOWN = 'return document.querySelectorAll(".jp-OutputArea-output img, .jp-OutputArea-output details").length;'
WIDER = """return [...document.querySelectorAll(".jp-OutputArea-output")].map(
    each => each.scrollWidth - each.clientWidth);"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Return the address of a JupyterLab with an executed notebook; the server ends with the tests."""
    for name in ("jupyterlab", "nbclient", "ipykernel"):
        pytest.importorskip(name, reason=f"no JupyterLab: pip install {name}")
    import nbclient
    import nbformat

    folder = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in CELLS])
    nbclient.NotebookClient(notebook, timeout=PATIENCE).execute()
    nbformat.write(notebook, folder / "answers.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "IdentityProvider.token": "",
        "LabApp.news_url": "",
        "LabApp.check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": folder,
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        + [f"--{name}={value}" for name, value in options.items()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _once_it_answers(f"127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def _once_it_answers(place):
    for _ in range(round(PATIENCE / STEP)):
        try:
            with urllib.request.urlopen(f"http://{place}/api", timeout=5):
                return place
        except OSError:
            time.sleep(STEP)
    raise TimeoutError(f"JupyterLab did not answer within {PATIENCE:g} s")


def test_answers_are_seen_in_jupyterlab(browser, lab):
    browser.show(1600, "light")
    browser.open(f"http://{lab}/doc/tree/answers.ipynb?reset")
    for _ in range(round(PATIENCE / STEP)):
        if browser.driver.execute_script(SHOWN) >= 2:
            break
        time.sleep(STEP)
    assert browser.driver.execute_script(SHOWN) >= 2
    for width in WIDTHS:
        browser.show(width, "light")
        time.sleep(STEP)
        browser.picture(f"notebook-{width}")
        # Long addresses below a text scroll within their own box.
        assert max(browser.driver.execute_script(WIDER)[:2]) <= 1
    assert (browser.complaints(), browser.outside(lab)) == ([], [])
