"""The page behind "Send me no more of these": it asks once, since programs open links too (RFC 8058)."""

from litestar import Response

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Mails from Toktra</title></head>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 32em; margin: 4em auto; padding: 0 1em">
{body}</body></html>
"""
_ASKING = """<h1>Mails from Toktra</h1><p>You get a mail when there is an alert that you can act on.</p>
<form method="post"><button style="font: inherit; padding: .5em 1em">Send me no more of these</button></form>
"""
_DONE = """<h1>No more mails</h1><p>You get no more mails about alerts. They are still in Toktra, and there
you can have mails again.</p>
"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def asking() -> Response[str]:
    """The page that asks."""
    return Response(_PAGE.format(body=_ASKING), media_type="text/html", headers=_HEADERS)


def done() -> Response[str]:
    """The page that says it is done."""
    return Response(_PAGE.format(body=_DONE), status_code=200, media_type="text/html", headers=_HEADERS)
