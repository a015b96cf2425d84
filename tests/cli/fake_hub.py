"""Servers that behave like the hub of models and like a package index, with the faults that networks have."""
import hashlib
import http.server
import json
import threading

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def git_id(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Server:
    """An HTTP server on a free port; `handle` answers one request."""

    def __init__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.requests.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
                try:
                    outer.handle(self)
                except ConnectionError:  # whoever asked was killed
                    self.close_connection = True

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self.requests = []
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def asked(self, part):
        return [request for request in self.requests if part in request[1]]


def answer(request, status, body=b"", headers=None, stop_after=None):
    """Sends an answer; with `stop_after` the connection breaks after so many bytes of the body."""
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if request.command == "HEAD":
        return
    request.wfile.write(body if stop_after is None else body[:stop_after])
    if stop_after is not None and stop_after < len(body):
        request.wfile.flush()
        request.close_connection = True
        request.connection.shutdown(2)


def serve_bytes(request, content, etag, stop_after=None):
    """A file with ranges, as storage servers give it."""
    wanted = request.headers.get("Range")
    same = request.headers.get("If-Range") in (None, f'"{etag}"')
    headers = {"ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
    if wanted and same:
        begin = int(wanted.removeprefix("bytes=").split("-")[0])
        if begin >= len(content):
            return answer(request, 416, b"", {**headers, "Content-Range": f"bytes */{len(content)}"})
        headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        return answer(request, 206, content[begin:], headers, stop_after)
    return answer(request, 200, content, headers, stop_after)


class Storage(Server):
    """Where the hub keeps large files. `breaks` bytes after which transfers break off, one entry a request."""

    def __init__(self):
        super().__init__()
        self.files, self.breaks, self.statuses = {}, [], []

    def handle(self, request):
        content = self.files.get(request.path)
        if content is None:
            return answer(request, 404)
        if self.statuses:
            return answer(request, self.statuses.pop(0), b"later")
        return serve_bytes(request, content, "storage", self.breaks.pop(0) if self.breaks else None)


class Hub(Server):
    """Repositories by name, each {path: content}; large files (safetensors) redirect to the storage."""

    def __init__(self):
        super().__init__()
        self.storage = Storage()
        self.repositories, self.moved, self.token = {}, {}, None

    def close(self):
        self.storage.close()
        super().close()

    def handle(self, request):
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return answer(request, 401, b"Invalid username or password.")
        path = request.path
        for old, new in self.moved.items():
            if f"/{old}/" in path:
                return answer(request, 307, b"", {"Location": path.replace(old, new)})
        for name, files in self.repositories.items():
            if path == f"/api/models/{name}/revision/main":
                listing = {"id": name, "sha": COMMIT, "siblings": [{"rfilename": file} for file in files]}
                return answer(request, 200, json.dumps(listing).encode(), {"Content-Type": "application/json"})
            prefix = f"/{name}/resolve/{COMMIT}/"
            if path.startswith(prefix) and path.removeprefix(prefix) in files:
                return self.resolve(request, name, path.removeprefix(prefix), files[path.removeprefix(prefix)])
        return answer(request, 404, b"Entry not found")

    def resolve(self, request, name, file, content):
        if not file.endswith(".safetensors"):
            return serve_bytes(request, content, git_id(content))
        place = f"/{name}/{file}"
        self.storage.files.setdefault(place, content)
        return answer(request, 302, b"", {"Location": self.storage.url + place, "X-Repo-Commit": COMMIT,
                                          "X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"',
                                          "X-Linked-Size": str(len(content))})


class Index(Server):
    """A simple package index (PEP 503) with one project."""

    def __init__(self, project, file, content):
        super().__init__()
        self.project, self.file, self.content, self.breaks = project, file, content, []

    def handle(self, request):
        if request.path == f"/simple/{self.project}/":
            page = (f'<!DOCTYPE html><html><body><a href="other-1.0.tar.gz">other</a>\n'
                    f'<a href="../../files/{self.file}#sha256={"0" * 64}" data-requires-python="&gt;=3.9">{self.file}</a></body></html>')
            return answer(request, 200, page.encode(), {"Content-Type": "text/html"})
        if request.path == f"/files/{self.file}":
            return serve_bytes(request, self.content, "wheel", self.breaks.pop(0) if self.breaks else None)
        return answer(request, 404)
