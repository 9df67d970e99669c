#!/usr/bin/env python3
"""What a kernel says of thousands of damaged images: it mounts them or not, and its numbers. Kept in images/mutated.json.

`node build/scripts/mutated/main.js` damages what virt-df reads of recorded images, by a seed, and compares what comes out; here
the cases are put to the kernel of a small machine (lib/manymounts.py), with a read-only and a writable mount each. Run it from
the top of the repository, after `node scripts/build.mjs --with-tests`:

    scripts/images/mutated.py FOLDER SEED [FACTOR [WORD...]]   cases and answers stay in FOLDER, and differences are printed
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lib.manymounts import Image, ask

MAIN = ["node", "build/scripts/mutated/main.js"]


def main() -> None:
    folder, seed, *rest = sys.argv[1:]
    work = Path(folder)
    work.mkdir(parents=True, exist_ok=True)
    made = work / "cases.json"
    subprocess.run([*MAIN, "make", str(made), seed, *rest], check=True)
    cases = json.loads(made.read_text())
    images = {}
    for name, image in cases["images"].items():
        raw = work / f"{name}.raw"
        subprocess.run(["qemu-img", "convert", "-O", "raw", f"images/{name}.qcow2", str(raw)], check=True)
        images[name] = Image(raw, image["kind"], image["sectorBytes"])
    asked = [[name, edits, ["ro", "rw"]] for name, edits in cases["cases"]]
    found = work / "answers.json"
    kernel, answers, start = "", [], time.monotonic()
    for answer in ask(images, asked, work):
        if "kernel" in answer:
            kernel = answer["kernel"]
            print(f"{time.monotonic() - start:.0f} s: Linux {kernel} runs", flush=True)
            continue
        number = answer.pop("case")
        name, edits, _ = asked[number]
        answers.append({"image": name, "kind": images[name].kind, "edits": edits, **answer})
        if "died" in answer or number % 100 == 0:
            # What is known so far can be compared meanwhile.
            found.write_text(json.dumps({"kernel": kernel, "answers": answers}))
            print(f"{time.monotonic() - start:.0f} s: {number} of {len(asked)}, {name}", answer.get("died", ""), flush=True)
    found.write_text(json.dumps({"kernel": kernel, "answers": answers}))
    subprocess.run([*MAIN, "compare", str(found)], check=True)


if __name__ == "__main__":
    main()
