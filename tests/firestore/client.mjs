// Google's own client, for the emulator only: never for the real service.
import process from 'node:process';

import { initializeApp } from 'firebase-admin/app';
import { initializeFirestore } from 'firebase-admin/firestore';

if (!process.env.FIRESTORE_EMULATOR_HOST) {
  process.stderr.write('FIRESTORE_EMULATOR_HOST is not set\n');
  process.exit(2);
}
// Or it would look for Google's metadata server: nothing but loopback is contacted here.
process.env.METADATA_SERVER_DETECTION = 'none';

export function firestoreFor(project, settings = {}) {
  const firestore = initializeFirestore(initializeApp({ projectId: project }, project));
  firestore.settings(settings);
  return firestore;
}
