"""Who the device is: its key in the key store or a file of its own, its identity in another (K1, K2)."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from toktra_agent.store import keys
from toktra_agent.store.keys import FILE, KEY_FILE, SERVICE, Identity, NotEnrolled
from toktra_wire.identity import key_to_pem, new_key

IDENTITY = Identity(
    "https://toktra.example.com", "device-1", "https://toktra.example.com", "a@b.c", "PEM", "CA"
)


class Store(KeyringBackend):
    """A key store in memory, as a desktop brings one."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError("there is none")

    def _check(self) -> None:
        if self.is_locked:
            raise KeyringLocked("locked")


class Weak(Store):
    """Not a key store to be trusted: keyring itself does not recommend it."""

    priority = 0.5  # type: ignore[assignment]


@pytest.fixture
def store() -> Iterator[Store]:
    yield from _used(Store())


@pytest.fixture(params=[NoKeyring, Weak])
def no_store(request: pytest.FixtureRequest) -> Iterator[KeyringBackend]:
    yield from _used(request.param())


def _used(backend: KeyringBackend) -> Iterator[KeyringBackend]:  # type: ignore[misc]
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_where_there_is_a_key_store_the_key_is_in_no_file(tmp_path: Path, store: Store) -> None:
    key = new_key()
    saved = keys.save(tmp_path, IDENTITY, key)
    assert saved.key_in == "key store"
    assert keys.load(tmp_path) == saved
    assert key_to_pem(keys.load_key(tmp_path, saved)) == key_to_pem(key)
    assert list(store.held) == [(SERVICE, "device-1")]
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert b"PRIVATE" not in (tmp_path / FILE).read_bytes()


def test_where_there_is_none_it_is_in_a_file_of_its_owner_alone(
    tmp_path: Path, no_store: KeyringBackend
) -> None:
    key = new_key()
    saved = keys.save(tmp_path, IDENTITY, key)
    assert saved.key_in == "file"
    assert key_to_pem(keys.load_key(tmp_path, saved)) == key_to_pem(key)
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        FILE: 0o600,
        KEY_FILE: 0o600,
    }
    assert b"PRIVATE" not in (tmp_path / FILE).read_bytes()
    assert not getattr(no_store, "held", {})


def test_a_key_store_that_is_locked_when_the_device_enrols_is_not_used(tmp_path: Path, store: Store) -> None:
    store.is_locked = True
    assert keys.save(tmp_path, IDENTITY, new_key()).key_in == "file"


def test_enrolling_again_with_a_key_store_leaves_no_old_key_file(tmp_path: Path, store: Store) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"old")
    keys.save(tmp_path, IDENTITY, new_key())
    assert not (tmp_path / KEY_FILE).exists()


def test_a_key_that_is_not_to_be_had_is_told_of(tmp_path: Path, store: Store) -> None:
    saved = keys.save(tmp_path, IDENTITY, new_key())
    store.is_locked = True
    with pytest.raises(NotEnrolled, match="Unlock the key store"):
        keys.load_key(tmp_path, saved)
    store.is_locked = False
    store.held.clear()
    with pytest.raises(NotEnrolled, match="key store"):
        keys.load_key(tmp_path, saved)


@pytest.mark.parametrize("content", [None, b"", b"no key", b"\xff\x00"])
def test_a_key_file_that_is_gone_or_damaged_is_told_of(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(NotEnrolled, match="toktra-agent enroll"):
        keys.load_key(tmp_path, IDENTITY)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"server": 1}'])
def test_an_identity_that_cannot_be_read_is_told_of(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(NotEnrolled, match="Enrol this device again"):
        keys.load(tmp_path)


def test_a_device_that_never_enrolled_is_told_how(tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled, match="with the token your admin gave you"):
        keys.load(tmp_path)
    keys.remove(tmp_path)


def test_removed_it_is_gone_from_files_and_key_store(tmp_path: Path, store: Store) -> None:
    keys.save(tmp_path, IDENTITY, new_key())
    keys.remove(tmp_path)
    assert (store.held, list(tmp_path.iterdir())) == ({}, [])


def test_removed_with_its_key_store_locked_the_files_are_gone(tmp_path: Path, store: Store) -> None:
    keys.save(tmp_path, IDENTITY, new_key())
    store.is_locked = True
    keys.remove(tmp_path)
    assert list(tmp_path.iterdir()) == []
