// wa-sim as a child process, and its admin interface.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const START_DEADLINE_MS = 20_000;
const CONDITION_DEADLINE_MS = 20_000;
const LOOK_AGAIN_MS = 50;

export class Simulator {
  #child;

  // Starts one on a free loopback port; resolves once it listens.
  static async start(...options) {
    const path = process.env.WASYNC_SIM;
    if (!path) throw new Error('WASYNC_SIM does not name the wa-sim program');
    const simulator = new Simulator();
    const verbose = process.env.WASYNC_SIM_VERBOSE ? ['--verbose'] : [];
    // Ends with our end of its standard input, should this process die.
    simulator.#child = spawn(
        path, ['--listen', '127.0.0.1:0', '--exit-with-stdin', ...verbose, ...options],
        { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: simulator.#child.stdout });
    const ended = once(simulator.#child, 'close').then(([code, signal]) => {
      throw new Error(`wa-sim ended early (code ${code}, signal ${signal})`);
    });
    ended.catch(() => {});
    const [line] = await Promise.race(
        [once(lines, 'line', { signal: AbortSignal.timeout(START_DEADLINE_MS) }), ended]);
    const { url, root_key, http } = JSON.parse(line);
    return Object.assign(simulator, { url, http, rootKey: Buffer.from(root_key, 'hex') });
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'close');
  }

  async #request(method, path, body) {
    const response =
        await fetch(this.http + path, { method, body, signal: AbortSignal.timeout(20_000) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.error}`);
    return answer;
  }

  // By the phone of the user with that number.
  scan(qr, user = 0) { return this.#request('POST', `/admin/mock-phone/scan-qr?user=${user}`, qr); }
  typeCode(code) {
    return this.#request('POST', '/admin/mock-phone/enter-code', JSON.stringify({ code }));
  }
  sendMessage(message, user = 0) {
    return this.#request(
        'POST', `/admin/mock-phone/send-message?user=${user}`, JSON.stringify(message));
  }
  // A group of users; resolves with its JID.
  async group(subject, members, addressing = 'pn') {
    const body = JSON.stringify({ subject, members, addressing });
    return (await this.#request('POST', '/admin/group', body)).jid;
  }
  groupMembers(change) {
    return this.#request('POST', '/admin/group-members', JSON.stringify(change));
  }
  fault(fault) { return this.#request('POST', '/admin/fault', fault); }
  drop() { return this.#request('POST', '/admin/drop'); }
  dataset() { return this.#request('GET', '/admin/dataset'); }
  state(user = 0) { return this.#request('GET', `/admin/state?user=${user}`); }
  receipts() { return this.#request('GET', '/admin/receipts'); }

  // Looks at what `ask` answers until `condition` holds for it, and returns it: for what a
  // client does without telling us.
  async until(what, ask, condition) {
    const deadline = Date.now() + CONDITION_DEADLINE_MS;
    for (;;) {
      const answer = await ask();
      if (condition(answer)) return answer;
      if (Date.now() > deadline) throw new Error(`not in time: ${what}: ${JSON.stringify(answer)}`);
      await pause(LOOK_AGAIN_MS);
    }
  }
  receiptsUntil(what, condition) { return this.until(what, () => this.receipts(), condition); }
}
