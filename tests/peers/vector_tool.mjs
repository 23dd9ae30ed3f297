// The vector tool as a child process: our library's answers to Baileys' questions.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const DEADLINE_MS = 60_000;

// What our code refused, with its stable error code.
export class Refused extends Error {
  constructor({ code, message }) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

// Requests are pipelined: answers come in the order of the questions.
export class VectorTool {
  #child;
  #waiting = [];

  constructor(path = process.env.WASYNC_VECTOR_TOOL) {
    if (!path) throw new Error('WASYNC_VECTOR_TOOL does not name the vector-tool program');
    this.#child = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin.on('error', () => {});  // told by 'close'
    createInterface({ input: this.#child.stdout }).on('line', line => {
      const { resolve, reject } = this.#waiting.shift();
      const answer = JSON.parse(line);
      if (answer.error)
        reject(new Refused(answer.error));
      else
        resolve(answer.result);
    });
    this.#child.on('close', (code, signal) => {
      for (const { reject } of this.#waiting.splice(0))
        reject(new Error(`vector-tool ended early (code ${code}, signal ${signal})`));
    });
  }

  ask(op, request = {}) {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`no answer to ${op}`)), DEADLINE_MS);
      const settle = then => value => (clearTimeout(deadline), then(value));
      this.#waiting.push({ resolve: settle(resolve), reject: settle(reject) });
      this.#child.stdin.write(JSON.stringify({ op, ...request }) + '\n');
    });
  }

  async close() {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin.end();
    await once(this.#child, 'close');
  }
}

export const b64 = bytes => Buffer.from(bytes).toString('base64');
export const unb64 = text => Buffer.from(text, 'base64');
