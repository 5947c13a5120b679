"""Times Python's shelve: inserts, then reads in another order. Prints the dbm, and seconds for each."""

import os
import random
import shelve
import sys
import tempfile
import time

count, seed = int(sys.argv[1]), int(sys.argv[2])

for name in ("dbm.gnu", "dbm.sqlite3", "dbm.ndbm", "dbm.dumb"):
    try:
        module = __import__(name, fromlist=["open"])
        break
    except ImportError:
        continue

keys = list(range(count))
random.Random(seed).shuffle(keys)
values = [(key * 7, key * 0.5, key % 500, "name %d" % key) for key in keys]

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "shelf")
    begin = time.perf_counter()
    with shelve.Shelf(module.open(path, "n"), protocol=5) as shelf:
        for key, value in zip(keys, values):
            shelf[str(key)] = value
        shelf.sync()
    insert = time.perf_counter() - begin

    random.Random(seed + 1).shuffle(keys)
    with shelve.Shelf(module.open(path, "r"), protocol=5) as shelf:
        begin = time.perf_counter()
        total = 0
        for key in keys:
            total += shelf[str(key)][2]
        read = time.perf_counter() - begin

assert total == sum(value[2] for value in values)
print(name, insert, read)
