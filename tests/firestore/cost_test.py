#!/usr/bin/env python3
"""What an upload costs: writes and reads per ingested message, as Google bills them.

usage: ctest --test-dir BUILD_DIR -R firestore.cost
"""

import collections
import os

import harness
from case import FirestoreCase


class Cost(FirestoreCase):
    def check(self, dataset, *options):
        simulator, proxy = self.simulator(*options, dataset=dataset), self.proxy()
        run = self.paired(simulator, **self.where(proxy.host))
        done = run.named("done")[0]
        self.assertEqual(done["upload"]["queued"], 0)
        times = collections.Counter(
            name for each in proxy.requests("batchWrite") for name in each.names
        )
        kinds = collections.Counter()
        for name, count in times.items():
            kinds["messages" if "/messages/" in name else name.partition("/")[0]] += count
        self.assertEqual(sum(kinds.values()), proxy.writes)
        # A slow machine needs more passes, each of which writes what has changed since the last.
        self.assertLessEqual(kinds["messages"], 1.02 * done["messages"], kinds)
        self.assertLessEqual(proxy.writes, 1.08 * done["messages"], kinds)
        # Of the adoption: the account and a query that finds nothing.
        self.assertEqual(proxy.reads, 2, proxy.journal[:5])
        return proxy

    def test_400_conversations(self):
        self.check("400x50")

    def test_in_small_chunks(self):
        """Of threads that grow while they are uploaded."""
        self.check("50x100", "--chunk", "200")

    def test_a_large_account(self):
        self.check("2000x50" if os.environ.get("WASYNC_LONG") else "1000x50")


if __name__ == "__main__":
    harness.main()
