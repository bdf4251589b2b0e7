"""Every error that Assay raises on purpose. Each message is safe and fit to show a person.

AppError                     message + remedy, both in plain words
├── SettingError             a setting has a wrong value
├── DataFolderBusy           another process owns the data folder
├── DatabaseTooNew           the database was written by a newer Assay
├── DatabaseTrouble          disk full, read-only, locked or damaged database
├── NotFound                 the thing is not (or no longer) there
├── NotAllowed               refused by a rule that the person set or that protects them
├── UnreadableDocument       a file that cannot be read, with the reason
│   └── NeedsPassword        an encrypted file
├── EmbedderMismatch         the collection was made with another embedder
├── IndexDamaged             the Chroma folder does not answer as it should
│   └── IndexUnwritable      no room for the index, or it may not be written
├── InvalidAnswer            a structured answer that does not fit its schema
└── BackendError             a model server failed
    ├── BackendDown          nobody answers at its address
    ├── ModelMissing         the server does not have the model
    ├── ModelOutOfMemory     the model does not fit into memory
    ├── BackendBusy          the server's queue is full (503, 429)
    ├── BackendRefused       wrong key, or the server forbids the request
    ├── PromptTooLong        the prompt does not fit the model's context
    ├── BackendTimeout       no first token, or no next token, in time
    └── StreamBroken         the stream ended or failed after it began
"""

from __future__ import annotations


class AppError(Exception):
    """``message`` says what happened, ``remedy`` what to do next ("" where nothing can be done)."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class SettingError(AppError):
    """A setting has a wrong value; the message names the setting, the value and what is allowed."""


class DataFolderBusy(AppError):
    """Another process owns the data folder; the message names it."""


class DatabaseTooNew(AppError):
    """The database was written by a newer version of Assay."""


class DatabaseTrouble(AppError):
    """The database cannot be read or written; nothing was saved."""


class NotFound(AppError):
    """The thing asked for is not there."""


class NotAllowed(AppError):
    """Refused by a rule."""


class UnreadableDocument(AppError):
    """A file that cannot be read."""


class NeedsPassword(UnreadableDocument):
    """An encrypted file."""


class EmbedderMismatch(AppError):
    """The collection was made with another embedder; it must be embedded again."""


class IndexDamaged(AppError):
    """The index does not answer as it should; it can be rebuilt from SQL."""


class IndexUnwritable(IndexDamaged):
    """The disk is full, or the index's folder may not be written: to rebuild would not help."""


class InvalidAnswer(AppError):
    """A structured answer that does not fit its schema."""


class BackendError(AppError):
    """A model server failed. ``retryable`` tells whether the same request may be sent again."""

    retryable = False


class BackendDown(BackendError):
    """Nobody answers at the address."""

    retryable = True


class ModelMissing(BackendError):
    """The server does not have the model."""


class ModelOutOfMemory(BackendError):
    """The model does not fit into memory."""


class BackendBusy(BackendError):
    """The server's queue is full. ``wait``: how many seconds it asked to wait, 0 if it did not say."""

    retryable = True
    wait = 0.0


class BackendRefused(BackendError):
    """The server refuses the request (key, permission, bad request)."""


class PromptTooLong(BackendError):
    """The prompt does not fit the model's context."""


class BackendTimeout(BackendError):
    """The server did not send in time."""


class StreamBroken(BackendError):
    """The stream failed after it began, or ended without its end mark."""
