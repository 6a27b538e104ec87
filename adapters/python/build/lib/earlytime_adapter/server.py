"""The loop that answers requests on stdin with replies on stdout."""

from __future__ import annotations

import json
import os
import traceback
from typing import Any, TextIO

from .answering import Answering
from .request import RequestError


def serve(subject: Any) -> None:
    """Answers requests with the methods of `subject` until stdin ends.

    Everything else in the process that writes to stdout writes to stderr from here on.
    """
    requests, replies = _take_over_standard_streams()
    answering = Answering(subject)
    for line in requests:
        request = json.loads(line)
        reply: dict[str, Any] = {"id": request["id"]}
        try:
            reply.update(ok=True, result=answering.answer(request))
        except RequestError as error:
            reply.update(ok=False, error=_one_line(str(error)))
        except Exception as error:
            traceback.print_exc()
            reply.update(ok=False, error=_one_line(f"{type(error).__name__}: {error}"))
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def _take_over_standard_streams() -> tuple[TextIO, TextIO]:
    """The real stdin and stdout; fd 0 becomes empty and fd 1 becomes stderr."""
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    return requests, replies


def _one_line(message: str) -> str:
    return " ".join(message.split())
