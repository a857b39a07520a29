#!/usr/bin/env python3
"""Expected transitions of water/tank-level on the BATADAL readings, computed from the CSV files alone.

An independent check of import, engine and backtest: from the definition of the model, with intervals instead of events
in sequence, and without any code or table of the program. Standard library only.

    python3 test/proof/batadal_reference.py FOLDER
    python3 test/proof/batadal_reference.py FOLDER --attacks

FOLDER holds dataset03.csv.gz and dataset04.csv.gz. One line of JSON per transition on standard output: model, key,
level, previous, clock (epoch ms). With --attacks instead: the first and the last labelled hour of each attack.

A reading counts until the next one, three hours at most. A level is on while its condition holds and for two hours
more; the condition of orange also holds where that of red does.
"""
import csv
import gzip
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

HOUR = 3_600_000
# Metres: full, and the least that is usual.
TANKS = {
    "T1": (4.9, 0.3),
    "T2": (5.7, 0.25),
    "T3": (5.5, 2.8),
    "T4": (4.7, 1.95),
    "T5": (4.2, 1.2),
    "T6": (5.5, 4.7),
    "T7": (5.0, 1.0),
}


def read_hours(folder):
    """(epoch ms, row) of both tables in order."""
    for name in ("dataset03.csv.gz", "dataset04.csv.gz"):
        with gzip.open(folder / name, "rt", newline="") as file:
            for row in csv.DictReader(file, skipinitialspace=True):
                moment = datetime.strptime(row["DATETIME"], "%d/%m/%y %H").replace(tzinfo=timezone.utc)
                yield int(moment.timestamp()) * 1000, row


def stretches(levels, holds):
    """Half-open intervals during which the level is on."""
    found = []
    for (start, depth), following in zip(levels, levels[1:] + [(float("inf"), None)]):
        if not holds(depth):
            continue
        until = min(following[0], start + 3 * HOUR) + 2 * HOUR
        if found and start <= found[-1][1]:
            found[-1][1] = until
        else:
            found.append([start, until])
    return found


def transitions(levels, full, low):
    red = stretches(levels, lambda depth: depth > full * 1.1)
    orange = stretches(levels, lambda depth: depth > full + 0.05 or depth < low or depth > full * 1.1)
    previous = "none"
    for clock in sorted({edge for pair in red + orange for edge in pair}):
        level = "none"
        for name, intervals in (("orange", orange), ("red", red)):
            if any(start <= clock < end for start, end in intervals):
                level = name
        if level != previous:
            yield clock, level, previous
        previous = level


def attacks(hours):
    found, before = [], False
    for clock, row in hours:
        under = row["ATT_FLAG"].strip() == "1"
        if under and not before:
            found.append({"from": clock})
        if under:
            found[-1]["to"] = clock
        before = under
    return found


def main():
    hours = list(read_hours(Path(sys.argv[1])))
    if "--attacks" in sys.argv:
        for attack in attacks(hours):
            print(json.dumps(attack))
        return
    for tank, (full, low) in TANKS.items():
        levels = [(clock, float(row[f"L_{tank}"])) for clock, row in hours]
        for clock, level, previous in transitions(levels, full, low):
            line = {"model": "water/tank-level", "key": f"batadal:{tank}", "level": level, "previous": previous}
            print(json.dumps({**line, "clock": clock}))


if __name__ == "__main__":
    main()
