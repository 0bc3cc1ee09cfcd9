"""Messages between a family and the service."""

from app.models.messages.thread import Message, Sender, Thread

__all__ = [
    "Message",
    "Sender",
    "Thread",
]
