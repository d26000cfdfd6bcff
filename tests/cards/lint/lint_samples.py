"""A card that trips no rule, and changes of it that trip one each."""

CLEAN = """\
[idea]
name = "Memorised mazes"
claim = "An agent learns the mazes that it is trained on. It does not learn how to solve others, e.g. new ones."
mechanism = "each maze can be told from its first image, so that a path can be stored for it"
applies_to = "agents trained by PPO on 200 mazes"
fails_when = ["every maze is drawn anew"]
rivals = ["training mazes are easier than others"]
references = ["Cobbe and others, arXiv:1912.01588"]

[[signature]]
name = "return rises"
data = "sweep.csv"
knob = "steps"
metric = "return"
condition = "split"
shape = "increasing"
treatment = ["train"]
control = ["test"]
levels = [1, 2, 4, 8]
min_effect = 1.0
bounds = [0, 10]
quantity = "return of an episode"
computed = "mean of 100 episodes"
place = "the whole of training"
why = "a maze is worth 10, so that this is one maze in ten"
seeds = { treatment = 5, control = 8 }

[[signature]]
name = "entropy stays"
data = "sweep.csv"
knob = "steps"
metric = "entropy"
condition = "split"
shape = "flat"
treatment = ["random"]
levels = [1, 2, 4, 8]
min_effect = 0.5
quantity = "entropy of the actions, in bits"
computed = "mean over all states of 100 episodes"
place = "the whole of training"
why = "half a bit is a quarter of what there is"
role = "boundary"
looks = [3, 5]
seeds = 5
"""

FIRST = CLEAN[CLEAN.index("[[signature]]") : CLEAN.index("[[signature]]", CLEAN.index("[[signature]]") + 1)]
SECOND = CLEAN[CLEAN.index('[[signature]]\nname = "entropy stays"') :]
IDEA = CLEAN[: CLEAN.index("[[signature]]")]


def without(key: str, part: str = CLEAN) -> tuple[str, str]:
    """Return the change that takes a line out of a part of the card."""
    (line,) = [line for line in part.splitlines(keepends=True) if line.startswith(f"{key} = ")]
    return part, part.replace(line, "")


def instead(old: str, new: str, part: str = FIRST) -> tuple[str, str]:
    """Return the change of one text for another in a part of the card."""
    assert old in part, old
    return part, part.replace(old, new)


def beside(*lines: str) -> tuple[str, str]:
    """Return the change that puts a variant of the first signature behind it, with other lines for some keys."""
    keys = tuple(line.split(" = ")[0] for line in lines)
    kept = [line for line in FIRST.splitlines() if line.split(" = ")[0] not in keys]
    return SECOND, "\n".join([*[line for line in kept if line], *lines, "", SECOND])


def both(*pairs: tuple[str, str]) -> tuple[str, str]:
    """Return the change of several texts of the first signature."""
    text = FIRST
    for old, new in pairs:
        text = instead(old, new, text)[1]
    return FIRST, text


RISES = 'shape = "increasing"'
FALLS = 'shape = "decreasing"'
RIVAL = 'exclusive_with = ["return rises"]'
LEVELS = "[1, 2, 4, 8]"
MANY = "".join(beside(f'name = "m{n}"', f'metric = "m{n}"')[1].removesuffix(SECOND) for n in range(5))
AGAINST = both(
    (RISES, 'shape = "higher"\nbaseline = "random"'), ('knob = "steps"\n', ""), (f"levels = {LEVELS}\n", ""),
    ("bounds = [0, 10]\n", ""), ("{ treatment = 5, control = 8 }", "2"),
)[1]  # fmt: skip
CLAIM = next(line for line in IDEA.splitlines() if line.startswith("claim"))
POWER = 'shape = { name = "power_law", exponent = [0.25, 0.75] }'

