#!/usr/bin/env python3
"""Prints what `persist` writes in the protocol Packed as JSON, one line a value; by docs/format.md, and nothing else.

    read_packed.py [FILE]      the values in a file, or on standard input
    read_packed.py --framed    items on standard input, each its length (4 bytes, little-endian), then its bytes;
                               the line of a damaged one is `error: ` and what is wrong
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import math
import struct
import sys
import threading
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain, repeat
from typing import Any

MAX_COST = 1 << 24  # A few bytes can claim many rows: what those of a value may cost together, in bytes or so,
MAX_GROWTH = 1024  # and for each byte of the body, where that is more.
MAX_DEPTH = 50_000  # Calls inside one another.
MAX_RUN = 65_536
DAY = 86_400  # Seconds.

IN_BITS = {"f": "I", "d": "Q"}  # The integers that have the bits of floats.

Take = Callable[[], Any]  # Gives the value of the next row.
Kind = IntEnum("Kind", "UNIT BOOL CHAR F32 F64 TEXT OPAQUE OPTION SEQUENCE SET MAP PAIR ARRAY TUPLE STRUCT ENUM BOX "
               "FORMATTED VERSIONED", start=0)  # fmt: skip
Style = IntEnum("Style", "NAMED TUPLE NEWTYPE UNIT", start=0)


class FormatError(Exception):
    """What is wrong with the input."""


def check(holds: bool, what: str) -> None:
    if not holds:
        raise FormatError(what)


class Input:
    """Bytes, taken from the front."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name, self.at = data, name, 0

    def take(self, count: int) -> bytes:
        check(count <= len(self.data) - self.at, f"the {self.name} ends early: {count} bytes wanted at byte {self.at}")
        self.at += count
        return self.data[self.at - count : self.at]

    def end(self) -> bool:
        return self.at == len(self.data)

    def byte(self) -> int:
        return self.take(1)[0]

    def varint(self, bits: int = 32) -> int:
        value = 0
        for shift in range(0, bits, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >> bits or (byte == 0 and shift):
                    break
                return value
        raise FormatError(f"bad varint before byte {self.at} of the {self.name}")

    def text(self, length: int) -> str:
        try:
            return self.take(length).decode()
        except UnicodeDecodeError as error:
            raise FormatError(f"text before byte {self.at} of the {self.name} is not UTF-8: {error.reason}") from None

    def integer(self, bits: int, signed: bool) -> int:
        if bits == 8:
            return int.from_bytes(self.take(1), "little", signed=signed)
        value = self.varint(bits)
        return (value >> 1) ^ -(value & 1) if signed else value

    def integers(self, rows: int, bits: int, signed: bool = False) -> list[int]:
        """A column of integers, with at least one row."""
        if rows == 1:
            return [self.integer(bits, signed)]
        mark = self.byte()
        if 0x41 <= mark <= 0x43:
            check(bits <= 64, f"form {mark} of a column of {bits} bits")
            return self.form(mark, rows, bits, signed)
        width = 128 if mark & 0x7F == 127 else mark & 0x7F
        step = 1 if width <= 16 else 2 if width <= 32 else 8 if width <= 64 else 128
        based = mark >= 0x80
        check(width <= bits - based and width % step == 0, f"bad width {mark} of a column of {bits} bits")
        base = self.integer(bits, signed) if based else 0
        packed = self.take((rows * width + 7) // 8)
        half, mask = (1 << bits - 1 if signed else 0), (1 << bits) - 1
        return [(value + base + half & mask) - half for value in unpack(packed, rows, width)]

    def form(self, mark: int, rows: int, bits: int, signed: bool) -> list[int]:
        """A column of integers of level Small, after its first byte."""
        half, mask = (1 << bits - 1 if signed else 0), (1 << bits) - 1
        if mark == 0x41:
            base, width = self.integer(bits, signed), self.byte()
            check(1 <= width <= bits and width % 8 in (0, 1, 2, 4), f"planes of {width} bits of {bits}")
            values = [0] * rows
            for shift in range(0, width, 8):
                part = min(8, width - shift)
                plane = unpack(self.take((rows * part + 7) // 8), rows, part)
                values = [value | more << shift for value, more in zip(values, plane, strict=True)]
            return [(value + base + half & mask) - half for value in values]
        if mark == 0x42:
            values = [self.integer(bits, signed)]
            for step in self.inside(rows - 1, bits, signed):
                values.append((values[-1] + step + half & mask) - half)
            return values
        count = self.varint()
        check(1 <= count <= rows, f"a dictionary of {count} entries for {rows} rows")
        entries = self.inside(count, bits, signed)
        places = self.inside(rows, 8, False)
        check(max(places) < count, "a place that is not in the dictionary")
        return [entries[place] for place in places]

    def inside(self, rows: int, bits: int, signed: bool) -> list[int]:
        """A column of integers inside one of level Small."""
        check(rows == 1 or self.data[self.at : self.at + 1] not in (b"\x42", b"\x43"), "a form inside another one")
        return self.integers(rows, bits, signed)


def unpack(packed: bytes, rows: int, width: int) -> Iterator[int]:
    """The numbers of `width` bits in `packed`: eight of them are `width` bytes."""
    for first in range(0, rows, 8):
        bits = int.from_bytes(packed[first // 8 * width : (first // 8 + 1) * width], "little")
        for _ in range(min(8, rows - first)):
            yield bits & (1 << width) - 1
            bits >>= width
        check(bits == 0, "bits behind the last row of a column")


@dataclass
class Record:
    name: str
    style: Style
    nodes: list[int]
    names: list[str] = field(default_factory=list)
    defaults: bool = False
    unknown: str | None = None

    def value(self, fields: list[Any]) -> Any:
        match self.style:
            case Style.NAMED:
                record = dict(zip(self.names, fields, strict=True))
                return record | record.pop(self.unknown) if self.unknown is not None else record
            case Style.TUPLE:
                return fields
            case Style.NEWTYPE:
                return fields[0]
        return None


@dataclass
class Node:
    kind: Kind | None  # None: an integer.
    nodes: list[int] = field(default_factory=list)  # All references, in order.
    number: int = 0  # The count of an array, the format of a formatted node, a version, an integer's place in the list.
    records: list[Record] = field(default_factory=list)  # The variants of an enum; one where there are fields or parts.

    def is_edge(self) -> bool:
        return self.kind in (Kind.SEQUENCE, Kind.SET, Kind.MAP, Kind.BOX)


class Schema:
    def __init__(self, data: bytes) -> None:
        self.input = Input(data, "schema")
        count = self.input.varint()
        check(1 <= count <= len(data), f"{count} nodes in a schema of {len(data)} bytes")
        self.nodes = [self.node() for _ in range(count)]
        check(self.input.end(), "bytes behind the nodes of the schema")
        for node in self.nodes:
            check(all(to < count for to in node.nodes), "reference to a node that is not there")
            check(node.kind != Kind.MAP or self.nodes[node.nodes[0]].kind == Kind.PAIR, "map of what is not a pair")
            for record in node.records:
                check(record.unknown is None or self.keeps_unknown(record), "unknown fields that are no map of values")
        versioned = {node.nodes[0] for node in self.nodes if node.kind == Kind.VERSIONED}
        check(all(self.nodes[at].kind in (Kind.STRUCT, Kind.ENUM) for at in versioned), "version of neither a struct nor an enum")
        check(not self.parts(in_line=True), "a row that is part of itself")
        self.entries: dict[int, list[int]] = {}  # Of the recursive part of an entry, all entries.
        for part in self.parts(in_line=False):
            edges = {self.nodes[at].nodes[0] for at in part if self.nodes[at].is_edge()}
            self.entries |= dict.fromkeys(edges & part, sorted(edges & part))
        self.runs = dict.fromkeys(versioned, "")

    def keeps_unknown(self, record: Record) -> bool:
        field = self.nodes[record.nodes[record.names.index(record.unknown)]]
        pair = self.nodes[field.nodes[0]] if field.kind == Kind.MAP else field
        return pair.kind == Kind.PAIR and [self.nodes[at].kind for at in pair.nodes] == [Kind.TEXT, Kind.OPAQUE]

    def node(self) -> Node:
        source, byte = self.input, self.input.byte()
        if 32 <= byte <= 41:
            return Node(None, number=byte - 32)
        check(byte <= Kind.VERSIONED, f"unknown kind of node {byte}")
        match kind := Kind(byte):
            case Kind.OPTION | Kind.SEQUENCE | Kind.SET | Kind.MAP | Kind.BOX:
                return Node(kind, [source.varint()])
            case Kind.ARRAY:
                return Node(kind, [source.varint()], source.varint(64))
            case Kind.PAIR | Kind.TUPLE:
                nodes = [source.varint() for _ in range(2 if kind == Kind.PAIR else source.varint())]
                return Node(kind, nodes, records=[Record("", Style.TUPLE, nodes)])
            case Kind.STRUCT:
                record = self.record()
                return Node(kind, record.nodes, records=[record])
            case Kind.ENUM:
                source.text(source.varint())
                count = source.varint()
                check(1 <= count <= 65_536, f"enum of {count} variants")
                records = [self.record() for _ in range(count)]
                return Node(kind, [to for record in records for to in record.nodes], records=records)
            case Kind.FORMATTED:
                number = source.byte()
                check(number <= 12, f"unknown format {number}")
                return Node(kind, [source.varint()], number)
            case Kind.VERSIONED:
                number = source.varint()
                check(1 <= number < 1 << 32, f"version {number}")
                return Node(kind, [source.varint()], number)
        return Node(kind)

    def record(self) -> Record:
        name, style = self.input.text(self.input.varint()), self.input.byte()
        check(style <= Style.UNIT, f"unknown style {style}")
        record = Record(name, Style(style), [])
        for _ in range(self.input.varint()):
            number = self.input.varint(34)
            record.nodes.append(number >> 2)
            record.defaults |= number & 1 == 1
            if style == Style.NAMED:
                record.names.append(self.input.text(self.input.varint()))
            if number & 2:
                check(style == Style.NAMED and record.unknown is None, "a second field for what is unknown, or one without a name")
                record.unknown = record.names[-1]
        count = len(record.nodes)
        check(count == {Style.NEWTYPE: 1, Style.UNIT: 0}.get(record.style, count), f"bad count of fields of {name!r}")
        return record

    def parts(self, in_line: bool) -> list[set[int]]:
        """The strongly connected components with a reference inside (Tarjan); by references in line, or by all."""
        low: dict[int, int] = {}
        path: list[int] = []
        found: list[set[int]] = []

        def visit(at: int) -> None:
            index = low[at] = len(low)
            height = len(path)
            path.append(at)
            references = [] if in_line and self.nodes[at].is_edge() else self.nodes[at].nodes
            for to in references:
                if to not in low:
                    visit(to)
                low[at] = min(low[at], low[to])
            if low[at] == index:
                part = set(path[height:])
                del path[height:]
                low.update(dict.fromkeys(part, len(self.nodes)))
                if len(part) > 1 or at in references:
                    found.append(part)

        for at in range(len(self.nodes)):
            if at not in low:
                visit(at)
        return found

    def run(self, at: int) -> str:
        """The floats of a row, as `struct` has them; empty where the node is no run."""
        if at not in self.runs:
            node = self.nodes[at]
            floats = "f" if node.kind == Kind.F32 else "d" if node.kind == Kind.F64 else ""
            if node.kind in (Kind.ARRAY, Kind.TUPLE, Kind.STRUCT) and not any(it.defaults for it in node.records):
                times = node.number if node.kind == Kind.ARRAY else 1
                parts = [self.run(part) for part in node.nodes]
                if all(parts) and sum(struct.calcsize(f"<{part}") for part in parts) * times <= MAX_RUN:
                    floats = "".join(parts) * times
            self.runs[at] = floats
        return self.runs[at]


class Table:
    """A table of a recursive part: its rows are taken from the front."""

    def __init__(self) -> None:
        self.left = 0
        self.take: Take = none

    def next(self) -> Any:
        check(self.left > 0, "a table of a recursive part has too few rows")
        self.left -= 1
        return self.take()


def none() -> None:
    """Takes a row without columns."""


def versioned(version: int, value: Any) -> Any:
    return {"@version": version} | ({value: None} if isinstance(value, str) else value)


class Reader:
    def __init__(self, schema: Schema, body: bytes, small: bool) -> None:
        self.schema, self.body, self.small = schema, Input(body, "body"), small
        self.cost_left = max(MAX_COST, MAX_GROWTH * len(body))
        self.tables: list[Table] = []  # Of all recursive parts.
        self.scope: dict[int, Table] = {}  # Those of the part that the rows at hand are in, by entry.

    def value(self) -> Any:
        take = self.rows(0, 1, True)
        check(self.body.end(), "bytes behind the value in the body")
        value = take()
        check(not any(table.left for table in self.tables), "a table of a recursive part has too many rows")
        return value

    def spend(self, cost: int) -> None:
        self.cost_left -= cost
        check(self.cost_left >= 0, "the value is larger than this reader takes")

    def rows(self, at: int, rows: int, single: bool) -> Take:
        """Reads the columns of so many rows of a node."""
        node, body = self.schema.nodes[at], self.body
        names = max((len(it.name) + sum(map(len, it.names)) for it in node.records), default=0)
        self.spend(16 + len(node.nodes) + len(node.records) + rows * (16 + names))
        if rows == 0:
            return none
        if floats := self.schema.run(at):
            found = self.floats(rows, floats)
            return lambda: self.run(at, iter(next(found)))
        match node.kind:
            case None:
                return iter(body.integers(rows, 8 << node.number % 5, node.number >= 5)).__next__
            case Kind.UNIT:
                return none
            case Kind.BOOL:
                return map(bool, self.numbers(rows, 8, 2)).__next__
            case Kind.CHAR:
                chars = self.numbers(rows, 32, 0x110000)
                check(not any(0xD800 <= char < 0xE000 for char in chars), "a surrogate is no character")
                return map(chr, chars).__next__
            case Kind.TEXT:
                return iter(self.strings(rows, body.text, texts=True)).__next__
            case Kind.OPAQUE:
                return iter(self.strings(rows, lambda length: {"cbor": body.take(length).hex()})).__next__
            case Kind.OPTION:
                flags = self.numbers(rows, 8, 2)
                column, some = iter(flags), self.rows(node.nodes[0], sum(flags), single)
                return lambda: self.option(column, some)
            case Kind.ARRAY:
                item = self.rows(node.nodes[0], rows * node.number, single and node.number == 1)
                return lambda: [item() for _ in range(node.number)]
            case Kind.ENUM:
                return self.variants(node.records, rows, single)
            case Kind.BOX:
                return self.behind(node.nodes[0], rows, single)
            case Kind.SEQUENCE | Kind.SET | Kind.MAP:
                return self.sequence(node, rows, single)
            case Kind.VERSIONED:
                data = self.rows(node.nodes[0], rows, single)
                return lambda: versioned(node.number, data())
            case Kind.FORMATTED:
                data = self.rows(node.nodes[0], rows, single)
                return lambda: readable(node.number, data())
        parts = [self.rows(part, rows, single) for part in node.nodes]
        return lambda: node.records[0].value([part() for part in parts])

    def numbers(self, rows: int, bits: int, end: int) -> list[int]:
        found = self.body.integers(rows, bits)
        check(max(found) < end, f"{max(found)} where at most {end - 1} can be")
        return found

    def floats(self, rows: int, floats: str) -> Iterator[tuple[float, ...]]:
        """The rows of a float run."""
        body = self.body
        if rows == 1 or not self.small or body.data[body.at : body.at + 1] == b"\0":
            body.take(int(rows > 1 and self.small))
            return struct.iter_unpack(f"<{floats}", body.take(rows * struct.calcsize(f"<{floats}")))
        return iter(list(zip(*(self.lane(rows, kind) for kind in floats), strict=True)))

    def lane(self, rows: int, kind: str) -> list[float]:
        """The floats of all rows that stand in one place of a run."""
        mark, size = self.body.byte(), struct.calcsize(kind)
        if mark == size:
            numbers = self.body.integers(rows, size * 8)
            return [number for (number,) in struct.iter_unpack(f"<{kind}", struct.pack(f"<{rows}{IN_BITS[kind]}", *numbers))]
        check(mark == size + 16, f"a lane of kind {mark} for floats of {size} bytes")
        low = -149 if kind == "f" else -1074
        step = self.body.varint() + low
        check(step <= -low, "a step that is larger than a float")
        return [scaled(number, step, kind) for number in self.body.integers(rows, size * 8, True)]

    def strings(self, rows: int, take: Callable[[int], Any], texts: bool = False, inside: bool = False) -> list[Any]:
        body = self.body
        mark = body.data[body.at] if rows > 1 and not body.end() else 0
        if mark == 0x7F:
            body.take(1)
            length = body.varint()
            text = take(length)
            self.spend(rows * length)
            return [text] * rows
        if texts and mark == 0x7E:
            body.take(1)
            count = body.varint()
            check(1 <= count <= rows, f"a dictionary of {count} texts for {rows} rows")
            entries = [take(length) for length in body.integers(count, 32)]
            places = body.integers(rows, 32)
            check(max(places) < count, "a place that is not in the dictionary")
            self.spend(sum(len(entries[place]) for place in places))
            return [entries[place] for place in places]
        if texts and mark == 0x7D and not inside:
            body.take(1)
            count = body.varint()
            check(1 <= count <= 64, f"texts of {count} pieces")
            pieces = [self.strings(rows, take, True, True) for _ in range(count)]
            self.spend(sum(map(len, chain.from_iterable(pieces))))
            return ["".join(parts) for parts in zip(*pieces, strict=True)]
        if inside and mark == 0x7C:
            body.take(1)
            digits = body.byte()
            check(digits <= 20, f"numbers of {digits} digits")
            return [str(number).zfill(digits) for number in body.integers(rows, 64)]
        return [take(length) for length in body.integers(rows, 32)]

    def run(self, at: int, floats: Iterator[float]) -> Any:
        node = self.schema.nodes[at]
        if node.kind in (Kind.F32, Kind.F64):
            number = next(floats)
            return number if math.isfinite(number) else str(number).replace("inf", "Infinity").replace("nan", "NaN")
        if node.kind == Kind.ARRAY:
            return [self.run(node.nodes[0], floats) for _ in range(node.number)]
        self.spend(sum(map(len, node.records[0].names)))
        return node.records[0].value([self.run(part, floats) for part in node.nodes])

    def option(self, flags: Iterator[int], inner: Take) -> Any:
        if not next(flags):
            return None
        value = inner()
        # Told from `None`, and from what is told from it.
        return {"Some": value} if value is None or (isinstance(value, dict) and list(value) == ["Some"]) else value

    def variants(self, records: list[Record], rows: int, single: bool) -> Take:
        found = self.numbers(rows, 8 if len(records) <= 256 else 16, len(records))
        tags, counts = iter(found), Counter(found)
        fields = [[self.rows(part, counts[tag], single) for part in it.nodes] for tag, it in enumerate(records)]

        def take() -> Any:
            tag = next(tags)
            value = records[tag].value([part() for part in fields[tag]])
            return records[tag].name if records[tag].style == Style.UNIT else {records[tag].name: value}

        return take

    def sequence(self, node: Node, rows: int, single: bool) -> Take:
        word = self.body.varint(33) if single else 0
        lengths = [word >> 1] if single else self.body.integers(rows, 32)
        if word & 1:
            element = self.groups(node.nodes[0], word >> 1)
        else:
            element = self.behind(node.nodes[0], sum(lengths), word == 2)
        column = iter(lengths)

        def take() -> Any:
            items = [element() for _ in range(next(column))]
            if node.kind == Kind.SEQUENCE:
                return items
            keys = [item[0] for item in items] if node.kind == Kind.MAP else items
            check(len(set(map(repr, keys))) == len(keys), "a key occurs twice")
            return dict(items) if node.kind == Kind.MAP and all(isinstance(key, str) for key in keys) else items

        return take

    def groups(self, at: int, length: int) -> Take:
        groups: list[Iterator[Take]] = []
        while length:
            rows = self.body.varint()
            check(1 <= rows <= length, f"a group of {rows} rows where {length} are left")
            groups.append(repeat(self.behind(at, rows, False), rows))
            length -= rows
        elements = chain.from_iterable(groups)
        return lambda: next(elements)()

    def behind(self, at: int, rows: int, single: bool) -> Take:
        """Reads what stands behind an edge to node `at`: nothing, a table, or the tables of a recursive part."""
        if rows == 0:
            return none
        if at in self.scope:
            return self.scope[at].next
        if at not in self.schema.entries:
            return self.rows(at, rows, single)
        tables = {entry: Table() for entry in self.schema.entries[at]}
        self.tables += tables.values()
        outer, self.scope = self.scope, tables
        for entry, table in tables.items():
            table.left = self.body.varint()
            table.take = self.rows(entry, table.left, False)
        self.scope = outer
        return tables[at].next


def scaled(number: int, step: int, kind: str) -> float:
    """A multiple of two to the power of `step`, rounded to a float."""
    try:
        value = math.ldexp(float(number), step)
        return value if kind == "d" else struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, number)


def readable(number: int, data: Any) -> Any:
    """What people read: an address (0 to 5), a UUID (6), a date or time (7 to 12)."""
    try:
        if number <= 5:
            return address(number, data)
        match number, data:
            case 6, list():
                return str(uuid.UUID(bytes=bytes(data)))
            case 7, int(days):
                return date(days)
            case 8, [int(secs), int(nanos)] if 0 <= secs < DAY and is_second(secs, nanos):
                return time(secs, nanos)
            case (9 | 10), [int(secs), int(nanos)] if is_second(secs, nanos):
                return date_time(secs, nanos) + ("Z" if number == 10 else "")
            case 11, [int(secs), int(nanos), int(ahead)] if is_second(secs + ahead, nanos) and is_offset(ahead):
                return date_time(secs + ahead, nanos) + (offset(ahead) if ahead else "Z")
            case 12, int(ahead) if is_offset(ahead):
                return offset(ahead)
    except (TypeError, ValueError):
        pass
    raise FormatError(f"data that format {number} does not have")


def is_second(secs: int, nanos: int) -> bool:
    """Whether a second has so many nanoseconds: the 60th of a minute may be followed by a leap second."""
    return 0 <= nanos < 10**9 or nanos < 2 * 10**9 and secs % 60 == 59


def is_offset(ahead: int) -> bool:
    return abs(ahead) < 26 * 3600


def date(days: int) -> str:
    """A day since 1970-01-01; `datetime` knows four centuries, after which leap years repeat."""
    eras, rest = divmod(days + datetime.date(1970, 1, 1).toordinal() - 1, 146_097)
    day = datetime.date.fromordinal(rest + 1)
    year = day.year + 400 * eras
    return f"{year:04}-{day:%m-%d}" if 0 <= year <= 9999 else f"{year:+05}-{day:%m-%d}"


def time(secs: int, nanos: int) -> str:
    leap, nanos = divmod(nanos, 10**9)
    digits = 0 if nanos == 0 else 3 if nanos % 10**6 == 0 else 6 if nanos % 1000 == 0 else 9
    fraction = f".{nanos:09}"[: digits + 1] if digits else ""
    return f"{secs // 3600:02}:{secs // 60 % 60:02}:{secs % 60 + leap:02}{fraction}"


def date_time(secs: int, nanos: int) -> str:
    days, secs = divmod(secs, DAY)
    return f"{date(days)}T{time(secs, nanos)}"


def offset(ahead: int) -> str:
    secs = abs(ahead)
    text = f"{'-' if ahead < 0 else '+'}{secs // 3600:02}:{secs // 60 % 60:02}"
    return f"{text}:{secs % 60:02}" if secs % 60 else text


def address(number: int, data: Any) -> Any:
    """An IP address (0 to 2), or one with a port (3 to 5)."""
    match number, data:
        case (0 | 1, list()):
            ip = ipaddress.ip_address(bytes(data))
            mapped = getattr(ip, "ipv4_mapped", None)
            return f"::ffff:{mapped}" if mapped else str(ip)
        case 3, [str(ip), port]:
            return f"{ip}:{port}"
        case 4, [str(), _, flow, _] if flow:
            return data
        case 4, [str(ip), port, _, scope]:
            return f"[{ip}%{scope}]:{port}" if scope else f"[{ip}]:{port}"
        case (2 | 5, {"V4": str(text)} | {"V6": str(text)}):
            return text
        case 5, {"V6": list()}:
            return data
    raise ValueError


def restore(chunk: bytes) -> bytes:
    """The body of a chunk of level Small, which may be compressed."""
    source = Input(chunk, "chunk")
    size = source.varint()
    if size == 0:
        return chunk[source.at :]
    try:
        import zstandard
    except ImportError:
        raise FormatError("the value is compressed: install `zstandard`") from None
    check(size <= max(MAX_COST, MAX_GROWTH * len(chunk)), "the value is larger than this reader takes")
    try:
        body = zstandard.ZstdDecompressor().decompressobj().decompress(chunk[source.at :])
    except zstandard.ZstdError as error:
        raise FormatError(f"damaged compressed bytes: {error}") from None
    check(len(body) == size, "compressed bytes of another size than they claim")
    return body


def read(source: Input) -> str:
    """Reads a frame, and gives its value as JSON."""
    start = source.at
    check(source.take(4) == b"\xfcPST", "not packed by persist")
    version, checked = source.byte(), source.byte()
    check(version == 1, f"unknown version {version}")
    check(checked in (0, 3, 4, 7), f"unknown check {checked}")
    checked, small = checked & 3, checked >= 4

    def verify(part: int, data: bytes) -> None:
        if checked:
            found = int.from_bytes(source.take(4), "little")
            check(found == zlib.crc32(part.to_bytes(4, "little") + data), f"wrong checksum of part {part}")

    schema = source.take(source.varint())
    verify(0, source.data[start : source.at])
    chunks: list[bytes] = []
    last = False
    while not last:
        head = source.take(4)
        word = int.from_bytes(head, "little")
        last, continued = bool(word >> 30 & 1), bool(word >> 31)
        check(not (last and continued), "the last chunk goes on")
        chunks.append(source.take(word & 0x3FFFFFFF))
        verify(len(chunks), chunks[-1] + head)
    try:
        value = Reader(Schema(schema), b"".join(map(restore, chunks) if small else chunks), small).value()
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise FormatError("more levels than this reader takes") from None


def read_all(source: Input) -> Iterator[str]:
    while not source.end() or source.at == 0:
        yield read(source)


def read_framed(source: Input) -> Iterator[str]:
    while not source.end():
        item = Input(source.take(int.from_bytes(source.take(4), "little")), "input")
        try:
            line = read(item)
            check(item.end(), "bytes behind the value")
            yield line
        except FormatError as error:
            yield f"error: {error}"


def main(arguments: list[str]) -> int:
    framed = arguments == ["--framed"]
    try:
        with sys.stdin.buffer if framed or not arguments else open(arguments[0], "rb") as file:
            source = Input(file.read(), "input")
        for line in read_framed(source) if framed else read_all(source):
            sys.stdout.buffer.write(line.encode() + b"\n")
    except (FormatError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.setrecursionlimit(MAX_DEPTH)
    threading.stack_size(1 << 28)  # Only a thread can be given the stack for that.
    codes = [2]
    thread = threading.Thread(target=lambda: codes.append(main(sys.argv[1:])))
    thread.start()
    thread.join()
    sys.exit(codes[-1])
