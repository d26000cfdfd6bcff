"""Write what PyYAML's safe_load (6.0.3) makes of reference.yaml, as JSON: pairs instead of mappings, to keep keys."""

import json
from pathlib import Path

import yaml


def pairs(value):
    if isinstance(value, dict):
        return {"pairs": [[key, pairs(inner)] for key, inner in value.items()]}
    return [pairs(inner) for inner in value] if isinstance(value, list) else value


here = Path(__file__).parent
told = yaml.safe_load((here / "reference.yaml").read_text(encoding="utf-8"))
(here / "reference.json").write_text(json.dumps(pairs(told), indent=1) + "\n", encoding="utf-8")
