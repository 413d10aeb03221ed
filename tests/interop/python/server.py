"""lexrpc's server on Flask, on a port of its own. Prints its address, and ends with its standard input."""
import sys
import threading

from flask import Flask
from lexrpc.base import XrpcError
from lexrpc.flask_server import init_flask
from lexrpc.server import Redirect, Server
from werkzeug.serving import make_server

from lexicons import LEXICONS, NSID

server = Server(lexicons=LEXICONS)


@server.method(NSID + 'echo')
def echo(input):
    return input


@server.method(NSID + 'greet')
def greet(input):
    if input['name'] == 'nobody':
        raise XrpcError('nobody knows nobody', name='Stranger')
    return {'greeting': f'Hello, {input["name"]}!'}


@server.method(NSID + 'listNumbers')
def list_numbers(input, below=None, limit=50, cursor=None, even=False, tags=None, **rest):
    skipped = rest.get('not', [])
    numbers = []
    next = int(cursor or 0)
    while next < below and len(numbers) < limit:
        if not (even and next % 2) and next not in skipped:
            numbers.append(next)
        next += 1
    output = {'numbers': numbers}
    if tags:
        output['tags'] = tags
    if next < below:
        output['cursor'] = str(next)
    return output


@server.method(NSID + 'download')
def download(input, size=None):
    if size == 404:
        raise Redirect('/elsewhere', status=301, headers={'Cache-Control': 'no-store'})
    return b'\x07' * size


@server.method(NSID + 'touch')
def touch(input):
    return None


@server.method(NSID + 'count')
def count(cursor=0, to=10):
    if cursor > to:
        yield {'op': -1}, {'error': 'FutureCursor', 'message': 'the cursor is in the future'}
        return
    for seq in range(cursor + 1, to + 1):
        yield {'op': 1, 't': '#number'}, {'seq': seq, 'text': f'number {seq}', 'bytes': bytes([seq])}
    yield {'op': 1, 't': '#done'}, {'seq': to + 1}


app = Flask('interop')
init_flask(server, app)


if __name__ == '__main__':
    http = make_server('127.0.0.1', 0, app, threaded=True)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    print(f'http://127.0.0.1:{http.server_port}', flush=True)
    sys.stdin.read()
