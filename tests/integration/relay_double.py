# SPDX-License-Identifier: Apache-2.0
"""A relay on loopback that behaves as the real one was read and observed to: its states, its answers, its order of
checks; and a network that fails as it is told to. A token's signature is not checked."""
import base64
import collections
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time

AUDIENCE = "pytorch-cross-repo-ci-relay"
ISSUER = "https://token.actions.githubusercontent.com"
REPOSITORY = "torch-spyre/torch-spyre"
PATH = "/github/callback"


def token(signature="c2lnbmF0dXJl", **changes):
    """A token as GitHub Actions issues them."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "repository": REPOSITORY, "exp": int(time.time()) + 3600, **changes}

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.{signature}"


def make_certificate(directory, name="localhost"):
    """A certificate of its own authority; gives the paths of the certificate and of the key."""
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out",
                    certificate, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
                   check=True, capture_output=True)
    return certificate, key


class Refusal(Exception):
    def __init__(self, status, detail):
        super().__init__(detail)
        self.status, self.detail = status, detail


class RelayDouble:
    """The relay's mind. `fault(call, body)` names what goes wrong with a call, or nothing."""

    def __init__(self, clock=time.time, limit=100, level="L2", repository=REPOSITORY):
        self.clock, self.limit, self.level, self.repository = clock, limit, level, repository
        self.lock = threading.Lock()
        self.dispatched = set()
        self.states = {}                             # job → in_progress or completed
        self.commits = collections.defaultdict(list)  # job → bodies that changed its state, in order
        self.hud = {}                                # job → the last body that HUD has
        self.calls = []                              # (path, headers, body) of every request
        self.answers = []                            # status codes, in the order of the calls
        self.recent = collections.deque()            # times of calls
        self.fault = lambda call, body: None
        self.released = threading.Event()            # ends what is slow

    def answer(self, path, headers, raw, call):
        """(status, body, headers): what the relay says, or one of the faults."""
        fault = self.fault(call, raw)
        if fault == "redirect":
            return 307, "", {"Location": f"http://localhost:1{PATH}"}
        if fault == "page":
            return 200, "<html>Please log in</html>", {}
        if path != PATH:
            return 404, json.dumps({"detail": "Not Found"}), {}
        try:
            with self.lock:
                text = json.dumps({"ok": True, "status": self.take(headers, raw, fault)})
            return 200, text, {}
        except Refusal as refusal:
            return refusal.status, json.dumps({"detail": refusal.detail}), {}

    def take(self, headers, raw, fault):
        claims = self.claims_of(headers.get("Authorization", ""))
        self.count_call()
        if claims.get("repository") != self.repository or self.level == "L1":
            return "ignored"
        body, job, status = self.read(raw)
        if fault == "bad_field":
            raise Refusal(400, "missing field")
        if fault == "redis_down":
            raise Refusal(500, "Internal Server Error")
        if fault == "redis_write":
            raise Refusal(503, "state store unavailable")
        undispatched = body["event_type"] in ("nightly", "periodic")
        self.check_transition(body, job, status, undispatched)
        if undispatched and job in self.hud:
            return "duplicate"
        self.states[job] = status
        self.commits[job].append(body)
        if fault == "hud_down":
            raise Refusal(500, "HUD is unavailable")
        if fault == "hud_refused":
            raise Refusal(422, "HUD refused the record")
        self.hud[job] = body
        return status

    def check_transition(self, body, job, status, undispatched):
        if undispatched:
            if status != "completed":
                raise Refusal(400, "only completed is accepted")
            return
        if body["delivery_id"] not in self.dispatched:
            raise Refusal(400, "no matching dispatch record")
        expected = None if status == "in_progress" else "in_progress"
        if self.states.get(job) != expected:
            raise Refusal(400, "invalid state transition")

    def claims_of(self, authorization):
        try:
            kind, text = authorization.split(" ")
            payload = text.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (ValueError, IndexError) as error:
            raise Refusal(401, "bad token") from error
        if kind != "Bearer" or claims["aud"] != AUDIENCE or claims["exp"] < time.time():
            raise Refusal(401, "bad token")
        if claims["iss"] != ISSUER:
            raise Refusal(403 if "buildkite" in claims["iss"] else 401, "unknown issuer or unmapped pipeline")
        return claims

    def count_call(self):
        now = self.clock()
        while self.recent and self.recent[0] <= now - 60:
            self.recent.popleft()
        self.recent.append(now)
        if len(self.recent) > self.limit:
            raise Refusal(429, "too many requests")

    def read(self, raw):
        try:
            body = json.loads(raw)
        except ValueError as error:
            raise Refusal(400, "bad JSON") from error
        if not isinstance(body, dict):
            raise Refusal(500, "Internal Server Error")
        try:
            workflow = body["workflow"]
            if int(workflow["run_id"]) == 0 or workflow["run_attempt"] is None:
                raise Refusal(400, "run_id")
            if workflow["status"] not in ("in_progress", "completed"):
                raise Refusal(400, "status")
            job = "/".join((self.repository, body["delivery_id"], workflow["name"], workflow["job_name"],
                            str(workflow["check_run_id"])))
            if not isinstance(body["payload"], dict):
                raise Refusal(400, "payload")
        except KeyError as error:
            raise Refusal(400, f"missing field {error}") from error
        except ValueError as error:
            raise Refusal(500, "Internal Server Error") from error
        return body, job, workflow["status"]


class Server:
    """The double behind a socket, over HTTP or, with a certificate, over TLS."""

    def __init__(self, double, certificate=None):
        self.double = double
        self.connections = 0
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                server.handle(self)

            def do_HEAD(self):
                server.double.calls.append((self.path, dict(self.headers), b""))
                self.send_response(405)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 50

            def handle_error(self, request, client_address):
                pass  # a client that went away is what many tests are about

        self.listener = Listener(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.listener.socket = context.wrap_socket(self.listener.socket, server_side=True)
        self.scheme = "https" if certificate else "http"
        self.thread = threading.Thread(target=self.listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def port(self):
        return self.listener.server_address[1]

    @property
    def url(self):
        return f"{self.scheme}://localhost:{self.port}{PATH}"

    def handle(self, request):
        double = self.double
        raw = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        with double.lock:
            double.calls.append((request.path, dict(request.headers), raw))
            call = len(double.calls)
        fault = double.fault(call, raw)
        if fault == "drop":
            return self.hang_up(request)
        status, text, headers = double.answer(request.path, request.headers, raw, call)
        double.answers.append(status)
        if fault == "drop_after":
            return self.hang_up(request)
        if fault == "slow":
            double.released.wait(60)
            return self.hang_up(request)
        if fault == "garbage":
            request.wfile.write(b"\x16\x03\x01\x00 this is no HTTP\r\n\r\n")
            return self.hang_up(request)
        if fault == "drip":
            while not double.released.wait(0.05):
                request.wfile.write(b"X")
            return None
        if fault == "half":
            request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"ok\":")
            return self.hang_up(request)
        request.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(text.encode())
        return None

    @staticmethod
    def hang_up(request):
        request.close_connection = True
        request.wfile.flush()
        request.connection.shutdown(socket.SHUT_RDWR)

    def stop(self):
        self.double.released.set()
        self.listener.shutdown()
        self.listener.server_close()
        self.thread.join()
