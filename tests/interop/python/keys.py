"""Keys and signatures by OpenSSL: verifies what the other side made (ours.json), and makes some for it (theirs.json)."""
import json
from pathlib import Path
import sys

from arroba.did import decode_did_key, encode_did_key
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

CURVES = {'k256': ec.SECP256K1(), 'p256': ec.SECP256R1()}
ORDERS = {
    'k256': 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141,
    'p256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
}


def der(raw):
    return encode_dss_signature(int.from_bytes(raw[:32], 'big'), int.from_bytes(raw[32:], 'big'))


def verifies(key, signature, message):
    try:
        key.verify(der(signature), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def check(made):
    key = decode_did_key(made['didKey'])
    secret = ec.derive_private_key(int(made['secret'], 16), CURVES[made['curve']])
    assert secret.public_key().public_numbers() == key.public_numbers(), made
    assert encode_did_key(key) == made['didKey'], made
    message, signature = bytes.fromhex(made['message']), bytes.fromhex(made['signature'])
    assert verifies(key, signature, message), made
    assert not verifies(key, signature, message + b'.'), made


def make(curve, index):
    secret = ec.generate_private_key(CURVES[curve])
    message = bytes(range(index * 5))
    r, s = decode_dss_signature(secret.sign(message, ec.ECDSA(hashes.SHA256())))
    # OpenSSL leaves S as it comes.
    low, high = min(s, ORDERS[curve] - s), max(s, ORDERS[curve] - s)
    raw = lambda s: (r.to_bytes(32, 'big') + s.to_bytes(32, 'big')).hex()
    return {
        'curve': curve,
        'secret': secret.private_numbers().private_value.to_bytes(32, 'big').hex(),
        'didKey': encode_did_key(secret.public_key()),
        'message': message.hex(),
        'signature': raw(low),
        'highS': raw(high),
        'der': encode_dss_signature(r, low).hex(),
    }


def main(folder):
    ours = json.loads((folder / 'ours.json').read_text())
    for made in ours:
        check(made)
    theirs = [make(curve, index) for curve in CURVES for index in range(20)]
    (folder / 'theirs.json').write_text(json.dumps(theirs))
    print(f'{len(ours)} keys of ours, {len(theirs)} of theirs')


main(Path(sys.argv[1]))
