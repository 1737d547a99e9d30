"""The frame of all pages: one HTML file that loads no other resources."""

import base64
import hashlib
import html

from keras_gan.report.style import SCRIPT, STYLE


def document(title: str, header: str, sections: str) -> str:
    """Returns a page, whose content security policy forbids all requests, and all scripts but its own.

    Args:
        title: Title of the page; text, which is escaped.
        header: HTML below the title.
        sections: HTML of the page's content.
    """
    title = html.escape(title)
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>\n<body><main>\n'
        f"<header><h1>{title}</h1>{header}</header>\n{sections}"
        "<footer>Written by keras_gan. This page holds everything it shows.</footer>\n"
        f"</main><script>{SCRIPT}</script></body></html>\n"
    )


def section(name: str, title: str, body: str) -> str:
    """Returns a section of a page; `name` is its anchor."""
    return f'<section id="{name}"><h2>{title}</h2>{body}</section>\n'


def _hash(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
