// The Noise handshake and its transport: ours against Baileys' noise handler, live, over bytes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import {
  baileys,
  makeNoiseHandler,
  NOISE_WA_HEADER,
  proto,
  silentLogger,
  trustRoot
} from './baileys.mjs';
import { Random } from './random.mjs';
import { b64, unb64, VectorTool } from './vector_tool.mjs';

const { Curve, decodeBinaryNode, encodeBinaryNode } = baileys;
const { HandshakeMessage } = proto;
const NOW = Math.floor(Date.now() / 1000);

let tool, root, server;
before(async () => {
  tool = new VectorTool();
  root = await tool.ask('generate_key');
  server = await tool.ask('generate_key');
  trustRoot(unb64(root.public));
});
after(() => (trustRoot(), tool?.close()));

const makeChain = (change = {}) => tool.ask('make_certificate_chain', {
  root_private: root.private,
  server_static: server.public,
  not_before: NOW - 60,
  not_after: NOW + 3600,
  ...change
});

const handler = (keyPair, routingInfo) =>
    makeNoiseHandler({ keyPair, NOISE_HEADER: NOISE_WA_HEADER, logger: silentLogger, routingInfo });
const payloadOf = frame => frame.subarray(3);

// Baileys as the client, doing what its socket does, against our responder.
async function baileysConnects({ chain, routing } = {}) {
  const [ephemeral, noiseKey] = [Curve.generateKeyPair(), Curve.generateKeyPair()];
  const noise = handler(ephemeral, routing);
  const hello = noise.encodeFrame(Buffer.from(
      HandshakeMessage.encode({ clientHello: { ephemeral: ephemeral.public } }).finish()));
  const { side, bytes } = await tool.ask(
      'noise_responder',
      { private: server.private, bytes: b64(hello), chain: chain ?? await makeChain() });
  const keyEnc = noise.processHandshake(HandshakeMessage.decode(payloadOf(unb64(bytes))), noiseKey);
  const payload = Buffer.from(
      proto.ClientPayload.encode({ username: 40737123397, passive: false, device: 7 }).finish());
  const finish = noise.encodeFrame(Buffer.from(
      HandshakeMessage.encode({ clientFinish: { static: keyEnc, payload: noise.encrypt(payload) } })
          .finish()));
  return { noise, noiseKey, side, payload, finish };
}

describe('Baileys as client, our responder', () => {
  for (const routing of [undefined, Buffer.from([8, 8, 8, 5]), Buffer.alloc(300, 7)]) {
    test(
        `handshake and transport, ${routing ? `${routing.length} bytes of routing` : 'no routing'}`,
        async () => {
          const { noise, noiseKey, side, payload, finish } = await baileysConnects({ routing });
          const proof = await tool.ask('noise_read_client_finish', { side, bytes: b64(finish) });
          assert.deepEqual(unb64(proof.static), Buffer.from(noiseKey.public));
          assert.deepEqual(unb64(proof.payload), payload);
          await noise.finishInit();

          const random = new Random(11);
          for (let i = 0; i < 300; ++i) {
            const node = {
              tag: 'iq',
              attrs: { id: `${i}`, type: 'get' },
              content: random.bytes(random.below(400))
            };
            const up = noise.encodeFrame(encodeBinaryNode(node));
            assert.deepEqual(
                unb64(await tool.ask('noise_receive', { side, bytes: b64(up) })),
                encodeBinaryNode(node));
            const down =
                unb64(await tool.ask('noise_send', { side, data: b64(encodeBinaryNode(node)) }));
            const received = [];
            // In two pieces, as a network would.
            const cut = random.below(down.length);
            await noise.decodeFrame(down.subarray(0, cut), frame => received.push(frame));
            await noise.decodeFrame(down.subarray(cut), frame => received.push(frame));
            assert.deepEqual(received, [await decodeBinaryNode(encodeBinaryNode(node))]);
          }
        });
  }

  test('a changed byte of the client finish is refused by ours', async () => {
    const { side, finish } = await baileysConnects();
    finish[finish.length - 1] ^= 1;
    await assert.rejects(
        tool.ask('noise_read_client_finish', { side, bytes: b64(finish) }), { code: 'protocol' });
  });

  test('a chain under another root is refused by Baileys', async () => {
    const stranger = await tool.ask('generate_key');
    await assert.rejects(
        baileysConnects({ chain: await makeChain({ root_private: stranger.private }) }),
        /intermediate certificate signature invalid/);
  });
});

