// wa-sim seen by a client that others wrote: an unmodified Baileys pairs, logs in, receives
// its history and its messages. What the simulator does wrong on purpose, Baileys refuses.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { baileys } from './baileys.mjs';
import { Client, DisconnectReason } from './client.mjs';
import { Simulator } from './simulator.mjs';

// Of the small history: status, bootstrap, push names, side data, recent, full.
const CHUNKS = 6;
const ANA = '40721000001@s.whatsapp.net';

// A simulator and a client for each test, both gone behind it.
let simulator, client;
const clients = [];
function newClient(auth) {
  const made = new Client(simulator, auth);
  clients.push(made);
  return made;
}
async function start(...options) {
  simulator = await Simulator.start('--history-inline', ...options);
  client = newClient();
}
afterEach(async () => {
  for (const made of clients.splice(0)) await made.disconnect();
  await simulator?.stop();
  simulator = undefined;
});


// --- pairing and login -----------------------------------------------------------------------

describe('pairing', () => {
  beforeEach(() => start());

  test('by QR, restart, login, pre-keys; and nothing in it surprised the simulator', async () => {
    await client.pair();
    assert.deepEqual(client.connections, [DisconnectReason.restartRequired, 'open']);
    assert.match(client.creds.me.id, /^40737123397:\d+@s\.whatsapp\.net$/);
    assert.match(client.creds.me.lid, /^\d+:\d+@lid$/);
    assert.equal(client.creds.platform, 'android');
    await client.wholeHistory();
    const { companions, complaints, unknown_queries, waiting_for_scan } = await simulator.state();
    assert.deepEqual(
        companions.map(({ jid, lid, active }) => ({ jid, lid, active })),
        [{ jid: client.creds.me.id, lid: client.creds.me.lid, active: true }]);
    // The phone's first message used one up.
    assert.equal(companions[0].pre_keys, 811);
    assert.equal(client.keys.count('pre-key'), 811);
    assert.deepEqual(complaints, []);
    assert.deepEqual(unknown_queries, []);
    assert.equal(waiting_for_scan, false);
  });

  test('a code that is not shown, or shown no more, cannot be scanned', async () => {
    client.connect();
    const qr = await client.until('a QR code', () => client.qr);
    await assert.rejects(simulator.scan(qr.replace('2@', '2@x')), /40\d/);
    const restarted = client.closed();
    await simulator.scan(qr);
    assert.equal(await restarted, DisconnectReason.restartRequired);
    await assert.rejects(simulator.scan(qr), /40\d/);
  });

  test('the same keys are accepted again, and the history does not come twice', async () => {
    await client.pair();
    await client.wholeHistory();
    const chunks = client.chunks.length;
    await client.disconnect();
    await client.login();
    assert.equal(client.connections.at(-1), 'open');
    // Whatever the server had in store came before this.
    const arrived = client.until('a message', () => client.realtime.length > 0);
    await simulator.sendMessage({ chat: ANA, text: 'și acum?' });
    await arrived;
    assert.equal(client.chunks.length, chunks);
    assert.equal((await simulator.state()).logins, 2);
  });

  test('another Noise key is refused', async () => {
    await client.pair();
    await client.disconnect();
    client.creds.noiseKey = baileys.Curve.generateKeyPair();
    const closed = client.closed();
    client.connect();
    assert.equal(await closed, DisconnectReason.loggedOut);
  });

  test('after logging out the device is unknown', async () => {
    await client.pair();
    const closed = client.closed();
    await client.socket.logout();
    assert.equal(await closed, DisconnectReason.loggedOut);
    const refused = client.closed();
    client.connect();
    assert.equal(await refused, DisconnectReason.loggedOut);
    assert.deepEqual((await simulator.state()).companions, []);
  });

  test('a second connection of the same device takes the place of the first', async () => {
    await client.pair();
    const replaced = client.closed();
    const second = newClient({ creds: client.creds, keys: client.keys });
    await second.login();
    assert.equal(await replaced, DisconnectReason.connectionReplaced);
  });

  test('two devices of one phone are two', async () => {
    await client.pair();
    const second = newClient();
    await second.pair();
    assert.notEqual(client.creds.me.id, second.creds.me.id);
    const both = [client, second].map(
        who => who.until('the message', () => who.realtime.find(({ key }) => key.id === '3AFEED')));
    await simulator.sendMessage({ chat: ANA, text: 'la amândoi', id: '3AFEED' });
    for (const { message } of await Promise.all(both))
      assert.equal(message.conversation, 'la amândoi');
  });
});

