// Messages that an unmodified Baileys writes and encrypts reach wa-sync's inbox: from another
// user, directly and in groups, by phone number and by LID; and from another device of the
// account itself. What does not decrypt is asked for again and arrives once.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import { Client, proto } from './client.mjs';
import { Simulator } from './simulator.mjs';
import { WaSync } from './wa_sync.mjs';

// The simulator's users: ours, and who writes to it.
const OUR = { phone: '40737123397@s.whatsapp.net', lid: '169900000000001@lid' };
const HIS = { phone: '40737123398@s.whatsapp.net', lid: '169900000000002@lid' };
const THUMBNAIL = Buffer.from('ffd8ffe000104a4649460001ffd9', 'hex').toString('base64');
const PIXELS = Buffer.from('89504e470d0a1a0a', 'hex');

const DELIVERED = proto.WebMessageInfo.Status.DELIVERY_ACK;

// Nothing is uploaded: the message only says where it would be.
const upload = async () =>
    ({ mediaUrl: 'https://mmg.whatsapp.net/v/t62/upload', directPath: '/v/t62/upload' });

let simulator, ours;
const clients = [];
async function client(user) {
  const made = new Client(simulator, undefined, user);
  clients.push(made);
  await made.pair();
  // What phones send of themselves is no test's business.
  await simulator.until(
      'nothing is under way', () => simulator.state(user),
      ({ companions }) => companions.every(
          each => each.app_state_keys_sent && each.pending === 0));
  return made;
}
async function start(users = 2, ...options) {
  simulator =
      // Baileys asks about a group before each message to it.
      await Simulator.start('--history-inline', '--dataset', '0x0', '--users', String(users),
                            '--fault', 'forgive-bursts',
                            ...options);
  ours = new WaSync(simulator);
  await ours.pair();
  await ours.listen();
}
async function end() {
  for (const made of clients.splice(0)) await made.disconnect();
  await ours?.end();
  await simulator?.stop();
  ours = simulator = undefined;
}

// One of everything a user sends, and what the inbox shows of it, oldest first.
async function writeEverything(from, chat) {
  const expected = [];
  const send = async (content, shown, options) => {
    const message = await from.send(chat, content, options);
    if (shown) expected.push({ id: message.key.id, ...shown });
    return message;
  };
  const text = await send({ text: 'Bună! 🎉 Câte baloane?' },
                          { type: 'text', body: 'Bună! 🎉 Câte baloane?' });
  const shown = expected[0];
  await send({ text: 'douăzeci' }, { type: 'text', body: 'douăzeci', quoted: text.key.id },
             { quoted: text });
  await send({ react: { text: '❤️', key: text.key } });
  shown.reactions = ['❤️'];
  const wrong = await send({ text: 'la 3' }, { type: 'text', body: 'la 5', edited: true });
  await send({ text: 'la 5', edit: wrong.key });
  const gone = await send({ text: 'nu asta' }, { type: 'text', body: null, deleted: true });
  await send({ delete: gone.key });
  await send({ poll: { name: 'Ce oră?', values: ['12:00', '14:00'], selectableCount: 1 } },
             { type: 'poll', body: 'Ce oră?\n- 12:00\n- 14:00' });
  await send({ image: PIXELS, caption: 'tortul', jpegThumbnail: THUMBNAIL },
             { type: 'image', body: 'tortul' }, { upload });
  await send({ location: { degreesLatitude: 44.43, degreesLongitude: 26.1 } },
             { type: 'location' });
  await send({ text: 'gata' }, { type: 'text', body: 'gata' });
  return expected;
}

// As the inbox has it, in the words of writeEverything.
const summary = ({ id, type, body, quoted, reactions, edited_at, deleted_at }, like) => ({
  id,
  type,
  ...('body' in like ? { body } : {}),
  ...(quoted ? { quoted: quoted.id } : {}),
  ...(Object.keys(reactions).length ? { reactions: Object.values(reactions) } : {}),
  ...(edited_at && !deleted_at ? { edited: true } : {}),
  ...(deleted_at ? { deleted: true } : {})
});

// Until it comes again, what could not be read is shown as awaited.
const settled = (messages, expected) => expected.every(
    wanted => messages.some(
        ({ id, type }) => id === wanted.id &&
            (type !== 'undecryptable' || wanted.type === 'undecryptable')));

// The last thing written has arrived, so has all before it.
async function assertShown(jid, expected, { direction = 'inbound', sender = HIS.phone } = {}) {
  const messages =
      await ours.messagesUntil(jid, 'all messages', seen => settled(seen, expected));
  const order = new Map(expected.map(({ id }, index) => [id, index]));
  const found = messages.filter(({ id }) => order.has(id))
                    .sort((a, b) => order.get(a.id) - order.get(b.id));
  assert.deepEqual(found.map((message, i) => summary(message, expected[i])), expected);
  for (const message of found) {
    assert.equal(message.direction, direction);
    assert.equal(message.sender, direction === 'inbound' ? sender : null);
  }
  return messages;
}

