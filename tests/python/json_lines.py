#!/usr/bin/env python3
"""Reads each line of standard input as JSON, and writes it again."""

import json
import sys

for line in sys.stdin:
    print(json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":")))
