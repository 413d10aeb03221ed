"""Makes a service token with arroba."""
import json
import os
from pathlib import Path
import sys

os.environ.setdefault('APPVIEW_HOST', 'localhost')
from arroba.did import encode_did_key
from arroba.util import service_jwt
from cryptography.hazmat.primitives.asymmetric import ec


def main(folder):
    case = json.loads((folder / 'case.json').read_text())
    key = ec.generate_private_key(ec.SECP256K1())
    token = service_jwt('api.example.com', case['iss'], key, aud=case['aud'], lxm=case['lxm'])
    (folder / 'theirs.json').write_text(json.dumps({'key': encode_did_key(key.public_key()), 'token': token}))


main(Path(sys.argv[1]))
