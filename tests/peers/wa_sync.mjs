// wa-sync as a child process with a state directory of its own, and its inbox.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const DEADLINE_MS = 30_000;
const LOOK_AGAIN_MS = 100;

export class WaSync {
  events = [];  // what it said so far
  errors = '';

  #simulator;
  #user;
  #path = process.env.WASYNC;
  #state = mkdtempSync(join(tmpdir(), 'wa-sync-peers-'));
  #child;

  // An account of the simulator's user with that number.
  constructor(simulator, user = 0) {
    if (!this.#path) throw new Error('WASYNC does not name the wa-sync program');
    this.#simulator = simulator;
    this.#user = user;
  }

  get #environment() {
    return { PATH: process.env.PATH, LANG: 'C.UTF-8', TZ: 'UTC', HOME: this.#state };
  }

  #start(...command) {
    const { url, rootKey } = this.#simulator;
    this.#child = spawn(
        this.#path,
        ['--state-dir', this.#state, '--json', ...command,
         '--server', url, '--server-key', rootKey.toString('hex')],
        { stdio: ['ignore', 'pipe', 'pipe'], env: this.#environment });
    this.#child.stderr.on('data', text => (this.errors += text));
    createInterface({ input: this.#child.stdout }).on('line', line => {
      const event = JSON.parse(line);
      this.events.push(event);
      if (event.event === 'qr') this.#simulator.scan(event.code, this.#user).catch(() => {});
    });
  }

  // Links, and takes in the whole history.
  async pair() {
    this.#start('pair');
    const [code] = await once(this.#child, 'close');
    if (code !== 0) throw new Error(`pair ended with ${code}: ${this.errors}`);
  }

  // Online, until stop().
  async listen() {
    this.#start('listen');
    await this.#simulator.until(
        'online', () => this.#simulator.state(this.#user),
        ({ companions }) => companions.some(({ active }) => active));
  }

  async stop() {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'close');
    }
  }
  async end() {
    await this.stop();
    rmSync(this.#state, { recursive: true, force: true });
  }

  async #json(...command) {
    const { stdout } = await promisify(execFile)(
        this.#path, ['--state-dir', this.#state, '--json', ...command],
        { env: this.#environment });
    return JSON.parse(stdout);
  }
  threads() { return this.#json('threads', 'list', '--all', '--hidden'); }

  // The conversation, oldest first; empty when there is none yet.
  async messages(jid) {
    const thread = (await this.threads()).find(each => each.jid === jid);
    return thread ? this.#json('threads', 'show', thread.thread, '--limit', '100000') : [];
  }
  // Once the conversation has so many messages, or whatever else is awaited.
  messagesUntil(jid, what, condition) {
    return this.until(what, async () => {
      const messages = await this.messages(jid);
      return condition(messages) && messages;
    }, () => this.messages(jid));
  }

  async until(what, look, otherwise = () => this.events) {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (Date.now() > deadline)
        throw new Error(`not in time: ${what}: ${JSON.stringify(await otherwise(), null, 1)}\n${
            this.errors}`);
      await pause(LOOK_AGAIN_MS);
    }
  }
}
