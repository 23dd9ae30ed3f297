// What is sealed with a message's secret, both ways: votes and answers by Baileys' own code; edits
// and reactions, which it does not know, by its protobufs and its cryptography.
import { aesDecryptGCM, aesEncryptGCM, hkdf, sha256 } from '@whiskeysockets/baileys/lib/Utils/crypto.js';
import { decryptEventResponse, decryptPollVote } from '@whiskeysockets/baileys/lib/Utils/process-message.js';
import { proto } from '@whiskeysockets/baileys/WAProto/index.js';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Random } from './random.mjs';
import { b64, unb64, VectorTool } from './vector_tool.mjs';

const ROUNDS = 20;
const AUTHORS = ['40711111111@s.whatsapp.net', '120000000000001@lid'];
const SENDERS = ['40722222222@s.whatsapp.net', '120000000000002@lid'];
const USE_CASES = {
  edit: 'Message Edit',
  reaction: 'Enc Reaction',
  comment: 'Enc Comment',
  poll_vote: 'Poll Vote',
  event_answer: 'Event Response'
};
const random = new Random(31);

let tool;
before(() => (tool = new VectorTool()));
after(() => tool?.close());

const anyOf = list => list[random.below(list.length)];

// A message, who wrote it, and who seals something for it.
const parties = () => ({
  secret: random.bytes(32),
  id: '3EB0' + Buffer.from(random.bytes(9)).toString('hex').toUpperCase(),
  author: anyOf(AUTHORS),
  sender: anyOf(SENDERS),
  iv: random.bytes(12)
});

// As WhatsApp Web derives it, with Baileys' HKDF.
const keyOf = (kind, { secret, id, author, sender }) =>
    hkdf(secret, 32, { info: id + author + sender + USE_CASES[kind] });
const boundOf = (kind, { id, sender }) =>
    Buffer.from(['poll_vote', 'event_answer'].includes(kind) ? `${id}\0${sender}` : '');

const ourSeal = async (kind, of, data) => unb64(await tool.ask('seal', {
  kind, id: of.id, author: of.author, sender: of.sender,
  secret: b64(of.secret), iv: b64(of.iv), data: b64(data)
}));

// We know the addresses in both forms, and not which one was meant.
async function ourOpen(kind, of, payload, senders = SENDERS) {
  const plaintext = await tool.ask('open_sealed', {
    kind, id: of.id, authors: AUTHORS, senders,
    secret: b64(of.secret), iv: b64(of.iv), payload: b64(payload)
  });
  return plaintext && unb64(plaintext);
}

const edited = text => proto.Message.encode({
  protocolMessage: { type: 14, key: { id: 'A1', fromMe: true }, editedMessage: { conversation: text } }
}).finish();
const reacted = emoji => proto.Message.ReactionMessage.encode({ text: emoji }).finish();
const voted = option =>
    proto.Message.PollVoteMessage.encode({ selectedOptions: [sha256(Buffer.from(option))] }).finish();
const answered = response =>
    proto.Message.EventResponseMessage.encode({ response, timestampMs: 5 }).finish();

describe('sealed by ours', () => {
  test('a vote, opened by Baileys', async () => {
    for (let round = 0; round < ROUNDS; ++round) {
      const of = parties();
      const encPayload = await ourSeal('poll_vote', of, voted('14:00'));
      const vote = decryptPollVote(
          { encPayload, encIv: of.iv },
          { pollCreatorJid: of.author, pollMsgId: of.id, pollEncKey: of.secret, voterJid: of.sender });
      assert.deepEqual(Buffer.from(vote.selectedOptions[0]), sha256(Buffer.from('14:00')));
    }
  });

  test('an answer to an invitation, opened by Baileys', async () => {
    const of = parties();
    const encPayload = await ourSeal('event_answer', of, answered(1));
    const answer = decryptEventResponse(
        { encPayload, encIv: of.iv },
        { eventCreatorJid: of.author, eventMsgId: of.id, eventEncKey: of.secret, responderJid: of.sender });
    assert.equal(answer.response, 1);
  });

  for (const [kind, data] of [['edit', edited('nou')], ['reaction', reacted('👍')]])
    test(`${kind}, opened with Baileys' cryptography`, async () => {
      for (let round = 0; round < ROUNDS; ++round) {
        const of = parties();
        const payload = await ourSeal(kind, of, data);
        assert.deepEqual(
            Buffer.from(aesDecryptGCM(payload, keyOf(kind, of), of.iv, boundOf(kind, of))),
            Buffer.from(data));
      }
    });
});

describe('sealed with Baileys', () => {
  const texts = {
    edit: edited('nou'),
    reaction: reacted('👍'),
    comment: proto.Message.encode({ conversation: 'bine' }).finish(),
    poll_vote: voted('14:00'),
    event_answer: answered(3)
  };
  for (const kind of Object.keys(USE_CASES))
    test(`${kind}, opened by ours under either address`, async () => {
      for (let round = 0; round < ROUNDS; ++round) {
        const of = parties();
        const payload = aesEncryptGCM(texts[kind], keyOf(kind, of), of.iv, boundOf(kind, of));
        assert.deepEqual(await ourOpen(kind, of, payload), Buffer.from(texts[kind]));
        assert.equal(await ourOpen(kind, of, payload, ['40733333333@s.whatsapp.net']), null);
        payload[random.below(payload.length)] ^= 1;
        assert.equal(await ourOpen(kind, of, payload), null);
      }
    });
});
