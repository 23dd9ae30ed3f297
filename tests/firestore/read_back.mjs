// Google's own client, asked over standard input and answering on standard output, a JSON
// value per line: {"id", "project", "op", …} gets {"id", "result"} or {"id", "error"}. One
// process serves all requests of a test. Values are tagged as values.mjs says.
//
//   account {account}       everything of an account: accounts/{id}, its threads with their
//                           messages, its contacts
//   inbox {account}         ids of the threads that the app's own query gives, in its order
//   conversation {thread}   ids of the messages that the app's own query gives, in its order
//   get {path}              fields of one document, or null
//   set {path, fields, merge}   writes it as another writer would
//   delete {path}
//   paths {collection}      ids of all documents there
import process from 'node:process';
import readline from 'node:readline';

import { FieldPath } from 'firebase-admin/firestore';

import { firestoreFor } from './client.mjs';
import { dataOf, fieldsOf } from './values.mjs';

const projects = new Map();
function firestoreOf(project) {
  if (!projects.has(project)) projects.set(project, firestoreFor(project, { useBigInt: true }));
  return projects.get(project);
}

const byId = (snapshot) =>
  Object.fromEntries(snapshot.docs.map((document) => [document.id, fieldsOf(document.data())]));
const ids = (snapshot) => snapshot.docs.map((document) => document.id);

// Contacts carry the account in their id, whatever their fields say.
const idStartsWith = (collection, start) => collection
  .where(FieldPath.documentId(), '>=', start)
  .where(FieldPath.documentId(), '<', `${start}\uf8ff`);

const operations = {
  async account(firestore, { account }) {
    const [own, threads, contacts] = await Promise.all([
      firestore.doc(`accounts/${account}`).get(),
      firestore.collection('threads').where('accountId', '==', account).get(),
      idStartsWith(firestore.collection('contacts'), `${account}__`).get(),
    ]);
    const messages = await Promise.all(
      threads.docs.map((thread) => thread.ref.collection('messages').get()));
    const withMessages = threads.docs.map((thread, index) =>
      [thread.id, { fields: fieldsOf(thread.data()), messages: byId(messages[index]) }]);
    return {
      account: own.exists ? fieldsOf(own.data()) : null,
      threads: Object.fromEntries(withMessages),
      contacts: byId(contacts),
    };
  },

  inbox: async (firestore, { account }) => ids(await firestore.collection('threads')
    .where('accountId', '==', account).orderBy('lastMessageAt', 'desc').limit(1000).get()),

  conversation: async (firestore, { thread }) =>
    ids(await firestore.collection(`threads/${thread}/messages`).orderBy('tsClient').get()),

  async get(firestore, { path }) {
    const document = await firestore.doc(path).get();
    return document.exists ? fieldsOf(document.data()) : null;
  },

  async set(firestore, { path, fields, merge = true }) {
    await firestore.doc(path).set(dataOf(fields, firestore), { merge });
    return null;
  },

  async delete(firestore, { path }) {
    await firestore.doc(path).delete();
    return null;
  },

  paths: async (firestore, { collection }) => ids(await firestore.collection(collection).get()),
};

async function answer(line) {
  const { id, project, op, ...options } = JSON.parse(line);
  try {
    return { id, result: await operations[op](firestoreOf(project), options) };
  } catch (error) {
    return { id, error: String(error?.message ?? error) };
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
process.exit(0);  // open channels to the emulator would keep it
