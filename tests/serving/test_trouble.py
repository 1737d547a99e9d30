"""How the client meets trouble: servers that are away, silent, others, or behind TLS."""

import shutil
import socket
import ssl
import subprocess
import sys
import threading

import grpc
import numpy as np
import pytest
import tensorflow as tf
from stand_in import RefusedError, Server

from keras_gan import images, serving
from keras_gan.serving import Client, ServingError


@pytest.fixture
def client(url):
    with Client(url, "digits", backoff=0.0) as client:
        yield client


# -- What is tried again ----------------------------------------------------------------------------------------------


def failing(server, monkeypatch, code, times):
    """Lets the next `times` predictions fail with a status; the list of those that came."""
    came, real = [], server.model.predict

    def predict(request):
        came.append(request)
        if len(came) <= times:
            raise RefusedError("as asked", code)
        return real(request)

    monkeypatch.setattr(server.model, "predict", predict)
    return came


def test_an_unavailable_server_is_asked_again_for_the_same(client, server, game, monkeypatch):
    came = failing(server, monkeypatch, "UNAVAILABLE", 3)
    pictures = client.generate(2, 1)
    assert len(came) == 4
    assert len({request.SerializeToString(deterministic=True) for request in came}) == 1
    seed = tf.make_ndarray(came[0].inputs["seed"])
    np.testing.assert_array_equal(pictures, images.to_uint8(game.generate(2, 1, seed=int(seed))))


def test_it_is_given_up_after_the_retries(client, server, monkeypatch):
    came = failing(server, monkeypatch, "UNAVAILABLE", 99)
    with pytest.raises(ServingError, match=r"UNAVAILABLE: .*as asked"):
        client.generate(2, 1)
    assert len(came) == 4


@pytest.mark.parametrize(
    "code", ["INVALID_ARGUMENT", "NOT_FOUND", "INTERNAL", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"]
)
def test_nothing_else_is_tried_again(client, server, monkeypatch, code):
    came = failing(server, monkeypatch, code, 99)
    with pytest.raises(ServingError, match="as asked") as error:
        client.generate(2, 1)
    assert (error.value.code, len(came)) == (code, 1)


def test_pauses_double_and_vary(monkeypatch):
    pauses = []
    monkeypatch.setattr("time.sleep", pauses.append)

    def ask():
        raise ServingError("UNAVAILABLE", "never")

    with pytest.raises(ServingError):
        serving.transport.retry(ask, 8, 0.2)
    most = np.minimum(10, 0.2 * 2.0 ** np.arange(8))
    assert np.all((np.array(pauses) >= most / 2) & (np.array(pauses) <= most))
    assert len({round(pause / top, 6) for pause, top in zip(pauses, most, strict=True)}) > 4


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_nobody_listens(scheme):
    with socket.socket() as taken:  # bound, so that nobody else takes the port, but not listening
        taken.bind(("127.0.0.1", 0))
        url = f"{scheme}://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ServingError, match=url.removeprefix("grpc")) as error:
            Client(url, "digits", retries=1, backoff=0.01).generate(1)
    assert error.value.code == "UNAVAILABLE"


@pytest.mark.learns
@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_a_server_that_comes_later_is_found(scheme, exported):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = []
    client = Client(f"{scheme}://127.0.0.1:{port}", "digits", retries=9, backoff=0.1)
    asking = threading.Thread(target=lambda: found.append(client.generate(1, 0, 0)))
    asking.start()
    with Server(exported, **{"rest_port" if scheme == "http" else "port": port}):
        asking.join(60)
    assert found[0].shape == (1, 8, 8, 1)


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_a_silent_server_runs_into_the_timeout(scheme):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        client = Client(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}", "digits", timeout=0.2, backoff=0.0)
        with pytest.raises(ServingError, match="DEADLINE_EXCEEDED"):
            client.generate(1)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "UNKNOWN"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "UNKNOWN"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nhi", "NOT_FOUND"),
        (b"HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n", "UNKNOWN"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "UNAVAILABLE"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "UNAVAILABLE"),
        (b"", "UNAVAILABLE"),
    ],
)
def test_something_else_answers(answer, code):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def once():
            connection, _ = listening.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(answer)

        threading.Thread(target=once, daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(ServingError) as error:
            Client(url, "digits", retries=0).status()
    assert error.value.code == code


def test_a_new_version_with_other_types_is_understood(server):
    client = Client(server.grpc_url, "digits")
    client.metadata()
    client._signatures["generate"].inputs["seed"].dtype = tf.int32.as_datatype_enum  # as an older version had it
    with pytest.raises(ServingError, match="INVALID_ARGUMENT"):
        client.generate(1, 0, 0)
    assert client.generate(1, 0, 0).shape == (1, 8, 8, 1)


# -- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The files of a key and of its own certificate, for 127.0.0.1."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate to test TLS with")
    folder = tmp_path_factory.mktemp("tls")
    files = [folder / "key.pem", folder / "cert.pem"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files[0], "-out", files[1]]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    return files


@pytest.fixture(scope="session")
def secure(exported, certificate):
    """The addresses of a server that speaks TLS only."""
    key, cert = certificate
    credentials = grpc.ssl_server_credentials([(key.read_bytes(), cert.read_bytes())])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with Server(exported, credentials=credentials, context=context) as server:
        yield server.rest_url.replace("http", "https"), server.grpc_url.replace("grpc", "grpcs")


@pytest.mark.learns
def test_tls_with_a_certificate_that_is_trusted(secure, certificate):
    a, b = (Client(url, "digits", ca_file=str(certificate[1])).generate(2, 0, 0) for url in secure)
    np.testing.assert_array_equal(a, b)


def test_tls_refuses_a_certificate_that_is_not(secure):
    for url, code in zip(secure, ("UNAUTHENTICATED", "UNAVAILABLE"), strict=True):
        with pytest.raises(ServingError, match=r"(?i)certificate") as error:
            Client(url, "digits", retries=0).generate(1, 0, 0)
        assert error.value.code == code


# -- Without the extra ------------------------------------------------------------------------------------------------


@pytest.mark.process
def test_rest_needs_no_tensorflow_serving_api(tmp_path):
    """In a process where the package cannot be imported."""
    code = """if True:
        import sys
        sys.modules["tensorflow_serving"] = None
        from keras_gan import serving
        serving.Client("http://localhost:1", "digits")
        try:
            serving.Client("grpc://localhost:1", "digits")
        except ImportError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert 'pip install "keras_gan[serving]"' in done.stdout
