"""How Sphinx makes the site of the pages that dev/site.py has put together; `make site` runs both.

Strict: every warning ends the build, and a link or a name that leads nowhere is one. Nothing is fetched,
neither while building nor by whoever reads: no math, no web fonts, no inventories of other projects.
"""

from docutils import nodes
from sphinx.util.nodes import make_refnode

import inkwise

project = "inkwise"
project_copyright = "the authors of inkwise, MIT licence"
version = release = inkwise.__version__
html_title = f"inkwise {release}"
html_last_updated_fmt = ""
html_show_sphinx = False

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {"source_directory": "", "footer_icons": []}
html_copy_source = False
html_show_sourcelink = False
templates_path: list[str] = []

# MyST: the anchors that GitHub makes of headings, down to ####.
myst_heading_anchors = 4
myst_links_external_new_tab = False
highlight_language = "none"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
copybutton_exclude = ".linenos, .gp, .go"

# autodoc: the docstrings are Google's form with Markdown's `code`.
default_role = "code"
add_module_names = False
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "signature"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Attributes", "params_style"), ("Source", "notes_style")]
toc_object_entries_show_parents = "hide"

nitpicky = True
# Other projects' names: their inventories would have to be fetched.
nitpick_ignore_regex = [
    ("py:.*", r"(torch|numpy|np|nn|collections|pathlib|os|typing|types|PIL|pydantic|matplotlib|optuna)\..*"),
    ("py:class", r"Tensor|inkwise\.runs\.stages\.Session"),  # PyTorch's, and a type variable
]


def find_by_its_last_name(app, env, node, contnode):  # type: ignore[no-untyped-def]
    """Resolve `ShapeError`, as the docstrings write it, to the one documented name that ends so."""
    target = node["reftarget"]
    last = target.rpartition(".")[2]
    documented = env.domains.python_domain.objects
    found = [n for n, goal in documented.items() if n.rpartition(".")[2] == last and not goal.aliased]
    is_ours = target == last or target.startswith("inkwise.")
    if node.get("refdomain") != "py" or len(found) != 1 or not is_ours:
        return None
    goal = documented[found[0]]
    return make_refnode(app.builder, node["refdoc"], goal.docname, goal.node_id, contnode, found[0])


def let_pictures_open(app, doctree):  # type: ignore[no-untyped-def]
    """Make every picture a link to its file, in which it is as large as it was drawn.

    Sphinx does so for pictures with a scale.
    """
    for picture in doctree.findall(nodes.image):
        picture["scale"] = 100


def leave_out_fields(app, what, name, obj, options, signature, annotation):  # type: ignore[no-untyped-def]
    """Show no signature of a class: its fields stand above it as the source has them."""
    return ("", "") if what == "class" else None


def escape_bars(app, what, name, obj, options, lines):  # type: ignore[no-untyped-def]
    """Let |a - b| be an absolute value; to reStructuredText it would be a substitution."""
    for place, line in enumerate(lines):
        parts = line.split("`")
        parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]  # the others are code
        lines[place] = "`".join(parts)


def copy_whole_pages(app, config):  # type: ignore[no-untyped-def]
    """Put the pages that stand alone, which inkwise has written, into the site as they are."""
    config.html_extra_path = [str(app.srcdir / "extra")]


def setup(app):  # type: ignore[no-untyped-def]
    """Connect what stands above."""
    app.connect("config-inited", copy_whole_pages)
    app.connect("autodoc-process-docstring", escape_bars, priority=100)  # before napoleon reads it
    app.connect("doctree-read", let_pictures_open)
    app.connect("autodoc-process-signature", leave_out_fields)
    app.connect("missing-reference", find_by_its_last_name)
