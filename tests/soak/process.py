"""What a process holds, sampled while it runs."""

import os
import statistics


def rss_kib(pid):
    with open("/proc/%d/status" % pid) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


class Samples:
    """Of memory and descriptors; what came before the warm-up's end does not count."""

    def __init__(self, pid):
        self.pid = pid
        self.rss = []
        self.open = []

    def take(self):
        self.rss.append(rss_kib(self.pid))
        self.open.append(descriptors(self.pid))

    def growth(self, values):
        """From the second quarter of the time to the last, by their medians."""
        quarter = max(1, len(values) // 4)
        return statistics.median(values[-quarter:]) - statistics.median(values[quarter : 2 * quarter])

    def quarters(self, values):
        quarter = max(1, len(values) // 4)
        return [int(statistics.median(values[n * quarter : (n + 1) * quarter])) for n in range(4)]
