"""Types of texts in messages.

A text with a NUL, or a longer one than its column, would fail in a receiver's database, where the
cause can no longer be named.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

_NO_NUL = r"^[^\x00]*$"

Text = Annotated[str, msgspec.Meta(pattern=_NO_NUL)]
Name = Annotated[str, msgspec.Meta(pattern=_NO_NUL, max_length=150)]
#: A value of an enumeration, known or not.
Code = Annotated[str, msgspec.Meta(pattern=_NO_NUL, max_length=32)]
Label = Annotated[str, msgspec.Meta(pattern=_NO_NUL, max_length=64)]
Serial = Annotated[str, msgspec.Meta(pattern=_NO_NUL, min_length=1, max_length=100)]
#: The code of a channel, unique in its device. In Python `$` alone would let a final line break in.
ChannelCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,32}(?!\n)$")]
