"""Settings that lie near a log, in whatever file and notation, for logs of every format."""

import json
import shutil
from pathlib import Path

import pytest

from sigstats import read_runs

CASES = Path(__file__).parent / "cases"
SAMPLES = Path(__file__).parent / "samples"
LOG = "step,loss\n0,1.0\n1,0.5\n"


def write(path, text=LOG):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def config_of(folder):
    (run,) = read_runs(folder).each()
    return run.config


def codes(runs):
    return [problem.code for problem in runs.problems if problem.code != "NO_SEED"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", '{"lr": "1e-3", "seed": 1}'),
        ("args.json", '{"lr": 0.001, "seed": 1}'),
        ("params.yaml", "lr: 1e-3\nseed: 1\n"),
        ("hparams.yml", "lr: 0.001\nseed: 1\n"),
        ("opt.yaml", "lr: 0.001\nseed: 1\n"),
        ("config.toml", "lr = 1e-3\nseed = 1\n"),
        ("variant.json", '{"lr": 0.001, "seed": 1}'),
        ("args.txt", "Namespace(lr=0.001, seed=1)"),
        ("args.txt", '{"lr": 0.001, "seed": 1}'),
        ("opt.txt", "----- Options -----\nlr: 0.001   [default: 0.1]\nseed: 1\n----- End -----\n"),
        ("params.txt", "lr = 0.001\nseed = 1\n"),
        (
            "config.yaml",
            "wandb_version: 1\nlr:\n  desc: null\n  value: 0.001\nseed:\n  desc: null\n  value: 1\n",
        ),
        ("a.json", '{"lr": 0.001, "seed": 1}'),
    ],
)
@pytest.mark.parametrize("above", [False, True])
def test_settings_beside_a_log_or_one_folder_above_are_its_settings(tmp_path, name, text, above):
    if above and name == "a.json":
        pytest.skip("belongs to a file in its own folder")
    write(tmp_path / "run" / ("logs/a.csv" if above else "a.csv"))
    write(tmp_path / "run" / name, text)
    assert config_of(tmp_path) == {"lr": 0.001, "seed": 1}


@pytest.mark.long
@pytest.mark.parametrize(
    "sample", ["tensorboard", "lightning", "wandb", "keras", "stdout", "dvclive", "ray_tune"]
)
def test_every_format_gets_them(tmp_path, sample):
    shutil.copytree(SAMPLES / sample, tmp_path / "x")
    plain = read_runs(tmp_path)
    for source in plain.sources:
        folder = source.path if source.path.is_dir() else source.path.parent
        (folder / "variant.json").write_text('{"width_of_it": 64}')
    config = read_runs(tmp_path).config
    assert len(config) == len(plain.config)
    assert set(config["width_of_it"]) == {64}


def test_nothing_above_what_is_read_is_looked_at(tmp_path):
    write(tmp_path / "run" / "a.csv")
    write(tmp_path / "config.json", '{"lr": 1}')
    assert config_of(tmp_path / "run") == {}


def test_the_file_of_a_log_comes_before_that_of_its_folder_and_a_difference_is_told(tmp_path):
    write(tmp_path / "config.json", '{"optimizer": {"lr": "1e-3"}, "seed": 1}')
    write(tmp_path / "hparams.yaml", "width: 64\nseed: 1\n")
    write(tmp_path / "b.json", '{"seed": 2}')
    write(tmp_path / "b.csv")
    runs = read_runs(tmp_path)
    (run,) = runs.each()
    assert run.config == {"optimizer.lr": 0.001, "seed": 2, "width": 64}
    assert codes(runs) == ["SETTINGS_DIFFER"]
    assert "seed is 2 and 1" in runs.problems[0].message


def test_settings_above_several_folders_are_given_to_all_without_the_seed(tmp_path):
    for name in ("s0", "s1"):
        write(tmp_path / name / "a.csv")
    write(tmp_path / "config.yaml", "lr: 0.1\nseed: 0\n")
    runs = read_runs(tmp_path)
    assert runs.config["lr"].tolist() == [0.1, 0.1]
    assert "seed" not in runs.config
    assert codes(runs) == ["SHARED_SETTINGS", "SHARED_SETTINGS"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", "{"),
        ("config.json", "[1]"),
        ("config.json", "[" * 100_000),
        ("config.toml", "a = "),
        ("config.toml", "a = " + "[" * 5_000),
        ("args.txt", "Namespace(" + "(" * 10_000),
        ("args.txt", "Namespace(lr=0.1"),
        ("args.txt", "Dear reader\nthis is prose\n"),
        ("config.yaml", "a: [1, 2"),
        ("params.json", "\ufeff{"),
    ],
)
def test_settings_that_cannot_be_read_are_a_problem(tmp_path, name, text):
    write(tmp_path / "a.csv")
    write(tmp_path / name, text)
    runs = read_runs(tmp_path)
    assert codes(runs) == ["BAD_CONFIG"]
    assert name in str(runs.problems[0])


def test_what_a_namespace_holds_besides_plain_values_is_not_executed(tmp_path):
    write(tmp_path / "a.csv")
    write(tmp_path / "args.txt", "Namespace(lr=0.1, act=__import__('os').abort(), sizes=[1, 2])")
    assert config_of(tmp_path) == {"lr": 0.1, "sizes": "[1, 2]"}


def test_links_to_settings_are_not_followed(tmp_path):
    write(tmp_path / "a.csv")
    write(tmp_path.parent / "secret.json", '{"lr": 1}')
    (tmp_path / "config.json").symlink_to(tmp_path.parent / "secret.json")
    assert config_of(tmp_path) == {}


def test_settings_beside_a_store_of_many_runs_are_not_theirs(tmp_path):
    shutil.copytree(SAMPLES / "wandb_csv" / "table", tmp_path / "x")
    write(tmp_path / "x" / "config.json", '{"width_of_it": 1}')
    assert "width_of_it" not in read_runs(tmp_path).config


@pytest.mark.parametrize("case", ["sidecar_metrics_csv", "sidecar_tensorboard"])
def test_settings_of_whole_folders_are_right(case):
    expected = json.loads((CASES / case / "expected.json").read_text())
    config = read_runs(CASES / case / "input").config
    assert len(config) == expected["runs"]
    for name, values in expected["settings"].items():
        assert set(config[name]) == set(values)


@pytest.mark.parametrize("layout", ["parent", "rlkit", "toml", "wandb_old", "yolov5"])
def test_settings_are_found_in_the_layouts_of_known_projects(layout):
    config = read_runs(CASES / "config_elsewhere" / "input" / layout).config
    assert config["seed"].tolist() == [0, 1]


def test_comments_above_a_table_and_a_file_beside_a_folder_hold_settings(tmp_path):
    (tmp_path / "run_0").mkdir()
    (tmp_path / "run_0" / "log.csv").write_text(
        "# seed: 3\n# lr = 0.1\n# made by hand\nstep,acc\n1,0.5\n2,0.6\n"
    )
    (tmp_path / "run_0.yaml").write_text("depth: 4\nlr: 0.2\n")
    runs = read_runs(tmp_path)
    assert runs.outlines[0].config == {"seed": 3, "lr": 0.1, "depth": 4}
    assert [each.code for each in runs.problems] == ["SETTINGS_DIFFER"]
