"""Makes a repository with arroba: the whole of it, an event of each commit, and what they hold.

Its firehose always says that there was no commit before (`since`), which receivers refuse; here it says which.
"""
import json
import os
from pathlib import Path
import random
import sys

os.environ.setdefault('APPVIEW_HOST', 'localhost')
from arroba.did import encode_did_key
from arroba.repo import Repo, Write
from arroba.storage import Action, MemoryStorage
import carbox.car as car
from cryptography.hazmat.primitives.asymmetric import ec

DID = 'did:plc:abcdefghijklmnopqrstuvwx'


def name(cid):
    return cid.encode('base32') if cid else None


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    random.seed(3)
    storage = MemoryStorage()
    key = ec.generate_private_key(ec.SECP256K1())
    repo = Repo.create(storage, DID, signing_key=key)
    content, commits = {}, []
    for step in range(40):
        before, prev_data, since = dict(content), name(repo.mst.get_pointer()), repo.head.decoded['rev']
        writes = {}
        for _ in range(random.randint(1, 4)):
            rkey = f'k{random.randint(0, 60)}'
            record = {'$type': 'com.example.note', 'text': f'step {step}', 'n': random.randint(0, 10**9)}
            path = f'com.example.note/{rkey}'
            if path in writes:
                continue
            action = random.choice([Action.UPDATE, Action.DELETE]) if path in before else Action.CREATE
            writes[path] = Write(action, 'com.example.note', rkey, None if action == Action.DELETE else record)
        event = storage.commit(repo, list(writes.values()))
        # Its firehose does this when it sends the event.
        repo.mst.add_covering_proofs(event, blocks=event.blocks)
        content = {path: name(cid) for path, cid in ((e.key, e.value) for e in repo.mst.list())}
        blocks = [car.Block(event.commit.cid, event.commit.encoded)]
        blocks += [car.Block(cid, block.encoded) for cid, block in event.blocks.items() if cid != event.commit.cid]
        (folder / f'{step}.event.car').write_bytes(car.write_car([event.commit.cid], blocks))
        ops = [{'action': write.action.name.lower(), 'path': path, 'cid': content.get(path), 'prev': before.get(path)}
               for path, write in writes.items()]
        commits.append({'step': step, 'rev': event.commit.decoded['rev'], 'cid': name(event.commit.cid), 'since': since, 'prevData': prev_data,
                        'data': name(event.commit.decoded['data']), 'ops': ops})
    blocks = [car.Block(repo.head.cid, repo.head.encoded)] + [car.Block(cid, data) for cid, data in repo.mst.load_all()]
    (folder / 'whole.car').write_bytes(car.write_car([repo.head.cid], blocks))
    (folder / 'history.json').write_text(json.dumps({'did': DID, 'key': encode_did_key(key.public_key()), 'records': content, 'commits': commits}))


main(Path(sys.argv[1]))
