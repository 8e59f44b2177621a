#!/usr/bin/env python3
"""Takes notifications from a tagwatch webhook sink, and believes only those that are signed.

    WEBHOOK_SECRET=whsec_... webhook.py PORT FILE

Each notification is written to FILE as a line of JSON, and only then answered: what is answered is
never sent again, so it must be kept by then. What comes again has the id that it had: kept once.
Needs Python 3 and nothing else.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 300  # older ones may be somebody's recording


def is_signed(key, headers, body):
    """Standard Webhooks: HMAC-SHA-256 over id.timestamp.body, several signatures while keys change."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(expected, one) for one in given)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not is_signed(self.server.key, self.headers, body):
            return self.answer(401)
        event = json.loads(body)
        with self.server.lock:
            if event["id"] not in self.server.kept:
                self.server.file.write(json.dumps(event) + "\n")
                self.server.file.flush()
                os.fsync(self.server.file.fileno())
                self.server.kept.add(event["id"])
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_arguments):
        pass  # a log of requests would be one of people


def main():
    import threading

    port, path = int(sys.argv[1]), sys.argv[2]
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    secret = os.environ["WEBHOOK_SECRET"].removeprefix("whsec_")
    server.key = base64.b64decode(secret)
    server.lock = threading.Lock()
    server.file = open(path, "a+", encoding="utf-8")
    server.file.seek(0)
    server.kept = {json.loads(line)["id"] for line in server.file if line.endswith("\n")}
    print("listening", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
