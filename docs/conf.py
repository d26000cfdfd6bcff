"""Settings of the documentation: ``python -m sphinx -W -b html docs docs/_build/html``."""

import sigstats

project = "sigstats"
author = "The sigstats developers"
project_copyright = "2026, the sigstats developers"
release = version = sigstats.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
nitpicky = False

html_theme = "furo"
html_title = "sigstats"
html_copy_source = False

myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath"]

autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
