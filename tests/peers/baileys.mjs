// Baileys as its authors wrote it, with one repair made in memory: it calls its Signal
// library's verifySignature and ignores the answer, which that library since 6.0 returns
// instead of throwing. So Baileys as published accepts any certificate or account signature
// that has the right length, and would prove little about ours. With the repair a false
// signature throws, as Baileys expects. BAILEYS_AS_PUBLISHED in the environment leaves it out.
//
// Import Baileys through this module only: the repair must come before it is loaded.
import { createRequire } from 'node:module';

const curve = createRequire(import.meta.url)('libsignal/src/curve.js');
const verify = curve.verifySignature;
// The fourth argument skips the check altogether; it is set for the pre-key bundles of peers.
function verifyOrThrow(publicKey, message, signature) {
  if (!verify(publicKey, message, signature, false))
    throw new Error('the signature does not verify');
  return true;
}
if (!process.env.BAILEYS_AS_PUBLISHED) curve.verifySignature = verifyOrThrow;

// Timers Baileys leaves behind (up to two minutes) must not keep a finished test alive.
const { setTimeout } = globalThis;
globalThis.setTimeout = Object.assign((...args) => setTimeout(...args).unref(), setTimeout);

// Its Signal library prints whole sessions.
for (const level of ['info', 'warn', 'error']) console[level] = () => {};

export const baileys = await import('@whiskeysockets/baileys');
export const { proto } = baileys;
export const { makeNoiseHandler } =
    await import('@whiskeysockets/baileys/lib/Utils/noise-handler.js');
const defaults = await import('@whiskeysockets/baileys/lib/Defaults/index.js');
export const { NOISE_WA_HEADER } = defaults;

const whatsAppRoot = Buffer.from(defaults.WA_CERT_DETAILS.PUBLIC_KEY);
// Whose certificates Baileys trusts from now on, in this process.
export function trustRoot(publicKey = whatsAppRoot) {
  defaults.WA_CERT_DETAILS.PUBLIC_KEY.set(publicKey);
}

export const silentLogger = {
  level: 'silent',
  child: () => silentLogger,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {}
};
