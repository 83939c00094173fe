"""How the documentation is built: MyST pages, Furo's theme, nothing fetched from the network."""

project = "Toktra"
author = "The Toktra authors"
copyright = "The Toktra authors"  # noqa: A001 - Sphinx's own name

extensions = ["myst_parser"]
exclude_patterns = ["_build", "tests", "**/__pycache__"]
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]

html_theme = "furo"
html_title = "Toktra"
html_static_path = ["_static"]
html_css_files = ["toktra.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
pygments_style = "tango"
pygments_dark_style = "github-dark"

# Near-white and near-black grounds, and one accent for what can be followed.
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#17191c",
        "color-brand-content": "#0b6b72",
        "color-brand-visited": "#0b6b72",
        "color-background-primary": "#fdfdfc",
        "color-background-secondary": "#f6f6f4",
        "color-background-hover": "#ededea",
        "color-background-border": "#e3e3df",
        "color-foreground-primary": "#17191c",
        "color-foreground-secondary": "#50555b",
        "color-code-background": "#f4f4f1",
        "color-sidebar-link-text--top-level": "#17191c",
    },
    "dark_css_variables": {
        "color-brand-primary": "#eceeee",
        "color-brand-content": "#63c7cf",
        "color-brand-visited": "#63c7cf",
        "color-background-primary": "#111314",
        "color-background-secondary": "#16191a",
        "color-background-hover": "#1e2223",
        "color-background-border": "#2a2f31",
        "color-foreground-primary": "#e6e8e8",
        "color-foreground-secondary": "#a3aaad",
        "color-code-background": "#191c1e",
        "color-sidebar-link-text--top-level": "#e6e8e8",
    },
}
