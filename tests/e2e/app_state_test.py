#!/usr/bin/env python3
"""Names and settings that the phone keeps in app state: fetched beside the history, believed
only from the phone, and never at the history's expense.

usage: app_state_test.py BUILD_BIN_DIR [TEST…]
"""

import harness
from harness import OK, Case

COLLECTIONS = ["critical_block", "critical_unblock_low", "regular_high", "regular", "regular_low"]
# Saved in the phone, and no chunk of history says how.
PRIVATE, PRIVATE_NAME = "40721000012@s.whatsapp.net", "Cătălina Ionescu"
ANA = "40721000001@s.whatsapp.net"
CURRENT, AWAITS_KEY, DAMAGED = 2, 3, 4  # Standing in core/session/app_state/collection.h


class AppState(Case):
    def name_of(self, jid):
        (name,) = [each["name"] for each in self.threads() if each["jid"] == jid]
        return name

    def standings(self):
        return dict(self.database().execute("SELECT name, standing FROM app_state_collections"))

    def settings(self):
        return {
            jid: {"archived": bool(archived), "pinned": bool(pinned), "muted": muted > 4e9}
            for jid, archived, pinned, muted in self.database().execute(
                "SELECT jid, archived_on_phone, pinned_on_phone, muted_until FROM threads"
            )
        }

    def linked(self, simulator):
        """Online, and with app state as it is so far; the phone holds back its history."""
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        run.event("paired")
        self.until_asked(simulator, len(COLLECTIONS))
        return run

    def until_asked(self, simulator, times):
        simulator.until(lambda state: len(state["app_state_queries"]) >= times)

    def rename(self, simulator, jid, name):
        simulator.ask("mock-phone/rename-contact", harness.json.dumps({"jid": jid, "name": name}))

    def test_names_and_settings_beside_the_history(self):
        simulator = self.simulator()
        run = self.paired(simulator)
        self.assertEqual(run.err.text(), "")
        self.assertEqual(self.name_of(PRIVATE), PRIVATE_NAME)
        self.assert_inbox_equals(simulator)
        queries = simulator.state()["app_state_queries"]
        self.assertEqual([each["collection"] for each in queries], COLLECTIONS)
        self.assertTrue(all(each["snapshot"] for each in queries))
        self.assertEqual(set(self.standings().values()), {CURRENT})
        settings = self.settings()
        for thread in simulator.dataset()["threads"]:
            self.assertEqual(
                settings[thread["jid"]],
                {name: thread[name + "_on_phone"] for name in ("archived", "pinned", "muted")},
                thread["jid"],
            )

    def test_without_snapshots(self):
        for fault in ("app-state-patches", "app-state-patches=external"):
            with self.subTest(fault=fault):
                self.state = self.scratch + "/state-" + fault
                simulator = self.simulator(faults=[fault])
                # Several patches, which come one by one.
                for number in range(3):
                    self.rename(simulator, ANA, "Ana %d" % number)
                self.rename(simulator, ANA, "Ana Popescu")
                self.paired(simulator)
                self.assert_inbox_equals(simulator)
                contacts = [
                    each["version"]
                    for each in simulator.state()["app_state_queries"]
                    if each["collection"] == "critical_unblock_low"
                ]
                self.assertEqual(contacts, [0, 1, 2, 3, 4])

    def test_names_that_come_before_and_during_the_history(self):
        simulator = self.simulator(faults=["hold-history"])
        run = self.linked(simulator)
        self.rename(simulator, PRIVATE, "Cătălina (nou)")
        self.until_asked(simulator, len(COLLECTIONS) + 1)
        latest = simulator.state()["app_state_queries"][-1]
        self.assertEqual(
            latest, {"collection": "critical_unblock_low", "version": 1, "snapshot": False}
        )
        simulator.fault("hold-history=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual(self.name_of(PRIVATE), "Cătălina (nou)")

    def test_a_bad_patch_is_replaced_by_a_snapshot(self):
        simulator = self.simulator(faults=["hold-history"])
        run = self.linked(simulator)
        simulator.fault("bad-app-state-mac=patch")
        self.rename(simulator, PRIVATE, "Cătălina (nou)")
        self.until_asked(simulator, len(COLLECTIONS) + 2)
        simulator.fault("hold-history=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual(self.name_of(PRIVATE), "Cătălina (nou)")
        self.assertEqual(set(self.standings().values()), {CURRENT})
        self.assertIn("MAC", run.err.text())

    def test_the_end_of_the_history_waits_for_names(self):
        simulator = self.simulator(faults=["hold-app-state"])
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        while run.event("history")["type"] != "PUSH_NAME":
            pass
        # Longer than it lingers when there is nothing left to come.
        with self.assertRaises(harness.subprocess.TimeoutExpired):
            run.process.wait(4)
        simulator.fault("hold-app-state=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assert_inbox_equals(simulator)

    def test_names_come_over_the_next_connection(self):
        simulator = self.simulator(faults=["hold-app-state"])
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        while run.event("history")["type"] != "PUSH_NAME":
            pass
        simulator.drop_connections()
        simulator.fault("hold-app-state=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assert_inbox_equals(simulator)

    def check_without(self, simulator, standing=None, says=()):
        """The history is as complete as ever, only names that app state tells are not there."""
        run = self.paired(simulator)
        self.assertEqual(run.named("done")[0]["ending"], "complete")
        self.assert_inbox_equals(simulator, app_state=False)
        self.assertEqual(self.name_of(PRIVATE), "cata")
        self.assert_sound()
        if standing:
            self.assertEqual(self.standings()["critical_unblock_low"], standing)
        for word in says:
            self.assertIn(word, run.err.text())
        return run

    def test_what_cannot_be_verified_is_repaired_by_the_phone(self):
        simulator = self.simulator(faults=["bad-app-state-mac", "hold-history"])
        run = self.linked(simulator)
        deadline = harness.time.monotonic() + harness.PATIENCE
        while DAMAGED in self.standings().values() or len(self.standings()) < len(COLLECTIONS):
            self.assertLess(harness.time.monotonic(), deadline, self.standings())
        simulator.fault("hold-history=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual(run.named("done")[0]["app_state"], {"damaged": []})
        self.assert_inbox_equals(simulator)

    def test_what_fails_its_macs_does_no_harm(self):
        simulator = self.simulator(faults=["bad-app-state-mac", "no-app-state-recovery"])
        run = self.check_without(simulator, DAMAGED, ["cannot be trusted, also when fetched anew"])
        # Twice and no more, of each that has any content.
        asked = [each["collection"] for each in simulator.state()["app_state_queries"]]
        self.assertEqual(asked.count("critical_unblock_low"), 2)
        self.assertEqual(asked.count("regular"), 1)
        self.assertNotIn("error", {event["event"] for event in run.events})
        self.check_damage_is_told(run)

    def check_damage_is_told(self, run):
        damaged = [name for name, standing in self.standings().items() if standing == DAMAGED]
        told = {"damaged": sorted(damaged)}
        self.assertEqual(run.named("done")[0]["app_state"], told)
        (account,) = self.json_of("accounts", "list")
        self.assertEqual(account["app_state"], told)
        for language, words in (("en", "cannot be trusted"), ("ro", "de încredere")):
            listed = self.run_sync("accounts", "list", "--lang", language)
            self.assertIn("+40737123397", listed.out.text())
            for word in (words, "critical_unblock_low", "wa-sync pair --again"):
                self.assertIn(word, listed.err.text())
        self.assertEqual(self.run_sync("accounts", "list", "--quiet").err.text(), "")

    def test_damage_is_told_until_it_is_mended(self):
        simulator = self.simulator(faults=["bad-app-state-mac", "no-app-state-recovery"])
        where = ("--server", simulator.url, "--server-key", simulator.key)
        run = self.start("pair", "--method", "qr", *where)
        line = run.out.next(harness.time.monotonic() + harness.PATIENCE)
        simulator.scan(line.split(" code=")[1].strip())
        self.assertEqual(run.wait(), OK, run.account())
        self.assertIn("critical_unblock_low", run.err.text())
        self.assertIn("names", run.err.text())
        simulator.fault("bad-app-state-mac=off")
        done = self.paired(simulator, "--again").named("done")[0]
        self.assertEqual(done["app_state"], {"damaged": []})
        listed = self.run_sync("accounts", "list")
        self.assertEqual((listed.code, listed.err.text()), (OK, ""))
        self.assert_inbox_equals(simulator)

    def test_a_phone_that_shares_no_keys(self):
        simulator = self.simulator(faults=["no-app-state-keys"])
        run = self.check_without(simulator)
        self.assertEqual(run.err.text(), "")
        self.assertEqual(simulator.state()["app_state_queries"], [])

    def test_a_contact_cannot_share_keys(self):
        # It has the right ones: that they open everything must not matter.
        simulator = self.simulator(faults=["no-app-state-keys", "spoof-app-state-keys"])
        self.check_without(simulator, says=["only our own phone may send"])
        self.assertEqual(simulator.state()["app_state_queries"], [])
        keys = self.database().execute("SELECT count(*) FROM app_state_keys").fetchone()
        self.assertEqual(keys, (0,))
        self.assertEqual(simulator.state()["companions"][0]["pending"], 0)

    def test_pairing_again_fetches_everything_anew(self):
        simulator = self.simulator()
        self.paired(simulator)
        self.rename(simulator, PRIVATE, "Cătălina (nou)")
        self.paired(simulator, "--again")
        self.assertEqual(self.name_of(PRIVATE), "Cătălina (nou)")
        self.assertEqual(set(self.standings().values()), {CURRENT})


if __name__ == "__main__":
    harness.main()
