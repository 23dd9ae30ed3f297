// A Baileys client: one device, whose keys outlive its connections. Only the address of the
// server and the trusted root key are foreign to it.
import { baileys, proto, silentLogger, trustRoot } from './baileys.mjs';

const { default: makeWASocket, DisconnectReason, initAuthCreds } = baileys;
const DEADLINE_MS = 60_000;

// Baileys' authentication state, kept in memory.
export function memoryAuth() {
  const kept = new Map();
  const keys = {
    get: async (type, ids) => Object.fromEntries(
        ids.flatMap(id => kept.has(`${type}/${id}`) ? [[id, kept.get(`${type}/${id}`)]] : [])),
    set: async data => {
      for (const [type, entries] of Object.entries(data))
        for (const [id, value] of Object.entries(entries))
          value === null || value === undefined ? kept.delete(`${type}/${id}`) :
                                                  kept.set(`${type}/${id}`, value);
    },
    count: type => [...kept.keys()].filter(key => key.startsWith(`${type}/`)).length
  };
  return { creds: initAuthCreds(), keys };
}

export class Client {
  // What came from the server so far.
  qr;                // the newest code to show
  connections = [];  // 'open', or the status code of a close
  chats = new Map();
  contacts = new Map();
  messages = new Map();  // of the history, by chat and id
  saved = new Map();     // contacts as saved on the phone, from app state
  realtime = [];         // messages.upsert
  updates = [];          // messages.update
  // Types of history seen. Baileys may put several chunks into one event, with the last one's type.
  chunks = [];
  progress;  // percent, as the last of them said

  #simulator;
  #user;
  #socket;
  #auth;
  #waiting = new Set();

  sent = new Map();  // what this client sent, by id: Baileys asks its user for it on a retry

  // A device of the simulator's user with that number.
  constructor(simulator, auth = memoryAuth(), user = 0) {
    this.#simulator = simulator;
    this.#auth = auth;
    this.#user = user;
  }

  get creds() { return this.#auth.creds; }
  get keys() { return this.#auth.keys; }
  get socket() { return this.#socket; }

  connect() {
    trustRoot(this.#simulator.rootKey);
    this.#socket = makeWASocket({
      waWebSocketUrl: this.#simulator.url,
      auth: this.#auth,
      logger: silentLogger,
      syncFullHistory: true,
      shouldSyncHistoryMessage: () => true,
      // Off by default: without it, app state with false MACs would do.
      appStateMacVerification: { patch: true, snapshot: true },
      getMessage: async ({ id }) => this.sent.get(id),
      defaultQueryTimeoutMs: 20_000,
      connectTimeoutMs: 20_000
    });
    const on = (event, see) => this.#socket.ev.on(event, (...seen) => (see(...seen), this.#look()));
    on('creds.update', update => Object.assign(this.#auth.creds, update));
    on('connection.update', update => this.#seeConnection(update));
    on('messaging-history.set', history => this.#seeHistory(history));
    on('messages.upsert',
       ({ messages, type }) =>
           this.realtime.push(...messages.map(message => ({ ...message, upsertType: type }))));
    on('messages.update', list => this.updates.push(...list));
    on('contacts.upsert', list => list.forEach(contact => {
      this.saved.set(contact.id, contact);
      this.#seeContact(contact);
    }));
    on('contacts.update', list => list.forEach(contact => this.#seeContact(contact)));
  }

  #seeConnection({ qr, connection, lastDisconnect }) {
    if (qr) this.qr = qr;
    if (connection === 'open') this.connections.push('open');
    if (connection === 'close') {
      const { error } = lastDisconnect;
      this.closeError = error;
      this.connections.push(error?.output?.statusCode ?? error?.message ?? 'closed');
    }
  }

  #seeContact(contact) {
    this.contacts.set(contact.id, {
      ...this.contacts.get(contact.id),
      ...Object.fromEntries(Object.entries(contact).filter(([, value]) => value !== undefined))
    });
  }

  #seeHistory({ chats, contacts, messages, syncType, progress }) {
    this.chunks.push(syncType);
    this.progress = progress;
    for (const chat of chats) this.chats.set(chat.id, { ...this.chats.get(chat.id), ...chat });
    for (const contact of contacts) this.#seeContact(contact);
    for (const message of messages)
      this.messages.set(`${message.key.remoteJid} ${message.key.id}`, message);
  }

  #look() {
    for (const waiter of this.#waiting) waiter();
  }

  // Resolves as soon as `condition(this)` holds: it is looked at after every event.
  until(what, condition) {
    return new Promise((resolve, reject) => {
      const finish = (settle, value) => {
        clearTimeout(deadline);
        this.#waiting.delete(waiter);
        settle(value);
      };
      const deadline = setTimeout(
          () => finish(
              reject,
              new Error(`not in time: ${what} (connections: ${
                  this.connections.join(', ')}; history chunks: ${
                  this.chunks.join(', ')}; messages: ${this.messages.size})`)),
          DEADLINE_MS);
      const waiter = () => {
        try {
          const value = condition(this);
          if (value) finish(resolve, value);
        } catch (error) {
          finish(reject, error);
        }
      };
      this.#waiting.add(waiter);
      waiter();
    });
  }

  // The phone sends this type last.
  wholeHistory() {
    return this.until(
        'the whole history',
        () =>
            this.chunks.at(-1) === proto.HistorySync.HistorySyncType.FULL && this.progress === 100);
  }

  closed() {
    const before = this.connections.filter(entry => entry !== 'open').length;
    return this.until(
        'the connection closes',
        () => this.connections.filter(entry => entry !== 'open').length > before &&
            this.connections.at(-1));
  }
  opened() {
    const before = this.connections.length;
    return this.until('the connection opens', () => {
      const seen = this.connections.slice(before);
      if (seen.length > 0 && seen[0] !== 'open')
        throw new Error(`closed instead of opened: ${seen[0]} ${this.closeError?.message}`);
      return seen.length > 0;
    });
  }

  // Shows a QR code, has the phone scan it, and logs in after the restart that follows.
  async pair() {
    this.connect();
    const qr = await this.until('a QR code', () => this.qr);
    const restarted = this.closed();
    await this.#simulator.scan(qr, this.#user);
    const code = await restarted;
    if (code !== DisconnectReason.restartRequired)
      throw new Error(`pairing ended with ${code}: ${this.closeError?.message}`);
    await this.login();
  }

  // Shows a code, has it typed on the phone, and logs in.
  async pairByCode(phone, typed = code => code) {
    this.connect();
    await this.until('the connection', () => this.qr);
    const code = await this.#socket.requestPairingCode(phone);
    const restarted = this.closed();
    await this.#simulator.typeCode(typed(code));
    const reason = await restarted;
    if (reason !== DisconnectReason.restartRequired)
      throw new Error(`pairing ended with ${reason}: ${this.closeError?.message}`);
    await this.login();
  }

  async login() {
    const opened = this.opened();
    this.connect();
    await opened;
  }

  async send(jid, content, options) {
    const message = await this.#socket.sendMessage(jid, content, options);
    this.sent.set(message.key.id, message.message);
    return message;
  }

  async disconnect() {
    if (this.#socket) await this.#socket.end(undefined);
    this.#socket = undefined;
  }
}

export {DisconnectReason, proto};
