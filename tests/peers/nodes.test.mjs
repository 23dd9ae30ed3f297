// The binary form of nodes: our codec against Baileys' WABinary, both directions.
import * as constants from '@whiskeysockets/baileys/lib/WABinary/constants.js';
import {
  decodeBinaryNode,
  encodeBinaryNode,
  jidDecode
} from '@whiskeysockets/baileys/lib/WABinary/index.js';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';

import { Random } from './random.mjs';
import { b64, unb64, VectorTool } from './vector_tool.mjs';

const { DOUBLE_BYTE_TOKENS, SINGLE_BYTE_TOKENS } = constants;
const TOKENS = [...SINGLE_BYTE_TOKENS.slice(1), ...DOUBLE_BYTE_TOKENS.flat()];
const NODES = 4000;

let tool;
before(() => (tool = new VectorTool()));
after(() => tool?.close());

// --- random nodes ----------------------------------------------------------------------------

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_ :/'];
const ODDITIES =
    [...'ăâîșțȘ😀👩‍👩‍👧‍👦مرحبا\u0000\u0007\u2028"\\', '日本'];

function anyText(random) {
  switch (random.below(6)) {
    case 0:
      return random.pick(TOKENS);
    case 1:
      return random.text([...'0123456789-.'], 1 + random.below(140));
    case 2:
      return random.text([...'0123456789ABCDEF'], 1 + random.below(140));
    case 3:
      return random.text(ODDITIES, 1 + random.below(20));
    // Around the lengths where the length prefix grows.
    case 4:
      return random.text(LETTERS, random.pick([1, 127, 128, 254, 255, 256, 257, 1000]));
    default:
      return random.text(LETTERS, 1 + random.below(30));
  }
}

const SERVERS = ['s.whatsapp.net', 'lid', 'c.us', 'g.us', 'broadcast', 'newsletter', 'bot', 'call'];

function anyJid(random) {
  const names = ['status', 'server', '120363025246125486', '40737123397-1423500000', '0', 'a.b'];
  const digits = random.text([...'123456789'], 5 + random.below(11));
  const user = random.chance(0.8) ? digits : random.pick(names);
  const jid = { user, server: random.pick(SERVERS), device: 0, agent: 0, integrator: 0 };
  if ((jid.server === 's.whatsapp.net' || jid.server === 'lid') && random.chance(0.5))
    jid.device = 1 + random.below(255);
  if (random.chance(0.1))
    Object.assign(jid, { server: random.pick(['hosted', 'hosted.lid']), device: 99 });
  if (random.chance(0.05)) Object.assign(jid, { user: '', server: 's.whatsapp.net', device: 0 });
  return jid;
}

function anyNode(random, depth = 0) {
  const node = {
    tag: random.chance(0.7) ? random.pick(TOKENS) : random.text(LETTERS, 1 + random.below(12)),
    attributes: [],
    content: null
  };
  const keys = new Set();
  for (let i = random.below(random.chance(0.02) ? 200 : 8); i > 0; --i)
    keys.add(random.chance(0.6) ? random.pick(TOKENS) : `k${random.below(1000)}`);
  // JavaScript moves keys that look like array indexes to the front.
  for (const key of [...keys].filter(key => !/^\d+$/.test(key)))
    node.attributes.push([key, random.chance(0.4) ? anyJid(random) : anyText(random)]);
  const kind = random.below(4);
  if (kind === 0) {
    node.content = { bytes: b64(random.bytes(random.pick([0, 1, 16, 255, 256, 1000]))) };
  } else if (kind === 1 && depth < 5) {
    const count = random.chance(0.02) && depth < 2 ? 300 : random.below(5);
    node.content =
        Array.from({ length: count }, () => anyNode(random, depth + (count > 10 ? 4 : 1)));
  }
  return node;
}

// --- the same node in Baileys' terms ---------------------------------------------------------

const jidText = ({ user, server, device, agent = 0 }) =>
    `${user}${agent ? `_${agent}` : ''}${device ? `:${device}` : ''}@${server}`;

function toBaileys({ tag, attributes, content }) {
  const node = {
    tag,
    attrs: Object.fromEntries(
        attributes.map(([key, value]) => [key, typeof value === 'string' ? value : jidText(value)]))
  };
  if (Array.isArray(content))
    node.content = content.map(toBaileys);
  else if (content)
    node.content = unb64(content.bytes);
  return node;
}

function contentOf({ content }) {
  if (content === undefined) return null;
  if (Array.isArray(content)) return content.map(fromBaileys);
  return { bytes: b64(Buffer.from(content)) };
}

// Addresses as texts: Baileys does not tell them from texts.
const fromBaileys = node =>
    ({ tag: node.tag, attributes: Object.entries(node.attrs), content: contentOf(node) });

const asTexts = ({ tag, attributes, content }) => ({
  tag,
  attributes:
      attributes.map(([key, value]) => [key, typeof value === 'string' ? value : jidText(value)]),
  content: Array.isArray(content) ? content.map(asTexts) : content
});

const ourDecode = bytes => tool.ask('decode_node', { bytes: b64(bytes) });
const ourEncode = async node => unb64(await tool.ask('encode_node', { node }));

// --- tests -----------------------------------------------------------------------------------

