"""Serves a handler that hookglass shows, as an app in its framework would have it.

Arguments: the framework, the handler's code, the secret. Prints its port; ends when its stdin does.
"""

import json
import os
import socket
import sys
import threading

import fastapi
import flask
import scalekit.client
import uvicorn
import werkzeug.serving

_, framework, code, secret = sys.argv
# Its constructor would log in; the verifying methods need nothing of what it sets up.
client = object.__new__(scalekit.client.ScalekitClient)
names = {"client": client, "secret": secret, "json": json}


def end_with_stdin():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_stdin, daemon=True).start()
if framework == "Flask":
    app = flask.Flask("app")
    exec(code, {**names, "app": app, "request": flask.request})
    server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()
else:
    app = fastapi.FastAPI()
    exec(code, {**names, "app": app, "Request": fastapi.Request, "HTTPException": fastapi.HTTPException})
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])
