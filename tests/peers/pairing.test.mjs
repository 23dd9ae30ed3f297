// What a device says and checks when it is linked: our payloads, QR and ADV against Baileys'.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { baileys, proto } from './baileys.mjs';
import { b64, unb64, VectorTool } from './vector_tool.mjs';

const {
  Curve,
  configureSuccessfulPairing,
  DEFAULT_CONNECTION_CONFIG,
  generateLoginNode,
  generateRegistrationNode,
  hmacSign
} = baileys;
const { buildPairingQRData } =
    await import('@whiskeysockets/baileys/lib/Utils/companion-reg-client-utils.js');
const {
  ADVDeviceIdentity,
  ADVEncryptionType,
  ADVSignedDeviceIdentity,
  ADVSignedDeviceIdentityHMAC,
  ClientPayload,
  DeviceProps
} = proto;

let tool;
before(() => (tool = new VectorTool()));
after(() => tool?.close());

const keyPair = pair => ({ public: unb64(pair.public), private: unb64(pair.private) });

// Baileys' credentials with the very same keys.
function credentials(keys) {
  const { id, signature, ...pair } = keys.signed_pre_key;
  return {
    noiseKey: keyPair(keys.noise),
    signedIdentityKey: keyPair(keys.identity),
    registrationId: keys.registration_id,
    signedPreKey: { keyId: id, keyPair: keyPair(pair), signature: unb64(signature) },
    advSecretKey: keys.adv_secret
  };
}

describe('client payload', () => {
  const config = {
    ...DEFAULT_CONNECTION_CONFIG,
    browser: ['wa-sync', 'Desktop', '1'],
    syncFullHistory: true
  };

  test('registering: the same keys as Baileys would send', async () => {
    const keys = await tool.ask('device_keys');
    const ours = ClientPayload.decode(
        unb64(await tool.ask('registration_payload', { keys: keys.keys, name: 'wa-sync' })));
    const theirs = generateRegistrationNode(credentials(keys), config);
    for (const field of ['eRegid', 'eKeytype', 'eIdent', 'eSkeyId', 'eSkeyVal', 'eSkeySig'])
      assert.deepEqual(
          Buffer.from(ours.devicePairingData[field]), Buffer.from(theirs.devicePairingData[field]),
          field);
    assert.equal(ours.passive, theirs.passive);
    assert.equal(ours.username, theirs.username);
    const { primary, secondary, tertiary } = ours.userAgent.appVersion;
    const version = await tool.ask('web_version');
    assert.equal(`${primary}.${secondary}.${tertiary}`, version);
    assert.deepEqual(
        Buffer.from(ours.devicePairingData.buildHash), createHash('md5').update(version).digest());
    assert.equal(ours.userAgent.platform, theirs.userAgent.platform);
    assert.equal(ours.userAgent.releaseChannel, theirs.userAgent.releaseChannel);
  });

  test('registering: asks for the full history, or does not', async () => {
    const { keys } = await tool.ask('device_keys');
    for (const full_history of [true, false]) {
      const payload = ClientPayload.decode(
          unb64(await tool.ask('registration_payload', { keys, name: 'Recepție', full_history })));
      const props = DeviceProps.decode(payload.devicePairingData.deviceProps);
      assert.equal(props.os, 'Recepție');
      assert.equal(!!props.requireFullSync, full_history);
      assert.equal(props.platformType, DeviceProps.PlatformType.DESKTOP);
      assert.ok(props.historySyncConfig.storageQuotaMb > 0);
      if (full_history) assert.ok(props.historySyncConfig.fullSyncDaysLimit > 365 * 2);
    }
  });

  test('logging in', async () => {
    const jid = '40737123397:12@s.whatsapp.net';
    const ours = ClientPayload.decode(unb64(await tool.ask('login_payload', { jid })));
    const theirs = generateLoginNode(jid, config);
    for (const field of ['username', 'device', 'connectType', 'connectReason'])
      assert.equal(Number(ours[field]), Number(theirs[field]), field);
    assert.ok(!ours.devicePairingData);
  });
});

describe('QR code', () => {
  test('reads as Baileys writes it, but for the kind of client', async () => {
    const keys = await tool.ask('device_keys');
    const ref = '2@abcDEF+/123==';
    const ours = (await tool.ask('qr_payload', { keys: keys.keys, ref })).split(',');
    const theirs =
        buildPairingQRData(ref, keys.noise.public, keys.identity.public, keys.adv_secret, [
          'wa-sync', 'Desktop', '1'
        ]).split(',');
    assert.deepEqual(ours.slice(0, 4), theirs.slice(0, 4));
    assert.equal(ours.length, theirs.length);
    assert.match(ours[4], /^[1-9]$/);
  });
});

