"""Ports on this machine's own address."""

import errno
import http.client
import socket

from cohortsite.embedded import Trouble

LOOPBACK = "127.0.0.1"
LAST = 65535


def name_of_this_machine() -> str:
    """How a browser here calls it: by name where it can, as passkeys need a name."""
    try:
        found = socket.getaddrinfo("localhost", None, socket.AF_INET)
    except OSError:
        return LOOPBACK
    addresses = {address[0] for *_, address in found}
    return "localhost" if addresses == {LOOPBACK} else LOOPBACK


def is_free(port: int) -> bool:
    # A browser that is told a name may knock at the newer kind of address first.
    return _can_bind(socket.AF_INET, LOOPBACK, port) and _can_bind(
        socket.AF_INET6, "::1", port
    )


def _can_bind(family: int, address: str, port: int) -> bool:
    try:
        probe = socket.socket(family)
    except OSError:
        return True  # this machine has no addresses of that kind
    with probe:
        # As servers do: a port whose last connection has just closed counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            raise Trouble(
                f"This account may not open port {port}. Choose one above 1023 "
                "with --port."
            ) from None
        except OSError as error:
            return error.errno == errno.EADDRNOTAVAIL
        return True


def next_free(port: int) -> int:
    while port <= LAST:
        if is_free(port):
            return port
        port += 1
    raise Trouble("No port is free from there on. Choose a smaller one with --port.")


def answers(port: int, path: str) -> bool:
    """Whether a web server there says that all is well."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
