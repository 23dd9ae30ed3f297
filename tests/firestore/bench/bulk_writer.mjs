// usage: bulk_writer.mjs DOCUMENTS.json PROJECT
//
// Writes the documents with firebase-admin's BulkWriter, masked and with server times as wa-sync
// does, and prints {"writes", "seconds", "cpu_s", "peak_rss_kb"}. Its ramp, 500 writes a second
// and half as much again every five minutes, is off: this is how fast it can be.
import fs from 'node:fs';
import process from 'node:process';

import { FieldValue } from 'firebase-admin/firestore';

import { firestoreFor } from '../client.mjs';
import { dataOf } from '../values.mjs';

const [file, project] = process.argv.slice(2);
const documents = JSON.parse(fs.readFileSync(file, 'utf8'));
const firestore = firestoreFor(project);
const prepared = documents.map(([path, fields, times]) => [path, dataOf(fields, firestore), times]);

// The connection is there before the clock runs.
await firestore.doc('warm/up').get();

const began = process.hrtime.bigint();
const cpu = process.cpuUsage();
const writer = firestore.bulkWriter({ throttling: false });
let failed;
writer.onWriteError((error) => {
  failed ??= error;
  return false;
});
for (const [path, data, times] of prepared) {
  const mask = Object.keys(data);
  for (const name of times) data[name] = FieldValue.serverTimestamp();
  writer.set(firestore.doc(path), data, { mergeFields: [...mask, ...times] }).catch(() => {});
}
await writer.close();
const seconds = Number(process.hrtime.bigint() - began) / 1e9;
if (failed) throw failed;

const { user, system } = process.cpuUsage(cpu);
process.stdout.write(`${JSON.stringify({
  writes: prepared.length,
  seconds,
  cpu_s: (user + system) / 1e6,
  peak_rss_kb: process.resourceUsage().maxRSS,
})}\n`);
process.exit(0);
