// Keys, signatures, key derivation and ciphers: ours against Baileys' and its Signal library's.
import {
  aesDecryptGCM,
  aesDecryptWithIV,
  aesEncryptGCM,
  aesEncrypWithIV,
  Curve,
  generateSignalPubKey,
  hkdf,
  hmacSign,
  sha256,
  signedKeyPair
} from '@whiskeysockets/baileys/lib/Utils/crypto.js';
import { proto } from '@whiskeysockets/baileys/WAProto/index.js';
// Baileys' own Curve.verify ignores the result of this one, see baileys.mjs.
import { verifySignature } from 'libsignal/src/curve.js';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Random } from './random.mjs';
import { b64, unb64, VectorTool } from './vector_tool.mjs';

const ROUNDS = 40;
const random = new Random(7);

let tool;
before(() => (tool = new VectorTool()));
after(() => tool?.close());

const theirVerify = (publicKey, message, signature) =>
    verifySignature(generateSignalPubKey(publicKey), message, signature);
const ourVerify = (publicKey, message, signature) => tool.ask(
    'xeddsa_verify', { public: b64(publicKey), message: b64(message), signature: b64(signature) });

describe('keys', () => {
  test('both derive the same public key and shared secret', async () => {
    for (let round = 0; round < ROUNDS; ++round) {
      const theirs = Curve.generateKeyPair();
      const same = await tool.ask('key_from_private', { private: b64(theirs.private) });
      assert.deepEqual(unb64(same.public), Buffer.from(theirs.public));
      const ours = await tool.ask('generate_key');
      const secret = Curve.sharedKey(theirs.private, unb64(ours.public));
      assert.deepEqual(
          unb64(await tool.ask('x25519', { private: ours.private, public: b64(theirs.public) })),
          secret);
    }
  });
});

describe('XEdDSA signatures', () => {
  test('made by Baileys, verified by ours', async () => {
    for (let round = 0; round < ROUNDS; ++round) {
      const key = Curve.generateKeyPair();
      const message = random.bytes(random.below(300) + 1);
      const signature = Curve.sign(key.private, message);
      assert.equal(await ourVerify(key.public, message, signature), true);
      signature[random.below(64)] ^= 1 << random.below(7);
      assert.equal(await ourVerify(key.public, message, signature), false);
    }
  });

  test('made by ours, verified by Baileys', async () => {
    for (let round = 0; round < ROUNDS; ++round) {
      const key = await tool.ask('generate_key');
      const message = random.bytes(random.below(300) + 1);
      const signature =
          unb64(await tool.ask('xeddsa_sign', { private: key.private, message: b64(message) }));
      assert.equal(theirVerify(unb64(key.public), message, signature), true);
      message[0] ^= 1;
      assert.equal(theirVerify(unb64(key.public), message, signature), false);
    }
  });

  test('a pre-key\'s signature covers its type byte', async () => {
    const identity = Curve.generateKeyPair();
    const { keyPair, signature } = signedKeyPair(identity, 1);
    assert.equal(
        await ourVerify(identity.public, generateSignalPubKey(keyPair.public), signature), true);
    assert.equal(await ourVerify(identity.public, keyPair.public, signature), false);
  });
});

describe('symmetric', () => {
  test('HKDF, with and without salt', async () => {
    for (let round = 0; round < ROUNDS; ++round) {
      const [secret, salt] =
          [random.bytes(32), random.chance(0.5) ? random.bytes(32) : Buffer.alloc(0)];
      const info = random.pick(['', 'WhatsApp History Keys', 'Whisper']);
      const length = random.pick([32, 64, 80, 112, 160]);
      const theirs =
          Buffer.from(hkdf(secret, length, { salt: salt.length ? salt : undefined, info }));
      assert.deepEqual(
          unb64(await tool.ask(
              'hkdf_sha256',
              { secret: b64(secret), salt: b64(salt), info: b64(Buffer.from(info)), length })),
          theirs);
    }
  });

  test('SHA-256 and HMAC', async () => {
    const [key, data] = [random.bytes(32), random.bytes(1000)];
    assert.deepEqual(unb64(await tool.ask('sha256', { data: b64(data) })), sha256(data));
    assert.deepEqual(
        unb64(await tool.ask('hmac_sha256', { key: b64(key), data: b64(data) })),
        hmacSign(data, key));
  });

  test('AES-GCM both ways, and a changed tag refused', async () => {
    for (const size of [0, 1, 16, 1000]) {
      const [key, nonce, associated, data] =
          [random.bytes(32), random.bytes(12), random.bytes(20), random.bytes(size)];
      const request = { key: b64(key), nonce: b64(nonce), associated: b64(associated) };
      const theirs = aesEncryptGCM(data, key, nonce, associated);
      assert.deepEqual(
          unb64(await tool.ask('aes_gcm_encrypt', { ...request, data: b64(data) })), theirs);
      assert.deepEqual(
          unb64(await tool.ask('aes_gcm_decrypt', { ...request, data: b64(theirs) })), data);
      assert.deepEqual(aesDecryptGCM(theirs, key, nonce, associated), data);
      theirs[theirs.length - 1] ^= 1;
      assert.equal(await tool.ask('aes_gcm_decrypt', { ...request, data: b64(theirs) }), null);
    }
  });

  test('AES-CBC both ways', async () => {
    for (const size of [0, 1, 15, 16, 17, 1000]) {
      const [key, iv, data] = [random.bytes(32), random.bytes(16), random.bytes(size)];
      const request = { key: b64(key), iv: b64(iv) };
      const theirs = aesEncrypWithIV(data, key, iv);
      assert.deepEqual(
          unb64(await tool.ask('aes_cbc_encrypt', { ...request, data: b64(data) })), theirs);
      assert.deepEqual(
          unb64(await tool.ask('aes_cbc_decrypt', { ...request, data: b64(theirs) })), data);
      assert.deepEqual(aesDecryptWithIV(theirs, key, iv), data);
    }
  });
});

