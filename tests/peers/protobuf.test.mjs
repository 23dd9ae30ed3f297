// Protobufs: our schema against Baileys', and bytes from its encoder through our generated code.
import { proto } from '@whiskeysockets/baileys/WAProto/index.js';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Random } from './random.mjs';
import { isEnum, isMessage, PAIRS, sharedFields } from './schemas.mjs';
import { b64, unb64, VectorTool } from './vector_tool.mjs';

const ROUNDS = 40;  // random messages of each kind
const DEEPEST = 7;

let tool;
before(() => (tool = new VectorTool()));
after(() => tool?.close());

// --- schema ----------------------------------------------------------------------------------

// Calls visit(ourType, theirType) once for every pair of messages reachable from `pair`.
function walk(ourType, theirType, visit, seen = new Set()) {
  const key = `${ourType.fullName}|${theirType.fullName}`;
  if (seen.has(key)) return;
  seen.add(key);
  visit(ourType, theirType);
  for (const [ours, theirs] of sharedFields(ourType, theirType))
    if (isMessage(ours) && isMessage(theirs))
      walk(ours.resolvedType, theirs.resolvedType, visit, seen);
}

function fieldDisagreements(ourType, theirType) {
  const out = [];
  for (const [ours, theirs] of sharedFields(ourType, theirType)) {
    const where = `${ourType.fullName}.${ours.name} = ${ours.id}`;
    // An enum may stand as a number, so that new values survive.
    const kind = field => isMessage(field) ? 'message' : isEnum(field) ? 'int32' : field.type;
    if (kind(ours) !== kind(theirs)) out.push(`${where} is ${ours.type}, theirs ${theirs.type}`);
    if (ours.repeated !== theirs.repeated) out.push(`${where}: repeated on one side only`);
    const packable = ours.repeated && !isMessage(ours) && !['string', 'bytes'].includes(ours.type);
    if (packable && ours.packed !== theirs.packed) out.push(`${where}: packed on one side only`);
    if (!isEnum(ours) || !isEnum(theirs)) continue;
    for (const [name, value] of Object.entries(ours.resolvedType.values))
      if (theirs.resolvedType.valuesById[value] === undefined)
        unknown.add(`${ours.resolvedType.fullName}.${name}`);
  }
  for (const field of ourType.fieldsArray)
    if (!theirType.fieldsById[field.id]) unknown.add(`${ourType.fullName}.${field.name}`);
  return out;
}
const unknown = new Set();  // what we know and Baileys does not

describe('schema', () => {
  test('fields have the number, type and label Baileys gives them', () => {
    const disagreements = new Set();
    let fields = 0;
    for (const pair of PAIRS) {
      walk(pair.ours, pair.theirs, (ours, theirs) => {
        fields += sharedFields(ours, theirs).length;
        for (const line of fieldDisagreements(ours, theirs)) disagreements.add(line);
      });
    }
    assert.deepEqual([...disagreements], []);
    assert.ok(fields > 500, `only ${fields} fields were compared`);
  });

  test('what Baileys does not know is little', t => {
    for (const name of [...unknown].sort()) t.diagnostic(`not in Baileys: ${name}`);
    assert.ok(unknown.size < 60, `${unknown.size} names are unknown to Baileys`);
  });

  test('the tool and this list name the same messages', async () => {
    assert.deepEqual(await tool.ask('protobuf_types'), PAIRS.map(pair => pair.name).sort());
  });
});

// --- random messages -------------------------------------------------------------------------

function anyScalar(random, ours, theirs) {
  if (isEnum(theirs)) {
    const known = Object.values(theirs.resolvedType.values);
    if (!isEnum(ours)) return random.pick(known);
    return random.pick(known.filter(value => ours.resolvedType.valuesById[value] !== undefined));
  }
  switch (theirs.type) {
    case 'string':
      return random.pick(
          ['', 'a', 'Bună dimineața 😀', 'x'.repeat(200), '40737123397@s.whatsapp.net']);
    case 'bytes':
      return random.bytes(random.pick([0, 1, 32, 300]));
    case 'bool':
      return random.chance(0.5);
    case 'double':
      return random.unit() * 1000 - 500;
    case 'float':
      return random.below(1000) / 8;
    case 'int32':
    case 'sfixed32':
      return random.below(2 ** 32) - 2 ** 31;
    case 'uint32':
    case 'fixed32':
      return random.below(2 ** 32);
    case 'int64':
    case 'sfixed64':
      return Math.floor((random.unit() - 0.5) * 2 ** 53);
    default:
      return Math.floor(random.unit() * 2 ** 53);
  }
}

