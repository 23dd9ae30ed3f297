// Baileys exactly as published, without the repair the other tests make (see baileys.mjs).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

process.env.BAILEYS_AS_PUBLISHED = '1';
const { baileys } = await import('./baileys.mjs');
const { Client, DisconnectReason } = await import('./client.mjs');
const { Simulator } = await import('./simulator.mjs');

describe('Baileys as published', () => {
  let simulator, client;
  before(async () => {
    simulator = await Simulator.start('--history-inline');
    client = new Client(simulator);
  });
  after(async () => {
    await client?.disconnect();
    await simulator?.stop();
  });

  test('pairs, receives the history, and logs in again', async () => {
    await client.pair();
    await client.wholeHistory();
    const { threads } = await simulator.dataset();
    for (const { wire_jid, message_list } of threads) {
      assert.ok(client.chats.has(wire_jid), wire_jid);
      for (const { id } of message_list) assert.ok(client.messages.has(`${wire_jid} ${id}`), id);
    }
    await client.disconnect();
    await client.login();
    assert.deepEqual(
        client.connections.filter(entry => entry === 'open' || typeof entry === 'number'),
        [DisconnectReason.restartRequired, 'open', 'open']);
    assert.deepEqual((await simulator.state()).complaints, []);
  });

  test('still ignores false signatures: when this fails, drop the repair', () => {
    const { public: key } = baileys.Curve.generateKeyPair();
    assert.equal(baileys.Curve.verify(key, Buffer.from('text'), Buffer.alloc(64)), true);
  });
});
