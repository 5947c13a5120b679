#!/usr/bin/env python3
"""CBOR as Python's `cbor2` reads and writes it; tests/languages holds it against what persist does.

    cbor.py read      for each line of hexadecimal digits on standard input: what was read, a tab, and the same written anew
    cbor.py types     for each such line: of which type it was read
    cbor.py write     lines of a name, a tab, and what `cbor2` writes of the value with that name
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import ipaddress
import json
import re
import sys
import uuid
from collections.abc import Mapping
from typing import Any

import cbor2


def show(value: Any) -> str:
    """The value as `inspect` shows values; sets in braces."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float():
            return {"nan": "NaN", "inf": "inf", "-inf": "-inf"}.get(str(value), str(value))
        case int():
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case bytes():
            return f"h'{value.hex()}'"
        case list() | tuple():
            return f"[{', '.join(map(show, value))}]"
        case set() | frozenset():
            return "{" + ", ".join(sorted(map(show, value))) + "}"
        case Mapping():
            return "{" + ", ".join(f"{show(key)}: {show(item)}" for key, item in value.items()) + "}"
        case cbor2.CBORTag():
            return f"{value.tag}({show(value.value)})"
    return f"{type(value).__name__} {value}"


def read() -> None:
    for line in sys.stdin:
        value = cbor2.loads(bytes.fromhex(line))
        print(show(value), cbor2.dumps(value).hex(), sep="\t")


def types() -> None:
    for line in sys.stdin:
        print(type(cbor2.loads(bytes.fromhex(line))).__name__)


def values() -> dict[str, bytes]:
    plain = {"id": 7, "name": "n", "note": None, "sizes": [1.5, 0.1, 2], "shape": {"Circle": 0.5}, "raw": b"\0\xff"}
    odd = [0.0, -0.0, 1.5, 65504.0, 5.960464477539063e-08, 0.1, 1e300, float("nan"), float("inf"), float("-inf")]
    shared = ["x"]
    cycle: list[Any] = []
    cycle.append(cycle)
    utc = datetime.timezone.utc
    time = datetime.datetime(2026, 7, 1, 12, 30, tzinfo=utc)
    return {
        "record": cbor2.dumps(plain),
        "record, indefinite": cbor2.dumps(plain, indefinite_containers=True),
        "record, canonical": cbor2.dumps(plain, canonical=True),
        "record, shared": cbor2.dumps(plain, value_sharing=True),
        "record, self-described": cbor2.dumps(cbor2.CBORTag(55799, plain)),
        "floats": cbor2.dumps(odd),
        "floats, canonical": cbor2.dumps(odd, canonical=True),
        "integers": cbor2.dumps([0, 23, 24, -1, 2**63, -(2**63), 2**64 - 1, 2**64, 2**127 - 1, -(2**127), 2**128 - 1]),
        "huge": cbor2.dumps([2**128]),
        "set": cbor2.dumps({3, 1, 2}),
        "frozenset": cbor2.dumps(frozenset([(1, "a")])),
        "number keys": cbor2.dumps({-7: "a", 2**40: "b"}),
        "tuple keys": cbor2.dumps({(1, 2): 3}),
        "none keys": cbor2.dumps({None: 0, 1: 1}),
        "nested options": cbor2.dumps([None, {"Some": None}, 1]),
        "undefined": cbor2.dumps([cbor2.undefined]),
        "simple value": cbor2.dumps(cbor2.CBORSimpleValue(99)),
        "datetime": cbor2.dumps(time),
        "timestamp": cbor2.dumps(time, datetime_as_timestamp=True),
        "date": cbor2.dumps(datetime.date(2026, 7, 1)),
        "decimal": cbor2.dumps(decimal.Decimal("1.25")),
        "fraction": cbor2.dumps(fractions.Fraction(1, 3)),
        "uuid": cbor2.dumps(uuid.UUID(int=1)),
        "regular expression": cbor2.dumps(re.compile("a+")),
        "address": cbor2.dumps(ipaddress.ip_address("192.0.2.1")),
        "shared": cbor2.dumps([shared, shared], value_sharing=True),
        "cycle": cbor2.dumps(cycle, value_sharing=True),
        "repeated texts": cbor2.dumps(["a text", "a text"], string_referencing=True),
    }


def write() -> None:
    for name, item in values().items():
        print(name, item.hex(), sep="\t")


if __name__ == "__main__":
    {"read": read, "types": types, "write": write}[sys.argv[1]]()
