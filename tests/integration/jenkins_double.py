# SPDX-License-Identifier: Apache-2.0
"""A stand-in for a Jenkins controller's remote interface, on a port of this machine."""
import base64
import http.server
import json
import re
import ssl
import threading
import urllib.parse


class Controller:
    """What it is told to do is set before; what was asked of it is in `asked`: ["POST /job/a/build", …]."""

    USER, TOKEN, PASSWORD, CRUMB = "robot", "api-token", "password", "a-crumb"

    def __init__(self, certificate=None):
        self.asked, self.forms = [], []
        self.polls_in_queue = 1            # so often an item is still waiting when it is asked for
        self.polls_running = 1             # so often a build is still running
        self.result = "SUCCESS"
        self.jobs = {"spyre/upstream-pr": {"REVISION", "STAGE"}, "plain": set()}
        self.official = ""                 # how it calls itself; empty: as it is reached
        self.failures = []                 # statuses to answer with first
        self.cancelled, self.stopped = [], []
        self.queue, self.builds = {}, {}
        self.artifacts = {"spyre-ci/summary.json": b'{"schema": "spyre-ci/summary@1"}'}
        self.before = None                 # called before each answer
        controller = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                controller.answer(self, "GET")

            def do_POST(self):
                controller.answer(self, "POST")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            # A client that does not trust the certificate goes away in the middle: that is no news.
            self.server.handle_error = lambda *_: None
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def authorized(self, handler):
        """Who calls: "token", "password" or nobody."""
        kind, _, value = (handler.headers.get("Authorization") or "").partition(" ")
        if kind != "Basic":
            return None
        return {f"{self.USER}:{self.TOKEN}": "token",
                f"{self.USER}:{self.PASSWORD}": "password"}.get(base64.b64decode(value).decode())

    def answer(self, handler, method):
        split = urllib.parse.urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length).decode()
        self.asked.append(f"{method} {handler.path}")
        if self.before:
            self.before(method, split.path)
        status, headers, text = self.respond(handler, method, split, body)
        if isinstance(text, (dict, list)):
            text = json.dumps(text)
        data = text if isinstance(text, bytes) else text.encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def respond(self, handler, method, split, body):
        if self.failures:
            return self.failures.pop(0), {}, "out of order"
        who = self.authorized(handler)
        if who is None:
            return 401, {}, "who are you?"
        if split.path == "/crumbIssuer/api/json":
            return 200, {"Set-Cookie": "JSESSIONID=s1; Path=/; HttpOnly"}, {"crumb": self.CRUMB,
                                                                            "crumbRequestField": "Jenkins-Crumb"}
        if method == "POST" and who == "password" and (handler.headers.get("Jenkins-Crumb") != self.CRUMB or
                                                       "JSESSIONID=s1" not in (handler.headers.get("Cookie") or "")):
            return 403, {}, "No valid crumb was included in the request"
        for pattern, wanted, action in self.ROUTES:
            match = re.fullmatch(pattern, urllib.parse.unquote(split.path))
            if match and method == wanted:
                return action(self, split, body, *match.groups())
        return 404, {}, "not found"

    def start(self, split, body, job, kind):
        job = job.replace("/job/", "/")
        given = {**urllib.parse.parse_qs(split.query), **urllib.parse.parse_qs(body, keep_blank_values=True)}
        if job not in self.jobs:
            return 404, {}, "no such job"
        if (kind == "build") != (not self.jobs[job]):
            return 400, {}, "not a parameterized build, or one without its parameters"
        self.forms.append({name: values[0] for name, values in given.items()})
        item = len(self.queue) + 1
        self.queue[item] = [self.polls_in_queue, job]
        return 201, {"Location": f"{self.official or self.url}/queue/item/{item}/"}, ""

    def item(self, _split, _body, number):
        number = int(number)
        if number not in self.queue:
            return 404, {}, "forgotten"
        if number in self.cancelled:
            return 200, {}, {"id": number, "cancelled": True}
        entry = self.queue[number]
        entry[0] -= 1
        if entry[0] >= 0:
            return 200, {}, {"id": number, "why": "Waiting for next available executor", "cancelled": False}
        self.builds.setdefault(number, self.polls_running)
        url = f"{self.official or self.url}/job/{entry[1].replace('/', '/job/')}/{number}/"
        return 200, {}, {"id": number, "why": None, "executable": {"number": number, "url": url}}

    def build(self, split, _body, _job, number):
        number = int(number)
        if "artifacts" in split.query:
            return 200, {}, {"artifacts": [{"relativePath": path} for path in self.artifacts]}
        if number not in self.builds:
            return 404, {}, "no such build"
        self.builds[number] -= 1
        stopped = number in self.stopped
        building = self.builds[number] >= 0 and not stopped
        result = None if building else "ABORTED" if stopped else self.result
        return 200, {}, {"number": number, "building": building, "result": result}

    def stop(self, _split, _body, _job, number):
        self.stopped.append(int(number))
        return 302, {"Location": "../"}, ""

    def cancel(self, split, _body):
        self.cancelled.append(int(urllib.parse.parse_qs(split.query)["id"][0]))
        return 204, {}, ""

    def artifact(self, _split, _body, _job, _number, path):
        return (200, {}, self.artifacts[path]) if path in self.artifacts else (404, {}, "no such artifact")

    def about(self, _split, _body):
        return 200, {"X-Jenkins": "2.500"}, {"jobs": [{"name": name} for name in self.jobs]}

    def page(self, _split, _body):
        return 200, {"Content-Type": "text/html"}, "<html></html>"

    def job(self, _split, _body, name):
        name = name.replace("/job/", "/")
        if name not in self.jobs:
            return 404, {}, "no such job"
        return 200, {}, {"name": name, "fullName": name, "_class": "org.jenkinsci.plugins.workflow.job.WorkflowJob"}

    ROUTES = [
        (r"/(?:api/json)?", "GET", about),
        (r"/job/(.+)/(build|buildWithParameters)", "POST", start),
        (r"/queue/item/(\d+)/?/api/json", "GET", item),
        (r"/queue/cancelItem", "POST", cancel),
        (r"/job/(.+?)/(\d+)/artifact/(.+)", "GET", artifact),
        (r"/job/(.+?)/(\d+)/?/api/json", "GET", build),
        (r"/job/(.+?)/(\d+)/stop", "POST", stop),
        (r"/job/(.+?)/api/json", "GET", job),
        (r"/job/.+/", "GET", page),
    ]
