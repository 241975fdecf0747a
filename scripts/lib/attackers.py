#!/usr/bin/env python3
"""Many clients that are slow on purpose, or idle; for scripts/attack.

usage: attackers.py headers|body|read|idle COUNT HOST PORT SECONDS [PID]

headers: a byte of a request's head every few seconds. body: the same of its body. read: asks for
much and takes a byte now and then. Each comes again when it is thrown out. idle: asks once and
stays; PID is the worker whose resident memory is told before and after.
SPDX-License-Identifier: Apache-2.0
"""
import random
import resource
import selectors
import socket
import sys
import time

HEADS = {
    "headers": b"GET /plain HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "body": b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n",
    "read": b"GET /static/large HTTP/1.1\r\nHost: x\r\n\r\n",
    "idle": b"GET /plain HTTP/1.1\r\nHost: x\r\n\r\n",
}
STEP = 3.0  # seconds between two bytes of one client


class Crowd:
    def __init__(self, mode, address):
        self.mode, self.address = mode, address
        self.selector = selectors.DefaultSelector()
        self.clients = {}  # socket -> what is left to send, as it was when the client came
        self.opened = self.thrown_out = 0

    def come(self):
        client = socket.socket()
        if self.mode == "read":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.setblocking(False)
        client.connect_ex(self.address)
        self.clients[client] = HEADS[self.mode]
        self.selector.register(client, selectors.EVENT_WRITE)
        self.opened += 1

    def leave(self, client):
        if client in self.selector.get_map():
            self.selector.unregister(client)
        del self.clients[client]
        client.close()
        self.thrown_out += 1

    def begin(self, client):
        """Sends what there is; a slow reader listens to nothing, the others for their end."""
        left = self.clients[client]
        try:
            left = left[client.send(left):]
        except BlockingIOError:
            return
        except OSError:
            self.leave(client)
            return
        self.clients[client] = left
        if left:
            return
        if self.mode == "read":
            self.selector.unregister(client)
        else:
            self.selector.modify(client, selectors.EVENT_READ)

    def listen(self, client):
        try:
            alive = client.recv(4096) != b""
        except BlockingIOError:
            return
        except OSError:
            alive = False
        if not alive:
            self.leave(client)

    def drip(self, client):
        try:
            if self.mode == "read":
                if client.recv(1) == b"":
                    self.leave(client)
            else:
                client.send(b"x")
        except BlockingIOError:
            pass
        except OSError:
            self.leave(client)

    def turn(self, seconds):
        for key, events in self.selector.select(seconds):
            if events & selectors.EVENT_WRITE:
                self.begin(key.fileobj)
            elif events & selectors.EVENT_READ:
                self.listen(key.fileobj)


def resident(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Rss:"))


def attack(mode, count, address, seconds):
    crowd = Crowd(mode, address)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(min(count - len(crowd.clients), 100)):
            crowd.come()
        crowd.turn(0.05)
        clients = list(crowd.clients)
        for client in random.sample(clients, int(len(clients) * 0.05 / STEP)):
            if client in crowd.clients and (mode == "read" or not crowd.clients[client]):
                crowd.drip(client)
    print(f"{crowd.opened} came, {crowd.thrown_out} were thrown out")


def hold(count, address, seconds, pid):
    for warm_up in (True, False):
        crowd = Crowd("idle", address)
        before = resident(pid)
        wanted = 64 if warm_up else count
        while crowd.opened < wanted or any(crowd.clients.values()):
            for _ in range(min(wanted - crowd.opened, 100)):
                crowd.come()
            crowd.turn(0.05)
        end = time.monotonic() + (0.5 if warm_up else seconds)
        while time.monotonic() < end:
            crowd.turn(0.05)
        if not warm_up:
            after = resident(pid)
            print(f"{len(crowd.clients)} idle connections: {before} KiB before, {after} KiB after, "
                  f"{(after - before) * 1024 // max(len(crowd.clients), 1)} bytes each")
        for client in list(crowd.clients):
            crowd.leave(client)


def main(mode, count, host, port, seconds, pid=None):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if mode == "idle":
        hold(int(count), (host, int(port)), float(seconds), pid)
    else:
        attack(mode, int(count), (host, int(port)), float(seconds))


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
