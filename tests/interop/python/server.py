"""Says what the real Python SDK says of each request: 200, or 400 with its error.

    POST /webhook/<secret in hex>       verify_webhook_payload
    POST /interceptor/<secret in hex>   verify_interceptor_payload; 200 has the decision that is waited for
    ?now_ms=<Unix milliseconds>         what the SDK's clock shows meanwhile

The headers are what Starlette hands to an application; Starlette and uvicorn come with the SDK.
Prints its port; ends when its stdin does.
"""

import datetime
import os
import socket
import sys
import threading

import scalekit.client
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse

# Its constructor would log in; the verifying methods need nothing of what it sets up.
client = object.__new__(scalekit.client.ScalekitClient)
ACCEPTED = {"webhook": "true", "interceptor": '{"decision":"ALLOW"}'}


def clock_at(now_ms):
    """A `datetime` whose `now` is fixed."""

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            seconds, milliseconds = divmod(now_ms, 1000)
            return cls.fromtimestamp(seconds, tz).replace(microsecond=milliseconds * 1000)

    return Clock


def is_accepted(request, body):
    _, method, secret_in_hex = request.url.path.split("/")
    secret = bytes.fromhex(secret_in_hex).decode()
    verify = client.verify_interceptor_payload if method == "interceptor" else client.verify_webhook_payload
    now_ms = request.query_params.get("now_ms")
    if now_ms is not None:
        scalekit.client.datetime = clock_at(int(now_ms))
    try:
        return verify(secret, request.headers, body)
    finally:
        scalekit.client.datetime = datetime.datetime


async def answer(scope, receive, send):
    request = Request(scope, receive)
    body = await request.body()
    try:
        accepted = ACCEPTED[request.url.path.split("/")[1]]
        status, text = (200, accepted) if is_accepted(request, body) else (400, "false")
    except Exception as error:
        status, text = 400, f"{type(error).__name__}: {error}"
    await PlainTextResponse(text, status)(scope, receive, send)


def end_with_stdin():
    sys.stdin.read()
    os._exit(0)


listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
threading.Thread(target=end_with_stdin, daemon=True).start()
config = uvicorn.Config(answer, http="h11", lifespan="off", log_level="warning", access_log=False)
uvicorn.Server(config).run(sockets=[listening])