// --- what must be refused --------------------------------------------------------------------

describe('Baileys refuses', () => {
  for (const [fault, reason] of [
           ['bad-adv-hmac', /Invalid account signature/],
           ['bad-adv-signature', /verify account signature/]]) {
    test(`a device identity with ${fault}`, async () => {
      await start('--fault', fault);
      client.connect();
      const qr = await client.until('a QR code', () => client.qr);
      const closed = client.closed();
      await simulator.scan(qr);
      await closed;
      assert.match(client.closeError.message, reason);
      assert.equal(client.creds.me, undefined);
      assert.deepEqual((await simulator.state()).companions, []);
    });
  }

  test('a certificate under another root', async () => {
    await start('--fault', 'wrong-root');
    const closed = client.closed();
    client.connect();
    await closed;
    assert.match(client.closeError.message, /noise intermediate certificate signature invalid/);
    assert.equal(client.qr, undefined);
  });

  test('and is refused: an outdated client, a banned login', async () => {
    await start('--fault', 'refuse-registration=405');
    const outdated = client.closed();
    client.connect();
    assert.equal(await outdated, 405);
    await simulator.fault('refuse-registration=off');
    await client.pair();
    await client.disconnect();
    await simulator.fault('refuse-login=403');
    const banned = client.closed();
    client.connect();
    assert.equal(await banned, DisconnectReason.forbidden);
  });
});

// --- realtime --------------------------------------------------------------------------------

describe('messages', () => {
  beforeEach(async () => {
    await start();
    await client.pair();
    await client.wholeHistory();
  });
  const arrival = id =>
      client.until(`message ${id}`, () => client.realtime.find(({ key }) => key.id === id));

  test('from a contact, with name and times; many in a row', async () => {
    for (let i = 0; i < 20; ++i)
      await simulator.sendMessage({ chat: ANA, text: `mesajul ${i} 😀`, id: `3A0${i}` });
    for (let i = 0; i < 20; ++i) {
      const { key, message, pushName, messageTimestamp } = await arrival(`3A0${i}`);
      assert.deepEqual([key.remoteJid, key.fromMe, pushName], [ANA, false, 'Ana 🌸']);
      assert.equal(message.conversation, `mesajul ${i} 😀`);
      assert.ok(Math.abs(Number(messageTimestamp) - Date.now() / 1000) < 300);
    }
  });

  test('from the owner\'s phone', async () => {
    await simulator.sendMessage({ chat: ANA, text: 'de pe telefon', from: 'me', id: '3A0A' });
    const { key, message } = await arrival('3A0A');
    assert.deepEqual([key.remoteJid, key.fromMe], [ANA, true]);
    assert.equal(message.conversation, 'de pe telefon');
  });

  test('from a chat by LID, with the phone number beside it', async () => {
    const chat = '120000000000002@lid';
    await simulator.sendMessage({ chat, text: 'salut', id: '3A0B' });
    const { key, message } = await arrival('3A0B');
    assert.deepEqual([key.remoteJid, key.remoteJidAlt], [chat, '40721000002@s.whatsapp.net']);
    assert.equal(message.conversation, 'salut');
  });

  test('to a group, by sender key', async () => {
    const chat = '120363000000000001@g.us';
    for (const [id, from] of [['3A0C', ANA], ['3A0D', '40721000005@s.whatsapp.net'], ['3A0E', ANA]])
      await simulator.sendMessage({ chat, from, text: `grup ${id}`, id });
    for (const [id, from] of [
             ['3A0C', ANA], ['3A0D', '40721000005@s.whatsapp.net'], ['3A0E', ANA]]) {
      const { key, message } = await arrival(id);
      assert.deepEqual([key.remoteJid, key.participant], [chat, from]);
      assert.equal(message.conversation, `grup ${id}`);
    }
  });

  test('sent while the client was away come at the next login, once', async () => {
    await client.disconnect();
    await simulator.sendMessage({ chat: ANA, text: 'unde ești?', id: '3A0F' });
    await client.login();
    assert.equal((await arrival('3A0F')).message.conversation, 'unde ești?');
    await simulator.sendMessage({ chat: ANA, text: 'ultimul', id: '3A10' });
    await arrival('3A10');
    assert.equal(client.realtime.filter(({ key }) => key.id === '3A0F').length, 1);
  });

  test('a cut connection is noticed, and the next one works', async () => {
    const closed = client.closed();
    await simulator.drop();
    await closed;
    await client.login();
    await simulator.sendMessage({ chat: ANA, text: 'înapoi', id: '3A11' });
    assert.equal((await arrival('3A11')).message.conversation, 'înapoi');
  });

  test('every stanza gets its receipt or ack, and the simulator forgets it', async () => {
    await simulator.sendMessage({ chat: ANA, text: 'primit?', id: '3A12' });
    await arrival('3A12');
    const { receipts } = await simulator.receiptsUntil(
        'the receipts', seen => seen.receipts.some(({ id }) => id === '3A12'));
    assert.equal(receipts.filter(({ type }) => type === 'hist_sync').length, CHUNKS);
    await simulator.until(
        'nothing is pending', () => simulator.state(),
        ({ companions }) => companions[0].pending === 0);
  });
});

