// The history wa-sim pushes, as Baileys reads it, against the simulator's answer key: by
// payloads inside the notifications, and by encrypted blobs.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';

import { baileys } from './baileys.mjs';
import { Client } from './client.mjs';
import { Simulator } from './simulator.mjs';

const { getContentType, jidNormalizedUser, normalizeMessageContent } = baileys;

let simulator, client;
const realFetch = globalThis.fetch;
afterEach(async () => {
  globalThis.fetch = realFetch;
  await client?.disconnect();
  await simulator?.stop();
});

// Baileys fetches blobs from one host only: send those questions to the simulator.
function redirectMedia(to) {
  const fetched = [];
  globalThis.fetch = (url, options) => {
    const { origin, pathname, search } = new URL(url);
    if (origin !== 'https://mmg.whatsapp.net') return realFetch(url, options);
    fetched.push(pathname);
    return realFetch(to + pathname + search, options);
  };
  return fetched;
}

// --- a message of Baileys in the answer key's terms ------------------------------------------

const TYPES = {
  conversation: 'text',
  extendedTextMessage: 'text',
  imageMessage: 'image',
  videoMessage: 'video',
  audioMessage: 'audio',
  documentMessage: 'document',
  stickerMessage: 'sticker',
  locationMessage: 'location',
  contactMessage: 'contact',
  pollCreationMessage: 'poll',
  pollCreationMessageV2: 'poll',
  pollCreationMessageV3: 'poll'
};

function described({ key, message, messageTimestamp, participant, reactions = [] }) {
  const content = normalizeMessageContent(message);
  const kind = getContentType(content);
  const part = content?.[kind];
  const type = TYPES[kind];
  if (!type) return undefined;  // no message for the user
  const body = typeof part === 'string' ? part : part.text ?? part.caption ?? null;
  return {
    id: key.id,
    from_me: !!key.fromMe,
    timestamp: Number(messageTimestamp),
    type,
    body: body === '' && type !== 'text' ? null : body,
    filename: part.fileName,
    quoted_id: part.contextInfo?.stanzaId,
    sender: key.fromMe ? undefined : key.participant || participant || key.remoteJid,
    reactions: reactions.map(({ text }) => text).sort()
  };
}

function senderOf(message, { wire_jid }) {
  if (message.from_me) return undefined;
  // In a direct chat it is the chat, under the address WhatsApp uses.
  return wire_jid.endsWith('@g.us') ? message.sender : wire_jid;
}

const expected = (message, thread) => ({
  id: message.id,
  from_me: message.from_me,
  timestamp: message.timestamp,
  type: message.type,
  body: message.body,
  filename: message.filename,
  quoted_id: message.quoted_id,
  sender: senderOf(message, thread),
  reactions: Object.values(message.reactions).sort()
});

const withoutUndefined = value => JSON.parse(JSON.stringify(value));
// Bytes that are no UTF-8 look different in every language.
const readable = text => !text.includes('\ufffd');

function checkThread(thread) {
  const chat = client.chats.get(thread.wire_jid);
  assert.ok(chat, `chat ${thread.wire_jid} is missing`);
  assert.deepEqual(
      {
        unread: chat.unreadCount ?? 0,
        archived: !!chat.archived,
        pinned: !!chat.pinned,
        muted: !!Number(chat.muteEndTime ?? 0)
      },
      {
        unread: thread.unread,
        archived: thread.archived_on_phone,
        pinned: thread.pinned_on_phone,
        muted: thread.muted_on_phone
      });
  const seen = [...client.messages.values()]
                   .filter(({ key }) => key.remoteJid === thread.wire_jid)
                   .map(described)
                   .filter(Boolean);
  const bySent = (a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1);
  const wanted = thread.message_list.map(message => expected(message, thread));
  // A message whose body the answer key leaves open may have any.
  const open =
      new Set(thread.message_list.filter(message => !('body' in message)).map(({ id }) => id));
  const close = message => open.has(message.id) ? { ...message, body: undefined } : message;
  assert.deepEqual(
      withoutUndefined(seen.map(close).sort(bySent)),
      withoutUndefined(wanted.map(close).sort(bySent)));
}

