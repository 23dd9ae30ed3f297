// usage: node bench_baileys_history.mjs BLOB JSON
//
// Times what Baileys does with a history blob: download (here from the file), decryption,
// inflation, decoding; all in memory, nothing stored. JSON names the blob's key and hashes in
// hexadecimal or base64: {media_key, file_sha256, file_enc_sha256}. Prints one line of JSON:
// {what, version, bytes, messages, chats, seconds, cpu_seconds, messages_per_second, peak_rss_mib,
// idle_rss_mib}.
import { downloadAndProcessHistorySyncNotification } from '@whiskeysockets/baileys';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';

const [blob, description] = process.argv.slice(2);
if (!description) {
  console.error('usage: node bench_baileys_history.mjs BLOB JSON');
  process.exit(2);
}
const { media_key, file_sha256, file_enc_sha256 } = JSON.parse(readFileSync(description, 'utf8'));
const bytes = text => Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');

// It downloads from WhatsApp's media host only.
globalThis.fetch = async () => new Response(Readable.toWeb(createReadStream(blob)));

const mebibytes = kibibytes => Math.round(kibibytes / 102.4) / 10;
const idle = process.memoryUsage().rss / 1024;
const cpuBefore = process.cpuUsage();
const begun = performance.now();
const { chats, messages } = await downloadAndProcessHistorySyncNotification(
    {
      mediaKey: bytes(media_key),
      fileSha256: bytes(file_sha256),
      fileEncSha256: bytes(file_enc_sha256),
      directPath: '/history'
    },
    {});
const seconds = (performance.now() - begun) / 1000;
const cpu = process.cpuUsage(cpuBefore);

const { version } = createRequire(import.meta.url)('@whiskeysockets/baileys/package.json');
console.log(JSON.stringify({
  what: 'Baileys downloadAndProcessHistorySyncNotification',
  version,
  bytes: statSync(blob).size,
  messages: messages.length,
  chats: chats.length,
  seconds: Math.round(seconds * 1000) / 1000,
  cpu_seconds: Math.round((cpu.user + cpu.system) / 1000) / 1000,
  messages_per_second: Math.round(messages.length / seconds),
  peak_rss_mib: mebibytes(process.resourceUsage().maxRSS),
  idle_rss_mib: mebibytes(idle)
}));
process.exit(0);  // without waiting for its timers