const noComplaints = async (but = []) => {
  const { complaints } = await simulator.state();
  assert.deepEqual(complaints.filter(each => !but.includes(each)), []);
};

async function assertAskedFor(wanted) {
  const { receipts } = await simulator.receipts();
  assert.ok(receipts.some(({ id, type }) => id === wanted && type === 'retry'), wanted);
}

describe('another user writes', () => {
  let his;
  before(async () => {
    await start();
    his = await client(1);
  });
  after(end);

  for (const [how, address] of [['phone number', OUR.phone], ['LID', OUR.lid]]) {
    test(`to our ${how}: it is all in the inbox`, async () => {
      const expected = await writeEverything(his, address);
      await assertShown(HIS.phone, expected);
      await noComplaints();
    });
  }
  test('and it is one conversation, with the name he gives himself', async () => {
    const threads = await ours.threads();
    assert.deepEqual(threads.map(({ jid, name }) => ({ jid, name })),
                     [{ jid: HIS.phone, name: 'Utilizatorul 2' }]);
  });

  for (const addressing of ['pn', 'lid']) {
    test(`to a group of ours, by ${addressing}`, async () => {
      const group = await simulator.group(`Nunta ${addressing}`, [1, 0], addressing);
      const expected = await writeEverything(his, group);
      await assertShown(group, expected);
      const {name} = (await ours.threads()).find(({jid}) => jid === group);
      assert.equal(name, `Nunta ${addressing}`);
      await noComplaints();
    });
  }

  test('while we are away: it comes at the next login', async () => {
    await ours.stop();
    const { key } = await his.send(OUR.phone, { text: 'ești?' });
    // Our phone is not; he is told.
    await his.until('delivered', () =>
        his.updates.some(({ key: { id }, update }) => id === key.id && update.status === DELIVERED) ||
            his.realtime.some(({ key: { id }, status }) => id === key.id && status === DELIVERED));
    assert.equal((await simulator.state()).companions[0].pending, 1);
    await ours.listen();
    await assertShown(HIS.phone, [{ id: key.id, type: 'text', body: 'ești?' }]);
    await simulator.until(
        'nothing is pending', () => simulator.state(),
        ({ companions }) => companions[0].pending === 0);
  });
});

describe('another device of the account', () => {
  before(() => start());
  after(end);

  test('writes: its messages are ours', async () => {
    const mine = await client(0);
    const expected = await writeEverything(mine, HIS.phone);
    await assertShown(HIS.phone, expected, { direction: 'outbound' });
    const group = await simulator.group('Botez', [0, 1], 'lid');
    await assertShown(group, await writeEverything(mine, group), { direction: 'outbound' });
    await noComplaints();
  });
});

describe('what does not decrypt', () => {
  afterEach(end);

  // The stanza's ciphertexts arrive damaged; wa-sync asks, Baileys encrypts anew.
  async function check(chat, jid, damaged) {
    const his = await client(1);
    const first = await his.send(chat, { text: 'unu' });
    await assertShown(jid, [{ id: first.key.id, type: 'text', body: 'unu' }]);
    await simulator.fault(`undecryptable=${damaged}`);
    const second = await his.send(chat, { text: 'doi' });
    const third = await his.send(chat, { text: 'trei' });
    const expected = [
      { id: first.key.id, type: 'text', body: 'unu' },
      { id: second.key.id, type: 'text', body: 'doi' },
      { id: third.key.id, type: 'text', body: 'trei' }
    ];
    const messages = await assertShown(jid, expected);
    assert.equal(messages.length, 3);
    await assertAskedFor(second.key.id);
    await simulator.until(
        'nothing is pending', () => simulator.state(),
        ({ companions }) => companions.every(({ pending }) => pending === 0));
  }

  test('is asked for again, and comes once', async () => {
    await start();
    await check(OUR.phone, HIS.phone, 1);
  });
  test('three times over, which takes new keys', async () => {
    await start();
    await check(OUR.phone, HIS.phone, 3);
  });
  test('in a group', async () => {
    await start();
    const group = await simulator.group('Majorat', [1, 0], 'lid');
    await check(group, group, 1);
  });

  test('in a group, for want of the key', async () => {
    await start();
    const group = await simulator.group('Aniversare', [1, 0], 'pn');
    const his = await client(1);
    await simulator.fault('no-sender-key=1');
    const expected = [];
    for (const body of ['unu', 'doi', 'trei']) {
      const { key } = await his.send(group, { text: body });
      expected.push({ id: key.id, type: 'text', body });
    }
    const messages = await assertShown(group, expected);
    assert.equal(messages.length, 3);
    await assertAskedFor(expected[0].id);
    await noComplaints();
  });
  test('from another device of ours is asked for, and comes once', async () => {
    await start();
    const mine = await client(0);
    const expected = [];
    for (const body of ['unu', 'doi', 'trei']) {
      const { key } = await mine.send(HIS.phone, { text: body });
      expected.push({ id: key.id, type: 'text', body });
      // Sent is not routed: the fault shall not meet this one.
      await assertShown(HIS.phone, expected, { direction: 'outbound' });
      if (body === 'unu') await simulator.fault('undecryptable=1');
    }
    const messages = await assertShown(HIS.phone, expected, { direction: 'outbound' });
    assert.equal(messages.length, 3);
    await assertAskedFor(expected[1].id);
  });

  test('for a Baileys is asked for by it, and comes', async () => {
    await start(3);
    const [his, hers] = [await client(1), await client(2)];
    const to = '40737123399@s.whatsapp.net';
    const text = message => message.conversation || message.extendedTextMessage?.text;
    const first = await his.send(to, { text: 'unu' });
    await hers.until('the first', () => hers.realtime.some(({ key, message }) =>
        key.id === first.key.id && message));
    await simulator.fault('undecryptable=1');
    const second = await his.send(to, { text: 'doi' });
    const found = await hers.until('the second', () =>
        hers.realtime.find(({ key, message }) => key.id === second.key.id && message) ??
            hers.updates.find(({ key, update }) => key.id === second.key.id && update.message)
                ?.update);
    assert.equal(text(found.message), 'doi');
    await assertAskedFor(second.key.id);
  });
});

