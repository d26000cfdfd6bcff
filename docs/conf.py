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
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
nitpicky = False

html_theme = "furo"
html_title = "sigstats"
pygments_dark_style = (
    "a11y-high-contrast-dark"  # the counterpart of the light one, which Furo takes by itself
)
html_copy_source = False
html_theme_options = {
    # Furo's grey of captions and small print is too faint on its side bar for small letters.
    "light_css_variables": {"color-foreground-muted": "#5a5c63", "color-foreground-secondary": "#4a4c52"},
    "dark_css_variables": {"color-foreground-muted": "#a0a2a9", "color-foreground-secondary": "#b4b6bd"},
}

# The copy button takes what is to be typed, without prompts and without what was printed.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
copybutton_remove_prompts = True

myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