// --- account-device verification -------------------------------------------------------------

const ACCOUNT_PREFIX = Buffer.from([6, 0]);
const HOSTED_ACCOUNT_PREFIX = Buffer.from([6, 5]);
const DEVICE_PREFIX = Buffer.from([6, 1]);

// The phone's side: what it sends in pair-success.
function phoneSigns(keys, {
  account = Curve.generateKeyPair(),
  signer = account,
  secret = unb64(keys.adv_secret),
  keyIndex = 3,
  hosted = false
} = {}) {
  const kind = hosted ? ADVEncryptionType.HOSTED : ADVEncryptionType.E2EE;
  const prefix = hosted ? HOSTED_ACCOUNT_PREFIX : ACCOUNT_PREFIX;
  const about =
      { rawId: 7, timestamp: 1700000000, keyIndex, accountType: kind, deviceType: kind };
  const details = Buffer.from(ADVDeviceIdentity.encode(about).finish());
  const message = Buffer.concat([prefix, details, unb64(keys.identity.public)]);
  const identity = Buffer.from(ADVSignedDeviceIdentity
                                   .encode({
                                     details,
                                     accountSignatureKey: account.public,
                                     accountSignature: Curve.sign(signer.private, message)
                                   })
                                   .finish());
  const sealedPart = hosted ? Buffer.concat([prefix, identity]) : identity;
  const sealed = Buffer.from(ADVSignedDeviceIdentityHMAC
                                 .encode({
                                   details: identity,
                                   hmac: hmacSign(sealedPart, secret),
                                   accountType: kind
                                 })
                                 .finish());
  return { sealed, account, details };
}

const pairSuccess = sealed => ({
  tag: 'iq',
  attrs: { id: '1' },
  content: [{
    tag: 'pair-success',
    attrs: {},
    content: [
      { tag: 'device-identity', attrs: {}, content: sealed },
      { tag: 'device', attrs: { jid: '40737123397:3@s.whatsapp.net', lid: '99:3@lid' } },
      { tag: 'platform', attrs: { name: 'android' } }
    ]
  }]
});

describe('ADV', () => {
  for (const kind of ['on the phone', 'hosted']) {
    test(`our answer is Baileys' answer, and the phone accepts its signature: ${kind}`, async () => {
      const keys = await tool.ask('device_keys');
      const { sealed, account, details } = phoneSigns(keys, { hosted: kind === 'hosted' });
      const ours =
          await tool.ask('verify_and_sign', { keys: keys.keys, device_identity: b64(sealed) });
      const { reply, creds } = configureSuccessfulPairing(pairSuccess(sealed), credentials(keys));
      const [{ attrs, content }] = reply.content[0].content;
      assert.equal(`${ours.key_index}`, attrs['key-index']);
      assert.equal(ours.account_key, b64(account.public));

      const message =
          Buffer.concat([DEVICE_PREFIX, details, unb64(keys.identity.public), account.public]);
      const checked = bytes => {
        const { deviceSignature, ...rest } = ADVSignedDeviceIdentity.toObject(
            ADVSignedDeviceIdentity.decode(bytes), { bytes: String });
        assert.ok(Curve.verify(unb64(keys.identity.public), message, unb64(deviceSignature)));
        return rest;
      };
      assert.deepEqual(checked(unb64(ours.reply)), checked(content));
      assert.deepEqual(
          checked(unb64(ours.signed_identity)),
          checked(ADVSignedDeviceIdentity.encode(creds.account).finish()));
    });
  }

  for (const [what, change] of [
           ['another secret than the QR showed', { secret: Buffer.alloc(32, 1) }],
           ['a signature that is not the account\'s', { signer: Curve.generateKeyPair() }]]) {
    test(`${what} is refused by both`, async () => {
      const keys = await tool.ask('device_keys');
      const { sealed } = phoneSigns(keys, change);
      await assert.rejects(
          tool.ask('verify_and_sign', { keys: keys.keys, device_identity: b64(sealed) }),
          { code: 'pairing_failed' });
      assert.throws(() => configureSuccessfulPairing(pairSuccess(sealed), credentials(keys)));
    });
  }

  test('a signature over another identity key is refused by both', async () => {
    const [keys, others] = [await tool.ask('device_keys'), await tool.ask('device_keys')];
    const { sealed } = phoneSigns({ ...keys, identity: others.identity });
    await assert.rejects(
        tool.ask('verify_and_sign', { keys: keys.keys, device_identity: b64(sealed) }),
        { code: 'pairing_failed' });
    assert.throws(() => configureSuccessfulPairing(pairSuccess(sealed), credentials(keys)));
  });
});
