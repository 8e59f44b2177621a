#!/usr/bin/env python3
"""Takes what waits in a tagwatch queue, once: claim, keep, acknowledge.

    pull.py http://127.0.0.1:8080 police/staffordshire FILE

Each notification is written to FILE as a line of JSON, and only then acknowledged. Run it from a
timer, or put a loop around main. Needs Python 3 and nothing else.
"""

import json
import os
import sys
import urllib.request


def post(url, body):
    headers = {
        "content-type": "application/json",
        "x-actor": "pull.py",
        "x-reason": "passing notifications on",
    }
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


def main():
    base, queue, path = sys.argv[1:]
    with open(path, "a", encoding="utf-8") as file:
        while True:
            claimed = post(f"{base}/v1/queues/{queue}/claim", {"max": 10, "lease_s": 60})
            if not claimed["deliveries"]:
                return
            for delivery in claimed["deliveries"]:
                file.write(json.dumps(delivery["event"]) + "\n")
                file.flush()
                os.fsync(file.fileno())
                post(f"{base}/v1/deliveries/{delivery['receipt']}/ack", {"answer": "kept"})


if __name__ == "__main__":
    main()