// Our initiator against a server put together from Baileys' handler: it offers each step of
// the handshake, though it was written for clients.
async function weConnect({ tamper = bytes => bytes } = {}) {
  const noiseKey = await tool.ask('generate_key');
  const { side, bytes } = await tool.ask('noise_initiator', { private: noiseKey.private });
  const stream = unb64(bytes);
  assert.deepEqual(stream.subarray(0, 4), NOISE_WA_HEADER);
  const { clientHello } = HandshakeMessage.decode(payloadOf(stream.subarray(4)));
  const ephemeral = Curve.generateKeyPair();
  const noise = handler({ public: clientHello.ephemeral, private: ephemeral.private });
  noise.authenticate(ephemeral.public);
  noise.mixIntoKey(Curve.sharedKey(ephemeral.private, clientHello.ephemeral));
  const sealedStatic = noise.encrypt(unb64(server.public));
  noise.mixIntoKey(Curve.sharedKey(unb64(server.private), clientHello.ephemeral));
  const chain = await makeChain();
  const sealedChain = noise.encrypt(unb64(chain));
  const hello = Buffer.from(
      HandshakeMessage
          .encode({
            serverHello: { ephemeral: ephemeral.public, static: sealedStatic, payload: sealedChain }
          })
          .finish());
  const proof =
      await tool.ask('noise_read_server_hello', { side, bytes: b64(framed(tamper(hello))) });
  return { side, noise, ephemeral, noiseKey, proof, chain };
}

function framed(payload) {
  return Buffer.concat([
    Buffer.from([payload.length >> 16, (payload.length >> 8) & 255, payload.length & 255]), payload
  ]);
}

describe('our initiator, Baileys as server', () => {
  test('handshake and transport', async () => {
    const { side, noise, ephemeral, noiseKey, proof, chain } = await weConnect();
    assert.equal(proof.static, server.public);
    assert.equal(proof.chain, chain);

    const payload = Buffer.from(proto.ClientPayload.encode({ passive: true, device: 3 }).finish());
    const finish = unb64(await tool.ask('noise_client_finish', { side, payload: b64(payload) }));
    const { clientFinish } = HandshakeMessage.decode(payloadOf(finish));
    const clientStatic = noise.decrypt(clientFinish.static);
    assert.deepEqual(Buffer.from(clientStatic), unb64(noiseKey.public));
    noise.mixIntoKey(Curve.sharedKey(ephemeral.private, clientStatic));
    assert.deepEqual(Buffer.from(noise.decrypt(clientFinish.payload)), payload);

    // Baileys' transport is always a client's: what it would send is what we must send.
    await noise.finishInit();
    noise.encodeFrame(Buffer.alloc(0));  // skips its intro, and message 0
    await tool.ask('noise_send', { side, data: '' });
    for (let i = 0; i < 300; ++i) {
      const data = Buffer.from(`message ${i}`);
      assert.deepEqual(
          unb64(await tool.ask('noise_send', { side, data: b64(data) })), noise.encodeFrame(data));
    }
  });

  test('a changed byte of the server hello is refused by ours', async () => {
    for (const back of [1, 100]) {
      await assert.rejects(
          weConnect({ tamper: hello => (hello[hello.length - back] ^= 1, hello) }),
          { code: 'protocol' });
    }
  });
});
