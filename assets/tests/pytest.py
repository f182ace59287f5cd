"""Posts a @SCHEME@ that hookglass received to your handler, signed with a public test secret at a fixed time.

Save it as `test_@SCHEME@.py`, adapt MODULE and PATH, then run `pip install pytest freezegun` and `pytest`.
"""

import base64
import hashlib
import hmac
import importlib

from freezegun import freeze_time

MODULE = "app"  # has your Flask or FastAPI `app`
PATH = "/@SCHEME@s/scalekit"  # of your handler
SECRET = "@SECRET@"  # public: for tests only
NOW = 1767225600  # 2026-01-01T00:00:00Z, the clock of the test
ID = base64.b64decode("@ID@").decode("latin-1")
HEADERS = base64.b64decode("@HEADERS@").decode("latin-1")
BODY = base64.b64decode("@BODY@")


def signed_headers():
    content = f"{ID}.{NOW}.".encode() + BODY
    digest = hmac.new(base64.b64decode(SECRET.split("_")[1]), content, hashlib.sha256).digest()
    received = [tuple(line.split(": ", 1)) for line in HEADERS.split("\n") if line]
    return received + [
        ("@SCHEME@-id", ID),
        ("@SCHEME@-timestamp", str(NOW)),
        ("@SCHEME@-signature", "v1," + base64.b64encode(digest).decode()),
    ]


def post(app):
    headers = signed_headers()
    if hasattr(app, "test_client"):  # Flask
        return app.test_client().post(PATH, data=BODY, headers=headers)
    from fastapi.testclient import TestClient

    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return TestClient(app).post(PATH, content=BODY, headers=headers)


def test_the_handler_accepts_the_@SCHEME@(monkeypatch):
    monkeypatch.setenv("SCALEKIT_WEBHOOK_SECRET", SECRET)
    app = importlib.import_module(MODULE).app
    with freeze_time("2026-01-01T00:00:00Z"):
        response = post(app)
    assert 200 <= response.status_code < 300, f"the handler responded {response.status_code}"
