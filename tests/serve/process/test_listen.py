import socket

import pytest

from omloop.core import ServeError
from omloop.serve.process.listen import address, listening


def test_port_0_takes_a_free_one_and_the_address_says_which():
    with listening("127.0.0.1", 0) as listener:
        url = address(listener)
        assert url.startswith("http://127.0.0.1:") and not url.endswith(":0")
        socket.create_connection(listener.getsockname(), timeout=5).close()


def test_a_taken_port_is_told_with_the_way_out():
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ServeError) as refused, listening("127.0.0.1", port):
            pass
    assert str(refused.value) == (
        f"Port {port} is taken by another program. Choose another with --port, or --port 0 for a free one."
    )


def test_a_port_is_free_again_as_soon_as_it_is_left():
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port), timeout=5)
    with listening("127.0.0.1", port):
        client.close()


@pytest.mark.parametrize("port", [-1, 65536, 700_000])
def test_a_port_that_does_not_exist_is_told_so(port):
    with pytest.raises(ServeError, match=f"There is no port {port}"), listening("127.0.0.1", port):
        pass


def test_an_address_of_another_machine_is_told_so():
    with pytest.raises(ServeError, match="Choose an address of this machine"), listening("192.0.2.1", 0):
        pass
