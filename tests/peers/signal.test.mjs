// Signal sessions and sender keys: our store and cipher against Baileys' Signal repository.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { baileys, silentLogger } from './baileys.mjs';
import { Random } from './random.mjs';
import { b64, unb64, VectorTool } from './vector_tool.mjs';

const {
  Curve,
  addTransactionCapability,
  generateSignalPubKey,
  initAuthCreds,
  unpadRandomMax16,
  writeRandomPadMax16
} = baileys;
const { makeLibSignalRepository } = await import('@whiskeysockets/baileys/lib/Signal/libsignal.js');

const OUR_JID = '40737123397:3@s.whatsapp.net';
const THEIR_JID = '99182736455463:12@lid';
const GROUP = '120363025246125486@g.us';

let tool;
before(() => (tool = new VectorTool()));
after(() => tool?.close());

// --- a device of ours, a device of theirs ----------------------------------------------------

async function ourDevice() {
  const device = await tool.ask('signal_device');
  const ask = (op, request = {}) => tool.ask(op, { device, peer: THEIR_JID, ...request });
  return {
    ask,
    bundle: one_time => ask('signal_bundle', { one_time }),
    begin: bundle => ask('signal_process_bundle', bundle),
    async encrypt(text) {
      const { type, bytes } = await ask('signal_encrypt', { data: b64(Buffer.from(text)) });
      return { type, ciphertext: unb64(bytes) };
    },
    async decrypt({ type, ciphertext }) {
      const { failure, plaintext } = await ask('signal_decrypt', { type, bytes: b64(ciphertext) });
      return failure ?? unb64(plaintext).toString();
    }
  };
}

function memoryKeys() {
  const kept = new Map();
  return {
    get: async (type, ids) => Object.fromEntries(
        ids.filter(id => kept.has(`${type}/${id}`)).map(id => [id, kept.get(`${type}/${id}`)])),
    set: async data => {
      for (const [type, entries] of Object.entries(data))
        for (const [id, value] of Object.entries(entries))
          value === null ? kept.delete(`${type}/${id}`) : kept.set(`${type}/${id}`, value);
    }
  };
}

function theirDevice() {
  const creds = initAuthCreds();
  const keys = addTransactionCapability(
      memoryKeys(), silentLogger, { maxCommitRetries: 1, delayBetweenTriesMs: 1 });
  const repository = makeLibSignalRepository({ creds, keys }, silentLogger, async () => undefined);
  return {
    creds,
    keys,
    repository,
    close: () => repository.close?.(),
    // As the server would hand it out.
    async bundle(oneTime) {
      let pre_key = null;
      if (oneTime) {
        const pair = Curve.generateKeyPair();
        await keys.set({ 'pre-key': { 77: pair } });
        pre_key = { id: 77, public: b64(pair.public) };
      }
      const { keyId, keyPair, signature } = creds.signedPreKey;
      return {
        registration_id: creds.registrationId,
        identity: b64(creds.signedIdentityKey.public),
        signed_pre_key: { id: keyId, public: b64(keyPair.public), signature: b64(signature) },
        pre_key
      };
    },
    begin: bundle => repository.injectE2ESession({
      jid: OUR_JID,
      session: {
        registrationId: bundle.registration_id,
        identityKey: generateSignalPubKey(unb64(bundle.identity)),
        signedPreKey: {
          keyId: bundle.signed_pre_key.id,
          publicKey: generateSignalPubKey(unb64(bundle.signed_pre_key.public)),
          signature: unb64(bundle.signed_pre_key.signature)
        },
        preKey: bundle.pre_key ? {
          keyId: bundle.pre_key.id,
          publicKey: generateSignalPubKey(unb64(bundle.pre_key.public))
        } :
                                 undefined
      }
    }),
    encrypt: text => repository.encryptMessage({ jid: OUR_JID, data: Buffer.from(text) }),
    decrypt: async ({ type, ciphertext }) =>
        Buffer.from(await repository.decryptMessage({ jid: OUR_JID, type, ciphertext })).toString()
  };
}

// Both devices, with a session begun by one of them.
async function session({ begunBy, oneTime }, body) {
  const [ours, theirs] = [await ourDevice(), theirDevice()];
  try {
    const bundle = await (begunBy === 'ours' ? theirs : ours).bundle(oneTime);
    const failed = await (begunBy === 'ours' ? ours : theirs).begin(bundle);
    if (begunBy === 'ours') assert.equal(failed.failure, null);
    const [first, second] = begunBy === 'ours' ? [ours, theirs] : [theirs, ours];
    await body({ ours, theirs, first, second, bundle });
  } finally {
    theirs.close();
  }
}

