#!/usr/bin/env python3
"""Expected transitions of four models on the PRTR penalties, computed from the CSV files alone.

An independent check of import, engine and backtest: written from the definition of the models, with intervals
instead of events in sequence, and without any code of the program. Standard library only.

    python3 test/proof/prtr_reference.py FOLDER --to 2017-01-01T00:00:00+08:00

FOLDER holds penalties.csv.gz and facilities.csv.gz. One line of JSON per transition on standard output:
model, key, level, previous, clock (epoch ms), ordered by (clock, model, key).

A level's condition holds over a set of half-open intervals [from, until) of the clock. A window of length W holds
a penalty of instant t while t <= clock < t + W. A level is on from the start of an interval until `hold` after its
end, without a break where the next interval begins by then. The level shown is the gravest that is on.
"""
import argparse
import csv
import gzip
import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

LOCAL = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DAY = 86_400_000
GRAVEST_FIRST = ("red", "orange", "yellow", "blue")


def instant(day):
    """Local midnight of a day written 2011/03/01, epoch ms."""
    moment = datetime.strptime(day, "%Y/%m/%d").replace(tzinfo=LOCAL)
    return (moment - EPOCH) // timedelta(milliseconds=1)


def law_of(text):
    """The first act (法 or 條例, not 辦法) that is named, else whatever is named first; without its edition."""
    names = []
    for provision in text.replace(" ", "").split("，"):
        name, mark, _ = provision.partition("第")
        if mark and name:
            names.append(name.split("(修訂")[0])
    acts = [n for n in names if n.endswith("條例") or (n.endswith("法") and not n.endswith("辦法"))]
    return (acts or names or [None])[0]


def read_rows(path):
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_penalties(folder):
    """Penalties by facility: (instant, amount or None, law); identical rows count once."""
    facilities, seen = {}, set()
    for row in read_rows(folder / "penalties.csv.gz"):
        content = tuple(row.values())
        if content in seen:
            continue
        seen.add(content)
        amount = int(row["PENALTYMONEY"]) if row["PENALTYMONEY"] else None
        penalty = (instant(row["PENALTYDATE"]), amount, law_of(row["TRANSGRESSLAW"]))
        facilities.setdefault(row["REGISTRATIONNO"].replace(" ", ""), []).append(penalty)
    return facilities


def at_least_so_many(penalties, window, number):
    """The i-th to the (i + number - 1)-th penalty are all in the window from the last's instant to the first's end."""
    times = sorted(time for time, _, _ in penalties)
    last = number - 1
    return [
        (times[i + last], times[i] + window)
        for i in range(len(times) - last)
        if times[i + last] < times[i] + window
    ]


def where(penalties, window, holds):
    """Intervals in which `holds` is true of the penalties in the window, looked at wherever these change."""
    edges = sorted({time + shift for time, _, _ in penalties for shift in (0, window)})
    intervals = []
    for start, end in zip(edges, edges[1:]):
        if holds([p for p in penalties if start - window < p[0] <= start]):
            intervals.append((start, end))
    return intervals


def fines_reach(total):
    return lambda inside: sum(amount for _, amount, _ in inside if amount is not None) >= total


def laws_reach(number):
    return lambda inside: len({law for _, _, law in inside if law is not None}) >= number


def counted(days, thresholds):
    return {
        level: (lambda penalties, n=n: at_least_so_many(penalties, days * DAY, n))
        for level, n in thresholds.items()
    }


def looked_at(days, conditions):
    return {
        level: (lambda penalties, holds=holds: where(penalties, days * DAY, holds))
        for level, holds in conditions.items()
    }


# Name: hold, and for each level how to find the intervals in which its condition is true.
MODELS = {
    "ecology/repeat-penalties": (0, counted(730, {"yellow": 3, "orange": 5, "red": 10})),
    "ecology/penalty-burst": (7 * DAY, counted(30, {"yellow": 3, "orange": 5, "red": 10})),
    "ecology/heavy-fines": (
        0,
        looked_at(
            365,
            {
                "yellow": fines_reach(500_000),
                "orange": fines_reach(1_000_000),
                "red": fines_reach(2_000_000),
            },
        ),
    ),
    "ecology/several-articles": (0, looked_at(365, {"yellow": laws_reach(3), "orange": laws_reach(4)})),
}


def joined(intervals, hold):
    """Intervals lengthened by `hold`; those that then touch or overlap become one."""
    result = []
    for start, end in sorted((start, end + hold) for start, end in intervals):
        if result and start <= result[-1][1]:
            result[-1][1] = max(result[-1][1], end)
        else:
            result.append([start, end])
    return result


def transitions(penalties, hold, levels, until):
    """(clock, level, previous) for one facility."""
    on, true_so_far = {}, []
    for level in GRAVEST_FIRST:
        if level in levels:
            # A level's condition also holds where that of a graver one does.
            true_so_far = true_so_far + levels[level](penalties)
            on[level] = joined(true_so_far, hold)
    shown, found = "none", []
    for clock in sorted({edge for intervals in on.values() for pair in intervals for edge in pair}):
        if clock > until:
            break
        level = next(
            (name for name, intervals in on.items() if any(a <= clock < b for a, b in intervals)), "none"
        )
        if level != shown:
            found.append((clock, level, shown))
            shown = level
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--to", required=True, help="end of the run, with offset")
    arguments = parser.parse_args()
    until = (datetime.fromisoformat(arguments.to) - EPOCH) // timedelta(milliseconds=1)
    # The models speak about registered polluters only; the registry is known before the first penalty.
    registered = {row["id"] for row in read_rows(arguments.folder / "facilities.csv.gz") if row["id"]}
    lines = []
    for facility, penalties in read_penalties(arguments.folder).items():
        if facility not in registered:
            continue
        for model, (hold, levels) in MODELS.items():
            for clock, level, previous in transitions(penalties, hold, levels, until):
                lines.append((clock, model, f"prtr:{facility}", level, previous))
    for clock, model, key, level, previous in sorted(lines):
        record = {"model": model, "key": key, "level": level, "previous": previous, "clock": clock}
        sys.stdout.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