// --- what goes to the phone and comes back ---------------------------------------------------

describe('the other way', () => {
  const chat = ANA;
  const arrival = id =>
      client.until(`message ${id}`, () => client.realtime.find(({ key }) => key.id === id));

  test('older messages, asked of the phone, come', async () => {
    // Baileys does not mark its request as privacy sensitive.
    await start('--older', '30', '--fault', 'forgive-privacy-mark');
    await client.pair();
    await client.wholeHistory();
    const inChat = () => [...client.messages.values()].filter(({ key }) => key.remoteJid === chat);
    const known = inChat();
    const oldest =
        known.reduce((a, b) => Number(a.messageTimestamp) <= Number(b.messageTimestamp) ? a : b);
    const older = () => inChat().filter(
        message => !known.includes(message) &&
            Number(message.messageTimestamp) <= Number(oldest.messageTimestamp));
    await client.socket.fetchMessageHistory(20, oldest.key, Number(oldest.messageTimestamp));
    await client.until('20 older messages', () => older().length === 20);
    assert.equal(inChat().length, known.length + 20);
    assert.deepEqual((await simulator.state()).complaints, []);
  });

  test('a message from Baileys reaches the contact\'s phone', async () => {
    await start();
    await client.pair();
    await client.wholeHistory();
    // One whose LID Baileys knows: it writes to nobody else.
    const { key } =
        await client.socket.sendMessage('40721000002@s.whatsapp.net', { text: 'răspuns 😀' });
    const { delivered } = await simulator.receiptsUntil(
        'the message', seen => seen.delivered.some(({ id }) => id === key.id));
    assert.deepEqual(
        delivered.filter(({ id }) => id === key.id).map(({ text }) => text), ['răspuns 😀']);
    assert.deepEqual((await simulator.state()).complaints, []);
  });

  test('what does not decrypt is asked for again, and comes', async () => {
    await start();
    await client.pair();
    await client.wholeHistory();
    await simulator.sendMessage({ chat, text: 'întâi', id: '3A20' });
    await arrival('3A20');
    await simulator.fault('undecryptable=1');
    await simulator.sendMessage({ chat, text: 'din nou', id: '3A21' });
    const message = await client.until(
        'the message, readable',
        () =>
            client.realtime.find(entry => entry.key.id === '3A21' && entry.message?.conversation) ??
            client.updates.find(entry => entry.key.id === '3A21' && entry.update.message)?.update);
    assert.equal(message.message.conversation, 'din nou');
    assert.ok((await simulator.receipts())
                  .receipts.some(({ id, type }) => id === '3A21' && type === 'retry'));
  });
});

describe('faults that Baileys survives', () => {
  test('stanzas repeated and out of order', async () => {
    await start('--fault', 'duplicate', '--fault', 'swap');
    await client.pair();
    const ids = Array.from({ length: 12 }, (_, i) => `3A3${i}`);
    for (const id of ids) await simulator.sendMessage({ chat: ANA, text: id, id });
    // Should their number be odd, with those of the history, the last one waits for its pair.
    await simulator.sendMessage({ chat: ANA, text: 'the last one', id: '3A399' });
    await client.until(
        'all messages',
        () => ids.every(
            id => client.realtime.some(
                ({ key, message }) => key.id === id && message?.conversation === id)));
  });

  test('a history notification from a stranger is dropped', async () => {
    await start('--fault', 'spoof-history');
    await client.pair();
    await client.wholeHistory();
    assert.equal(client.chats.has('40799999999@s.whatsapp.net'), false);
  });

  test('a connection cut in the middle of the history', async () => {
    await start('--fault', 'drop-after=6');
    client.connect();
    const qr = await client.until('a QR code', () => client.qr);
    const restarted = client.closed();
    await simulator.scan(qr);
    await restarted;
    const cut = client.closed();
    client.connect();
    await cut;
    await client.login();
    await client.wholeHistory();
  });
});
