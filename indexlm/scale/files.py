"""Files of any fsspec address: what is read, and what is written as a whole or not at all."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

from indexlm.output.files import OutputError
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER = 1 << 20


class InputError(IndexLMError):
    """An input that cannot be reached: a fault of the disk or the network, not of the data."""


def open_filesystem(address: str) -> tuple[Any, str]:
    """A path or an fsspec address -> its file system, and its path there. Raises `IndexLMError` for an unknown one."""
    if "://" not in address:  # else a name with `::` would be taken for a chain of addresses
        from fsspec.implementations.local import LocalFileSystem

        return LocalFileSystem(), os.path.abspath(address)
    from fsspec.core import url_to_fs

    try:
        system, path = url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise IndexLMError(f"an address is of a file system that fsspec can open; found {address!r}: {error}") from None
    return system, str(path)


def address_of(system: Any, path: str) -> str:
    """A path of a file system -> the address that opens it anywhere; of a local file, its path."""
    address = str(system.unstrip_protocol(path))
    return address.removeprefix("file://")


class WatchedFile(io.RawIOBase):
    """A file that is read, and remembers in `fault` why it could not be: libraries above it hide that."""

    def __init__(self, address: str, size: int) -> None:
        super().__init__()
        self.fault: Exception | None = None
        system, path = open_filesystem(address)
        try:
            self.size = int(system.info(path)["size"] or 0)
            self.file: IO[bytes] = system.open(path, "rb")
        except Exception as error:  # of a disk or any network
            raise InputError(f"{address} cannot be read: {_reason(error)}") from None
        if self.size != size:
            self.close()
            raise InputError(f"an input stays as it is during a run; {address} had {size} bytes, and has {self.size}")

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self.file.read(len(view))
        except Exception as error:
            self.fault = error
            raise
        view[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def buffered(self) -> io.BufferedReader:
        """The same with a buffer before it."""
        return io.BufferedReader(self, _BUFFER)

    def close(self) -> None:
        if not self.closed and hasattr(self, "file"):
            self.file.close()
        super().close()


@contextmanager
def whole_file(system: Any, path: str, temporary: str) -> Iterator[IO[bytes]]:
    """A file to write that has its place only when all of it is written; until then it is in the folder `temporary`.

    Raises `OutputError` for one that cannot be written, such as on a full disk, and leaves nothing of it.
    """
    part = f"{temporary}/{uuid4().hex}-{path.rpartition('/')[2]}"
    file: IO[bytes] | None = None
    try:
        system.makedirs(temporary, exist_ok=True)
        file = system.open(part, "wb")
        yield file
        file.flush()
        with suppress(AttributeError, io.UnsupportedOperation):
            os.fsync(file.fileno())
        file.close()
        system.mv(part, path)
    except BaseException as error:
        with suppress(Exception):
            if file is not None:
                file.close()
        with suppress(Exception):
            system.rm_file(part)
        if isinstance(error, OSError):
            raise OutputError(f"an output can be written; {path} cannot: {_reason(error)}") from None
        raise


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
