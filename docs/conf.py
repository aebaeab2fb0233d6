"""How Sphinx builds the documentation: Markdown in, furo out."""

import kcore

project = "kcore"
author = "the kcore authors"
release = kcore.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["build"]
html_theme = "furo"
html_title = "kcore"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "description"
# Links into the repository (`../CONTRIBUTING.md`) work where the sources are read; the built
# pages include those files instead.
suppress_warnings = ["myst.xref_missing"]