const KINDS = [];
for (const begunBy of ['ours', 'theirs'])
  for (const oneTime of [true, false]) KINDS.push({ begunBy, oneTime });
const title = ({ begunBy, oneTime }) =>
    `begun by ${begunBy}, ${oneTime ? 'with' : 'without'} a one-time pre-key`;

// --- sessions --------------------------------------------------------------------------------

for (const kind of KINDS) {
  describe(`a session ${title(kind)}`, () => {
    test(
        'pkmsg until the answer, then msg, both ways',
        () => session(kind, async ({ ours, theirs, first, second, bundle }) => {
          for (const text of ['salut', 'ești acolo?', 'x'.repeat(5000)]) {
            const sealed = await first.encrypt(text);
            assert.equal(sealed.type, 'pkmsg');
            assert.equal(await second.decrypt(sealed), text);
          }
          if (kind.begunBy === 'theirs' && kind.oneTime)
            assert.equal(await ours.ask('signal_has_pre_key', { id: bundle.pre_key.id }), false);
          if (kind.begunBy === 'ours' && kind.oneTime)
            assert.deepEqual(await theirs.keys.get('pre-key', ['77']), {});
          for (let round = 0; round < 30; ++round) {
            for (const [from, to] of [[second, first], [first, second]]) {
              const sealed = await from.encrypt(`round ${round} 😀`);
              assert.equal(sealed.type, 'msg');
              assert.equal(await to.decrypt(sealed), `round ${round} 😀`);
            }
          }
        }));

    test(
        'both see the same base key and registration id',
        () => session(kind, async ({ ours, theirs, first, second }) => {
          await second.decrypt(await first.encrypt('1'));
          await first.decrypt(await second.encrypt('2'));
          const seen = await ours.ask('signal_session');
          const { baseKey } = await theirs.repository.getSessionInfo(OUR_JID);
          assert.deepEqual(unb64(seen.base_key), Buffer.from(baseKey).subarray(1));
          assert.equal(seen.registration_id, theirs.creds.registrationId);
        }));

    test(
        'out of order and lost, across ratchet steps',
        () => session(kind, async ({ ours, theirs, first, second }) => {
          await second.decrypt(await first.encrypt('begin'));
          await first.decrypt(await second.encrypt('answer'));
          const random = new Random(5);
          for (const [from, to] of [
                   [ours, theirs], [theirs, ours], [ours, theirs], [theirs, ours]]) {
            const sealed = [];
            for (let i = 0; i < 40; ++i)
              sealed.push({ text: `m${i}`, message: await from.encrypt(`m${i}`) });
            const kept = random.shuffled(sealed).slice(10);
            for (const { text, message } of kept.slice(5))
              assert.equal(await to.decrypt(message), text);
            await from.decrypt(await to.encrypt('a step between'));
            // These come after the sender has moved on.
            assert.equal(await to.decrypt(await from.encrypt('newer')), 'newer');
            for (const { text, message } of kept.slice(0, 5))
              assert.equal(await to.decrypt(message), text);
          }
        }));

    test(
        'what was decrypted before, or changed on the way, is refused by ours',
        () => session(kind, async ({ ours, theirs, first, second }) => {
          await second.decrypt(await first.encrypt('begin'));
          await first.decrypt(await second.encrypt('answer'));
          const sealed = await theirs.encrypt('once');
          assert.equal(await ours.decrypt(sealed), 'once');
          assert.equal(await ours.decrypt(sealed), 'duplicate');
          const forged = await theirs.encrypt('another');
          const changed = Buffer.from(forged.ciphertext);
          changed[changed.length - 1] ^= 1;
          assert.equal(await ours.decrypt({ ...forged, ciphertext: changed }), 'bad_mac');
          assert.equal(await ours.decrypt(forged), 'another');
        }));
  });
}

