"""Timing of whole commands in pairs, and the table's lines."""

import os
import statistics
import subprocess
import time


class Command:
    def __init__(self, *arguments, output="/dev/null", environment=None):
        self.arguments = [str(a) for a in arguments]
        self.output = output
        self.environment = {**os.environ, **(environment or {})}

    def run(self):
        """Seconds of wall time and the peak of resident memory in MB; raises where the command fails."""
        with open(self.output, "wb") as output:
            start = time.perf_counter()
            process = subprocess.Popen(
                self.arguments, stdout=output, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=self.environment
            )
            errors = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
        if os.waitstatus_to_exitcode(status) != 0:
            raise RuntimeError(f"{' '.join(self.arguments)}: {errors.decode(errors='replace')[-500:]}")
        process.returncode = 0
        return seconds, usage.ru_maxrss / 1024


class Reported(Command):
    """A command that prints the seconds itself."""

    def run(self):
        text = subprocess.run(
            self.arguments, capture_output=True, text=True, env=self.environment, check=True, stdin=subprocess.DEVNULL
        ).stdout
        return float(text.split()[-1]), 0


class Beyond(Command):
    """What a command takes beyond another that does a part of it."""

    def __init__(self, whole, part):
        self.whole, self.part = whole, part

    def run(self):
        whole, memory = self.whole.run()
        part, _ = self.part.run()
        return whole - part, memory


class Fresh(Command):
    """A command that makes a new file on a disk at rest, in memory that was in use just before: a virtual machine's host may
    have taken back what was free for long, and has to give it anew page by page."""

    def __init__(self, command, *outputs):
        self.command, self.outputs = command, outputs

    def run(self):
        os.sync()
        for path in self.outputs:
            if os.path.exists(path):
                os.remove(path)
        return self.command.run()


def seconds(value):
    return f"{value:.3f} s" if value < 9.9995 else f"{value:,.0f} s"


class Table:
    def __init__(self):
        self.lines = []
        self.failures = []

    def add(self, what, ours, peer, ratio, goal, met):
        self.lines.append((what, ours, peer, ratio, goal, "–" if met is None else "yes" if met else "**no**"))
        print("  ".join(self.lines[-1]), flush=True)

    def pair(self, what, ours, peer, name, at_most=None, at_least=None, repeats=7):
        """Ours and the peer in turn; the ratio of each pair, its median and its range."""
        ours.run()
        if repeats > 1:
            peer.run()
        times, peers = [], []
        for _ in range(repeats):
            peers.append(peer.run()[0])
            times.append(ours.run()[0])
        # How many times longer we take, or, for slow peers, they do.
        ratios = sorted(p / t if at_least else t / p for t, p in zip(times, peers))
        middle = statistics.median(ratios)
        digits = 0 if middle >= 20 else 2
        ratio = f"{middle:,.{digits}f} × [{ratios[0]:,.{digits}f}–{ratios[-1]:,.{digits}f}]"
        goal = f"≥ {at_least:,} ×" if at_least else f"≤ {at_most:.1f} ×" if at_most else "–"
        met = middle >= at_least if at_least else middle <= at_most if at_most else None
        self.add(
            what, seconds(statistics.median(times)), f"{name} {seconds(statistics.median(peers))}", ratio, goal, met
        )

    def alone(self, what, ours, limit=None, memory=None, repeats=7, note=""):
        """The median of several runs, and the peak of memory."""
        ours.run()
        runs = [ours.run() for _ in range(repeats)]
        times, peak = sorted(r[0] for r in runs), max(r[1] for r in runs)
        goals = ([f"≤ {limit} s"] if limit else []) + ([f"≤ {memory} MB"] if memory else [])
        met = (not limit or statistics.median(times) <= limit) and (not memory or peak <= memory)
        self.add(
            what, seconds(statistics.median(times)), note or "–",
            f"[{seconds(times[0])}–{seconds(times[-1])}], {peak:,.0f} MB", ", ".join(goals) or "–", met if goals else None,
        )
        return statistics.median(times), peak

    def markdown(self):
        head = ("what", "ours", "peer", "ratio or range, memory", "goal", "met")
        rows = [head, ("---",) * len(head)] + self.lines
        return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"