describe('the phone of another user', () => {
  afterEach(end);

  test('writes to us, to our group, and to a Baileys', async () => {
    await start();
    const mine = await client(0);
    const group = await simulator.group('Familia', [1, 0], 'lid');
    for (const [chat, shownIn] of [[OUR.lid, HIS.phone], [OUR.phone, HIS.phone], [group, group]]) {
      const { id } = await simulator.sendMessage({ chat, from: 'me', text: 'de pe telefon' }, 1);
      await assertShown(shownIn, [{ id, type: 'text', body: 'de pe telefon' }]);
      await mine.until(id, () => mine.realtime.some(
          ({ key, message }) => key.id === id && message?.conversation === 'de pe telefon'));
    }
    await noComplaints();
  });
});

describe('members of a group', () => {
  afterEach(end);

  test('get what is written while they belong to it', async () => {
    await start(3);
    const [his, hers] = [await client(1), await client(2)];
    const group = await simulator.group('Botezul Mariei', [1, 2], 'lid');
    const write = async text => (await his.send(group, { text })).key.id;
    const before = await write('fără noi');
    // Sent is not routed: to those who belong to it by then.
    const theirs = () => hers.realtime.some(({ key, message }) => key.id === before && message);
    await hers.until('the first', theirs);
    await simulator.groupMembers({ group, add: [0] });
    const during = await write('cu noi');
    await assertShown(group, [{ id: during, type: 'text', body: 'cu noi' }]);
    await simulator.groupMembers({ group, remove: [0] });
    const afterwards = await write('iarăși fără noi');
    await hers.until('all three', () => [before, during, afterwards].every(
        id => hers.realtime.some(({ key, message }) => key.id === id && message)));
    // The last one would have been queued by now, and what is queued comes in order.
    const { key } = await his.send(OUR.phone, { text: 'gata' });
    await assertShown(HIS.phone, [{ id: key.id, type: 'text', body: 'gata' }]);
    assert.deepEqual((await ours.messages(group)).map(({ id }) => id), [during]);
    // A slow account asks for the group's name when it is no longer a member.
    await noComplaints(['w:g2: no such group']);
  });
});

describe('devices', () => {
  afterEach(end);

  test('that are unlinked are not written to any more', async () => {
    await start();
    const his = await client(1);
    const mine = await client(0);
    await his.send(OUR.phone, { text: 'amândurora' });
    await mine.until('the message', () => mine.realtime.some(({ message }) => message));
    const closed = mine.closed();
    await mine.socket.logout();
    await closed;
    await simulator.until(
        'he has heard of it', () => simulator.state(1),
        ({ companions }) => companions[0].pending === 0);
    const { key } = await his.send(OUR.phone, { text: 'unuia' });
    await assertShown(HIS.phone, [{ id: key.id, type: 'text', body: 'unuia' }]);
    await noComplaints();
  });

  test('that are linked later get what is written from then on', async () => {
    await start();
    const his = await client(1);
    const group = await simulator.group('Petrecere', [1, 0], 'lid');
    await his.send(OUR.phone, { text: 'primul' });
    await his.send(group, { text: 'primul din grup' });
    const later = await client(0);
    const second = await his.send(OUR.phone, { text: 'al doilea' });
    const grouped = await his.send(group, { text: 'al doilea din grup' });
    for (const { key } of [second, grouped])
      await later.until(key.id, () => later.realtime.some(
          message => message.key.id === key.id && message.message));
    await assertShown(group, [{ id: grouped.key.id, type: 'text', body: 'al doilea din grup' }]);
    await noComplaints();
  });
});