describe('certificate chain', () => {
  const { CertChain } = proto;
  const details = bytes => CertChain.NoiseCertificate.Details.decode(bytes);

  test('ours verifies with their Signal library', async () => {
    const [root, server] = [await tool.ask('generate_key'), await tool.ask('generate_key')];
    const chain = CertChain.decode(unb64(await tool.ask('make_certificate_chain', {
      root_private: root.private,
      server_static: server.public,
      not_before: 1,
      not_after: 2000000000
    })));
    const [leaf, intermediate] = [details(chain.leaf.details), details(chain.intermediate.details)];
    assert.ok(
        theirVerify(unb64(root.public), chain.intermediate.details, chain.intermediate.signature));
    assert.ok(theirVerify(intermediate.key, chain.leaf.details, chain.leaf.signature));
    assert.deepEqual(Buffer.from(leaf.key), unb64(server.public));
    assert.equal(intermediate.issuerSerial, 0);
    assert.equal(leaf.issuerSerial, intermediate.serial);
  });

  // A chain as a peer would make it with Baileys' code.
  function theirChain(root, server, change = {}) {
    const middle = Curve.generateKeyPair();
    const encode = fields =>
        Buffer.from(CertChain.NoiseCertificate.Details.encode(fields).finish());
    const leaf = encode({
      serial: 9,
      issuerSerial: 5,
      key: server.public,
      notBefore: 100,
      notAfter: 200,
      ...change.leaf
    });
    const intermediate = encode({
      serial: 5,
      issuerSerial: 0,
      key: middle.public,
      notBefore: 100,
      notAfter: 200,
      ...change.intermediate
    });
    return Buffer.from(
        CertChain
            .encode({
              leaf: {
                details: leaf,
                signature: Curve.sign((change.leafSigner ?? middle).private, leaf)
              },
              intermediate: {
                details: intermediate,
                signature: Curve.sign((change.rootSigner ?? root).private, intermediate)
              }
            })
            .finish());
  }
  const [root, server, stranger] =
      [Curve.generateKeyPair(), Curve.generateKeyPair(), Curve.generateKeyPair()];
  const ourVerdict = (chain, { now = 150, key = server } = {}) => tool.ask(
      'verify_certificate_chain',
      { chain: b64(chain), root: b64(root.public), server_static: b64(key.public), now });

  test('theirs is accepted by ours', async () => {
    assert.equal(await ourVerdict(theirChain(root, server)), true);
  });

  for (const [what, chain, how] of [
           ['a leaf signed by a stranger', theirChain(root, server, { leafSigner: stranger })],
           [
             'an intermediate signed by a stranger',
             theirChain(root, server, { rootSigner: stranger })
           ],
           [
             'another issuer than the root',
             theirChain(root, server, { intermediate: { issuerSerial: 1 } })
           ],
           [
             'a leaf of another intermediate',
             theirChain(root, server, { leaf: { issuerSerial: 6 } })
           ],
           ['a leaf for another key', theirChain(root, server), { key: stranger }],
           ['an expired chain', theirChain(root, server), { now: 201 }],
           ['a chain that is not valid yet', theirChain(root, server), { now: 99 }]]) {
    test(
        `${what} is refused by ours`,
        () => assert.rejects(ourVerdict(chain, how), { code: 'server_untrusted' }));
  }
});
