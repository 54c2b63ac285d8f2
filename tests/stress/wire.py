# SPDX-License-Identifier: GPL-2.0-only
"""An initiator on a plain socket, for sessions that behave badly on purpose: it may send a command
and go away, read half of an answer, or none. RFC 7143 is quoted by section."""
import re
import socket
import struct

BLOCK_BYTES = 2048
TIMEOUT_S = 60
BHS_BYTES = 48
NO_TAG = 0xFFFFFFFF

# opcodes of the initiator and of the target (11.2.1.2)
OP_COMMAND, OP_LOGIN, OP_DATA_OUT, OP_LOGOUT = 0x01, 0x43, 0x05, 0x06
OP_RESPONSE, OP_LOGIN_RESPONSE, OP_DATA_IN, OP_LOGOUT_RESPONSE, OP_R2T, OP_REJECT = \
    0x21, 0x23, 0x25, 0x26, 0x31, 0x3F
FINAL, READ, WRITE, SIMPLE = 0x80, 0x40, 0x20, 0x01

GOOD, LOST = 0, -1


class Broken(Exception):
    """The connection ended, or what came is no answer."""


class Result:
    """What became of a command. `outcome` is 0 for GOOD, else 0xKAAQQ of fixed sense."""

    def __init__(self, status, sense, data):
        self.status, self.data = status, data
        self.outcome = GOOD if status == 0 else LOST
        if len(sense) >= 14:
            self.outcome = (sense[2] & 15) << 16 | sense[12] << 8 | sense[13]


def read_10(lba, blocks):
    return struct.pack(">BBIBHB", 0x28, 0, lba, 0, blocks, 0)


def report_key(key_format, agid, in_bytes):
    return struct.pack(">BB6xHBB", 0xA4, 0, in_bytes, agid << 6 | key_format, 0)


def send_key(key_format, agid, out_bytes):
    return struct.pack(">BB6xHBB", 0xA3, 0, out_bytes, agid << 6 | key_format, 0)


