"""Reading two trees of one repository: files with the same blob are parsed once."""

import hashlib
from typing import Protocol

from coord.config.documents import Document
from coord.config.files import Files, Listing
from coord.config.layout import FileKind
from coord.config.load import Shared, Tree


class BlobFiles(Files, Protocol):
    """Files of which git knows the blobs; `algorithm` is what their ids are made with."""

    @property
    def algorithm(self) -> str:
        """`sha1` or `sha256`."""

    def blob(self, path: str) -> str:
        """The id of a listed file's blob."""


class HashedFiles:
    """Files that remember the blob of everything that was read."""

    def __init__(self, files: Files, algorithm: str) -> None:
        """Take the files, and how their repository makes ids."""
        self._files, self._algorithm = files, algorithm
        self.blobs: dict[str, str] = {}

    def listing(self) -> Listing:
        """Everything below `surfaces/`."""
        return self._files.listing()

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of a file."""
        data = self._files.read(path, limit)
        blob = hashlib.new(self._algorithm, b"blob %d\x00" % len(data), usedforsecurity=False)
        blob.update(data)
        self.blobs[path] = blob.hexdigest()
        return data


def shared_with(tree: Tree, files: HashedFiles, others: BlobFiles) -> Shared:
    """The documents of a tree that was read, for the files of another that have the same blobs."""
    known = {
        (document.kind.name, files.blobs[path]): document
        for path, document in tree.documents.items()
        if path not in tree.broken  # a broken one is read again, for its findings
    }

    def shared(path: str, kind: FileKind) -> Document | None:
        found = known.get((kind.name, others.blob(path)))
        if found is None or found.path == path:
            return found
        return Document(path, kind, found.text, found.value)

    return shared
