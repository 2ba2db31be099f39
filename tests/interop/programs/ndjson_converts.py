"""Ultralytics' own reading of an NDJSON list: python ndjson_converts.py NDJSON FOLDER. Prints the YAML it wrote."""

from __future__ import annotations

import asyncio
import json
import sys

from ultralytics.data.converter import convert_ndjson_to_yolo

print(json.dumps(str(asyncio.run(convert_ndjson_to_yolo(sys.argv[1], sys.argv[2])))))
