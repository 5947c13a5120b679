#!/usr/bin/env python3
"""Prints what `persist` writes in the protocol Packed as JSON, one line a value; made from docs/format.md alone.

    read_packed.py [FILE]      the values in a file, or on standard input
    read_packed.py --framed    items on standard input, each its length (4 bytes, little-endian), then its bytes;
                               the line of a damaged one is `error: ` and what is wrong
"""

from __future__ import annotations

import ipaddress
import json
import math
import struct
import sys
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain, repeat
from typing import Any

MAGIC = b"\xfcPST"
MAX_ROWS = 20_000_000  # Rows without bytes are cheap to claim: what all nodes of a value may have together.
MAX_RUN = 65_536
MAX_DEPTH = 50_000

Take = Callable[[], Any]  # Gives the value of the next row.


class FormatError(Exception):
    """What is wrong with the input."""


class Kind(IntEnum):
    UNIT, BOOL, CHAR, F32, F64, TEXT, OPAQUE, OPTION, SEQUENCE, SET, MAP, PAIR = range(12)
    ARRAY, TUPLE, STRUCT, ENUM, BOX, FORMATTED = range(12, 18)
    INTEGER = 32


class Style(IntEnum):
    NAMED, TUPLE, NEWTYPE, UNIT = range(4)


