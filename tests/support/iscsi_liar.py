#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Stands between an initiator and a target and makes a drive lie.

    iscsi_liar.py READY TARGET RULES

READY is a file that gets the own port once connections are taken; TARGET is PORT of a target at
127.0.0.1, or a file whose first line holds its URL, read anew for each connection, as RULES is.
RULES has a line for each lie, `WHEN WHAT`:

Lines after one with a dash are for the connection after that, and so on; the last ones stay. What
is written to RULES anew, a comment (#) that is another included, begins with the first connection.

    WHEN: CDB        hexadecimal digits, a dot for any digit: what a CDB begins with
          CDB@N      the Nth such command of a connection only; CDB@-N: the first N
          login, reset, logout      requests of iSCSI itself
    WHAT: sense=KK/AA/QQ   CHECK CONDITION, no data
          sense=none       CHECK CONDITION without any sense data
          sense=KK/AA/QQ:N the first N bytes of it only
          status=SS        another status, no data
          byte=AT:HEX      other bytes in the data, from offset AT on
          bits=AT:HEX      the same, exclusive or
          short=N          N bytes of data and no more
          again            the data of the command before that this line is about
          delay=MS         an answer that comes later
          response=RR      in the answer to a reset
          close, hang      the end of the connection, or no answer at all

The target gets every command, so that its counters stay right; only answers are changed.
"""
import socket
import struct
import sys
import threading
import time

HEADER = 48
NOP_IN, LOGIN, RESET, COMMAND, LOGOUT = 0x00, 0x03, 0x02, 0x01, 0x06
SCSI_RESPONSE, RESET_RESPONSE, DATA_IN = 0x21, 0x22, 0x25
CHECK_CONDITION = 0x02
FINAL, UNDERFLOW, HAS_STATUS = 0x80, 0x02, 0x01


class Rule:
    def __init__(self, line):
        when, what = line.split()
        self.pattern, _, nth = when.partition("@")
        self.nth = int(nth) if nth else 0
        self.verb, _, self.value = what.partition("=")
        self.seen, self.before = 0, None

    def matches(self, name):
        if len(name) < len(self.pattern) or any(
            p not in (".", c) for p, c in zip(self.pattern.lower(), name)
        ):
            return False
        self.seen += 1
        return not self.nth or self.seen == self.nth or self.seen <= -self.nth


def receive(sock, count):
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def receive_pdu(sock):
    """Header and data; no digests were asked for, and no additional header is ever sent."""
    header = bytearray(receive(sock, HEADER))
    length = int.from_bytes(header[5:8], "big")
    data = bytearray(receive(sock, (length + 3) // 4 * 4)[:length])
    return header, data


def to_wire(header, data):
    header[5:8] = len(data).to_bytes(3, "big")
    return bytes(header + data + bytes(-len(data) % 4))


def response(header, status, sense, expected):
    """A SCSI response in place of what came, with its counters."""
    out = bytearray(HEADER)
    out[0:4] = bytes([SCSI_RESPONSE, FINAL, 0, status])
    out[16:20] = header[16:20]
    out[24:36] = header[24:36]
    if expected:
        out[1] |= UNDERFLOW
        out[44:48] = struct.pack(">I", expected)
    return to_wire(out, struct.pack(">H", len(sense)) + sense if sense else b"")


def fixed_sense(text):
    if text == "none":
        return b""
    codes, _, count = text.partition(":")
    key, asc, ascq = (int(n, 16) for n in codes.split("/"))
    sense = bytes([0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq, 0, 0, 0, 0])
    return sense[:int(count)] if count else sense


def patch(rule, data, offset):
    at, new = rule.value.split(":")
    for i, byte in enumerate(bytes.fromhex(new)):
        where = int(at) + i - offset
        if 0 <= where < len(data):
            data[where] = data[where] ^ byte if rule.verb == "bits" else byte


def cut(rule, header, data, offset, expected):
    keep = max(0, int(rule.value) - offset)
    if keep < len(data):
        del data[keep:]
    if header[1] & HAS_STATUS and expected > int(rule.value):
        header[1] |= UNDERFLOW
        header[44:48] = struct.pack(">I", expected - int(rule.value))


class Connection:
    def __init__(self, client, target_port, rules):
        self.client, self.rules = client, rules
        self.target = socket.create_connection(("127.0.0.1", target_port))
        self.lies, self.expected = {}, {}  # by task tag

    def close(self):
        for sock in self.client, self.target:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def note(self, header):
        """What will be said of this request; False: the connection ends."""
        names = {LOGIN: "login", RESET: "reset", LOGOUT: "logout"}
        opcode, tag = header[0] & 0x3F, bytes(header[16:20])
        name = names.get(opcode)
        if opcode == COMMAND:
            name = header[32:48].hex()
            self.expected[tag] = int.from_bytes(header[20:24], "big") if header[1] & 0x40 else 0
        if name:
            lies = [r for r in self.rules if r.matches(name)]
            self.lies[tag] = lies
            return not any(r.verb == "close" for r in lies)
        return True

    def answer(self, header, data):
        """What the initiator is told instead."""
        tag, opcode = bytes(header[16:20]), header[0] & 0x3F
        offset = int.from_bytes(header[40:44], "big") if opcode == DATA_IN else 0
        last = opcode != DATA_IN or header[1] & HAS_STATUS
        expected = self.expected.get(tag, 0)
        for rule in self.lies.get(tag, []):
            if rule.verb == "hang":
                return b""
            if rule.verb in ("sense", "status"):
                sense = fixed_sense(rule.value) if rule.verb == "sense" else b""
                status = CHECK_CONDITION if rule.verb == "sense" else int(rule.value, 16)
                return response(header, status, sense, expected) if last else b""
            if rule.verb == "response" and opcode == RESET_RESPONSE:
                header[2] = int(rule.value, 16)
            if opcode == DATA_IN and rule.verb in ("byte", "bits"):
                patch(rule, data, offset)
            if opcode == DATA_IN and rule.verb == "again":
                data, rule.before = rule.before or data, data
            if rule.verb == "delay":
                time.sleep(int(rule.value) / 1000)
            if opcode == DATA_IN and rule.verb == "short":
                cut(rule, header, data, offset, expected)
        return to_wire(header, data)

    def serve(self, source, sink, handle):
        try:
            while True:
                out = handle(*receive_pdu(source))
                if out is None:
                    break
                sink.sendall(out)
        except (EOFError, OSError):
            pass
        self.close()

    def forward(self, header, data):
        return to_wire(header, data) if self.note(header) else None

    def run(self):
        both = [
            threading.Thread(target=self.serve, args=(self.client, self.target, self.forward)),
            threading.Thread(target=self.serve, args=(self.target, self.client, self.answer)),
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        self.client.close()
        self.target.close()


def target_port(target):
    if target.isdigit():
        return int(target)
    with open(target) as file:
        return int(file.readline().split("/")[2].rpartition(":")[2])


class Book:
    """The rules, connection by connection."""

    def __init__(self, path):
        self.path, self.text, self.count = path, None, 0

    def next(self):
        with open(self.path) as file:
            text = file.read()
        self.count = self.count + 1 if text == self.text else 0
        self.text = text
        parts = text.split("\n-\n")
        lines = parts[min(self.count, len(parts) - 1)].split("\n")
        return [Rule(line) for line in lines if line.strip() and not line.startswith("#")]


def serve_client(client, target, rules):
    try:
        Connection(client, target_port(target), rules).run()
    except OSError:
        client.close()


def main(ready, target, rules):
    listener = socket.create_server(("127.0.0.1", 0))
    with open(ready, "w") as file:
        print(listener.getsockname()[1], file=file)
    book = Book(rules)
    while True:
        client, _ = listener.accept()
        arguments = (client, target, book.next())
        threading.Thread(target=serve_client, args=arguments, daemon=True).start()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
