"""Hydra's files: settings of a job, and what was given on its command line."""

from pathlib import Path

from sigstats.data.logs.formats.hydra import config_of, overrides_of

SAMPLES = Path(__file__).parents[1] / "samples" / "hydra"


def job(folder, **files):
    home = folder / ".hydra"
    home.mkdir(parents=True)
    for name, text in files.items():
        (home / f"{name}.yaml").write_text(text)
    return folder


def test_settings_are_flat():
    config, problems = config_of(SAMPLES / "job")
    assert problems == []
    expected = {
        "run_dir": "out/relax_from_nfs/20260210_035543", "fieldline.n_scan": 2, "fieldline.axis_margin": 0.05,
        "poincare.zeta_values": "[0.33]", "plotting.plot_pressure": False, "plotting.Rlim": None,
        "hydra.job.name": "poincare_plots",
    }  # fmt: skip
    assert {key: config[key] for key in expected} == expected
    assert "hydra.job.num" not in config


def test_overrides_are_the_knobs():
    assert overrides_of(SAMPLES / "job") == {
        "run_dir": "out/relax_from_nfs/20260210_035543", "fieldline.n_scan": 2, "plotting.denom_max": 25,
        "plotting.plot_pressure": False,
    }  # fmt: skip
    given = overrides_of(SAMPLES / "multirun")
    assert (given["math_operator"], given["group"], given["save_activations"]) == ("+", "t11", True)


def test_every_override_is_a_setting_of_the_job():
    for name in ("job", "multirun"):
        config, _ = config_of(SAMPLES / name)
        given = overrides_of(SAMPLES / name)
        assert {key for key, value in given.items() if config.get(key) != value} <= {"exp"}


def test_signs_in_front_of_an_override_are_no_part_of_the_key(tmp_path):
    text = "- +lr=1e-3\n- ++model.depth=3\n- ~scheduler\n- name=a=b\n- empty=\n"
    folder = job(tmp_path / "a", overrides=text)
    given = {"lr": 0.001, "model.depth": 3, "scheduler": None, "name": "a=b", "empty": ""}
    assert overrides_of(folder) == given
    config, _ = config_of(folder)
    assert config["hydra.overrides"] == "+lr=1e-3, ++model.depth=3, ~scheduler, name=a=b, empty="


def test_a_reference_takes_the_value_of_its_setting(tmp_path):
    text = "lr: 0.1\nopt:\n  lr: ${lr}\n  twice: ${opt.lr}\n  home: ${oc.env:HOME}\n  text: a${lr}\nloop: ${loop}\n"
    config, problems = config_of(job(tmp_path / "a", config=text))
    assert (config["opt.lr"], config["opt.twice"]) == (0.1, 0.1)
    assert (config["opt.home"], config["opt.text"], config["loop"]) == ("${oc.env:HOME}", "a${lr}", "${loop}")
    (problem,) = problems
    assert problem.code == "INTERPOLATION"


def test_the_number_of_a_job_in_a_multirun_is_a_setting(tmp_path):
    text = "hydra:\n  job:\n    name: train\n    num: 7\n    id: '7'\n"
    config, _ = config_of(job(tmp_path / "a", hydra=text))
    assert config == {"hydra.job.name": "train", "hydra.job.num": 7}


def test_what_is_no_plain_data_is_told_and_never_run(tmp_path):
    text = "lr: 0.1\nbad: !!python/object/apply:os.system ['true']\n"
    config, problems = config_of(job(tmp_path / "a", config=text))
    assert config == {"lr": 0.1}
    assert [problem.code for problem in problems] == ["CONFIG_LEFT_OUT"]


def test_a_damaged_file_is_told_and_the_others_are_read(tmp_path):
    folder = job(tmp_path / "a", config="a: [1, 2\nb: }", overrides="- lr=0.1\n")
    config, problems = config_of(folder)
    assert config == {"hydra.overrides": "lr=0.1"}
    assert [problem.code for problem in problems] == ["BAD_CONFIG"]


def test_a_folder_that_is_no_job_has_no_settings(tmp_path):
    assert config_of(tmp_path) == ({}, [])
    assert overrides_of(tmp_path) == {}