function checkContacts({ contacts, threads }) {
  const names = threads.filter(({ wire_jid, name }) => wire_jid.endsWith('@g.us') && name);
  assert.ok(
      names.length > 0 || threads.length === 0 ||
      threads.every(({ wire_jid }) => !wire_jid.endsWith('@g.us')));
  for (const { wire_jid, name } of names) assert.equal(client.contacts.get(wire_jid).name, name);
  for (const { jid, notify } of contacts)
    if (notify && readable(notify))
      assert.equal(client.contacts.get(jid)?.notify, notify, `push name of ${jid}`);
  for (const { wire_jid, jid, lid } of threads) {
    const saved = contacts.find(contact => contact.jid === jid)?.name;
    if (saved && readable(saved)) assert.equal(client.contacts.get(wire_jid).name, saved);
    if (wire_jid.endsWith('@lid')) assert.equal(wire_jid, lid);
  }
}

// Whose phone number a LID stands for, as Baileys learned it from the history: all of those
// whose chat is by LID, and nobody wrongly.
async function checkMappings({ contacts, threads }) {
  const { lidMapping } = client.socket.signalRepository;
  for (const { lid, phone } of contacts.filter(contact => contact.lid)) {
    const known = jidNormalizedUser(await lidMapping.getPNForLID(lid) ?? undefined);
    const wanted = phone ? `${phone.slice(1)}@s.whatsapp.net` : '';
    if (known || threads.some(({ wire_jid }) => wire_jid === lid))
      assert.equal(known, wanted, `phone of ${lid}`);
  }
}

// Pairs, waits for the last chunk and compares.
async function receiveAll() {
  const dataset = await simulator.dataset();
  client = new Client(simulator);
  await client.pair();
  await client.wholeHistory();
  const shown = dataset.threads.map(({ wire_jid }) => wire_jid);
  const known = [...shown, ...dataset.not_threads].sort();
  for (const jid of client.chats.keys()) assert.ok(known.includes(jid), `unexpected chat ${jid}`);
  for (const thread of dataset.threads) checkThread(thread);
  checkContacts(dataset);
  await checkMappings(dataset);
  return dataset;
}

describe('history', () => {
  test('the small data set, inline', async () => {
    simulator = await Simulator.start('--history-inline');
    const { threads } = await receiveAll();
    assert.ok(threads.length > 10);
    assert.equal((await simulator.state()).blobs, 0);
  });

  test('the small data set, in blobs', async () => {
    simulator = await Simulator.start();
    const fetched = redirectMedia(simulator.http);
    await receiveAll();
    assert.ok(fetched.length > 0);
    assert.equal((await simulator.state()).blobs_fetched, fetched.length);
  });

  test('30 chats of 40 messages, in many chunks', async () => {
    simulator = await Simulator.start('--dataset', '30x40', '--seed', '7', '--chunk', '200');
    redirectMedia(simulator.http);
    const { threads } = await receiveAll();
    assert.equal(threads.length, 30);
    await simulator.receiptsUntil(
        'a receipt for each of many chunks',
        ({ receipts }) => receipts.filter(({ type }) => type === 'hist_sync').length > 8);
  });

  test('a phone without chats', async () => {
    simulator = await Simulator.start('--history-inline', '--dataset', '0x0');
    await receiveAll();
    assert.equal(client.messages.size, 0);
  });
});

describe('names of contacts, from app state', () => {
  // With the MACs of patches, snapshots and indexes checked.
  async function checkSaved() {
    client = new Client(simulator);
    await client.pair();
    const { contacts } = await simulator.dataset();
    const wanted = contacts.filter(({ name }) => name);
    assert.ok(wanted.length > 3);
    const idOf = ({ jid, phone }) => phone ? `${phone.slice(1)}@s.whatsapp.net` : jid;
    await client.until(
        'all saved names', () => wanted.every(contact => client.saved.has(idOf(contact))));
    for (const contact of wanted) assert.equal(client.saved.get(idOf(contact)).name, contact.name);
    assert.equal(client.saved.size, wanted.length);
  }

  test('in patches', async () => {
    simulator = await Simulator.start('--history-inline');
    await checkSaved();
  });

  test('in snapshots, which are blobs', async () => {
    simulator = await Simulator.start();
    redirectMedia(simulator.http);
    await checkSaved();
  });
});
