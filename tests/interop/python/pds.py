"""lexrpc's client and arroba's client parts against a PDS.

The arguments are its address and that of its PLC directory.
"""
from datetime import datetime, timezone
import os
import random
import sys
import threading

os.environ.setdefault('APPVIEW_HOST', 'localhost')
os.environ.setdefault('PLC_HOST', 'plc.test')
from arroba import did as arroba_did
from arroba.mst import MST
from arroba.storage import Block, MemoryStorage
from arroba.util import dag_cbor_cid, verify_sig
import carbox.car as car
import dag_cbor
from lexrpc.client import Client
import requests

service, plc = sys.argv[1:3]
name = f'lexrpc-{random.randrange(10**8)}'
handle = f'{name}.test'
client = Client(service)
atproto = client.com.atproto


def equal(found, expected):
    assert found == expected, f'expected {expected!r}, found {found!r}'


def refused(status, error, method, *args, **kwargs):
    try:
        method(*args, **kwargs)
    except requests.HTTPError as failure:
        equal((failure.response.status_code, failure.response.json()['error']), (status, error))
        return
    raise AssertionError('nothing was refused')


def post(text):
    return {'$type': 'app.bsky.feed.post', 'text': text, 'createdAt': datetime.now(timezone.utc).isoformat()}


atproto.server.createAccount({'handle': handle, 'email': f'{name}@example.com', 'password': 'correct horse'})
refused(401, 'AuthenticationRequired', Client(service).com.atproto.server.createSession,
        {'identifier': handle, 'password': 'wrong'})
session = atproto.server.createSession({'identifier': handle, 'password': 'correct horse'})
did = session['did']
equal(atproto.identity.resolveHandle({}, handle=handle)['did'], did)

# arroba reads the DID document of the directory.
document = arroba_did.resolve_plc(did, get_fn=lambda _: requests.get(f'{plc}/{did}'))
equal(arroba_did.get_handle(document), handle)
key = arroba_did.get_signing_key(document)

# Events, through lexrpc's subscription.
events = []
enough = threading.Event()


def subscribe():
    for header, payload in Client(service).com.atproto.sync.subscribeRepos({}, cursor=0):
        if did in (payload.get('did'), payload.get('repo')):
            events.append((header['t'], payload))
            if len([1 for kind, _ in events if kind == '#commit']) >= 9:
                enough.set()
                return


threading.Thread(target=subscribe, daemon=True).start()

collection = 'app.bsky.feed.post'
uris = [atproto.repo.createRecord({'repo': did, 'collection': collection, 'record': post(str(n))})['uri']
        for n in range(5)]
rkeys = [uri.split('/')[-1] for uri in uris]
about = {'repo': did, 'collection': 'app.bsky.actor.profile', 'rkey': 'self'}
atproto.repo.putRecord({**about, 'record': {'$type': 'app.bsky.actor.profile', 'displayName': 'Ana'}})
atproto.repo.deleteRecord({'repo': did, 'collection': collection, 'rkey': rkeys[0]})
atproto.repo.applyWrites({'repo': did, 'writes': [
    {'$type': 'com.atproto.repo.applyWrites#create', 'collection': collection, 'value': post('five')},
]})
equal(atproto.repo.getRecord({}, repo=handle, collection=collection, rkey=rkeys[1])['value']['text'], '1')
refused(400, 'RecordNotFound', atproto.repo.getRecord, {}, repo=did, collection=collection, rkey=rkeys[0])
texts, cursor = [], None
while True:
    page = atproto.repo.listRecords({}, repo=did, collection=collection, limit=2, cursor=cursor)
    texts += [record['value']['text'] for record in page['records']]
    cursor = page.get('cursor')
    if not page['records'] or not cursor:
        break
equal(texts, ['five', '4', '3', '2', '1'])

blob = atproto.repo.uploadBlob(b'\x89PNG\r\n\x1a\n' + bytes(100), headers={'Content-Type': 'image/png'})['blob']
equal(blob['size'], 108)
atproto.repo.putRecord({**about, 'record': {'$type': 'app.bsky.actor.profile', 'avatar': blob}})
served = requests.get(f'{service}/xrpc/com.atproto.sync.getBlob', params={'did': did, 'cid': blob['ref']['$link']})
equal((served.status_code, len(served.content)), (200, 108))

assert enough.wait(20), [kind for kind, _ in events]
commits = [payload for kind, payload in events if kind == '#commit']
for before, after in zip(commits, commits[1:]):
    assert before['seq'] < after['seq'] and before['rev'] < after['rev']
    equal(after['since'], before['rev'])

# arroba loads the repository and verifies it.
whole = requests.get(f'{service}/xrpc/com.atproto.sync.getRepo', params={'did': did})
equal(whole.headers['Content-Type'], 'application/vnd.ipld.car')
roots, blocks = car.read_car(whole.content)
storage = MemoryStorage()
for block in blocks:
    decoded = dag_cbor.decode(block.data)
    equal(dag_cbor_cid(decoded), block.cid)
    storage.write_blocks([Block(cid=block.cid, encoded=block.data, seq=1)])
commit = storage.read(roots[0]).decoded
equal((commit['did'], commit['version']), (did, 3))
assert verify_sig(dict(commit), key)
tree = MST.load(storage=storage, cid=commit['data'])
written = {op['path']: op['cid'] for payload in commits for op in payload['ops']}
leaves = list(tree.leaves())
equal(sorted(leaf.key for leaf in leaves), sorted(path for path, cid in written.items() if cid))
head = atproto.sync.getLatestCommit({}, did=did)
equal(head['cid'], roots[0].encode('base32'))
print(f'lexrpc and arroba agree with the server: {len(events)} events, {len(leaves)} records')
