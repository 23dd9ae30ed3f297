// Firestore values as JSON that says every type, so that 5 and 5.0, or a time and a text that
// looks like one, are not taken for equal. Strings, booleans and null stand for themselves:
//   {"int": "5"} {"double": 5.5} {"timestamp": "2026-01-01T00:00:00.123456000Z"}
//   {"bytes": "base64"} {"ref": "threads/a"} {"map": {…}} {"array": […]}
// For writing there is also {"server_time": true}.
// A double that JSON has no number for is a string: "NaN", "Infinity", "-Infinity". A whole one
// is written as an integer, as by every writer in JavaScript.
import { DocumentReference, FieldValue, Timestamp } from 'firebase-admin/firestore';

function isoOf(time) {
  const whole = new Date(time.seconds * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(time.nanoseconds).padStart(9, '0')}Z`;
}

function timestampOf(iso) {
  const [, whole, fraction = ''] = /^([^.Z]+)(?:\.(\d{1,9}))?Z$/.exec(iso);
  return new Timestamp(Date.parse(`${whole}Z`) / 1000, Number(fraction.padEnd(9, '0')));
}

// Keys in order, so that equal documents are equal texts.
const mapEntries = (entries, change) => Object.fromEntries(
  entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, change(value)]));

// With useBigInt the client gives integers as BigInt and doubles as numbers.
export function tagged(value) {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number') return { double: Number.isFinite(value) ? value : String(value) };
  if (value instanceof Timestamp) return { timestamp: isoOf(value) };
  if (Buffer.isBuffer(value)) return { bytes: value.toString('base64') };
  if (value instanceof DocumentReference) return { ref: value.path };
  if (Array.isArray(value)) return { array: value.map(tagged) };
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return { map: mapEntries(Object.entries(value), tagged) };
  }
  throw new Error(`no name for the type of ${value}`);
}

export function untagged(value, firestore) {
  if (value === null || typeof value !== 'object') return value;
  const [[type, inner]] = Object.entries(value);
  const again = (each) => untagged(each, firestore);
  switch (type) {
    case 'int': return BigInt(inner);
    case 'double': return Number(inner);
    case 'timestamp': return timestampOf(inner);
    case 'bytes': return Buffer.from(inner, 'base64');
    case 'ref': return firestore.doc(inner);
    case 'array': return inner.map(again);
    case 'map': return mapEntries(Object.entries(inner), again);
    case 'server_time': return FieldValue.serverTimestamp();
    default: throw new Error(`no such type: ${type}`);
  }
}

export const fieldsOf = (data) => mapEntries(Object.entries(data), tagged);
export const dataOf = (fields, firestore) =>
  mapEntries(Object.entries(fields), (value) => untagged(value, firestore));
