"""Makes the pickles beside it; without arguments, those that are checked in. `make.py FOLDER` writes to a folder."""

import collections
import pickle
import sys
from pathlib import Path


class Account:
    def __init__(self):
        self.owner = "Ada"


Point = collections.namedtuple("Point", "x y")


def data():
    return {
        "text": "Zoë 🦀 \\ \n",
        "bytes": b"\x00\xff",
        "empty": b"",
        "array": bytearray(b"ab"),
        "numbers": [0, -1, 255, 256, 65536, -(2**31), 2**63, 2**100, -(2**127), 2**128 - 1],
        "floats": [1.5, -0.0, float("inf"), 1e300],
        "flags": (True, False, None),
        "sets": [{7}, frozenset({8}), set()],
        "nested": {"a": {"b": {"c": []}}},
        None: "no key",
        3: "three",
        2.5: "two and a half",
        (1, ("x", b"y")): "a tuple",
        "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
        "default": collections.defaultdict(list, {"k": [1]}),
        "counter": collections.Counter("aab"),
        "deque": collections.deque([1, 2]),
    }


def shared():
    inner = ["v"]
    return {"twice": [inner, inner], "again": {"x": inner}}


def recursive():
    loop = {}
    loop["self"] = loop
    return loop


def bomb():
    value = ["lol"]
    for _ in range(64):
        value = [value, value]
    return value


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent

    def dump(name, value, protocol=4):
        (folder / f"{name}.pickle").write_bytes(pickle.dumps(value, protocol=protocol))

    for protocol in range(6):
        dump(f"data{protocol}", data(), protocol)
    for protocol in (0, 2, 4):
        dump(f"class{protocol}", {"account": Account()}, protocol)
    dump("namedtuple", Point(1, 2))
    dump("function", {"call": len})
    dump("shared", shared())
    dump("recursive", recursive())
    dump("bomb", bomb())
    dump("large", {"n": 2**128})
    dump("small", {"n": -(2**127) - 1}, 0)
    values = [pickle.dumps({"n": n}, protocol=p) for n, p in enumerate((5, 0, 2))]
    (folder / "several.pickle").write_bytes(b"".join(values))
    buffers = []
    out_of_band = pickle.dumps(pickle.PickleBuffer(b"abc"), protocol=5, buffer_callback=buffers.append)
    (folder / "outside.pickle").write_bytes(out_of_band)


if __name__ == "__main__":
    main()
