// Pairing by a typed code: Baileys shows it, the simulated phone gets it typed. What wa-sync then
// does with the same phone is in tests/e2e/link_code_test.py.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client } from './client.mjs';
import { Simulator } from './simulator.mjs';

const PHONE = '40737123397';

describe('pairing by code', () => {
  let simulator;
  const clients = [];
  const client = () => {
    const made = new Client(simulator);
    clients.push(made);
    return made;
  };
  before(async () => { simulator = await Simulator.start('--history-inline'); });
  after(async () => {
    for (const each of clients) await each.disconnect();
    await simulator?.stop();
  });

  test('Baileys is linked, and the history comes', async () => {
    const linked = client();
    await linked.pairByCode(PHONE);
    await linked.wholeHistory();
    assert.match(linked.creds.me.id, new RegExp(`^${PHONE}:\\d+@s\\.whatsapp\\.net$`));
    assert.deepEqual((await simulator.state()).complaints, []);
  });

  test('a wrong code links nothing', async () => {
    const refused = client();
    refused.connect();
    await refused.until('the connection', () => refused.qr);
    await refused.socket.requestPairingCode(PHONE);
    const companions = (await simulator.state()).companions.length;
    await simulator.typeCode('11111111');
    const { complaints } = await simulator.until(
        'the phone notices', () => simulator.state(), state => state.complaints.length > 0);
    assert.match(complaints[0], /wrong code/);
    assert.equal((await simulator.state()).companions.length, companions);
  });
});
