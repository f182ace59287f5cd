"""Serves a handler that hookglass shows, as an app in its framework would have it.

Arguments: the framework, the handler's code, the secret. Prints its port; ends when its stdin does.
"""

import json
import os
import socket
import sys
import threading

import django.conf
import django.core.wsgi
import django.http
import django.urls
import django.views.decorators.csrf
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

def django_app():
    django.conf.settings.configure(
        ROOT_URLCONF=sys.modules[__name__], ALLOWED_HOSTS=["*"], MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"]
    )
    views = {**names, "HttpResponse": django.http.HttpResponse, "JsonResponse": django.http.JsonResponse}
    # Django wants to know which module a view is from.
    views["__name__"] = __name__
    views["csrf_exempt"] = django.views.decorators.csrf.csrf_exempt
    exec(code, views)
    # The comment in the code shows the route.
    route = code[code.index("path(") : code.index("\n")]
    globals()["urlpatterns"] = [eval(route, {**views, "path": django.urls.path})]
    return django.core.wsgi.get_wsgi_application()


def flask_app():
    app = flask.Flask("app")
    exec(code, {**names, "app": app, "request": flask.request})
    return app


if framework in ("Flask", "Django"):
    app = flask_app() if framework == "Flask" else django_app()
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
