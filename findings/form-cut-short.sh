#!/usr/bin/env bash
# A form whose connection ends in the middle is read as a whole one by Flask under gunicorn.
#
# gunicorn 27.0.1 sets `wsgi.input_terminated`, which tells a framework that the stream ends by itself where the body
# does. Werkzeug 3.1.9 then reads to the end and no longer compares with Content-Length: a client that goes away leaves
# a text cut in the middle, and the view is called with it (status 200 here). Werkzeug's own server, which does not set
# it, refuses the same request: ClientDisconnected, 400. With `wsgi.input_terminated` taken out of the environ where a
# Content-Length is given, gunicorn's is refused as well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"; kill $(jobs -p) 2>/dev/null || true' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check flask==3.1.3 werkzeug==3.1.9 gunicorn==27.0.1
cat > served.py <<'PY'
import sys

from flask import Flask, request

app = Flask(__name__)


@app.post("/plain")
def plain():
    print("plain read", repr(request.form["text"]), file=sys.stderr, flush=True)
    return "read"


@app.post("/compared")
def compared():
    request.environ.pop("wsgi.input_terminated", None)
    print("compared read", repr(request.form["text"]), file=sys.stderr, flush=True)
    return "read"



@app.errorhandler(400)
def refused(error):
    print(request.path, "refused", type(error).__name__, file=sys.stderr, flush=True)
    return "refused", 400
PY
cat > cut.py <<'PY'
import socket
import sys
import time

port, path = int(sys.argv[1]), sys.argv[2]
for _ in range(100):
    try:
        connection = socket.create_connection(("127.0.0.1", port))
        break
    except OSError:
        time.sleep(0.1)
body = b"text=Nous+serons+absents+du+lundi"
head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
connection.sendall(head.encode() + b"Content-Length: 200\r\n\r\n" + body)
connection.shutdown(socket.SHUT_WR)
answer = connection.makefile("rb").read()
print(path, answer.split(b"\r\n")[0].decode())
PY
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
env/bin/gunicorn --worker-class gthread --threads 2 --bind "127.0.0.1:$port" --log-level error served:app 2> gunicorn.log &
python3 cut.py "$port" /plain | tee answers
python3 cut.py "$port" /compared | tee -a answers
cat gunicorn.log
other=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
env/bin/flask --app served run --port "$other" 2> werkzeug.log > /dev/null &
python3 cut.py "$other" /plain | sed 's/^/werkzeug: /' | tee -a answers
grep -q "^/plain HTTP/1.1 200" answers
grep -q "plain read 'Nous serons absents du lundi'" gunicorn.log
grep -q "^/compared HTTP/1.1 400" answers
grep -q "/compared refused ClientDisconnected" gunicorn.log
grep -q "^werkzeug: /plain HTTP/1.[01] 400" answers
echo "as told"
