// Our .proto files beside Baileys' own, for walking both by field number (names are not on
// the wire, and ours differ).
import { proto } from '@whiskeysockets/baileys/WAProto/index.js';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import protobuf from 'protobufjs';

const here = import.meta.dirname;
const core = path.join(here, '..', '..', 'core');
const require = createRequire(import.meta.url);
const theirFile =
    path.join(path.dirname(require.resolve('@whiskeysockets/baileys/WAProto')), 'WAProto.proto');

function load(base, files) {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => path.resolve(base, target);
  root.loadSync(files, { keepCase: false });
  root.resolveAll();
  return root;
}

const ours = load(
                 core,
                 readdirSync(path.join(core, 'proto'))
                     .filter(name => name.endsWith('.proto'))
                     .map(name => `proto/${name}`))
                 .lookup('wasync.pb');
const theirs = load(path.dirname(theirFile), [theirFile]).lookup('proto');

// Every message that travels on its own: our name, Baileys' name.
const NAMES = {
  ClientPairingProps: 'ClientPairingProps',
  ClientPayload: 'ClientPayload',
  CompanionEphemeralIdentity: 'CompanionEphemeralIdentity',
  DeviceIdentity: 'ADVDeviceIdentity',
  DeviceProps: 'DeviceProps',
  EncryptedPairingRequest: 'EncryptedPairingRequest',
  EventResponseMessage: 'Message.EventResponseMessage',
  HandshakeMessage: 'HandshakeMessage',
  HistorySync: 'HistorySync',
  HistorySyncNotification: 'Message.HistorySyncNotification',
  KeyIndexList: 'ADVKeyIndexList',
  LidMigrationMappingSyncPayload: 'LIDMigrationMappingSyncPayload',
  Message: 'Message',
  NoiseCertChain: 'CertChain',
  'NoiseCertChain.Certificate.Details': 'CertChain.NoiseCertificate.Details',
  PairingRequest: 'PairingRequest',
  PrimaryEphemeralIdentity: 'PrimaryEphemeralIdentity',
  ProloguePayload: 'ProloguePayload',
  SignedDeviceIdentity: 'ADVSignedDeviceIdentity',
  SignedDeviceIdentityHmac: 'ADVSignedDeviceIdentityHMAC',
  SignedKeyIndexList: 'ADVSignedKeyIndexList',
  SyncActionData: 'SyncActionData',
  SyncdMutations: 'SyncdMutations',
  SyncdPatch: 'SyncdPatch',
  SyncdSnapshot: 'SyncdSnapshot',
  VerifiedNameCertificate: 'VerifiedNameCertificate',
  'VerifiedNameCertificate.Details': 'VerifiedNameCertificate.Details',
  WebMessageInfo: 'WebMessageInfo'
};

// {name, ours, theirs, codec}: both descriptions of one message, and the code Baileys
// itself encodes and decodes it with.
export const PAIRS = Object.entries(NAMES).map(
    ([name, theirName]) => ({
      name,
      ours: ours.lookupType(name),
      theirs: theirs.lookupType(theirName),
      codec: theirName.split('.').reduce((scope, part) => scope[part], proto)
    }));

export const isMessage = field => field.resolvedType instanceof protobuf.Type;
export const isEnum = field => field.resolvedType instanceof protobuf.Enum;

// The fields both know: [ours, theirs].
export function sharedFields(ourType, theirType) {
  return ourType.fieldsArray.map(field => [field, theirType.fieldsById[field.id]])
      .filter(([, field]) => field);
}
