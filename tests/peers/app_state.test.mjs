// App state: patches sealed by Baileys, opened and added up by ours. (The other way round, Baileys
// reads what wa-sim seals, in baileys_client.test.mjs.)
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { baileys, proto } from './baileys.mjs';
import { Random } from './random.mjs';
import { b64, unb64, VectorTool } from './vector_tool.mjs';

const { encodeSyncdPatch, newLTHashState } = baileys;
const { SET, REMOVE } = proto.SyncdMutation.SyncdOperation;
const COLLECTION = 'critical_unblock_low';
const random = new Random(31);

let tool;
before(() => (tool = new VectorTool()));
after(() => tool?.close());

const ana = name => ({
  index: ['contact', '40721000001@s.whatsapp.net'],
  syncAction: { contactAction: { fullName: name }, timestamp: 1766000000000 }
});
const bogdan = name => ({
  index: ['contact', '40721000002@s.whatsapp.net'],
  syncAction: { contactAction: { fullName: name, lidJid: '120000000000002@lid' } }
});

// Baileys' patches for the changes, as the server hands them out, and the state it ends with.
async function sealed(changes) {
  const key = { id: random.bytes(6), keyData: random.bytes(32) };
  let state = newLTHashState();
  const patches = [];
  for (const { operation = SET, ...change } of changes) {
    const made = await encodeSyncdPatch(
        { type: COLLECTION, apiVersion: 2, operation, ...change }, b64(key.id), state,
        async () => key);
    state = made.state;
    if (operation === REMOVE)
      for (const { record } of made.patch.mutations)
        delete state.indexValueMap[b64(record.index.blob)];
    patches.push({ ...made.patch, version: { version: state.version } });
  }
  return { key, patches, state };
}

const ask = ({ key, patches }, collection = COLLECTION) =>
    tool.ask('open_app_state_patches', {
      collection,
      key_id: b64(key.id),
      key: b64(key.keyData),
      patches: patches.map(patch => b64(proto.SyncdPatch.encode(patch).finish()))
    });

describe('patches of Baileys', () => {
  test('are opened, and add up to the same hash', async () => {
    const theirs = await sealed([ana('Ana'), bogdan('Bogdan'), ana('Ana Popescu 🌸')]);
    const ours = await ask(theirs);
    assert.equal(ours.version, 3);
    assert.equal(ours.hash, b64(theirs.state.hash));
    assert.deepEqual(ours.mutations.map(({ index }) => JSON.parse(index)[1].slice(0, 11)),
                     ['40721000001', '40721000002', '40721000001']);
    const names = ours.mutations.map(
        ({ value }) => proto.SyncActionValue.decode(unb64(value)).contactAction.fullName);
    assert.deepEqual(names, ['Ana', 'Bogdan', 'Ana Popescu 🌸']);
  });

  test('take values back', async () => {
    const theirs = await sealed([ana('Ana'), bogdan('Bogdan'), { ...ana('Ana'), operation: REMOVE }]);
    const ours = await ask(theirs);
    assert.equal(ours.hash, b64(theirs.state.hash));
    assert.deepEqual(ours.mutations.map(({ removed }) => removed), [false, false, true]);
    const only = await sealed([ana('Ana'), { ...ana('Ana'), operation: REMOVE }]);
    assert.deepEqual(unb64((await ask(only)).hash), Buffer.alloc(128));
  });

  test('that state no version lead to the next', async () => {
    const theirs = await sealed([ana('Ana'), bogdan('Bogdan')]);
    for (const patch of theirs.patches) delete patch.version;
    assert.equal((await ask(theirs)).version, 2);
  });

  for (const [what, change] of [
           ['a patch MAC changed', ({ patches }) => (patches[1].patchMac[0] ^= 1)],
           ['a state MAC changed', ({ patches }) => (patches[1].snapshotMac[0] ^= 1)],
           ['a value changed', ({ patches }) => (patches[1].mutations[0].record.value.blob[20] ^= 1)],
           ['an index changed', ({ patches }) => (patches[1].mutations[0].record.index.blob[0] ^= 1)],
           ['the key changed', ({ key }) => (key.keyData[5] ^= 1)],
           ['a patch left out', ({ patches }) => patches.shift()]
  ]) {
    test(`are refused with ${what}`, async () => {
      const theirs = await sealed([ana('Ana'), bogdan('Bogdan')]);
      change(theirs);
      await assert.rejects(ask(theirs));
    });
  }

  test('are refused as another collection', async () => {
    await assert.rejects(ask(await sealed([ana('Ana')]), 'regular'));
  });
});
