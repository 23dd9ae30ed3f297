// History blobs: encrypted by Baileys and read by ours, and the other way round.
import assert from 'node:assert/strict';
import { readFile, unlink } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';

import { baileys, proto } from './baileys.mjs';
import { Random } from './random.mjs';
import { b64, unb64, VectorTool } from './vector_tool.mjs';

const { downloadAndProcessHistorySyncNotification, encryptedStream, getMediaKeys } = baileys;
const SIZES = [0, 1, 15, 16, 17, 1000, 100_000];
const random = new Random(21);

let tool;
before(() => (tool = new VectorTool()));
after(() => tool?.close());

async function theirBlob(data) {
  const { encFilePath, mediaKey, fileSha256, fileEncSha256 } =
      await encryptedStream(data, 'md-msg-hist');
  const blob = await readFile(encFilePath);
  await unlink(encFilePath);
  return {
    blob,
    media_key: b64(mediaKey),
    file_sha256: b64(fileSha256),
    file_enc_sha256: b64(fileEncSha256)
  };
}

const ourDecrypt = ({ blob, ...rest }, piece = 4096) =>
    tool.ask('decrypt_history', { ...rest, data: b64(blob), piece });

describe('keys', () => {
  test('both derive the same from a media key', async () => {
    for (let round = 0; round < 20; ++round) {
      const mediaKey = random.bytes(32);
      const theirs = await getMediaKeys(mediaKey, 'md-msg-hist');
      const ours = await tool.ask('history_media_keys', { media_key: b64(mediaKey) });
      assert.deepEqual(
          ours,
          { iv: b64(theirs.iv), cipher_key: b64(theirs.cipherKey), mac_key: b64(theirs.macKey) });
    }
  });
});

describe('encrypted by Baileys', () => {
  for (const size of SIZES) {
    test(`${size} bytes are verified and decrypted by ours`, async () => {
      const data = random.bytes(size);
      const sealed = await theirBlob(data);
      for (const piece of [4096, 7]) assert.deepEqual(unb64(await ourDecrypt(sealed, piece)), data);
    });
  }

  for (const [what, change] of [
           ['a byte of the ciphertext', sealed => (sealed.blob[3] ^= 1)],
           ['a byte of the MAC', sealed => (sealed.blob[sealed.blob.length - 1] ^= 1)],
           ['the end cut off', sealed => (sealed.blob = sealed.blob.subarray(0, -16))],
           ['the plaintext hash', sealed => (sealed.file_sha256 = b64(Buffer.alloc(32)))],
           ['the hash of the blob', sealed => (sealed.file_enc_sha256 = b64(Buffer.alloc(32)))],
           ['the media key', sealed => (sealed.media_key = b64(Buffer.alloc(32)))]]) {
    test(`${what} changed: refused by ours`, async () => {
      const sealed = await theirBlob(random.bytes(500));
      change(sealed);
      await assert.rejects(ourDecrypt(sealed), { code: 'media' });
    });
  }
});

describe('encrypted by ours', () => {
  const realFetch = globalThis.fetch;
  afterEach(() => (globalThis.fetch = realFetch));

  test('a history is downloaded, decrypted, inflated and read by Baileys', async () => {
    const chat = '40737123397@s.whatsapp.net';
    const history = proto.HistorySync.fromObject({
      syncType: proto.HistorySync.HistorySyncType.RECENT,
      conversations: [{
        id: chat,
        messages: Array.from({ length: 500 }, (_, i) => ({
                                                message: {
                                                  key: { id: `M${i}`, remoteJid: chat },
                                                  messageTimestamp: 1700000000 - i,
                                                  message: { conversation: `text ${i} 😀` }
                                                }
                                              }))
      }]
    });
    const deflated = deflateSync(proto.HistorySync.encode(history).finish());
    const mediaKey = random.bytes(32);
    const ours =
        await tool.ask('encrypt_history', { data: b64(deflated), media_key: b64(mediaKey) });
    const asked = [];
    globalThis.fetch = async url => (asked.push(`${url}`), new Response(unb64(ours.data)));
    const seen = await downloadAndProcessHistorySyncNotification(
        { mediaKey, directPath: '/v/history-1' }, {});
    assert.deepEqual(asked, ['https://mmg.whatsapp.net/v/history-1']);
    assert.deepEqual(
        seen.messages.map(message => message.message.conversation),
        Array.from({ length: 500 }, (_, i) => `text ${i} 😀`));
  });

  test('the hashes are what Baileys would have named, and ours reads its own', async () => {
    for (const size of SIZES) {
      const data = random.bytes(size);
      const mediaKey = random.bytes(32);
      const { data: blob, ...hashes } =
          await tool.ask('encrypt_history', { data: b64(data), media_key: b64(mediaKey) });
      assert.equal(hashes.file_sha256, b64(baileys.sha256(data)));
      assert.equal(hashes.file_enc_sha256, b64(baileys.sha256(unb64(blob))));
      assert.deepEqual(
          unb64(await ourDecrypt({ blob: unb64(blob), media_key: b64(mediaKey), ...hashes })),
          data);
    }
  });
});