class Input:
    """Bytes, read from the front."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name, self.at = data, name, 0

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise FormatError(f"the {self.name} ends early: {count} bytes missing at byte {self.at}")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self) -> int:
        return self.take(1)[0]

    def at_end(self) -> bool:
        return self.at == len(self.data)

    def varint(self, bits: int = 32) -> int:
        value = 0
        for shift in range(0, bits, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >> bits or (byte == 0 and shift):
                    break
                return value
        raise FormatError(f"bad varint in the {self.name}, before byte {self.at}")

    def text(self) -> str:
        return utf8(self.take(self.varint()))

    def integer(self, bits: int, signed: bool) -> int:
        if bits == 8:
            return int.from_bytes(self.take(1), "little", signed=signed)
        value = self.varint(bits)
        return (value >> 1) ^ -(value & 1) if signed else value

    def integers(self, rows: int, bits: int, signed: bool = False) -> list[int]:
        """A column of integers with at least one row."""
        if rows == 1:
            return [self.integer(bits, signed)]
        mark = self.byte()
        width = 128 if mark & 0x7F == 127 else mark & 0x7F
        has_base = mark >= 0x80
        bad_width = width > bits or (width > 16 and width % 2) or (width > 32 and width % 8)
        if bad_width or (has_base and width == bits):
            raise FormatError(f"bad mark {mark} of a column of integers of {bits} bits")
        base = self.integer(bits, signed) if has_base else 0
        packed = self.take((rows * width + 7) // 8)
        top = 1 << (bits - 1) if signed else 0
        wrap = (1 << bits) - 1
        return [(((value + base + top) & wrap) - top) for value in unpack(packed, rows, width)]


def unpack(packed: bytes, rows: int, width: int) -> Iterator[int]:
    """The numbers of `width` bits in `packed`: eight of them are `width` bytes."""
    mask = (1 << width) - 1
    for block in range((rows + 7) // 8):
        bits = int.from_bytes(packed[block * width : (block + 1) * width], "little")
        for _ in range(min(8, rows - block * 8)):
            yield bits & mask
            bits >>= width
        if bits:
            raise FormatError("bits behind the last row of a column")


def utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"text is not UTF-8: {error.reason}") from None


@dataclass
class Record:
    name: str
    style: Style
    nodes: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    defaults: bool = False

    def value(self, fields: Iterable[Any]) -> Any:
        match self.style:
            case Style.NAMED:
                return dict(zip(self.names, fields, strict=True))
            case Style.TUPLE:
                return list(fields)
            case Style.NEWTYPE:
                return next(iter(fields))
            case Style.UNIT:
                return None


@dataclass
class Node:
    kind: Kind
    nodes: list[int] = field(default_factory=list)  # All references, in order.
    records: list[Record] = field(default_factory=list)  # Of a struct: its own; of an enum: its variants'.
    number: int = 0  # Of an array: its count; of a formatted node: the format.
    bits: int = 0
    signed: bool = False

    def is_edge(self) -> bool:
        return self.kind in (Kind.SEQUENCE, Kind.SET, Kind.MAP, Kind.BOX)


class Schema:
    def __init__(self, data: bytes) -> None:
        self.input = Input(data, "schema")
        count = self.input.varint()
        if not 1 <= count <= len(data):
            raise FormatError(f"{count} nodes in a schema of {len(data)} bytes")
        self.nodes = [self.node() for _ in range(count)]
        if not self.input.at_end():
            raise FormatError("bytes behind the nodes of the schema")
        for node in self.nodes:
            if any(to >= count for to in node.nodes):
                raise FormatError("reference to a node that is not there")
            if node.kind == Kind.MAP and self.nodes[node.nodes[0]].kind != Kind.PAIR:
                raise FormatError("map of what is not a pair")
        if any(self.parts(lambda node: [] if node.is_edge() else node.nodes)):
            raise FormatError("a row that holds itself")
        self.part_of: dict[int, int] = {}
        self.entries: list[list[int]] = []
        for number, part in enumerate(self.parts(lambda node: node.nodes)):
            self.part_of |= dict.fromkeys(part, number)
            edges = [self.nodes[at] for at in part if self.nodes[at].is_edge()]
            self.entries.append(sorted({edge.nodes[0] for edge in edges if edge.nodes[0] in part}))
        self.runs: dict[int, str | None] = {}

    def node(self) -> Node:
        source, byte = self.input, self.input.byte()
        if 32 <= byte <= 41:
            return Node(Kind.INTEGER, bits=8 << (byte - 32) % 5, signed=byte >= 37)
        if byte > Kind.FORMATTED:
            raise FormatError(f"unknown kind of node {byte}")
        match kind := Kind(byte):
            case Kind.OPTION | Kind.SEQUENCE | Kind.SET | Kind.MAP | Kind.BOX:
                return Node(kind, [source.varint()])
            case Kind.PAIR:
                return Node(kind, [source.varint(), source.varint()])
            case Kind.ARRAY:
                return Node(kind, [source.varint()], number=source.varint())
            case Kind.TUPLE:
                return Node(kind, [source.varint() for _ in range(source.varint())])
            case Kind.STRUCT:
                record = self.record()
                return Node(kind, record.nodes, [record])
            case Kind.ENUM:
                source.text()
                count = source.varint()
                if not 1 <= count <= 65_536:
                    raise FormatError(f"enum of {count} variants")
                variants = [self.record() for _ in range(count)]
                return Node(kind, [to for variant in variants for to in variant.nodes], variants)
            case Kind.FORMATTED:
                if (number := source.byte()) > 5:
                    raise FormatError(f"unknown format {number}")
                return Node(kind, [source.varint()], number=number)
        return Node(kind)

    def record(self) -> Record:
        name, style = self.input.text(), self.input.byte()
        if style > Style.UNIT:
            raise FormatError(f"unknown style {style} of a record")
        record = Record(name, Style(style))
        for _ in range(self.input.varint()):
            number = self.input.varint(33)
            record.nodes.append(number >> 1)
            record.defaults |= number & 1 == 1
            if style == Style.NAMED:
                record.names.append(self.input.text())
        if len(record.nodes) != {Style.NEWTYPE: 1, Style.UNIT: 0}.get(record.style, len(record.nodes)):
            raise FormatError(f"{name!r} has {len(record.nodes)} fields, which its style does not")
        return record

    def parts(self, references: Callable[[Node], list[int]]) -> list[set[int]]:
        """The strongly connected components with a reference inside (Tarjan)."""
        low: dict[int, int] = {}
        stack: list[int] = []
        found: list[set[int]] = []

        def visit(at: int) -> None:
            index = low[at] = len(low)
            height = len(stack)
            stack.append(at)
            for to in references(self.nodes[at]):
                if to not in low:
                    visit(to)
                low[at] = min(low[at], low[to])
            if low[at] == index:
                part = set(stack[height:])
                del stack[height:]
                low.update(dict.fromkeys(part, len(self.nodes)))
                if len(part) > 1 or at in references(self.nodes[at]):
                    found.append(part)

        for at in range(len(self.nodes)):
            if at not in low:
                visit(at)
        return found

    def run(self, at: int) -> str | None:
        """The floats of a row as `struct` has them, where the node is a run."""
        if at not in self.runs:
            self.runs[at] = self.find_run(self.nodes[at])
        return self.runs[at]

    def find_run(self, node: Node) -> str | None:
        if node.kind in (Kind.F32, Kind.F64):
            return "f" if node.kind == Kind.F32 else "d"
        if node.kind not in (Kind.ARRAY, Kind.TUPLE, Kind.STRUCT) or any(record.defaults for record in node.records):
            return None
        times = node.number if node.kind == Kind.ARRAY else 1
        floats, size = "", 0
        for part in map(self.run, node.nodes):
            size += struct.calcsize(f"<{part}") * times if part else MAX_RUN + 1
            if part is None or size > MAX_RUN:
                return None
            floats += part * times
        return floats or None

    def can_be_null(self, at: int) -> bool:
        seen: set[int] = set()
        while at not in seen:
            seen.add(at)
            node = self.nodes[at]
            if node.kind in (Kind.UNIT, Kind.OPTION) or (node.records and node.records[0].style == Style.UNIT):
                return node.kind != Kind.ENUM
            if node.kind != Kind.BOX and not (node.kind == Kind.STRUCT and node.records[0].style == Style.NEWTYPE):
                return False
            at = node.nodes[0]
        return False


class Table:
    """A table of a set: its rows are taken from the front."""

    def __init__(self) -> None:
        self.left = 0
        self.take: Take = lambda: None

    def next(self) -> Any:
        if self.left == 0:
            raise FormatError("a table of a recursive part has too few rows")
        self.left -= 1
        return self.take()


Scope = dict[int, dict[int, Table]]  # The sets that a row is in: by part, then by entry.


class Reader:
    def __init__(self, schema: Schema, body: bytes) -> None:
        self.schema, self.body = schema, Input(body, "body")
        self.spent = 0
        self.tables: list[Table] = []

    def value(self) -> Any:
        take = self.rows(0, 1, True, {})
        if not self.body.at_end():
            raise FormatError("bytes behind the value in the body")
        value = take()
        if any(table.left for table in self.tables):
            raise FormatError("a table of a recursive part has too many rows")
        return value

    def rows(self, at: int, rows: int, single: bool, scope: Scope) -> Take:
        """Reads the columns of so many rows of a node."""
        self.spent += rows + 1
        if self.spent > MAX_ROWS:
            raise FormatError("more rows than this reader takes")
        if rows == 0:
            return lambda: None
        node, body = self.schema.nodes[at], self.body
        if floats := self.schema.run(at):
            found = struct.iter_unpack(f"<{floats}", body.take(rows * struct.calcsize(f"<{floats}")))
            return lambda: self.run(at, iter(next(found)))
        if node.is_edge():
            return self.edge(node, rows, single, scope)
        match node.kind:
            case Kind.UNIT:
                return lambda: None
            case Kind.INTEGER:
                return iter(body.integers(rows, node.bits, node.signed)).__next__
            case Kind.BOOL:
                return iter([flag == 1 for flag in self.numbers(rows, 8, 2)]).__next__
            case Kind.CHAR:
                chars = map(chr, self.numbers(rows, 32, 0x110000))
                return iter([utf8(char.encode(errors="surrogatepass")) for char in chars]).__next__
            case Kind.TEXT:
                return iter(self.texts(rows)).__next__
            case Kind.OPAQUE:
                return iter([{"cbor": body.take(length).hex()} for length in body.integers(rows, 32)]).__next__
            case Kind.OPTION:
                flags = self.numbers(rows, 8, 2)
                return self.option(flags, node.nodes[0], self.rows(node.nodes[0], sum(flags), single, scope))
            case Kind.ARRAY:
                element = self.rows(node.nodes[0], rows * node.number, single and node.number == 1, scope)
                return lambda: [element() for _ in range(node.number)]
            case Kind.ENUM:
                return self.variants(node, rows, single, scope)
            case Kind.FORMATTED:
                inner = self.rows(node.nodes[0], rows, single, scope)
                return lambda: address(node.number, inner())
        parts = [self.rows(part, rows, single, scope) for part in node.nodes]
        record = node.records[0] if node.records else Record("", Style.TUPLE)
        return lambda: record.value([part() for part in parts])

    def numbers(self, rows: int, bits: int, end: int) -> list[int]:
        found = self.body.integers(rows, bits)
        if max(found) >= end:
            raise FormatError(f"{max(found)} where at most {end - 1} can be")
        return found

    def texts(self, rows: int) -> list[str]:
        body = self.body
        if rows > 1 and body.data[body.at : body.at + 1] == b"\x7f":
            body.at += 1
            return [body.text()] * rows
        return [utf8(body.take(length)) for length in body.integers(rows, 32)]

    def run(self, at: int, floats: Iterator[float]) -> Any:
        node = self.schema.nodes[at]
        if node.kind in (Kind.F32, Kind.F64):
            number = next(floats)
            if math.isfinite(number):
                return number
            return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
        parts = node.nodes * (node.number if node.kind == Kind.ARRAY else 1)
        record = node.records[0] if node.records else Record("", Style.TUPLE)
        return record.value([self.run(part, floats) for part in parts])

    def option(self, flags: list[int], at: int, inner: Take) -> Take:
        nested, column = self.schema.can_be_null(at), iter(flags)

        def take() -> Any:
            if not next(column):
                return None
            value = inner()
            return {"Some": value} if nested and (value is None or isinstance(value, dict)) else value

        return take

    def variants(self, node: Node, rows: int, single: bool, scope: Scope) -> Take:
        found = self.numbers(rows, 8 if len(node.records) <= 256 else 16, len(node.records))
        tags, counts = iter(found), [0] * len(node.records)
        for tag in found:
            counts[tag] += 1
        variants = [
            (variant, [self.rows(part, count, single, scope) for part in variant.nodes])
            for variant, count in zip(node.records, counts)
        ]

        def take() -> Any:
            variant, fields = variants[next(tags)]
            value = variant.value([part() for part in fields])
            return variant.name if variant.style == Style.UNIT else {variant.name: value}

        return take

    def edge(self, node: Node, rows: int, single: bool, scope: Scope) -> Take:
        at = node.nodes[0]
        if node.kind == Kind.BOX:
            return self.behind(at, rows, single, scope)
        if single:
            word = self.body.varint(33)
            lengths = [word >> 1]
            element = self.groups(at, word >> 1, scope) if word & 1 else self.behind(at, word >> 1, word == 2, scope)
        else:
            lengths = self.body.integers(rows, 32)
            element = self.behind(at, sum(lengths), False, scope)
        column = iter(lengths)

        def take() -> list[Any]:
            return [element() for _ in range(next(column))]

        return take if node.kind != Kind.MAP else lambda: mapping(take())

    def groups(self, at: int, length: int, scope: Scope) -> Take:
        takes: list[Iterator[Take]] = []
        while length:
            rows = self.body.varint()
            if not 1 <= rows <= length:
                raise FormatError(f"a group of {rows} rows where {length} are left")
            takes.append(repeat(self.behind(at, rows, False, scope), rows))
            length -= rows
        elements = chain.from_iterable(takes)
        return lambda: next(elements)()

    def behind(self, at: int, rows: int, single: bool, scope: Scope) -> Take:
        """The table, or the set of tables, behind an edge to node `at`."""
        part = self.schema.part_of.get(at)
        if part is None or at not in self.schema.entries[part]:
            return self.rows(at, rows, single and part is None, scope)
        if part not in scope:
            tables = {entry: Table() for entry in self.schema.entries[part]}
            self.tables += tables.values()
            scope = {**scope, part: tables}
            for entry, table in tables.items():
                table.left = self.body.varint()
                table.take = self.rows(entry, table.left, False, scope)
        return scope[part][at].next


def mapping(pairs: list[list[Any]]) -> Any:
    found = {key: value for key, value in pairs if isinstance(key, str)}
    return found if len(found) == len(pairs) else pairs


def address(number: int, data: Any) -> str:
    """An IP address (0 to 2), or one with a port (3 to 5); behind a tag where it may be of both versions."""
    try:
        (data,) = data.values() if number % 3 == 2 else (data,)
        octets, port = data if number >= 3 else (data, None)
        ip = ipaddress.ip_address(bytes(octets))
    except (AttributeError, TypeError, ValueError):
        raise FormatError(f"bad data of an address: {data}") from None
    mapped = getattr(ip, "ipv4_mapped", None)
    text = f"::ffff:{mapped}" if mapped else str(ip)
    return text if port is None else f"{text}:{port}" if ip.version == 4 else f"[{text}]:{port}"


def read_line(source: Input) -> str:
    """Reads a frame, and gives its value as a line of JSON."""
    start = source.at
    if source.take(4) != MAGIC:
        raise FormatError("not packed by persist")
    if (version := source.byte()) != 1:
        raise FormatError(f"unknown version {version}")
    if (check := source.byte()) not in (0, 3):
        raise FormatError(f"unknown check {check}")

    def verify(part: int, data: bytes) -> None:
        if check == 3 and int.from_bytes(source.take(4), "little") != zlib.crc32(part.to_bytes(4, "little") + data):
            raise FormatError(f"wrong checksum of part {part}")

    schema = source.take(source.varint())
    verify(0, source.data[start : source.at])
    chunks: list[bytes] = []
    while length := source.varint():
        chunks.append(source.take(length))
        verify(len(chunks), chunks[-1])
    try:
        return json.dumps(Reader(Schema(schema), b"".join(chunks)).value())
    except RecursionError:
        raise FormatError("more levels than this reader takes") from None


def read_framed(source: Input) -> Iterator[str]:
    while not source.at_end():
        item = Input(source.take(int.from_bytes(source.take(4), "little")), "input")
        try:
            line = read_line(item)
            yield line if item.at_end() else "error: bytes behind the value"
        except FormatError as error:
            yield f"error: {error}"


def read_all(source: Input) -> Iterator[str]:
    while True:
        yield read_line(source)
        if source.at_end():
            break


def main(arguments: list[str]) -> int:
    framed = arguments == ["--framed"]
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-") and not framed):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with sys.stdin.buffer if framed or not arguments else open(arguments[0], "rb") as file:
            source = Input(file.read(), "input")
        for line in (read_framed if framed else read_all)(source):
            print(line)
    except (FormatError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.setrecursionlimit(MAX_DEPTH)
    threading.stack_size(1 << 28)  # Deep values need a deep stack, which only threads can have.
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(main(sys.argv[1:])))
    thread.start()
    thread.join()
    sys.exit(codes[0] if codes else 1)