describe('dictionaries', () => {
  test('every token stands where Baileys has it, and there are no others', async () => {
    const tables = await tool.ask('token_tables');
    assert.equal(tables.version, 3);
    const padded = (list, size = 256) => Array.from({ length: size }, (_, i) => list[i] ?? null);
    assert.deepEqual(tables.single, [null, ...padded(SINGLE_BYTE_TOKENS).slice(1)]);
    for (let dictionary = 0; dictionary < 256; ++dictionary)
      assert.deepEqual(
          tables.double[dictionary], padded(DOUBLE_BYTE_TOKENS[dictionary] ?? []),
          `dictionary ${dictionary}`);
  });

  test('every token travels as the same bytes', async () => {
    await Promise.all(TOKENS.map(async token => {
      const theirs = encodeBinaryNode({ tag: 'iq', attrs: { xmlns: token } });
      const ours = await ourEncode({ tag: 'iq', attributes: [['xmlns', token]], content: null });
      assert.deepEqual(ours, theirs, token);
      assert.deepEqual((await ourDecode(theirs)).attributes, [['xmlns', token]]);
    }));
  });
});

describe('random nodes', () => {
  const random = new Random(20260101);
  const nodes = Array.from({ length: NODES }, () => anyNode(random));

  test('ours encoded, decoded by Baileys', async () => {
    await Promise.all(nodes.map(async node => {
      const decoded = await decodeBinaryNode(await ourEncode(node));
      assert.deepEqual(fromBaileys(decoded), asTexts(node));
    }));
  });

  test('encoded by Baileys, decoded by ours', async () => {
    await Promise.all(nodes.map(async node => {
      const decoded = await ourDecode(encodeBinaryNode(toBaileys(node)));
      assert.deepEqual(asTexts(decoded), asTexts(node));
    }));
  });

  test('the same bytes from both encoders', async () => {
    await Promise.all(nodes.map(async node => {
      assert.deepEqual(await ourEncode(node), encodeBinaryNode(toBaileys(node)));
    }));
  });

  test('what Baileys encoded is what we write after reading it', async () => {
    await Promise.all(nodes.map(async node => {
      const theirs = encodeBinaryNode(toBaileys(node));
      assert.deepEqual(unb64(await tool.ask('recode_node', { bytes: b64(theirs) })), theirs);
    }));
  });

  test('compressed by zlib, decoded by both', async () => {
    await Promise.all(nodes.slice(0, 200).map(async node => {
      const plain = encodeBinaryNode(toBaileys(node));
      const compressed = Buffer.concat([Buffer.from([2]), deflateSync(plain.subarray(1))]);
      assert.deepEqual(await ourDecode(compressed), await ourDecode(plain));
      assert.deepEqual(await decodeBinaryNode(compressed), await decodeBinaryNode(plain));
    }));
  });

  test('cut short at any byte, refused by both', async () => {
    for (const node of nodes.slice(0, 60)) {
      const whole = encodeBinaryNode(toBaileys(node));
      for (let length = 1; length < Math.min(whole.length, 120); ++length) {
        const cut = whole.subarray(0, length);
        await assert.rejects(ourDecode(cut), { code: 'protocol' });
        await assert.rejects(decodeBinaryNode(cut));
      }
    }
  });
});

describe('addresses', () => {
  const both = async jid => {
    const node = { tag: 'message', attributes: [['from', jid]], content: null };
    const ours = await ourEncode(node);
    return { ours, seen: (await decodeBinaryNode(ours)).attrs.from };
  };

  test('each form is read by Baileys as the address it stands for', async () => {
    const cases = [
      [{ user: '40737123397', server: 's.whatsapp.net' }, '40737123397@s.whatsapp.net'],
      [
        { user: '40737123397', server: 's.whatsapp.net', device: 5 }, '40737123397:5@s.whatsapp.net'
      ],
      [{ user: '99182736455463', server: 'lid' }, '99182736455463@lid'],
      [{ user: '99182736455463', server: 'lid', device: 255 }, '99182736455463:255@lid'],
      [{ user: '40737123397', server: 'hosted', device: 99 }, '40737123397:99@hosted'],
      [
        { user: '99182736455463', server: 'hosted.lid', device: 99 }, '99182736455463:99@hosted.lid'
      ],
      [{ user: '120363025246125486', server: 'g.us' }, '120363025246125486@g.us'],
      [{ user: '40737123397-1423500000', server: 'g.us' }, '40737123397-1423500000@g.us'],
      [{ user: 'status', server: 'broadcast' }, 'status@broadcast'],
      [{ user: '120363025246125486', server: 'newsletter' }, '120363025246125486@newsletter'],
      [{ user: '', server: 's.whatsapp.net' }, '@s.whatsapp.net'],
      [{ user: '', server: 'g.us' }, '@g.us'],
      [{ user: '100012345678', server: 'msgr', device: 300 }, '100012345678:300@msgr'],
      [{ user: '12345', server: 'interop', device: 2, integrator: 77 }, '77-12345:2@interop']
    ];
    for (const [jid, text] of cases) {
      const { ours, seen } = await both(jid);
      assert.equal(seen, text);
      const [[, back]] = (await ourDecode(ours)).attributes;
      const { text: _, ...parts } = back;
      assert.deepEqual(parts, { device: 0, agent: 0, integrator: 0, ...jid });
    }
  });

  test('a device number of 0 is no device', async () => {
    // Baileys writes the long form when the text says ":0".
    const theirs = encodeBinaryNode({ tag: 'to', attrs: { jid: '40737123397:0@s.whatsapp.net' } });
    assert.equal(jidDecode('40737123397:0@s.whatsapp.net').device, 0);
    const [[, jid]] = (await ourDecode(theirs)).attributes;
    assert.equal(jid.text, '40737123397@s.whatsapp.net');
  });
});
