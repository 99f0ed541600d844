#!/usr/bin/env python3
"""schema.py SCHEMA DIR: validates every directory file against the JSON Schema. TAP; skips without PyYAML or jsonschema."""
import glob
import json
import os
import sys

try:
    import jsonschema
    import yaml
except ImportError as e:
    print(f"1..0 # SKIP {e}; ./dev test installs it")
    sys.exit(0)

schema = json.load(open(sys.argv[1], encoding="utf-8"))
jsonschema.Draft202012Validator.check_schema(schema)
check = jsonschema.Draft202012Validator(schema)
files = sorted(glob.glob(os.path.join(sys.argv[2], "*.yaml")))
print(f"1..{len(files) + 2}")
ids, failed = set(), 0
for n, path in enumerate(files, 1):
    with open(path, encoding="utf-8") as f:
        data = yaml.load(f, yaml.BaseLoader)
    errors = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in check.iter_errors(data)]
    for line in data["lines"]:
        if line["id"] in ids:
            errors.append(f"{line['id']} is given twice")
        ids.add(line["id"])
    failed += bool(errors)
    print(f"{'not ' if errors else ''}ok {n} - {os.path.basename(path)}")
    for e in errors:
        print(f"# {e}")
wrong = dict(yaml.load(open(files[0], encoding="utf-8"), yaml.BaseLoader), colour="blue")
print(f"{'' if list(check.iter_errors(wrong)) else 'not '}ok {len(files) + 1} - an unknown key is an error")
wrong = {"country": "IE", "lines": [{"id": "ie-x", "name": "X", "service": "suicide", "channel": "phone", "dial": "1", "status": "current",
                                     "agreement": "single", "evidence": []}]}
print(f"{'' if list(check.iter_errors(wrong)) else 'not '}ok {len(files) + 2} - a line without evidence is an error")
sys.exit(0)
