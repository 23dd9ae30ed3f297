"""`pair` into Firestore: what the phone has stands there, as Google's own client reads it."""

import harness
from case import FirestoreCase


class Pair(FirestoreCase):
    def test_small(self):
        simulator = self.simulator()
        run = self.paired(simulator, **self.where())
        google = self.google()
        self.assert_uploaded(simulator, google)


if __name__ == "__main__":
    harness.main()