class Session:
    """One session of one connection. Reads nothing that nobody asked for."""

    def __init__(self, url, name, segment_bytes=65536, receive_buffer=None, mss=None):
        host, port, self.target, self.lun = re.fullmatch(
            r"iscsi://([^:/]+):(\d+)/([^/]+)/(\d+)", url).groups()
        self.command_number, self.status_number, self.tag = 1, 0, 0
        self.buffer, self.waiting, self.out = bytearray(), {}, {}
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if mss:  # loopback's segments of 64 KiB make send buffers of MiB
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, mss)
        self.socket.settimeout(TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket.connect((host, int(port)))
            self._log_in(name, segment_bytes)
        except OSError as error:
            raise Broken(f"login: {error}") from error

    # ---- PDUs ----

    def _send_pdu(self, head, data=b""):
        struct.pack_into(">I", head, 4, len(data))
        try:
            self.socket.sendall(head + data + bytes(-len(data) % 4))
        except OSError as error:
            raise Broken(str(error)) from error

    def _fill(self, count):
        while len(self.buffer) < count:
            try:
                got = self.socket.recv(1 << 18)
            except OSError as error:
                raise Broken(str(error)) from error
            if not got:
                raise Broken("the daemon closed the connection")
            self.buffer += got

    def read_pdu(self):
        """Header and data of the next PDU."""
        self._fill(BHS_BYTES)
        head = bytes(self.buffer[:BHS_BYTES])
        data_bytes = int.from_bytes(head[5:8], "big")
        end = BHS_BYTES + data_bytes + -data_bytes % 4
        self._fill(end)
        data = bytes(self.buffer[BHS_BYTES:BHS_BYTES + data_bytes])
        del self.buffer[:end]
        return head, data

    def _log_in(self, name, segment_bytes):
        steps = (
            (0x81, f"InitiatorName={name}\0SessionType=Normal\0TargetName={self.target}\0AuthMethod=None\0"),
            (0x87, "HeaderDigest=None\0DataDigest=None\0ErrorRecoveryLevel=0\0"
                   f"MaxRecvDataSegmentLength={segment_bytes}\0InitialR2T=Yes\0ImmediateData=Yes\0"),
        )
        for stages, text in steps:
            head = bytearray(BHS_BYTES)
            head[0:2] = OP_LOGIN, stages
            head[8:14] = b"\x80\xdd\xee\0\0\2"
            struct.pack_into(">II", head, 24, self.command_number, self.status_number)
            self._send_pdu(head, text.encode())
            answer, _ = self.read_pdu()
            if answer[0] != OP_LOGIN_RESPONSE or answer[36]:
                raise Broken(f"login refused: {answer[36]:02x}{answer[37]:02x}")
            self.status_number = int.from_bytes(answer[24:28], "big") + 1

    # ---- commands ----

    def header(self, cdb, in_bytes=0, out_bytes=0):
        """A SCSI Command PDU (11.3), counted as sent."""
        head = bytearray(BHS_BYTES)
        self.tag += 1
        head[0:2] = OP_COMMAND, FINAL | SIMPLE | (READ if in_bytes else 0) | (WRITE if out_bytes else 0)
        head[9] = int(self.lun)
        struct.pack_into(">IIII", head, 16, self.tag, in_bytes or out_bytes, self.command_number,
                         self.status_number)
        head[32:32 + len(cdb)] = cdb
        self.command_number += 1
        return head

    def submit(self, cdb, in_bytes=0, out=b""):
        """Send a command and look at nothing. Returns its tag."""
        head = self.header(cdb, in_bytes, len(out))
        self.waiting[self.tag], self.out[self.tag] = bytearray(in_bytes), out
        self._send_pdu(head)
        return self.tag

    def _answer_r2t(self, head, out):
        offset, wanted = struct.unpack_from(">II", head, 40)
        reply = bytearray(BHS_BYTES)
        reply[0:2] = OP_DATA_OUT, FINAL
        reply[8:24] = head[8:24]
        struct.pack_into(">I", reply, 28, self.status_number)
        struct.pack_into(">I", reply, 40, offset)
        self._send_pdu(reply, out[offset:offset + wanted])

    def complete(self):
        """Wait for the next command that ends. Returns its tag and Result."""
        while True:
            head, data = self.read_pdu()
            tag = int.from_bytes(head[16:20], "big")
            if head[0] == OP_R2T:
                self._answer_r2t(head, self.out[tag])
                continue
            if head[0] not in (OP_DATA_IN, OP_RESPONSE) or tag not in self.waiting:
                raise Broken(f"PDU {head[0]:02x} for no command of ours")
            if head[0] == OP_DATA_IN:
                at = int.from_bytes(head[40:44], "big")
                self.waiting[tag][at:at + len(data)] = data
                if not head[1] & 1:
                    continue
                data = b""
            self.status_number = int.from_bytes(head[24:28], "big") + 1
            got = self.waiting.pop(tag)
            del self.out[tag]
            if head[1] & 2:  # underflow
                del got[max(0, len(got) - int.from_bytes(head[44:48], "big")):]
            return tag, Result(head[3], data[2:], got)

    def run(self, cdb, in_bytes=0, out=b""):
        self.submit(cdb, in_bytes, out)
        return self.complete()[1]

    def ready(self):
        """Take the unit attentions that are there. Returns self."""
        for _ in range(8):
            if self.run(bytes(6)).outcome >> 16 != 6:
                break
        return self

    def read(self, lba, blocks):
        return self.run(read_10(lba, blocks), blocks * BLOCK_BYTES)

    # ---- ends ----

    def log_out(self):
        head = bytearray(BHS_BYTES)
        head[0:2] = OP_LOGOUT | 0x40, FINAL
        struct.pack_into(">I", head, 16, self.tag + 1)
        struct.pack_into(">II", head, 24, self.command_number, self.status_number)
        self._send_pdu(head)
        while self.read_pdu()[0][0] != OP_LOGOUT_RESPONSE:
            pass
        self.socket.close()

    def reset(self):
        """RST: what is under way is thrown away on both sides."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        """FIN, or RST when there is unread data; without a word."""
        self.socket.close()