describe('beginnings', () => {
  test('a bundle whose signature is false is refused by ours', async () => {
    const [ours, theirs] = [await ourDevice(), theirDevice()];
    const bundle = await theirs.bundle(true);
    const signature = unb64(bundle.signed_pre_key.signature);
    signature[5] ^= 1;
    bundle.signed_pre_key.signature = b64(signature);
    assert.equal((await ours.begin(bundle)).failure, 'invalid_key');
    theirs.close();
  });

  test('our bundle has a signature Baileys accepts', async () => {
    const [ours, theirs] = [await ourDevice(), theirDevice()];
    const bundle = await ours.bundle(true);
    const { public: key, signature } = bundle.signed_pre_key;
    assert.ok(
        Curve.verify(unb64(bundle.identity), generateSignalPubKey(unb64(key)), unb64(signature)));
    assert.equal(
        Curve.verify(
            unb64(bundle.identity), generateSignalPubKey(unb64(bundle.identity)), unb64(signature)),
        false);
    theirs.close();
  });

  test('both begin at the same time, and still understand each other', async () => {
    const [ours, theirs] = [await ourDevice(), theirDevice()];
    await ours.begin(await theirs.bundle(true));
    await theirs.begin(await ours.bundle(true));
    const [a, b] = [await ours.encrypt('from ours'), await theirs.encrypt('from theirs')];
    assert.equal(await ours.decrypt(b), 'from theirs');
    assert.equal(await theirs.decrypt(a), 'from ours');
    // Theirs first: their library damages a newer session while it tries it on a message of
    // the older one, so what they send after that could be read by nobody.
    for (let i = 0; i < 5; ++i) {
      assert.equal(await ours.decrypt(await theirs.encrypt(`${i}`)), `${i}`);
      assert.equal(await theirs.decrypt(await ours.encrypt(`${i}`)), `${i}`);
    }
    theirs.close();
  });

  test(
      'a one-time pre-key is good for one session only',
      () => session({ begunBy: 'theirs', oneTime: true }, async ({ ours, theirs, bundle }) => {
        assert.equal(await ours.decrypt(await theirs.encrypt('first')), 'first');
        await theirs.begin(bundle);
        assert.equal(await ours.decrypt(await theirs.encrypt('again')), 'invalid_key_id');
      }));
});

describe('padding', () => {
  test('what Baileys pads, we unpad, and the other way round', async () => {
    const random = new Random(3);
    for (let length = 1; length < 60; ++length) {
      const message = random.bytes(length);
      assert.deepEqual(
          unb64(await tool.ask('unpad', { data: b64(writeRandomPadMax16(message)) })), message);
      assert.deepEqual(
          Buffer.from(unpadRandomMax16(unb64(await tool.ask('pad', { data: b64(message) })))),
          message);
    }
  });
});

// --- sender keys -----------------------------------------------------------------------------

describe('sender keys', () => {
  test('Baileys writes to the group, we read; in and out of order', async () => {
    const [ours, theirs] = [await ourDevice(), theirDevice()];
    const sealed = [];
    let distribution;
    for (let i = 0; i < 40; ++i) {
      const { ciphertext, senderKeyDistributionMessage } =
          await theirs.repository.encryptGroupMessage(
              { group: GROUP, meId: THEIR_JID, data: Buffer.from(`g${i}`) });
      distribution ??= senderKeyDistributionMessage;
      sealed.push({ text: `g${i}`, ciphertext });
    }
    const read = async ({ ciphertext }) => {
      const { failure, plaintext } =
          await ours.ask('signal_group_decrypt', { group: GROUP, bytes: b64(ciphertext) });
      return failure ?? unb64(plaintext).toString();
    };
    assert.equal(await read(sealed[0]), 'no_session');
    assert.equal(
        (await ours.ask('signal_process_distribution', { group: GROUP, bytes: b64(distribution) }))
            .failure,
        null);
    for (const entry of new Random(9).shuffled(sealed)) assert.equal(await read(entry), entry.text);
    assert.equal(await read(sealed[3]), 'duplicate');
    theirs.close();
  });

  test('we write to the group, Baileys reads', async () => {
    const [ours, theirs] = [await ourDevice(), theirDevice()];
    const distribution =
        unb64(await ours.ask('signal_create_distribution', { group: GROUP, peer: OUR_JID }));
    await theirs.repository.processSenderKeyDistributionMessage({
      authorJid: OUR_JID,
      item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: distribution }
    });
    const sealed = [];
    for (let i = 0; i < 40; ++i) {
      const ciphertext = unb64(await ours.ask(
          'signal_group_encrypt',
          { group: GROUP, peer: OUR_JID, data: b64(Buffer.from(`g${i}`)) }));
      sealed.push({ text: `g${i}`, ciphertext });
    }
    // In order, as Baileys cannot read back the keys of messages it skipped.
    for (const { text, ciphertext } of sealed) {
      const plain = await theirs.repository.decryptGroupMessage(
          { group: GROUP, authorJid: OUR_JID, msg: ciphertext });
      assert.equal(Buffer.from(plain).toString(), text);
    }
    theirs.close();
  });
});
