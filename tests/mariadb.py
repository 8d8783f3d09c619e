"""A MariaDB of the tests' own: a folder, a port, certificates signed by a CA made for it."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.waiting import until
from videoshare.config import Config

HOST, OTHER_NAME = "127.0.0.1", "127.0.0.2"  # "localhost" is a socket
PROGRAM = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin") or "mariadbd"


@dataclass(frozen=True)
class Server:
    """Where it listens, and as whom to log in; `ca` is the file that its certificate goes by."""

    host: str
    port: int
    user: str
    password: str
    ca: Path

    def settings(self) -> dict[str, Any]:
        """Return the settings that name this server."""
        own = {"rds_url": self.host, "rds_port": self.port, "rds_user": self.user}
        return {**own, "rds_pass": self.password, "rds_db": "videoshare", "rds_ca": self.ca}

    def config(self, **changes: Any) -> Config:
        """Return a configuration that names this server."""
        return Config(**self.settings() | changes)

    def connect(self, **options: Any) -> Any:
        """Open a connection of ops': unencrypted is fine, it never leaves this machine."""
        import MySQLdb  # type: ignore[import-untyped]

        known = {"user": self.user, "password": self.password}
        return MySQLdb.connect(host=self.host, port=self.port, **known | options)

    def run(self, *statements: str) -> None:
        """Run SQL statements."""
        with self.connect() as connection:
            for statement in statements:
                connection.cursor().execute(statement)
            connection.commit()


@contextmanager
def running(tls: bool = True) -> Iterator[Server]:
    """Start a server that needs no other's folder; without `tls` it speaks plain text only."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="mariadb-") as name:
        folder = Path(name)
        data, ca = folder / "data", folder / "ca.pem"
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        common = ["--no-defaults", f"--datadir={data}", *as_root]
        _bootstrap(data, common)
        certify(folder)
        certificate = [
            f"--ssl-ca={ca}",
            f"--ssl-cert={folder}/cert.pem",
            f"--ssl-key={folder}/key.pem",
        ]
        own = [f"--port={port}", f"--bind-address={HOST},{OTHER_NAME}", f"--socket={folder}/socket"]
        # What a crash would lose, nobody needs.
        fast = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"]
        tls_words = certificate if tls else ["--skip-ssl"]
        process = subprocess.Popen(
            [PROGRAM, *common, *own, *fast, *tls_words], stderr=subprocess.DEVNULL
        )
        server = Server(HOST, port, "root", "", ca)
        try:
            until(lambda: process.poll() is not None or _answers(server))
            password = "a password with 'quotes' and € "
            quoted = password.replace("'", "''")
            server.run(f"CREATE USER videoshare@'%' IDENTIFIED BY '{quoted}'")
            server.run("GRANT ALL ON *.* TO videoshare@'%' WITH GRANT OPTION")
            yield Server(HOST, port, "videoshare", password, ca)
        finally:
            process.terminate()
            process.wait()


def _bootstrap(data: Path, common: list[str]) -> None:
    """Make the system's tables; mariadb-install-db would, but wants the client's programs."""
    data.mkdir()
    (scripts,) = {path.parent for path in Path("/usr/share").glob("m*/m*_system_tables.sql")}
    wanted = ("system_tables", "performance_tables", "system_tables_data")
    made = [next(scripts.glob(f"m*_{name}.sql")).read_text() for name in wanted]
    sql = "\n".join(["CREATE DATABASE mysql;", "USE mysql;", *made])
    words = [PROGRAM, *common, "--bootstrap", "--skip-log-bin"]
    subprocess.run(words, input=sql.encode(), check=True, capture_output=True)


def _answers(server: Server) -> bool:
    import MySQLdb

    try:
        server.connect().close()
    except MySQLdb.OperationalError:
        return False
    return True


def certify(folder: Path) -> None:
    """Write `ca.pem`, and a key and certificate for this machine that the CA has signed."""
    ca_key, ca = _certificate("tests", None)
    key, certificate = _certificate(HOST, (ca_key, ca))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    form = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))


def _certificate(name: str, signer: Any) -> Any:
    """A key and a certificate of a day; signed by itself when there is no signer."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))])
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signing_key, issuer = (signer[0], signer[1].subject) if signer else (key, subject)
    made = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=not signer, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .sign(signing_key, hashes.SHA256())
    )
    return key, made
