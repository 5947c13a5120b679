"""Times pickle on a dict of dicts, and prints: seconds to dump, to load, bytes, and sums of what was loaded.

Arguments: entries, times, seed, tags..
"""

import pickle
import statistics
import struct
import sys
import time

ALL = (1 << 64) - 1


class Random:
    """The generator of the other side: see its `random.rs`."""

    def __init__(self, seed):
        self.state = seed

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & ALL
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & ALL
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & ALL
        return mixed ^ (mixed >> 31)

    def within(self, start, end):
        return start + ((self.bits() * (end - start)) >> 64)

    def unit(self):
        return (self.bits() >> 11) / (1 << 53)


def items(entries, seed, words):
    random = Random(seed)
    return {
        f"key_{i}": {
            "name": f"name {random.within(0, 1_000_000)}",
            "n": random.within(-1_000_000, 1_000_000),
            "x": random.unit(),
            "tags": [words[random.within(0, len(words))] for _ in range(random.within(0, 4))],
        }
        for i in range(entries)
    }


def median(times, call):
    spent = []
    for _ in range(times):
        begin = time.thread_time()
        result = call()
        spent.append(time.thread_time() - begin)
        del result
    return statistics.median(spent)


def main():
    entries, times, seed = map(int, sys.argv[1:4])
    data = items(entries, seed, sys.argv[4:])
    pickled = pickle.dumps(data, protocol=5)
    dump = median(times, lambda: pickle.dumps(data, protocol=5))
    load = median(times, lambda: pickle.loads(pickled))
    text = n = x = 0
    loaded = pickle.loads(pickled)
    for key, item in loaded.items():
        texts = [key, item["name"], *item["tags"]]
        text += sum(place * sum(word.encode()) for place, word in enumerate(texts, 1))
        n += item["n"]
        x += struct.unpack("<Q", struct.pack("<d", item["x"]))[0]
    print(dump, load, len(pickled), len(loaded), text, n, x & ALL)


main()