function anyMessage(random, ourType, theirType, depth = 0) {
  const out = {};
  const chance = depth === 0 ? 0.7 : 0.35;
  for (const [ours, theirs] of sharedFields(ourType, theirType)) {
    const deep = isMessage(theirs);
    if (!theirs.required && (!random.chance(chance) || (deep && depth >= DEEPEST))) continue;
    if (deep && !theirs.required && depth > 2 && random.chance(0.8)) continue;
    const one = () => deep ? anyMessage(random, ours.resolvedType, theirs.resolvedType, depth + 1) :
                             anyScalar(random, ours, theirs);
    out[theirs.name] = theirs.repeated ? Array.from({ length: 1 + random.below(3) }, one) : one();
  }
  return out;
}

const plain = (codec, message) => codec.toObject(message, { longs: String, bytes: String });

describe('random messages, encoded by Baileys, through our parser and back', () => {
  for (const { name, ours, theirs, codec } of PAIRS) {
    test(name, async () => {
      const random =
          new Random([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
      for (let round = 0; round < ROUNDS; ++round) {
        const message = codec.fromObject(anyMessage(random, ours, theirs));
        const bytes = Buffer.from(codec.encode(message).finish());
        const rewritten =
            unb64(await tool.ask('protobuf_rewrite', { type: name, bytes: b64(bytes) }));
        assert.deepEqual(plain(codec, codec.decode(rewritten)), plain(codec, codec.decode(bytes)));
        // Known fields are written by number on both sides; one unknown to ours would come last.
        assert.deepEqual(rewritten, bytes);
      }
    });
  }

  test('a message from a newer phone keeps what we do not know', async () => {
    const unknownField = Buffer.from([0xfa, 0xff, 0x03, 0x03, 1, 2, 3]);  // field 8191, 3 bytes
    const bytes =
        Buffer.concat([proto.WebMessageInfo.encode({ key: { id: 'A' } }).finish(), unknownField]);
    assert.deepEqual(
        unb64(await tool.ask('protobuf_rewrite', { type: 'WebMessageInfo', bytes: b64(bytes) })),
        bytes);
  });

  test('garbage is refused', async () => {
    await assert.rejects(
        tool.ask(
            'protobuf_rewrite', { type: 'HistorySync', bytes: b64([0x12, 0xff, 0xff, 0x03, 1]) }),
        { code: 'protocol' });
  });
});

// --- what our accessors see ------------------------------------------------------------------

describe('history', () => {
  test('conversations, names and texts are where Baileys put them', async () => {
    const chat = '40737123397@s.whatsapp.net';
    const history = {
      syncType: proto.HistorySync.HistorySyncType.RECENT,
      chunkOrder: 3,
      progress: 42,
      conversations: [{
        id: chat,
        name: 'Ștefan 😀',
        conversationTimestamp: 1700000100,
        unreadCount: 2,
        messages: [
          {
            message: {
              key: { id: 'A1', remoteJid: chat, fromMe: false },
              messageTimestamp: 1700000100,
              pushName: 'Ștef',
              message: { conversation: 'salut' }
            }
          },
          {
            message: {
              key: { id: 'A2', remoteJid: chat, fromMe: true },
              messageTimestamp: 1700000000,
              message: { extendedTextMessage: { text: 'مرحبا' } }
            }
          },
          {
            message: {
              key: { id: 'A3', remoteJid: chat, fromMe: false, participant: 'x@lid' },
              messageTimestamp: 1699990000,
              message: { imageMessage: { caption: 'poza' } }
            }
          }
        ]
      }],
      pushnames: [{ id: chat, pushname: 'Ștef' }],
      phoneNumberToLidMappings: [{ pnJid: chat, lidJid: '99@lid' }]
    };
    const bytes = proto.HistorySync.encode(proto.HistorySync.fromObject(history)).finish();
    const message = (id, fromMe, participant, timestamp, pushName, text) =>
        ({ id, chat, from_me: fromMe, participant, timestamp, push_name: pushName, text });
    assert.deepEqual(await tool.ask('read_history', { bytes: b64(bytes) }), {
      sync_type: 3,
      chunk_order: 3,
      progress: 42,
      conversations: [{
        id: chat,
        name: 'Ștefan 😀',
        timestamp: 1700000100,
        unread: 2,
        messages: [
          message('A1', false, '', 1700000100, 'Ștef', 'salut'),
          message('A2', true, '', 1700000000, '', 'مرحبا'),
          message('A3', false, 'x@lid', 1699990000, '', 'poza')
        ]
      }],
      pushnames: [[chat, 'Ștef']],
      mappings: [[chat, '99@lid']]
    });
  });
});