# Each change and the code that it trips, and no other.
TRIPS = [
    ("SIG001", (IDEA, "# lint: ignore[SIG107]\n" + without("rivals", IDEA)[1])),
    ("SIG002", ('name = "return rises"\n', 'name = "return rises"  # lint: ignore[SIG303] why not\n')),
    ("SIG002", ('name = "return rises"\n', 'name = "return rises"  # lint: ignore[SIG999] why not\n')),
    ("SIG002", ('name = "return rises"\n', 'name = "return rises"  # lint: ignore why not\n')),
    ("SIG100", (IDEA, "")),
    ("SIG101", without("claim")),
    ("SIG102", instead("e.g. new ones.", "e.g. new ones. Nobody knew. Until now!", CLEAN)),
    ("SIG103", instead("learns the mazes that", "may or may not learn the mazes that", CLEAN)),
    ("SIG103", instead("learns the mazes that it is", "improves or worsens on those that it is", CLEAN)),
    ("SIG104", without("mechanism")),
    ("SIG105", without("applies_to")),
    ("SIG106", without("fails_when")),
    ("SIG107", without("rivals")),
    ("SIG108", without("references")),
    ("SIG109", instead('"agents trained by PPO on 200 mazes"', '"the systems it is meant for"', CLEAN)),
    ("SIG109", instead('"the whole of training"', '"after training, whole network"')),
    ("SIG110", (CLAIM, 'claim = "Better generalization"')),
    ("SIG110", (CLAIM, 'claim = "Higher overall performance of our model"')),
    ("SIG201", without("quantity", FIRST)),
    ("SIG202", instead('"return of an episode"', '"better generalization"')),
    ("SIG202", instead('"return of an episode"', '"Overall performance of our model on the test tasks"')),
    ("SIG203", without("computed", FIRST)),
    ("SIG204", without("place", FIRST)),
    ("SIG205", instead("min_effect = 1.0\nbounds = [0, 10]", "")),
    ("SIG206", without("why", FIRST)),
    ("SIG207", instead("min_effect = 1.0", "min_effect = 10.5")),
    ("SIG207", instead(RISES, 'shape = { name = "above", value = 10 }')),
    ("SIG207", instead(RISES, 'shape = { name = "below", value = 0 }')),
    ("SIG208", instead("min_effect = 1.0", "min_effect = 0.009")),
    ("SIG208", instead("min_effect = 1.0\nbounds = [0, 10]", "min_effect = 1e-12")),
    ("SIG301", (FIRST + SECOND, without("control", FIRST)[1].replace("{ treatment = 5, control = 8 }", "5"))),
    ("SIG302", beside('name = "test too"', 'treatment = ["test"]', 'control = ["random"]')),
    ("SIG302", instead('treatment = ["random"]', 'treatment = ["random"]\ncontrol = ["test"]', SECOND)),
    ("SIG303", (SECOND, MANY)),
    ("SIG304", instead('why = "a maze', 'role = "auxiliary"\nwhy = "a maze')),
    ("SIG305", beside('name = "late"', FALLS, "where = { steps = { min = 2 } }", "levels = [2, 4, 8]")),
    ("SIG305", beside('name = "falls"', FALLS, RIVAL)),
    ("SIG305", beside('name = "line"', 'shape = { name = "linear", direction = "decreasing" }')),
    ("SIG306", beside('name = "not"', 'expect = "absent"', 'role = "auxiliary"')),
    ("SIG306", beside('name = "falls"', FALLS, RIVAL, 'role = "auxiliary"')),
    ("SIG307", instead(RISES, 'shape = "linear"')),
    ("SIG307", instead(RISES, 'shape = { name = "power_law", exponent = [-0.5, 0.5] }')),
    ("SIG308", instead(RISES, 'shape = { name = "above", value = -1 }')),
    ("SIG308", instead(RISES, 'shape = { name = "below", value = 11 }')),
    ("SIG308", instead('shape = "flat"', 'shape = { name = "flat", margin = 2 }\nbounds = [0, 2]', SECOND)),
    ("SIG309", instead('why = "a maze', 'expect = "absent"\nwhy = "a maze')),
    ("SIG401", without("seeds", FIRST)),
    ("SIG402", instead("treatment = 5", "treatment = 2")),
    ("SIG402", instead("seeds = { treatment = 5, control = 8 }", 'looks = [3, 8]\nacross_seeds = "majority"')),
    ("SIG402", instead("seeds = { treatment = 5, control = 8 }", 'seeds = 4\nacross_seeds = "majority"')),
    ("SIG402", (FIRST, AGAINST)),
    ("SIG403", instead("looks = [3, 5]", "looks = [3, 4]", SECOND)),
    ("SIG404", without("levels", FIRST)),
    ("SIG405", instead(RISES, 'shape = "peak"')),
    ("SIG405", instead(LEVELS, "[1, 2, 4, 8]\nwhere = { steps = { min = 8 } }")),
    ("SIG406", instead(RISES, 'shape = "convex"\nknob_scale = "rank"')),
    ("SIG406", both((RISES, 'shape = "concave"'), (LEVELS, '["few", "some", "many"]'))),
    ("SIG407", instead(LEVELS, '[0, 1, 2, 4]\nknob_scale = "log"')),
    ("SIG407", both((RISES, POWER), (LEVELS, "[0, 1, 2, 4]"))),
    ("SIG408", instead('control = ["test"]', 'control = ["test"]\npaired = true')),
    ("SIG409", instead("bounds = [0, 10]", 'bounds = [-1, 10]\nmetric_scale = "log"')),
    ("SIG409", instead("bounds = [0, 10]", 'bounds = [0, 10]\nmetric_scale = "logit"')),
    ("SIG410", instead('control = ["test"]', 'control = ["test"]\ncalibrate = true')),
]  # fmt: skip

