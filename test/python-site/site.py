"""A site written from PROTOCOL.md alone: it enrols, approves a study's plan, answers its rounds with plain numbers, countersigns
what counts it, and ends with the study. Every update adds --delta to every weight. Prints one JSON object per event.

    python3 site.py --url http://127.0.0.1:8470 --invitation CODE --site python --delta 2.5

Needs: pip install pynacl cryptography safetensors numpy requests "python-socketio[client]"
"""
import argparse
import base64
import hashlib
import json
import os
import pathlib
import sys
import threading

import numpy
import requests
import safetensors.numpy
import socketio
from nacl.bindings import crypto_box
from nacl.public import PrivateKey
from nacl.signing import SigningKey, VerifyKey

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "vectors"))
from sealing_peer import (  # noqa: E402
    CHUNK_BYTES, b64, canonical, key_nonce, open_chunks, open_data_key, seal_chunks, signed_bytes, verify_header,
)

PROTOCOL = 1


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Site:
    def __init__(self, url, name, delta):
        self.url, self.name, self.delta = url.rstrip("/"), name, delta
        self.sign_key, self.box_key = SigningKey.generate(), PrivateKey.generate()
        self.http = requests.Session()
        self.coordinator = None
        self.sent = {}
        self.ended = threading.Event()

    # HTTP, §3

    def ask(self, method, path, body=None, data=None):
        reply = self.http.request(method, f"{self.url}/v1/{path}", json=body, data=data, allow_redirects=False, timeout=30)
        if not 200 <= reply.status_code < 300:
            raise RuntimeError(f"{method} {path}: {reply.status_code} {reply.text}")
        return reply

    def sign(self, label, text):
        return b64(self.sign_key.sign(signed_bytes(label, text)).signature)

    # Identity, §2

    def public_keys(self):
        return {"signKey": b64(bytes(self.sign_key.verify_key)), "boxKey": b64(bytes(self.box_key.public_key))}

    def enrol(self, invitation):
        self.coordinator = self.ask("GET", "hello").json()["coordinator"]
        request = {"protocol": PROTOCOL, "invitation": invitation, "site": self.name, "keys": self.public_keys()}
        signature = self.sign("fedoxnet enrol v1", canonical(request))
        reply = self.ask("POST", "sites/enrol", {**request, "signature": signature}).json()
        assert reply["coordinator"] == self.coordinator
        say("enrolled", site=self.name)

    def sign_in(self):
        challenge = self.ask("POST", "sites/challenge", {"protocol": PROTOCOL, "site": self.name}).json()["challenge"]
        nonce = b64(os.urandom(32))
        text = f"{self.name}\n{challenge}\n{nonce}"
        request = {"site": self.name, "challenge": challenge, "nonce": nonce}
        reply = self.ask("POST", "sites/session", {**request, "signature": self.sign("fedoxnet session v1", text)}).json()
        proof = signed_bytes("coordinator fedoxnet session v1", text)
        VerifyKey(base64.b64decode(self.coordinator["signKey"])).verify(proof, base64.b64decode(reply["signature"]))
        self.http.headers["authorization"] = f"Bearer {reply['token']}"
        return reply["token"]

    # Plans, §3.3

    def approve_all(self):
        for study in self.ask("GET", "sites/studies").json()["studies"]:
            name = study["study"]
            plan = self.ask("GET", f"studies/{name}/plan").json()["plan"]
            plan_hash = hashlib.sha256(canonical(plan).encode()).hexdigest()
            assert plan_hash == study["hash"], "the plan is not the one that its hash names"
            signature = self.sign("fedoxnet approve v1", f"{name}\n{plan_hash}")
            self.ask("POST", f"studies/{name}/approvals", {"hash": plan_hash, "signature": signature})
            say("approved", study=name, hash=plan_hash)

    # Rounds, §5

    def serve(self, token):
        socket = socketio.Client(reconnection=False)
        space = "/sites"

        def answering(work):
            def answer(message):
                threading.Thread(target=self.guarded, args=(work, message), daemon=True).start()
                return {"accepted": True}

            return answer

        socket.on("round:invite", answering(self.contribute), namespace=space)
        socket.on("round:evaluate", answering(self.evaluate), namespace=space)
        socket.on("round:closed", lambda message: say("closed", **message), namespace=space)
        socket.on("study:ended", self.end, namespace=space)
        auth = {"token": token, "protocol": PROTOCOL}
        socket.connect(self.url, namespaces=[space], auth=auth, transports=["websocket"])
        films = {"train": 1, "val": 0, "box": 1, "image": 0, "none": 0}
        reply = socket.call("site:describe", {"agent": "python", "backend": "numpy", "films": films}, namespace=space)
        assert reply == {}, reply
        say("connected")
        self.ended.wait(120)
        socket.disconnect()

    def guarded(self, work, message):
        try:
            work(message)
        except Exception as error:  # the test reads what went wrong
            say("failed", error=repr(error))
            self.ended.set()

    def end(self, message):
        say("ended", **message)
        self.ended.set()

    def download(self, study, release, digest):
        grant = self.ask("GET", f"studies/{study}/releases/{release}").json()
        header = grant["header"]
        verify_header(header, grant["signature"], self.coordinator["signKey"])
        assert (header["study"], header["release"], header["digest"]) == (study, release, digest)
        data_key = open_data_key(grant["key"], bytes(self.box_key))
        path = f"studies/{study}/releases/{release}/chunks"
        chunks = (self.ask("GET", f"{path}/{index}").content for index in range(header["chunks"]))
        model = b"".join(open_chunks(header, data_key, chunks))
        assert hashlib.sha256(model).hexdigest() == digest
        return safetensors.numpy.load(model)

    def contribute(self, invited):
        weights = self.download(invited["study"], invited["release"], invited["digest"])
        moved = {name: numpy.full_like(tensor, self.delta) for name, tensor in weights.items()}
        payload = safetensors.numpy.save(moved)
        self.upload(invited, payload)
        say("uploaded", round=invited["round"], digest=hashlib.sha256(payload).hexdigest())

    def upload(self, invited, payload):
        digest = hashlib.sha256(payload).hexdigest()
        self.sent[(invited["study"], invited["round"], invited["attempt"])] = (digest, invited["digest"])
        data_key, ephemeral = os.urandom(32), PrivateKey.generate()
        ephemeral_key, receiver = bytes(ephemeral.public_key), base64.b64decode(self.coordinator["boxKey"])
        sealed_key = crypto_box(data_key, key_nonce(ephemeral_key, receiver), receiver, bytes(ephemeral))
        header = {
            "kind": "update",
            "version": 1,
            **{field: invited[field] for field in ("study", "planHash", "round", "attempt")},
            "site": self.name,
            "base": invited["digest"],
            "digest": digest,
            "bytes": len(payload),
            "chunks": -(-len(payload) // CHUNK_BYTES),
            "noncePrefix": b64(os.urandom(7)),
            "encoding": "fp32",
            "masses": {
                "films": 1, "positives": 1, "classRows": [1, 1], "globalRows": [1, 1], "prototypeRows": [0, 0],
            },
            "ephemeralKey": b64(ephemeral_key),
            "sealedKey": b64(sealed_key),
        }
        signature = self.sign("fedoxnet header v1", canonical(header))
        state = self.ask("POST", "uploads", {"header": header, "signature": signature}).json()
        for index, chunk in enumerate(seal_chunks(header, data_key, payload)):
            if index not in state["received"]:
                octets = {"content-type": "application/octet-stream"}
                path = f"{self.url}/v1/uploads/{state['id']}/chunks/{index}"
                assert self.http.put(path, data=chunk, headers=octets, timeout=30).ok
        receipt = self.ask("POST", f"uploads/{state['id']}/complete", {}).json()
        assert receipt["digest"] == digest

    def evaluate(self, invited):
        self.download(invited["study"], invited["release"], invited["digest"])
        self.countersign()
        report = {"films": 0, "classes": []}
        body = {"release": invited["release"], "digest": invited["digest"], "report": report}
        self.ask("POST", f"studies/{invited['study']}/rounds/{invited['round']}/evaluation", body)
        say("evaluated", round=invited["round"])

    # Receipts, §3.8

    def check_receipt(self, receipt, signature):
        proof = signed_bytes("fedoxnet receipt v1", canonical(receipt))
        VerifyKey(base64.b64decode(self.coordinator["signKey"])).verify(proof, base64.b64decode(signature))
        names = [counted["site"] for counted in receipt["counted"]]
        assert names == sorted(set(names))
        entry = receipt["counted"][names.index(self.name)]
        assert entry["signKey"] == self.public_keys()["signKey"]
        update, base = self.sent[(receipt["study"], entry["round"], entry["attempt"])]
        assert (entry["update"], entry["base"]) == (update, base)
        assert entry["round"] == receipt["round"] - 1 or (
            entry["round"] == receipt["round"] and entry["attempt"] <= receipt["attempt"] and base == receipt["base"]
        )

    def awaiting(self):
        query = ""
        while True:
            page = self.ask("GET", f"sites/receipts{query}").json()
            yield from page["receipts"]
            if not page["more"]:
                return
            last = page["receipts"][-1]["receipt"]
            query = f"?after={last['study']}/{last['round']}"

    def countersign(self):
        for signed in self.awaiting():
            receipt = signed["receipt"]
            try:
                self.check_receipt(receipt, signed["signature"])
            except Exception as error:  # what is wrong with one is no reason to leave out the others
                say("refused", round=receipt["round"], error=repr(error))
                continue
            signature = self.sign("fedoxnet countersign v1", canonical(receipt))
            path = f"studies/{receipt['study']}/rounds/{receipt['round']}/countersignature"
            self.ask("POST", path, {"signature": signature})
            say("countersigned", round=receipt["round"])


def main():
    options = argparse.ArgumentParser()
    for name in ("--url", "--invitation", "--site"):
        options.add_argument(name, required=True)
    options.add_argument("--delta", type=float, default=1.0)
    given = options.parse_args()
    site = Site(given.url, given.site, given.delta)
    site.enrol(given.invitation)
    token = site.sign_in()
    site.approve_all()
    site.serve(token)


main()
