"""Make the sample of a ClearML offline session: run with clearml 2.1.12 in the folder of this script.

Three series, settings in two sections, one single value; nothing is sent anywhere. ClearML turns the NaN into 0.0. What
names the machine (the script, the folder) is left out of task.json.
"""

import json
from pathlib import Path

from clearml import Task

Task.set_offline(offline_mode=True)
task = Task.init(
    project_name="sweep", task_name="lr_0.01_seed_3", auto_connect_frameworks=False, output_uri=False
)
task.connect({"lr": 0.01, "seed": 3, "optimizer": "adam", "nested": {"dropout": 0.1}, "amp": True})
task.connect({"depth": 4}, name="Model")
logger = task.get_logger()
for step in range(40):
    logger.report_scalar("loss", "train", value=1.0 / (step + 1), iteration=step)
    if step % 10 == 9:
        logger.report_scalar("loss", "validation", value=1.5 / (step + 1), iteration=step)
        logger.report_scalar("grad", "norm", value=float("nan") if step == 29 else step / 7, iteration=step)
logger.report_single_value("best", 0.0375)
task.flush(wait_for_uploads=True)
task.close()

session = Path(task.get_offline_mode_folder())
target = Path(__file__).parent / "session"
target.mkdir(exist_ok=True)
(target / "metrics.jsonl").write_bytes((session / "metrics.jsonl").read_bytes())
told = json.loads((session / "task.json").read_text())
kept = {key: value for key, value in told.items() if key not in {"script", "offline_folder"}}
(target / "task.json").write_text(json.dumps(kept, indent=1) + "\n")