# Changes that come close and trip nothing.
PASSES = [
    (FIRST, AGAINST.replace("seeds = 2", 'seeds = 1\nitem = "maze"\nover = ["item"]')),
    (FIRST, AGAINST.replace("seeds = 2", "seeds = 3").replace('control = ["test"]\n', "")),
    beside('name = "smaller"', "min_effect = 2.0", 'expect = "absent"', 'role = "auxiliary"'),
    beside('name = "random alike"', 'control = ["random"]', 'expect = "absent"', 'role = "auxiliary"'),
    beside('name = "test a little"', 'treatment = ["test"]', 'control = ["random"]', "min_effect = 0.4"),
    instead("e.g. new ones.", "e.g. mazes of 3.5 cells, cf. Fig. 2 of Cobbe et al. and others.", CLEAN),
    instead("mechanism = ", "simplified_setting = ", CLEAN),
    instead('"return of an episode"', '"performance, as the share of mazes that are solved"'),
    instead("min_effect = 1.0", "min_effect = 10"),
    instead(RISES, 'shape = { name = "above", value = 5 }'),
    instead("min_effect = 1.0\nbounds = [0, 10]", "min_effect = 1e-6"),
    beside('name = "elsewhere"', FALLS, 'treatment = ["random"]'),
    beside('name = "others"', FALLS, 'where = { size = ["small", "large"] }', 'metric = "loss"'),
    beside('name = "not falls"', FALLS, 'expect = "absent"', 'role = "auxiliary"'),
    beside(
        'name = "rival"', 'shape = "decreasing"', 'exclusive_with = ["return rises"]', 'expect = "absent"',
        'role = "auxiliary"',
    ),
    beside('name = "test rises less"', 'treatment = ["test"]', 'control = ["random"]', 'expect = "absent"'),
    beside('name = "random falls"', 'treatment = ["random"]', 'control = ["test"]', FALLS),
    instead(LEVELS, '[0, 1, 2, 4]\nknob_scale = "rank"'),
    instead(LEVELS, '[0, 1, 2, 4]\nknob_scale = "log"\nwhere = { steps = { min = 1 } }'),
    instead(LEVELS, '["off", "on"]'),
    instead("{ treatment = 5, control = 8 }", '5\nacross_seeds = "majority"'),
    instead(RISES, 'shape = "increasing"\nmetric_scale = "log"'),
    instead('control = ["test"]', 'control = ["a", "b", "c", "d", "test"]\ncalibrate = true'),
]  # fmt: skip


def changed(change: tuple[str, str]) -> str:
    """Return the card with a change."""
    old, new = change
    assert CLEAN.count(old) == 1, old
    return CLEAN.replace(old, new)
