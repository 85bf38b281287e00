"""A second implementation of PROTOCOL.md §2 and §4, written from the document with PyNaCl and cryptography.

    python3 sealing_peer.py make > sealing.json    fixed keys: a signed, sealed update and the identity signatures
    python3 sealing_peer.py open < message.json    verifies and opens what another implementation sealed
    python3 sealing_peer.py canonical < value.json canonical JSON of a value

Needs: pip install pynacl cryptography
"""
import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.bindings import crypto_box, crypto_scalarmult_base
from nacl.public import Box, PrivateKey, PublicKey
from nacl.signing import SigningKey, VerifyKey

CHUNK_BYTES = 4 * 1024 * 1024


def b64(data):
    return base64.b64encode(data).decode()


def canonical_number(number):
    """As ECMAScript writes it: shortest digits, exponent only below 1e-6 or from 1e21 on."""
    if isinstance(number, int):
        return str(number)
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return sign + digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + power


def canonical(value):
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return canonical_number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
    return "{" + ",".join(f"{canonical(name)}:{canonical(member)}" for name, member in members) + "}"


def signed_bytes(label, text):
    return f"{label}\n{text}".encode()


def key_nonce(ephemeral_key, receiver_key):
    return hashlib.sha512(ephemeral_key + receiver_key).digest()[:24]


def chunk_nonce(prefix, index, last):
    return prefix + index.to_bytes(4, "big") + bytes([1 if last else 0])


def seal_chunks(header, data_key, plaintext):
    associated = hashlib.sha256(canonical(header).encode()).digest()
    prefix = base64.b64decode(header["noncePrefix"])
    for index in range(header["chunks"]):
        piece = plaintext[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]
        nonce = chunk_nonce(prefix, index, index == header["chunks"] - 1)
        yield AESGCM(data_key).encrypt(nonce, piece, associated)


def pattern(length):
    """Plaintext of the vectors: byte i is (i · 31 + ⌊i / 256⌋) mod 256."""
    return bytes((i * 31 + i // 256) % 256 for i in range(length))


def make():
    site = SigningKey(bytes(range(32)))
    coordinator = PrivateKey(bytes(range(32, 64)))
    ephemeral = PrivateKey(bytes(range(64, 96)))
    data_key = bytes(range(96, 128))
    plaintext = pattern(CHUNK_BYTES + 10)
    receiver_key = bytes(coordinator.public_key)
    ephemeral_key = bytes(ephemeral.public_key)
    sealed_key = crypto_box(data_key, key_nonce(ephemeral_key, receiver_key), receiver_key, bytes(ephemeral))
    header = {
        "kind": "update",
        "version": 1,
        "study": "chest-four",
        "planHash": "11" * 32,
        "digest": hashlib.sha256(plaintext).hexdigest(),
        "bytes": len(plaintext),
        "chunks": 2,
        "noncePrefix": b64(bytes(range(7))),
        "site": "hospital-a",
        "round": 3,
        "attempt": 1,
        "base": "22" * 32,
        "encoding": "fp32",
        "masses": {
            "films": 640,
            "positives": 1234.5,
            "classRows": [100, 0, 0.1],
            "globalRows": [1e-7, 12, 3],
            "prototypeRows": [33.25, 0, 1e21],
        },
        "ephemeralKey": b64(ephemeral_key),
        "sealedKey": b64(sealed_key),
    }
    sealed = list(seal_chunks(header, data_key, plaintext))
    keys = {"signKey": b64(bytes(site.verify_key)), "boxKey": b64(crypto_scalarmult_base(bytes(range(128, 160))))}
    enrol = {"protocol": 1, "invitation": "invitation-0123456789", "site": "hospital-a", "keys": keys}
    challenge = b64(bytes(range(160, 192)))
    nonce = b64(bytes(range(192, 224)))
    sign = lambda label, text: b64(site.sign(signed_bytes(label, text)).signature)
    return {
        "siteKeyFile": {"version": 1, "signSeed": b64(bytes(range(32))), "boxSecretKey": b64(bytes(range(128, 160)))},
        "siteKeys": keys,
        "coordinatorBoxSecretKey": b64(bytes(coordinator)),
        "coordinatorBoxKey": b64(receiver_key),
        "dataKey": b64(data_key),
        "header": header,
        "canonicalHeader": canonical(header),
        "headerHash": hashlib.sha256(canonical(header).encode()).hexdigest(),
        "headerSignature": sign("fedoxnet header v1", canonical(header)),
        "chunkNonces": [
            chunk_nonce(bytes(range(7)), 0, False).hex(),
            chunk_nonce(bytes(range(7)), 1, True).hex(),
        ],
        "sealedChunkDigests": [hashlib.sha256(chunk).hexdigest() for chunk in sealed],
        "lastSealedChunk": b64(sealed[-1]),
        "enrol": {**enrol, "signature": sign("fedoxnet enrol v1", canonical(enrol))},
        "session": {
            "site": "hospital-a",
            "challenge": challenge,
            "nonce": nonce,
            "signature": sign("fedoxnet session v1", f"hospital-a\n{challenge}\n{nonce}"),
            "coordinatorSignature": sign("coordinator fedoxnet session v1", f"hospital-a\n{challenge}\n{nonce}"),
        },
        "approval": {
            "study": "chest-four",
            "hash": "11" * 32,
            "signature": sign("fedoxnet approve v1", f"chest-four\n{'11' * 32}"),
        },
    }


def verify_header(header, signature, sign_key):
    text = signed_bytes("fedoxnet header v1", canonical(header))
    VerifyKey(base64.b64decode(sign_key)).verify(text, base64.b64decode(signature))


def open_data_key(key, box_secret_key):
    receiver = PrivateKey(box_secret_key)
    ephemeral_key = base64.b64decode(key["ephemeralKey"])
    nonce = key_nonce(ephemeral_key, bytes(receiver.public_key))
    return Box(receiver, PublicKey(ephemeral_key)).decrypt(base64.b64decode(key["sealedKey"]), nonce)


def open_chunks(header, data_key, chunks):
    associated = hashlib.sha256(canonical(header).encode()).digest()
    prefix = base64.b64decode(header["noncePrefix"])
    for index, sealed in enumerate(chunks):
        nonce = chunk_nonce(prefix, index, index == header["chunks"] - 1)
        yield AESGCM(data_key).decrypt(nonce, sealed, associated)


def open_message(message):
    header = message["header"]
    verify_header(header, message["signature"], message["signKey"])
    data_key = open_data_key(message["key"], base64.b64decode(message["boxSecretKey"]))
    plaintext = b"".join(open_chunks(header, data_key, map(base64.b64decode, message["chunks"])))
    return {"digest": hashlib.sha256(plaintext).hexdigest(), "bytes": len(plaintext)}


if __name__ == "__main__":
    if sys.argv[1] == "make":
        print(json.dumps(make(), indent=2))
    elif sys.argv[1] == "open":
        print(json.dumps(open_message(json.load(sys.stdin))))
    else:
        print(json.dumps(canonical(json.load(sys.stdin))))
